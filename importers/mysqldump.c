/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MySQL and MariaDB, text of mysqldump and mariadb-dump (MySQL manual: "mysqldump", "Literal Values", "Comments").
 *
 *   CREATE TABLE `journals` (`id` int NOT NULL, `name` text, PRIMARY KEY (`id`));
 *   INSERT INTO `journals` VALUES (1,'it''s \"spam\"'),(2,NULL);
 *
 * A record is one tuple in brackets, and that is its place. INSERT and REPLACE name their columns or take those of CREATE TABLE, of the
 * database that USE chose last. A string has escapes with backslash and doubled quotes; an introducer (_binary) says nothing about
 * the text. 0x... and x'...' are the bytes they stand for where these are text, and stay as they are written where they are not. What
 * stands in a comment of a version (40101 after the exclamation mark) is read like all else. Other statements are syntax and are not counted.
 */
#include "src/base/text.h"
#include "src/evidence/sqldump.h"

/* ---- values ---- */

/* One value: a literal, maybe behind an introducer. Moves `*pos` behind it. */
static enum hc_sqldump_fate read_value(const struct hc_sql_text *t, size_t *pos, struct hc_sql_token *value)
{
    struct hc_sql_token token = hc_sql_next(t, *pos);

    if (token.kind == HC_SQL_WORD && (token.raw.p[0] == '_' || (token.raw.n == 1 && strchr("xXbBnN", token.raw.p[0])))) {
        struct hc_sql_token behind = hc_sql_next(t, token.end);
        if (behind.kind == HC_SQL_CUT || behind.kind == HC_SQL_END)
            return HC_SQLDUMP_CUT;
        if (behind.kind == HC_SQL_STRING && strchr("xXbB", token.raw.p[0]))
            behind.raw = hc_str_n(token.raw.p, (size_t)(t->s.p + behind.end - token.raw.p));
        token = behind;
    }
    *pos = token.end;
    *value = token;
    if (token.kind == HC_SQL_CUT || token.kind == HC_SQL_END)
        return HC_SQLDUMP_CUT;
    return token.kind == HC_SQL_WORD || token.kind == HC_SQL_STRING ? HC_SQLDUMP_WHOLE : HC_SQLDUMP_BROKEN;
}

static void append_unescaped(GString *out, struct hc_str in, char quote)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1a";

    for (size_t i = 0; i < in.n; i++) {
        const char *known;
        if (in.p[i] != '\\' || i + 1 == in.n) {
            g_string_append_c(out, in.p[i]);
            i += in.p[i] == quote;
            continue;
        }
        known = in.p[++i] ? strchr(from, in.p[i]) : NULL;
        if (in.p[i] == '%' || in.p[i] == '_')
            g_string_append_c(out, '\\');
        g_string_append_c(out, known ? to[known - from] : in.p[i]);
    }
}

/* The bytes of hexadecimal digits where they are text; else false. */
static bool append_hex(GString *out, struct hc_str digits)
{
    if (digits.n % 2)
        return false;
    for (size_t i = 0; i < digits.n; i += 2) {
        int high = g_ascii_xdigit_value(digits.p[i]), low = g_ascii_xdigit_value(digits.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        g_string_append_c(out, (char)(high << 4 | low));
    }
    return hc_text_is_clean(hc_str_n(out->str, out->len));
}

/* The digits of 0x... and x'...'; .p == NULL for anything else. */
static struct hc_str hex_digits(struct hc_str raw)
{
    if (raw.n >= 2 && raw.p[0] == '0' && raw.p[1] == 'x')
        return hc_str_skip(raw, 2);
    if (raw.n >= 3 && (raw.p[0] == 'x' || raw.p[0] == 'X') && raw.p[1] == '\'')
        return hc_str_n(raw.p + 2, raw.n - 3);
    return HC_STR_NONE;
}

static bool decode(struct hc_sql_token value, struct hc_table *table, size_t column, struct hc_str *text)
{
    struct hc_str digits = hex_digits(value.raw), inner;
    GString *out;

    *text = hc_sql_word(value, "NULL") ? HC_STR_NONE : value.raw;
    if (digits.p) {
        out = hc_table_buffer(table, column);
        if (append_hex(out, digits))
            *text = hc_str_n(out->str, out->len);
    }
    if (digits.p || value.kind != HC_SQL_STRING || (value.raw.p[0] != '\'' && value.raw.p[0] != '"'))
        return true;
    *text = inner = hc_str_n(value.raw.p + 1, value.raw.n - 2);
    if (hc_str_chr(inner, '\\') < 0 && hc_str_chr(inner, value.raw.p[0]) < 0)
        return true;
    out = hc_table_buffer(table, column);
    append_unescaped(out, inner, value.raw.p[0]);
    *text = hc_str_n(out->str, out->len);
    return true;
}

static const struct hc_sqldump_dialect mysql = {
    .tokens = HC_SQL_MYSQL,
    .value = read_value,
    .decode = decode,
    .created = hc_sqldump_created,
    .end = hc_sqldump_end,
};

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    return hc_sqldump_run(&mysql, in, sink, error);
}

/* ---- what kind of file ---- */

static int bid(const struct hc_peek *peek, const char **why)
{
    if (hc_str_find(peek->head, "-- MySQL dump ", 0) >= 0 || hc_str_find(peek->head, "-- MariaDB dump ", 0) >= 0) {
        *why = "starts as mysqldump writes";
        return 95;
    }
    if (hc_str_find(peek->head, "INSERT INTO `", 0) >= 0 || hc_str_find(peek->head, "REPLACE INTO `", 0) >= 0) {
        *why = "holds INSERT statements with MySQL's quotes";
        return 60;
    }
    return 0;
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    return hc_sqldump_tables(&mysql, peek->head);
}

const struct hc_importer hc_importer_mysqldump = {
    .name = "mysqldump",
    .summary = "MySQL or MariaDB dump, text with INSERT statements (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
