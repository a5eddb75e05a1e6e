/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ANCHORS_H
#define HC_ANCHORS_H

#include "src/correlate/messages.h"

/*
 * Pairs of records of two clocks of which one cannot be before the other. Each is given a second more than
 * its records say, for what is written down in another order than it happens.
 *
 * Whose clock is known: services and their databases, which take the time from the network, and sources whose
 * clock the case file sets. Whose is asked: the mail hosts', and those that write audit logs of statements
 * (service fact `statements`). Files that name one host, and rotated files of one log, have one clock.
 */
#define ANCHOR_SLACK (1 * HC_US_PER_S)

struct clock_source {
    int64_t id;
    int group; /* of `names`; -1: its clock is known */
    bool told; /* what ties it to no known clock is worth a word: not of a single message that no host has
                  dated */
};

/* When a record says that something was, on its own clock; .event 0: it does not say. */
struct moment {
    int64_t event, source, earliest, latest;
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
/* `x` is not after `y`. Nothing is added where one does not say when, or both have one clock. `because`:
 * static. */
void anchors_add(struct anchors *a, struct moment x, struct moment y, const char *because);
/* The clock of a source, an index of `names`; -1: it is known. */
int anchors_group(const struct anchors *a, int64_t source);
/* Adds those that Received lines prove (hops.c). `copies`: the events of mailboxes (int64_t). To be called
 * behind all messages. */
bool anchors_of_hops(struct world *w, struct anchors *a, const GArray *copies, GError **error);
/* Adds the pairs of one message. */
void anchors_of_message(struct anchors *a, const struct messages *m, const GArray *sightings);

#endif
