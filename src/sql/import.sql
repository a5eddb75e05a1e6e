-- SPDX-License-Identifier: Apache-2.0
-- Which files are known already.

-- name: known_path
SELECT s.sha256, coalesce(iif(s.zone_basis = 'given', s.zone, NULL),
                          (SELECT m.zone FROM source AS m WHERE m.container = s.id AND m.zone_basis = 'given' LIMIT 1)),
       s.year, s.clock, iif(s.taken_basis = 'given', s.taken, NULL), s.label, s.status IN ('read', 'archive'),
       coalesce(s.scope, (SELECT m.scope FROM source AS m WHERE m.container = s.id LIMIT 1)), s.columns, s.rotation IS NULL OR s.rotation = s.id
FROM source AS s WHERE s.path = ?1 AND s.member = '';

-- name: known_hash
SELECT path FROM source WHERE sha256 = ?1 AND member = '' AND status IN ('read', 'archive') ORDER BY id;

-- The row of a copy (?1) and that of the file that was read (?2) exchange their names, and what case.yaml says of each name: what else it says
-- (?3: the zone) must be what was read with.
-- name: may_exchange
SELECT 1 FROM source AS c JOIN source AS r ON r.path = ?2 AND r.member = ''
WHERE c.path = ?1 AND c.member = '' AND ?1 < ?2 AND r.rotation IS NULL AND c.year IS r.year AND c.clock = r.clock AND c.columns IS r.columns
  AND coalesce(iif(r.zone_basis = 'given', r.zone, (SELECT m.zone FROM source AS m WHERE m.container = r.id AND m.zone_basis = 'given' LIMIT 1)), '') = coalesce(?3, '')
  AND (r.status = 'read' OR (c.label IS r.label AND c.taken IS r.taken));

-- name: put_settings
UPDATE source SET label = o.label,
  taken = CASE WHEN o.taken_basis = 'given' THEN o.taken WHEN status = 'read' THEN last END,
  taken_basis = CASE WHEN o.taken_basis = 'given' THEN 'given' WHEN status = 'read' AND last IS NOT NULL THEN 'assumed' END
FROM (SELECT id AS other, label, taken, taken_basis FROM source WHERE path IN (?1, ?2) AND member = '') AS o
WHERE path IN (?1, ?2) AND member = '' AND other <> id AND status <> 'archive';

-- name: put_aside
UPDATE source SET path = '' WHERE path = ?1 AND member = '' AND ?2 IS NOT NULL;

-- name: put_first
UPDATE source SET path = ?1 WHERE path = ?2;

-- name: put_behind
UPDATE source SET path = ?2 WHERE path = '' AND ?1 IS NOT NULL;

-- name: put_parts
UPDATE source SET container = (SELECT o.id FROM source AS o WHERE o.path IN (?1, ?2) AND o.member = '' AND o.id <> source.container)
WHERE status = 'part' AND member = '' AND container IN (SELECT id FROM source WHERE path IN (?1, ?2) AND member = '');

-- name: put_why
UPDATE source SET why = 'same bytes as ' || ?1
WHERE status = 'copy' AND sha256 = (SELECT sha256 FROM source WHERE path = ?1 AND member = '') AND ?2 IS NOT NULL;

-- name: may_be_known
SELECT EXISTS (SELECT 1 FROM source WHERE member = '' AND (path = ?1 OR size = ?2));

-- name: hashed
UPDATE source SET sha256 = ?2, size = ?3 WHERE path = ?1 AND member = '';

-- name: forget_failed
DELETE FROM source WHERE status = 'failed' AND
  ((path = ?1 AND member = '') OR container = (SELECT id FROM source WHERE path = ?1 AND member = '' AND status = 'failed'));

-- name: parts
SELECT path, sha256 FROM source
WHERE container = (SELECT id FROM source WHERE path = ?1 AND member = '') AND status = 'part' ORDER BY path;

-- A part that came alone before was not read then.
-- name: add_part
INSERT INTO source(path, container, sha256, size, status, why)
SELECT ?2, id, ?3, ?4, ?5, ?6 FROM source WHERE path = ?1 AND member = ''
ON CONFLICT(path, member) DO UPDATE SET container = excluded.container, sha256 = excluded.sha256, size = excluded.size,
  status = excluded.status, why = excluded.why, zone_basis = NULL WHERE source.status IN ('unread', 'copy', 'failed');

-- name: text
UPDATE source SET text = ?2, packed = ?3 WHERE id = ?1;

-- What is cut or damaged: why, and how many bytes came before.
-- name: damage
UPDATE source SET damage = ?2 || '; the ' || ?3 || ' bytes that came out of it are kept' WHERE id = ?1;

-- name: fate
-- Types of records by what became of them and why, the six most frequent by name.
WITH ranked AS (SELECT source, what, why, type, n, row_number() OVER (PARTITION BY source, what, why ORDER BY n DESC, type) AS rank
                FROM tally WHERE why IN ('no profile', 'not in the profile') AND source IN (SELECT id FROM source WHERE path = ?1)),
listed AS (SELECT source, what, why, group_concat(type || ' (' || n || ')', ', ') FILTER (WHERE rank <= 6) ||
                  iif(max(rank) > 6, ' and ' || (max(rank) - 6) || ' more', '') AS types
           FROM (SELECT * FROM ranked ORDER BY source, what, why, rank) GROUP BY source, what, why)
SELECT s.path || iif(s.member = '', '', '!' || s.member),
       CASE WHEN s.status IN ('unread', 'failed') THEN s.why
            WHEN s.damage IS NOT NULL THEN s.damage
            WHEN s.status = 'archive' AND NOT EXISTS (SELECT 1 FROM source AS m WHERE m.container = s.id)
            THEN 'the archive holds no files'
            WHEN EXISTS (SELECT 1 FROM listed AS l WHERE l.source = s.id AND l.why = 'no profile')
            THEN 'no profile says what its records mean' || iif(s.format = 'json', '',
                 coalesce('; kept as state, without what sounds like a secret: ' || (SELECT types FROM listed WHERE source = s.id AND why = 'no profile' AND what = 'state'), '') ||
                 coalesce('; not kept: ' || (SELECT types FROM listed WHERE source = s.id AND why = 'no profile' AND what = 'ignored'), ''))
            WHEN s.member = '' AND s.records > 0 AND s.records = s.ignored AND
                 NOT EXISTS (SELECT 1 FROM tally AS t WHERE t.source = s.id AND t.why <> 'not in the profile')
            THEN 'none of its records is kept: the profile ' || s.profile || ' does not know ' ||
                 (SELECT types FROM listed WHERE source = s.id AND why = 'not in the profile') ||
                 iif(s.format IN ('csv', 'pg_copy'), '; what its table is called can be said in case.yaml (table)', '') END,
       s.rejected, s.format <> 'json' AND EXISTS (SELECT 1 FROM listed AS l WHERE l.source = s.id AND l.why = 'no profile'),
       s.events + s.states
FROM source AS s WHERE s.path = ?1 AND (s.status <> 'failed' OR s.member <> '') ORDER BY s.id;

-- name: choice
SELECT format, profile FROM source WHERE path = ?1 AND member = ?2 AND status <> 'archive';

-- In the order in which they were read, those that were replaced as well: names have their numbers from them.
-- name: again
SELECT s.path,
       coalesce(iif(s.zone_basis = 'given', s.zone, NULL),
                (SELECT m.zone FROM source AS m WHERE m.container = s.id AND m.zone_basis = 'given' LIMIT 1)),
       s.label,
       s.year, s.clock, iif(s.taken_basis = 'given', s.taken, NULL),
       coalesce(s.scope, (SELECT m.scope FROM source AS m WHERE m.container = s.id LIMIT 1)), r.rotation, s.columns
FROM (SELECT id, path, rotation FROM source WHERE member = '' UNION ALL SELECT id, path, rotation FROM replaced) AS r
JOIN source AS s ON s.path = r.path AND s.member = '' WHERE s.status NOT IN ('failed', 'part') ORDER BY r.id;

-- name: rotated
UPDATE source SET rotation = ?2, follows = ?3 WHERE id = ?1;

-- name: followed
SELECT p.path FROM source AS s JOIN source AS p ON p.id = s.follows WHERE s.path = ?1 AND s.member = '';

-- A copy as that was read which it is one of.
-- name: recalled
SELECT s.path, iif(o.zone_basis = 'given', o.zone, NULL), o.label, o.year, o.clock, iif(o.taken_basis = 'given', o.taken, NULL), s.id, o.id, o.columns,
       (SELECT p.path FROM source AS p WHERE p.id = s.follows)
FROM source AS s JOIN source AS o ON o.id = iif(s.status = 'copy', (SELECT min(id) FROM source AS f WHERE f.sha256 = s.sha256 AND f.member = '' AND f.status = 'read'), s.id)
WHERE s.path = ?1 AND s.member = '' AND s.status IN ('read', 'copy');

-- The other files of logs that are read already.
-- name: logs
SELECT path, sha256, scope IS NOT NULL, format FROM source WHERE member = '' AND status = 'read' AND format IS NOT NULL ORDER BY path;

-- name: is_known
SELECT EXISTS (SELECT 1 FROM source WHERE path = ?1 AND member = '' AND status <> 'failed');

-- name: replace
INSERT INTO replaced(id, path, rotation) SELECT id, path, rotation FROM source WHERE id = ?1;

-- All that one source has told.
-- name: forget_told
DELETE FROM witness_row WHERE source = ?1 OR event IN (SELECT id FROM event_row WHERE source = ?1);

-- name: forget_shown
DELETE FROM shown WHERE source = ?1 OR event IN (SELECT id FROM event_row WHERE source = ?1);

-- What another source has told too becomes an event of that one, the first by name, where it was a duplicate.
-- name: hand_over
UPDATE event_row SET lines = NULL, (source, record, beyond, "offset", length) = (
  SELECT w.source, w.record, iif(w.line = 0, NULL, w.line - w.record), w."offset", w.length FROM witness_row AS w JOIN source AS s ON s.id = w.source
  WHERE w.event = event_row.id AND w.source <> ?1 AND w.part = 0 ORDER BY s.path, s.member, w."offset" LIMIT 1)
WHERE source = ?1 AND EXISTS (SELECT 1 FROM witness_row AS w WHERE w.event = event_row.id AND w.source <> ?1 AND w.part = 0);

-- name: handed_source
UPDATE source SET events = events + h.n, duplicates = duplicates - h.n
FROM (SELECT r.source, count(*) AS n FROM event_row AS r JOIN witness_row AS w ON w.event = r.id AND w.source = r.source AND w."offset" = r."offset"
      WHERE w.part = 0 AND ?1 GROUP BY r.source) AS h WHERE id = h.source;

-- name: handed_tally
INSERT INTO tally(source, type, what, why, n)
SELECT r.source, y.key, d.what, '', sum(d.sign) FROM event_row AS r JOIN witness_row AS w ON w.event = r.id AND w.source = r.source AND w."offset" = r."offset"
JOIN entity AS y ON y.id = r.type JOIN (SELECT 'event' AS what, 1 AS sign UNION ALL SELECT 'duplicate', -1) AS d
WHERE w.part = 0 AND ?1 GROUP BY r.source, y.key, d.what
ON CONFLICT(source, type, what, why) DO UPDATE SET n = n + excluded.n;

-- name: handed_places
DELETE FROM witness_row WHERE ?1 AND part = 0 AND EXISTS (
  SELECT 1 FROM event_row AS r WHERE r.id = witness_row.event AND r.source = witness_row.source AND r."offset" = witness_row."offset");

-- name: forget_events
DELETE FROM event_row WHERE source = ?1;

-- name: forget_rejects
DELETE FROM reject WHERE source = ?1;

-- name: forget_tally
DELETE FROM tally WHERE source = ?1;

-- name: forget_source
DELETE FROM source WHERE id = ?1;
