/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/pages.h"

#define LOCK_PAGE (0x40000000u / HC_PAGE_SIZE + 1)
#define BLOCK_PAGES 32
#define BLOCKS 8

/* Pages whose numbers follow each other. */
struct block {
    unsigned char bytes[BLOCK_PAGES * HC_PAGE_SIZE];
    uint32_t first;
    size_t n;
};

struct hc_pages {
    uint32_t first, next;
    hc_pages_fn write;
    void *data;
    struct block *blocks[BLOCKS]; /* made when they are needed: most trees are small */
    GThread *thread;
    GMutex lock;
    GCond moved;
    /* Counted from the start, under the lock: blocks handed over, and blocks written. */
    guint64 passed, written;
    bool ended;
    GError *failed;
};

struct hc_pages *hc_pages_new(uint32_t first, hc_pages_fn write, void *data)
{
    struct hc_pages *p = g_new0(struct hc_pages, 1);

    p->first = p->next = first + (first == LOCK_PAGE);
    p->write = write;
    p->data = data;
    g_mutex_init(&p->lock);
    g_cond_init(&p->moved);
    return p;
}

/* Under the lock. */
static struct block *wait_for_block(struct hc_pages *p)
{
    while (p->written == p->passed && !p->ended)
        g_cond_wait(&p->moved, &p->lock);
    return p->written < p->passed ? p->blocks[p->written % BLOCKS] : NULL;
}

static void *write_all(void *data)
{
    struct hc_pages *p = data;
    struct block *block;

    g_mutex_lock(&p->lock);
    while ((block = wait_for_block(p))) {
        GError *failed = NULL;
        if (!p->failed) {
            g_mutex_unlock(&p->lock);
            p->write(p->data, block->first, block->bytes, block->n, &failed);
            g_mutex_lock(&p->lock);
            p->failed = failed;
        }
        block->n = 0;
        p->written++;
        g_cond_signal(&p->moved);
    }
    g_mutex_unlock(&p->lock);
    return NULL;
}

static bool tell(struct hc_pages *p, GError **error)
{
    if (p->failed && error && !*error)
        g_propagate_error(error, g_error_copy(p->failed));
    return !p->failed;
}

/* Hands over the block that is being filled, and waits until there is room for another. */
static bool pass(struct hc_pages *p, GError **error)
{
    bool ok;

    if (!p->thread)
        p->thread = g_thread_new("pages", write_all, p);
    g_mutex_lock(&p->lock);
    p->passed++;
    g_cond_signal(&p->moved);
    while (p->passed - p->written == BLOCKS)
        g_cond_wait(&p->moved, &p->lock);
    ok = tell(p, error);
    g_mutex_unlock(&p->lock);
    return ok;
}

static void end_thread(struct hc_pages *p)
{
    if (!p->thread)
        return;
    g_mutex_lock(&p->lock);
    p->ended = true;
    g_cond_signal(&p->moved);
    g_mutex_unlock(&p->lock);
    g_thread_join(g_steal_pointer(&p->thread));
    p->ended = false;
}

void hc_pages_free(struct hc_pages *p)
{
    if (!p)
        return;
    end_thread(p);
    for (int i = 0; i < BLOCKS; i++)
        g_free(p->blocks[i]);
    g_clear_error(&p->failed);
    g_mutex_clear(&p->lock);
    g_cond_clear(&p->moved);
    g_free(p);
}

uint32_t hc_pages_take(struct hc_pages *p)
{
    uint32_t number = p->next++;

    p->next += p->next == LOCK_PAGE;
    return number;
}

static struct block *present(struct hc_pages *p)
{
    struct block **block = &p->blocks[p->passed % BLOCKS];

    if (!*block) {
        *block = g_new(struct block, 1);
        (*block)->n = 0;
    }
    return *block;
}

unsigned char *hc_pages_put(struct hc_pages *p, uint32_t number, GError **error)
{
    struct block *block = present(p);

    if (block->n && (block->n == BLOCK_PAGES || number != block->first + block->n)) {
        if (!pass(p, error))
            return NULL;
        block = present(p);
    }
    if (!block->n)
        block->first = number;
    return block->bytes + block->n++ * HC_PAGE_SIZE;
}

bool hc_pages_flush(struct hc_pages *p, GError **error)
{
    if (present(p)->n && !pass(p, error))
        return false;
    end_thread(p);
    return tell(p, error);
}

uint32_t hc_pages_first(const struct hc_pages *p)
{
    return p->first;
}

uint32_t hc_pages_next(const struct hc_pages *p)
{
    return p->next;
}

int64_t hc_pages_between(uint32_t first, uint32_t end)
{
    return (int64_t)end - first - (first <= LOCK_PAGE && LOCK_PAGE < end);
}
