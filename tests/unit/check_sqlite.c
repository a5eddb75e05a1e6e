/* SPDX-License-Identifier: Apache-2.0 */
/* Databases are made here by the library, which also says what their rows are: ours have to be the same,
 * value by value. */
#include "tests/unit/sqlite_rows.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

Suite *suite_sqlite(void);

static struct reading read_file(const char *path, const char *wal)
{
    struct hc_input *db = hc_input_open(path, NULL);

    ck_assert_ptr_nonnull(db);
    return read_input(db, wal ? hc_input_open(wal, NULL) : NULL, NULL, HC_SQLITE_FRAMES_MAX);
}

static void same_rows(const GPtrArray *ours, const GPtrArray *theirs)
{
    for (guint i = 0; i < MIN(ours->len, theirs->len); i++)
        ck_assert_str_eq(ours->pdata[i], theirs->pdata[i]);
    ck_assert_uint_eq(ours->len, theirs->len);
    ck_assert_uint_gt(ours->len, 0);
}

static void compare(sqlite3 *db, const char *path, const char *wal)
{
    GPtrArray *theirs = library_rows(db);
    struct reading ours = read_file(path, wal);

    ck_assert_str_eq(ours.faults->str, "");
    same_rows(ours.lines, theirs);
    end_reading(&ours);
    g_ptr_array_unref(theirs);
}

/* ---- made databases ---- */

static char *dir;

static void make_dir(void)
{
    dir = g_dir_make_tmp("hindcast-sqlite.XXXXXX", NULL);
}

static void remove_dir(void)
{
    GDir *d = g_dir_open(dir, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(d))) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_unlink(path);
    }
    g_dir_close(d);
    g_rmdir(dir);
    g_free(dir);
}

/* The step with which something is tried: 1 in the long run, in which all is. */
static gsize stride(gsize step)
{
    return g_getenv("HINDCAST_TEST_LONG") ? 1 : step;
}

static char *file(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

static sqlite3 *create(const char *path, const char *pragmas)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    run_sql(db, pragmas);
    return db;
}

/* Every kind of table and value. */
static const char everything[] =
    "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT, r REAL, b BLOB, n NUMERIC, x);"
    "INSERT INTO a VALUES(1, 'one', 1.5, x'00ff', 1, NULL), (-9223372036854775807, '', 5, x'', 1e300, "
    "'it''s'),"
    " (127, 'h\xc3\xa9 \xf0\x9f\x90\x8d', -1e999, NULL, 128, -128), (300, char(0) || 'z', 0.1 + 0.2, 32767, "
    "32768, -32769),"
    " (301, 8388607, 8388608, -8388609, 2147483647, 2147483648), (302, NULL, 140737488355327, "
    "140737488355328, -140737488355329,"
    " 9223372036854775807), (9223372036854775807, 'last', 4503599627370497.0, 0, 1, 1e15);"
    "WITH RECURSIVE c(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM c WHERE i < 2500) INSERT INTO a SELECT "
    "i, 'row ' || i, i / 3.0, "
    "randomblob(i % 90), i * i * i, i % 2 FROM c;"
    "INSERT INTO a(t, b) VALUES(hex(zeroblob(40000)), randomblob(200000)), (printf('%.9000c', 'q'), x'01');"
    "CREATE TABLE \"odd \"\"name\"(\"a b\" INT, [c(d] TEXT, `e``f` REAL DEFAULT 7);"
    "CREATE TABLE w(v TEXT, k2 INT, k1 TEXT COLLATE NOCASE, u REAL, PRIMARY KEY(k1 DESC, k2, k1, k1 COLLATE "
    "BINARY)) WITHOUT ROWID;"
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 900) INSERT INTO w SELECT "
    "printf('%.*c', i % 700, 'v'), i, "
    "'key' || (i % 37), i FROM c;"
    "CREATE TABLE w1(k TEXT PRIMARY KEY NOT NULL, v) WITHOUT ROWID; INSERT INTO w1 VALUES('z', 1), ('a', "
    "x'02');"
    "CREATE TABLE g(a INT, v INT GENERATED ALWAYS AS (a * 2) VIRTUAL, s TEXT AS (a || 'x') STORED, z TEXT "
    "DEFAULT (1), v2 AS (a)); INSERT INTO g(a) VALUES(4), (5);"
    "CREATE TABLE d(a /* no, type */, b INTEGER, PRIMARY KEY(b DESC)); INSERT INTO d VALUES('p', 3), ('q', "
    "2);"
    "CREATE TABLE e(b INTEGER PRIMARY KEY DESC, a -- note, with (comma\n); INSERT INTO e VALUES(3, 'p'), (2, "
    "'q');"
    "CREATE TABLE f(\"x\" \"INTEGER\" PRIMARY KEY AUTOINCREMENT, y, FOREIGN KEY(y) REFERENCES a(id) ON "
    "DELETE SET DEFAULT);"
    "INSERT INTO f(y) VALUES(1), (2);"
    "CREATE TABLE h(a INTEGER(8) PRIMARY KEY, b INT CHECK(b IN (1, 2) AND ')' <> '('), CHECK(a > 0)); INSERT "
    "INTO h VALUES(70, 1);"
    "CREATE TABLE k(a INT, b TEXT, UNIQUE(a) CONSTRAINT c PRIMARY KEY (b) ON CONFLICT IGNORE); INSERT INTO k "
    "VALUES(1, 'b');"
    "INSERT INTO \"odd \"\"name\" VALUES(1, 2, 3), (NULL, NULL, NULL);"
    "CREATE TABLE s(a ANY, b INT, c REAL) STRICT; INSERT INTO s VALUES(1.0, 2, 3), ('1', 4, 5.5);"
    "ALTER TABLE a ADD COLUMN d1 TEXT DEFAULT 'it''s'; ALTER TABLE a ADD COLUMN d2 INT DEFAULT -5; ALTER "
    "TABLE a ADD COLUMN d3 DEFAULT x'0a0B';"
    "ALTER TABLE a ADD COLUMN d4 TEXT DEFAULT 6.0; ALTER TABLE a ADD COLUMN d5 REAL DEFAULT 7; ALTER TABLE a "
    "ADD COLUMN d6 INT DEFAULT ' 8 ';"
    "ALTER TABLE a ADD COLUMN d7 BOOL NOT NULL DEFAULT TRUE; ALTER TABLE a ADD COLUMN d8; ALTER TABLE a ADD "
    "COLUMN d9 NUMERIC DEFAULT 1e3; ALTER TABLE a ADD COLUMN d13 TEXT DEFAULT -3.10; ALTER TABLE a ADD "
    "COLUMN d14 DEFAULT 4.0; ALTER TABLE a ADD COLUMN d15 TEXT DEFAULT +1e3;"
    "ALTER TABLE a ADD COLUMN d10 DEFAULT (+0x1F); ALTER TABLE a ADD COLUMN d11 TEXT DEFAULT \"quo\"\"ted\"; "
    "ALTER TABLE a ADD COLUMN d12 INT DEFAULT (((-2.5)));"
    "ALTER TABLE w ADD COLUMN d DEFAULT 'new'; INSERT INTO w VALUES('n', 1, 'k', 2, 3); CREATE INDEX i ON "
    "a(t); ANALYZE;"
    "CREATE VIEW vw AS SELECT * FROM a; CREATE TABLE empty(a);"
    "DELETE FROM a WHERE id BETWEEN 1100 AND 1900; INSERT INTO a(id, t) VALUES(1150, 'again');";

static const char *const shapes[] = {
    "PRAGMA page_size = 4096",
    "PRAGMA page_size = 512; PRAGMA auto_vacuum = 1",
    "PRAGMA page_size = 512; PRAGMA encoding = 'UTF-16le'",
    "PRAGMA page_size = 1024; PRAGMA encoding = 'UTF-16be'; PRAGMA auto_vacuum = 2",
    "PRAGMA page_size = 65536",
    "PRAGMA page_size = 8192; PRAGMA legacy_file_format = 1",
};

START_TEST(every_value_is_that_of_the_library)
{
    g_autofree char *path = file("x.db");
    sqlite3 *db = create(path, shapes[_i]);

    run_sql(db, everything);
    compare(db, path, NULL);
    run_sql(db, "VACUUM");
    compare(db, path, NULL);
    sqlite3_close(db);
}
END_TEST

START_TEST(reserved_bytes_are_not_read)
{
    g_autofree char *path = file("x.db");
    sqlite3 *db = create(path, shapes[_i]);
    int reserve = 24;

    ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve), SQLITE_OK);
    run_sql(db, everything);
    run_sql(db, "VACUUM");
    compare(db, path, NULL);
    sqlite3_close(db);
}
END_TEST

static void copy(const char *from, const char *to)
{
    g_autofree char *bytes = NULL;
    gsize n;

    ck_assert(g_file_get_contents(from, &bytes, &n, NULL) && g_file_set_contents(to, bytes, (gssize)n, NULL));
}

/* The log as it is while the database is open, also with pages that no transaction has committed yet. */
START_TEST(the_log_gives_the_newest_committed_state)
{
    g_autofree char *path = file("x.db"), *wal = file("x.db-wal"), *copied = file("y.db"),
                    *copied_wal = file("y.db-wal");
    sqlite3 *db = create(path, shapes[_i]), *other;
    GPtrArray *before;

    run_sql(db, "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0");
    run_sql(db, everything);
    compare(db, path, wal);
    run_sql(db, "PRAGMA wal_checkpoint(RESTART); UPDATE a SET x = 'newer' WHERE id < 1200; DELETE FROM w "
                "WHERE k2 % 3 = 0");
    compare(db, path, wal); /* frames of an earlier round lie behind those of this one */
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    before = library_rows(other);
    run_sql(db,
            "PRAGMA cache_size = 2; BEGIN; UPDATE a SET t = 'half a transaction' || t; UPDATE w SET v = 'x'");
    copy(path, copied);
    copy(wal, copied_wal);
    {
        struct reading ours = read_file(copied, copied_wal);
        ck_assert_str_eq(ours.faults->str, "");
        same_rows(ours.lines, before);
        end_reading(&ours);
    }
    run_sql(db, "ROLLBACK");
    g_ptr_array_unref(before);
    sqlite3_close(other);
    sqlite3_close(db);
}
END_TEST

/* ---- what is broken ---- */

static const char small[] = "PRAGMA page_size = 512; CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT); CREATE "
                            "TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
                            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40) "
                            "INSERT INTO a SELECT i, printf('text %d', i * i) FROM c;"
                            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40) "
                            "INSERT INTO w SELECT 'key' || i, i FROM c;"
                            "INSERT INTO a(t) VALUES(printf('%.1500c', 'o'));";

static void make_small(char **bytes, gsize *n, GPtrArray **rows)
{
    g_autofree char *path = file("x.db");
    sqlite3 *db = create(path, small);

    *rows = library_rows(db);
    sqlite3_close(db);
    ck_assert(g_file_get_contents(path, bytes, n, NULL));
}

static struct reading read_bytes(const char *bytes, size_t n, const char *wal, size_t n_wal)
{
    struct hc_input *db = hc_input_open_memory(bytes, n, "x", NULL);

    ck_assert_ptr_nonnull(db);
    return read_input(db, wal ? hc_input_open_memory(wal, n_wal, "x-wal", NULL) : NULL, NULL,
                      HC_SQLITE_FRAMES_MAX);
}

static bool contains(const GPtrArray *lines, const char *line)
{
    for (guint i = 0; i < lines->len; i++)
        if (strcmp(lines->pdata[i], line) == 0)
            return true;
    return false;
}

/* What is cut off is missed, and no row is another than it was. */
START_TEST(a_file_that_was_cut_loses_no_more_than_that)
{
    g_autofree char *bytes = NULL;
    GPtrArray *rows;
    gsize n;

    make_small(&bytes, &n, &rows);
    for (gsize cut = 0; cut < n; cut += stride(5)) {
        struct reading r = read_bytes(bytes, cut, NULL, 0);
        ck_assert_msg(r.lines->len < rows->len, "cut at %zu", cut);
        ck_assert_msg(r.faults->len > 0, "cut at %zu", cut);
        for (guint i = 0; i < r.lines->len; i++)
            ck_assert_msg(contains(rows, r.lines->pdata[i]), "cut at %zu: %s", cut,
                          (char *)r.lines->pdata[i]);
        end_reading(&r);
    }
    g_ptr_array_unref(rows);
}
END_TEST

/* Whatever bit is wrong: no crash, no loop, and at most what stands on that page is lost or changed. */
START_TEST(any_bit_may_be_wrong)
{
    g_autofree char *bytes = NULL;
    GPtrArray *rows;
    gsize n;

    make_small(&bytes, &n, &rows);
    for (gsize bit = 0; bit < n * 8; bit += stride(43)) { /* each of the eight as often, in the end */
        struct reading r;
        guint kept = 0;
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        r = read_bytes(bytes, n, NULL, 0);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        for (guint i = 0; i < r.lines->len; i++)
            kept += contains(rows, r.lines->pdata[i]);
        ck_assert_msg(kept <= rows->len && r.lines->len <= 2 * rows->len, "bit %zu", bit);
        if (bit >= 512 * 8 * 3 && bit < 512 * 8 * 4) /* a leaf: all other pages are read */
            ck_assert_msg(kept * 2 > rows->len, "bit %zu: %u of %u", bit, kept, rows->len);
        end_reading(&r);
    }
    g_ptr_array_unref(rows);
}
END_TEST

static void put32(char *p, uint32_t v)
{
    p[0] = (char)(v >> 24);
    p[1] = (char)(v >> 16);
    p[2] = (char)(v >> 8);
    p[3] = (char)v;
}

/* Pages that lead back to where one came from, and cells that lie over one another. */
START_TEST(no_page_is_read_twice)
{
    g_autofree char *bytes = g_malloc0(512 * 4);
    struct reading r;
    static const char sql[] = "CREATE TABLE t(a)";
    unsigned char row[64] = {0, 0, 6, 23, 15, 15, 1, 13 + 2 * sizeof(sql) - 2};
    gsize n = 8;

    memcpy(bytes, HC_SQLITE_MAGIC, 16);
    bytes[16] = 2; /* pages of 512 */
    bytes[18] = bytes[19] = 1;
    put32(bytes + 56, 1);
    bytes[100] = 13; /* a leaf with one cell, at 400 */
    bytes[104] = 1;
    bytes[108] = 400 >> 8;
    bytes[109] = (char)(400 & 255);
    memcpy(row + n, "tablett", 7);
    row[n + 7] = 2; /* the root */
    memcpy(row + n + 8, sql, sizeof(sql) - 1);
    row[0] = (unsigned char)(n - 2 + 8 + sizeof(sql) - 1);
    row[1] = 1;
    memcpy(bytes + 400, row, sizeof(row));
    bytes[512] = 5; /* a page above others: all of them are itself, or page 3 */
    bytes[516] = 3;
    put32(bytes + 520, 2);
    for (int i = 0; i < 3; i++) {
        bytes[524 + 2 * i] = 1;
        bytes[525 + 2 * i] = (char)(i * 8);
        put32(bytes + 512 + 256 + 8 * i, i == 0 ? 2 : 3);
    }
    bytes[1024] = 13; /* all of its cells are the same */
    bytes[1027] = 0;
    bytes[1028] = 60;
    for (int i = 0; i < 60; i++) {
        bytes[1032 + 2 * i] = 1;
        bytes[1033 + 2 * i] = 0;
    }
    memcpy(bytes + 1024 + 256, "\x20\x01\x02\x49", 4); /* 32 bytes, a text of 30 */
    r = read_bytes(bytes, 512 * 4, NULL, 0);
    ck_assert_str_eq(
        r.faults->str,
        "t: page 2 is used twice\nt: page 3 has cells that lie over one another: the rest of it is not read\n"
        "t: page 3 is used twice\nt: page 2 is used twice\n");
    ck_assert_uint_eq(r.lines->len, 512 / 34);
    end_reading(&r);
}
END_TEST

/* Down and down: as many pages as there may be, and one more. */
START_TEST(a_tree_is_so_deep_at_most)
{
    g_autofree char *bytes = NULL;
    GPtrArray *rows;
    gsize n;
    struct reading r;

    make_small(&bytes, &n, &rows);
    bytes = g_realloc(bytes, n + 512 * 40);
    memset(bytes + n, 0, 512 * 40);
    for (uint32_t i = 0; i < 40;
         i++) { /* the root of table a, page 2, leads to a chain of pages without cells */
        char *page = i ? bytes + n + 512 * (gsize)(i - 1) : bytes + 512;
        memset(page, 0, 512);
        page[0] = 5;
        put32(page + 8, (uint32_t)(n / 512) + i + 1);
    }
    r = read_bytes(bytes, n + 512 * 40, NULL, 0);
    ck_assert_msg(strstr(r.faults->str, "lies too deep in its tree") != NULL, "%s", r.faults->str);
    ck_assert_uint_eq(r.lines->len, 40); /* table w */
    end_reading(&r);
    g_ptr_array_unref(rows);
}
END_TEST

/* A log of two transactions, changed at every byte: the newest state, the one before, or the file's own. */
/* The salts are random: a failure shows them, with which it can be made again. */
static void reads_as(const struct reading *r, const char *line, bool fault, const char *how, gsize at,
                     const char *log)
{
    const unsigned char *salt = (const unsigned char *)log + 16;
    bool good = r->lines->len == 1 && strcmp(r->lines->pdata[0], line) == 0 && (r->faults->len > 0) == fault;

    ck_assert_msg(good,
                  "%s at %zu: %u lines, the first %s, not %s; %s; salts %02x%02x%02x%02x%02x%02x%02x%02x",
                  how, at, r->lines->len, r->lines->len ? (const char *)r->lines->pdata[0] : "none", line,
                  r->faults->len ? r->faults->str : "no fault", salt[0], salt[1], salt[2], salt[3], salt[4],
                  salt[5], salt[6], salt[7]);
}

START_TEST(a_log_is_read_as_far_as_it_is_valid)
{
    g_autofree char *path = file("x.db"), *wal = file("x.db-wal"), *bytes = NULL, *log = NULL;
    sqlite3 *db = create(path, "PRAGMA page_size = 512; PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint "
                               "= 0; CREATE TABLE t(a)");
    static const char *const states[] = {"t|i0", "t|i1", "t|i2"};
    gsize n, n_log;

    run_sql(
        db,
        "INSERT INTO t VALUES(0); PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET a = 1; UPDATE t SET a = 2");
    ck_assert(g_file_get_contents(path, &bytes, &n, NULL) && g_file_get_contents(wal, &log, &n_log, NULL));
    ck_assert_uint_eq(n_log, 32 + 2 * 536);
    for (gsize i = 0; i <= n_log; i += i > 32 && i < n_log - stride(5) ? stride(5) : 1) {
        int frame = i < 32 ? -1 : (int)((i - 32) / 536);
        int whole = i == n_log ? 2 : frame < 0 ? 0 : frame;
        /* salts that are others end the log without a word */
        bool salt = frame >= 0 && (i - 32) % 536 >= 8 && (i - 32) % 536 < 16;
        struct reading r = read_bytes(bytes, n, log, i);
        reads_as(&r, states[whole], i > 0 && i < 32, "cut", i, log);
        end_reading(&r);
        if (i == n_log)
            break;
        log[i] ^= 0x40;
        r = read_bytes(bytes, n, log, n_log);
        log[i] ^= 0x40;
        reads_as(&r, states[whole], !salt, "changed", i, log);
        end_reading(&r);
    }
    {
        struct reading r = read_input(hc_input_open_memory(bytes, n, "x", NULL),
                                      hc_input_open_memory(log, n_log, "w", NULL), NULL, 1);
        ck_assert_str_eq(r.faults->str, "the write-ahead log has more frames than are read\n");
        ck_assert_str_eq(r.lines->pdata[0], states[1]);
        end_reading(&r);
    }
    sqlite3_close(db);
}
END_TEST

/* A default that is no literal, a definition that cannot be read. */
START_TEST(what_a_statement_does_not_say_is_not_guessed)
{
    static const char *const broken[] = {"",
                                         "CREATE TABLE",
                                         "CREATE TABLE t",
                                         "CREATE TABLE t(",
                                         "CREATE TABLE t(a",
                                         "CREATE TABLE t(a, )",
                                         "CREATE TABLE t(PRIMARY KEY (z)) WITHOUT ROWID",
                                         "CREATE TABLE t(a b (",
                                         "CREATE TABLE t(a DEFAULT",
                                         "CREATE TABLE t(a DEFAULT (",
                                         "CREATE TABLE t('a",
                                         "CREATE TABLE t(a, PRIMARY KEY (b"};
    const char *why;
    struct hc_sqlite_table *t = hc_sqlite_table_parse(
        HC_STR_LIT(
            "CREATE TABLE t(a DEFAULT (1 + 2), b DEFAULT CURRENT_TIME, c DEFAULT (x'4g'), d DEFAULT (5))"),
        &why);

    ck_assert_ptr_nonnull(t);
    for (guint i = 0; i < 4; i++)
        ck_assert_int_eq(hc_sqlite_table_column(t, i)->initial_unknown, i < 3);
    hc_sqlite_table_free(t);
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        t = hc_sqlite_table_parse(hc_str(broken[i]), &why);
        ck_assert_msg(!t && why, "%s", broken[i]);
    }
}
END_TEST

START_TEST(reals_have_the_fewest_digits_that_give_them_back)
{
    static const struct {
        double real;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},          {5, "5.0"},     {1e100, "1.0e+100"}, {0.1 + 0.2, "0.30000000000000004"},
        {-2.5e-7, "-2.5e-07"}, {-0.0, "-0.0"}, {1e15, "1.0e+15"},   {123456789012345.0, "123456789012345.0"}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        hc_sqlite_append_real(out, cases[i].real);
        ck_assert_str_eq(out->str, cases[i].text);
    }
}
END_TEST

/* A database that others made, where it is at hand. */
START_TEST(the_public_database)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HINDCAST_SHARED") ? g_getenv("HINDCAST_SHARED") : "../shared",
                         "evidence/public/sqlite/chinook/Chinook_Sqlite.sqlite", NULL);
    g_autofree char *copied = file("x.db");
    sqlite3 *db;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    copy(path, copied);
    db = create(copied, "PRAGMA query_only = 1");
    compare(db, copied, NULL);
    sqlite3_close(db);
}
END_TEST

Suite *suite_sqlite(void)
{
    Suite *suite = suite_create("sqlite");
    TCase *tc = tcase_create("file");

    tcase_add_checked_fixture(tc, make_dir, remove_dir);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, every_value_is_that_of_the_library, 0, G_N_ELEMENTS(shapes));
    tcase_add_loop_test(tc, reserved_bytes_are_not_read, 0, G_N_ELEMENTS(shapes));
    tcase_add_loop_test(tc, the_log_gives_the_newest_committed_state, 0, G_N_ELEMENTS(shapes));
    tcase_add_test(tc, a_file_that_was_cut_loses_no_more_than_that);
    tcase_add_test(tc, any_bit_may_be_wrong);
    tcase_add_test(tc, no_page_is_read_twice);
    tcase_add_test(tc, a_tree_is_so_deep_at_most);
    tcase_add_test(tc, a_log_is_read_as_far_as_it_is_valid);
    tcase_add_test(tc, what_a_statement_does_not_say_is_not_guessed);
    tcase_add_test(tc, reals_have_the_fewest_digits_that_give_them_back);
    tcase_add_test(tc, the_public_database);
    suite_add_tcase(suite, tc);
    return suite;
}
