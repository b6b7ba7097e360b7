-- The lists that the broker serves beside the master, and the way to expired contracts.

-- What is kept of each list that was ever had: mtf, nse_mis, bse_mis, suspended.
CREATE TABLE instruments.lists (
  list      text PRIMARY KEY,
  sync_id   bigint NOT NULL REFERENCES instruments.sync_runs,  -- that brought it
  market_ms bigint NOT NULL,   -- when, by the market clock
  rows      bigint NOT NULL,
  tag       text NOT NULL,     -- what the source calls it; '': nothing
  simulated boolean NOT NULL
);

-- Their rows, replaced together with the head. A key of the suspended list may have several. Empty texts and
-- zeros stand for what a record does not say.
CREATE TABLE instruments.list_rows (
  list            text NOT NULL,
  place           bigint NOT NULL,  -- in the list, from 1
  instrument_key  text NOT NULL,
  trading_symbol  text NOT NULL,
  name            text NOT NULL,
  instrument_type text NOT NULL,
  isin            text NOT NULL,
  exchange_token  text NOT NULL,
  margin_nanos    bigint NOT NULL,  -- percent: the MTF bracket, the intraday margin
  leverage_nanos  bigint NOT NULL,
  PRIMARY KEY (list, place)
);
CREATE INDEX list_rows_key ON instruments.list_rows (instrument_key, list);

-- Expired contracts of an underlying. They leave the list first, so a first sync fills neither.
CREATE INDEX instruments_expired_key ON instruments.instruments (underlying_key, expiry_ms)
  WHERE NOT is_active AND expiry_ms > 0;
CREATE INDEX instruments_expired_symbol ON instruments.instruments (underlying_symbol, expiry_ms)
  WHERE NOT is_active AND expiry_ms > 0;
