-- SPDX-License-Identifier: Apache-2.0
-- Re-reading the evidence against the facts.

-- name: files
SELECT path, sha256, size FROM source WHERE member = '' AND status <> 'failed' ORDER BY path;

-- name: places
SELECT count(*) FROM (SELECT id FROM event UNION ALL SELECT event FROM witness UNION ALL SELECT id FROM state
                      UNION ALL SELECT id FROM reject);

-- name: outside
SELECT s.path, p."offset" FROM (
  SELECT source, "offset", length FROM event UNION ALL SELECT source, "offset", length FROM witness
  UNION ALL SELECT source, "offset", length FROM state UNION ALL SELECT source, "offset", length FROM reject) AS p
JOIN source AS s ON s.id = p.source
WHERE p."offset" < 0 OR p.length < 0 OR p."offset" + p.length > coalesce(s.text, iif(s.member <> '', s.size + -- a write-ahead log follows
  (SELECT coalesce(sum(w.size), 0) FROM source AS w WHERE w.path = s.path AND w.member IN (s.member || '-wal', s.member || '-journal') AND w.status = 'part'), NULL))
ORDER BY s.path, p."offset";

-- name: facts
SELECT s.path, 'event', e.id || '|' || coalesce(e.time, '') || '|' || e.span || '|' || e.precision || '|' || e.basis || '|' ||
       coalesce(e.raw_time, '') || '|' || e.record || '|' || e.line || '|' || e."offset" || '|' || e.length || '|' || e.action ||
       '|' || e.outcome || '|' || coalesce(e.actor, '') || '|' || coalesce(e.target, '') || '|' || coalesce(e.object, '') || '|' ||
       coalesce(e.version, '') || '|' || coalesce(e.file, '') || '|' || coalesce(e.address, '') || '|' ||
       coalesce(e.message, '') || '|' || coalesce(e.txn, '') || '|' || e.row_key || '|' || coalesce(e.text, '') || '|' || coalesce(e.fields, '')
FROM event AS e JOIN source AS s ON s.id = e.source
UNION ALL
SELECT s.path, 'state', t.id || '|' || t.type || '|' || t.record || '|' || t.line || '|' || t."offset" || '|' || t.length || '|' ||
       t.row_key || '|' || t.digest || '|' || coalesce(t.born, '') || '|' || coalesce(t.subject, '') || '|' ||
       coalesce(t.object, '') || '|' || coalesce(t.detail, '') || '|' || coalesce(t.value, '')
FROM state AS t JOIN source AS s ON s.id = t.source
UNION ALL
SELECT s.path, 'witness', w.event || '|' || w."offset" || '|' || w.length || '|' || w.part
FROM witness AS w JOIN source AS s ON s.id = w.source
UNION ALL
SELECT s.path, 'alias', a.entity || '|' || a.name FROM alias AS a JOIN source AS s ON s.id = a.source
UNION ALL
SELECT s.path, 'reject', r.record || '|' || r.line || '|' || r."offset" || '|' || r.length || '|' || r.why
FROM reject AS r JOIN source AS s ON s.id = r.source
UNION ALL
SELECT s.path, 'tally', t.type || '|' || t.what || '|' || t.why || '|' || t.n FROM tally AS t JOIN source AS s ON s.id = t.source
UNION ALL
SELECT '', 'entity', id || '|' || kind || '|' || realm || '|' || key || '|' || name FROM entity
ORDER BY 1, 2, 3;
