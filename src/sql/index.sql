-- SPDX-License-Identifier: Apache-2.0
-- The indexes of the facts: used by src/evidence/index.c only.

-- name: survey
SELECT EXISTS (SELECT 1 FROM event LIMIT 1 OFFSET ?1), NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?2);

-- name: scan
SELECT id, action, actor, target, object, address, message FROM event ORDER BY id;

-- name: event_action
CREATE INDEX event_action ON event(action);

-- name: event_actor
CREATE INDEX event_actor ON event(actor) WHERE actor IS NOT NULL;

-- name: event_target
CREATE INDEX event_target ON event(target) WHERE target IS NOT NULL;

-- name: event_object
CREATE INDEX event_object ON event(object) WHERE object IS NOT NULL;

-- name: event_address
CREATE INDEX event_address ON event(address) WHERE address IS NOT NULL;

-- name: event_message
CREATE INDEX event_message ON event(message) WHERE message IS NOT NULL;

-- name: others
CREATE UNIQUE INDEX IF NOT EXISTS entity_key ON entity(kind, realm, key);
CREATE INDEX IF NOT EXISTS alias_name ON alias(name);
CREATE INDEX IF NOT EXISTS state_key ON state(row_key);
CREATE INDEX IF NOT EXISTS state_type ON state(type, source);
