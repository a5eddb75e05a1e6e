/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/ahead.h"

#define BLOCKS 6

struct hc_ahead {
    hc_ahead_fn fill, pass;
    void *data;
    struct hc_ahead_block blocks[BLOCKS];
    struct hc_ahead_block last; /* behind the last that was filled, where more would have come */
    GAsyncQueue *filled, *passed, *looked, *empty; /* those of a step that is not there are one */
    GThread *thread, *passer, *looker;
    gint stopped;
    struct hc_look look;
    GMutex looking;                    /* held while a block is looked at */
    unsigned char left[HC_AHEAD_ROOM]; /* behind the last line end of the block before */
    size_t n_left;
};

static void *fill_all(void *data)
{
    struct hc_ahead *a = data;

    for (bool more = true; more;) {
        struct hc_ahead_block *block = g_async_queue_pop(a->empty);
        if (g_atomic_int_get(&a->stopped))
            break;
        g_byte_array_set_size(block->bytes, HC_AHEAD_ROOM);
        block->from = HC_AHEAD_ROOM;
        block->seen.n = 0;
        a->fill(a->data, block);
        more = !block->end && !block->failed;
        g_async_queue_push(a->filled, block);
    }
    return NULL;
}

static void *pass_all(void *data)
{
    struct hc_ahead *a = data;

    for (bool more = true; more;) {
        struct hc_ahead_block *block = g_async_queue_pop(a->filled);
        if (block == &a->last)
            break;
        more = !block->end && !block->failed;
        a->pass(a->data, block);
        g_async_queue_push(a->passed, block);
    }
    return NULL;
}

/* What is behind the last line end of the block before comes in front of it, and what is behind its own is
 * left for the next. */
static void cut_at_line(struct hc_ahead *a, struct hc_ahead_block *block)
{
    GByteArray *bytes = block->bytes;
    const unsigned char *end = memrchr(bytes->data + HC_AHEAD_ROOM, '\n', bytes->len - HC_AHEAD_ROOM);
    const size_t behind = end ? (size_t)(bytes->data + bytes->len - (end + 1)) : SIZE_MAX;

    block->from -= a->n_left;
    memcpy(bytes->data + block->from, a->left, a->n_left);
    a->n_left = 0;
    if (behind > sizeof a->left || block->end || block->failed)
        return;
    memcpy(a->left, bytes->data + bytes->len - behind, behind);
    a->n_left = behind;
    g_byte_array_set_size(bytes, bytes->len - (guint)behind);
}

static void *look_at_all(void *data)
{
    struct hc_ahead *a = data;

    for (bool more = true; more;) {
        struct hc_ahead_block *block = g_async_queue_pop(a->passed);
        if (g_atomic_int_get(&a->stopped))
            break;
        more = !block->end && !block->failed;
        cut_at_line(a, block);
        g_mutex_lock(&a->looking);
        if (a->look.look)
            hc_seen_look(&block->seen, &a->look, block->bytes->data, block->from, block->bytes->len);
        g_mutex_unlock(&a->looking);
        g_async_queue_push(a->looked, block);
    }
    return NULL;
}

void hc_ahead_look_away(struct hc_ahead *a)
{
    g_mutex_lock(&a->looking);
    a->look.look = NULL;
    g_mutex_unlock(&a->looking);
}

struct hc_ahead *hc_ahead_new(hc_ahead_fn fill, hc_ahead_fn pass, void *data, const struct hc_look *look)
{
    struct hc_ahead *a = g_new0(struct hc_ahead, 1);

    a->fill = fill;
    a->pass = pass;
    a->data = data;
    a->look = *look;
    g_mutex_init(&a->looking);
    a->filled = g_async_queue_new();
    a->passed = pass ? g_async_queue_new() : g_async_queue_ref(a->filled);
    a->looked = look->look ? g_async_queue_new() : g_async_queue_ref(a->passed);
    a->empty = g_async_queue_new();
    for (int i = 0; i < BLOCKS; i++) {
        a->blocks[i].bytes = g_byte_array_new();
        a->blocks[i].marks = hc_linemarks_new();
        g_async_queue_push(a->empty, &a->blocks[i]);
    }
    a->thread = g_thread_new("read", fill_all, a);
    if (pass)
        a->passer = g_thread_new("pass", pass_all, a);
    if (look->look)
        a->looker = g_thread_new("look", look_at_all, a);
    return a;
}

void hc_ahead_free(struct hc_ahead *a)
{
    if (!a)
        return;
    g_atomic_int_set(&a->stopped, 1);
    g_async_queue_push(a->empty, &a->blocks[0]); /* it may wait for one */
    g_thread_join(a->thread);
    if (a->passer) {
        g_async_queue_push(a->filled, &a->last);
        g_thread_join(a->passer);
    }
    if (a->looker) {
        g_async_queue_push(a->passed, &a->blocks[0]);
        g_thread_join(a->looker);
    }
    for (int i = 0; i < BLOCKS; i++) {
        g_byte_array_unref(a->blocks[i].bytes);
        hc_linemarks_free(a->blocks[i].marks);
        hc_seen_clear(&a->blocks[i].seen);
        g_clear_error(&a->blocks[i].failed);
    }
    g_async_queue_unref(a->filled);
    g_async_queue_unref(a->passed);
    g_async_queue_unref(a->looked);
    g_async_queue_unref(a->empty);
    g_mutex_clear(&a->looking);
    g_free(a);
}

struct hc_ahead_block *hc_ahead_next(struct hc_ahead *a)
{
    return g_async_queue_pop(a->looked);
}

void hc_ahead_back(struct hc_ahead *a, struct hc_ahead_block *block)
{
    g_async_queue_push(a->empty, block);
}
