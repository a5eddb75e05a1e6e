/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lite.h"

#include <glib/gstdio.h>
#include <string.h>

sqlite3 *lite_open(const char *path)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

char *lite_ask(sqlite3 *db, const char *sql)
{
    GString *out = g_string_new(NULL);
    sqlite3_stmt *st = NULL;
    int rc;

    rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    ck_assert_msg(rc == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        for (int i = 0, n = sqlite3_column_count(st); i < n; i++) {
            const char *text = (const char *)sqlite3_column_text(st, i);
            g_string_append_printf(out, "%s%c", text ? text : "NULL", i + 1 < n ? '|' : '\n');
        }
    ck_assert_msg(rc == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(st);
    return g_string_free(out, FALSE);
}

void lite_run(sqlite3 *db, const char *sql)
{
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
}

/* SQLite 3.40 takes a schema with a view as its first entry for a part of one, and does not look for pages
 * that nobody uses. */
static char *check(sqlite3 *db)
{
    g_autofree char *names =
        lite_ask(db, "SELECT 'DROP VIEW \"' || name || '\";' FROM sqlite_schema WHERE type = 'view'");
    char *found;

    lite_run(db, "SAVEPOINT views");
    lite_run(db, names);
    found = lite_ask(db, "PRAGMA integrity_check(300000)");
    lite_run(db, "ROLLBACK TO views; RELEASE views");
    return found;
}

void lite_sound(sqlite3 *db)
{
    g_autofree char *found = check(db);

    ck_assert_msg(strcmp(found, "ok\n") == 0, "%.1000s", found);
}

/* Line by line with memchr: under a sanitizer strstr, which g_strsplit uses, measures all that follows each
 * time. */
int64_t lite_unused(sqlite3 *db)
{
    g_autofree char *found = check(db);
    int64_t n = 0;

    for (char *line = found, *end; (end = strchrnul(line, '\n')) && *end; line = end + 1) {
        *end = '\0';
        if (g_str_has_suffix(line, " is never used"))
            n++;
        else if (*line != '*' && strcmp(line, "ok") != 0)
            ck_abort_msg("%s", line);
    }
    return n;
}

/* Columns as SQLite would write them into a statement, so that 1 and '1' are not the same. */
static char *all_of(sqlite3 *db, const char *table)
{
    g_autofree char *names =
        g_strdup_printf("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('%s')", table);
    g_autofree char *list = lite_ask(db, names);
    g_autofree char *columns = g_strdelimit(g_strchomp(g_steal_pointer(&list)), "\n", ',');
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM \"%s\" ORDER BY 1, 2", columns, table);

    return lite_ask(db, sql);
}

char *lite_content(const char *path)
{
    sqlite3 *db = lite_open(path);
    GString *out = g_string_new(NULL);
    g_autofree char *schema =
        lite_ask(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
    g_autofree char *names =
        lite_ask(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    g_auto(GStrv) tables = g_strsplit(names, "\n", -1);

    g_string_append(out, schema);
    for (char **t = tables; *t && **t; t++) {
        g_autofree char *rows = all_of(db, *t);
        g_string_append_printf(out, "%s:\n%s", *t, rows);
    }
    sqlite3_close(db);
    return g_string_free(out, FALSE);
}

char *lite_folder(void)
{
    char *folder = g_build_filename(g_get_tmp_dir(), "hindcast-unit-XXXXXX", NULL);

    ck_assert_ptr_nonnull(g_mkdtemp(folder));
    return folder;
}

void lite_drop(char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    if (dir)
        g_dir_close(dir);
    ck_assert_int_eq(g_rmdir(folder), 0);
    g_free(folder);
}

uint64_t lite_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
