-- SPDX-License-Identifier: Apache-2.0
-- What rules are run over, and what they find: used by src/correlate only.

-- name: acts
SELECT a.id, a.event, a.time, a.until, a.action, a.outcome, a.actor, a.actor_text, a.target, a.object, a.version, a.file, a.address, a.message,
       a.text, coalesce(e.source, t.source), coalesce(e.type, t.type)
FROM act AS a LEFT JOIN event AS e ON e.id = a.event LEFT JOIN state AS t ON t.id = a.state AND a.event IS NULL
ORDER BY coalesce(a.time, a.until), a.until, a.id;

-- name: records_of_act
SELECT e.own, e.type, e.address, e.source, e.shared FROM attest AS t CROSS JOIN event_row AS e ON e.id = t.event
WHERE t.act = ?1 AND t.how = 'record' ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: events
-- From the table: what events have in common is looked up once, not put into the fields of each.
SELECT id, coalesce(time, id >> 10), span, precision, action, outcome, actor, target, object, version, file, address, message, text, source, type,
       own, shared
FROM event_row ORDER BY id;

-- name: told
-- Events that acts tell of; an act that was concluded from other words leaves them to be looked at for themselves.
-- What tells of an act that another event tells of is a part of that one.
SELECT event FROM attest WHERE event IS NOT NULL AND how = 'record' UNION SELECT event FROM twin ORDER BY event;

-- name: leads
SELECT DISTINCT lead FROM twin ORDER BY lead;

-- name: twins_of
SELECT e.own, e.type, e.address, e.source, e.shared FROM twin AS t CROSS JOIN event_row AS e ON e.id = t.event
WHERE t.lead = ?1 ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: entity
SELECT kind, name, EXISTS (SELECT 1 FROM alias WHERE entity = e.id) FROM entity AS e WHERE id = ?1;

-- name: named
SELECT e.id FROM realm AS r CROSS JOIN entity AS e ON e.kind = ?1 AND e.realm = r.id AND e.key = ?2 ORDER BY r.name;

-- name: former_holders
SELECT a FROM link WHERE kind = 're-registered' AND b = ?1 ORDER BY a;

-- name: any_former_holder
SELECT 1 FROM link WHERE kind = 're-registered' LIMIT 1;

-- name: sources
SELECT s.id, s.path || iif(s.member = '', '', '!' || s.member), s.format, s.profile, r.name, s.realm FROM source AS s
LEFT JOIN realm AS r ON r.id = s.realm WHERE s.status = 'read' ORDER BY s.path, s.member;

-- name: logsources
SELECT realm, key, value FROM service WHERE topic = 'logsource' ORDER BY realm, key;

-- name: native_names
SELECT realm, key, value FROM service WHERE topic = 'native' ORDER BY realm, key;

-- name: add_hit
INSERT INTO hit_row(id, act, event) VALUES (?1, ?2, ?3);

-- name: add_hits_of
INSERT INTO hit_rule(name, first, last) VALUES (?1, ?2, ?3);

-- name: add_finding
INSERT INTO finding(rule, key, level, certainty, title, message, because, incident, pattern, actor, target, source, line, "offset", length)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?12, ?9, ?10, coalesce(e.source, t.source), coalesce(e.line, t.line), coalesce(e."offset", t."offset"),
       coalesce(e.length, t.length)
FROM act AS a LEFT JOIN event AS e ON e.id = a.event LEFT JOIN state AS t ON t.id = a.state AND a.event IS NULL WHERE a.id = ?11;

-- name: add_finding_event
INSERT INTO finding_event(finding, step, act, what, because) VALUES (?1, ?2, ?3, ?4, ?5);
