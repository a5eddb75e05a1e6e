/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/table.h"

#include "src/base/json.h"

/* Where the value of a slot comes from: a column, or a path inside the JSON of a column. */
struct source {
    ptrdiff_t column; /* -1: the table has no such column */
    const char *path; /* NULL: the whole column */
};

struct hc_table {
    struct hc_sink *sink;
    char *type;
    const struct hc_plan *plan;
    size_t n_columns, n_slots;
    int64_t passed;
    struct source *sources; /* one per slot, as are the next two */
    struct hc_str *values;
    GString **texts;   /* of paths; NULL until one is found */
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

struct hc_table *hc_table_new(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns)
{
    struct hc_table *t = g_new0(struct hc_table, 1);

    t->sink = sink;
    t->type = hc_str_dup(type);
    t->plan = hc_sink_plan(sink, type);
    t->n_columns = columns->len;
    t->n_slots = t->plan ? hc_plan_slots(t->plan) : 0;
    t->sources = g_new0(struct source, t->n_slots + 1);
    t->values = g_new0(struct hc_str, t->n_slots + 1);
    t->texts = g_new0(GString *, t->n_slots + 1);
    t->buffers = g_new0(GString *, t->n_columns + 1);
    t->needed = g_new0(bool, t->n_columns + 1);
    for (size_t i = 0; i < t->n_slots; i++) {
        t->sources[i] = find_source(columns, hc_plan_slot(t->plan, i));
        if (t->sources[i].column >= 0)
            t->needed[t->sources[i].column] = true;
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
    g_free(t->needed);
    g_free(t->values);
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

GString *hc_table_buffer(struct hc_table *t, size_t column)
{
    if (!t->buffers[column])
        t->buffers[column] = g_string_new(NULL);
    return g_string_truncate(t->buffers[column], 0);
}

/* A path inside a JSON column; a column that holds no JSON has no such path. */
static struct hc_str json_text(struct hc_str json, const char *path, GString **buffer)
{
    const char *why;
    struct hc_str found;
    size_t at;

    if (!json.p || !hc_json_check(json, &at, &why))
        return HC_STR_NONE;
    found = hc_json_get(json, path);
    if (!*buffer)
        *buffer = g_string_new(NULL);
    g_string_truncate(*buffer, 0);
    if (!found.p || !hc_json_text(found, *buffer))
        return HC_STR_NONE;
    return hc_str_n((*buffer)->str, (*buffer)->len);
}

bool hc_table_row(struct hc_table *t, const struct hc_str *values, size_t n, const struct hc_locator *at, GError **error)
{
    if (!t->plan) {
        t->passed++;
        return true;
    }
    if (n != t->n_columns)
        return hc_sink_reject(t->sink, at, error, "%s: %zu columns instead of %zu", t->type, n, t->n_columns);
    for (size_t i = 0; i < t->n_slots; i++) {
        const struct source *s = &t->sources[i];
        struct hc_str text = s->column < 0 ? HC_STR_NONE : values[s->column];
        t->values[i] = s->path ? json_text(text, s->path, &t->texts[i]) : text;
    }
    return hc_sink_record(t->sink, t->plan, t->values, at, error);
}
