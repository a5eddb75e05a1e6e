/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ABSENCE_H
#define HC_ABSENCE_H

#include "src/correlate/conclude.h"

/*
 * "Nothing of this kind happened between A and B", looked into with its denominator.
 *
 * A record type is able to show an action when its profile says so (and not that it does so partly), or its
 * source has shown it elsewhere. It covers of a database what lies between its first row and the dump, less
 * what its service deletes by age or with an account; of a log what lies between its first and its last
 * record, less silences and missing files. A type of which records were rejected, or that was narrowed to
 * other names at import, covers nothing.
 *
 * contradicted: a record of such an act lies in the interval, a row says that it was made in it, or the act
 * follows from records. supported: no record does, none may, and each action is covered by some type over all
 * of the interval. cannot-be-told: anything else, with the reasons.
 */
struct question {
    bool actions[HC_ACTION_COUNT];
    GHashTable *object, *actor, *target, *address; /* int64_t entities, all that stand for it; NULL: any */
    const char *const *names;                      /* what these were asked by, NULL-ended */
    int64_t from, to;
};

struct answer {
    const char *verdict;
    int64_t examined;          /* records of able types in the interval */
    int64_t about;             /* of these, on the object or by or on the account; -1: not asked */
    int64_t matched, possible; /* records (and acts) inside; that may lie inside */
    GPtrArray *why;            /* char *: reasons of cannot-be-told */
    GArray *shown;             /* struct shown */
    GArray *places;            /* struct place: of matches, the first ABSENCE_PLACES_MAX */
};
#define ABSENCE_PLACES_MAX 20

/* What was able to show it, at least in part. */
struct shown {
    int64_t source, examined;
    char *type; /* "" where the source has no types */
};

void answer_init(struct answer *a);
void answer_clear(struct answer *a);
typedef struct answer answer_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(answer_t, answer_clear)
bool absence_ask(struct world *w, const struct question *q, struct answer *a, GError **error);
/* Only why it could not be supported, whatever happened: `a->why`, empty where each action is covered. */
bool absence_lacks(struct world *w, const struct question *q, struct answer *a, GError **error);

/* Everything that is called so, or stands for it; yours. Empty where no record names it. */
GHashTable *absence_entities(struct world *w, const char *name, enum hc_entity_kind kind,
                             enum hc_entity_kind id_kind);

#endif
