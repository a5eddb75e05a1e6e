-- SPDX-License-Identifier: Apache-2.0
-- What a report is made of: read by src/narrate/model.c.

-- name: sources
SELECT s.id, s.path || iif(s.member = '', '', '!' || s.member), s.sha256, s.label,
       (SELECT value FROM service WHERE realm = s.realm AND topic = 'title'), s.zone, s.status, s.id IN (SELECT source FROM mailbox),
       CASE WHEN EXISTS (SELECT 1 FROM service WHERE realm = s.realm AND topic = 'mention') THEN 1
            WHEN EXISTS (SELECT 1 FROM service AS v JOIN json_each(v.value) AS j WHERE v.realm = s.realm AND v.topic = 'tells' AND j.value = 'ticket-message') THEN 2
            ELSE 0 END, s.container IS NOT NULL,
       s.first IS NOT NULL, s.taken IS NOT NULL, coalesce(s.taken_basis = 'given', 0), s.records, s.rejected, s.ignored, s.first,
       s.last, s.taken, s.clock, EXISTS (SELECT 1 FROM service WHERE realm = s.realm AND topic = 'table'),
       s.scope IS NOT NULL,
       s.id IN (SELECT source FROM mail_log), EXISTS (SELECT 1 FROM tally AS t WHERE t.source = s.id AND t.why = 'no profile'),
       EXISTS (SELECT 1 FROM source AS m WHERE m.damage IS NOT NULL AND (m.id = s.id OR m.container = s.id))
FROM source AS s ORDER BY s.path, s.member;

-- name: incidents
SELECT id FROM incident ORDER BY id;

-- name: incident
SELECT i.kind, (SELECT c.name FROM party AS p JOIN called AS c ON c.entity = p.entity WHERE p.incident = i.id AND p.role = 'restored' ORDER BY p.ordinal LIMIT 1),
       (SELECT v.value FROM finding AS f JOIN source AS s ON s.id = f.source JOIN service AS v ON v.realm = s.realm AND v.topic = 'title' WHERE f.id = i.finding)
FROM incident AS i WHERE i.id = ?1;

-- name: shared
SELECT c.name, coalesce(p.spread, 0) FROM party AS p JOIN called AS c ON c.entity = p.entity
WHERE p.incident = ?1 AND p.role = 'shared-address' ORDER BY p.ordinal;

-- name: parties
SELECT c.name FROM party AS p JOIN called AS c ON c.entity = p.entity WHERE p.incident = ?1 AND p.role = ?2 ORDER BY p.ordinal;

-- name: acts
SELECT a.id, a.time, a.until, a.basis, a.action, coalesce((SELECT name FROM called WHERE entity = a.actor), a.actor_text),
       (SELECT name FROM called WHERE entity = a.target),
       (SELECT name FROM called WHERE entity = a.object) || coalesce('/' || (SELECT name FROM called WHERE entity = a.version), ''),
       (SELECT e.fields ->> 'role' FROM event AS e WHERE e.id = a.event),
       a.text, a.title, a.why, s.phase, s.because, s.fold,
       coalesce((SELECT kind FROM entity WHERE id = a.actor) IN (1, 2), 0)
FROM scope AS s JOIN act AS a ON a.id = s.act WHERE s.incident = ?1
ORDER BY coalesce(a.time, a.until), a.until, a.id;

-- name: attests
SELECT t.source, t.line, coalesce((SELECT y.name FROM event AS e JOIN entity AS y ON y.id = e.type WHERE e.id = t.event),
                                  (SELECT y.name FROM state AS q JOIN entity AS y ON y.id = q.type WHERE q.id = t.state)),
       iif(t.how = 'copy', coalesce((SELECT b.how FROM attest AS b WHERE b.act = t.act AND b.event = t.event AND b.how NOT IN ('copy', 'line')
                                     ORDER BY b.how LIMIT 1), 'record') || '-copy', t.how),
       (SELECT e.fields ->> 'native' FROM event AS e WHERE e.id = t.event)
FROM attest AS t JOIN source AS s ON s.id = t.source WHERE t.act = ?1 ORDER BY s.path, s.member, t."offset";

-- name: notices
SELECT n.act, n.sent, n.delivered, e.name, n.subject,
       (SELECT p.role FROM party AS p WHERE p.incident = n.incident AND p.entity = n.mailbox AND p.role IN ('owner-mailbox', 'other-mailbox')
        ORDER BY p.role DESC LIMIT 1), a.action
FROM notice AS n JOIN entity AS e ON e.id = n.mailbox JOIN act AS a ON a.id = n.act WHERE n.incident = ?1 ORDER BY n.sent, n.event;

-- name: metrics
SELECT name, least, most, from_act, to_act FROM metric WHERE incident = ?1 ORDER BY ordinal;

-- name: exposures
SELECT (SELECT name FROM called WHERE entity = x.project), x.from_act, x.to_act, x.least, x.most, x.releases, x.named, x.downloads_least, x.downloads_most
FROM exposure AS x WHERE x.incident = ?1 ORDER BY x.ordinal;

-- name: claims
SELECT name, verdict, facts, "from", "to", examined, matched, NULL, NULL FROM claim WHERE incident = ?1 ORDER BY ordinal;

-- name: gaps
SELECT g.name, NULL, g.facts, NULL, NULL, 0, 0, (SELECT name FROM called WHERE entity = g.entity), g.act FROM gap AS g
WHERE g.incident = ?1 ORDER BY g.ordinal;

-- name: lessons
SELECT name, NULL, facts, NULL, NULL, 0, 0, NULL, NULL FROM lesson WHERE incident = ?1 ORDER BY ordinal;

-- name: cites
SELECT iif(c.incident = 0, 'asked', c."of"), c.name, c.fact, c.text, c.source, c.line, (SELECT path || char(10) || member FROM source WHERE id = c.source) FROM cite AS c WHERE c.incident = ?1
UNION ALL
SELECT iif(k.incident = 0, 'asked', 'claim'), k.name, 'examined', iif(k.type = '', 'records of events', k.type) || ', ' || k.examined || iif(k.examined = 1, ' row', ' rows') || ' examined',
       k.source, NULL, (SELECT path || char(10) || member FROM source WHERE id = k.source) FROM claim_source AS k WHERE k.incident = ?1
ORDER BY 1, 2, 3, 7, 6, 4;

-- name: findings
SELECT f.rule, f.level, f.title, f.message, f.id FROM incident_finding AS i JOIN finding AS f ON f.id = i.finding WHERE i.incident = ?1 ORDER BY i.ordinal;

-- name: finding_acts
SELECT act FROM finding_event WHERE finding = ?1 ORDER BY step, act;

-- name: identities
-- Of those that an incident is about: (relation, name, member, strength, because, path, line).
WITH about AS (SELECT DISTINCT entity FROM party WHERE incident = ?1 AND role IN ('other', 'taken', 'restored', 'subject', 'responder'))
SELECT 'is', (SELECT name FROM called WHERE entity = i.same_as) AS name, e.name AS member, i.strength, i.because, s.path || iif(s.member = '', '', '!' || s.member), coalesce(v.line, t.line)
FROM identity AS i JOIN about AS a ON a.entity = i.same_as JOIN entity AS e ON e.id = i.entity AND e.kind <> 2 AND e.name <> (SELECT name FROM called WHERE entity = i.same_as)
LEFT JOIN identity_cite AS c ON c.entity = i.entity AND c.same_as = i.same_as AND c.reason = i.reason AND c.ordinal = 1
LEFT JOIN event AS v ON v.id = c.event LEFT JOIN state AS t ON t.id = c.state LEFT JOIN source AS s ON s.id = coalesce(v.source, t.source)
UNION ALL
SELECT 'looks-like', (SELECT name FROM called WHERE entity = u.other), e.name, NULL, u.because, s.path || iif(s.member = '', '', '!' || s.member), coalesce(v.line, t.line)
FROM unjoined AS u JOIN about AS a ON a.entity = u.other JOIN entity AS e ON e.id = u.entity
LEFT JOIN event AS v ON v.id = u.event LEFT JOIN state AS t ON t.id = u.state LEFT JOIN source AS s ON s.id = coalesce(v.source, t.source)
UNION ALL
SELECT l.kind, (SELECT name FROM called WHERE entity = l.a), (SELECT name FROM called WHERE entity = l.b), NULL, l.because, NULL, NULL
FROM link AS l WHERE l.kind IN ('restored-as', 're-registered') AND (l.a IN (SELECT entity FROM about) OR l.b IN (SELECT entity FROM about))
ORDER BY 2, 1, 3, 5;
