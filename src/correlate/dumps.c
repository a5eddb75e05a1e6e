/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two dumps of one database without any record of its own: dated by the interval between
 * them. */
#include "src/correlate/world.h"

struct dump {
    int64_t source, taken, realm;
    char *table;
};

static void dump_clear(void *data)
{
    g_free(((struct dump *)data)->table);
}

static bool insert(struct world *w, struct act *act, int64_t state, GError **error)
{
    int64_t id = act_insert(w, act, error);

    return id && attest_state(w, id, state, error);
}

/* An account row of the earlier dump that the later one lacks: its deletion lies between them. */
static bool gone(struct world *w, const struct dump *a, const struct dump *b, int64_t state, int64_t subject,
                 GError **error)
{
    g_auto(act_t) act = {.action = HC_ACTION_ACCOUNT_DELETE,
                         .precision = HC_PRECISION_US,
                         .basis = HC_BASIS_INFERRED,
                         .has_time = true,
                         .time = a->taken,
                         .has_until = true,
                         .until = b->taken,
                         .state = state};
    hc_stmt *st;
    int64_t known = 0;

    act.target = canonical(w, subject);
    st = hc_db_query(w->db, "correlate", "deletion_of", "ii", (int64_t)HC_ACTION_ACCOUNT_DELETE, act.target);
    while (hc_step(st, error) == 1)
        if (!known && hc_col_int(st, 2) >= a->taken && hc_col_int(st, 1) <= b->taken)
            known = hc_col_int(st, 0);
    if (known) /* dated better by a mail: the dumps only bound it */
        return hc_exec(hc_db_query(w->db, "correlate", "bound_act", "iii", known, a->taken, b->taken),
                       error) &&
               attest_state(w, known, state, error);
    act_why(&act, "the account's row is in the earlier dump and not in the later one");
    return insert(w, &act, state, error);
}

static bool is_new(struct world *w, const struct dump *a, const struct dump *b, int64_t state,
                   int64_t subject, bool has_born, int64_t born, GError **error)
{
    g_auto(act_t) act = {.action = HC_ACTION_ACCOUNT_CREATE,
                         .precision = HC_PRECISION_US,
                         .state = state,
                         .has_time = true,
                         .has_until = true,
                         .time = born,
                         .until = born,
                         .basis = HC_BASIS_SOURCE_ZONE};
    hc_stmt *st =
        hc_db_query(w->db, "correlate", "has_event", "ii", subject, (int64_t)HC_ACTION_ACCOUNT_CREATE);
    bool recorded = hc_step(st, error) == 1;

    hc_stmt_reset(st);
    act.target = canonical(w, subject);
    if (recorded || act.target == subject) /* or restored, which has its own act */
        return true;
    if (!has_born || born < a->taken) {
        act.time = a->taken;
        act.until = b->taken;
        act.basis = HC_BASIS_INFERRED;
        act_why(
            &act,
            has_born
                ? "the row says that it is older than the dump that does not have it; dated by the two dumps"
                : "the account's row is in the later dump and not in the earlier one");
    } else {
        act_why(&act, "dated by the account row itself; no event says that it was registered");
    }
    return insert(w, &act, state, error);
}

struct difference {
    int64_t state, subject, born;
    bool has_born;
};

static bool compare(struct world *w, const struct dump *a, const struct dump *b, bool new, GError **error)
{
    const struct dump *in = new ? b : a, *other = new ? a : b;
    hc_stmt *st = hc_db_query(w->db, "correlate", "only_in", "iit", in->source, other->source, in->table);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct difference d = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), !hc_col_null(st, 2)};
        ok = new ? is_new(w, a, b, d.state, d.subject, d.has_born, d.born, error)
                 : gone(w, a, b, d.state, d.subject, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool pass_dumps(struct world *w, GError **error)
{
    g_autoptr(GArray) dumps = g_array_new(FALSE, TRUE, sizeof(struct dump));
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "dumps");
    bool ok = true;
    int rc;

    g_array_set_clear_func(dumps, dump_clear);
    while ((rc = hc_step(st, error)) == 1) {
        struct dump d = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), hc_col_dup(st, 3)};
        g_array_append_val(dumps, d);
    }
    for (guint i = 1; ok && rc == 0 && i < dumps->len; i++) {
        const struct dump *a = &g_array_index(dumps, struct dump, i - 1),
                          *b = &g_array_index(dumps, struct dump, i);
        if (a->realm == b->realm)
            ok = compare(w, a, b, false, error) && compare(w, a, b, true, error);
    }
    return ok && rc == 0;
}
