/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/pile.h"

#include "src/base/keyed.h"

#include <math.h>
#include <stdlib.h>

/* A key of a table of numbers. */
struct text {
    guint hash;
    struct hc_str bytes; /* behind it, when it stands in the table */
};

/* Hits that lack optional keys, by which they lack: they belong to each group that has their other keys. */
struct open {
    unsigned lacking;
    GHashTable *partial; /* struct text: the keys that they have -> number + 1 */
    GPtrArray *hits;     /* by that number: GArray of struct sigma_hit */
};

struct sigma_pile {
    const struct hc_sigma_rule *rule;
    GArray *hits;        /* struct sigma_hit */
    GHashTable *groups;  /* struct text: the keys -> number + 1 */
    GArray *keys;        /* struct hc_sigma_key: as many as there are keys, for each group */
    GStringChunk *texts; /* of the keys */
    GHashTable *values;  /* struct text -> number + 1 */
    GArray *open;        /* struct open */
    GString *scratch;
    GArray *ends; /* guint, by group: where its hits end in `hits`, once closed */
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

static void open_clear(void *data)
{
    struct open *open = data;

    g_hash_table_unref(open->partial);
    g_ptr_array_unref(open->hits);
}

struct sigma_pile *sigma_pile_new(const struct hc_sigma_rule *rule)
{
    struct sigma_pile *pile = g_new0(struct sigma_pile, 1);

    pile->rule = rule;
    pile->hits = g_array_new(FALSE, FALSE, sizeof(struct sigma_hit));
    pile->groups = numbers_new();
    pile->keys = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_key));
    pile->texts = g_string_chunk_new(4096);
    pile->values = numbers_new();
    pile->open = g_array_new(FALSE, FALSE, sizeof(struct open));
    g_array_set_clear_func(pile->open, open_clear);
    pile->scratch = g_string_new(NULL);
    pile->ends = g_array_new(FALSE, TRUE, sizeof(guint));
    return pile;
}

void sigma_pile_free(struct sigma_pile *pile)
{
    if (!pile)
        return;
    g_array_unref(pile->hits);
    g_hash_table_unref(pile->groups);
    g_array_unref(pile->keys);
    g_string_chunk_free(pile->texts);
    g_hash_table_unref(pile->values);
    g_array_unref(pile->open);
    g_string_free(pile->scratch, TRUE);
    g_array_unref(pile->ends);
    g_free(pile);
}

struct sigma_offer *sigma_offer_new(void)
{
    struct sigma_offer *o = g_new0(struct sigma_offer, 1);

    for (size_t k = 0; k < HC_SIGMA_KEYS_MAX; k++)
        o->keys[k] = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_key));
    o->values = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_key));
    return o;
}

void sigma_offer_free(struct sigma_offer *o)
{
    for (size_t k = 0; k < HC_SIGMA_KEYS_MAX; k++)
        g_array_unref(o->keys[k]);
    g_array_unref(o->values);
    g_free(o);
}

/* A key with its length before it, so that no two lists of keys read the same. */
static void add_key(GString *out, const struct hc_sigma_key *key)
{
    g_string_append_len(out, (const char *)&key->thing, sizeof key->thing);
    g_string_append_len(out, (const char *)&key->text.n, sizeof key->text.n);
    g_string_append_len(out, key->text.p, (gssize)key->text.n);
}

/* The number of a text, from 1; 0: it has none, and gets none. */
static uint32_t number_of(GHashTable *numbers, const GString *text, bool add)
{
    struct text key = {0, hc_str_n(text->str, text->len)}, *own;
    gsize n;

    key.hash = (guint)hc_keyed(0, key.bytes);
    n = GPOINTER_TO_SIZE(g_hash_table_lookup(numbers, &key));
    if (n || !add)
        return (uint32_t)n;
    own = g_malloc(sizeof *own + key.bytes.n);
    *own = (struct text){key.hash, hc_str_n((const char *)(own + 1), key.bytes.n)};
    memcpy(own + 1, key.bytes.p, key.bytes.n);
    n = g_hash_table_size(numbers) + 1;
    g_hash_table_insert(numbers, own, GSIZE_TO_POINTER(n));
    return (uint32_t)n;
}

/* Of the names of things upper and lower case are the same as far as the service says so: the thing
 * decides. */
static bool is_same_key(const struct hc_sigma_key *a, const struct hc_sigma_key *b)
{
    return a->thing == b->thing && (a->thing || hc_str_eq(a->text, b->text));
}

static bool is_distinct(const struct hc_sigma_extension *own, const struct hc_sigma_key *keys,
                        unsigned lacking)
{
    for (size_t i = 0; i < own->n_distinct; i++) {
        size_t a = own->distinct[i][0], b = own->distinct[i][1];
        if (!(lacking >> a & 1) && !(lacking >> b & 1) && is_same_key(&keys[a], &keys[b]))
            return false;
    }
    return true;
}

static void spell(struct sigma_pile *pile, const struct hc_sigma_key *keys, unsigned lacking)
{
    g_string_truncate(pile->scratch, 0);
    for (size_t k = 0; k < pile->rule->correlation.n_keys; k++)
        if (!(lacking >> k & 1))
            add_key(pile->scratch, &keys[k]);
}

static void add_to_group(struct sigma_pile *pile, struct sigma_hit hit, const struct hc_sigma_key *keys)
{
    size_t n = pile->rule->correlation.n_keys;
    uint32_t known = g_hash_table_size(pile->groups);

    spell(pile, keys, 0);
    hit.group = number_of(pile->groups, pile->scratch, true) - 1;
    for (size_t k = 0; hit.group == known && k < n; k++) {
        struct hc_sigma_key key = keys[k];
        key.text.p = g_string_chunk_insert_len(pile->texts, key.text.p, (gssize)key.text.n);
        g_array_append_val(pile->keys, key);
    }
    g_array_append_val(pile->hits, hit);
}

static struct open *open_for(struct sigma_pile *pile, unsigned lacking)
{
    struct open new = {lacking, NULL, NULL};

    for (guint i = 0; i < pile->open->len; i++)
        if (g_array_index(pile->open, struct open, i).lacking == lacking)
            return &g_array_index(pile->open, struct open, i);
    new.partial = numbers_new();
    new.hits = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    g_array_append_val(pile->open, new);
    return &g_array_index(pile->open, struct open, pile->open->len - 1);
}

static void add_open(struct sigma_pile *pile, const struct sigma_hit *hit, const struct hc_sigma_key *keys,
                     unsigned lacking)
{
    struct open *open = open_for(pile, lacking);
    uint32_t n;

    spell(pile, keys, lacking);
    n = number_of(open->partial, pile->scratch, true);
    if (n > open->hits->len)
        g_ptr_array_add(open->hits, g_array_new(FALSE, FALSE, sizeof(struct sigma_hit)));
    g_array_append_val((GArray *)open->hits->pdata[n - 1], *hit);
}

static struct sigma_hit with_value(struct sigma_pile *pile, const struct sigma_offer *o)
{
    const struct hc_sigma_correlation *c = &pile->rule->correlation;
    struct sigma_hit hit = o->hit;

    hit.value = 0;
    hit.amount = NAN;
    if (!c->n_values || o->values->len < c->n_values)
        return hit;
    g_string_truncate(pile->scratch, 0);
    for (guint v = 0; v < o->values->len; v++)
        add_key(pile->scratch, &g_array_index(o->values, struct hc_sigma_key, v));
    if (c->type == HC_SIGMA_VALUE_COUNT)
        hit.value = number_of(pile->values, pile->scratch, true);
    else if (!hc_number_of(g_array_index(o->values, struct hc_sigma_key, 0).text, &hit.amount))
        hit.amount = NAN;
    return hit;
}

/* Each choice of one value for each key. */
bool sigma_pile_add(struct sigma_pile *pile, const struct sigma_offer *o)
{
    const struct hc_sigma_extension *own = &pile->rule->own;
    size_t n = pile->rule->correlation.n_keys, chosen[HC_SIGMA_KEYS_MAX] = {0}, product = 1, k;
    struct hc_sigma_key keys[HC_SIGMA_KEYS_MAX];
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
            keys[k] = lacking >> k & 1 ? (struct hc_sigma_key){HC_STR_NONE, 0}
                                       : g_array_index(o->keys[k], struct hc_sigma_key, chosen[k]);
        if (is_distinct(own, keys, lacking) && (lacking || hit.step >= pile->rule->correlation.n_steps))
            add_open(pile, &hit, keys, lacking); /* what must be absent makes no group */
        else if (is_distinct(own, keys, lacking))
            add_to_group(pile, hit, keys);
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

/* Those of one group side by side, in the order in which they came; `ends` gets where each group ends. */
static GArray *by_group(const struct sigma_pile *pile, guint *ends, guint n)
{
    GArray *out = g_array_sized_new(FALSE, FALSE, sizeof(struct sigma_hit), pile->hits->len);
    guint at = 0;

    g_array_set_size(out, pile->hits->len);
    for (guint i = 0; i < pile->hits->len; i++)
        ends[g_array_index(pile->hits, struct sigma_hit, i).group]++;
    for (guint g = 0; g < n; g++) {
        guint here = ends[g];
        ends[g] = at;
        at += here;
    }
    for (guint i = 0; i < pile->hits->len; i++) {
        const struct sigma_hit *hit = &g_array_index(pile->hits, struct sigma_hit, i);
        g_array_index(out, struct sigma_hit, ends[hit->group]++) = *hit;
    }
    return out;
}

/* The open hits that belong to the group, as far as they are near enough to its own to be in a window with
 * one of them. */
static void add_open_hits(struct sigma_pile *pile, size_t group, int64_t from, int64_t to, GArray *out)
{
    const struct hc_sigma_key *keys = sigma_pile_keys(pile, group);

    for (guint i = 0; i < pile->open->len; i++) {
        const struct open *open = &g_array_index(pile->open, struct open, i);
        const GArray *hits;
        uint32_t n;
        spell(pile, keys, open->lacking);
        n = number_of(open->partial, pile->scratch, false);
        hits = n ? open->hits->pdata[n - 1] : NULL;
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
    guint n = g_hash_table_size(pile->groups);
    GArray *hits;

    g_array_set_size(pile->ends, n);
    hits = by_group(pile, (guint *)(void *)pile->ends->data, n);
    g_array_unref(pile->hits);
    pile->hits = hits;
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

const struct hc_sigma_key *sigma_pile_keys(const struct sigma_pile *pile, size_t group)
{
    return pile->keys->len
               ? &g_array_index(pile->keys, struct hc_sigma_key, group * pile->rule->correlation.n_keys)
               : NULL;
}
