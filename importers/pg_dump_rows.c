/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of COPY and INSERT in a dump of PostgreSQL, and whose they are. */
#include "importers/pg_dump_parts.h"

void hc_pg_dump_close(struct dump *d)
{
    if (d->type)
        hc_sink_ignore(d->sink, hc_str(d->type), d->why, d->passed);
    d->passed = 0;
    d->why = NULL;
    g_clear_pointer(&d->table, hc_table_free);
    g_clear_pointer(&d->columns, g_ptr_array_unref);
    g_clear_pointer(&d->type, g_free);
    g_string_truncate(d->header, 0);
}

/* The name by which the profile knows the table. */
static char *type_of(struct dump *d, const char *schema, const char *table)
{
    g_autofree char *full = g_strdup_printf("%s.%s", schema, table);

    if (!*schema || strcmp(schema, "public") == 0)
        return g_strdup(table);
    if (hc_sink_plan(d->sink, hc_str(full)) || hc_pg_tables_columns(d->created, "public", table))
        return g_steal_pointer(&full);
    return hc_sink_plan(d->sink, hc_str(table)) ? g_strdup(table) : g_steal_pointer(&full);
}

/* The first table that gives records of a type has it. */
static bool own_type(struct dump *d, const char *schema, const char *table, GError **error)
{
    char *owner = g_strdup_printf("%s.%s.%s", d->database, *schema ? schema : "public", table);
    const char *first = g_hash_table_lookup(d->owners, d->type);

    if (!first) {
        g_hash_table_insert(d->owners, g_strdup(d->type), owner);
        return true;
    }
    if (strcmp(first, owner) != 0) {
        d->why = "the rows of another table have its name";
        d->from.record = ++d->at.record;
        if (!hc_sink_reject(d->sink, &d->from, error,
                            "the rows of %s are not read: those of %s have the same name; import a dump of "
                            "its own for each",
                            *d->database ? owner : owner + 1, *d->database ? first : first + 1)) {
            g_free(owner);
            return false;
        }
    }
    g_free(owner);
    return true;
}

/* Takes `columns`. */
static bool open_table(struct dump *d, const char *schema, const char *table, GPtrArray *columns,
                       GError **error)
{
    hc_pg_dump_close(d);
    d->type = type_of(d, schema, table);
    d->columns = columns;
    d->table = hc_table_new(d->sink, hc_str(d->type), columns);
    if (hc_table_wanted(d->table))
        return own_type(d, schema, table, error);
    d->why = hc_sink_why(d->sink, hc_str(d->type));
    return true;
}

/* How a cell is written: its value, in `buffer` where it is not in the file as it is; false when it is
 * none. */
typedef bool (*cell_fn)(struct hc_str raw, struct hc_str *value, GString *buffer);

/* The row of which `n` cells were found. */
static bool push_row(struct dump *d, size_t n, cell_fn decode, const struct hc_locator *at, GError **error)
{
    for (size_t i = 0; n == hc_table_columns(d->table) && i < n; i++)
        if (hc_table_needs(d->table, i) && !decode(d->cells[i], &d->cells[i], hc_table_buffer(d->table, i)))
            return hc_sink_reject(d->sink, at, error, "%s: the value of the column %s cannot be read",
                                  d->type, (char *)d->columns->pdata[i]);
    return hc_table_row(d->table, d->cells, n, at, error);
}

struct hc_str hc_pg_dump_utf8(struct dump *d, struct hc_str text)
{
    if (!d->charset)
        return text;
    g_string_truncate(d->plain, 0);
    hc_charset_utf8(d->charset, d->plain, text);
    return hc_str_n(d->plain->str, d->plain->len);
}

static bool read_line(struct dump *d, struct hc_str line, GError **error)
{
    size_t n;

    if (!line.p)
        return hc_sink_reject(d->sink, &d->at, error, "the row is longer than %u bytes", HC_LINE_MAX);
    line = hc_pg_dump_utf8(d, line);
    if (hc_table_outside(d->table, line))
        return true;
    n = hc_pg_cells(line, d->cells, HC_PG_COLUMNS_MAX);
    if (hc_str_chr(line, '\\') < 0) /* as most rows are: their cells are values as they stand */
        return hc_table_row(d->table, d->cells, n, &d->at, error);
    return push_row(d, n, hc_pg_cell, &d->at, error);
}

bool hc_pg_dump_unended(struct dump *d, const char *what, GError **error)
{
    d->told_cut = true;
    d->at.record++;
    d->at.length = 0;
    return hc_sink_reject(d->sink, &d->at, error, "%s%sthe dump ends inside %s: rows are missing",
                          d->type ? d->type : "", d->type ? ": " : "", what);
}

bool hc_pg_dump_broken(struct dump *d, GError **error)
{
    const char *why;

    hc_input_marked(d->in, &why);
    d->at.record++;
    return hc_sink_reject(d->sink, &d->at, error, "%s", why);
}

/* The line "\."; that of an archive's text is marked, another is a row. */
static bool is_end_mark(const struct dump *d, struct hc_str line, enum hc_mark mark)
{
    return line.p && hc_str_is(line, "\\.") && (mark == HC_MARK_END || hc_input_made(d->in) == 0);
}

bool hc_pg_dump_block(struct dump *d, GError **error)
{
    struct hc_str line;
    bool ok = true, cut = false;
    const char *why;
    int rc = 0;

    while (!cut && (rc = hc_input_line(d->in, &line, &d->at, error)) == 1) {
        enum hc_mark mark = hc_input_marked(d->in, &why);
        if (is_end_mark(d, line, mark))
            break;
        if (mark == HC_MARK_BROKEN) {
            if (!hc_pg_dump_broken(d, error))
                return false;
            continue;
        }
        cut = hc_input_cut(d->in);
        if (cut && line.p && line.n == 0)
            break;
        d->at.record++;
        if (cut) /* it may look whole, with half of its last column */
            ok = hc_sink_reject(d->sink, &d->at, error, "%s: the dump ends inside this row", d->type);
        else if (d->why)
            d->passed++;
        else
            ok = read_line(d, line, error);
        if (!ok)
            return false;
    }
    if (rc < 0)
        return false;
    ok = (rc == 1 && !cut) || hc_pg_dump_unended(d, "the COPY block", error);
    hc_pg_dump_close(d);
    return ok;
}

bool hc_pg_dump_copy(struct dump *d, struct hc_str text, GError **error)
{
    g_autofree char *schema = NULL, *table = NULL;
    GPtrArray *columns;

    text = hc_str_skip(text, strlen("COPY "));
    table = hc_pg_table_in(&text, d->schema, &schema);
    columns = hc_pg_names(&text);
    text = hc_str_trim(text);
    d->copy = hc_str_starts(text, "FROM stdin");
    if (!d->copy) {
        g_ptr_array_unref(columns);
        return true;
    }
    if (!open_table(d, schema, table, columns, error))
        return false;
    if (hc_str_is(text, "FROM stdin"))
        return true;
    d->why = "COPY with options";
    d->from.record = ++d->at.record;
    return hc_sink_reject(d->sink, &d->from, error, "%s: COPY with options is not read", d->type);
}

bool hc_pg_dump_insert(struct dump *d, GError **error)
{
    struct hc_str text = hc_str_n(d->text->str, d->text->len);
    g_autofree char *schema = NULL, *table = NULL;
    GPtrArray *columns;

    d->part = ROWS;
    if (hc_str_ends(hc_str_trim(text), " DEFAULT")) { /* a row of a table that has no columns */
        d->at.record++;
        hc_sink_ignore(d->sink, HC_STR_LIT("rows without values"), "rows without values", 1);
        return true;
    }
    /* most have that of the one before */
    if (d->header->len == text.n && memcmp(d->header->str, text.p, text.n) == 0)
        return true;
    text = hc_str_skip(hc_pg_dump_utf8(d, text), strlen("INSERT INTO "));
    table = hc_pg_table_in(&text, d->schema, &schema);
    if (hc_str_starts(text, "(")) {
        columns = hc_pg_names(&text);
    } else {
        columns = hc_pg_tables_columns(d->created, schema, table);
        columns = columns ? g_ptr_array_ref(columns) : g_ptr_array_new_with_free_func(g_free);
    }
    if (!open_table(d, schema, table, columns, error))
        return false;
    g_string_append_len(d->header, d->text->str, (gssize)d->text->len);
    return true;
}

bool hc_pg_dump_tuple(struct dump *d, const struct hc_locator *end, size_t past, GError **error)
{
    struct hc_locator at = d->from;
    struct hc_str text;
    size_t n;

    at.record = ++d->at.record;
    at.length = end->offset + (int64_t)past - at.offset;
    if (d->why) {
        d->passed++;
        return true;
    }
    if (d->too_long)
        return hc_sink_reject(d->sink, &at, error, "the row is longer than %u bytes", HC_PG_STATEMENT_MAX);
    if (d->columns->len == 0)
        return hc_sink_reject(d->sink, &at, error,
                              "%s: neither the statement nor a CREATE TABLE says what its columns are",
                              d->type);
    text = hc_pg_dump_utf8(d, hc_str_n(d->text->str, d->text->len));
    if (hc_table_outside(d->table, text))
        return true;
    n = hc_pg_split(text, d->lexer.escaped, d->cells, HC_PG_COLUMNS_MAX);
    return push_row(d, n, d->lexer.escaped ? hc_pg_literal_escaped : hc_pg_literal, &at, error);
}
