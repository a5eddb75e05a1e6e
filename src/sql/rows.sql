-- SPDX-License-Identifier: Apache-2.0
-- The list commands. Identifiers are shown by the name that the event's own source gives them, else by that of the first source.

-- name: events
WITH called AS (
  SELECT a.entity, a.source, min(n.name) AS name FROM alias AS a JOIN entity AS n ON n.id = a.name GROUP BY a.entity, a.source),
anywhere AS (
  SELECT c.entity, c.name, min(s.path || char(10) || s.member) FROM called AS c JOIN source AS s ON s.id = c.source GROUP BY c.entity)
SELECT iif(e.precision = 0, NULL, coalesce(e.time, e.id >> 10)) AS t,
       iif(e.precision = 0, NULL, coalesce(e.time, e.id >> 10) + e.span) AS u,
       e.precision, e.basis, e.raw_time, e.action, e.outcome,
       coalesce((SELECT name FROM called WHERE entity = e.actor AND source = e.source),
                (SELECT name FROM anywhere WHERE entity = e.actor), actor.name),
       coalesce((SELECT name FROM called WHERE entity = e.target AND source = e.source),
                (SELECT name FROM anywhere WHERE entity = e.target), target.name),
       coalesce((SELECT name FROM called WHERE entity = e.object AND source = e.source),
                (SELECT name FROM anywhere WHERE entity = e.object), object.name)
         || coalesce('/' || version.name, '') || coalesce('/' || file.name, ''),
       coalesce((SELECT name FROM called WHERE entity = e.address AND source = e.source),
                (SELECT name FROM anywhere WHERE entity = e.address), address.name),
       coalesce((SELECT name FROM called WHERE entity = e.message AND source = e.source),
                (SELECT name FROM anywhere WHERE entity = e.message), message.name),
       e.text, s.path || iif(s.member = '', '', '!' || s.member), e.record, e.line, e."offset", e.length,
       coalesce(c.sha256, s.sha256), e.fields, json_extract(e.fields, '$."time-note"')
FROM event AS e
JOIN source AS s ON s.id = e.source
LEFT JOIN source AS c ON c.id = s.container
LEFT JOIN entity AS actor ON actor.id = e.actor
LEFT JOIN entity AS target ON target.id = e.target
LEFT JOIN entity AS object ON object.id = e.object
LEFT JOIN entity AS version ON version.id = e.version
LEFT JOIN entity AS file ON file.id = e.file
LEFT JOIN entity AS address ON address.id = e.address
LEFT JOIN entity AS message ON message.id = e.message
WHERE ?1 IS NULL OR s.path = ?1
ORDER BY t IS NULL, t, u, s.path, s.member, e."offset", e.id;

-- name: sources
SELECT s.path || iif(s.member = '', '', '!' || s.member), s.status, s.format, s.profile, s.label, coalesce(s.damage, s.why), s.sha256, s.size,
       s.zone, s.zone_basis, s.clock, s.taken, s.taken_basis, s.records, s.events, s.states, s.ignored, s.joined,
       s.duplicates, s.rejected, s.first, s.last, s.scope,
       (SELECT count(*) FROM event AS e WHERE e.source = s.id AND e.precision = 0 AND e.id <= -8520336000000000 * 1024), s.id -- where undated ones are
FROM source AS s ORDER BY s.path, s.member;

-- name: tally
SELECT what, type, why, n FROM tally WHERE source = ?1 AND what IN ('ignored') ORDER BY type, why;

-- name: rejects
SELECT s.path || iif(s.member = '', '', '!' || s.member), r.record, r.line, r."offset", r.length, r.why
FROM reject AS r JOIN source AS s ON s.id = r.source WHERE r.source = ?1 ORDER BY r.id;

-- name: timeline
SELECT a.time, a.until, a.precision, a.basis, e.raw_time, a.action, a.outcome,
       coalesce((SELECT name FROM called WHERE entity = a.actor), a.actor_text),
       (SELECT name FROM called WHERE entity = a.target),
       (SELECT name FROM called WHERE entity = a.object) || coalesce('/' || (SELECT name FROM called WHERE entity = a.version), '')
         || coalesce('/' || (SELECT name FROM called WHERE entity = a.file), ''),
       (SELECT name FROM called WHERE entity = a.address),
       (SELECT name FROM called WHERE entity = a.message),
       a.text, p.path || iif(p.member = '', '', '!' || p.member), coalesce(e.record, t.record), coalesce(e.line, t.line),
       coalesce(e."offset", t."offset"), coalesce(e.length, t.length), coalesce(c.sha256, p.sha256), s.phase,
       s.because || coalesce('; ' || replace(a.why, char(10), '; '), ''),
       (SELECT group_concat(place, char(10)) FROM (
          SELECT DISTINCT q.path || iif(q.member = '', '', '!' || q.member) || ':' || w.line AS place
          FROM attest AS w JOIN source AS q ON q.id = w.source WHERE w.act = a.id
          ORDER BY q.path, q.member, w."offset")),
       s.fold, s.incident
FROM scope AS s
JOIN act AS a ON a.id = s.act
LEFT JOIN event AS e ON e.id = a.event
LEFT JOIN state AS t ON t.id = a.state AND a.event IS NULL
LEFT JOIN source AS p ON p.id = coalesce(e.source, t.source)
LEFT JOIN source AS c ON c.id = p.container
ORDER BY s.incident, coalesce(a.time, a.until), a.until, p.path, p.member, coalesce(e."offset", t."offset"), a.id;

-- name: incident
SELECT coalesce((SELECT message FROM finding WHERE id = i.finding),
                (SELECT group_concat(c.name, ', ') FROM party AS p JOIN called AS c ON c.entity = p.entity WHERE p.incident = i.id AND p.role = 'subject')),
       (SELECT count(*) FROM incident)
FROM incident AS i WHERE i.id = ?1;

-- name: claims
SELECT nullif(incident, 0), name, verdict, "from", "to", examined, matched, facts FROM claim ORDER BY incident, ordinal;

-- name: claim_sources
SELECT s.path || iif(s.member = '', '', '!' || s.member), k.type, k.examined FROM claim_source AS k JOIN source AS s ON s.id = k.source
WHERE k.incident = ?1 AND k.name = ?2 ORDER BY s.path, s.member, k.type;

-- name: claim_places
SELECT s.path || iif(s.member = '', '', '!' || s.member), c.line, c."offset", c.length FROM cite AS c JOIN source AS s ON s.id = c.source
WHERE c.incident = ?1 AND c."of" = 'claim' AND c.name = ?2 AND c.fact = 'matched' ORDER BY c.ordinal;

-- name: silences
SELECT x."from", x."to", x.expected, x.steps, t.step, x.after IS NULL FROM silence AS x JOIN stream AS t ON t.id = x.stream
JOIN event AS e ON e.id = x.before WHERE x.kind = 'rhythm' AND e.source = ?1 ORDER BY x."from";

-- name: clocks
SELECT piece, "from", "to", least, most, least_pairs, most_pairs, against, applied, because,
       (SELECT path || iif(member = '', '', '!' || member) FROM source WHERE id = than), drift
FROM clock WHERE source = ?1 ORDER BY piece;

-- name: clock_pairs
SELECT p.side, p.bound, x.path || iif(x.member = '', '', '!' || x.member) || ':' || a.line,
       y.path || iif(y.member = '', '', '!' || y.member) || ':' || b.line, p.because
FROM clock_pair AS p JOIN event AS a ON a.id = p.earlier JOIN source AS x ON x.id = a.source
JOIN event AS b ON b.id = p.later JOIN source AS y ON y.id = b.source
WHERE p.source = ?1 AND p.piece = ?2 ORDER BY p.side, p.ordinal;

-- name: identities
-- Accounts, projects, mailboxes and network addresses, each with what is joined with it and what is not.
WITH word(kind, word) AS (VALUES (1, 'account'), (2, 'account id'), (3, 'project'), (4, 'project id'), (5, 'network address'), (6, 'network address id'), (7, 'mailbox')),
all_rows AS (
  SELECT i.same_as AS of, i.entity AS member, 'is' AS relation, i.reason, i.strength, i.since, i.until, i.because, c.event, c.state
  FROM identity AS i LEFT JOIN identity_cite AS c ON c.entity = i.entity AND c.same_as = i.same_as AND c.reason = i.reason AND c.ordinal = 1
  UNION ALL
  SELECT other, entity, 'is not joined with', reason, NULL, NULL, NULL, because, event, state FROM unjoined
  UNION ALL
  SELECT a, b, iif(kind = 'restored-as', 'was restored as', 'is an earlier account than'), kind, NULL, NULL, NULL, because, NULL, NULL FROM link
  WHERE kind IN ('restored-as', 're-registered'))
SELECT (SELECT name FROM called WHERE entity = o.id), r.name, k.word, x.relation, m.name, q.name, j.word, x.reason, x.strength, x.since, x.until, x.because,
       s.path || iif(s.member = '', '', '!' || s.member), coalesce(v.line, t.line), o.id
FROM all_rows AS x JOIN entity AS o ON o.id = x.of JOIN word AS k ON k.kind = o.kind JOIN realm AS r ON r.id = o.realm
JOIN entity AS m ON m.id = x.member JOIN word AS j ON j.kind = m.kind JOIN realm AS q ON q.id = m.realm
LEFT JOIN event AS v ON v.id = x.event LEFT JOIN state AS t ON t.id = x.state LEFT JOIN source AS s ON s.id = coalesce(v.source, t.source)
ORDER BY k.kind, r.name, 1, o.key, x.relation, q.name, m.key, x.reason;
