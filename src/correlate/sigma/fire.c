/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/fire.h"

#include <math.h>

/* Hits of one instant end where the next begin. */
static size_t instant_end(const struct sigma_hit *hits, size_t n, size_t from)
{
    size_t end = from;

    while (end < n && hits[end].us == hits[from].us)
        end++;
    return end;
}

static bool within(const struct hc_sigma_correlation *c, double value)
{
    for (size_t i = 0; i < c->n_limits; i++) {
        double limit = c->limits[i].value;
        bool ok = false;
        switch (c->limits[i].bound) {
        case HC_SIGMA_LT: ok = value < limit; break;
        case HC_SIGMA_LTE: ok = value <= limit; break;
        case HC_SIGMA_GT: ok = value > limit; break;
        case HC_SIGMA_GTE: ok = value >= limit; break;
        case HC_SIGMA_EQ: ok = value == limit; break;
        case HC_SIGMA_NEQ: ok = value != limit; break;
        }
        if (!ok)
            return false;
    }
    return true;
}

/* What a window holds. */
struct window {
    GHashTable *distinct; /* number or value -> how often; NULL where amounts are added up */
    long double total;
    size_t n; /* amounts */
};

static void count(struct window *w, uint64_t what, int by)
{
    gsize n = GPOINTER_TO_SIZE(g_hash_table_lookup(w->distinct, GSIZE_TO_POINTER((gsize)what))) + (gsize)by;

    if (n)
        g_hash_table_insert(w->distinct, GSIZE_TO_POINTER((gsize)what), GSIZE_TO_POINTER(n));
    else
        g_hash_table_remove(w->distinct, GSIZE_TO_POINTER((gsize)what));
}

static void change(const struct hc_sigma_correlation *c, struct window *w, const struct sigma_hit *hit, int by)
{
    if (c->type == HC_SIGMA_EVENT_COUNT) {
        count(w, hit->number, by);
    } else if (c->type == HC_SIGMA_VALUE_COUNT) {
        if (hit->value)
            count(w, hit->value, by);
    } else if (!isnan(hit->amount)) {
        w->total += by * (long double)hit->amount;
        w->n += (size_t)by;
        if (!w->n)
            w->total = 0; /* what rounding has left */
    }
}

/* One event may be a hit of several rules; it is counted once. */
static bool is_same_event(const struct sigma_hit *hits, size_t i)
{
    return i && hits[i - 1].number == hits[i].number && hits[i - 1].us == hits[i].us;
}

static bool satisfied(const struct hc_sigma_correlation *c, const struct window *w)
{
    if (w->distinct)
        return within(c, g_hash_table_size(w->distinct));
    return w->n && within(c, (double)(c->type == HC_SIGMA_VALUE_AVG ? w->total / w->n : w->total));
}

static void fire_counts(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n, sigma_fired_fn fn, void *data)
{
    bool counts = c->type == HC_SIGMA_EVENT_COUNT || c->type == HC_SIGMA_VALUE_COUNT;
    struct window w = {.distinct = counts ? g_hash_table_new(NULL, NULL) : NULL};
    size_t first = 0;

    for (size_t i = 0, end; i < n; i = end) {
        end = instant_end(hits, n, i);
        for (size_t k = i; k < end; k++)
            if (!is_same_event(hits, k))
                change(c, &w, &hits[k], 1);
        for (; hits[first].us < hits[i].us - c->span; first++)
            if (!is_same_event(hits, first))
                change(c, &w, &hits[first], -1);
        if (satisfied(c, &w))
            fn(data, hits[first].us, hits[i].us);
    }
    if (w.distinct)
        g_hash_table_unref(w.distinct);
}

/* The instants of one step, ascending, for "not". */
struct steps {
    GArray *us[HC_SIGMA_STEPS_MAX]; /* int64_t; NULL where nobody asks */
};

static void find_negated(const struct hc_sigma_node *node, bool negated, unsigned *positive, unsigned *negative)
{
    if (node->op == HC_SIGMA_LEAF) {
        *(negated ? negative : positive) |= 1u << node->leaf;
        return;
    }
    for (guint i = 0; i < node->of->len; i++)
        find_negated(node->of->pdata[i], negated != (node->op == HC_SIGMA_NOT), positive, negative);
}

static void list_steps(struct steps *s, unsigned wanted, const struct sigma_hit *hits, size_t n)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < n; i++) {
        size_t step = hits[i].step;
        if (!(wanted >> step & 1))
            continue;
        if (!s->us[step])
            s->us[step] = g_array_new(FALSE, FALSE, sizeof(int64_t));
        g_array_append_val(s->us[step], hits[i].us);
    }
}

static void steps_clear(struct steps *s)
{
    for (size_t i = 0; i < HC_SIGMA_STEPS_MAX; i++)
        g_clear_pointer(&s->us[i], g_array_unref);
}

/* Is there a hit of the step in [from, to]? */
static bool occurs(const struct steps *s, size_t step, int64_t from, int64_t to)
{
    const GArray *us = s->us[step];
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

/* What was found, and where: for the condition. */
struct found {
    unsigned present; /* steps, by bit */
    const struct steps *negated;
    int64_t from, to; /* no window that holds what was found reaches beyond this */
};

static bool holds(const struct hc_sigma_node *node, bool negated, const struct found *f)
{
    if (node->op == HC_SIGMA_LEAF)
        return negated ? occurs(f->negated, node->leaf, f->from, f->to) : f->present >> node->leaf & 1;
    if (node->op == HC_SIGMA_NOT)
        return !holds(node->of->pdata[0], !negated, f);
    for (guint i = 0; i < node->of->len; i++)
        if (holds(node->of->pdata[i], negated, f) != (node->op == HC_SIGMA_AND))
            return node->op == HC_SIGMA_OR;
    return node->op == HC_SIGMA_AND;
}

/* First and last hit of the steps in hits[from..end). */
static bool extent(const struct sigma_hit *hits, size_t from, size_t end, unsigned steps, int64_t *first, int64_t *last)
{
    size_t a = from, b = end;

    while (a < end && !(steps >> hits[a].step & 1))
        a++;
    while (b > a && !(steps >> hits[b - 1].step & 1))
        b--;
    if (a == end)
        return false;
    *first = hits[a].us;
    *last = hits[b - 1].us;
    return true;
}

/* All of the steps, or as many as the limits say. */
static bool enough(const struct hc_sigma_correlation *c, unsigned present, unsigned all)
{
    return c->n_limits ? within(c, __builtin_popcount(present)) : present == all;
}

static void fire_temporal(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n, sigma_fired_fn fn, void *data)
{
    unsigned positive = (1u << c->n_steps) - 1, negative = 0;
    size_t in_window[HC_SIGMA_STEPS_MAX] = {0}, first = 0;
    struct steps negated;

    if (c->condition) {
        positive = 0;
        find_negated(c->condition, false, &positive, &negative);
    }
    list_steps(&negated, negative, hits, n);
    for (size_t i = 0, end; i < n; i = end) {
        struct found f = {.negated = &negated};
        int64_t from, to;
        end = instant_end(hits, n, i);
        for (size_t k = i; k < end; k++)
            in_window[hits[k].step]++;
        for (; hits[first].us < hits[i].us - c->span; first++)
            in_window[hits[first].step]--;
        for (size_t s = 0; s < c->n_steps; s++)
            f.present |= in_window[s] ? 1u << s : 0;
        if (!(c->condition || enough(c, f.present, positive)) || !extent(hits, first, end, positive, &from, &to))
            continue;
        f.from = to - c->span;
        f.to = from + c->span;
        if (to == hits[i].us && (!c->condition || holds(c->condition, false, &f)))
            fn(data, from, to);
    }
    steps_clear(&negated);
}

/* Up to as many events of one instant for each step as there are steps: more are not needed to give each step one of its own. */
struct instant {
    size_t n[HC_SIGMA_STEPS_MAX];
    uint64_t events[HC_SIGMA_STEPS_MAX][HC_SIGMA_STEPS_MAX];
};

/* Gives `step` an event that no other step has, or takes one from a step that finds another. */
static bool give(const struct instant *t, size_t step, uint64_t *owner_event, unsigned *tried)
{
    for (size_t e = 0; e < t->n[step]; e++) {
        uint64_t event = t->events[step][e];
        size_t holder = HC_SIGMA_STEPS_MAX;
        for (size_t s = 0; s < HC_SIGMA_STEPS_MAX; s++)
            if (owner_event[s] == event)
                holder = s;
        if (holder == HC_SIGMA_STEPS_MAX) {
            owner_event[step] = event;
            return true;
        }
        if (*tried >> holder & 1)
            continue;
        *tried |= 1u << holder;
        if (give(t, holder, owner_event, tried)) { /* as deep as there are steps */
            owner_event[step] = event;
            return true;
        }
    }
    return false;
}

/* A chain of steps: the first of them, and where its hits stand. */
struct chain {
    size_t n, step[HC_SIGMA_STEPS_MAX]; /* numbers of the correlation's steps, in order */
};

/*
 * start[k]: the latest instant at which a chain of the first k steps may have begun, of those that have ended by now. At one instant several steps may be
 * taken, each by an event of its own.
 */
static void advance(const struct hc_sigma_correlation *c, const struct chain *chain, const struct instant *t, int64_t now, int64_t *start)
{
    int64_t next[HC_SIGMA_STEPS_MAX + 1];

    memcpy(next, start, sizeof next);
    for (size_t k = 0; k < chain->n; k++) {
        uint64_t owner[HC_SIGMA_STEPS_MAX] = {0};
        int64_t begun = k ? start[k] : now;
        if (begun == INT64_MIN || begun < now - c->span)
            continue;
        for (size_t j = k; j < chain->n; j++) {
            unsigned tried = 1u << chain->step[j];
            if (!give(t, chain->step[j], owner, &tried))
                break;
            next[j + 1] = MAX(next[j + 1], begun);
        }
    }
    memcpy(start, next, sizeof next);
}

static void gather(struct instant *t, const struct sigma_hit *hits, size_t n)
{
    memset(t->n, 0, sizeof t->n);
    for (size_t i = 0; i < n; i++) {
        size_t step = hits[i].step;
        bool known = t->n[step] && t->events[step][t->n[step] - 1] == hits[i].number;
        if (!known && t->n[step] < HC_SIGMA_STEPS_MAX)
            t->events[step][t->n[step]++] = hits[i].number;
    }
}

static struct chain chain_of(const struct hc_sigma_correlation *c, unsigned positive)
{
    struct chain chain = {0};

    for (size_t s = 0; s < c->n_steps; s++)
        if (positive >> s & 1)
            chain.step[chain.n++] = s;
    return chain;
}

static void fire_ordered(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n, sigma_fired_fn fn, void *data)
{
    unsigned positive = (1u << c->n_steps) - 1, negative = 0;
    int64_t start[HC_SIGMA_STEPS_MAX + 1];
    struct steps negated;
    struct instant t;
    size_t first = 0;

    if (c->condition) {
        positive = 0;
        find_negated(c->condition, false, &positive, &negative);
    }
    struct chain chain = chain_of(c, positive);
    list_steps(&negated, negative, hits, n);
    for (size_t k = 0; k <= HC_SIGMA_STEPS_MAX; k++)
        start[k] = INT64_MIN;
    for (size_t i = 0, end; i < n && chain.n; i = end) {
        int64_t now = hits[i].us, from = now, to = now;
        end = instant_end(hits, n, i);
        for (; hits[first].us < now - c->span; first++)
            ;
        gather(&t, hits + i, end - i);
        start[chain.n] = INT64_MIN; /* only chains that end now */
        advance(c, &chain, &t, now, start);
        extent(hits, first, end, positive, &from, &to);
        struct found f = {positive, &negated, to - c->span, from + c->span};
        if (start[chain.n] != INT64_MIN && (!c->condition || holds(c->condition, false, &f)))
            fn(data, start[chain.n], now);
    }
    steps_clear(&negated);
}

void sigma_fire(const struct hc_sigma_correlation *c, const struct sigma_hit *hits, size_t n, sigma_fired_fn fn, void *data)
{
    if (c->type == HC_SIGMA_TEMPORAL)
        fire_temporal(c, hits, n, fn, data);
    else if (c->type == HC_SIGMA_TEMPORAL_ORDERED)
        fire_ordered(c, hits, n, fn, data);
    else
        fire_counts(c, hits, n, fn, data);
}
