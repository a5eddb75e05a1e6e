/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLTOKEN_H
#define HC_SQLTOKEN_H

#include "src/base/str.h"

/*
 * The tokens of SQL, as dumps and schemas have it. Nothing is kept between calls.
 *
 * As MySQL and MariaDB write it, strings have escapes with backslash and may stand in double quotes, names
 * stand in backquotes, and comments are passed over but for those of a version (40101 after the exclamation
 * mark), whose text is read like all else. As SQLite writes it, a string has no escapes but the doubled
 * quote, and names stand in double quotes, backquotes or brackets.
 */
enum hc_sql_dialect { HC_SQL_MYSQL, HC_SQL_SQLITE };

enum hc_sql_kind {
    HC_SQL_END,    /* of the text */
    HC_SQL_CUT,    /* the text ends inside of the token, or right behind it */
    HC_SQL_WORD,   /* also a number */
    HC_SQL_NAME,   /* in quotes for names */
    HC_SQL_STRING, /* in quotes for strings */
    HC_SQL_MARK,   /* one character */
};

struct hc_sql_token {
    enum hc_sql_kind kind;
    struct hc_str raw;
    size_t start, end;
};

struct hc_sql_text {
    enum hc_sql_dialect dialect;
    struct hc_str s;
    bool last; /* it ends there, so that its end ends a token too */
    /* A character set in which a byte of a character may look like a backslash: the byte behind one above
     * 0x80 is none; KANA: as Shift JIS has it. */
    enum hc_sql_wide { HC_SQL_NARROW, HC_SQL_WIDE, HC_SQL_WIDE_KANA } wide;
};

/*
 * For bids: the lines before the first statement of a dump, which are empty or comments. What stands further
 * down may be a value, and so the words of somebody else.
 */
struct hc_str hc_sql_preamble(struct hc_str head);
/* Where a line begins with `mark`; head.n where none does. */
size_t hc_sql_line_with(struct hc_str head, const char *mark);

/* The next token from `pos` on. */
struct hc_sql_token hc_sql_next(const struct hc_sql_text *text, size_t pos);

/* Is this the first byte of a character of two? */
bool hc_sql_leads(unsigned char c, enum hc_sql_wide wide);

bool hc_sql_mark(struct hc_sql_token token, char c);
/* Is it this word, in whatever case? */
bool hc_sql_word(struct hc_sql_token token, const char *word);
bool hc_sql_one_of(struct hc_sql_token token, const char *const *words);
/* A name without its quotes, also one that is written as a string; yours. */
char *hc_sql_name(struct hc_sql_token token);

#endif
