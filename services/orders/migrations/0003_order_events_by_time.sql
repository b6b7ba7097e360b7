-- What was sent to the broker within the last half hour, of all orders.
CREATE INDEX order_events_by_time ON orders.order_events (at_ms);
