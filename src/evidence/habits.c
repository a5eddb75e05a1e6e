/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/habits.h"

#define VALUES (2 * HC_HABIT_SAMPLE) /* slots, a power of two; 0: free */
#define RECENT 16384                 /* slots for the texts of a type, a power of two */

struct field {
    char *name;
    size_t n;
    unsigned seen, distinct;
    uint64_t *values; /* while it is learned */
    bool shared;
};

struct type {
    char *name;
    size_t n;
    GArray *fields;         /* struct field, in the order in which they came */
    uint64_t *recent;       /* texts; NULL: none yet */
    unsigned events, fresh; /* of this window: all, and those whose text was not among the recent ones */
    bool changed;           /* it shares nothing any more */
};

struct hc_habits {
    GPtrArray *types;
    struct type *last; /* of hc_habits_shared; NULL: one too many */
};

static void field_clear(void *field)
{
    g_free(((struct field *)field)->name);
    g_free(((struct field *)field)->values);
}

static void type_free(void *type)
{
    struct type *t = type;

    g_array_unref(t->fields);
    g_free(t->recent);
    g_free(t->name);
    g_free(t);
}

struct hc_habits *hc_habits_new(void)
{
    struct hc_habits *habits = g_new0(struct hc_habits, 1);

    habits->types = g_ptr_array_new_with_free_func(type_free);
    return habits;
}

void hc_habits_free(struct hc_habits *habits)
{
    if (!habits)
        return;
    g_ptr_array_unref(habits->types);
    g_free(habits);
}

/* What is stored depends on it, so it is the same wherever and whenever the program runs; never 0. */
uint64_t hc_habits_hash(struct hc_str text)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = factor ^ text.n, word;

    for (; text.n >= sizeof word; text = hc_str_skip(text, sizeof word)) {
        memcpy(&word, text.p, sizeof word);
        hash = (hash ^ GUINT64_FROM_LE(word)) * factor;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text.n ? text.p : "", text.n);
    hash = (hash ^ GUINT64_FROM_LE(word)) * factor;
    return (hash ^ hash >> 29) | 1;
}

static bool is(const char *name, size_t n, struct hc_str text)
{
    return n == text.n && memcmp(name, text.p, n) == 0;
}

static struct type *type_of(struct hc_habits *habits, struct hc_str name)
{
    struct type *t;

    if (habits->last && is(habits->last->name, habits->last->n, name))
        return habits->last;
    for (guint i = 0; i < habits->types->len; i++) {
        t = habits->types->pdata[i];
        if (is(t->name, t->n, name))
            return habits->last = t;
    }
    if (habits->types->len == HC_HABIT_TYPES)
        return habits->last = NULL;
    t = g_new0(struct type, 1);
    t->name = hc_str_dup(name);
    t->n = name.n;
    t->fields = g_array_new(FALSE, TRUE, sizeof(struct field));
    g_array_set_clear_func(t->fields, field_clear);
    g_ptr_array_add(habits->types, t);
    return habits->last = t;
}

/* Events of a type mostly have the same fields at the same places. */
static struct field *field_of(struct type *t, guint guess, struct hc_str name)
{
    struct field *fields = (struct field *)(void *)t->fields->data, new = {0};

    if (guess < t->fields->len && is(fields[guess].name, fields[guess].n, name))
        return &fields[guess];
    for (guint i = 0; i < t->fields->len; i++)
        if (is(fields[i].name, fields[i].n, name))
            return &fields[i];
    if (t->fields->len == 2 * HC_ATTRIBUTES_MAX)
        return NULL;
    new = (struct field){.name = hc_str_dup(name), .n = name.n, .values = g_new0(uint64_t, VALUES)};
    g_array_append_val(t->fields, new);
    return &g_array_index(t->fields, struct field, t->fields->len - 1);
}

static void learn(struct field *f, struct hc_str value)
{
    const uint64_t key = hc_habits_hash(value);
    size_t i = key >> 32 & (VALUES - 1);

    while (f->values[i] && f->values[i] != key)
        i = (i + 1) & (VALUES - 1);
    f->distinct += !f->values[i];
    f->values[i] = key;
    if (++f->seen < HC_HABIT_SAMPLE)
        return;
    f->shared = f->distinct <= HC_HABIT_DISTINCT;
    g_clear_pointer(&f->values, g_free);
}

unsigned hc_habits_shared(struct hc_habits *habits, struct hc_str type, const struct hc_attribute *fields,
                          size_t n)
{
    struct type *t = type_of(habits, type);
    unsigned shared = 0;

    if (!t || t->changed)
        return 0;
    for (size_t i = 0; i < n; i++) {
        struct field *f = field_of(t, (guint)i, fields[i].name);
        if (f && f->values)
            learn(f, fields[i].value);
        else if (f && f->shared)
            shared |= 1U << i;
    }
    return shared;
}

/* Every text is new once, so a window is much longer than what is recent. */
bool hc_habits_keep(struct hc_habits *habits, struct hc_str text, uint64_t hash)
{
    struct type *t = habits->last;
    uint64_t *slot;

    if (!t || text.n > HC_HABIT_TEXT_MAX)
        return false;
    if (!t->recent)
        t->recent = g_new0(uint64_t, RECENT);
    slot = &t->recent[hash >> 32 & (RECENT - 1)];
    t->fresh += *slot != hash;
    *slot = hash;
    if (++t->events == HC_HABIT_WINDOW) {
        t->changed = t->fresh > HC_HABIT_WINDOW / 4 * 3;
        t->events = t->fresh = 0;
    }
    return !t->changed;
}
