-- SPDX-License-Identifier: Apache-2.0
-- Takeovers that a mail had announced: used by src/correlate/consent.c only.

-- name: takeovers
-- Warnings and errors that accuse one account of having taken from another, with the first instant of their acts.
SELECT f.id, f.level, f.actor, f.target, min(coalesce(a.time, a.until)) FROM finding AS f JOIN finding_event AS x ON x.finding = f.id JOIN act AS a ON a.id = x.act
WHERE f.incident = 'account-takeover' AND f.level <> 'note' AND f.actor IS NOT NULL AND f.target IS NOT NULL AND a.until IS NOT NULL GROUP BY f.id ORDER BY f.id;

-- name: projects
SELECT DISTINCT c.name FROM finding_event AS x JOIN act AS a ON a.id = x.act JOIN entity AS e ON e.id = a.object AND e.kind IN (?2, ?3)
JOIN called AS c ON c.entity = e.id WHERE x.finding = ?1 ORDER BY 1;

-- name: mails_from
SELECT e.id, coalesce(e.fields ->> 'subject' || ' ', '') || coalesce(e.text, ''), coalesce(e.time, e.id >> 10), coalesce(e.time, e.id >> 10) + e.span, e.source
FROM event AS e WHERE e.actor = ?1 AND e.id BETWEEN ?2 * 1024 AND ?3 * 1024 + 1023 AND e.precision > 0 AND e.action = ?4
  AND e.source IN (SELECT source FROM mailbox) ORDER BY e.id;

-- name: signed_in
-- Was whoever has this mailbox (?2) signed in when a mail log took the message in? Only where no other message that we hold has its Message-ID.
SELECT 1 FROM event AS e JOIN event AS l ON l.message = e.message AND l.source IN (SELECT source FROM mail_log) AND l.id < e.id + (e.span + 1) * 1024
JOIN event AS s ON s.actor = ?2 AND s.action = ?3 AND s.source = l.source AND s.txn = l.txn AND s.id <= l.id AND s.id > l.id - ?4 * 1024
WHERE e.id = ?1 AND NOT EXISTS (SELECT 1 FROM event AS o WHERE o.message = e.message AND o.id <> e.id AND o.source IN (SELECT source FROM mailbox)) LIMIT 1;

-- name: place
SELECT s.path || iif(s.member = '', '', '!' || s.member), e.source, e.line, e."offset", e.length FROM event AS e JOIN source AS s ON s.id = e.source WHERE e.id = ?1;

-- name: lower
UPDATE finding SET level = ?2, message = message || '; ' || ?3, because = iif(coalesce(because, '') = '', '', because || char(10)) || ?3 WHERE id = ?1;

-- name: announced
-- The mail that announced what an incident is told by: its place, whether it is verified, when it came and from which mailbox.
SELECT p.source, p.line, p."offset", p.length, p.what = ?2, coalesce(e.time, e.id >> 10), n.name
FROM incident_finding AS i JOIN finding AS f ON f.id = i.finding JOIN finding_place AS p ON p.finding = f.id AND p.what IN (?2, ?3)
JOIN identity AS m ON m.same_as = f.target JOIN event AS e ON e.actor = m.entity AND e.source = p.source AND e."offset" = p."offset"
JOIN entity AS n ON n.id = m.entity WHERE i.incident = ?1 ORDER BY i.ordinal, e.id LIMIT 1;
