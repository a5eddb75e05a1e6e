/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/names.h"
#include "src/correlate/world.h"

#include "src/base/text.h"

/* Account rows that look like restored accounts stand aside until it is known that their name was deleted
 * before. */
static bool find_restored(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "may_be_restored", "i", (int64_t)HC_ACTION_ACCOUNT_CREATE);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t *id = g_new(int64_t, 1), *name = g_new(int64_t, 1);
        *id = hc_col_int(st, 0);
        *name = hc_col_int(st, 1);
        g_hash_table_insert(w->restored, id, name);
    }
    return rc == 0;
}

/* The rows that give ids their names. */
static bool read_definitions(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "definitions", "i", (int64_t)HC_ENTITY_TYPE);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t born = hc_col_int(st, 3);
        if (!hc_col_null(st, 0))
            names_define(w->names, hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2),
                         hc_col_null(st, 3) ? NULL : &born);
    }
    names_defined(w->names);
    return rc == 0;
}

/* An account is registered under a name that a record shows already: somebody else had it. */
static bool find_used(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "names_used_before", "ii",
                              (int64_t)HC_ACTION_ACCOUNT_CREATE, (int64_t)HC_ENTITY_ACCOUNT_ID);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        names_used(w->names, hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2));
    return rc == 0;
}

static bool is_named(enum hc_entity_kind kind)
{
    return kind == HC_ENTITY_ACCOUNT_ID || kind == HC_ENTITY_PROJECT_ID;
}

/* Of several names of an address, a release or a thing the latest dump's counts; all are recorded. */
static bool name_thing(struct world *w, int64_t id, int64_t name, GError **error)
{
    const struct identity i = {.entity = id,
                               .same = name,
                               .reason = "row",
                               .because = "a row of its table says so",
                               .states = {names_row(w->names, id, 0)}};

    set_canonical(w, id, name);
    return add_identity(w, &i, error);
}

static void note_naming(struct world *w, hc_stmt *st, enum hc_entity_kind kind, guint dump)
{
    const struct naming naming = {.id = hc_col_int(st, 0),
                                  .name = hc_col_int(st, 1),
                                  .source = hc_col_int(st, 3),
                                  .dump = dump,
                                  .dated = !hc_col_null(st, 4),
                                  .taken = hc_col_int(st, 4),
                                  .exclusive = kind == HC_ENTITY_ACCOUNT_ID};

    names_add(w->names, &naming);
    if (kind != HC_ENTITY_ACCOUNT_ID)
        return;
    g_array_index(w->known, bool, naming.id) = true;
    g_array_index(w->known, bool, naming.name) = true;
}

static bool name_ids(struct world *w, GError **error)
{
    g_autoptr(GHashTable) order = ranks_of(w, "order_of_sources", error); /* of dumps */
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "ids");
    bool ok = order != NULL;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        enum hc_entity_kind kind = (enum hc_entity_kind)hc_col_int(st, 2);
        int64_t source = hc_col_int(st, 3);
        if (is_named(kind))
            note_naming(w, st, kind, GPOINTER_TO_UINT(g_hash_table_lookup(order, &source)));
        else
            ok = name_thing(w, hc_col_int(st, 0), hc_col_int(st, 1), error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0 && names_settle(w->names, w, error);
}

/* Whoever was given or lost a role is an account, even when its row is gone. */
static bool know_targets(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "role_targets", "ii", (int64_t)HC_ACTION_ROLE_INVITE,
                              (int64_t)HC_ACTION_ROLE_REMOVE);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        g_array_index(w->known, bool, canonical(w, hc_col_int(st, 0))) = true;
    return rc == 0;
}

/* The same name in several systems is one person where the case file names it as a responder. */
static bool join_person(struct world *w, const char *responder, GError **error)
{
    g_autofree char *key = hc_text_fold(hc_str(responder));
    g_autofree char *because = g_strdup_printf("case.yaml names %s as a responder", responder);
    hc_stmt *st = hc_db_query(w->db, "correlate", "accounts_by_key", "it", (int64_t)HC_ENTITY_ACCOUNT, key);
    int64_t first = 0;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0);
        if (!first) {
            int64_t *person = g_new(int64_t, 1);
            first = *person = id;
            g_hash_table_insert(w->people, person, hc_col_dup(st, 1));
        }
        set_canonical(w, id, first);
        g_array_index(w->known, bool, first) = true; /* the case file knows it */
        const struct identity i = {.entity = id, .same = first, .reason = "responder", .because = because};
        if (id != first && !add_identity(w, &i, error)) {
            hc_stmt_reset(st);
            return false;
        }
    }
    return rc == 0;
}

bool pass_identity(struct world *w, GError **error)
{
    if (!find_restored(w, error) || !read_definitions(w, error) || !find_used(w, error) ||
        !name_ids(w, error) || !know_targets(w, error))
        return false;
    for (char **name = w->c->responders; *name; name++)
        if (!join_person(w, *name, error))
            return false;
    return join_services(w, error);
}
