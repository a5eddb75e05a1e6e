/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_APPLY_H
#define HC_APPLY_H

#include "src/correlate/stream.h"

/* Inside of the pass that applies rules: what they found, before it is written. */

/* An act or an event that some detection matched. */
struct matched {
    int64_t act, event; /* act 0: it has none yet */
    bool dated;
    struct hc_sigma_when when;
};

/* That a rule matched one: a detection, or a correlation by its last record. */
struct rule_hit {
    size_t rule;
    uint32_t number; /* of the `matched`, from 1 */
};

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
    GArray *hits;    /* struct rule_hit */
    GPtrArray *found;
};

/* What findings call a rule. */
const char *rule_called(const struct hc_sigma_rule *rule);
/* Writes hits, findings and what they cite; the latter become acts where they are none. */
bool tell_all(struct applied *applied, GError **error);

#endif
