-- The broker's special days as it last told them, so that they are known while it is away.
CREATE TABLE instruments.calendar_days (
  day date NOT NULL,
  exchange text NOT NULL,      -- NSE, NFO, …
  sessions jsonb NOT NULL,     -- [[pre-open, open, close], …] in minutes after 00:00 IST; none: closed
  why text NOT NULL,
  PRIMARY KEY (day, exchange)
);
