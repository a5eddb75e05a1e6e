-- SPDX-License-Identifier: Apache-2.0
-- What belongs to an incident: used by src/correlate only. Action and kind numbers are always bound.

-- name: accusations
SELECT f.id, f.level = 'error', f.actor, f.target, f.rule, f.incident, f.certainty = 'possible' FROM finding AS f WHERE f.level IN ('warning', 'error') ORDER BY f.id;

-- name: accusation_steps
SELECT a.id, coalesce(a.time, a.until), a.until, a.object,
       (SELECT kind FROM entity WHERE id = a.object) = ?2
FROM finding_event AS f JOIN act AS a ON a.id = f.act WHERE f.finding = ?1 AND a.until IS NOT NULL ORDER BY f.step, a.id;

-- name: called_so
SELECT id FROM entity WHERE kind = ?2 AND realm IN (SELECT id FROM realm) AND key = ?1 ORDER BY id;

-- name: add_incident
INSERT INTO incident(finding, kind) VALUES (?1, ?2);

-- name: add_incident_finding
INSERT INTO incident_finding(incident, finding, ordinal, because)
SELECT ?1, ?2, 1 + (SELECT count(*) FROM incident_finding WHERE incident = ?1), ?3;

-- name: add_party
INSERT INTO party(incident, role, entity, ordinal, because, spread)
SELECT ?1, ?2, ?3, 1 + (SELECT count(*) FROM party WHERE incident = ?1 AND role = ?2), ?4, ?5 WHERE true ON CONFLICT DO NOTHING;

-- name: acts_of_parties
SELECT a.id, p.role, p.entity, p.ordinal FROM act AS a JOIN party AS p ON p.incident = ?1
 AND (a.target = p.entity OR a.actor = p.entity OR a.object = p.entity)
WHERE p.role IN ('taken', 'other', 'restored', 'project', 'subject') AND coalesce(a.until, a.time) >= ?2 AND coalesce(a.time, a.until) < ?3
ORDER BY a.id, CASE p.role WHEN 'other' THEN 1 WHEN 'taken' THEN 2 WHEN 'restored' THEN 3 WHEN 'subject' THEN 4 ELSE 5 END, p.ordinal;

-- name: steps_of
SELECT f.act FROM incident_finding AS i JOIN finding_event AS f ON f.finding = i.finding WHERE i.incident = ?1 ORDER BY f.finding, f.step, f.act;

-- name: own_events
SELECT e.id, coalesce(e.time, e.id >> 10), e.action, e.actor, e.object, e.version, e.file FROM event AS e
WHERE e.id >= ?2 * 1024 AND e.precision > 0 AND coalesce(e.time, e.id >> 10) < ?7
  AND (e.actor IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.id IN (SELECT event FROM unmasked WHERE actor = ?1)
       OR (e.object IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1) AND e.action BETWEEN ?3 AND ?4))
  AND e.action NOT BETWEEN ?5 AND ?6 AND NOT EXISTS (SELECT 1 FROM attest AS t JOIN act AS a ON a.id = t.act
      WHERE t.source = e.source AND t."offset" = e."offset" AND t.how = 'record')
ORDER BY e.id;

-- name: subject_events
-- All that names a subject: what is done to it, and what came from it where it is an address.
SELECT e.id, coalesce(e.time, e.id >> 10), e.action, e.actor, e.object, e.version, e.file FROM event AS e
WHERE e.id >= ?2 * 1024 AND e.precision > 0 AND coalesce(e.time, e.id >> 10) < ?3
  AND (e.actor IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.target IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.object IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1)
       OR e.address IN (SELECT entity FROM identity WHERE same_as = ?1 UNION ALL SELECT ?1))
ORDER BY e.id;

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
ORDER BY e.id;

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
