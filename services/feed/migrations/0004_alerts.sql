-- Alert rules, kept until they are removed. The numbers are those of alerts.proto.
CREATE TABLE feed.alert_rules (
  account_id     text     NOT NULL,
  alert_id       text     NOT NULL,  -- the caller's
  instrument_key text     NOT NULL,  -- empty: of the feed as a whole
  measure        smallint NOT NULL,
  direction      smallint NOT NULL,
  level          float8   NOT NULL,
  hysteresis     float8   NOT NULL,
  period         integer  NOT NULL,  -- 0 where the measure has none, as are the next three
  slow_period    integer  NOT NULL,
  minutes        integer  NOT NULL,
  window_s       integer  NOT NULL,
  note           text     NOT NULL,
  webhook_id     text     NOT NULL,  -- whom to call; empty: nobody
  PRIMARY KEY (account_id, alert_id)
);

-- Whom rules may call.
CREATE TABLE feed.webhooks (
  account_id text NOT NULL,
  webhook_id text NOT NULL,  -- the caller's
  url        text NOT NULL,
  secret     text NOT NULL,  -- what deliveries are signed with, as it is
  PRIMARY KEY (account_id, webhook_id)
);

-- Every time that a rule fired, with what the rule said then. Only grows.
CREATE TABLE feed.alerts (
  account_id     text     NOT NULL,
  instance       text     NOT NULL,  -- the run of the feed
  number         bigint   NOT NULL,  -- rises by one within an instance
  alert_id       text     NOT NULL,
  instrument_key text     NOT NULL,
  measure        smallint NOT NULL,
  direction      smallint NOT NULL,
  level          float8   NOT NULL,
  value          float8   NOT NULL,  -- the number that reached the level
  at_ns          bigint   NOT NULL,  -- since the Unix epoch, UTC
  tick_seq       bigint   NOT NULL,  -- of the instance; 0: no tick did it
  simulated      boolean  NOT NULL,
  note           text     NOT NULL,
  PRIMARY KEY (instance, number)
);

CREATE INDEX alerts_time ON feed.alerts (account_id, at_ns);

CREATE FUNCTION feed.refuse_to_change_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'feed.alerts only grows';
END $$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON feed.alerts
  FOR EACH ROW EXECUTE FUNCTION feed.refuse_to_change_alerts();
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON feed.alerts
  FOR EACH STATEMENT EXECUTE FUNCTION feed.refuse_to_change_alerts();
