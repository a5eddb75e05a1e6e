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
#include "src/base/json.h"
#include "src/evidence/importer.h"

#define HC_COLUMNS_MAX 1600 /* PostgreSQL's own limit of columns in a table */

/* Where the value of a slot comes from: a column, or a path inside the JSON of a column. */
struct source {
    ptrdiff_t column; /* -1: the table has no such column */
    const char *path; /* NULL: the whole column */
};

/* A column of the row at hand that slots read: decoded and checked once, whatever number of slots. */
struct column {
    bool wanted, json; /* as it is; for what is inside of it */
    GString *buffer;
    struct hc_str text, json_text; /* json_text: .p == NULL when it is no JSON */
};

struct table {
    GString *name;
    GPtrArray *columns; /* char *, unquoted */
    const struct hc_plan *plan;
    struct source *sources;
    struct column *decoded;
    struct hc_str *values;
    GString **texts; /* of what was found at a path, one buffer per slot */
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

static void table_clear(struct table *t)
{
    size_t n = t->plan ? hc_plan_slots(t->plan) : 0;

    for (size_t i = 0; t->texts && i < n; i++)
        g_string_free(t->texts[i], TRUE);
    for (guint i = 0; t->decoded && i < t->columns->len; i++)
        g_string_free(t->decoded[i].buffer, TRUE);
    g_clear_pointer(&t->decoded, g_free);
    g_clear_pointer(&t->texts, g_free);
    g_clear_pointer(&t->values, g_free);
    g_clear_pointer(&t->sources, g_free);
    g_clear_pointer(&t->columns, g_ptr_array_unref);
    if (t->name)
        g_string_free(t->name, TRUE);
    memset(t, 0, sizeof(*t));
}

/* "COPY [schema.]table (a, "b") FROM stdin;" */
static bool parse_copy(struct hc_str line, struct table *t)
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
    t->name = g_string_new(name);
    t->columns = g_ptr_array_new_with_free_func(g_free);
    rest = hc_str_skip(rest, rest.n && rest.p[0] == ' ' ? 2 : 1);
    while (rest.n && rest.p[0] != ')' && t->columns->len < HC_COLUMNS_MAX) {
        size_t before = rest.n;
        g_ptr_array_add(t->columns, identifier(&rest));
        while (rest.n && (rest.p[0] == ',' || rest.p[0] == ' '))
            rest = hc_str_skip(rest, 1);
        if (rest.n == before)
            break;
    }
    return true;
}

/* The longest column name wins over a path inside a shorter one. */
static struct source find_source(const struct table *t, const char *slot)
{
    const char *dot = strchr(slot, '.');

    for (guint i = 0; i < t->columns->len; i++)
        if (strcmp(t->columns->pdata[i], slot) == 0)
            return (struct source){(ptrdiff_t)i, NULL};
    for (guint i = 0; dot && i < t->columns->len; i++)
        if (strncmp(t->columns->pdata[i], slot, (size_t)(dot - slot)) == 0 &&
            ((char *)t->columns->pdata[i])[dot - slot] == '\0')
            return (struct source){(ptrdiff_t)i, dot + 1};
    return (struct source){-1, NULL};
}

static void open_table(struct table *t, struct hc_sink *sink)
{
    t->plan = hc_sink_plan(sink, hc_str_n(t->name->str, t->name->len));
    if (!t->plan)
        return;
    t->sources = g_new0(struct source, hc_plan_slots(t->plan) + 1);
    t->values = g_new0(struct hc_str, hc_plan_slots(t->plan) + 1);
    t->texts = g_new0(GString *, hc_plan_slots(t->plan) + 1);
    t->decoded = g_new0(struct column, t->columns->len + 1);
    for (guint i = 0; i < t->columns->len; i++)
        t->decoded[i].buffer = g_string_new(NULL);
    for (size_t i = 0; i < hc_plan_slots(t->plan); i++) {
        struct source s = t->sources[i] = find_source(t, hc_plan_slot(t->plan, i));
        t->texts[i] = g_string_new(NULL);
        if (s.column >= 0)
            *(s.path ? &t->decoded[s.column].json : &t->decoded[s.column].wanted) = true;
    }
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

/* A path inside a JSON column that was checked. */
static struct hc_str json_text(struct hc_str json, const char *path, GString *buffer)
{
    struct hc_str found = json.p ? hc_json_get(json, path) : HC_STR_NONE;

    g_string_truncate(buffer, 0);
    return found.p && hc_json_text(found, buffer) ? hc_str_n(buffer->str, buffer->len) : HC_STR_NONE;
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

/* What the slots will ask for. A column that holds no JSON has no path inside of it. */
static void decode(struct table *t, const struct hc_str *columns)
{
    const char *why;
    size_t at;

    for (guint i = 0; i < t->columns->len; i++) {
        struct column *c = &t->decoded[i];
        if (!c->wanted && !c->json)
            continue;
        c->text = column_text(columns[i], c->buffer);
        c->json_text = c->json && c->text.p && hc_json_check(c->text, &at, &why) ? c->text : HC_STR_NONE;
    }
}

static bool read_row(struct table *t, struct hc_str *columns, struct hc_str line, const struct hc_locator *at,
                     struct hc_sink *sink, GError **error)
{
    size_t n;

    if (!line.p)
        return hc_sink_reject(sink, at, error, "the row is longer than %u bytes", HC_LINE_MAX);
    n = split_row(line, columns, t->columns->len);
    if (n != t->columns->len)
        return hc_sink_reject(sink, at, error, "%s: %zu columns instead of %u", t->name->str, n, t->columns->len);
    decode(t, columns);
    for (size_t i = 0; i < hc_plan_slots(t->plan); i++) {
        const struct source *s = &t->sources[i];
        const struct column *c = s->column < 0 ? NULL : &t->decoded[s->column];
        t->values[i] = !c ? HC_STR_NONE : s->path ? json_text(c->json_text, s->path, t->texts[i]) : c->text;
    }
    return hc_sink_record(sink, t->plan, t->values, at, error);
}

/* Rows up to the line "\."; false only on failure. */
static bool read_block(struct hc_input *in, struct table *t, struct hc_locator *at, struct hc_sink *sink, GError **error)
{
    g_autofree struct hc_str *columns = g_new0(struct hc_str, HC_COLUMNS_MAX);
    struct hc_str type = hc_str_n(t->name->str, t->name->len), line;
    int64_t passed = 0;
    bool ok = true;
    int rc;

    while ((rc = hc_input_line(in, &line, at, error)) == 1) {
        if (line.p && hc_str_is(line, "\\."))
            break;
        at->record++;
        if (hc_input_cut(in)) /* it may look whole, with half of its last column */
            ok = hc_sink_reject(sink, at, error, "%s: the dump ends inside this row", t->name->str);
        else if (!t->plan)
            passed++;
        else
            ok = read_row(t, columns, line, at, sink, error);
        if (!ok)
            return false;
    }
    if (!t->plan)
        hc_sink_ignore(sink, type, hc_sink_why(sink, type), passed);
    if (rc != 0)
        return rc > 0;
    at->record++;
    at->length = 0;
    return hc_sink_reject(sink, at, error, "%s: the dump ends inside the COPY block: rows are missing", t->name->str);
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct hc_locator at = {0};
    struct hc_str line;
    int rc;

    while ((rc = hc_input_line(in, &line, &at, error)) == 1) {
        struct table t = {0};
        bool ok = true;
        if (line.p && hc_str_starts(line, "INSERT INTO ")) {
            at.record++;
            ok = hc_sink_reject(sink, &at, error, "rows as INSERT statements are not read; dump without --inserts");
        }
        if (line.p && parse_copy(line, &t)) {
            open_table(&t, sink);
            ok = read_block(in, &t, &at, sink, error);
        }
        table_clear(&t);
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
