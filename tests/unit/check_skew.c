/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks whose error is known by construction: what is told of them is true, and nothing is told where nothing can be known. */
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
            add(pairs, pair(c, (int64_t)i * 600 * S + g_rand_int_range(r, 0, 500) * S, delay, up, 2 * i + up));
        }
    return pairs;
}

static void has_offset(const struct hc_skew_piece *p, int64_t offset)
{
    int64_t least, most;

    ck_assert(hc_skew_bound(p, false, &least) && hc_skew_bound(p, true, &most));
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
        ck_assert_int_eq(hc_skew_judge(piece(pieces, 0)), ABS(offsets[i]) > 10 * S ? HC_SKEW_CORRECT : HC_SKEW_RIGHT);
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
    g_autoptr(GArray) few = pairs_new(), one = pairs_new(), grey = traffic(r, &right, 60, 300 * S, 0), long_way = traffic(r, &fast, 60, 300 * S, 0);
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
    ck_assert_int_eq(hc_skew_judge(piece(d, 0)), HC_SKEW_UNCERTAIN); /* 47 s fast, known only to be 45 to 350 */
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
        struct hc_skew_pair wild = {.when = (i + 1) * HOUR, .reading = (i + 1) * HOUR, .bound = (i % 2 ? -1 : 1) * (1000 + i) * S, .upper = i % 2, .tag = 2000 + i};
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
        if (hc_skew_judge(piece(pieces, i)) == HC_SKEW_FEW || hc_skew_judge(piece(pieces, i)) == HC_SKEW_ONE_SIDED)
            return;
        hc_skew_bound(piece(pieces, i), false, &l);
        hc_skew_bound(piece(pieces, i), true, &m);
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
        ck_assert_int_gt(narrow, 400); /* of 530 minutes all but those around the step, which a clock that was set back reads twice */
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

START_TEST(order_and_limits)
{
    struct made c = {1, {0}, {47 * S}};
    g_autoptr(GRand) r = g_rand_new_with_seed(12);
    g_autoptr(GArray) pairs = traffic(r, &c, 40, 0, 0), again = pairs_new(), many = pairs_new(), a = NULL, b = NULL;

    for (guint i = pairs->len; i > 0; i--)
        add(again, g_array_index(pairs, struct hc_skew_pair, i - 1));
    a = hc_skew_pieces(pairs);
    b = hc_skew_pieces(again);
    ck_assert_uint_eq(a->len, b->len);
    ck_assert_mem_eq(a->data, b->data, a->len * sizeof(struct hc_skew_piece));
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

Suite *suite_skew(void)
{
    Suite *s = suite_create("skew");
    TCase *t = tcase_create("skew");

    tcase_add_test(t, constant);
    tcase_add_test(t, not_known);
    tcase_add_test(t, false_pairs);
    tcase_add_test(t, stepped);
    tcase_add_test(t, any_clock);
    tcase_add_test(t, order_and_limits);
    suite_add_tcase(s, t);
    return s;
}
