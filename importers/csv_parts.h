/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CSV_PARTS_H
#define HC_CSV_PARTS_H

#include "src/evidence/table.h"

/* The grammar of the importer csv (csv_rows.c): one row, its fields, and UTF-16. */

enum fate {
    ROW_WHOLE,
    ROW_CUT,    /* the text ends before the row does */
    ROW_BROKEN, /* something stands behind a closing quote */
};

struct row {
    struct hc_str *fields; /* as they stand, with their quotes; room for HC_COLUMNS_MAX */
    size_t n;              /* there may be more than room */
    size_t used;           /* bytes with the line end */
    size_t length;         /* without it */
    bool quoted;           /* the text ends inside of quotes */
};

/* The row at the start of `text`. With `last` the text ends there, so that the end is a line end too. */
enum fate hc_csv_row(struct hc_str text, char separator, bool last, struct row *row);
/* The text of a field of that row, in a buffer of the table where it is not in the file as it is; nothing at
 * all is NULL. */
struct hc_str hc_csv_field(struct hc_str field, struct hc_table *table, size_t column);

/* UTF-16 by its byte order mark: 'l' or 'b', 0 when the text is not. */
char hc_csv_utf16(struct hc_str head);
/* As UTF-8, without its mark; yours. */
GString *hc_csv_from_utf16(struct hc_str text, char order);
/* How many bytes of UTF-16 became this UTF-8: two for each character, four for those beyond the first plane.
 */
int64_t hc_csv_utf16_bytes(struct hc_str text);

#endif
