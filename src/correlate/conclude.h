/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CONCLUDE_H
#define HC_CONCLUDE_H

#include "src/correlate/world.h"

/* Inside of the last pass: what is said about one incident as a whole. */
struct conclusion {
    int64_t incident, finding, taken, other, restored, realm;
    bool takeover; /* else only what can be said of any incident is asked for */
    int64_t begin, last_removal,
        deleted;      /* first act; end of the last removal; end of the deletion's interval */
    int64_t last_act; /* earliest instant of the last removal: what comes later is "afterwards" */
    int64_t first_dump, last_dump; /* sources, 0 when the service handed over none */
    int64_t first_taken, last_taken;
    char *releases, *files, *journal, *accounts,
        *roles; /* names of its tables; NULL when the profile names none */
};

/* A place in the evidence. */
struct place {
    int64_t source, line, offset, length;
};

/* The record behind a statement; `of` is "claim", "gap" or "lesson". */
bool add_cite(struct world *w, const struct conclusion *c, const char *of, const char *name, const char *fact,
              struct place at, const char *text, GError **error);
struct place place_of_act(struct world *w, int64_t act);

bool conclude_claims(struct world *w, const struct conclusion *c, GError **error);
bool conclude_gaps(struct world *w, const struct conclusion *c, GError **error);
/* What the coverage of the sources hides, with what each of them could have told: in gaps.c's table. */
bool conclude_hidden(struct world *w, const struct conclusion *c, GError **error);
/* The actions, with commas, that records of these types (a JSON list) tell of; yours. */
char *hidden_by_loss(struct world *w, int64_t realm, const char *types);
/* A mail that announced the hand-over (consent.c): whether it was one cannot be told. */
bool conclude_consent(struct world *w, const struct conclusion *c, GError **error);
bool conclude_lessons(struct world *w, const struct conclusion *c, GError **error);

#endif
