/* SPDX-License-Identifier: Apache-2.0 */
/* Names that look alike, and names that do not; and that none is overlooked by the quick way to find them. */
#include "src/correlate/skeleton.h"

#include <check.h>
#include <string.h>

Suite *suite_skeleton(void);

static const struct {
    const char *a, *b;
    enum look look;
} looks[] = {
    {"paypal", "paypa1", LOOK_CONFUSABLE},
    {"paypal",
     "p\xd0\xb0"
     "ypal",
     LOOK_CONFUSABLE},                                                      /* Cyrillic a */
    {"scope", "\xd1\x95\xd1\x81\xd0\xbe\xd1\x80\xd0\xb5", LOOK_CONFUSABLE}, /* all of it Cyrillic */
    {"modern", "rnodern", LOOK_CONFUSABLE},
    {"modern", "modem", LOOK_CONFUSABLE},
    {"william", "vvilliam", LOOK_CONFUSABLE},
    {"hello", "hell\xce\xbf", LOOK_CONFUSABLE}, /* Greek o */
    {"hello",
     "\xef\xbd\x88"
     "ello",
     LOOK_CONFUSABLE}, /* full width */
    {"cafe", "caf\xc3\xa9", LOOK_CONFUSABLE},
    {"hello", "he\xe2\x80\x8bllo", LOOK_CONFUSABLE}, /* a zero-width space */
    {"my-package", "my_package", LOOK_SEPARATOR},
    {"my-package", "mypackage", LOOK_SEPARATOR},
    {"my-package", "my.pack-age", LOOK_SEPARATOR},
    {"requests", "reqeusts", LOOK_SWAPPED},
    {"user12", "user21", LOOK_SWAPPED},
    {"requests", "request", LOOK_LETTER},
    {"requests", "requestss", LOOK_LETTER},
    {"requests", "requezts", LOOK_LETTER},
    {"user12", "user13", LOOK_OTHER},
    {"user1", "user12", LOOK_OTHER},
    {"user12", "userl2", LOOK_CONFUSABLE},
    {"requests", "reqeuzts", LOOK_OTHER},
    {"ann", "anna", LOOK_OTHER}, /* too short for a letter */
    {"bob", "b0b", LOOK_CONFUSABLE},
    {"io", "lo", LOOK_OTHER}, /* too short for anything */
    {"", "", LOOK_OTHER},
    {"same", "same", LOOK_OTHER},
    {"\xe5\xbc\xa0\xe4\xb8\x89", "\xe6\x9d\x8e\xe5\x9b\x9b", LOOK_OTHER},
};

START_TEST(names_that_look_alike_and_that_do_not)
{
    for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
        ck_assert_msg(look_of(looks[i].a, looks[i].b) == looks[i].look, "%s and %s: %s", looks[i].a,
                      looks[i].b, look_name(look_of(looks[i].a, looks[i].b)));
        ck_assert(look_of(looks[i].b, looks[i].a) == looks[i].look);
    }
}
END_TEST

static void mark(void *data, guint number)
{
    ((bool *)data)[number] = true;
}

/* Whatever look_of finds between any two of many random names near_find offers. */
START_TEST(nothing_that_looks_alike_is_overlooked)
{
    enum { NAMES = 500 };
    static const char letters[] = "al1rnm-";
    char *names[NAMES];
    struct near *near = near_new();
    guint64 state = 42;
    int alike = 0;

    for (int i = 0; i < NAMES; i++) {
        GString *s = g_string_new(NULL);
        for (int n = 3 + i % 5; n > 0; n--) {
            state = state * G_GUINT64_CONSTANT(6364136223846793005) + 1442695040888963407U;
            g_string_append_c(s, letters[(state >> 33) % (sizeof letters - 1)]);
        }
        names[i] = g_string_free(s, FALSE);
        near_add(near, names[i], (guint)i);
    }
    for (int i = 0; i < NAMES; i++) {
        bool offered[NAMES] = {false};
        near_find(near, names[i], mark, offered);
        for (int k = 0; k < NAMES; k++) {
            bool is = look_of(names[i], names[k]) != LOOK_OTHER;
            alike += is;
            ck_assert_msg(!is || offered[k], "%s and %s", names[i], names[k]);
        }
    }
    ck_assert(alike > 100);
    for (int i = 0; i < NAMES; i++)
        g_free(names[i]);
    near_free(near);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_near_to_none)
{
    struct near *near = near_new();
    g_autofree char *most = g_strnfill(NEAR_LENGTH_MAX, 'x'), *more = g_strnfill(NEAR_LENGTH_MAX + 1, 'x');
    bool offered[2] = {false, false};

    near_add(near, most, 0);
    near_add(near, more, 1);
    near_find(near, most, mark, offered);
    ck_assert(offered[0] && !offered[1]);
    offered[0] = false;
    near_find(near, more, mark, offered);
    ck_assert(!offered[0] && !offered[1]);
    near_free(near);
}
END_TEST

Suite *suite_skeleton(void)
{
    Suite *s = suite_create("skeleton");
    TCase *tc = tcase_create("skeleton");

    tcase_add_test(tc, names_that_look_alike_and_that_do_not);
    tcase_add_test(tc, nothing_that_looks_alike_is_overlooked);
    tcase_add_test(tc, a_name_that_is_too_long_is_near_to_none);
    suite_add_tcase(s, tc);
    return s;
}
