/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who gave and took roles. Services write one act several times in one transaction (a journal row, an event
 * of the project, an event of the account): rows of one microsecond with the same project, account and verb
 * are one act.
 */
#include "src/correlate/transaction.h"

#include "src/base/json.h"

/* Rule b: where the journal says that an invitation was accepted, an event that says "role added" is that
 * acceptance. */
static enum hc_action verb(const struct group *g, const struct row *row)
{
    for (guint i = row->head; row->action == HC_ACTION_ROLE_ADD && i != G_MAXUINT;) {
        const struct row *other = &g_array_index(g->rows, struct row, i);
        if (other->action == HC_ACTION_ROLE_ACCEPT)
            return HC_ACTION_ROLE_ACCEPT;
        i = other->next;
    }
    return row->action;
}

static bool is_membership(enum hc_action action)
{
    return (action >= HC_ACTION_ROLE_INVITE && action <= HC_ACTION_ROLE_REMOVE) ||
           action == HC_ACTION_ACCOUNT_CREATE;
}

/* What the masked rows of the act tell by themselves, where the others name nobody: 0, or the one account. */
static int64_t unmasked_actor(const struct group *g, const struct act *act)
{
    for (guint i = 0; i < g->rows->len; i++) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        if (r->masked && r->actor && r->object == act->object && r->target == act->target &&
            r->verb == act->action)
            return r->actor;
    }
    return 0;
}

static bool say_unmasked(struct world *w, struct act *act, const struct group *g, GError **error)
{
    bool ok = true;

    for (guint i = 0; i < g->rows->len; i++) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        if (!r->masked || r->object != act->object || r->target != act->target || r->verb != act->action)
            continue;
        ok = act_unmask(w, act, r->event, error);
        break;
    }
    return ok;
}

/* Actor of an act by the rows that make it; the unmasked rows of the transaction decide for masked ones (rule
 * a). */
static bool settle_actor(struct world *w, struct act *act, const struct group *g, bool masked, GError **error)
{
    int64_t actor = only_actor(g, act->object);
    g_autofree char *name = NULL;

    if (actor == 0 && masked)
        actor = unmasked_actor(g, act);
    act->actor = actor > 0 ? actor : 0;
    if (actor > 0 && !is_known(w, actor)) {
        name = name_of(w, actor);
        act->actor = 0;
        act->actor_text = g_strdup(name);
        act_why(act, "actor: %s is no account that any source knows; kept as text", name);
    } else if (actor < 0 && !masked) {
        act_why(act, "actor: unknown; the rows of this transaction name several");
    } else if (masked) {
        return say_unmasked(w, act, g, error);
    }
    return true;
}

static bool make_act(struct world *w, struct group *g, guint first, GError **error)
{
    struct row *lead = &g_array_index(g->rows, struct row, first);
    enum hc_action action = lead->verb;
    g_auto(act_t) act = {0};
    bool masked = false, added = false;
    int64_t id;

    if (!act_from_event(w, &act, lead->event, error))
        return false;
    g_clear_pointer(&act.text, g_free);
    for (guint i = first; i != G_MAXUINT; i = g_array_index(g->rows, struct row, i).next) {
        struct row *r = &g_array_index(g->rows, struct row, i);
        if (r->taken || r->verb != action)
            continue;
        r->taken = true;
        masked |= r->masked;
        added |= r->action != action;
    }
    act.action = action;
    if (action != HC_ACTION_ACCOUNT_CREATE && !settle_actor(w, &act, g, masked, error))
        return false;
    if (added)
        act_why(&act, "accepted: the journal's verb decides; the event row of the same microsecond and "
                      "project says role-add");
    id = act_insert(w, &act, error);
    for (guint i = first; id && i != G_MAXUINT; i = g_array_index(g->rows, struct row, i).next) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        if (r->verb == action && !attest_event(w, id, r->event, "record", error))
            return false;
    }
    return id && actors_disagree(w, g, id, lead, error);
}

static void row_clear(void *data)
{
    g_free(((struct row *)data)->key);
}

static int by_subject(gconstpointer a, gconstpointer b, gpointer rows)
{
    const guint i = *(const guint *)a, k = *(const guint *)b;
    const struct row *x = &g_array_index((GArray *)rows, struct row, i),
                     *y = &g_array_index((GArray *)rows, struct row, k);

    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return (i > k) - (i < k);
}

/* A transaction may change the roles of very many: rows on one project and account know each other. */
static void chain(struct group *g)
{
    g_autofree guint *order = g_new(guint, g->rows->len + 1);

    for (guint i = 0; i < g->rows->len; i++)
        order[i] = i;
    g_qsort_with_data(order, (gint)g->rows->len, sizeof *order, by_subject, g->rows);
    for (guint i = 0; i < g->rows->len; i++) {
        struct row *r = &g_array_index(g->rows, struct row, order[i]),
                   *before = i ? &g_array_index(g->rows, struct row, order[i - 1]) : NULL;
        const bool same = before && before->object == r->object && before->target == r->target;
        r->head = same ? before->head : order[i];
        r->next = G_MAXUINT;
        if (same)
            before->next = order[i];
    }
}

static bool settle_group(struct world *w, struct group *g, GError **error)
{
    chain(g);
    g_hash_table_remove_all(g->actors);
    if (!settle_masked(w, g, error))
        return false;
    for (guint i = 0; i < g->rows->len; i++)
        g_array_index(g->rows, struct row, i).verb = verb(g, &g_array_index(g->rows, struct row, i));
    for (guint i = 0; i < g->rows->len; i++) {
        struct row *r = &g_array_index(g->rows, struct row, i);
        if (is_membership(r->action) && !r->taken && !make_act(w, g, i, error))
            return false;
    }
    if (!targets_disagree(w, g, error))
        return false;
    g_array_set_size(g->rows, 0);
    return true;
}

int row_place_order(const struct row_place *a, const struct row_place *b)
{
    if (a->realm != b->realm)
        return a->realm < b->realm ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

static int by_place(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    return row_place_order(&(struct row_place){x->realm, x->source, x->offset, x->event},
                           &(struct row_place){y->realm, y->source, y->offset, y->event});
}

/* The rows of one microsecond: a transaction for each realm, in the order of their places, which does not
 * depend on that of their import. */
static bool settle_moment(struct world *w, struct group *g, GArray *rows, GError **error)
{
    bool ok = true;

    g_array_sort(rows, by_place);
    for (guint i = 0; ok && i < rows->len; i++) {
        const struct row *r = &g_array_index(rows, struct row, i);
        if (r->realm != g->realm)
            ok = settle_group(w, g, error);
        g->realm = r->realm;
        g_array_append_vals(g->rows, r, 1);
    }
    ok = ok && settle_group(w, g, error);
    g_array_set_size(rows, 0);
    return ok;
}

void row_fields(struct hc_str fields, bool *masked, char **row_key)
{
    struct hc_str key, value;
    size_t pos = 0;

    while (fields.n && (value = hc_json_next(fields, &pos, &key)).p) {
        *masked = *masked || hc_str_is(key, "\"masked-actor\"");
        if (hc_str_is(key, "\"id\"") && !*row_key) {
            g_autoptr(GString) text = g_string_new(NULL);
            hc_json_text(value, text);
            *row_key = g_string_free(g_steal_pointer(&text), FALSE);
        }
    }
}

static struct row read_row(const struct world *w, GHashTable *sources, hc_stmt *st)
{
    int64_t time = hc_col_int(st, 1), source = hc_col_int(st, 9);
    struct hc_time when = {time, time, HC_PRECISION_US, 0};
    struct row row = {
        .event = hc_col_int(st, 0),
        .action = (enum hc_action)hc_col_int(st, 2),
        .object = canonical(w, hc_col_int(st, 5)),
        .type = hc_col_int(st, 7),
        .realm = hc_col_int(st, 6),
        .source = GPOINTER_TO_UINT(g_hash_table_lookup(sources, &source)),
        .offset = hc_col_int(st, 10),
    };

    row_fields(hc_col_text(st, 8), &row.masked, &row.key);
    row.actor = canonical_at(w, hc_col_int(st, 3), &when, &row.unsure);
    row.target = canonical_at(w, hc_col_int(st, 4), &when, &row.unsure);
    return row;
}

bool pass_membership(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "stream", "iiiii", (int64_t)HC_ACTION_ROLE_INVITE,
                              (int64_t)HC_ACTION_TEAM_ROLE_REMOVE, (int64_t)HC_ACTION_ACCOUNT_CREATE,
                              (int64_t)HC_ACTION_ADMIN_ACTION, (int64_t)HC_ACTION_AUDIT_OTHER);
    struct group g = {.rows = g_array_new(FALSE, TRUE, sizeof(struct row)),
                      .actors = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL)};
    g_autoptr(GArray) moment = g_array_new(FALSE, TRUE, sizeof(struct row));
    g_autoptr(GHashTable) sources = ranks_of(w, "sources_by_name", error);
    bool ok = sources != NULL;
    int rc = 0;

    g_array_set_clear_func(moment, row_clear); /* groups borrow */
    while (ok && (rc = hc_step(st, error)) == 1) {
        struct row row = read_row(w, sources, st);
        if (hc_col_int(st, 1) != g.time)
            ok = settle_moment(w, &g, moment, error);
        g.time = hc_col_int(st, 1);
        g_array_append_val(moment, row);
    }
    hc_stmt_reset(st);
    ok = ok && rc == 0 && settle_moment(w, &g, moment, error);
    g_array_unref(g.rows);
    g_hash_table_unref(g.actors);
    return ok &&
           hc_exec(hc_db_query(w->db, "correlate", "attest_births", "i", (int64_t)HC_ACTION_ACCOUNT_CREATE),
                   error);
}
