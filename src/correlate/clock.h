/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CLOCK_H
#define HC_CLOCK_H

#include "src/correlate/anchors.h"

/*
 * What is known of the clocks of sources, by anchors.h and skew.h. An estimate is applied when
 * HC_SKEW_CORRECT says so; then an instant of the source becomes the interval that the bounds leave, and the
 * event keeps the time that it was written with.
 *
 * Of clocks that no pair ties to a known one, how they stand to each other is told, and of one that no pair
 * ties to any, that; nothing is corrected by it.
 */
/* so far beyond its first and last pair a clock is taken to have run on as it did */
#define CLOCK_REACH (INT64_C(6) * 3600 * HC_US_PER_S)

#define CLOCK_RELATIONS_MAX 8 /* other clocks beside which one is told */

struct clocks;
/* Estimates, writes tables clock and clock_pair, and gives what acts are corrected by. */
struct clocks *clocks_new(struct world *w, const struct anchors *a, GError **error);
void clocks_free(struct clocks *clocks);

/*
 * Corrects a reading of the source's clock. False: nothing is known of it, or nothing that is more than
 * noise; `*time` and `*until` stay. `because` may be NULL; else it is a sentence that lives as long as
 * `clocks`.
 */
bool clocks_correct(const struct clocks *clocks, int64_t source, int64_t *time, int64_t *until,
                    const char **because);

/* By how much a corrected reading may be off, at most, in either direction; 0: none is corrected. */
int64_t clocks_error(const struct clocks *clocks);

#endif
