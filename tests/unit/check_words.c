/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utc.h"
#include "src/base/words.h"
#include "src/correlate/rule.h"

#include <check.h>

Suite *suite_words(void);

static const struct {
    int64_t us;
    const char *nearest, *at_most;
} durations[] = {
    {0, "0 s", "0 s"},
    {499999, "0 s", "1 s"},
    {500000, "1 s", "1 s"},
    {59 * HC_US_PER_S, "59 s", "59 s"},
    {59 * HC_US_PER_S + 500000, "1 min 0 s", "1 min 0 s"},
    {INT64_C(21033891973), "5 h 50 min 34 s", "5 h 50 min 34 s"},
    {INT64_C(794461439), "13 min 14 s", "13 min 15 s"},
    {INT64_C(86400) * HC_US_PER_S, "1 d", "1 d"},
    {INT64_C(365) * 86400 * HC_US_PER_S + 1, "365 d", "365 d 0 h 0 min 1 s"},
    {INT64_C(558000) * HC_US_PER_S, "6 d 11 h", "6 d 11 h"},
    {-INT64_C(2600000), "-3 s", "-3 s"},
};

START_TEST(durations_are_rounded_and_bounds_are_rounded_up)
{
    g_autofree char *nearest = hc_words_duration(durations[_i].us),
                    *most = hc_words_at_most(durations[_i].us);

    ck_assert_str_eq(nearest, durations[_i].nearest);
    ck_assert_str_eq(most, durations[_i].at_most);
}
END_TEST

static const char *const fills[][2] = {
    {"", ""},
    {"plain", "plain"},
    {"{a} and {b}", "1 and {a}"}, /* a value is never looked into */
    {"{a}{a}", "11"},
    {"{c} stays", "{c} stays"},
    {"{a", "{a"},
    {"}{{a}}", "}{1}"},
};

START_TEST(names_are_replaced_once)
{
    static const char *const pairs[] = {"a", "1", "b", "{a}", NULL};
    g_autofree char *text = hc_words_fill(fills[_i][0], pairs);

    ck_assert_str_eq(text, fills[_i][1]);
}
END_TEST

#define GOOD "title: T\nid: HC-1\ndescription: D\nlevel: high\nhindcast:\n  pass: rejected\n  message: M\n"

START_TEST(a_rule_is_read)
{
    GError *error = NULL;
    g_autoptr(rule_t) rule = rule_parse(HC_STR_LIT(GOOD), "r.yaml", &error);

    ck_assert_msg(rule != NULL, "%s", error ? error->message : "");
    ck_assert_str_eq(rule->level, "error");
    ck_assert_str_eq(rule->pass, "rejected");
}
END_TEST

/* What is changed in the good rule, and what is said about it. */
static const char *const faults[][3] = {
    {"level: high", "level: grave",
     "r.yaml:1:1: a rule needs id, title, description, level, hindcast.pass and hindcast.message"},
    {"id: HC-1\n", "",
     "r.yaml:1:1: a rule needs id, title, description, level, hindcast.pass and hindcast.message"},
    {"  pass: rejected\n", "",
     "r.yaml:1:1: a rule needs id, title, description, level, hindcast.pass and hindcast.message"},
    {"title: T", "titel: T", "r.yaml:1:1: "},
    {"  message: M", "  massage: M", "r.yaml:7:3: "},
};

START_TEST(a_wrong_rule_is_refused_by_its_place)
{
    g_auto(GStrv) parts = g_strsplit(GOOD, faults[_i][0], 2);
    g_autofree char *text = g_strjoinv(faults[_i][1], parts);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rule_parse(hc_str(text), "r.yaml", &error));
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(g_str_has_prefix(error->message, faults[_i][2]), "%s", error->message);
}
END_TEST

Suite *suite_words(void)
{
    Suite *suite = suite_create("words");
    TCase *tc = tcase_create("words");

    tcase_add_loop_test(tc, durations_are_rounded_and_bounds_are_rounded_up, 0, G_N_ELEMENTS(durations));
    tcase_add_loop_test(tc, names_are_replaced_once, 0, G_N_ELEMENTS(fills));
    tcase_add_test(tc, a_rule_is_read);
    tcase_add_loop_test(tc, a_wrong_rule_is_refused_by_its_place, 0, G_N_ELEMENTS(faults));
    suite_add_tcase(suite, tc);
    return suite;
}
