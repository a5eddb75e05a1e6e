/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INCIDENT_H
#define HC_INCIDENT_H

#include "src/correlate/world.h"

/* Inside of the scope passes: one incident while it is being put together. Entities are canonical, times
 * microseconds. */
struct incident {
    int64_t id;
    int64_t finding;  /* the finding that it is told by; 0: made of subjects that case.yaml names */
    const char *kind; /* as the rule of that finding says ("account-takeover"), else "finding"; "subject" */
    bool takeover;
    GArray *findings;          /* struct accusation, that finding first */
    GArray *others;            /* int64_t: accounts that are accused, that of `finding` first */
    GArray *taken;             /* int64_t: accounts that suffered, likewise */
    GArray *subjects;          /* int64_t: what case.yaml names, in an incident made of it */
    GArray *projects;          /* int64_t */
    int64_t begin, end;        /* acts of the parties in [begin, end) belong to it */
    int64_t first, last;       /* steps of the findings: earliest and latest instant */
    int64_t detected, closed;  /* report and last message about it; 0 = none */
    GArray *mailboxes;         /* int64_t: the taken accounts' */
    GArray *ours;              /* int64_t: our mailboxes */
    GArray *addresses;         /* int64_t: its acts came from, shared ones left out */
    GPtrArray *names;          /* char *, folded: what a text must name to be about it */
    struct mentions *mentions; /* of all incidents, mention.h; not its own */
    struct chat *chat;         /* likewise, chat.h */
    struct letters *letters;   /* likewise, letters.h */
};

/* A finding that accuses somebody, and why it is in the incident that it is in. */
struct accusation {
    int64_t finding, actor, target, first, last;
    GArray *projects, *acts;     /* int64_t */
    bool error, possible;        /* its level; only if what may have been in another order was in this one */
    char *rule, *kind, *because; /* kind: of incident, as its rule says; NULL */
};

/* Acts so shortly before an incident, or after its last known act, are near enough to be asked what they have
 * to do with it. */
#define NEAR_INCIDENT (INT64_C(24) * 3600 * HC_US_PER_S)
/* Findings on the same party with no more than this between them are one incident. */
#define SAME_INCIDENT (INT64_C(30) * 24 * 3600 * HC_US_PER_S)
/* So long what happens to the parties is told, where the findings are no takeover with an end of its own. */
#define AFTERMATH (INT64_C(7) * 24 * 3600 * HC_US_PER_S)
/* An address from which so many accounts acted that have no part in any incident is shared infrastructure. */
#define SHARED_FROM 3

/*
 * The incidents of the case, struct incident *, by time; not yet in the database. Findings at warning or
 * above are one incident where the same account is accused by or suffers in both and SAME_INCIDENT does not
 * lie between (a responder joins none), where they share an act, and a finding that names no account goes
 * with those on its project. What case.yaml names as a subject and no finding names is an incident of its
 * own. NULL: failed.
 */
GPtrArray *incidents_of_case(struct world *w, GError **error);

bool add_to_scope(struct world *w, const struct incident *in, int64_t act, const char *because,
                  GError **error);
bool add_party(struct world *w, const struct incident *in, const char *role, int64_t entity,
               const char *because, GError **error);
bool holds(const GArray *ids, int64_t id);
/* Adds it unless it is 0 or there already. */
void hold(GArray *ids, int64_t id);

/* Accounts, projects, mailboxes of an incident, each with its reason; names and mailboxes of it. */
bool scope_parties(struct world *w, struct incident *in, GError **error);
/* Who responded, by what the incident holds: after all that joins it. */
bool scope_responders(struct world *w, const struct incident *in, GError **error);
/* Network addresses of its acts: its own, and those that are shared with others than those of `all`. After
 * the parties. */
bool scope_addresses(struct world *w, struct incident *in, const GPtrArray *all, GError **error);
/* What else came from its own addresses near to it. */
bool scope_neighbours(struct world *w, struct incident *in, GError **error);
/* The act that an event is a record of; 0: none yet. */
int64_t act_of_event(struct world *w, int64_t event);
/* Mails and chat that belong to it; sets detected and closed. */
bool scope_talk(struct world *w, struct incident *in, GError **error);
/* What responders did between the report and the close of it, once those of `all` are known. */
bool scope_audit(struct world *w, struct incident *in, const GPtrArray *all, GError **error);
/* Phases, and repeats by a name that no other incident has. */
bool scope_phases(struct world *w, struct incident *in, bool several, GError **error);
/* An event as an act of the incident: the one that is there already, or a new one. Adds what attests it. */
bool scope_event(struct world *w, const struct incident *in, struct act *act, int64_t event,
                 const char *because, GError **error);

#endif
