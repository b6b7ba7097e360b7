-- What was traded: one row an execution, of the paper engine or of the broker. Numbers of routes,
-- sides and products are those of protos/sauda/orders; kinds are 1 equity, 2 future, 3 option.

ALTER TABLE orders.orders ADD COLUMN traded_quantity bigint NOT NULL DEFAULT 0
  CHECK (traded_quantity BETWEEN 0 AND quantity);
COMMENT ON COLUMN orders.orders.traded_quantity IS 'sum of its trades; those of fills from before
  migration 4 are not known';

CREATE TABLE orders.trades (
  trade_no         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_no         bigint   NOT NULL REFERENCES orders.orders,
  account_id       text     NOT NULL,
  route            smallint NOT NULL CHECK (route IN (1, 2)),
  simulated        boolean  NOT NULL,
  market_ms        bigint   NOT NULL,
  market_day       date     NOT NULL GENERATED ALWAYS AS
    (date '1970-01-01' + ((market_ms + 19800000) / 86400000)::integer) STORED,
  segment          text     NOT NULL,
  trade_id         text     NOT NULL CHECK (trade_id <> ''),
  side             smallint NOT NULL CHECK (side IN (1, 2)),
  broker_order_id  text     NOT NULL,
  product          smallint NOT NULL CHECK (product BETWEEN 0 AND 3),
  instrument_id    bigint   NOT NULL,
  instrument_key   text     NOT NULL,
  trading_symbol   text     NOT NULL,
  kind             smallint NOT NULL CHECK (kind BETWEEN 0 AND 3),
  multiplier       bigint   NOT NULL CHECK (multiplier > 0),
  quantity         bigint   NOT NULL CHECK (quantity > 0),
  price            numeric  NOT NULL,
  charges          numeric  CHECK (charges >= 0),
  at_ms            bigint   NOT NULL,
  UNIQUE (account_id, simulated, market_day, segment, trade_id, side)
);
COMMENT ON COLUMN orders.trades.market_ms IS 'market time of the execution, milliseconds, UTC';
COMMENT ON COLUMN orders.trades.market_day IS 'its day in India';
COMMENT ON COLUMN orders.trades.charges IS 'rupees; NULL: the schedule has none for it';
COMMENT ON COLUMN orders.trades.at_ms IS 'wall clock when it was written, milliseconds, UTC';

-- The order in which positions are rebuilt.
CREATE INDEX trades_by_day ON orders.trades (account_id, market_day, trade_no);
CREATE INDEX trades_of_order ON orders.trades (order_no, trade_no);
-- Fills whose trades have not been told yet.
CREATE INDEX orders_untraded ON orders.orders (account_id, order_no)
  WHERE filled_quantity > traded_quantity;

CREATE FUNCTION orders.refuse_change_of_trades() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'orders.trades only grows';
END $$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON orders.trades
  FOR EACH ROW EXECUTE FUNCTION orders.refuse_change_of_trades();
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON orders.trades
  FOR EACH STATEMENT EXECUTE FUNCTION orders.refuse_change_of_trades();
