/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PLANPARTS_H
#define HC_PLANPARTS_H

#include "src/base/pattern.h"
#include "src/base/text.h"
#include "src/evidence/plan.h"

/* The inside of a plan: plan.c makes it, planread.c reads records by it. Nobody else looks in here. */

/* A piece of a value: a literal, a slot, a capture of the case pattern, or the border to what is taken where
 * all before it holds nothing. */
struct piece {
    enum { PIECE_LITERAL, PIECE_SLOT, PIECE_CAPTURE, PIECE_ELSE } kind;
    char *text;
    size_t index; /* of the slot or capture; of a literal, its length */
};

struct value {
    GArray *pieces; /* struct piece; NULL: not given */
};

struct reference {
    enum hc_entity_kind kind;
    struct value value;
};

struct keep {
    char *name;
    size_t n_name;
    struct value value;
};

/* What the keys of an event or a case say. */
struct meaning {
    bool has_time;
    struct value time;
    enum hc_time_form form;
    struct reference actor, target, object, address, message;
    struct value version, file, text, txn, statement;
    bool text_always;
    GArray *keeps; /* struct keep */
    enum hc_action action;
    enum hc_outcome outcome;
};

struct branch {
    struct hc_pattern *pattern;
    struct value given;       /* must hold something, or the case is another's; */
    struct hc_pattern *looks; /* or NULL: and must look like this */
    struct hc_str
        literal; /* the pattern's text when it has no captures, as most have none: one comparison decides */
    struct meaning meaning;
};

struct present {
    char *name;
    size_t slot;
};

struct hc_plan {
    const struct hc_profile *profile;
    char *type;       /* of the records */
    struct hc_str as; /* by which name what they say is stored; mostly the type */
    uint64_t hash;    /* of that name */
    GPtrArray *slots;
    GPtrArray *each; /* char *: paths of lists of which each element is a record; the last place is NULL */
    struct hc_pattern *type_pattern;
    struct hc_str type_captures[HC_CAPTURES_MAX];
    GArray *key; /* size_t slots */
    ptrdiff_t serial;
    bool has_event, has_state, has_alias;
    struct meaning base;
    struct value select;
    GPtrArray *branches;  /* struct branch, in order */
    uint32_t *literals;   /* by hc_literal_slot: 1 + the first branch with that text, 0: free; NULL without
                             branches */
    size_t n_literals;    /* slots, a power of two, more than branches */
    size_t first_pattern; /* the first branch that is no literal: no other text fits one before it */
    struct reference subject, state_object, detail;
    struct value born;
    GArray *state_keeps;
    GArray *presents; /* struct present: only whether a field has a value is kept */
    size_t n_kept; /* slots below this one may be stored; those from it on are only looked at by `presents` */
    GArray *compare; /* size_t slots */
    bool *aside;     /* one per slot: no part of the key of an event */
    struct reference alias_id, alias_name;
};

/* Where a literal is looked for first; those that follow are next, around the end. */
static inline size_t hc_literal_slot(struct hc_str text, size_t n_literals)
{
    return (size_t)(hc_hash_add(HC_HASH_START, text) >> 32) & (n_literals - 1);
}

#endif
