/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names by their keys. Eight bytes of the keys are sorted as numbers, byte by byte; what they have in common
 * is passed over, and only those that are alike so far are looked at further: nobody can choose names for
 * which that takes long.
 */
#include "src/evidence/names.h"

#define FEW 24 /* as many are sorted at once by comparing them */
#define BYTES 8
#define SOON 12   /* names: as long as memory takes to answer */
#define DEEP 8192 /* bytes: keys are shorter */

struct item {
    uint64_t part; /* eight bytes of the key, in their order */
    const struct hc_name *name;
};

/* Names of one kind and realm. */
struct group {
    uint32_t realm;
    uint8_t kind;
    size_t n, from;
};

static gint by_kind_and_realm(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
                              : (x->realm > y->realm) - (x->realm < y->realm);
}

/* There are few. */
static struct group *group_of(GArray *groups, const struct hc_name *name)
{
    struct group *g = (struct group *)(void *)groups->data;
    guint i = 0;

    while (i < groups->len && (g[i].kind != name->kind || g[i].realm != name->realm))
        i++;
    if (i == groups->len) {
        const struct group more = {name->realm, name->kind, 0, 0};
        g_array_append_val(groups, more);
    }
    return &g_array_index(groups, struct group, i);
}

/* The bytes of the key from `depth` on; behind its end there are zeroes. */
static uint64_t part_of(const struct hc_name *name, size_t depth)
{
    uint64_t big = 0;

    if (name->n >= depth + BYTES)
        memcpy(&big, name->key + depth, BYTES);
    else if (name->n > depth)
        memcpy(&big, name->key + depth, name->n - depth);
    return GUINT64_FROM_BE(big);
}

/* Names lie all over the memory in any order but that in which they came. */
static void soon(const struct item *items, size_t i, size_t n)
{
    if (i < n) {
        const char *name = (const char *)items[i].name;
        __builtin_prefetch(name);
        __builtin_prefetch(name + 63);
    }
}

static int compare(const struct hc_name *a, const struct hc_name *b)
{
    int order = memcmp(a->key, b->key, MIN(a->n, b->n));

    return order ? order : (a->n > b->n) - (a->n < b->n);
}

static void sort_few(struct item *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct item item = items[i];
        size_t k = i;
        for (; k && compare(items[k - 1].name, item.name) > 0; k--)
            items[k] = items[k - 1];
        items[k] = item;
    }
}

/* By one byte of the part after the other, from the lowest; bytes that all have in common take no turn. */
static void sort_parts(struct item *items, struct item *other, size_t n)
{
    struct item *from = items, *to = other;
    uint64_t differ = 0;

    for (size_t i = 1; i < n; i++)
        differ |= items[i].part ^ items[0].part;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t places[256] = {0}, sum = 0;
        if (!(differ >> shift & 0xff))
            continue;
        for (size_t i = 0; i < n; i++)
            places[from[i].part >> shift & 0xff]++;
        for (int byte = 0; byte < 256; byte++) {
            size_t here = places[byte];
            places[byte] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[places[from[i].part >> shift & 0xff]++] = from[i];
        struct item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * sizeof *items);
}

/* How many bytes of their keys, which begin alike up to `depth`, all have in common. */
static size_t in_common(const struct item *items, size_t n, size_t depth)
{
    const struct hc_name *first = items[0].name;
    size_t common = first->n;

    for (size_t i = 1; i < n; i++) {
        const size_t most = MIN(common, items[i].name->n);
        size_t k = depth;
        while (k < most && first->key[k] == items[i].name->key[k])
            k++;
        common = MIN(common, k);
    }
    return MAX(common, depth);
}

/* Names whose keys begin alike up to `depth`. */
static void sort_from(struct item *items, struct item *other, size_t n, size_t depth)
{
    if (n <= FEW || depth > DEEP) {
        sort_few(items, n);
        return;
    }
    depth = in_common(items, n, depth);
    for (size_t i = 0; i < n; i++) {
        soon(items, i + SOON, n);
        items[i].part = part_of(items[i].name, depth);
    }
    sort_parts(items, other, n);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && items[end].part == items[i].part;)
            end++;
        if (end - i > 1)
            sort_from(items + i, other, end - i, depth + BYTES);
    }
}

static void fill(const struct hc_names *names, GArray *groups, struct item *items)
{
    const struct hc_name *name;
    size_t from = 0;

    for (guint i = 0; i < groups->len; i++) {
        struct group *g = &g_array_index(groups, struct group, i);
        g->from = from;
        from += g->n;
        g->n = 0;
    }
    for (uint32_t place = 0; (name = hc_names_walk(names, &place));) {
        struct group *g = group_of(groups, name);
        items[g->from + g->n++].name = name;
    }
}

const struct hc_name **hc_names_sorted(const struct hc_names *names, size_t *n)
{
    g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(struct group));
    g_autofree struct item *items = NULL, *other = NULL;
    const struct hc_name *name, **sorted;
    size_t most = 0;

    *n = 0;
    for (uint32_t place = 0; (name = hc_names_walk(names, &place)); ++*n)
        group_of(groups, name)->n++;
    g_array_sort(groups, by_kind_and_realm);
    for (guint i = 0; i < groups->len; i++)
        most = MAX(most, g_array_index(groups, struct group, i).n);
    items = g_new(struct item, *n);
    other = g_new(struct item, most);
    fill(names, groups, items);
    for (guint i = 0; i < groups->len; i++) {
        const struct group *g = &g_array_index(groups, struct group, i);
        sort_from(items + g->from, other, g->n, 0);
    }
    g_clear_pointer(&other, g_free);
    sorted = g_new(const struct hc_name *, *n);
    for (size_t i = 0; i < *n; i++)
        sorted[i] = items[i].name;
    return sorted;
}
