/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/tally.h"

#include "src/base/keyed.h"

struct last {
    GString *type, *why;
    int64_t *sum; /* NULL: none yet */
};

#define LAST 8 /* types that take turns, as programs of one daemon do */

struct hc_tally {
    GHashTable *sums;                 /* "fate\x1fwhy\x1ftype" -> int64 */
    struct last last[HC_FATES][LAST]; /* counters that were asked for last are kept at hand */
    int64_t fates[HC_FATES];
};

static const char *const names[HC_FATES] = {"event", "state", "ignored", "joined", "duplicate", "rejected"};

struct hc_tally *hc_tally_new(void)
{
    struct hc_tally *t = g_new0(struct hc_tally, 1);

    t->sums = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);
    for (int i = 0; i < HC_FATES * LAST; i++)
        t->last[i / LAST][i % LAST] = (struct last){g_string_new(NULL), g_string_new(NULL), NULL};
    return t;
}

void hc_tally_free(struct hc_tally *t)
{
    if (!t)
        return;
    for (int i = 0; i < HC_FATES * LAST; i++) {
        g_string_free(t->last[i / LAST][i % LAST].type, TRUE);
        g_string_free(t->last[i / LAST][i % LAST].why, TRUE);
    }
    g_hash_table_unref(t->sums);
    g_free(t);
}

/* The type comes last: it is the evidence's, and may hold what separates the parts. */
static int64_t *counter(struct hc_tally *t, enum hc_fate fate, struct hc_str type, const char *why)
{
    char *key = g_strdup_printf("%d\x1f%s\x1f%.*s", (int)fate, why, HC_STR_ARG(type));
    int64_t *sum = g_hash_table_lookup(t->sums, key);

    if (sum) {
        g_free(key);
    } else {
        sum = g_new0(int64_t, 1);
        g_hash_table_insert(t->sums, key, sum);
    }
    return sum;
}

void hc_tally_add(struct hc_tally *t, enum hc_fate fate, struct hc_str type, const char *why, int64_t n)
{
    struct last *last = &t->last[fate][type.n ? (type.n + (unsigned char)type.p[type.n - 1]) % LAST : 0];

    if (!last->sum || strcmp(last->why->str, why) != 0 ||
        !hc_str_eq(hc_str_n(last->type->str, last->type->len), type)) {
        last->sum = counter(t, fate, type, why);
        g_string_assign(last->why, why);
        g_string_truncate(last->type, 0);
        g_string_append_len(last->type, type.p, (gssize)type.n);
    }
    *last->sum += n;
    t->fates[fate] += n;
}

int64_t hc_tally_sum(const struct hc_tally *t, enum hc_fate fate)
{
    return t->fates[fate];
}

int64_t hc_tally_all(const struct hc_tally *t)
{
    int64_t all = 0;

    for (int i = 0; i < HC_FATES; i++)
        all += t->fates[i];
    return all;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool hc_tally_write(const struct hc_tally *t, hc_db *db, int64_t source, GError **error)
{
    guint n;
    g_autofree void **keys = g_hash_table_get_keys_as_array(t->sums, &n);

    qsort(keys, n, sizeof(*keys), by_name);
    for (guint i = 0; i < n; i++) {
        g_auto(GStrv) part = g_strsplit(keys[i], "\x1f", 3);
        int64_t sum = *(int64_t *)g_hash_table_lookup(t->sums, keys[i]);
        if (sum && !hc_exec(hc_db_query(db, "store", "add_tally", "ittti", source, part[2],
                                        names[g_ascii_strtoll(part[0], NULL, 10)], part[1], sum),
                            error))
            return false;
    }
    return true;
}
