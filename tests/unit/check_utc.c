/* SPDX-License-Identifier: Apache-2.0 */
/* The instants were computed by another implementation: Python's datetime and zoneinfo. */
#include "src/base/utc.h"

#include <check.h>

Suite *suite_utc(void);

static const struct {
    const char *form, *text, *zone;
    int64_t earliest, latest;
    enum hc_precision precision;
} good[] = {
    {"iso-us", "2023-11-22 08:44:55.184203", "UTC", INT64_C(1700642695184203), INT64_C(1700642695184203),
     HC_PRECISION_US},
    {"iso-us", "2023-11-22 08:46:23.44709", "UTC", INT64_C(1700642783447090), INT64_C(1700642783447090),
     HC_PRECISION_US},
    {"iso-us", "2013-01-01 00:00:10", "UTC", INT64_C(1356998410000000), INT64_C(1356998410000000),
     HC_PRECISION_US},
    {"iso", "2013-01-01 00:00:10", "UTC", INT64_C(1356998410000000), INT64_C(1356998410999999),
     HC_PRECISION_S},
    {"iso", "2023-11-22T15:05:00Z", "UTC", INT64_C(1700665500000000), INT64_C(1700665500999999),
     HC_PRECISION_S},
    {"iso", "2023-11-22T16:05:00.5+01:00", "UTC", INT64_C(1700665500500000), INT64_C(1700665500500999),
     HC_PRECISION_MS},
    {"iso", "2023-11-22 10:05:00-05", "UTC", INT64_C(1700665500000000), INT64_C(1700665500999999),
     HC_PRECISION_S},
    {"iso", "2023-11-22", "UTC", INT64_C(1700611200000000), INT64_C(1700697599999999), HC_PRECISION_DAY},
    {"iso", "2023-11-05 01:30:00", "America/New_York", INT64_C(1699162200000000), INT64_C(1699165800999999),
     HC_PRECISION_S},
    {"iso", "2023-10-29 02:00:00", "Europe/Berlin", INT64_C(1698537600000000), INT64_C(1698541200999999),
     HC_PRECISION_S},
    {"iso", "2023-07-01 12:00:00", "Asia/Kathmandu", INT64_C(1688192100000000), INT64_C(1688192100999999),
     HC_PRECISION_S},
    {"mail", "Wed, 22 Nov 2023 08:32:58 -0600", "UTC", INT64_C(1700663578000000), INT64_C(1700663578999999),
     HC_PRECISION_S},
    {"mail", "22 Nov 23 09:32:58 EST (a (nested) comment)", "UTC", INT64_C(1700663578000000),
     INT64_C(1700663578999999), HC_PRECISION_S},
    {"epoch-s", "1700664252.190389", "UTC", INT64_C(1700664252190389), INT64_C(1700664252190389),
     HC_PRECISION_US},
    {"epoch-s", "1700664252", "UTC", INT64_C(1700664252000000), INT64_C(1700664252999999), HC_PRECISION_S},
    {"epoch-ms", "1700664750118", "UTC", INT64_C(1700664750118000), INT64_C(1700664750118999),
     HC_PRECISION_MS},
};

static const struct {
    const char *form, *text, *zone;
} bad[] = {
    {"iso", "infinity", "UTC"},
    {"iso", "9999-12-31 00:00:00", "UTC"},
    {"iso", "2023-02-29 00:00:00", "UTC"},
    {"iso", "2023-11-22 24:00:01", "UTC"},
    {"iso", "2023-03-12 02:30:00", "America/New_York"},
    {"iso", "2023-03-26 02:30:00", "Europe/Berlin"},
    {"iso", "2023-11-22x", "UTC"},
    {"mail", "Thursday, 1 Jan 70 00:00 PST8PDT", "UTC"},
    {"mail", "Wed, 22 Nov 2023 08:32:58 CET", "UTC"},
    {"epoch-s", "12e3", "UTC"},
    {"epoch-s", "", "UTC"},
    {"epoch-ms", "99999999999999999999", "UTC"},
};

static bool read_form(const char *form, const char *text, const char *name, struct hc_time *out)
{
    g_autoptr(hc_zone_t) zone = hc_zone_new(name, NULL);
    struct hc_str t = hc_str(text);

    ck_assert_ptr_nonnull(zone);
    if (g_str_has_prefix(form, "iso"))
        return hc_time_iso(t, zone, strcmp(form, "iso-us") == 0, out);
    if (strcmp(form, "mail") == 0)
        return hc_time_rfc5322(t, out);
    return hc_time_epoch(t, form + strlen("epoch-"), out);
}

START_TEST(reads)
{
    struct hc_time time;

    ck_assert(read_form(good[_i].form, good[_i].text, good[_i].zone, &time));
    ck_assert_int_eq(time.earliest, good[_i].earliest);
    ck_assert_int_eq(time.latest, good[_i].latest);
    ck_assert_int_eq(time.precision, good[_i].precision);
}
END_TEST

START_TEST(refuses)
{
    struct hc_time time = {42, 42, HC_PRECISION_NONE, 0};

    ck_assert(!read_form(bad[_i].form, bad[_i].text, bad[_i].zone, &time));
    ck_assert_int_eq(time.earliest, 42);
}
END_TEST

/* Every day from 1700 to 2249 there and back. */
START_TEST(days_round_trip)
{
    char text[HC_UTC_TEXT];
    int64_t days, next = -98615; /* 1700-01-01 */

    for (int year = 1700; year <= 2249; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; hc_civil_days(year, month, day, &days); day++) {
                struct hc_civil c = hc_utc_civil(days * 86400 * HC_US_PER_S + 1);
                ck_assert_int_eq(days, next++);
                ck_assert(c.year == year && c.month == month && c.day == day && c.us == 1);
            }
    ck_assert_str_eq(hc_utc_format(INT64_C(-1), text), "1969-12-31T23:59:59.999999Z");
}
END_TEST

/* Closed intervals: what may be, and what cannot. */
START_TEST(order_is_three_valued)
{
    struct hc_time second = {10, 19, HC_PRECISION_S, 0}, next = {20, 29, HC_PRECISION_S, 0},
                   inside = {12, 12, HC_PRECISION_US, 0}, end = {19, 19, HC_PRECISION_US, 0}, undated = {0};

    ck_assert_int_eq(hc_time_before(&second, &next), HC_CERTAIN);
    ck_assert_int_eq(hc_time_before(&next, &second), HC_CONTRADICTED);
    ck_assert_int_eq(hc_time_before(&second, &inside), HC_POSSIBLE);
    ck_assert_int_eq(hc_time_before(&end, &second), HC_CONTRADICTED);
    ck_assert_int_eq(hc_time_before(&second, &second), HC_POSSIBLE);
    ck_assert_int_eq(hc_time_before(&undated, &second), HC_POSSIBLE);
    ck_assert_int_eq(hc_time_same(&inside, &inside), HC_CERTAIN);
    ck_assert_int_eq(hc_time_same(&second, &second), HC_POSSIBLE);
    ck_assert_int_eq(hc_time_same(&second, &next), HC_CONTRADICTED);
    ck_assert_int_eq(hc_time_same(&undated, &undated), HC_POSSIBLE);
}
END_TEST

START_TEST(zones_are_never_guessed)
{
    static const char *const names[] = {"",       "/etc/localtime", "localtime",  "../zoneinfo/UTC",
                                        "Europe", "right/UTC",      "posixrules", "EST5EDT4,M1.1.0,M2.1.0",
                                        "+25:00", "tzdata.zi"};
    GError *error = NULL;

    ck_assert_ptr_null(hc_zone_new("America/New_Yorck", &error));
    ck_assert_str_eq(error->message, "there is no time zone called 'America/New_Yorck'");
    g_clear_error(&error);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_ptr_null(hc_zone_new(names[i], NULL));
}
END_TEST

Suite *suite_utc(void)
{
    Suite *suite = suite_create("utc");
    TCase *tc = tcase_create("utc");

    tcase_add_loop_test(tc, reads, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tc, refuses, 0, G_N_ELEMENTS(bad));
    tcase_add_test(tc, days_round_trip);
    tcase_add_test(tc, order_is_three_valued);
    tcase_add_test(tc, zones_are_never_guessed);
    suite_add_tcase(suite, tc);
    return suite;
}
