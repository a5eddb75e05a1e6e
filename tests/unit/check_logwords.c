/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/words.h"

#include <check.h>

Suite *suite_logwords(void);

static void assert_str(struct hc_str got, const char *want)
{
    ck_assert_msg(want ? got.p && hc_str_is(got, want) : !got.p, "%.*s instead of %s", HC_STR_ARG(got),
                  want ? want : "none");
}

START_TEST(from_both_sides)
{
    struct hc_str text = HC_STR_LIT("a, user=x, user=y, relay=z"), rest = text;

    assert_str(hc_word_until(&rest, ", user="), "a");
    assert_str(rest, "x, user=y, relay=z");
    assert_str(hc_word_until(&rest, "none"), NULL);
    assert_str(rest, "x, user=y, relay=z");
    assert_str(hc_word_tail(&rest, ", relay="), "z");
    assert_str(rest, "x, user=y");
    assert_str(hc_word_tail(&rest, ", relay="), NULL);
    ck_assert_int_eq(hc_word_last(text, ", user="), 9);
    ck_assert_int_eq(hc_word_last(text, "z"), (int)text.n - 1);
    ck_assert_int_eq(hc_word_last(HC_STR_LIT(""), "z"), -1);
    ck_assert(hc_word(&text, "a, ") && !hc_word(&text, "User="));
    ck_assert(hc_word_caseless(&text, "USER=") && !hc_word_caseless(&text, "x, user=y, relay=zz"));
}
END_TEST

START_TEST(angles)
{
    static const struct {
        const char *text, *address, *rest;
    } cases[] = {
        {"<a@b>, x", "a@b", ", x"},
        {"<>", "", ""},
        {"<a>b>", "a>b", ""},
        {"<\"a>, b\"@c>, d", "\"a>, b\"@c", ", d"},
        {"<\"a\\\">, b\"@c>", "\"a\\\">, b\"@c", ""},
        {"<\"a>, b", "\"a", ", b"},
        {"<a", NULL, "<a"},
        {"a@b", NULL, "a@b"},
        {"", NULL, ""},
        {"<", NULL, "<"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct hc_str rest = hc_str(cases[i].text);
        assert_str(hc_word_angle(&rest, ", "), cases[i].address);
        assert_str(rest, cases[i].rest);
    }
}
END_TEST

START_TEST(addresses)
{
    g_autofree char *longest = g_strnfill(64, '1'), *longer = g_strnfill(65, '1');

    longest[1] = longer[1] = '.';
    assert_str(hc_word_ip(hc_str(longest)), longest);
    assert_str(hc_word_ip(hc_str(longer)), NULL);
    assert_str(hc_word_ip(HC_STR_LIT("192.0.2.7")), "192.0.2.7");
    assert_str(hc_word_ip(HC_STR_LIT("IPv6:2001:db8::1")), "2001:db8::1");
    assert_str(hc_word_ip(HC_STR_LIT("::ffff:192.0.2.7")), "192.0.2.7");
    assert_str(hc_word_ip(HC_STR_LIT("fe80::1%eth0")), "fe80::1%eth0");
    assert_str(hc_word_ip(HC_STR_LIT("fe80::1%")), NULL);
    assert_str(hc_word_ip(HC_STR_LIT("local")), NULL);
    assert_str(hc_word_ip(HC_STR_LIT("abc")), NULL);
    assert_str(hc_word_ip(HC_STR_LIT("")), NULL);
    assert_str(hc_word_ip(HC_STR_NONE), NULL);
    assert_str(hc_word_first_ip(HC_STR_LIT("h [x] [192.0.2.7] [192.0.2.8]")), "192.0.2.7");
    assert_str(hc_word_last_ip(HC_STR_LIT("h [192.0.2.7] [192.0.2.8] (may be forged) [x]")), "192.0.2.8");
    assert_str(hc_word_last_ip(HC_STR_LIT("h [192.0.2.7")), NULL);
    ck_assert(hc_word_loopback(HC_STR_LIT("127.0.0.9")) && hc_word_loopback(HC_STR_LIT("::1")) &&
              !hc_word_loopback(HC_STR_LIT("192.0.2.7")));
}
END_TEST

/* Brackets without end are looked at once each. */
START_TEST(many_brackets)
{
    g_autofree char *text = g_strnfill(1000000, '[');

    assert_str(hc_word_first_ip(hc_str(text)), NULL);
    assert_str(hc_word_last_ip(hc_str(text)), NULL);
}
END_TEST

START_TEST(who)
{
    ck_assert_int_eq(hc_word_who(HC_STR_LIT("ana")).kind, HC_ENTITY_ACCOUNT);
    ck_assert_int_eq(hc_word_who(HC_STR_LIT("ana@x.example")).kind, HC_ENTITY_MAILBOX);
    ck_assert_int_eq(hc_word_who(HC_STR_LIT("@x")).kind, HC_ENTITY_ACCOUNT);
    ck_assert_int_eq(hc_word_who(HC_STR_LIT("")).kind, HC_ENTITY_NONE);
    ck_assert_int_eq(hc_word_address(HC_STR_NONE).kind, HC_ENTITY_NONE);
}
END_TEST

Suite *suite_logwords(void)
{
    Suite *suite = suite_create("logwords");
    TCase *tcase = tcase_create("logwords");

    tcase_add_test(tcase, from_both_sides);
    tcase_add_test(tcase, angles);
    tcase_add_test(tcase, addresses);
    tcase_add_test(tcase, many_brackets);
    tcase_add_test(tcase, who);
    suite_add_tcase(suite, tcase);
    return suite;
}
