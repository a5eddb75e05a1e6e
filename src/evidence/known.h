/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_KNOWN_H
#define HC_KNOWN_H

#include "src/base/case.h"
#include "src/base/db.h"

/* Is a file a source of the case already? It then has to be what it was, and to be asked for in the same
 * way. */
struct hc_candidate {
    const char *name; /* in the case */
    const char *sha256;
    GPtrArray *parts; /* as in parts.h */
    const struct hc_case_source *said;
    const char *zone; /* what this call asks for: NULL, 0, NULL where it does not say */
    int year;
    char **scope;
};
enum hc_known {
    HC_KNOWN_NOT,
    HC_KNOWN_SAME /* this path with these bytes */,
    HC_KNOWN_COPY /* these bytes elsewhere */
};

/* `*first`: the path that a copy is one of; yours. False where it is known as something else, or cannot be
 * told. */
bool hc_known(hc_db *db, const struct hc_candidate *file, enum hc_known *known, char **first, GError **error);

/*
 * Both are recorded, `copy` as a copy of `first`, which was read. Of files with the same bytes the first by
 * its name is the one that is shown as read, in whatever order they came: the two rows exchange their names
 * where that is `copy`. Not with a file of a rotated log, whose name says its place, nor where the two are to
 * be read differently.
 */
bool hc_known_put_first(hc_db *db, const struct hc_candidate *copy, const char *first, GError **error);

#endif
