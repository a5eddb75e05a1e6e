/* SPDX-License-Identifier: Apache-2.0 */
/* In which phase of an incident an act is, and which acts are repeats of one another. */
#include "src/correlate/incident.h"

#include "src/base/keyed.h"

struct scoped {
    int64_t act, time, until, actor, target, object, event, address;
    enum hc_action action;
    int64_t said; /* its native name, by the first act of the incident that has it */
    bool step;    /* of a finding */
    const char *phase;
};

static bool is_statement(struct world *w, int64_t event)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "statement_about", "i", event);
    bool any = event && hc_step(st, NULL) == 1;

    hc_stmt_reset(st);
    return any;
}

/* Accounts and roles given back, and taken from those who had got them. */
static bool is_restoration(const struct incident *in, const struct scoped *s)
{
    bool gives = s->action == HC_ACTION_ROLE_ADD && holds(in->taken, s->target),
         takes = s->action == HC_ACTION_ROLE_REMOVE && holds(in->others, s->target);

    return s->action == HC_ACTION_ACCOUNT_RESTORE || ((gives || takes) && s->time > in->last);
}

/* Releases, files and publishers, and a project as a whole. */
static bool is_content(enum hc_action action)
{
    return action >= HC_ACTION_PROJECT_REMOVE && action <= HC_ACTION_PUBLISHER_REMOVE;
}

/* Getting into an account, and keeping its holder out of it. */
static bool is_credential(enum hc_action action)
{
    return (action >= HC_ACTION_ACCOUNT_DISABLE_PASSWORD && action <= HC_ACTION_TOKEN_REMOVE);
}

/* By those who are accused; in the name of one who suffered only while it lasted, or from an address of
 * theirs. */
static bool is_theirs(const struct incident *in, const struct scoped *s)
{
    return holds(in->others, s->actor) || holds(in->addresses, s->address) || s->step ||
           (holds(in->taken, s->actor) && s->until <= in->last);
}

static bool is_access(const struct incident *in, const struct scoped *s)
{
    bool victim = holds(in->taken, s->target) || holds(in->taken, s->actor);

    return is_credential(s->action) && victim && (s->step || holds(in->addresses, s->address));
}

/* The report, or what was first said about it where no owner reported it. */
static bool is_detection(const struct incident *in, const struct scoped *s)
{
    return in->detected && s->time <= in->detected &&
           (s->action == HC_ACTION_MAIL_RECEIVED || s->action == HC_ACTION_CHAT_MESSAGE ||
            s->action == HC_ACTION_TICKET_MESSAGE);
}

/* `recovery` is when the first act of giving back happened; INT64_MAX when none did. */
static const char *phase_of(struct world *w, const struct incident *in, const struct scoped *s,
                            int64_t recovery)
{
    if (!in->finding)
        return "";
    if (s->action == HC_ACTION_ACCOUNT_DELETE && holds(in->taken, s->target))
        return "destruction";
    if (s->action == HC_ACTION_ACCOUNT_FREEZE || is_statement(w, s->event))
        return "containment";
    if (is_access(in, s))
        return "access";
    if (s->time < in->first)
        return "preparation";
    if (is_content(s->action) && is_theirs(in, s))
        return "impact";
    if (s->until <= in->last)
        return "takeover";
    if (s->time >= recovery)
        return "recovery";
    return is_detection(in, s) ? "detection" : "response";
}

/* Acts that say no more than that they came again: sign-ins that fail, records of a session without words of
 * their own. */
static bool is_drumming(const struct scoped *s)
{
    return s->action == HC_ACTION_LOGIN_FAILURE || s->action == HC_ACTION_REAUTHENTICATE_FAILURE ||
           (s->action == HC_ACTION_AUDIT_OTHER && !s->object && !s->target);
}

/*
 * Acts that differ only in their project are repeats of one another, and those that only drum: failed
 * sign-ins from one address, whomever they try. NULL for what is never folded.
 */
static char *fold_key(const struct scoped *s)
{
    if (is_drumming(s))
        return g_strdup_printf("%s/%d/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, s->phase,
                               (int)s->action, s->actor, s->address, s->said);
    if (!s->object || s->action < HC_ACTION_ROLE_INVITE || s->action > HC_ACTION_TEAM_ROLE_REMOVE)
        return NULL;
    return g_strdup_printf("%s/%d/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, s->phase, (int)s->action, s->actor,
                           s->target);
}

struct fold {
    guint n, first; /* how many acts, and which is the first of them */
};

static GHashTable *count_folds(const GArray *all)
{
    GHashTable *folds = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);

    for (guint i = 0; i < all->len; i++) {
        char *key = fold_key(&g_array_index(all, struct scoped, i));
        struct fold *fold = key ? g_hash_table_lookup(folds, key) : NULL;
        if (key && !fold) {
            fold = g_new0(struct fold, 1);
            fold->first = i;
            g_hash_table_insert(folds, g_steal_pointer(&key), fold);
        }
        if (fold)
            fold->n++;
        g_free(key);
    }
    return folds;
}

static char *fold_of(GHashTable *folds, const struct scoped *s, int64_t incident)
{
    g_autofree char *key = fold_key(s);
    const struct fold *fold = key ? g_hash_table_lookup(folds, key) : NULL;

    if (!fold || fold->n < 2)
        return NULL;
    return incident ? g_strdup_printf("%" G_GINT64_FORMAT "/%s/%s/%u", incident, s->phase,
                                      hc_action_name(s->action), fold->first + 1)
                    : g_strdup_printf("%s/%s/%u", s->phase, hc_action_name(s->action), fold->first + 1);
}

static bool read_scope(struct world *w, const struct incident *in, GArray *all, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "scoped", "ii", in->id, (int64_t)HC_ACTION_AUDIT_OTHER);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct scoped s = {.act = hc_col_int(st, 0),
                           .action = (enum hc_action)hc_col_int(st, 1),
                           .until = hc_col_int(st, 3),
                           .actor = hc_col_int(st, 4),
                           .target = hc_col_int(st, 5),
                           .object = hc_col_int(st, 6),
                           .event = hc_col_int(st, 7),
                           .address = canonical(w, hc_col_int(st, 8)),
                           .step = hc_col_int(st, 9),
                           .said = hc_col_int(st, 10)};
        s.time = hc_col_null(st, 2) ? s.until : hc_col_int(st, 2);
        g_array_append_val(all, s);
    }
    return rc == 0;
}

bool scope_phases(struct world *w, struct incident *in, bool several, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct scoped));
    g_autoptr(GHashTable) folds = NULL;
    int64_t recovery = INT64_MAX;
    bool ok = read_scope(w, in, all, error);

    for (guint i = 0; i < all->len; i++)
        if (is_restoration(in, &g_array_index(all, struct scoped, i)))
            recovery = MIN(recovery, g_array_index(all, struct scoped, i).time);
    for (guint i = 0; i < all->len; i++) {
        struct scoped *s = &g_array_index(all, struct scoped, i);
        s->phase = phase_of(w, in, s, recovery);
    }
    folds = count_folds(all);
    for (guint i = 0; ok && i < all->len; i++) {
        const struct scoped *s = &g_array_index(all, struct scoped, i);
        g_autofree char *fold = fold_of(folds, s, several ? in->id : 0);
        ok = hc_exec(hc_db_query(w->db, "correlate", "set_phase", "iitt", in->id, s->act, s->phase, fold),
                     error);
    }
    return ok;
}
