/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_APPLY_H
#define HC_APPLY_H

#include "src/correlate/stream.h"

/* Inside of the pass that applies rules: what they found, before it is written. */

/* An act or an event that some detection matched: so many of them are held until all are told. */
struct matched {
    uint64_t id : 62; /* of the act; where there is none yet, of the event */
    uint64_t is_act : 1, dated : 1;
    struct hc_sigma_when when;
};
_Static_assert(sizeof(struct matched) == 24, "a match is 24 bytes, and 4 for each rule that matches it");

#define FOUND_RECORDS_MAX 10000 /* that one finding cites */

struct found {
    size_t rule;
    char *message, *about; /* `about`: by names, what tells it from others of its rule */
    const char *pattern;   /* the correlation that it is made of, most often; NULL: none */
    bool certain;
    int64_t actor, target;
    GArray *members;     /* struct hc_sigma_member, in order: no more than FOUND_RECORDS_MAX */
    guint more;          /* that are not among them */
    GString *because;    /* sentences, one per line */
    bool told_elsewhere; /* all of it is in another that is as serious */
};

struct applied {
    struct world *w;
    const struct hc_sigma_rules *rules;
    GArray *matched; /* struct matched */
    GArray **hits;   /* by rule: uint32_t, numbers of the `matched`, from 1, of a detection, or of the last
                        record   of a correlation; NULL: none */
    GPtrArray *found;
};

/* What findings call a rule. */
const char *rule_called(const struct hc_sigma_rule *rule);
/* Writes hits, findings and what they cite; the latter become acts where they are none. */
bool tell_all(struct applied *applied, GError **error);

#endif
