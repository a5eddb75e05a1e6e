/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/keys.h"

#include "src/base/keyed.h"

#define TEXTS_AT_ONCE 65536 /* bytes of texts that memory is asked for */

/* Places by hash: what is there has its number, plus 1; no more than half of them are taken. */
struct places {
    uint32_t *at;
    size_t size; /* a power of two */
};

struct sigma_names {
    GArray *keys;   /* struct hc_sigma_key, by number */
    GArray *hashes; /* uint32_t, likewise */
    GStringChunk *texts;
    struct places places;
};

struct sigma_tuples {
    size_t length;
    uint32_t n;
    GArray *lists; /* uint32_t: `length` of them for each */
    struct places places;
};

static void put(struct places *p, uint32_t hash, uint32_t number)
{
    size_t slot = hash & (p->size - 1);

    while (p->at[slot])
        slot = (slot + 1) & (p->size - 1);
    p->at[slot] = number + 1;
}

static void start(struct places *p, size_t size)
{
    g_free(p->at);
    p->size = size;
    p->at = g_new0(uint32_t, size);
}

struct sigma_names *sigma_names_new(void)
{
    struct sigma_names *n = g_new0(struct sigma_names, 1);

    n->keys = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_key));
    n->hashes = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    n->texts = g_string_chunk_new(TEXTS_AT_ONCE);
    start(&n->places, 64);
    return n;
}

void sigma_names_free(struct sigma_names *n)
{
    if (!n)
        return;
    g_array_unref(n->keys);
    g_array_unref(n->hashes);
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
    g_array_append_val(n->hashes, hash);
    if (n->keys->len * 2 > n->places.size) {
        start(&n->places, n->places.size * 2);
        for (guint i = 0; i < n->keys->len; i++)
            put(&n->places, g_array_index(n->hashes, uint32_t, i), i);
    } else {
        put(&n->places, hash, n->keys->len - 1);
    }
}

uint32_t sigma_names_number(struct sigma_names *n, const struct hc_sigma_key *key)
{
    const uint32_t hash = (uint32_t)(hc_keyed((uint64_t)key->thing, key->text) >> 32);

    for (size_t slot = hash & (n->places.size - 1); n->places.at[slot];
         slot = (slot + 1) & (n->places.size - 1)) {
        uint32_t number = n->places.at[slot] - 1;
        const struct hc_sigma_key *known = sigma_names_at(n, number);
        if (g_array_index(n->hashes, uint32_t, number) == hash && known->thing == key->thing &&
            hc_str_eq(known->text, key->text))
            return number;
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

uint32_t sigma_tuples_number(struct sigma_tuples *t, const uint32_t *list, bool add)
{
    const uint32_t hash = hash_of(t, list);

    for (size_t slot = hash & (t->places.size - 1); t->places.at[slot];
         slot = (slot + 1) & (t->places.size - 1))
        if (!t->length || memcmp(sigma_tuples_at(t, t->places.at[slot]), list, t->length * sizeof *list) == 0)
            return t->places.at[slot];
    if (!add)
        return 0;
    g_array_append_vals(t->lists, list, (guint)t->length);
    if (++t->n * 2 > t->places.size) {
        start(&t->places, t->places.size * 2);
        for (uint32_t i = 0; i < t->n; i++)
            put(&t->places, hash_of(t, sigma_tuples_at(t, i + 1)), i);
    } else {
        put(&t->places, hash, t->n - 1);
    }
    return t->n;
}
