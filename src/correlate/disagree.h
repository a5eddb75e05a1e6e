/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DISAGREE_H
#define HC_DISAGREE_H

#include "src/correlate/world.h"

/*
 * Two records that cannot both be right. Both stay as they are and as witnesses; nothing is averaged. The
 * last pass makes a finding of each, which names both places.
 */
struct disagreement {
    const char *about;              /* 'actor', 'target', 'time', 'row' */
    int64_t act;                    /* that they are witnesses of; 0: none */
    int64_t event;                  /* the one record */
    int64_t other, state;           /* the other: an event, or a row; one of the two */
    const char *said, *contradicts; /* what each of them says */
    const char *because;            /* why they are of one act, or of one row */
};
/* The same two about the same are told once. */
bool add_disagreement(struct world *w, const struct disagreement *d, GError **error);
/* "2023-11-22T08:44:55.184203Z", or where it is an interval its two ends; yours. */
char *time_text(int64_t earliest, int64_t latest);

#endif
