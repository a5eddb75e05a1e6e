/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TEST_SQLITE_ROWS_H
#define HC_TEST_SQLITE_ROWS_H

#include "src/evidence/sqliteschema.h"

#include <sqlite3.h>

/* The rows of a database as text, "table|value|...", in order: by the library, and by our reader. */

void run_sql(sqlite3 *db, const char *sql);
GPtrArray *library_rows(sqlite3 *db);

struct reading {
    GPtrArray *lines;
    GString *faults; /* what could not be read, one line each */
    struct hc_sqlite_pages *pages;
    struct hc_sqlite_walk *walk;
    struct hc_input *db, *wal, *journal;
    int64_t db_size;
};

/* Takes the inputs, of which nothing is current yet; `wal` and `journal` may be NULL. */
struct reading read_input(struct hc_input *db, struct hc_input *wal, struct hc_input *journal,
                          uint32_t frames);
void end_reading(struct reading *r);

#endif
