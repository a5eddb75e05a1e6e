/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/authresults.h"

#include <check.h>
#include <glib.h>

Suite *suite_authresults(void);

/* Of a mail from a@mail.example.org, as mx.r.example and mx2.r.example are ours. */
static const struct {
    const char *header;
    bool passes;
} headers[] = {
    {"mx.r.example; dkim=pass header.d=mail.example.org", true},
    {"mx2.R.example 1; spf=fail smtp.mailfrom=x.example; dkim=pass (good key) header.i=@mail.example.org "
     "header.d=Mail.Example.org",
     true},
    {"mx.r.example; dkim=pass header.d=example.org header.s=k1 header.b=abc", true},
    {"mx.r.example; dkim = pass\theader . d = example.org", true},
    {"mx.r.example;dkim=pass header.d=\"example.org\"", true},
    {"mx.r.example; dkim=fail header.d=example.org; dkim=pass header.d=mail.example.org", true},
    {"mx.r.example; dmarc=pass (p=none dis=none) header.from=mail.example.org", true},
    {"mx.r.example; dkim=pass header.d=org", false},
    {"mx.r.example; dkim=pass header.d=ample.org", false},
    {"mx.r.example; dkim=pass header.d=sub.mail.example.org", false},
    {"mx.r.example; dkim=pass header.d=evil.example", false},
    {"mx.r.example; dkim=pass", false},
    {"mx.r.example; dkim=fail header.d=mail.example.org", false},
    {"mx.r.example; dkim=passable header.d=mail.example.org", false},
    {"mx.r.example; dmarc=pass header.from=example.org", false},
    {"mx.r.example; spf=pass smtp.mailfrom=mail.example.org", false},
    {"mx.r.example; arc=pass header.d=mail.example.org", false},
    {"mx.evil.example; dkim=pass header.d=mail.example.org", false},
    {"mx.evil.example (mx.r.example); dkim=pass header.d=mail.example.org", false},
    {"mx.r.example; none (; dkim=pass header.d=mail.example.org)", false},
    {"mx.r.example; dkim=fail reason=\"; dkim=pass header.d=mail.example.org\"", false},
    {"mx.r.example; dkim=fail reason=\"\\\"; dkim=pass header.d=mail.example.org", false},
    {"mx.r.example; (a (b) dkim=pass header.d=mail.example.org", false},
    {"mx.r.example", false},
    {"; dkim=pass header.d=mail.example.org", false},
    {"", false},
};

START_TEST(only_what_our_hosts_say_of_the_domain_passes)
{
    static const char *const ours[] = {"mx.r.example", "mx2.r.example", NULL};

    ck_assert_msg(hc_authresults_pass(hc_str(headers[_i].header), ours, "mail.example.org") ==
                      headers[_i].passes,
                  "%s", headers[_i].header);
}
END_TEST

Suite *suite_authresults(void)
{
    Suite *suite = suite_create("authresults");
    TCase *tc = tcase_create("authresults");

    tcase_add_loop_test(tc, only_what_our_hosts_say_of_the_domain_passes, 0, G_N_ELEMENTS(headers));
    suite_add_tcase(suite, tc);
    return suite;
}
