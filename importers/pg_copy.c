/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PostgreSQL's COPY ... TO writes as text (PostgreSQL documentation, "COPY", "Text Format"), by itself:
 * no dump is around it.
 *
 *   1<TAB>spam<TAB>\N
 *   2<TAB>two\nlines<TAB>2023-05-01 08:44:55
 *
 * One line is one row; what separates and escapes is as in a dump (src/evidence/pgtext.h), and \N alone is
 * NULL. Nothing in the file says what the columns are: case.yaml does (`columns`, and `table` where the file
 * has not its name). Without that a file that looks so is refused with the reason, and never is its first row
 * taken for names. A first row that is those names is one of names and no record.
 */
#include "src/evidence/pgtext.h"
#include "src/evidence/said.h"
#include "src/evidence/table.h"

#define TABLE_OF(settings) (*(settings)->member ? (settings)->member : (settings)->path)

struct reader {
    struct hc_sink *sink;
    struct hc_table *table;
    struct hc_str *cells;
    struct hc_locator at;
};

/* ---- what kind of file ---- */

/* The next whole line of the head; false: there is none. */
static bool next_line(struct hc_str *head, struct hc_str *line)
{
    ptrdiff_t end = hc_str_chr(*head, '\n');

    if (end < 0)
        return false;
    *line = hc_str_head(*head, (size_t)end);
    *head = hc_str_skip(*head, (size_t)end + 1);
    return true;
}

struct shape {
    size_t width; /* cells of the first line of the head */
    bool even;    /* every line has as many */
    bool quotes;  /* a cell stands in some */
    bool null;    /* one is \N */
};

static struct shape shape_of(struct hc_str head)
{
    g_autofree struct hc_str *cells = g_new(struct hc_str, HC_PG_COLUMNS_MAX);
    struct shape shape = {.even = true};
    struct hc_str line;

    while (next_line(&head, &line)) {
        size_t n = hc_pg_cells(hc_str_ends(line, "\r") ? hc_str_head(line, line.n - 1) : line, cells,
                               HC_PG_COLUMNS_MAX);
        shape.width = shape.width ? shape.width : n;
        shape.even = shape.even && n == shape.width;
        for (size_t i = 0; i < MIN(n, HC_PG_COLUMNS_MAX); i++) {
            shape.quotes = shape.quotes || hc_str_starts(cells[i], "\"");
            shape.null = shape.null || hc_str_is(cells[i], "\\N");
        }
    }
    return shape;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    g_autoptr(GPtrArray) columns = hc_said_columns(peek->columns);
    struct shape shape = shape_of(peek->head);

    if (columns && !shape.quotes && shape.width == columns->len && (shape.width > 1 || shape.null)) {
        *why = "rows as COPY writes them, of the columns that the case says";
        return 80;
    }
    if (columns || !shape.even || shape.quotes || shape.width < 2 || !shape.null)
        return 0;
    *why = "rows as COPY writes them, with nothing that names their columns";
    return 25;
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev),
              *names = hc_said_columns(peek->columns);

    if (!names)
        return all;
    g_ptr_array_insert(names, 0, hc_said_table(peek->columns, peek->name, NULL));
    g_ptr_array_add(names, NULL);
    g_ptr_array_set_free_func(names, NULL);
    g_ptr_array_add(all, g_ptr_array_free(names, FALSE));
    return all;
}

/* ---- reading ---- */

static bool is_header(const struct reader *r, size_t n, const GPtrArray *columns)
{
    for (size_t i = 0; i < n; i++)
        if (n != columns->len || !hc_str_is(r->cells[i], columns->pdata[i]))
            return false;
    return true;
}

static bool push_row(struct reader *r, size_t n, GError **error)
{
    for (size_t i = 0; i < MIN(n, hc_table_columns(r->table)); i++) {
        struct hc_str value;
        if (!hc_table_needs(r->table, i))
            continue;
        if (!hc_pg_cell(r->cells[i], &value, hc_table_buffer(r->table, i)))
            return hc_sink_reject(r->sink, &r->at, error, "a value is no text of COPY");
        r->cells[i] = value;
    }
    return hc_table_row(r->table, r->cells, n, &r->at, error);
}

static bool read_line(struct reader *r, struct hc_str line, bool cut, const GPtrArray *columns,
                      GError **error)
{
    size_t n;

    if (!line.p)
        return r->at.record++,
               hc_sink_reject(r->sink, &r->at, error, "the line is longer than %u bytes", HC_LINE_MAX);
    n = hc_pg_cells(line, r->cells, HC_PG_COLUMNS_MAX);
    if (r->at.line == 1 && is_header(r, n, columns))
        return true;
    r->at.record++;
    if (cut) /* it may look whole, with half of its last column */
        return hc_sink_reject(r->sink, &r->at, error, "the file ends inside of this row");
    return hc_table_outside(r->table, line) || push_row(r, n, error);
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    const struct hc_settings *settings = hc_sink_settings(sink);
    g_autoptr(GPtrArray) columns = hc_said_columns(settings->columns);
    g_autofree char *type = hc_said_table(settings->columns, TABLE_OF(settings), NULL);
    g_autofree struct hc_str *cells = g_new(struct hc_str, HC_PG_COLUMNS_MAX);
    struct reader r = {.sink = sink, .cells = cells};
    struct hc_str line;
    int rc = 0;

    if (!columns)
        return hc_fail(error, HC_ERROR_INPUT,
                       "nothing names the columns of its rows: say them in case.yaml (table, columns)");
    r.table = hc_table_new(sink, hc_str(type), columns);
    while ((rc = hc_input_line(in, &line, &r.at, error)) == 1 &&
           read_line(&r, line, hc_input_cut(in), columns, error))
        continue;
    hc_table_free(r.table);
    hc_sink_read(sink, r.at.record);
    return rc == 0;
}

const struct hc_importer hc_importer_pg_copy = {
    .name = "pg_copy",
    .summary = "PostgreSQL COPY ... TO as text, of columns that case.yaml says (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
