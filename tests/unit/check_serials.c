/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/serials.h"

#include <check.h>
#include <glib.h>
#include <math.h>

Suite *suite_serials(void);

/* The fewest that have to go, by trying all subsets. */
static size_t fewest(const int64_t *keys, size_t n)
{
    size_t best = n;

    for (unsigned keep = 0; keep < 1u << n; keep++) {
        size_t gone = 0;
        int64_t last = INT64_MIN;
        bool rises = true;
        for (size_t i = 0; i < n; i++) {
            if (!(keep >> i & 1)) {
                gone++;
                continue;
            }
            rises = rises && keys[i] >= last;
            last = keys[i];
        }
        if (rises)
            best = MIN(best, gone);
    }
    return best;
}

START_TEST(as_few_are_outside_as_can_be)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);

    for (int round = 0; round < 2000; round++) {
        size_t n = (size_t)g_rand_int_range(rand, 0, 9), outside_n;
        int64_t keys[9], last = INT64_MIN;
        bool outside[9];
        for (size_t i = 0; i < n; i++)
            keys[i] = g_rand_int_range(rand, 0, 6);
        outside_n = serials_outside(keys, n, outside);
        ck_assert_uint_eq(outside_n, fewest(keys, n));
        for (size_t i = 0; i < n; i++) {
            outside_n -= outside[i];
            if (outside[i])
                continue;
            ck_assert_int_ge(keys[i], last);
            last = keys[i];
        }
        ck_assert_uint_eq(outside_n, 0);
    }
}
END_TEST

/* By hand: binomial sums with the share (others_missing + 1) / (others + 2). */
static const struct {
    int64_t n, missing, others, others_missing;
    double chance;
} chances[] = {
    {10, 0, 100, 0, 1},    {1, 1, 98, 0, 0.01}, {2, 1, 98, 0, 1 - 0.99 * 0.99},
    {2, 2, 98, 0, 0.0001}, {3, 2, 8, 4, 0.5},   {4, 4, 8, 4, 0.0625},
    {5, 0, 0, 0, 1},
};

START_TEST(a_chance_is_the_binomial_one)
{
    double got =
        serials_chance(chances[_i].n, chances[_i].missing, chances[_i].others, chances[_i].others_missing);

    ck_assert_msg(fabs(got - chances[_i].chance) < 1e-9, "%g is not %g", got, chances[_i].chance);
}
END_TEST

Suite *suite_serials(void)
{
    Suite *suite = suite_create("serials");
    TCase *tc = tcase_create("serials");

    tcase_add_test(tc, as_few_are_outside_as_can_be);
    tcase_add_loop_test(tc, a_chance_is_the_binomial_one, 0, G_N_ELEMENTS(chances));
    suite_add_tcase(suite, tc);
    return suite;
}
