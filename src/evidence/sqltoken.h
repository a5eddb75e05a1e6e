/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLTOKEN_H
#define HC_SQLTOKEN_H

#include "src/base/str.h"

/*
 * The tokens of SQL as MySQL and MariaDB write it: strings have escapes with backslash, names stand in backquotes, comments are passed
 * over but for those of a version (40101 after the exclamation mark), whose text is read like all else. Nothing is kept between calls.
 */
enum hc_sql_kind {
    HC_SQL_END,    /* of the text */
    HC_SQL_CUT,    /* the text ends inside of the token, or right behind it */
    HC_SQL_WORD,   /* also a number */
    HC_SQL_NAME,   /* in backquotes */
    HC_SQL_STRING, /* in single or double quotes */
    HC_SQL_MARK,   /* one character */
};

struct hc_sql_token {
    enum hc_sql_kind kind;
    struct hc_str raw;
    size_t start, end;
};

/* The next token from `pos` on. With `last` the text ends there, so that its end ends a token too. */
struct hc_sql_token hc_sql_next(struct hc_str text, size_t pos, bool last);

bool hc_sql_mark(struct hc_sql_token token, char c);
/* Is it this word, in whatever case? */
bool hc_sql_word(struct hc_sql_token token, const char *word);
bool hc_sql_one_of(struct hc_sql_token token, const char *const *words);
/* A name without its quotes; yours. */
char *hc_sql_name(struct hc_sql_token token);

#endif
