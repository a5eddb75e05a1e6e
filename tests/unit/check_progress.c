/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/progress.h"

#include <check.h>

Suite *suite_progress(void);

#define S INT64_C(1000000)
#define MB INT64_C(1000000)

/* The line for these, or "-" when it is not time for one. */
static void expect(struct hc_progress *p, int64_t now, const char *what, int64_t done, int64_t total,
                   const char *want)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (!hc_progress_line(p, now, what, done, total, line))
        g_string_assign(line, "-");
    ck_assert_str_eq(line->str, want);
}

START_TEST(lines)
{
    struct hc_progress p = {0};

    expect(&p, 5 * S, "a.sql", 0, 1000 * MB, "[  0%] a.sql");
    expect(&p, 5 * S + 50000, "a.sql", 10 * MB, 1000 * MB, "-");
    expect(&p, 5 * S + 100000, "a.sql", 20 * MB, 1000 * MB, "[  2%] a.sql");
    expect(&p, 7 * S, "a.sql", 400 * MB, 1000 * MB, "[ 40%] 200 MB/s, 4 s left, a.sql");
    expect(&p, 7 * S + 1, "b\x1b[2J", 400 * MB, 1000 * MB, "[ 40%] 200 MB/s, 4 s left, b\\u{001B}[2J");
    expect(&p, 15 * S, "b\x1b[2J", 1000 * MB, 1000 * MB, "[100%] 100 MB/s, 0 s left, b\\u{001B}[2J");
    expect(&p, 16 * S, "indexes", 2000 * MB, 1000 * MB, "[100%] 91 MB/s, 0 s left, indexes");
    hc_progress_clear(&p);
}
END_TEST

START_TEST(slow_and_empty)
{
    struct hc_progress p = {0};

    expect(&p, 0, "a", 0, 0, "a");
    expect(&p, 10 * S, "a", 0, 0, "a");
    hc_progress_clear(&p);
    p = (struct hc_progress){0};
    expect(&p, 0, "a", 0, 100 * MB, "[  0%] a");
    expect(&p, 10 * S, "a", 10 * MB, 100 * MB, "[ 10%] 1.0 MB/s, 1 min 31 s left, a");
    expect(&p, 20 * S, "a", 10 * MB, 100000 * MB, "[  0%] 0.5 MB/s, 55 h 33 min left, a");
    hc_progress_clear(&p);
}
END_TEST

Suite *suite_progress(void)
{
    Suite *suite = suite_create("progress");
    TCase *tc = tcase_create("lines");

    tcase_add_test(tc, lines);
    tcase_add_test(tc, slow_and_empty);
    suite_add_tcase(suite, tc);
    return suite;
}
