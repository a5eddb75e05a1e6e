/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/ranks.h"

#include <stdlib.h>

/* Sums over halves (Fenwick): tree[i] counts the numbers of the (i & -i) places that end at i, from 1. */
struct sigma_ranks {
    size_t n, top; /* top: the largest power of two that is no more than n */
    double *numbers;
    guint *tree;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct sigma_ranks *sigma_ranks_new(const double *numbers, size_t n)
{
    struct sigma_ranks *r = g_new0(struct sigma_ranks, 1);

    r->numbers = g_memdup2(numbers, n * sizeof *numbers);
    if (n)
        qsort(r->numbers, n, sizeof *r->numbers, ascending);
    for (size_t i = 0; i < n; i++)
        if (!r->n || r->numbers[r->n - 1] < r->numbers[i])
            r->numbers[r->n++] = r->numbers[i];
    r->tree = g_new0(guint, r->n + 1);
    for (r->top = 1; r->top * 2 <= r->n;)
        r->top *= 2;
    return r;
}

void sigma_ranks_free(struct sigma_ranks *r)
{
    if (!r)
        return;
    g_free(r->numbers);
    g_free(r->tree);
    g_free(r);
}

void sigma_ranks_change(struct sigma_ranks *r, double number, int by)
{
    size_t low = 0, high = r->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low + 1; i <= r->n; i += i & -i)
        r->tree[i] += (guint)by;
}

double sigma_ranks_at(const struct sigma_ranks *r, size_t k)
{
    size_t at = 0;

    for (size_t half = r->top; half; half /= 2)
        if (at + half <= r->n && r->tree[at + half] <= k) {
            at += half;
            k -= r->tree[at];
        }
    return r->numbers[at];
}

/* A full tree in an array: node i has the larger of 2i and 2i + 1; the entries are its leaves. */
struct sigma_peaks {
    size_t n, leaves; /* a power of two */
    int64_t *at;
};

struct sigma_peaks *sigma_peaks_new(size_t n)
{
    struct sigma_peaks *p = g_new(struct sigma_peaks, 1);

    p->n = n;
    for (p->leaves = 1; p->leaves < n;)
        p->leaves *= 2;
    p->at = g_new(int64_t, 2 * p->leaves);
    for (size_t i = 0; i < 2 * p->leaves; i++)
        p->at[i] = INT64_MIN;
    return p;
}

void sigma_peaks_free(struct sigma_peaks *p)
{
    if (!p)
        return;
    g_free(p->at);
    g_free(p);
}

void sigma_peaks_set(struct sigma_peaks *p, size_t at, int64_t value)
{
    p->at[p->leaves + at] = value;
}

void sigma_peaks_ready(struct sigma_peaks *p)
{
    for (size_t i = p->leaves; --i;)
        p->at[i] = MAX(p->at[2 * i], p->at[2 * i + 1]);
}

size_t sigma_peaks_next(const struct sigma_peaks *p, size_t from, int64_t least)
{
    size_t i = p->leaves + from;

    if (from >= p->n)
        return p->n;
    while (p->at[i] < least) {
        while (i & 1) /* nothing of this node is left: up */
            i /= 2;
        if (!i)
            return p->n;
        i++;
    }
    while (i < p->leaves) {
        i *= 2;
        i += p->at[i] < least;
    }
    return MIN(i - p->leaves, p->n);
}
