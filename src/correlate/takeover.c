/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HC-REG-001: for the same two accounts and on each of several projects an invitation by A of B, its acceptance, and the removal
 * of A by B, in this order and all inside one window; then A is deleted, not before the last removal and soon after it.
 */
#include "src/correlate/rule.h"
#include "src/correlate/world.h"

#include "src/base/words.h"

struct chain {
    int64_t taken, other, project, invite, accept, removal, begin, end;
};

struct step {
    int64_t time, act;
    const char *what;
};

static bool read_chains(struct world *w, const struct rule *rule, GArray *chains, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "chains", "iiii", (int64_t)HC_ACTION_ROLE_INVITE,
                              (int64_t)HC_ACTION_ROLE_ACCEPT, (int64_t)HC_ACTION_ROLE_REMOVE, rule->within);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct chain c = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3),
                          hc_col_int(st, 4), hc_col_int(st, 5), hc_col_int(st, 6), hc_col_int(st, 7)};
        g_array_append_val(chains, c);
    }
    return rc == 0;
}

static bool has_project(const GArray *set, int64_t project)
{
    for (guint i = 0; i < set->len; i++)
        if (g_array_index(set, struct chain, i).project == project)
            return true;
    return false;
}

/* The chains of one pair, one for each project, that lie inside the window which begins with chain `from`. */
static GArray *window(const GArray *chains, guint from, guint end, int64_t within)
{
    GArray *set = g_array_new(FALSE, TRUE, sizeof(struct chain));
    int64_t limit = g_array_index(chains, struct chain, from).begin + within;

    for (guint i = from; i < end && g_array_index(chains, struct chain, i).begin <= limit; i++) {
        const struct chain *c = &g_array_index(chains, struct chain, i);
        if (c->end <= limit && !has_project(set, c->project))
            g_array_append_val(set, *c);
    }
    return set;
}

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return x->time != y->time ? (x->time < y->time ? -1 : 1) : x->act < y->act ? -1 : x->act > y->act;
}

static bool add_step(GArray *steps, struct world *w, int64_t act, const char *what, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "act_time", "i", act);
    struct step step = {0, act, what};
    bool ok = hc_step(st, error) == 1;

    step.time = ok ? hc_col_int(st, 0) : 0;
    hc_stmt_reset(st);
    g_array_append_val(steps, step);
    return ok;
}

static bool write_steps(struct world *w, int64_t finding, const GArray *set, int64_t deletion, GError **error)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, TRUE, sizeof(struct step));
    bool ok = true;

    for (guint i = 0; ok && i < set->len; i++) {
        const struct chain *c = &g_array_index(set, struct chain, i);
        ok = add_step(steps, w, c->invite, "invite", error) &&
             add_step(steps, w, c->accept, "accept", error) &&
             add_step(steps, w, c->removal, "remove", error);
    }
    g_array_sort(steps, by_time);
    g_array_append_val(steps,
                       ((struct step){0, deletion, "delete"})); /* last by rule, whatever its interval */
    for (guint i = 0; ok && i < steps->len; i++) {
        const struct step *s = &g_array_index(steps, struct step, i);
        ok = hc_exec(hc_db_query(w->db, "correlate", "add_finding_event", "iiit", finding, (int64_t)i + 1,
                                 s->act, s->what),
                     error);
    }
    return ok;
}

static char *word_message(struct world *w, const struct rule *rule, const struct chain *c, guint n,
                          int64_t duration)
{
    g_autofree char *taken = name_of(w, c->taken), *other = name_of(w, c->other),
                    *took = hc_words_duration(duration);
    g_autofree char *count = g_strdup_printf("%u", n);
    const char *const pairs[] = {"taken", taken, "other", other, "n", count, "duration", took, NULL};

    return hc_words_fill(rule->message, pairs);
}

/* The deletion that completes the pattern, or 0. */
static int64_t deletion_after(struct world *w, const struct rule *rule, int64_t account,
                              const struct chain *last, int64_t last_time)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "deletion_after", "iiii", (int64_t)HC_ACTION_ACCOUNT_DELETE,
                              account, last_time, last->end + rule->deleted_within);
    int64_t act = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return act;
}

static const struct chain *last_of(const GArray *set)
{
    const struct chain *last = &g_array_index(set, struct chain, 0);

    for (guint i = 1; i < set->len; i++)
        if (g_array_index(set, struct chain, i).end > last->end)
            last = &g_array_index(set, struct chain, i);
    return last;
}

static char *key_of(struct world *w, const struct rule *rule, const struct chain *first)
{
    g_autofree char *taken = name_of(w, first->taken), *other = name_of(w, first->other);

    return g_strdup_printf("%s %s %s %" G_GINT64_FORMAT, rule->id, other, taken, first->begin);
}

static bool judge(struct world *w, const struct rule *rule, const GArray *set, bool *hit, GError **error)
{
    const struct chain *first = &g_array_index(set, struct chain, 0), *last = last_of(set);
    int64_t deletion = set->len < rule->projects ? 0 : deletion_after(w, rule, first->taken, last, last->end);
    g_autofree char *message = NULL, *key = NULL;

    *hit = deletion != 0;
    if (!deletion)
        return true;
    message = word_message(w, rule, first, set->len, last->end - first->begin);
    key = key_of(w, rule, first);
    return hc_exec(hc_db_query(w->db, "correlate", "add_finding", "ttttiiitt", rule->id, rule->level, rule->title, message,
                               first->other, first->taken, first->invite, key, "account-takeover"),
                   error) &&
           write_steps(w, hc_db_last_id(w->db), set, deletion, error);
}

/* All chains of one pair: from each first invitation on, until a window holds the pattern; then on behind that window. */
static bool judge_pair(struct world *w, const struct rule *rule, const GArray *chains, guint from, guint end,
                       GError **error)
{
    while (from < end) {
        g_autoptr(GArray) set = window(chains, from, end, rule->within);
        int64_t until = set->len ? last_of(set)->end : 0;
        bool hit = false;
        if (set->len && !judge(w, rule, set, &hit, error))
            return false;
        from++;
        while (hit && from < end && g_array_index(chains, struct chain, from).begin <= until)
            from++;
    }
    return true;
}

bool pass_takeover(struct world *w, GError **error)
{
    g_autoptr(GArray) chains = g_array_new(FALSE, TRUE, sizeof(struct chain));
    g_autoptr(rule_t) rule = rule_load("reports/rules/account-takeover.yaml", error);
    bool ok = rule && read_chains(w, rule, chains, error);

    for (guint from = 0, end; ok && from < chains->len; from = end) {
        const struct chain *c = &g_array_index(chains, struct chain, from);
        for (end = from; end < chains->len; end++) {
            const struct chain *o = &g_array_index(chains, struct chain, end);
            if (o->taken != c->taken || o->other != c->other)
                break;
        }
        ok = judge_pair(w, rule, chains, from, end, error);
    }
    return ok;
}
