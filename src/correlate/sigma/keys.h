/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_KEYS_H
#define HC_SIGMA_KEYS_H

#include "src/correlate/sigma/window.h"

/* Inside of windows: what groups go by is numbered, so that a hit holds numbers and each text stands once in
 * memory, however many correlations look at it. */

/* Keys, each of its own text and thing. */
struct sigma_names;
struct sigma_names *sigma_names_new(void);
void sigma_names_free(struct sigma_names *names);
/* The number of a key, from 0; what is new gets the next one, and its text is copied. */
uint32_t sigma_names_number(struct sigma_names *names, const struct hc_sigma_key *key);
const struct hc_sigma_key *sigma_names_at(const struct sigma_names *names,
                                          uint32_t number); /* until the next is new */

/* Lists of numbers, all of one length. */
struct sigma_tuples;
struct sigma_tuples *sigma_tuples_new(size_t length);
void sigma_tuples_free(struct sigma_tuples *tuples);
/* The number of a list, from 1; 0: it has none, and does not get one. */
uint32_t sigma_tuples_number(struct sigma_tuples *tuples, const uint32_t *list, bool insert);
const uint32_t *sigma_tuples_at(const struct sigma_tuples *tuples, uint32_t number);
uint32_t sigma_tuples_count(const struct sigma_tuples *tuples);

#endif
