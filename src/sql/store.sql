-- SPDX-License-Identifier: Apache-2.0
-- Writing facts: used by what src/evidence/store.h is the door of.

-- name: add_realm
INSERT INTO realm(name) VALUES (?1) ON CONFLICT(name) DO NOTHING;

-- name: find_realm
SELECT id FROM realm WHERE name = ?1;

-- name: add_source
INSERT INTO source(id, path, member, container, sha256, size, format, profile, realm, label, zone, zone_basis, year, clock,
                   taken, taken_basis, status, why, scope, columns)
VALUES (1 + max(coalesce((SELECT max(id) FROM source), 0), coalesce((SELECT max(id) FROM replaced), 0)), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);

-- name: finish_source
UPDATE source SET sha256 = coalesce(?2, sha256), size = coalesce(?3, size), records = ?4, events = ?5, states = ?6,
  ignored = ?7, joined = ?8, duplicates = ?9, rejected = ?10, first = ?11, last = ?12, serial = ?13,
  taken = coalesce(taken, ?14), taken_basis = coalesce(taken_basis, ?15), host = ?16,
  why = iif(?17 > 0, coalesce(why || '; ', '') || 'of ' || ?17 || iif(?17 = 1, ' text', ' texts') || ' not all bytes are UTF-8: each of these is shown as U+FFFD', why)
WHERE id = ?1;

-- name: add_tally
INSERT INTO tally(source, type, what, why, n) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: find_entity
SELECT id FROM entity WHERE kind = ?1 AND realm = ?2 AND key = ?3;

-- name: add_entity
INSERT INTO entity(id, kind, realm, key, written) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: all_entities
SELECT id, kind, realm, key FROM entity ORDER BY id;

-- name: entities
SELECT coalesce((SELECT max(id) FROM entity), 0), EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'entity_key');

-- name: name_of
SELECT name FROM entity WHERE id = ?1;

-- name: add_alias
INSERT INTO alias(entity, name, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- name: has_others
SELECT EXISTS (SELECT 1 FROM source AS s JOIN source AS o ON o.realm = s.realm AND o.id <> s.id WHERE s.id = ?1 AND o.events > 0),
       (SELECT max(id) FROM event_row), (SELECT max(id) FROM state), EXISTS (SELECT 1 FROM alias),
       EXISTS (SELECT 1 FROM source AS s JOIN source AS o ON (o.path, o.member) > (s.path, s.member) WHERE s.id = ?1 AND o.events > 0);

-- name: others
SELECT id, row_key <> 0 AND (precision = 0 OR coalesce(time, id >> 10) = ?3), source, row_key, action, outcome, span, precision, actor, object, target,
       version, file, address, message
FROM event_row WHERE id BETWEEN ?1 AND ?2;

-- name: complete
UPDATE event_row SET target = coalesce(target, ?2), version = coalesce(version, ?3), file = coalesce(file, ?4), address = coalesce(address, ?5),
  message = coalesce(message, ?6) WHERE id = ?1;

-- name: show
INSERT INTO shown(event, source, record, line, "offset", length, basis, raw, type, txn, shared, text, own)
SELECT ?1, ?2, ?3, coalesce(?3 + ?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM event AS e JOIN source AS s ON s.id = e.source JOIN source AS n ON n.id = ?2
WHERE e.id = ?1 AND (n.path, n.member) < (s.path, s.member)
ON CONFLICT(event) DO UPDATE SET source = excluded.source, record = excluded.record, line = excluded.line, "offset" = excluded."offset",
  length = excluded.length, basis = excluded.basis, raw = excluded.raw, type = excluded.type, txn = excluded.txn, shared = excluded.shared,
  text = excluded.text, own = excluded.own;

-- name: last_in_slot
SELECT max(id) FROM event_row WHERE id BETWEEN ?1 AND ?2;

-- name: has_rows
SELECT 1 WHERE EXISTS (SELECT 1 FROM event_row) OR EXISTS (SELECT 1 FROM state);

-- name: last_undated
SELECT max(id) FROM event_row WHERE id < ?1;

-- name: add_event
INSERT INTO event_row(id, precision, basis, raw, source, record, beyond, "offset", length, type, action, row_key, own,
                      shared, actor, target, object, address, message, lines, span, version, file, txn, text, time, outcome)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, coalesce(?21, 0), ?22, ?23, ?24, ?25, ?26, coalesce(?27, 0));

-- name: add_witness
INSERT INTO witness_row(event, source, record, line, "offset", length, part) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
ON CONFLICT DO NOTHING;

-- A record of an event that another source has told before (?3 record, ?4 how far its line is beyond that); and the lines that it cites.
-- name: add_copy
INSERT INTO witness_row(event, source, record, line, "offset", length, part) VALUES (?1, ?2, ?3, coalesce(?3 + ?4, 0), ?5, ?6, 0)
ON CONFLICT DO NOTHING;

-- name: add_copied_lines
INSERT INTO witness_row(event, source, record, line, "offset", length, part)
SELECT ?1, ?2, ?3 + (value ->> 0), coalesce(?3 + ?4 + (value ->> 0) + coalesce(value ->> 3, 0), 0), ?5 + (value ->> 1), value ->> 2, 1
FROM json_each(?7) WHERE ?6 IS NOT NULL ON CONFLICT DO NOTHING;

-- name: add_state
INSERT INTO state(id, source, type, record, line, "offset", length, row_key, digest, born, subject, object, detail, value)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);

-- name: add_reject
INSERT INTO reject(source, record, line, "offset", length, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: add_service
INSERT INTO service(realm, topic, key, value) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;

-- name: years_inferred
SELECT id, "offset" FROM event_row WHERE source = ?1 AND basis & ?2 AND NOT basis & ?3;

-- What is told of the time already stays told.
-- name: assume
UPDATE event_row SET basis = basis | ?2,
  own = iif((SELECT json_extract(e.fields, '$."time-note"') FROM event AS e WHERE e.id = ?1) IS NULL,
            json_set(coalesce((SELECT o.opened || '}' FROM event_opened AS o WHERE o.id = ?1), '{}'), '$."time-note"', ?3), own)
WHERE id = ?1;
