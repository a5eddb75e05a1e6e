/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/known.h"

#include "src/evidence/parts.h"
#include "src/evidence/scope.h"

static bool differs(hc_stmt *st, int column, bool said, int64_t value)
{
    return said && (hc_col_null(st, column) || hc_col_int(st, column) != value);
}

/* Does the scope of an earlier import have all of these names? Nothing has everything. */
static bool covers(struct hc_str text, char **names)
{
    g_autofree char *json = hc_str_dup(text);
    struct hc_scope *scope = hc_scope_parse(json);
    bool all = scope && names;

    for (; all && *names; names++)
        all = hc_scope_has(scope, hc_str(*names));
    hc_scope_free(scope);
    return all;
}

/* What was said when it was imported is what its facts rest on; the name of a key that says otherwise now, or
 * NULL. */
static const char *changed_setting(const struct hc_candidate *f, hc_stmt *st)
{
    const char *zone = f->zone ? f->zone : f->said->zone;
    int year = f->year ? f->year : f->said->year;

    if (zone && !hc_str_is(hc_col_text(st, 1), zone))
        return "zone";
    if (differs(st, 2, year != 0 && hc_col_int(st, 9), year))
        return "year";
    if (differs(st, 3, f->said->clock != 0, f->said->clock))
        return "clock";
    if (differs(st, 4, f->said->has_taken, f->said->taken))
        return "taken";
    if (f->said->label && !hc_str_is(hc_col_text(st, 5), f->said->label))
        return "label";
    if (!hc_str_is(hc_col_text(st, 8), f->said->columns ? f->said->columns : ""))
        return "table or other columns";
    return hc_col_null(st, 7) || covers(hc_col_text(st, 7), f->scope) ? NULL : "scope";
}

/* Imported under this path before: fine when it is the same still. */
static bool check_known(const struct hc_candidate *f, hc_stmt *st, GError **error)
{
    const char *key;

    if (!hc_str_is(hc_col_text(st, 0), f->sha256))
        return hc_fail(error, HC_ERROR_INPUT, "%s",
                       g_str_has_prefix(f->name, "external/")
                           ? "another file of this name was imported before; rename this one"
                           : "changed since it was imported; remove hindcast.db to import again");
    key = hc_col_int(st, 6) ? changed_setting(f, st) : NULL;
    return !key || hc_fail(error, HC_ERROR_INPUT,
                           "was imported with another %s; remove hindcast.db to import again", key);
}

/* The files that are read with it are those of then, too. */
static bool check_parts(hc_db *db, const struct hc_candidate *f, GError **error)
{
    g_autofree char *differs = NULL;

    if (!hc_parts_same(db, f->name, f->parts, &differs, error))
        return false;
    return !differs ||
           hc_fail(error, HC_ERROR_INPUT,
                   "%s, which is part of it, changed since it was imported; remove hindcast.db to "
                   "import again",
                   differs);
}

/* The first file with the same bytes, and the same parts; NULL: none. */
static bool find_first(hc_db *db, const struct hc_candidate *f, char **first, GError **error)
{
    hc_stmt *st = hc_db_query(db, "import", "known_hash", "t", f->sha256);
    g_autofree char *differs = NULL;
    int rc = hc_step(st, error);

    *first = rc == 1 ? hc_str_dup(hc_col_text(st, 0)) : NULL;
    hc_stmt_reset(st);
    if (*first && !hc_parts_same(db, *first, f->parts, &differs, error))
        return false;
    if (differs)
        g_clear_pointer(first, g_free);
    return rc >= 0;
}

bool hc_known(hc_db *db, const struct hc_candidate *f, enum hc_known *known, char **first, GError **error)
{
    hc_stmt *st = hc_db_query(db, "import", "known_path", "t", f->name);
    int rc = hc_step(st, error);
    bool same = rc == 1 && check_known(f, st, error);

    *first = NULL;
    *known = rc == 1 ? HC_KNOWN_SAME : HC_KNOWN_NOT;
    hc_stmt_reset(st);
    if (rc != 0)
        return rc == 1 && same && check_parts(db, f, error);
    if (!find_first(db, f, first, error))
        return false;
    if (*first)
        *known = HC_KNOWN_COPY;
    return true;
}

bool hc_known_put_first(hc_db *db, const struct hc_candidate *copy, const char *first, GError **error)
{
    static const char *const steps[] = {"put_settings", "put_aside", "put_first",
                                        "put_behind",   "put_parts", "put_why"};
    hc_stmt *st = hc_db_query(db, "import", "may_exchange", "ttt", copy->name, first,
                              copy->zone ? copy->zone : copy->said->zone);
    const int rc = hc_step(st, error);
    bool ok = rc >= 0;

    hc_stmt_reset(st);
    for (size_t i = 0; rc == 1 && ok && i < G_N_ELEMENTS(steps); i++)
        ok = hc_exec(hc_db_query(db, "import", steps[i], "tt", copy->name, first), error);
    return ok;
}
