-- SPDX-License-Identifier: Apache-2.0
-- Tables that number their rows, around an incident: used by src/correlate/tamper.c only.

-- name: tables
-- Those of which every record was read. (type, name, field of the number, realm)
SELECT y.id, v.key, v.value, v.realm FROM service AS v JOIN entity AS y ON y.kind = ?1 AND y.realm = v.realm AND y.key = v.key
WHERE v.topic = 'serial'
  AND NOT EXISTS (SELECT 1 FROM source AS s JOIN tally AS t ON t.source = s.id WHERE s.realm = v.realm AND t.type = v.key
                  AND (s.scope IS NOT NULL OR EXISTS (SELECT 1 FROM tally AS r WHERE r.source = s.id AND r.type IN (v.key, '') AND r.what IN ('rejected', 'ignored') AND r.n > 0)))
ORDER BY v.realm, v.key;

-- name: times
SELECT s.incident, min(coalesce(a.time, a.until)), max(a.until) FROM scope AS s JOIN act AS a ON a.id = s.act GROUP BY s.incident ORDER BY s.incident;

-- name: sources
-- That hold the table, the earlier dump first. (source, path, are its rows in the order in which they lie?)
SELECT s.id, s.path || iif(s.member = '', '', '!' || s.member), s.format = 'pg_dump' FROM source AS s
WHERE s.realm = ?2 AND s.status = 'read' AND EXISTS (SELECT 1 FROM tally AS t WHERE t.source = s.id AND t.type = ?1 AND t.what IN ('event', 'duplicate'))
ORDER BY s.serial, s.last, s.taken, s.path, s.member;

-- name: rows
-- Of a source, by time. (number, earliest, latest, event, record, was its actor masked?)
SELECT CAST(n AS INTEGER), earliest, earliest + span, id, record,
       f ->> 'masked-actor' IS NOT NULL OR EXISTS (SELECT 1 FROM unmasked AS u WHERE u.event = id)
FROM (SELECT f, f ->> ?2 AS n, earliest, span, id, record
      FROM (SELECT e.fields AS f, coalesce(e.time, e.id >> 10) AS earliest, e.span, e.id, iif(e.source = ?5, e.record, w.record) AS record
            FROM event AS e LEFT JOIN (SELECT event, record FROM witness WHERE source = ?5 AND part = 0) AS w ON w.event = e.id AND e.source <> ?5
            WHERE e.id BETWEEN ?3 * 1024 AND ?4 * 1024 + 1023 AND e.type = ?1 AND e.precision > 0 AND (e.source = ?5 OR w.event IS NOT NULL)
            LIMIT -1 OFFSET 0)
      LIMIT -1 OFFSET 0)
WHERE n <> '' AND n NOT GLOB '*[^0-9]*' AND length(n) < 19
ORDER BY earliest, id LIMIT ?6;

-- name: elsewhere
-- Rows with a number of this range, whenever they were. (number, earliest, latest, event)
SELECT CAST(e.fields ->> ?2 AS INTEGER), coalesce(e.time, e.id >> 10), coalesce(e.time, e.id >> 10) + e.span, e.id FROM event AS e
WHERE e.type = ?1 AND CAST(e.fields ->> ?2 AS INTEGER) BETWEEN ?3 AND ?4 ORDER BY 1, 2, e.id;
