/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PGTEXT_H
#define HC_PGTEXT_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * The words of PostgreSQL's SQL, as far as a dump has to be taken apart: where strings, quoted names, dollar
 * quotes and comments begin and end (PostgreSQL documentation, "Lexical Structure"), and what literals and
 * COPY cells mean.
 */
#define HC_PG_COLUMNS_MAX 1600 /* PostgreSQL's own limit of columns in a table */
#define HC_PG_TAG_MAX 64       /* of a dollar quote; a longer one is read as plain text */

enum hc_pg_token { HC_PG_TEXT, HC_PG_WORD, HC_PG_OPEN, HC_PG_CLOSE, HC_PG_COMMA, HC_PG_END, HC_PG_BLANK };

/* Where in a text we are; starts as zeroes. A string, a name or a comment may go on over calls. */
struct hc_pg_lexer {
    enum { HC_PG_PLAIN, HC_PG_STRING, HC_PG_ESCAPED, HC_PG_NAME, HC_PG_DOLLAR, HC_PG_COMMENT } mode;
    bool escaped; /* standard_conforming_strings is off: a plain string has backslash escapes too */
    int comments; /* how deep */
    char tag[HC_PG_TAG_MAX + 3];
};

/* The kind of the token at `*i` (less than text.n), and `*i` behind it. Comments are blank. */
enum hc_pg_token hc_pg_next(struct hc_pg_lexer *lexer, struct hc_str text, size_t *i);

/* One name, quoted or not, at the start of `text`; advances it. "" where there is none. */
char *hc_pg_name(struct hc_str *text);
/* "table" or "schema.table" (`*schema` is "" for the former); advances `text`. */
char *hc_pg_table(struct hc_str *text, char **schema);

/* Pieces of a text between its commas that are in no parentheses; their number, of which up to `max` are
 * kept. */
size_t hc_pg_split(struct hc_str text, bool escaped, struct hc_str *pieces, size_t max);
/* The names of a list "a, "b"" in parentheses at the start of `text`, advanced behind it; none without
 * parentheses. */
GPtrArray *hc_pg_names(struct hc_str *text);
/* The names of the columns in what follows the table's name in a CREATE TABLE statement; without those it
 * inherits. */
GPtrArray *hc_pg_columns(struct hc_str text, struct hc_str *rest);

/* Does it create a table that may have rows? */
bool hc_pg_creates_table(struct hc_str statement);

/*
 * Where a text that goes on behind its end can be parted, beginning as `lexer` says, without parting a token
 * or a mark; 0 where it cannot. The last byte may look like the mark that ends a string, and be the half of
 * one that is doubled.
 */
size_t hc_pg_part(const struct hc_pg_lexer *lexer, struct hc_str text);

/* What GLib calls the character set that PostgreSQL calls so; NULL for UTF-8, and for what is not known. */
const char *hc_pg_charset(struct hc_str name);

/* The cells of a COPY row; their number, of which up to `max` are kept. */
size_t hc_pg_cells(struct hc_str line, struct hc_str *cells, size_t max);
/* Values (hc_cell_fn): of a COPY row, and of VALUES with standard_conforming_strings on and off. */
bool hc_pg_cell(struct hc_str raw, struct hc_str *value, GString *buffer);
bool hc_pg_literal(struct hc_str raw, struct hc_str *value, GString *buffer);
bool hc_pg_literal_escaped(struct hc_str raw, struct hc_str *value, GString *buffer);

#endif
