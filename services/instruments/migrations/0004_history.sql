-- What instruments were on an earlier day, and what changed when.

-- When a committed sync was, by the market clock.
ALTER TABLE instruments.sync_runs ADD COLUMN market_ms bigint;
UPDATE instruments.sync_runs SET market_ms = started_ms WHERE state = 'committed';

-- What a row was until a sync rewrote it or took it off the list. Columns of the rows themselves are
-- added to both tables, in the same order.
CREATE TABLE instruments.instrument_versions (
  until_sync bigint NOT NULL REFERENCES instruments.sync_runs,
  LIKE instruments.instruments,
  PRIMARY KEY (instrument_id, until_sync)
);
CREATE INDEX instrument_versions_key ON instruments.instrument_versions (instrument_key);
CREATE INDEX instrument_versions_symbol ON instruments.instrument_versions (trading_symbol);
-- Symbols of the listed have an index of their own.
CREATE INDEX instruments_symbol_gone ON instruments.instruments (trading_symbol) WHERE NOT is_active;
