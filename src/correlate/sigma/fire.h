/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_FIRE_H
#define HC_SIGMA_FIRE_H

#include "src/correlate/sigma/rules.h"

/* Inside of windows: where the hits of one group satisfy their correlation. */
struct sigma_hit {
    int64_t us;
    uint64_t number; /* of the event, or of the match */
    uint32_t group;
    uint32_t value;  /* of a value_count: the same number for the same value; 0: it has none */
    double amount;   /* of a sum or mean; NaN: it has none */
    uint16_t step;
};

/* Called for each instant at which a window ends that satisfies it; ascending. */
typedef void (*sigma_fired_fn)(void *data, int64_t from, int64_t to);
/* `hits` are those of one group by time, number and step. */
void sigma_fire(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n, sigma_fired_fn fn, void *data);

#endif
