/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BULK_H
#define HC_BULK_H

#include "src/base/btree.h"
#include "src/base/db.h"

/*
 * Trees that are built outside of SQLite (btree.h) and become tables and indexes of the database, inside of
 * the caller's transaction. Their pages lie behind the end of the file until it is committed: whatever
 * interrupts it, SQLite's journal cuts them off again. Statements that are under way have to be reset before.
 */
struct hc_bulk;
/*
 * NULL without an error where the database cannot take them (one in memory, with a write-ahead log, with many
 * free pages inside): do it the ordinary way then. From here on others can neither read nor write it. Without
 * hc_bulk_end after it the transaction has to be rolled back.
 */
struct hc_bulk *hc_bulk_new(hc_db *db, GError **error);
void hc_bulk_free(struct hc_bulk *bulk);
/* Where the trees are built, one after the other; nothing may be asked of or told to the database
 * meanwhile. */
struct hc_pages *hc_bulk_pages(struct hc_bulk *bulk);
/* This tree is the content of the table `name`, which is empty and has no index. */
void hc_bulk_table(struct hc_bulk *bulk, const char *name, uint32_t root);
/* This tree is the index that the statement `name` of src/sql/FILE.sql would create. */
void hc_bulk_index(struct hc_bulk *bulk, const char *table, const char *file, const char *name,
                   uint32_t root);
bool hc_bulk_end(struct hc_bulk *bulk, GError **error);

#endif
