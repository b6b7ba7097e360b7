-- Ticks come from the journal: where in it the rest of a run begins, and whether there is a rest.
ALTER TABLE feed.progress
  ADD COLUMN segment  bigint  NOT NULL DEFAULT 0,      -- 0: its first
  ADD COLUMN complete boolean NOT NULL DEFAULT false;  -- the run is over and stored as far as it was kept

-- What the earlier version stored came by no journal: nothing is left of it to be read.
UPDATE feed.progress SET complete = true;

COMMENT ON COLUMN feed.gaps.number IS 'tells the gaps of a run apart; rises with their place in its journal';
COMMENT ON COLUMN feed.gaps.cause IS 'CONNECTION_LOST, DISCONNECTED, RESTART, STORE_REFUSED, JOURNAL_LOST,'
  ' JOURNAL_DAMAGED, JOURNAL_MISSING, JOURNAL_MISMATCH or JOURNAL_RETENTION';
