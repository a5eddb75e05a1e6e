/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting beyond memory, against qsort of the same items. */
#include "src/evidence/runs.h"
#include "tests/unit/lite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *suite_runs(void);

struct item {
    int64_t key;
    uint32_t no; /* in the order of being added: equal keys keep it */
    size_t size;
};

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    return x->key != y->key ? x->key < y->key ? -1 : 1 : x->no < y->no ? -1 : x->no > y->no;
}

/* Its bytes say which item it is, from the first to the last. */
static void fill(unsigned char *to, const struct item *item)
{
    for (size_t i = 0; i < item->size; i++)
        to[i] = (unsigned char)(item->no * 31 + i * 7);
}

static int64_t any(uint64_t r)
{
    return r % 7 == 0 ? INT64_MIN : r % 7 == 1 ? INT64_MAX : (int64_t)(r * UINT64_C(0x9e3779b97f4a7c15));
}

static int64_t few(uint64_t r)
{
    return (int64_t)(r % 5) - 2;
}

static int64_t one(uint64_t r)
{
    return -7;
}

static int64_t near_zero(uint64_t r)
{
    return (int64_t)(r % 70000) - 35000;
}

static uint64_t counted;
static int64_t rising(uint64_t r)
{
    return (int64_t)counted++;
}

static int64_t falling(uint64_t r)
{
    return -(int64_t)counted++;
}

static const struct {
    size_t n, size_max, memory;
    int64_t (*key)(uint64_t);
} cases[] = {
    {0, 10, 1 << 20, any},       {1, 10, 1 << 20, any},        {2, 0, 1 << 20, few},
    {1000, 100, 1 << 20, any}, /* all in memory */
    {1000, 100, 1 << 20, few},   {1000, 100, 1 << 20, rising}, {1000, 100, 1 << 20, falling},
    {1000, 100, 1 << 20, one},   {20000, 40, 4096, any}, /* more than a hundred runs */
    {20000, 40, 4096, few},      {20000, 40, 4096, one},       {20000, 40, 4096, near_zero},
    {20000, 40, 4096, rising},   {20000, 40, 4096, falling},   {50000, 0, 4096, few}, /* nothing but keys */
    {3000, 8, 200, any},         /* a run for every few items */
    {200, 500000, 2 << 20, any}, /* beyond the buffer of a run, and many times what is in memory */
    {200, 500000, 2 << 20, few},
};

START_TEST(sorts)
{
    g_autofree struct item *want = g_new0(struct item, cases[_i].n + 1);
    g_autofree unsigned char *bytes = g_malloc(cases[_i].size_max + 1);
    char *folder = lite_folder();
    struct hc_runs *runs = hc_runs_new(folder, cases[_i].memory);
    uint64_t random = (uint64_t)_i;
    const void *got;
    int64_t key;
    size_t size, n = 0;

    counted = 0;
    for (size_t i = 0; i < cases[_i].n; i++) {
        want[i] = (struct item){cases[_i].key(lite_random(&random)), (uint32_t)i,
                                lite_random(&random) % (cases[_i].size_max + 1)};
        void *room = hc_runs_add(runs, want[i].key, want[i].size, NULL);
        LITE_NEED(room != NULL);
        fill(room, &want[i]);
    }
    qsort(want, cases[_i].n, sizeof *want, by_key);
    ck_assert(hc_runs_sort(runs, NULL));
    for (; hc_runs_next(runs, &key, &got, &size, NULL) == 1; n++) {
        LITE_NEED(n < cases[_i].n && key == want[n].key && size == want[n].size);
        fill(bytes, &want[n]);
        LITE_NEED(size == 0 || memcmp(got, bytes, size) == 0);
    }
    ck_assert_uint_eq(n, cases[_i].n);
    ck_assert_int_eq(hc_runs_next(runs, &key, &got, &size, NULL), 0);
    hc_runs_free(runs);
    lite_drop(folder); /* which is empty: the file has no name */
}
END_TEST

/* Given up in the middle, sorted or not. */
START_TEST(half_way)
{
    for (int how = 0; how < 3; how++) {
        char *folder = lite_folder();
        struct hc_runs *runs = hc_runs_new(folder, 4096);
        const void *item;
        int64_t key;
        size_t size;
        for (int i = 0; i < 5000; i++)
            memset(hc_runs_add(runs, i % 3, 20, NULL), 1, 20);
        if (how > 0)
            ck_assert(hc_runs_sort(runs, NULL));
        for (int i = 0; how > 1 && i < 100; i++)
            ck_assert_int_eq(hc_runs_next(runs, &key, &item, &size, NULL), 1);
        hc_runs_free(runs);
        lite_drop(folder);
    }
}
END_TEST

START_TEST(no_folder)
{
    struct hc_runs *runs = hc_runs_new("/nonexistent/folder", 4096);
    g_autoptr(GError) error = NULL;
    void *room;

    for (int i = 0; i < 1000 && (room = hc_runs_add(runs, i, 20, &error)); i++)
        memset(room, 0, 20);
    ck_assert_ptr_nonnull(error);
    ck_assert(g_str_has_prefix(error->message, "/nonexistent/folder: a temporary file: "));
    hc_runs_free(runs);
}
END_TEST

Suite *suite_runs(void)
{
    Suite *suite = suite_create("runs");
    TCase *tc = tcase_create("runs");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, sorts, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tc, half_way);
    tcase_add_test(tc, no_folder);
    suite_add_tcase(suite, tc);
    return suite;
}
