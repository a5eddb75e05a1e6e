/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/window.h"

#include "src/correlate/sigma/pile.h"

#include <stdlib.h>

#define RECENT 16 /* keys of the present event whose numbers are known */

/* A window of a group that satisfied its correlation: as many as there are instants at which one does. */
struct firing {
    uint32_t rule, group;
    uint32_t first, last; /* hits, by their place in the group */
    int64_t from, to;
    guint chain; /* of an order: where its hits begin in `chains` */
};

struct recent {
    const char *text;
    size_t length;
    int64_t thing;
    uint32_t number;
};

/* A correlation that needs a rule, and as which of its steps. */
struct need {
    size_t correlation, step;
};

struct hc_sigma_windows {
    const struct hc_sigma_rules *rules;
    struct sigma_pile **piles; /* by rule; NULL for what is no correlation */
    GArray **needs;            /* by rule: struct need; NULL: nobody needs it */
    size_t *until;             /* by rule: the last that asks for its pile, by its place in the order */
    struct sigma_names *names;
    struct sigma_offer *offer; /* the hit that is on its way into piles */
    struct recent recent[RECENT];
    uint32_t event;  /* that they are of */
    GArray *firings; /* struct firing */
    GArray *chains;  /* uint32_t: places in the group, as many for each as its order has steps */
    uint32_t matches;
    uint64_t crowded;
    hc_sigma_match_fn fn;
    void *data;
};

static void add_need(struct hc_sigma_windows *w, size_t rule, size_t correlation, size_t step)
{
    const struct need need = {correlation, step};

    if (!w->needs[rule])
        w->needs[rule] = g_array_new(FALSE, FALSE, sizeof(struct need));
    g_array_append_val(w->needs[rule], need);
}

static void add_correlation(struct hc_sigma_windows *w, size_t number)
{
    const struct hc_sigma_rule *rule = hc_sigma_rule_at(w->rules, number);

    w->piles[number] = sigma_pile_new(rule, w->names);
    for (size_t s = 0; s < rule->correlation.n_steps; s++)
        add_need(w, rule->correlation.steps[s], number, s);
    for (size_t i = 0; i < rule->own.n_absent; i++)
        add_need(w, rule->own.absent[i], number, rule->correlation.n_steps + i);
}

/* A match is made of what the matches in it are made of. */
static void find_uses(struct hc_sigma_windows *w)
{
    const GArray *order = w->rules->order;

    for (guint i = order->len; i--;) {
        size_t outer = g_array_index(order, size_t, i);
        const struct hc_sigma_correlation *c = &hc_sigma_rule_at(w->rules, outer)->correlation;
        w->until[outer] = MAX(w->until[outer], i);
        for (size_t s = 0; s < c->n_steps; s++)
            w->until[c->steps[s]] = MAX(w->until[c->steps[s]], w->until[outer]);
    }
}

struct hc_sigma_windows *hc_sigma_windows_new(const struct hc_sigma_rules *rules)
{
    struct hc_sigma_windows *w = g_new0(struct hc_sigma_windows, 1);

    w->rules = rules;
    w->piles = g_new0(struct sigma_pile *, rules->rules->len + 1);
    w->needs = g_new0(GArray *, rules->rules->len + 1);
    w->until = g_new0(size_t, rules->rules->len + 1);
    w->names = sigma_names_new();
    w->matches = SIGMA_MATCHES;
    w->offer = sigma_offer_new();
    w->firings = g_array_new(FALSE, FALSE, sizeof(struct firing));
    w->chains = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (guint i = 0; i < rules->order->len; i++)
        add_correlation(w, g_array_index(rules->order, size_t, i));
    find_uses(w);
    return w;
}

void hc_sigma_windows_free(struct hc_sigma_windows *w)
{
    if (!w)
        return;
    for (guint i = 0; i < w->rules->rules->len; i++) {
        sigma_pile_free(w->piles[i]);
        g_clear_pointer(&w->needs[i], g_array_unref);
    }
    sigma_offer_free(w->offer);
    sigma_names_free(w->names);
    g_array_unref(w->firings);
    g_array_unref(w->chains);
    g_free(w->until);
    g_free(w->piles);
    g_free(w->needs);
    g_free(w);
}

/* Where the step, or what must be absent, has the key. */
static const struct hc_sigma_source *source_of(const struct hc_sigma_rule *rule, size_t step, size_t key)
{
    size_t n = rule->correlation.n_steps;

    return step < n ? &rule->correlation.key_of[step][key] : &rule->own.absent_key_of[step - n][key];
}

/* A key that may be lacking is not looked for where aliases say that this rule has none. */
static bool has_key(const struct hc_sigma_rule *rule, size_t step, size_t key)
{
    return source_of(rule, step, key)->mapped || !(rule->own.optional >> key & 1);
}

/* Several rules ask for the same few fields of an event: texts are the same as long as it lasts. */
static uint32_t number_of(struct hc_sigma_windows *w, const struct hc_sigma_value *value)
{
    struct recent *r = &w->recent[((uintptr_t)value->text.p >> 3 ^ value->text.n) % RECENT];

    if (r->text != value->text.p || r->length != value->text.n || r->thing != value->thing)
        *r = (struct recent){value->text.p, value->text.n, value->thing,
                             sigma_names_number(w->names, &(struct hc_sigma_key){value->text, value->thing})};
    return r->number;
}

static void add_values(struct hc_sigma_windows *w, GArray *out, struct hc_sigma_event *event, size_t slot,
                       size_t most)
{
    size_t n;
    bool present;
    const struct hc_sigma_value *values = hc_sigma_event_values(event, slot, &n, &present);

    for (size_t i = 0; i < n && most; i++) {
        uint32_t number;
        if (!values[i].text.p)
            continue;
        number = number_of(w, &values[i]);
        g_array_append_val(out, number);
        most--;
    }
}

static void event_keys(struct hc_sigma_windows *w, const struct hc_sigma_rule *rule, size_t step,
                       struct hc_sigma_event *event)
{
    const struct hc_sigma_correlation *c = &rule->correlation;
    struct sigma_offer *o = w->offer;

    for (size_t k = 0; k < c->n_keys; k++) {
        g_array_set_size(o->keys[k], 0);
        if (has_key(rule, step, k))
            add_values(w, o->keys[k], event, source_of(rule, step, k)->slot, G_MAXSIZE);
    }
    g_array_set_size(o->values, 0);
    for (size_t v = 0; v < c->n_values && step < c->n_steps; v++)
        add_values(w, o->values, event, c->value_of[step][v].slot, 1);
}

static void offer(struct hc_sigma_windows *w, const struct need *need)
{
    w->crowded += !sigma_pile_add(w->piles[need->correlation], w->offer);
}

void hc_sigma_windows_hit(struct hc_sigma_windows *w, size_t rule, uint32_t number, struct hc_sigma_when when,
                          struct hc_sigma_event *event)
{
    if (w->event != number)
        memset(w->recent, 0, sizeof w->recent);
    w->event = number;
    for (guint i = 0; w->needs[rule] && i < w->needs[rule]->len; i++) {
        const struct need *need = &g_array_index(w->needs[rule], struct need, i);
        w->offer->hit = (struct sigma_hit){.us = when.latest,
                                           .earliest = when.earliest,
                                           .since = when.latest,
                                           .number = number,
                                           .step = (uint16_t)need->step,
                                           .certain = true};
        event_keys(w, hc_sigma_rule_at(w->rules, need->correlation), need->step, event);
        offer(w, need);
    }
}

/* The key of a correlation's match that is called so. */
static void add_key_called(GArray *out, const struct hc_sigma_correlation *c, const uint32_t *keys,
                           const char *name)
{
    for (size_t k = 0; k < c->n_keys; k++)
        if (strcmp(c->keys[k], name) == 0) {
            g_array_append_val(out, keys[k]);
            return;
        }
}

static void match_keys(struct sigma_offer *o, const struct hc_sigma_rule *rule, size_t step,
                       const struct hc_sigma_correlation *inner, const uint32_t *keys)
{
    const struct hc_sigma_correlation *c = &rule->correlation;

    for (size_t k = 0; k < c->n_keys; k++) {
        g_array_set_size(o->keys[k], 0);
        if (has_key(rule, step, k))
            add_key_called(o->keys[k], inner, keys, source_of(rule, step, k)->name);
    }
    g_array_set_size(o->values, 0);
    for (size_t v = 0; v < c->n_values && step < c->n_steps; v++)
        add_key_called(o->values, inner, keys, c->value_of[step][v].name);
}

/* Firings of one group, on their way to be matches. */
struct firings {
    struct hc_sigma_windows *w;
    size_t rule, group;
    const uint32_t *keys;
    const struct sigma_hit *hits;
    bool open, certain;
    int64_t from, to;
    guint best; /* the last that is as certain as the match */
};

/* A firing is a hit of the correlations that list this one. */
static void pass_on(struct firings *f, const struct sigma_fired *fired)
{
    const struct hc_sigma_correlation *inner = &hc_sigma_rule_at(f->w->rules, f->rule)->correlation;
    const GArray *needs = f->w->needs[f->rule];
    const struct sigma_hit *first = &f->hits[fired->first], *last = &f->hits[fired->last];

    for (guint i = 0; needs && i < needs->len; i++) {
        const struct need *need = &g_array_index(needs, struct need, i);
        f->w->offer->hit = (struct sigma_hit){.us = fired->to,
                                              .earliest = last->earliest,
                                              .since = MIN(fired->from, first->since),
                                              .number = f->w->matches,
                                              .firing = f->w->firings->len,
                                              .step = (uint16_t)need->step,
                                              .certain = fired->certain};
        match_keys(f->w->offer, hc_sigma_rule_at(f->w->rules, need->correlation), need->step, inner, f->keys);
        offer(f->w, need);
    }
}

static void end_match(struct firings *f)
{
    struct hc_sigma_key keys[HC_SIGMA_KEYS_MAX];
    struct hc_sigma_match match = {f->rule, keys, f->from, f->to, f->certain, NULL};

    if (f->open) {
        for (size_t k = 0; k < hc_sigma_rule_at(f->w->rules, f->rule)->correlation.n_keys; k++)
            keys[k] = *sigma_names_at(f->w->names, f->keys[k]);
        match.firing = GUINT_TO_POINTER(f->best + 1);
        f->w->fn(f->w->data, &match);
    }
    f->open = false;
}

/* Of a correlation that no other is made of only the best firing of each match is asked for again. */
static void keep_firing(struct firings *f, const struct sigma_fired *now, bool first)
{
    struct hc_sigma_windows *w = f->w;
    const bool better = first || now->certain || !f->certain, again = !first && !w->needs[f->rule];
    struct firing firing = {(uint32_t)f->rule,   (uint32_t)f->group, (uint32_t)now->first,
                            (uint32_t)now->last, now->from,          now->to,
                            w->chains->len};

    if (again && !better)
        return;
    if (again) {
        g_array_set_size(w->chains, g_array_index(w->firings, struct firing, f->best).chain);
        g_array_set_size(w->firings, f->best);
        firing.chain = w->chains->len;
    }
    g_array_append_val(w->firings, firing);
    for (size_t k = 0; k < now->n_chain; k++) {
        uint32_t place = (uint32_t)now->chain[k];
        g_array_append_val(w->chains, place);
    }
    if (better)
        f->best = w->firings->len - 1;
}

/* A sigma_fired_fn. */
static void fired(void *data, const struct sigma_fired *now)
{
    struct firings *f = data;
    bool first;

    if (f->open && now->from > f->to)
        end_match(f);
    first = !f->open;
    if (first) {
        f->open = true;
        f->certain = false;
        f->from = now->from;
        f->w->matches++;
    }
    f->from = MIN(f->from, now->from);
    f->to = now->to;
    keep_firing(f, now, first);
    f->certain = f->certain || now->certain;
    pass_on(f, now);
}

static void run_one(struct hc_sigma_windows *w, size_t rule)
{
    const struct hc_sigma_rule *r = hc_sigma_rule_at(w->rules, rule);
    struct sigma_pile *pile = w->piles[rule];

    sigma_pile_close(pile);
    for (size_t g = 0; g < sigma_pile_groups(pile); g++) {
        struct firings f = {.w = w, .rule = rule, .group = g, .keys = sigma_pile_keys(pile, g)};
        size_t n;
        f.hits = sigma_pile_group(pile, g, &n);
        w->crowded += sigma_fire(r, f.hits, n, fired, &f);
        end_match(&f);
    }
}

/* What no later one is made of. */
static void let_go(struct hc_sigma_windows *w, guint done)
{
    for (guint i = 0; i <= done; i++) {
        size_t rule = g_array_index(w->rules->order, size_t, i);
        if (w->until[rule] == done) {
            sigma_pile_free(w->piles[rule]);
            w->piles[rule] = NULL;
        }
    }
}

void hc_sigma_windows_run(struct hc_sigma_windows *w, hc_sigma_match_fn fn, void *data)
{
    w->fn = fn;
    w->data = data;
    for (guint i = 0; i < w->rules->order->len; i++) {
        run_one(w, g_array_index(w->rules->order, size_t, i));
        let_go(w, i);
    }
}

uint64_t hc_sigma_windows_crowded(const struct hc_sigma_windows *w)
{
    return w->crowded;
}

/* What a match is made of, while it is put together. */
struct making {
    const struct hc_sigma_windows *w;
    GArray *members, *parts; /* of the match */
    GHashTable *seen;        /* rule << 32 | event: gint64 */
};

static int members_by_time(gconstpointer a, gconstpointer b)
{
    const struct hc_sigma_member *x = a, *y = b;
    int64_t t = x->earliest == INT64_MIN ? x->latest : x->earliest,
            u = y->earliest == INT64_MIN ? y->latest : y->earliest;

    if (t != u)
        return t < u ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static void make_firing(struct making *m, guint number);

static void make_hit(struct making *m, const struct hc_sigma_rule *rule, const struct sigma_hit *hit)
{
    struct hc_sigma_member member = {rule->correlation.steps[hit->step], hit->number, hit->earliest, hit->us};
    gint64 id = (gint64)member.rule << 32 | member.number;

    if (hit->firing)
        make_firing(m, hit->firing - 1);
    else if (g_hash_table_add(m->seen, g_memdup2(&id, sizeof id)))
        g_array_append_val(m->members, member);
}

/* From the first of its records to the last. */
static int64_t duration_of(const GArray *members, guint from)
{
    int64_t first = INT64_MAX, last = INT64_MIN;

    for (guint i = from; i < members->len; i++) {
        const struct hc_sigma_member *m = &g_array_index(members, struct hc_sigma_member, i);
        first = MIN(first, m->earliest == INT64_MIN ? m->latest : m->earliest);
        last = MAX(last, m->latest);
    }
    return first > last ? 0 : last - first;
}

/* The hits that it is made of, by their place in the group. */
static void find_places(const struct hc_sigma_windows *w, const struct firing *f,
                        const struct sigma_hit *hits, size_t n, GArray *places)
{
    const struct hc_sigma_rule *rule = hc_sigma_rule_at(w->rules, f->rule);
    const struct sigma_fired fired = {.first = f->first, .last = f->last, .from = f->from, .to = f->to};
    guint end =
        f + 1 < &g_array_index(w->firings, struct firing, w->firings->len) ? f[1].chain : w->chains->len;

    if (rule->correlation.type != HC_SIGMA_TEMPORAL_ORDERED) {
        sigma_members(rule, hits, n, &fired, places);
        return;
    }
    for (guint i = f->chain; i < end; i++) {
        size_t place = g_array_index(w->chains, uint32_t, i);
        g_array_append_val(places, place);
    }
}

static void make_firing(struct making *m, guint number)
{
    const struct firing *f = &g_array_index(m->w->firings, struct firing, number);
    const struct hc_sigma_rule *rule = hc_sigma_rule_at(m->w->rules, f->rule);
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(size_t));
    struct hc_sigma_part part = {f->rule, 0, 0};
    guint from = m->members->len, own = m->parts->len;
    size_t n;
    const struct sigma_hit *hits = sigma_pile_group(m->w->piles[f->rule], f->group, &n);

    g_array_append_val(m->parts, part);
    find_places(m->w, f, hits, n, places);
    for (guint i = 0; i < places->len; i++)
        make_hit(m, rule, &hits[g_array_index(places, size_t, i)]);
    if (rule->correlation.type != HC_SIGMA_TEMPORAL_ORDERED && m->members->len > from)
        qsort(&g_array_index(m->members, struct hc_sigma_member, from), m->members->len - from,
              sizeof(struct hc_sigma_member), members_by_time);
    g_array_index(m->parts, struct hc_sigma_part, own).n = places->len;
    g_array_index(m->parts, struct hc_sigma_part, own).duration = duration_of(m->members, from);
}

void hc_sigma_windows_members(const struct hc_sigma_windows *w, const struct hc_sigma_match *match,
                              GArray *members, GArray *parts)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    struct making m = {w, members, parts, seen};

    make_firing(&m, GPOINTER_TO_UINT(match->firing) - 1);
}
