-- SPDX-License-Identifier: Apache-2.0
-- The indexes of the facts: used by src/evidence/index.c only.

-- name: survey
SELECT EXISTS (SELECT 1 FROM event_row LIMIT 1 OFFSET ?1) OR EXISTS (SELECT 1 FROM state LIMIT 1 OFFSET ?1) OR
         EXISTS (SELECT 1 FROM entity LIMIT 1 OFFSET ?1),
       NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'event_action'),
       NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'state_key'),
       NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'alias_name'),
       NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'entity_key');

-- name: scan_event
SELECT id, action, actor, target, object, address, message FROM event_row ORDER BY id;

-- name: scan_state
SELECT id, row_key, type, source FROM state ORDER BY id;

-- name: scan_alias
SELECT name, entity, source FROM alias ORDER BY entity, source;

-- Those of events, which many of them that go would change each: they are made anew behind all.
-- name: drop
DROP INDEX IF EXISTS event_action; DROP INDEX IF EXISTS event_actor; DROP INDEX IF EXISTS event_target; DROP INDEX IF EXISTS event_object;
DROP INDEX IF EXISTS event_address; DROP INDEX IF EXISTS event_message;

-- name: entity_key
CREATE UNIQUE INDEX entity_key ON entity(kind, realm, key);

-- name: alias_name
CREATE INDEX alias_name ON alias(name);

-- name: state_key
CREATE INDEX state_key ON state(row_key);

-- name: state_type
CREATE INDEX state_type ON state(type, source);

-- name: event_action
CREATE INDEX event_action ON event_row(action);

-- name: event_actor
CREATE INDEX event_actor ON event_row(actor) WHERE actor IS NOT NULL;

-- name: event_target
CREATE INDEX event_target ON event_row(target) WHERE target IS NOT NULL;

-- name: event_object
CREATE INDEX event_object ON event_row(object) WHERE object IS NOT NULL;

-- name: event_address
CREATE INDEX event_address ON event_row(address) WHERE address IS NOT NULL;

-- name: event_message
CREATE INDEX event_message ON event_row(message) WHERE message IS NOT NULL;
