/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that an event cites: what stands in its row, and what SQLite makes of that. */
#include "src/evidence/witnesses.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_witnesses(void);

static const struct hc_locator own = {100, 130, 5000, 80};

static struct hc_event citing(const struct hc_event_part *parts, size_t n)
{
    return (struct hc_event){.at = own, .parts = parts, .n_parts = n};
}

static void writes(const struct hc_event_part *parts, size_t n, const char *want)
{
    struct hc_event event = citing(parts, n);
    struct hc_buffer out = {0};

    hc_buffer_add(&out, "before", 6);
    hc_lines_write(&event, &out);
    hc_buffer_add(&out, "", 1);
    ck_assert_str_eq(out.p + 6, want);
    hc_buffer_clear(&out);
}

START_TEST(relative_and_in_order)
{
    const struct hc_event_part parts[] = {{{102, 132, 5200, 9}, 0}, {{98, 128, 4800, 123}, 0}};

    writes(parts, 0, "");
    writes(parts, 1, "[[2,200,9]]");
    writes(parts, 2, "[[-2,-200,123],[2,200,9]]");
}
END_TEST

START_TEST(a_line_further_beyond_its_record)
{
    const struct hc_event_part parts[] = {{{101, 131, 5100, 1}, 0}, {{102, 137, 5200, 0}, 0}};

    writes(parts, 2, "[[1,100,1],[2,200,0,5]]");
}
END_TEST

START_TEST(of_two_at_one_offset_the_first_counts)
{
    const struct hc_event_part parts[] = {
        {{101, 131, 5300, 7}, 0}, {{99, 129, 4900, 1}, 0}, {{99, 129, 4900, 2}, 0}, {{101, 131, 5300, 8}, 0}};

    writes(parts, 4, "[[-1,-100,1],[1,300,7]]");
}
END_TEST

START_TEST(extremes)
{
    const struct hc_event_part parts[] = {{{INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}, 0}};
    struct hc_event event = {
        .at = {INT64_MAX - 1, INT64_MAX - 1, 0, 1}, .parts = parts, .n_parts = G_N_ELEMENTS(parts)};
    struct hc_buffer out = {0};

    hc_lines_write(&event, &out);
    hc_buffer_add(&out, "", 1);
    ck_assert_str_eq(out.p, "[[1,9223372036854775807,9223372036854775807]]");
    hc_buffer_clear(&out);
}
END_TEST

/* Those of another source, and those that have lines where the event has none, are told one by one. */
START_TEST(others_are_packed)
{
    const struct hc_event_part parts[] = {{{99, 129, 4900, 1}, 0}, {{7, 7, 70, 3}, 4}, {{8, 0, 80, 2}, 0}};
    struct hc_event event = citing(parts, 3);
    struct hc_event_part part = {0};
    struct hc_buffer out = {0};
    struct hc_str packed;

    writes(parts, 3, "[[-1,-100,1]]");
    hc_parts_pack(&event, &out);
    packed = hc_str_n(out.p, out.n);
    for (size_t i = 1; i < 3; i++) {
        ck_assert(hc_parts_next(&packed, &part));
        ck_assert_int_eq(part.source, parts[i].source);
        ck_assert_int_eq(part.at.record, parts[i].at.record);
        ck_assert_int_eq(part.at.line, parts[i].at.line);
        ck_assert_int_eq(part.at.offset, parts[i].at.offset);
        ck_assert_int_eq(part.at.length, parts[i].at.length);
    }
    ck_assert(!hc_parts_next(&packed, &part));
    hc_buffer_clear(&out);
}
END_TEST

Suite *suite_witnesses(void)
{
    Suite *s = suite_create("witnesses");
    TCase *tc = tcase_create("lines");

    tcase_add_test(tc, relative_and_in_order);
    tcase_add_test(tc, a_line_further_beyond_its_record);
    tcase_add_test(tc, of_two_at_one_offset_the_first_counts);
    tcase_add_test(tc, extremes);
    tcase_add_test(tc, others_are_packed);
    suite_add_tcase(s, tc);
    return s;
}
