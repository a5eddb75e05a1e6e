/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqliteplaces.h"

#include <stdlib.h>

static int by_page(const void *a, const void *b)
{
    const struct hc_sqlite_place *x = a, *y = b;

    if (x->page != y->page)
        return x->page < y->page ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

void hc_sqlite_places_sort(GArray *places)
{
    struct hc_sqlite_place *all = (struct hc_sqlite_place *)(void *)places->data;
    guint n = 0;

    if (places->len)
        qsort(all, places->len, sizeof(*all), by_page);
    for (guint i = 0; i < places->len; i++)
        if (i + 1 == places->len || all[i + 1].page != all[i].page)
            all[n++] = all[i];
    g_array_set_size(places, n);
}

const struct hc_sqlite_place *hc_sqlite_places_find(const GArray *places, uint32_t page)
{
    guint from = 0, to = places ? places->len : 0;

    while (from < to) {
        const guint middle = from + (to - from) / 2;
        if (g_array_index(places, struct hc_sqlite_place, middle).page < page)
            from = middle + 1;
        else
            to = middle;
    }
    if (!places || from == places->len || g_array_index(places, struct hc_sqlite_place, from).page != page)
        return NULL;
    return &g_array_index(places, struct hc_sqlite_place, from);
}
