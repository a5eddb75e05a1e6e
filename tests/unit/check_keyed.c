/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/keyed.h"
#include "src/evidence/entities.h"

#include <check.h>
#include <string.h>

Suite *suite_keyed(void);

/* Texts that have one hash each for the function that the test is given: of blocks of two letters that GLib's
 * takes for the same. */
static char *colliding(unsigned n, int blocks)
{
    char *text = g_malloc((gsize)blocks * 2 + 1);

    for (int i = 0; i < blocks; i++)
        memcpy(text + (gsize)i * 2, n >> i & 1 ? "FY" : "Ez", 2);
    text[blocks * 2] = 0;
    return text;
}

START_TEST(one_text_has_one_hash)
{
    ck_assert_uint_eq(hc_keyed(1, HC_STR_LIT("abcdefghijk")), hc_keyed(1, HC_STR_LIT("abcdefghijk")));
    ck_assert_uint_ne(hc_keyed(1, HC_STR_LIT("abcdefghijk")), hc_keyed(2, HC_STR_LIT("abcdefghijk")));
    ck_assert_uint_ne(hc_keyed(0, hc_str_n("a\0", 2)), hc_keyed(0, HC_STR_LIT("a")));
    ck_assert_uint_ne(hc_keyed(0, HC_STR_NONE), hc_keyed(0, hc_str_n("\0", 1)));
}
END_TEST

/* What meets in one slot of GLib's table stands apart in ours: so many slots are taken as by random numbers,
 * within a tenth. */
START_TEST(texts_that_meet_elsewhere_stand_apart)
{
    const unsigned n = 1 << 14;
    g_autofree bool *taken = g_new0(bool, n);
    unsigned slots = 0;

    ck_assert_uint_eq(g_str_hash("EzFYEz"), g_str_hash("FYEzFY"));
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *text = colliding(i, 14);
        guint slot = hc_keyed_text(text) & (n - 1);
        slots += !taken[slot];
        taken[slot] = true;
    }
    ck_assert_uint_gt(slots, n / 100 * 57); /* 1 - 1/e is 63 of 100 */
}
END_TEST

/* A change of the highest bit passes through a product unchanged where only its lower half is kept: two such
 * changes took each other back. */
START_TEST(changes_do_not_take_each_other_back)
{
    for (int other = 0; other < 64; other++) {
        uint64_t a[2] = {0x4141414141414141, 0x4242424242424242}, b[2] = {a[0] ^ UINT64_C(1) << 63, a[1]};
        b[1] ^= UINT64_C(1) << 63 ^ UINT64_C(1) << other;
        ck_assert_uint_ne(hc_keyed(0, hc_str_n((const char *)a, sizeof a)),
                          hc_keyed(0, hc_str_n((const char *)b, sizeof b)));
        ck_assert_uint_ne(hc_entities_hash(HC_ENTITY_ACCOUNT, 1, hc_str_n((const char *)a, sizeof a)),
                          hc_entities_hash(HC_ENTITY_ACCOUNT, 1, hc_str_n((const char *)b, sizeof b)));
    }
}
END_TEST

/* Twice as many names take twice as long, not four times: compared with numbers that nobody chose. */
START_TEST(a_table_of_chosen_names_is_as_quick_as_any)
{
    const unsigned n = 1 << 15;
    g_autoptr(GHashTable) chosen = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    gint64 from = g_get_monotonic_time();

    for (unsigned i = 0; i < n; i++)
        g_hash_table_add(chosen, colliding(i, 15));
    ck_assert_uint_eq(g_hash_table_size(chosen), n);
    ck_assert_int_lt(g_get_monotonic_time() - from,
                     2 * G_USEC_PER_SEC); /* with one slot for all: 500 million steps */
}
END_TEST

Suite *suite_keyed(void)
{
    Suite *suite = suite_create("keyed");
    TCase *tc = tcase_create("keyed");

    tcase_add_test(tc, one_text_has_one_hash);
    tcase_add_test(tc, texts_that_meet_elsewhere_stand_apart);
    tcase_add_test(tc, changes_do_not_take_each_other_back);
    tcase_add_test(tc, a_table_of_chosen_names_is_as_quick_as_any);
    suite_add_tcase(suite, tc);
    return suite;
}
