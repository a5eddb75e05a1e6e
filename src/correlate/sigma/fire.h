/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_FIRE_H
#define HC_SIGMA_FIRE_H

#include "src/correlate/sigma/rules.h"

/* Inside of windows: where the hits of one group satisfy their correlation. */
struct sigma_hit {
    int64_t
        us; /* the latest instant at which it may have been: windows and gaps are measured between those */
    int64_t earliest; /* INT64_MIN: not known */
    int64_t since;    /* of a match: `us` of its first member */
    union {
        double amount;  /* of a sum and the like; NaN: it has none */
        int64_t whole;  /* the same, where it is a whole number */
        uint32_t value; /* of a value_count: the same number for the same value; 0: it has none */
    };
    uint32_t number; /* of the event; of the match, from SIGMA_MATCHES on */
    uint32_t firing; /* of a match: number + 1; 0: an event */
    uint32_t group;
    uint16_t step; /* behind those of the correlation: what must be absent */
    bool certain;  /* of a match */
    bool is_whole; /* `whole` is its amount, not `amount` */
};
#define SIGMA_MATCHES (UINT32_C(1) << 31)
/* A correlation of many millions of hits lives in memory: so much for each of them. */
_Static_assert(sizeof(struct sigma_hit) == 48, "a hit is 48 bytes");

/* A window that satisfies it: from the hit `first` to the hit `last`, both by their place in the group. */
struct sigma_fired {
    size_t first, last;
    int64_t from, to;
    bool certain; /* its order, or that all of it lies in one window, does not hang on what is not known */
    const size_t *chain; /* of an order its hits, step by step: until the next one fires */
    size_t n_chain;
};
/* Called once for each instant at which a window ends that satisfies it; ascending. */
typedef void (*sigma_fired_fn)(void *data, const struct sigma_fired *fired);
/* `hits` are those of one group by `us`, number and step. The number of ends at which it was given up, as too
 * many ways had to be tried. */
uint64_t sigma_fire(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                    sigma_fired_fn fn, void *data);
/* The hits that make one firing of the group, which is no order: their places, in order, appended to
 * `members` (size_t). */
void sigma_members(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                   const struct sigma_fired *fired, GArray *members);

/* Do the limits of the correlation hold? */
bool sigma_within(const struct hc_sigma_correlation *c, double value);
/* The same for a decimal number as text, exactly. */
bool sigma_within_digits(const struct hc_sigma_correlation *c, const char *digits);
/* The steps that a condition asks for, and those that it negates, by bit. */
void sigma_condition_steps(const struct hc_sigma_correlation *c, unsigned *positive, unsigned *negative);

/* What was found, and where: for a condition. `near` has the hits of what is negated. */
struct sigma_near;
struct sigma_near *sigma_near_new(unsigned wanted, const struct sigma_hit *hits, size_t n);
void sigma_near_free(struct sigma_near *near);
/* Is there a hit of the step whose latest instant lies in [from, to]? */
bool sigma_near_occurs(const struct sigma_near *near, size_t step, int64_t from, int64_t to);
/* The condition, where the steps `present` are met and no window that holds them reaches beyond [from,
 * to]. */
bool sigma_condition_holds(const struct hc_sigma_correlation *c, unsigned present,
                           const struct sigma_near *near, int64_t from, int64_t to);

/* The parts for the types of correlations; as sigma_fire and sigma_members. */
uint64_t sigma_fire_ordered(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                            sigma_fired_fn fn, void *data);
void sigma_fire_counts(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                       sigma_fired_fn fn, void *data);
void sigma_members_counts(const struct hc_sigma_rule *rule, const struct sigma_hit *hits,
                          const struct sigma_fired *fired, GArray *members);

/* Hits of one instant end where the next begin. */
static inline size_t sigma_instant_end(const struct sigma_hit *hits, size_t n, size_t from)
{
    size_t end = from;

    while (end < n && hits[end].us == hits[from].us)
        end++;
    return end;
}

#endif
