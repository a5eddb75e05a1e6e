/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pairs.h"

#include "src/base/temp.h"

#include <string.h>

#define ROOM_MIN ((size_t)4 << 10) /* pairs: most sources are small */
#define BUFFERED ((size_t)8 << 10) /* pairs of a run in memory while runs are merged */

/* A sorted stretch of the file while it is read. */
struct run {
    int64_t from, to; /* what of it is not in the buffer yet */
    struct hc_pair *buffer;
    size_t next, filled;
};

struct hc_pairs {
    char *folder;
    int fd;
    int64_t end; /* of the file */
    struct hc_pair *all;
    size_t n, room, max, next;
    GArray *runs;
    struct run **heap; /* by key, then by age; those that have a pair left */
    size_t n_heap;
};

struct hc_pairs *hc_pairs_new(const char *folder, size_t memory)
{
    struct hc_pairs *p = g_new0(struct hc_pairs, 1);

    p->folder = g_strdup(folder);
    p->fd = -1;
    p->max = MAX(memory / sizeof *p->all, 1);
    p->runs = g_array_new(FALSE, TRUE, sizeof(struct run));
    return p;
}

void hc_pairs_free(struct hc_pairs *p)
{
    if (!p)
        return;
    hc_temp_close(p->fd);
    for (guint i = 0; i < p->runs->len; i++)
        g_free(g_array_index(p->runs, struct run, i).buffer);
    g_array_unref(p->runs);
    g_free(p->heap);
    g_free(p->all);
    g_free(p->folder);
    g_free(p);
}

/* Byte `i` of a key, so that their order is that of the numbers. */
static inline unsigned digit(int64_t key, int i)
{
    return (unsigned)(((uint64_t)key ^ UINT64_C(1) << 63) >> (8 * i) & 0xff);
}

/* Which bytes of the keys differ at all. */
static uint64_t differing(const struct hc_pair *all, size_t n)
{
    uint64_t bits = 0;

    for (size_t i = 1; i < n; i++)
        bits |= (uint64_t)(all[i].key ^ all[0].key);
    return bits;
}

static void sort_by(int i, const struct hc_pair *from, struct hc_pair *to, size_t n)
{
    size_t places[256] = {0}, sum = 0;

    for (size_t k = 0; k < n; k++)
        places[digit(from[k].key, i)]++;
    for (int d = 0; d < 256; d++) {
        const size_t here = places[d];
        places[d] = sum;
        sum += here;
    }
    for (size_t k = 0; k < n; k++)
        to[places[digit(from[k].key, i)]++] = from[k];
}

/* By one byte of the key after the other, from the lowest: what is equal stays in its order. */
static void sort_pairs(struct hc_pairs *p)
{
    const uint64_t bits = differing(p->all, p->n);
    struct hc_pair *other = bits ? g_new(struct hc_pair, p->room) : NULL, *swap;

    for (int i = 0; i < 8; i++) {
        if (!(bits >> (8 * i) & 0xff))
            continue;
        sort_by(i, p->all, other, p->n);
        swap = p->all;
        p->all = other;
        other = swap;
    }
    g_free(other);
}

/* What is in memory becomes a run of the file. */
static bool spill(struct hc_pairs *p, GError **error)
{
    struct run run = {.from = p->end};

    if (p->fd < 0 && (p->fd = hc_temp_open(p->folder, error)) < 0)
        return false;
    sort_pairs(p);
    if (!hc_temp_write(p->fd, p->all, p->n * sizeof *p->all, p->end, p->folder, error))
        return false;
    run.to = p->end += (int64_t)(p->n * sizeof *p->all);
    g_array_append_val(p->runs, run);
    p->n = 0;
    return true;
}

bool hc_pairs_add(struct hc_pairs *p, struct hc_pair pair, GError **error)
{
    if (G_UNLIKELY(p->n == p->room)) {
        if (p->n == p->max && !spill(p, error))
            return false;
        if (p->n) {
            p->room = MIN(2 * p->room, p->max);
            p->all = g_renew(struct hc_pair, p->all, p->room);
        } else if (!p->room) {
            p->room = MIN(ROOM_MIN, p->max);
            p->all = g_new(struct hc_pair, p->room);
        }
    }
    p->all[p->n++] = pair;
    return true;
}

/* The next pair of the run is in its buffer: 1, 0 = it has none, -1 = failed. */
static int ready(struct hc_pairs *p, struct run *run, GError **error)
{
    const size_t n = (size_t)MIN((int64_t)(BUFFERED * sizeof *run->buffer), run->to - run->from);

    if (run->next < run->filled)
        return 1;
    if (n == 0)
        return 0;
    if (hc_temp_read(p->fd, run->buffer, n, n, run->from, p->folder, error) < 0)
        return -1;
    run->from += (int64_t)n;
    run->filled = n / sizeof *run->buffer;
    run->next = 0;
    return 1;
}

static bool comes_before(const struct run *a, const struct run *b)
{
    const int64_t x = a->buffer[a->next].key, y = b->buffer[b->next].key;

    return x != y ? x < y : a < b; /* runs lie in the order of their age */
}

static void sink_down(struct hc_pairs *p)
{
    struct run *run = p->heap[0];
    size_t i = 0, child;

    for (; (child = 2 * i + 1) < p->n_heap; i = child) {
        child += child + 1 < p->n_heap && comes_before(p->heap[child + 1], p->heap[child]);
        if (comes_before(run, p->heap[child]))
            break;
        p->heap[i] = p->heap[child];
    }
    p->heap[i] = run;
}

static void rise(struct hc_pairs *p, struct run *run)
{
    size_t i = p->n_heap++;

    for (; i && comes_before(run, p->heap[(i - 1) / 2]); i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = run;
}

bool hc_pairs_sort(struct hc_pairs *p, GError **error)
{
    if (p->fd < 0) {
        sort_pairs(p);
        return true;
    }
    if (p->n) { /* the last ones stay where they are */
        struct run last = {.filled = p->n};
        sort_pairs(p);
        last.buffer = g_steal_pointer(&p->all);
        g_array_append_val(p->runs, last);
    }
    g_clear_pointer(&p->all, g_free);
    p->heap = g_new0(struct run *, p->runs->len);
    for (guint i = 0; i < p->runs->len; i++) {
        struct run *run = &g_array_index(p->runs, struct run, i);
        if (!run->buffer)
            run->buffer = g_new(struct hc_pair, BUFFERED);
        if (ready(p, run, error) < 0)
            return false;
        rise(p, run);
    }
    return true;
}

int hc_pairs_next(struct hc_pairs *p, struct hc_pair *pair, GError **error)
{
    struct run *run;
    int rc;

    if (p->fd < 0) {
        if (p->next == p->n)
            return 0;
        *pair = p->all[p->next++];
        return 1;
    }
    if (!p->n_heap)
        return 0;
    run = p->heap[0];
    *pair = run->buffer[run->next++];
    rc = ready(p, run, error);
    if (rc == 0)
        p->heap[0] = p->heap[--p->n_heap];
    if (rc >= 0 && p->n_heap)
        sink_down(p);
    return rc < 0 ? -1 : 1;
}
