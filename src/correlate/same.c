/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One act, told by several sources. The rows of a service's database carry the time of their transaction and
 * are put together by it; what else tells of the same service (an audit log, an export with coarser times)
 * carries a time of its own. A record of that kind is a witness of the act of its verb, account and project
 * whose time it can be, as far as the clocks may be off; each act is told once by each kind of record. What
 * finds no such act and one that it must mean nevertheless contradicts it; what finds none at all is an act
 * of its own.
 */
#include "src/correlate/disagree.h"

#include "src/base/keyed.h"

#include "src/correlate/clock.h"
#include "src/correlate/skew.h"

#define DISPUTED_WITHIN                                                                                      \
    (INT64_C(24) * 3600 * HC_US_PER_S) /* one act, twice told with times so far apart at most */

/* A record from beside the database, with what its names mean. */
struct told {
    int64_t event, source, type;
    struct act act;
};

struct likely {
    int64_t act, event, actor, target;
    bool open, told; /* its actor is not known; a record of this kind is a witness of it */
    struct hc_time time;
};

static void told_clear(void *data)
{
    act_clear(&((struct told *)data)->act);
}

static bool is_membership(const struct told *t)
{
    enum hc_action action = t->act.action;

    return t->act.target && ((action >= HC_ACTION_ROLE_INVITE && action <= HC_ACTION_ROLE_REMOVE) ||
                             action == HC_ACTION_ACCOUNT_CREATE);
}

/* The same verb, in the words of a source that knows no invitations. */
static enum hc_action other_word(enum hc_action action)
{
    return action == HC_ACTION_ROLE_ADD      ? HC_ACTION_ROLE_ACCEPT
           : action == HC_ACTION_ROLE_ACCEPT ? HC_ACTION_ROLE_ADD
                                             : action;
}

/* How far two clocks may be apart of which nobody knows that they are. */
static int64_t tolerance(const struct world *w)
{
    return HC_SKEW_NOISE + clock_error(w);
}

static struct hc_time widened(const struct act *act, int64_t by)
{
    return (struct hc_time){act->time - by, act->until + by, act->precision, act->basis};
}

static int64_t distance(const struct likely *l, const struct act *act)
{
    int64_t d = MAX(l->time.earliest - act->until, act->time - l->time.latest);

    return MAX(d, 0);
}

/* Acts that it may tell of: `target` 0: on whatever account. */
static GArray *acts_like(struct world *w, const struct told *t, int64_t target, GError **error)
{
    GArray *found = g_array_new(FALSE, TRUE, sizeof(struct likely));
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "acts_like");
    int rc;

    hc_bind_int(st, 1, t->act.action);
    hc_bind_int(st, 2, other_word(t->act.action));
    if (t->act.object)
        hc_bind_int(st, 3, t->act.object);
    hc_bind_int(st, 4, target);
    hc_bind_int(st, 5, t->source);
    hc_bind_int(st, 6, t->type);
    while ((rc = hc_step(st, error)) == 1) {
        struct likely l = {.act = hc_col_int(st, 0),
                           .event = hc_col_int(st, 6),
                           .actor = hc_col_int(st, 3),
                           .target = hc_col_int(st, 4),
                           .open = hc_col_int(st, 5),
                           .told = hc_col_int(st, 7)};
        l.time = (struct hc_time){hc_col_int(st, 1), hc_col_int(st, 2), HC_PRECISION_US, 0};
        g_array_append_val(found, l);
    }
    if (rc == 0)
        return found;
    g_array_unref(found);
    return NULL;
}

/* The nearest of them whose time it can be; of two that are as near, the earlier. */
static const struct likely *nearest(const struct world *w, const GArray *likely, const struct told *t)
{
    const struct hc_time when = widened(&t->act, tolerance(w));
    const struct likely *best = NULL;

    for (guint i = 0; i < likely->len; i++) {
        const struct likely *l = &g_array_index(likely, struct likely, i);
        if (l->told || hc_time_same(&when, &l->time) == HC_CONTRADICTED)
            continue;
        if (!best || distance(l, &t->act) < distance(best, &t->act))
            best = l;
    }
    return best;
}

static bool disagree(struct world *w, const char *about, const struct told *t, const struct likely *l,
                     const char *said, const char *contradicts, GError **error)
{
    const struct disagreement d = {
        .about = about,
        .act = l->act,
        .event = l->event,
        .other = t->event,
        .said = said,
        .contradicts = contradicts,
        .because = "two sources tell of one act: nothing else that either of them tells can be it"};
    g_autofree char *why = g_strdup_printf("%s: another source says %s", about, contradicts);

    return add_disagreement(w, &d, error) && attest_event(w, l->act, t->event, "record", error) &&
           hc_exec(hc_db_query(w->db, "correlate", "dispute_act", "it", l->act, why), error);
}

/* It is a witness; it may know the actor, or name another. */
static bool witness(struct world *w, const struct told *t, const struct likely *l, GError **error)
{
    g_autofree char *actor = t->act.actor ? name_of(w, t->act.actor) : NULL,
                    *other = l->actor ? name_of(w, l->actor) : NULL;
    g_autofree char *why = actor ? g_strdup_printf("actor: only another source names it: %s", actor) : NULL;

    if (actor && other && t->act.actor != l->actor)
        return disagree(w, "actor", t, l, other, actor, error);
    if (!attest_event(w, l->act, t->event, "record", error))
        return false;
    return !actor || !l->open ||
           hc_exec(hc_db_query(w->db, "correlate", "set_actor", "iit", l->act, t->act.actor, why), error);
}

/* On whom else the same actor did this then, when that is one act that no record of this kind tells. */
static const struct likely *other_target(const struct world *w, const GArray *likely, const struct told *t)
{
    const struct hc_time when = widened(&t->act, tolerance(w));
    const struct likely *found = NULL;

    for (guint i = 0; i < likely->len; i++) {
        const struct likely *l = &g_array_index(likely, struct likely, i);
        if (l->told || !l->actor || l->actor != t->act.actor ||
            hc_time_same(&when, &l->time) == HC_CONTRADICTED)
            continue;
        if (found)
            return NULL;
        found = l;
    }
    return found;
}

/* The only act of its kind, account and project at all: it is meant, whatever the times. */
static const struct likely *other_time(const GArray *likely, const struct told *t)
{
    const struct likely *l = likely->len == 1 ? &g_array_index(likely, struct likely, 0) : NULL;

    return l && !l->told && distance(l, &t->act) <= DISPUTED_WITHIN ? l : NULL;
}

static char *key_of(const struct told *t)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %" G_GINT64_FORMAT
                           " %" G_GINT64_FORMAT,
                           t->source, t->type, (int)t->act.action, t->act.object, t->act.target);
}

static bool of_its_own(struct world *w, struct told *t, GError **error)
{
    int64_t id;

    g_clear_pointer(&t->act.text, g_free);
    id = act_insert(w, &t->act, error);
    return id && attest_event(w, id, t->event, "record", error);
}

/* What found no act of its time. */
static bool settle_rest(struct world *w, struct told *t, GHashTable *often, GError **error)
{
    g_autofree char *key = key_of(t);
    g_autoptr(GArray) same = acts_like(w, t, t->act.target, error);
    g_autoptr(GArray) any = same ? acts_like(w, t, 0, error) : NULL;
    const struct likely *l;

    if (!same || !any)
        return false;
    if ((l = nearest(w, same, t)))
        return witness(w, t, l, error);
    if (t->act.actor && t->act.object && (l = other_target(w, any, t))) {
        g_autofree char *said = name_of(w, l->target), *contradicts = name_of(w, t->act.target);
        return disagree(w, "target", t, l, said, contradicts, error);
    }
    if (GPOINTER_TO_UINT(g_hash_table_lookup(often, key)) == 1 && (l = other_time(same, t))) {
        g_autofree char *said = time_text(l->time.earliest, l->time.latest),
                        *contradicts = time_text(t->act.time, t->act.until);
        return disagree(w, "time", t, l, said, contradicts, error);
    }
    return of_its_own(w, t, error);
}

/* A record of another kind of act: it is linked to the row of the database that tells the same, and becomes a
 * witness with it. */
static bool link_row(struct world *w, const struct told *t, GError **error)
{
    const int64_t by = tolerance(w);
    const struct hc_time when = widened(&t->act, by);
    hc_stmt *st = hc_db_query(w->db, "correlate", "events_like", "iiiii", when.earliest, when.latest,
                              (int64_t)t->act.action, t->source, t->type);
    int64_t best = 0, best_distance = 0;
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_auto(act_t) row = {0};
        struct likely l = {.event = hc_col_int(st, 0)};
        l.time = (struct hc_time){hc_col_int(st, 1), hc_col_int(st, 2), HC_PRECISION_US, 0};
        ok = act_from_event(w, &row, l.event, error) && act_unmask(w, &row, l.event, error);
        if (!ok || row.target != t->act.target || row.object != t->act.object ||
            row.version != t->act.version || row.file != t->act.file ||
            (row.actor && t->act.actor && row.actor != t->act.actor) ||
            (best && distance(&l, &t->act) >= best_distance))
            continue;
        best = l.event;
        best_distance = distance(&l, &t->act);
    }
    hc_stmt_reset(st);
    best = best ? lead_of(w, best) : 0;
    return ok && rc == 0 &&
           (!best ||
            (add_twin(w, t->event, best, error) &&
             add_link(
                 w, "same-act", best, t->event,
                 "another source tells of the same act, account and project at a time that the clocks allow",
                 error)));
}

static bool read_told(struct world *w, GArray *all, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "told_beside", "ii", (int64_t)HC_ACTION_MAIL_RECEIVED,
                              (int64_t)HC_ACTION_CHAT_MESSAGE);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct told t = {.event = hc_col_int(st, 0)};
        hc_stmt *place = hc_db_query(w->db, "correlate", "place_of_event", "i", t.event);
        ok = hc_step(place, error) == 1;
        t.source = ok ? hc_col_int(place, 0) : 0;
        t.type = ok ? hc_col_int(place, 1) : 0;
        hc_stmt_reset(place);
        ok = ok && act_from_event(w, &t.act, t.event, error);
        g_array_append_val(all, t);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool pass_same(struct world *w, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct told)),
                      rest = g_array_new(FALSE, TRUE, sizeof(guint));
    g_autoptr(GHashTable) often = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    bool ok;

    g_array_set_clear_func(all, told_clear);
    ok = read_told(w, all, error);
    for (guint i = 0; ok && i < all->len; i++) {
        const struct told *t = &g_array_index(all, struct told, i);
        g_autoptr(GArray) likely = NULL;
        const struct likely *l;
        if (!is_membership(t)) {
            ok = link_row(w, t, error);
            continue;
        }
        likely = acts_like(w, t, t->act.target, error);
        l = likely ? nearest(w, likely, t) : NULL;
        ok = likely && (!l || witness(w, t, l, error));
        if (!l && ok) {
            char *key = key_of(t);
            guint n = GPOINTER_TO_UINT(g_hash_table_lookup(often, key));
            g_hash_table_insert(often, key, GUINT_TO_POINTER(n + 1));
            g_array_append_val(rest, i);
        }
    }
    for (guint i = 0; ok && i < rest->len; i++)
        ok = settle_rest(w, &g_array_index(all, struct told, g_array_index(rest, guint, i)), often, error);
    return ok;
}
