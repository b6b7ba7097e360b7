-- Every tick of every run, as it was after its message. Partitioned by the day (IST) on which it was
-- received: ticks_YYYYMMDD, made ahead by the service. NULL says that the broker sent no such part.
CREATE TABLE feed.ticks (
  account_id                text     NOT NULL,
  instance                  text     NOT NULL,  -- the run of the feed
  seq                       bigint   NOT NULL,  -- rises by one within an instance
  instrument_key            text     NOT NULL,
  instrument_id             bigint   NOT NULL,  -- 0: not known to the instruments service
  received_ns               bigint   NOT NULL,  -- since the Unix epoch, UTC
  broker_ms                 bigint   NOT NULL,  -- since the Unix epoch, UTC
  mode                      smallint NOT NULL,  -- as in feed.proto
  broker_snapshot           boolean  NOT NULL,
  simulated                 boolean  NOT NULL,
  last_price                float8,             -- rupees; the four of the last trade come together
  last_time_ms              bigint,
  last_quantity             bigint,
  previous_close            float8,
  indicative_price          float8,
  bid_quantities            bigint[] NOT NULL,  -- best level first, all four of the same length
  bid_prices                float8[] NOT NULL,
  ask_quantities            bigint[] NOT NULL,
  ask_prices                float8[] NOT NULL,
  delta                     float8,             -- the five greeks come together
  theta                     float8,
  gamma                     float8,
  vega                      float8,
  rho                       float8,
  bar_intervals             text[]   NOT NULL,  -- 1d, I1; all seven of the same length
  bar_opens                 float8[] NOT NULL,
  bar_highs                 float8[] NOT NULL,
  bar_lows                  float8[] NOT NULL,
  bar_closes                float8[] NOT NULL,
  bar_volumes               bigint[] NOT NULL,
  bar_starts_ms             bigint[] NOT NULL,
  average_price             float8   NOT NULL,
  volume                    bigint   NOT NULL,
  open_interest             float8   NOT NULL,
  implied_volatility        float8   NOT NULL,
  total_buy_quantity        float8   NOT NULL,
  total_sell_quantity       float8   NOT NULL,
  equilibrium_price         float8,             -- the six of an auction come together
  reference_price           float8,
  equilibrium_quantity      bigint,
  imbalance_quantity        bigint,
  market_imbalance_quantity bigint,
  closing_auction_eligible  boolean
) PARTITION BY RANGE (received_ns);

CREATE INDEX ticks_instrument ON feed.ticks (instrument_key, received_ns);

-- How far each run got; written in the transaction that writes its ticks.
CREATE TABLE feed.progress (
  instance    text        PRIMARY KEY,
  account_id  text        NOT NULL,
  last_seq    bigint      NOT NULL,
  covered_ns  bigint      NOT NULL,  -- when the tick of last_seq was received
  updated_at  timestamptz NOT NULL DEFAULT now()
);

-- Stretches of time for which ticks are missing or may be.
CREATE TABLE feed.gaps (
  account_id  text   NOT NULL,
  instance    text   NOT NULL,  -- the run that found it
  number      bigint NOT NULL,  -- counts within an instance
  from_ns     bigint NOT NULL,  -- the last covered moment before it
  to_ns       bigint NOT NULL,  -- the first after it
  cause       text   NOT NULL,  -- CONNECTION_LOST, DISCONNECTED, RESTART, STORE_OVERFLOW, STORE_REFUSED
  ticks       bigint NOT NULL,  -- known to be missing; 0: not known
  detail      text   NOT NULL,
  PRIMARY KEY (instance, number)
);

-- What stays subscribed over restarts.
CREATE TABLE feed.subscriptions (
  account_id     text     NOT NULL,
  instrument_key text     NOT NULL,
  mode           smallint NOT NULL,
  instrument_id  bigint   NOT NULL,
  trading_symbol text     NOT NULL,
  kind           smallint NOT NULL,
  position       bigint   NOT NULL GENERATED ALWAYS AS IDENTITY,  -- the order of restoring
  PRIMARY KEY (account_id, instrument_key)
);

-- Whether the owner wants the connection, per account; no row means yes.
CREATE TABLE feed.control (
  account_id text    PRIMARY KEY,
  connected  boolean NOT NULL
);
