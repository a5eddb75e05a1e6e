/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that waited, in memory or in a file: what SQLite is told of them one by one, and what it finds in the
 * tree that they become. */
#include "src/evidence/tape.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_tape(void);

/* Numbers of every width and sign, none, and texts of any length; of the last row one that is larger than
 * what is kept in memory. */
static void fill(struct hc_tape *tape, int64_t from, int64_t n)
{
    struct hc_record r = {0};

    for (int64_t i = from; i < from + n; i++) {
        size_t length = i == n ? (size_t)5 << 20 : (size_t)(i % 97 ? i % 61 : i % 9000);
        g_autofree char *text = g_strnfill(length, (char)('a' + i % 26));
        hc_record_start(&r);
        hc_record_null(&r);
        for (int k = 0; k < 8; k++)
            hc_record_int(&r, (i % 2 ? -1 : 1) *
                                  (int64_t)((uint64_t)i * 0x9e3779b97f4a7c15 >> (1 + (i + k * 7) % 62)));
        for (int k = 0; k < 4; k++)
            (i >> k) % 2 ? hc_record_null(&r) : hc_record_int(&r, (i + k) % 3 - 1);
        hc_record_text(&r, i % 5 ? hc_str(text) : HC_STR_NONE);
        LITE_NEED(hc_tape_add(tape, i, hc_record_end(&r), NULL));
    }
    hc_record_clear(&r);
}

static char *content(bool build, int64_t n)
{
    char *folder = lite_folder(), *all;
    g_autofree char *path = g_build_filename(folder, "x.db", NULL);
    hc_db *db = hc_db_open(path, HC_DB_WRITE, NULL);
    struct hc_tape *tape = hc_tape_new(folder);
    struct hc_bulk *bulk;

    fill(tape, 1, 1 + n / 2); /* these are taken back */
    hc_tape_clear(tape);
    ck_assert_int_eq(hc_tape_rows(tape), 0);
    fill(tape, 1, n);
    ck_assert_int_eq(hc_tape_rows(tape), n);
    ck_assert(hc_db_begin(db, NULL));
    if (build) {
        bulk = hc_bulk_new(db, NULL);
        ck_assert(bulk && hc_tape_build(tape, bulk, "state", NULL) && hc_bulk_end(bulk, NULL));
        hc_bulk_free(bulk);
    } else {
        ck_assert(hc_tape_insert(tape, hc_db_stmt(db, "store", "add_state"), NULL));
    }
    ck_assert_int_eq(hc_tape_rows(tape), 0);
    fill(tape, n + 1, 3); /* and it can be used again */
    ck_assert(hc_tape_insert(tape, hc_db_stmt(db, "store", "add_state"), NULL));
    ck_assert(hc_db_commit(db, NULL));
    hc_tape_free(tape);
    hc_db_close(db);
    all = lite_content(path);
    lite_drop(folder);
    return all;
}

static const int64_t counts[] = {0, 1, 2, 1000, 70000};

START_TEST(both_ways)
{
    g_autofree char *inserted = content(false, counts[_i]), *built = content(true, counts[_i]);

    ck_assert(strcmp(inserted, built) == 0);
}
END_TEST

/* What a record says is what went into it. */
START_TEST(values)
{
    struct hc_record r = {0};
    struct hc_value got[HC_RECORD_COLUMNS];

    for (int shift = 0; shift < 64; shift++)
        for (int64_t off = -2; off <= 2; off++) {
            int64_t n = (int64_t)((UINT64_C(1) << shift) + (uint64_t)off);
            g_autofree char *text = g_strnfill((size_t)(shift * 40 + off + 2), 'x');
            hc_record_start(&r);
            hc_record_int(&r, n);
            hc_record_null(&r);
            hc_record_text(&r, hc_str(text));
            hc_record_int(&r, (int64_t) - (uint64_t)n);
            LITE_NEED(hc_record_values(hc_record_end(&r), got) == 4);
            LITE_NEED(!got[0].null && !got[0].text.p && got[0].number == n && got[1].null && !got[3].null);
            LITE_NEED(got[3].number == (int64_t) - (uint64_t)n && hc_str_eq(got[2].text, hc_str(text)));
        }
    hc_record_clear(&r);
}
END_TEST

Suite *suite_tape(void)
{
    Suite *suite = suite_create("tape");
    TCase *tc = tcase_create("tape");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, both_ways, 0, G_N_ELEMENTS(counts));
    tcase_add_test(tc, values);
    suite_add_tcase(suite, tc);
    return suite;
}
