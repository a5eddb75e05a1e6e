/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/batch.h"

#include <stdbool.h>

/* How far they are. */
struct batch {
    guint n, next; /* next: the first that nobody has taken */
    bool *done;
    hc_batch_fn work;
    void *data;
    GMutex lock;
    GCond changed;
};

static void *take_jobs(void *data)
{
    struct batch *b = data;

    g_mutex_lock(&b->lock);
    while (b->next < b->n) {
        const guint job = b->next++;
        g_mutex_unlock(&b->lock);
        b->work(b->data, job);
        g_mutex_lock(&b->lock);
        b->done[job] = true;
        g_cond_broadcast(&b->changed);
    }
    g_mutex_unlock(&b->lock);
    return NULL;
}

/* The threads are joined, not left to a pool: one that still lives while the program exits would free what a
 * library's own exit handler has freed already. */
void hc_batch_run(guint n, guint threads, hc_batch_fn work, hc_batch_fn tell, void *data)
{
    g_autofree bool *done = g_new0(bool, n + 1);
    struct batch b = {.n = n, .done = done, .work = work, .data = data};
    const guint n_threads = MIN(threads, n);
    g_autofree GThread **all = g_new0(GThread *, n_threads + 1);

    g_mutex_init(&b.lock);
    g_cond_init(&b.changed);
    for (guint i = 0; i < n_threads; i++)
        all[i] = g_thread_new("job", take_jobs, &b);
    for (guint i = 0; i < n; i++) {
        g_mutex_lock(&b.lock);
        while (!done[i])
            g_cond_wait(&b.changed, &b.lock);
        g_mutex_unlock(&b.lock);
        tell(data, i);
    }
    for (guint i = 0; i < n_threads; i++)
        g_thread_join(all[i]);
    g_cond_clear(&b.changed);
    g_mutex_clear(&b.lock);
}
