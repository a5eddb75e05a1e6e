/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PAIRS_H
#define HC_PAIRS_H

#include "src/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What runs.h does, for items that are one number: entries of an index, of which each row has several.
 * `memory` bytes of pairs are in memory, and as many again while they are sorted; the others are in a file
 * without a name in `folder`.
 */
struct hc_pair {
    int64_t key, value;
};

struct hc_pairs;
struct hc_pairs *hc_pairs_new(const char *folder, size_t memory);
void hc_pairs_free(struct hc_pairs *pairs);

bool hc_pairs_add(struct hc_pairs *pairs, struct hc_pair pair, GError **error);
/* No more will be added: from here on they are taken out, by key and, of one key, in the order in which they
 * came. */
bool hc_pairs_sort(struct hc_pairs *pairs, GError **error);
/* 1, 0 = there are no more, -1 = failed. */
int hc_pairs_next(struct hc_pairs *pairs, struct hc_pair *pair, GError **error);

#endif
