-- SPDX-License-Identifier: Apache-2.0
-- Writing facts: used by src/evidence/store.c only.

-- name: add_realm
INSERT INTO realm(name) VALUES (?1) ON CONFLICT(name) DO NOTHING;

-- name: find_realm
SELECT id FROM realm WHERE name = ?1;

-- name: add_source
INSERT INTO source(path, member, container, sha256, size, format, profile, realm, label, zone, zone_basis, year, clock,
                   taken, taken_basis, status, why)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17);

-- name: finish_source
UPDATE source SET sha256 = coalesce(?2, sha256), size = coalesce(?3, size), records = ?4, events = ?5, states = ?6,
  ignored = ?7, joined = ?8, duplicates = ?9, rejected = ?10, first = ?11, last = ?12, serial = ?13,
  taken = coalesce(taken, ?14), taken_basis = coalesce(taken_basis, ?15)
WHERE id = ?1;

-- name: add_tally
INSERT INTO tally(source, type, what, why, n) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: find_entity
SELECT id FROM entity WHERE kind = ?1 AND realm = ?2 AND key = ?3;

-- name: add_entity
INSERT INTO entity(kind, realm, key, name) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;

-- name: add_alias
INSERT INTO alias(entity, name, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- name: has_others
SELECT EXISTS (SELECT 1 FROM source WHERE realm = ?1 AND id <> ?2 AND events > 0), (SELECT max(id) FROM event);

-- name: same_in_slot
SELECT max(id), min(iif(row_key = ?3 AND action = ?4 AND coalesce(actor, 0) = ?5 AND coalesce(object, 0) = ?6 AND source <> ?7, id, NULL))
FROM event WHERE id BETWEEN ?1 AND ?2;

-- name: last_in_slot
SELECT max(id) FROM event WHERE id BETWEEN ?1 AND ?2;

-- name: last_undated
SELECT max(id) FROM event WHERE id < ?1;

-- name: add_event
INSERT INTO event(id, time, span, precision, basis, raw_time, source, record, line, "offset", length, type, action,
                  outcome, actor, target, object, version, file, address, message, txn, row_key, text)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24);

-- name: add_witness
INSERT INTO witness(event, source, "offset", record, line, length, part) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT DO NOTHING;

-- name: add_attribute
INSERT INTO attribute(event, name, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING;

-- name: add_state
INSERT INTO state(source, type, record, line, "offset", length, row_key, digest, born, subject, object, detail, value)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);

-- name: add_reject
INSERT INTO reject(source, record, line, "offset", length, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: add_service
INSERT INTO service(realm, topic, key, value) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING;

-- name: index
CREATE INDEX IF NOT EXISTS event_action ON event(action);
CREATE INDEX IF NOT EXISTS event_actor ON event(actor) WHERE actor IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_target ON event(target) WHERE target IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_object ON event(object) WHERE object IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_address ON event(address) WHERE address IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_message ON event(message) WHERE message IS NOT NULL;
CREATE INDEX IF NOT EXISTS alias_name ON alias(name);
CREATE INDEX IF NOT EXISTS state_key ON state(row_key);
CREATE INDEX IF NOT EXISTS state_type ON state(type, source);
