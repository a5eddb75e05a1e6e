/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/serials.h"

#include <glib.h>
#include <math.h>

/* The first of the `n` piles whose top is above the key; the tops never fall. */
static size_t pile_for(const int64_t *keys, const size_t *tops, size_t n, int64_t key)
{
    size_t low = 0, high = n;

    if (!n || keys[tops[n - 1]] <= key) /* most are in order */
        return n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys[tops[middle]] > key)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

size_t serials_outside(const int64_t *keys, size_t n, bool *outside)
{
    g_autofree size_t *tops = g_new(size_t, n + 1), *before = g_new(size_t, n + 1);
    size_t piles = 0;

    for (size_t i = 0; i < n; i++) {
        size_t pile = pile_for(keys, tops, piles, keys[i]);
        before[i] = pile ? tops[pile - 1] : n;
        tops[pile] = i;
        piles = MAX(piles, pile + 1);
        outside[i] = true;
    }
    for (size_t i = piles ? tops[piles - 1] : n; i < n; i = before[i])
        outside[i] = false;
    return n - piles;
}

double serials_chance(int64_t n, int64_t missing, int64_t others, int64_t others_missing)
{
    double p = (double)(others_missing + 1) / (double)(others + 2), sum = 0;

    for (int64_t k = MAX(missing, 0); k <= n; k++) {
        double ways = lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
        double chance = exp(ways + (double)k * log(p) + (double)(n - k) * log1p(-p));
        sum += chance;
        if (k > missing && chance < sum * 1e-12) /* what is left does not show */
            break;
    }
    return MIN(sum, 1);
}
