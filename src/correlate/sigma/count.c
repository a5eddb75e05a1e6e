/* SPDX-License-Identifier: Apache-2.0 */
/* Windows that count: events, different values, sums, means, and what is so many percent of the way through
 * the values. */
#include "src/correlate/sigma/fire.h"

#include "src/correlate/sigma/ranks.h"

#include <math.h>
#include <stdlib.h>

/* More than 2^63 whole numbers of 64 bits fit. */
__extension__ typedef __int128 whole_t;
#define WHOLE_DIGITS 48

/* What a window holds. */
struct window {
    GHashTable *distinct;        /* number or value -> how often; NULL where amounts count */
    struct sigma_ranks *amounts; /* NULL where they need not be in order */
    whole_t whole;               /* the sum of what are whole numbers: exact */
    long double total;           /* of the others */
    size_t n_others;
    size_t n;         /* amounts */
    size_t uncertain; /* matches */
};

static bool is_in_order(const struct hc_sigma_correlation *c)
{
    return c->type == HC_SIGMA_VALUE_PERCENTILE || c->type == HC_SIGMA_VALUE_MEDIAN;
}

static bool is_count(const struct hc_sigma_correlation *c)
{
    return c->type == HC_SIGMA_EVENT_COUNT || c->type == HC_SIGMA_VALUE_COUNT;
}

static void count(struct window *w, uint64_t what, int by)
{
    gsize n = GPOINTER_TO_SIZE(g_hash_table_lookup(w->distinct, GSIZE_TO_POINTER((gsize)what))) + (gsize)by;

    if (n)
        g_hash_table_insert(w->distinct, GSIZE_TO_POINTER((gsize)what), GSIZE_TO_POINTER(n));
    else
        g_hash_table_remove(w->distinct, GSIZE_TO_POINTER((gsize)what));
}

static double amount_of(const struct sigma_hit *hit)
{
    return hit->is_whole ? (double)hit->whole : hit->amount;
}

static void change_amount(struct window *w, const struct sigma_hit *hit, int by)
{
    if (hit->is_whole) {
        w->whole += by * (whole_t)hit->whole;
    } else {
        w->total += by * (long double)hit->amount;
        w->n_others += (size_t)by;
    }
    w->n += (size_t)by;
    if (!w->n_others)
        w->total = 0; /* what rounding has left */
    if (w->amounts)
        sigma_ranks_change(w->amounts, amount_of(hit), by);
}

static void change(const struct hc_sigma_correlation *c, struct window *w, const struct sigma_hit *hit,
                   int by)
{
    w->uncertain += hit->certain ? 0 : (size_t)by;
    if (c->type == HC_SIGMA_EVENT_COUNT)
        count(w, hit->number, by);
    else if (c->type == HC_SIGMA_VALUE_COUNT && hit->value)
        count(w, hit->value, by);
    else if (!is_count(c) && !isnan(amount_of(hit)))
        change_amount(w, hit, by);
}

/* One event may be a hit of several rules; it is counted once. */
static bool is_same_event(const struct sigma_hit *hits, size_t i)
{
    return i && hits[i - 1].number == hits[i].number && hits[i - 1].us == hits[i].us;
}

/* Of n values in order the first that `percent` of them are not above. */
static double percentile(const struct window *w, double percent)
{
    double rank = ceil(percent / 100 * (guint)w->n);

    return sigma_ranks_at(w->amounts, rank < 1 ? 0 : (guint)rank - 1);
}

static double median(const struct window *w)
{
    double upper = sigma_ranks_at(w->amounts, w->n / 2);

    return w->n % 2 ? upper : (sigma_ranks_at(w->amounts, w->n / 2 - 1) + upper) / 2;
}

static void write_whole(whole_t value, char digits[WHOLE_DIGITS])
{
    char reversed[WHOLE_DIGITS];
    size_t n = 0, at = 0;
    bool negative = value < 0;

    do {
        int digit = (int)(value % 10);
        reversed[n++] = (char)('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    } while (value);
    if (negative)
        digits[at++] = '-';
    while (n)
        digits[at++] = reversed[--n];
    digits[at] = 0;
}

/* The sum, or the mean where that is a whole number too, without rounding. */
static bool within_whole(const struct hc_sigma_correlation *c, whole_t value)
{
    char digits[WHOLE_DIGITS];

    write_whole(value, digits);
    return sigma_within_digits(c, digits);
}

static bool satisfied(const struct hc_sigma_correlation *c, const struct window *w)
{
    if (w->distinct)
        return sigma_within(c, g_hash_table_size(w->distinct));
    if (!w->n)
        return false;
    switch (c->type) {
    case HC_SIGMA_VALUE_PERCENTILE:
        return sigma_within(c, percentile(w, c->percent));
    case HC_SIGMA_VALUE_MEDIAN:
        return sigma_within(c, median(w));
    case HC_SIGMA_VALUE_AVG:
        return w->n_others || w->whole % (whole_t)w->n
                   ? sigma_within(c, (double)((w->total + (long double)w->whole) / w->n))
                   : within_whole(c, w->whole / (whole_t)w->n);
    default:
        return w->n_others ? sigma_within(c, (double)(w->total + (long double)w->whole))
                           : within_whole(c, w->whole);
    }
}

/* How far back a hit reaches, and how far it may. */
static int64_t reach(const struct hc_sigma_rule *rule, const struct sigma_hit *hit)
{
    return rule->own.within ? hit->since : hit->us;
}

static int64_t span_of(const struct hc_sigma_rule *rule)
{
    return rule->own.within ? rule->own.within : rule->correlation.span;
}

struct order {
    int64_t reach;
    size_t hit;
};

static int by_reach(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    if (x->reach != y->reach)
        return x->reach < y->reach ? -1 : 1;
    return x->hit < y->hit ? -1 : x->hit > y->hit;
}

/* Hits by how far they reach back. */
static struct order *by_reaching(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                                 bool earliest)
{
    struct order *out = g_new(struct order, n + 1);
    bool sorted = true;

    for (size_t i = 0; i < n; i++) {
        out[i] = (struct order){earliest ? hits[i].earliest : reach(rule, &hits[i]), i};
        sorted = sorted && (!i || out[i - 1].reach <= out[i].reach);
    }
    if (!sorted)
        qsort(out, n, sizeof *out, by_reach);
    return out;
}

/* Where a hit is: before the window or left out of it, in it, or in it for all that is known of its time only
 * perhaps. */
enum place { OUT, IN, PERHAPS };

struct counting {
    const struct hc_sigma_rule *rule;
    const struct sigma_hit *hits;
    size_t n, gone, doubted;       /* how much of the orders has been left behind */
    struct order *leaving, *vague; /* by what it reaches back to; by the earliest instants */
    struct sigma_peaks *back;      /* -hit, of `leaving`; NULL where none reaches back beyond itself */
    unsigned char *place;          /* enum place, by hit */
    struct window window;
    size_t perhaps; /* hits in that place */
};

static void set_place(struct counting *t, size_t hit, enum place place)
{
    if (t->place[hit] == OUT && place != OUT)
        change(&t->rule->correlation, &t->window, &t->hits[hit], 1);
    else if (t->place[hit] != OUT && place == OUT)
        change(&t->rule->correlation, &t->window, &t->hits[hit], -1);
    t->perhaps += (size_t)(place == PERHAPS) - (size_t)(t->place[hit] == PERHAPS);
    t->place[hit] = (unsigned char)place;
}

/* The window that ends with the hits [i, end), which are of one instant. */
static void move_window(struct counting *t, size_t i, size_t end)
{
    int64_t limit = t->hits[i].us - span_of(t->rule);

    for (size_t k = i; k < end; k++)
        if (!is_same_event(t->hits, k) && reach(t->rule, &t->hits[k]) >= limit)
            set_place(t, k, t->hits[k].earliest < limit ? PERHAPS : IN);
    for (; t->gone < t->n && t->leaving[t->gone].reach < limit; t->gone++)
        set_place(t, t->leaving[t->gone].hit, OUT);
    for (; t->doubted < t->n && t->vague[t->doubted].reach < limit; t->doubted++)
        if (t->place[t->vague[t->doubted].hit] == IN)
            set_place(t, t->vague[t->doubted].hit, PERHAPS);
}

static struct sigma_fired describe(const struct counting *t, size_t end)
{
    struct sigma_fired f = {
        .last = end - 1, .to = t->hits[end - 1].us, .certain = !t->perhaps && !t->window.uncertain};
    size_t gone = t->back ? sigma_peaks_next(t->back, t->gone, 1 - (int64_t)end) : t->gone;

    f.first = gone < t->n ? t->leaving[gone].hit : end - 1;
    f.from = reach(t->rule, &t->hits[f.first]);
    return f;
}

/* To find the first of `leaving` that is not behind a given hit. */
static struct sigma_peaks *backwards(const struct order *leaving, size_t n)
{
    struct sigma_peaks *back = sigma_peaks_new(n);

    for (size_t i = 0; i < n; i++)
        sigma_peaks_set(back, i, -(int64_t)leaving[i].hit);
    sigma_peaks_ready(back);
    return back;
}

/* All amounts that may ever be in a window. */
static struct sigma_ranks *amounts_of(const struct sigma_hit *hits, size_t n)
{
    g_autofree double *amounts = g_new(double, n + 1);
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(amount_of(&hits[i])))
            amounts[m++] = amount_of(&hits[i]);
    return sigma_ranks_new(amounts, m);
}

void sigma_fire_counts(const struct hc_sigma_rule *rule, const struct sigma_hit *hits, size_t n,
                       sigma_fired_fn fn, void *data)
{
    const struct hc_sigma_correlation *c = &rule->correlation;
    struct counting t = {.rule = rule,
                         .hits = hits,
                         .n = n,
                         .leaving = by_reaching(rule, hits, n, false),
                         .vague = by_reaching(rule, hits, n, true),
                         .place = g_new0(unsigned char, n + 1)};

    t.window.distinct = is_count(c) ? g_hash_table_new(NULL, NULL) : NULL;
    t.window.amounts = is_in_order(c) ? amounts_of(hits, n) : NULL;
    t.back = rule->own.within ? backwards(t.leaving, n) : NULL;
    for (size_t i = 0, end; i < n; i = end) {
        end = sigma_instant_end(hits, n, i);
        move_window(&t, i, end);
        if (satisfied(c, &t.window)) {
            const struct sigma_fired f = describe(&t, end);
            fn(data, &f);
        }
    }
    g_clear_pointer(&t.window.distinct, g_hash_table_unref);
    sigma_ranks_free(t.window.amounts);
    sigma_peaks_free(t.back);
    g_free(t.leaving);
    g_free(t.vague);
    g_free(t.place);
}

/* All that counts; of equal values the first. */
void sigma_members_counts(const struct hc_sigma_rule *rule, const struct sigma_hit *hits,
                          const struct sigma_fired *fired, GArray *members)
{
    bool values = rule->correlation.type == HC_SIGMA_VALUE_COUNT;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    int64_t limit = fired->to - span_of(rule);
    size_t from = fired->last + 1;

    while (from && hits[from - 1].us >= limit) /* a hit is never before what it reaches back to */
        from--;
    for (size_t i = from; i <= fired->last; i++) {
        if (is_same_event(hits, i) || reach(rule, &hits[i]) < limit || (values && !hits[i].value))
            continue;
        if (values && !g_hash_table_add(seen, GSIZE_TO_POINTER((gsize)hits[i].value)))
            continue;
        g_array_append_val(members, i);
    }
}
