/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DERIVED_H
#define HC_DERIVED_H

#include "src/correlate/world.h"

/* Inside of the stream: what rules may ask for that no single record says. */
struct derived;
struct derived *derived_new(struct world *w);
void derived_free(struct derived *derived);

/*
 * To be asked in order of time: does the account come from an address that no earlier record has it come
 * from, while earlier ones have it come from others? Of the first record of an account nothing is said.
 */
bool derived_is_new_address(struct derived *derived, int64_t account, int64_t address);

/* The accounts and projects that a text names by words of its own: int64_t, each once; until the next
 * call. */
#define HC_MENTIONS_MAX 64 /* of one text */
const GArray *derived_mentions(struct derived *derived, struct hc_str text);

#endif
