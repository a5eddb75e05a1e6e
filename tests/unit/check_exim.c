/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/eximline.h"
#include "src/evidence/log/eximtext.h"
#include "src/evidence/log/pieces.h"

#include <check.h>

Suite *suite_exim(void);

#define IS(str, text) ck_assert_msg(hc_str_is(str, text), "%.*s, not %s", HC_STR_ARG(str), text)
#define NONE(str) ck_assert_msg(!(str).p, "%.*s, but none was to be there", HC_STR_ARG(str))

static struct hc_exim_fields fields(enum hc_exim_flag flag, const char *text)
{
    struct hc_exim_fields f;

    hc_exim_read(flag, hc_str(text), &f);
    return f;
}

START_TEST(stamps)
{
    static const struct {
        const char *text;
        size_t n;
    } t[] = {{"2023-11-22 09:33:06 x", 19},
             {"2023-11-22 09:33:06", 19},
             {"2023-11-22 09:33:06.712 x", 23},
             {"2023-11-22 09:33:06 +0100 x", 25},
             {"2023-11-22 09:33:06.712 -0430 x", 29},
             {"2023-11-22 09:33:06 +01", 19},
             {"2023-11-22 09:33:06,712 x", 0},
             {"2023-11-22T09:33:06 x", 0},
             {"2023-11-22 09:33:0", 0},
             {" 2023-11-22 09:33:06 x", 0},
             {"", 0}};

    for (size_t i = 0; i < G_N_ELEMENTS(t); i++)
        ck_assert_msg(hc_exim_stamp(hc_str(t[i].text)) == t[i].n, "%s", t[i].text);
}
END_TEST

START_TEST(ids)
{
    static const struct {
        const char *text, *id;
        enum hc_exim_flag flag;
        const char *rest;
    } t[] = {{"10HmaX-0005vi-00 <= a@b", "10HmaX-0005vi-00", HC_EXIM_ARRIVAL, "a@b"},
             {"1r5abc-0000000AbCd-1xyZ => a@b", "1r5abc-0000000AbCd-1xyZ", HC_EXIM_DELIVERY, "a@b"},
             {"10HmaX-0005vi-00 -> a@b", "10HmaX-0005vi-00", HC_EXIM_DELIVERY, "a@b"},
             {"10HmaX-0005vi-00 >> a@b", "10HmaX-0005vi-00", HC_EXIM_CUTTHROUGH, "a@b"},
             {"10HmaX-0005vi-00 *> a@b", "10HmaX-0005vi-00", HC_EXIM_SUPPRESSED, "a@b"},
             {"10HmaX-0005vi-00 ** a@b", "10HmaX-0005vi-00", HC_EXIM_FAILED, "a@b"},
             {"10HmaX-0005vi-00 == a@b", "10HmaX-0005vi-00", HC_EXIM_DEFERRED, "a@b"},
             {"10HmaX-0005vi-00 (= a@b", "10HmaX-0005vi-00", HC_EXIM_FAKEREJECT, "a@b"},
             {"10HmaX-0005vi-00 Completed", "10HmaX-0005vi-00", HC_EXIM_COMPLETED, "Completed"},
             {"10HmaX-0005vi-00 Completed QT=1s", "10HmaX-0005vi-00", HC_EXIM_COMPLETED, "Completed QT=1s"},
             {"10HmaX-0005vi-00", "10HmaX-0005vi-00", HC_EXIM_OTHER, ""},
             {"10HmaX-0005vi-0 <= a@b", NULL, HC_EXIM_OTHER, "10HmaX-0005vi-0 <= a@b"},
             {"10HmaX-0005vi-000 <= a@b", NULL, HC_EXIM_OTHER, "10HmaX-0005vi-000 <= a@b"},
             {"<= a@b", NULL, HC_EXIM_OTHER, "<= a@b"}, /* a flag without a message is none */
             {"", NULL, HC_EXIM_OTHER, ""}};

    for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
        struct hc_exim_line line = hc_exim_split(hc_str(t[i].text));
        if (t[i].id)
            IS(line.id, t[i].id);
        else
            NONE(line.id);
        ck_assert_int_eq(line.flag, t[i].flag);
        IS(line.text, t[i].rest);
    }
}
END_TEST

START_TEST(arrival)
{
    struct hc_exim_fields f =
        fields(HC_EXIM_ARRIVAL, "ana@x.example H=mx.x.example (helo.x.example) [198.51.100.4]:4711 "
                                "I=[192.0.2.1]:25 Ci=77 U=root P=esmtpsa L* "
                                "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no DN=\"C=DE,O=A \\\"B\" "
                                "SNI=\"mail.example\" A=plain:ana:ana@x.example PRDR K "
                                "S=1290 M8S=8 DKIM=x.example RT=0.102s Q=slow id=q7@x.example T=\"What "
                                "\\\"is\\\" up\" from <ana@x.example> for b@y.example c@y.example");

    IS(f.address, "ana@x.example");
    IS(f.host, "mx.x.example");
    IS(f.helo, "helo.x.example");
    IS(f.ip, "198.51.100.4");
    IS(f.ident, "root");
    IS(f.protocol, "esmtpsa");
    IS(f.tls, "TLS1.3:TLS_AES_256_GCM_SHA384:256");
    IS(f.auth, "plain");
    IS(f.login, "ana");
    IS(f.size, "1290");
    IS(f.id, "q7@x.example");
    IS(f.subject, "What \\\"is\\\" up");
    IS(f.rest, "from <ana@x.example> for b@y.example c@y.example");
    ck_assert(!f.doubtful);

    f = fields(HC_EXIM_ARRIVAL, "<> R=10HmaX-0005vi-00 U=exim P=local S=812");
    ck_assert(f.address.p && f.address.n == 0);
    IS(f.router, "10HmaX-0005vi-00");
    IS(f.protocol, "local");
    NONE(f.ip);

    f = fields(HC_EXIM_ARRIVAL,
               "\"a b H=[192.0.2.9]\"@x.example H=([198.51.100.7]) [2001:db8::5]:25 P=smtp S=1");
    IS(f.address, "\"a b H=[192.0.2.9]\"@x.example");
    IS(f.helo, "[198.51.100.7]");
    IS(f.ip, "2001:db8::5");
    NONE(f.host);
    ck_assert(!f.doubtful);

    f = fields(HC_EXIM_ARRIVAL, "a@x H=[198.51.100.7] P=smtp S=1 id=\"x P=y z\"@h");
    IS(f.id, "\"x P=y z\"@h");
    ck_assert(!f.doubtful);
}
END_TEST

/* What a client says in HELO (where junk is accepted), ident, a certificate, Message-ID or subject looks like
 * a field. */
START_TEST(imitated)
{
    static const char *const doubtful[] = {
        "a@x H=(h) [192.0.2.66] P=esmtpa A=plain:root S=1 id=z (real) [198.51.100.7]:25 P=smtp S=812 id=q@x",
        ("a@x H=(h) [192.0.2.66] P=esmtpa A=plain:root S=1 id=\"z (real) [198.51.100.7]:25 P=smtp S=812 "
         "id=q@x"),
        "a@x H=[198.51.100.7] U=u P=esmtpa A=plain:root S=1 P=smtp S=812",
        "a@x H=[198.51.100.7] P=esmtps X=t SNI=\"s\" A=plain:root S=1 \" S=812",
    };
    struct hc_exim_fields f;

    for (size_t i = 0; i < G_N_ELEMENTS(doubtful); i++) {
        f = fields(HC_EXIM_ARRIVAL, doubtful[i]);
        ck_assert_msg(f.doubtful, "%s", doubtful[i]);
        IS(f.address, "a@x");
        NONE(f.ip);
        NONE(f.login);
        NONE(f.helo);
    }
    f = fields(HC_EXIM_ARRIVAL, "a@x H=[198.51.100.7] P=esmtps X=t SNI=\"s\" A=plain:root\" S=812");
    NONE(f.login); /* the protocol says that nobody was */
    f = fields(HC_EXIM_ARRIVAL,
               "a@x H=[198.51.100.7] P=smtp S=812 id=q@x T=\"\\\" A=plain:root H=[192.0.2.66] => b@y\"");
    IS(f.ip, "198.51.100.7");
    IS(f.subject, "\\\" A=plain:root H=[192.0.2.66] => b@y");
    NONE(f.login);
    ck_assert(!f.doubtful);
    f = fields(HC_EXIM_OTHER, "H=(h) [192.0.2.66] F=<a@x> rejected RCPT <b@y>: (real) [198.51.100.7] F=<a@x> "
                              "rejected RCPT <b@y>: no");
    ck_assert(f.doubtful);
    NONE(f.ip);
}
END_TEST

START_TEST(delivery)
{
    struct hc_exim_fields f =
        fields(HC_EXIM_DELIVERY, "monk@h.example <all@x.example> F=<ana@x.example> P=<ana@x.example> "
                                 "R=dnslookup T=remote_smtp S=901 H=mx.h.example DS [192.0.2.234]:25* "
                                 "I=[192.0.2.1]:4000 X=TLS1.2 CV=yes DN=\"/CN=mx\" A=login:us L K C=\"250 OK "
                                 "\\\"R=x\\\" id=1\" QT=3m45s DT=0.3s");

    IS(f.address, "monk@h.example");
    IS(f.original, "all@x.example");
    IS(f.sender, "ana@x.example");
    IS(f.router, "dnslookup");
    IS(f.transport, "remote_smtp");
    IS(f.host, "mx.h.example");
    IS(f.ip, "192.0.2.234");
    IS(f.login, "us");
    IS(f.answer, "250 OK \\\"R=x\\\" id=1");
    IS(f.queued, "3m45s");
    NONE(f.id);
    IS(f.rest, "");

    f = fields(
        HC_EXIM_DELIVERY,
        "|/usr/bin/filter -f \"T=x\" <in> (team@x.example) <ana@x.example> R=userforward T=address_pipe");
    IS(f.address, "|/usr/bin/filter -f \"T=x\" <in>");
    IS(f.parent, "team@x.example");
    IS(f.original, "ana@x.example");
    IS(f.transport, "address_pipe");
    NONE(f.ip);

    f = fields(HC_EXIM_DELIVERY, "\"a T=remote_smtp H=evil [192.0.2.66]\"@x.example R=local T=maildir");
    IS(f.address, "\"a T=remote_smtp H=evil [192.0.2.66]\"@x.example");
    IS(f.transport, "maildir");
    NONE(f.ip);
    f = fields(HC_EXIM_DELIVERY, ":blackhole: <hole@x.example> R=system_aliases");
    IS(f.address, ":blackhole:");
    IS(f.original, "hole@x.example");
    NONE(f.transport);
    f = fields(HC_EXIM_DELIVERY, "blackhole (RCPT ACL discarded recipients)");
    IS(f.address, "blackhole");
}
END_TEST

/* Exim takes the quotes off, and puts the address as it was behind it. */
START_TEST(unquoted)
{
    struct hc_exim_fields f =
        fields(HC_EXIM_DELIVERY, "x <z@q> R=a T=b H=evil [192.0.2.66] \"y\"@z.example <\"X <z@q> R=a T=b "
                                 "H=evil [192.0.2.66] \\\"y\\\"\"@z.example> R=local T=file");

    IS(f.address, "\"X <z@q> R=a T=b H=evil [192.0.2.66] \\\"y\\\"\"@z.example");
    IS(f.router, "local");
    IS(f.transport, "file");
    NONE(f.ip);
    f = fields(HC_EXIM_DELIVERY,
               "x T=b H=evil [192.0.2.66] <\"x T=b H=evil [192.0.2.66]\"@z.example> R=local T=file");
    IS(f.address, "\"x T=b H=evil [192.0.2.66]\"@z.example");
    IS(f.transport, "file");
    NONE(f.ip);
    f = fields(HC_EXIM_FAILED, "a b: no@z.example <\"a b: no\"@z.example>: Unrouteable address");
    IS(f.address, "\"a b: no\"@z.example");
    IS(f.rest, "Unrouteable address");
    f = fields(HC_EXIM_DELIVERY, "bo@y.example <\"a b\"@z.example> R=alias T=smtp");
    IS(f.address, "bo@y.example");
    IS(f.original, "\"a b\"@z.example");
}
END_TEST

START_TEST(no_delivery)
{
    struct hc_exim_fields f =
        fields(HC_EXIM_DEFERRED, "m@e.example <n@x> R=dnslookup T=smtp defer (146): Connection refused");

    IS(f.address, "m@e.example");
    IS(f.original, "n@x");
    IS(f.code, "146");
    IS(f.rest, "Connection refused");
    f = fields(HC_EXIM_DEFERRED, "m@e.example routing defer (-51): retry time not reached");
    IS(f.address, "m@e.example");
    IS(f.code, "-51");
    IS(f.rest, "retry time not reached");
    f = fields(HC_EXIM_DEFERRED, "m@e.example R=r T=smtp H=mx.e.example [192.0.2.7] defer (-44): SMTP error "
                                 "from remote mail server after RCPT TO:<m@e.example>: 450 later");
    IS(f.ip, "192.0.2.7");
    IS(f.code, "-44");
    IS(f.rest, "SMTP error from remote mail server after RCPT TO:<m@e.example>: 450 later");
    f = fields(HC_EXIM_DEFERRED, "m@e.example R=r T=smtp defer (-44) H=mx.e.example [192.0.2.7]:25 DT=1s: "
                                 "SMTP error: 450 H=x [192.0.2.66]");
    IS(f.relay, "mx.e.example [192.0.2.7]:25");
    IS(f.rest, "DT=1s: SMTP error: 450 H=x [192.0.2.66]");
    f = fields(HC_EXIM_DEFERRED,
               "m@e.example R=r T=smtp defer (111): Connection refused H=mx.e.example [192.0.2.7] DT=1s");
    IS(f.relay, "mx.e.example [192.0.2.7]");
    IS(f.rest, "Connection refused H=mx.e.example [192.0.2.7] DT=1s");
    f = fields(HC_EXIM_FAILED, "j@t.example: Unrouteable address");
    IS(f.address, "j@t.example");
    IS(f.rest, "Unrouteable address");
    f = fields(HC_EXIM_FAILED, "j@t.example <j@t.example>: unknown mail domain");
    IS(f.original, "j@t.example");
    IS(f.rest, "unknown mail domain");
    f = fields(HC_EXIM_FAILED, "a@p.example R=dnslookup T=smtp: SMTP error after RCPT TO:<a@p.example>: host "
                               "m [192.0.2.63]: 553 T=x R=y <a@p.example>");
    IS(f.transport, "smtp");
    NONE(f.ip);
    IS(f.rest, "SMTP error after RCPT TO:<a@p.example>: host m [192.0.2.63]: 553 T=x R=y <a@p.example>");
}
END_TEST

START_TEST(clients)
{
    struct hc_exim_fields f =
        fields(HC_EXIM_OTHER, "H=t.example [192.0.2.4]:53343 X=TLS1.2 CV=no F=<\"a> b\"@x> A=plain:ana "
                              "rejected RCPT <b@y>: t.example [192.0.2.4]:53343 is in an RBL");
    struct hc_str text = HC_STR_LIT("ppp.example ([1.2.3.5]) [192.0.2.4]:51451: 535 Incorrect");

    IS(f.ip, "192.0.2.4");
    IS(f.sender, "\"a> b\"@x");
    IS(f.login, "ana");
    IS(f.rest, "rejected RCPT <b@y>: t.example [192.0.2.4]:53343 is in an RBL");
    f = fields(HC_EXIM_OTHER, "U=CALLER F=<> rejected RCPT <b@y>: no");
    IS(f.ident, "CALLER");
    ck_assert(f.sender.p && f.sender.n == 0);
    f = fields(HC_EXIM_OTHER, "H=a [ip4.ip4] rejected connection in \"connect\" ACL");
    IS(f.host, "a");
    NONE(f.ip); /* no address */
    memset(&f, 0, sizeof f);
    ck_assert(hc_exim_host(&text, &f));
    IS(f.helo, "[1.2.3.5]");
    IS(f.ip, "192.0.2.4");
    IS(text, ": 535 Incorrect");
}
END_TEST

START_TEST(escapes)
{
    char out[8];
    static const struct {
        const char *text, *is;
    } t[] = {{"a\\\"b", "a\"b"}, {"\\\\n", "\\n"},          {"\\n\\t", "\n\t"}, {"\\303\\274", "\303\274"},
             {"\\", "\\"},       {"123456789", "12345678"}, {"\\999", "999"}};

    for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
        size_t n = hc_exim_unescape(hc_str(t[i].text), out, sizeof out);
        ck_assert_msg(hc_str_is(hc_str_n(out, n), t[i].is), "%s", t[i].text);
    }
}
END_TEST

/* What makes a reader go back and forth: a megabyte of halves is read in no time. */
START_TEST(halves)
{
    static const char *const pieces[] = {" <", " <\"\\\">", ") [",  " H=(", "\"\\\"",  " DN=\"\\", " <>",
                                         "(",  " T=\"",     " R=x", " : ",  " from a", " H=(",     "<"};
    struct hc_exim_fields f;
    static const enum hc_exim_flag flags[] = {HC_EXIM_ARRIVAL, HC_EXIM_DELIVERY, HC_EXIM_FAILED,
                                              HC_EXIM_DEFERRED, HC_EXIM_OTHER};

    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) text = g_string_new("a");
        while (text->len < 1u << 20)
            g_string_append(text, pieces[i]);
        g_string_append_c(text, '>');
        for (size_t k = 0; k < G_N_ELEMENTS(flags); k++)
            fields(flags[k], text->str);
        memset(&f, 0, sizeof f);
        hc_exim_find_client(hc_str(text->str), &f);
    }
}
END_TEST

static enum hc_piece take(struct hc_pieces *p, const char *key, const char *text, struct hc_str *whole)
{
    return hc_pieces_take(p, hc_str(key), hc_str(text), whole);
}

START_TEST(pieces)
{
    struct hc_pieces *p = hc_pieces_new();
    struct hc_str whole = HC_STR_NONE;

    ck_assert_int_eq(take(p, "a", "no piece", &whole), HC_PIECE_NONE);
    ck_assert_int_eq(take(p, "a", "[1/1] x", &whole), HC_PIECE_NONE);
    ck_assert_int_eq(take(p, "a", "[0/3] x", &whole), HC_PIECE_NONE);
    ck_assert_int_eq(take(p, "a", "[4/3] x", &whole), HC_PIECE_NONE);
    ck_assert_int_eq(take(p, "a", "[1/3]x", &whole), HC_PIECE_NONE);
    ck_assert_int_eq(take(p, "a", "[1/3] one", &whole), HC_PIECE_FIRST);
    ck_assert_int_eq(take(p, "b", "[1\\2] other", &whole), HC_PIECE_FIRST);
    ck_assert_int_eq(take(p, "a", "[2\\3]  two", &whole), HC_PIECE_NEXT);
    ck_assert_int_eq(take(p, "b", "[2/2] end", &whole), HC_PIECE_LAST);
    IS(whole, "other\nend");
    ck_assert_int_eq(take(p, "a", "[3/3] three", &whole), HC_PIECE_LAST);
    IS(whole, "one two\nthree");
    ck_assert_int_eq(take(p, "a", "[2/3] late", &whole), HC_PIECE_LOST);
    ck_assert_int_eq(take(p, "a", "[1/3] one", &whole), HC_PIECE_FIRST);
    ck_assert_int_eq(take(p, "a", "[3/3] three", &whole), HC_PIECE_LOST);
    ck_assert_int_eq(take(p, "a", "[2/3] two", &whole), HC_PIECE_LOST);
    hc_pieces_free(p);
}
END_TEST

START_TEST(pieces_limits)
{
    struct hc_pieces *p = hc_pieces_new();
    g_autofree char *fill = g_strnfill(HC_PIECES_TEXT_MAX, 'x'), *big = g_strdup_printf("[2/3] %s", fill);
    struct hc_str whole = HC_STR_NONE;

    for (int i = 0; i < HC_PIECES_OPEN_MAX; i++) {
        g_autofree char *key = g_strdup_printf("%d", i);
        ck_assert_int_eq(take(p, key, "[1/2] a", &whole), HC_PIECE_FIRST);
    }
    ck_assert_int_eq(take(p, "0", "[2/2] b", &whole), HC_PIECE_LAST);
    take(p, "0", "[1/2] a", &whole);
    take(p, "one more", "[1/2] a", &whole);
    ck_assert_int_eq(take(p, "1", "[2/2] b", &whole), HC_PIECE_LOST);
    ck_assert_int_eq(take(p, "one more", "[2/2] b", &whole), HC_PIECE_LAST);
    take(p, "long", "[1/3] a", &whole);
    ck_assert_int_eq(take(p, "long", big, &whole), HC_PIECE_LOST);
    hc_pieces_free(p);
}
END_TEST

Suite *suite_exim(void)
{
    Suite *suite = suite_create("exim");
    TCase *tc = tcase_create("line");

    tcase_add_test(tc, stamps);
    tcase_add_test(tc, ids);
    tcase_add_test(tc, arrival);
    tcase_add_test(tc, imitated);
    tcase_add_test(tc, delivery);
    tcase_add_test(tc, unquoted);
    tcase_add_test(tc, no_delivery);
    tcase_add_test(tc, clients);
    tcase_add_test(tc, escapes);
    tcase_add_test(tc, halves);
    tcase_add_test(tc, pieces);
    tcase_add_test(tc, pieces_limits);
    suite_add_tcase(suite, tc);
    return suite;
}
