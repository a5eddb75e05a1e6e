/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/cells.h"

#include "src/base/event.h"
#include "src/base/text.h"

/* The plain text of a value; false for NULL. */
bool cell_text(hc_stmt *st, int i, enum kind kind, GString *out)
{
    char buffer[HC_UTC_TEXT];
    g_autofree char *basis = NULL;
    const char *name = NULL;
    int64_t n = hc_col_int(st, i);

    g_string_truncate(out, 0);
    if (hc_col_null(st, i))
        return false;
    switch (kind) {
    case KIND_TEXT:
    case KIND_LIST:
    case KIND_JSON:
        g_string_append_len(out, hc_col_text(st, i).p, (gssize)hc_col_text(st, i).n);
        return true;
    case KIND_INT:
        g_string_append_printf(out, "%" G_GINT64_FORMAT, n);
        return true;
    case KIND_TIME:
        name = hc_utc_format(n, buffer);
        break;
    case KIND_PRECISION:
        name = hc_precision_name((enum hc_precision)n);
        break;
    case KIND_BASIS:
        name = basis = n ? hc_basis_text((unsigned)n) : NULL;
        break;
    case KIND_ACTION:
        name = hc_action_name((enum hc_action)n);
        break;
    case KIND_OUTCOME:
        name = hc_outcome_name((enum hc_outcome)n);
        break;
    }
    g_string_append(out, name ? name : "");
    return name != NULL;
}

/* The lines of a text as a JSON array. */
static void list_json(struct hc_str text, GString *out)
{
    g_string_append_c(out, '[');
    while (text.n) {
        ptrdiff_t end = hc_str_chr(text, '\n');
        hc_text_json(out, end < 0 ? text : hc_str_head(text, (size_t)end));
        text = end < 0 ? hc_str_skip(text, text.n) : hc_str_skip(text, (size_t)end + 1);
        g_string_append(out, text.n ? ", " : "");
    }
    g_string_append_c(out, ']');
}

/* The length of the first member of an object's rest. */
static size_t member(struct hc_str rest)
{
    bool quoted = false;
    size_t i = 0;

    for (; i < rest.n && (quoted || (rest.p[i] != ',' && rest.p[i] != '}')); i++) {
        if (rest.p[i] == '"')
            quoted = !quoted;
        else if (rest.p[i] == '\\')
            i++;
    }
    return MIN(i, rest.n);
}

static gint by_text(const void *a, const void *b)
{
    const struct hc_str *x = a, *y = b;
    int order = memcmp(x->p, y->p, MIN(x->n, y->n));

    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* An object as import wrote it, its members by name: in which order they are stored depends on the source
 * that came first. */
static void object_json(struct hc_str object, GString *out)
{
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(struct hc_str));

    for (object = hc_str_skip(object, 1); object.n > 1;) {
        const struct hc_str m = hc_str_head(object, member(object));
        g_array_append_val(members, m);
        object = hc_str_skip(object, m.n + (m.n + 1 < object.n));
    }
    g_array_sort(members, by_text);
    for (guint i = 0; i < members->len; i++) {
        const struct hc_str *m = &g_array_index(members, struct hc_str, i);
        g_string_append_c(out, i ? ',' : '{');
        g_string_append_len(out, m->p, (gssize)m->n);
    }
    g_string_append(out, members->len ? "}" : "{}");
}

static bool changed_text(hc_stmt *st, size_t i, enum kind kind, const struct cell_change *change,
                         GString *text)
{
    bool any = cell_text(st, (int)i, kind, text);

    if (any && change && kind == KIND_TEXT)
        change->fn(change->data, st, i, text);
    return any;
}

static void json_row(hc_stmt *st, const struct column *columns, size_t n, const struct cell_change *change,
                     GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        g_string_append(out, i ? ", " : "{");
        hc_text_json(out, hc_str(columns[i].key));
        g_string_append(out, ": ");
        if (!changed_text(st, i, columns[i].kind, change, text))
            g_string_append(out, "null");
        else if (columns[i].kind == KIND_INT)
            g_string_append_len(out, text->str, (gssize)text->len);
        else if (columns[i].kind == KIND_JSON)
            object_json(hc_str_n(text->str, text->len), out);
        else if (columns[i].kind == KIND_LIST)
            list_json(hc_str_n(text->str, text->len), out);
        else
            hc_text_json(out, hc_str_n(text->str, text->len));
    }
    g_string_append(out, "}\n");
}

void row_json(hc_stmt *st, const struct column *columns, size_t n, GString *out)
{
    json_row(st, columns, n, NULL, out);
}

static void csv_row(hc_stmt *st, const struct column *columns, size_t n, const struct cell_change *change,
                    GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        if (i)
            g_string_append_c(out, ',');
        if (changed_text(st, i, columns[i].kind, change, text))
            hc_text_csv(out, hc_str_n(text->str, text->len));
    }
    g_string_append(out, "\r\n");
}

void row_csv(hc_stmt *st, const struct column *columns, size_t n, GString *out)
{
    csv_row(st, columns, n, NULL, out);
}

void head_csv(const struct column *columns, size_t n, GString *out)
{
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(out, "%s%s", i ? "," : "", columns[i].key);
    g_string_append(out, "\r\n");
}

/* A value as a terminal may see it, after a separating space; "-" when it is absent. */
void show(hc_stmt *st, int i, enum kind kind, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (!cell_text(st, i, kind, text))
        g_string_assign(text, "-");
    hc_text_visible(out, hc_str_n(text->str, text->len), false);
}

bool flush_rows(struct hc_writer *w, GString *out, size_t least, GError **error)
{
    bool ok = out->len < least || w->write(w->data, out->str, out->len, error);

    if (out->len >= least)
        g_string_truncate(out, 0);
    return ok;
}

bool row_changed_in(enum hc_rows_format format, hc_stmt *st, const struct column *columns, size_t n,
                    const struct cell_change *change, GString *out)
{
    if (format == HC_ROWS_JSONL)
        json_row(st, columns, n, change, out);
    else if (format == HC_ROWS_CSV)
        csv_row(st, columns, n, change, out);
    return format == HC_ROWS_JSONL || format == HC_ROWS_CSV;
}

bool row_in(enum hc_rows_format format, hc_stmt *st, const struct column *columns, size_t n, GString *out)
{
    return row_changed_in(format, st, columns, n, NULL, out);
}
