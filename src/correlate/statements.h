/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STATEMENTS_H
#define HC_STATEMENTS_H

#include "src/correlate/anchors.h"

/*
 * The audit log of a database and the rows in its dump. A statement wrote a row where it is an INSERT into
 * the row's table, not one of those that failed, that does not set the column of the row's time itself, where
 * all that the row names stands among its values, and where each of the two is the only one of its kind for
 * the other within a day. Then one of the two clocks can be held against the other:
 *
 *   what the session had said it did before is not after the row's time; of an open transaction, its
 * beginning; the row's time is not after the line about the statement; where the rows of the service have the
 * time of their transaction, not after the line that tells of its beginning.
 *
 * Of a session whose beginning the log does not have, nothing is said before it is known whether a
 * transaction is open.
 */
/* between a row and a line, by their own clocks */
#define STATEMENT_REACH (INT64_C(24) * 3600 * HC_US_PER_S)
/* INSERTs into tables whose rows are known; those behind are not looked at */
#define STATEMENTS_MAX 20000
#define STATEMENT_VALUES_MAX 32 /* of one INSERT that are looked at */

/* Adds their pairs, and links the two (link 'statement'). */
bool anchors_of_statements(struct world *w, struct anchors *a, GError **error);
/* Acts that rest on a row are also attested by the line about the statement that wrote it: needs acts and the
 * links. */
bool pass_statements(struct world *w, GError **error);

#endif
