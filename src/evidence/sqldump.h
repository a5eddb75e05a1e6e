/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLDUMP_H
#define HC_SQLDUMP_H

#include "src/base/charset.h"
#include "src/evidence/sqltoken.h"
#include "src/evidence/table.h"

/*
 * Dumps that are SQL text: INSERT (and REPLACE) statements whose rows are tuples in brackets. A record is one
 * tuple, and that is its place. The statements name their columns or take those of CREATE TABLE, of the
 * database that USE chose last. Other statements are syntax and are not counted. What a value is and how a
 * statement ends differs from one database to the other, and is given here.
 */
#define HC_SQLDUMP_ROW_MAX                                                                                   \
    (16u << 20) /* a longer row, or head of a statement, is passed over up to its line end and rejected */

enum hc_sqldump_fate { HC_SQLDUMP_WHOLE, HC_SQLDUMP_CUT, HC_SQLDUMP_BROKEN };

/* What strings are written in. */
struct hc_sqldump_strings {
    struct hc_charset *charset; /* NULL: UTF-8 */
    enum hc_sql_wide wide;
    GString *plain; /* to convert in */
};

struct hc_sqldump_dialect {
    enum hc_sql_dialect tokens;
    /* Reads one value from `*pos`, which is moved behind it; its token's raw text is all of it. */
    enum hc_sqldump_fate (*value)(const struct hc_sql_text *text, size_t *pos, struct hc_sql_token *value);
    /* The text of a value, which may stand in a buffer of the table; false when it cannot be read. */
    bool (*decode)(const struct hc_sqldump_strings *strings, struct hc_sql_token value,
                   struct hc_table *table, size_t column, struct hc_str *text);
    /* The character set of SET NAMES, by iconv's name, NULL for UTF-8; false when it is not known. May be
     * NULL. */
    bool (*charset)(struct hc_sql_token set, const char **iconv, enum hc_sql_wide *wide);
    /* The columns of a statement CREATE ..., whose first word ends at `pos`, and the name of its table
     * (yours); NULL when it makes none. */
    GPtrArray *(*created)(const struct hc_sql_text *statement, size_t pos, char **name);
    /* The names of the columns of a table that no statement makes, with blanks between them; NULL: there is
     * no such table. May be NULL. */
    const char *(*built_in)(const char *table);
    /* Behind the semicolon that ends the statement of which `first` is the first word; 0 when it is cut. */
    size_t (*end)(const struct hc_sql_text *text, struct hc_sql_token first);
    /* Why rows are missing (static), as the comments before a statement say; NULL: they do not. May be
     * NULL. */
    const char *(*comment)(struct hc_str comments);
    const char *encoded; /* what stands before a value in which no name can be seen as it is
                            (hc_table_outside); NULL: there are none */
    /* How its comments begin and end a dump: where one is begun and none ended, it was cut. NULL: they do
     * not. */
    const char *const *begins; /* NULL-ended */
    const char *ends;
    bool transaction; /* all is one transaction: without its end the dump is cut */
};

/* The loop of an importer. */
bool hc_sqldump_run(const struct hc_sqldump_dialect *dialect, struct hc_input *in, struct hc_sink *sink,
                    GError **error);
/* What an importer shows of its tables: those of the CREATE TABLE statements in the head. */
GPtrArray *hc_sqldump_tables(const struct hc_sqldump_dialect *dialect, struct hc_str head);

/* For dialects: up to the next semicolon; and a column for each item of CREATE TABLE that is not a key. */
size_t hc_sqldump_end(const struct hc_sql_text *text, struct hc_sql_token first);
GPtrArray *hc_sqldump_created(const struct hc_sql_text *statement, size_t pos, char **name);

#endif
