/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps in order, where hits may be intervals. For each hit that may be the last one a chain is looked for
 * backwards. It is certain when each hit ends before the next begins; it is possible when some instants of
 * all the intervals stand in order, which is so when each begins no later than any that follow it end. Going
 * back, the best hit for a step is the one that leaves most room for those before it: of a certain chain the
 * one that begins last, of a possible one the one that ends last. Only where gaps are limited, or one event
 * may be several steps, others have to be tried.
 */
#include "src/correlate/sigma/fire.h"

#include "src/correlate/sigma/ranks.h"

#define TRIES_MAX 10000 /* hits that are tried for one end; beyond that it is given up, and told */

/* The hits of one step, by `us`. */
struct list {
    size_t n, *at;            /* places in the group */
    size_t *by_earliest;      /* the same by `earliest`; NULL where that is the same order */
    size_t *latest_so_far;    /* of by_earliest[0..i] the one that ends last; only with it */
    size_t *earliest_so_far;  /* of at[0..i] the one that begins last; only with it */
    struct sigma_peaks *ends; /* `us` of by_earliest, from its end; only with it, where several are tried */
};

/* Hits of what must be absent, by `us`. */
struct others {
    size_t n;
    int64_t *us, *least_earliest; /* the latter of all from there on */
    struct sigma_peaks *earliest;
};

struct solver {
    const struct hc_sigma_rule *rule;
    const struct sigma_hit *hits;
    size_t n_steps, step[HC_SIGMA_STEPS_MAX]; /* of the chain: numbers of the correlation's steps */
    struct list lists[HC_SIGMA_STEPS_MAX];    /* by place in the chain */
    size_t chosen[HC_SIGMA_STEPS_MAX], best[HC_SIGMA_STEPS_MAX]; /* now; of what fires at this instant */
    size_t *memory;
    struct others others;
    bool careful; /* the best hit need not be the right one */
    bool sure;    /* that something is absent has to be certain */
    unsigned tries;
    uint64_t given_up;
};

static int by_earliest(gconstpointer a, gconstpointer b, gpointer hits)
{
    const struct sigma_hit *x = (const struct sigma_hit *)hits + *(const size_t *)a,
                           *y = (const struct sigma_hit *)hits + *(const size_t *)b;

    if (x->earliest != y->earliest)
        return x->earliest < y->earliest ? -1 : 1;
    return x->us != y->us ? (x->us < y->us ? -1 : 1) : x < y ? -1 : x > y;
}

/* An interval may lie inside of another: the order by ends is not that by beginnings. */
static bool is_nested(const struct sigma_hit *hits, const struct list *list)
{
    for (size_t i = 1; i < list->n; i++)
        if (hits[list->at[i - 1]].earliest > hits[list->at[i]].earliest)
            return true;
    return false;
}

static void sort_nested(const struct sigma_hit *hits, struct list *list, bool careful)
{
    list->by_earliest = g_memdup2(list->at, list->n * sizeof *list->at);
    list->latest_so_far = g_new(size_t, list->n);
    list->earliest_so_far = g_new(size_t, list->n);
    g_qsort_with_data(list->by_earliest, (gint)list->n, sizeof *list->by_earliest, by_earliest,
                      (gpointer)hits);
    for (size_t i = 0; i < list->n; i++) {
        size_t l = list->by_earliest[i], e = list->at[i];
        list->latest_so_far[i] =
            i && hits[list->latest_so_far[i - 1]].us > hits[l].us ? list->latest_so_far[i - 1] : l;
        list->earliest_so_far[i] = i && hits[list->earliest_so_far[i - 1]].earliest > hits[e].earliest
                                       ? list->earliest_so_far[i - 1]
                                       : e;
    }
    list->ends = careful ? sigma_peaks_new(list->n) : NULL;
    for (size_t i = 0; careful && i < list->n; i++)
        sigma_peaks_set(list->ends, list->n - 1 - i, hits[list->by_earliest[i]].us);
    if (careful)
        sigma_peaks_ready(list->ends);
}

/* One event that is a hit of several steps stands side by side with itself. */
static bool is_shared(const struct sigma_hit *hits, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (hits[i - 1].number == hits[i].number && hits[i - 1].step != hits[i].step)
            return true;
    return false;
}

static void solver_fill(struct solver *s, size_t n)
{
    size_t counts[2 * HC_SIGMA_STEPS_MAX] = {0}, at = 0;

    for (size_t i = 0; i < n; i++)
        counts[s->hits[i].step]++;
    s->memory = g_new(size_t, n + 1);
    for (size_t k = 0; k < s->n_steps; k++) {
        s->lists[k].at = s->memory + at;
        at += counts[s->step[k]];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < s->n_steps; k++)
            if (s->step[k] == s->hits[i].step)
                s->lists[k].at[s->lists[k].n++] = i;
    for (size_t k = 0; k < s->n_steps; k++)
        if (is_nested(s->hits, &s->lists[k]))
            sort_nested(s->hits, &s->lists[k], s->careful);
}

static void find_others(struct solver *s, size_t n)
{
    struct others *o = &s->others;
    int64_t least = INT64_MAX;

    o->us = g_new(int64_t, n + 1);
    o->least_earliest = g_new(int64_t, n + 1);
    o->earliest = sigma_peaks_new(n);
    for (size_t i = 0; i < n; i++)
        if (s->hits[i].step >= s->rule->correlation.n_steps) {
            o->us[o->n] = s->hits[i].us;
            o->least_earliest[o->n] = s->hits[i].earliest;
            sigma_peaks_set(o->earliest, o->n++, s->hits[i].earliest);
        }
    sigma_peaks_ready(o->earliest);
    for (size_t i = o->n; i--;)
        o->least_earliest[i] = least = MIN(least, o->least_earliest[i]);
}

static void solver_start(struct solver *s, const struct hc_sigma_rule *rule, unsigned positive,
                         const struct sigma_hit *hits, size_t n)
{
    memset(s, 0, sizeof *s);
    s->rule = rule;
    s->hits = hits;
    for (size_t step = 0; step < rule->correlation.n_steps; step++)
        if (positive >> step & 1)
            s->step[s->n_steps++] = step;
    s->careful = rule->own.has_gaps || rule->own.n_absent || is_shared(hits, n);
    if (rule->own.n_absent)
        find_others(s, n);
    solver_fill(s, n);
}

static void solver_end(struct solver *s)
{
    for (size_t k = 0; k < s->n_steps; k++) {
        g_free(s->lists[k].by_earliest);
        g_free(s->lists[k].latest_so_far);
        g_free(s->lists[k].earliest_so_far);
        sigma_peaks_free(s->lists[k].ends);
    }
    g_free(s->memory);
    g_free(s->others.us);
    g_free(s->others.least_earliest);
    sigma_peaks_free(s->others.earliest);
}

/* How many hits of the list end before `limit`; or, of those by beginning, begin no later than it. */
static size_t reaching(const struct solver *s, const struct list *list, bool certain, int64_t limit)
{
    const size_t *order = !certain && list->by_earliest ? list->by_earliest : list->at;
    size_t low = 0, high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sigma_hit *hit = &s->hits[order[middle]];
        if (certain ? hit->us < limit : hit->earliest <= limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_used(const struct solver *s, size_t k, size_t hit)
{
    for (size_t j = k + 1; j < s->n_steps; j++)
        if (s->hits[s->chosen[j]].number == s->hits[hit].number)
            return true;
    return false;
}

/* What must not be between the first hit and the last is not; where `sure`, for certain. */
static bool is_absent(const struct solver *s)
{
    const struct sigma_hit *a = &s->hits[s->chosen[0]], *z = &s->hits[s->chosen[s->n_steps - 1]];
    const struct others *o = &s->others;
    size_t low = 0, high = o->n, at;

    while (low < high) { /* the first that may be behind `a` */
        size_t middle = low + (high - low) / 2;
        if (o->us[middle] > a->earliest)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == o->n)
        return true;
    if (s->sure)
        return o->least_earliest[low] >= z->us;
    at = sigma_peaks_next(o->earliest, low, a->us + 1); /* of those that surely are the one that ends first */
    return at >= o->n || o->us[at] >= z->earliest;
}

static bool choose(struct solver *s, size_t k, bool certain, int64_t limit, int64_t floor);

/* Takes the hit for step k and goes on to those before it. */
static bool take(struct solver *s, size_t k, bool certain, int64_t limit, int64_t floor, size_t hit)
{
    const struct sigma_hit *h = &s->hits[hit];

    s->chosen[k] = hit;
    return k == 0 ? is_absent(s)
                  : choose(s, k - 1, certain, certain ? h->earliest : MIN(limit, h->us), floor);
}

/* Of the first n of the list, by beginning, the last that ends no earlier; SIZE_MAX: none. */
static size_t last_ending(const struct list *list, size_t n, int64_t least)
{
    size_t at = sigma_peaks_next(list->ends, list->n - n, least);

    return at == list->n ? SIZE_MAX : list->n - 1 - at;
}

/* One after the other, what ends last first where that is the order. */
static bool try_each(struct solver *s, size_t k, bool certain, int64_t limit, int64_t floor)
{
    const struct list *list = &s->lists[k];
    bool by_beginning = !certain && list->by_earliest;
    const size_t *order = by_beginning ? list->by_earliest : list->at;
    int64_t gap = s->rule->own.has_gaps ? s->rule->own.gaps[k] : 0,
            least = gap ? s->hits[s->chosen[k + 1]].us - gap : INT64_MIN;
    size_t i = reaching(s, list, certain, limit);

    if (k == 0 || certain)
        least = MAX(least, floor);
    while (i) {
        i = by_beginning ? last_ending(list, i, least) : i - 1;
        if (i == SIZE_MAX || s->hits[order[i]].us < least || ++s->tries > TRIES_MAX)
            return false;
        if (!is_used(s, k, order[i]) && take(s, k, certain, limit, floor, order[i]))
            return true;
    }
    return false;
}

/*
 * A hit for step k and those before it. `limit`: of a certain chain where the next hit begins, of a possible
 * one the last instant that is left; `floor`: the first hit may not end before it.
 */
static bool choose(struct solver *s, size_t k, bool certain, int64_t limit, int64_t floor)
{
    const struct list *list = &s->lists[k];
    size_t n, best;

    if (s->careful)
        return try_each(s, k, certain, limit, floor);
    n = reaching(s, list, certain, limit);
    if (!n)
        return false;
    best = list->at[n - 1];
    if (list->by_earliest && !certain)
        best = list->latest_so_far[n - 1];
    else if (list->by_earliest && k > 0)
        best = list->earliest_so_far[n - 1];
    return (k > 0 || s->hits[best].us >= floor) && take(s, k, certain, limit, floor, best);
}

/* The ways to look for a chain, the best first. */
enum how { CERTAIN, CERTAIN_ORDER /* whether something was absent is not */, POSSIBLE, HOW_COUNT };

/* A chain that ends with this hit. */
static bool solve(struct solver *s, size_t end, enum how how)
{
    const struct sigma_hit *z = &s->hits[end];
    bool found;

    if (how == CERTAIN_ORDER && !s->others.n)
        return false;
    s->tries = 0;
    s->sure = how == CERTAIN;
    found = take(s, s->n_steps - 1, how != POSSIBLE, z->us, z->us - s->rule->correlation.span, end);
    s->given_up += !found && s->tries > TRIES_MAX;
    return found;
}

/* The chain that was found, as what fired. */
static struct sigma_fired describe(const struct solver *s, enum how how)
{
    struct sigma_fired f = {.first = s->chosen[0],
                            .last = s->chosen[s->n_steps - 1],
                            .certain = how == CERTAIN,
                            .chain = s->best,
                            .n_chain = s->n_steps};

    f.from = s->hits[f.first].us;
    f.to = s->hits[f.last].us;
    for (size_t k = 0; k < s->n_steps; k++)
        f.certain = f.certain && s->hits[s->chosen[k]].certain;
    return f;
}

/* Of the hits of the last step at one instant the one whose chain begins last; one that is certain before one
 * that is possible. */
static bool fire_instant(struct solver *s, size_t i, size_t end, struct sigma_fired *best)
{
    bool any = false;

    for (int how = CERTAIN; how < HOW_COUNT && !any; how++)
        for (size_t k = i; k < end; k++) {
            struct sigma_fired f;
            if (s->hits[k].step != s->step[s->n_steps - 1] || !solve(s, k, (enum how)how))
                continue;
            f = describe(s, (enum how)how);
            if (!any || f.from > best->from) {
                *best = f;
                memcpy(s->best, s->chosen, sizeof s->best);
            }
            any = true;
        }
    return any;
}

uint64_t sigma_fire_ordered(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                            sigma_fired_fn fn, void *data)
{
    const struct hc_sigma_correlation *c = &rule->correlation;
    unsigned positive, negative;
    struct sigma_near *near;
    struct solver s;
    size_t first = 0; /* of the window what the condition asks for */

    sigma_condition_steps(c, &positive, &negative);
    near = sigma_near_new(negative, hits, n);
    solver_start(&s, rule, positive, hits, n);
    for (size_t i = 0, end; i < n && s.n_steps; i = end) {
        struct sigma_fired f;
        end = sigma_instant_end(hits, n, i);
        while (first < end && (hits[first].us < hits[i].us - c->span || !(positive >> hits[first].step & 1)))
            first++;
        if (!fire_instant(&s, i, end, &f))
            continue;
        if (!c->condition ||
            sigma_condition_holds(c, positive, near, hits[i].us - c->span, hits[first].us + c->span))
            fn(data, &f);
    }
    solver_end(&s);
    sigma_near_free(near);
    return s.given_up;
}
