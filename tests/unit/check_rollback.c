/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions that did not end: a database and its rollback journal, copied in the midst, are read as SQLite
 * reads them, which takes the transaction back when it opens the copies. */
#include "src/evidence/sqlitejournal.h"
#include "src/evidence/sqlitepages.h"
#include "tests/unit/lite.h"
#include "tests/unit/sqlite_rows.h"

#include <stdlib.h>

Suite *suite_rollback(void);

static char *dir;

static void make_dir(void)
{
    dir = lite_folder();
}

static void remove_dir(void)
{
    lite_drop(dir);
}

static char *file(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

struct bytes {
    char *p;
    gsize n;
};

static struct bytes load(const char *name)
{
    g_autofree char *path = file(name);
    struct bytes b = {NULL, 0};

    g_file_get_contents(path, &b.p, &b.n, NULL);
    return b;
}

static void save(const char *name, const char *p, gsize n)
{
    g_autofree char *path = file(name);

    LITE_NEED(g_file_set_contents_full(path, p, (gssize)n, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

/* The integrity check of SQLite says "ok", or what is wrong. */
static int is_sound(void *sound, int n, char **texts, char **names)
{
    (void)n;
    (void)names;
    *(bool *)sound = strcmp(texts[0], "ok") == 0;
    return 0;
}

/* The rows that SQLite finds in the copies, which it changes; NULL: it finds them broken. */
static GPtrArray *theirs(const struct bytes *db, const char *journal, gsize n)
{
    g_autofree char *path = file("y.db");
    GPtrArray *rows = NULL;
    sqlite3 *lite;
    bool sound = false;

    save("y.db", db->p, db->n);
    save("y.db-journal", journal, n);
    LITE_NEED(sqlite3_open(path, &lite) == SQLITE_OK);
    sqlite3_exec(lite, "PRAGMA synchronous = off", NULL, NULL, NULL);
    if (sqlite3_exec(lite, "PRAGMA integrity_check", is_sound, &sound, NULL) == SQLITE_OK && sound)
        rows = library_rows(lite);
    sqlite3_close(lite);
    return rows;
}

static struct reading ours(const struct bytes *db, const char *journal, gsize n)
{
    bool hot = hc_sqlite_journal_is_hot(hc_str_n(journal, n));

    return read_input(hc_input_open_memory(db->p, db->n, "x", NULL), NULL,
                      hot ? hc_input_open_memory(journal, n, "x-journal", NULL) : NULL,
                      HC_SQLITE_JOURNAL_PAGES_MAX);
}

static void same(const GPtrArray *a, const GPtrArray *b, const char *what, gsize at)
{
    for (guint i = 0; i < MIN(a->len, b->len); i++)
        if (strcmp(a->pdata[i], b->pdata[i]) != 0)
            ck_abort_msg("%s %zu: %s instead of %s", what, at, (char *)a->pdata[i], (char *)b->pdata[i]);
    if (a->len != b->len)
        ck_abort_msg("%s %zu: %u rows instead of %u", what, at, a->len, b->len);
}

static void compare(const struct bytes *db, const struct bytes *journal, const GPtrArray *before)
{
    GPtrArray *want = theirs(db, journal->p, journal->n);
    struct reading got = ours(db, journal->p, journal->n);

    ck_assert_ptr_nonnull(want);
    ck_assert_str_eq(got.faults->str, "");
    same(got.lines, want, "read", 0);
    same(got.lines, before, "before", 0);
    end_reading(&got);
    g_ptr_array_unref(want);
}

/* The database x.db as it is before `half`, and in the midst of it. */
static GPtrArray *stop_in(const char *pragmas, const char *whole, const char *half, struct bytes *db,
                          struct bytes *journal)
{
    g_autofree char *path = file("x.db");
    sqlite3 *lite = lite_open(path);
    GPtrArray *before;

    lite_run(lite, pragmas);
    lite_run(lite, whole);
    before = library_rows(lite);
    lite_run(lite, half);
    *db = load("x.db");
    *journal = load("x.db-journal");
    sqlite3_exec(lite, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(lite);
    return before;
}

#define MANY "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 400) "
static const char whole[] =
    "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT); CREATE INDEX ai ON a(t); CREATE TABLE w(k TEXT PRIMARY "
    "KEY, v) WITHOUT ROWID;"
    "CREATE TABLE gone(x);" MANY "INSERT INTO a SELECT i, printf('text %d', i * i) FROM c;" MANY
    "INSERT INTO w SELECT 'key' || i, i FROM c; INSERT INTO gone VALUES(1), (2);"
    "INSERT INTO a(t) VALUES(printf('%.9000c', 'o')); DELETE FROM a WHERE id BETWEEN 50 AND 90";
static const char half[] =
    "PRAGMA cache_size = 2; PRAGMA cache_spill = 2; BEGIN; UPDATE a SET t = 'half of ' || t; DROP TABLE "
    "gone; DELETE FROM w WHERE v % 3 = 0;" MANY
    "INSERT INTO w SELECT 'other' || i, printf('%.300c', 'n') FROM c; CREATE TABLE more(z);" MANY
    "INSERT INTO more SELECT i FROM c; UPDATE w SET v = 'x' || v";

static const struct {
    const char *pragmas;
    bool synced; /* the pages in the database file were preceded by their journal, header by header */
} shapes[] = {
    {"PRAGMA page_size = 512", true},
    {"PRAGMA page_size = 4096; PRAGMA journal_mode = persist", true},
    {"PRAGMA page_size = 1024; PRAGMA journal_mode = truncate; PRAGMA auto_vacuum = 1", true},
    {"PRAGMA page_size = 512; PRAGMA synchronous = off; PRAGMA encoding = 'UTF-16le'", false},
    {"PRAGMA page_size = 65536; PRAGMA synchronous = normal", true},
    {"PRAGMA page_size = 2048; PRAGMA synchronous = extra; PRAGMA auto_vacuum = 2", true},
};

START_TEST(half_a_transaction_is_taken_back)
{
    struct bytes db, journal;
    GPtrArray *before = stop_in(shapes[_i].pragmas, whole, half, &db, &journal);

    ck_assert(hc_sqlite_journal_is_hot(hc_str_n(journal.p, journal.n)));
    ck_assert_int_eq(memcmp(journal.p + 8, "\xff\xff\xff\xff", 4) == 0, !shapes[_i].synced);
    compare(&db, &journal, before);
    g_ptr_array_unref(before);
    g_free(db.p);
    g_free(journal.p);
}
END_TEST

/* Before its first transaction there was none, though it looks like one already. */
START_TEST(a_first_transaction_leaves_nothing)
{
    struct bytes none, db, journal;
    GPtrArray *before = stop_in("PRAGMA synchronous = off", "",
                                "BEGIN; CREATE TABLE t(a); INSERT INTO t VALUES(1)", &none, &journal);

    g_ptr_array_unref(before);
    before = stop_in("", "CREATE TABLE t(a); INSERT INTO t VALUES(1)", "BEGIN", &db, &(struct bytes){0});
    g_ptr_array_set_size(before, 0);
    ck_assert_uint_eq(journal.n, 512);
    ck_assert_uint_eq(none.n, 0);
    ck_assert_uint_gt(db.n, 0);
    compare(&db, &journal, before);
    g_ptr_array_unref(before);
    g_free(none.p);
    g_free(db.p);
    g_free(journal.p);
}
END_TEST

/* A VACUUM that gives pages another size has the old ones in its journal. */
START_TEST(pages_of_another_size_are_taken_back)
{
    g_autofree char *path = file("x.db");
    struct bytes old, db, journal;
    uint32_t head[4], sum = 0;
    sqlite3 *lite = lite_open(path);
    GPtrArray *before;

    lite_run(lite, "PRAGMA page_size = 512; PRAGMA journal_mode = persist");
    lite_run(lite, whole);
    before = library_rows(lite);
    old = load("x.db");
    lite_run(lite, "PRAGMA page_size = 4096; VACUUM");
    sqlite3_close(lite);
    db = load("x.db");
    journal = load("x.db-journal");
    ck_assert_uint_gt(journal.n,
                      old.n); /* all of it, under a header that was wiped when it ended, and is made again */
    for (int i = 512 - 200; i > 0; i -= 200)
        sum += (unsigned char)journal.p[512 + 4 + i];
    sum = hc_sqlite_u32((const unsigned char *)journal.p + 512 + 4 + 512) - sum;
    head[0] = GUINT32_TO_BE(sum);
    head[1] = GUINT32_TO_BE(old.n / 512);
    head[2] = head[3] = GUINT32_TO_BE(512);
    memcpy(journal.p, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\xff\xff\xff\xff", 12);
    memcpy(journal.p + 12, head, sizeof(head));
    compare(&db, &journal, before);
    g_ptr_array_unref(before);
    g_free(old.p);
    g_free(db.p);
    g_free(journal.p);
}
END_TEST

/* As SQLite has it, be the journal cut anywhere or any byte of it another; a seventh of these places, if
 * there is no time for all. */
START_TEST(a_journal_counts_as_far_as_it_is_valid)
{
    struct bytes db, journal;
    guint told = 0, broken = 0;
    GPtrArray *before =
        stop_in(_i ? "PRAGMA page_size = 512; PRAGMA synchronous = off" : "PRAGMA page_size = 512",
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a); INSERT INTO t(a) VALUES(1), (2), "
                "(printf('%.700c', 'o')); CREATE TABLE u(b); INSERT INTO u VALUES(5)",
                "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; UPDATE t SET a = 'half'; UPDATE u SET "
                "b = 6; INSERT INTO t(a) SELECT printf('%.400c', 'n') FROM t, t AS o, t AS p",
                &db, &journal);

    ck_assert_uint_lt(journal.n, 6000);
    for (gsize i = 0; i < 2 * journal.n; i += g_getenv("HINDCAST_TEST_LONG") ? 1 : 11) {
        gsize n = i < journal.n ? i : journal.n, at = i - n;
        GPtrArray *want;
        struct reading got;
        if (n == journal.n)
            journal.p[at] ^= 0x41;
        want = theirs(&db, journal.p, n);
        got = ours(&db, journal.p, n);
        if (n == journal.n)
            journal.p[at] ^= 0x41;
        /* an encoding that is none is refused; the library ignores half of the number */
        if (want && !strstr(got.faults->str, "text encoding"))
            same(got.lines, want, n < journal.n ? "cut at" : "another byte at", n < journal.n ? n : at);
        told += got.faults->len > 0;
        broken += !want;
        end_reading(&got);
        if (want)
            g_ptr_array_unref(want);
    }
    ck_assert_uint_gt(told, 50);
    ck_assert_uint_lt(broken, journal.n);
    g_ptr_array_unref(before);
    g_free(db.p);
    g_free(journal.p);
}
END_TEST

START_TEST(so_many_pages_at_most)
{
    struct bytes db, journal;
    GPtrArray *before = stop_in("PRAGMA page_size = 512", whole, half, &db, &journal);
    struct reading got = read_input(hc_input_open_memory(db.p, db.n, "x", NULL), NULL,
                                    hc_input_open_memory(journal.p, journal.n, "x-journal", NULL), 1);

    ck_assert_msg(g_str_has_prefix(got.faults->str, "the rollback journal has more pages than are read\n"),
                  "%s", got.faults->str);
    end_reading(&got);
    g_ptr_array_unref(before);
    g_free(db.p);
    g_free(journal.p);
}
END_TEST

/* A journal of several databases says so at its end. */
START_TEST(the_name_of_a_journal_over_several)
{
    static const char name[] = "/var/lib/other/x.db-mj0012ABCD";
    static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint32_t sum = 0;

    g_byte_array_append(bytes, magic, sizeof(magic));
    g_byte_array_append(bytes, (const guint8 *)name, sizeof(name) - 1);
    for (const char *p = name; *p; p++)
        sum += (uint32_t)*p;
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t value = GUINT32_TO_BE(i ? sum : sizeof(name) - 1);
        g_byte_array_append(bytes, (const guint8 *)&value, 4);
    }
    g_byte_array_append(bytes, magic, sizeof(magic));
    for (guint cut = 0; cut < bytes->len; cut++) {
        g_autoptr(hc_input_t) in = hc_input_open_memory(bytes->data + cut, bytes->len - cut, "j", NULL);
        g_autofree char *found = NULL;
        ck_assert_int_eq(hc_input_next(in, NULL), 1);
        found = hc_sqlite_journal_super(in, NULL);
        if (cut <= 8)
            ck_assert_str_eq(found, "x.db-mj0012ABCD");
        else
            ck_assert_ptr_null(found);
    }
    bytes->data[10] ^= 1;
    {
        g_autoptr(hc_input_t) in = hc_input_open_memory(bytes->data, bytes->len, "j", NULL);
        ck_assert_int_eq(hc_input_next(in, NULL), 1);
        ck_assert_ptr_null(hc_sqlite_journal_super(in, NULL));
    }
}
END_TEST

Suite *suite_rollback(void)
{
    Suite *suite = suite_create("rollback");
    TCase *tc = tcase_create("journal");

    tcase_add_checked_fixture(tc, make_dir, remove_dir);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, half_a_transaction_is_taken_back, 0, G_N_ELEMENTS(shapes));
    tcase_add_test(tc, a_first_transaction_leaves_nothing);
    tcase_add_test(tc, pages_of_another_size_are_taken_back);
    tcase_add_loop_test(tc, a_journal_counts_as_far_as_it_is_valid, 0, 2);
    tcase_add_test(tc, so_many_pages_at_most);
    tcase_add_test(tc, the_name_of_a_journal_over_several);
    suite_add_tcase(suite, tc);
    return suite;
}
