/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that no longer say who did it: a service gives those of its deleted accounts to one name, which stands
 * for many unknown actors. */
#include "src/correlate/transaction.h"

/* What tells the actor of a row; `because` is a sentence with one %s for the name, or none. */
struct answer {
    int64_t actor, by_event;
    const char *reason, *because;
};

static int64_t find_actor(const struct group *g, int64_t object)
{
    int64_t actor = 0;

    for (guint i = 0; i < g->rows->len; i++) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        if (r->masked || !r->actor || r->object != object || r->actor == actor)
            continue;
        if (actor)
            return -1;
        actor = r->actor;
    }
    return actor;
}

int64_t only_actor(const struct group *g, int64_t object)
{
    const int64_t *known = g_hash_table_lookup(g->actors, &object);
    int64_t both[2] = {object, 0};

    if (known)
        return known[1];
    both[1] = find_actor(g, object);
    g_hash_table_add(g->actors, g_memdup2(both, sizeof both));
    return both[1];
}

static const struct row *named_row(const struct group *g, const struct row *of, bool same_row)
{
    for (guint i = 0; i < g->rows->len; i++) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        bool same = of->key && r->key && r->type == of->type && strcmp(r->key, of->key) == 0;
        if (!r->masked && r->actor && r->object == of->object && (same || !same_row))
            return r;
    }
    return NULL;
}

/* What the profile says of acts of this kind ("own": only the account itself can; "creator": whoever makes
 * the project). */
static bool service_says(struct world *w, int64_t realm, const char *topic, enum hc_action action)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "rule", "itt", realm, topic, hc_action_name(action));
    bool any = hc_step(st, NULL) == 1;

    hc_stmt_reset(st);
    return any;
}

/* "create" and "add Owner X" of one transaction: X made the project. The row that gives the role, when it is
 * the only one. */
static const struct row *creator_row(struct world *w, const struct group *g, int64_t object)
{
    const struct row *given = NULL;
    bool made = false;

    for (guint i = 0; i < g->rows->len; i++) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        if (r->object != object)
            continue;
        made |= r->action == HC_ACTION_PROJECT_CREATE;
        if (r->action != HC_ACTION_ROLE_ADD || (given && given->target == r->target))
            continue;
        if (given)
            return NULL;
        given = r;
    }
    return made && given && given->target && service_says(w, g->realm, "creator", HC_ACTION_ROLE_ADD) ? given
                                                                                                      : NULL;
}

static struct answer answer_for(struct world *w, const struct group *g, const struct row *row)
{
    const struct row *same = named_row(g, row, true), *other = named_row(g, row, false), *given;
    int64_t actor = row->object ? only_actor(g, row->object) : 0;

    if (same && actor >= 0)
        return (struct answer){same->actor, same->event, "earlier-dump",
                               "the journal no longer names it; another dump has this row with the name %s"};
    if (actor > 0)
        return (struct answer){
            actor, other->event, "transaction",
            "the journal no longer names it; an event row of the same microsecond and project says %s"};
    if (actor < 0)
        return (struct answer){0, 0, "several", "the rows of this transaction name several"};
    if (row->target && service_says(w, g->realm, "own", row->action))
        return (struct answer){
            row->target, 0, "own-act",
            "the journal no longer names it; what the row tells can only be done by %s itself"};
    given = row->object ? creator_row(w, g, row->object) : NULL;
    if (given)
        return (struct answer){
            given->target, given->event == row->event ? 0 : given->event, "creator",
            "the journal no longer names it; %s became the owner in the transaction that made the project"};
    return (struct answer){
        0, 0, "nothing",
        "the journal no longer names it and no event row of the same microsecond and project does"};
}

static bool keep(struct world *w, const struct row *row, const struct answer *a, GError **error)
{
    g_autoptr(GString) because = g_string_new(a->because);
    g_autofree char *name = a->actor ? name_of(w, a->actor) : NULL;

    if (name)
        g_string_replace(because, "%s", name, 1);
    return hc_exec(hc_db_query(w->db, "correlate", "add_unmasked", "inttn", row->event, a->actor, a->reason,
                               because->str, a->by_event),
                   error);
}

bool settle_masked(struct world *w, struct group *g, GError **error)
{
    g_autoptr(GArray) answers = g_array_new(FALSE, TRUE, sizeof(struct answer));

    /* all are answered before any of them answers another */
    for (guint i = 0; i < g->rows->len; i++) {
        const struct row *row = &g_array_index(g->rows, struct row, i);
        struct answer a = {0};
        if (row->masked)
            a = answer_for(w, g, row);
        if (row->masked && !keep(w, row, &a, error))
            return false;
        g_array_append_val(answers, a);
    }
    for (guint i = 0; i < g->rows->len; i++) {
        struct row *row = &g_array_index(g->rows, struct row, i);
        if (row->masked)
            row->actor = g_array_index(answers, struct answer, i).actor;
    }
    return true;
}

bool unmask_act(struct world *w, int64_t act, int64_t actor, const char *because, int64_t by_event,
                GError **error)
{
    g_autofree char *why = g_strdup_printf("actor: %s", because);

    return hc_exec(hc_db_query(w->db, "correlate", "unmask_rows", "iiti", act, actor, because, by_event),
                   error) &&
           hc_exec(hc_db_query(w->db, "correlate", "unmask_act", "iit", act, actor, why), error);
}
