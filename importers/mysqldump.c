/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MySQL and MariaDB, text of mysqldump and mariadb-dump (MySQL manual: "mysqldump", "Literal Values",
 * "Comments").
 *
 *   CREATE TABLE `journals` (`id` int NOT NULL, `name` text, PRIMARY KEY (`id`));
 *   INSERT INTO `journals` VALUES (1,'it''s \"spam\"'),(2,NULL);
 *
 * A record is one tuple in brackets, and that is its place. INSERT and REPLACE name their columns or take
 * those of CREATE TABLE, of the database that USE chose last. A string has escapes with backslash and doubled
 * quotes; an introducer (_binary) says nothing about the text. 0x... and x'...' are the bytes they stand for
 * where these are text, and stay as they are written where they are not. What stands in a comment of a
 * version (40101 after the exclamation mark) is read like all else. Other statements are syntax and are not
 * counted.
 */
#include "src/base/charset.h"
#include "src/base/text.h"
#include "src/evidence/sqldump.h"

/* ---- values ---- */

/* Character sets by the names of MySQL; its own are iconv's, or nearly. */
static const struct {
    const char *name, *iconv;
    enum hc_sql_wide wide;
} charsets[] = {
    {"latin1", "CP1252", HC_SQL_NARROW},
    {"latin2", "ISO-8859-2", HC_SQL_NARROW},
    {"latin5", "ISO-8859-9", HC_SQL_NARROW},
    {"latin7", "ISO-8859-13", HC_SQL_NARROW},
    {"greek", "ISO-8859-7", HC_SQL_NARROW},
    {"hebrew", "ISO-8859-8", HC_SQL_NARROW},
    {"cp1250", "CP1250", HC_SQL_NARROW},
    {"cp1251", "CP1251", HC_SQL_NARROW},
    {"cp1256", "CP1256", HC_SQL_NARROW},
    {"cp1257", "CP1257", HC_SQL_NARROW},
    {"cp850", "CP850", HC_SQL_NARROW},
    {"cp852", "CP852", HC_SQL_NARROW},
    {"cp866", "CP866", HC_SQL_NARROW},
    {"koi8r", "KOI8-R", HC_SQL_NARROW},
    {"koi8u", "KOI8-U", HC_SQL_NARROW},
    {"macce", "MACCENTRALEUROPE", HC_SQL_NARROW},
    {"macroman", "MACINTOSH", HC_SQL_NARROW},
    {"tis620", "TIS-620", HC_SQL_NARROW},
    {"ujis", "EUC-JP", HC_SQL_NARROW},
    {"eucjpms", "EUC-JP", HC_SQL_NARROW},
    {"euckr", "CP949", HC_SQL_WIDE},
    {"gb2312", "GB2312", HC_SQL_WIDE},
    {"gbk", "GBK", HC_SQL_WIDE},
    {"gb18030", "GB18030", HC_SQL_WIDE},
    {"big5", "BIG5", HC_SQL_WIDE},
    {"sjis", "SHIFT_JIS", HC_SQL_WIDE_KANA},
    {"cp932", "CP932", HC_SQL_WIDE_KANA},
};

static bool charset(struct hc_sql_token set, const char **iconv, enum hc_sql_wide *wide)
{
    static const char *const as_it_is[] = {"utf8", "utf8mb3", "utf8mb4", "ascii", "binary", "DEFAULT", NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (hc_sql_word(set, charsets[i].name)) {
            *iconv = charsets[i].iconv;
            *wide = charsets[i].wide;
            return true;
        }
    return hc_sql_one_of(set, as_it_is);
}

/* One value: a literal, maybe behind an introducer. Moves `*pos` behind it. */
static enum hc_sqldump_fate read_value(const struct hc_sql_text *t, size_t *pos, struct hc_sql_token *value)
{
    struct hc_sql_token token = hc_sql_next(t, *pos);

    if (token.kind == HC_SQL_WORD &&
        (token.raw.p[0] == '_' || (token.raw.n == 1 && strchr("xXbBnN", token.raw.p[0])))) {
        struct hc_sql_token behind = hc_sql_next(t, token.end);
        bool kept = strchr("xXbB", token.raw.p[0]) || hc_sql_word(token, "_binary");
        if (behind.kind == HC_SQL_CUT || behind.kind == HC_SQL_END)
            return HC_SQLDUMP_CUT;
        if (behind.kind == HC_SQL_STRING && kept)
            behind.raw = hc_str_n(token.raw.p, (size_t)(t->s.p + behind.end - token.raw.p));
        token = behind;
    }
    *pos = token.end;
    *value = token;
    if (token.kind == HC_SQL_CUT || token.kind == HC_SQL_END)
        return HC_SQLDUMP_CUT;
    return token.kind == HC_SQL_WORD || token.kind == HC_SQL_STRING ? HC_SQLDUMP_WHOLE : HC_SQLDUMP_BROKEN;
}

/* A string without its escapes; they are those of its character set. */
static void append_unescaped(GString *out, struct hc_str in, char quote, enum hc_sql_wide wide)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1a";

    for (size_t i = 0; i < in.n; i++) {
        const char *known;
        if (wide && hc_sql_leads((unsigned char)in.p[i], wide) && i + 1 < in.n) {
            g_string_append_c(out, in.p[i++]);
            g_string_append_c(out, in.p[i]);
            continue;
        }
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

static bool is_ascii(struct hc_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* In the character set of the dump, unless it is called binary. */
static struct hc_str string_text(const struct hc_sqldump_strings *strings, struct hc_str raw,
                                 struct hc_table *table, size_t column)
{
    bool binary = raw.p[0] == '_', coded;
    struct hc_str inner;
    GString *out;

    raw = hc_str_skip(raw, binary ? strlen("_binary") : 0);
    while (raw.p[0] != '\'' && raw.p[0] != '"')
        raw = hc_str_skip(raw, 1);
    inner = hc_str_n(raw.p + 1, raw.n - 2);
    coded = strings->charset && !binary && !is_ascii(inner);
    if (!coded && hc_str_chr(inner, '\\') < 0 && hc_str_chr(inner, raw.p[0]) < 0)
        return inner;
    out = hc_table_buffer(table, column);
    append_unescaped(out, inner, raw.p[0], strings->wide);
    if (coded) {
        g_string_truncate(strings->plain, 0);
        hc_charset_utf8(strings->charset, strings->plain, hc_str_n(out->str, out->len));
        g_string_truncate(out, 0);
        g_string_append_len(out, strings->plain->str, (gssize)strings->plain->len);
    }
    return hc_str_n(out->str, out->len);
}

static bool decode(const struct hc_sqldump_strings *strings, struct hc_sql_token value,
                   struct hc_table *table, size_t column, struct hc_str *text)
{
    struct hc_str digits = hex_digits(value.raw);
    GString *out;

    *text = hc_sql_word(value, "NULL") ? HC_STR_NONE : value.raw;
    if (digits.p) {
        out = hc_table_buffer(table, column);
        if (append_hex(out, digits))
            *text = hc_str_n(out->str, out->len);
    } else if (value.kind == HC_SQL_STRING && strchr("\'\"_", value.raw.p[0])) {
        *text = string_text(strings, value.raw, table, column);
    }
    return true;
}

/* With --skip-comments it writes neither. */
static const char *const begins[] = {"-- MySQL dump ", "-- MariaDB dump ", NULL};

static const struct hc_sqldump_dialect mysql = {
    .begins = begins,
    .ends = "-- Dump completed",
    .tokens = HC_SQL_MYSQL,
    .value = read_value,
    .decode = decode,
    .charset = charset,
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
    struct hc_str start = hc_sql_preamble(peek->head);
    size_t insert =
        MIN(hc_sql_line_with(peek->head, "INSERT INTO `"), hc_sql_line_with(peek->head, "REPLACE INTO `"));

    if (hc_sql_line_with(start, "-- MySQL dump ") < start.n ||
        hc_sql_line_with(start, "-- MariaDB dump ") < start.n) {
        *why = "starts as mysqldump writes";
        return 95;
    }
    if (hc_sql_line_with(start, "/*!40") < start.n || hc_sql_line_with(start, "/*M!") < start.n) {
        *why = "starts with comments of a version of MySQL";
        return 80;
    }
    if (insert < hc_sql_line_with(peek->head, "COPY ")) {
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
