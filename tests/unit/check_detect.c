/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/detect.h"

#include <check.h>

Suite *suite_detect(void);

static int bid_30(const struct hc_peek *peek, const char **why)
{
    *why = "thirty";
    return hc_str_starts(peek->head, "x") ? 30 : 0;
}

static int bid_50(const struct hc_peek *peek, const char **why)
{
    *why = "fifty";
    return hc_str_starts(peek->head, "xx") ? 50 : 0;
}

static const struct hc_importer a = {.name = "a", .bid = bid_30}, b = {.name = "b", .bid = bid_50},
                                c = {.name = "c", .bid = bid_50};

START_TEST(highest)
{
    const struct hc_importer *const tables[][3] = {{&a, &b, NULL}, {&b, &a, NULL}};
    GError *error = NULL;
    const char *why = NULL;
    int score;

    for (int i = 0; i < 2; i++) { /* the order of the table is of no matter */
        struct hc_peek both = {"f", HC_STR_LIT("xx"), true}, one = {"f", HC_STR_LIT("x"), true},
                       none = {"f", HC_STR_LIT(""), true};
        ck_assert_ptr_eq(hc_detect(tables[i], &both, &score, &why, &error), &b);
        ck_assert_int_eq(score, 50);
        ck_assert_str_eq(why, "fifty");
        ck_assert_ptr_eq(hc_detect(tables[i], &one, &score, &why, &error), &a);
        ck_assert_ptr_null(hc_detect(tables[i], &none, &score, &why, &error));
        ck_assert_int_eq(score, 0);
        ck_assert_ptr_null(error);
    }
}
END_TEST

START_TEST(tie)
{
    const struct hc_importer *const table[] = {&a, &b, &c, NULL};
    struct hc_peek peek = {"f", HC_STR_LIT("xx"), true};
    GError *error = NULL;
    const char *why;
    int score;

    ck_assert_ptr_null(hc_detect(table, &peek, &score, &why, &error));
    ck_assert_str_eq(error->message, "f: could be b or c; say which with --format");
    g_clear_error(&error);
    ck_assert_ptr_eq(hc_importer_by_name(table, "c"), &c);
    ck_assert_ptr_null(hc_importer_by_name(table, "d"));
}
END_TEST

/* Heads as they come; the bid of every importer is asked. */
static const struct {
    const char *head, *format;
} heads[] = {
    {"{\"a\": 1}\n", "json"},
    {"\xef\xbb\xbf[{\"a\": 1}]", "json"},
    {"[]", "json"},
    {"{not json}", NULL},
    {"From a@b Mon Nov 20 07:21:29 2023\nFrom: x\n", "mbox"},
    {"From here on it is prose\n", NULL},
    {"--\n-- PostgreSQL database dump\n--\n", "pg_dump"},
    {"/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\nINSERT INTO `t` VALUES ('\\n-- "
     "PostgreSQL database dump\\n');\n",
     "mysqldump"},
    {"INSERT INTO `t` VALUES ('-- PostgreSQL database dump\\n\\nCOPY x FROM stdin;');\n", "mysqldump"},
    {"/*!40101 SET NAMES utf8mb4 */;\nINSERT INTO \"t\" VALUES (1);\n", "mysqldump"},
    {"--\n-- PostgreSQL database dump\n--\n\nINSERT INTO t VALUES ('\n-- MySQL dump 10\nINSERT INTO `t` "
     "VALUES (1);\n');\n",
     "pg_dump"},
    {"SET x = 1;\nCOPY public.t (a) FROM stdin;\n1\n", "pg_dump"},
    {"A text about\nCOPY t\nand INSERT INTO `t`\n", NULL},
    {"cut\nNov 22 00:48:20 relay1 postfix/smtpd[1]: connect from x\n", "syslog"},
    {"Nov 22 00:48:20 relay1 postfix-out/smtp[1]: connect\n", "syslog"},
    {"One\ntwo\nthree\nfour lines that are none, and\nNov 22 00:48:20 relay1 postfix/smtpd[1]: one that is\n",
     NULL},
    {"<34>1 2003-10-11T22:14:15.003Z h su - ID47 - failed\n", "syslog"},
    {"83 <34>1 2003-10-11T22:14:15.003Z h su - ID47 - failed", "syslog"},
    {"@400000004332258538eae27c tcpserver: status: 5/30\n", "syslog"},
    {"2023-11-22T03:49:32-0500 h postfix/smtp[1]: m\n", "syslog"},
    {"2023-11-22 03:49:32 h postfix/smtp[1]: m\n", "syslog"},
    {"2023-11-22 03:49:32 h app: m\n", NULL},
    {"2012-07-02 10:22:40,672:DEBUG:foo bar baz\n", NULL},
    {"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1700663586123456\nMESSAGE=x\n\n", "journal"},
    {"{\"__REALTIME_TIMESTAMP\":\"1700663586123456\",\"MESSAGE\":\"x\"}\n", "journal"},
    {"A text that speaks of postfix/smtpd and no log\n", NULL},
    {"Nov 22 00:48:20 relay1 sshd[1]: connect\n", "syslog"},
    {"", NULL},
};

START_TEST(bids)
{
    struct hc_peek peek = {"f", hc_str(heads[_i].head), true};
    GError *error = NULL;
    const char *why;
    int score;
    const struct hc_importer *found = hc_detect(hc_importers, &peek, &score, &why, &error);

    ck_assert_ptr_null(error);
    ck_assert_str_eq(found ? found->name : "-", heads[_i].format ? heads[_i].format : "-");
}
END_TEST

Suite *suite_detect(void)
{
    Suite *suite = suite_create("detect");
    TCase *tc = tcase_create("detect");

    tcase_add_test(tc, highest);
    tcase_add_test(tc, tie);
    tcase_add_loop_test(tc, bids, 0, G_N_ELEMENTS(heads));
    suite_add_tcase(suite, tc);
    return suite;
}
