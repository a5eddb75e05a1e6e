/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TAPE_H
#define HC_TAPE_H

#include "src/base/bulk.h"

/*
 * Rows that a table will get at its end, as records (btree.h) in the order of their numbers: a few MiB are in
 * memory, the rest in a file without a name in `folder`. They are written by SQLite, or become the whole
 * table as a tree; then the tape is empty again.
 */
struct hc_tape;
struct hc_tape *hc_tape_new(const char *folder);
void hc_tape_free(struct hc_tape *tape);
bool hc_tape_add(struct hc_tape *tape, int64_t id, struct hc_str record, GError **error);
/* How many rows wait; and they do no longer. */
int64_t hc_tape_rows(const struct hc_tape *tape);
void hc_tape_clear(struct hc_tape *tape);

/* Each row in its order, for other uses; then the tape is empty. False when `each` says so. */
typedef bool (*hc_tape_fn)(void *data, int64_t id, struct hc_str record, GError **error);
bool hc_tape_play(struct hc_tape *tape, hc_tape_fn each, void *data, GError **error);
/* An hc_tape_fn, `statement` an hc_stmt: parameter 1 is the number, the others are the columns behind the
 * first. */
bool hc_tape_insert_row(void *statement, int64_t id, struct hc_str record, GError **error);

/* By hc_tape_insert_row; or as a whole table. */
bool hc_tape_insert(struct hc_tape *tape, hc_stmt *st, GError **error);
bool hc_tape_build(struct hc_tape *tape, struct hc_bulk *bulk, const char *table, GError **error);

#endif
