/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/derived.h"

#include "src/base/keyed.h"
#include "src/base/text.h"

#define WORD_MAX 100      /* bytes; longer ones name nothing */
#define KNOWN_MAX 1000000 /* words that are remembered; then all are forgotten */

/* Pairs of entities in a table without links: as many as there are accounts and addresses that came
 * together. */
struct pairs {
    uint64_t *at;   /* 0: free */
    size_t n, size; /* size: a power of two, or 0 */
};

struct derived {
    struct world *w;
    struct pairs places; /* account and address; account and 0: it came from some address */
    GHashTable *words;   /* folded word -> GArray of int64_t: what it names */
    GArray *mentions;    /* int64_t */
};

static size_t slot_of(const struct pairs *pairs, uint64_t pair)
{
    uint64_t h = (pair ^ pair >> 31) *
                 UINT64_C(0xbf58476d1ce4e5b9); /* all bits of both meet, or runs would grow long */
    size_t slot = (size_t)((h ^ h >> 29) * UINT64_C(0x94d049bb133111eb) >> 32) & (pairs->size - 1);

    while (pairs->at[slot] && pairs->at[slot] != pair)
        slot = (slot + 1) & (pairs->size - 1);
    return slot;
}

static void grow(struct pairs *pairs)
{
    struct pairs more = {NULL, pairs->n, MAX(pairs->size * 2, 1024)};

    more.at = g_new0(uint64_t, more.size);
    for (size_t i = 0; i < pairs->size; i++)
        if (pairs->at[i])
            more.at[slot_of(&more, pairs->at[i])] = pairs->at[i];
    g_free(pairs->at);
    *pairs = more;
}

/* True: it was not there. Entities are fewer than 2^32: there is an array of them. */
static bool add_pair(struct pairs *pairs, int64_t account, int64_t address)
{
    uint64_t pair = (uint64_t)account << 32 | (uint32_t)address;
    size_t slot;

    if (pairs->n * 4 >= pairs->size * 3)
        grow(pairs);
    slot = slot_of(pairs, pair);
    if (pairs->at[slot])
        return false;
    pairs->at[slot] = pair;
    pairs->n++;
    return true;
}

struct derived *derived_new(struct world *w)
{
    struct derived *d = g_new0(struct derived, 1);

    d->w = w;
    d->words = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    d->mentions = g_array_new(FALSE, FALSE, sizeof(int64_t));
    return d;
}

void derived_free(struct derived *d)
{
    if (!d)
        return;
    g_free(d->places.at);
    g_hash_table_unref(d->words);
    g_array_unref(d->mentions);
    g_free(d);
}

bool derived_is_new_address(struct derived *d, int64_t account, int64_t address)
{
    bool first = add_pair(&d->places, account, 0);

    return add_pair(&d->places, account, address) && !first;
}

static void look_up(struct derived *d, enum hc_entity_kind kind, const char *word, GArray *out)
{
    hc_stmt *st = hc_db_query(d->w->db, "rules", "named", "it", (int64_t)kind, word);

    while (hc_step(st, NULL) == 1) {
        int64_t id = canonical(d->w, hc_col_int(st, 0));
        g_array_append_val(out, id);
    }
}

static const GArray *named_by(struct derived *d, struct hc_str word)
{
    g_autofree char *key = hc_text_fold(word);
    GArray *out = g_hash_table_lookup(d->words, key);

    if (out)
        return out;
    if (g_hash_table_size(d->words) == KNOWN_MAX)
        g_hash_table_remove_all(d->words);
    out = g_array_new(FALSE, FALSE, sizeof(int64_t));
    look_up(d, HC_ENTITY_ACCOUNT, key, out);
    look_up(d, HC_ENTITY_PROJECT, key, out);
    g_hash_table_insert(d->words, g_steal_pointer(&key), out);
    return out;
}

static void add_mentions(struct derived *d, struct hc_str word)
{
    const GArray *named = word.n && word.n <= WORD_MAX ? named_by(d, word) : NULL;

    for (guint i = 0; named && i < named->len && d->mentions->len < HC_MENTIONS_MAX; i++) {
        int64_t id = g_array_index(named, int64_t, i);
        bool known = false;
        for (guint k = 0; k < d->mentions->len; k++)
            known = known || g_array_index(d->mentions, int64_t, k) == id;
        if (!known)
            g_array_append_val(d->mentions, id);
    }
}

/* Names hold dots, dashes and underscores, but do not end with a dot or a dash. */
static bool is_of_name(char c)
{
    return g_ascii_isalnum(c) || strchr("._-", c) || (unsigned char)c >= 0x80;
}

const GArray *derived_mentions(struct derived *d, struct hc_str text)
{
    g_array_set_size(d->mentions, 0);
    for (size_t at = 0; at < text.n; at++) {
        size_t from = at;
        while (at < text.n && text.p[at] && is_of_name(text.p[at]))
            at++;
        struct hc_str word = hc_str_n(text.p + from, at - from);
        while (word.n && strchr(".-", word.p[word.n - 1]))
            word.n--;
        add_mentions(d, word);
    }
    return d->mentions;
}
