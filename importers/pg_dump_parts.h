/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PG_DUMP_PARTS_H
#define HC_PG_DUMP_PARTS_H

#include "src/base/charset.h"
#include "src/evidence/importer.h"
#include "src/evidence/pgtables.h"
#include "src/evidence/pgtext.h"
#include "src/evidence/sqltoken.h"
#include "src/evidence/table.h"

/* The inside of the importer pg_dump: pg_dump.c tells the statements apart, pg_dump_rows.c reads the rows of
 * COPY and INSERT. Nobody else looks in here. */

/* a longer one is passed over; of an INSERT, this is the limit of one row */
#define HC_PG_STATEMENT_MAX HC_LINE_MAX

struct dump {
    struct hc_input *in;
    struct hc_sink *sink;
    struct hc_locator at;
    struct hc_pg_lexer lexer;
    /* the statement, or the tuple of an INSERT, that is being collected */
    enum { STATEMENT, ROWS, TAIL } part; /* TAIL: what follows the rows of an INSERT */
    GString *text;
    struct hc_locator from;
    bool too_long, copy;
    bool
        crlf; /* the lines of this file end so: a CR before LF in a string is of the file, not of the value */
    bool told_cut;     /* that it ends where it should not */
    int begun;         /* dumps that a comment began, a cluster's among them, and none has ended yet */
    int64_t line_end;  /* where the text of the last line ended */
    int depth, blocks; /* open parentheses; BEGIN and CASE of a function that is written in SQL */
    /* the table whose rows come */
    char *type;
    GPtrArray *columns;
    struct hc_table *table;
    GString *header; /* the INSERT that it was opened by */
    const char *why; /* its rows are passed over by this rule */
    int64_t passed;
    struct hc_str *cells;
    /* what is known of the dump */
    char *database, *schema; /* schema: of names without one */
    struct hc_pg_tables *created;
    struct hc_charset *charset; /* NULL: UTF-8 */
    GString *plain;             /* the present row or statement as UTF-8 */
    GHashTable *owners;         /* type -> "database.schema.table" */
};

/* The text in UTF-8, until the next call. */
struct hc_str hc_pg_dump_utf8(struct dump *d, struct hc_str text);
/* No more rows of this table come; those that were passed over are counted. */
void hc_pg_dump_close(struct dump *d);
/* "COPY [schema.]table (a, "b") FROM stdin": its table is open, `copy` is set; another COPY is none of ours.
 */
bool hc_pg_dump_copy(struct dump *d, struct hc_str text, GError **error);
/* The rows behind it up to the line "\."; false only on failure. */
bool hc_pg_dump_block(struct dump *d, GError **error);
/* The header of an INSERT, which was collected up to VALUES: its table is open. */
bool hc_pg_dump_insert(struct dump *d, GError **error);
/* A tuple of it, of which what stood between its parentheses is collected. It ends at the column `past` of
 * `end`. */
bool hc_pg_dump_tuple(struct dump *d, const struct hc_locator *end, size_t past, GError **error);

/* A reject: the dump ends where it should not, inside `what`. */
bool hc_pg_dump_unended(struct dump *d, const char *what, GError **error);
/* Of the line that was read: that something is missing here, which counts as a record. */
bool hc_pg_dump_broken(struct dump *d, GError **error);

#endif
