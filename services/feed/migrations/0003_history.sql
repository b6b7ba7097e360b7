-- Chosen by measurement: docs/adr/0007-history-indexes.md. The columns of a trade are in the index,
-- so that a day of one instrument's trades is read without its ticks; the BRIN, which costs next to
-- nothing, finds a stretch of time of all instruments.
DROP INDEX feed.ticks_instrument;
CREATE INDEX ticks_instrument ON feed.ticks (instrument_key, received_ns)
  INCLUDE (last_price, last_quantity, volume, open_interest);
CREATE INDEX ticks_received ON feed.ticks
  USING brin (received_ns) WITH (pages_per_range = 32, autosummarize = on);

CREATE INDEX gaps_time ON feed.gaps (account_id, from_ns);

-- Finished bars of one minute; a bar that is revised takes the place of the earlier one. Longer ones
-- are sums of these, made when they are asked for.
CREATE TABLE feed.candles (
  account_id     text     NOT NULL,
  instrument_key text     NOT NULL,
  start_ms       bigint   NOT NULL,  -- of the minute, by the exchange's time of the trades
  open           float8   NOT NULL,  -- rupees
  high           float8   NOT NULL,
  low            float8   NOT NULL,
  close          float8   NOT NULL,
  volume         bigint   NOT NULL,  -- units
  edge_volume    bigint   NOT NULL,  -- of it, what an earlier minute may own
  open_interest  float8   NOT NULL,  -- as last seen before its end; 0: none
  trades         bigint   NOT NULL,  -- shown by the broker; more may have happened
  revised        bigint   NOT NULL,  -- changes after the end of the minute
  partial        boolean  NOT NULL,  -- began before the first trade seen
  estimated      boolean  NOT NULL,  -- some of volume is last quantities added up: a lower bound
  gap            boolean  NOT NULL,  -- a gap touches it: trades are missing or may be
  simulated      boolean  NOT NULL,
  PRIMARY KEY (account_id, instrument_key, start_ms)
);

-- How far the making of bars got; in the transaction of the bars.
CREATE TABLE feed.candle_progress (
  account_id text        PRIMARY KEY,
  instance   text        NOT NULL,  -- the run of the feed that was read
  last_seq   bigint      NOT NULL,  -- of it
  segment    bigint      NOT NULL,  -- of the journal, where the rest begins
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- What is in the making there, in pieces: for the same program on the same kind of machine.
CREATE TABLE feed.candle_state (
  account_id text    NOT NULL,
  part       integer NOT NULL,
  bytes      bytea   NOT NULL,
  PRIMARY KEY (account_id, part)
);
