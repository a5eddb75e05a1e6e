-- SPDX-License-Identifier: Apache-2.0
-- What belongs to an incident: used by src/correlate only. Action and kind numbers are always bound.

-- name: accusations
SELECT f.id, f.level = 'error', f.actor, f.target, f.rule, f.incident, f.certainty = 'possible', f.key,
       row_number() OVER (PARTITION BY f.key ORDER BY f.level <> 'error', s.path, s.member, f."offset", f.id),
       s.path || iif(s.member = '', '', '!' || s.member),
       (SELECT name FROM called WHERE entity = f.actor), (SELECT name FROM called WHERE entity = f.target)
FROM finding AS f LEFT JOIN source AS s ON s.id = f.source WHERE f.level IN ('warning', 'error') ORDER BY f.id;

-- name: accusation_steps
SELECT a.id, coalesce(a.time, a.until), a.until, a.object,
       (SELECT kind FROM entity WHERE id = a.object) = ?2
FROM finding_event AS f JOIN act AS a ON a.id = f.act WHERE f.finding = ?1 AND a.until IS NOT NULL ORDER BY f.step, a.id;

-- name: called_so
SELECT id FROM entity WHERE kind = ?2 AND realm IN (SELECT id FROM realm) AND key = ?1 ORDER BY (SELECT name FROM realm WHERE realm.id = entity.realm);

-- name: add_incident
INSERT INTO incident(finding, kind) VALUES (?1, ?2);

-- name: add_incident_finding
INSERT INTO incident_finding(incident, finding, ordinal, because)
SELECT ?1, ?2, 1 + (SELECT count(*) FROM incident_finding WHERE incident = ?1), ?3;

-- name: add_party
INSERT INTO party(incident, role, entity, ordinal, because, spread)
SELECT ?1, ?2, ?3, 1 + (SELECT count(*) FROM party WHERE incident = ?1 AND role = ?2), ?4, ?5 WHERE true ON CONFLICT DO NOTHING;

-- name: acts_of_parties
WITH mine AS MATERIALIZED (SELECT role, entity, ordinal FROM party WHERE incident = ?1 AND role IN ('taken', 'other', 'restored', 'project', 'subject')),
touched AS (
  SELECT a.id, m.role, m.entity, m.ordinal FROM mine AS m CROSS JOIN act AS a ON a.target = m.entity
   WHERE coalesce(a.until, a.time) >= ?2 AND coalesce(a.time, a.until) < ?3
  UNION
  SELECT a.id, m.role, m.entity, m.ordinal FROM mine AS m CROSS JOIN act AS a ON a.actor = m.entity
   WHERE coalesce(a.until, a.time) >= ?2 AND coalesce(a.time, a.until) < ?3
  UNION
  SELECT a.id, m.role, m.entity, m.ordinal FROM mine AS m CROSS JOIN act AS a ON a.object = m.entity
   WHERE coalesce(a.until, a.time) >= ?2 AND coalesce(a.time, a.until) < ?3)
SELECT id, role, entity, ordinal FROM touched
ORDER BY id, CASE role WHEN 'other' THEN 1 WHEN 'taken' THEN 2 WHEN 'restored' THEN 3 WHEN 'subject' THEN 4 ELSE 5 END, ordinal;

-- name: own_events
SELECT e.id, coalesce(e.time, e.id >> 10), e.action, e.actor, e.object, e.version, e.file FROM event AS e
WHERE e.id >= ?2 * 1024 AND e.precision > 0 AND coalesce(e.time, e.id >> 10) < ?7
  AND (e.actor IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.id IN (SELECT event FROM unmasked WHERE actor = ?1)
       OR (e.object IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1) AND e.action BETWEEN ?3 AND ?4))
  AND e.action NOT BETWEEN ?5 AND ?6 AND NOT EXISTS (SELECT 1 FROM attest AS t JOIN act AS a ON a.id = t.act
      WHERE t.source = e.source AND t."offset" = e."offset" AND t.how = 'record')
ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: subject_events
-- All that names a subject: what is done to it, and what came from it where it is an address.
SELECT e.id, coalesce(e.time, e.id >> 10), e.action, e.actor, e.object, e.version, e.file FROM event AS e
WHERE e.id >= ?2 * 1024 AND e.precision > 0 AND coalesce(e.time, e.id >> 10) < ?3
  AND (e.actor IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.target IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.object IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.address IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1))
ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: act_of_event
SELECT min(act) FROM attest WHERE event = ?1 AND how = 'record';

-- name: addresses_of_steps
SELECT DISTINCT e.address FROM incident_finding AS i JOIN finding_event AS f ON f.finding = i.finding
JOIN attest AS t ON t.act = f.act AND t.how = 'record' JOIN event AS e ON e.id = t.event
WHERE i.incident = ?1 AND e.address IS NOT NULL AND e.action NOT BETWEEN ?2 AND ?3 ORDER BY e.address;

-- name: used_before
SELECT 1 FROM event AS e WHERE e.actor IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1) AND e.precision > 0
  AND e.id < ?3 * 1024 AND e.outcome <> ?4 AND e.action NOT IN (?5, ?6)
  AND e.address IN (SELECT entity FROM identity WHERE same_as = ?2 UNION ALL SELECT ?2) LIMIT 1;

-- name: acted_from
-- Who acted from an address, and whether the account was made from there: a row an account.
SELECT e.actor, max(e.action = ?2) FROM event AS e
WHERE e.address IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1) AND e.actor IS NOT NULL AND e.precision > 0
  AND e.outcome <> ?3 AND e.action NOT IN (?4, ?5)
GROUP BY e.actor ORDER BY e.actor;

-- name: events_from
SELECT e.id FROM event AS e
WHERE e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 AND e.precision > 0
  AND e.address IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
ORDER BY e.id >> 10, (SELECT path || char(10) || member FROM source WHERE id = e.source), e."offset", e.id;

-- name: scoped
SELECT s.act, a.action, a.time, a.until, a.actor, a.target, a.object, a.event, a.address,
       EXISTS (SELECT 1 FROM incident_finding AS i JOIN finding_event AS f ON f.finding = i.finding WHERE i.incident = ?1 AND f.act = a.id),
       iif(a.action = ?2, first_value(a.id) OVER (PARTITION BY a.text ORDER BY a.id), 0)
FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 ORDER BY a.time IS NULL, coalesce(a.time, a.until), a.until, a.id;

-- name: actors
-- Who acts in an incident, and whether he stopped an account or gave one back.
SELECT a.actor, max(a.action IN (?2, ?3, ?4)) FROM scope AS s JOIN act AS a ON a.id = s.act
JOIN entity AS e ON e.id = a.actor AND e.kind = ?5 WHERE s.incident = ?1 GROUP BY a.actor ORDER BY min(coalesce(a.time, a.until)), a.actor;

-- name: first_step
SELECT a.id, a.time, a.until, a.basis FROM incident_finding AS i JOIN finding_event AS f ON f.finding = i.finding JOIN act AS a ON a.id = f.act
JOIN scope AS s ON s.incident = i.incident AND s.act = a.id AND s.phase IN ('takeover', 'access', iif((SELECT kind FROM incident WHERE id = ?1) = 'account-takeover', '', 'impact'))
WHERE i.incident = ?1 ORDER BY coalesce(a.time, a.until), a.until, a.id LIMIT 1;

-- name: last_step
SELECT a.id, a.time, a.until, a.basis FROM incident_finding AS i JOIN finding_event AS f ON f.finding = i.finding JOIN act AS a ON a.id = f.act
JOIN scope AS s ON s.incident = i.incident AND s.act = a.id AND s.phase IN ('takeover', 'access', iif((SELECT kind FROM incident WHERE id = ?1) = 'account-takeover', '', 'impact'))
WHERE i.incident = ?1 ORDER BY a.until DESC, coalesce(a.time, a.until) DESC, a.id DESC LIMIT 1;

-- name: contained
-- By the accounts that are accused; where none is, those that suffered were in other hands. So it is in gained and lost.
WITH frozen AS (
  SELECT p.entity, (SELECT a.id FROM scope AS s JOIN act AS a ON a.id = s.act
                    WHERE s.incident = ?1 AND s.phase = 'containment' AND a.action = ?2 AND a.target = p.entity
                    ORDER BY coalesce(a.time, a.until), a.until, a.id LIMIT 1) AS act
  FROM party AS p WHERE p.incident = ?1 AND p.role = (SELECT iif(count(*), 'other', 'taken') FROM party WHERE incident = ?1 AND role = 'other'))
SELECT a.id, a.time, a.until, a.basis FROM frozen AS f JOIN act AS a ON a.id = f.act
WHERE NOT EXISTS (SELECT 1 FROM frozen WHERE act IS NULL) ORDER BY a.until DESC, a.id DESC LIMIT 1;

-- name: told
SELECT a.id, a.time, a.until, a.basis FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND a.action = ?2 AND coalesce(a.time, a.until) >= ?3
  AND a.target IN (SELECT entity FROM party WHERE incident = ?1 AND role IN ('owner-mailbox', 'taken', 'restored'))
ORDER BY coalesce(a.time, a.until), a.until, a.id LIMIT 1;

-- name: projects_of
SELECT entity FROM party WHERE incident = ?1 AND role = 'project' ORDER BY ordinal;

-- name: gained
SELECT a.id, a.time, a.until, a.basis FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND a.object = ?2 AND a.action IN (?3, ?4, ?5)
  AND coalesce(a.target, a.actor) IN (SELECT entity FROM party WHERE incident = ?1 AND role = (SELECT iif(count(*), 'other', 'taken') FROM party WHERE incident = ?1 AND role = 'other'))
ORDER BY coalesce(a.time, a.until), a.until, a.id LIMIT 1;

-- name: first_step_on
SELECT a.id, a.time, a.until, a.basis FROM incident_finding AS i JOIN finding_event AS f ON f.finding = i.finding JOIN act AS a ON a.id = f.act
WHERE i.incident = ?1 AND a.object = ?2 ORDER BY coalesce(a.time, a.until), a.until, a.id LIMIT 1;

-- name: lost
-- Those who are accused lose the role, or can no longer use it.
SELECT a.id, a.time, a.until, a.basis FROM scope AS s JOIN act AS a ON a.id = s.act
WHERE s.incident = ?1 AND a.until >= ?3 AND a.target IN (SELECT entity FROM party WHERE incident = ?1 AND role = (SELECT iif(count(*), 'other', 'taken') FROM party WHERE incident = ?1 AND role = 'other'))
  AND a.target = coalesce((SELECT h.target FROM act AS h JOIN party AS p ON p.incident = ?1 AND p.role = (SELECT iif(count(*), 'other', 'taken') FROM party WHERE incident = ?1 AND role = 'other') AND p.entity = h.target WHERE h.id = ?7), a.target)
  AND ((a.object = ?2 AND a.action = ?4) OR a.action IN (?5, ?6))
ORDER BY a.until, coalesce(a.time, a.until), a.id LIMIT 1;

-- name: releases_between
WITH project AS (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
SELECT v.name FROM event AS e JOIN entity AS v ON v.id = e.version
WHERE e.object IN (SELECT entity FROM project) AND +e.action = ?4 AND e.precision > 0 AND e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023
UNION
SELECT json_extract(t.value, '$.version') FROM held AS h JOIN state AS t ON t.id = h.state JOIN entity AS y ON y.id = t.type
JOIN source AS s ON s.id = t.source JOIN service AS v ON v.realm = s.realm AND v.topic = 'table' AND v.key = 'releases' AND v.value = y.key
WHERE h.object IN (SELECT entity FROM project) AND t.born BETWEEN ?2 AND ?3 AND json_extract(t.value, '$.version') IS NOT NULL
ORDER BY 1;

-- name: claim_verdict
SELECT verdict FROM claim WHERE incident = ?1 AND name = ?2;

-- name: add_exposure
INSERT INTO exposure(incident, project, ordinal, from_act, to_act, least, most, releases, named, downloads_least, downloads_most)
SELECT ?1, ?2, 1 + (SELECT count(*) FROM exposure WHERE incident = ?1), ?3, ?4, nullif(?5, -1), nullif(?6, -1), nullif(?7, -1), ?8, nullif(?9, -1), nullif(?10, -1);
