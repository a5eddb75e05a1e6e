/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/others.h"

#include "src/base/own.h"

/* The columns that are compared: as records have them, and the statement "others". From OPEN on one that is 0
 * is left out. */
enum { COLUMNS = 12, OPEN = 7 };
static const uint8_t compared[COLUMNS] = {
    HC_EVENT_ROW_KEY, HC_EVENT_ACTION, HC_EVENT_OUTCOME, HC_EVENT_SPAN, HC_EVENT_PRECISION, HC_EVENT_ACTOR,
    HC_EVENT_OBJECT,  HC_EVENT_TARGET, HC_EVENT_VERSION, HC_EVENT_FILE, HC_EVENT_ADDRESS,   HC_EVENT_MESSAGE};

/* An event, by what it has to have in common with a row. */
struct other {
    int64_t columns[COLUMNS];
    int64_t id;
    guint taken; /* of the first of equal ones: so many of them are the same as a row */
};

struct hc_others {
    hc_db *db;
    int64_t source;
    int64_t first; /* of the time whose events are in `events` */
    bool loaded;
    GArray *events;     /* struct other, in order */
    struct other found; /* as it was found last */
};

struct hc_others *hc_others_new(hc_db *db, int64_t source)
{
    struct hc_others *others = g_new0(struct hc_others, 1);

    others->db = db;
    others->source = source;
    others->events = g_array_new(FALSE, FALSE, sizeof(struct other));
    return others;
}

void hc_others_free(struct hc_others *others)
{
    if (!others)
        return;
    g_array_unref(others->events);
    g_free(others);
}

static int by_some(const struct other *a, const struct other *b, int n)
{
    for (int i = 0; i < n; i++)
        if (a->columns[i] != b->columns[i])
            return a->columns[i] < b->columns[i] ? -1 : 1;
    return 0;
}

static int by_columns(const struct other *a, const struct other *b)
{
    return by_some(a, b, COLUMNS);
}

static int by_columns_and_id(const void *a, const void *b)
{
    const struct other *x = a, *y = b;
    int order = by_columns(x, y);

    return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

/* The events with one of these numbers; `*taken`: how many of the numbers are. Those that have another time
 * wait here for want of room. */
static bool load_slot(struct hc_others *others, int64_t first, int64_t last, int64_t time, int64_t *taken,
                      GError **error)
{
    hc_stmt *st = hc_db_query(others->db, "store", "others", "iii", first, last, time);
    int rc;

    *taken = 0;
    while ((rc = hc_step(st, error)) == 1) {
        struct other o = {.id = hc_col_int(st, 0)};
        ++*taken;
        if (!hc_col_int(st, 1) || hc_col_int(st, 2) == others->source)
            continue;
        for (int i = 0; i < COLUMNS; i++)
            o.columns[i] = hc_col_int(st, 3 + i); /* NULL is 0, which is no name */
        g_array_append_val(others->events, o);
    }
    return rc == 0;
}

static bool load(struct hc_others *others, int64_t first, int64_t last, int64_t time, GError **error)
{
    const int64_t size = last - first + 1;
    int64_t taken = size;

    g_array_set_size(others->events, 0);
    for (int64_t at = first; taken == size; at += size)
        if (!load_slot(others, at, at + size - 1, time, &taken, error))
            return false;
    g_array_sort(others->events, by_columns_and_id);
    others->first = first;
    others->loaded = true;
    return true;
}

/* The first of those that are not before `wanted` by so many of its columns. */
static guint lower(const struct hc_others *others, const struct other *wanted, int columns)
{
    guint from = 0, to = others->events->len;

    while (from < to) {
        guint middle = from + (to - from) / 2;
        if (by_some(&g_array_index(others->events, struct other, middle), wanted, columns) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* The next of equal ones, the first of which is `at`: NULL: there is none any more. */
static const struct other *take(struct hc_others *others, guint at)
{
    struct other *first = &g_array_index(others->events, struct other, at), *next = first + first->taken;

    if (at + first->taken >= others->events->len || by_columns(first, next) != 0)
        return NULL;
    first->taken++;
    return next;
}

static bool agree(const struct other *a, const struct other *b)
{
    for (int i = OPEN; i < COLUMNS; i++)
        if (a->columns[i] && b->columns[i] && a->columns[i] != b->columns[i])
            return false;
    return true;
}

/* One that says all that is wanted, else the first that says nothing else. */
static const struct other *choose(struct hc_others *others, const struct other *wanted)
{
    guint at = lower(others, wanted, COLUMNS), end = others->events->len;
    const struct other *found = NULL;

    if (at < end && by_columns(&g_array_index(others->events, struct other, at), wanted) == 0)
        found = take(others, at);
    at = found ? end : lower(others, wanted, OPEN);
    end = MIN(end, at + HC_OTHERS_MAX);
    for (guint first = at;
         !found && at < end && by_some(&g_array_index(others->events, struct other, at), wanted, OPEN) == 0;
         at++) {
        const struct other *o = &g_array_index(others->events, struct other, at);
        if (by_columns(o, &g_array_index(others->events, struct other, first)) != 0)
            first = at;
        if (first == at && agree(o, wanted))
            found = take(others, at);
    }
    return found;
}

static int64_t number(const struct hc_value *value)
{
    return value->null || value->text.p ? 0 : value->number;
}

bool hc_others_find(struct hc_others *others, const struct hc_waiting *row, int64_t first, int64_t last,
                    int64_t *event, GError **error)
{
    struct hc_value values[HC_RECORD_COLUMNS];
    struct other wanted = {0};
    const struct other *found;

    hc_waiting_values(row, values);
    for (int i = 0; i < COLUMNS; i++)
        wanted.columns[i] = number(&values[compared[i]]);
    if ((!others->loaded || others->first != first) && !load(others, first, last, row->time, error))
        return false;
    found = choose(others, &wanted);
    if (found)
        others->found = *found;
    *event = found ? found->id : 0;
    return true;
}

static void bind(hc_stmt *st, int index, const struct hc_value *value)
{
    if (value->text.p)
        hc_bind_borrowed(st, index, value->text);
    else if (!value->null)
        hc_bind_int(st, index, value->number);
}

bool hc_others_complete(struct hc_others *others, const struct hc_waiting *row, bool *filled, GError **error)
{
    const struct other *o = &others->found;
    struct hc_value values[HC_RECORD_COLUMNS];
    hc_stmt *st;

    *filled = false;
    hc_waiting_values(row, values);
    for (int i = OPEN; i < COLUMNS; i++)
        *filled |= !o->columns[i] && number(&values[compared[i]]);
    if (!*filled)
        return true;
    st = hc_db_query(others->db, "store", "complete", "i", o->id);
    for (int i = OPEN; i < COLUMNS; i++)
        bind(st, 2 + i - OPEN, &values[compared[i]]);
    return hc_exec(st, error);
}

bool hc_others_cite(struct hc_others *others, int64_t event, const struct hc_waiting *row, GError **error)
{
    static const uint8_t place[] = {HC_EVENT_RECORD, HC_EVENT_BEYOND, HC_EVENT_OFFSET, HC_EVENT_LENGTH,
                                    HC_EVENT_LINES};
    static const char *const names[] = {"add_copy", "add_copied_lines"};
    struct hc_value values[HC_RECORD_COLUMNS];

    hc_waiting_values(row, values);
    for (size_t i = 0; i < G_N_ELEMENTS(names) - values[HC_EVENT_LINES].null; i++) {
        hc_stmt *st = hc_db_query(others->db, "store", names[i], "ii", event, others->source);
        for (size_t k = 0; k < G_N_ELEMENTS(place) - (i == 0); k++)
            bind(st, 3 + (int)k, &values[place[k]]);
        if (!hc_exec(st, error))
            return false;
    }
    return true;
}

bool hc_others_show(struct hc_others *others, int64_t event, const struct hc_waiting *row, GError **error)
{
    static const uint8_t shown[] = {HC_EVENT_RECORD, HC_EVENT_BEYOND, HC_EVENT_OFFSET, HC_EVENT_LENGTH,
                                    HC_EVENT_BASIS,  HC_EVENT_RAW,    HC_EVENT_TYPE,   HC_EVENT_TXN,
                                    HC_EVENT_SHARED, HC_EVENT_TEXT,   HC_EVENT_OWN};
    struct hc_value values[HC_RECORD_COLUMNS];
    hc_stmt *st = hc_db_query(others->db, "store", "show", "ii", event, others->source);
    g_autoptr(GString) own = g_string_new(NULL);

    hc_waiting_values(row, values);
    if (values[HC_EVENT_OWN].text.p) {
        hc_own_json(own, values[HC_EVENT_OWN].text, values[HC_EVENT_OWN].blob);
        values[HC_EVENT_OWN].text = hc_str_n(own->str, own->len);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
        bind(st, 3 + (int)i, &values[shown[i]]);
    return hc_exec(st, error);
}
