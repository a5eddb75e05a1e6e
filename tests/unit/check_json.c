/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/json.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_json(void);

#define LIT(s) HC_STR_LIT(s)

static void good(struct hc_str in, size_t want)
{
    size_t at = 0;
    const char *why = NULL;
    size_t n = hc_json_check(in, &at, &why);

    if (n != want)
        ck_abort_msg("%.*s: %zu, want %zu (%s at %zu)", HC_STR_ARG(in), n, want, why ? why : "-", at);
}

static void bad(struct hc_str in, size_t want, const char *reason)
{
    size_t at = 0;
    const char *why = NULL;

    ck_assert_uint_eq(hc_json_check(in, &at, &why), 0);
    if (at != want || !why || strcmp(why, reason) != 0)
        ck_abort_msg("%.*s: %s at %zu, want %s at %zu", HC_STR_ARG(in), why ? why : "-", at, reason, want);
}

START_TEST(check_accepts)
{
    static const struct hc_str texts[] = {
        LIT("null"),
        LIT("true"),
        LIT("false"),
        LIT("0"),
        LIT("-0"),
        LIT("12"),
        LIT("-1.5"),
        LIT("0.10"),
        LIT("1e5"),
        LIT("1E+5"),
        LIT("1.25e-300"),
        LIT("\"\""),
        LIT("\"a\""),
        LIT("[]"),
        LIT("[ ]"),
        LIT("{}"),
        LIT("{ }"),
        LIT("[1,2,[3]]"),
        LIT("[ 1 , \"x\" ]"),
        LIT("{\"a\":1}"),
        LIT("{\"a\" : {\"b\":[{}]} }"),
        LIT("{\"a\":1,\"a\":2}"),
        LIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\""),
        LIT("\"\\ud800\""),
        LIT("\"\\u0000\""),
        LIT("\"\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""),
        LIT("\t\r\n [\n\t1\r\n]"),
        LIT("\"0123456789abcde\""),
        LIT("\"0123456789abcdef\""),
        LIT("\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\""),
        LIT("\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\""),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        good(texts[i], texts[i].n);
}
END_TEST

START_TEST(check_stops_after_the_value)
{
    good(LIT("1 2"), 1);
    good(LIT("{}{}"), 2);
    good(LIT(" [] x"), 3);
    good(LIT("01"), 1);
    good(LIT("nullx"), 4);
    good(LIT("\"a\"\xff"), 3);
}
END_TEST

START_TEST(check_refuses)
{
    bad(LIT(""), 0, "unexpected end");
    bad(HC_STR_NONE, 0, "unexpected end");
    bad(LIT("  "), 2, "unexpected end");
    bad(LIT("x"), 0, "value expected");
    bad(LIT("\xef\xbb\xbf{}"), 0, "value expected");
    bad(LIT("trux"), 3, "unknown word");
    bad(LIT("nul"), 3, "unexpected end");
    bad(LIT("NaN"), 0, "value expected");
    bad(LIT("-"), 1, "unexpected end");
    bad(LIT("-x"), 1, "digit expected");
    bad(LIT("+1"), 0, "value expected");
    bad(LIT(".5"), 0, "value expected");
    bad(LIT("1."), 2, "unexpected end");
    bad(LIT("1.x"), 2, "digit expected");
    bad(LIT("1e"), 2, "unexpected end");
    bad(LIT("1e+]"), 3, "digit expected");
    bad(LIT("[01]"), 2, "',' or ']' expected");
    bad(LIT("[1"), 2, "unexpected end");
    bad(LIT("[1,]"), 3, "value expected");
    bad(LIT("[,1]"), 1, "value expected");
    bad(LIT("[1 2]"), 3, "',' or ']' expected");
    bad(LIT("[1}"), 2, "',' or ']' expected");
    bad(LIT("{\"a\":1]"), 6, "',' or '}' expected");
    bad(LIT("{\"a\":1,}"), 7, "key expected");
    bad(LIT("{a:1}"), 1, "key expected");
    bad(LIT("{\"a\" 1}"), 5, "':' expected");
    bad(LIT("{\"a\"}"), 4, "':' expected");
    bad(LIT("{1:1}"), 1, "key expected");
    bad(LIT("['a']"), 1, "value expected");
    bad(LIT("[\v1]"), 1, "value expected");
    bad(LIT("[\0]"), 1, "value expected");
}
END_TEST

START_TEST(check_refuses_strings)
{
    bad(LIT("\"abc"), 4, "unexpected end");
    bad(LIT("\"a\nb\""), 2, "control character in a string");
    bad(LIT("\"a\0b\""), 2, "control character in a string");
    bad(LIT("\"\x1f\""), 1, "control character in a string");
    bad(LIT("\"\\x\""), 2, "unknown escape");
    bad(LIT("\"\\\0\""), 2, "unknown escape");
    bad(LIT("\"\\"), 2, "unexpected end");
    bad(LIT("\"\\u12g4\""), 5, "hexadecimal digit expected");
    bad(LIT("\"\\u12"), 5, "unexpected end");
    bad(LIT("{\"\\q\":1}"), 3, "unknown escape");
}
END_TEST

START_TEST(check_refuses_what_is_not_utf8)
{
    bad(LIT("\"a\x80\""), 2, "not UTF-8");
    bad(LIT("\"\xc0\xaf\""), 1, "not UTF-8");         /* overlong */
    bad(LIT("\"\xe0\x80\x80\""), 1, "not UTF-8");     /* overlong */
    bad(LIT("\"\xf0\x8f\xbf\xbf\""), 1, "not UTF-8"); /* overlong */
    bad(LIT("\"\xed\xa0\x80\""), 1, "not UTF-8");     /* surrogate */
    bad(LIT("\"\xf4\x90\x80\x80\""), 1, "not UTF-8"); /* > 10FFFF */
    bad(LIT("\"\xf8\x88\x80\x80\x80\""), 1, "not UTF-8");
    bad(LIT("\"ab\xe2\x82\""), 3, "not UTF-8"); /* cut short by the quote */
    bad(LIT("\"\xff\n\""), 1, "not UTF-8");     /* the first of two faults */
    bad(LIT("\"\xff\\q\""), 1, "not UTF-8");
    bad(LIT("{\"\xff\":1}"), 2, "not UTF-8");
}
END_TEST

/* Every fault at every offset, so in the wide loop and in the narrow one. */
START_TEST(check_strings_at_every_offset)
{
    char text[80];

    for (size_t i = 1; i < sizeof text - 1; i++) {
        memset(text, 'a', sizeof text);
        text[0] = text[sizeof text - 1] = '"';
        good(hc_str_n(text, sizeof text), sizeof text);
        text[i] = '\x01';
        bad(hc_str_n(text, sizeof text), i, "control character in a string");
        text[i] = (char)0x80;
        bad(hc_str_n(text, sizeof text), i, "not UTF-8");
        text[i] = '"';
        good(hc_str_n(text, sizeof text), i + 1);
        bad(hc_str_n(text, i), i, "unexpected end");
    }
}
END_TEST

static char *nested(size_t depth, const char *open, const char *close)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < depth; i++)
        g_string_append(text, open);
    g_string_append_c(text, '1');
    for (size_t i = 0; i < depth; i++)
        g_string_append(text, close);
    return g_string_free(text, FALSE);
}

START_TEST(depth_limit)
{
    g_autofree char *most = nested(HC_JSON_DEPTH_MAX, "[", "]");
    g_autofree char *more = nested(HC_JSON_DEPTH_MAX + 1, "[", "]");
    g_autofree char *objects = nested(HC_JSON_DEPTH_MAX, "{\"a\":", "}");
    g_autofree char *far_more = nested(1000000, "{\"a\":", "}");

    good(hc_str(most), 2 * HC_JSON_DEPTH_MAX + 1);
    good(hc_str(objects), strlen(objects));
    bad(hc_str(more), HC_JSON_DEPTH_MAX, "nested too deeply");
    bad(hc_str(far_more), 5 * HC_JSON_DEPTH_MAX, "nested too deeply");
}
END_TEST

START_TEST(types)
{
    ck_assert_int_eq(hc_json_type(LIT(" null")), HC_JSON_NULL);
    ck_assert_int_eq(hc_json_type(LIT("true")), HC_JSON_TRUE);
    ck_assert_int_eq(hc_json_type(LIT("false")), HC_JSON_FALSE);
    ck_assert_int_eq(hc_json_type(LIT("-1")), HC_JSON_NUMBER);
    ck_assert_int_eq(hc_json_type(LIT("0")), HC_JSON_NUMBER);
    ck_assert_int_eq(hc_json_type(LIT("\"\"")), HC_JSON_STRING);
    ck_assert_int_eq(hc_json_type(LIT("\n[]")), HC_JSON_ARRAY);
    ck_assert_int_eq(hc_json_type(LIT("{}")), HC_JSON_OBJECT);
    ck_assert_int_eq(hc_json_type(LIT("x")), HC_JSON_INVALID);
    ck_assert_int_eq(hc_json_type(LIT(" ")), HC_JSON_INVALID);
    ck_assert_int_eq(hc_json_type(HC_STR_NONE), HC_JSON_INVALID);
}
END_TEST

static void get(const char *text, const char *path, const char *want)
{
    struct hc_str value = hc_json_get(hc_str(text), path);

    if (!want)
        ck_assert_ptr_null(value.p);
    else if (!hc_str_is(value, want))
        ck_abort_msg("%s of %s: %.*s, want %s", path, text, HC_STR_ARG(value), want);
}

START_TEST(get_paths)
{
    const char *text =
        " { \"a\" : {\"b\":{\"c\":1}, \"d.e\":2}, \"list\":[ 10 , {\"x\":\"y\"},[]], \"n\":null, \"\":5 } ";

    get(text, "a.b.c", "1");
    get(text, "a.b", "{\"c\":1}");
    get(text, "list", "[ 10 , {\"x\":\"y\"},[]]");
    get(text, "list.0", "10");
    get(text, "list.1.x", "\"y\"");
    get(text, "list.2", "[]");
    get(text, "list.3", NULL);
    get(text, "list.00", NULL);
    get(text, "list.x", NULL);
    get(text, "list.-1", NULL);
    get(text, "list.99999999999999999999", NULL);
    get(text, "n", "null");
    get(text, "n.x", NULL);
    get(text, "a.d.e", NULL); /* a key that holds a dot cannot be named */
    get(text, "b", NULL);
    get(text, "a.b.c.d", NULL);
    get("[1,2]", "1", "2");
    get("3", "", "3");
    get("3", "a", NULL);
    get("{}", "a", NULL);
}
END_TEST

START_TEST(get_keys)
{
    get("{\"a\":1,\"b\":2,\"a\":3}", "a", "3");
    get("{\"a\":{\"x\":1},\"a\":{}}", "a.x", NULL);
    get("{\"\\u0061\\u0062\":1}", "ab", "1");
    get("{\"ab\":1,\"\\u0061b\":2}", "ab", "2");
    get("{\"abc\":1}", "ab", NULL);
    get("{\"@timestamp\":1}", "@timestamp", "1");
    get("{\"\\ud83d\\ude00\":1}", "\xf0\x9f\x98\x80", "1");
    get("{\"s\":\"},{]\\\"[\\\\\",\"a\":1}", "a", "1");
    get("{\"deep\":[[[{\"a\":\"]\"}]]],\"a\":7}", "a", "7");
}
END_TEST

static void text(struct hc_str value, struct hc_str want)
{
    g_autoptr(GString) out = g_string_new("x");

    ck_assert(hc_json_text(value, out));
    ck_assert_str_eq(out->str + 1, want.p);
    ck_assert_uint_eq(out->len - 1, want.n);
}

START_TEST(scalar_texts)
{
    g_autoptr(GString) out = g_string_new(NULL);

    text(LIT("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\""), LIT("a\"\\/\b\f\n\r\tz"));
    text(LIT("\"\\u00e9\\u20AC\\ud83d\\ude00\""), LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
    text(LIT("\"a\\u0000b\""), LIT("a\xe2\x90\x80"
                                   "b"));
    text(LIT("\"\\ud800\""), LIT("\xef\xbf\xbd"));
    text(LIT("\"\\udc00\\ud800\""), LIT("\xef\xbf\xbd\xef\xbf\xbd"));
    text(LIT("\"\\ud800\\ud83d\\ude00\""), LIT("\xef\xbf\xbd\xf0\x9f\x98\x80"));
    text(LIT("\"\\ud800x\""), LIT("\xef\xbf\xbdx"));
    text(LIT("\"\""), LIT(""));
    text(LIT(" 12.50 "), LIT("12.50"));
    text(LIT("true"), LIT("true"));
    text(LIT("false"), LIT("false"));
    text(LIT("[1, 2]"), LIT("[1, 2]"));
    text(LIT("{\"a\":\"\\n\"}"), LIT("{\"a\":\"\\n\"}"));
    ck_assert(!hc_json_text(LIT("null"), out));
    ck_assert(!hc_json_text(HC_STR_NONE, out));
    ck_assert_uint_eq(out->len, 0);
}
END_TEST

START_TEST(walk)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    struct hc_str key, value;
    size_t pos = 0;

    while ((value = hc_json_next(LIT(" {\"a\" : 1 , \"b\":[2,3]\n,\"c\":{}}"), &pos, &key)).p)
        g_string_append_printf(seen, "%.*s=%.*s;", HC_STR_ARG(key), HC_STR_ARG(value));
    ck_assert_str_eq(seen->str, "\"a\"=1;\"b\"=[2,3];\"c\"={};");
    g_string_truncate(seen, 0);
    pos = 0;
    while ((value = hc_json_next(LIT("[ 1,\"x,]\" , [ ] ,null]"), &pos, &key)).p)
        g_string_append_printf(seen, "%.*s;", HC_STR_ARG(value));
    ck_assert_str_eq(seen->str, "1;\"x,]\";[ ];null;");
    ck_assert_ptr_null(key.p);
    ck_assert_ptr_null(hc_json_next(LIT("[ 1,\"x,]\" , [ ] ,null]"), &pos, NULL).p);
}
END_TEST

START_TEST(walk_of_nothing)
{
    static const struct hc_str texts[] = {LIT("{}"), LIT("[ ]"), LIT("1"), LIT("\"a\""),
                                          LIT(""),   LIT("["),   LIT("{")};
    size_t pos = 0;

    ck_assert_ptr_null(hc_json_next(texts[_i], &pos, NULL).p);
    ck_assert_ptr_null(hc_json_next(texts[_i], &pos, NULL).p);
    pos = 0;
    ck_assert_ptr_null(hc_json_next(HC_STR_NONE, &pos, NULL).p);
}
END_TEST

/* Out of contract: what was never validated may give nonsense, but must end and stay inside. */
START_TEST(walk_of_broken_text)
{
    static const char *const texts[] = {
        "{\"a",  "{\"a\"", "{\"a\":", "{\"a\":1",           "[[[",        "[1 2 3", "[}{", "{\"a\\",
        "[\"\\", "{:::}",  "[,,,",    "{\"a\" \"b\" \"c\"", "[\"a\"\"b\""};
    g_autofree char *copy = g_strdup(texts[_i]);
    g_autoptr(GString) out = g_string_new(NULL);
    struct hc_str key = HC_STR_NONE, all = hc_str(copy), value;
    size_t pos = 0;
    int steps = 0;

    while ((value = hc_json_next(all, &pos, &key)).p && steps++ < 100)
        hc_json_text(value, out);
    ck_assert_int_lt(steps, 100);
    hc_json_get(all, "a.0.b");
}
END_TEST

/* A document of chance: few keys, so that they come twice and in each other; some of them written with
 * escapes. */
static void random_value(GString *out, uint64_t *random, int depth)
{
    static const char *const keys[] = {"a",       "b",   "c",        "",        "0",    "1", "\\u0061",
                                       "\\u0062", "a.b", "\xc3\xa9", "\\u00e9", "a\\n", "A"};
    static const char *const scalars[] = {"null",  "true",    "12",        "-0.5e3", "\"\"",
                                          "\"a\"", "\"},{\"", "\"\\\"]\"", " 7 "};
    uint64_t kind = lite_random(random) % (depth ? 5 : 1), n = lite_random(random) % 6;

    if (kind < 1) {
        g_string_append(out, scalars[lite_random(random) % G_N_ELEMENTS(scalars)]);
        return;
    }
    g_string_append(out, kind < 4 ? "{" : "[");
    for (uint64_t i = 0; i < n; i++) {
        g_string_append(out, i ? "," : "");
        if (kind < 4)
            g_string_append_printf(out, lite_random(random) % 4 ? "\"%s\":" : " \"%s\" : ",
                                   keys[lite_random(random) % G_N_ELEMENTS(keys)]);
        random_value(out, random, depth - 1);
    }
    g_string_append(out, kind < 4 ? "}" : " ]");
}

static char *random_path(uint64_t *random)
{
    static const char *const names[] = {"a",  "b",          "c",  "",         "0", "1", "2",
                                        "00", "9999999999", "-1", "\xc3\xa9", "A", "x"};
    GString *path = g_string_new(NULL);

    for (uint64_t n = lite_random(random) % 5, i = 0; i < n; i++)
        g_string_append_printf(path, "%s%s", i ? "." : "", names[lite_random(random) % G_N_ELEMENTS(names)]);
    return g_string_free(path, FALSE);
}

/* One pass gives what two give: where it ends, what it finds, and what is wrong. */
static void check_scan(const struct hc_json_paths *paths, struct hc_str text)
{
    struct hc_str found[12], want[12];
    size_t wrong = 0, at = 0, n = hc_json_check(text, &wrong, &(const char *){NULL});
    const char *why = NULL;

    memset(found, 0x55, sizeof found);
    hc_json_pick(paths, n ? hc_str_trim(hc_str_head(text, n)) : HC_STR_NONE, memset(want, 0, sizeof want));
    ck_assert_uint_eq(hc_json_scan(paths, text, found, &at, &why), n);
    ck_assert_uint_eq(at, wrong);
    for (size_t i = 0; n && i < G_N_ELEMENTS(want) && found[i].p != (const char *)0x5555555555555555; i++)
        if (want[i].p != found[i].p || want[i].n != found[i].n)
            ck_abort_msg("%zu of %.*s: %.*s, want %.*s", i, HC_STR_ARG(text), HC_STR_ARG(found[i]),
                         HC_STR_ARG(want[i]));
}

/* Several paths at once give what each gives alone: the same bytes at the same place. */
START_TEST(pick_is_get)
{
    uint64_t random = 1;
    int found_some = 0;

    for (int round = 0; round < 3000; round++) {
        struct hc_json_paths *paths = hc_json_paths_new();
        g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
        struct hc_str found[12];
        for (uint64_t n = lite_random(&random) % 12, i = 0; i < n; i++) {
            g_ptr_array_add(all, random_path(&random));
            hc_json_paths_add(paths, all->pdata[i]);
        }
        for (int k = 0; k < 10; k++) {
            g_autoptr(GString) text = g_string_new(k % 2 ? " " : "");
            random_value(text, &random, 5);
            struct hc_str value = hc_str_n(text->str, text->len);
            if (hc_json_check(value, &(size_t){0}, &(const char *){NULL}) == 0)
                ck_abort_msg("%s", text->str);
            memset(found, 0x55, sizeof found);
            hc_json_pick(paths, value, found);
            for (guint i = 0; i < all->len; i++) {
                struct hc_str want = hc_json_get(value, all->pdata[i]);
                if (want.p != found[i].p || (want.p && want.n != found[i].n))
                    ck_abort_msg("%s of %s: %.*s, want %.*s", (char *)all->pdata[i], text->str,
                                 HC_STR_ARG(found[i]), HC_STR_ARG(want));
                found_some += want.p != NULL;
            }
            check_scan(paths, hc_str_n(text->str, text->len));
            text->str[lite_random(&random) % text->len] = "\"\\{}[],: 0x"[lite_random(&random) % 11];
            check_scan(paths, hc_str_n(text->str, text->len));
        }
        hc_json_pick(paths, HC_STR_NONE, found);
        for (guint i = 0; i < all->len; i++)
            LITE_NEED(found[i].p == NULL);
        hc_json_paths_free(paths);
    }
    ck_assert_int_gt(found_some, 10000);
}
END_TEST

Suite *suite_json(void)
{
    Suite *suite = suite_create("json");
    TCase *tc = tcase_create("json");

    tcase_add_test(tc, check_accepts);
    tcase_add_test(tc, check_stops_after_the_value);
    tcase_add_test(tc, check_refuses);
    tcase_add_test(tc, check_refuses_strings);
    tcase_add_test(tc, check_refuses_what_is_not_utf8);
    tcase_add_test(tc, check_strings_at_every_offset);
    tcase_add_test(tc, depth_limit);
    tcase_add_test(tc, types);
    tcase_add_test(tc, get_paths);
    tcase_add_test(tc, get_keys);
    tcase_add_test(tc, pick_is_get);
    tcase_add_test(tc, scalar_texts);
    tcase_add_test(tc, walk);
    tcase_add_loop_test(tc, walk_of_nothing, 0, 7);
    tcase_add_loop_test(tc, walk_of_broken_text, 0, 13);
    suite_add_tcase(suite, tc);
    return suite;
}
