/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of an input: their limits, their ends, and that a thread that reads ahead changes nothing. */
#include "src/base/input.h"
#include "tests/unit/lite.h"
#include "tests/unit/pack.h"

#include <check.h>

Suite *suite_lines(void);

static int lines_of(const char *text, size_t n, int64_t *long_one, int *after)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory(text, n, "f", NULL);
    struct hc_str line;
    struct hc_locator at = {0};
    int lines = 0;

    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    while (hc_input_line(in, &line, &at, NULL) == 1) {
        lines++;
        ck_assert_int_eq(at.line, lines);
        if (!line.p)
            *long_one = at.length;
        else if (lines == 2 && hc_str_is(line, "next"))
            *after = at.offset == *long_one + 1;
    }
    return lines;
}

START_TEST(line_limit)
{
    size_t n = HC_LINE_MAX;
    g_autofree char *text = g_malloc(n + 10);
    int64_t length = -1;
    int after = 0;

    memset(text, 'x', n);
    memcpy(text + n, "\nnext", 5);
    ck_assert_int_eq(lines_of(text, n + 5, &length, &after), 2);
    ck_assert_int_eq(length, -1);
    memcpy(text + n, "x\nnext\n", 7);
    ck_assert_int_eq(lines_of(text, n + 7, &length, &after), 2);
    ck_assert_int_eq(length, (int64_t)n + 1);
    ck_assert(after);
}
END_TEST

START_TEST(line_ends)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory("a\r\n\r\n\nb\rc\0d\nlast", 16, "f", NULL);
    static const char *const want[] = {"a", "", "", "b\rc", "last"};
    struct hc_str line;
    struct hc_locator at = {0};

    hc_input_next(in, NULL);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
        ck_assert(hc_str_starts(line, want[i]));
        ck_assert_int_eq(hc_input_cut(in), i == 4);
    }
    ck_assert_int_eq(at.offset, 12);
    ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 0);
}
END_TEST

START_TEST(peek_limit)
{
    g_autofree char *text = g_strnfill(2 * HC_PEEK_SIZE, 'x');
    g_autoptr(hc_input_t) in = hc_input_open_memory(text, 2 * HC_PEEK_SIZE, "f", NULL);
    struct hc_str line;
    struct hc_locator at;

    hc_input_next(in, NULL);
    ck_assert_uint_eq(hc_input_peek(in).n, HC_PEEK_SIZE);
    ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
    ck_assert_uint_eq(line.n, 2 * HC_PEEK_SIZE);
}
END_TEST

/* Lines of lengths from nothing to beyond a block, one of them without its end. */
static GString *many_lines(size_t size, unsigned seed)
{
    GString *text = g_string_new(NULL);
    uint64_t state = seed;

    while (text->len < size) {
        const uint64_t n = lite_random(&state), most = n % 50 ? 200 : n % 3 ? 90000 : 700000;
        for (uint64_t k = lite_random(&state) % most; k; k--)
            g_string_append_c(text, (char)('a' + (text->len % 23)));
        g_string_append(text, n % 7 ? "\n" : "\r\n");
    }
    g_string_append(text, "cut");
    return text;
}

/* All lines and their places, every `ahead`th after a look ahead; then hash and size. Yours. */
static char *read_lines(const GString *text, int64_t aside, unsigned ahead)
{
    struct hc_input *in = hc_input_open_memory(text->str, text->len, "f", NULL);
    GString *all = g_string_new(NULL);
    struct hc_locator at = {0};
    struct hc_str line;
    char hex[HC_SHA256_HEX];
    int64_t size;

    hc_input_limits(in)->aside = aside;
    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    ck_assert_uint_eq(hc_input_peek(in).n, HC_PEEK_SIZE);
    for (unsigned i = 1; hc_input_line(in, &line, &at, NULL) == 1; i++) {
        g_string_append_len(all, line.p, (gssize)line.n);
        g_string_append_printf(all, "|%d %d %d %d\n", (int)at.line, (int)at.offset, (int)at.length,
                               hc_input_cut(in));
        if (i % ahead == 0 && hc_input_ahead(in, (size_t)i * 97 % 1000000, &line, &at, NULL) == 1) {
            g_string_append_printf(all, "%d %d %.*s\n", (int)at.line, (int)at.offset,
                                   (int)MIN(line.n, i % 31), line.p);
            hc_input_skip(in, MIN(line.n, i % 11));
        }
    }
    ck_assert(hc_input_finish(in, hex, &size, NULL));
    ck_assert_int_eq(hc_input_next(in, NULL), 0);
    g_string_append_printf(all, "%s %d", hex, (int)size);
    hc_input_close(in);
    return g_string_free(all, FALSE);
}

START_TEST(read_by_a_thread)
{
    GString *text = many_lines(8 << 20, (unsigned)_i + 1);

    for (unsigned ahead = 1; ahead < 1000000; ahead = ahead * 9 + 1) {
        g_autofree char *here = read_lines(text, INT64_MAX, ahead);
        for (int64_t aside = 0; aside <= 5 << 20; aside = aside * 11 + 100000) {
            g_autofree char *by_thread = read_lines(text, aside, ahead);
            ck_assert_msg(strcmp(here, by_thread) == 0,
                          "another text is read from %d bytes on, with a look ahead at each %u", (int)aside,
                          ahead);
        }
    }
    g_string_free(text, TRUE);
}
END_TEST

/* A member is left while it is read ahead: the next one begins where it should. */
START_TEST(left_by_a_thread)
{
    GString *text = many_lines(3 << 20, 7);
    struct packed p;
    struct archive *a = pack_new(&p, "tar", "none");
    struct hc_locator at = {0};
    struct hc_input *in;
    struct hc_str line;

    for (int i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("m%d", i);
        pack_add(a, name, text->str, text->len, AE_IFREG);
    }
    pack_done(a);
    in = hc_input_open_memory(p.data, p.size, "t", NULL);
    hc_input_limits(in)->aside = 0;
    for (int i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("m%d", i);
        ck_assert_int_eq(hc_input_next(in, NULL), 1);
        ck_assert_str_eq(hc_input_member(in), name);
        for (int k = 0; k <= i * 40; k++)
            ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
        ck_assert_int_eq(at.line, i * 40 + 1);
        if (i % 2)
            hc_input_leave(in);
    }
    ck_assert_int_eq(hc_input_next(in, NULL), 0);
    hc_input_close(in);
    g_free(p.data);
    g_string_free(text, TRUE);
}
END_TEST

Suite *suite_lines(void)
{
    Suite *suite = suite_create("lines");
    TCase *tc = tcase_create("lines");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, line_limit);
    tcase_add_test(tc, line_ends);
    tcase_add_test(tc, peek_limit);
    tcase_add_loop_test(tc, read_by_a_thread, 0, 2);
    tcase_add_test(tc, left_by_a_thread);
    suite_add_tcase(suite, tc);
    return suite;
}
