/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/runs.h"

#include "src/base/temp.h"

#include <string.h>

#define ROOM_MIN ((size_t)64 << 10)     /* most sources are small */
#define BUFFER_SIZE ((size_t)128 << 10) /* of one run while runs are merged; grows to the largest item */

/* In memory: where an item is, in the order of being added. */
struct entry {
    int64_t key;
    size_t at;
    size_t size;
};

/* In the file: a header before each item. */
struct header {
    int64_t key;
    uint64_t size;
};

/* A sorted stretch of the file while it is read. */
struct run {
    int64_t from, to; /* what of it was not read yet */
    unsigned char *buffer;
    size_t used, filled, size;
    struct header head; /* of its next item */
};

struct hc_runs {
    char *folder;
    int fd;
    int64_t end;           /* of the file */
    unsigned char *memory; /* grows up to `size` */
    size_t used, room, size;
    GArray *entries;
    GArray *runs;
    struct run **heap; /* by key, then by age; those that have an item left */
    size_t n_heap;
    guint next; /* of the entries, where there is no file */
};

struct hc_runs *hc_runs_new(const char *folder, size_t memory)
{
    struct hc_runs *r = g_new0(struct hc_runs, 1);

    r->folder = g_strdup(folder);
    r->fd = -1;
    r->size = memory;
    r->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    r->runs = g_array_new(FALSE, TRUE, sizeof(struct run));
    return r;
}

void hc_runs_free(struct hc_runs *r)
{
    if (!r)
        return;
    hc_temp_close(r->fd);
    for (guint i = 0; i < r->runs->len; i++)
        g_free(g_array_index(r->runs, struct run, i).buffer);
    g_array_unref(r->runs);
    g_array_unref(r->entries);
    g_free(r->heap);
    g_free(r->memory);
    g_free(r->folder);
    g_free(r);
}

/* Byte `i` of a key, so that their order is that of the numbers. */
static inline unsigned digit(int64_t key, int i)
{
    return (unsigned)(((uint64_t)key ^ UINT64_C(1) << 63) >> (8 * i) & 0xff);
}

static bool in_order(const struct hc_runs *r)
{
    const struct entry *entries = (const struct entry *)(void *)r->entries->data;

    for (guint i = 1; i < r->entries->len; i++)
        if (entries[i - 1].key > entries[i].key)
            return false;
    return true;
}

/* By one byte of the key after the other, from the lowest: what is equal stays in its order. */
static void sort_entries(struct hc_runs *r)
{
    const guint n = r->entries->len;
    g_autofree struct entry *other = NULL;
    struct entry *from = (struct entry *)(void *)r->entries->data, *to;

    if (in_order(r))
        return;
    to = other = g_new(struct entry, n);
    for (int i = 0; i < 8; i++) {
        size_t places[256] = {0}, sum = 0;
        for (guint k = 0; k < n; k++)
            places[digit(from[k].key, i)]++;
        if (places[digit(from[0].key, i)] == n)
            continue;
        for (int d = 0; d < 256; d++) {
            size_t here = places[d];
            places[d] = sum;
            sum += here;
        }
        for (guint k = 0; k < n; k++)
            to[places[digit(from[k].key, i)]++] = from[k];
        struct entry *swap = from;
        from = to;
        to = swap;
    }
    if (from == other)
        memcpy(r->entries->data, other, n * sizeof *other);
}

static bool write_out(struct hc_runs *r, const unsigned char *p, size_t n, GError **error)
{
    if (!hc_temp_write(r->fd, p, n, r->end, r->folder, error))
        return false;
    r->end += (int64_t)n;
    return true;
}

/* What is in memory becomes a run of the file. */
static bool spill(struct hc_runs *r, GError **error)
{
    struct run run = {.from = r->end};
    g_autofree unsigned char *out = g_malloc(BUFFER_SIZE);
    size_t n = 0;

    if (r->fd < 0 && (r->fd = hc_temp_open(r->folder, error)) < 0)
        return false;
    sort_entries(r);
    for (guint i = 0; i < r->entries->len; i++) {
        const struct entry *e = &g_array_index(r->entries, struct entry, i);
        const struct header head = {e->key, e->size};
        if (n + sizeof head + e->size > BUFFER_SIZE) {
            if (!write_out(r, out, n, error))
                return false;
            n = 0;
        }
        memcpy(out + n, &head, sizeof head);
        n += sizeof head;
        if (e->size > BUFFER_SIZE - n) {
            if (!write_out(r, out, n, error) || !write_out(r, r->memory + e->at, e->size, error))
                return false;
            n = 0;
        } else {
            memcpy(out + n, r->memory + e->at, e->size);
            n += e->size;
        }
    }
    if (!write_out(r, out, n, error))
        return false;
    run.to = r->end;
    g_array_append_val(r->runs, run);
    g_array_set_size(r->entries, 0);
    r->used = 0;
    return true;
}

void *hc_runs_add(struct hc_runs *r, int64_t key, size_t size, GError **error)
{
    struct entry e = {key, r->used, size};

    if (r->used + size > r->size || (r->entries->len + 1) * sizeof e > r->size) {
        if (!spill(r, error))
            return NULL;
        e.at = 0;
    }
    g_assert(size <= r->size);
    if (!r->memory || e.at + size > r->room) {
        r->room = MIN(MAX(2 * r->room, MAX(e.at + size, ROOM_MIN)), r->size);
        r->memory = g_realloc(r->memory, r->room);
    }
    g_array_append_val(r->entries, e);
    r->used += size;
    return r->memory + e.at;
}

/* At least `n` bytes of the run in its buffer. */
static bool fill(struct hc_runs *r, struct run *run, size_t n, GError **error)
{
    size_t left = run->filled - run->used;
    int64_t room, got;

    if (left >= n)
        return true;
    memmove(run->buffer, run->buffer + run->used, left);
    run->used = 0;
    run->filled = left;
    if (n > run->size) {
        run->size = n;
        run->buffer = g_realloc(run->buffer, n);
    }
    room = MIN((int64_t)(run->size - run->filled), run->to - run->from);
    got = hc_temp_read(r->fd, run->buffer + run->filled, n - run->filled, (size_t)room, run->from, r->folder,
                       error);
    run->filled += (size_t)MAX(got, 0);
    run->from += MAX(got, 0);
    return got >= 0;
}

/* Reads the header of the run's next item: 1, 0 = it has none, -1 = failed. */
static int advance(struct hc_runs *r, struct run *run, GError **error)
{
    if (run->from == run->to && run->used == run->filled)
        return 0;
    if (!fill(r, run, sizeof run->head, error))
        return -1;
    memcpy(&run->head, run->buffer + run->used, sizeof run->head);
    run->used += sizeof run->head;
    return 1;
}

static bool comes_before(const struct run *a, const struct run *b)
{
    return a->head.key != b->head.key ? a->head.key < b->head.key
                                      : a < b; /* runs lie in the order of their age */
}

static void sink_down(struct hc_runs *r)
{
    struct run *run = r->heap[0];
    size_t i = 0, child;

    for (; (child = 2 * i + 1) < r->n_heap; i = child) {
        child += child + 1 < r->n_heap && comes_before(r->heap[child + 1], r->heap[child]);
        if (comes_before(run, r->heap[child]))
            break;
        r->heap[i] = r->heap[child];
    }
    r->heap[i] = run;
}

static void rise(struct hc_runs *r, struct run *run)
{
    size_t i = r->n_heap++;

    for (; i && comes_before(run, r->heap[(i - 1) / 2]); i = (i - 1) / 2)
        r->heap[i] = r->heap[(i - 1) / 2];
    r->heap[i] = run;
}

bool hc_runs_sort(struct hc_runs *r, GError **error)
{
    if (r->fd < 0) {
        sort_entries(r);
        return true;
    }
    if (r->entries->len && !spill(r, error))
        return false;
    g_clear_pointer(&r->memory, g_free);
    r->heap = g_new0(struct run *, r->runs->len);
    for (guint i = 0; i < r->runs->len; i++) {
        struct run *run = &g_array_index(r->runs, struct run, i);
        run->size = BUFFER_SIZE;
        run->buffer = g_malloc(BUFFER_SIZE);
        if (advance(r, run, error) < 0)
            return false;
        rise(r, run);
    }
    return true;
}

static int next_in_memory(struct hc_runs *r, int64_t *key, const void **item, size_t *size)
{
    const struct entry *e;

    if (r->next == r->entries->len)
        return 0;
    e = &g_array_index(r->entries, struct entry, r->next++);
    *key = e->key;
    *item = r->memory + e->at;
    *size = e->size;
    return 1;
}

/* The run that gave the last item is still at the top: it moves on before the next is taken. */
static int move_on(struct hc_runs *r, GError **error)
{
    int rc;

    if (!r->next)
        return r->next = 1;
    r->heap[0]->used += r->heap[0]->head.size;
    rc = advance(r, r->heap[0], error);
    if (rc == 0)
        r->heap[0] = r->heap[--r->n_heap];
    if (rc >= 0 && r->n_heap)
        sink_down(r);
    return rc < 0 ? rc : 1;
}

int hc_runs_next(struct hc_runs *r, int64_t *key, const void **item, size_t *size, GError **error)
{
    struct run *run;

    if (r->fd < 0)
        return next_in_memory(r, key, item, size);
    if (r->n_heap == 0 || move_on(r, error) < 0)
        return r->n_heap == 0 ? 0 : -1;
    if (r->n_heap == 0)
        return 0;
    run = r->heap[0];
    if (!fill(r, run, run->head.size, error))
        return -1;
    *key = run->head.key;
    *item = run->buffer + run->used;
    *size = run->head.size;
    return 1;
}
