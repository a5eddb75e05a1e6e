/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqltoken.h"

/*
 * Behind the mark and the number that open a comment of a version, whose text is read like all else; 0 where there is none, or one of a
 * version that never comes.
 */
static size_t skip_version(struct hc_str t)
{
    size_t start = hc_str_starts(t, "/*M!") ? 4 : 3, end = start;

    if (!hc_str_starts(t, "/*M!") && !hc_str_starts(t, "/*!"))
        return 0;
    while (end < t.n && g_ascii_isdigit(t.p[end]))
        end++;
    return hc_str_starts(hc_str_n(t.p + start, end - start), "999999") ? 0 : end;
}

/* From `i` on over white space and comments; -1: one of them does not end. */
static ptrdiff_t skip_blank(struct hc_str t, size_t i)
{
    while (i < t.n) {
        struct hc_str rest = hc_str_skip(t, i);
        ptrdiff_t end = 0;
        if (g_ascii_isspace(rest.p[0]))
            end = 1;
        else if (skip_version(rest))
            end = (ptrdiff_t)skip_version(rest);
        else if (hc_str_starts(rest, "*/"))
            end = 2;
        else if (hc_str_starts(rest, "/*"))
            end = hc_str_find(rest, "*/", 2) + 2;
        else if (rest.p[0] == '#' || hc_str_starts(rest, "-- ") || hc_str_starts(rest, "--\n") || hc_str_starts(rest, "--\r"))
            end = hc_str_chr(rest, '\n') + 1;
        else
            break;
        if (end <= (rest.p[0] == '/' ? 1 : 0))
            return -1;
        i += (size_t)end;
    }
    return (ptrdiff_t)i;
}

/* Behind the quote that closes the one at `i`, or -1. */
static ptrdiff_t skip_quotes(struct hc_str t, size_t i)
{
    char quote = t.p[i];

    for (i++; i < t.n; i++) {
        if (t.p[i] == '\\' && quote != '`')
            i++;
        else if (t.p[i] == quote && i + 1 < t.n && t.p[i + 1] == quote)
            i++;
        else if (t.p[i] == quote)
            return (ptrdiff_t)i + 1;
    }
    return -1;
}

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || strchr("_$.@-+", c) || (c & 0x80);
}

struct hc_sql_token hc_sql_next(struct hc_str t, size_t pos, bool last)
{
    ptrdiff_t start = skip_blank(t, pos), end;
    struct hc_sql_token token = {.kind = HC_SQL_CUT, .start = pos, .end = t.n};
    char c;

    if (start < 0 || (size_t)start >= t.n) {
        token.kind = start >= 0 || last ? HC_SQL_END : HC_SQL_CUT;
        return token;
    }
    token.start = (size_t)start;
    c = t.p[start];
    if (strchr("'\"`", c) && c) {
        end = skip_quotes(t, token.start);
        token.kind = c == '`' ? HC_SQL_NAME : HC_SQL_STRING;
    } else if (c && is_word(c)) {
        for (end = start; (size_t)end < t.n && t.p[end] && is_word(t.p[end]); end++)
            ;
        token.kind = HC_SQL_WORD;
    } else {
        end = start + 1;
        token.kind = HC_SQL_MARK;
    }
    if (end < 0 || ((size_t)end == t.n && !last && (token.kind != HC_SQL_MARK || c == '/' || c == '*'))) {
        token.kind = HC_SQL_CUT;
        return token;
    }
    token.end = (size_t)end;
    token.raw = hc_str_n(t.p + start, (size_t)(end - start));
    return token;
}

bool hc_sql_mark(struct hc_sql_token token, char c)
{
    return token.kind == HC_SQL_MARK && token.raw.p[0] == c;
}

bool hc_sql_word(struct hc_sql_token token, const char *word)
{
    return token.kind == HC_SQL_WORD && token.raw.n == strlen(word) && g_ascii_strncasecmp(token.raw.p, word, token.raw.n) == 0;
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
    g_autofree char *inner = NULL;
    g_auto(GStrv) parts = NULL;

    if (token.kind != HC_SQL_NAME && token.kind != HC_SQL_STRING)
        return hc_str_dup(token.raw);
    inner = hc_str_dup(hc_str_n(token.raw.p + 1, token.raw.n - 2));
    parts = g_strsplit(inner, "``", -1);
    return g_strjoinv("`", parts);
}
