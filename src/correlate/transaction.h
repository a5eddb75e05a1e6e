/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TRANSACTION_H
#define HC_TRANSACTION_H

#include "src/correlate/world.h"

/* Inside of the passes over rows that one transaction of a service wrote: rows of one microsecond in one
 * realm. */
struct row {
    int64_t event, actor, target, object, type; /* accounts as they are told apart at this time */
    enum hc_action action, verb;                /* as the row says; as the transaction says */
    bool masked;                                /* the service has replaced its actor */
    bool taken;                                 /* part of an act already */
    bool unsure;           /* one of its accounts cannot be told from others of its name */
    char *key;             /* the service's own id of the row; NULL: none is kept */
    int64_t realm, offset; /* it is of this realm, and here in ... */
    guint source;          /* ... the so many-th source by name */
    guint head, next;      /* the first row on the same project and account, and the next; G_MAXUINT: none */
};

struct group {
    int64_t time, realm;
    GArray *rows;       /* struct row */
    GHashTable *actors; /* int64_t[2]: a project, and what only_actor says of it, once it was asked */
};

/* Where a row stands; the order of places does not depend on that of their import. */
struct row_place {
    int64_t realm, source, offset, event;
};
int row_place_order(const struct row_place *a, const struct row_place *b);
/* Of the native fields of a row those that tell of the row itself; `*key`, yours, stays where it is set. */
void row_fields(struct hc_str fields, bool *masked, char **key);
/* The one actor that the unmasked rows about `object` name: 0 = none, -1 = several. */
int64_t only_actor(const struct group *g, int64_t object);
/*
 * Who did what masked rows tell, each by itself and with its reason (table `unmasked`): another dump that
 * still has the name of the very row; the only name that the other rows of the transaction give for the
 * project; the row's own words, where only the account itself can do what it tells, or where who makes a
 * project becomes its owner. What that gives is the row's actor from then on.
 */
bool settle_masked(struct world *w, struct group *g, GError **error);
/* The name behind a masked row's act is known afterwards: by a notice of the service. */
bool unmask_act(struct world *w, int64_t act, int64_t actor, const char *because, int64_t by_event,
                GError **error);
/* Do the rows of the act that `lead` is of name several actors? Do rows of two types name each an account
 * that the other does not? */
bool actors_disagree(struct world *w, const struct group *g, int64_t act, const struct row *lead,
                     GError **error);
bool targets_disagree(struct world *w, const struct group *g, GError **error);

#endif
