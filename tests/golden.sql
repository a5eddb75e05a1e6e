-- SPDX-License-Identifier: Apache-2.0
-- All facts of a case, readable, in an order of their own: for tests/golden.sh.
.mode list
.separator ' '
.nullvalue -
CREATE TEMP VIEW n AS SELECT id, CASE kind WHEN 1 THEN 'account' WHEN 2 THEN 'account-id' WHEN 3 THEN 'project' WHEN 4 THEN 'project-id'
  WHEN 5 THEN 'address' WHEN 6 THEN 'address-id' WHEN 7 THEN 'mailbox' WHEN 8 THEN 'message' WHEN 9 THEN 'message-id' WHEN 10 THEN 'version'
  WHEN 11 THEN 'file' WHEN 12 THEN 'file-id' WHEN 13 THEN 'release-id' WHEN 14 THEN 'thing' WHEN 16 THEN 'txn' ELSE kind END || ' ' || name AS name,
  name AS bare FROM entity;
CREATE TEMP VIEW place AS SELECT id, path || iif(member = '', '', '!' || member) AS name FROM source;
SELECT 'source', p.name, status, coalesce(format, '-'), coalesce(profile, '-'), coalesce(zone, '-') || '/' || coalesce(zone_basis, '-'),
       records || ' = ' || events || ' events ' || states || ' states ' || ignored || ' ignored ' || joined || ' joined ' || duplicates ||
       ' duplicates ' || rejected || ' rejected', 'serial ' || serial
FROM source AS s JOIN place AS p USING (id) ORDER BY s.path, s.member;
SELECT 'tally', p.name, what, type, n, why FROM tally AS t JOIN place AS p ON p.id = t.source ORDER BY p.name, what, type, why;
SELECT 'reject', p.name || ':' || line, 'record ' || record, '@' || "offset" || '+' || length, why
FROM reject AS r JOIN place AS p ON p.id = r.source ORDER BY p.name, r.id;
SELECT 'event', iif(e.precision = 0, 'undated', strftime('%Y-%m-%d %H:%M:%S', coalesce(e.time, e.id >> 10) / 1000000, 'unixepoch') || printf('.%06d', coalesce(e.time, e.id >> 10) % 1000000)) ||
       iif(e.span, '+' || e.span, '') || ' p' || e.precision || ' b' || e.basis, 'raw ' || quote(raw_time), char(10) || '   ',
       (SELECT bare FROM n WHERE n.id = e.type), (SELECT name FROM action WHERE id = e.action) || iif(e.outcome, ' ' || iif(e.outcome = 1, 'success', 'failure'), ''),
       'actor <' || coalesce((SELECT name FROM n WHERE n.id = e.actor), '') || '>', 'target <' || coalesce((SELECT name FROM n WHERE n.id = e.target), '') || '>',
       'object <' || coalesce((SELECT name FROM n WHERE n.id = e.object), '') || coalesce('/' || (SELECT bare FROM n WHERE n.id = e.version), '') ||
       coalesce('/' || (SELECT bare FROM n WHERE n.id = e.file), '') || '>',
       'address <' || coalesce((SELECT bare FROM n WHERE n.id = e.address), '') || '>', 'message <' || coalesce((SELECT bare FROM n WHERE n.id = e.message), '') || '>',
       'txn <' || coalesce((SELECT bare FROM n WHERE n.id = e.txn), '') || '>', 'text ' || quote(text), char(10) || '   ',
       coalesce((SELECT group_concat(x, '; ') FROM (SELECT name || '=' || value AS x FROM attribute WHERE event = e.id ORDER BY name)), 'no attributes'), char(10) || '   ',
       p.name || ':' || e.line || ' record ' || e.record || ' @' || e."offset" || '+' || e.length,
       coalesce((SELECT group_concat(x, ' ') FROM (SELECT iif(w.part, 'line ', 'copy ') || wp.name || ':' || w.line || '@' || w."offset" || '+' || w.length AS x
                 FROM witness AS w JOIN place AS wp ON wp.id = w.source WHERE w.event = e.id ORDER BY wp.name, w."offset")), 'no witnesses')
FROM event AS e JOIN place AS p ON p.id = e.source
ORDER BY e.precision = 0, coalesce(e.time, e.id >> 10), p.name, e."offset";
SELECT 'state', p.name || ':' || t.line, y.bare, 'subject <' || coalesce((SELECT name FROM n WHERE n.id = t.subject), '') || '>',
       'object <' || coalesce((SELECT name FROM n WHERE n.id = t.object), '') || '>', 'detail <' || coalesce((SELECT name FROM n WHERE n.id = t.detail), '') || '>',
       'born', coalesce(strftime('%Y-%m-%d %H:%M:%S', born / 1000000, 'unixepoch') || printf('.%06d', born % 1000000), '-'), value
FROM state AS t JOIN place AS p ON p.id = t.source JOIN n AS y ON y.id = t.type ORDER BY p.name, t."offset";
SELECT 'alias', p.name, i.name, 'is', l.name FROM alias AS a JOIN n AS i ON i.id = a.entity JOIN n AS l ON l.id = a.name JOIN place AS p ON p.id = a.source
ORDER BY p.name, i.name, l.name;
