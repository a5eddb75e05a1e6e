/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers by a key, in memory or through a file, against a sort that keeps the order of what is equal. */
#include "src/evidence/pairs.h"
#include "tests/unit/lite.h"

#include <check.h>
#include <string.h>

Suite *suite_pairs(void);

static gint by_key(const void *a, const void *b, void *data)
{
    const struct hc_pair *x = a, *y = b;

    (void)data;
    return (x->key > y->key) - (x->key < y->key);
}

/* Keys of all signs and widths, or of few values, or in order already. */
static int64_t key_of(int kind, int64_t i, uint64_t *chance)
{
    uint64_t any = lite_random(chance);

    return kind == 0   ? (int64_t)(any >> any % 64) * (any & 1 ? -1 : 1)
           : kind == 1 ? (int64_t)(any % 3) - 1
                       : i;
}

static void same(int kind, size_t n, size_t memory)
{
    char *folder = lite_folder();
    struct hc_pairs *pairs = hc_pairs_new(folder, memory);
    g_autofree struct hc_pair *all = g_new(struct hc_pair, n + 1);
    struct hc_pair got;
    uint64_t chance = 3;

    for (size_t i = 0; i < n; i++) {
        all[i] = (struct hc_pair){key_of(kind, (int64_t)i, &chance), (int64_t)i};
        LITE_NEED(hc_pairs_add(pairs, all[i], NULL));
    }
    g_qsort_with_data(all, (gint)n, sizeof *all, by_key, NULL);
    ck_assert(hc_pairs_sort(pairs, NULL));
    for (size_t i = 0; i < n; i++)
        LITE_NEED(hc_pairs_next(pairs, &got, NULL) == 1 && got.key == all[i].key &&
                  got.value == all[i].value);
    ck_assert_int_eq(hc_pairs_next(pairs, &got, NULL), 0);
    ck_assert_int_eq(hc_pairs_next(pairs, &got, NULL), 0);
    hc_pairs_free(pairs);
    lite_drop(folder);
}

static const size_t counts[] = {0, 1, 2, 255, 4096, 4097, 100000};

START_TEST(in_memory)
{
    for (int kind = 0; kind < 3; kind++)
        same(kind, counts[_i], (size_t)64 << 20);
}
END_TEST

/* Runs that end where a buffer does, and beside it. */
START_TEST(through_a_file)
{
    for (int kind = 0; kind < 3; kind++) {
        same(kind, counts[_i], 4096 * sizeof(struct hc_pair));
        same(kind, counts[_i], 8193 * sizeof(struct hc_pair));
    }
    same(0, MIN(counts[_i], 300), sizeof(struct hc_pair));
}
END_TEST

Suite *suite_pairs(void)
{
    Suite *suite = suite_create("pairs");
    TCase *tc = tcase_create("pairs");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, in_memory, 0, G_N_ELEMENTS(counts));
    tcase_add_loop_test(tc, through_a_file, 0, G_N_ELEMENTS(counts));
    suite_add_tcase(suite, tc);
    return suite;
}
