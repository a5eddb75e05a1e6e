/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pipe.h"

#define BATCHES 4

struct hc_pipe {
    hc_pipe_fn each;
    void *data;
    struct hc_batch batches[BATCHES];
    GThread *thread;
    GMutex lock;
    GCond moved;
    /* Counted from the start, under the lock: batches handed over, and batches stored. */
    guint64 passed, stored;
    bool ended;
    GError *failed;
};

static void clear(struct hc_batch *batch)
{
    batch->n_facts = 0;
    batch->texts.n = 0;
}

/* The next batch to store; NULL when no more will come. */
static struct hc_batch *wait_for_batch(struct hc_pipe *p)
{
    struct hc_batch *batch = NULL;

    g_mutex_lock(&p->lock);
    while (p->stored == p->passed && !p->ended)
        g_cond_wait(&p->moved, &p->lock);
    if (p->stored < p->passed)
        batch = &p->batches[p->stored % BATCHES];
    g_mutex_unlock(&p->lock);
    return batch;
}

static void *store_all(void *data)
{
    struct hc_pipe *p = data;
    struct hc_batch *batch;
    GError *failed = NULL;

    while ((batch = wait_for_batch(p))) {
        if (!failed)
            p->each(p->data, batch, &failed);
        clear(batch);
        g_mutex_lock(&p->lock);
        p->stored++;
        p->failed = failed;
        g_cond_signal(&p->moved);
        g_mutex_unlock(&p->lock);
    }
    return NULL;
}

struct hc_pipe *hc_pipe_new(hc_pipe_fn each, void *data)
{
    struct hc_pipe *p = g_new0(struct hc_pipe, 1);

    p->each = each;
    p->data = data;
    g_mutex_init(&p->lock);
    g_cond_init(&p->moved);
    p->thread = g_thread_new("store", store_all, p);
    return p;
}

struct hc_batch *hc_pipe_batch(struct hc_pipe *p)
{
    struct hc_batch *batch = &p->batches[p->passed % BATCHES];

    if (!batch->facts) /* most sources need but one */
        batch->facts = g_new(struct hc_fact, HC_BATCH_FACTS);
    return batch;
}

bool hc_pipe_pass(struct hc_pipe *p, GError **error)
{
    bool ok;

    g_mutex_lock(&p->lock);
    p->passed++;
    g_cond_signal(&p->moved);
    while (p->passed - p->stored == BATCHES)
        g_cond_wait(&p->moved, &p->lock);
    ok = !p->failed;
    if (!ok)
        g_propagate_error(error, g_error_copy(p->failed));
    g_mutex_unlock(&p->lock);
    return ok;
}

static void end(struct hc_pipe *p)
{
    g_mutex_lock(&p->lock);
    p->ended = true;
    g_cond_signal(&p->moved);
    g_mutex_unlock(&p->lock);
    g_thread_join(g_steal_pointer(&p->thread));
}

bool hc_pipe_close(struct hc_pipe *p, GError **error)
{
    bool ok = hc_pipe_pass(p, error);

    end(p);
    if (ok && p->failed)
        g_propagate_error(error, g_error_copy(p->failed));
    return ok && !p->failed;
}

void hc_pipe_free(struct hc_pipe *p)
{
    if (!p)
        return;
    if (p->thread)
        end(p);
    for (int i = 0; i < BATCHES; i++) {
        g_free(p->batches[i].facts);
        hc_buffer_clear(&p->batches[i].texts);
    }
    g_clear_error(&p->failed);
    g_mutex_clear(&p->lock);
    g_cond_clear(&p->moved);
    g_free(p);
}
