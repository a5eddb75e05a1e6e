/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/table.h"

#include "src/base/json.h"

/* Where the value of a slot comes from: a column, or a path inside the JSON of a column. */
struct source {
    ptrdiff_t column; /* -1: the table has no such column */
    const char *path; /* NULL: the whole column */
};

/* A column that holds JSON: the slots whose paths lead into it. */
struct document {
    size_t column;
    struct hc_json_paths *paths;
    GArray *slots; /* size_t */
    struct hc_str *found;
};

struct hc_table {
    struct hc_sink *sink;
    char *type;
    const struct hc_plan *plan;
    size_t n_columns, n_slots;
    int64_t passed;
    struct source *sources; /* one per slot, as are the next two */
    size_t *whole, n_whole; /* the slots that are whole columns */
    struct hc_str *values;
    GString **texts;   /* of paths; NULL until one is found */
    GArray *documents; /* struct document */
    GString **buffers; /* one per column */
    bool *needed;
};

/* The longest column name wins over a path inside a shorter one. */
static struct source find_source(const GPtrArray *columns, const char *slot)
{
    const char *dot = strchr(slot, '.');

    for (guint i = 0; i < columns->len; i++)
        if (strcmp(columns->pdata[i], slot) == 0)
            return (struct source){(ptrdiff_t)i, NULL};
    for (guint i = 0; dot && i < columns->len; i++) {
        const char *name = columns->pdata[i];
        if (strncmp(name, slot, (size_t)(dot - slot)) == 0 && name[dot - slot] == '\0')
            return (struct source){(ptrdiff_t)i, dot + 1};
    }
    return (struct source){-1, NULL};
}

static void document_clear(void *data)
{
    struct document *d = data;

    hc_json_paths_free(d->paths);
    g_array_unref(d->slots);
    g_free(d->found);
}

/* The slot's value is at a path inside the JSON of a column. */
static void add_path(struct hc_table *t, size_t slot)
{
    const struct source *s = &t->sources[slot];
    struct document *d = NULL;

    for (guint i = 0; i < t->documents->len && !d; i++)
        if (g_array_index(t->documents, struct document, i).column == (size_t)s->column)
            d = &g_array_index(t->documents, struct document, i);
    if (!d) {
        struct document one = {(size_t)s->column, hc_json_paths_new(),
                               g_array_new(FALSE, FALSE, sizeof(size_t)), NULL};
        g_array_append_val(t->documents, one);
        d = &g_array_index(t->documents, struct document, t->documents->len - 1);
    }
    hc_json_paths_add(d->paths, s->path);
    g_array_append_val(d->slots, slot);
    d->found = g_renew(struct hc_str, d->found, d->slots->len);
}

struct hc_table *hc_table_new(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns)
{
    struct hc_table *t = g_new0(struct hc_table, 1);

    t->sink = sink;
    t->type = hc_str_dup(type);
    hc_sink_table(sink, type, columns);
    t->plan = hc_sink_table_plan(sink, type, columns);
    t->n_columns = columns->len;
    t->n_slots = t->plan ? hc_plan_slots(t->plan) : 0;
    t->sources = g_new0(struct source, t->n_slots + 1);
    t->whole = g_new(size_t, t->n_slots + 1);
    t->values = g_new0(struct hc_str, t->n_slots + 1);
    t->texts = g_new0(GString *, t->n_slots + 1);
    t->buffers = g_new0(GString *, t->n_columns + 1);
    t->needed = g_new0(bool, t->n_columns + 1);
    t->documents = g_array_new(FALSE, FALSE, sizeof(struct document));
    g_array_set_clear_func(t->documents, document_clear);
    for (size_t i = 0; i < t->n_slots; i++) {
        t->sources[i] = find_source(columns, hc_plan_slot(t->plan, i));
        if (t->sources[i].column >= 0)
            t->needed[t->sources[i].column] = true;
        if (t->sources[i].column >= 0 && t->sources[i].path)
            add_path(t, i);
        else if (t->sources[i].column >= 0)
            t->whole[t->n_whole++] = i;
    }
    return t;
}

static void free_texts(GString **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (texts[i])
            g_string_free(texts[i], TRUE);
    g_free(texts);
}

void hc_table_free(struct hc_table *t)
{
    if (!t)
        return;
    if (t->passed)
        hc_sink_ignore(t->sink, hc_str(t->type), hc_sink_why(t->sink, hc_str(t->type)), t->passed);
    free_texts(t->texts, t->n_slots);
    free_texts(t->buffers, t->n_columns);
    g_array_unref(t->documents);
    g_free(t->needed);
    g_free(t->values);
    g_free(t->whole);
    g_free(t->sources);
    g_free(t->type);
    g_free(t);
}

size_t hc_table_columns(const struct hc_table *t)
{
    return t->n_columns;
}

bool hc_table_needs(const struct hc_table *t, size_t column)
{
    return column < t->n_columns && t->needed[column];
}

bool hc_table_wanted(const struct hc_table *t)
{
    return t->plan != NULL;
}

bool hc_table_outside(struct hc_table *t, struct hc_str text)
{
    return t->plan && hc_sink_outside(t->sink, hc_str(t->type), text);
}

GString *hc_table_buffer(struct hc_table *t, size_t column)
{
    if (!t->buffers[column])
        t->buffers[column] = g_string_new(NULL);
    return g_string_truncate(t->buffers[column], 0);
}

/* The text of a value, in `buffer` unless it stands there as it is. */
static struct hc_str json_text(struct hc_str value, GString **buffer)
{
    if (hc_json_type(value) == HC_JSON_STRING && hc_str_chr(value, '\\') < 0)
        return hc_str_n(value.p + 1, value.n - 2);
    if (!*buffer)
        *buffer = g_string_new(NULL);
    g_string_truncate(*buffer, 0);
    if (!hc_json_text(value, *buffer))
        return HC_STR_NONE;
    return hc_str_n((*buffer)->str, (*buffer)->len);
}

/* A column that holds no JSON has no paths. */
static void read_document(struct hc_table *t, const struct document *d, struct hc_str json)
{
    const char *why;
    size_t at;
    const bool valid = json.p && hc_json_scan(d->paths, json, d->found, &at, &why);

    for (guint i = 0; i < d->slots->len; i++) {
        size_t slot = g_array_index(d->slots, size_t, i);
        t->values[slot] = valid && d->found[i].p ? json_text(d->found[i], &t->texts[slot]) : HC_STR_NONE;
    }
}

bool hc_table_row(struct hc_table *t, const struct hc_str *values, size_t n, const struct hc_locator *at,
                  GError **error)
{
    if (!t->plan) {
        t->passed++;
        return true;
    }
    if (n != t->n_columns)
        return hc_sink_reject(t->sink, at, error, "%s: %zu columns instead of %zu", t->type, n, t->n_columns);
    for (size_t i = 0; i < t->n_whole; i++)
        t->values[t->whole[i]] = values[t->sources[t->whole[i]].column];
    for (guint i = 0; i < t->documents->len; i++) {
        const struct document *d = &g_array_index(t->documents, struct document, i);
        read_document(t, d, values[d->column]);
    }
    return hc_sink_record(t->sink, t->plan, t->values, at, error);
}
