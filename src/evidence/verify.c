/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/verify.h"

#include "src/base/file.h"
#include "src/evidence/import.h"

void hc_verify_result_clear(struct hc_verify_result *result)
{
    g_clear_pointer(&result->messages, g_ptr_array_unref);
    g_clear_pointer(&result->again, hc_db_close);
}

static void differ(struct hc_verify_result *r, const char *path, const char *text)
{
    g_ptr_array_add(r->messages, g_strdup_printf("%s: %s", path, text));
}

/* Hashes every file again; false only when the database fails. */
static bool check_files(hc_db *db, const struct hc_case *c, const char *external, struct hc_verify_result *r,
                        GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "verify", "files");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *path = hc_str_dup(hc_col_text(st, 0));
        g_autofree char *disk = hc_case_disk(c, path, external);
        char hex[HC_SHA256_HEX];
        int64_t size = 0;
        g_autoptr(GError) unread = NULL;
        r->sources++;
        if (!disk)
            differ(r, path, "came from outside the case; say where it lies with --at");
        else if (!hc_file_hash(disk, hex, &size, &unread))
            differ(r, path, unread->message);
        else if (!hc_str_is(hc_col_text(st, 1), hex))
            differ(r, path, "its SHA-256 is not the one it had when it was imported");
        r->bytes += size;
    }
    return rc == 0;
}

static bool check_places(hc_db *db, struct hc_verify_result *r, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "verify", "places");
    int rc;

    if (hc_step(st, error) != 1)
        return false;
    r->places = hc_col_int(st, 0);
    hc_stmt_reset(st);
    st = hc_db_stmt(db, "verify", "outside");
    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *path = hc_str_dup(hc_col_text(st, 0));
        differ(r, path, "a record is cited outside of it");
    }
    return rc == 0;
}

static bool same_row(hc_stmt *a, hc_stmt *b)
{
    for (int i = 0; i < 3; i++)
        if (!hc_str_eq(hc_col_text(a, i), hc_col_text(b, i)))
            return false;
    return true;
}

/* The evidence read once more gives the same facts, row by row. The first difference is enough. */
static bool compare(hc_db *db, hc_db *again, struct hc_verify_result *r, GError **error)
{
    hc_stmt *a = hc_db_stmt(db, "verify", "facts"), *b = hc_db_stmt(again, "verify", "facts");
    int ra, rb;

    do {
        ra = hc_step(a, error);
        rb = ra < 0 ? 0 : hc_step(b, error);
    } while (ra == 1 && rb == 1 && same_row(a, b));
    if (ra == 1 || rb == 1) {
        hc_stmt *st = ra == 1 ? a : b;
        g_autofree char *path = hc_str_dup(hc_col_text(st, 0));
        g_autofree char *what = hc_str_dup(hc_col_text(st, 1));
        g_autofree char *text = g_strdup_printf("read again, it gives another %s", what);
        differ(r, path, text);
    }
    hc_stmt_reset(a);
    hc_stmt_reset(b);
    return ra >= 0 && rb >= 0;
}

bool hc_verify(hc_db *db, const struct hc_case *c, const struct hc_importer *const *importers,
               const char *external, struct hc_verify_result *result, GError **error)
{
    memset(result, 0, sizeof(*result));
    result->messages = g_ptr_array_new_with_free_func(g_free);
    if (!check_files(db, c, external, result, error) || !check_places(db, result, error))
        return false;
    if (result->messages->len)
        return true;
    result->again = hc_db_open(NULL, HC_DB_MEMORY, error);
    return result->again && hc_import_again(db, result->again, c, importers, external, error) &&
           compare(db, result->again, result, error);
}
