/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/fire.h"

/* `order`: of the value beside the limit; less than 0, 0, more than 0. */
static bool keeps(enum hc_sigma_bound bound, int order)
{
    switch (bound) {
    case HC_SIGMA_LT:
        return order < 0;
    case HC_SIGMA_LTE:
        return order <= 0;
    case HC_SIGMA_GT:
        return order > 0;
    case HC_SIGMA_GTE:
        return order >= 0;
    case HC_SIGMA_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

bool sigma_within(const struct hc_sigma_correlation *c, double value)
{
    for (size_t i = 0; i < c->n_limits; i++)
        if (!keeps(c->limits[i].bound, (value > c->limits[i].value) - (value < c->limits[i].value)))
            return false;
    return true;
}

bool sigma_within_digits(const struct hc_sigma_correlation *c, const char *digits)
{
    struct hc_number number;

    if (!hc_number_read(hc_str(digits), &number))
        return false;
    for (size_t i = 0; i < c->n_limits; i++)
        if (!keeps(c->limits[i].bound, hc_number_compare(&number, &c->limits[i].number)))
            return false;
    return true;
}

static void find_negated(const struct hc_sigma_node *node, bool negated, unsigned *positive,
                         unsigned *negative)
{
    if (node->op == HC_SIGMA_LEAF) {
        *(negated ? negative : positive) |= 1u << node->leaf;
        return;
    }
    for (guint i = 0; i < node->of->len; i++)
        find_negated(node->of->pdata[i], negated != (node->op == HC_SIGMA_NOT), positive, negative);
}

void sigma_condition_steps(const struct hc_sigma_correlation *c, unsigned *positive, unsigned *negative)
{
    *positive = c->condition ? 0 : (1u << c->n_steps) - 1;
    *negative = 0;
    if (c->condition)
        find_negated(c->condition, false, positive, negative);
}

/* The instants of one step, ascending. */
struct sigma_near {
    GArray *us[2 * HC_SIGMA_STEPS_MAX]; /* int64_t; NULL where nobody asks */
};

struct sigma_near *sigma_near_new(unsigned wanted, const struct sigma_hit *hits, size_t n)
{
    struct sigma_near *near = g_new0(struct sigma_near, 1);

    for (size_t i = 0; i < n && wanted; i++) {
        size_t step = hits[i].step;
        if (!(wanted >> step & 1))
            continue;
        if (!near->us[step])
            near->us[step] = g_array_new(FALSE, FALSE, sizeof(int64_t));
        g_array_append_val(near->us[step], hits[i].us);
    }
    return near;
}

void sigma_near_free(struct sigma_near *near)
{
    for (size_t i = 0; i < G_N_ELEMENTS(near->us); i++)
        g_clear_pointer(&near->us[i], g_array_unref);
    g_free(near);
}

bool sigma_near_occurs(const struct sigma_near *near, size_t step, int64_t from, int64_t to)
{
    const GArray *us = near->us[step];
    guint low = 0, high = us ? us->len : 0;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(us, int64_t, middle) < from)
            low = middle + 1;
        else
            high = middle;
    }
    return us && low < us->len && g_array_index(us, int64_t, low) <= to;
}

struct found {
    unsigned present; /* steps, by bit */
    const struct sigma_near *near;
    int64_t from, to;
};

static bool holds(const struct hc_sigma_node *node, bool negated, const struct found *f)
{
    if (node->op == HC_SIGMA_LEAF)
        return negated ? sigma_near_occurs(f->near, node->leaf, f->from, f->to)
                       : f->present >> node->leaf & 1;
    if (node->op == HC_SIGMA_NOT)
        return !holds(node->of->pdata[0], !negated, f);
    for (guint i = 0; i < node->of->len; i++)
        if (holds(node->of->pdata[i], negated, f) != (node->op == HC_SIGMA_AND))
            return node->op == HC_SIGMA_OR;
    return node->op == HC_SIGMA_AND;
}

bool sigma_condition_holds(const struct hc_sigma_correlation *c, unsigned present,
                           const struct sigma_near *near, int64_t from, int64_t to)
{
    const struct found f = {present, near, from, to};

    return !c->condition || holds(c->condition, false, &f);
}

/* All of the steps, or as many as the limits say. */
static bool enough(const struct hc_sigma_correlation *c, unsigned present, unsigned all)
{
    return c->n_limits ? sigma_within(c, __builtin_popcount(present)) : present == all;
}

/* For each step the last hit of the window, by its place; SIZE_MAX: none. */
static void last_of_steps(const struct sigma_hit *hits, size_t from, size_t end, size_t *last)
{
    for (size_t s = 0; s < HC_SIGMA_STEPS_MAX; s++)
        last[s] = SIZE_MAX;
    for (size_t i = from; i < end; i++)
        last[hits[i].step] = i;
}

/* What is known of the window that ends with the present instant; all of it goes forward only. */
struct together {
    size_t in_window[HC_SIGMA_STEPS_MAX]; /* hits */
    size_t last[HC_SIGMA_STEPS_MAX]; /* the last hit of each step up to now, by its place; SIZE_MAX: none */
    size_t first, first_positive;    /* that are in the window; of what the condition asks for */
    size_t last_positive;            /* up to now; SIZE_MAX: none */
    unsigned positive, negative;
};

static void move_on(struct together *t, const struct hc_sigma_correlation *c, const struct sigma_hit *hits,
                    size_t i, size_t end)
{
    for (size_t k = i; k < end; k++) {
        t->in_window[hits[k].step]++;
        t->last[hits[k].step] = k;
        if (t->positive >> hits[k].step & 1)
            t->last_positive = k;
    }
    for (; hits[t->first].us < hits[i].us - c->span; t->first++)
        t->in_window[hits[t->first].step]--;
    t->first_positive = MAX(t->first_positive, t->first);
    while (t->first_positive < end && !(t->positive >> hits[t->first_positive].step & 1))
        t->first_positive++;
}

/* The last of each step; are all of them in one window, wherever they were? */
static bool all_certain(const struct together *t, const struct hc_sigma_correlation *c,
                        const struct sigma_hit *hits)
{
    int64_t from = INT64_MAX, to = INT64_MIN;
    bool certain = true;

    for (size_t s = 0; s < c->n_steps; s++) {
        size_t last = t->last[s];
        if (last == SIZE_MAX || last < t->first_positive || !(t->positive >> s & 1))
            continue;
        from = MIN(from, hits[last].earliest);
        to = MAX(to, hits[last].us);
        certain = certain && hits[last].certain;
    }
    return certain && from != INT64_MIN && to - from <= c->span;
}

static void fire_temporal(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n,
                          sigma_fired_fn fn, void *data)
{
    struct together t = {.last_positive = SIZE_MAX};
    struct sigma_near *near;

    for (size_t s = 0; s < HC_SIGMA_STEPS_MAX; s++)
        t.last[s] = SIZE_MAX;
    sigma_condition_steps(c, &t.positive, &t.negative);
    near = sigma_near_new(t.negative, hits, n);
    for (size_t i = 0, end; i < n; i = end) {
        struct sigma_fired f = {0};
        unsigned present = 0;
        end = sigma_instant_end(hits, n, i);
        move_on(&t, c, hits, i, end);
        for (size_t s = 0; s < c->n_steps; s++)
            present |= t.in_window[s] ? 1u << s : 0;
        if (!(c->condition || enough(c, present, t.positive)) || t.first_positive == end)
            continue;
        f.first = t.first_positive;
        f.last = t.last_positive;
        f.from = hits[f.first].us;
        f.to = hits[f.last].us;
        if (f.to != hits[i].us || !sigma_condition_holds(c, present, near, f.to - c->span, f.from + c->span))
            continue;
        f.certain = all_certain(&t, c, hits);
        fn(data, &f);
    }
    sigma_near_free(near);
}

static void members_temporal(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n,
                             const struct sigma_fired *fired, GArray *members)
{
    size_t last[HC_SIGMA_STEPS_MAX];
    unsigned positive, negative;

    sigma_condition_steps(c, &positive, &negative);
    last_of_steps(hits, fired->first, sigma_instant_end(hits, n, fired->last), last);
    for (size_t s = 0; s < c->n_steps; s++)
        if (positive >> s & 1 && last[s] != SIZE_MAX)
            g_array_append_val(members, last[s]);
}

uint64_t sigma_fire(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                    sigma_fired_fn fn, void *data)
{
    if (rule->correlation.type == HC_SIGMA_TEMPORAL_ORDERED)
        return sigma_fire_ordered(rule, hits, n, fn, data);
    if (rule->correlation.type == HC_SIGMA_TEMPORAL)
        fire_temporal(&rule->correlation, hits, n, fn, data);
    else
        sigma_fire_counts(rule, hits, n, fn, data);
    return 0;
}

void sigma_members(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                   const struct sigma_fired *fired, GArray *members)
{
    if (rule->correlation.type == HC_SIGMA_TEMPORAL)
        members_temporal(&rule->correlation, hits, n, fired, members);
    else
        sigma_members_counts(rule, hits, fired, members);
}
