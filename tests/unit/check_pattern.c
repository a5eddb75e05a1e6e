/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/pattern.h"

#include <check.h>

Suite *suite_pattern(void);

static const struct {
    const char *pattern, *text, *first, *second; /* first NULL: no match */
} lines[] = {
    {"create", "create", "", NULL},
    {"create", "created", NULL, NULL},
    {"invite {role=Owner|Maintainer} {user}", "invite Owner ana", "Owner", "ana"},
    {"invite {role=Owner|Maintainer} {user}", "invite Guest ana", NULL, NULL},
    {"change {a} {b} to {c}", "change Owner ana to Maintainer", "Owner", "ana"},
    {"{channel}/{day}.json", "admins/2023-11-20.json", "admins", "2023-11-20"},
    {"{channel}/{day}.json", "users.json", NULL, NULL},
    {"add {tag} file {file}", "add source file x file y.tar.gz", "source", "x file y.tar.gz"},
    {"add {tag} file {file}", "add source file ", NULL, NULL},
};

START_TEST(matches)
{
    GError *error = NULL;
    struct hc_pattern *pattern = hc_pattern_new(lines[_i].pattern, "test", &error);
    struct hc_str captures[HC_CAPTURES_MAX] = {{0}};
    bool hit = hc_pattern_match(pattern, hc_str(lines[_i].text), captures);

    ck_assert_int_eq(hit, lines[_i].first != NULL);
    if (hit && *lines[_i].first)
        ck_assert(hc_str_is(captures[0], lines[_i].first) && hc_str_is(captures[1], lines[_i].second));
    hc_pattern_free(pattern);
}
END_TEST

START_TEST(refuses)
{
    GError *error = NULL;

    ck_assert_ptr_null(hc_pattern_new("a {b", "p.yaml:3:1", &error));
    ck_assert_str_eq(error->message, "p.yaml:3:1: '{' without '}' in a pattern");
    g_clear_error(&error);
    ck_assert_ptr_null(hc_pattern_new("{a}{b}{c}{d}{e}{f}{g}{h}{i}", "p.yaml:4:1", &error));
    ck_assert_str_eq(error->message, "p.yaml:4:1: too many captures in a pattern");
    g_clear_error(&error);
}
END_TEST

Suite *suite_pattern(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tc = tcase_create("pattern");

    tcase_add_loop_test(tc, matches, 0, G_N_ELEMENTS(lines));
    tcase_add_test(tc, refuses);
    suite_add_tcase(suite, tc);
    return suite;
}
