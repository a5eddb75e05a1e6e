/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TABLE_H
#define HC_TABLE_H

#include "src/evidence/importer.h"

/*
 * Rows of named columns, as dumps and exports have them: what lies between the syntax of a format and the
 * plan of a record type. Every slot of the plan gets its column, or the place inside the JSON of a column
 * that its path says; a column of the whole name wins over a path.
 */
/* of one table; PostgreSQL has up to 1600, MySQL 1017, SQLite 2000 unless built otherwise */
#define HC_COLUMNS_MAX 2000

struct hc_table;

/* The table `type` with these columns (char *, copied). Rows of a type that the profile does not want are
 * only counted. */
struct hc_table *hc_table_new(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns);
/* Ends the accounting of its rows. */
void hc_table_free(struct hc_table *table);

size_t hc_table_columns(const struct hc_table *table);
/* Is this column asked for? What is not need not be decoded. */
bool hc_table_needs(const struct hc_table *table, size_t column);
/* Are rows more than counted? */
bool hc_table_wanted(const struct hc_table *table);
/* Is the row with this text outside of the scope of the import (hc_sink_outside)? Then it is counted and need
 * not be split. */
bool hc_table_outside(struct hc_table *table, struct hc_str text);
/* An empty buffer to decode this column into; its text has to last until hc_table_row. */
GString *hc_table_buffer(struct hc_table *table, size_t column);

/*
 * One row: `values[i]` is the decoded text of column i, .p == NULL is NULL; those that are not needed are not
 * looked at. A row of another width than the table becomes a reject.
 */
bool hc_table_row(struct hc_table *table, const struct hc_str *values, size_t n, const struct hc_locator *at,
                  GError **error);

#endif
