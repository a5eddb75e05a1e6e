/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be known and why, and which lessons the incident teaches, each with its figures. */
#include "src/correlate/conclude.h"

static bool add_gap(struct world *w, const struct conclusion *c, const char *name, int64_t entity,
                    int64_t act, struct facts *f, GError **error)
{
    bool ok = hc_exec(
        hc_db_query(w->db, "correlate", "add_gap", "itnnt", c->incident, name, entity, act, facts_text(f)),
        error);

    facts_clear(f);
    return ok;
}

static bool add_lesson(struct world *w, const struct conclusion *c, const char *name, struct facts *f,
                       GError **error)
{
    bool ok = hc_exec(hc_db_query(w->db, "correlate", "add_lesson", "itt", c->incident, name, facts_text(f)),
                      error);

    facts_clear(f);
    return ok;
}

static char *service_says(struct world *w, const struct conclusion *c, const char *topic, const char *key)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "rule", "itt", c->realm, topic, key);
    char *text = hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;

    hc_stmt_reset(st);
    return text;
}

struct dated {
    int64_t id, time, until;
    bool has_time, inferred;
};

static struct dated first_of(struct world *w, const struct conclusion *c, enum hc_action action,
                             int64_t target)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "first_of", "itini", c->incident, "", (int64_t)action,
                              target, INT64_MIN);
    struct dated d = {0};

    if (hc_step(st, NULL) == 1)
        d = (struct dated){hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), !hc_col_null(st, 1),
                           hc_col_int(st, 3) & HC_BASIS_INFERRED};
    hc_stmt_reset(st);
    return d;
}

static bool interval_gap(struct world *w, const struct conclusion *c, const char *name, int64_t entity,
                         const struct dated *d, GError **error)
{
    facts_t f = {0};

    if (d->has_time)
        fact_int(&f, "from", d->time);
    fact_int(&f, "to", d->until);
    return add_gap(w, c, name, entity, d->id, &f, error);
}

/* The deletion took the account's own records with it. */
static bool lost_gaps(struct world *w, const struct conclusion *c, const struct dated *deleted,
                      GError **error)
{
    g_autofree char *lost = service_says(w, c, "lost", "account-delete"), *hides = NULL;
    g_autofree char *types = service_says(w, c, "lost-records", "account-delete");
    facts_t f = {0}, g = {0};

    if (!deleted->id || !lost)
        return true;
    fact_text(&f, "lost", lost);
    if (types)
        fact_text(&f, "hides", hides = hidden_by_loss(w, c->realm, types));
    if (!add_gap(w, c, "access", c->taken, deleted->id, &f, error))
        return false;
    if (!c->first_dump || c->first_taken < deleted->time)
        return true;
    fact_int(&g, "first_dump", c->first_taken);
    return add_gap(w, c, "second-factor", c->taken, deleted->id, &g, error);
}

static bool restored_gap(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "events_of_account", "i", c->restored);
    int64_t n = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;
    facts_t f = {0};

    hc_stmt_reset(st);
    if (!c->restored)
        return true;
    fact_int(&f, "records", n);
    fact_int(&f, "until", c->last_taken);
    return add_gap(w, c, "restored-use", c->restored, 0, &f, error);
}

/* A whole table as the set that was counted. */
static bool cite_table(struct world *w, const struct conclusion *c, const char *of, const char *name,
                       const char *fact, int64_t source, const char *table, const char *counted,
                       GError **error)
{
    g_autofree char *text = g_strdup_printf("%s: %s", table ? table : "", counted);

    return !source || !table || add_cite(w, c, of, name, fact, (struct place){.source = source}, text, error);
}

static bool masked_gap(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "masked_of", "i", c->realm);
    facts_t f = {0};
    bool any = hc_step(st, error) == 1 && hc_col_int(st, 1) > 0;

    if (any) {
        fact_int(&f, "resolved", hc_col_int(st, 0));
        fact_int(&f, "unknown", hc_col_int(st, 1));
    }
    hc_stmt_reset(st);
    return !any || (add_gap(w, c, "masked", 0, 0, &f, error) &&
                    cite_table(w, c, "gap", "masked", "rows", c->last_dump, c->journal,
                               "rows without an actor", error));
}

bool conclude_gaps(struct world *w, const struct conclusion *c, GError **error)
{
    struct dated deleted = first_of(w, c, HC_ACTION_ACCOUNT_DELETE, c->taken),
                 frozen = first_of(w, c, HC_ACTION_ACCOUNT_FREEZE, c->other);
    facts_t none = {0};

    return conclude_consent(w, c, error) && lost_gaps(w, c, &deleted, error) &&
           (!deleted.id || !deleted.inferred ||
            interval_gap(w, c, "deletion-time", c->taken, &deleted, error)) &&
           (!frozen.id || !frozen.inferred || interval_gap(w, c, "freeze-time", c->other, &frozen, error)) &&
           add_gap(w, c, "person", 0, 0, &none, error) && restored_gap(w, c, error) &&
           masked_gap(w, c, error) && conclude_hidden(w, c, error);
}

/* The owners of a dump, once for all incidents that it tells of. */
static bool find_owners(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st;
    bool ok;

    if (w->owners.dump == c->first_dump)
        return true;
    if (!hc_exec(hc_db_stmt(w->db, "correlate", "forget_owners"), error) ||
        !hc_exec(hc_db_query(w->db, "correlate", "find_owners", "iti", c->first_dump, c->roles, c->realm),
                 error))
        return false;
    st = hc_db_query(w->db, "correlate", "owners", "ii", c->first_dump, c->realm);
    ok = hc_step(st, error) == 1;
    if (ok) {
        w->owners.dump = c->first_dump;
        w->owners.all = hc_col_int(st, 0);
        w->owners.with = hc_col_int(st, 1);
        w->owners.accounts_with = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    return ok;
}

/* How many owners have a second factor, those who are accused apart. */
static bool count_owners(struct world *w, const struct conclusion *c, facts_t *f, GError **error)
{
    hc_stmt *st;
    bool ok;

    if (!c->first_dump)
        return true;
    if (!find_owners(w, c, error))
        return false;
    st = hc_db_query(w->db, "correlate", "accused_owners", "i", c->incident);
    ok = hc_step(st, error) == 1;
    if (ok && w->owners.accounts_with) {
        fact_int(f, "owners", w->owners.all - hc_col_int(st, 0));
        fact_int(f, "owners_with", w->owners.with - hc_col_int(st, 1));
        fact_int(f, "dump", c->first_taken);
    }
    hc_stmt_reset(st);
    return ok;
}

static bool second_factor(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "sign_ins", "iii", c->incident,
                              (int64_t)HC_ACTION_LOGIN_SUCCESS, INT64_C(0));
    int64_t act = 0;
    facts_t f = {0};

    if (hc_step(st, error) == 1) {
        fact_int(&f, "sign_ins", hc_col_int(st, 0));
        fact_int(&f, "without", hc_col_int(st, 1));
        act = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    if (act && !add_cite(w, c, "lesson", "second-factor", "sign-in", place_of_act(w, act),
                         "no second factor is recorded", error))
        return false;
    if (!count_owners(w, c, &f, error))
        return false;
    if (!cite_table(w, c, "lesson", "second-factor", "owners", c->first_dump, c->roles,
                    "accounts with the role Owner", error) ||
        !cite_table(w, c, "lesson", "second-factor", "owners", c->first_dump, c->accounts,
                    "a second factor is set", error))
        return false;
    return add_lesson(w, c, "second-factor", &f, error);
}

static bool deletion(struct world *w, const struct conclusion *c, GError **error)
{
    struct dated deleted = first_of(w, c, HC_ACTION_ACCOUNT_DELETE, c->taken);
    g_autofree char *guard = service_says(w, c, "rule", "sole-owner");
    hc_stmt *st;
    facts_t f = {0};

    if (!deleted.id)
        return true;
    fact_text(&f, "guard", guard);
    if (deleted.has_time)
        fact_int(&f, "after_least", deleted.time - c->last_removal);
    fact_int(&f, "after_most", deleted.until - c->last_removal);
    st = hc_db_query(w->db, "correlate", "journal_of_projects", "itiii", c->incident, c->journal, c->begin,
                     (int64_t)HC_ACTION_ROLE_INVITE, (int64_t)HC_ACTION_ROLE_REMOVE);
    if (c->journal && hc_step(st, error) == 1) {
        fact_int(&f, "journal", hc_col_int(st, 0));
        fact_int(&f, "masked", hc_col_int(st, 3));
    }
    hc_stmt_reset(st);
    return add_lesson(w, c, "deletion", &f, error);
}

/* Fires when the owner reported it and nothing of ours had: the notices were all there was. */
static bool notices(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "notices_to", "it", c->incident, "owner-mailbox");
    int64_t n = 0, first = 0, invite = 0, removal = 0;
    facts_t f = {0};

    if (hc_step(st, error) == 1) {
        n = hc_col_int(st, 0);
        first = hc_col_int(st, 1);
        fact_int(&f, "n", n);
        fact_int(&f, "first", first);
        fact_int(&f, "last", hc_col_int(st, 2));
    }
    hc_stmt_reset(st);
    if (!n) {
        facts_clear(&f);
        return true;
    }
    st = hc_db_query(w->db, "correlate", "notices_of_action", "ii", c->incident,
                     (int64_t)HC_ACTION_ROLE_INVITE);
    if (hc_step(st, error) == 1 && hc_col_int(st, 0) > 0) {
        fact_int(&f, "invitations", hc_col_int(st, 0));
        fact_int(&f, "invitations_to_owner", hc_col_int(st, 1));
    }
    hc_stmt_reset(st);
    st = hc_db_query(w->db, "correlate", "first_step", "it", c->finding, "invite");
    invite = hc_step(st, error) == 1 ? hc_col_int(st, 1) : 0;
    hc_stmt_reset(st);
    st = hc_db_query(w->db, "correlate", "first_step", "it", c->finding, "remove");
    removal = hc_step(st, error) == 1 ? hc_col_int(st, 1) : 0;
    hc_stmt_reset(st);
    fact_int(&f, "after_invitation", first - invite);
    fact_int(&f, first <= removal ? "before_removal" : "after_removal", ABS(removal - first));
    return add_lesson(w, c, "notices", &f, error);
}

static bool restoration(struct world *w, const struct conclusion *c, GError **error)
{
    struct dated restored = first_of(w, c, HC_ACTION_ACCOUNT_RESTORE, c->restored);
    hc_stmt *st;
    facts_t f = {0};

    if (!c->restored || !restored.id)
        return true;
    fact_int(&f, "born", restored.time);
    st = hc_db_query(w->db, "correlate", "repair", "iiti", restored.time, (int64_t)HC_ACTION_ROLE_INVITE,
                     c->journal, (int64_t)HC_ACTION_ROLE_REMOVE);
    if (hc_step(st, error) == 1) {
        fact_int(&f, "journal", hc_col_int(st, 0));
        fact_int(&f, "events", hc_col_int(st, 1));
        fact_int(&f, "notices", hc_col_int(st, 2));
    }
    hc_stmt_reset(st);
    st = hc_db_query(w->db, "correlate", "project_releases", "iti", c->incident, c->releases, c->last_dump);
    int64_t n = 0, orphaned = 0;
    while (c->releases && hc_step(st, error) == 1) {
        n++;
        orphaned += hc_col_int(st, 5);
    }
    hc_stmt_reset(st);
    fact_int(&f, "releases", n);
    fact_int(&f, "orphaned", orphaned);
    if (!cite_table(w, c, "lesson", "restoration", "orphaned", c->last_dump, c->releases,
                    "rows on the projects without an uploader", error))
        return false;
    return add_lesson(w, c, "restoration", &f, error);
}

static bool cite_logs(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "mail_logs");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = add_cite(w, c, "lesson", "retention", "logs", (struct place){.source = hc_col_int(st, 0)},
                      "first and last line", error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool retention(struct world *w, const struct conclusion *c, GError **error)
{
    g_autofree char *rule = service_says(w, c, "rule", "retention");
    hc_stmt *st = hc_db_query(w->db, "correlate", "mail_coverage", "");
    facts_t f = {0};

    if (rule && hc_step(st, error) == 1 && !hc_col_null(st, 0)) {
        fact_text(&f, "rule", rule);
        fact_int(&f, "from", hc_col_int(st, 0));
        fact_int(&f, "to", hc_col_int(st, 1));
    }
    hc_stmt_reset(st);
    return !f.json || (cite_logs(w, c, error) && add_lesson(w, c, "retention", &f, error));
}

bool conclude_lessons(struct world *w, const struct conclusion *c, GError **error)
{
    return second_factor(w, c, error) && deletion(w, c, error) && notices(w, c, error) &&
           restoration(w, c, error) && retention(w, c, error);
}
