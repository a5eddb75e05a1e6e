/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PGTABLES_H
#define HC_PGTABLES_H

#include "src/base/str.h"

/* What the CREATE TABLE statements of a dump say about columns, for rows that do not name theirs. */
#define HC_PG_TABLES_MAX 100000 /* tables whose columns are remembered */

struct hc_pg_tables;

struct hc_pg_tables *hc_pg_tables_new(void);
void hc_pg_tables_free(struct hc_pg_tables *tables);
void hc_pg_tables_forget(struct hc_pg_tables *tables);
/* Takes in a statement for which hc_pg_creates_table holds; names without schema are in `schema`. */
void hc_pg_tables_create(struct hc_pg_tables *tables, struct hc_str statement, const char *schema);
/* The names of its columns (char *, of `tables`), with those that it inherits; NULL: nothing is known. "" is
 * the schema public. */
GPtrArray *hc_pg_tables_columns(const struct hc_pg_tables *tables, const char *schema, const char *table);

/* The tables that the head of a dump shows: GStrv each, the name and then the columns. Yours. */
GPtrArray *hc_pg_tables_shown(struct hc_str head);

/* As hc_pg_table (pgtext.h), with `in` for the schema of a name that has none. */
char *hc_pg_table_in(struct hc_str *text, const char *in, char **schema);

#endif
