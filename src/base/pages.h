/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PAGES_H
#define HC_PAGES_H

#include "src/base/error.h"

#include <stdint.h>

/*
 * Pages of a database file that several trees take at once, each in a thread of its own: numbers come in chunks, so that what one of
 * them writes lies together. The page that SQLite uses for locks belongs to nobody.
 */
#define HC_PAGE_SIZE 4096
#define HC_PAGES_CHUNK 32

/* Writes `n` pages from number `first` on; called from any of the threads. */
typedef bool (*hc_pages_fn)(void *data, uint32_t first, const unsigned char *pages, size_t n, GError **error);

struct hc_range {
    uint32_t first, end; /* `end` is not part of it */
};

struct hc_pool {
    uint32_t first, next; /* numbers from `first` up to before `next` were given out */
    hc_pages_fn write;
    void *data;
    GMutex lock;
    GArray *left; /* struct hc_range: those that came back */
};
void hc_pool_start(struct hc_pool *pool, uint32_t first, hc_pages_fn write, void *data);
void hc_pool_clear(struct hc_pool *pool);
/* When all have ended: `next` goes down to what is used, and what is not used before it is left. How many numbers these are. */
size_t hc_pool_settle(struct hc_pool *pool);
/* How many pages there are between the two, without the one for locks. */
int64_t hc_pages_between(uint32_t first, uint32_t end);

/* What one tree, or several one after the other, write. */
struct hc_pages {
    struct hc_pool *pool;
    struct hc_range own;   /* not taken yet */
    unsigned char *buffer; /* pages from number `at` on that were not written yet */
    uint32_t at;
    size_t n;
};
void hc_pages_start(struct hc_pages *pages, struct hc_pool *pool);
void hc_pages_clear(struct hc_pages *pages);
/* The number of a page that will be put. */
uint32_t hc_pages_take(struct hc_pages *pages);
/* Room for the content of the page of that number, to be filled before the next call; NULL on failure. */
unsigned char *hc_pages_put(struct hc_pages *pages, uint32_t number, GError **error);
/* Writes what waits, and gives back what was not taken. More can be taken afterwards. */
bool hc_pages_end(struct hc_pages *pages, GError **error);

#endif
