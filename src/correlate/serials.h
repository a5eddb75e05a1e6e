/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SERIALS_H
#define HC_SERIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers that a table gives to its rows, one after the other. Pure. */

/*
 * Which of `keys` stand out of order: the fewest that have to go so that the rest never falls. Sets the n of
 * `outside`; returns how many are. Of several ways to leave as few out it always takes the same.
 */
size_t serials_outside(const int64_t *keys, size_t n, bool *outside);

/*
 * How likely are `missing` or more of `n` numbers missing, when `others_missing` of `others` are elsewhere
 * and chance decides? What has never been seen there is taken to come once in others + 2.
 */
double serials_chance(int64_t n, int64_t missing, int64_t others, int64_t others_missing);

#endif
