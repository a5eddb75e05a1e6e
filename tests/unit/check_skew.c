/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks whose error is known by construction: what is told of them is true, and nothing is told where
 * nothing can be known. */
#include "src/correlate/skew.h"

#include <check.h>

Suite *suite_skew(void);

#define S G_GINT64_CONSTANT(1000000)
#define HOUR (3600 * S)

/* A clock: offsets and from when they hold. */
struct made {
    int n;
    int64_t since[8], offset[8];
};

static int64_t offset_at(const struct made *c, int64_t t)
{
    int64_t offset = c->offset[0];

    for (int i = 1; i < c->n; i++)
        offset = t >= c->since[i] ? c->offset[i] : offset;
    return offset;
}

/* A message at `t`, `delay` on its way to the clock (up) or from it; written to the second by both. */
static struct hc_skew_pair pair(const struct made *c, int64_t t, int64_t delay, bool up, int64_t tag)
{
    int64_t there = up ? t + delay : t, known = up ? t : t + delay, reading = there + offset_at(c, there);
    struct hc_skew_pair p = {.when = known, .upper = up, .tag = tag};

    known -= known % S;
    p.reading = reading - reading % S;
    p.bound = up ? p.reading + S - 1 - known + S : p.reading - (known + S - 1) - S;
    return p;
}

static GArray *pairs_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct hc_skew_pair));
}

static void add(GArray *pairs, struct hc_skew_pair p)
{
    g_array_append_val(pairs, p);
}

static const struct hc_skew_piece *piece(const GArray *pieces, guint i)
{
    return &g_array_index(pieces, struct hc_skew_piece, i);
}

/* One message each way every ten minutes; delays as mail has them: seconds, now and then minutes. */
static GArray *traffic(GRand *r, const struct made *c, int n, int64_t least_up, int64_t least_down)
{
    GArray *pairs = pairs_new();

    for (int i = 0; i < n; i++)
        for (int up = 0; up < 2; up++) {
            int64_t delay = (up ? least_up : least_down) + g_rand_int_range(r, 50000, 2000000);
            if (g_rand_int_range(r, 0, 5) == 0)
                delay += g_rand_int_range(r, 60, 900) * S;
            add(pairs,
                pair(c, (int64_t)i * 600 * S + g_rand_int_range(r, 0, 500) * S, delay, up, 2 * i + up));
        }
    return pairs;
}

static void has_offset(const struct hc_skew_piece *p, int64_t offset)
{
    int64_t least, most;

    ck_assert(hc_skew_bound(p, false, p->from, &least) && hc_skew_bound(p, true, p->from, &most));
    ck_assert_int_le(least, offset);
    ck_assert_int_ge(most, offset);
}

START_TEST(constant)
{
    static const int64_t offsets[] = {47 * S, 480 * S, -480 * S, 3600 * S, -86400 * S, 0, S};
    g_autoptr(GRand) r = g_rand_new_with_seed(7);

    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        struct made c = {1, {0}, {offsets[i]}};
        g_autoptr(GArray) pairs = traffic(r, &c, 60, 0, 0), pieces = hc_skew_pieces(pairs);
        ck_assert_uint_eq(pieces->len, 1);
        has_offset(piece(pieces, 0), offsets[i]);
        ck_assert_int_eq(hc_skew_judge(piece(pieces, 0)),
                         ABS(offsets[i]) > 10 * S ? HC_SKEW_CORRECT : HC_SKEW_RIGHT);
        ck_assert_uint_eq(piece(pieces, 0)->lower.n + piece(pieces, 0)->upper.n, 120);
        ck_assert_uint_eq(piece(pieces, 0)->against, 0);
    }
}
END_TEST

/* What may not be told: too little, from one side, or less certain than it is large. */
START_TEST(not_known)
{
    struct made right = {1, {0}, {0}}, fast = {1, {0}, {47 * S}};
    g_autoptr(GRand) r = g_rand_new_with_seed(8);
    g_autoptr(GArray) few = pairs_new(), one = pairs_new(), grey = traffic(r, &right, 60, 300 * S, 0),
                      long_way = traffic(r, &fast, 60, 300 * S, 0);
    g_autoptr(GArray) a = NULL, b = NULL, c = NULL, d = NULL;

    for (int i = 0; i < HC_SKEW_PAIRS_MIN - 1; i++) {
        add(few, pair(&fast, i * HOUR, S, true, i));
        add(few, pair(&fast, i * HOUR, S, false, 100 + i));
    }
    for (int i = 0; i < 100; i++)
        add(one, pair(&right, i * HOUR, 300 * S, true, i)); /* every mail put off by five minutes */
    a = hc_skew_pieces(few);
    b = hc_skew_pieces(one);
    c = hc_skew_pieces(grey);
    d = hc_skew_pieces(long_way);
    ck_assert_int_eq(hc_skew_judge(piece(a, 0)), HC_SKEW_FEW);
    ck_assert_int_eq(hc_skew_judge(piece(b, 0)), HC_SKEW_ONE_SIDED);
    ck_assert_int_eq(hc_skew_judge(piece(c, 0)), HC_SKEW_RIGHT); /* put off one way: it may be right */
    has_offset(piece(c, 0), 0);
    ck_assert_int_eq(hc_skew_judge(piece(d, 0)),
                     HC_SKEW_UNCERTAIN); /* 47 s fast, known only to be 45 to 350 */
    has_offset(piece(d, 0), 47 * S);
    /* one more pair on each side, and it is known */
    add(few, pair(&fast, 9 * HOUR, S, true, 50));
    add(few, pair(&fast, 9 * HOUR, S, false, 150));
    g_array_unref(a);
    a = hc_skew_pieces(few);
    ck_assert_int_eq(hc_skew_judge(piece(a, 0)), HC_SKEW_CORRECT);
    has_offset(piece(a, 0), 47 * S);
}
END_TEST

/* Forged or repeated ids: pairs that say anything. One for each side may even look right. */
START_TEST(false_pairs)
{
    struct made c = {1, {0}, {47 * S}};
    g_autoptr(GRand) r = g_rand_new_with_seed(9);
    g_autoptr(GArray) pairs = traffic(r, &c, 60, 0, 0), pieces = NULL;
    struct hc_skew_pair tight = {.when = 1, .reading = 1, .bound = 40 * S, .upper = true, .tag = 1000};

    add(pairs, tight);
    for (int i = 0; i < 6; i++) {
        struct hc_skew_pair wild = {.when = (i + 1) * HOUR,
                                    .reading = (i + 1) * HOUR,
                                    .bound = (i % 2 ? -1 : 1) * (1000 + i) * S,
                                    .upper = i % 2,
                                    .tag = 2000 + i};
        add(pairs, wild);
    }
    pieces = hc_skew_pieces(pairs);
    ck_assert_uint_eq(pieces->len, 1);
    has_offset(piece(pieces, 0), 47 * S);
    ck_assert_int_eq(hc_skew_judge(piece(pieces, 0)), HC_SKEW_CORRECT);
    ck_assert_uint_eq(piece(pieces, 0)->against, 6);
}
END_TEST

/* The hull of all pieces that may hold takes in the truth; no width where nothing is known. */
static void told_truly(const GArray *pieces, const struct made *c, int64_t t, int64_t *width)
{
    int64_t reading = t + offset_at(c, t), least = INT64_MAX, most = INT64_MIN, l, m;

    for (guint i = 0; i < pieces->len; i++) {
        hc_skew_reach(pieces, i, &l, &m);
        if (reading < l || reading > m)
            continue;
        if (hc_skew_judge(piece(pieces, i)) == HC_SKEW_FEW ||
            hc_skew_judge(piece(pieces, i)) == HC_SKEW_ONE_SIDED)
            return;
        hc_skew_bound(piece(pieces, i), false, reading, &l);
        hc_skew_bound(piece(pieces, i), true, reading, &m);
        least = MIN(least, l);
        most = MAX(most, m);
    }
    *width = most - least;
    ck_assert_int_le(least, offset_at(c, t));
    ck_assert_int_ge(most, offset_at(c, t));
}

START_TEST(stepped)
{
    static const int64_t steps[][2] = {{480 * S, 0}, {0, 480 * S}, {47 * S, -20 * S}, {-300 * S, 12 * S}};
    g_autoptr(GRand) r = g_rand_new_with_seed(10);

    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        struct made c = {2, {0, 5 * HOUR}, {steps[i][0], steps[i][1]}};
        g_autoptr(GArray) pairs = traffic(r, &c, 60, 0, 0), pieces = hc_skew_pieces(pairs);
        int narrow = 0;
        ck_assert_uint_eq(pieces->len, 2);
        has_offset(piece(pieces, 0), steps[i][0]);
        has_offset(piece(pieces, 1), steps[i][1]);
        for (int64_t t = 600 * S; t < 9 * HOUR; t += 60 * S) {
            int64_t width = 0;
            told_truly(pieces, &c, t, &width);
            narrow += width < 10 * S;
        }
        ck_assert_int_gt(narrow, 400); /* of 530 minutes all but those around the step, which a clock that was
                                          set back reads twice */
    }
}
END_TEST

/* Random clocks and ways. */
START_TEST(any_clock)
{
    g_autoptr(GRand) r = g_rand_new_with_seed(11);
    int known = 0;

    for (int run = 0; run < 3000; run++) {
        struct made c = {g_rand_int_range(r, 1, 4), {0}, {0}};
        g_autoptr(GArray) pairs = NULL, pieces = NULL;
        int64_t up, down;
        for (int i = 0; i < c.n; i++) {
            c.since[i] = i * 4 * HOUR;
            c.offset[i] = g_rand_int_range(r, -60, 60) * 10 * S;
        }
        up = run % 2 ? g_rand_int_range(r, 0, 3) * 30 * S : 0;
        down = run % 2 ? g_rand_int_range(r, 0, 3) * 30 * S : 0;
        pairs = traffic(r, &c, 72, up, down);
        pieces = hc_skew_pieces(pairs);
        ck_assert_ptr_nonnull(pieces);
        for (int64_t t = 600 * S; t < 11 * HOUR; t += 300 * S) {
            int64_t width = -1;
            told_truly(pieces, &c, t, &width);
            known += width >= 0;
        }
    }
    ck_assert_int_gt(known, 3000 * 130 * 9 / 10);
}
END_TEST

/* The clock has drifted on since the start, by so many microseconds a day. */
static int64_t drifted(const struct made *c, int64_t drift, int64_t t)
{
    return offset_at(c, t) + (int64_t)((double)drift * ((double)t / (24.0 * HOUR)));
}

/* One message in each of `n` random moments of so many days; a few of the pairs are false. */
static GArray *mail_of_days(GRand *r, const struct made *c, int64_t drift, int days, int n, int false_ones)
{
    GArray *pairs = pairs_new();

    for (int i = 0; i < n; i++) {
        const int64_t t = HOUR + (int64_t)(g_rand_double(r) * days * 24 * (double)HOUR);
        int64_t delay = g_rand_int_range(r, 50000, 2000000);
        if (g_rand_int_range(r, 0, 4) == 0)
            delay += g_rand_int_range(r, 30, 3000) * S;
        struct made now = {1, {0}, {drifted(c, drift, i % 2 ? t + delay : t)}};
        add(pairs, pair(&now, t, delay, i % 2, i));
    }
    for (int i = 0; i < false_ones; i++) {
        struct hc_skew_pair *p = &g_array_index(pairs, struct hc_skew_pair, (guint)g_rand_int_range(r, 0, n));
        p->bound += (p->upper ? -1 : 1) * g_rand_int_range(r, 100, 5000) * S;
    }
    return pairs;
}

#define BEYOND (6 * HOUR) /* as far as the callers go beyond the outer pieces */

/* What the pieces leave of the offset at a reading. False: they do not tell. */
static bool told_at(const GArray *pieces, int64_t reading, int64_t *least, int64_t *most)
{
    int64_t l, m;

    *least = INT64_MAX;
    *most = INT64_MIN;
    for (guint i = 0; i < pieces->len; i++) {
        const struct hc_skew_piece *p = piece(pieces, i);
        hc_skew_reach(pieces, i, &l, &m);
        if (reading < (i ? l : MAX(l, p->from - BEYOND)) ||
            reading > (i + 1 < pieces->len ? m : MIN(m, p->to + BEYOND)))
            continue;
        if (!p->bounded)
            return false;
        hc_skew_bound(p, false, reading, &l);
        hc_skew_bound(p, true, reading, &m);
        *least = MIN(*least, l);
        *most = MAX(*most, m);
    }
    return *least <= *most;
}

/*
 * Clocks that drift, and of every second one is set as well and drifts on: what is told has the truth in it,
 * always for those that are not set; next to a step that hardly a quick pair shows it may be missed, in less
 * than one of ten thousand instants.
 */
START_TEST(any_drift)
{
    g_autoptr(GRand) r = g_rand_new_with_seed(13);
    int asked = 0, known = 0, drifts = 0, narrow = 0, wrong[2] = {0, 0};

    for (int run = 0; run < 1500; run++) {
        const int days = g_rand_int_range(r, 5, 40), n = g_rand_int_range(r, 6, 24) * days,
                  false_ones = run % 3 ? g_rand_int_range(r, 0, n / 30 + 1) : 0;
        const int64_t drift = run % 5 ? g_rand_int_range(r, -5000, 5001) * G_GINT64_CONSTANT(1000) : 0;
        struct made c = {1 + run % 2, {0, g_rand_int_range(r, 2, days - 1) * 24 * HOUR}, {0}};
        g_autoptr(GArray) pairs = NULL, pieces = NULL;
        c.offset[0] = g_rand_int_range(r, -90, 90) * S;
        c.offset[1] = g_rand_int_range(r, -90, 90) * S;
        pairs = mail_of_days(r, &c, drift, days, n, false_ones);
        pieces = hc_skew_pieces(pairs);
        for (guint i = 0; pieces && i < pieces->len; i++)
            drifts += piece(pieces, i)->drift != 0;
        for (int64_t t = 12 * HOUR; pieces && t < (int64_t)days * 24 * HOUR; t += 3 * HOUR) {
            const int64_t truth = drifted(&c, drift, t);
            int64_t least, most;
            asked++;
            if (!told_at(pieces, t + truth, &least, &most))
                continue;
            known++;
            narrow += most - least < 10 * S;
            wrong[run % 2] += least > truth || most < truth;
        }
    }
    ck_assert_int_eq(wrong[0], 0);
    ck_assert_int_lt(wrong[1] * 10000, known);
    ck_assert_int_gt(known, asked / 10 * 9);
    ck_assert_int_gt(narrow, known / 2);
    ck_assert_int_gt(drifts, 800);
}
END_TEST

/* A drift is told as what it is; what is set three times and again is not one, nor is a clock that is
 * right. */
START_TEST(drift_told)
{
    g_autoptr(GRand) r = g_rand_new_with_seed(20);
    const struct made fast = {1, {0}, {47 * S}};
    struct made stairs = {
        4, {0, 10 * 24 * HOUR, 20 * 24 * HOUR, 30 * 24 * HOUR}, {0, 300 * S, 90 * S, 390 * S}};
    g_autoptr(GArray) pairs = mail_of_days(r, &fast, 2 * S, 21, 400, 6), pieces = hc_skew_pieces(pairs),
                      of_stairs = NULL, steps = NULL;

    ck_assert_uint_eq(pieces->len, 1);
    ck_assert_int_le(ABS(piece(pieces, 0)->drift - 2 * S), S / 10);
    ck_assert_int_eq(hc_skew_judge(piece(pieces, 0)), HC_SKEW_CORRECT);
    ck_assert_int_le(ABS(piece(pieces, 0)->upper.best[0].bound - 47 * S -
                         2 * piece(pieces, 0)->upper.best[0].reading / (24 * 3600)),
                     6 * S);
    of_stairs = mail_of_days(r, &stairs, 0, 40, 600, 6);
    steps = hc_skew_pieces(of_stairs);
    ck_assert_uint_eq(steps->len, 4);
    for (guint i = 0; i < 4; i++)
        ck_assert_int_eq(piece(steps, i)->drift, 0);
}
END_TEST

START_TEST(order_and_limits)
{
    struct made c = {1, {0}, {47 * S}};
    g_autoptr(GRand) r = g_rand_new_with_seed(12);
    g_autoptr(GArray) pairs = traffic(r, &c, 40, 0, 0), again = pairs_new(), many = pairs_new(), a = NULL,
                      b = NULL;

    for (guint i = pairs->len; i > 0; i--)
        add(again, g_array_index(pairs, struct hc_skew_pair, i - 1));
    a = hc_skew_pieces(pairs);
    b = hc_skew_pieces(again);
    ck_assert_uint_eq(a->len, b->len);
    for (guint i = 0; i < a->len; i++) {
        const struct hc_skew_piece *x = piece(a, i), *y = piece(b, i);
        ck_assert(x->from == y->from && x->to == y->to && x->least == y->least && x->most == y->most &&
                  x->drift == y->drift && x->against == y->against);
        ck_assert(x->lower.n == y->lower.n && x->upper.n == y->upper.n &&
                  x->upper.best[0].tag == y->upper.best[0].tag);
    }
    /* set every hour, to and fro */
    for (int i = 0; i < 4 * (HC_SKEW_PIECES_MAX + 2); i++) {
        struct made k = {1, {0}, {(i / 4) % 2 ? 100 * S : -100 * S}};
        add(many, pair(&k, (int64_t)i * 900 * S, S, true, 2 * i));
        add(many, pair(&k, (int64_t)i * 900 * S, S, false, 2 * i + 1));
    }
    ck_assert_ptr_null(hc_skew_pieces(many));
    g_array_set_size(many, 8 * HC_SKEW_PIECES_MAX);
    g_array_unref(a);
    a = hc_skew_pieces(many);
    ck_assert_uint_eq(a->len, HC_SKEW_PIECES_MAX);
    ck_assert_uint_le(piece(a, 0)->lower.kept, HC_SKEW_SHOWN);
}
END_TEST

static GArray *pieces_of(GRand *r, int64_t drift, int days, int n)
{
    const struct made fast = {1, {0}, {47 * S}};
    g_autoptr(GArray) pairs = mail_of_days(r, &fast, drift, days, n, 0);

    return hc_skew_pieces(pairs);
}

START_TEST(drift_limits)
{
    g_autoptr(GRand) r = g_rand_new_with_seed(21);
    g_autoptr(GArray) many = pieces_of(r, 5 * S, 120, 6000),
                      few = pieces_of(r, 5 * S, 6, 2 * HC_SKEW_DRIFT_PAIRS - 2),
                      enough = pieces_of(r, 5 * S, 6, 3 * HC_SKEW_DRIFT_PAIRS),
                      fastest = pieces_of(r, HC_SKEW_DRIFT_MAX - S, 4, 400),
                      too_fast = pieces_of(r, HC_SKEW_DRIFT_MAX * 2, 4, 400);

    ck_assert_uint_eq(many->len, 1); /* more than HC_SKEW_LOOKED steps of four seconds */
    ck_assert_int_gt(piece(many, 0)->drift, 0);
    for (guint i = 0; i < few->len; i++)
        ck_assert_int_eq(piece(few, i)->drift, 0);
    ck_assert_int_gt(piece(enough, 0)->drift, 0);
    ck_assert_int_gt(piece(fastest, 0)->drift, 0);
    for (guint i = 0; too_fast && i < too_fast->len; i++)
        ck_assert_int_le(ABS(piece(too_fast, i)->drift), HC_SKEW_DRIFT_MAX);
}
END_TEST

Suite *suite_skew(void)
{
    Suite *s = suite_create("skew");
    TCase *t = tcase_create("skew");

    tcase_add_test(t, constant);
    tcase_add_test(t, not_known);
    tcase_add_test(t, false_pairs);
    tcase_add_test(t, stepped);
    tcase_add_test(t, any_clock);
    tcase_add_test(t, any_drift);
    tcase_add_test(t, drift_told);
    tcase_add_test(t, drift_limits);
    tcase_add_test(t, order_and_limits);
    suite_add_tcase(s, t);
    return s;
}
