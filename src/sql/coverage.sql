-- SPDX-License-Identifier: Apache-2.0
-- What the sources cover and where they are silent: used by src/correlate/coverage.c and hidden.c.

-- name: sources
SELECT s.id, s.path, s.member, coalesce(s.container, 0), coalesce(s.rotation, 0), coalesce(s.format, ''), coalesce(s.realm, 0),
       EXISTS (SELECT 1 FROM service AS v WHERE v.realm = s.realm AND v.topic = 'table'), s.taken, coalesce(s.taken_basis = 'given', 0),
       s.first, s.last, s.records
FROM source AS s WHERE s.status = 'read' ORDER BY s.path, s.member;

-- name: instants
SELECT source, coalesce(time, id >> 10), action, type FROM event WHERE precision > 0 ORDER BY id;

-- name: told
SELECT DISTINCT j.value FROM source AS s JOIN tally AS t ON t.source = s.id AND t.what = 'event'
JOIN service AS v ON v.realm = s.realm AND v.topic = 'tells' AND t.type GLOB v.key JOIN json_each(v.value) AS j WHERE s.id = ?1;

-- name: add_stream
INSERT INTO stream(id, name, sources, records, first, last, ends, ends_basis, step, tells, database)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: add_stream_source
INSERT INTO stream_source(stream, source) VALUES (?1, ?2);

-- name: add_stream_type
INSERT INTO stream_type(stream, type, records, first, last) SELECT ?1, key, ?3, ?4, ?5 FROM entity WHERE id = ?2;

-- name: add_silence
INSERT INTO silence(stream, ordinal, kind, "from", "to", expected, steps, before, after, name)
SELECT ?1, 1 + (SELECT count(*) FROM silence WHERE stream = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9;

-- name: last_before
WITH near AS (SELECT e.id >> 10 AS at FROM event AS e
  WHERE e.id < ?2 * 1024 AND e.precision > 0 AND e.source IN (SELECT source FROM stream_source WHERE stream = ?1) ORDER BY e.id DESC LIMIT 1)
SELECT e.id, coalesce(e.time, e.id >> 10) FROM near CROSS JOIN event AS e ON e.id BETWEEN near.at * 1024 AND near.at * 1024 + 1023 JOIN source AS s ON s.id = e.source
WHERE e.precision > 0 AND e.source IN (SELECT source FROM stream_source WHERE stream = ?1) ORDER BY s.path DESC, s.member DESC, e."offset" DESC LIMIT 1;

-- name: first_after
WITH near AS (SELECT e.id >> 10 AS at FROM event AS e
  WHERE e.id >= ?2 * 1024 AND e.precision > 0 AND e.source IN (SELECT source FROM stream_source WHERE stream = ?1) ORDER BY e.id LIMIT 1)
SELECT e.id, coalesce(e.time, e.id >> 10) FROM near CROSS JOIN event AS e ON e.id BETWEEN near.at * 1024 AND near.at * 1024 + 1023 JOIN source AS s ON s.id = e.source
WHERE e.precision > 0 AND e.source IN (SELECT source FROM stream_source WHERE stream = ?1) ORDER BY s.path, s.member, e."offset" LIMIT 1;

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
  WHERE e.source = ?1 AND e.row_key <> 0 AND NOT EXISTS (SELECT 1 FROM witness_row AS w WHERE w.event = e.id AND w.source = ?2 AND w.part = 0)
    AND NOT EXISTS (SELECT 1 FROM event_row AS r WHERE r.id = e.id AND r.source = ?2) GROUP BY y.key) AS g
WHERE key IN (SELECT type FROM tally WHERE source = ?2) GROUP BY key ORDER BY 2 DESC, 1;

-- name: hold_able
-- Types that can show something: of a profile by what it says, of other sources by what they have shown (`tells` of their stream).
-- They are the same for all that is asked.
CREATE TEMP TABLE IF NOT EXISTS held_able AS
SELECT x.stream, s.id AS source, t.type, v.value, m.database, s.taken, coalesce(s.taken_basis = 'given', 0) AS given, s.last, m.first, m.ends, s.scope,
       coalesce((SELECT sum(n) FROM tally AS r WHERE r.source = s.id AND r.what = 'rejected' AND r.type IN (t.type, '')), 0),
       coalesce((SELECT k.value FROM service AS k WHERE k.realm = s.realm AND k.topic = 'kept' AND k.key = t.type), ''),
       EXISTS (SELECT 1 FROM service AS l JOIN json_each(l.value) AS j WHERE l.realm = s.realm AND l.topic = 'lost-records' AND l.key = 'account-delete' AND j.value = t.type),
       s.path || iif(s.member = '', '', '!' || s.member),
       coalesce((SELECT p.value FROM service AS p WHERE p.realm = s.realm AND p.topic = 'partly' AND p.key = t.type), '[]'),
       (SELECT f.first FROM stream_type AS f WHERE f.stream = x.stream AND f.type = t.type)
FROM source AS s JOIN stream_source AS x ON x.source = s.id JOIN stream AS m ON m.id = x.stream JOIN tally AS t ON t.source = s.id AND t.what IN ('event', 'duplicate')
JOIN service AS v ON v.realm = s.realm AND v.topic = 'tells' AND t.type GLOB v.key
UNION
SELECT x.stream, s.id, '', '["' || replace(m.tells, ',', '","') || '"]', m.database, s.taken, coalesce(s.taken_basis = 'given', 0), s.last, m.first, m.ends, s.scope, s.rejected,
       '', 0, s.path || iif(s.member = '', '', '!' || s.member), '[]', m.first
FROM source AS s JOIN stream_source AS x ON x.source = s.id JOIN stream AS m ON m.id = x.stream
WHERE NOT EXISTS (SELECT 1 FROM service AS v WHERE v.realm = s.realm AND v.topic = 'tells') AND m.tells <> ''
ORDER BY 1, 3, 15, 2;

-- name: drop_able
DROP TABLE temp.held_able;

-- name: able
SELECT * FROM temp.held_able ORDER BY rowid;

-- name: stream_silences
SELECT "from", "to" FROM silence WHERE stream = ?1 AND "from" IS NOT NULL AND "to" IS NOT NULL ORDER BY "from";

-- name: deletions
SELECT target, coalesce(time, ?2), id FROM act WHERE action = ?1 ORDER BY 2, 3;

-- name: events_of_action
SELECT id, coalesce(time, id >> 10), span, precision, actor, target, object, address, source, line, "offset", length FROM event
WHERE action = ?1 AND id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 ORDER BY id;

-- name: undated_of_action
SELECT id, 0, 0, 0, actor, target, object, address, source, line, "offset", length FROM event WHERE action = ?1 AND precision = 0 ORDER BY (SELECT path || char(10) || member FROM source WHERE id = event.source), "offset", id;

-- name: inferred_of_action
-- Acts that no record of their own action tells.
SELECT a.id, coalesce(a.time, ?2), coalesce(a.until, ?3), a.precision, a.actor, a.target, a.object, a.address,
       coalesce(e.source, t.source), coalesce(e.line, t.line), coalesce(e."offset", t."offset"), coalesce(e.length, t.length)
FROM act AS a LEFT JOIN event AS e ON e.id = a.event LEFT JOIN state AS t ON t.id = a.state
WHERE a.action = ?1 AND (e.id IS NULL OR e.action <> a.action) ORDER BY a.id;

-- name: examined
SELECT e.source, y.key, count(*) FROM event AS e JOIN entity AS y ON y.id = e.type
WHERE e.id BETWEEN ?1 * 1024 AND ?2 * 1024 + 1023 AND e.precision > 0 GROUP BY 1, 2;

-- name: about_object
SELECT e.source, y.key, count(*) FROM event AS e JOIN entity AS y ON y.id = e.type WHERE e.object = ?1 AND e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 GROUP BY 1, 2;

-- name: about_actor
SELECT e.source, y.key, count(*) FROM event AS e JOIN entity AS y ON y.id = e.type WHERE e.actor = ?1 AND e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 GROUP BY 1, 2;

-- name: about_target
SELECT e.source, y.key, count(*) FROM event AS e JOIN entity AS y ON y.id = e.type WHERE e.target = ?1 AND e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 GROUP BY 1, 2;

-- name: about_address
SELECT e.source, y.key, count(*) FROM event AS e JOIN entity AS y ON y.id = e.type WHERE e.address = ?1 AND e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 GROUP BY 1, 2;

-- name: entities_named
SELECT id FROM entity WHERE kind IN (?1, ?2) AND (name = ?3 OR key = ?4) ORDER BY kind, key, (SELECT name FROM realm WHERE realm.id = entity.realm);

-- name: standing_for
SELECT entity FROM identity WHERE same_as = ?1 UNION SELECT entity FROM alias WHERE name = ?1;

-- name: projects_of
SELECT entity FROM party WHERE incident = ?1 AND role = 'project'
UNION SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'project';

-- name: born
-- Rows of a table that were made in the interval, each once whatever dumps hold it: like events_of_action.
SELECT t.id, t.born, 0, 1, NULL, t.subject, t.object, NULL, t.source, t.line, t."offset", t.length, min(s.path || char(10) || s.member) FROM state AS t JOIN source AS s ON s.id = t.source
JOIN entity AS y ON y.id = t.type JOIN service AS v ON v.realm = s.realm AND v.topic = 'table' AND v.key = ?1 AND v.value = y.key
WHERE t.born BETWEEN ?2 AND ?3 GROUP BY t.row_key ORDER BY t.born, 13, t."offset";

-- name: releases_of
SELECT t.detail, t.object FROM state AS t JOIN source AS s ON s.id = t.source JOIN entity AS y ON y.id = t.type
JOIN service AS v ON v.realm = s.realm AND v.topic = 'table' AND v.key = 'releases' AND v.value = y.key WHERE t.detail IS NOT NULL AND t.object IS NOT NULL;
