-- What a kept contract is written on, so that it can be followed by underlying after a restart.
-- Empty: it is no contract, or was kept before this was known; then it is asked for and kept anew.
ALTER TABLE feed.subscriptions ADD COLUMN underlying_key text NOT NULL DEFAULT '';
