/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITETABLE_H
#define HC_SQLITETABLE_H

#include "src/evidence/sqlitetree.h"
#include "src/evidence/sqlitevalue.h"

/*
 * Tables of SQLite: what a CREATE TABLE statement says of how rows are stored (SQLite documentation, "CREATE
 * TABLE", "ROWIDs and the INTEGER PRIMARY KEY", "Clustered Indexes and the WITHOUT ROWID Optimization",
 * "Generated Columns"), and their rows.
 */
struct hc_sqlite_column {
    char *name;
    enum hc_sqlite_affinity affinity;
    bool rowid;     /* its value is the rowid, not what is stored */
    bool computed;  /* generated, and not stored: there is nothing to read */
    bool generated; /* stored or not; an INSERT does not name it */
    int stored;     /* place in the record */
    /* What a row has that was stored before the column was added. */
    struct hc_sqlite_value initial;
    bool initial_unknown; /* it is said by an expression that is not a literal */
};

struct hc_sqlite_table {
    char *name;
    uint32_t root;
    bool without_rowid;
    GArray *columns; /* struct hc_sqlite_column, in the order in which they are declared */
    int n_stored;    /* values of a whole record */
    GStringChunk *chunk;
};

/* From the text of a CREATE TABLE statement (UTF-8, as sqlite_schema has it); NULL with a reason (static)
 * where it cannot be read. */
struct hc_sqlite_table *hc_sqlite_table_parse(struct hc_str sql, const char **why);
void hc_sqlite_table_free(struct hc_sqlite_table *table);
typedef struct hc_sqlite_table hc_sqlite_table_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_sqlite_table_t, hc_sqlite_table_free)

const struct hc_sqlite_column *hc_sqlite_table_column(const struct hc_sqlite_table *table, guint i);

/*
 * The values of the row whose cell `walk` found last, one for each column, as far as `needed`. `fields` has
 * room for `n_stored`. Texts live until the next cell. 1; 0 with a reason (static) where the row cannot be
 * read; -1 = failed.
 */
int hc_sqlite_table_row(const struct hc_sqlite_table *table, struct hc_sqlite_walk *walk,
                        const struct hc_sqlite_cell *cell, const bool *needed, struct hc_sqlite_field *fields,
                        struct hc_sqlite_value *values, const char **why, GError **error);

#endif
