/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/others.h"
#include "tests/unit/lite.h"

#include <glib/gstdio.h>

Suite *suite_others(void);

#define AT INT64_C(1700000000000000)
#define FIRST (AT * 1024)

static char *dir, *path;
static hc_db *db;
static struct hc_others *others;
static struct hc_record record;

static void setup(void)
{
    dir = g_dir_make_tmp("hindcast-others-XXXXXX", NULL);
    path = g_build_filename(dir, "x.db", NULL);
    db = hc_db_open(path, HC_DB_WRITE, NULL);
    ck_assert_ptr_nonnull(db);
}

static void teardown(void)
{
    hc_others_free(others);
    hc_db_close(db);
    hc_record_clear(&record);
    g_unlink(path);
    g_rmdir(dir);
    g_free(path);
    g_free(dir);
}

/* `values`: of so many events of source 1, one number behind the other: target, message. */
static void tell(int n, const char *target, const char *message)
{
    sqlite3 *lite = lite_open(path);
    g_autofree char *sql =
        g_strdup_printf("WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < %d) "
                        "INSERT INTO event_row(id, span, precision, basis, raw, source, record, beyond, "
                        "\"offset\", length, type, action, actor, target, message, row_key) "
                        "SELECT coalesce((SELECT max(id) + 1 FROM event_row), %" G_GINT64_FORMAT
                        ") + i, 0, 1, 1, 'x', 1, 1, 0, i, 1, 9, 3, 7, %s, %s, 77 FROM c",
                        n - 1, FIRST, target, message);

    lite_run(lite, "INSERT OR IGNORE INTO source(id, path, sha256, size, status) VALUES(1, 'b', '', 0, "
                   "'read'), (2, 'a', '', 0, 'read')");
    lite_run(lite, sql);
    sqlite3_close(lite);
}

/* The event that a row of source 2 is the same as, from 0; -1: none. */
static int64_t find(int64_t target, int64_t message)
{
    const int64_t columns[] = {0, 1, 1, 0, 2, 1, 1, 5, 1, 9, 3, 77, 0, 0, 7, target, 0, 0, message};
    struct hc_waiting row = {.time = AT};
    int64_t event;

    hc_record_start(&record);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        if (columns[i])
            hc_record_int(&record, columns[i]);
        else
            hc_record_null(&record);
    row.record = hc_record_end(&record);
    ck_assert(hc_others_find(others, &row, FIRST, FIRST + 1023, &event, NULL));
    return event ? event - FIRST : -1;
}

/* Each is the same as one row at most, in order. */
START_TEST(equal_ones_are_taken_one_by_one)
{
    tell(3, "5", "NULL");
    others = hc_others_new(db, 2);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(find(5, 0), i);
    ck_assert_int_eq(find(5, 0), -1);
    ck_assert_int_eq(find(6, 0), -1);
}
END_TEST

/* What one of them leaves out does not tell them apart; what says the same is preferred. */
START_TEST(what_is_left_out_agrees)
{
    tell(1, "NULL", "NULL");
    tell(1, "5", "8");
    others = hc_others_new(db, 2);
    ck_assert_int_eq(find(5, 8), 1);
    ck_assert_int_eq(find(5, 8), 0);
    ck_assert_int_eq(find(5, 8), -1);
}
END_TEST

/* More than a microsecond has numbers: they wait in those behind. */
START_TEST(a_crowd_is_found_behind_its_time)
{
    sqlite3 *lite;

    tell(2500, "1000 + i", "NULL");
    lite = lite_open(path);
    lite_run(lite, "UPDATE event_row SET time = 1700000000000000");
    sqlite3_close(lite);
    others = hc_others_new(db, 2);
    ck_assert_int_eq(find(3499, 0), 2499);
    ck_assert_int_eq(find(1000, 0), 0);
}
END_TEST

START_TEST(so_many_are_looked_through)
{
    tell(HC_OTHERS_MAX - 1, "1000 + i", "4");
    tell(1, "5000", "NULL");
    others = hc_others_new(db, 2);
    ck_assert_int_eq(find(5000, 6), HC_OTHERS_MAX - 1);
}
END_TEST

START_TEST(and_no_more)
{
    tell(HC_OTHERS_MAX, "1000 + i", "4");
    tell(1, "5000", "NULL");
    others = hc_others_new(db, 2);
    ck_assert_int_eq(find(5000, 6), -1);
    ck_assert_int_eq(find(5000, 0), HC_OTHERS_MAX); /* one that says the same is found among any number */
}
END_TEST

Suite *suite_others(void)
{
    Suite *suite = suite_create("others");
    TCase *tc = tcase_create("others");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, equal_ones_are_taken_one_by_one);
    tcase_add_test(tc, what_is_left_out_agrees);
    tcase_add_test(tc, a_crowd_is_found_behind_its_time);
    tcase_add_test(tc, so_many_are_looked_through);
    tcase_add_test(tc, and_no_more);
    suite_add_tcase(suite, tc);
    return suite;
}
