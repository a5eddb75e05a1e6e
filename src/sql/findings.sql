-- SPDX-License-Identifier: Apache-2.0
-- What was found, for the command of that name: read by src/narrate/finding.c.

-- name: sources
SELECT id, path, member, container, sha256, size, text, packed, format, status, why, records, rejected FROM source ORDER BY path, member;

-- name: rules
SELECT id, title, level, status, description, author, date, file, lists FROM rule ORDER BY id;

-- name: findings
SELECT f.id, f.rule, f.key, f.level, f.certainty, f.title, f.message, f.because, (SELECT name FROM called WHERE entity = f.actor),
       (SELECT name FROM called WHERE entity = f.target), f.source, f.line, f."offset", f.length
FROM finding AS f LEFT JOIN source AS s ON s.id = f.source
ORDER BY CASE f.level WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, f.rule, s.path, s.member, f."offset", f.key, f.id;

-- name: steps
SELECT f.step, f.what, f.because, a.time, a.until, a.action, coalesce((SELECT name FROM called WHERE entity = a.actor), a.actor_text),
       (SELECT name FROM called WHERE entity = a.target), (SELECT name FROM called WHERE entity = a.object) ||
       coalesce('/' || (SELECT name FROM called WHERE entity = a.version), '') || coalesce('/' || (SELECT name FROM called WHERE entity = a.file), ''),
       coalesce(e.source, t.source), coalesce(e.line, t.line), coalesce(e."offset", t."offset"), coalesce(e.length, t.length)
FROM finding_event AS f JOIN act AS a ON a.id = f.act
LEFT JOIN event AS e ON e.id = a.event
LEFT JOIN state AS t ON t.id = a.state AND a.event IS NULL
WHERE f.finding = ?1 ORDER BY f.step, f.act;

-- name: places
SELECT what, source, line, "offset", length FROM finding_place WHERE finding = ?1 ORDER BY ordinal;
