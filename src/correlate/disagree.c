/* SPDX-License-Identifier: Apache-2.0 */
/* Where sources contradict each other: rows of one transaction, rows of two dumps, rows and events of
 * accounts; and the findings of it all. */
#include "src/correlate/disagree.h"

#include "src/correlate/rule.h"
#include "src/correlate/transaction.h"

#include "src/base/words.h"

#define DISAGREEMENTS_SHOWN 100       /* findings of one rule; how many more there are is one further */
#define BORN_WITHIN (2 * HC_US_PER_S) /* between a registration and the row that it makes */

char *time_text(int64_t earliest, int64_t latest)
{
    char a[HC_UTC_TEXT], b[HC_UTC_TEXT];

    hc_utc_format(earliest, a);
    return latest == earliest ? g_strdup(a) : g_strdup_printf("%s to %s", a, hc_utc_format(latest, b));
}

bool add_disagreement(struct world *w, const struct disagreement *d, GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_disagreement", "tiiinttt", d->about, d->event,
                               d->state ? d->state : d->other, (int64_t)(d->state != 0), d->act, d->said,
                               d->contradicts, d->because),
                   error);
}

#define ONE_ROW "it is one row, by the id that the service gave it, in two dumps"

static bool is_one_row(const struct row *a, const struct row *b)
{
    return a->type == b->type && a->key && b->key && strcmp(a->key, b->key) == 0;
}

/* Two rows of one transaction, and what each of them says. */
static bool rows_disagree(struct world *w, const char *about, int64_t act, const struct row *a,
                          const struct row *b, int64_t said, int64_t contradicts, GError **error)
{
    g_autofree char *one = name_of(w, said), *other = name_of(w, contradicts);
    const struct disagreement d = {
        .about = about,
        .act = act,
        .event = a->event,
        .other = b->event,
        .said = one,
        .contradicts = other,
        .because =
            is_one_row(a, b) ? ONE_ROW : "both are of one transaction, with the same project and verb"};

    return add_disagreement(w, &d, error);
}

bool actors_disagree(struct world *w, const struct group *g, int64_t act, const struct row *lead,
                     GError **error)
{
    const struct row *first = NULL;

    for (guint i = lead->head; i != G_MAXUINT; i = g_array_index(g->rows, struct row, i).next) {
        const struct row *r = &g_array_index(g->rows, struct row, i);
        if (r->masked || r->unsure || !r->actor || r->verb != lead->verb)
            continue;
        if (first && first->actor != r->actor)
            return rows_disagree(w, "actor", act, first, r, first->actor, r->actor, error);
        first = first ? first : r;
    }
    return true;
}

/* "Role added" and "invitation accepted" are two words for what one transaction does. */
static enum hc_action kind_of(const struct row *r)
{
    return r->action == HC_ACTION_ROLE_ACCEPT ? HC_ACTION_ROLE_ADD : r->action;
}

/* A row that tells of a role, and its place in the group. */
struct telling_row {
    const struct row *row;
    guint place;
};

/* What tells of one act side by side, by type; of one type by account. */
static int by_what_it_tells(const void *a, const void *b)
{
    const struct telling_row *p = a, *q = b;
    const struct row *x = p->row, *y = q->row;

    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (kind_of(x) != kind_of(y))
        return kind_of(x) < kind_of(y) ? -1 : 1;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->target != y->target)
        return x->target < y->target ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place);
}

/* Of the rows of one type, by account, those on an account of which those of the other type do not tell: the
 * only one, the first on it; or NULL. */
static const struct telling_row *alone_with(const struct telling_row *rows, guint n,
                                            const struct telling_row *others, guint n_others)
{
    const struct telling_row *found = NULL;

    for (guint i = 0, k = 0; i < n; i++) {
        const struct row *r = rows[i].row;
        while (k < n_others && others[k].row->target < r->target)
            k++;
        if (!r->target || r->unsure || (k < n_others && others[k].row->target == r->target))
            continue;
        if (found && found->row->target != r->target)
            return NULL;
        found = found ? found : &rows[i];
    }
    return found;
}

/* Two rows that stand alone with what they tell. */
struct opposed {
    struct telling_row one, other;
};

static int by_places(const void *a, const void *b)
{
    const struct opposed *x = a, *y = b;

    if (x->one.place != y->one.place)
        return x->one.place < y->one.place ? -1 : 1;
    return (x->other.place > y->other.place) - (x->other.place < y->other.place);
}

/* The rows of one act: types[i] is where those of a type begin, and the last where they end. */
static void oppose(const struct telling_row *rows, const GArray *types, GArray *out)
{
    for (guint i = 0; i + 1 < types->len; i++)
        for (guint k = i + 1; k + 1 < types->len; k++) {
            const guint *from = &g_array_index(types, guint, i), *to = &g_array_index(types, guint, k);
            const struct telling_row *x = alone_with(rows + from[0], from[1] - from[0], rows + to[0],
                                                     to[1] - to[0]),
                                     *y = alone_with(rows + to[0], to[1] - to[0], rows + from[0],
                                                     from[1] - from[0]);
            struct opposed pair;
            if (!x || !y)
                continue;
            pair = x->place < y->place ? (struct opposed){*x, *y} : (struct opposed){*y, *x};
            g_array_append_val(out, pair);
        }
}

static GArray *opposed_in(const struct group *g)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(struct telling_row)),
                      types = g_array_new(FALSE, FALSE, sizeof(guint));
    GArray *out = g_array_new(FALSE, FALSE, sizeof(struct opposed));

    for (guint i = 0; i < g->rows->len; i++) {
        const struct telling_row c = {&g_array_index(g->rows, struct row, i), i};
        if (c.row->action >= HC_ACTION_ROLE_INVITE && c.row->action <= HC_ACTION_ROLE_REMOVE && c.row->object)
            g_array_append_val(rows, c);
    }
    g_array_sort(rows, by_what_it_tells);
    for (guint i = 0; i < rows->len; i++) {
        const struct telling_row *c = &g_array_index(rows, struct telling_row, i), *next = c + 1;
        const bool last = i + 1 == rows->len || next->row->object != c->row->object ||
                          kind_of(next->row) != kind_of(c->row);
        if (!types->len)
            g_array_append_val(types, i);
        if (last || next->row->type != c->row->type)
            g_array_append_vals(types, &(guint){i + 1}, 1);
        if (!last)
            continue;
        oppose((const struct telling_row *)(void *)rows->data, types, out);
        g_array_set_size(types, 0);
    }
    g_array_sort(out, by_places);
    return out;
}

/*
 * A service that tells each act in rows of several types tells it of one account: where each type has a row
 * that the other lacks, one of them is wrong. A row that is merely missing says nothing.
 */
bool targets_disagree(struct world *w, const struct group *g, GError **error)
{
    g_autoptr(GArray) all = opposed_in(g);

    for (guint i = 0; i < all->len; i++) {
        const struct opposed *o = &g_array_index(all, struct opposed, i);
        const struct row *a = o->one.row, *b = o->other.row;
        if (!rows_disagree(w, "target", 0, a, b, a->target, b->target, error))
            return false;
    }
    return true;
}

/* What differs between two records of one row; NULL: nothing that matters. `said`, `contradicts`: yours. */
static const char *difference(struct world *w, const struct act *a, const struct act *b, char **said,
                              char **contradicts)
{
    const struct hc_time x = {a->time, a->until, a->precision, a->basis},
                         y = {b->time, b->until, b->precision, b->basis};

    if (hc_time_same(&x, &y) == HC_CONTRADICTED) {
        *said = time_text(a->time, a->until);
        *contradicts = time_text(b->time, b->until);
        return "time";
    }
    if (a->action != b->action) {
        *said = g_strdup(hc_action_name(a->action));
        *contradicts = g_strdup(hc_action_name(b->action));
        return "row";
    }
    if (a->target != b->target && a->target && b->target) {
        *said = name_of(w, a->target);
        *contradicts = name_of(w, b->target);
        return "target";
    }
    if (a->object != b->object && a->object && b->object) {
        *said = name_of(w, a->object);
        *contradicts = name_of(w, b->object);
        return "row";
    }
    if (a->actor == b->actor || !a->actor || !b->actor)
        return NULL;
    *said = name_of(w, a->actor);
    *contradicts = name_of(w, b->actor);
    return "actor";
}

/* Of records of one time the one that comes first by its place. */
static bool put_in_order(struct world *w, int64_t *one, int64_t *other, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "placed_behind", "ii", *one, *other);
    const bool ok = hc_step(st, error) == 1;

    if (ok && hc_col_int(st, 0)) {
        const int64_t first = *other;
        *other = *one;
        *one = first;
    }
    hc_stmt_reset(st);
    return ok;
}

static bool compare_rows(struct world *w, int64_t one, int64_t other, GError **error)
{
    g_auto(act_t) a = {0}, b = {0};
    g_autofree char *said = NULL, *contradicts = NULL;
    struct disagreement d = {.because = ONE_ROW};

    if (!put_in_order(w, &one, &other, error))
        return false;
    d.event = one;
    d.other = other;
    if (!act_from_event(w, &a, one, error) || !act_from_event(w, &b, other, error))
        return false;
    d.about = difference(w, &a, &b, &said, &contradicts);
    d.said = said;
    d.contradicts = contradicts;
    return !d.about || add_disagreement(w, &d, error);
}

static bool rewritten_rows(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "rewritten_rows", "i", (int64_t)HC_ENTITY_TYPE);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = compare_rows(w, hc_col_int(st, 0), hc_col_int(st, 1), error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* The row of an account says when it was made, and so does the event of its registration. */
static bool other_births(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "other_births", "iii", (int64_t)HC_ACTION_ACCOUNT_CREATE,
                              (int64_t)BORN_WITHIN, (int64_t)HC_ENTITY_TYPE);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t time = hc_col_int(st, 2), born = hc_col_int(st, 3);
        g_autofree char *said = time_text(time, time), *contradicts = time_text(born, born);
        const struct disagreement d = {.about = "time",
                                       .event = hc_col_int(st, 0),
                                       .state = hc_col_int(st, 1),
                                       .said = said,
                                       .contradicts = contradicts,
                                       .because = "both say when the account was registered"};
        ok = add_disagreement(w, &d, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* One finding, at the first record, with the other as a further place. */
static bool tell_one(struct world *w, const struct rule *rule, hc_stmt *st, GError **error)
{
    g_autofree char *path = hc_col_dup(st, 10), *said = hc_col_dup(st, 5), *contradicts = hc_col_dup(st, 11),
                    *because = hc_col_dup(st, 12);
    g_autofree char *place = g_strdup_printf("%s:%" G_GINT64_FORMAT, path, hc_col_int(st, 7));
    g_autofree char *key =
        g_strdup_printf("%" G_GINT64_FORMAT " %s %s", hc_col_int(st, 14), said, contradicts);
    const char *const pairs[] = {"said", said,      "contradicts", contradicts, "place",
                                 place,  "because", because,       NULL};
    g_autofree char *message = hc_words_fill(rule->message, pairs);
    int64_t act = hc_col_int(st, 13), finding;

    if (!hc_exec(hc_db_query(w->db, "correlate", "add_note", "ttttiniit", rule->id, rule->level, rule->title,
                             message, hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2),
                             hc_col_int(st, 3), key),
                 error))
        return false;
    finding = hc_db_last_id(w->db);
    return hc_exec(hc_db_query(w->db, "correlate", "add_finding_place", "iitinii", finding, INT64_C(1),
                               contradicts, hc_col_int(st, 6), hc_col_int(st, 7), hc_col_int(st, 8),
                               hc_col_int(st, 9)),
                   error) &&
           (!act || hc_exec(hc_db_query(w->db, "rules", "add_finding_event", "iiitt", finding, INT64_C(1),
                                        act, "disputed", because),
                            error));
}

static bool tell_more(struct world *w, const struct rule *rule, guint n, GError **error)
{
    g_autofree char *message = g_strdup_printf(
        "%u more of these are not told one by one; the table disagreement of the case database has them all",
        n);

    return hc_exec(hc_db_query(w->db, "correlate", "add_note", "ttttnnnn", rule->id, rule->level, rule->title,
                               message, INT64_C(0), INT64_C(0), INT64_C(0), INT64_C(0)),
                   error);
}

static bool tell(struct world *w, const char *about, const char *file, GError **error)
{
    g_autoptr(rule_t) rule = rule_load(file, error);
    hc_stmt *st = rule ? hc_db_query(w->db, "correlate", "disagreements", "t", about) : NULL;
    bool ok = rule != NULL;
    guint n = 0;
    int rc = 0;

    for (; ok && (rc = hc_step(st, error)) == 1; n++)
        ok = n >= DISAGREEMENTS_SHOWN || tell_one(w, rule, st, error);
    if (st)
        hc_stmt_reset(st);
    return ok && rc == 0 && (n <= DISAGREEMENTS_SHOWN || tell_more(w, rule, n - DISAGREEMENTS_SHOWN, error));
}

bool pass_disagree(struct world *w, GError **error)
{
    static const char *const abouts[][2] = {{"actor", "reports/rules/evidence-disagree-actor.yaml"},
                                            {"target", "reports/rules/evidence-disagree-target.yaml"},
                                            {"time", "reports/rules/evidence-disagree-time.yaml"},
                                            {"row", "reports/rules/evidence-disagree-row.yaml"}};
    bool ok = rewritten_rows(w, error) && other_births(w, error);

    for (size_t i = 0; ok && i < G_N_ELEMENTS(abouts); i++)
        ok = tell(w, abouts[i][0], abouts[i][1], error);
    return ok;
}
