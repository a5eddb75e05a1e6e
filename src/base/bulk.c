/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/bulk.h"

#include "src/base/dbfile.h"

#define RESERVED "hindcast_pages" /* tables that have the pages until the trees do */
#define RESERVED_TABLES 8
#define RESERVED_ROWS 8 /* of each: what its root page holds without a second one */
/* pages of one of its rows; SQLite's largest value is a thousand million bytes */
#define RESERVED_ROW 200000
#define RESERVE_KIB 512 /* of SQLite's cache meanwhile */
/* has the pages that are free inside of the file: they would be taken first */
#define FREE_TABLE "hindcast_free"
#define FREE_MAX 256

/* Of a row, when there is more than fits: so much stays in the leaf at least ("Database File Format",
 * section 1.6). */
#define LEAST ((HC_PAGE_SIZE - 12) * 32 / 255 - 23)
#define OVERFLOW_SIZE (HC_PAGE_SIZE - 4)

/* A tree and what it is: the row of the schema. */
struct tree {
    char *type, *name, *table, *sql; /* sql NULL: that of the table, which it takes the place of */
    uint32_t root;
    int64_t row; /* of the schema, which a table keeps; 0: the next */
};

/* Pages from which on the disk begins to take them, while the next ones are made. */
#define SYNC_PAGES (8u << 20 >> 12)

struct hc_bulk {
    hc_db *db;
    struct hc_pages *pages;
    GArray *trees;
    size_t unsynced; /* pages, by the thread that writes them */
    void *file;
    GThread *syncing; /* NULL: it never was */
    gint busy;
    GError *failed; /* of the thread; what it was told once, nobody is told again */
};

static void tree_clear(void *data)
{
    struct tree *tree = data;

    g_free(tree->type);
    g_free(tree->name);
    g_free(tree->table);
    g_free(tree->sql);
}

static int64_t place_of(uint32_t page)
{
    return ((int64_t)page - 1) * HC_PAGE_SIZE;
}

static void *sync_pages(void *data)
{
    struct hc_bulk *b = data;

    hc_db_sync(b->file, b->failed ? NULL : &b->failed);
    g_atomic_int_set(&b->busy, 0);
    return NULL;
}

static void end_syncing(struct hc_bulk *b)
{
    if (b->syncing)
        g_thread_join(g_steal_pointer(&b->syncing));
}

/* An hc_pages_fn. */
static bool write_pages(void *data, uint32_t first, const unsigned char *pages, size_t n, GError **error)
{
    struct hc_bulk *b = data;

    if (!hc_db_write(b->db, pages, n * HC_PAGE_SIZE, place_of(first), error))
        return false;
    b->unsynced += n;
    if (b->unsynced >= SYNC_PAGES && !g_atomic_int_get(&b->busy)) {
        end_syncing(b);
        b->unsynced = 0;
        b->busy = 1;
        b->syncing = g_thread_new("sync", sync_pages, b);
    }
    return true;
}

/* All pages are written, and none of them was refused by the disk. */
static bool settle(struct hc_bulk *b, GError **error)
{
    const bool ok = hc_pages_flush(b->pages, error);

    end_syncing(b);
    if (ok && b->failed)
        g_propagate_error(error, g_error_copy(b->failed));
    return ok && !b->failed;
}

static bool is(hc_db *db, const char *sql, const char *want)
{
    g_autofree char *line = hc_db_line(db, sql);

    return g_strcmp0(line, want) == 0;
}

/* A file whose pages are as btree.h writes them. With a write-ahead log they would lie elsewhere than where
 * they are looked for. */
static bool takes_trees(hc_db *db)
{
    return hc_db_file(db) && hc_db_number(db, "PRAGMA page_count") > 0 &&
           hc_db_number(db, "PRAGMA page_size") == HC_PAGE_SIZE && hc_db_reserved(db) == 0 &&
           hc_db_number(db, "PRAGMA auto_vacuum") == 0 && is(db, "PRAGMA encoding", "UTF-8") &&
           !is(db, "PRAGMA journal_mode", "wal");
}

/* A row of zeros that takes `n` pages besides its place in the leaf: with so many bytes that the least part
 * of it stays there. */
static bool reserve_row(hc_db *db, const char *table, int64_t n, GError **error)
{
    int64_t payload = LEAST + n * OVERFLOW_SIZE, bytes = payload;
    int header;

    do { /* the header of the record: its own size, and that of the value as 2n + 12 */
        header = 1;
        for (int64_t type = 2 * bytes + 12; type; type >>= 7)
            header++;
    } while (bytes + header > payload && bytes--);
    return hc_db_exec(db, error, "INSERT INTO \"%w\" VALUES (zeroblob(%lld))", table, (long long)bytes);
}

/* The empty tables come first: what changes of the schema's own pages has changed before the pages of the
 * trees are counted. */
static bool make_reserved(hc_db *db, bool *taken, GError **error)
{
    bool ok = hc_db_exec(db, error, "SAVEPOINT trees; CREATE TABLE " FREE_TABLE "(x)");
    int64_t n;

    for (int i = 0; ok && i < RESERVED_TABLES; i++)
        ok = hc_db_exec(db, error, "CREATE TABLE " RESERVED "%d(x)", i);
    n = hc_db_number(db, "PRAGMA freelist_count");
    if (ok && n > 0 && n <= FREE_MAX)
        ok = reserve_row(db, FREE_TABLE, n, error);
    *taken = ok && hc_db_number(db, "PRAGMA freelist_count") == 0;
    return ok && (*taken || hc_db_exec(db, error, "ROLLBACK TO trees")) &&
           hc_db_exec(db, error, "RELEASE trees");
}

struct hc_bulk *hc_bulk_new(hc_db *db, GError **error)
{
    struct hc_bulk *b;
    bool taken;

    if (!takes_trees(db) || !make_reserved(db, &taken, error) || !taken || !hc_db_flush(db, error))
        return NULL;
    b = g_new0(struct hc_bulk, 1);
    b->db = db;
    b->file = hc_db_handle(db);
    b->trees = g_array_new(FALSE, FALSE, sizeof(struct tree));
    g_array_set_clear_func(b->trees, tree_clear);
    b->pages = hc_pages_new((uint32_t)hc_db_number(db, "PRAGMA page_count") + 1, write_pages, b);
    return b;
}

void hc_bulk_free(struct hc_bulk *b)
{
    if (!b)
        return;
    hc_pages_free(b->pages);
    end_syncing(b);
    g_clear_error(&b->failed);
    g_array_unref(b->trees);
    g_free(b);
}

struct hc_pages *hc_bulk_pages(struct hc_bulk *b)
{
    return b->pages;
}

void hc_bulk_table(struct hc_bulk *b, const char *name, uint32_t root)
{
    struct tree tree = {g_strdup("table"), g_strdup(name), g_strdup(name), NULL, root, 0};

    g_array_append_val(b->trees, tree);
}

void hc_bulk_index(struct hc_bulk *b, const char *table, const char *file, const char *name, uint32_t root)
{
    struct tree tree = {g_strdup("index"),
                        g_strdup(name),
                        g_strdup(table),
                        g_strchomp(g_strchug(hc_db_text(b->db, file, name))),
                        root,
                        0};

    if (g_str_has_suffix(tree.sql, ";"))
        tree.sql[strlen(tree.sql) - 1] = '\0';
    g_array_append_val(b->trees, tree);
}

/*
 * All pages of the trees become those of rows of the empty tables, in their order: SQLite knows of them then.
 * What it would write into them is not written, they have their content.
 */
static bool reserve(struct hc_bulk *b, GError **error)
{
    const uint32_t first = hc_pages_first(b->pages);
    const int64_t all = hc_pages_between(first, hc_pages_next(b->pages));
    int64_t n = all, count;
    struct hc_db_deaf *deaf;
    bool ok = true;

    if (n > (int64_t)RESERVED_TABLES * RESERVED_ROWS * RESERVED_ROW)
        return hc_fail(
            error, HC_ERROR_DB,
            "case database: its tables are too large to be written as trees; --safe-writer does without");
    ok = hc_db_exec(b->db, error, "PRAGMA cache_size=%d",
                    -RESERVE_KIB); /* what is not written need not be remembered */
    deaf = hc_db_deafen(b->db, place_of(first));
    for (int i = 0; ok && n > 0; n -= MIN(n, RESERVED_ROW), i++) {
        g_autofree char *table = g_strdup_printf(RESERVED "%d", i % RESERVED_TABLES);
        ok = reserve_row(b->db, table, MIN(n, RESERVED_ROW), error);
    }
    count = hc_db_number(b->db, "PRAGMA page_count");
    if (ok && hc_pages_between(first, (uint32_t)count + 1) != all)
        ok =
            hc_fail(error, HC_ERROR_DB, "case database: the pages of its trees are not where they should be");
    ok = ok && hc_db_flush(b->db, error);
    hc_db_hear(deaf);
    hc_db_forget(b->db); /* what it remembers of these pages is not what is there */
    return hc_db_exec(b->db, ok ? error : NULL, "PRAGMA cache_size=%d", -HC_DB_CACHE_KIB) && ok;
}

/* Their pages have other owners now: without rows they can go, and leave nothing but a free page each. */
static bool drop_reserved(hc_db *db, GError **error)
{
    unsigned char leaf[HC_PAGE_SIZE] = {13, 0, 0, 0, 0, HC_PAGE_SIZE >> 8, HC_PAGE_SIZE & 0xff};

    for (int i = 0; i < RESERVED_TABLES; i++) {
        g_autofree char *sql =
            g_strdup_printf("SELECT rootpage FROM sqlite_schema WHERE name = '" RESERVED "%d'", i);
        if (!hc_db_write(db, leaf, sizeof leaf, place_of((uint32_t)hc_db_number(db, sql)), error))
            return false;
    }
    for (int i = 0; i < RESERVED_TABLES; i++)
        if (!hc_db_exec(db, error, "DROP TABLE " RESERVED "%d", i))
            return false;
    return hc_db_exec(db, error, "DROP TABLE " FREE_TABLE);
}

/* An empty table goes, and the tree takes its place. */
static bool replace(hc_db *db, struct tree *tree, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '%s'", tree->name);
    g_autofree char *row =
        g_strdup_printf("SELECT rowid FROM sqlite_schema WHERE type = 'table' AND name = '%s'", tree->name);

    tree->sql = hc_db_line(db, sql);
    tree->row = hc_db_number(db, row);
    return hc_db_exec(db, error, "DROP TABLE \"%w\"", tree->name);
}

static bool add_to_schema(hc_db *db, const struct tree *tree, GError **error)
{
    g_autofree char *row = tree->row ? g_strdup_printf("%" G_GINT64_FORMAT, tree->row) : g_strdup("NULL");

    return hc_db_exec(db, error,
                      "INSERT INTO sqlite_schema(rowid, type, name, tbl_name, sql, rootpage) VALUES (%s, %Q, "
                      "%Q, %Q, %Q, %u)",
                      row, tree->type, tree->name, tree->table, tree->sql, tree->root);
}

static bool adopt(struct hc_bulk *b, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && i < b->trees->len; i++) {
        struct tree *tree = &g_array_index(b->trees, struct tree, i);
        if (!tree->sql)
            ok = replace(b->db, tree, error);
    }
    ok = ok && hc_db_exec(b->db, error, "PRAGMA writable_schema=ON");
    for (guint i = 0; ok && i < b->trees->len; i++)
        ok = add_to_schema(b->db, &g_array_index(b->trees, struct tree, i), error);
    return hc_db_exec(b->db, ok ? error : NULL, "PRAGMA writable_schema=RESET") && ok;
}

bool hc_bulk_end(struct hc_bulk *b, GError **error)
{
    return settle(b, error) && reserve(b, error) && drop_reserved(b->db, error) && adopt(b, error);
}
