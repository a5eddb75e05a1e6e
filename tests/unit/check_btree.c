/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees as btree.h builds them, read by SQLite: many of them are put behind the pages of one database in
 * memory, each under a name, and SQLite says whether they are sound and what is in them. What should be in
 * them is counted out here.
 */
#include "src/base/btree.h"
#include "tests/unit/lite.h"

#include <check.h>
#include <stdlib.h>

Suite *suite_btree(void);

#define LOCK_PAGE 262145u /* of SQLite's documentation: that of the byte 0x40000000 */

/* A database under construction. */
struct image {
    GByteArray *bytes;
    struct hc_pages *pages;
    GString *schema; /* statements that give the trees their names */
    unsigned n_trees;
    struct hc_record record;
};

static bool write_into(void *data, uint32_t first, const unsigned char *pages, size_t n, GError **error)
{
    struct image *im = data;
    guint end = (guint)((first - 1 + n) * HC_PAGE_SIZE);

    if (im->bytes->len < end)
        g_byte_array_set_size(im->bytes, end);
    memcpy(im->bytes->data + end - n * HC_PAGE_SIZE, pages, n * HC_PAGE_SIZE);
    return true;
}

static void begin(struct image *im)
{
    sqlite3 *db = lite_open(":memory:");
    sqlite3_int64 n;
    unsigned char *bytes;

    lite_run(db, "PRAGMA page_size=4096; CREATE TABLE first(x)");
    bytes = sqlite3_serialize(db, "main", &n, 0);
    *im = (struct image){.bytes = g_byte_array_new(),
                         .schema = g_string_new("BEGIN; PRAGMA writable_schema=ON;")};
    g_byte_array_append(im->bytes, bytes, (guint)n);
    sqlite3_free(bytes);
    sqlite3_close(db);
    im->pages = hc_pages_new((uint32_t)(n / HC_PAGE_SIZE) + 1, write_into, im);
}

static void name_tree(struct image *im, const char *columns, uint32_t root)
{
    unsigned i = im->n_trees++;

    g_string_append_printf(
        im->schema, "INSERT INTO sqlite_schema VALUES ('table', 't%u', 't%u', %u, 'CREATE TABLE t%u%s');", i,
        i, root, i, columns);
}

/* The header says how many pages there are; then SQLite takes it, and finds all sound. */
static sqlite3 *finish(struct image *im)
{
    sqlite3 *db = lite_open(":memory:");
    unsigned char *copy;
    uint32_t n, count;

    ck_assert(hc_pages_flush(im->pages, NULL));
    n = im->bytes->len;
    ck_assert_uint_eq(hc_pages_next(im->pages), n / HC_PAGE_SIZE + 1);
    count = GUINT32_TO_BE(n / HC_PAGE_SIZE);
    memcpy(im->bytes->data + 28, &count, sizeof count);
    copy = sqlite3_malloc64(n);
    memcpy(copy, im->bytes->data, n);
    ck_assert_int_eq(sqlite3_deserialize(db, "main", copy, n, n,
                                         SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE),
                     SQLITE_OK);
    lite_run(db, "PRAGMA journal_mode=OFF"); /* else a temporary file takes longer than all else */
    lite_run(db, im->schema->str);
    lite_run(db, "PRAGMA writable_schema=RESET; COMMIT");
    lite_sound(db);
    hc_pages_free(im->pages);
    hc_record_clear(&im->record);
    g_byte_array_unref(im->bytes);
    g_string_free(im->schema, TRUE);
    return db;
}

/* A text that is different in every row, and at both of its ends. */
static void fill(char *text, size_t n, uint64_t of)
{
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + (of + i * 7 + i / 26) % 26);
}

/* Rows: their numbers, and a text of some length; SQLite gives them back. */
typedef int64_t (*number_fn)(size_t i);
typedef size_t (*size_fn)(size_t i);

static void table(struct image *im, size_t n, number_fn number, size_fn size)
{
    struct hc_btree *tree = hc_btree_table(im->pages);
    g_autofree char *text = g_malloc(200000);
    uint32_t root = 0;

    for (size_t i = 0; i < n; i++) {
        fill(text, size(i), i);
        hc_record_start(&im->record);
        hc_record_text(&im->record, hc_str_n(text, size(i)));
        LITE_NEED(hc_btree_row(tree, number(i), hc_record_end(&im->record), NULL));
    }
    ck_assert(hc_btree_end(tree, &root, NULL));
    hc_btree_free(tree);
    name_tree(im, "(x)", root);
}

static void table_holds(sqlite3 *db, unsigned no, size_t n, number_fn number, size_fn size)
{
    g_autofree char *sql = g_strdup_printf("SELECT rowid, x FROM t%u", no);
    g_autofree char *text = g_malloc(200000);
    sqlite3_stmt *st;
    size_t i = 0;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    for (; sqlite3_step(st) == SQLITE_ROW; i++) {
        fill(text, size(i), i);
        LITE_NEED(sqlite3_column_int64(st, 0) == number(i));
        LITE_NEED((size_t)sqlite3_column_bytes(st, 1) == size(i));
        LITE_NEED(size(i) == 0 || memcmp(sqlite3_column_text(st, 1), text, size(i)) == 0);
    }
    ck_assert_uint_eq(i, n);
    sqlite3_finalize(st);
}

/* Found by its number, not only on the way from the first to the last. */
static void table_finds(sqlite3 *db, unsigned no, size_t n, number_fn number)
{
    g_autofree char *sql = g_strdup_printf("SELECT 1 FROM t%u WHERE rowid = ?1", no);
    sqlite3_stmt *st;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    for (size_t i = 0; i < n; i += 1 + n / 1000) {
        sqlite3_bind_int64(st, 1, number(i));
        LITE_NEED(sqlite3_step(st) == SQLITE_ROW);
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
}

static int64_t from_one(size_t i)
{
    return (int64_t)i + 1;
}

static int64_t negative(size_t i)
{
    return INT64_MIN + (int64_t)i * 3;
}

static int64_t through_zero(size_t i)
{
    return (int64_t)i - 150;
}

static int64_t nine_bytes(size_t i)
{
    return INT64_MAX - 1000000 + (int64_t)i;
}

/* Every width that a row number can have, and its neighbours. */
static int64_t widths(size_t i)
{
    return i < 1 ? 0 : (INT64_C(1) << (7 * (1 + (i - 1) / 3))) - 1 + (int64_t)((i - 1) % 3);
}

static size_t nothing(size_t i)
{
    return 0;
}

static size_t short_text(size_t i)
{
    return 5 + i % 11;
}

static size_t quarter(size_t i)
{
    return 1000;
}

static size_t one_a_page(size_t i)
{
    return 4000;
}

/* All counts of a range, each a tree of its own. */
static const struct {
    size_t from, to;
    number_fn number;
    size_fn size;
} counts[] = {
    {0, 620, from_one, nothing},
    {1160, 1180, from_one, nothing},
    {0, 450, through_zero, short_text},
    {0, 450, negative, short_text},
    {0, 60, from_one, quarter},
    /* an inner page is full at 510 leaves, of nine-byte numbers at 272 */
    {500, 530, from_one, one_a_page},
    {1010, 1040, from_one, one_a_page},
    {265, 280, negative, one_a_page},
    {540, 550, nine_bytes, one_a_page},
};

START_TEST(tables_of_every_count)
{
    const size_t from = counts[_i].from, to = counts[_i].to;
    struct image im;
    sqlite3 *db;

    begin(&im);
    for (size_t n = from; n <= to; n++)
        table(&im, n, counts[_i].number, counts[_i].size);
    db = finish(&im);
    for (size_t n = from; n <= to; n++) {
        table_holds(db, (unsigned)(n - from), n, counts[_i].number, counts[_i].size);
        table_finds(db, (unsigned)(n - from), n, counts[_i].number);
    }
    sqlite3_close(db);
}
END_TEST

START_TEST(a_table_of_many)
{
    static const number_fn numbers[] = {from_one, negative, nine_bytes};
    struct image im;
    sqlite3 *db;

    begin(&im);
    table(&im, 200000, numbers[_i], short_text);
    db = finish(&im);
    table_holds(db, 0, 200000, numbers[_i], short_text);
    table_finds(db, 0, 200000, numbers[_i]);
    sqlite3_close(db);
}
END_TEST

START_TEST(row_numbers_of_every_width)
{
    const size_t n = 1 + 3 * 8; /* up to 2^56 + 1, nine bytes */
    struct image im;
    sqlite3 *db;

    begin(&im);
    table(&im, n, widths, short_text);
    db = finish(&im);
    table_holds(db, 0, n, widths, short_text);
    table_finds(db, 0, n, widths);
    sqlite3_close(db);
}
END_TEST

/* Around what stays on the page (4061 bytes of payload, 489 at least), and around whole pages of the rest
 * (4092). */
static size_t sizes(size_t i)
{
    static const size_t around[] = {0,
                                    489,
                                    4061,
                                    489 + 4092,
                                    4061 + 4092,
                                    489 + 2 * 4092,
                                    4061 + 2 * 4092,
                                    10 * 4092,
                                    489 + 25 * 4092,
                                    100000};
    size_t middle = around[i / 64 % G_N_ELEMENTS(around)];

    return MAX(middle + i % 64, (size_t)32) - 32;
}

#define N_SIZES ((size_t)640)

START_TEST(rows_of_every_size)
{
    struct image im;
    sqlite3 *db;

    begin(&im);
    table(&im, N_SIZES, from_one, sizes);
    db = finish(&im);
    table_holds(db, 0, N_SIZES, from_one, sizes);
    sqlite3_close(db);
}
END_TEST

static size_t only; /* the size of the one row */
static size_t only_size(size_t i)
{
    return only;
}

START_TEST(one_row_of_every_size)
{
    struct image im;
    sqlite3 *db;

    begin(&im);
    for (size_t i = 0; i < N_SIZES; i++) {
        only = sizes(i);
        table(&im, 1 + i % 3, nine_bytes, only_size);
    }
    db = finish(&im);
    for (size_t i = 0; i < N_SIZES; i++) {
        only = sizes(i);
        table_holds(db, (unsigned)i, 1 + i % 3, nine_bytes, only_size);
    }
    sqlite3_close(db);
}
END_TEST

/* An index is what a table WITHOUT ROWID is, which SQLite reads without another to compare it with. */
static void entry(struct image *im, struct hc_btree *tree, int64_t key, int64_t id, struct hc_str text)
{
    if (!text.n) {
        LITE_NEED(hc_btree_numbers(tree, (const int64_t[]){key, id}, 2, NULL));
        return;
    }
    hc_record_start(&im->record);
    hc_record_int(&im->record, key);
    hc_record_int(&im->record, id);
    hc_record_text(&im->record, text);
    LITE_NEED(hc_btree_entry(tree, hc_record_end(&im->record), NULL));
}

/* Entries of `keys` different keys that come one after the other, with `size` bytes of text behind each. */
static void index_tree(struct image *im, size_t n, size_t keys, size_t size)
{
    struct hc_btree *tree = hc_btree_index(im->pages);
    g_autofree char *text = g_malloc(32768);
    uint32_t root = 0;

    for (size_t i = 0; i < n; i++) {
        fill(text, size, i);
        entry(im, tree, (int64_t)(i * keys / n) * 1000 - 100000, (int64_t)i, hc_str_n(text, size));
    }
    ck_assert(hc_btree_end(tree, &root, NULL));
    hc_btree_free(tree);
    name_tree(im, "(k, id, x, PRIMARY KEY (k, id)) WITHOUT ROWID", root);
}

static void index_holds(sqlite3 *db, unsigned no, size_t n, size_t keys, size_t size)
{
    g_autofree char *sql = g_strdup_printf("SELECT k, id, x FROM t%u", no);
    g_autofree char *find = g_strdup_printf("SELECT count(*) FROM t%u WHERE k = ?1 AND id = ?2", no);
    g_autofree char *text = g_malloc(32768);
    sqlite3_stmt *st, *one;
    size_t i = 0;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, find, -1, &one, NULL), SQLITE_OK);
    for (; sqlite3_step(st) == SQLITE_ROW; i++) {
        fill(text, size, i);
        LITE_NEED(sqlite3_column_int64(st, 0) == (int64_t)(i * keys / n) * 1000 - 100000);
        LITE_NEED(sqlite3_column_int64(st, 1) == (int64_t)i);
        LITE_NEED(size == 0 || memcmp(sqlite3_column_text(st, 2), text, size) == 0);
        if (i % (1 + n / 100))
            continue;
        sqlite3_bind_int64(one, 1, sqlite3_column_int64(st, 0));
        sqlite3_bind_int64(one, 2, (int64_t)i);
        LITE_NEED(sqlite3_step(one) == SQLITE_ROW);
        LITE_NEED(sqlite3_column_int64(one, 0) == 1);
        sqlite3_reset(one);
    }
    ck_assert_uint_eq(i, n);
    sqlite3_finalize(st);
    sqlite3_finalize(one);
}

/* Where no page follows the one that is full, its last entry is taken back: over all counts that happens at
 * every page and level. */
static const struct {
    size_t from, to, keys, size;
} indexes[] = {
    {0, 650, 7, 0},       {960, 1020, 7, 0},       {0, 300, 1000000, 100},
    {1430, 1450, 1, 100}, /* the inner page is full: 39 entries on each page */
    {0, 200, 3, 980},     /* four entries on a page, and on an inner one */
    {600, 640, 3, 980},   {0, 120, 3, 990},        {0, 200, 3, 1500}, /* a part of each lies elsewhere */
    {600, 640, 3, 5000},  {200000, 200000, 50, 0}, {199999, 200000, 200000, 5},
};

START_TEST(indexes_of_every_count)
{
    const size_t from = indexes[_i].from, to = indexes[_i].to;
    struct image im;
    sqlite3 *db;

    begin(&im);
    for (size_t n = from; n <= to; n++)
        index_tree(&im, n, indexes[_i].keys, indexes[_i].size);
    db = finish(&im);
    for (size_t n = from; n <= to; n++)
        index_holds(db, (unsigned)(n - from), n, indexes[_i].keys, indexes[_i].size);
    sqlite3_close(db);
}
END_TEST

/* Entries at the sizes from which on a part of them, and then one page more, lies elsewhere; and far
 * beyond. */
static const struct {
    size_t from, to, step, n;
} entries[] = {
    {985, 1005, 1, 30},                  /* 1002 bytes stay */
    {489 + 4092 - 15, 489 + 4092, 1, 9}, /* one page more when 489 stay */
    {1002 + 4092 - 15, 1002 + 4092 + 5, 1, 9},
    {489 + 8184 - 15, 489 + 8184, 1, 100},
    {1000, 30000, 317, 100},
};

START_TEST(entries_of_every_size)
{
    struct image im;
    unsigned no = 0;
    sqlite3 *db;

    begin(&im);
    for (size_t size = entries[_i].from; size <= entries[_i].to; size += entries[_i].step)
        index_tree(&im, entries[_i].n, 3, size);
    db = finish(&im);
    for (size_t size = entries[_i].from; size <= entries[_i].to; size += entries[_i].step)
        index_holds(db, no++, entries[_i].n, 3, size);
    sqlite3_close(db);
}
END_TEST

/* Numbers at the ends of each width, as SQLite reads them, and in as few bytes as it would take. */
START_TEST(numbers_of_every_width)
{
    static const int bits[] = {0, 1, 7, 8, 15, 16, 23, 24, 31, 32, 39, 47, 48, 55, 56, 62, 63};
    g_autoptr(GArray) want = g_array_new(FALSE, FALSE, sizeof(int64_t));
    struct image im;
    struct hc_btree *tree;
    uint32_t root;
    sqlite3 *db;
    sqlite3_stmt *st;
    guint i = 0;

    for (guint b = 0; b < G_N_ELEMENTS(bits); b++)
        for (int sign = 0; sign < 2; sign++)
            for (int64_t off = -2; off <= 2; off++) {
                int64_t value =
                    (int64_t)((sign ? -(UINT64_C(1) << bits[b]) : UINT64_C(1) << bits[b]) + (uint64_t)off);
                g_array_append_val(want, value);
            }
    begin(&im);
    tree = hc_btree_table(im.pages);
    for (guint k = 0; k < want->len; k++) {
        hc_record_start(&im.record);
        hc_record_int(&im.record, g_array_index(want, int64_t, k));
        ck_assert(hc_btree_row(tree, k + 1, hc_record_end(&im.record), NULL));
    }
    ck_assert(hc_btree_end(tree, &root, NULL));
    hc_btree_free(tree);
    name_tree(&im, "(x)", root);
    db = finish(&im);
    lite_run(db, "CREATE TABLE own(x); INSERT INTO own SELECT x FROM t0");
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT x, typeof(x) FROM t0 ORDER BY rowid", -1, &st, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(st) == SQLITE_ROW; i++) {
        ck_assert_int_eq(sqlite3_column_int64(st, 0), g_array_index(want, int64_t, i));
        ck_assert_str_eq((const char *)sqlite3_column_text(st, 1), "integer");
    }
    ck_assert_uint_eq(i, want->len);
    sqlite3_finalize(st);
    sqlite3_close(db);
}
END_TEST

/* Records byte for byte as SQLite writes them: they are cut out of a page that it wrote. */
static struct hc_str last_record(sqlite3 *db, unsigned char **image)
{
    sqlite3_int64 n;
    unsigned char *bytes = *image = sqlite3_serialize(db, "main", &n, 0), *page = bytes + n - HC_PAGE_SIZE;
    unsigned at = (unsigned)page[8] << 8 | page[9];
    size_t length = page[at++];

    if (length & 0x80)
        length = (length & 0x7f) << 7 | page[at++];
    return hc_str_n((const char *)page + at + 1, length); /* behind the row's number, which is 1 */
}

/* One row of so many columns, written by us and by SQLite; the type of a text of 60 bytes takes two. */
static void write_both(size_t columns, size_t wide)
{
    static const int64_t numbers[] = {0,
                                      1,
                                      2,
                                      -1,
                                      127,
                                      128,
                                      -128,
                                      -129,
                                      32767,
                                      32768,
                                      8388607,
                                      8388608,
                                      -8388609,
                                      INT32_MAX,
                                      INT64_C(2147483648),
                                      (INT64_C(1) << 47) - 1,
                                      INT64_C(1) << 47,
                                      -(INT64_C(1) << 47) - 1,
                                      INT64_MAX,
                                      INT64_MIN};
    g_autoptr(GString) create = g_string_new("CREATE TABLE t("),
                       insert = g_string_new("INSERT INTO t VALUES (");
    sqlite3 *db = lite_open(":memory:");
    struct hc_record record = {0};
    unsigned char *image;
    struct hc_str got, want;

    hc_record_start(&record);
    for (size_t i = 0; i < columns; i++) {
        g_autofree char *text = g_strnfill(i < wide ? 60 : i % 58, 'x');
        int64_t value = numbers[(i + columns) % G_N_ELEMENTS(numbers)];
        g_string_append_printf(create, "%sc%zu", i ? "," : "", i);
        g_string_append(insert, i ? "," : "");
        if (i < wide || i % 3 == 1) {
            hc_record_text(&record, hc_str(text));
            g_string_append_printf(insert, "'%s'", text);
        } else if (i % 3 == 0) {
            hc_record_int(&record, value);
            g_string_append_printf(insert, "%" G_GINT64_FORMAT,
                                   value); /* INT64_MIN as a literal is one, too */
        } else {
            hc_record_text(&record, HC_STR_NONE);
            g_string_append(insert, "NULL");
        }
    }
    lite_run(db, g_string_append(create, ")")->str);
    lite_run(db, g_string_append(insert, ")")->str);
    want = last_record(db, &image);
    got = hc_record_end(&record);
    ck_assert_msg(hc_str_eq(got, want), "%zu columns, %zu wide: %zu bytes, SQLite takes %zu", columns, wide,
                  got.n, want.n);
    sqlite3_free(image);
    sqlite3_close(db);
    hc_record_clear(&record);
}

START_TEST(records_as_sqlite_writes_them)
{
    for (size_t columns = 1; columns <= HC_RECORD_COLUMNS; columns++)
        write_both(columns, columns / 5);
    for (size_t wide = 0; wide <= HC_RECORD_COLUMNS;
         wide++) /* headers of up to two bytes more than what counts them in one */
        write_both(HC_RECORD_COLUMNS, wide);
}
END_TEST

/* The numbers of some columns, by those of all. */
START_TEST(numbers_among_columns)
{
    struct hc_record record = {0};

    for (size_t columns = 1; columns <= HC_RECORD_COLUMNS; columns++)
        for (size_t step = 1; step < 8; step++) {
            int64_t want[HC_RECORD_COLUMNS], got[HC_RECORD_COLUMNS];
            uint8_t which[HC_RECORD_COLUMNS];
            size_t n = 0;
            hc_record_start(&record);
            for (size_t i = 0; i < columns; i++) {
                g_autofree char *text = g_strnfill(i * 3, 'x');
                const int64_t value = (int64_t)((i & 1 ? -1 : 1) * (INT64_C(3) << (i % 61)));
                if (i % 5 == 4)
                    hc_record_text(&record, i % 2 ? HC_STR_NONE : hc_str(text));
                else
                    hc_record_int(&record, i % 7 ? value : (int64_t)(i & 1));
                if (i % step == 0) {
                    want[n] = i % 5 == 4 ? 0 : i % 7 ? value : (int64_t)(i & 1);
                    which[n++] = (uint8_t)i;
                }
            }
            hc_record_numbers(hc_record_end(&record), which, n, got);
            ck_assert_mem_eq(got, want, n * sizeof *got);
        }
    hc_record_clear(&record);
}
END_TEST

/* Entries of many numbers are those that are written as records. */
START_TEST(entries_of_many_numbers)
{
    int64_t numbers[HC_BTREE_NUMBERS] = {1, INT64_MIN, 0, INT64_MAX, -1, 1 << 20, -(INT64_C(1) << 40), 77};
    struct image im;
    sqlite3 *db;
    uint32_t root;
    char *got;

    begin(&im);
    for (size_t n = 2; n <= HC_BTREE_NUMBERS; n++) {
        g_autoptr(GString) columns = g_string_new("(c0");
        struct hc_btree *tree = hc_btree_index(im.pages);
        for (size_t i = 1; i < n; i++)
            g_string_append_printf(columns, ",c%zu", i);
        g_string_append_printf(columns, ",PRIMARY KEY(%s)) WITHOUT ROWID", columns->str + 1);
        for (int i = 0; i < 1000; i++) {
            numbers[0] = i * 1000;
            LITE_NEED(hc_btree_numbers(tree, numbers, n, NULL));
        }
        ck_assert(hc_btree_end(tree, &root, NULL));
        hc_btree_free(tree);
        name_tree(&im, columns->str, root);
    }
    db = finish(&im);
    got = lite_ask(db, "SELECT count(*) FROM t6 WHERE c1 = -9223372036854775807 - 1 AND c2 = 0 AND c3 = "
                       "9223372036854775807 AND c4 = -1 "
                       "AND c5 = 1048576 AND c6 = -1099511627776 AND c7 = 77 AND c0 % 1000 = 0");
    ck_assert_str_eq(got, "1000\n");
    g_free(got);
    sqlite3_close(db);
}
END_TEST

/* Near the page for locks: where the pages went, by their numbers. */
struct numbered {
    GHashTable *pages; /* number -> page */
};

static bool number_them(void *data, uint32_t first, const unsigned char *pages, size_t n, GError **error)
{
    struct numbered *d = data;

    for (uint32_t i = 0; i < n; i++)
        LITE_NEED(g_hash_table_insert(d->pages, GUINT_TO_POINTER(first + i),
                                      g_memdup2(pages + i * HC_PAGE_SIZE, HC_PAGE_SIZE)));
    return true;
}

static uint32_t number_at(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static const unsigned char *page_of(struct numbered *d, uint32_t number)
{
    const unsigned char *page = g_hash_table_lookup(d->pages, GUINT_TO_POINTER(number));

    ck_assert_msg(page != NULL, "page %u is pointed to, but was not written", number);
    return page;
}

/* Rows below the page; each has a chain of overflow pages that is followed to its end. */
static unsigned walk(struct numbered *d, uint32_t number, unsigned *seen)
{
    const unsigned char *page = page_of(d, number);
    unsigned n = (unsigned)page[3] << 8 | page[4], rows = 0;

    ++*seen;
    for (unsigned i = 0; i < n; i++) {
        const unsigned char *slot = page + (page[0] == 13 ? 8 : 12) + 2 * i,
                            *cell = page + (slot[0] << 8 | slot[1]);
        if (page[0] == 5) {
            rows += walk(d, number_at(cell), seen);
            continue;
        }
        ck_assert_uint_eq(page[0], 13);
        rows++;
        cell += 3 + 489 +
                (number_at(cell) >> 16 & 0x80
                     ? 1
                     : 0); /* sizes: three bytes of length and number; the least part stays */
        for (uint32_t next = number_at(cell); next; next = number_at(page_of(d, next)))
            ++*seen;
    }
    return rows + (page[0] == 5 ? walk(d, number_at(page + 8), seen) : 0);
}

START_TEST(the_page_for_locks_is_left_out)
{
    struct numbered d = {g_hash_table_new_full(NULL, NULL, NULL, g_free)};
    struct hc_record record = {0};
    struct hc_pages *pages = hc_pages_new(LOCK_PAGE - 100 + (uint32_t)_i, number_them, &d);
    struct hc_btree *tree = hc_btree_table(pages);
    /* header 4 bytes, so that 489 and two pages of the rest are a row */
    g_autofree char *text = g_strnfill(489 + 2 * 4092 - 4, 'x');
    uint32_t root;
    unsigned seen = 0;

    ck_assert_uint_ne(hc_pages_first(pages), LOCK_PAGE);
    for (int i = 0; i < 100; i++) {
        hc_record_start(&record);
        hc_record_text(&record, hc_str(text));
        ck_assert(hc_btree_row(tree, i, hc_record_end(&record), NULL));
    }
    ck_assert(hc_btree_end(tree, &root, NULL) && hc_pages_flush(pages, NULL));
    ck_assert_int_eq(hc_pages_between(hc_pages_first(pages), hc_pages_next(pages)),
                     g_hash_table_size(d.pages));
    ck_assert_uint_ne(root, LOCK_PAGE);
    ck_assert_uint_eq(walk(&d, root, &seen), 100);
    ck_assert_uint_eq(seen, g_hash_table_size(d.pages));
    ck_assert(!g_hash_table_contains(d.pages, GUINT_TO_POINTER(LOCK_PAGE)));
    hc_btree_free(tree);
    hc_pages_free(pages);
    hc_record_clear(&record);
    g_hash_table_unref(d.pages);
}
END_TEST

/* Whatever page cannot be written: its error comes back, and nothing is asked for afterwards. */
struct full {
    size_t room;
};

static bool until_full(void *data, uint32_t first, const unsigned char *pages, size_t n, GError **error)
{
    struct full *f = data;

    if (f->room < n)
        return hc_fail(error, HC_ERROR_IO, "full");
    f->room -= n;
    return true;
}

static bool build_into(struct full *f, bool index, GError **error)
{
    g_autofree char *text = g_strnfill(index ? 900 : 5000, 'x');
    struct hc_record record = {0};
    struct hc_pages *pages = hc_pages_new(2, until_full, f);
    struct hc_btree *tree = index ? hc_btree_index(pages) : hc_btree_table(pages);
    uint32_t root;
    bool ok = true;

    for (int i = 0; ok && i < 1000; i++) {
        hc_record_start(&record);
        hc_record_int(&record, i);
        hc_record_text(&record, hc_str(text));
        ok = index ? hc_btree_entry(tree, hc_record_end(&record), error)
                   : hc_btree_row(tree, i, hc_record_end(&record), error);
    }
    ok = ok && hc_btree_end(tree, &root, error) && hc_pages_flush(pages, error);
    hc_btree_free(tree);
    hc_pages_free(pages);
    hc_record_clear(&record);
    return ok;
}

START_TEST(a_full_disk_is_told)
{
    for (int index = 0; index < 2; index++) {
        struct full all = {1 << 20};
        size_t needed;

        ck_assert(build_into(&all, index, NULL));
        needed = (1 << 20) - all.room;
        for (size_t room = 0; room < needed; room += 1 + room / 7) {
            struct full f = {room};
            g_autoptr(GError) error = NULL;
            ck_assert(!build_into(&f, index, &error));
            ck_assert_str_eq(error->message, "full");
        }
    }
}
END_TEST

Suite *suite_btree(void)
{
    Suite *suite = suite_create("btree");
    TCase *tc = tcase_create("btree");

    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, tables_of_every_count, 0, G_N_ELEMENTS(counts));
    tcase_add_loop_test(tc, a_table_of_many, 0, 3);
    tcase_add_test(tc, row_numbers_of_every_width);
    tcase_add_test(tc, rows_of_every_size);
    tcase_add_test(tc, one_row_of_every_size);
    tcase_add_loop_test(tc, indexes_of_every_count, 0, G_N_ELEMENTS(indexes));
    tcase_add_loop_test(tc, entries_of_every_size, 0, G_N_ELEMENTS(entries));
    tcase_add_test(tc, numbers_of_every_width);
    tcase_add_test(tc, records_as_sqlite_writes_them);
    tcase_add_test(tc, numbers_among_columns);
    tcase_add_test(tc, entries_of_many_numbers);
    tcase_add_loop_test(tc, the_page_for_locks_is_left_out, 0, 103);
    tcase_add_test(tc, a_full_disk_is_told);
    suite_add_tcase(suite, tc);
    return suite;
}
