/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqltoken.h"

/*
 * Behind the mark and the number that open a comment of a version, whose text is read like all else; 0 where
 * there is none, or one of a version that never comes.
 */
static size_t skip_version(struct hc_str t)
{
    size_t start = hc_str_starts(t, "/*M!") ? 4 : 3, end = start;

    if (!hc_str_starts(t, "/*M!") && !hc_str_starts(t, "/*!"))
        return 0;
    while (end < t.n && g_ascii_isdigit(t.p[end]))
        end++;
    return end == t.n || hc_str_starts(hc_str_n(t.p + start, end - start), "999999") ? 0 : end;
}

static bool is_line_comment(struct hc_str t, enum hc_sql_dialect dialect)
{
    if (dialect == HC_SQL_SQLITE)
        return hc_str_starts(t, "--");
    return t.p[0] == '#' || hc_str_starts(t, "-- ") || hc_str_starts(t, "--\n") || hc_str_starts(t, "--\r");
}

/* From `i` on over white space and comments; -1: one of them does not end. */
static ptrdiff_t skip_blank(const struct hc_sql_text *t, size_t i)
{
    while (i < t->s.n) {
        struct hc_str rest = hc_str_skip(t->s, i);
        bool mysql = t->dialect == HC_SQL_MYSQL;
        ptrdiff_t end = 0;
        if (g_ascii_isspace(rest.p[0]))
            end = 1;
        else if (mysql && skip_version(rest))
            end = (ptrdiff_t)skip_version(rest);
        else if (mysql && hc_str_starts(rest, "*/"))
            end = 2;
        else if (hc_str_starts(rest, "/*"))
            end = hc_str_find(rest, "*/", 2) + 2;
        else if (is_line_comment(rest, t->dialect))
            end = t->last && hc_str_chr(rest, '\n') < 0 ? (ptrdiff_t)rest.n : hc_str_chr(rest, '\n') + 1;
        else
            break;
        if (end <= (rest.p[0] == '/' ? 1 : 0))
            return -1;
        i += (size_t)end;
    }
    return (ptrdiff_t)i;
}

bool hc_sql_leads(unsigned char c, enum hc_sql_wide wide)
{
    if (wide == HC_SQL_WIDE_KANA && c >= 0xa0 && c < 0xe0)
        return false;
    return wide != HC_SQL_NARROW && c > 0x80 && c < 0xff;
}

/* Behind the quote that closes the one at `i`, or -1. */
static ptrdiff_t skip_quotes(const struct hc_sql_text *text, size_t i)
{
    struct hc_str t = text->s;
    char quote = t.p[i] == '[' ? ']' : t.p[i];
    bool escapes = text->dialect == HC_SQL_MYSQL && quote != '`';

    for (i++; i < t.n; i++) {
        if (text->wide && hc_sql_leads((unsigned char)t.p[i], text->wide))
            i++;
        else if (t.p[i] == '\\' && escapes)
            i++;
        else if (t.p[i] == quote && quote != ']' && i + 1 < t.n && t.p[i + 1] == quote)
            i++;
        else if (t.p[i] == quote)
            return (ptrdiff_t)i + 1;
    }
    return -1;
}

/* 0 where no quotes begin. */
static enum hc_sql_kind quoted_kind(char c, enum hc_sql_dialect dialect)
{
    if (c == '\'' || (c == '"' && dialect == HC_SQL_MYSQL))
        return HC_SQL_STRING;
    return c == '`' || c == '"' || (c == '[' && dialect == HC_SQL_SQLITE) ? HC_SQL_NAME : HC_SQL_END;
}

static bool is_word(char c, enum hc_sql_dialect dialect)
{
    return g_ascii_isalnum(c) || (c && strchr(dialect == HC_SQL_MYSQL ? "_$.@-+" : "_$.", c)) || (c & 0x80);
}

/* Behind the word that starts at `i`; in SQLite's a sign is part of it at the start of a number and in its
 * exponent. */
static size_t skip_word(struct hc_str t, size_t i, enum hc_sql_dialect dialect)
{
    size_t start = i;
    bool number = strchr("+-.0123456789", t.p[i]) != NULL;

    for (i++; i < t.n; i++) {
        bool exponent =
            number && (t.p[i] == '-' || t.p[i] == '+') && (t.p[i - 1] | 0x20) == 'e' && i > start + 1;
        if (!is_word(t.p[i], dialect) && !exponent)
            break;
    }
    return i;
}

static bool starts_word(struct hc_str t, size_t i, enum hc_sql_dialect dialect)
{
    if (is_word(t.p[i], dialect))
        return true;
    return dialect == HC_SQL_SQLITE && (t.p[i] == '-' || t.p[i] == '+') && i + 1 < t.n &&
           (g_ascii_isdigit(t.p[i + 1]) || t.p[i + 1] == '.');
}

struct hc_sql_token hc_sql_next(const struct hc_sql_text *t, size_t pos)
{
    ptrdiff_t start = skip_blank(t, pos), end;
    struct hc_sql_token token = {.kind = HC_SQL_CUT, .start = pos, .end = t->s.n};
    char c;

    if (start < 0 || (size_t)start >= t->s.n) {
        /* in a dump, a comment without its end is cut */
        token.kind = start >= 0 || (t->last && t->dialect == HC_SQL_SQLITE) ? HC_SQL_END : HC_SQL_CUT;
        return token;
    }
    token.start = (size_t)start;
    c = t->s.p[start];
    token.kind = quoted_kind(c, t->dialect);
    if (token.kind != HC_SQL_END) {
        end = skip_quotes(t, token.start);
    } else if (starts_word(t->s, token.start, t->dialect)) {
        end = (ptrdiff_t)skip_word(t->s, token.start, t->dialect);
        token.kind = HC_SQL_WORD;
    } else {
        end = start + 1;
        token.kind = HC_SQL_MARK;
    }
    if (end < 0 ||
        ((size_t)end == t->s.n && !t->last && (token.kind != HC_SQL_MARK || (c && strchr("/*-+", c))))) {
        token.kind = HC_SQL_CUT;
        return token;
    }
    token.end = (size_t)end;
    token.raw = hc_str_n(t->s.p + start, (size_t)(end - start));
    return token;
}

bool hc_sql_mark(struct hc_sql_token token, char c)
{
    return token.kind == HC_SQL_MARK && token.raw.p[0] == c;
}

bool hc_sql_word(struct hc_sql_token token, const char *word)
{
    return token.kind == HC_SQL_WORD && token.raw.n == strlen(word) &&
           g_ascii_strncasecmp(token.raw.p, word, token.raw.n) == 0;
}

bool hc_sql_one_of(struct hc_sql_token token, const char *const *words)
{
    for (; *words; words++)
        if (hc_sql_word(token, *words))
            return true;
    return false;
}

char *hc_sql_name(struct hc_sql_token token)
{
    GString *out;

    if (token.kind != HC_SQL_NAME && token.kind != HC_SQL_STRING)
        return hc_str_dup(token.raw);
    out = g_string_new(NULL);
    for (size_t i = 1; i + 1 < token.raw.n; i++) {
        g_string_append_c(out, token.raw.p[i]);
        i += token.raw.p[i] == token.raw.p[0] && token.raw.p[0] != '[';
    }
    return g_string_free(out, FALSE);
}

struct hc_str hc_sql_preamble(struct hc_str head)
{
    size_t n = 0;

    while (n < head.n) {
        struct hc_str rest = hc_str_skip(head, n);
        ptrdiff_t end = hc_str_chr(rest, '\n');
        struct hc_str line = hc_str_trim(end < 0 ? rest : hc_str_head(rest, (size_t)end));
        if (line.n && !hc_str_starts(line, "--") && !hc_str_starts(line, "/*") &&
            !hc_str_starts(line, "\\restrict "))
            break;
        n += end < 0 ? rest.n : (size_t)end + 1;
    }
    return hc_str_head(head, n);
}

size_t hc_sql_line_with(struct hc_str head, const char *mark)
{
    ptrdiff_t at = -1;

    if (hc_str_starts(head, mark))
        return 0;
    while ((at = hc_str_find(head, mark, (size_t)(at + 1))) >= 0)
        if (head.p[at - 1] == '\n')
            return (size_t)at;
    return head.n;
}
