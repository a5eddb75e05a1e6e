/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/parts.h"

#include "src/base/file.h"
#include "src/base/keyed.h"
#include "src/evidence/pgarchive.h"
#include "src/evidence/sqlitepages.h"

static void part_free(void *data)
{
    struct hc_part *part = data;

    g_free(part->name);
    g_free(part->bad);
    g_free(part);
}

static char *beside(const char *path, const char *name)
{
    g_autofree char *dir = g_path_get_dirname(path);

    return g_build_filename(dir, name, NULL);
}

static void hash_part(struct hc_part *part, const char *disk)
{
    g_autoptr(GError) error = NULL;
    size_t n = strlen(disk);

    if (g_file_test(disk, G_FILE_TEST_IS_SYMLINK))
        part->bad = g_strdup("is a symbolic link; put the file itself here, links are not followed");
    else if (!hc_file_hash(disk, part->sha256, &part->size, &error))
        part->bad =
            g_strdup(g_str_has_prefix(error->message, disk) ? error->message + n + 2 : error->message);
    if (part->bad)
        *part->sha256 = '\0';
}

/* What lies beside the file and is read with it; NULL: nothing. */
static GPtrArray *part_names(const char *disk)
{
    GPtrArray *names = hc_pgarchive_parts(disk);

    return names ? names : hc_sqlite_parts(disk);
}

GPtrArray *hc_parts_of(const char *disk, const char *name)
{
    g_autoptr(GPtrArray) names = part_names(disk);
    GPtrArray *parts = names ? g_ptr_array_new_with_free_func(part_free) : NULL;

    for (guint i = 0; names && i < names->len; i++) {
        struct hc_part *part = g_new0(struct hc_part, 1);
        g_autofree char *there = beside(disk, names->pdata[i]);
        part->name = beside(name, names->pdata[i]);
        hash_part(part, there);
        g_ptr_array_add(parts, part);
    }
    return parts;
}

GHashTable *hc_parts_among(const struct hc_case *c, const GPtrArray *files)
{
    GHashTable *set = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);

    for (guint i = 0; i < files->len; i++) {
        g_autofree char *disk = hc_case_path(c, files->pdata[i]);
        g_autoptr(GPtrArray) names = g_file_test(disk, G_FILE_TEST_IS_SYMLINK) ? NULL : part_names(disk);
        for (guint k = 0; names && k < names->len; k++)
            g_hash_table_add(set, beside(files->pdata[i], names->pdata[k]));
    }
    return set;
}

/* A part that was recorded, taken out of `left`, where those are that nobody has spoken of. */
static bool is_same(hc_stmt *st, GHashTable *left, char **differs)
{
    g_autofree char *path = hc_col_dup(st, 0), *base = g_path_get_basename(path);
    const struct hc_part *part = g_hash_table_lookup(left, base);
    bool same = part && hc_str_is(hc_col_text(st, 1), part->sha256);

    if (same)
        g_hash_table_remove(left, base);
    else if (!*differs)
        *differs = g_strdup(base);
    return same;
}

bool hc_parts_same(hc_db *db, const char *path, const GPtrArray *parts, char **differs, GError **error)
{
    g_autoptr(GHashTable) left = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    hc_stmt *st = hc_db_query(db, "import", "parts", "t", path);
    int rc;

    *differs = NULL;
    for (guint i = 0; parts && i < parts->len; i++) {
        struct hc_part *part = parts->pdata[i];
        g_hash_table_insert(left, g_path_get_basename(part->name), part);
    }
    while ((rc = hc_step(st, error)) == 1)
        is_same(st, left, differs);
    for (guint i = 0; !*differs && parts && i < parts->len; i++) {
        const struct hc_part *part = parts->pdata[i];
        g_autofree char *base = g_path_get_basename(part->name);
        if (g_hash_table_contains(left, base))
            *differs = g_steal_pointer(&base);
    }
    return rc == 0;
}

bool hc_parts_record(hc_db *db, const char *path, const GPtrArray *parts, const char *failed, GError **error)
{
    g_autofree char *why = g_strdup_printf("part of %s%s%s", path, failed ? ", which cannot be read: " : "",
                                           failed ? failed : "");

    for (guint i = 0; parts && i < parts->len; i++) {
        const struct hc_part *part = parts->pdata[i];
        hc_stmt *st =
            hc_db_query(db, "import", "add_part", "tttitt", path, part->name, part->sha256, part->size,
                        failed || part->bad ? "failed" : "part", part->bad ? part->bad : why);
        if (!hc_exec(st, error))
            return false;
    }
    return true;
}
