/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to an incident, and why. */
#include "src/correlate/chat.h"
#include "src/correlate/letters.h"

#include "src/base/text.h"

bool add_to_scope(struct world *w, const struct incident *in, int64_t act, const char *because,
                  GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_scope", "iit", in->id, act, because), error);
}

static char *because_party(struct world *w, const struct incident *in, const char *role, int64_t entity)
{
    g_autofree char *name = name_of(w, entity);

    if (strcmp(role, "subject") == 0)
        return g_strdup_printf("by, on or from %s, which case.yaml names", name);
    if (strcmp(role, "project") != 0)
        return g_strdup_printf("by or on the account %s, which the finding names", name);
    return g_strdup_printf(in->takeover ? "on the project %s, whose owner was replaced"
                                        : "on the project %s, which an act of the finding is on",
                           name);
}

static bool add_acts(struct world *w, struct incident *in, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "acts_of_parties", "iii", in->id, in->begin, in->end);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_autofree char *role = hc_col_dup(st, 1);
        g_autofree char *because = because_party(w, in, role, hc_col_int(st, 2));
        ok = add_to_scope(w, in, hc_col_int(st, 0), because, error); /* the first reason stays */
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* Steps that name no party: a sign-in that failed, an act by nobody known. */
static bool add_steps(struct world *w, struct incident *in, GError **error)
{
    for (guint i = 0; i < in->findings->len; i++) {
        const struct accusation *a = &g_array_index(in->findings, struct accusation, i);
        g_autofree char *because = g_strdup_printf("a step of a finding of %s", a->rule);
        for (guint j = 0; j < a->acts->len; j++)
            if (!add_to_scope(w, in, g_array_index(a->acts, int64_t, j), because, error))
                return false;
    }
    return true;
}

/* Records of one transaction that tell the same are one act here too. */
static bool same_act(const struct act *a, int64_t time, const struct act *b)
{
    return a->event && a->time == time && a->action == b->action && a->object == b->object &&
           a->version == b->version && a->file == b->file;
}

int64_t act_of_event(struct world *w, int64_t event)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "act_of_event", "i", event);
    int64_t act = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return act;
}

bool scope_event(struct world *w, const struct incident *in, struct act *act, int64_t event,
                 const char *because, GError **error)
{
    int64_t known = act_of_event(w, event), id = known ? known : act_insert(w, act, error);

    return id && (known || attest_event(w, id, event, "record", error)) &&
           add_to_scope(w, in, id, because, error);
}

static bool is_on(const struct act *act, int64_t entity)
{
    return act->actor == entity || act->object == entity || act->target == entity || act->address == entity;
}

/* Each row of `st` begins with an event; those that tell the same act stand one behind the other. */
static bool add_events(struct world *w, struct incident *in, hc_stmt *st, int64_t entity, const char *because,
                       GError **error)
{
    g_auto(act_t) last = {0};
    int64_t id = 0;
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_auto(act_t) act = {0};
        int64_t event = hc_col_int(st, 0), known = act_of_event(w, event);
        if (known) {
            ok = add_to_scope(w, in, known, because, error);
            continue;
        }
        ok = act_from_event(w, &act, event, error) && act_unmask(w, &act, event, error);
        if (ok && entity && !is_on(&act, entity)) /* of another account that had the name */
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

/* What else a party did, and what else was done to a project: sign-ins, addresses, tokens, releases,
 * files. */
static bool add_own_events(struct world *w, struct incident *in, const char *role, int64_t entity,
                           int64_t from, GError **error)
{
    g_autofree char *because = because_party(w, in, role, entity);

    return add_events(w, in,
                      hc_db_query(w->db, "scope", "own_events", "iiiiiii", entity, from,
                                  (int64_t)HC_ACTION_PROJECT_CREATE, (int64_t)HC_ACTION_PUBLISHER_REMOVE,
                                  (int64_t)HC_ACTION_MAIL_RECEIVED, (int64_t)HC_ACTION_CHAT_MESSAGE, in->end),
                      entity, because, error);
}

static bool add_all_own_events(struct world *w, struct incident *in, GError **error)
{
    const struct {
        const GArray *entities;
        const char *role;
        int64_t from;
    } all[] = {{in->others, "other", in->begin},
               {in->taken, "taken", in->first},
               {in->projects, "project", in->first}};

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        for (guint k = 0; k < all[i].entities->len; k++)
            if (!add_own_events(w, in, all[i].role, g_array_index(all[i].entities, int64_t, k), all[i].from,
                                error))
                return false;
    return true;
}

static bool add_subject_events(struct world *w, struct incident *in, GError **error)
{
    for (guint i = 0; i < in->subjects->len; i++) {
        int64_t subject = g_array_index(in->subjects, int64_t, i);
        g_autofree char *because = because_party(w, in, "subject", subject);
        if (!add_events(w, in,
                        hc_db_query(w->db, "scope", "subject_events", "iii", subject, in->begin, in->end),
                        subject, because, error))
            return false;
    }
    return true;
}

bool scope_neighbours(struct world *w, struct incident *in, GError **error)
{
    for (guint i = 0; i < in->addresses->len; i++) {
        int64_t address = g_array_index(in->addresses, int64_t, i);
        g_autofree char *name = name_of(w, address);
        g_autofree char *because = g_strdup_printf(
            "from the network address %s, from which acts of the finding came, within a day of them", name);
        if (!add_events(w, in,
                        hc_db_query(w->db, "scope", "events_from", "iii", address, in->begin - NEAR_INCIDENT,
                                    MIN(in->last + NEAR_INCIDENT, in->end - 1)),
                        0, because, error))
            return false;
    }
    return true;
}

static bool insert(struct world *w, struct incident *in, const GPtrArray *all, GError **error)
{
    if (!hc_exec(hc_db_query(w->db, "scope", "add_incident", "nt", in->finding, in->kind), error))
        return false;
    in->id = hc_db_last_id(w->db);
    for (guint i = 0; i < in->findings->len; i++) {
        const struct accusation *a = &g_array_index(in->findings, struct accusation, i);
        if (!hc_exec(
                hc_db_query(w->db, "scope", "add_incident_finding", "iit", in->id, a->finding, a->because),
                error))
            return false;
    }
    return scope_parties(w, in, error) && scope_addresses(w, in, all, error);
}

static bool fill(struct world *w, struct incident *in, GError **error)
{
    return add_acts(w, in, error) && add_steps(w, in, error) && add_all_own_events(w, in, error) &&
           add_subject_events(w, in, error) && scope_neighbours(w, in, error) && scope_talk(w, in, error);
}

bool pass_scope(struct world *w, GError **error)
{
    g_autoptr(GPtrArray) all = incidents_of_case(w, error);
    g_autoptr(mentions_t) mentions = NULL;
    g_autoptr(chat_t) chat = NULL;
    g_autoptr(letters_t) letters = NULL;
    bool ok = all != NULL;

    for (guint i = 0; ok && i < all->len; i++)
        ok = insert(w, all->pdata[i], all, error);
    mentions = ok ? mentions_new(all) : NULL;
    chat = ok ? chat_read(w, all, mentions, error) : NULL;
    ok = chat != NULL;
    letters = ok ? letters_new(w, all, mentions) : NULL;
    for (guint i = 0; ok && i < all->len; i++) {
        ((struct incident *)all->pdata[i])->mentions = mentions;
        ((struct incident *)all->pdata[i])->chat = chat;
        ((struct incident *)all->pdata[i])->letters = letters;
        ok = fill(w, all->pdata[i], error);
    }
    for (guint i = 0; ok && i < all->len; i++)
        ok = scope_audit(w, all->pdata[i], all, error) && scope_responders(w, all->pdata[i], error) &&
             scope_phases(w, all->pdata[i], all->len > 1, error);
    return ok;
}
