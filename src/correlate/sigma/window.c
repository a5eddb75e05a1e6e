/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/window.h"

#include "src/base/text.h"
#include "src/correlate/sigma/fire.h"

#include <math.h>
#include <stdlib.h>

#define MATCHES (UINT64_C(1) << 40) /* numbers of matches begin here, behind those of events */

/* The hits of one correlation. */
struct pile {
    GArray *hits;         /* struct sigma_hit */
    GHashTable *groups;   /* struct text: the keys -> number + 1 */
    GPtrArray *keys;      /* GPtrArray of GString, by group */
    GHashTable *values;   /* struct text -> number + 1 */
};

struct hc_sigma_windows {
    const struct hc_sigma_rules *rules;
    struct pile **piles;  /* by rule; NULL for what is no correlation */
    GPtrArray **needs;    /* by rule: the numbers of the correlations that list it */
    struct offer *offer;  /* the hit that is on its way into piles */
    uint64_t matches, crowded;
    hc_sigma_match_fn fn;
    void *data;
};

/* One hit on its way into a pile: a list of texts for each key, and the values. */
struct offer {
    struct sigma_hit hit;
    size_t n_keys;
    GArray *keys[HC_SIGMA_KEYS_MAX]; /* struct hc_str, borrowed */
};

/* A key of a table of numbers. */
struct text {
    guint hash;
    struct hc_str bytes; /* behind it, when it stands in the table */
};

static guint text_hash(gconstpointer text)
{
    return ((const struct text *)text)->hash;
}

static gboolean text_same(gconstpointer a, gconstpointer b)
{
    const struct text *x = a, *y = b;

    return x->hash == y->hash && hc_str_eq(x->bytes, y->bytes);
}

static GHashTable *numbers_new(void)
{
    return g_hash_table_new_full(text_hash, text_same, g_free, NULL);
}

static void free_text(void *text)
{
    g_string_free(text, TRUE);
}

static struct pile *pile_new(void)
{
    struct pile *pile = g_new0(struct pile, 1);

    pile->hits = g_array_new(FALSE, FALSE, sizeof(struct sigma_hit));
    pile->groups = numbers_new();
    pile->keys = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    pile->values = numbers_new();
    return pile;
}

static void pile_free(struct pile *pile)
{
    if (!pile)
        return;
    g_array_unref(pile->hits);
    g_hash_table_unref(pile->groups);
    g_ptr_array_unref(pile->keys);
    g_hash_table_unref(pile->values);
    g_free(pile);
}

static struct offer *offer_new(void)
{
    struct offer *o = g_new0(struct offer, 1);

    for (size_t k = 0; k < HC_SIGMA_KEYS_MAX; k++)
        o->keys[k] = g_array_new(FALSE, FALSE, sizeof(struct hc_str));
    return o;
}

static void offer_free(struct offer *o)
{
    for (size_t k = 0; k < HC_SIGMA_KEYS_MAX; k++)
        g_array_unref(o->keys[k]);
    g_free(o);
}

static void add_need(struct hc_sigma_windows *w, size_t correlation)
{
    const struct hc_sigma_correlation *c = &hc_sigma_rule_at(w->rules, correlation)->correlation;

    w->piles[correlation] = pile_new();
    for (size_t s = 0; s < c->n_steps; s++) {
        GPtrArray **list = &w->needs[c->steps[s]];
        void *number = GSIZE_TO_POINTER((gsize)correlation);
        if (!*list)
            *list = g_ptr_array_new();
        if (!g_ptr_array_find(*list, number, NULL))
            g_ptr_array_add(*list, number);
    }
}

struct hc_sigma_windows *hc_sigma_windows_new(const struct hc_sigma_rules *rules)
{
    struct hc_sigma_windows *w = g_new0(struct hc_sigma_windows, 1);

    w->rules = rules;
    w->piles = g_new0(struct pile *, rules->rules->len + 1);
    w->needs = g_new0(GPtrArray *, rules->rules->len + 1);
    w->matches = MATCHES;
    w->offer = offer_new();
    for (guint i = 0; i < rules->order->len; i++)
        add_need(w, g_array_index(rules->order, size_t, i));
    return w;
}

void hc_sigma_windows_free(struct hc_sigma_windows *w)
{
    if (!w)
        return;
    for (guint i = 0; i < w->rules->rules->len; i++) {
        pile_free(w->piles[i]);
        g_clear_pointer(&w->needs[i], g_ptr_array_unref);
    }
    offer_free(w->offer);
    g_free(w->piles);
    g_free(w->needs);
    g_free(w);
}

/* A text with its length before it, so that no two lists of texts read the same. */
static void add_text(GString *out, struct hc_str text)
{
    g_string_append_len(out, (const char *)&text.n, sizeof text.n);
    g_string_append_len(out, text.p, (gssize)text.n);
}

static uint32_t number_of(GHashTable *numbers, const GString *text)
{
    struct text key = {0, hc_str_n(text->str, text->len)}, *own;
    uint64_t hash = hc_hash_add(HC_HASH_START, key.bytes);
    gsize n;

    key.hash = (guint)(hash ^ hash >> 32);
    n = GPOINTER_TO_SIZE(g_hash_table_lookup(numbers, &key));
    if (n)
        return (uint32_t)n;
    own = g_malloc(sizeof *own + key.bytes.n);
    *own = (struct text){key.hash, hc_str_n((const char *)(own + 1), key.bytes.n)};
    memcpy(own + 1, key.bytes.p, key.bytes.n);
    n = g_hash_table_size(numbers) + 1;
    g_hash_table_insert(numbers, own, GSIZE_TO_POINTER(n));
    return (uint32_t)n;
}

static void add_to_group(struct pile *pile, const struct offer *o, const size_t *chosen)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct sigma_hit hit = o->hit;

    for (size_t k = 0; k < o->n_keys; k++)
        add_text(text, g_array_index(o->keys[k], struct hc_str, chosen[k]));
    hit.group = number_of(pile->groups, text) - 1;
    if (hit.group == pile->keys->len) {
        GPtrArray *keys = g_ptr_array_new_with_free_func(free_text);
        for (size_t k = 0; k < o->n_keys; k++) {
            struct hc_str key = g_array_index(o->keys[k], struct hc_str, chosen[k]);
            g_ptr_array_add(keys, g_string_new_len(key.p, (gssize)key.n));
        }
        g_ptr_array_add(pile->keys, keys);
    }
    g_array_append_val(pile->hits, hit);
}

/* Each choice of one text for each key. */
static void add_offer(struct hc_sigma_windows *w, struct pile *pile)
{
    const struct offer *o = w->offer;
    size_t chosen[HC_SIGMA_KEYS_MAX] = {0}, product = 1, k;

    for (k = 0; k < o->n_keys && product <= HC_SIGMA_GROUPS_MAX; k++)
        product *= o->keys[k]->len;
    w->crowded += product > HC_SIGMA_GROUPS_MAX;
    if (product == 0 || product > HC_SIGMA_GROUPS_MAX)
        return;
    do {
        add_to_group(pile, o, chosen);
        for (k = 0; k < o->n_keys && ++chosen[k] == o->keys[k]->len; k++)
            chosen[k] = 0;
    } while (k < o->n_keys);
}

static void event_keys(struct offer *o, const struct hc_sigma_correlation *c, size_t step, struct hc_sigma_event *event)
{
    o->n_keys = c->n_keys;
    for (size_t k = 0; k < c->n_keys; k++) {
        size_t n;
        bool present;
        struct hc_sigma_value *values = hc_sigma_event_values(event, c->key_of[step][k].slot, &n, &present);
        g_array_set_size(o->keys[k], 0);
        for (size_t i = 0; i < n; i++)
            if (values[i].text.p)
                g_array_append_val(o->keys[k], values[i].text);
    }
}

/* The first value of a field that has one. */
static const struct hc_sigma_value *first_value(struct hc_sigma_event *event, size_t slot)
{
    size_t n;
    bool present;
    const struct hc_sigma_value *values = hc_sigma_event_values(event, slot, &n, &present);

    for (size_t i = 0; i < n; i++)
        if (values[i].text.p)
            return &values[i];
    return NULL;
}

static void event_values(struct pile *pile, struct offer *o, const struct hc_sigma_correlation *c, size_t step, struct hc_sigma_event *event)
{
    g_autoptr(GString) text = g_string_new(NULL);

    o->hit.value = 0;
    o->hit.amount = NAN;
    for (size_t v = 0; v < c->n_values; v++) {
        const struct hc_sigma_value *value = first_value(event, c->value_of[step][v].slot);
        if (!value)
            return;
        if (value->numeric)
            o->hit.amount = value->number;
        add_text(text, value->text);
    }
    if (c->type == HC_SIGMA_VALUE_COUNT)
        o->hit.value = number_of(pile->values, text);
}

void hc_sigma_windows_hit(struct hc_sigma_windows *w, size_t rule, uint32_t number, int64_t us, struct hc_sigma_event *event)
{
    for (guint i = 0; w->needs[rule] && i < w->needs[rule]->len; i++) {
        size_t needed_by = GPOINTER_TO_SIZE(w->needs[rule]->pdata[i]);
        const struct hc_sigma_correlation *c = &hc_sigma_rule_at(w->rules, needed_by)->correlation;
        for (size_t s = 0; s < c->n_steps; s++) {
            if (c->steps[s] != rule)
                continue;
            w->offer->hit = (struct sigma_hit){.us = us, .number = number, .step = (uint16_t)s};
            event_keys(w->offer, c, s, event);
            event_values(w->piles[needed_by], w->offer, c, s, event);
            add_offer(w, w->piles[needed_by]);
        }
    }
}

/* The key of a correlation's match that is called so; .p == NULL: it has none. */
static struct hc_str key_called(const struct hc_sigma_correlation *c, const struct hc_str *keys, const char *name)
{
    for (size_t k = 0; k < c->n_keys; k++)
        if (strcmp(c->keys[k], name) == 0)
            return keys[k];
    return HC_STR_NONE;
}

static void match_keys(struct offer *o, const struct hc_sigma_correlation *c, size_t step, const struct hc_sigma_correlation *inner,
                       const struct hc_str *keys)
{
    o->n_keys = c->n_keys;
    for (size_t k = 0; k < c->n_keys; k++) {
        struct hc_str key = key_called(inner, keys, c->key_of[step][k].name);
        g_array_set_size(o->keys[k], 0);
        if (key.p)
            g_array_append_val(o->keys[k], key);
    }
}

static void match_values(struct pile *pile, struct offer *o, const struct hc_sigma_correlation *c, size_t step,
                         const struct hc_sigma_correlation *inner, const struct hc_str *keys)
{
    g_autoptr(GString) text = g_string_new(NULL);

    o->hit.value = 0;
    o->hit.amount = NAN;
    for (size_t v = 0; v < c->n_values; v++) {
        struct hc_str value = key_called(inner, keys, c->value_of[step][v].name);
        if (!value.p)
            return;
        if (!hc_number_of(value, &o->hit.amount))
            o->hit.amount = NAN;
        add_text(text, value);
    }
    if (c->type == HC_SIGMA_VALUE_COUNT)
        o->hit.value = number_of(pile->values, text);
}

/* A firing is a hit of the correlations that list this one. */
static void pass_on(struct hc_sigma_windows *w, size_t rule, const struct hc_str *keys, uint64_t number, int64_t us)
{
    const struct hc_sigma_correlation *inner = &hc_sigma_rule_at(w->rules, rule)->correlation;

    for (guint i = 0; w->needs[rule] && i < w->needs[rule]->len; i++) {
        size_t needed_by = GPOINTER_TO_SIZE(w->needs[rule]->pdata[i]);
        const struct hc_sigma_correlation *c = &hc_sigma_rule_at(w->rules, needed_by)->correlation;
        for (size_t s = 0; s < c->n_steps; s++) {
            if (c->steps[s] != rule)
                continue;
            w->offer->hit = (struct sigma_hit){.us = us, .number = number, .step = (uint16_t)s};
            match_keys(w->offer, c, s, inner, keys);
            match_values(w->piles[needed_by], w->offer, c, s, inner, keys);
            add_offer(w, w->piles[needed_by]);
        }
    }
}

/* Firings of one group, on their way to be matches. */
struct firings {
    struct hc_sigma_windows *w;
    size_t rule;
    const struct hc_str *keys;
    bool open;
    int64_t from, to;
};

static void end_match(struct firings *f)
{
    const struct hc_sigma_match match = {f->rule, f->keys, f->from, f->to};

    if (f->open)
        f->w->fn(f->w->data, &match);
    f->open = false;
}

/* A sigma_fired_fn. */
static void fired(void *data, int64_t from, int64_t to)
{
    struct firings *f = data;

    if (f->open && from > f->to)
        end_match(f);
    if (!f->open) {
        f->open = true;
        f->from = from;
        f->w->matches++;
    }
    f->from = MIN(f->from, from);
    f->to = to;
    pass_on(f->w, f->rule, f->keys, f->w->matches, to);
}

static int by_time(gconstpointer a, gconstpointer b)
{
    const struct sigma_hit *x = a, *y = b;

    if (x->us != y->us)
        return x->us < y->us ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (int)x->step - (int)y->step;
}

/* Those of one group side by side, in the order in which they came; `ends` gets where each group ends. */
static struct sigma_hit *by_group(const struct pile *pile, guint *ends)
{
    struct sigma_hit *out = g_new(struct sigma_hit, pile->hits->len + 1);
    guint n = pile->keys->len, at = 0;

    for (guint i = 0; i < pile->hits->len; i++)
        ends[g_array_index(pile->hits, struct sigma_hit, i).group]++;
    for (guint g = 0; g < n; g++) {
        guint here = ends[g];
        ends[g] = at;
        at += here;
    }
    for (guint i = 0; i < pile->hits->len; i++) {
        const struct sigma_hit *hit = &g_array_index(pile->hits, struct sigma_hit, i);
        out[ends[hit->group]++] = *hit;
    }
    return out;
}

/* Evidence mostly comes in the order of time. */
static void sort_group(struct sigma_hit *hits, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (by_time(&hits[i - 1], &hits[i]) > 0) {
            qsort(hits, n, sizeof *hits, by_time);
            return;
        }
}

static void run_group(struct hc_sigma_windows *w, size_t rule, const struct sigma_hit *hits, size_t n)
{
    const GPtrArray *texts = w->piles[rule]->keys->pdata[hits->group];
    struct hc_str keys[HC_SIGMA_KEYS_MAX];
    struct firings f = {.w = w, .rule = rule, .keys = keys};

    for (guint k = 0; k < texts->len; k++) {
        const GString *text = texts->pdata[k];
        keys[k] = hc_str_n(text->str, text->len);
    }
    sigma_fire(&hc_sigma_rule_at(w->rules, rule)->correlation, hits, n, fired, &f);
    end_match(&f);
}

static void run_one(struct hc_sigma_windows *w, size_t rule)
{
    const struct pile *pile = w->piles[rule];
    g_autofree guint *ends = g_new0(guint, pile->keys->len + 1);
    g_autofree struct sigma_hit *hits = by_group(pile, ends);

    for (guint g = 0; g < pile->keys->len; g++) {
        guint from = g ? ends[g - 1] : 0;
        sort_group(hits + from, ends[g] - from);
        run_group(w, rule, hits + from, ends[g] - from);
    }
}

void hc_sigma_windows_run(struct hc_sigma_windows *w, hc_sigma_match_fn fn, void *data)
{
    w->fn = fn;
    w->data = data;
    for (guint i = 0; i < w->rules->order->len; i++)
        run_one(w, g_array_index(w->rules->order, size_t, i));
}

uint64_t hc_sigma_windows_crowded(const struct hc_sigma_windows *w)
{
    return w->crowded;
}
