-- SPDX-License-Identifier: Apache-2.0
-- What the sources cover and where they are silent: used by src/correlate/coverage.c and hidden.c.

-- name: sources
SELECT s.id, s.path, s.member, coalesce(s.container, 0), coalesce(s.rotation, 0), coalesce(s.format, ''), coalesce(s.realm, 0),
       EXISTS (SELECT 1 FROM service AS v WHERE v.realm = s.realm AND v.topic = 'table'), s.taken, coalesce(s.taken_basis = 'given', 0),
       s.first, s.last, s.records
FROM source AS s WHERE s.status = 'read' ORDER BY s.path, s.member;

-- name: instants
SELECT source, coalesce(time, id >> 10), action FROM event WHERE precision > 0 ORDER BY id;

-- name: told
SELECT DISTINCT j.value FROM source AS s JOIN tally AS t ON t.source = s.id AND t.what = 'event'
JOIN service AS v ON v.realm = s.realm AND v.topic = 'tells' AND t.type GLOB v.key JOIN json_each(v.value) AS j WHERE s.id = ?1;

-- name: add_stream
INSERT INTO stream(id, name, sources, records, first, last, ends, ends_basis, step, tells, database)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: add_stream_source
INSERT INTO stream_source(stream, source) VALUES (?1, ?2);

-- name: add_silence
INSERT INTO silence(stream, ordinal, kind, "from", "to", expected, steps, before, after, name)
SELECT ?1, 1 + (SELECT count(*) FROM silence WHERE stream = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9;

-- name: last_before
SELECT e.id, coalesce(e.time, e.id >> 10) FROM event AS e
WHERE e.id < ?2 * 1024 AND e.precision > 0 AND e.source IN (SELECT source FROM stream_source WHERE stream = ?1) ORDER BY e.id DESC LIMIT 1;

-- name: first_after
SELECT e.id, coalesce(e.time, e.id >> 10) FROM event AS e
WHERE e.id >= ?2 * 1024 AND e.precision > 0 AND e.source IN (SELECT source FROM stream_source WHERE stream = ?1) ORDER BY e.id LIMIT 1;

-- name: silences_near
SELECT t.name, t.sources, x.kind, x."from", x."to", x.expected, x.steps, x.before, x.after, t.tells, x.name, t.step, t.id FROM silence AS x JOIN stream AS t ON t.id = x.stream
WHERE (x."from" IS NULL OR x."from" <= ?2) AND (x."to" IS NULL OR x."to" >= ?1) ORDER BY x."from", t.name, x.ordinal;

-- name: place_of_event
SELECT source, line, "offset", length FROM event WHERE id = ?1;

-- name: late_streams
SELECT t.name, t.sources, t.first, t.tells, (SELECT q.source FROM stream_source AS q JOIN source AS s ON s.id = q.source WHERE q.stream = t.id ORDER BY s.first, s.path, s.member LIMIT 1)
FROM stream AS t WHERE t.first > ?1 AND t.first <= ?2 AND t.sources > 0 AND NOT t.database ORDER BY t.first, t.name;

-- name: early_streams
SELECT t.name, t.sources, t.ends, t.tells, (SELECT q.source FROM stream_source AS q JOIN source AS s ON s.id = q.source WHERE q.stream = t.id ORDER BY s.last DESC, s.path, s.member LIMIT 1),
       t.ends_basis = 'given'
FROM stream AS t WHERE t.ends < ?2 AND (t.ends < ?1 OR t.ends_basis = 'given') AND NOT t.database ORDER BY t.ends, t.name;

-- name: kept
SELECT v.key, v.value FROM service AS v WHERE v.realm = ?1 AND v.topic = 'kept' ORDER BY v.key;

-- name: tells_of_types
SELECT DISTINCT j.value FROM service AS v JOIN json_each(?2) AS k ON k.value GLOB v.key JOIN json_each(v.value) AS j WHERE v.realm = ?1 AND v.topic = 'tells';

-- name: vanished
-- Rows of the first dump that the last does not hold, by table; how many of them go with the account; is the table emptied by age?
WITH account AS (SELECT ?3 AS id UNION SELECT entity FROM identity WHERE same_as = ?3)
SELECT key, sum(n), iif(key IN (SELECT j.value FROM service AS v JOIN json_each(v.value) AS j WHERE v.realm = ?4 AND v.topic = 'lost-records' AND v.key = 'account-delete'),
                        sum(ours), 0), EXISTS (SELECT 1 FROM service AS v WHERE v.realm = ?4 AND v.topic = 'kept' AND v.key = g.key) FROM (
  SELECT y.key, count(*) AS n, coalesce(sum(t.subject IN (SELECT id FROM account)), 0) AS ours FROM state AS t JOIN entity AS y ON y.id = t.type
  WHERE t.source = ?1 AND NOT EXISTS (SELECT 1 FROM state AS o WHERE o.row_key = t.row_key AND o.source = ?2) GROUP BY y.key
  UNION ALL
  SELECT y.key, count(*), coalesce(sum(e.actor IN (SELECT id FROM account) OR e.target IN (SELECT id FROM account)), 0) FROM event AS e JOIN entity AS y ON y.id = e.type
  WHERE e.source = ?1 AND e.row_key <> 0 AND NOT EXISTS (SELECT 1 FROM witness AS w WHERE w.event = e.id AND w.source = ?2 AND w.part = 0) GROUP BY y.key) AS g
WHERE key IN (SELECT type FROM tally WHERE source = ?2) GROUP BY key ORDER BY 2 DESC, 1;
