/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/db.h"

#include "src/base/asset.h"
#include "src/base/dbfile.h"
#include "src/base/event.h"

#include <sqlite3.h>
#include <stdarg.h>

/* Keys of a dump come in no order: without room for the pages of their index most insertions would read one
 * and write one. */
#define CACHE_SIZE "PRAGMA cache_size=-" G_STRINGIFY(HC_DB_CACHE_KIB) ";"

/* One statement of a SQL asset: its key is "file/name". A part with several statements is run, not
 * prepared. */
struct hc_stmt {
    hc_db *db;
    sqlite3_stmt *st;
    char *file, *name;
};

#define RECENT 256 /* statements that are found without looking for their names; a power of two */

struct hc_db {
    sqlite3 *handle;
    GHashTable *parts;       /* "file/name" -> SQL text (owned) */
    GHashTable *statements;  /* "file/name" -> hc_stmt */
    GHashTable *files;       /* SQL files already split */
    hc_stmt *recent[RECENT]; /* by where the text of the name stands */
    GError *unasked;         /* the first failure since `begin` that no caller wanted to hear of */
};

static bool db_fail(hc_db *db, GError **error, const char *what)
{
    return hc_fail(error, HC_ERROR_DB, "case database: %s: %s", what, sqlite3_errmsg(db->handle));
}

static void stmt_free(void *data)
{
    hc_stmt *st = data;

    sqlite3_finalize(st->st);
    g_free(st->file);
    g_free(st->name);
    g_free(st);
}

void hc_db_close(hc_db *db)
{
    if (!db)
        return;
    g_clear_pointer(&db->statements, g_hash_table_unref);
    g_clear_pointer(&db->parts, g_hash_table_unref);
    g_clear_pointer(&db->files, g_hash_table_unref);
    g_clear_error(&db->unasked);
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
        ok = hc_exec(hc_db_query(db, "vocabulary", "add", "itt", (int64_t)i,
                                 hc_action_name((enum hc_action)i), hc_action_sentence((enum hc_action)i)),
                     error);
    return ok;
}

/* The schema goes in with its marks in one transaction: a killed first start leaves an empty file, not half a
 * case. */
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
    if (!run_sql(
            db, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; " CACHE_SIZE,
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
    g_clear_error(&db->unasked);
    return run_sql(db, "BEGIN IMMEDIATE", error);
}

bool hc_db_commit(hc_db *db, GError **error)
{
    if (db->unasked) {
        g_propagate_error(error, g_steal_pointer(&db->unasked));
        return false;
    }
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

static hc_stmt *find_stmt(hc_db *db, const char *file, const char *name)
{
    g_autofree char *key = g_strdup_printf("%s/%s", file, name);
    hc_stmt *st = g_hash_table_lookup(db->statements, key);

    if (!st) {
        g_autofree char *again = NULL;
        const char *sql = part(db, file, name, &again);
        st = g_new0(hc_stmt, 1);
        st->db = db;
        st->file = g_strdup(file);
        st->name = g_strdup(name);
        if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->st, NULL) != SQLITE_OK)
            g_error("src/sql/%s.sql: %s: %s", file, name, sqlite3_errmsg(db->handle));
        g_hash_table_insert(db->statements, g_steal_pointer(&key), st);
    }
    return st;
}

/* Names are literals, mostly: the one that stood there last time is looked at first. */
hc_stmt *hc_db_stmt(hc_db *db, const char *file, const char *name)
{
    hc_stmt **recent = &db->recent[((uintptr_t)name ^ (uintptr_t)name >> 8) % RECENT];

    if (!*recent || strcmp((*recent)->name, name) != 0 || strcmp((*recent)->file, file) != 0)
        *recent = find_stmt(db, file, name);
    return hc_stmt_again(*recent);
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

void hc_bind_blob(hc_stmt *st, int index, struct hc_str value)
{
    sqlite3_bind_blob64(st->st, index, value.p, value.n, SQLITE_STATIC);
}

int hc_step(hc_stmt *st, GError **error)
{
    int rc = sqlite3_step(st->st);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        db_fail(st->db, error || st->db->unasked ? error : &st->db->unasked, "statement");
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

bool hc_col_is_blob(hc_stmt *st, int column)
{
    return sqlite3_column_type(st->st, column) == SQLITE_BLOB;
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

bool hc_db_exec(hc_db *db, GError **error, const char *format, ...)
{
    va_list args;
    char *sql;
    bool ok;

    va_start(args, format);
    sql = sqlite3_vmprintf(format, args);
    va_end(args);
    ok = sql && run_sql(db, sql, error);
    sqlite3_free(sql);
    return ok;
}

int64_t hc_db_number(hc_db *db, const char *sql)
{
    return pragma_int(db, sql);
}

char *hc_db_line(hc_db *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    char *line = NULL;

    if (sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        line = g_strdup((const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    return line;
}

char *hc_db_text(hc_db *db, const char *file, const char *name)
{
    g_autofree char *key = NULL;

    return g_strdup(part(db, file, name, &key));
}

const char *hc_db_file(const hc_db *db)
{
    const char *file = sqlite3_db_filename(db->handle, "main");

    return file && *file ? file : NULL;
}

int hc_db_reserved(hc_db *db)
{
    int reserved = -1;

    return sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved) == SQLITE_OK
               ? reserved
               : -1;
}

bool hc_db_flush(hc_db *db, GError **error)
{
    int rc = sqlite3_db_cacheflush(db->handle);

    return rc == SQLITE_OK ||
           hc_fail(error, HC_ERROR_DB, "case database: making room: %s", sqlite3_errstr(rc));
}

void hc_db_forget(hc_db *db)
{
    sqlite3_db_release_memory(db->handle);
}

static sqlite3_file *file_of(hc_db *db)
{
    sqlite3_file *file = NULL;

    return sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK ? file
                                                                                                   : NULL;
}

#define WRITTEN_AT_ONCE ((size_t)64 << 10) /* its own file takes less than 128 KiB in one call */

bool hc_db_write(hc_db *db, const void *data, size_t n, int64_t at, GError **error)
{
    sqlite3_file *file = file_of(db);
    const char *p = data;
    int rc = file ? SQLITE_OK : SQLITE_ERROR;

    while (rc == SQLITE_OK && n) {
        size_t part = MIN(n, WRITTEN_AT_ONCE);
        rc = file->pMethods->xWrite(file, p, (int)part, at);
        p += part;
        at += (int64_t)part;
        n -= part;
    }
    return rc == SQLITE_OK ||
           hc_fail(error, HC_ERROR_DB, "case database: writing its pages: %s", sqlite3_errstr(rc));
}

void *hc_db_handle(hc_db *db)
{
    return file_of(db);
}

bool hc_db_sync(void *handle, GError **error)
{
    sqlite3_file *file = handle;
    int rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);

    return rc == SQLITE_OK || hc_fail(error, HC_ERROR_DB, "case database: bringing its pages to the disk: %s",
                                      sqlite3_errstr(rc));
}

/* The methods of the file, all but one of which are its own. */
struct hc_db_deaf {
    sqlite3_io_methods methods; /* first: the file has no other way to this */
    const sqlite3_io_methods *own;
    sqlite3_file *file;
    int64_t from;
};

static int write_before(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
    const struct hc_db_deaf *deaf = (const void *)file->pMethods;

    return at >= deaf->from ? SQLITE_OK : deaf->own->xWrite(file, data, n, at);
}

struct hc_db_deaf *hc_db_deafen(hc_db *db, int64_t from)
{
    struct hc_db_deaf *deaf = g_new0(struct hc_db_deaf, 1);

    deaf->file = file_of(db);
    deaf->from = from;
    if (deaf->file) {
        deaf->own = deaf->file->pMethods;
        deaf->methods = *deaf->own;
        deaf->methods.xWrite = write_before;
        deaf->file->pMethods = &deaf->methods;
    }
    return deaf;
}

void hc_db_hear(struct hc_db_deaf *deaf)
{
    if (deaf->file)
        deaf->file->pMethods = deaf->own;
    g_free(deaf);
}
