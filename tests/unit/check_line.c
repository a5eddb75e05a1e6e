/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/linemap.h"

#include <check.h>

Suite *suite_line(void);

/* "stamp|host|program|pid|message|priority|id|data", absent "!"; NULL: no line of syslog. */
static const struct {
    const char *text, *parts;
} lines[] = {
    {"Nov 22 03:49:32 relay1 postfix/smtpd[2107]: connect from x",
     "Nov 22 03:49:32|relay1|postfix/smtpd|2107|connect from x|!|!|!"},
    {"Nov  2 03:49:32 relay1 dovecot: imap-login: Login: user=<a>",
     "Nov  2 03:49:32|relay1|dovecot|!|imap-login: Login: user=<a>|!|!|!"},
    {"Nov 2 03:49:32 h p: m", "Nov 2 03:49:32|h|p|!|m|!|!|!"},
    {"Nov 02 03:49:32 h p: m", "Nov 02 03:49:32|h|p|!|m|!|!|!"},
    {"nov 22 03:49:32.123 h p: m", "nov 22 03:49:32.123|h|p|!|m|!|!|!"},
    {"Nov 22 2023 03:49:32 h p: m", "Nov 22 2023 03:49:32|h|p|!|m|!|!|!"},
    {"2023 Nov 22 03:49:32 h p: m", "2023 Nov 22 03:49:32|h|p|!|m|!|!|!"},
    {"Nov 22 03:49:32 2023 h p: m", "Nov 22 03:49:32 2023|h|p|!|m|!|!|!"},
    {"Wed Nov 22 03:49:32 h p: m", "Wed Nov 22 03:49:32|h|p|!|m|!|!|!"},
    {"Nov 22 03:49:32 EST h p: m", "Nov 22 03:49:32 EST|h|p|!|m|!|!|!"},
    {"Nov 22 03:49:32 NSX p: m", "Nov 22 03:49:32|NSX|p|!|m|!|!|!"},
    {"Nov 22 03:49:32 UTC: %SYS-5-CONFIG_I: Configured",
     "Nov 22 03:49:32 UTC|!|%SYS-5-CONFIG_I|!|Configured|!|!|!"},
    {"Nov 22 03:49:32 -0500 h p: m", "Nov 22 03:49:32 -0500|h|p|!|m|!|!|!"},
    {"Nov 22 03:49:32 -05000 h p: m", "Nov 22 03:49:32|-05000||!|h p: m|!|!|!"},
    {"<189>*Mar  1 00:00:12.123: %LINK-3-UPDOWN: up", "Mar  1 00:00:12.123|!|%LINK-3-UPDOWN|!|up|189|!|!"},
    {"août 19 11:08:37 nlap prog[4961]: test", "août 19 11:08:37|nlap|prog|4961|test|!|!|!"},
    {"déc. 9 11:08:37 h p: m", "déc. 9 11:08:37|h|p|!|m|!|!|!"},
    {"Smarch 9 11:08:37 h p: m", NULL},
    /* who writes no host, no number, no colon, no tag */
    {"Nov 22 03:49:32 postfix/smtp[7]: 4Sb: removed", "Nov 22 03:49:32|!|postfix/smtp|7|4Sb: removed|!|!|!"},
    {"Nov 22 03:49:32 su: root", "Nov 22 03:49:32|!|su|!|root|!|!|!"},
    {"Nov 22 03:49:32 h su(pam_unix)[77]: session", "Nov 22 03:49:32|h|su(pam_unix)|77|session|!|!|!"},
    {"Nov 22 03:49:32 h sshd[7] no colon", "Nov 22 03:49:32|h|sshd|7|no colon|!|!|!"},
    {"Nov 22 03:49:32 h Job `cron.daily' terminated",
     "Nov 22 03:49:32|h||!|Job `cron.daily' terminated|!|!|!"},
    {"Nov 22 03:49:32: --- a remark ---", "Nov 22 03:49:32|!||!|--- a remark ---|!|!|!"},
    {"Nov 22 03:49:32 -- MARK --", "Nov 22 03:49:32|!||!|-- MARK --|!|!|!"},
    {"Nov 22 03:49:32 h -- MARK --", "Nov 22 03:49:32|h||!|-- MARK --|!|!|!"},
    {"Nov 22 03:49:32 last message repeated 3 times",
     "Nov 22 03:49:32|!||!|last message repeated 3 times|!|!|!"},
    {"Nov 22 03:49:32 h last message repeated 3 times",
     "Nov 22 03:49:32|h||!|last message repeated 3 times|!|!|!"},
    {"Nov 22 03:49:32 h std::vector: m", "Nov 22 03:49:32|h||!|std::vector: m|!|!|!"},
    {"Nov 22 03:49:32 h kernel: [12345.678] m", "Nov 22 03:49:32|h|kernel|!|[12345.678] m|!|!|!"},
    {"Nov 22 03:49:32 h sshd[3]:  two blanks", "Nov 22 03:49:32|h|sshd|3|two blanks|!|!|!"},
    {"Nov 22 03:49:32 h", "Nov 22 03:49:32|h||!||!|!|!"},
    {"Nov 22 03:49:32", "Nov 22 03:49:32|!||!||!|!|!"},
    {"Nov 22 03:49:32 [192.0.2.1] p: m", "Nov 22 03:49:32|[192.0.2.1]|p|!|m|!|!|!"},
    /* what stands between */
    {"<22>Nov 22 03:49:32 h p[1]: m", "Nov 22 03:49:32|h|p|1|m|22|!|!"},
    {"<999>Nov 22 03:49:32 h p[1]: m", NULL},
    {"Nov 22 03:49:32 h sendmail[123]: [ID 801593 mail.info] xAM: m",
     "Nov 22 03:49:32|h|sendmail|123|xAM: m|mail.info|!|!"},
    {"Nov 22 03:49:32 <mail.info> h sendmail[123]: m", "Nov 22 03:49:32|h|sendmail|123|m|mail.info|!|!"},
    {"Nov 22 03:49:32 h mail:info sendmail[123]: m", "Nov 22 03:49:32|h|sendmail|123|m|mail:info|!|!"},
    {"Nov 22 03:49:32 osx socketfilterfw[1985] <Info>: m",
     "Nov 22 03:49:32|osx|socketfilterfw|1985|m|Info|!|!"},
    {"Nov 22 03:49:32 osx com.apple.launchd[1] (com.apple.x[77]): m",
     "Nov 22 03:49:32|osx|com.apple.launchd|1|m|!|!|!"},
    {"2016-10-25T12:37:23.297265-07:00 INFO sched[7]: m",
     "2016-10-25T12:37:23.297265-07:00|!|sched|7|m|INFO|!|!"},
    {"Nov 22 03:49:32 h p: m\r", "Nov 22 03:49:32|h|p|!|m|!|!|!"},
    /* ISO times */
    {"2023-11-22T03:49:32.123456-05:00 h postfix/smtp[1]: m",
     "2023-11-22T03:49:32.123456-05:00|h|postfix/smtp|1|m|!|!|!"},
    {"2023-11-22T03:49:32-0500 h p[1]: m", "2023-11-22T03:49:32-0500|h|p|1|m|!|!|!"},
    {"2023-11-22T03:49:32Z h p[1]: m", "2023-11-22T03:49:32Z|h|p|1|m|!|!|!"},
    {"2023-11-22 03:49:32 h p[1]: m", "2023-11-22 03:49:32|h|p|1|m|!|!|!"},
    {"Wed 2023-11-22 03:49:32 EST h p[1]: m", "Wed 2023-11-22 03:49:32 EST|h|p|1|m|!|!|!"},
    {"2015-04-24T21:08:10.313913FOO h p: m", "2015-04-24T21:08:10.313913FOO|h|p|!|m|!|!|!"},
    {"2023-11-22_03:49:32.12345 p: m", "2023-11-22_03:49:32.12345|!|p|!|m|!|!|!"},
    {"1700628572.123456 h p[1]: m", "1700628572.123456|h|p|1|m|!|!|!"},
    {"@400000004332258538eae27c tcpserver: end 26163 status 0",
     "400000004332258538eae27c|!|tcpserver|!|end 26163 status 0|!|!|!"},
    {"@400000004332258538eae27c new msg 7", "400000004332258538eae27c|!||!|new msg 7|!|!|!"},
    {"@400000004332 new msg 7", NULL},
    /* RFC 5424 */
    {"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed",
     "2003-10-11T22:14:15.003Z|mymachine.example.com|su|!|'su root' failed|165|ID47|!"},
    {"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time.",
     "2003-08-24T05:14:15.000003-07:00|192.0.2.1|myproc|8710|%% It's time.|165|!|!"},
    {"<165>1 2003-10-11T22:14:15.003Z h app - ID47 [e@32473 iut=\"3\" x=\"a \\\"] b\"][p@32473 "
     "class=\"high\"] text",
     "2003-10-11T22:14:15.003Z|h|app|!|text|165|ID47|[e@32473 iut=\"3\" x=\"a \\\"] b\"][p@32473 "
     "class=\"high\"]"},
    {"<165>1 2003-10-11T22:14:15.003Z h app - ID47 [e@32473 iut=\"3\"]",
     "2003-10-11T22:14:15.003Z|h|app|!||165|ID47|[e@32473 iut=\"3\"]"},
    {"<165>1 2003-10-11T22:14:15.003Z h app - ID47 [never closed",
     "2003-10-11T22:14:15.003Z|h|app|!|[never closed|165|ID47|!"},
    {"<165>1 - - - - - -", "-|!||!||165|!|!"},
    {"83 <34>1 2003-10-11T22:14:15.003Z h su - - - m", "2003-10-11T22:14:15.003Z|h|su|!|m|34|!|!"},
    {"2022-08-27T14:22:01.613Z space NSX 3106 - [abc@6876 comp=\"x\"] check",
     "2022-08-27T14:22:01.613Z|space|NSX|3106|check|!|!|[abc@6876 comp=\"x\"]"},
    {"2022-08-27T17:22:01+03:00 space CRON 20856 - -  (root)",
     "2022-08-27T17:22:01+03:00|space|CRON|20856|(root)|!|!|!"},
    /* none */
    {"", NULL},
    {"\tgoes on", NULL},
    {"with another line", NULL},
    {"MMM 22 07:54:32 h p[1]: m", NULL},
    {"Nov 22 03:49", NULL},
    {"Nov 22 03:49:3", NULL},
    {"2023-11-22T03:49:32.5+5 h p: m", NULL},
    {"[12345.678] kernel", NULL},
    {"00:00:00.000 foo", NULL},
    {"2012-07-02 10:22:40,672:DEBUG:foo: bar", NULL},
    {"2012-025T10:22:40 foo", NULL},
    {"1428634687123 Hello, World!", NULL},
    {"Marching on", NULL},
};

static void add(GString *out, struct hc_str part)
{
    g_string_append_printf(out, "%s%.*s", out->len ? "|" : "", part.p ? (int)part.n : 1,
                           part.p ? part.p : "!");
}

static char *parts_of(const struct hc_logline *l)
{
    GString *out = g_string_new(NULL);

    g_string_append_len(out, l->stamp.p, (gssize)l->stamp.n);
    add(out, l->host);
    add(out, l->program);
    add(out, l->pid);
    add(out, l->message);
    add(out, l->priority);
    add(out, l->id);
    add(out, l->data);
    return g_string_free(out, FALSE);
}

START_TEST(splits)
{
    struct hc_logline l = {0};
    bool is = hc_line_split(hc_str(lines[_i].text), &l);
    g_autofree char *parts = is ? parts_of(&l) : NULL;

    ck_assert_msg(is == (lines[_i].parts != NULL), "%s: %s", lines[_i].text, is ? "is taken" : "is refused");
    if (is)
        ck_assert_str_eq(parts, lines[_i].parts);
}
END_TEST

/* Cut anywhere: no byte beyond the cut is looked at (the sanitizers see that), and what is taken lies
 * inside. */
START_TEST(cut_anywhere)
{
    size_t n = strlen(lines[_i].text);

    for (size_t cut = 0; cut <= n; cut++) {
        g_autofree char *copy = g_memdup2(lines[_i].text, cut ? cut : 1);
        struct hc_logline l = {0};
        if (hc_line_split(hc_str_n(copy, cut), &l) && l.message.n)
            ck_assert(l.message.p >= copy && l.message.p + l.message.n <= copy + cut);
    }
}
END_TEST

static bool same_part(struct hc_str a, const char *in_a, struct hc_str b, const char *in_b)
{
    return a.n == b.n && (a.p != NULL) == (b.p != NULL) && (!a.n || a.p - in_a == b.p - in_b);
}

/* A map of the line, made from another copy of it, gives all that splitting it does. */
START_TEST(mapped)
{
    size_t n = strlen(lines[_i].text);

    for (size_t cut = 0; cut <= n; cut++) {
        g_autofree char *a = g_memdup2(lines[_i].text, cut ? cut : 1), *b = g_memdup2(a, cut ? cut : 1);
        struct hc_logline of_a = {0}, of_b = {0};
        struct hc_linemap map;
        bool is = hc_line_split(hc_str_n(a, cut), &of_a);
        hc_linemap_make(NULL, hc_str_n(a, cut), &map);
        ck_assert(map.known == is);
        ck_assert(hc_linemap_split(&map, hc_str_n(b, cut), &of_b) == is);
        if (!is)
            continue;
        ck_assert(same_part(of_a.stamp, a, of_b.stamp, b) && same_part(of_a.host, a, of_b.host, b) &&
                  same_part(of_a.program, a, of_b.program, b) && same_part(of_a.pid, a, of_b.pid, b) &&
                  same_part(of_a.message, a, of_b.message, b) &&
                  same_part(of_a.priority, a, of_b.priority, b) && same_part(of_a.id, a, of_b.id, b) &&
                  same_part(of_a.data, a, of_b.data, b));
        ck_assert(same_part(of_a.written.text, a, of_b.written.text, b) &&
                  same_part(of_a.written.zone, a, of_b.written.zone, b));
        ck_assert(of_a.written.form == of_b.written.form &&
                  of_a.written.precision == of_b.written.precision &&
                  of_a.written.east == of_b.written.east && of_a.written.mark == of_b.written.mark &&
                  memcmp(&of_a.written.civil, &of_b.written.civil, sizeof of_a.written.civil) == 0);
    }
}
END_TEST

/* The longest line that has a map, and one that is a byte longer: both are split alike. */
START_TEST(map_limit)
{
    g_autoptr(GString) text = g_string_new("Nov 22 03:49:32 h p[1]: ");
    struct hc_logline l = {0};
    struct hc_linemap map;

    while (text->len < HC_LINEMAP_MAX)
        g_string_append_c(text, 'x');
    for (int more = 0; more < 2; more++, g_string_append_c(text, 'x')) {
        hc_linemap_make(NULL, hc_str_n(text->str, text->len), &map);
        ck_assert(map.known == !more);
        ck_assert(hc_linemap_split(&map, hc_str_n(text->str, text->len), &l));
        ck_assert_uint_eq(l.message.n, text->len - strlen("Nov 22 03:49:32 h p[1]: "));
    }
}
END_TEST

START_TEST(nuls_around)
{
    static const char text[] = "\0\0\0Nov 22 03:49:32 h p: a\0b\0\0";
    struct hc_logline l = {0};

    ck_assert(hc_line_split(hc_str_n(text, sizeof text - 1), &l));
    ck_assert_uint_eq(l.message.n, 3);
    ck_assert_mem_eq(l.message.p, "a\0b", 3);
}
END_TEST

START_TEST(repeats)
{
    struct hc_str inner;

    ck_assert(hc_str_is(hc_line_repeats(HC_STR_LIT("last message repeated 3 times"), &inner), "3"));
    ck_assert_ptr_null(inner.p);
    ck_assert(hc_str_is(hc_line_repeats(HC_STR_LIT("--- last message repeated 1 time ---"), &inner), "1"));
    ck_assert(hc_str_is(hc_line_repeats(HC_STR_LIT("message repeated 76 times: [ Failed password]"), &inner),
                        "76"));
    ck_assert(hc_str_is(inner, "Failed password"));
    ck_assert(hc_str_is(hc_line_repeats(HC_STR_LIT("message repeated 2 times: [-- MARK --]"), &inner), "2"));
    ck_assert(hc_str_is(inner, "-- MARK --"));
    ck_assert_ptr_null(hc_line_repeats(HC_STR_LIT("message repeated 2 times: [ cut"), &inner).p);
    ck_assert_ptr_null(hc_line_repeats(HC_STR_LIT("message repeated 0 times: [ x]"), &inner).p);
    ck_assert_ptr_null(hc_line_repeats(HC_STR_LIT("the last message repeated 3 times"), &inner).p);
}
END_TEST

START_TEST(frames)
{
    size_t length;

    ck_assert_uint_eq(hc_line_frame(HC_STR_LIT("83 <34>1 2003"), &length), 3);
    ck_assert_uint_eq(length, 83);
    ck_assert_uint_eq(hc_line_frame(HC_STR_LIT("83 34>1 2003"), &length), 0);
    ck_assert_uint_eq(hc_line_frame(HC_STR_LIT("083 <34>1 2003"), &length), 0);
    ck_assert_uint_eq(hc_line_frame(HC_STR_LIT("1048576 <34>1 2003"), &length), 8);
    ck_assert_uint_eq(hc_line_frame(HC_STR_LIT("1048577 <34>1 2003"), &length), 0);
}
END_TEST

static const struct {
    const char *text;
    enum hc_stamp_form form;
    struct hc_civil civil;
    int east;
    enum hc_precision precision;
} stamps[] = {
    {"Nov 22 03:49:32 ", HC_STAMP_LOCAL, {0, 11, 22, 3, 49, 32, 0}, 0, HC_PRECISION_S},
    {"Nov 22 2023 03:49:32.12 ", HC_STAMP_LOCAL, {2023, 11, 22, 3, 49, 32, 120000}, 0, HC_PRECISION_MS},
    {"Nov 22 03:49:32.1234567 UTC ", HC_STAMP_OFFSET, {0, 11, 22, 3, 49, 32, 123456}, 0, HC_PRECISION_US},
    {"Nov 22 03:49:32 +05:30 ", HC_STAMP_OFFSET, {0, 11, 22, 3, 49, 32, 0}, 19800, HC_PRECISION_S},
    {"Nov 22 03:49:32 EST 2023 ", HC_STAMP_NAMED, {2023, 11, 22, 3, 49, 32, 0}, 0, HC_PRECISION_S},
    {"2023-11-22T03:49:32-0330 ", HC_STAMP_OFFSET, {2023, 11, 22, 3, 49, 32, 0}, -12600, HC_PRECISION_S},
    {"2023-11-22 03:49:32,5 ", HC_STAMP_LOCAL, {2023, 11, 22, 3, 49, 32, 500000}, 0, HC_PRECISION_MS},
    {"Nov 31 25:61:61 ",
     HC_STAMP_LOCAL,
     {0, 11, 31, 25, 61, 61, 0},
     0,
     HC_PRECISION_S}, /* no such time: the clock says so */
    {"1700628572.123456 ", HC_STAMP_EPOCH, {0}, 0, HC_PRECISION_NONE},
    {"@400000004332258538eae27c ", HC_STAMP_TAI64N, {0}, 0, HC_PRECISION_NONE},
};

START_TEST(reads_stamps)
{
    struct hc_str text = hc_str(stamps[_i].text);
    struct hc_stamp s;

    ck_assert(hc_stamp_read(&text, &s));
    ck_assert(hc_str_is(text, " "));
    ck_assert_int_eq(s.form, stamps[_i].form);
    ck_assert_mem_eq(&s.civil, &stamps[_i].civil, sizeof s.civil);
    ck_assert_int_eq(s.east, stamps[_i].east);
    ck_assert_int_eq(s.precision, stamps[_i].precision);
}
END_TEST

Suite *suite_line(void)
{
    Suite *suite = suite_create("line");
    TCase *tc = tcase_create("line");

    tcase_add_loop_test(tc, splits, 0, G_N_ELEMENTS(lines));
    tcase_add_loop_test(tc, cut_anywhere, 0, G_N_ELEMENTS(lines));
    tcase_add_loop_test(tc, mapped, 0, G_N_ELEMENTS(lines));
    tcase_add_test(tc, map_limit);
    tcase_add_test(tc, nuls_around);
    tcase_add_test(tc, repeats);
    tcase_add_test(tc, frames);
    tcase_add_loop_test(tc, reads_stamps, 0, G_N_ELEMENTS(stamps));
    suite_add_tcase(suite, tc);
    return suite;
}
