/* SPDX-License-Identifier: Apache-2.0 */
/* Trees that become tables and indexes of a case database, and what is left of them when something comes
 * between. */
#include "src/base/bulk.h"
#include "tests/unit/lite.h"

#include <check.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *suite_bulk(void);

#define LOCK_PAGE 262145 /* of SQLite's documentation: that of the byte 0x40000000 */

/* A new case database in a folder of its own. */
struct place {
    char *folder, *path;
    hc_db *db;
};

static hc_db *open_db(const char *path)
{
    g_autoptr(GError) error = NULL;
    hc_db *db = hc_db_open(path, HC_DB_WRITE, &error);

    ck_assert_msg(db != NULL, "%s", error ? error->message : "");
    return db;
}

static void enter(struct place *p)
{
    p->folder = lite_folder();
    p->path = g_build_filename(p->folder, "hindcast.db", NULL);
    p->db = open_db(p->path);
}

static void leave(struct place *p)
{
    hc_db_close(p->db);
    g_free(p->path);
    lite_drop(p->folder);
}

/* Rows of `reject`: their text is of the length `of(i)`. */
typedef size_t (*size_fn)(size_t i);

static size_t some(size_t i)
{
    return 3 + i * 7919 % 60;
}

static size_t long_ones(size_t i)
{
    return i % 50 == 7 ? 100000 : i % 9 * 700;
}

static void rejects(struct hc_bulk *bulk, size_t n, size_fn size)
{
    struct hc_btree *tree = hc_btree_table(hc_bulk_pages(bulk));
    struct hc_record r = {0};
    uint32_t root;

    for (size_t i = 0; i < n; i++) {
        g_autofree char *text = g_strnfill(size(i), (char)('a' + i % 26));
        hc_record_start(&r);
        hc_record_null(&r);
        for (int k = 1; k <= 5; k++)
            hc_record_int(&r, (int64_t)i * k);
        hc_record_text(&r, hc_str(text));
        LITE_NEED(hc_btree_row(tree, (int64_t)i + 1, hc_record_end(&r), NULL));
    }
    ck_assert(hc_btree_end(tree, &root, NULL));
    hc_bulk_table(bulk, "reject", root);
    hc_btree_free(tree);
    hc_record_clear(&r);
}

/* Rows of `event_row`: of each column that has an index a value of another width, and some without one. */
static int64_t column(size_t i, int which)
{
    static const int shifts[] = {6, 14, 22, 30, 46, 55};

    return which && i % (size_t)(which + 1) == 0 ? 0 : (int64_t)(i % 97 + 1) << shifts[which];
}

static int64_t event_id(size_t i)
{
    return (int64_t)i * 3 - 50000;
}

static void events(struct hc_bulk *bulk, size_t n)
{
    struct hc_btree *tree = hc_btree_table(hc_bulk_pages(bulk));
    struct hc_record r = {0};
    uint32_t root;

    for (size_t i = 0; i < n; i++) {
        hc_record_start(&r);
        for (int k = 0; k < 10;
             k++) /* id, precision, basis, raw, source, record, line, offset, length, type */
            k == 0 || k == 3 ? hc_record_null(&r) : hc_record_int(&r, (int64_t)i * k);
        hc_record_int(&r, column(i, 0)); /* action */
        hc_record_int(&r, (int64_t)i);
        hc_record_text(&r, HC_STR_LIT("{}"));
        hc_record_null(&r);
        for (int which = 1; which <= 5; which++) { /* actor, target, object, address, message; no others */
            const int64_t id = column(i, which);
            id ? hc_record_int(&r, id) : hc_record_null(&r);
        }
        LITE_NEED(hc_btree_row(tree, event_id(i), hc_record_end(&r), NULL));
    }
    ck_assert(hc_btree_end(tree, &root, NULL));
    hc_bulk_table(bulk, "event_row", root);
    hc_btree_free(tree);
    hc_record_clear(&r);
}

static struct hc_bulk *start(hc_db *db)
{
    g_autoptr(GError) error = NULL;
    struct hc_bulk *bulk;

    ck_assert(hc_db_begin(db, NULL));
    bulk = hc_bulk_new(db, &error);
    ck_assert_msg(bulk != NULL, "%s", error ? error->message : "not taken");
    return bulk;
}

static void end(hc_db *db, struct hc_bulk *bulk)
{
    g_autoptr(GError) error = NULL;

    ck_assert_msg(hc_bulk_end(bulk, &error), "%s", error ? error->message : "");
    hc_bulk_free(bulk);
    ck_assert_msg(hc_db_commit(db, &error), "%s", error ? error->message : "");
}

/* What SQLite finds in the table, against what was put into it. */
static void holds_rows(const char *path, size_t n, size_fn size)
{
    sqlite3 *db = lite_open(path);
    sqlite3_stmt *st;
    size_t i = 0;

    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT id, length, why FROM reject", -1, &st, NULL), SQLITE_OK);
    for (; sqlite3_step(st) == SQLITE_ROW; i++) {
        g_autofree char *text = g_strnfill(size(i), (char)('a' + i % 26));
        LITE_NEED(sqlite3_column_int64(st, 0) == (int64_t)i + 1);
        LITE_NEED(sqlite3_column_int64(st, 1) == (int64_t)i * 5);
        LITE_NEED(strcmp((const char *)sqlite3_column_text(st, 2), text) == 0);
    }
    ck_assert_uint_eq(i, n);
    sqlite3_finalize(st);
    sqlite3_close(db);
}

static void holds(const char *path, size_t n, size_fn size)
{
    sqlite3 *db = lite_open(path);

    lite_sound(db);
    sqlite3_close(db);
    holds_rows(path, n, size);
}

static const struct {
    size_t n;
    size_fn size;
} tables[] = {{0, some},  {1, some},    {2, some},      {40, some},     {60, some},
              {90, some}, {1000, some}, {200000, some}, {1, long_ones}, {2000, long_ones}};

START_TEST(a_table)
{
    struct place p;
    struct hc_bulk *bulk;

    enter(&p);
    bulk = start(p.db);
    rejects(bulk, tables[_i].n, tables[_i].size);
    end(p.db, bulk);
    holds(p.path, tables[_i].n, tables[_i].size);
    /* the connection that built it goes on with it */
    ck_assert(hc_exec(hc_db_query(p.db, "store", "add_reject", "iiiiit", INT64_C(1), INT64_C(2), INT64_C(3),
                                  INT64_C(4), (int64_t)tables[_i].n * 5, "b"),
                      NULL));
    ck_assert_int_eq(hc_db_last_id(p.db), (int64_t)tables[_i].n + 1);
    leave(&p);
}
END_TEST

static const char *const index_names[] = {"event_action", "event_actor",   "event_target",
                                          "event_object", "event_address", "event_message"};

struct pair {
    int64_t key, id;
};

static int by_key(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return x->key != y->key ? x->key < y->key ? -1 : 1 : x->id < y->id ? -1 : x->id > y->id;
}

/* The entries of one index, in the order of qsort. */
static void index_of(struct hc_bulk *bulk, size_t n, int which)
{
    g_autofree struct pair *pairs = g_new(struct pair, n + 1);
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    struct hc_record r = {0};
    size_t m = 0;
    uint32_t root;

    for (size_t i = 0; i < n; i++)
        if (column(i, which))
            pairs[m++] = (struct pair){column(i, which), event_id(i)};
    qsort(pairs, m, sizeof *pairs, by_key);
    for (size_t i = 0; i < m; i++) {
        hc_record_start(&r);
        hc_record_int(&r, pairs[i].key);
        hc_record_int(&r, pairs[i].id);
        LITE_NEED(hc_btree_entry(tree, hc_record_end(&r), NULL));
    }
    ck_assert(hc_btree_end(tree, &root, NULL));
    hc_bulk_index(bulk, "event_row", "index", index_names[which], root);
    hc_btree_free(tree);
    hc_record_clear(&r);
}

/* integrity_check looks for each row in each index, and for each entry in the table; the statements are those
 * of the index itself. */
static void events_hold(const char *path, size_t n)
{
    sqlite3 *db = lite_open(path);

    lite_sound(db);
    for (int which = 0; which < 6; which++) {
        const char *name = index_names[which] + 6;
        g_autofree char *sql = g_strdup_printf("SELECT coalesce(sum(%s %% 1000003), 0), count(*) FROM "
                                               "event_row INDEXED BY %s WHERE %s IS NOT NULL",
                                               name, index_names[which], name);
        g_autofree char *got = NULL, *want = NULL;
        int64_t sum = 0;
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            sum += column(i, which) % 1000003; /* the sum of all is beyond SQLite's numbers */
            m += column(i, which) != 0;
        }
        got = lite_ask(db, sql);
        want = g_strdup_printf("%" G_GINT64_FORMAT "|%zu\n", sum, m);
        ck_assert_str_eq(got, want);
    }
    sqlite3_close(db);
}

static const size_t event_counts[] = {0, 1, 2, 3, 280, 5000, 40000};

START_TEST(a_table_and_its_indexes)
{
    const size_t n = event_counts[_i];
    g_autofree char *by_bulk = NULL, *by_sqlite = NULL;
    struct hc_bulk *bulk;
    struct place p, q;

    enter(&p);
    bulk = start(p.db);
    events(bulk, n);
    end(p.db, bulk);
    bulk = start(p.db);
    for (int which = 0; which < 6; which++)
        index_of(bulk, n, which);
    end(p.db, bulk);
    events_hold(p.path, n);
    /* indexes that SQLite makes are called the same */
    enter(&q);
    bulk = start(q.db);
    events(bulk, n);
    end(q.db, bulk);
    for (int which = 0; which < 6; which++)
        ck_assert(hc_db_run(q.db, "index", index_names[which], NULL));
    by_bulk = lite_content(p.path);
    by_sqlite = lite_content(q.path);
    ck_assert_str_eq(by_bulk, by_sqlite);
    leave(&p);
    leave(&q);
}
END_TEST

/* Two tables at once, and a second time behind what is there. */
START_TEST(one_after_the_other)
{
    struct hc_bulk *bulk;
    struct place p;

    enter(&p);
    bulk = start(p.db);
    rejects(bulk, 500, some);
    events(bulk, 700);
    end(p.db, bulk);
    holds(p.path, 500, some);
    bulk = start(p.db);
    for (int which = 0; which < 6; which++)
        index_of(bulk, 700, which);
    end(p.db, bulk);
    events_hold(p.path, 700);
    leave(&p);
}
END_TEST

/* Pages that are free inside of the file stay so, and the trees lie behind them. */
START_TEST(free_pages)
{
    struct hc_bulk *bulk;
    struct place p;
    sqlite3 *db;

    enter(&p);
    hc_db_close(p.db);
    db = lite_open(p.path);
    lite_run(db, "CREATE TABLE own(x); INSERT INTO own VALUES (zeroblob(99999)); DROP TABLE own");
    sqlite3_close(db);
    p.db = open_db(p.path);
    bulk = start(p.db);
    events(bulk, 7000);
    rejects(bulk, 300, some);
    end(p.db, bulk);
    holds(p.path, 300, some);
    db = lite_open(p.path);
    g_autofree char *left = lite_ask(db, "PRAGMA freelist_count");
    ck_assert_int_ge(g_ascii_strtoll(left, NULL, 10), 25);
    sqlite3_close(db);
    bulk = start(p.db);
    for (int which = 0; which < 6; which++)
        index_of(bulk, 7000, which);
    end(p.db, bulk);
    events_hold(p.path, 7000);
    leave(&p);
}
END_TEST

/* Whatever the schema holds besides: whether a page of it is nearly full is nothing that the trees depend
 * on. */
START_TEST(a_schema_of_any_size)
{
    unsigned taken = 0, n = 0;

    for (size_t size = 0; size < 4200; size += 150, n++) {
        g_autofree char *text = g_strnfill(size, 'x');
        g_autofree char *sql = g_strdup_printf("CREATE VIEW own AS SELECT 1 /* %s */", text);
        g_autoptr(GError) error = NULL;
        struct hc_bulk *bulk;
        struct place p;
        sqlite3 *db;
        enter(&p);
        hc_db_close(p.db);
        db = lite_open(p.path);
        lite_run(db, sql);
        sqlite3_close(db);
        p.db = open_db(p.path);
        ck_assert(hc_db_begin(p.db, NULL));
        bulk = hc_bulk_new(p.db, &error);
        ck_assert_msg(!error, "%zu: %s", size, error ? error->message : "");
        if (bulk) {
            rejects(bulk, 100, some);
            ck_assert_msg(hc_bulk_end(bulk, &error), "%zu: %s", size, error ? error->message : "");
            taken++;
        }
        hc_bulk_free(bulk);
        ck_assert(hc_db_commit(p.db, NULL));
        holds(p.path, bulk ? 100 : 0, some);
        leave(&p);
    }
    ck_assert_uint_eq(taken, n);
}
END_TEST

/* What was there before, told by SQLite. */
static void fill_before(struct place *p)
{
    enter(p);
    ck_assert(hc_db_begin(p->db, NULL));
    for (int i = 0; i < 100; i++)
        ck_assert(
            hc_exec(hc_db_query(p->db, "store", "add_service", "ittt", (int64_t)i, "a", "b", "c"), NULL));
    ck_assert(hc_db_commit(p->db, NULL));
}

static void is_as_before(const char *path, const char *before)
{
    g_autofree char *after = lite_content(path);
    sqlite3 *db = lite_open(path);

    ck_assert_str_eq(after, before);
    lite_sound(db);
    sqlite3_close(db);
}

START_TEST(rolled_back)
{
    g_autofree char *before = NULL;
    struct hc_bulk *bulk;
    struct place p;

    fill_before(&p);
    before = lite_content(p.path);
    for (int i = 0; i < 3; i++) { /* before anything, with trees built, and with all done */
        bulk = start(p.db);
        if (i > 0)
            rejects(bulk, 30000, some);
        if (i > 1)
            ck_assert(hc_bulk_end(bulk, NULL));
        hc_bulk_free(bulk);
        hc_db_rollback(p.db);
        is_as_before(p.path, before);
    }
    /* and the same connection can still do it */
    bulk = start(p.db);
    rejects(bulk, 30000, some);
    end(p.db, bulk);
    holds(p.path, 30000, some);
    leave(&p);
}
END_TEST

/* In a process of its own, which ends where it is told to. */
static void build_and_die(const char *path, bool commit)
{
    hc_db *db = hc_db_open(path, HC_DB_WRITE, NULL);
    struct hc_bulk *bulk;

    if (!db || !hc_db_begin(db, NULL) || !(bulk = hc_bulk_new(db, NULL)))
        _exit(1);
    rejects(bulk, 60000, some);
    if (!hc_bulk_end(bulk, NULL) || (commit && !hc_db_commit(db, NULL)))
        _exit(1);
    _exit(0);
}

START_TEST(a_crash_before_the_commit)
{
    g_autofree char *before = NULL, *journal = NULL;
    struct place p;
    int status;
    pid_t child;

    fill_before(&p);
    hc_db_close(g_steal_pointer(&p.db));
    before = lite_content(p.path);
    journal = g_strconcat(p.path, "-journal", NULL);
    child = fork();
    if (child == 0)
        build_and_die(p.path, false);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert(g_file_test(journal, G_FILE_TEST_EXISTS)); /* it did die inside of the transaction */
    is_as_before(p.path, before);
    p.db = open_db(p.path);
    leave(&p);
}
END_TEST

/* Killed at any time: all of it or nothing. */
START_TEST(killed)
{
    int undone = 0;

    for (int i = 0; i < 24; i++) {
        g_autofree char *before = NULL;
        struct place p;
        pid_t child;
        fill_before(&p);
        hc_db_close(g_steal_pointer(&p.db));
        before = lite_content(p.path);
        child = fork();
        if (child == 0)
            build_and_die(p.path, true);
        g_usleep((gulong)i * i * 400);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        g_autofree char *after = lite_content(p.path);
        if (strcmp(before, after) == 0) {
            is_as_before(p.path, before);
            undone++;
        } else {
            holds(p.path, 60000, some); /* a slow machine may never get so far */
        }
        p.db = open_db(p.path);
        leave(&p);
    }
    ck_assert_int_gt(undone, 0);
}
END_TEST

/* Somebody else reads: nothing is written under them, and it is told. */
START_TEST(while_another_reads)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *before = NULL, *again = NULL;
    struct hc_bulk *bulk;
    struct place p;
    sqlite3 *reader;

    fill_before(&p);
    before = lite_content(p.path);
    reader = lite_open(p.path);
    lite_run(reader, "BEGIN");
    g_free(lite_ask(reader, "SELECT count(*) FROM service"));
    hc_db_patience(p.db, 50);
    ck_assert(hc_db_begin(p.db, NULL));
    ck_assert_ptr_null(hc_bulk_new(p.db, &error));
    ck_assert_str_eq(error->message, "case database: making room: database is locked");
    hc_db_rollback(p.db);
    again = lite_ask(reader, "SELECT count(*) FROM service");
    ck_assert_str_eq(again, "100\n");
    lite_run(reader, "COMMIT");
    is_as_before(p.path, before);
    bulk = start(p.db);
    rejects(bulk, 300, some);
    end(p.db, bulk);
    sqlite3_close(reader);
    holds(p.path, 300, some);
    leave(&p);
}
END_TEST

static void not_taken(hc_db *db)
{
    g_autoptr(GError) error = NULL;

    ck_assert(hc_db_begin(db, NULL));
    ck_assert_ptr_null(hc_bulk_new(db, &error));
    ck_assert_ptr_null(error);
    hc_db_rollback(db);
}

/* Each with the statement that makes a database one that is not taken. */
static const char *const others[] = {
    "CREATE TABLE own(x); INSERT INTO own VALUES (zeroblob(1999999)); DROP TABLE own", /* free pages */
    "PRAGMA journal_mode=WAL",       /* what is read then is not what lies in the file */
    "PRAGMA page_size=8192; VACUUM", /* not the size of the trees' pages */
    "PRAGMA auto_vacuum=FULL; VACUUM",
};

START_TEST(databases_that_are_not_taken)
{
    struct place p;
    sqlite3 *db;

    enter(&p);
    hc_db_close(p.db);
    db = lite_open(p.path);
    lite_run(db, others[_i]);
    sqlite3_close(db);
    p.db = open_db(p.path);
    not_taken(p.db);
    leave(&p);
}
END_TEST

START_TEST(no_file)
{
    g_autoptr(hc_db) db = hc_db_open(NULL, HC_DB_MEMORY, NULL);

    not_taken(db);
}
END_TEST

/* Made by others before we come: of another text encoding, or with room left on each page for a checksum. */
START_TEST(empty_files_of_others)
{
    struct place p;
    sqlite3 *db;

    enter(&p);
    hc_db_close(p.db);
    ck_assert_int_eq(g_unlink(p.path), 0);
    db = lite_open(p.path);
    if (_i == 0) {
        lite_run(db, "PRAGMA encoding='UTF-16le'; CREATE TABLE a(x); DROP TABLE a; VACUUM");
    } else {
        int reserve = 12;
        ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve), SQLITE_OK);
        lite_run(db, "CREATE TABLE a(x); DROP TABLE a; VACUUM");
    }
    sqlite3_close(db);
    p.db = open_db(p.path);
    not_taken(p.db);
    leave(&p);
}
END_TEST

/* A file with nothing in it but its size, up to a page near that for locks. What lies there is told by SQLite
 * as never used; no more. */
static void stretch(struct place *p, uint32_t pages)
{
    uint32_t big = GUINT32_TO_BE(pages);
    FILE *f;

    hc_db_close(p->db);
    f = g_fopen(p->path, "r+b");
    ck_assert(f && fseek(f, 28, SEEK_SET) == 0 && fwrite(&big, sizeof big, 1, f) == 1 && fflush(f) == 0);
    ck_assert_int_eq(ftruncate(fileno(f), (off_t)pages * HC_PAGE_SIZE), 0);
    fclose(f);
    p->db = open_db(p->path);
}

START_TEST(across_the_page_for_locks)
{
    static const int before[] = {0, 1, 2, 3, 7, 20, 63, 64, 65, 100, 117, 118, 119, 120, 121, 125, 150};
    const uint32_t pages = LOCK_PAGE - (uint32_t)before[_i];
    g_autofree char *first = NULL;
    struct hc_bulk *bulk;
    struct place p;
    int64_t had;
    sqlite3 *db;

    enter(&p);
    db = lite_open(p.path);
    first = lite_ask(db, "PRAGMA page_count");
    had = g_ascii_strtoll(first, NULL, 10);
    sqlite3_close(db);
    stretch(&p, pages);
    bulk = start(p.db);
    rejects(bulk, 2000, some); /* some 40 pages */
    rejects(bulk, 0, some);
    hc_bulk_free(bulk);
    hc_db_rollback(p.db);
    bulk = start(p.db);
    rejects(bulk, 4000, some);
    end(p.db, bulk);
    db = lite_open(p.path);
    ck_assert_int_eq(lite_unused(db), (int64_t)pages - had - (pages >= LOCK_PAGE));
    sqlite3_close(db);
    holds_rows(p.path, 4000, some);
    leave(&p);
}
END_TEST

/* Once for real: more than 1 GiB of rows, with that page in the middle of them. */
static size_t large(size_t i)
{
    return 90000 + i * 7919 % 20000;
}

START_TEST(beyond_one_gib)
{
    struct hc_bulk *bulk;
    struct statvfs fs;
    struct place p;

    if (!g_getenv("HINDCAST_TEST_LONG"))
        return;
    enter(&p);
    if (statvfs(p.folder, &fs) == 0 && fs.f_bavail * fs.f_frsize < UINT64_C(3) << 30) {
        printf("skipped a database beyond 1 GiB: less than 3 GiB are free\n");
        leave(&p);
        return;
    }
    bulk = start(p.db);
    rejects(bulk, 12000, large);
    end(p.db, bulk);
    holds(p.path, 12000, large);
    leave(&p);
}
END_TEST

Suite *suite_bulk(void)
{
    Suite *suite = suite_create("bulk");
    TCase *tc = tcase_create("bulk");

    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, a_table, 0, G_N_ELEMENTS(tables));
    tcase_add_loop_test(tc, a_table_and_its_indexes, 0, G_N_ELEMENTS(event_counts));
    tcase_add_test(tc, one_after_the_other);
    tcase_add_test(tc, free_pages);
    tcase_add_test(tc, a_schema_of_any_size);
    tcase_add_test(tc, rolled_back);
    tcase_add_test(tc, a_crash_before_the_commit);
    tcase_add_test(tc, killed);
    tcase_add_test(tc, while_another_reads);
    tcase_add_loop_test(tc, databases_that_are_not_taken, 0, G_N_ELEMENTS(others));
    tcase_add_test(tc, no_file);
    tcase_add_loop_test(tc, empty_files_of_others, 0, 2);
    tcase_add_loop_test(tc, across_the_page_for_locks, 0, 17);
    tcase_add_test(tc, beyond_one_gib);
    suite_add_tcase(suite, tc);
    return suite;
}
