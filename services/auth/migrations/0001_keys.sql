-- API keys of Sauda's own clients. Times are milliseconds since the Unix epoch, UTC; 0 stands for never.
CREATE TABLE auth.api_keys (
  key_id       text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{16}$'),
  name         text NOT NULL,
  hash         bytea NOT NULL CHECK (octet_length(hash) = 32),  -- SHA-256 of the key's text, which is kept nowhere
  scopes       smallint NOT NULL CHECK (scopes BETWEEN 1 AND 7),  -- 1 read, 2 trade, 4 admin
  accounts     text NOT NULL,  -- those that it may touch, parted by commas; '' is all
  created_ms   bigint NOT NULL,
  created_by   text NOT NULL,
  expires_ms   bigint NOT NULL,
  revoked_ms   bigint NOT NULL DEFAULT 0,
  last_used_ms bigint NOT NULL DEFAULT 0
);

-- A name is whose key it is, so only one that is not revoked has it.
CREATE UNIQUE INDEX api_keys_name ON auth.api_keys (name) WHERE revoked_ms = 0;
