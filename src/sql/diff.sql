-- SPDX-License-Identifier: Apache-2.0
-- Two dumps of one database, compared row by row: used by src/narrate/diff.c only. Read from facts alone.

-- name: named
-- The sources that a label or a path means; a copy stands for the file that was read. One without rows only where there is no other.
WITH named AS (
  SELECT coalesce(o.id, s.id) AS id, s.path || iif(s.member = '', '', '!' || s.member) AS place,
         coalesce(o.realm, s.realm) AS realm, coalesce(o.states, s.states) AS states, s.label
  FROM source AS s LEFT JOIN source AS o ON s.status = 'copy' AND o.status = 'read' AND o.member = '' AND o.sha256 = s.sha256
  WHERE s.status IN ('read', 'copy') AND (coalesce(o.profile, s.profile) IS NOT NULL OR coalesce(o.states, s.states) > 0))
SELECT id, place, realm, label FROM named AS n
WHERE (label = ?1 OR place = ?1)
  AND (states > 0 OR NOT EXISTS (SELECT 1 FROM named AS m WHERE (m.label = ?1 OR m.place = ?1) AND m.states > 0))
ORDER BY place;

-- name: names
SELECT coalesce(s.label, s.path || iif(s.member = '', '', '!' || s.member)) AS name FROM source AS s
WHERE s.status IN ('read', 'copy') AND (s.states > 0 OR s.status = 'copy')
GROUP BY name ORDER BY name;

-- name: keys
-- Of tables that no profile knows: by what their rows are told from one another, a JSON array. A column of which every row has another value, in
-- both dumps: what is called id, or the first. `whole`: all of a row is its key as it was imported.
WITH rows AS MATERIALIZED (
  SELECT t.source, t.type, t.value, t.row_key = t.digest AS whole FROM state AS t JOIN source AS s ON s.id = t.source
  WHERE t.source IN (?1, ?2) AND s.profile IS NULL),
every AS (SELECT type, count(*) AS n, min(whole) AS whole FROM rows GROUP BY type),
one AS (
  SELECT r.type, j.key, min(j.id) AS at, count(*) AS n, count(DISTINCT r.source || ' ' || j.value) AS others
  FROM rows AS r JOIN json_each(r.value) AS j GROUP BY r.type, j.key),
ranked AS (
  SELECT e.type, o.key, e.whole, row_number() OVER (PARTITION BY e.type ORDER BY lower(o.key) <> 'id', o.at, o.key) AS rank
  FROM every AS e LEFT JOIN one AS o ON o.type = e.type AND o.n = e.n AND o.others = e.n AND (e.whole OR lower(o.key) = 'id'))
SELECT json_group_array(json_object('type', type, 'key', key, 'whole', whole)) FROM ranked WHERE rank = 1;

-- name: tables
-- Every table with rows in either, in the order in which it is read: what the profile names first.
SELECT e.name, iif(v.key IN ('accounts', 'addresses', 'roles', 'projects', 'releases', 'files'), v.key, NULL),
       sum(t.source = ?1), sum(t.source = ?2), u.value IS NOT NULL, u.value ->> 'key'
FROM state AS t JOIN entity AS e ON e.id = t.type LEFT JOIN json_each(?3) AS u ON u.value ->> 'type' = e.id
LEFT JOIN service AS v ON v.realm = e.realm AND v.topic = 'table' AND v.value = e.name
WHERE t.source IN (?1, ?2)
GROUP BY e.id
ORDER BY CASE v.key WHEN 'accounts' THEN 1 WHEN 'addresses' THEN 2 WHEN 'roles' THEN 3 WHEN 'projects' THEN 4 WHEN 'releases' THEN 5
         WHEN 'files' THEN 6 ELSE 7 END, e.name, e.id;

-- name: rejected
SELECT s.path || iif(s.member = '', '', '!' || s.member), s.rejected FROM source AS s
WHERE s.id IN (?1, ?2) AND s.rejected > 0 ORDER BY s.id = ?2;

-- name: flag
SELECT json_extract(v.value, iif(?3, '$.set', '$.unset')) FROM service AS v JOIN source AS s ON s.realm = v.realm
WHERE s.id = ?4 AND v.topic = 'flag' AND v.key = ?2 AND json_extract(v.value, '$.table') = ?1;

-- name: differences
-- The rows of ?1 (side 0) and ?2 (side 1) that are not the same, both sides of a difference one after the other. Rows belong together
-- by their key, or by what ?3 (`keys`) has; where a key is not unique, only equal ones do. A reference is shown by the name that its own source gives.
WITH side(side, source) AS (VALUES (0, ?1), (1, ?2)),
own AS MATERIALIZED (SELECT value ->> 'type' AS type, value ->> 'key' AS key, value ->> 'whole' AS whole FROM json_each(?3)),
fact AS MATERIALIZED (
  SELECT f.*, count(*) OVER (PARTITION BY f.side, f.type, f.k) AS n FROM (
    SELECT d.side, t.*, iif(o.whole AND o.key IS NOT NULL, (SELECT j.value FROM json_each(t.value) AS j WHERE j.key = o.key), t.row_key) AS k
    FROM side AS d JOIN state AS t ON t.source = d.source LEFT JOIN own AS o ON o.type = t.type) AS f),
many AS MATERIALIZED (SELECT DISTINCT type, k FROM fact WHERE n > 1),
keyed AS (
  SELECT f.*, iif(m.type IS NULL, 0, f.digest) AS same_digest, iif(m.type IS NULL, '', f.value) AS same_value,
         iif(m.type IS NULL, 0, coalesce(f.subject, 0)) AS same_subject
  FROM fact AS f LEFT JOIN many AS m ON m.type = f.type AND m.k = f.k),
ranked AS (
  SELECT k.*, row_number() OVER (PARTITION BY side, type, k, same_digest, same_value, same_subject ORDER BY k."offset") AS rank
  FROM keyed AS k),
pair AS MATERIALIZED (
  SELECT max(iif(side = 0, id, NULL)) AS a, max(iif(side = 1, id, NULL)) AS b
  FROM ranked GROUP BY type, k, same_digest, same_value, same_subject, rank
  HAVING count(*) = 1 OR min(digest) <> max(digest) OR min(value) <> max(value)
      OR min(coalesce(subject, 0)) <> max(coalesce(subject, 0)) OR min(coalesce(object, 0)) <> max(coalesce(object, 0))
      OR min(coalesce(detail, 0)) <> max(coalesce(detail, 0))),
home AS MATERIALIZED ( -- of a release: its project
  SELECT f.source, f.detail, min(f.object) AS project FROM fact AS f
  JOIN entity AS e ON e.id = f.detail AND e.kind = 13 GROUP BY f.source, f.detail),
called_here AS MATERIALIZED (
  SELECT l.entity, l.source, min(n.name) AS name FROM alias AS l JOIN entity AS n ON n.id = l.name
  WHERE l.source IN (?1, ?2) GROUP BY l.entity, l.source)
SELECT coalesce(p.a, p.b), d.side, e.name, s.path || iif(s.member = '', '', '!' || s.member), t.line, t."offset", t.length,
       coalesce(subject.name, (SELECT name FROM called WHERE entity = t.subject)),
       coalesce(project.name || '/', (SELECT name FROM called WHERE entity = h.project) || '/', '')
         || coalesce(object.name, (SELECT name FROM called WHERE entity = t.object))
         || iif(k.kind IN (10, 11, 13), '/' || coalesce(detail.name, (SELECT name FROM called WHERE entity = t.detail)), ''),
       coalesce(detail.name, (SELECT name FROM called WHERE entity = t.detail),
                (SELECT j.key || ' ' || j.value FROM own AS o JOIN json_each(t.value) AS j ON j.key = o.key WHERE o.type = t.type)),
       t.value, t.subject, t.object, t.detail
FROM pair AS p CROSS JOIN side AS d
JOIN state AS t ON t.id = iif(d.side = 0, p.a, p.b)
JOIN source AS s ON s.id = t.source
JOIN entity AS e ON e.id = t.type
LEFT JOIN home AS h ON h.source = t.source AND h.detail = t.object
LEFT JOIN entity AS k ON k.id = t.detail
LEFT JOIN called_here AS subject ON subject.entity = t.subject AND subject.source = t.source
LEFT JOIN called_here AS project ON project.entity = h.project AND project.source = t.source
LEFT JOIN called_here AS object ON object.entity = t.object AND object.source = t.source
LEFT JOIN called_here AS detail ON detail.entity = t.detail AND detail.source = t.source
ORDER BY coalesce(p.a, p.b), d.side;
