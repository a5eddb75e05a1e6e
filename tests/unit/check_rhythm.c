/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/rhythm.h"

#include <check.h>
#include <stdlib.h>

Suite *suite_rhythm(void);

#define DAY 1440
#define START (INT64_C(19723) * DAY) /* 2024-01-01, a Monday */

static uint64_t state;

/* Uniform in 0..1, the same in each run. */
static double chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* Minutes with a record: with chance `day` or, by night, `night`; of these a share on weekends. */
static GArray *minutes(int days, double day, double night, double weekend, int64_t hole, int64_t length)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(int64_t));

    for (int64_t m = 0; m < (int64_t)days * DAY; m++) {
        double p = m % DAY < 6 * 60 || m % DAY >= 22 * 60 ? night : day;
        int64_t at = START + m;
        if (m / DAY % 7 >= 5)
            p *= weekend;
        if (chance() < p && !(m >= hole && m < hole + length))
            g_array_append_val(out, at);
    }
    return out;
}

static int silences(int days, double day, double night, double weekend, int64_t hole, int64_t length,
                    GArray *out)
{
    g_autoptr(GArray) m = minutes(days, day, night, weekend, hole, length);

    g_array_set_size(out, 0);
    return rhythm_silences((const int64_t *)(const void *)m->data, m->len, START + (int64_t)days * DAY - 1,
                           out);
}

START_TEST(one_hole)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct silence));
    int64_t hole = 9 * DAY + 10 * 60, length = 5 * 60;
    const struct silence *s;

    state = 88172645463325252u;
    ck_assert_int_eq(silences(20, 0.5, 0.05, 0.5, hole, length, out), 5);
    ck_assert_int_eq(out->len, 1);
    s = &g_array_index(out, struct silence, 0);
    ck_assert_int_le(s->from, START + hole);
    ck_assert_int_ge(s->from, START + hole - 30);
    ck_assert_int_ge(s->to, START + hole + length - 1);
    ck_assert_int_le(s->to, START + hole + length + 30);
    ck_assert_int_gt(s->expected, s->steps / 4);
    ck_assert(!s->open);
}
END_TEST

START_TEST(end_of_source)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct silence));

    state = 88172645463325252u;
    silences(19, 0.5, 0.05, 0.5, 18 * DAY + 8 * 60, DAY, out);
    ck_assert_int_eq(out->len, 1);
    ck_assert(g_array_index(out, struct silence, 0).open);
}
END_TEST

/* Of sources that only have a rhythm none is told about, whatever its pace. */
START_TEST(no_hole)
{
    static const double pace[] = {0.9, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001};
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct silence));
    guint told = 0;

    state = 88172645463325252u;
    for (size_t i = 0; i < G_N_ELEMENTS(pace); i++)
        for (int k = 0; k < 12; k++) {
            silences(8 + 6 * k, pace[i], pace[i] * (k % 4) / 4, (k % 3) / 2.0, -1, 0, out);
            told += out->len;
        }
    ck_assert_uint_eq(told, 0);
}
END_TEST

START_TEST(too_short)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct silence));
    int64_t one = START;

    state = 88172645463325252u;
    ck_assert_int_eq(silences(RHYTHM_DAYS_MIN, 0.5, 0.5, 1, 2 * DAY, DAY, out), 0);
    ck_assert_int_eq(rhythm_silences(&one, 1, START + 100 * DAY, out), 0);
    ck_assert_int_eq(rhythm_silences(NULL, 0, 0, out), 0);
    ck_assert_uint_eq(out->len, 0);
    ck_assert_int_ne(silences(RHYTHM_DAYS_MIN + 1, 0.5, 0.5, 1, 2 * DAY + 600, 240, out), 0);
    ck_assert_uint_eq(out->len, 1);
}
END_TEST

/* A source that is often as silent is not told to be. */
START_TEST(often_silent)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct silence));

    state = 88172645463325252u;
    for (int64_t d = 0; d < 30; d++) {
        int64_t pause = 7 * 60 + (int64_t)(chance() * 600), length = 180 + (int64_t)(chance() * 60);
        for (int64_t m = 0; m < DAY; m++) {
            int64_t at = START + d * DAY + m;
            if ((m < pause || m >= pause + length) && chance() < 0.5)
                g_array_append_val(all, at);
        }
    }
    ck_assert_int_eq(
        rhythm_silences((const int64_t *)(const void *)all->data, all->len, START + 30 * DAY - 1, out), 1);
    ck_assert_uint_eq(out->len, 0);
}
END_TEST

/* Before 1970 too. */
START_TEST(long_ago)
{
    g_autoptr(GArray) m = NULL;
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct silence));

    state = 88172645463325252u;
    m = minutes(20, 0.5, 0.05, 0.5, 9 * DAY + 600, 300);
    for (guint i = 0; i < m->len; i++)
        g_array_index(m, int64_t, i) -= 2 * START;
    ck_assert_int_eq(
        rhythm_silences((const int64_t *)(const void *)m->data, m->len, -START + 20 * DAY - 1, out), 5);
    ck_assert_uint_eq(out->len, 1);
}
END_TEST

Suite *suite_rhythm(void)
{
    Suite *s = suite_create("rhythm");
    TCase *t = tcase_create("silences");

    tcase_add_test(t, one_hole);
    tcase_add_test(t, end_of_source);
    tcase_add_test(t, no_hole);
    tcase_add_test(t, too_short);
    tcase_add_test(t, often_silent);
    tcase_add_test(t, long_ago);
    suite_add_tcase(s, t);
    return s;
}
