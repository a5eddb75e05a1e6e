/* SPDX-License-Identifier: Apache-2.0 */
/* Names in memory: found, walked, given up again, and sorted as a comparison of all their bytes would. */
#include "src/evidence/names.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_names(void);

/* Keys that are alike in every way: short, long, one the beginning of the other, different only far behind;
 * with NULs. */
static char *make_key(uint64_t *random, size_t *n)
{
    static const char *const starts[] = {
        "", "4000000", "a", "ab", "user", "\xc3\xa9", "\xff\xff\xff\xff\xff\xff\xff\xff"};
    const char *start = starts[lite_random(random) % G_N_ELEMENTS(starts)];
    size_t fill = lite_random(random) % 4 == 0 ? lite_random(random) % 300 : 0,
           tail = lite_random(random) % 4;
    GString *key = g_string_new(start);

    for (size_t i = 0; i < fill; i++)
        g_string_append_c(key, 'x');
    for (size_t i = 0; i < tail; i++)
        g_string_append_c(key, "\0ab\xfe"[lite_random(random) % 4]);
    *n = key->len;
    return g_string_free(key, FALSE);
}

/* Any hash does; this one lets many names meet. */
static uint64_t hash_of(const struct hc_name *like, const char *key)
{
    return (uint64_t)(like->n * 7 + like->kind + (like->n ? (unsigned char)key[like->n - 1] : 0)) << 32;
}

static int64_t add_names(struct hc_names *names, uint64_t *random, int64_t id, int count)
{
    for (int i = 0; i < count; i++) {
        struct hc_name like = {.realm = (uint32_t)(lite_random(random) % 2),
                               .kind = (uint8_t)(1 + lite_random(random) % 3)};
        size_t n;
        g_autofree char *key = make_key(random, &n);
        like.n = (uint32_t)n;
        like.n_written = n && n % 3 == 0 ? (uint32_t)n : 0;
        if (hc_names_find(names, hash_of(&like, key), &like, key))
            continue;
        like.id = ++id;
        hc_names_add(names, hash_of(&like, key), &like, key, key);
    }
    return id;
}

/* All are there in the order in which they came, and each is found. */
static void check_all_there(const struct hc_names *names, int64_t last)
{
    const struct hc_name *name;
    int64_t id = 0;

    for (uint32_t place = 0; (name = hc_names_walk(names, &place));) {
        ck_assert_int_eq(name->id, ++id);
        ck_assert(!name->n_written || memcmp(name->key, name->key + name->n, name->n) == 0);
        ck_assert_ptr_eq(hc_names_find(names, hash_of(name, name->key), name, name->key), name);
    }
    ck_assert_int_eq(id, last);
}

START_TEST(given_up)
{
    struct hc_names *names = hc_names_new();
    uint64_t random = 7;
    int64_t last = 0;

    for (int round = 0; round < 60; round++) {
        uint32_t end = hc_names_end(names);
        int64_t now = add_names(names, &random, last, 400);
        if (lite_random(&random) % 3 == 0)
            hc_names_cut(names, end);
        else
            last = now;
        check_all_there(names, last);
    }
    hc_names_cut(names, 0);
    check_all_there(names, 0);
    ck_assert_int_gt(last, 5000);
    hc_names_free(names);
}
END_TEST

static int by_bytes(const struct hc_name *a, const struct hc_name *b)
{
    int order = memcmp(a->key, b->key, MIN(a->n, b->n));

    return a->kind != b->kind     ? (int)a->kind - (int)b->kind
           : a->realm != b->realm ? (int)a->realm - (int)b->realm
           : order                ? order
                                  : (int)a->n - (int)b->n;
}

START_TEST(sorted)
{
    struct hc_names *names = hc_names_new();
    uint64_t random = (uint64_t)_i;
    int64_t last = add_names(names, &random, 0, 1 << (3 * _i));
    g_autofree const struct hc_name **all = NULL;
    size_t n;

    all = hc_names_sorted(names, &n);
    ck_assert_int_eq((int64_t)n, last);
    for (size_t i = 1; i < n; i++)
        ck_assert(by_bytes(all[i - 1], all[i]) < 0);
    hc_names_free(names);
}
END_TEST

/* Blocks are filled to their last byte, and names that do not fit begin the next. */
START_TEST(large)
{
    struct hc_names *names = hc_names_new();
    g_autofree char *key = g_strnfill(4096, 'k');
    uint32_t end = 0;

    for (int64_t id = 1; id <= 1000; id++) {
        struct hc_name like = {.id = id, .n = (uint32_t)(4096 - id % 9), .kind = (uint8_t)(id % 251)};
        g_snprintf(key, 8, "%07d", (int)id);
        hc_names_add(names, hash_of(&like, key), &like, key, NULL);
        if (id == 500)
            end = hc_names_end(names);
    }
    check_all_there(names, 1000);
    hc_names_cut(names, end);
    check_all_there(names, 500);
    hc_names_free(names);
}
END_TEST

Suite *suite_names(void)
{
    Suite *suite = suite_create("names");
    TCase *tc = tcase_create("names");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, given_up);
    tcase_add_loop_test(tc, sorted, 0, 6);
    tcase_add_test(tc, large);
    suite_add_tcase(suite, tc);
    return suite;
}
