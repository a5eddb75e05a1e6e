/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_RUNS_H
#define HC_RUNS_H

#include "src/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sorting more than fits into memory: items with a key, given back by key and, of equal keys, in the order in
 * which they were added. Up to `memory` bytes of items are in memory, and at most as many of keys, of which
 * there is a copy while they are sorted; beyond that, sorted runs go to a file without a name in `folder`,
 * which is gone with the program however it ends.
 */
#define HC_RUNS_MEMORY ((size_t)32 << 20)

struct hc_runs;
struct hc_runs *hc_runs_new(const char *folder, size_t memory);
void hc_runs_free(struct hc_runs *runs);

/* Room for an item of `size` bytes, less than a quarter of the memory, to be written before the next call;
 * NULL on failure. */
void *hc_runs_add(struct hc_runs *runs, int64_t key, size_t size, GError **error);
/* No more will be added: from here on they are taken out. */
bool hc_runs_sort(struct hc_runs *runs, GError **error);
/* The next item, until the next call: 1, 0 = there are no more, -1 = failed. */
int hc_runs_next(struct hc_runs *runs, int64_t *key, const void **item, size_t *size, GError **error);

#endif
