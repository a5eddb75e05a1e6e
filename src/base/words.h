/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WORDS_H
#define HC_WORDS_H

#include "src/base/str.h"

#include <stdint.h>

/* Small pieces of wording that rules, reports and figures share. All results are yours to free. */

/*
 * "5 h 50 min 34 s", "58 min 14 s", "2 d 1 h 0 min 3 s": leading zero units are left out, and behind days
 * those at the end ("6 d 11 h"). Rounded half up to the second; a bound is rounded up with hc_words_at_most.
 * Negative durations carry a minus sign.
 */
char *hc_words_duration(int64_t us);
char *hc_words_at_most(int64_t us);

/*
 * `text` with each {name} replaced by its value from `pairs` (name, value, name, value, NULL). Values are put
 * in as they are and never looked into; a name that is not among the pairs stays as it stands.
 */
char *hc_words_fill(const char *text, const char *const *pairs);

#endif
