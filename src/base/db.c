/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/db.h"

#include "src/base/asset.h"
#include "src/base/btree.h"
#include "src/base/event.h"
#include "src/base/temp.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <unistd.h>

/* Keys of a dump come in no order: without room for the pages of their index most insertions would read one and write one. */
#define CACHE_SIZE "PRAGMA cache_size=-32768;" /* KiB */

/* One statement of a SQL asset: its key is "file/name". A part with several statements is run, not prepared. */
struct hc_stmt {
    hc_db *db;
    sqlite3_stmt *st;
};

struct hc_db {
    sqlite3 *handle;
    GHashTable *parts;      /* "file/name" -> SQL text (owned) */
    GHashTable *statements; /* "file/name" -> hc_stmt */
    GHashTable *files;      /* SQL files already split */
};

static bool db_fail(hc_db *db, GError **error, const char *what)
{
    return hc_fail(error, HC_ERROR_DB, "case database: %s: %s", what, sqlite3_errmsg(db->handle));
}

static void stmt_free(void *data)
{
    hc_stmt *st = data;

    sqlite3_finalize(st->st);
    g_free(st);
}

void hc_db_close(hc_db *db)
{
    if (!db)
        return;
    g_clear_pointer(&db->statements, g_hash_table_unref);
    g_clear_pointer(&db->parts, g_hash_table_unref);
    g_clear_pointer(&db->files, g_hash_table_unref);
    sqlite3_close(db->handle);
    g_free(db);
}

char *hc_db_folder(const hc_db *db)
{
    const char *file = sqlite3_db_filename(db->handle, "main");

    return file && *file ? g_path_get_dirname(file) : g_strdup(g_get_tmp_dir());
}

static bool run_sql(hc_db *db, const char *sql, GError **error)
{
    char *message = NULL;

    if (sqlite3_exec(db->handle, sql, NULL, NULL, &message) == SQLITE_OK)
        return true;
    hc_fail(error, HC_ERROR_DB, "case database: %s", message ? message : sqlite3_errmsg(db->handle));
    sqlite3_free(message);
    return false;
}

static int64_t pragma_int(hc_db *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    int64_t value = -1;

    if (sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        value = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

/* The numbers that the program stores, named for those who read the database without it. */
static bool write_vocabulary(hc_db *db, GError **error)
{
    bool ok = true;

    for (int i = HC_ACTION_NONE + 1; ok && i < HC_ACTION_COUNT; i++)
        ok = hc_exec(hc_db_query(db, "vocabulary", "add", "itt", (int64_t)i, hc_action_name((enum hc_action)i),
                                 hc_action_sentence((enum hc_action)i)), error);
    return ok;
}

/* The schema goes in with its marks in one transaction: a killed first start leaves an empty file, not half a case. */
static bool create(hc_db *db, GError **error)
{
    g_autofree char *schema = hc_str_dup(hc_asset("src/sql/schema.sql"));
    g_autofree char *marks = g_strdup_printf("PRAGMA application_id=%d; PRAGMA user_version=%d;",
                                             HC_DB_APPLICATION_ID, HC_DB_VERSION);

    if (!run_sql(db, "BEGIN IMMEDIATE", error))
        return false;
    if (!run_sql(db, schema, error) || !run_sql(db, marks, error) || !write_vocabulary(db, error) ||
        !run_sql(db, "COMMIT", error)) {
        hc_db_rollback(db);
        return false;
    }
    return true;
}

static bool settle(hc_db *db, enum hc_db_mode mode, const char *path, GError **error)
{
    int64_t application = pragma_int(db, "PRAGMA application_id");
    int64_t objects = pragma_int(db, "SELECT count(*) FROM sqlite_schema");

    if (objects < 0)
        return hc_fail(error, HC_ERROR_DB, "%s: %s", path, sqlite3_errmsg(db->handle));
    if (mode != HC_DB_READ && objects == 0)
        return create(db, error);
    if (application != HC_DB_APPLICATION_ID)
        return hc_fail(error, HC_ERROR_DB, "%s: not a hindcast case database", path);
    if (pragma_int(db, "PRAGMA user_version") != HC_DB_VERSION)
        return hc_fail(error, HC_ERROR_DB,
                       "%s: made by another version of hindcast; remove it and import again", path);
    return true;
}

hc_db *hc_db_open(const char *path, enum hc_db_mode mode, GError **error)
{
    static const int flags[] = {
        [HC_DB_READ] = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
        [HC_DB_WRITE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
        [HC_DB_MEMORY] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
    }; /* no mutex: a connection is only used by the thread that opened it */
    g_autoptr(hc_db) db = g_new0(hc_db, 1);

    db->parts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    db->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, stmt_free);
    db->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (sqlite3_open_v2(mode == HC_DB_MEMORY ? ":memory:" : path, &db->handle, flags[mode], NULL) !=
        SQLITE_OK) {
        hc_fail(error, HC_ERROR_DB, "%s: %s", path, sqlite3_errmsg(db->handle));
        return NULL;
    }
    sqlite3_extended_result_codes(db->handle, 1);
    hc_db_patience(db, 10000);
    if (!run_sql(db, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; "
                     CACHE_SIZE,
                 error) ||
        !settle(db, mode, mode == HC_DB_MEMORY ? "memory" : path, error))
        return NULL;
    return g_steal_pointer(&db);
}

void hc_db_patience(hc_db *db, int milliseconds)
{
    sqlite3_busy_timeout(db->handle, milliseconds);
}

bool hc_db_begin(hc_db *db, GError **error)
{
    return run_sql(db, "BEGIN IMMEDIATE", error);
}

bool hc_db_commit(hc_db *db, GError **error)
{
    return run_sql(db, "COMMIT", error);
}

void hc_db_rollback(hc_db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        run_sql(db, "ROLLBACK", NULL);
}

bool hc_db_mark(hc_db *db, GError **error)
{
    return run_sql(db, "SAVEPOINT mark", error);
}

bool hc_db_keep(hc_db *db, GError **error)
{
    return run_sql(db, "RELEASE mark", error);
}

bool hc_db_back(hc_db *db, GError **error)
{
    return run_sql(db, "ROLLBACK TO mark; RELEASE mark", error);
}

/* Splits src/sql/FILE.sql at its "-- name: NAME" lines, once per connection. */
static void split(hc_db *db, const char *file)
{
    static const char mark[] = "-- name: ";
    g_autofree char *asset = g_strdup_printf("src/sql/%s.sql", file);
    g_autofree char *text = hc_str_dup(hc_asset(asset));
    char *at;

    if (!g_hash_table_add(db->files, g_strdup(file)))
        return;
    at = g_str_has_prefix(text, mark) ? text : strstr(text, "\n-- name: ");
    while (at) {
        char *name = at + (*at == '\n') + strlen(mark);
        char *body = strchr(name, '\n');
        char *next = body ? strstr(body, "\n-- name: ") : NULL;
        if (!body)
            break;
        g_autofree char *one = g_strndup(name, (gsize)(body - name));
        char *key = g_strdup_printf("%s/%s", file, g_strstrip(one));
        if (g_hash_table_contains(db->parts, key))
            g_error("src/sql/%s.sql names %s twice", file, key);
        g_hash_table_insert(db->parts, key, next ? g_strndup(body, (gsize)(next - body)) : g_strdup(body));
        at = next;
    }
}

static const char *part(hc_db *db, const char *file, const char *name, char **key)
{
    const char *sql;

    split(db, file);
    *key = g_strdup_printf("%s/%s", file, name);
    sql = g_hash_table_lookup(db->parts, *key);
    if (!sql)
        g_error("src/sql/%s.sql has no statement called %s", file, name);
    return sql;
}

hc_stmt *hc_db_stmt(hc_db *db, const char *file, const char *name)
{
    g_autofree char *key = g_strdup_printf("%s/%s", file, name);
    hc_stmt *st = g_hash_table_lookup(db->statements, key);

    if (!st) {
        g_autofree char *again = NULL;
        const char *sql = part(db, file, name, &again);
        st = g_new0(hc_stmt, 1);
        st->db = db;
        if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->st, NULL) != SQLITE_OK)
            g_error("src/sql/%s.sql: %s: %s", file, name, sqlite3_errmsg(db->handle));
        g_hash_table_insert(db->statements, g_steal_pointer(&key), st);
    }
    return hc_stmt_again(st);
}

hc_stmt *hc_stmt_again(hc_stmt *st)
{
    sqlite3_reset(st->st);
    sqlite3_clear_bindings(st->st);
    return st;
}

hc_stmt *hc_db_query(hc_db *db, const char *file, const char *name, const char *types, ...)
{
    hc_stmt *st = hc_db_stmt(db, file, name);
    va_list args;

    va_start(args, types);
    for (int i = 1; *types; types++, i++) {
        if (*types == 't') {
            hc_bind_text(st, i, hc_str(va_arg(args, const char *)));
        } else {
            int64_t value = va_arg(args, int64_t);
            if (value || *types == 'i')
                hc_bind_int(st, i, value);
        }
    }
    va_end(args);
    return st;
}

bool hc_db_run(hc_db *db, const char *file, const char *name, GError **error)
{
    g_autofree char *key = NULL;

    return run_sql(db, part(db, file, name, &key), error);
}

void hc_bind_int(hc_stmt *st, int index, int64_t value)
{
    sqlite3_bind_int64(st->st, index, value);
}

void hc_bind_text(hc_stmt *st, int index, struct hc_str value)
{
    if (value.p)
        sqlite3_bind_text64(st->st, index, value.p, value.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_bind_null(st->st, index);
}

void hc_bind_borrowed(hc_stmt *st, int index, struct hc_str value)
{
    if (value.p)
        sqlite3_bind_text64(st->st, index, value.p, value.n, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_null(st->st, index);
}

int hc_step(hc_stmt *st, GError **error)
{
    int rc = sqlite3_step(st->st);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        db_fail(st->db, error, "statement");
    sqlite3_reset(st->st);
    return rc == SQLITE_DONE ? 0 : -1;
}

bool hc_exec(hc_stmt *st, GError **error)
{
    int rc;

    while ((rc = hc_step(st, error)) > 0)
        ;
    return rc == 0;
}

void hc_stmt_reset(hc_stmt *st)
{
    sqlite3_reset(st->st);
}

bool hc_col_null(hc_stmt *st, int column)
{
    return sqlite3_column_type(st->st, column) == SQLITE_NULL;
}

int64_t hc_col_int(hc_stmt *st, int column)
{
    return sqlite3_column_int64(st->st, column);
}

struct hc_str hc_col_text(hc_stmt *st, int column)
{
    const char *p = (const char *)sqlite3_column_text(st->st, column);

    return hc_str_n(p, p ? (size_t)sqlite3_column_bytes(st->st, column) : 0);
}

char *hc_col_dup(hc_stmt *st, int column)
{
    return hc_str_dup(hc_col_text(st, column));
}

int64_t hc_db_last_id(hc_db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

static bool check_part(hc_db *db, const char *key, const char *sql, GError **error)
{
    const char *tail = sql;

    while (*tail) {
        sqlite3_stmt *st = NULL;
        if (sqlite3_prepare_v2(db->handle, tail, -1, &st, &tail) != SQLITE_OK)
            return hc_fail(error, HC_ERROR_DB, "src/sql: %s: %s", key, sqlite3_errmsg(db->handle));
        sqlite3_finalize(st);
    }
    return true;
}

bool hc_db_check_all(hc_db *db, GError **error)
{
    GHashTableIter iter;
    void *key, *sql;

    for (const struct hc_asset *a = hc_assets; a->name; a++) {
        if (!g_str_has_prefix(a->name, "src/sql/") || g_str_has_suffix(a->name, "/schema.sql"))
            continue;
        g_autofree char *file = g_path_get_basename(a->name);
        *strrchr(file, '.') = '\0';
        split(db, file);
    }
    g_hash_table_iter_init(&iter, db->parts);
    while (g_hash_table_iter_next(&iter, &key, &sql))
        if (!check_part(db, key, sql, error))
            return false;
    return true;
}

/* A tree and what it is: the row of the schema. */
struct tree {
    char *type, *name, *table, *sql; /* sql NULL: that of the table, which it takes the place of */
    uint32_t root;
};

struct hc_bulk {
    hc_db *db;
    char *folder;
    int fd;
    int64_t size; /* of the file */
    struct hc_pages pages;
    GArray *trees;
};

static void tree_clear(void *data)
{
    struct tree *tree = data;

    g_free(tree->type);
    g_free(tree->name);
    g_free(tree->table);
    g_free(tree->sql);
}

static bool save_pages(void *data, const unsigned char *pages, size_t n, GError **error)
{
    struct hc_bulk *b = data;

    if (!hc_temp_write(b->fd, pages, n * HC_PAGE_SIZE, b->size, b->folder, error))
        return false;
    b->size += (int64_t)n * HC_PAGE_SIZE;
    return true;
}

#define RESERVED "hindcast_pages" /* tables that have the pages until the trees do */
#define RESERVED_TABLES 8
#define RESERVED_ROWS 8     /* of each: what its root page holds without a second one */
#define RESERVED_ROW 200000 /* pages of one of its rows; SQLite's largest value is a thousand million bytes */

static bool pragma_is(hc_db *db, const char *sql, const char *want)
{
    sqlite3_stmt *st = NULL;
    bool is = sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW &&
              g_strcmp0((const char *)sqlite3_column_text(st, 0), want) == 0;

    sqlite3_finalize(st);
    return is;
}

/* A file whose pages are as btree.h writes them. With a write-ahead log they would lie elsewhere than where they are looked for. */
static bool takes_trees(hc_db *db)
{
    const char *file = sqlite3_db_filename(db->handle, "main");
    int reserved = -1;

    return file && *file && pragma_int(db, "PRAGMA page_count") > 0 && pragma_int(db, "PRAGMA page_size") == HC_PAGE_SIZE &&
           sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved) == SQLITE_OK && reserved == 0 &&
           pragma_int(db, "PRAGMA auto_vacuum") == 0 && pragma_is(db, "PRAGMA encoding", "UTF-8") &&
           !pragma_is(db, "PRAGMA journal_mode", "wal");
}

/* The empty tables come first: what changes of the schema's own pages has changed before the pages of the trees are counted. */
static bool make_reserved(hc_db *db, bool *taken, GError **error)
{
    bool ok = run_sql(db, "SAVEPOINT trees", error);

    for (int i = 0; ok && i < RESERVED_TABLES; i++) {
        g_autofree char *sql = g_strdup_printf("CREATE TABLE " RESERVED "%d(x)", i);
        ok = run_sql(db, sql, error);
    }
    *taken = ok && pragma_int(db, "PRAGMA freelist_count") == 0;
    return ok && (*taken || run_sql(db, "ROLLBACK TO trees", error)) && run_sql(db, "RELEASE trees", error);
}

struct hc_bulk *hc_bulk_new(hc_db *db, GError **error)
{
    struct hc_bulk *b;
    bool taken;

    if (!takes_trees(db) || !make_reserved(db, &taken, error) || !taken)
        return NULL;
    b = g_new0(struct hc_bulk, 1);
    b->db = db;
    b->folder = hc_db_folder(db);
    b->fd = hc_temp_open(b->folder, error);
    b->trees = g_array_new(FALSE, FALSE, sizeof(struct tree));
    g_array_set_clear_func(b->trees, tree_clear);
    hc_pages_start(&b->pages, (uint32_t)pragma_int(db, "PRAGMA page_count") + 1, save_pages, b);
    if (b->fd >= 0)
        return b;
    hc_bulk_free(b);
    return NULL;
}

void hc_bulk_free(struct hc_bulk *b)
{
    if (!b)
        return;
    if (b->fd >= 0)
        close(b->fd);
    hc_pages_clear(&b->pages);
    g_array_unref(b->trees);
    g_free(b->folder);
    g_free(b);
}

struct hc_pages *hc_bulk_pages(struct hc_bulk *b)
{
    return &b->pages;
}

void hc_bulk_table(struct hc_bulk *b, const char *name, uint32_t root)
{
    struct tree tree = {g_strdup("table"), g_strdup(name), g_strdup(name), NULL, root};

    g_array_append_val(b->trees, tree);
}

void hc_bulk_index(struct hc_bulk *b, const char *table, const char *file, const char *name, uint32_t root)
{
    g_autofree char *key = NULL;
    struct tree tree = {g_strdup("index"), g_strdup(name), g_strdup(table), NULL, root};

    tree.sql = g_strchomp(g_strchug(g_strdup(part(b->db, file, name, &key))));
    if (g_str_has_suffix(tree.sql, ";"))
        tree.sql[strlen(tree.sql) - 1] = '\0';
    g_array_append_val(b->trees, tree);
}

/*
 * A row of zeros that takes `n` pages besides its place in the leaf: with so many bytes that the least part of it stays there
 * ("Database File Format", section 1.6).
 */
static bool reserve_row(hc_db *db, int table, int64_t n, GError **error)
{
    g_autofree char *sql = g_strdup_printf("INSERT INTO " RESERVED "%d VALUES (zeroblob(?1))", table);
    int64_t least = (HC_PAGE_SIZE - 12) * 32 / 255 - 23, payload = least + n * (HC_PAGE_SIZE - 4);
    sqlite3_stmt *st = NULL;
    int64_t bytes = payload;
    int header, rc;

    do { /* the header of the record: its own size, and that of the value as 2n + 12 */
        header = 1;
        for (int64_t type = 2 * bytes + 12; type; type >>= 7)
            header++;
    } while (bytes + header > payload && bytes--);
    rc = sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(st, 1, bytes);
        rc = sqlite3_step(st);
    }
    sqlite3_finalize(st);
    return rc == SQLITE_DONE || db_fail(db, error, "making room");
}

/* All pages of the trees become those of rows of the empty tables, in their order; then they can be written behind SQLite's back. */
static bool reserve(struct hc_bulk *b, GError **error)
{
    hc_db *db = b->db;
    int64_t n = b->size / HC_PAGE_SIZE;
    int rc;

    if (n > (int64_t)RESERVED_TABLES * RESERVED_ROWS * RESERVED_ROW)
        return hc_fail(error, HC_ERROR_DB, "case database: its tables are too large to be written as trees; --safe-writer does without");
    for (int i = 0; n > 0; n -= MIN(n, RESERVED_ROW), i++)
        if (!reserve_row(db, i % RESERVED_TABLES, MIN(n, RESERVED_ROW), error))
            return false;
    if (pragma_int(db, "PRAGMA page_count") != (int64_t)b->pages.next - 1 &&
        pragma_int(db, "PRAGMA page_count") != (int64_t)b->pages.next - 2) /* the last one was before the page for locks */
        return hc_fail(error, HC_ERROR_DB, "case database: the pages of its trees are not where they should be");
    rc = sqlite3_db_cacheflush(db->handle);
    if (rc != SQLITE_OK)
        return hc_fail(error, HC_ERROR_DB, "case database: making room: %s", sqlite3_errstr(rc));
    sqlite3_db_release_memory(db->handle); /* what it remembers of these pages is not what will be there */
    return true;
}

/* Through SQLite's own handle: a second one would take its locks away when it is closed. */
static bool write_to_file(hc_db *db, const unsigned char *pages, size_t n, int64_t to, GError **error)
{
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);

    if (rc == SQLITE_OK)
        rc = file->pMethods->xWrite(file, pages, (int)n, to);
    return rc == SQLITE_OK || hc_fail(error, HC_ERROR_DB, "case database: writing its pages: %s", sqlite3_errstr(rc));
}

static bool write_pages(struct hc_bulk *b, GError **error)
{
    const int64_t lock = INT64_C(0x40000000);
    const size_t block = (size_t)64 << 10; /* SQLite's own file takes less than 128 KiB in one call */
    g_autofree unsigned char *pages = g_malloc(block);
    int64_t at = 0, to = (int64_t)(b->pages.first - 1) * HC_PAGE_SIZE;

    while (at < b->size) {
        size_t n = (size_t)MIN((int64_t)block, b->size - at);
        if (to < lock) /* not over the page for locks */
            n = (size_t)MIN((int64_t)n, lock - to);
        if (hc_temp_read(b->fd, pages, n, n, at, b->folder, error) < 0 || !write_to_file(b->db, pages, n, to, error))
            return false;
        at += (int64_t)n;
        to += (int64_t)n;
        to += to == lock ? HC_PAGE_SIZE : 0;
    }
    return true;
}

static bool drop_table(hc_db *db, const char *name, GError **error)
{
    g_autofree char *sql = g_strdup_printf("DROP TABLE %s", name);

    return run_sql(db, sql, error);
}

/* Their pages have other owners now: without rows they can go, and leave nothing but a free page each. */
static bool drop_reserved(hc_db *db, GError **error)
{
    unsigned char leaf[HC_PAGE_SIZE] = {13, 0, 0, 0, 0, HC_PAGE_SIZE >> 8, HC_PAGE_SIZE & 0xff};

    for (int i = 0; i < RESERVED_TABLES; i++) {
        g_autofree char *name = g_strdup_printf(RESERVED "%d", i);
        g_autofree char *sql = g_strdup_printf("SELECT rootpage FROM sqlite_schema WHERE name = '%s'", name);
        if (!write_to_file(db, leaf, sizeof leaf, (pragma_int(db, sql) - 1) * HC_PAGE_SIZE, error))
            return false;
    }
    for (int i = 0; i < RESERVED_TABLES; i++) {
        g_autofree char *name = g_strdup_printf(RESERVED "%d", i);
        if (!drop_table(db, name, error))
            return false;
    }
    return true;
}

static char *sql_of_table(hc_db *db, const char *name)
{
    sqlite3_stmt *st = NULL;
    char *sql = NULL;

    if (sqlite3_prepare_v2(db->handle, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1, &st, NULL) == SQLITE_OK) {
        sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(st) == SQLITE_ROW)
            sql = g_strdup((const char *)sqlite3_column_text(st, 0));
    }
    sqlite3_finalize(st);
    return sql;
}

static bool add_to_schema(hc_db *db, const struct tree *tree, GError **error)
{
    const char *const texts[] = {tree->type, tree->name, tree->table, tree->sql};
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "INSERT INTO sqlite_schema(type, name, tbl_name, sql, rootpage) VALUES (?1, ?2, ?3, ?4, ?5)", -1,
                                &st, NULL);

    if (rc == SQLITE_OK) {
        for (int i = 0; i < 4; i++)
            sqlite3_bind_text(st, i + 1, texts[i], -1, SQLITE_STATIC);
        sqlite3_bind_int64(st, 5, tree->root);
        rc = sqlite3_step(st);
    }
    sqlite3_finalize(st);
    return rc == SQLITE_DONE || db_fail(db, error, "its schema");
}

static bool adopt(struct hc_bulk *b, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && i < b->trees->len; i++) {
        struct tree *tree = &g_array_index(b->trees, struct tree, i);
        if (tree->sql)
            continue;
        tree->sql = sql_of_table(b->db, tree->name);
        ok = drop_table(b->db, tree->name, error);
    }
    ok = ok && run_sql(b->db, "PRAGMA writable_schema=ON", error);
    for (guint i = 0; ok && i < b->trees->len; i++)
        ok = add_to_schema(b->db, &g_array_index(b->trees, struct tree, i), error);
    return run_sql(b->db, "PRAGMA writable_schema=RESET", ok ? error : NULL) && ok;
}

bool hc_bulk_end(struct hc_bulk *b, GError **error)
{
    return hc_pages_flush(&b->pages, error) && reserve(b, error) && write_pages(b, error) &&
           drop_reserved(b->db, error) && adopt(b, error);
}
