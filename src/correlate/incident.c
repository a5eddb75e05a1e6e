/* SPDX-License-Identifier: Apache-2.0 */
/* Findings and subjects to incidents: which findings are one, and which stay apart. */
#include "src/correlate/incident.h"

#include "src/base/text.h"

#define TAKEOVER "account-takeover"     /* the kind of incident whose end is told by its own acts */
#define ALL_TIME (INT64_MAX / 1024 - 1) /* farther from 1970 than any event is by its id */

bool holds(const GArray *ids, int64_t id)
{
    for (guint i = 0; i < ids->len; i++)
        if (g_array_index(ids, int64_t, i) == id)
            return true;
    return false;
}

void hold(GArray *ids, int64_t id)
{
    if (id && !holds(ids, id))
        g_array_append_val(ids, id);
}

static void accusation_clear(void *data)
{
    struct accusation *a = data;

    g_array_unref(a->projects);
    g_array_unref(a->acts);
    g_free(a->rule);
    g_free(a->kind);
    g_free(a->because);
}

static GArray *ids_new(void)
{
    return g_array_new(FALSE, TRUE, sizeof(int64_t));
}

static void incident_free(void *data)
{
    struct incident *in = data;
    GArray *arrays[] = {in->findings, in->others,    in->taken, in->subjects,
                        in->projects, in->mailboxes, in->ours,  in->addresses};

    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_array_unref(arrays[i]);
    g_ptr_array_unref(in->names);
    g_free(in);
}

static struct incident *incident_new(const char *kind)
{
    struct incident *in = g_new0(struct incident, 1);
    GArray **arrays[] = {&in->others,    &in->taken, &in->subjects, &in->projects,
                         &in->mailboxes, &in->ours,  &in->addresses};

    in->kind = kind;
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        *arrays[i] = ids_new();
    in->findings = g_array_new(FALSE, TRUE, sizeof(struct accusation));
    g_array_set_clear_func(in->findings, accusation_clear);
    in->names = g_ptr_array_new_with_free_func(g_free);
    return in;
}

/* ---- what findings say ---- */

static bool read_steps(struct world *w, struct accusation *a, GError **error)
{
    hc_stmt *st =
        hc_db_query(w->db, "scope", "accusation_steps", "ii", a->finding, (int64_t)HC_ENTITY_PROJECT);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t act = hc_col_int(st, 0), time = hc_col_int(st, 1), until = hc_col_int(st, 2);
        a->first = a->acts->len ? MIN(a->first, time) : time;
        a->last = a->acts->len ? MAX(a->last, until) : until;
        g_array_append_val(a->acts, act);
        if (hc_col_int(st, 4))
            hold(a->projects, hc_col_int(st, 3));
    }
    return rc == 0;
}

/* One whose acts are not known cannot be placed in time; one that accuses nobody and whose rule names no
 * incident opens none. */
static bool is_placed(const struct accusation *a)
{
    return a->acts->len && (a->kind || a->actor || a->target);
}

/* What the case file accepts opens no incident. */
static bool is_suppressed(struct world *w, hc_stmt *st)
{
    g_autofree char *rule = hc_col_dup(st, 4), *key = hc_col_dup(st, 7), *source = hc_col_dup(st, 9),
                    *actor = hc_col_dup(st, 10), *target = hc_col_dup(st, 11);
    char fingerprint[HC_SHA256_HEX];

    hc_case_fingerprint(key, (size_t)hc_col_int(st, 8), fingerprint);
    for (size_t i = 0; i < w->c->n_suppressions; i++)
        if (hc_case_suppresses(&w->c->suppressions[i], rule, source, actor, target, fingerprint))
            return true;
    return false;
}

static bool read_accusations(struct world *w, GArray *all, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "scope", "accusations");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        if (is_suppressed(w, st))
            continue;
        struct accusation a = {.finding = hc_col_int(st, 0),
                               .error = hc_col_int(st, 1),
                               .actor = canonical(w, hc_col_int(st, 2)),
                               .target = canonical(w, hc_col_int(st, 3)),
                               .rule = hc_col_dup(st, 4),
                               .kind = hc_col_dup(st, 5),
                               .possible = hc_col_int(st, 6),
                               .projects = ids_new(),
                               .acts = ids_new()};
        ok = read_steps(w, &a, error);
        if (ok && is_placed(&a))
            g_array_append_val(all, a);
        else
            accusation_clear(&a);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static int by_time(const void *x, const void *y)
{
    const struct accusation *a = x, *b = y;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->last != b->last)
        return a->last < b->last ? -1 : 1;
    return a->finding < b->finding ? -1 : a->finding > b->finding;
}

/* ---- which are one ---- */

struct last_seen {
    guint index;
    int64_t last;
};

struct groups {
    struct world *w;
    GArray *all;                            /* struct accusation, by time */
    guint *parent;                          /* the group of each; its root is its first finding */
    GHashTable *accounts, *acts, *projects; /* int64_t -> struct last_seen */
};

static guint root_of(const struct groups *g, guint i)
{
    while (g->parent[i] != i)
        i = g->parent[i];
    return i;
}

static void join(struct groups *g, guint a, guint b, char *because)
{
    guint x = root_of(g, a), y = root_of(g, b);
    struct accusation *later = &g_array_index(g->all, struct accusation, b);

    if (!later->because)
        later->because = g_steal_pointer(&because);
    g->parent[MAX(x, y)] = MIN(x, y);
    g_free(because);
}

static struct last_seen *seen(GHashTable *table, int64_t id, guint i, int64_t last)
{
    int64_t *key;
    struct last_seen *new;

    if (g_hash_table_contains(table, &id))
        return g_hash_table_lookup(table, &id);
    key = g_new(int64_t, 1);
    *key = id;
    new = g_new(struct last_seen, 1);
    *new = (struct last_seen){i, last};
    g_hash_table_insert(table, key, new);
    return NULL;
}

/* The same account, unless it is one of ours, or too long has passed. */
static void join_by_account(struct groups *g, guint i, int64_t account)
{
    const struct accusation *a = &g_array_index(g->all, struct accusation, i);
    struct last_seen *before = account ? seen(g->accounts, account, i, a->last) : NULL;

    if (!before || g_hash_table_contains(g->w->people, &account))
        return;
    if (a->first - before->last <= SAME_INCIDENT) {
        g_autofree char *name = name_of(g->w, account);
        join(g, before->index, i,
             g_strdup_printf("it is about %s, as is a finding not more than 30 days before", name));
    }
    *before = (struct last_seen){i, MAX(before->last, a->last)};
}

static void join_by_acts(struct groups *g, guint i)
{
    const struct accusation *a = &g_array_index(g->all, struct accusation, i);

    for (guint j = 0; j < a->acts->len; j++) {
        const struct last_seen *before = seen(g->acts, g_array_index(a->acts, int64_t, j), i, a->last);
        if (before && before->index != i)
            join(g, before->index, i, g_strdup("one act is in both findings"));
    }
}

/* Who did it and to whom is not known: then the project says where it belongs. */
static void join_by_project(struct groups *g, guint i)
{
    const struct accusation *a = &g_array_index(g->all, struct accusation, i);

    for (guint j = 0; j < g->all->len; j++) {
        const struct accusation *o = &g_array_index(g->all, struct accusation, j);
        if (i == j || o->first - NEAR_INCIDENT > a->last || a->first > o->last + NEAR_INCIDENT ||
            (!o->actor && !o->target && j > i))
            continue;
        for (guint k = 0; k < a->projects->len; k++)
            if (holds(o->projects, g_array_index(a->projects, int64_t, k))) {
                g_autofree char *name = name_of(g->w, g_array_index(a->projects, int64_t, k));
                join(g, j, i,
                     g_strdup_printf("it names no account, and is on the project %s at that time", name));
                return;
            }
    }
}

static void join_all(struct groups *g)
{
    for (guint i = 0; i < g->all->len; i++) {
        const struct accusation *a = &g_array_index(g->all, struct accusation, i);
        join_by_account(g, i, a->actor);
        join_by_account(g, i, a->target);
        join_by_acts(g, i);
    }
    for (guint i = 0; i < g->all->len; i++) {
        const struct accusation *a = &g_array_index(g->all, struct accusation, i);
        if (!a->actor && !a->target)
            join_by_project(g, i);
    }
}

/* A takeover is told before what else was found, an error before a warning, what is certain before what is
 * possible, ... */
static int weight(const struct accusation *a)
{
    return 4 * (g_strcmp0(a->kind, TAKEOVER) == 0) + 2 * a->error + !a->possible;
}

/* ... and what says more before a part of it. */
static bool tells_better(const struct accusation *a, const struct accusation *b)
{
    if (weight(a) != weight(b))
        return weight(a) > weight(b);
    return a->acts->len > b->acts->len;
}

/* The findings of a group become one incident: they move out of the list, the one that tells it best
 * first. */
static struct incident *incident_of(struct groups *g, guint root)
{
    struct incident *in = incident_new("finding");
    guint best = root;

    for (guint i = root; i < g->all->len; i++)
        if (root_of(g, i) == root && tells_better(&g_array_index(g->all, struct accusation, i),
                                                  &g_array_index(g->all, struct accusation, best)))
            best = i;
    g_array_append_val(in->findings, g_array_index(g->all, struct accusation, best));
    for (guint i = root; i < g->all->len; i++)
        if (i != best && root_of(g, i) == root)
            g_array_append_val(in->findings, g_array_index(g->all, struct accusation, i));
    return in;
}

static void sum_up(struct incident *in)
{
    for (guint i = 0; i < in->findings->len; i++) {
        struct accusation *a = &g_array_index(in->findings, struct accusation, i);
        in->first = i ? MIN(in->first, a->first) : a->first;
        in->last = i ? MAX(in->last, a->last) : a->last;
        if (!a->because)
            a->because = g_strdup("at warning or above");
        /* the first finding decides: one who suffered is no accused for what is then done in his name, nor
         * the other way round */
        if (!holds(in->others, a->target))
            hold(in->taken, a->target);
        if (!holds(in->taken, a->actor))
            hold(in->others, a->actor);
        for (guint k = 0; k < a->projects->len; k++)
            hold(in->projects, g_array_index(a->projects, int64_t, k));
    }
    in->finding = g_array_index(in->findings, struct accusation, 0).finding;
    in->kind = g_array_index(in->findings, struct accusation, 0).kind;
    in->kind = in->kind ? in->kind : "finding";
    in->takeover = strcmp(in->kind, TAKEOVER) == 0;
}

static void groups_to_incidents(struct groups *g, GPtrArray *incidents)
{
    for (guint i = 0; i < g->all->len; i++)
        if (root_of(g, i) == i)
            g_ptr_array_add(incidents, incident_of(g, i));
    g_array_set_clear_func(g->all, NULL); /* they are the incidents' now */
    for (guint i = 0; i < incidents->len; i++)
        sum_up(incidents->pdata[i]);
}

static GHashTable *table_new(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

static bool from_findings(struct world *w, GPtrArray *incidents, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct accusation));
    g_autoptr(GHashTable) accounts = table_new(), acts = table_new(), projects = table_new();
    g_autofree guint *parent = NULL;
    struct groups g = {w, all, NULL, accounts, acts, projects};

    g_array_set_clear_func(all, accusation_clear);
    if (!read_accusations(w, all, error))
        return false;
    g_array_sort(all, by_time);
    g.parent = parent = g_new(guint, all->len + 1);
    for (guint i = 0; i < all->len; i++)
        parent[i] = i;
    join_all(&g);
    groups_to_incidents(&g, incidents);
    return true;
}

/* ---- what case.yaml names ---- */

/* What a name in case.yaml may stand for, in this order; the first kind that knows it counts. */
static const enum hc_entity_kind nameable[] = {HC_ENTITY_ACCOUNT, HC_ENTITY_PROJECT, HC_ENTITY_MAILBOX,
                                               HC_ENTITY_ADDRESS};

static bool find_named(struct world *w, const char *name, size_t kinds, GArray *out, GError **error)
{
    g_autofree char *key = hc_text_fold(hc_str(name));
    int rc = 0;

    for (size_t i = 0; rc == 0 && !out->len && i < kinds; i++) {
        hc_stmt *st = hc_db_query(w->db, "scope", "called_so", "ti", key, (int64_t)nameable[i]);
        while ((rc = hc_step(st, error)) == 1)
            hold(out, canonical(w, hc_col_int(st, 0)));
    }
    return rc == 0;
}

static bool is_party(const struct incident *in, int64_t entity)
{
    return holds(in->others, entity) || holds(in->taken, entity) || holds(in->projects, entity) ||
           holds(in->subjects, entity);
}

static bool is_party_of_any(const GPtrArray *incidents, int64_t entity)
{
    for (guint i = 0; i < incidents->len; i++)
        if (is_party(incidents->pdata[i], entity))
            return true;
    return false;
}

/* An account of this role that is the other in any incident changes sides; one that is none is a subject. */
static bool take_role(struct world *w, GPtrArray *incidents, char **names, bool accused, GArray *subjects,
                      GError **error)
{
    for (char **name = names; *name; name++) {
        g_autoptr(GArray) found = ids_new();
        if (!find_named(w, *name, 1, found, error))
            return false;
        for (guint k = 0; k < found->len; k++) {
            int64_t account = g_array_index(found, int64_t, k);
            for (guint i = 0; i < incidents->len; i++) {
                struct incident *in = incidents->pdata[i];
                GArray *to = accused ? in->others : in->taken, *from = accused ? in->taken : in->others;
                for (guint j = from->len; j-- > 0;)
                    if (g_array_index(from, int64_t, j) == account) {
                        g_array_remove_index(from, j);
                        hold(to, account);
                    }
            }
            if (!is_party_of_any(incidents, account))
                hold(subjects, account);
        }
    }
    return true;
}

/* All that is named and in no incident is one: they are the subjects of one case. */
static bool from_subjects(struct world *w, GPtrArray *incidents, GError **error)
{
    struct incident *in = incident_new("subject");
    bool ok = take_role(w, incidents, w->c->attackers, true, in->subjects, error) &&
              take_role(w, incidents, w->c->victims, false, in->subjects, error);

    for (char **name = w->c->subjects; ok && *name; name++) {
        g_autoptr(GArray) found = ids_new();
        ok = find_named(w, *name, G_N_ELEMENTS(nameable), found, error);
        for (guint k = 0; k < found->len; k++)
            if (!is_party_of_any(incidents, g_array_index(found, int64_t, k)))
                hold(in->subjects, g_array_index(found, int64_t, k));
    }
    in->first = w->c->has_window ? w->c->window_from : -ALL_TIME;
    in->last = w->c->has_window ? w->c->window_to : ALL_TIME;
    if (ok && in->subjects->len)
        g_ptr_array_add(incidents, in);
    else
        incident_free(in);
    return ok;
}

/* ---- in order ---- */

static int by_begin(const void *x, const void *y)
{
    const struct incident *a = *(const struct incident *const *)x, *b = *(const struct incident *const *)y;

    if (!a->finding != !b->finding) /* what is accused goes before what is only named */
        return a->finding ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->last < b->last ? -1 : a->last > b->last;
}

/* Accounts made for it: not longer before than a day, or than the incident took. */
static int64_t begin_of(struct world *w, const struct incident *in)
{
    int64_t since = in->first - MAX(NEAR_INCIDENT, in->last - in->first), begin = in->first;

    for (guint i = 0; i < in->others->len; i++) {
        hc_stmt *st =
            hc_db_query(w->db, "correlate", "creation_of", "iiii", (int64_t)HC_ACTION_ACCOUNT_CREATE,
                        g_array_index(in->others, int64_t, i), since, in->first);
        begin = hc_step(st, NULL) == 1 ? MIN(begin, hc_col_int(st, 0)) : begin;
        hc_stmt_reset(st);
    }
    return begin;
}

static bool share_account(const struct incident *a, const struct incident *b)
{
    for (guint i = 0; i < a->others->len; i++)
        if (is_party(b, g_array_index(a->others, int64_t, i)))
            return true;
    for (guint i = 0; i < a->taken->len; i++)
        if (is_party(b, g_array_index(a->taken, int64_t, i)))
            return true;
    return false;
}

/* Where an account comes back in a later incident, what happens from then on belongs to that one. */
static void set_ends(const GPtrArray *incidents)
{
    for (guint i = 0; i < incidents->len; i++) {
        struct incident *in = incidents->pdata[i];
        in->end = !in->finding ? in->last + 1 : !in->takeover ? in->last + AFTERMATH : INT64_MAX;
        for (guint j = i + 1; in->finding && j < incidents->len; j++) {
            const struct incident *o = incidents->pdata[j];
            if (o->finding && o->first > in->last && share_account(in, o))
                in->end = MIN(in->end, o->begin);
        }
    }
}

GPtrArray *incidents_of_case(struct world *w, GError **error)
{
    g_autoptr(GPtrArray) incidents = g_ptr_array_new_with_free_func(incident_free);

    if (!from_findings(w, incidents, error) || !from_subjects(w, incidents, error))
        return NULL;
    g_ptr_array_sort(incidents, by_begin);
    for (guint i = 0; i < incidents->len; i++)
        ((struct incident *)incidents->pdata[i])->begin = begin_of(w, incidents->pdata[i]);
    set_ends(incidents);
    return g_steal_pointer(&incidents);
}
