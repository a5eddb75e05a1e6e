/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_RULES_H
#define HC_SIGMA_RULES_H

#include "src/correlate/sigma/condition.h"
#include "src/correlate/sigma/item.h"

#include <stdint.h>

/*
 * Sigma rules (specification 2.1, and the extended conditions of correlations): detections, correlations and
 * filters, from files of one or more YAML documents. What is not supported is refused by name with its place;
 * a rule that is refused does not stop the others.
 */
#define HC_SIGMA_RULES_MAX 100000
#define HC_SIGMA_KEYS_MAX 16  /* of group-by, and of the fields of a value_count */
#define HC_SIGMA_STEPS_MAX 16 /* rules of one correlation */

struct hc_sigma_detection {
    struct hc_sigma_node *condition; /* leaves are numbers of items */
};

enum hc_sigma_type {
    HC_SIGMA_EVENT_COUNT,
    HC_SIGMA_VALUE_COUNT,
    HC_SIGMA_VALUE_SUM,
    HC_SIGMA_VALUE_AVG,
    HC_SIGMA_VALUE_PERCENTILE, /* of the values in order, the first that so many percent are not above */
    HC_SIGMA_VALUE_MEDIAN,     /* the middle one, or the mean of both */
    HC_SIGMA_TEMPORAL,
    HC_SIGMA_TEMPORAL_ORDERED,
};

/* "gte: 3", one end of what a count or a value may be. */
enum hc_sigma_bound { HC_SIGMA_LT, HC_SIGMA_LTE, HC_SIGMA_GT, HC_SIGMA_GTE, HC_SIGMA_EQ, HC_SIGMA_NEQ };
struct hc_sigma_limit {
    enum hc_sigma_bound bound;
    double value;
    struct hc_number number; /* the same, as it is written */
};

/* The field of one of the correlation's rules that gives a key or a value. */
struct hc_sigma_source {
    const char *name; /* in a hit of a correlation it is looked for among its keys; owned by the rules */
    size_t slot;      /* in an event */
    bool mapped;      /* no alias says that other rules have the field and this one does not */
};

struct hc_sigma_correlation {
    enum hc_sigma_type type;
    size_t n_steps;
    size_t steps[HC_SIGMA_STEPS_MAX]; /* numbers of rules */
    size_t n_keys, n_values;
    char *keys[HC_SIGMA_KEYS_MAX];
    struct hc_sigma_source key_of[HC_SIGMA_STEPS_MAX][HC_SIGMA_KEYS_MAX];
    struct hc_sigma_source value_of[HC_SIGMA_STEPS_MAX][HC_SIGMA_KEYS_MAX];
    int64_t span;   /* microseconds */
    bool generate;  /* the rules that it lists are told for themselves too */
    double percent; /* of a percentile */
    size_t n_limits;
    struct hc_sigma_limit limits[2];
    struct hc_sigma_node *condition; /* leaves are numbers of steps; NULL: all of them */
};

/*
 * What the one map of our own, "hindcast:", says. It takes matches away or adds words, never more matches, so
 * that other tools find the same and more:
 *
 *   hindcast:
 *     rule: HC-REG-001            # the short name of its findings
 *     message: '{a} did {n} ...'  # with values: message.h
 *     incident: account-takeover  # each finding is an incident of this kind
 *     actor: a                    # the key (of a detection: the field) that names who is accused, and who
 * suffered target: b yields: true                # not told where findings that are as serious hold all of
 * its records lessons: '...' and of correlations: optional-keys: [b]          # an event that has no such key
 * belongs to every group with its other keys max-gap: [2m, 2m]           # between a step and the next; one
 * timespan: between any two distinct: [[a, b]]          # keys whose values differ absent-between: [x] #
 * rules that do not match in the group between the first step and the last within: 30m                 # of
 * counts over correlations: from the first member of the first to the last member of the last
 */
struct hc_sigma_extension {
    const char *rule, *message, *incident, *actor,
        *target; /* NULL where it says nothing; owned by the document */
    bool yields;
    unsigned optional;                /* keys, by bit */
    int64_t gaps[HC_SIGMA_STEPS_MAX]; /* behind each step; 0: as long as it likes */
    bool has_gaps;
    size_t n_distinct, distinct[HC_SIGMA_KEYS_MAX][2]; /* keys */
    size_t n_absent, absent[HC_SIGMA_STEPS_MAX];       /* numbers of rules */
    struct hc_sigma_source absent_key_of[HC_SIGMA_STEPS_MAX]
                                        [HC_SIGMA_KEYS_MAX]; /* name == NULL: it does not have the key */
    int64_t within;                                          /* microseconds; 0: not said */
};

/* Which events a rule is for; what is NULL is of no matter. */
struct hc_sigma_logsource {
    const char *category, *product, *service;
};

enum hc_sigma_kind { HC_SIGMA_DETECTION, HC_SIGMA_CORRELATION, HC_SIGMA_FILTER };
struct hc_sigma_rule {
    enum hc_sigma_kind kind;
    const struct hc_yaml *document; /* as it was read; owned by the rules */
    const char *title, *id, *name;  /* id and name: NULL where there is none */
    const char *level;              /* NULL where there is none */
    bool refused;                   /* what it needs is not there */
    bool listed; /* a correlation lists it and does not say "generate": it is no finding of its own */
    struct hc_sigma_logsource logsource;
    struct hc_sigma_extension own;
    struct hc_sigma_detection detection;
    struct hc_sigma_correlation correlation;
};

struct hc_sigma_rules {
    GPtrArray *documents; /* GPtrArray of struct hc_yaml, for each file */
    GPtrArray *rules;     /* struct hc_sigma_rule *, in the order in which they were read */
    GPtrArray *items;     /* struct hc_sigma_item *, each meaning once */
    GHashTable *by_text;  /* the text of an item -> its number + 1 */
    GPtrArray *pool;      /* of all nodes */
    struct hc_sigma_fields *fields;
    struct hc_sigma_lists *lists;
    GPtrArray *problems;  /* char *: "file:line:column: why", in the order in which they were found */
    GPtrArray *warnings;  /* the same, of what is taken all the same */
    GArray *order;        /* size_t: the correlations, each behind those that it needs */
    GHashTable *reserved; /* names that no rule may have -> the file whose they are */
};

struct hc_sigma_rules *hc_sigma_rules_new(void);
void hc_sigma_rules_free(struct hc_sigma_rules *rules);
typedef struct hc_sigma_rules hc_sigma_rules_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_sigma_rules_t, hc_sigma_rules_free)

/* Reads the rules of one file; `file` is for messages. */
void hc_sigma_rules_add(struct hc_sigma_rules *rules, struct hc_str text, const char *file);
/* No rule may be called so, and none may call its findings so: those of `file` are. */
void hc_sigma_rules_reserve(struct hc_sigma_rules *rules, const char *name, const char *file);
/* After the last file: finds the rules that correlations and filters name. */
void hc_sigma_rules_link(struct hc_sigma_rules *rules);

static inline struct hc_sigma_rule *hc_sigma_rule_at(const struct hc_sigma_rules *rules, size_t i)
{
    return rules->rules->pdata[i];
}

#endif
