-- SPDX-License-Identifier: Apache-2.0
-- The derived tables as a whole: emptied by correlate before it fills them, and by import, whose new facts make them stale.

-- name: clear
DELETE FROM silence; DELETE FROM stream_type; DELETE FROM stream_source; DELETE FROM stream; DELETE FROM cite; DELETE FROM lesson; DELETE FROM gap; DELETE FROM claim_source; DELETE FROM claim; DELETE FROM metric;
DELETE FROM notice; DELETE FROM scope; DELETE FROM exposure; DELETE FROM party; DELETE FROM incident_finding; DELETE FROM incident; DELETE FROM finding_place; DELETE FROM finding_event; DELETE FROM finding; DELETE FROM hit_row; DELETE FROM hit_rule; DELETE FROM rule;
DELETE FROM link; DELETE FROM twin; DELETE FROM clock_pair; DELETE FROM clock; DELETE FROM attest; DELETE FROM act; DELETE FROM identity_cite; DELETE FROM identity;
DELETE FROM disagreement; DELETE FROM unjoined; DELETE FROM unmasked; DELETE FROM masked;
