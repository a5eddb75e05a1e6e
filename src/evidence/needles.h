/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_NEEDLES_H
#define HC_NEEDLES_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * Many texts that are looked for at once. Bytes count as the same where `same` gives the same for them: so
 * case and the like do not matter. The needles are given as they are compared, `same` applied.
 *
 * A few are found by four bytes of each of them, thirty-two places of the text at a time (the search that
 * Hyperscan calls Teddy; where the machine has AVX2). Many, or short ones, by the search of Wu and Manber
 * (1994): by the last three bytes of a window as long as the shortest of them, which passes over most places
 * without looking at them.
 */
#define HC_NEEDLES_FEW 64 /* more than this are not looked for by four bytes */

struct hc_needles;
/* Where a needle stands: is it what is looked for? */
typedef bool hc_needles_accept(struct hc_str text, size_t at, size_t length);

/* `needles`: borrowed until they are freed; none empty. `wide` false: as on a machine without AVX2. */
struct hc_needles *hc_needles_new(const char *const *needles, size_t n, const unsigned char same[256],
                                  bool wide);
void hc_needles_free(struct hc_needles *needles);
/* Does one of them stand in `text` at a place that `accept` takes? */
bool hc_needles_in(const struct hc_needles *needles, struct hc_str text, hc_needles_accept *accept);

#endif
