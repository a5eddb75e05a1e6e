/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/derived.h"

#include "src/base/text.h"

#define WORD_MAX 100      /* bytes; longer ones name nothing */
#define KNOWN_MAX 1000000 /* words that are remembered; then all are forgotten */

struct derived {
    struct world *w;
    GHashTable *places;   /* struct pair: account and address */
    GHashTable *accounts; /* int64_t: those that came from some address */
    GHashTable *words;    /* folded word -> GArray of int64_t: what it names */
    GArray *mentions;     /* int64_t */
};

struct pair {
    int64_t account, address;
};

static guint pair_hash(gconstpointer key)
{
    const struct pair *p = key;
    uint64_t h = ((uint64_t)p->account * UINT64_C(0x9e3779b97f4a7c15)) ^ (uint64_t)p->address;

    return (guint)(h ^ h >> 32);
}

static gboolean pair_same(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct pair)) == 0;
}

struct derived *derived_new(struct world *w)
{
    struct derived *d = g_new0(struct derived, 1);

    d->w = w;
    d->places = g_hash_table_new_full(pair_hash, pair_same, g_free, NULL);
    d->accounts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    d->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    d->mentions = g_array_new(FALSE, FALSE, sizeof(int64_t));
    return d;
}

void derived_free(struct derived *d)
{
    if (!d)
        return;
    g_hash_table_unref(d->places);
    g_hash_table_unref(d->accounts);
    g_hash_table_unref(d->words);
    g_array_unref(d->mentions);
    g_free(d);
}

bool derived_is_new_address(struct derived *d, int64_t account, int64_t address)
{
    const struct pair pair = {account, address};
    bool known = g_hash_table_contains(d->accounts, &account);

    if (!known)
        g_hash_table_add(d->accounts, g_memdup2(&account, sizeof account));
    return g_hash_table_add(d->places, g_memdup2(&pair, sizeof pair)) && known;
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
