/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ANCHORS_H
#define HC_ANCHORS_H

#include "src/correlate/messages.h"

/*
 * Pairs of records of two clocks of which one cannot be before the other. Each is given a second more than its records say, for what is
 * written down in another order than it happens.
 *
 * Whose clock is known: services and their databases (any realm but the mail hosts'), which take the time from the network, and sources whose
 * clock the case file sets. Whose is asked: the mail hosts'. Files that name one host, and rotated files of one log, have one clock.
 */
#define ANCHOR_SLACK (1 * HC_US_PER_S)

struct clock_source {
    int64_t id;
    int group; /* of `names`; -1: its clock is known */
};

struct anchor {
    struct {
        int group; /* -1: known */
        int64_t event, source, earliest, latest;
    } x, y;              /* x is not after y */
    const char *because; /* static */
};

struct anchors {
    GArray *sources;  /* struct clock_source, by path */
    GArray *groups;   /* int by source id: its group and 1, 0 where its clock is known */
    GPtrArray *names; /* char *: of each clock that is asked for */
    GArray *pairs;    /* struct anchor */
};

struct anchors *anchors_new(struct world *w, GError **error);
void anchors_free(struct anchors *a);
/* Adds the pairs of one message. */
void anchors_of_message(struct anchors *a, const struct messages *m, const GArray *sightings);

#endif
