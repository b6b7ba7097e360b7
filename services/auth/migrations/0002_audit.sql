-- Who did what. Every row holds the hash of the row before it, so that none can be changed, taken out or put in
-- between without breaking the chain; the second table says where the chain ends, so that its end cannot be cut off.
CREATE TABLE auth.audit (
  seq      bigint PRIMARY KEY CHECK (seq > 0),  -- 1, 2, 3, ... without a hole
  at_ms    bigint NOT NULL,  -- when it was done, milliseconds since the Unix epoch, UTC
  actor    text NOT NULL,    -- the id of an API key, or 'local'
  action   text NOT NULL,
  subject  text NOT NULL,
  detail   text NOT NULL CHECK (jsonb_typeof(detail::jsonb) = 'object'),  -- text: jsonb would not keep its bytes
  previous bytea NOT NULL CHECK (octet_length(previous) = 32),
  hash     bytea NOT NULL CHECK (octet_length(hash) = 32)
);

-- One row. Whoever appends locks it first: so the chain has one order, whichever replica writes.
CREATE TABLE auth.audit_head (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  seq      bigint NOT NULL,
  hash     bytea NOT NULL CHECK (octet_length(hash) = 32)
);
INSERT INTO auth.audit_head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION auth.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is only ever appended to';
END $$;

CREATE FUNCTION auth.check_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM auth.audit_head WHERE seq + 1 = NEW.seq AND hash = NEW.previous) THEN
    RAISE EXCEPTION 'row % does not follow the head of the audit', NEW.seq;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION auth.check_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> OLD.seq + 1
     OR NOT EXISTS (SELECT FROM auth.audit WHERE seq = NEW.seq AND hash = NEW.hash) THEN
    RAISE EXCEPTION 'the head of the audit moves with a row that is appended';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER audit_is_appended BEFORE INSERT ON auth.audit
  FOR EACH ROW EXECUTE FUNCTION auth.check_append();
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON auth.audit
  FOR EACH ROW EXECUTE FUNCTION auth.refuse_change();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON auth.audit
  FOR EACH STATEMENT EXECUTE FUNCTION auth.refuse_change();
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON auth.audit_head
  FOR EACH ROW EXECUTE FUNCTION auth.check_head();
CREATE TRIGGER audit_head_stays BEFORE INSERT OR DELETE ON auth.audit_head
  FOR EACH ROW EXECUTE FUNCTION auth.refuse_change();
CREATE TRIGGER audit_head_is_not_emptied BEFORE TRUNCATE ON auth.audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION auth.refuse_change();
