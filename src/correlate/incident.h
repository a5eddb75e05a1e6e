/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INCIDENT_H
#define HC_INCIDENT_H

#include "src/correlate/world.h"

/* Inside of the scope passes: one incident while it is being put together. */
struct incident {
    int64_t id, finding;
    char *kind;
    int64_t taken, other;
    int64_t begin;            /* from here on acts of the parties belong to it */
    int64_t first, last;      /* steps of the finding: earliest and latest instant */
    int64_t detected, closed; /* report and last message about it; 0 = none */
    GArray *projects;         /* int64_t */
    GArray *mailboxes;        /* int64_t: the taken account's */
    GArray *ours;             /* int64_t: our mailboxes */
    GPtrArray *names;         /* char *, folded: what a text must name to be about it */
};

bool add_to_scope(struct world *w, const struct incident *in, int64_t act, const char *because,
                  GError **error);
bool holds(const GArray *ids, int64_t id);
/* Mails, chat and audit records that belong to it; sets detected and closed. */
bool scope_talk(struct world *w, struct incident *in, GError **error);

#endif
