/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to an incident, why, in which phase, and which acts are repeats of one another. */
#include "src/correlate/incident.h"

#include "src/base/text.h"

#define PREPARATION                                                                                          \
    (INT64_C(24) * 3600 * HC_US_PER_S) /* an account made so shortly before is part of the incident */

bool holds(const GArray *ids, int64_t id)
{
    for (guint i = 0; i < ids->len; i++)
        if (g_array_index(ids, int64_t, i) == id)
            return true;
    return false;
}

bool add_to_scope(struct world *w, const struct incident *in, int64_t act, const char *because,
                  GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_scope", "iit", in->id, act, because), error);
}

static bool add_party(struct world *w, const struct incident *in, const char *role, int64_t entity,
                      const char *because, GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_party", "itit", in->id, role, entity, because),
                   error);
}

static bool read_steps(struct world *w, struct incident *in, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "steps", "i", in->finding);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t project = hc_col_int(st, 2),
                time = hc_col_null(st, 4) ? hc_col_int(st, 5) : hc_col_int(st, 4);
        if (project && !holds(in->projects, project))
            g_array_append_val(in->projects, project);
        in->first = in->first ? MIN(in->first, time) : time;
        in->last = MAX(in->last, hc_col_int(st, 5));
    }
    return rc == 0;
}

static bool add_mailboxes(struct world *w, struct incident *in, int64_t account, const char *role,
                          GArray *keep, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "mailboxes_of_account", "i", account);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t mailbox = hc_col_int(st, 0);
        g_autofree char *because = hc_col_dup(st, 1);
        if (keep)
            g_array_append_val(keep, mailbox);
        ok = add_party(w, in, role, mailbox, because, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool add_our_mailboxes(struct world *w, struct incident *in, GError **error)
{
    for (char **address = w->c->mailboxes; *address; address++) {
        g_autofree char *key = hc_text_fold(hc_str(*address));
        hc_stmt *st =
            hc_db_query(w->db, "correlate", "mailbox_by_key", "it", (int64_t)HC_ENTITY_MAILBOX, key);
        int64_t id = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;
        hc_stmt_reset(st);
        if (!id)
            continue;
        g_array_append_val(in->ours, id);
        if (!add_party(w, in, "our-mailbox", id, "case.yaml says so", error))
            return false;
    }
    return true;
}

static void add_name(struct world *w, struct incident *in, int64_t entity)
{
    g_autofree char *name = name_of(w, entity);

    g_ptr_array_add(in->names, hc_text_fold(hc_str(name)));
}

static bool add_parties(struct world *w, struct incident *in, GError **error)
{
    hc_stmt *st;
    int64_t restored = 0;

    if (!add_party(w, in, "other", in->other, "accused by the finding", error) ||
        !add_party(w, in, "taken", in->taken, "it was removed, then deleted", error))
        return false;
    add_name(w, in, in->other);
    add_name(w, in, in->taken);
    for (guint i = 0; i < in->projects->len; i++) {
        int64_t project = g_array_index(in->projects, int64_t, i);
        add_name(w, in, project);
        if (!add_party(w, in, "project", project, "its owner was replaced", error))
            return false;
    }
    st = hc_db_query(w->db, "correlate", "restored_as", "i", in->taken);
    restored = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;
    hc_stmt_reset(st);
    if (restored &&
        !add_party(w, in, "restored", restored, "the deleted account was restored as this one", error))
        return false;
    return add_mailboxes(w, in, in->taken, "owner-mailbox", in->mailboxes, error) &&
           add_mailboxes(w, in, in->other, "other-mailbox", NULL, error) && add_our_mailboxes(w, in, error);
}

static char *because_party(struct world *w, const char *role, int64_t entity)
{
    g_autofree char *name = name_of(w, entity);

    if (strcmp(role, "project") == 0)
        return g_strdup_printf("on the project %s, whose owner was replaced", name);
    return g_strdup_printf("by or on the account %s, which the finding names", name);
}

static bool add_acts(struct world *w, struct incident *in, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "acts_of_parties", "ii", in->id, in->begin);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_autofree char *role = hc_col_dup(st, 1);
        g_autofree char *because = because_party(w, role, hc_col_int(st, 2));
        ok = add_to_scope(w, in, hc_col_int(st, 0), because, error); /* the first reason stays */
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* Records of one transaction that tell the same are one act here too. */
static bool same_act(const struct act *a, int64_t time, const struct act *b)
{
    return a->event && a->time == time && a->action == b->action && a->object == b->object &&
           a->version == b->version && a->file == b->file;
}

/* What else a party did, and what else was done to a project: sign-ins, addresses, tokens, releases, files. */
static bool add_own_events(struct world *w, struct incident *in, int64_t entity, int64_t from, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "own_events", "iiiiiii", in->id, entity, from,
                              (int64_t)HC_ACTION_PROJECT_CREATE, (int64_t)HC_ACTION_PUBLISHER_REMOVE,
                              (int64_t)HC_ACTION_MAIL_RECEIVED, (int64_t)HC_ACTION_CHAT_MESSAGE);
    g_auto(act_t) last = {0};
    int64_t id = 0;
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_auto(act_t) act = {0};
        g_autofree char *because = because_party(w, holds(in->projects, entity) ? "project" : "", entity);
        int64_t event = hc_col_int(st, 0);
        ok = act_from_event(w, &act, event, error) && act_unmask(w, &act, event, error);
        if (ok && act.actor != entity && act.object != entity) /* of another account that had the name */
            continue;
        if (act.action != HC_ACTION_AUDIT_OTHER)
            g_clear_pointer(&act.text, g_free);
        if (ok && !same_act(&last, act.time, &act)) {
            id = act_insert(w, &act, error);
            ok = id && add_to_scope(w, in, id, because, error);
            act_clear(&last);
            last = (struct act){.event = event,
                                .time = act.time,
                                .action = act.action,
                                .object = act.object,
                                .version = act.version,
                                .file = act.file};
        }
        ok = ok && attest_event(w, id, event, "record", error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool add_all_own_events(struct world *w, struct incident *in, GError **error)
{
    if (!add_own_events(w, in, in->other, in->begin, error) ||
        !add_own_events(w, in, in->taken, in->first, error))
        return false;
    for (guint i = 0; i < in->projects->len; i++)
        if (!add_own_events(w, in, g_array_index(in->projects, int64_t, i), in->first, error))
            return false;
    return true;
}

struct scoped {
    int64_t act, time, until, actor, target, object, event;
    enum hc_action action;
    const char *phase;
};

static bool is_statement(struct world *w, int64_t event)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "statement_about", "i", event);
    bool any = event && hc_step(st, NULL) == 1;

    hc_stmt_reset(st);
    return any;
}

static bool is_restoration(const struct scoped *s)
{
    return s->action == HC_ACTION_ACCOUNT_RESTORE;
}

/* `recovery` is when the first act of giving back happened; INT64_MAX when none did. */
static const char *phase_of(struct world *w, const struct incident *in, const struct scoped *s,
                            int64_t recovery)
{
    if (s->action == HC_ACTION_ACCOUNT_DELETE && s->target == in->taken)
        return "destruction";
    if (s->action == HC_ACTION_ACCOUNT_FREEZE || is_statement(w, s->event))
        return "containment";
    if (s->time < in->first)
        return "preparation";
    if (s->until <= in->last)
        return "takeover";
    if (s->time >= recovery)
        return "recovery";
    if (in->detected && s->action == HC_ACTION_MAIL_RECEIVED && s->time <= in->detected)
        return "detection";
    return "response";
}

/* Acts that differ only in their project are repeats of one another; NULL for what is never folded. */
static char *fold_key(const struct scoped *s)
{
    if (!s->object || s->action < HC_ACTION_ROLE_INVITE || s->action > HC_ACTION_PUBLISHER_REMOVE)
        return NULL;
    return g_strdup_printf("%s/%d/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, s->phase, (int)s->action, s->actor,
                           s->target);
}

struct fold {
    guint n, first; /* how many acts, and which is the first of them */
};

static GHashTable *count_folds(const GArray *all)
{
    GHashTable *folds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

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

static char *fold_of(GHashTable *folds, const struct scoped *s)
{
    g_autofree char *key = fold_key(s);
    const struct fold *fold = key ? g_hash_table_lookup(folds, key) : NULL;

    return fold && fold->n > 1
               ? g_strdup_printf("%s/%s/%u", s->phase, hc_action_name(s->action), fold->first + 1)
               : NULL;
}

static bool read_scope(struct world *w, const struct incident *in, GArray *all, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "scoped", "i", in->id);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct scoped s = {.act = hc_col_int(st, 0),
                           .action = (enum hc_action)hc_col_int(st, 1),
                           .until = hc_col_int(st, 3),
                           .actor = hc_col_int(st, 4),
                           .target = hc_col_int(st, 5),
                           .object = hc_col_int(st, 6),
                           .event = hc_col_int(st, 7)};
        s.time = hc_col_null(st, 2) ? s.until : hc_col_int(st, 2);
        g_array_append_val(all, s);
    }
    return rc == 0;
}

static bool set_phases(struct world *w, struct incident *in, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct scoped));
    g_autoptr(GHashTable) folds = NULL;
    int64_t recovery = INT64_MAX;
    bool ok = read_scope(w, in, all, error);

    for (guint i = 0; i < all->len; i++)
        if (is_restoration(&g_array_index(all, struct scoped, i)))
            recovery = MIN(recovery, g_array_index(all, struct scoped, i).time);
    for (guint i = 0; i < all->len; i++) {
        struct scoped *s = &g_array_index(all, struct scoped, i);
        s->phase = phase_of(w, in, s, recovery);
    }
    folds = count_folds(all);
    for (guint i = 0; ok && i < all->len; i++) {
        const struct scoped *s = &g_array_index(all, struct scoped, i);
        g_autofree char *fold = fold_of(folds, s);
        ok = hc_exec(hc_db_query(w->db, "correlate", "set_phase", "iitt", in->id, s->act, s->phase, fold),
                     error);
    }
    return ok;
}

static int64_t begin_of(struct world *w, const struct incident *in)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "creation_of", "iiii", (int64_t)HC_ACTION_ACCOUNT_CREATE,
                              in->other, in->first - PREPARATION, in->first);
    int64_t begin = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : in->first;

    hc_stmt_reset(st);
    return begin;
}

static void incident_clear(struct incident *in)
{
    g_array_unref(in->projects);
    g_array_unref(in->mailboxes);
    g_array_unref(in->ours);
    g_ptr_array_unref(in->names);
    g_free(in->kind);
}

static bool put_together(struct world *w, struct incident *in, GError **error)
{
    if (!hc_exec(hc_db_query(w->db, "correlate", "add_incident", "it", in->finding, in->kind),
                 error))
        return false;
    in->id = hc_db_last_id(w->db);
    if (!read_steps(w, in, error) || !add_parties(w, in, error))
        return false;
    in->begin = begin_of(w, in);
    return add_acts(w, in, error) && add_all_own_events(w, in, error) && scope_talk(w, in, error) &&
           set_phases(w, in, error);
}

bool pass_scope(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "findings_of_incidents");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct incident in = {
            .finding = hc_col_int(st, 0), .other = hc_col_int(st, 1), .taken = hc_col_int(st, 2)};
        in.kind = hc_col_dup(st, 3);
        in.projects = g_array_new(FALSE, TRUE, sizeof(int64_t));
        in.mailboxes = g_array_new(FALSE, TRUE, sizeof(int64_t));
        in.ours = g_array_new(FALSE, TRUE, sizeof(int64_t));
        in.names = g_ptr_array_new_with_free_func(g_free);
        ok = put_together(w, &in, error);
        incident_clear(&in);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}
