/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/rowset.h"

#include "src/base/json.h"

/* Where the value of a slot comes from: a column, or a path inside the JSON of a column. */
struct origin {
    ptrdiff_t column; /* -1: the table has no such column */
    const char *path; /* NULL: the whole column */
};

struct hc_rowset {
    struct hc_sink *sink;
    char *type;
    GPtrArray *columns;
    const struct hc_plan *plan;
    size_t slots;
    struct origin *origins;
    struct hc_str *values;
    GString **texts; /* decoded values, one buffer per slot */
};

/* The longest column name wins over a path inside a shorter one. */
static struct origin find_origin(const struct hc_rowset *r, const char *slot)
{
    const char *dot = strchr(slot, '.');

    for (guint i = 0; i < r->columns->len; i++)
        if (strcmp(r->columns->pdata[i], slot) == 0)
            return (struct origin){(ptrdiff_t)i, NULL};
    for (guint i = 0; dot && i < r->columns->len; i++)
        if (strncmp(r->columns->pdata[i], slot, (size_t)(dot - slot)) == 0 &&
            ((char *)r->columns->pdata[i])[dot - slot] == '\0')
            return (struct origin){(ptrdiff_t)i, dot + 1};
    return (struct origin){-1, NULL};
}

struct hc_rowset *hc_rowset_new(struct hc_sink *sink, struct hc_str type, GPtrArray *columns)
{
    struct hc_rowset *r = g_new0(struct hc_rowset, 1);

    r->sink = sink;
    r->type = hc_str_dup(type);
    r->columns = g_ptr_array_ref(columns);
    r->plan = hc_sink_plan(sink, type);
    r->slots = r->plan ? hc_plan_slots(r->plan) : 0;
    r->origins = g_new0(struct origin, r->slots + 1);
    r->values = g_new0(struct hc_str, r->slots + 1);
    r->texts = g_new0(GString *, r->slots + 1);
    for (size_t i = 0; i < r->slots; i++) {
        r->origins[i] = find_origin(r, hc_plan_slot(r->plan, i));
        r->texts[i] = g_string_new(NULL);
    }
    return r;
}

void hc_rowset_free(struct hc_rowset *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < rows->slots; i++)
        g_string_free(rows->texts[i], TRUE);
    g_free(rows->texts);
    g_free(rows->values);
    g_free(rows->origins);
    g_ptr_array_unref(rows->columns);
    g_free(rows->type);
    g_free(rows);
}

bool hc_rowset_wanted(const struct hc_rowset *rows)
{
    return rows->plan != NULL;
}

/* A path inside a JSON column; a column that holds no JSON has no such path. */
static struct hc_str json_text(struct hc_str json, const char *path, GString *buffer)
{
    g_autoptr(GString) text = NULL;
    const char *why;
    struct hc_str found;
    size_t at;

    if (!json.p || !hc_json_check(json, &at, &why))
        return HC_STR_NONE;
    found = hc_json_get(json, path);
    text = g_string_new(NULL);
    if (!found.p || !hc_json_text(found, text))
        return HC_STR_NONE;
    g_string_assign(buffer, "");
    g_string_append_len(buffer, text->str, (gssize)text->len);
    return hc_str_n(buffer->str, buffer->len);
}

bool hc_rowset_row(struct hc_rowset *rows, const struct hc_str *cells, size_t n, hc_cell_fn decode,
                   const struct hc_locator *at, GError **error)
{
    if (n != rows->columns->len)
        return hc_sink_reject(rows->sink, at, error, "%s: %zu columns instead of %u", rows->type, n, rows->columns->len);
    for (size_t i = 0; i < rows->slots; i++) {
        const struct origin *o = &rows->origins[i];
        struct hc_str text = HC_STR_NONE;
        if (o->column >= 0 && !decode(cells[o->column], &text, rows->texts[i]))
            return hc_sink_reject(rows->sink, at, error, "%s: the value of the column %s cannot be read", rows->type,
                                  (char *)rows->columns->pdata[o->column]);
        rows->values[i] = o->path ? json_text(text, o->path, rows->texts[i]) : text;
    }
    return hc_sink_record(rows->sink, rows->plan, rows->values, at, error);
}
