/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utc.h"
#include "src/evidence/doubts.h"
#include "src/evidence/importer.h"

#include <check.h>

Suite *suite_doubts(void);

#define SOURCE 7

/* An event that begins at `offset`, its time known as `basis` says; its number is that of the offset. */
static void add_event(hc_db *db, int64_t source, int64_t offset, unsigned basis, const char *own)
{
    hc_stmt *st = hc_db_stmt(db, "store", "add_event");

    for (int i = 1; i <= 12; i++)
        hc_bind_int(st, i, 1);
    hc_bind_int(st, 1, source * 100000 + offset);
    hc_bind_int(st, 3, basis);
    hc_bind_int(st, 5, source);
    hc_bind_int(st, 8, offset);
    hc_bind_text(st, 13, hc_str(own));
    ck_assert(hc_exec(st, NULL));
}

/* "5 9": the offsets of events that are assumed. */
static char *assumed(hc_db *db, int64_t source)
{
    hc_stmt *st =
        hc_db_query(db, "store", "years_inferred", "iii", source, (int64_t)HC_BASIS_ASSUMED, (int64_t)0);
    GString *out = g_string_new(NULL);

    while (hc_step(st, NULL) == 1)
        g_string_append_printf(out, "%s%d", out->len ? " " : "", (int)hc_col_int(st, 1));
    return g_string_free(out, FALSE);
}

static void doubted_are(hc_db *db, const struct hc_doubts *d, const char *want)
{
    g_autofree char *got = (ck_assert(hc_doubts_apply(d, db, SOURCE, NULL)), assumed(db, SOURCE)),
                    *other = assumed(db, SOURCE + 1);

    ck_assert_str_eq(got, want);
    ck_assert_str_eq(other, "");
}

static hc_db *filled(int n)
{
    hc_db *db = hc_db_open(NULL, HC_DB_MEMORY, NULL);

    for (int i = 0; i < n; i++) {
        add_event(db, SOURCE, i, HC_BASIS_SOURCE_ZONE | HC_BASIS_YEAR_INFERRED,
                  i % 2 ? NULL : "{\"a\":\"b\"}");
        add_event(db, SOURCE + 1, i, HC_BASIS_SOURCE_ZONE | HC_BASIS_YEAR_INFERRED, NULL);
    }
    return db;
}

START_TEST(only_those_in_it)
{
    g_autoptr(hc_db) db = filled(12);
    struct hc_doubts *d = hc_doubts_new();

    add_event(db, SOURCE, 20, HC_BASIS_SOURCE_ZONE, NULL); /* says its year */
    doubted_are(db, d, "");
    hc_doubts_add(d, 2, 4);
    hc_doubts_add(d, 6, 7);
    doubted_are(db, d, "2 3 6");
    hc_doubts_add(d, 5, 9); /* takes up the one before */
    hc_doubts_add(d, 11, INT64_MAX);
    doubted_are(db, d, "2 3 5 6 7 8 11");
    hc_doubts_free(d);
}
END_TEST

START_TEST(too_many)
{
    g_autoptr(hc_db) db = filled(12);
    struct hc_doubts *d = hc_doubts_new();

    hc_doubts_add(d, 1, 2);
    for (int i = 0; i < HC_DOUBTS_MAX - 2; i++)
        hc_doubts_add(d, 1000 + 10 * i, 1001 + 10 * i);
    hc_doubts_add(d, 100000, 100001);
    doubted_are(db, d, "1");
    hc_doubts_add(d, 200000, 200001); /* with the last of those before */
    add_event(db, SOURCE, 150000, HC_BASIS_YEAR_INFERRED, NULL);
    doubted_are(db, d, "1 150000");
    hc_doubts_free(d);
}
END_TEST

Suite *suite_doubts(void)
{
    Suite *suite = suite_create("doubts");
    TCase *tc = tcase_create("all");

    tcase_add_test(tc, only_those_in_it);
    tcase_add_test(tc, too_many);
    suite_add_tcase(suite, tc);
    return suite;
}
