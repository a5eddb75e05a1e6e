/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INDEX_H
#define HC_INDEX_H

#include "src/base/db.h"

/* The indexes of the facts, made after loading; those that exist are left alone. Not inside of a transaction. `safe`: by SQLite alone. */
bool hc_index_make(hc_db *db, bool safe, GError **error);

/* From this many events on, tables and indexes are built as whole trees (db.h), where that can be done. */
#define HC_BULK_EVENTS 20000

#endif
