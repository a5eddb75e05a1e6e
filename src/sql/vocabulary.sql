-- SPDX-License-Identifier: Apache-2.0
-- What the program's own numbers mean, for those who read the database without it: written once, with the schema.

-- name: add
INSERT INTO vocabulary(number, name, sentence) VALUES (?1, ?2, ?3);
