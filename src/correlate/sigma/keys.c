/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/keys.h"

#include "src/base/keyed.h"

#define TEXTS_AT_ONCE 65536 /* bytes of texts that memory is asked for */

struct place {
    uint32_t hash, number; /* plus 1; 0: it is free */
};

/* By hash; no more than half of them are taken. */
struct places {
    struct place *at;
    size_t size; /* a power of two */
};

struct sigma_names {
    GArray *keys; /* struct hc_sigma_key, by number */
    GStringChunk *texts;
    struct places places;
};

struct sigma_tuples {
    size_t length;
    uint32_t n;
    GArray *lists; /* uint32_t: `length` of them for each */
    struct places places;
};

static void put(struct places *p, struct place what)
{
    size_t slot = what.hash & (p->size - 1);

    while (p->at[slot].number)
        slot = (slot + 1) & (p->size - 1);
    p->at[slot] = what;
}

static void start(struct places *p, size_t size)
{
    p->size = size;
    p->at = g_new0(struct place, size);
}

/* The `n`th of all, which is new. */
static void add(struct places *p, uint32_t hash, uint32_t n)
{
    if ((size_t)n * 2 > p->size) {
        g_autofree struct place *old = p->at;
        const size_t size = p->size;
        start(p, size * 2);
        for (size_t i = 0; i < size; i++)
            if (old[i].number)
                put(p, old[i]);
    }
    put(p, (struct place){hash, n});
}

struct sigma_names *sigma_names_new(void)
{
    struct sigma_names *n = g_new0(struct sigma_names, 1);

    n->keys = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_key));
    n->texts = g_string_chunk_new(TEXTS_AT_ONCE);
    start(&n->places, 64);
    return n;
}

void sigma_names_free(struct sigma_names *n)
{
    if (!n)
        return;
    g_array_unref(n->keys);
    g_string_chunk_free(n->texts);
    g_free(n->places.at);
    g_free(n);
}

const struct hc_sigma_key *sigma_names_at(const struct sigma_names *n, uint32_t number)
{
    return &g_array_index(n->keys, struct hc_sigma_key, number);
}

static void add_name(struct sigma_names *n, const struct hc_sigma_key *key, uint32_t hash)
{
    const struct hc_sigma_key own = {
        hc_str_n(g_string_chunk_insert_len(n->texts, key->text.p, (gssize)key->text.n), key->text.n),
        key->thing};

    g_array_append_val(n->keys, own);
    add(&n->places, hash, n->keys->len);
}

uint32_t sigma_names_number(struct sigma_names *n, const struct hc_sigma_key *key)
{
    const uint32_t hash = (uint32_t)(hc_keyed((uint64_t)key->thing, key->text) >> 32);
    const struct place *at;

    for (size_t slot = hash & (n->places.size - 1); (at = &n->places.at[slot])->number;
         slot = (slot + 1) & (n->places.size - 1)) {
        const struct hc_sigma_key *known = sigma_names_at(n, at->number - 1);
        if (at->hash == hash && known->thing == key->thing && hc_str_eq(known->text, key->text))
            return at->number - 1;
    }
    add_name(n, key, hash);
    return n->keys->len - 1;
}

struct sigma_tuples *sigma_tuples_new(size_t length)
{
    struct sigma_tuples *t = g_new0(struct sigma_tuples, 1);

    t->length = length;
    t->lists = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    start(&t->places, 16);
    return t;
}

void sigma_tuples_free(struct sigma_tuples *t)
{
    if (!t)
        return;
    g_array_unref(t->lists);
    g_free(t->places.at);
    g_free(t);
}

const uint32_t *sigma_tuples_at(const struct sigma_tuples *t, uint32_t number)
{
    return (const uint32_t *)(void *)t->lists->data + (number - 1) * t->length;
}

uint32_t sigma_tuples_count(const struct sigma_tuples *t)
{
    return t->n;
}

static uint32_t hash_of(const struct sigma_tuples *t, const uint32_t *list)
{
    return (uint32_t)(hc_keyed(0, hc_str_n((const char *)list, t->length * sizeof *list)) >> 32);
}

uint32_t sigma_tuples_number(struct sigma_tuples *t, const uint32_t *list, bool insert)
{
    const uint32_t hash = hash_of(t, list);
    const struct place *at;

    for (size_t slot = hash & (t->places.size - 1); (at = &t->places.at[slot])->number;
         slot = (slot + 1) & (t->places.size - 1))
        if (at->hash == hash &&
            (!t->length || memcmp(sigma_tuples_at(t, at->number), list, t->length * sizeof *list) == 0))
            return at->number;
    if (!insert)
        return 0;
    g_array_append_vals(t->lists, list, (guint)t->length);
    add(&t->places, hash, ++t->n);
    return t->n;
}
