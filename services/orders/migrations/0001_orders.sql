-- The order ledger. Numbers of sides, types, products, validities, states and routes are those of
-- protos/sauda/orders. Prices are exact decimals in rupees. Nothing is ever deleted.

CREATE TABLE orders.orders (
  order_no            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id          text     NOT NULL,
  client_order_id     text     NOT NULL,
  tag                 text     NOT NULL CHECK (length(tag) BETWEEN 1 AND 40),
  -- as it was asked for; never changes
  instrument          text     NOT NULL,
  side                smallint NOT NULL CHECK (side IN (1, 2)),
  product             smallint NOT NULL CHECK (product BETWEEN 0 AND 3),
  asked_quantity      bigint   NOT NULL CHECK (asked_quantity > 0),
  asked_type          smallint NOT NULL CHECK (asked_type BETWEEN 0 AND 4),
  asked_price         numeric,
  asked_trigger       numeric,
  asked_validity      smallint NOT NULL CHECK (asked_validity BETWEEN 0 AND 2),
  disclosed_quantity  bigint   NOT NULL CHECK (disclosed_quantity >= 0),
  protection_percent  integer  NOT NULL CHECK (protection_percent BETWEEN 0 AND 25),
  user_tags           text[]   NOT NULL,
  -- what it resolved to
  instrument_id       bigint   NOT NULL,
  instrument_key      text     NOT NULL,
  trading_symbol      text     NOT NULL,
  route               smallint NOT NULL CHECK (route IN (1, 2)),
  simulated           boolean  NOT NULL,
  created_ms          bigint   NOT NULL,
  market_ms           bigint   NOT NULL,
  -- as it stands
  quantity            bigint   NOT NULL CHECK (quantity > 0),
  type                smallint NOT NULL CHECK (type BETWEEN 0 AND 4),
  price               numeric,
  trigger_price       numeric,
  validity            smallint NOT NULL CHECK (validity BETWEEN 0 AND 2),
  state               smallint NOT NULL CHECK (state BETWEEN 1 AND 9),
  broker_status       text     NOT NULL,
  reason              text     NOT NULL,
  message             text     NOT NULL,
  filled_quantity     bigint   NOT NULL CHECK (filled_quantity BETWEEN 0 AND quantity),
  average_price       numeric,
  updated_ms          bigint   NOT NULL,
  version             bigint   NOT NULL CHECK (version > 0),
  UNIQUE (account_id, client_order_id),
  UNIQUE (account_id, tag)
);
COMMENT ON COLUMN orders.orders.tag IS 'the id of ours that travels to the broker';
COMMENT ON COLUMN orders.orders.created_ms IS 'wall clock, milliseconds since the epoch, UTC';
COMMENT ON COLUMN orders.orders.market_ms IS 'market clock when the intent was committed';

-- What may still trade or whose fate is not known: INTENT, PENDING, TRIGGER_PENDING, OPEN, UNKNOWN.
CREATE INDEX orders_unsettled ON orders.orders (account_id, order_no)
  WHERE state IN (1, 2, 3, 4, 8);
CREATE INDEX orders_by_account ON orders.orders (account_id, order_no);

-- The broker's numbers of an order; several when it was sliced.
CREATE TABLE orders.broker_orders (
  account_id       text   NOT NULL,
  broker_order_id  text   NOT NULL,
  order_no         bigint NOT NULL REFERENCES orders.orders,
  place            bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (account_id, broker_order_id)
);
CREATE INDEX broker_orders_of_order ON orders.broker_orders (order_no, place);

-- Every change of every order, one row a version.
CREATE TABLE orders.order_events (
  order_no         bigint   NOT NULL REFERENCES orders.orders,
  version          bigint   NOT NULL,
  kind             text     NOT NULL,
  state            smallint NOT NULL,
  filled_quantity  bigint   NOT NULL,
  broker_status    text     NOT NULL,
  reason           text     NOT NULL,
  message          text     NOT NULL,
  at_ms            bigint   NOT NULL,
  PRIMARY KEY (order_no, version)
);

CREATE FUNCTION orders.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'orders.order_events only grows';
END $$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON orders.order_events
  FOR EACH ROW EXECUTE FUNCTION orders.refuse_change();
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON orders.order_events
  FOR EACH STATEMENT EXECUTE FUNCTION orders.refuse_change();
