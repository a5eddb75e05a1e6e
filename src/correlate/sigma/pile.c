/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/pile.h"

#include <math.h>
#include <stdlib.h>

#define HITS_AT_ONCE 256 /* that memory is asked for: what is collected is never moved */

/* Hits that lack optional keys, by which they lack: they belong to each group that has their other keys. */
struct open {
    unsigned lacking;
    struct sigma_tuples *partial; /* the keys that they have */
    GPtrArray *hits;              /* by that number - 1: GArray of struct sigma_hit */
};

struct sigma_pile {
    const struct hc_sigma_rule *rule;
    struct sigma_names *names;
    GPtrArray *parts; /* struct sigma_hit *: HITS_AT_ONCE of them each, as they came */
    size_t n_hits;
    struct sigma_tuples *groups; /* of their keys: group + 1 */
    struct sigma_tuples *values; /* of what is counted */
    GArray *open;                /* struct open */
    GArray *hits;                /* struct sigma_hit, by group, once closed */
    GArray *ends;                /* guint, by group: where they end in `hits`, once closed */
};

static void open_clear(void *data)
{
    struct open *open = data;

    sigma_tuples_free(open->partial);
    g_ptr_array_unref(open->hits);
}

struct sigma_pile *sigma_pile_new(const struct hc_sigma_rule *rule, struct sigma_names *names)
{
    struct sigma_pile *pile = g_new0(struct sigma_pile, 1);

    pile->rule = rule;
    pile->names = names;
    pile->parts = g_ptr_array_new_with_free_func(g_free);
    pile->groups = sigma_tuples_new(rule->correlation.n_keys);
    pile->values = sigma_tuples_new(rule->correlation.n_values);
    pile->open = g_array_new(FALSE, FALSE, sizeof(struct open));
    g_array_set_clear_func(pile->open, open_clear);
    pile->hits = g_array_new(FALSE, FALSE, sizeof(struct sigma_hit));
    pile->ends = g_array_new(FALSE, TRUE, sizeof(guint));
    return pile;
}

void sigma_pile_free(struct sigma_pile *pile)
{
    if (!pile)
        return;
    g_ptr_array_unref(pile->parts);
    sigma_tuples_free(pile->groups);
    sigma_tuples_free(pile->values);
    g_array_unref(pile->open);
    g_array_unref(pile->hits);
    g_array_unref(pile->ends);
    g_free(pile);
}

struct sigma_offer *sigma_offer_new(void)
{
    struct sigma_offer *o = g_new0(struct sigma_offer, 1);

    for (size_t k = 0; k < HC_SIGMA_KEYS_MAX; k++)
        o->keys[k] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    o->values = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    return o;
}

void sigma_offer_free(struct sigma_offer *o)
{
    for (size_t k = 0; k < HC_SIGMA_KEYS_MAX; k++)
        g_array_unref(o->keys[k]);
    g_array_unref(o->values);
    g_free(o);
}

/* Of the names of things upper and lower case are the same as far as the service says so: the thing
 * decides. */
static bool is_same_key(const struct sigma_names *names, uint32_t a, uint32_t b)
{
    int64_t thing = sigma_names_at(names, a)->thing;

    return a == b || (thing && thing == sigma_names_at(names, b)->thing);
}

static bool is_distinct(const struct sigma_pile *pile, const uint32_t *keys, unsigned lacking)
{
    const struct hc_sigma_extension *own = &pile->rule->own;

    for (size_t i = 0; i < own->n_distinct; i++) {
        size_t a = own->distinct[i][0], b = own->distinct[i][1];
        if (!(lacking >> a & 1) && !(lacking >> b & 1) && is_same_key(pile->names, keys[a], keys[b]))
            return false;
    }
    return true;
}

static struct sigma_hit *hit_at(const struct sigma_pile *pile, size_t i)
{
    return (struct sigma_hit *)pile->parts->pdata[i / HITS_AT_ONCE] + i % HITS_AT_ONCE;
}

static void add_to_group(struct sigma_pile *pile, const struct sigma_hit *hit, const uint32_t *keys)
{
    struct sigma_hit *own;

    if (pile->n_hits == (size_t)pile->parts->len * HITS_AT_ONCE)
        g_ptr_array_add(pile->parts, g_new(struct sigma_hit, HITS_AT_ONCE));
    own = hit_at(pile, pile->n_hits++);
    *own = *hit;
    own->group = sigma_tuples_number(pile->groups, keys, true) - 1;
}

static struct open *open_for(struct sigma_pile *pile, unsigned lacking)
{
    struct open new = {lacking, NULL, NULL};

    for (guint i = 0; i < pile->open->len; i++)
        if (g_array_index(pile->open, struct open, i).lacking == lacking)
            return &g_array_index(pile->open, struct open, i);
    new.partial = sigma_tuples_new(pile->rule->correlation.n_keys - (size_t)__builtin_popcount(lacking));
    new.hits = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    g_array_append_val(pile->open, new);
    return &g_array_index(pile->open, struct open, pile->open->len - 1);
}

/* The number of the hits whose keys are these, but for those that they lack; 0: there are none. */
static uint32_t partial_number(const struct sigma_pile *pile, const struct open *open, const uint32_t *keys,
                               bool add)
{
    uint32_t list[HC_SIGMA_KEYS_MAX];
    size_t n = 0;

    for (size_t k = 0; k < pile->rule->correlation.n_keys; k++)
        if (!(open->lacking >> k & 1))
            list[n++] = keys[k];
    return sigma_tuples_number(open->partial, list, add);
}

static void add_open(struct sigma_pile *pile, const struct sigma_hit *hit, const uint32_t *keys,
                     unsigned lacking)
{
    struct open *open = open_for(pile, lacking);
    uint32_t n = partial_number(pile, open, keys, true);

    if (n > open->hits->len)
        g_ptr_array_add(open->hits, g_array_new(FALSE, FALSE, sizeof(struct sigma_hit)));
    g_array_append_val((GArray *)open->hits->pdata[n - 1], *hit);
}

static struct sigma_hit with_value(struct sigma_pile *pile, const struct sigma_offer *o)
{
    const struct hc_sigma_correlation *c = &pile->rule->correlation;
    const uint32_t *values = (const uint32_t *)(void *)o->values->data;
    const bool all = c->n_values && o->values->len >= c->n_values;
    const struct hc_str text =
        all && c->type != HC_SIGMA_VALUE_COUNT ? sigma_names_at(pile->names, values[0])->text : HC_STR_NONE;
    struct sigma_hit hit = o->hit;

    if (c->type == HC_SIGMA_VALUE_COUNT)
        hit.value = all ? sigma_tuples_number(pile->values, values, true) : 0;
    else if (!(hit.is_whole = hc_number_whole(text, &hit.whole)) && !hc_number_of(text, &hit.amount))
        hit.amount = NAN;
    return hit;
}

/* Each choice of one value for each key. */
bool sigma_pile_add(struct sigma_pile *pile, const struct sigma_offer *o)
{
    const struct hc_sigma_extension *own = &pile->rule->own;
    size_t n = pile->rule->correlation.n_keys, chosen[HC_SIGMA_KEYS_MAX] = {0}, product = 1, k;
    uint32_t keys[HC_SIGMA_KEYS_MAX];
    struct sigma_hit hit;
    unsigned lacking = 0;

    for (k = 0; k < n && product <= HC_SIGMA_GROUPS_MAX; k++) {
        bool open =
            !o->keys[k]->len && (own->optional >> k & 1 || o->hit.step >= pile->rule->correlation.n_steps);
        lacking |= open ? 1u << k : 0;
        product *= open ? 1 : o->keys[k]->len;
    }
    if (product == 0 || product > HC_SIGMA_GROUPS_MAX)
        return product == 0;
    hit = with_value(pile, o);
    do {
        for (k = 0; k < n; k++)
            keys[k] = lacking >> k & 1 ? 0 : g_array_index(o->keys[k], uint32_t, chosen[k]);
        if (is_distinct(pile, keys, lacking) && (lacking || hit.step >= pile->rule->correlation.n_steps))
            add_open(pile, &hit, keys, lacking); /* what must be absent makes no group */
        else if (is_distinct(pile, keys, lacking))
            add_to_group(pile, &hit, keys);
        for (k = 0; k < n && (lacking >> k & 1 || ++chosen[k] == o->keys[k]->len); k++)
            chosen[k] = 0;
    } while (k < n);
    return true;
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

/* Evidence mostly comes in the order of time. */
static void sort_group(struct sigma_hit *hits, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (by_time(&hits[i - 1], &hits[i]) > 0) {
            qsort(hits, n, sizeof *hits, by_time);
            return;
        }
}

/* Those of one group side by side, in the order in which they came; what is copied is let go. */
static void arrange(struct sigma_pile *pile)
{
    guint *ends = (guint *)(void *)pile->ends->data, at = 0;

    for (size_t i = 0; i < pile->n_hits; i++)
        ends[hit_at(pile, i)->group]++;
    for (guint g = 0; g < pile->ends->len; g++) {
        guint here = ends[g];
        ends[g] = at;
        at += here;
    }
    g_array_set_size(pile->hits, (guint)pile->n_hits);
    for (size_t i = 0; i < pile->n_hits; i++) {
        const struct sigma_hit *hit = hit_at(pile, i);
        g_array_index(pile->hits, struct sigma_hit, ends[hit->group]++) = *hit;
        if (i % HITS_AT_ONCE == HITS_AT_ONCE - 1)
            g_clear_pointer(&pile->parts->pdata[i / HITS_AT_ONCE], g_free);
    }
    g_ptr_array_set_size(pile->parts, 0);
}

/* The open hits that belong to the group, as far as they are near enough to its own to be in a window with
 * one of them. */
static void add_open_hits(struct sigma_pile *pile, size_t group, int64_t from, int64_t to, GArray *out)
{
    const uint32_t *keys = sigma_pile_keys(pile, group);

    for (guint i = 0; i < pile->open->len; i++) {
        const struct open *open = &g_array_index(pile->open, struct open, i);
        uint32_t n = partial_number(pile, open, keys, false);
        const GArray *hits = n ? open->hits->pdata[n - 1] : NULL;
        for (guint h = 0; hits && h < hits->len; h++) {
            struct sigma_hit hit = g_array_index(hits, struct sigma_hit, h);
            if (hit.us < from || (hit.us > to && hit.earliest > to))
                continue;
            hit.group = (uint32_t)group;
            g_array_append_val(out, hit);
        }
    }
}

static void merge_open(struct sigma_pile *pile, guint groups)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(struct sigma_hit));
    int64_t span = pile->rule->correlation.span;

    for (guint g = 0, from = 0; g < groups; g++) {
        guint end = g_array_index(pile->ends, guint, g);
        int64_t first = INT64_MAX, last = INT64_MIN;
        for (guint i = from; i < end; i++) {
            const struct sigma_hit *hit = &g_array_index(pile->hits, struct sigma_hit, i);
            first = MIN(first, hit->earliest);
            last = MAX(last, hit->us);
        }
        g_array_append_vals(out, &g_array_index(pile->hits, struct sigma_hit, from), end - from);
        add_open_hits(pile, g, first == INT64_MIN ? first : first - span, last + span, out);
        g_array_index(pile->ends, guint, g) = out->len;
        from = end;
    }
    g_array_unref(pile->hits);
    pile->hits = out;
}

void sigma_pile_close(struct sigma_pile *pile)
{
    guint n = sigma_tuples_count(pile->groups);

    g_array_set_size(pile->ends, n);
    arrange(pile);
    if (pile->open->len)
        merge_open(pile, n);
    for (guint g = 0, from = 0; g < n; g++) {
        guint end = g_array_index(pile->ends, guint, g);
        sort_group(&g_array_index(pile->hits, struct sigma_hit, from), end - from);
        from = end;
    }
}

size_t sigma_pile_groups(const struct sigma_pile *pile)
{
    return pile->ends->len;
}

const struct sigma_hit *sigma_pile_group(const struct sigma_pile *pile, size_t group, size_t *n)
{
    guint from = group ? g_array_index(pile->ends, guint, group - 1) : 0;

    *n = g_array_index(pile->ends, guint, group) - from;
    return &g_array_index(pile->hits, struct sigma_hit, from);
}

const uint32_t *sigma_pile_keys(const struct sigma_pile *pile, size_t group)
{
    return sigma_tuples_at(pile->groups, (uint32_t)group + 1);
}
