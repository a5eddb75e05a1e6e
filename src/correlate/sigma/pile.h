/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_PILE_H
#define HC_SIGMA_PILE_H

#include "src/correlate/sigma/fire.h"
#include "src/correlate/sigma/keys.h"

/* Inside of windows: the hits of one correlation, and the groups that they belong to by their keys. `names`,
 * which is shared and borrowed, numbers the keys. */
struct sigma_pile;
struct sigma_pile *sigma_pile_new(const struct hc_sigma_rule *rule, struct sigma_names *names);
void sigma_pile_free(struct sigma_pile *pile);

/* A hit on its way into a pile: for each key the values that it has (none: it has no such key), and those
 * that are counted. */
struct sigma_offer {
    struct sigma_hit hit;
    GArray *keys[HC_SIGMA_KEYS_MAX]; /* uint32_t: numbers of names */
    GArray *values; /* the same, one for each field that is counted; fewer: it has no value */
};
struct sigma_offer *sigma_offer_new(void);
void sigma_offer_free(struct sigma_offer *offer);
/* False when it would belong to too many groups, and belongs to none. */
bool sigma_pile_add(struct sigma_pile *pile, const struct sigma_offer *offer);

/* After the last hit: puts those of one group side by side, in order. Groups are numbered as first met. */
void sigma_pile_close(struct sigma_pile *pile);
size_t sigma_pile_groups(const struct sigma_pile *pile);
const struct sigma_hit *sigma_pile_group(const struct sigma_pile *pile, size_t group, size_t *n);
const uint32_t *sigma_pile_keys(const struct sigma_pile *pile, size_t group); /* numbers of names */

#endif
