-- SPDX-License-Identifier: Apache-2.0
-- Facts to conclusions: used by src/correlate only. Action and kind numbers are always bound.

-- name: entities
SELECT coalesce(max(id), 0) FROM entity;

-- name: notice_rules
SELECT realm, key, value FROM service WHERE topic = 'notice' ORDER BY realm, key;

-- name: name_of
SELECT coalesce((SELECT n.name FROM alias AS a JOIN entity AS n ON n.id = a.name JOIN source AS s ON s.id = a.source
                 WHERE a.entity = e.id ORDER BY s.serial DESC, s.last DESC, s.taken DESC, s.path DESC, s.member DESC, n.name LIMIT 1), e.name)
FROM entity AS e WHERE e.id = ?1;

-- name: ids
SELECT a.entity, a.name, e.kind, a.source, s.taken FROM alias AS a JOIN entity AS e ON e.id = a.entity JOIN source AS s ON s.id = a.source
ORDER BY a.entity, s.serial, s.last, s.taken, s.path, s.member, a.name;

-- name: order_of_sources
SELECT id FROM source ORDER BY serial, last, taken, path, member;

-- name: sources_by_name
SELECT id FROM source ORDER BY path, member;

-- name: definitions
-- The rows that give ids their names: (id, source, row, born).
SELECT CASE v.key WHEN 'accounts' THEN t.subject WHEN 'projects' THEN t.object ELSE t.detail END, t.source, t.id, t.born
FROM service AS v JOIN entity AS y ON y.kind = ?1 AND y.realm = v.realm AND y.key = v.value JOIN state AS t ON t.type = y.id
WHERE v.topic = 'table' AND v.key IN ('accounts', 'projects', 'releases', 'networks');

-- name: names_used_before
-- Only where one clock dates both: in the database of a service whose rows carry the time of their transaction.
WITH made AS MATERIALIZED (
  SELECT DISTINCT c.target AS id, c.id >> 10 AS at, s.realm FROM event AS c JOIN source AS s ON s.id = c.source
  JOIN entity AS e ON e.id = c.target AND e.kind = ?2
  WHERE c.action = ?1 AND c.precision > 0 AND c.span = 0 AND s.realm IN (SELECT realm FROM service WHERE topic = 'same-transaction'))
SELECT m.id, a.name, min(coalesce((SELECT u.id FROM event AS u JOIN source AS s ON s.id = u.source AND s.realm = m.realm
                           WHERE u.actor = a.name AND u.precision > 0 AND u.span = 0 AND u.id < m.at * 1024 ORDER BY u.id LIMIT 1),
                          (SELECT u.id FROM event AS u JOIN source AS s ON s.id = u.source AND s.realm = m.realm
                           WHERE u.target = a.name AND u.precision > 0 AND u.span = 0 AND u.id < m.at * 1024 ORDER BY u.id LIMIT 1))) AS used
FROM made AS m JOIN alias AS a ON a.entity = m.id GROUP BY m.id, a.name HAVING used IS NOT NULL ORDER BY m.id, a.name;

-- name: may_be_restored
SELECT DISTINCT t.subject, a.name FROM state AS t
JOIN entity AS y ON y.id = t.type
JOIN source AS s ON s.id = t.source
JOIN service AS v ON v.realm = s.realm AND v.topic = 'table' AND v.key = 'accounts' AND v.value = y.key
JOIN alias AS a ON a.entity = t.subject AND a.source = t.source
WHERE t.born IS NOT NULL
  AND EXISTS (SELECT 1 FROM event AS e WHERE e.id BETWEEN t.born * 1024 AND t.born * 1024 + 1023
              AND e.object IS NOT NULL AND e.actor IS NOT NULL AND e.actor <> a.name AND e.actor <> t.subject)
  AND NOT EXISTS (SELECT 1 FROM event AS e WHERE e.target = t.subject AND e.action = ?1)
ORDER BY t.subject;

-- name: role_targets
SELECT DISTINCT target FROM event WHERE action BETWEEN ?1 AND ?2 AND target IS NOT NULL ORDER BY target;

-- name: accounts_by_key
SELECT e.id, e.name FROM entity AS e JOIN realm AS r ON r.id = e.realm WHERE e.kind = ?1 AND e.key = ?2
ORDER BY e.realm NOT IN (SELECT realm FROM service WHERE topic = 'same-transaction'), r.name;

-- name: add_identity
INSERT INTO identity(entity, same_as, reason, strength, because, since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING;

-- name: add_identity_cite
INSERT INTO identity_cite(entity, same_as, reason, ordinal, event, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING;

-- name: add_unjoined
INSERT INTO unjoined(entity, other, reason, because, event, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING;

-- name: event
SELECT coalesce(time, id >> 10), span, precision, basis, action, outcome, actor, target, object, version, file, address, message, text, source
FROM event WHERE id = ?1;

-- name: unmasked
SELECT actor, because FROM unmasked WHERE event = ?1;

-- name: add_unmasked
INSERT INTO unmasked(event, actor, reason, because, by_event) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING;

-- name: unmask_rows
UPDATE unmasked SET actor = ?2, reason = 'notice', because = ?3, by_event = ?4
WHERE actor IS NULL AND event IN (SELECT event FROM attest WHERE act = ?1 AND how = 'record');

-- name: unmask_act
UPDATE act SET actor = ?2, why = coalesce(why || char(10), '') || ?3 WHERE id = ?1;

-- name: count_masked
INSERT INTO masked(realm, resolved, unknown)
SELECT s.realm, sum(u.actor IS NOT NULL), sum(u.actor IS NULL) FROM unmasked AS u JOIN event AS e ON e.id = u.event JOIN source AS s ON s.id = e.source
GROUP BY s.realm ORDER BY s.realm;

-- name: attribute
SELECT fields ->> ?2 FROM event WHERE id = ?1 AND fields ->> ?2 IS NOT NULL;

-- name: add_act
INSERT INTO act(time, until, precision, basis, event, state, action, outcome, actor, actor_text, target, object, version, file,
                address, message, text, title, why)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);

-- name: attest_event
-- "OR FAIL": nobody asks for the state before it when it fails, so that SQLite keeps no copies of pages for each.
INSERT OR FAIL INTO attest(act, source, "offset", record, line, length, event, how)
SELECT ?1, source, "offset", record, line, length, id, ?3 FROM event WHERE id = ?2
UNION ALL
SELECT ?1, source, "offset", record, line, length, event, iif(part = 0, 'copy', 'line') FROM witness WHERE event = ?2
ON CONFLICT DO NOTHING;

-- name: attest_state
INSERT INTO attest(act, source, "offset", record, line, length, state, how)
SELECT ?1, source, "offset", record, line, length, id, 'state' FROM state WHERE id = ?2 ON CONFLICT DO NOTHING;

-- name: attest_births
INSERT INTO attest(act, source, "offset", record, line, length, state, how)
WITH birth AS MATERIALIZED (SELECT a.id, a.time, e.target FROM act AS a JOIN event AS e ON e.id = a.event WHERE +a.action = ?1) -- "+": there may be many
SELECT b.id, t.source, t."offset", t.record, t.line, t.length, t.id, 'state'
FROM state AS t CROSS JOIN birth AS b ON b.target = t.subject AND b.time = t.born
WHERE true ORDER BY b.id, t.id ON CONFLICT DO NOTHING;

-- name: add_link
INSERT INTO link(kind, a, b, because) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;

-- name: stream
-- Ids are sorted, not rows. Fields are put together once, and read by the one who asks.
SELECT e.id, coalesce(e.time, e.id >> 10), e.action, e.actor, e.target, e.object, (SELECT realm FROM source WHERE id = e.source), e.type, e.fields,
       e.source, e."offset"
FROM event AS e WHERE e.id IN (
  SELECT r.id FROM event_row AS r
  WHERE r.source IN (SELECT id FROM source WHERE realm IN (SELECT realm FROM service WHERE topic = 'same-transaction' AND key = 'by' AND value = 'time')
                     AND id NOT IN (SELECT source FROM beside))
    AND r.precision > 0 AND r.span = 0 AND (r.action BETWEEN ?1 AND ?2 OR r.action IN (?3, ?4, ?5)))
ORDER BY e.id;

-- name: sources_of_transactions
SELECT id FROM source WHERE realm IN (SELECT realm FROM service WHERE topic = 'same-transaction' AND key = 'by' AND value = 'time')
  AND id NOT IN (SELECT source FROM beside) ORDER BY path, member;

-- name: ids_of_events
SELECT id FROM event_row ORDER BY id;

-- name: rows_of_moment
SELECT e.id, ?1, e.action, e.actor, e.target, e.object, e.version, e.file, e.type, (SELECT realm FROM source WHERE id = e.source), e.source, e."offset",
       e.fields
FROM event AS e WHERE e.id BETWEEN ?1 * 1024 AND ?1 * 1024 + 1023 AND coalesce(e.time, ?1) = ?1 AND e.precision > 0 AND e.span = 0
  AND e.action NOT BETWEEN ?2 AND ?3 AND e.action NOT IN (?4, ?5);

-- name: add_twin
INSERT INTO twin(event, lead) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: address_rows
-- How far an account has shown that the mailbox is its own: 2 it is or once was verified, 1 the table does not tell, 0 it is not.
SELECT t.detail, t.subject, CAST(substr(min(s.path || char(10) || s.member || printf('%020d%020d', t."offset", t.id)), -20) AS INTEGER), max(CASE
    WHEN f.value IS NULL OR json_type(t.value, '$.' || json_extract(f.value, '$.field')) IS NULL THEN 1
    WHEN json_extract(t.value, '$.' || json_extract(f.value, '$.field')) IN ('t', 'true', '1') THEN 2
    WHEN coalesce(json_extract(t.value, '$.' || json_extract(f.value, '$.lost')), '') <> '' THEN 2 ELSE 0 END), v.realm
FROM service AS v JOIN entity AS y ON y.kind = ?1 AND y.realm = v.realm AND y.key = v.value JOIN state AS t ON t.type = y.id JOIN source AS s ON s.id = t.source
LEFT JOIN service AS f ON f.realm = v.realm AND f.topic = 'verified' AND f.key = v.value
WHERE v.topic = 'table' AND v.key = 'addresses' AND t.detail IS NOT NULL AND t.subject IS NOT NULL
GROUP BY t.detail, t.subject ORDER BY t.detail, 4 DESC, (SELECT r.name FROM realm AS r WHERE r.id = v.realm), (SELECT key FROM entity WHERE id = t.subject);

-- name: address_tables
SELECT count(DISTINCT realm) FROM service WHERE topic = 'table' AND key = 'addresses';

-- name: realms_in_order
SELECT id FROM realm ORDER BY id NOT IN (SELECT realm FROM service WHERE topic = 'same-transaction'), name;

-- name: associations
-- Rows that say by which account of another service an account signs in: of a table of their own that names its owner by another, or of the accounts'.
SELECT coalesce(t.subject, o.subject), t.id, coalesce(json_extract(v.value, '$.is'), json_extract(t.value, '$.' || json_extract(v.value, '$.service'))),
       json_extract(t.value, '$.' || json_extract(v.value, '$.name')), min(o.id)
FROM service AS v JOIN entity AS y ON y.kind = ?1 AND y.realm = v.realm AND y.key = v.key JOIN state AS t ON t.type = y.id
LEFT JOIN entity AS z ON z.kind = ?1 AND z.realm = v.realm AND z.key = json_extract(v.value, '$.owner') LEFT JOIN state AS o ON o.type = z.id AND o.detail = t.detail
WHERE v.topic = 'association' AND coalesce(t.subject, o.subject) IS NOT NULL
GROUP BY t.id ORDER BY 1, 3, 4, t.id;

-- name: used_ids
-- Sessions, devices and tokens by which accounts of several services act: (what, id, realm, account, first event).
WITH fields AS MATERIALIZED (SELECT realm, key, value FROM service WHERE topic = 'same-id' AND key IN ('session', 'device', 'token'))
SELECT f.key, e.fields ->> f.value AS id, f.realm, e.actor, min(e.id) FROM event AS e JOIN source AS s ON s.id = e.source JOIN fields AS f ON f.realm = s.realm
WHERE (SELECT count(DISTINCT realm) FROM fields WHERE realm IN (SELECT realm FROM source)) > 1
  AND e.actor IS NOT NULL AND e.outcome <> ?1 AND length(e.fields ->> f.value) >= ?2 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 5;

-- name: account_in
SELECT id FROM entity WHERE kind = ?1 AND realm = (SELECT id FROM realm WHERE name = ?2) AND key = ?3;

-- name: addresses_called
SELECT e.id FROM entity AS e JOIN realm AS r ON r.id = e.realm WHERE e.kind = ?1 AND e.realm IN (SELECT id FROM realm) AND e.key = ?2
ORDER BY e.realm NOT IN (SELECT realm FROM service WHERE topic = 'same-transaction'), r.name LIMIT 1;

-- name: addresses_of_realms
SELECT id, key FROM entity WHERE kind = ?1 AND key IN (SELECT key FROM entity WHERE kind = ?1 GROUP BY key HAVING count(*) > 1) ORDER BY key, (SELECT name FROM realm WHERE realm.id = entity.realm);

-- name: all_addresses
SELECT id, key FROM entity WHERE kind = ?1 ORDER BY key, (SELECT name FROM realm WHERE realm.id = entity.realm);

-- name: replies_from_others
SELECT r.actor, min(m.target), l.a, l.b, EXISTS (SELECT 1 FROM identity WHERE entity = r.actor AND reason IN ('address-row', 'notices'))
FROM link AS l JOIN event AS r ON r.id = l.b JOIN entity AS f ON f.id = r.actor AND f.kind = ?1
JOIN event AS q ON q.id = l.a JOIN event AS m ON m.message = q.message AND m.target IS NOT NULL AND m.action BETWEEN ?2 AND ?3
JOIN entity AS t ON t.id = m.target AND t.kind = ?1
WHERE l.kind = 'reply' GROUP BY l.a, l.b
HAVING count(DISTINCT m.target) = 1 AND min(m.target) <> r.actor AND q.actor IS NOT r.actor ORDER BY l.a, l.b;

-- name: unexplained_notices
SELECT e.id, coalesce(e.time, e.id >> 10), e.target, e.fields ->> 'subject', s.realm FROM event AS e
CROSS JOIN source AS s ON s.id = e.source
WHERE e.action = ?1 AND e.precision > 0 AND e.target IS NOT NULL
  AND s.realm IN (SELECT realm FROM service WHERE topic = 'notice')
  AND NOT EXISTS (SELECT 1 FROM identity AS i CROSS JOIN entity AS x ON x.id = i.same_as WHERE i.entity = e.target AND x.kind IN (?2, ?3)
                  AND (i.since IS NULL OR i.since <= e.id >> 10))
  AND e.fields ->> 'subject' IS NOT NULL
ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: acts_before
SELECT id, time, actor, target, object FROM act WHERE action = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time DESC, id DESC;

-- name: notices_after
SELECT e.id, e.target, e.fields ->> 'subject' FROM event AS e
CROSS JOIN source AS s ON s.id = e.source
WHERE e.id BETWEEN ?1 * 1024 AND ?2 * 1024 + 1023 AND e.action = ?3 AND e.target IS NOT NULL AND s.realm = ?4
  AND e.fields ->> 'subject' IS NOT NULL
ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: accounts_of_mailbox
SELECT same_as, because FROM identity WHERE entity = ?1 AND reason IN ('address-row', 'notices') AND (since IS NULL OR since <= ?2)
ORDER BY since IS NULL, since DESC, reason, same_as;

-- name: mailboxes_of_account
SELECT entity, min(because) FROM identity WHERE same_as = ?1 AND reason IN ('address-row', 'notices') GROUP BY entity ORDER BY max(reason) DESC, entity;

-- name: subject_mails
SELECT e.id, coalesce(e.time, e.id >> 10), e.target, e.fields ->> 'subject', s.realm FROM event AS e
CROSS JOIN source AS s ON s.id = e.source
WHERE e.action = ?1 AND e.precision > 0 AND e.target IS NOT NULL
  AND s.realm IN (SELECT realm FROM service WHERE topic = 'notice')
  AND e.fields ->> 'subject' IS NOT NULL
ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: last_proof_of_address
SELECT d.id, coalesce(d.time, d.id >> 10) FROM event AS d
WHERE d.target = ?1 AND d.action = ?2 AND d.id < ?3 * 1024
  AND EXISTS (SELECT 1 FROM alias AS i JOIN event AS m ON m.message = i.name
              WHERE i.entity = d.message AND m.target = d.target AND m.fields ->> 'missing' = 'f')
ORDER BY d.id DESC LIMIT 1;

-- name: first_proof_of_absence
SELECT d.id, max(coalesce(d.time, d.id >> 10)) AS told, m.id FROM event AS m JOIN alias AS i ON i.name = m.message
JOIN event AS d ON d.message = i.entity AND d.target = m.target
WHERE m.target = ?1 AND m.action = ?2 AND m.fields ->> 'missing' = 't' AND d.precision > 0 AND d.id >= ?3 * 1024
GROUP BY m.id ORDER BY told, m.id LIMIT 1;

-- name: last_own_act
SELECT e.id, coalesce(e.time, e.id >> 10) + e.span FROM event AS e
WHERE e.actor IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
  AND e.precision > 0 AND e.outcome <> ?2 AND e.id < ?3 * 1024
ORDER BY e.id >> 10 DESC, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset" LIMIT 1;

-- name: flags
SELECT v.realm, v.key, json_extract(v.value, '$.set'), json_extract(v.value, '$.unset'), json_extract(v.value, '$.word'),
       json_extract(v.value, '$.table')
FROM service AS v WHERE v.topic = 'flag' ORDER BY v.realm, v.key;

-- name: flagged
WITH set_once AS MATERIALIZED (
  SELECT DISTINCT q.subject FROM state AS q JOIN entity AS z ON z.id = q.type AND z.key = ?3
  WHERE json_extract(q.value, '$.' || ?2) = 't')
SELECT t.subject, json_extract(t.value, '$.' || ?2) = 't', s.taken, t.id FROM state AS t
JOIN entity AS y ON y.id = t.type AND y.key = ?3
JOIN source AS s ON s.id = t.source AND s.realm = ?1
WHERE t.subject IN (SELECT subject FROM set_once)
ORDER BY t.subject, s.serial, s.last, s.taken, s.path, s.member;

-- name: has_event
SELECT 1 FROM event WHERE target = ?1 AND action = ?2 LIMIT 1;

-- name: statements
SELECT id, coalesce(time, id >> 10), coalesce(time, id >> 10) + span, actor, text, action, source FROM event
WHERE id BETWEEN ?1 * 1024 AND ?2 * 1024 + 1023 AND action IN (?3, ?4) AND text IS NOT NULL AND instr(lower(text), lower(?5)) > 0
ORDER BY id;

-- name: state_rows
SELECT t.id FROM state AS t JOIN source AS s ON s.id = t.source
WHERE t.row_key = (SELECT row_key FROM state WHERE id = ?1) AND t.digest = (SELECT digest FROM state WHERE id = ?1)
ORDER BY s.serial, s.last, s.taken, s.path, s.member, t."offset";

-- name: birth
SELECT t.id, t.born FROM state AS t JOIN entity AS y ON y.id = t.type
JOIN source AS s ON s.id = t.source
JOIN service AS v ON v.realm = s.realm AND v.topic = 'table' AND v.key = 'accounts' AND v.value = y.key
WHERE t.subject = ?1 AND t.born IS NOT NULL ORDER BY s.serial, s.last, s.taken, s.path, s.member, t."offset" LIMIT 1;

-- name: deletion_of
SELECT id, time, until FROM act WHERE action = ?1 AND target = ?2 ORDER BY until DESC, id DESC;

-- name: actors_at
SELECT DISTINCT actor FROM act WHERE time = ?1 AND until = ?1 AND actor IS NOT NULL AND actor NOT IN (?2, ?3) ORDER BY actor;

-- name: retarget
UPDATE act SET target = iif(target = ?1, ?2, target), actor = iif(actor = ?1, ?2, actor) WHERE ?1 IN (target, actor) AND time >= ?3;

-- name: move_identity
UPDATE OR REPLACE identity SET same_as = ?2, since = NULL, until = NULL WHERE same_as = ?1;

-- name: move_cites
UPDATE OR REPLACE identity_cite SET same_as = ?2 WHERE same_as = ?1;

-- name: bound_act
UPDATE act SET time = max(coalesce(time, ?2), ?2), until = min(coalesce(until, ?3), ?3) WHERE id = ?1;

-- name: dumps
SELECT s.id, s.taken, s.realm, v.value FROM source AS s
JOIN service AS v ON v.realm = s.realm AND v.topic = 'table' AND v.key = 'accounts'
WHERE s.taken IS NOT NULL AND EXISTS (SELECT 1 FROM tally AS t WHERE t.source = s.id AND t.type = v.value AND t.what = 'state')
ORDER BY (SELECT name FROM realm WHERE id = s.realm), s.serial, s.last, s.taken, s.path, s.member;

-- name: only_in
SELECT t.id, t.subject, t.born FROM state AS t JOIN entity AS y ON y.id = t.type AND y.key = ?3
WHERE t.source = ?1 AND NOT EXISTS (SELECT 1 FROM state AS o WHERE o.row_key = t.row_key AND o.source = ?2)
ORDER BY t.id;

-- name: restored_as
SELECT b FROM link WHERE kind = 'restored-as' AND a = ?1 ORDER BY b;

-- name: mailbox_by_key
SELECT id FROM entity WHERE kind = ?1 AND key = ?2;

-- name: creation_of
SELECT time FROM act WHERE action = ?1 AND target = ?2 AND time BETWEEN ?3 AND ?4 ORDER BY time DESC LIMIT 1;

-- name: add_scope
INSERT INTO scope(incident, act, phase, because) VALUES (?1, ?2, '', ?3) ON CONFLICT DO NOTHING;

-- name: mails_of
SELECT e.id, e.message, e.actor, e.target, coalesce(e.fields ->> 'subject' || ' ', '') || coalesce(e.text, ''), e.action,
       e.fields ->> 'in-reply-to',
       e.fields ->> 'from', m.name, e.source, coalesce(e.time, e.id >> 10), coalesce(e.time, e.id >> 10) + e.span, e.id >> 10
FROM event AS e JOIN entity AS m ON m.id = e.message
WHERE (e.target = ?1 OR e.actor = ?1) AND e.id >= ?2 * 1024 AND e.precision > 0 AND e.action IN (?3, ?4)
ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: events_of_message
SELECT e.id, e.action, e.actor, coalesce(e.time, e.id >> 10), coalesce(e.time, e.id >> 10) + e.span, e.text IS NOT NULL, e.target, e.source
FROM event AS e JOIN source AS s ON s.id = e.source
WHERE e.message = ?1 AND e.precision > 0 ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: chat
SELECT e.id, e.actor, e.object, e.text,
       e.fields ->> 'ts',
       e.fields ->> 'thread', e.id >> 10, coalesce(e.time, e.id >> 10)
FROM event AS e WHERE e.action IN (?1, ?4) AND e.id >= ?2 * 1024 AND coalesce(e.time, e.id >> 10) < ?3
ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: mention_marks
SELECT (SELECT value FROM service WHERE realm = s.realm AND topic = 'mention' AND key = 'open'),
       (SELECT value FROM service WHERE realm = s.realm AND topic = 'mention' AND key = 'close'), s.realm
FROM event AS e JOIN source AS s ON s.id = e.source WHERE e.id = ?1;

-- name: entity_by_key
SELECT id FROM entity WHERE kind = ?1 AND realm = ?2 AND key IN (?3, ?4) ORDER BY key <> ?3 LIMIT 1;

-- name: statement_about
SELECT a.target, a.id FROM attest AS t JOIN act AS a ON a.id = t.act WHERE t.event = ?1 AND t.how = 'statement' ORDER BY a.id;

-- name: audit
-- What is part of handing in a message (it has a queue id) is told by the message.
SELECT e.id, e.actor, coalesce(e.time, e.id >> 10),
       coalesce(e.text, '') || ' ' || coalesce(e.fields, '') || ' ' || coalesce((SELECT name FROM entity WHERE id = e.target), '') || ' ' ||
       coalesce((SELECT name FROM entity WHERE id = e.object), '')
FROM event AS e JOIN source AS s ON s.id = e.source
WHERE e.id BETWEEN ?1 * 1024 AND ?2 * 1024 + 1023 AND e.actor IS NOT NULL AND e.action NOT BETWEEN ?3 AND ?4 AND e.action <> ?5
  AND (e.txn IS NULL OR e.source NOT IN (SELECT source FROM mail_log))
  AND s.realm NOT IN (SELECT realm FROM service WHERE topic IN ('same-transaction', 'statements')) -- these are told of by the rows that they wrote
ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: set_phase
UPDATE scope SET phase = ?3, fold = ?4 WHERE incident = ?1 AND act = ?2;

-- name: incidents
SELECT i.id, i.finding, (SELECT entity FROM party WHERE incident = i.id AND role = 'other' ORDER BY ordinal LIMIT 1),
       (SELECT entity FROM party WHERE incident = i.id AND role = 'taken' ORDER BY ordinal LIMIT 1), i.kind
FROM incident AS i ORDER BY i.id;

-- name: noticed_acts
SELECT a.id, a.action, coalesce(a.time, a.until), a.until, a.actor, a.target, a.object, a.event FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND s.phase IN ('preparation', 'takeover', 'destruction') ORDER BY coalesce(a.time, a.until), a.id;

-- name: mail_rows
SELECT e.id, e.target, e.fields ->> 'subject', e.message, coalesce(e.time, e.id >> 10), s.realm, m.name FROM event AS e
CROSS JOIN source AS s ON s.id = e.source
LEFT JOIN entity AS m ON m.id = e.message
WHERE e.id BETWEEN ?1 * 1024 AND ?2 * 1024 + 1023 AND e.action = ?3 AND e.target IS NOT NULL
  AND e.fields ->> 'subject' IS NOT NULL
ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: deliveries
SELECT d.id, coalesce(d.time, d.id >> 10), d.action, d.source, coalesce(d.time, d.id >> 10) + d.span FROM event AS d
WHERE d.message IN (SELECT entity FROM alias WHERE name = ?1) AND d.action = ?3 AND d.precision > 0
UNION ALL
SELECT d.id, coalesce(d.time, d.id >> 10), d.action, d.source, coalesce(d.time, d.id >> 10) + d.span FROM event AS d
WHERE d.message IN (SELECT id FROM entity WHERE kind = ?5 AND key = ?4 AND id <> ?1) AND d.target = ?2 AND d.action IN (?3, ?6, ?7) AND d.precision > 0
UNION ALL
SELECT d.id, coalesce(d.time, d.id >> 10), d.action, d.source, coalesce(d.time, d.id >> 10) + d.span FROM event AS d
WHERE d.message = ?1 AND d.target = ?2 AND d.action = ?3 AND d.precision > 0
ORDER BY 2, 1;

-- name: message_domain
SELECT value FROM service WHERE realm = ?1 AND topic = 'message' AND key = 'domain';

-- name: add_notice
INSERT INTO notice(incident, act, event, mailbox, recipient, subject, sent, delivered) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING;

-- name: first_of
SELECT a.id, a.time, a.until, a.basis FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND (?2 = '' OR s.phase = ?2) AND (?3 = 0 OR a.action = ?3) AND (?4 IS NULL OR a.target = ?4)
  AND coalesce(a.time, a.until) >= ?5
ORDER BY coalesce(a.time, a.until), a.until, a.id LIMIT 1;

-- name: last_of
SELECT a.id, a.time, a.until, a.basis FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND (?2 = '' OR s.phase = ?2) AND (?3 = 0 OR a.action = ?3) AND (?4 IS NULL OR a.target = ?4)
  AND coalesce(a.time, a.until) >= ?5
ORDER BY a.until DESC, coalesce(a.time, a.until) DESC, a.id DESC LIMIT 1;

-- name: add_metric
INSERT INTO metric(incident, name, ordinal, from_act, to_act, least, most)
SELECT ?1, ?2, 1 + (SELECT count(*) FROM metric WHERE incident = ?1), ?3, ?4, ?5, ?6;

-- name: add_rule
INSERT INTO rule(id, title, level, status, description, author, date, file, lists) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING;

-- name: add_note
INSERT INTO finding(rule, key, level, title, message, source, line, "offset", length)
VALUES (?1, ?1 || ' ' || coalesce(?9, (SELECT path || iif(member = '', '', '!' || member) FROM source WHERE id = ?5), ''), ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: note_rejected
SELECT s.id, r.line, r."offset", r.length, s.rejected, s.records, r.why, NULL FROM source AS s
JOIN reject AS r ON r.id = (SELECT min(id) FROM reject WHERE source = s.id) WHERE s.rejected > 0 ORDER BY s.path, s.member;

-- name: note_assumed
SELECT s.id, NULL, NULL, NULL, count(*), NULL, NULL, NULL FROM event AS e JOIN source AS s ON s.id = e.source
WHERE e.basis & 16 AND s.zone_basis = 'assumed' GROUP BY s.id ORDER BY s.path, s.member;

-- name: note_masked
SELECT (SELECT s.id FROM source AS s WHERE s.realm = m.realm AND s.status = 'read' ORDER BY s.serial DESC, s.last DESC, s.taken DESC, s.path DESC, s.member DESC LIMIT 1),
       NULL, NULL, NULL, m.unknown, m.resolved, NULL, (SELECT name FROM realm WHERE id = m.realm)
FROM masked AS m WHERE m.unknown > 0 ORDER BY m.realm;

-- name: note_silence
SELECT e.source, e.line, e."offset", e.length,
       strftime('%Y-%m-%d %H:%M:%S', x."from" / 1000000, 'unixepoch') || ' to ' || strftime('%Y-%m-%d %H:%M:%S', x."to" / 1000000, 'unixepoch'),
       x.expected || ' of ' || x.steps || CASE t.step WHEN 1 THEN ' minutes' WHEN 60 THEN ' hours' WHEN 1440 THEN ' days' ELSE ' steps of ' || t.step || ' minutes' END,
       iif(x.after IS NULL, ', its end', ''), t.name || ' ' || x."from"
FROM silence AS x JOIN stream AS t ON t.id = x.stream JOIN event AS e ON e.id = x.before WHERE x.kind = 'rhythm' ORDER BY x.stream, x.ordinal;

-- name: note_missing
SELECT x.beside, NULL, NULL, NULL, x.name, NULL, NULL, x.name FROM
 (SELECT y.name, y.stream, y.ordinal, (SELECT source FROM stream_source AS q JOIN source AS s ON s.id = q.source WHERE q.stream = y.stream ORDER BY s.path, s.member LIMIT 1) AS beside
  FROM silence AS y WHERE y.kind = 'file') AS x ORDER BY x.stream, x.ordinal;

-- name: note_contradicted
SELECT c.source, c.line, c."offset", c.length, k.name, k.matched, NULL, k.name FROM claim AS k
LEFT JOIN cite AS c ON c.incident = 0 AND c."of" = 'claim' AND c.name = k.name AND c.fact = 'matched' AND c.ordinal = 1
WHERE k.incident = 0 AND k.verdict = 'contradicted' ORDER BY k.ordinal;

-- name: note_open
SELECT NULL, NULL, NULL, NULL, k.name, replace(json_extract(k.facts, '$.why'), char(10), ' '), NULL, k.name FROM claim AS k
WHERE k.incident = 0 AND k.verdict = 'cannot-be-told' ORDER BY k.ordinal;

-- name: note_destroyed
SELECT e.source, e.line, e."offset", e.length, (SELECT name FROM called WHERE entity = g.entity), json_extract(g.facts, '$.lost'), NULL, (SELECT name FROM called WHERE entity = g.entity)
FROM gap AS g JOIN act AS a ON a.id = g.act JOIN event AS e ON e.id = a.event WHERE g.name = 'access' ORDER BY g.incident;

-- name: note_breached
-- Of an address that several accounts had, only of what they had it for; each breach of an address once, of those that incidents share too.
WITH begun AS (SELECT s.incident, min(coalesce(a.time, a.until)) AS at FROM scope AS s JOIN act AS a ON a.id = s.act GROUP BY s.incident)
SELECT e.source, e.line, e."offset", e.length, b.name, (SELECT name FROM called WHERE entity = p.entity),
       coalesce(e.fields ->> 'title', e.fields ->> 'breach', '?') || ' of ' || strftime('%Y-%m-%d', coalesce(e.time, e.id >> 10) / 1000000, 'unixepoch'),
       b.key || ' ' || coalesce(e.fields ->> 'breach', '')
FROM party AS p JOIN begun AS g ON g.incident = p.incident
JOIN identity AS i ON i.same_as = p.entity AND i.reason IN ('address-row', 'notices', 'verified-address') AND (i.since IS NULL OR i.since <= g.at)
JOIN entity AS b ON b.id = i.entity JOIN vocabulary AS v ON v.name = 'address-breach'
JOIN event AS e ON e.target = b.id AND e.action = v.number AND e.precision > 0 AND coalesce(e.time, e.id >> 10) + e.span < g.at
WHERE p.role IN ('taken', 'subject') AND coalesce(e.fields ->> 'fabricated', '') <> 'true' AND json_valid(e.fields ->> 'data')
  AND EXISTS (SELECT 1 FROM json_each(e.fields ->> 'data') WHERE value IN ('Passwords', 'Historical passwords'))
GROUP BY e.id, p.entity ORDER BY e.id, p.entity;

-- name: derived
-- Sources by their place: a source that could not be read has a row here and none when the evidence is read again.
SELECT 'identity', json_array(entity, same_as, reason, strength, since, until, because) FROM identity
UNION ALL
SELECT 'identity_cite', json_array(entity, same_as, reason, ordinal, event, state) FROM identity_cite
UNION ALL
SELECT 'unjoined', json_array(entity, other, reason, because, event, state) FROM unjoined
UNION ALL
SELECT 'disagreement', json_array(about, event, other, of_state, act, said, contradicts, because) FROM disagreement
UNION ALL
SELECT 'finding_place', json_array(finding, ordinal, what, (SELECT path || '!' || member FROM source WHERE id = finding_place.source), line, "offset", length) FROM finding_place
UNION ALL
SELECT 'unmasked', json_array(event, actor, reason, because, by_event) FROM unmasked
UNION ALL
SELECT 'act', json_array(id, time, until, precision, basis, event, state, action, outcome, actor, actor_text, target, object, version, file, address, message, text, title, why) FROM act
UNION ALL
SELECT 'attest', json_array(act, (SELECT path || '!' || member FROM source WHERE id = attest.source), "offset", record, line, length, event, state, how) FROM attest
UNION ALL
SELECT 'link', json_array(kind, a, b, because) FROM link
UNION ALL
SELECT 'clock', json_array((SELECT path || '!' || member FROM source WHERE id = clock.source), piece, "from", "to", least, most, (SELECT path || '!' || member FROM source WHERE id = clock.than), least_pairs, most_pairs, against, applied, because, drift) FROM clock
UNION ALL
SELECT 'clock_pair', json_array((SELECT path || '!' || member FROM source WHERE id = clock_pair.source), piece, side, ordinal, earlier, later, bound, because) FROM clock_pair
UNION ALL
SELECT 'hit', json_array(rule, ordinal, act, event) FROM hit
UNION ALL
SELECT 'rule', json_array(id, title, level, status, description, author, date, file, lists) FROM rule
UNION ALL
SELECT 'finding', json_array(id, rule, key, level, certainty, title, message, because, incident, pattern, actor, target, (SELECT path || '!' || member FROM source WHERE id = finding.source), line, "offset", length) FROM finding
UNION ALL
SELECT 'finding_event', json_array(finding, step, act, what, because) FROM finding_event
UNION ALL
SELECT 'incident', json_array(id, finding, kind) FROM incident
UNION ALL
SELECT 'incident_finding', json_array(incident, finding, ordinal, because) FROM incident_finding
UNION ALL
SELECT 'party', json_array(incident, role, entity, ordinal, because, spread) FROM party
UNION ALL
SELECT 'scope', json_array(incident, act, phase, because, fold) FROM scope
UNION ALL
SELECT 'notice', json_array(incident, act, event, mailbox, recipient, subject, sent, delivered) FROM notice
UNION ALL
SELECT 'exposure', json_array(incident, project, ordinal, from_act, to_act, least, most, releases, named, downloads_least, downloads_most) FROM exposure
UNION ALL
SELECT 'metric', json_array(incident, name, ordinal, from_act, to_act, least, most) FROM metric
UNION ALL
SELECT 'claim', json_array(incident, name, ordinal, verdict, "from", "to", examined, matched, facts) FROM claim
UNION ALL
SELECT 'claim_source', json_array(incident, name, (SELECT path || '!' || member FROM source WHERE id = claim_source.source), type, examined) FROM claim_source
UNION ALL
SELECT 'gap', json_array(incident, name, ordinal, entity, act, facts) FROM gap
UNION ALL
SELECT 'lesson', json_array(incident, name, ordinal, facts) FROM lesson
UNION ALL
SELECT 'cite', json_array(incident, "of", name, fact, ordinal, (SELECT path || '!' || member FROM source WHERE id = cite.source), line, "offset", length, text) FROM cite
UNION ALL
SELECT 'stream', json_array(name, sources, records, first, last, ends, ends_basis, step, tells, database) FROM stream
UNION ALL
SELECT 'stream_source', json_array((SELECT name FROM stream WHERE id = stream), (SELECT path || '!' || member FROM source WHERE id = stream_source.source)) FROM stream_source
UNION ALL
SELECT 'stream_type', json_array((SELECT name FROM stream WHERE id = stream), type, records, first, last) FROM stream_type
UNION ALL
SELECT 'silence', json_array((SELECT name FROM stream WHERE id = stream), ordinal, kind, "from", "to", expected, steps, before, after, name) FROM silence
UNION ALL
SELECT 'masked', json_array(realm, resolved, unknown) FROM masked
ORDER BY 1, 2;

-- name: add_disagreement
INSERT INTO disagreement(about, event, other, of_state, act, said, contradicts, because) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING;

-- name: disagreements
-- In an order that does not depend on that of imports.
SELECT e.source, e.line, e."offset", e.length, s.path || iif(s.member = '', '', '!' || s.member), d.said,
       coalesce(o.source, t.source), coalesce(o.line, t.line), coalesce(o."offset", t."offset"), coalesce(o.length, t.length),
       p.path || iif(p.member = '', '', '!' || p.member), d.contradicts, d.because, d.act, coalesce(e.time, e.id >> 10)
FROM disagreement AS d JOIN event AS e ON e.id = d.event JOIN source AS s ON s.id = e.source
LEFT JOIN event AS o ON d.of_state = 0 AND o.id = d.other LEFT JOIN state AS t ON d.of_state = 1 AND t.id = d.other
JOIN source AS p ON p.id = coalesce(o.source, t.source)
WHERE d.about = ?1 ORDER BY coalesce(e.time, e.id >> 10), s.path, s.member, e."offset", p.path, p.member, coalesce(o."offset", t."offset");

-- name: add_finding_place
INSERT INTO finding_place(finding, ordinal, what, source, line, "offset", length) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- name: dispute_act
UPDATE act SET why = coalesce(why || char(10), '') || ?2 WHERE id = ?1;

-- name: rewritten_rows
-- Rows that two dumps hold under one id and with other contents. What is the same in both is one event with a witness.
WITH twice AS MATERIALIZED (
  SELECT y.id FROM tally AS t JOIN source AS s ON s.id = t.source JOIN entity AS y ON y.kind = ?1 AND y.realm = s.realm AND y.key = t.type
  WHERE s.realm IN (SELECT realm FROM service WHERE topic = 'same-transaction') AND t.what IN ('event', 'duplicate')
    AND s.id NOT IN (SELECT source FROM beside)
  GROUP BY y.id HAVING count(DISTINCT s.id) > 1)
SELECT min(e.id), max(e.id) FROM event AS e WHERE NOT EXISTS (SELECT 1 FROM witness_row AS w WHERE w.event = e.id AND w.part = 0)
  AND e.type IN (SELECT id FROM twice) AND e.fields ->> 'id' IS NOT NULL
GROUP BY e.type, e.fields ->> 'id' HAVING count(DISTINCT e.source) > 1 ORDER BY 1, 2;

-- name: placed_behind
SELECT a.id >> 10 = b.id >> 10 AND (s.path, s.member, a."offset") > (t.path, t.member, b."offset")
FROM event AS a JOIN source AS s ON s.id = a.source, event AS b JOIN source AS t ON t.id = b.source WHERE a.id = ?1 AND b.id = ?2;

-- name: other_births
WITH row AS MATERIALIZED (
  SELECT t.id, t.subject, t.born, s.path || char(10) || s.member AS place FROM service AS v
  JOIN entity AS y ON y.kind = ?3 AND y.realm = v.realm AND y.key = v.value JOIN state AS t ON t.type = y.id JOIN source AS s ON s.id = t.source
  WHERE v.topic = 'table' AND v.key = 'accounts' AND t.born IS NOT NULL)
SELECT e.id, t.id, coalesce(e.time, e.id >> 10), t.born, min(t.place) FROM event AS e CROSS JOIN row AS t ON t.subject = e.target
WHERE e.action = ?1 AND e.precision > 0
  AND (t.born < coalesce(e.time, e.id >> 10) - ?2 OR t.born > coalesce(e.time, e.id >> 10) + e.span + ?2)
GROUP BY e.id ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: told_beside
SELECT e.id FROM event AS e JOIN source AS s ON s.id = e.source
WHERE s.realm IN (SELECT realm FROM service WHERE topic = 'same-transaction') AND e.precision > 0 AND e.action NOT BETWEEN ?1 AND ?2
  AND (e.span > 0 OR s.id IN (SELECT source FROM beside))
ORDER BY coalesce(e.time, e.id >> 10), e.span, s.path, s.member, e."offset", e.id;

-- name: acts_like
-- Acts of this kind on one account and project (?4 0: on any account); whether records of this type and source are among their witnesses.
SELECT a.id, a.time, a.until, a.actor, a.target, a.actor IS NULL AND a.actor_text IS NULL, a.event,
       EXISTS (SELECT 1 FROM attest AS t JOIN event AS e ON e.id = t.event WHERE t.act = a.id AND t.how = 'record' AND e.source = ?5 AND e.type = ?6)
FROM act AS a WHERE a.object IS ?3 AND a.action IN (?1, ?2) AND (?4 = 0 OR a.target = ?4) AND a.time IS NOT NULL AND a.until IS NOT NULL
  AND a.event IS NOT NULL
ORDER BY a.time, a.until, a.id;

-- name: events_like
SELECT e.id, coalesce(e.time, e.id >> 10), coalesce(e.time, e.id >> 10) + e.span FROM event AS e JOIN source AS s ON s.id = e.source
WHERE e.id BETWEEN ?1 * 1024 AND ?2 * 1024 + 1023 AND e.action = ?3 AND e.precision > 0 AND s.realm = (SELECT realm FROM source WHERE id = ?4)
  AND e.span = 0 AND s.id NOT IN (SELECT source FROM beside)
  AND NOT EXISTS (SELECT 1 FROM link AS l JOIN event AS o ON o.id = l.b WHERE l.kind = 'same-act' AND l.a = coalesce((SELECT lead FROM twin WHERE event = e.id), e.id)
                  AND o.source = ?4 AND o.type = ?5)
ORDER BY e.id >> 10, s.path, s.member, e."offset", e.id;

-- name: place_of_event
SELECT source, type, line FROM event WHERE id = ?1;

-- name: lead_of
SELECT lead FROM twin WHERE event = ?1;

-- name: attest_twins
INSERT INTO attest(act, source, "offset", record, line, length, event, how)
SELECT ?1, e.source, e."offset", e.record, e.line, e.length, e.id, 'record' FROM event AS e
WHERE e.id IN (SELECT ?2 UNION ALL SELECT event FROM twin WHERE lead = ?2)
ON CONFLICT DO NOTHING;

-- name: set_actor
UPDATE act SET actor = ?2, why = coalesce(why || char(10), '') || ?3 WHERE id = ?1 AND actor IS NULL;

-- name: masked_act
SELECT a.actor, a.event, EXISTS (SELECT 1 FROM attest AS t JOIN unmasked AS u ON u.event = t.event AND u.actor IS NULL WHERE t.act = a.id AND t.how = 'record')
FROM act AS a WHERE a.id = ?1;

-- name: names_asked
-- What incidents and findings that accuse somebody are about, by the names that they have: accounts, projects, mailboxes.
WITH about AS (
  SELECT entity FROM party WHERE role NOT IN ('address', 'shared-address', 'our-mailbox')
  UNION SELECT actor FROM finding WHERE level <> 'note' AND actor IS NOT NULL UNION SELECT target FROM finding WHERE level <> 'note' AND target IS NOT NULL),
named AS (SELECT entity FROM about UNION SELECT a.name FROM about AS b JOIN alias AS a ON a.entity = b.entity)
SELECT e.id, e.kind, e.key FROM named AS n JOIN entity AS e ON e.id = n.entity WHERE e.kind IN (?1, ?2, ?3) ORDER BY e.kind, e.key, e.realm;

-- name: names_called
SELECT id, kind FROM entity WHERE kind IN (?2, ?3, ?4) AND realm IN (SELECT id FROM realm) AND key = ?1 ORDER BY kind, (SELECT name FROM realm WHERE realm.id = entity.realm);

-- name: names_of_all
SELECT id, kind, key FROM entity WHERE kind IN (?1, ?2, ?3);

-- name: first_place
-- Of records of one time the first by their place; where no record has the name, the row that gives it to an id.
WITH first AS (
  SELECT min(id) AS id FROM (
    SELECT id FROM (SELECT id FROM event_row WHERE actor = ?1 AND precision > 0 ORDER BY id LIMIT 1)
    UNION ALL SELECT id FROM (SELECT id FROM event_row WHERE target = ?1 AND precision > 0 ORDER BY id LIMIT 1)
    UNION ALL SELECT id FROM (SELECT id FROM event_row WHERE object = ?1 AND precision > 0 ORDER BY id LIMIT 1))),
seen AS (
  SELECT e.id AS event, NULL AS state, e.source, e.line, e."offset", e.length FROM first AS f JOIN event AS e
    ON e.id BETWEEN (f.id >> 10) * 1024 AND (f.id >> 10) * 1024 + 1023 AND ?1 IN (e.actor, e.target, e.object)
  UNION ALL
  SELECT NULL, t.id, t.source, t.line, t."offset", t.length FROM identity AS i
  JOIN identity_cite AS c ON c.entity = i.entity AND c.same_as = i.same_as AND c.reason = i.reason JOIN state AS t ON t.id = c.state
  WHERE (i.same_as = ?1 OR i.entity = ?1) AND (SELECT id FROM first) IS NULL)
SELECT n.event, n.state, n.source, n.line, n."offset", n.length, s.path || iif(s.member = '', '', '!' || s.member) || ':' || n.line
FROM seen AS n JOIN source AS s ON s.id = n.source ORDER BY s.path, s.member, n."offset" LIMIT 1;

-- name: first_row
-- For a name that only rows have: they are looked through, there is no index.
SELECT NULL, t.id, t.source, t.line, t."offset", t.length, s.path || iif(s.member = '', '', '!' || s.member) || ':' || t.line
FROM state AS t JOIN source AS s ON s.id = t.source WHERE ?1 IN (t.subject, t.object, t.detail) ORDER BY s.path, s.member, t."offset" LIMIT 1;

-- name: realm_of_finding
SELECT s.realm FROM finding AS f JOIN source AS s ON s.id = f.source WHERE f.id = ?1;

-- name: table
SELECT value FROM service WHERE realm = ?1 AND topic = 'table' AND key = ?2;

-- name: rule
SELECT value FROM service WHERE realm = ?1 AND topic = ?2 AND key = ?3;

-- Rows by what they are on, while incidents are looked at one after the other: each asks for those on its projects.
-- name: hold_rows
CREATE TEMP TABLE IF NOT EXISTS held AS SELECT object, source, id AS state FROM main.state WHERE object IS NOT NULL;

-- name: order_rows
CREATE INDEX IF NOT EXISTS temp.held_object ON held(object, source);

-- name: drop_rows
DROP TABLE temp.held;

-- name: project_releases
SELECT t.born, t.source, t.line, t."offset", t.length, t.subject IS NULL, json_extract(t.value, '$.version'), t.object
FROM held AS h JOIN state AS t ON t.id = h.state JOIN entity AS y ON y.id = t.type AND y.key = ?2
WHERE h.source = ?3 AND h.object IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'project'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'project')
ORDER BY t.born DESC, t."offset";

-- name: project_files
SELECT t.born, t.source, t.line, t."offset", t.length, 0, json_extract(t.value, '$.filename'), r.object
FROM held AS h JOIN state AS r ON r.id = h.state JOIN entity AS z ON z.id = r.type AND z.key = ?4
JOIN held AS g ON g.object = r.detail AND g.source = r.source JOIN state AS t ON t.id = g.state JOIN entity AS y ON y.id = t.type AND y.key = ?2
WHERE h.source = ?3 AND h.object IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'project'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'project')
ORDER BY t.born DESC, t."offset";

-- name: tables_in
SELECT count(*) FROM tally WHERE source = ?1 AND type IN (?2, ?3) AND what = 'state';

-- name: same_rows
SELECT (SELECT count(*) FROM state AS a WHERE a.source = ?1 AND a.type = y.id),
       (SELECT count(*) FROM state AS b WHERE b.source = ?2 AND b.type = y.id),
       (SELECT count(*) FROM state AS a JOIN state AS b ON b.row_key = a.row_key AND b.digest = a.digest AND b.source = ?2
        WHERE a.source = ?1 AND a.type = y.id)
FROM entity AS y WHERE y.key = ?3 AND y.kind = ?4 ORDER BY y.id LIMIT 1;

-- name: journal_of_projects
SELECT count(*), coalesce(sum(e.id >= ?3 * 1024), 0), coalesce(sum(e.id >= ?3 * 1024 AND e.action BETWEEN ?4 AND ?5), 0),
       coalesce(sum(e.fields ->> 'masked-actor' IS NOT NULL), 0),
       e.source, min((SELECT path || char(10) || member FROM source WHERE id = e.source))
FROM event AS e JOIN entity AS y ON y.id = e.type AND y.key = ?2 WHERE e.object IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'project'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'project');

-- name: content_changes
SELECT count(*) FROM event AS e WHERE e.object IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'project'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'project')
  AND e.action BETWEEN ?2 AND ?3 AND e.id >= ?4 * 1024;

-- name: own_records
SELECT count(*), coalesce(sum(e.id > ?2 * 1024 + 1023), 0) FROM event AS e WHERE e.actor IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'other'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'other') AND e.precision > 0;

-- name: last_own_record
SELECT e.source, e.line, e."offset", e.length, coalesce(e.time, e.id >> 10) FROM event AS e
WHERE e.actor IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'other'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'other') AND e.precision > 0 ORDER BY e.id >> 10 DESC, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset" LIMIT 1;

-- name: addressed
SELECT count(*) FROM event AS e JOIN source AS s ON s.id = e.source WHERE s.realm = ?1 AND +e.address IS NOT NULL AND e.precision > 0; -- "+": most have one, in no order

-- name: address_use
WITH own AS (SELECT entity FROM party WHERE incident = ?1 AND role = 'address'
             UNION SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'address'),
involved AS MATERIALIZED (SELECT entity FROM party WHERE incident = ?1 AND role IN ('taken', 'other', 'restored', 'project')
             UNION SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as
             WHERE p.incident = ?1 AND p.role IN ('taken', 'other', 'restored', 'project'))
SELECT count(*), coalesce(sum(coalesce(e.actor, 0) NOT IN (SELECT entity FROM involved) AND coalesce(e.target, 0) NOT IN (SELECT entity FROM involved)
                              AND coalesce(e.object, 0) NOT IN (SELECT entity FROM involved)), 0), e.source, min(s.path || char(10) || s.member)
FROM own AS o CROSS JOIN event AS e ON e.address = o.entity JOIN source AS s ON s.id = e.source WHERE s.realm = ?2 AND e.precision > 0;

-- name: earlier_addresses
SELECT count(*), coalesce(sum(e.address IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'address'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'address')), 0), min(coalesce(e.time, e.id >> 10)), max(coalesce(e.time, e.id >> 10)),
       count(DISTINCT e.address)
FROM event AS e WHERE e.actor IN (SELECT entity FROM identity WHERE same_as = ?2 UNION ALL SELECT ?2)
  AND e.address IS NOT NULL AND e.precision > 0 AND e.id < ?3 * 1024;

-- Matches of what findings are made of, by the project that they are on, while incidents are looked at one after the other; on 0: of all.
-- name: hold_patterns
CREATE TEMP TABLE IF NOT EXISTS held_pattern (rule TEXT NOT NULL, object INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (rule, object)) WITHOUT ROWID;

-- name: fill_patterns
INSERT INTO temp.held_pattern(rule, object, n)
WITH matched AS MATERIALIZED (
  SELECT h.rule, a.object, count(*) AS n FROM hit AS h JOIN act AS a ON a.id = h.act
  WHERE h.rule IN (SELECT pattern FROM finding WHERE pattern IS NOT NULL) AND a.object IS NOT NULL GROUP BY h.rule, a.object)
SELECT rule, object, n FROM matched UNION ALL SELECT rule, 0, sum(n) FROM matched GROUP BY rule;

-- name: drop_patterns
DROP TABLE temp.held_pattern;

-- name: pattern_elsewhere
-- Matches of what the finding is made of, on other projects.
SELECT coalesce((SELECT p.n FROM finding AS f JOIN temp.held_pattern AS p ON p.rule = f.pattern AND p.object = 0 WHERE f.id = ?2), 0)
     - coalesce((SELECT sum(p.n) FROM finding AS f JOIN temp.held_pattern AS p ON p.rule = f.pattern
                 WHERE f.id = ?2 AND p.object IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'project'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'project')), 0);

-- name: acts_of_action
SELECT count(*) FROM act WHERE action = ?1;

-- name: party_of_role
SELECT entity FROM party WHERE incident = ?1 AND role = ?2 ORDER BY ordinal LIMIT 1;

-- name: count_projects
SELECT count(*) FROM state AS t JOIN entity AS y ON y.id = t.type
JOIN service AS v ON v.realm = ?1 AND v.topic = 'table' AND v.key = 'projects' AND v.value = y.key WHERE t.source = ?2;

-- name: is_narrowed
SELECT EXISTS (SELECT 1 FROM source WHERE scope IS NOT NULL);

-- name: add_claim
INSERT INTO claim(incident, name, ordinal, verdict, "from", "to", examined, matched, facts)
SELECT ?1, ?2, 1 + (SELECT count(*) FROM claim WHERE incident = ?1), ?3, ?4, ?5, ?6, ?7, ?8;

-- name: add_claim_source
INSERT INTO claim_source(incident, name, source, type, examined) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING;

-- name: add_cite
INSERT INTO cite(incident, "of", name, fact, ordinal, source, line, "offset", length, text)
SELECT ?1, ?2, ?3, ?4, 1 + (SELECT count(*) FROM cite WHERE incident = ?1 AND "of" = ?2 AND name = ?3 AND fact = ?4), ?5, ?6, ?7, ?8, ?9;

-- name: add_gap
INSERT INTO gap(incident, name, ordinal, entity, act, facts)
SELECT ?1, ?2, 1 + (SELECT count(*) FROM gap WHERE incident = ?1), ?3, ?4, ?5;

-- name: add_lesson
INSERT INTO lesson(incident, name, ordinal, facts) SELECT ?1, ?2, 1 + (SELECT count(*) FROM lesson WHERE incident = ?1), ?3;

-- name: incident_span
SELECT min(coalesce(a.time, a.until)), (SELECT max(b.until) FROM finding_event AS f JOIN act AS b ON b.id = f.act WHERE f.finding = ?2 AND f.what = 'remove'),
       (SELECT max(c.until) FROM finding_event AS f JOIN act AS c ON c.id = f.act WHERE f.finding = ?2 AND f.what = 'delete')
FROM scope AS s JOIN act AS a ON a.id = s.act WHERE s.incident = ?1;

-- name: notices_to
SELECT count(*), min(n.delivered), max(n.delivered), min(n.sent) FROM notice AS n
WHERE n.incident = ?1 AND n.mailbox IN (SELECT entity FROM party WHERE incident = ?1 AND role = ?2);

-- name: notices_of_action
SELECT count(*), coalesce(sum(n.mailbox IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'owner-mailbox')), 0)
FROM notice AS n JOIN act AS a ON a.id = n.act WHERE n.incident = ?1 AND a.action = ?2;

-- name: first_step
SELECT a.id, a.time, a.until FROM finding_event AS f JOIN act AS a ON a.id = f.act WHERE f.finding = ?1 AND f.what = ?2 ORDER BY f.step LIMIT 1;

-- name: repair
SELECT sum(t.how = 'record' AND y.key = ?3), sum(t.how = 'record' AND y.key <> ?3), sum(t.how = 'notice')
FROM act AS a JOIN attest AS t ON t.act = a.id JOIN event AS e ON e.id = t.event JOIN entity AS y ON y.id = e.type
WHERE a.time = ?1 AND a.action BETWEEN ?2 AND ?4;

-- name: events_of_account
SELECT count(*) FROM event WHERE (actor = ?1 OR target = ?1) AND precision > 0;

-- name: hold_owners
CREATE TEMP TABLE IF NOT EXISTS owner(subject INTEGER PRIMARY KEY, second INTEGER); -- in the dump that was asked for last

-- name: forget_owners
DELETE FROM owner;

-- name: drop_owners
DROP TABLE temp.owner;

-- name: find_owners
WITH second AS (
  SELECT t.subject FROM state AS t JOIN entity AS y ON y.id = t.type JOIN service AS v ON v.realm = ?3 AND v.topic = 'second-factor' AND v.key = y.key
  WHERE t.source = ?1 AND (v.value = '' OR json_extract(t.value, '$.' || v.value) = 't'))
INSERT OR IGNORE INTO owner SELECT t.subject, t.subject IN (SELECT subject FROM second) FROM state AS t JOIN entity AS y ON y.id = t.type AND y.key = ?2
WHERE t.source = ?1 AND json_extract(t.value, '$.role') = 'Owner' AND t.subject IS NOT NULL;

-- name: owners
-- Of the dump: all, those with a second factor, and how many accounts have one.
SELECT (SELECT count(*) FROM owner), (SELECT coalesce(sum(second), 0) FROM owner),
       (SELECT count(*) FROM state AS t JOIN entity AS y ON y.id = t.type JOIN service AS v ON v.realm = ?2 AND v.topic = 'second-factor' AND v.key = y.key
        WHERE t.source = ?1 AND (v.value = '' OR json_extract(t.value, '$.' || v.value) = 't'));

-- name: accused_owners
SELECT count(*), coalesce(sum(second), 0) FROM owner
WHERE subject IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'other'
   UNION ALL SELECT i.entity FROM identity AS i JOIN party AS p ON p.entity = i.same_as WHERE p.incident = ?1 AND p.role = 'other');

-- name: sign_ins
SELECT count(*), coalesce(sum((SELECT e.fields ->> 'second-factor' FROM event AS e WHERE e.id = a.event) IS NULL), 0), min(a.id)
FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND a.action = ?2 AND a.actor IN (SELECT entity FROM party WHERE incident = ?1 AND role = 'other');

-- name: place_of_act
SELECT coalesce(e.source, t.source), coalesce(e.line, t.line), coalesce(e."offset", t."offset"), coalesce(e.length, t.length)
FROM act AS a LEFT JOIN event AS e ON e.id = a.event LEFT JOIN state AS t ON t.id = a.state WHERE a.id = ?1;

-- name: masked_of
SELECT resolved, unknown FROM masked WHERE realm = ?1;

-- name: mail_logs
SELECT s.id FROM source AS s JOIN mail_log AS l ON l.source = s.id WHERE s.first IS NOT NULL ORDER BY s.path, s.member;

-- name: mail_coverage
SELECT min(s.first), max(s.last) FROM source AS s JOIN mail_log AS l ON l.source = s.id WHERE s.first IS NOT NULL;

-- name: message_aliases
SELECT a.entity, min(a.name) FROM alias AS a JOIN entity AS e ON e.id = a.entity AND e.kind = ?1 GROUP BY a.entity
HAVING min(a.name) = max(a.name) ORDER BY a.entity;

-- name: message_domains
SELECT DISTINCT value FROM service WHERE topic = 'message' AND key IN ('domain', 'domains') ORDER BY value;

-- name: message_wires
SELECT l.id, w.id, substr(w.key, length(l.key) + 2) FROM entity AS l
CROSS JOIN entity AS w ON w.kind = l.kind AND w.realm = l.realm AND w.key > l.key || '@' AND w.key < l.key || 'A'
WHERE l.kind = ?1 AND instr(l.key, '@') = 0 ORDER BY l.key, (SELECT name FROM realm WHERE id = l.realm), w.key;

-- name: message_headers
-- A service that says which Message-ID a mail had when it took it in; only where it says it of one mail.
WITH said AS MATERIALIZED (
  SELECT DISTINCT e.message AS message, trim(e.fields ->> v.value, '<> ') AS header FROM event AS e
  CROSS JOIN source AS s ON s.id = e.source CROSS JOIN service AS v ON v.realm = s.realm AND v.topic = 'message' AND v.key = 'header'
  WHERE e.message IS NOT NULL AND EXISTS (SELECT 1 FROM service WHERE topic = 'message' AND key = 'header'))
SELECT min(d.message), h.id FROM said AS d JOIN realm AS m ON m.name = 'mail' JOIN entity AS h ON h.kind = ?1 AND h.realm = m.id AND h.key = d.header
WHERE h.id <> d.message GROUP BY h.id HAVING count(DISTINCT d.message) = 1 ORDER BY h.id;

-- name: mailbox_sources
SELECT source FROM mailbox ORDER BY source;

-- name: message_events
SELECT id, message, source FROM event WHERE message IS NOT NULL;

-- name: message_named
SELECT id FROM entity WHERE kind = ?1 AND realm = (SELECT id FROM realm WHERE name = 'mail') AND key = ?2;

-- name: first_of_message
SELECT e.id FROM event AS e JOIN source AS s ON s.id = e.source WHERE e.message = ?1 ORDER BY e.id >> 10, s.path, s.member, e."offset" LIMIT 1;

-- name: answers
SELECT iif(fields ->> 'report-id' IS NULL, NULL, message), trim(fields ->> 'in-reply-to'), trim(fields ->> 'references') FROM event WHERE id = ?1;

-- name: same_mails
-- A record of a mail that keeps no id, and the one record that does, to the same mailbox and with the same subject at nearly the same time.
SELECT a.id, min(b.id) FROM event AS a
CROSS JOIN event AS b ON b.target = a.target AND b.message IS NOT NULL AND b.id BETWEEN ((a.id >> 10) - ?2) * 1024 AND ((a.id >> 10) + ?2) * 1024 + 1023
 AND b.precision > 0 AND b.action = a.action AND b.fields ->> 'subject' = a.fields ->> 'subject'
WHERE a.action = ?1 AND a.message IS NULL AND a.precision > 0 AND a.target IS NOT NULL AND a.fields ->> 'subject' IS NOT NULL
GROUP BY a.id HAVING count(*) = 1;

-- name: sightings
SELECT e.id, e.source, e.target, e.action, e.precision, coalesce(e.time, e.id >> 10), e.span, coalesce(e.fields ->> 'delay', e.fields ->> 'queue-time'), e.fields ->> 'accepted',
       (SELECT key FROM entity WHERE id = e.txn), coalesce(e.fields ->> 'answer', e.fields ->> 'status'), e.fields ->> 'reporting-mta'
FROM event AS e WHERE e.message = ?1 ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: clock_sources
SELECT s.id, s.path || iif(s.member = '', '', '!' || s.member), s.host, coalesce(r.name = 'mail' OR r.id IN (SELECT realm FROM service WHERE topic = 'statements'), 0), s.clock <> 0,
       s.host IS NOT NULL OR s.id NOT IN (SELECT source FROM mailbox)
FROM source AS s LEFT JOIN realm AS r ON r.id = s.realm WHERE s.status = 'read' ORDER BY s.path, s.member;

-- name: row_times
SELECT key, min(value) FROM service WHERE topic = 'row-time' AND EXISTS (SELECT 1 FROM service WHERE topic = 'statements')
GROUP BY key HAVING min(value) = max(value) ORDER BY key;

-- name: statement_lines
SELECT e.id, e.source, coalesce(e.time, e.id >> 10), e.span, coalesce(e.txn, 0), e.outcome, e.action, e.fields ->> 'statement'
FROM event AS e CROSS JOIN source AS s ON s.id = e.source
WHERE s.realm IN (SELECT realm FROM service WHERE topic = 'statements') AND e.precision > 0 ORDER BY s.path, s.member, e."offset", e.id;

-- name: rows_written
-- Rows of the table that one of these keys is part of, near a time.
WITH named AS MATERIALIZED (
  SELECT n.id FROM service AS v CROSS JOIN entity AS n ON n.kind BETWEEN 1 AND 4 AND n.realm = v.realm AND n.key IN (?2, ?3)
  WHERE v.topic = 'row-time' AND v.key = ?1),
near AS (
  SELECT e.id FROM named CROSS JOIN event AS e ON e.object = named.id AND e.id BETWEEN ?4 * 1024 AND ?5 * 1024
  UNION SELECT e.id FROM named CROSS JOIN event AS e ON e.actor = named.id AND e.id BETWEEN ?4 * 1024 AND ?5 * 1024
  UNION SELECT e.id FROM named CROSS JOIN event AS e ON e.target = named.id AND e.id BETWEEN ?4 * 1024 AND ?5 * 1024)
SELECT e.id, e.fields ->> 'native', (SELECT name FROM entity WHERE id = e.object), (SELECT name FROM entity WHERE id = e.actor),
       (SELECT name FROM entity WHERE id = e.target)
FROM near CROSS JOIN event AS e ON e.id = near.id CROSS JOIN entity AS y ON y.id = e.type AND y.key = ?1 WHERE e.precision > 0 ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: row_moment
SELECT e.source, coalesce(e.time, e.id >> 10), e.span, s.realm IN (SELECT realm FROM service WHERE topic = 'same-transaction')
FROM event AS e JOIN source AS s ON s.id = e.source WHERE e.id = ?1;

-- name: attest_statements
INSERT INTO attest(act, source, "offset", record, line, length, event, how)
SELECT DISTINCT t.act, e.source, e."offset", e.record, e.line, e.length, e.id, 'statement'
FROM link AS l JOIN attest AS t ON t.event = l.b JOIN event AS e ON e.id = l.a WHERE l.kind = 'statement'
ON CONFLICT DO NOTHING;

-- name: has_births
SELECT 1 WHERE EXISTS (SELECT 1 FROM act WHERE state IS NOT NULL) AND EXISTS (SELECT 1 FROM service WHERE topic = 'statements');

-- name: attest_birth
INSERT INTO attest(act, source, "offset", record, line, length, event, how)
SELECT a.id, e.source, e."offset", e.record, e.line, e.length, e.id, 'statement'
FROM act AS a JOIN state AS t ON t.id = a.state JOIN entity AS y ON y.id = t.type AND y.key = ?2 JOIN entity AS u ON u.id = t.subject AND u.key = ?3
JOIN event AS e ON e.id = ?1 WHERE a.state IS NOT NULL
ON CONFLICT DO NOTHING;

-- name: received
-- Not of a message that is dated by what its sender claims.
SELECT id, source, coalesce(time, id >> 10), span, fields ->> 'received' FROM event
WHERE id = ?1 AND precision > 0 AND fields ->> 'dated-by' IS NULL AND fields ->> 'received' IS NOT NULL;

-- name: queued
SELECT e.id, e.source, coalesce(e.time, e.id >> 10), e.span, e.txn, coalesce(e.fields ->> 'delay', e.fields ->> 'queue-time')
FROM event AS e WHERE e.txn IS NOT NULL AND e.precision > 0;

-- name: add_clock
INSERT INTO clock(source, piece, "from", "to", least, most, least_pairs, most_pairs, against, applied, because, than, drift)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, coalesce(?13, 0));

-- name: add_untied_clock
INSERT INTO clock(source, piece, "from", "to", least_pairs, most_pairs, against, applied, because)
SELECT id, 1, first, last, 0, 0, 0, 0, ?2 FROM source WHERE id = ?1 AND first IS NOT NULL;

-- name: add_clock_pair
INSERT INTO clock_pair(source, piece, side, ordinal, earlier, later, bound, because) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
