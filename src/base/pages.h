/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PAGES_H
#define HC_PAGES_H

#include "src/base/error.h"

#include <stdint.h>

/*
 * Pages of a database file, numbered one after the other, without the one that SQLite uses for locks. They
 * are written by a thread of its own while the next ones are made: in order, so that the file has the same
 * bytes each time.
 */
#define HC_PAGE_SIZE 4096

/* Writes `n` pages from number `first` on. Called by one thread at a time, until hc_pages_flush returns. */
typedef bool (*hc_pages_fn)(void *data, uint32_t first, const unsigned char *pages, size_t n, GError **error);

struct hc_pages;
/* `first`: the lowest number there may be. */
struct hc_pages *hc_pages_new(uint32_t first, hc_pages_fn write, void *data);
void hc_pages_free(struct hc_pages *pages);

/* The number of a page that will be put. */
uint32_t hc_pages_take(struct hc_pages *pages);
/* Room for the content of the page of that number, to be filled before the next call; NULL on failure. */
unsigned char *hc_pages_put(struct hc_pages *pages, uint32_t number, GError **error);
/* All that was put is written. */
bool hc_pages_flush(struct hc_pages *pages, GError **error);

/* The first number, and the one that would be taken next. */
uint32_t hc_pages_first(const struct hc_pages *pages);
uint32_t hc_pages_next(const struct hc_pages *pages);
/* How many pages there are from one number up to before another. */
int64_t hc_pages_between(uint32_t first, uint32_t end);

#endif
