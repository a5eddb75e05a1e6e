/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/mime.h"
#include "src/base/mimelimits.h"

#include <check.h>

Suite *suite_mime(void);

static struct hc_mime *parse(const char *text)
{
    GError *error = NULL;
    struct hc_mime *m = hc_mime_parse(hc_str(text), &error);

    ck_assert_msg(m != NULL, "%s", error ? error->message : "");
    return m;
}

START_TEST(headers)
{
    g_autoptr(hc_mime_t) m =
        parse("Received: from a by b;\r\n\tMon, 20 Nov 2023 07:21:29 -0500\r\n"
              "From: =?utf-8?q?Ren=C3=A9e?= <r@x.example>, second@x.example\r\n"
              "To: one@x.example, a group: two@x.example;, three@x.example\r\nCc: four@x.example\r\n"
              "Subject: a\r\n b\r\nMessage-ID: <id@x>\r\nIn-Reply-To: <re@x>\r\n"
              "References: <a@x>\r\n <b@x>\r\nDate: soon\r\n\r\nbody\r\n");

    ck_assert_str_eq(m->from, "r@x.example");
    ck_assert_str_eq(m->from_name, "Ren\xc3\xa9"
                                   "e");
    ck_assert_str_eq(m->to, "one@x.example");
    ck_assert_str_eq(m->recipients, "one@x.example, three@x.example, four@x.example");
    ck_assert_str_eq(m->subject, "a b");
    ck_assert_str_eq(m->message_id, "id@x");
    ck_assert_str_eq(m->in_reply_to, "re@x");
    ck_assert_str_eq(m->references, "<a@x> <b@x>");
    ck_assert_str_eq(m->date, "soon");
    ck_assert_str_eq(m->hops[0], "from a by b; Mon, 20 Nov 2023 07:21:29 -0500");
    ck_assert(g_str_has_prefix(m->body, "body"));
}
END_TEST

START_TEST(absent)
{
    g_autoptr(hc_mime_t) m = parse("X: y\n\n");

    ck_assert_ptr_null(m->from);
    ck_assert_ptr_null(m->to);
    ck_assert_ptr_null(m->subject);
    ck_assert_ptr_null(m->message_id);
    ck_assert_ptr_null(m->date);
    ck_assert_ptr_null(m->hops[0]);
    ck_assert_str_eq(m->body, "");
}
END_TEST

static const struct {
    const char *text, *body;
} bodies[] = {
    {"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=E4\n",
     "\xc3\xa4\n"},
    {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nw6QA/2I=\n",
     "\xc3\xa4\xe2\x90\x80\xef\xbf\xbd"
     "b"}, /* a NUL hides nothing behind it */
    {"Content-Type: text/plain; charset=no-such-thing\n\nx\xff\n", "x\xef\xbf\xbd\n"},
    {"\nx\xff\n", "x\xef\xbf\xbd\n"},
    {"Content-Type: text/html\n\n<p>x</p>\n", "<p>x</p>\n"},
    {"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: "
     "text/html\n\nhtml\n--b\n\nplain\n--b--\n",
     "plain"},
    {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n\nx\n--b--\n", ""},
    {"Content-Type: multipart/mixed; boundary=b\n\nnever begun\n", ""},
};

START_TEST(body_of)
{
    g_autoptr(hc_mime_t) m = parse(bodies[_i].text);

    ck_assert_str_eq(m->body, bodies[_i].body);
}
END_TEST

/* `depth` multiparts around one text. */
static char *nested(int depth)
{
    GString *text = g_string_new("From: a@x.example\n");

    for (int i = 0; i < depth; i++)
        g_string_append_printf(text, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    g_string_append(text, "\nfound\n");
    for (int i = depth; i-- > 0;)
        g_string_append_printf(text, "--b%d--\n", i);
    return g_string_free(text, FALSE);
}

START_TEST(depth_limit)
{
    g_autofree char *last = nested(HC_MIME_DEPTH_MAX), *beyond = nested(HC_MIME_DEPTH_MAX + 1),
                    *far = nested(20000);
    g_autoptr(hc_mime_t) a = parse(last), b = parse(beyond), c = parse(far);

    ck_assert_str_eq(a->body, "found");
    ck_assert_str_eq(b->body, "");
    ck_assert_str_eq(c->body, "");
    ck_assert_str_eq(c->from, "a@x.example");
}
END_TEST

/* The limit falls into a character of two bytes. */
START_TEST(body_limit)
{
    g_autoptr(GString) text = g_string_new("Content-Type: text/plain; charset=utf-8\n\nx");
    g_autoptr(hc_mime_t) m = NULL;

    for (unsigned i = 0; i < HC_MIME_BODY_MAX; i++)
        g_string_append(text, "\xc3\xa4");
    m = parse(text->str);
    ck_assert_uint_eq(strlen(m->body), HC_MIME_BODY_MAX - 1);
    ck_assert(g_utf8_validate(m->body, -1, NULL));
}
END_TEST

/* A message that has `n` times the line before its subject. */
static struct hc_mime *repeated(const char *first, const char *line, int n)
{
    g_autoptr(GString) text = g_string_new("From: a@x.example\n");

    g_string_append(text, first);
    for (int i = 0; i < n; i++)
        g_string_append(text, line);
    g_string_append(text,
                    g_str_has_suffix(text->str, "\n") ? "Subject: s\n\nbody\n" : "\nSubject: s\n\nbody\n");
    return parse(text->str);
}

/* The last one inside of each limit, the first one beyond it, and as many as would exhaust stack or
 * memory. */
static const struct {
    const char *first, *line;
    int last;
} many[] = {
    {"", "X: y\n", HC_MIME_HEADERS_MAX - 2}, /* From and Subject are headers too */
    {"", "to: b\n", HC_MIME_HEADERS_MAX - 2},
    {"To: x", "g:", HC_MIME_GROUPS_MAX - 1},
    {"Resent-To: x\n", " g:\n\tg:\n", HC_MIME_GROUPS_MAX / 2 - 1},
};

START_TEST(many_limits)
{
    g_autoptr(hc_mime_t) last = repeated(many[_i].first, many[_i].line, many[_i].last);
    g_autoptr(hc_mime_t) beyond = repeated(many[_i].first, many[_i].line, many[_i].last + 2);
    g_autoptr(hc_mime_t) far = repeated(many[_i].first, many[_i].line, 1000000);

    ck_assert(!last->cut && beyond->cut && far->cut);
    ck_assert_str_eq(last->subject, "s");
    ck_assert_ptr_null(beyond->subject);
    ck_assert_str_eq(far->from, "a@x.example");
}
END_TEST

START_TEST(parts_limit)
{
    g_autoptr(GString) text =
        g_string_new("From: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n");
    g_autoptr(hc_mime_t) m = NULL;

    for (int i = 1; i < HC_MIME_PARTS_MAX; i++)
        g_string_append(text, "--b\n\nx\n");
    m = parse(text->str);
    ck_assert(!m->cut);
    g_clear_pointer(&m, hc_mime_free);
    for (int i = 0; i < 1000000; i++)
        g_string_append(text, "--b\n\nx\n");
    m = parse(text->str);
    ck_assert(m->cut);
    ck_assert_str_eq(m->body, "body");
}
END_TEST

START_TEST(no_message)
{
    GError *error = NULL;

    ck_assert_ptr_null(hc_mime_parse(HC_STR_LIT(""), &error));
    ck_assert_str_eq(error->message, "not a mail message");
    g_clear_error(&error);
}
END_TEST

Suite *suite_mime(void)
{
    Suite *suite = suite_create("mime");
    TCase *tc = tcase_create("mime");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, headers);
    tcase_add_test(tc, absent);
    tcase_add_loop_test(tc, body_of, 0, G_N_ELEMENTS(bodies));
    tcase_add_test(tc, depth_limit);
    tcase_add_test(tc, body_limit);
    tcase_add_loop_test(tc, many_limits, 0, G_N_ELEMENTS(many));
    tcase_add_test(tc, parts_limit);
    tcase_add_test(tc, no_message);
    suite_add_tcase(suite, tc);
    return suite;
}
