/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PERSONS_H
#define HC_PERSONS_H

#include "src/correlate/world.h"

/*
 * Two that are one from here on: a person whom the case file names stands for the other, else `a` does. `as`
 * has the reason; its entities are set here. Nothing where they are one already.
 */
bool join_two(struct world *w, int64_t a, int64_t b, struct identity *as, GError **error);
/* Accounts of two services that tell of one session, device or token. `ranks`: of realms, the one that is
 * told by first. */
bool join_same_ids(struct world *w, GHashTable *ranks, GError **error);

#endif
