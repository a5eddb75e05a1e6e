/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations over groups of very many hits: what they find, known by how the hits were made. Whatever looks
 * at all of a group for each of its hits does not come to an end here. */
#include "src/correlate/sigma/ranks.h"
#include "src/correlate/sigma/window.h"

#include <check.h>
#include <stdlib.h>

Suite *suite_windows(void);

#define MANY 200000
#define S INT64_C(1000000)

#define DETECTION(name)                                                                                      \
    "title: " name "\nname: " name "\nlogsource: {product: t}\ndetection: {s: {k: " name                     \
    "}, condition: s}\n---\n"
#define THREE DETECTION("a") DETECTION("b") DETECTION("c")

struct told {
    guint matches, certain, members, parts;
    int64_t from, to; /* of the last */
    struct hc_sigma_windows *windows;
};

static void count(void *data, const struct hc_sigma_match *match)
{
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_member)),
                      parts = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_part));
    struct told *t = data;

    hc_sigma_windows_members(t->windows, match, members, parts);
    t->matches++;
    t->certain += match->certain;
    t->members += members->len;
    t->parts += parts->len;
    t->from = match->from;
    t->to = match->to;
}

struct hit {
    size_t rule; /* 0 a, 1 b, 2 c */
    int64_t from, to;
    int amount;
};

/* What the correlations behind a, b and c find in hits of one group. */
static struct told run(const char *correlations, struct hit (*hit)(guint i), guint n)
{
    g_autofree char *text = g_strconcat(THREE, correlations, NULL);
    g_autoptr(hc_sigma_rules_t) rules = hc_sigma_rules_new();
    struct told told = {0};
    struct hc_sigma_event *event;

    hc_sigma_rules_add(rules, hc_str(text), "r.yml");
    hc_sigma_rules_link(rules);
    ck_assert_msg(!rules->problems->len, "%s", rules->problems->len ? (char *)rules->problems->pdata[0] : "");
    event = hc_sigma_event_new(rules->fields);
    told.windows = hc_sigma_windows_new(rules);
    for (guint i = 0; i < n; i++) {
        const struct hit h = hit(i);
        const struct hc_sigma_when when = {h.from, h.to};
        char json[64];
        g_snprintf(json, sizeof json, "{\"g\":\"x\",\"n\":%d}", h.amount);
        hc_sigma_event_read(event, hc_str(json));
        hc_sigma_windows_hit(told.windows, h.rule, i + 1, when, event);
    }
    hc_sigma_windows_run(told.windows, count, &told);
    ck_assert_uint_eq(hc_sigma_windows_crowded(told.windows), 0);
    hc_sigma_windows_free(told.windows);
    hc_sigma_event_free(event);
    return told;
}

/* Each is smaller than all before it: the middle of the first n is met last. */
static struct hit falling(guint i)
{
    return (struct hit){0, i, i, (int)(MANY - i)};
}

START_TEST(middle)
{
    struct told t =
        run("title: m\ncorrelation: {type: value_median, rules: [a], group-by: [g], timespan: 1h, "
            "condition: {field: n, lte: 100000.5}}\n",
            falling, MANY);

    ck_assert_uint_eq(t.matches, 1);
    ck_assert_int_eq(t.to, MANY - 1);
    ck_assert_uint_eq(t.members, MANY);
    t = run("title: m\ncorrelation: {type: value_median, rules: [a], group-by: [g], timespan: 1h, condition: "
            "{field: n, lt: 100000.5}}\n",
            falling, MANY);
    ck_assert_uint_eq(t.matches, 0);
}
END_TEST

/* A second apart, in windows of 50,001: of i and the 50,000 before it, which fall, 90 % are no larger than
 * the 45,001st from the end. */
static struct hit falling_slowly(guint i)
{
    return (struct hit){0, i * S, i * S, (int)(MANY - i)};
}

START_TEST(most)
{
    struct told t =
        run("title: m\ncorrelation: {type: value_percentile, rules: [a], group-by: [g], timespan: "
            "50000s, condition: {field: n, percentile: 90, lte: 45001}}\n",
            falling_slowly, MANY);

    ck_assert_uint_eq(t.matches, 1);
    ck_assert_int_eq(t.from, (MANY - 50001) * S); /* the last window, whose largest is 50,001 */
    ck_assert_int_eq(t.to, (MANY - 1) * S);
    ck_assert_uint_eq(t.members, 50001);
}
END_TEST

/* Pairs far from each other. */
static struct hit pairs(guint i)
{
    int64_t us = i / 2 * 100 * S + i % 2;

    return (struct hit){i % 2, us, us, 0};
}

START_TEST(orders)
{
    struct told t =
        run("title: o\ncorrelation: {type: temporal_ordered, rules: [a, b], group-by: [g], timespan: 10s}\n",
            pairs, MANY);

    ck_assert_uint_eq(t.matches, MANY / 2);
    ck_assert_uint_eq(t.certain, MANY / 2);
    ck_assert_uint_eq(t.members, MANY);
}
END_TEST

/* Pairs; and behind all of them what must not be between the two of a pair. */
static struct hit pairs_and_others(guint i)
{
    int64_t us = (MANY + i) * S;

    return i < MANY / 2 ? pairs(i) : (struct hit){2, us * 100, us * 100, 0};
}

START_TEST(nothing_between)
{
    struct told t = run("title: o\ncorrelation: {type: temporal_ordered, rules: [a, b], group-by: [g], "
                        "timespan: 10s}\nhindcast: {absent-between: [c]}\n",
                        pairs_and_others, MANY);

    ck_assert_uint_eq(t.matches, MANY / 4);
    ck_assert_uint_eq(t.certain, MANY / 4);
}
END_TEST

/* a may each have been long ago, the later it ends the longer; b each at any time. */
static struct hit vague(guint i)
{
    int64_t us = (i + 1) * S;

    return i < MANY / 2 ? (struct hit){0, -us, us, 0} : (struct hit){1, INT64_MIN, us, 0};
}

START_TEST(gaps)
{
    struct told t = run("title: o\ncorrelation: {type: temporal_ordered, rules: [a, b], group-by: [g], "
                        "timespan: 10d}\nhindcast: {max-gap: [30s]}\n",
                        vague, MANY);

    ck_assert_uint_eq(t.matches, 1);
    ck_assert_uint_eq(t.certain, 0);
    ck_assert_int_eq(t.to, (MANY / 2 + 30) * S);
}
END_TEST

static struct hit turns(guint i)
{
    return (struct hit){i % 2, i, i, 0};
}

START_TEST(together)
{
    struct told t = run(
        "title: t\ncorrelation: {type: temporal, rules: [a, b], group-by: [g], timespan: 1h}\n", turns, MANY);

    ck_assert_uint_eq(t.matches, 1);
    ck_assert_uint_eq(t.members, 2);
}
END_TEST

/* Orders that another correlation counts, from the first member of the first to the last of the last. */
START_TEST(counted)
{
    struct told t =
        run("title: o\nname: o\ncorrelation: {type: temporal_ordered, rules: [a, b], group-by: [g], "
            "timespan: 10s}\n---\n"
            "title: n\ncorrelation: {type: event_count, rules: [o], group-by: [g], timespan: "
            "3650d, condition: {gte: 100000}}\nhindcast: {within: 3650d}\n",
            pairs, MANY);

    ck_assert_uint_eq(t.matches,
                      1 + MANY / 2); /* the orders are told of first: "o" is listed, not silenced */
    ck_assert_uint_eq(t.members, 2 * MANY);
    ck_assert_uint_eq(t.parts, MANY / 2 + 1 + MANY / 2);
    ck_assert_int_eq(t.from, 0);
}
END_TEST

/* Against the plainest way to do the same. */
START_TEST(ranks)
{
    enum { N = 300 };
    double numbers[N], there[N];
    struct sigma_ranks *r;
    guint n = 0, steps = 0;
    uint32_t random = 1;

    for (guint i = 0; i < N; i++)
        numbers[i] = (i * 37 % 100) / 4.0;
    r = sigma_ranks_new(numbers, N);
    for (guint i = 0; i < 2 * N; i++) {
        random = random * 1664525 + 1013904223;
        if (n && random >> 31) { /* one goes */
            guint at = (random >> 8) % n;
            sigma_ranks_change(r, there[at], -1);
            for (n--; at < n; at++)
                there[at] = there[at + 1];
        } else if (n < N) {
            double x = numbers[(random >> 8) % N];
            guint at = n++;
            for (; at && there[at - 1] > x; at--)
                there[at] = there[at - 1];
            there[at] = x;
            sigma_ranks_change(r, x, 1);
        }
        for (guint k = 0; k < n; k++, steps++)
            ck_assert(sigma_ranks_at(r, k) == there[k]);
    }
    ck_assert_uint_gt(steps, N);
    sigma_ranks_free(r);
}
END_TEST

START_TEST(peaks)
{
    for (size_t n = 1; n < 40; n++) {
        struct sigma_peaks *p = sigma_peaks_new(n);
        for (size_t i = 0; i < n; i++)
            sigma_peaks_set(p, i, (int64_t)(i * 7 % 11));
        sigma_peaks_ready(p);
        for (size_t from = 0; from <= n; from++)
            for (int64_t least = -1; least < 12; least++) {
                size_t want = from;
                while (want < n && (int64_t)(want * 7 % 11) < least)
                    want++;
                ck_assert_uint_eq(sigma_peaks_next(p, from, least), want);
            }
        sigma_peaks_free(p);
    }
}
END_TEST

Suite *suite_windows(void)
{
    Suite *suite = suite_create("windows");
    TCase *tc = tcase_create("windows");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, middle);
    tcase_add_test(tc, most);
    tcase_add_test(tc, orders);
    tcase_add_test(tc, nothing_between);
    tcase_add_test(tc, gaps);
    tcase_add_test(tc, together);
    tcase_add_test(tc, counted);
    tcase_add_test(tc, ranks);
    tcase_add_test(tc, peaks);
    suite_add_tcase(suite, tc);
    return suite;
}
