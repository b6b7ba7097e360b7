-- The oracle of exactly_once_test: compares what the simulator says it sent with what is stored. It
-- knows nothing of how the feed works. Variables: record, kills, journal, the files to read; end_ns, when the last run
-- of the feed was ended: what it missed after that a next one would tell.
CREATE SCHEMA oracle;
SET search_path = oracle;

-- What became of each update, in the simulator's order.
CREATE TABLE sent (
  place   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sent_ns bigint NOT NULL,
  session bigint NOT NULL,
  what    text   NOT NULL,  -- snapshot, live, skipped, away
  key     text   NOT NULL,
  number  bigint NOT NULL
);
COPY sent (sent_ns, session, what, key, number) FROM :'record';

-- The feed's ends: what was sent from `free_ns` on may be lost with it.
CREATE TABLE kills (at_ns bigint NOT NULL, free_ns bigint NOT NULL);
COPY kills FROM :'kills';

-- Frames in the journal that ticks were made of.
CREATE TABLE journaled (run text NOT NULL, first_seq bigint NOT NULL, ticks bigint NOT NULL);
COPY journaled FROM :'journal';

CREATE TABLE stored AS
SELECT instance AS run, seq, instrument_key AS key, last_quantity AS number, received_ns, broker_snapshot
FROM feed.ticks;
CREATE INDEX ON stored (key, number) WHERE NOT broker_snapshot;
ANALYZE;

-- Each session and the end of the feed that it was of.
CREATE TABLE sessions AS
SELECT session, kill.* FROM (SELECT session, min(sent_ns) AS first_ns FROM sent WHERE session > 0 GROUP BY session) s
LEFT JOIN LATERAL (SELECT * FROM kills WHERE at_ns >= s.first_ns ORDER BY at_ns LIMIT 1) kill ON true;

-- Updates that were sent and are stored, and when the last of them up to each was received.
CREATE TABLE arrived AS
SELECT session, place, max(received_ns) OVER (PARTITION BY session ORDER BY place) AS last_received_ns
FROM sent JOIN stored USING (key, number) WHERE what = 'live' AND NOT broker_snapshot;
CREATE INDEX ON arrived (session, place);

-- Updates that are not in the store; `with_feed`: the feed ended before it could keep them.
CREATE TABLE missing AS
SELECT sent.*, what = 'live' AND coalesce(sent_ns >= free_ns, false) AS with_feed
FROM sent LEFT JOIN sessions USING (session)
WHERE what <> 'snapshot' AND sent_ns < :end_ns AND NOT EXISTS (
  SELECT FROM stored WHERE stored.key = sent.key AND stored.number = sent.number AND NOT broker_snapshot);

-- Of those, what no gap tells of. A gap begins when the last update before it was received, which may be after the
-- next one was sent.
CREATE TABLE untold AS
SELECT * FROM missing m
WHERE (with_feed OR what = 'away') AND NOT EXISTS (
  SELECT FROM feed.gaps g WHERE g.to_ns >= m.sent_ns AND g.from_ns <= greatest(m.sent_ns, (
    SELECT last_received_ns FROM arrived a WHERE m.with_feed AND a.session = m.session AND a.place < m.place
    ORDER BY a.place DESC LIMIT 1)));

CREATE TABLE expected AS
SELECT run, first_seq + step AS seq FROM journaled, generate_series(0, ticks - 1) step;

SELECT 'sent ' || count(*) FROM sent WHERE what = 'live'
UNION ALL SELECT 'stored ' || count(*) FROM stored WHERE NOT broker_snapshot
UNION ALL SELECT 'doubled ' || count(*) FROM (
  SELECT FROM stored WHERE NOT broker_snapshot GROUP BY key, number HAVING count(*) > 1) t
UNION ALL SELECT 'numbers_used_twice ' || count(*) FROM (SELECT FROM stored GROUP BY run, seq HAVING count(*) > 1) t
UNION ALL SELECT 'never_sent ' || count(*) FROM stored WHERE NOT broker_snapshot AND NOT EXISTS (
  SELECT FROM sent WHERE what = 'live' AND sent.key = stored.key AND sent.number = stored.number)
UNION ALL SELECT 'lost ' || count(*) FROM missing WHERE what = 'live' AND NOT with_feed
UNION ALL SELECT 'lost_by_the_journal ' || coalesce(sum(ticks), 0) FROM feed.gaps WHERE cause LIKE 'JOURNAL_%'
UNION ALL SELECT 'ended_with_the_feed ' || count(*) FROM missing WHERE with_feed
UNION ALL SELECT 'while_it_was_away ' || count(*) FROM missing WHERE what = 'away'
UNION ALL SELECT 'skipped_by_the_broker ' || count(*) FROM missing WHERE what = 'skipped'
UNION ALL SELECT 'untold ' || count(*) FROM untold
UNION ALL SELECT 'gaps ' || count(*) FROM feed.gaps
UNION ALL SELECT 'journaled ' || count(*) FROM expected
UNION ALL SELECT 'journaled_not_stored ' || count(*) FROM (
  SELECT run, seq FROM expected EXCEPT SELECT run, seq FROM stored) t
UNION ALL SELECT 'stored_not_journaled ' || count(*) FROM (
  SELECT run, seq FROM stored EXCEPT SELECT run, seq FROM expected) t;
