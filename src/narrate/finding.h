/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FINDING_H
#define HC_FINDING_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/base/event.h"
#include "src/base/hash.h"
#include "src/narrate/findings.h"

/*
 * Inside of the findings command: everything that its outputs are made of, complete before the first byte is
 * written.
 */

/* A file of evidence, or a member of an archive. */
struct origin {
    int64_t id, container; /* container: 0 = none */
    char *path, *member, *sha256, *packed, *format, *status, *why;
    char *name; /* path, or path!member */
    int64_t size, records, rejected;
    bool as_text; /* its places count in the text as which a database archive is read */
};

/*
 * A place in the evidence. The text region is what SARIF calls so, lines and columns from 1; 0: not known
 * (src/narrate/regions.h).
 */
struct spot {
    const struct origin *origin; /* NULL: none */
    int64_t line;                /* 0: none */
    int64_t offset, length;      /* -1: none */
    int64_t start_line, start_column, end_line, end_column;
};

struct step {
    int64_t number;
    char *what, *because;
    bool has_time, has_until;
    int64_t time, until;
    enum hc_action action;
    char *actor, *target, *object; /* NULL where nobody knows */
    struct spot at;
};

/* A further record that the finding is about, and what it says. */
struct further {
    char *what;
    struct spot at;
};

enum known { KNOWN_NOTHING /* no baseline */, KNOWN_NEW, KNOWN_UNCHANGED, KNOWN_UPDATED, KNOWN_ABSENT };

struct finding {
    char *rule, *level, *certainty, *title, *message, *because, *actor, *target;
    char fingerprint[HC_SHA256_HEX];
    struct spot at;
    GPtrArray *steps;                              /* struct step *, in order */
    GPtrArray *places;                             /* struct further *, in order */
    const struct hc_case_suppression *suppression; /* NULL: none; the case's */
    enum known known;
    bool worse;   /* than it was in the baseline */
    char *source; /* of one that is only in the baseline: where it was; else NULL */
};

struct found {
    GPtrArray *origins;  /* struct origin *, by path and member */
    GPtrArray *findings; /* struct finding *, the worst first; those of the baseline that are gone last */
    bool compared;       /* there is a baseline */
    bool *used;          /* by suppression: it fits some finding */
};

/* Everything of the case, with its suppressions. NULL when the database fails. Free with found_free. */
struct found *found_load(hc_db *db, const struct hc_case *c, GError **error);
void found_free(struct found *found);
typedef struct found found_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(found_t, found_free)
void finding_free(void *finding);

/*
 * Compares with the findings of a file (an earlier output as SARIF or JSON) and adds those that are gone. A
 * file that is none of ours is HC_ERROR_USAGE.
 */
#define BASELINE_SIZE_MAX (INT64_C(512) << 20)
bool found_compare(struct found *found, const char *file, GError **error);

/* Is it to be told about, and counted by --fail-on? */
bool finding_counts(const struct finding *f);

/* The outputs, in pieces. */
bool findings_text(const struct found *found, bool all, struct hc_writer *w, GError **error);
bool findings_json(const struct found *found, struct hc_writer *w, GError **error);
bool findings_sarif(hc_db *db, const struct hc_case *c, const struct found *found, const char *version,
                    struct hc_writer *w, GError **error);

#endif
