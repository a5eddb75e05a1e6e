/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INDEX_H
#define HC_INDEX_H

#include "src/evidence/entities.h"

/*
 * The entries of the indexes of `event`, `state` and `alias`, collected while rows are written, so that they
 * need not be read again: complete only for tables that had no rows before.
 */
struct hc_index_entries;
struct hc_index_entries *hc_index_entries_new(const char *folder);
void hc_index_entries_free(struct hc_index_entries *entries);
/*
 * One row of `event`, by their numbers. `columns`: as in enum hc_index_column; 0 is NULL. A thread of its own
 * collects them: what fails there is told by hc_index_make.
 */
enum hc_index_column {
    HC_INDEX_ACTION,
    HC_INDEX_ACTOR,
    HC_INDEX_TARGET,
    HC_INDEX_OBJECT,
    HC_INDEX_ADDRESS,
    HC_INDEX_MESSAGE,
    HC_INDEX_COLUMNS
};
void hc_index_entries_add(struct hc_index_entries *entries, int64_t id,
                          const int64_t columns[HC_INDEX_COLUMNS]);
/* One row of `state`, by their numbers. */
bool hc_index_entries_state(struct hc_index_entries *entries, int64_t id, int64_t row_key, int64_t type,
                            int64_t source, GError **error);

/*
 * The indexes of the facts, made after loading; those that exist are left alone. Not inside of a transaction.
 * `entries`: all of the tables', or NULL; they are used up. `entities`: all that are in the table. `safe`: by
 * SQLite alone.
 */
bool hc_index_make(hc_db *db, struct hc_entities *entities, struct hc_index_entries *entries, bool safe,
                   GError **error);

/* From this many rows of a table on, tables and indexes are built as whole trees (bulk.h), where that can be
 * done. */
#define HC_BULK_EVENTS 20000

#endif
