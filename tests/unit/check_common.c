/* SPDX-License-Identifier: Apache-2.0 */
/* A text that was put together is found by its fields, and by no others. */
#include "src/evidence/common.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_common(void);

static const struct hc_common_text *find(struct hc_common *c, const char *name, const char *value,
                                         unsigned which)
{
    const struct hc_attribute fields[] = {{HC_STR_LIT("first"), HC_STR_LIT("1")},
                                          {hc_str(name), hc_str(value)}};

    return hc_common_find(c, fields, G_N_ELEMENTS(fields), which);
}

static void set(struct hc_common *c, const char *text)
{
    const struct hc_common_text new = {hc_str(text), 1, 2};

    hc_common_set(c, &new);
}

static bool is(const struct hc_common_text *found, const char *text)
{
    return text ? hc_str_is(found->text, text) && found->hash == 1 && found->name == 2 : !found->text.p;
}

START_TEST(by_names_and_values)
{
    struct hc_common *c = hc_common_new();

    ck_assert(is(find(c, "a", "bc", 2), NULL));
    set(c, "one");
    ck_assert(is(find(c, "ab", "c", 2), NULL));
    set(c, "two");
    ck_assert(is(find(c, "a", "bc", 3), NULL));
    set(c, "three");
    ck_assert(is(find(c, "a", "bc", 2), "one"));
    ck_assert(is(find(c, "ab", "c", 2), "two"));
    ck_assert(is(find(c, "a", "bc", 3), "three"));
    ck_assert(is(find(c, "a", "bd", 2), NULL));
    ck_assert(is(find(c, "a", "bc", 2), "one"));
    hc_common_free(c);
}
END_TEST

/* More than it has places for: what is found is right, and what was asked for but not set is not known. */
START_TEST(many)
{
    struct hc_common *c = hc_common_new();
    int known = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 2 * HC_COMMON_SLOTS; i++) {
            g_autofree char *value = g_strdup_printf("%d", i);
            const struct hc_common_text *found = find(c, "a", value, 2);
            LITE_NEED(is(found, found->text.p ? value : NULL));
            known += found->text.p != NULL;
            if (i % 3)
                set(c, value);
        }
    ck_assert_int_gt(known, 0);
    ck_assert_int_lt(known, 2 * HC_COMMON_SLOTS);
    hc_common_free(c);
}
END_TEST

START_TEST(too_long)
{
    struct hc_common *c = hc_common_new();
    g_autofree char *value = g_strnfill(HC_COMMON_MAX, 'x');

    ck_assert_ptr_null(find(c, "a", value, 2));
    value[HC_COMMON_MAX - 1] = '\0';
    ck_assert_ptr_nonnull(find(c, "a", value, 2));
    hc_common_free(c);
}
END_TEST

Suite *suite_common(void)
{
    Suite *suite = suite_create("common");
    TCase *tc = tcase_create("common");

    tcase_add_test(tc, by_names_and_values);
    tcase_add_test(tc, many);
    tcase_add_test(tc, too_long);
    suite_add_tcase(suite, tc);
    return suite;
}
