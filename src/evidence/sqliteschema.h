/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITESCHEMA_H
#define HC_SQLITESCHEMA_H

#include "src/evidence/sqlitetable.h"

/* What the tables of a SQLite 3 database are, by its table sqlite_schema (SQLite documentation, "The Schema
 * Table"). */
#define HC_SQLITE_TABLES_MAX 100000
#define HC_SQLITE_SCHEMA_MAX (64u << 20) /* bytes of all CREATE TABLE statements */

/* A table that has rows in the file; views and virtual tables have none. */
struct hc_sqlite_entry {
    char *name;
    struct hc_sqlite_table *table; /* NULL where its definition cannot be read */
    const char *why;
    uint32_t root;
    int64_t at, length; /* the row that says so */
};

struct hc_sqlite_schema {
    GPtrArray *entries; /* struct hc_sqlite_entry, in the order of the schema */
    GArray *faults;     /* struct hc_sqlite_fault: parts that cannot be read */
};

/* False only on failure. To be cleared in any case. */
bool hc_sqlite_schema_read(struct hc_sqlite_schema *schema, struct hc_sqlite_walk *walk,
                           enum hc_sqlite_encoding encoding, GError **error);
void hc_sqlite_schema_clear(struct hc_sqlite_schema *schema);

#endif
