/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DOUBTS_H
#define HC_DOUBTS_H

#include "src/base/db.h"

/* Stretches of a source whose years turned out to be in doubt when its events were stored already. */
struct hc_doubts;
struct hc_doubts *hc_doubts_new(void);
void hc_doubts_free(struct hc_doubts *doubts);
/* Lines that begin in [from, to); the ends come in rising order. More than HC_DOUBTS_MAX are taken
 * together. */
void hc_doubts_add(struct hc_doubts *doubts, int64_t from, int64_t to);
/*
 * The events of the source that have their year from the order of lines, and stand in one of them, become
 * assumed, with the field "time-note" where they have none. In the transaction in which they were stored, so
 * that nobody has seen them otherwise.
 */
bool hc_doubts_apply(const struct hc_doubts *doubts, hc_db *db, int64_t source, GError **error);

#endif
