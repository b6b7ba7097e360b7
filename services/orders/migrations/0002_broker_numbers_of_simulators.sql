-- A simulated broker numbers its orders as it likes, so its numbers may be ones of the real broker.
ALTER TABLE orders.broker_orders ADD COLUMN simulated boolean;
UPDATE orders.broker_orders n SET simulated = o.simulated
  FROM orders.orders o WHERE o.order_no = n.order_no;
ALTER TABLE orders.broker_orders
  ALTER COLUMN simulated SET NOT NULL,
  DROP CONSTRAINT broker_orders_pkey,
  ADD PRIMARY KEY (account_id, simulated, broker_order_id);
