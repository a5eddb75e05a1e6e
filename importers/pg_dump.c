/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL, plain text of pg_dump (PostgreSQL documentation: "pg_dump", "COPY", section File Formats, Text Format).
 *
 *   COPY public.journals (id, name, "time") FROM stdin;
 *   1<TAB>spam<TAB>2023-05-01 08:44:55.184203
 *   \.
 *
 * Columns are read by the names of the COPY statement, never by position. \N is NULL; \b \f \n \r \t \v, octal \ooo and
 * hexadecimal \xhh are escapes, any other escaped character is itself. Every timestamp is text in the session's
 * zone or, for columns without zone, whatever the service wrote: the profile says which. A row is a record; the other lines
 * (SET, CREATE, comments, \restrict) are syntax and are not counted. A block without its end is reported, and so are the rows of
 * a dump that was made with --inserts, which are not read.
 */
#include "src/evidence/table.h"

struct block {
    GString *name;
    GPtrArray *columns; /* char *, unquoted */
    struct hc_table *table;
};

static int bid(const struct hc_peek *peek, const char **why)
{
    if (hc_str_find(peek->head, "-- PostgreSQL database dump", 0) >= 0) {
        *why = "starts as pg_dump writes its plain format";
        return 95;
    }
    if (hc_str_find(peek->head, "\nCOPY ", 0) >= 0 && hc_str_find(peek->head, " FROM stdin;", 0) >= 0) {
        *why = "holds COPY blocks";
        return 60;
    }
    return 0;
}

/* One identifier, quoted or not, at the start of `text`; advances it. */
static char *identifier(struct hc_str *text)
{
    GString *out = g_string_new(NULL);
    size_t i = 0;

    if (text->n && text->p[0] == '"') {
        for (i = 1; i < text->n; i++) {
            if (text->p[i] == '"' && !(i + 1 < text->n && text->p[i + 1] == '"'))
                break;
            i += text->p[i] == '"';
            g_string_append_c(out, text->p[i]);
        }
        i++;
    } else {
        while (i < text->n && !strchr(".,() ", text->p[i]))
            g_string_append_c(out, text->p[i++]);
    }
    *text = hc_str_skip(*text, i);
    return g_string_free(out, FALSE);
}

static void block_clear(struct block *b)
{
    hc_table_free(b->table);
    g_clear_pointer(&b->columns, g_ptr_array_unref);
    if (b->name)
        g_string_free(b->name, TRUE);
    memset(b, 0, sizeof(*b));
}

/* "COPY [schema.]table (a, "b") FROM stdin;" */
static bool parse_copy(struct hc_str line, struct block *b)
{
    struct hc_str rest;
    g_autofree char *name = NULL;

    if (!hc_str_starts(line, "COPY ") || !hc_str_ends(line, " FROM stdin;"))
        return false;
    rest = hc_str_skip(line, 5);
    name = identifier(&rest);
    if (rest.n && rest.p[0] == '.') {
        rest = hc_str_skip(rest, 1);
        g_free(name);
        name = identifier(&rest);
    }
    b->name = g_string_new(name);
    b->columns = g_ptr_array_new_with_free_func(g_free);
    rest = hc_str_skip(rest, rest.n && rest.p[0] == ' ' ? 2 : 1);
    while (rest.n && rest.p[0] != ')' && b->columns->len < HC_COLUMNS_MAX) {
        size_t before = rest.n;
        g_ptr_array_add(b->columns, identifier(&rest));
        while (rest.n && (rest.p[0] == ',' || rest.p[0] == ' '))
            rest = hc_str_skip(rest, 1);
        if (rest.n == before)
            break;
    }
    return true;
}

static int digit(char c, int base)
{
    int value = g_ascii_xdigit_value(c);

    return value >= 0 && value < base ? value : -1;
}

/* \ooo or \xhh at `*i` (behind the backslash and, for hexadecimal, the x). */
static char coded(struct hc_str in, size_t *i, int base, int digits)
{
    int value = 0;

    for (int n = 0; n < digits && *i < in.n && digit(in.p[*i], base) >= 0; n++)
        value = value * base + digit(in.p[(*i)++], base);
    return (char)value;
}

static void unescape(GString *out, struct hc_str in)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";

    g_string_truncate(out, 0);
    for (size_t i = 0; i < in.n;) {
        const char *back = memchr(in.p + i, '\\', in.n - i), *known;
        size_t plain = back ? (size_t)(back - in.p) - i : in.n - i;
        g_string_append_len(out, in.p + i, (gssize)plain);
        i += plain + 1;
        if (!back || i >= in.n)
            continue;
        known = strchr(from, in.p[i]);
        if (known && in.p[i])
            g_string_append_c(out, to[known - from]);
        else if (digit(in.p[i], 8) >= 0 || (in.p[i] == 'x' && i + 1 < in.n && digit(in.p[i + 1], 16) >= 0)) {
            bool hex = in.p[i] == 'x';
            i += hex;
            g_string_append_c(out, coded(in, &i, hex ? 16 : 8, hex ? 2 : 3));
            continue;
        } else
            g_string_append_c(out, in.p[i]);
        i++;
    }
}

static struct hc_str column_text(struct hc_str raw, GString *buffer)
{
    if (hc_str_is(raw, "\\N"))
        return HC_STR_NONE;
    if (hc_str_chr(raw, '\\') < 0)
        return raw;
    unescape(buffer, raw);
    return hc_str_n(buffer->str, buffer->len);
}

static size_t split_row(struct hc_str line, struct hc_str *columns, size_t max)
{
    size_t n = 0;

    for (;;) {
        ptrdiff_t tab = hc_str_chr(line, '\t');
        if (n < max)
            columns[n] = tab < 0 ? line : hc_str_head(line, (size_t)tab);
        n++;
        if (tab < 0)
            return n;
        line = hc_str_skip(line, (size_t)tab + 1);
    }
}

static bool read_row(struct block *b, struct hc_str *columns, struct hc_str line, const struct hc_locator *at,
                     struct hc_sink *sink, GError **error)
{
    size_t n;

    if (!hc_table_wanted(b->table))
        return hc_table_row(b->table, NULL, 0, at, error);
    if (!line.p)
        return hc_sink_reject(sink, at, error, "the row is longer than %u bytes", HC_LINE_MAX);
    n = split_row(line, columns, b->columns->len);
    for (size_t i = 0; i < n; i++)
        if (hc_table_needs(b->table, i))
            columns[i] = column_text(columns[i], hc_table_buffer(b->table, i));
    return hc_table_row(b->table, columns, n, at, error);
}

/* Rows up to the line "\."; false only on failure. */
static bool read_block(struct hc_input *in, struct block *b, struct hc_locator *at, struct hc_sink *sink, GError **error)
{
    g_autofree struct hc_str *columns = g_new0(struct hc_str, HC_COLUMNS_MAX);
    struct hc_str line;
    bool ok = true;
    int rc;

    while ((rc = hc_input_line(in, &line, at, error)) == 1) {
        if (line.p && hc_str_is(line, "\\."))
            break;
        at->record++;
        if (hc_input_cut(in)) /* it may look whole, with half of its last column */
            ok = hc_sink_reject(sink, at, error, "%s: the dump ends inside this row", b->name->str);
        else
            ok = read_row(b, columns, line, at, sink, error);
        if (!ok)
            return false;
    }
    if (rc != 0)
        return rc > 0;
    at->record++;
    at->length = 0;
    return hc_sink_reject(sink, at, error, "%s: the dump ends inside the COPY block: rows are missing", b->name->str);
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct hc_locator at = {0};
    struct hc_str line;
    int rc;

    while ((rc = hc_input_line(in, &line, &at, error)) == 1) {
        struct block b = {0};
        bool ok = true;
        if (line.p && hc_str_starts(line, "INSERT INTO ")) {
            at.record++;
            ok = hc_sink_reject(sink, &at, error, "rows as INSERT statements are not read; dump without --inserts");
        }
        if (line.p && parse_copy(line, &b)) {
            b.table = hc_table_new(sink, hc_str_n(b.name->str, b.name->len), b.columns);
            ok = read_block(in, &b, &at, sink, error);
        }
        block_clear(&b);
        if (!ok)
            return false;
    }
    hc_sink_read(sink, at.record);
    return rc == 0;
}

const struct hc_importer hc_importer_pg_dump = {
    .name = "pg_dump",
    .summary = "PostgreSQL dump, plain text with COPY blocks",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .run = run,
};
