/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_NUMBER_H
#define HC_SIGMA_NUMBER_H

#include "src/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Decimal numbers as they are written. They are compared by what they say: a number of machines holds no more
 * than 15 digits of each, and ids of services, sizes and amounts have more.
 */
#define HC_NUMBER_MAX 64 /* bytes of a text that may be a number, its end included */

struct hc_number {
    double nearest;     /* what the text says, as near as a double is to it */
    struct hc_str text; /* borrowed */
};

/* A text that is a decimal number, in full; no more than doubles hold (1e400 is none). */
bool hc_number_read(struct hc_str text, struct hc_number *number);
/* The same, where as near as a double is to it is near enough. */
bool hc_number_of(struct hc_str text, double *number);
/* A whole number of 64 bits, however it is written (10, 1e1, 10.0); false: the text is none. */
bool hc_number_whole(struct hc_str text, int64_t *whole);
/* Less than 0, 0, more than 0; exactly. */
int hc_number_compare(const struct hc_number *a, const struct hc_number *b);

#endif
