/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/ahead.h"

#define BLOCKS 4

struct hc_ahead {
    hc_ahead_fn fill;
    void *data;
    struct hc_ahead_block blocks[BLOCKS];
    GAsyncQueue *filled, *empty;
    GThread *thread;
    gint stopped;
};

static void *fill_all(void *data)
{
    struct hc_ahead *a = data;

    for (bool more = true; more;) {
        struct hc_ahead_block *block = g_async_queue_pop(a->empty);
        if (g_atomic_int_get(&a->stopped))
            break;
        g_byte_array_set_size(block->bytes, HC_AHEAD_ROOM);
        a->fill(a->data, block);
        more = !block->end && !block->failed;
        g_async_queue_push(a->filled, block);
    }
    return NULL;
}

struct hc_ahead *hc_ahead_new(hc_ahead_fn fill, void *data)
{
    struct hc_ahead *a = g_new0(struct hc_ahead, 1);

    a->fill = fill;
    a->data = data;
    a->filled = g_async_queue_new();
    a->empty = g_async_queue_new();
    for (int i = 0; i < BLOCKS; i++) {
        a->blocks[i].bytes = g_byte_array_new();
        a->blocks[i].marks = hc_linemarks_new();
        g_async_queue_push(a->empty, &a->blocks[i]);
    }
    a->thread = g_thread_new("read", fill_all, a);
    return a;
}

void hc_ahead_free(struct hc_ahead *a)
{
    if (!a)
        return;
    g_atomic_int_set(&a->stopped, 1);
    g_async_queue_push(a->empty, &a->blocks[0]); /* it may wait for one */
    g_thread_join(a->thread);
    for (int i = 0; i < BLOCKS; i++) {
        g_byte_array_unref(a->blocks[i].bytes);
        hc_linemarks_free(a->blocks[i].marks);
        g_clear_error(&a->blocks[i].failed);
    }
    g_async_queue_unref(a->filled);
    g_async_queue_unref(a->empty);
    g_free(a);
}

struct hc_ahead_block *hc_ahead_next(struct hc_ahead *a)
{
    return g_async_queue_pop(a->filled);
}

void hc_ahead_back(struct hc_ahead *a, struct hc_ahead_block *block)
{
    g_async_queue_push(a->empty, block);
}
