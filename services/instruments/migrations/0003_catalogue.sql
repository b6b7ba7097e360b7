-- Questions are answered from memory: what only searches and lists were read by is gone, and what
-- people call a company is kept.

ALTER TABLE instruments.instruments ADD COLUMN short_name text NOT NULL DEFAULT '';  -- '': none
ALTER TABLE instruments.instruments DROP COLUMN words;  -- with its index
DROP INDEX instruments.instruments_list;
DROP INDEX instruments.instruments_underlying;
