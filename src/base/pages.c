/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/pages.h"

#define LOCK_PAGE (0x40000000u / HC_PAGE_SIZE + 1)
#define BUFFER_PAGES 32

void hc_pool_start(struct hc_pool *pool, uint32_t first, hc_pages_fn write, void *data)
{
    first += first == LOCK_PAGE;
    *pool = (struct hc_pool){.first = first, .next = first, .write = write, .data = data};
    pool->left = g_array_new(FALSE, FALSE, sizeof(struct hc_range));
    g_mutex_init(&pool->lock);
}

void hc_pool_clear(struct hc_pool *pool)
{
    g_clear_pointer(&pool->left, g_array_unref);
    g_mutex_clear(&pool->lock);
}

int64_t hc_pages_between(uint32_t first, uint32_t end)
{
    return (int64_t)end - first - (first <= LOCK_PAGE && LOCK_PAGE < end);
}

/* What came back is taken first. */
static struct hc_range more(struct hc_pool *pool)
{
    struct hc_range range;

    g_mutex_lock(&pool->lock);
    if (pool->left->len) {
        range = g_array_index(pool->left, struct hc_range, pool->left->len - 1);
        g_array_set_size(pool->left, pool->left->len - 1);
    } else {
        range = (struct hc_range){pool->next, pool->next + HC_PAGES_CHUNK};
        if (range.first < LOCK_PAGE && range.end > LOCK_PAGE)
            range.end = LOCK_PAGE;
        pool->next = range.end + (range.end == LOCK_PAGE);
    }
    g_mutex_unlock(&pool->lock);
    return range;
}

static void give_back(struct hc_pool *pool, struct hc_range range)
{
    if (range.first == range.end)
        return;
    g_mutex_lock(&pool->lock);
    if (range.end == pool->next)
        pool->next = range.first;
    else
        g_array_append_val(pool->left, range);
    g_mutex_unlock(&pool->lock);
}

static bool cut_last(struct hc_pool *pool)
{
    for (guint i = 0; i < pool->left->len; i++) {
        struct hc_range range = g_array_index(pool->left, struct hc_range, i);
        if (range.end + (range.end == LOCK_PAGE) != pool->next)
            continue;
        pool->next = range.first;
        g_array_remove_index(pool->left, i);
        return true;
    }
    return false;
}

size_t hc_pool_settle(struct hc_pool *pool)
{
    size_t n = 0;

    while (cut_last(pool))
        ;
    for (guint i = 0; i < pool->left->len; i++)
        n += g_array_index(pool->left, struct hc_range, i).end - g_array_index(pool->left, struct hc_range, i).first;
    return n;
}

void hc_pages_start(struct hc_pages *pages, struct hc_pool *pool)
{
    *pages = (struct hc_pages){.pool = pool, .buffer = g_malloc((size_t)BUFFER_PAGES * HC_PAGE_SIZE)};
}

void hc_pages_clear(struct hc_pages *pages)
{
    g_clear_pointer(&pages->buffer, g_free);
}

uint32_t hc_pages_take(struct hc_pages *pages)
{
    if (pages->own.first == pages->own.end)
        pages->own = more(pages->pool);
    return pages->own.first++;
}

static bool flush(struct hc_pages *pages, GError **error)
{
    size_t n = pages->n;

    pages->n = 0;
    return n == 0 || pages->pool->write(pages->pool->data, pages->at, pages->buffer, n, error);
}

unsigned char *hc_pages_put(struct hc_pages *pages, uint32_t number, GError **error)
{
    if ((pages->n == BUFFER_PAGES || number != pages->at + pages->n) && !flush(pages, error))
        return NULL;
    if (!pages->n)
        pages->at = number;
    return pages->buffer + pages->n++ * HC_PAGE_SIZE;
}

bool hc_pages_end(struct hc_pages *pages, GError **error)
{
    struct hc_range rest = pages->own;

    pages->own = (struct hc_range){0, 0};
    give_back(pages->pool, rest);
    return flush(pages, error);
}
