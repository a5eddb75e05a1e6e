/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/world.h"

#include "src/base/text.h"

/* Account rows that look like restored accounts stand aside until it is known that their name was deleted before. */
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

/* Of several names of one id the latest dump's counts; all are recorded. */
static bool name_ids(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "ids");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0), name = hc_col_int(st, 1);
        if (hc_col_int(st, 2) == HC_ENTITY_ACCOUNT_ID)
            g_array_index(w->known, bool, name) = true;
        if (g_hash_table_contains(w->restored, &id))
            continue;
        set_canonical(w, id, name);
        if (!add_identity(w, id, name, "row", "a row of its table says so", error)) {
            hc_stmt_reset(st);
            return false;
        }
    }
    return rc == 0;
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
        g_array_index(w->known, bool, first) |= is_known(w, id);
        if (id != first && !add_identity(w, id, first, "responder", because, error)) {
            hc_stmt_reset(st);
            return false;
        }
    }
    return rc == 0;
}

bool pass_identity(struct world *w, GError **error)
{
    if (!find_restored(w, error) || !name_ids(w, error) || !know_targets(w, error))
        return false;
    for (char **name = w->c->responders; *name; name++)
        if (!join_person(w, *name, error))
            return false;
    return true;
}
