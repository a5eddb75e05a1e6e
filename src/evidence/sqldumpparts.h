/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLDUMPPARTS_H
#define HC_SQLDUMPPARTS_H

#include "src/evidence/sqldump.h"

/* What stands in the statements of a dump (sqlstatements.c), for the one that reads them in order
 * (sqldump.c). */

struct hc_sqldump_tuple {
    struct hc_sql_token *values; /* room for HC_COLUMNS_MAX */
    size_t n;                    /* there may be more than room */
    size_t start, end;
};

/* The tuple that starts at the bracket at `tuple->start`. */
enum hc_sqldump_fate hc_sqldump_tuple(const struct hc_sqldump_dialect *dialect, const struct hc_sql_text *t,
                                      struct hc_sqldump_tuple *tuple);
/* "[INTO] name [(columns)] VALUES", behind the INSERT or REPLACE that ends at `pos`: the table's name (yours,
 * NULL when there is none), its columns (added) and how much of the text that is. */
enum hc_sqldump_fate hc_sqldump_insert(const struct hc_sql_text *t, size_t pos, char **name,
                                       GPtrArray *columns, size_t *used);

#endif
