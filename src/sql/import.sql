-- SPDX-License-Identifier: Apache-2.0
-- Which files are known already.

-- name: known_path
SELECT sha256, status FROM source WHERE path = ?1 AND member = '';

-- name: known_hash
SELECT path FROM source WHERE sha256 = ?1 AND member = '' AND status IN ('read', 'archive') ORDER BY id;

-- name: forget_failed
DELETE FROM source WHERE path = ?1 AND status = 'failed';

