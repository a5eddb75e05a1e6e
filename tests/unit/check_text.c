/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/text.h"

#include <check.h>

Suite *suite_text(void);

#define LIT(s) HC_STR_LIT(s)

typedef void (*writer)(GString *out, struct hc_str in);

static void expect(writer write, struct hc_str in, struct hc_str want)
{
    g_autoptr(GString) out = g_string_new("x"); /* appends: what was there stays */

    write(out, in);
    ck_assert_int_eq(out->str[0], 'x');
    ck_assert_str_eq(out->str + 1, want.p);
    ck_assert_uint_eq(out->len - 1, want.n);
}

static void visible_line(GString *out, struct hc_str in)
{
    hc_text_visible(out, in, false);
}

static void visible_text(GString *out, struct hc_str in)
{
    hc_text_visible(out, in, true);
}

#define BAD "\xef\xbf\xbd"

/* Bytes that are no UTF-8, each with the number of replacement characters. */
static const struct {
    struct hc_str in;
    unsigned bad;
} hostile[] = {
    {LIT("\x80"), 1}, /* continuation without lead */
    {LIT("\xbf"), 1},
    {LIT("\xc0\x80"), 2}, /* overlong NUL */
    {LIT("\xc1\xbf"), 2},
    {LIT("\xe0\x80\xaf"), 3}, /* overlong slash */
    {LIT("\xe0\x9f\xbf"), 3},
    {LIT("\xf0\x80\x80\xaf"), 4},
    {LIT("\xf0\x8f\xbf\xbf"), 4},
    {LIT("\xed\xa0\x80"), 3}, /* surrogates */
    {LIT("\xed\xbf\xbf"), 3},
    {LIT("\xf4\x90\x80\x80"), 4}, /* U+110000 */
    {LIT("\xf5\x80\x80\x80"), 4},
    {LIT("\xff"), 1},
    {LIT("\xfe"), 1},
    {LIT("\xc3"), 1}, /* cut short */
    {LIT("\xe2\x82"), 2},
    {LIT("\xf0\x9f\x98"), 3},
    {LIT("\xf8\x88\x80\x80\x80"), 5},
};

START_TEST(utf8_replaces_what_is_none)
{
    g_autoptr(GString) in = g_string_new("0123456789abc"), want = g_string_new("0123456789abc");

    g_string_append_len(in, hostile[_i].in.p, (gssize)hostile[_i].in.n);
    g_string_append(in, "zz");
    for (unsigned i = 0; i < hostile[_i].bad; i++)
        g_string_append(want, BAD);
    g_string_append(want, "zz");
    expect(hc_text_utf8, hc_str_n(in->str, in->len), hc_str(want->str));
    ck_assert(!hc_text_is_clean(hc_str_n(in->str, in->len)));
    ck_assert(!hc_text_is_clean(hostile[_i].in));
}
END_TEST

START_TEST(utf8_keeps_what_is)
{
    static const char edges[] = "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
                                "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";

    expect(hc_text_utf8, LIT(edges), LIT(edges));
    ck_assert(hc_text_is_clean(LIT(edges)));
    expect(hc_text_utf8, LIT(""), LIT(""));
    expect(hc_text_utf8, HC_STR_NONE, LIT(""));
    ck_assert(hc_text_is_clean(HC_STR_NONE));
    expect(hc_text_utf8, LIT("a\0b"),
           LIT("a\xe2\x90\x80"
               "b"));
    ck_assert(!hc_text_is_clean(LIT("a\0b")));
    ck_assert(!hc_text_is_clean(LIT("12345678\0")));
}
END_TEST

/* A bad byte is seen at every distance from the start, so in both the wide and the narrow loop. */
START_TEST(clean_at_every_offset)
{
    char text[40];

    for (size_t i = 0; i < sizeof text; i++) {
        memset(text, 'a', sizeof text);
        ck_assert(hc_text_is_clean(hc_str_n(text, sizeof text)));
        text[i] = '\0';
        ck_assert(!hc_text_is_clean(hc_str_n(text, sizeof text)));
        text[i] = (char)0xff;
        ck_assert(!hc_text_is_clean(hc_str_n(text, sizeof text)));
        ck_assert(hc_text_is_clean(hc_str_n(text, i)));
    }
}
END_TEST

/* First and last of each range that must not reach a display, and their neighbours that may. */
static const uint32_t unseen[] = {
    0x00,    0x01,    0x0d,    0x1b,    0x1f,    0x7f,     0x80,     0x9b,   0x9f,   0xad,
    0x61c,   0x200b,  0x200f,  0x2028,  0x2029,  0x202a,   0x202e,   0x2060, 0x2064, 0x2066,
    0x2069,  0x206f,  0xfeff,  0xfdd0,  0xfdef,  0xfffe,   0xffff,   0xfff9, 0xfffb, 0xe0000,
    0xe0001, 0xe0020, 0xe007f, 0x1fffe, 0x1ffff, 0x10fffe, 0x10ffff,
};
static const uint32_t seen[] = {
    0x20,   0x7e,   0xa0,   0xac,   0xae,   0x61b,  0x61d,  0x200a,  0x2010,  0x2027,  0x202f, 0x205f,
    0x2070, 0xfdcf, 0xfdf0, 0xfefe, 0xff00, 0xfffc, 0xfffd, 0x1fffd, 0xe0080, 0x1f600, 0x4e2d, 0x10fffd,
};

static struct hc_str utf8_of(uint32_t code, char buffer[8])
{
    return hc_str_n(buffer, (size_t)g_unichar_to_utf8(code, buffer));
}

START_TEST(visible_shows_every_range)
{
    char buffer[8] = {0}, want[16];

    g_snprintf(want, sizeof want, "\\u{%04X}", unseen[_i]);
    expect(visible_line, utf8_of(unseen[_i], buffer), hc_str(want));
    expect(visible_text, utf8_of(unseen[_i], buffer), hc_str(want));
}
END_TEST

START_TEST(visible_leaves_neighbours)
{
    char buffer[8] = {0};
    struct hc_str in = utf8_of(seen[_i], buffer);

    expect(visible_line, in, hc_str(buffer));
}
END_TEST

START_TEST(visible_lines)
{
    expect(visible_line, LIT("a\nb\tc"), LIT("a\\u{000A}b c"));
    expect(visible_text, LIT("a\nb\tc\r\n"), LIT("a\nb c\\u{000D}\n"));
    expect(visible_line, LIT("\x1b[31mred"), LIT("\\u{001B}[31mred"));
    expect(visible_line, LIT("\xff"), LIT(BAD));
    expect(visible_line, HC_STR_NONE, LIT(""));
}
END_TEST

/* Each byte at each place of what is looked at eight at a time. */
START_TEST(json_plain)
{
    char text[24];

    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < sizeof text; at++) {
            bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
            memset(text, at % 2 ? '!' : '~', sizeof text);
            text[at] = (char)c;
            if (hc_text_json_plain(hc_str_n(text, sizeof text)) != (plain ? sizeof text : at))
                ck_abort_msg("byte %d at %zu", c, at);
        }
    ck_assert_uint_eq(hc_text_json_plain(HC_STR_NONE), 0);
}
END_TEST

/* Every byte at every place of texts of every length up to those that are looked at in whole steps. */
START_TEST(json_plain_short)
{
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++)
            for (int c = 0; c < 256; c++) {
                const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
                char text[40];
                memset(text, 'a', sizeof text);
                text[at] = (char)c;
                ck_assert_uint_eq(hc_text_json_plain(hc_str_n(text, n)), plain ? n : at);
            }
}
END_TEST

START_TEST(json_escapes)
{
    expect(hc_text_json, LIT("a\"b\\c/"), LIT("\"a\\\"b\\\\c/\""));
    expect(hc_text_json, LIT("\n\x1b\x7f"), LIT("\"\\u000a\\u001b\\u007f\""));
    expect(hc_text_json, LIT("\xe2\x80\xae\xe4\xb8\xad"), LIT("\"\\u202e\xe4\xb8\xad\""));
    expect(hc_text_json, LIT("\xf3\xa0\x80\x81"), LIT("\"\\udb40\\udc01\"")); /* tag U+E0001 */
    expect(hc_text_json, LIT("\0"), LIT("\"\\u0000\""));
    expect(hc_text_json, HC_STR_NONE, LIT("\"\""));
    expect(hc_text_json, LIT("\xed\xa0\x80"), LIT("\"" BAD BAD BAD "\""));
}
END_TEST

START_TEST(csv_fields)
{
    expect(hc_text_csv, LIT("plain"), LIT("plain"));
    expect(hc_text_csv, LIT(""), LIT(""));
    expect(hc_text_csv, HC_STR_NONE, LIT(""));
    expect(hc_text_csv, LIT("a,b"), LIT("\"a,b\""));
    expect(hc_text_csv, LIT("say \"hi\""), LIT("\"say \"\"hi\"\"\""));
    expect(hc_text_csv, LIT("a\nb"), LIT("a\\u{000A}b"));
    expect(hc_text_csv, LIT(" a"), LIT("\" a\""));
    expect(hc_text_csv, LIT("a=b"), LIT("a=b"));
}
END_TEST

START_TEST(csv_formulas)
{
    expect(hc_text_csv, LIT("=1+1"), LIT("'=1+1"));
    expect(hc_text_csv, LIT("+1"), LIT("'+1"));
    expect(hc_text_csv, LIT("-1"), LIT("'-1"));
    expect(hc_text_csv, LIT("@SUM(A1)"), LIT("'@SUM(A1)"));
    expect(hc_text_csv, LIT("\t=1"), LIT("' =1"));
    expect(hc_text_csv, LIT("\r=1"), LIT("'\\u{000D}=1"));
    expect(hc_text_csv, LIT("=HYPERLINK(\"x\",\"y\")"), LIT("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""));
    expect(hc_text_csv,
           LIT("\xef\xbc\x9d"
               "1"),
           LIT("'\xef\xbc\x9d"
               "1"));
}
END_TEST

static void expect_fold(struct hc_str in, const char *want)
{
    g_autofree char *key = hc_text_fold(in);

    ck_assert_str_eq(key, want);
}

START_TEST(fold)
{
    expect_fold(LIT("Sandy.VOLKOV@Example.ORG"), "sandy.volkov@example.org");
    expect_fold(LIT("STRASSE"), "strasse");
    expect_fold(LIT("Stra\xc3\x9f"
                    "e"),
                "strasse");
    expect_fold(LIT("e\xcc\x81"), "\xc3\xa9"); /* decomposed = composed */
    expect_fold(LIT("\xc3\x89"), "\xc3\xa9");
    expect_fold(LIT("a\0B"), "a\xe2\x90\x80"
                             "b");
    expect_fold(LIT("A\xff"), "a" BAD);
    expect_fold(LIT(""), "");
    expect_fold(HC_STR_NONE, "");
}
END_TEST

START_TEST(cut)
{
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"; /* 1 + 2 + 3 + 4 bytes */
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

    for (size_t max = 0; max < G_N_ELEMENTS(want); max++)
        ck_assert_uint_eq(hc_text_cut(LIT(text), max).n, want[max]);
    ck_assert_ptr_null(hc_text_cut(HC_STR_NONE, 3).p);
}
END_TEST

START_TEST(hash)
{
    uint64_t ab_c = hc_hash_add(hc_hash_add(HC_HASH_START, LIT("ab")), LIT("c"));
    uint64_t a_bc = hc_hash_add(hc_hash_add(HC_HASH_START, LIT("a")), LIT("bc"));

    ck_assert_uint_ne(ab_c, a_bc);
    ck_assert_uint_ne(hc_hash_add(HC_HASH_START, LIT("")), hc_hash_add(HC_HASH_START, HC_STR_NONE));
    /* the same on every machine; computed by hand from the definition */
    ck_assert_uint_eq(hc_hash_add(HC_HASH_START, LIT("")), UINT64_C(0xf8bb92c91b3f5cc0));
    ck_assert_uint_eq(hc_hash_add(HC_HASH_START, LIT("a")), UINT64_C(0xa254ad0199887ee8));
    ck_assert_uint_eq(hc_hash_add(HC_HASH_START, LIT("abcde")), UINT64_C(0x1f0f7410fd979857));
    ck_assert_uint_eq(hc_hash_add(HC_HASH_START, LIT("abcdefghi")), UINT64_C(0x22b47712f503e091));
    ck_assert_uint_ne(hc_hash_field(HC_HASH_START, 0, LIT("a")), hc_hash_field(HC_HASH_START, 1, LIT("a")));
    ck_assert_uint_ne(hc_hash_field(HC_HASH_START, 0, LIT("a")), hc_hash_add(HC_HASH_START, LIT("a")));
}
END_TEST

Suite *suite_text(void)
{
    Suite *suite = suite_create("text");
    TCase *tc = tcase_create("text");

    tcase_add_test(tc, json_plain);
    tcase_add_test(tc, json_plain_short);
    tcase_add_loop_test(tc, utf8_replaces_what_is_none, 0, (int)G_N_ELEMENTS(hostile));
    tcase_add_test(tc, utf8_keeps_what_is);
    tcase_add_test(tc, clean_at_every_offset);
    tcase_add_loop_test(tc, visible_shows_every_range, 0, (int)G_N_ELEMENTS(unseen));
    tcase_add_loop_test(tc, visible_leaves_neighbours, 0, (int)G_N_ELEMENTS(seen));
    tcase_add_test(tc, visible_lines);
    tcase_add_test(tc, json_escapes);
    tcase_add_test(tc, csv_fields);
    tcase_add_test(tc, csv_formulas);
    tcase_add_test(tc, fold);
    tcase_add_test(tc, cut);
    tcase_add_test(tc, hash);
    suite_add_tcase(suite, tc);
    return suite;
}
