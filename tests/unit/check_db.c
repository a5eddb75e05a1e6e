/* SPDX-License-Identifier: Apache-2.0 */
/* The database: its statements, and that what rests on a query that failed is not kept. */
#include "src/base/db.h"

#include <check.h>

Suite *suite_db(void);

/* A statement that does not prepare must fail here, not in the night of an incident. */
START_TEST(every_statement_prepares)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(hc_db) db = hc_db_open(NULL, HC_DB_MEMORY, &error);

    ck_assert_msg(db != NULL, "%s", error ? error->message : "");
    /* tables for a time, that others ask */
    ck_assert(hc_exec(hc_db_stmt(db, "correlate", "hold_rows"), NULL));
    ck_assert(hc_exec(hc_db_stmt(db, "correlate", "hold_owners"), NULL));
    ck_assert(hc_exec(hc_db_stmt(db, "correlate", "hold_patterns"), NULL));
    ck_assert(hc_exec(hc_db_stmt(db, "coverage", "hold_able"), NULL));
    ck_assert_msg(hc_db_check_all(db, &error), "%s", error ? error->message : "");
}
END_TEST

/* A setting without a topic cannot be stored. */
static bool add(hc_db *db, const char *topic, GError **error)
{
    return hc_exec(hc_db_query(db, "store", "add_service", "ittt", (int64_t)1, topic, "key", "value"), error);
}

START_TEST(a_failure_that_nobody_asked_for_is_not_committed)
{
    g_autoptr(hc_db) db = hc_db_open(NULL, HC_DB_MEMORY, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(hc_db_begin(db, NULL));
    ck_assert(add(db, "first", NULL));
    ck_assert(!add(db, NULL, NULL));
    ck_assert(add(db, "second", NULL));
    ck_assert(!hc_db_commit(db, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "NOT NULL"));
    hc_db_rollback(db);

    ck_assert(hc_db_begin(db, NULL)); /* the next one begins anew */
    ck_assert(add(db, "first", NULL));
    ck_assert(hc_db_commit(db, NULL));
}
END_TEST

/* Who asked has decided what to do about it. */
START_TEST(a_failure_that_was_heard_of_is_the_callers)
{
    g_autoptr(hc_db) db = hc_db_open(NULL, HC_DB_MEMORY, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(hc_db_begin(db, NULL));
    ck_assert(!add(db, NULL, &error));
    ck_assert_ptr_nonnull(error);
    ck_assert(hc_db_commit(db, NULL));
}
END_TEST

Suite *suite_db(void)
{
    Suite *suite = suite_create("db");
    TCase *tc = tcase_create("db");

    tcase_add_test(tc, every_statement_prepares);
    tcase_add_test(tc, a_failure_that_nobody_asked_for_is_not_committed);
    tcase_add_test(tc, a_failure_that_was_heard_of_is_the_callers);
    suite_add_tcase(suite, tc);
    return suite;
}
