/* SPDX-License-Identifier: Apache-2.0 */
/* The figure of an incident, from the same acts as its words. */
#include "src/narrate/blocks.h"

#include "src/base/words.h"

#define PEOPLE_MAX 16

struct scene {
    struct prose *p;
    struct hc_figure *f;
    int owner, others; /* lanes; -1: there is none. `others`: accounts that are no party */
    int people[PEOPLE_MAX];
};

/* The lane of an account; -1: it has none. */
static int account_lane(const struct scene *s, const char *name)
{
    const GPtrArray *sides[] = {s->p->m->other, s->p->m->taken};
    int lane = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++)
        for (guint k = 0; k < sides[i]->len; k++, lane++)
            if (g_strcmp0(sides[i]->pdata[k], name) == 0)
                return lane;
    return -1;
}

static void mark(struct scene *s, int lane, enum hc_mark_kind kind, int side, const struct m_act *a,
                 const char *label)
{
    g_autofree char *title = act_sentence(s->p, a, false);
    /* what is read stands where it was read; a bound is shown by its end, a short interval as it is */
    int64_t latest = a->inferred ? a->until : a->time;
    int64_t earliest = latest - a->time >= HC_BY_FROM ? latest : a->time;
    struct hc_figure_mark m = {lane, kind, earliest, latest, side, (char *)label, title};

    if (lane >= 0)
        hc_figure_mark(s->f, &m);
}

static void bar(struct scene *s, int lane, enum hc_bar_kind kind, const int64_t *from, const int64_t *to)
{
    struct hc_figure_bar b = {.lane = lane,
                              .kind = kind,
                              .from = from ? *from : 0,
                              .to = to ? *to : 0,
                              .open_from = !from,
                              .open_to = !to};

    hc_figure_bar(s->f, &b);
}

/* The first act of this kind on an account. */
static const struct m_act *of_account(const struct scene *s, enum hc_action action, const char *phase,
                                      const char *name)
{
    for (guint i = 0; i < s->p->m->acts->len; i++) {
        const struct m_act *a = s->p->m->acts->pdata[i];
        if (a->action == action && strcmp(a->phase, phase) == 0 && g_strcmp0(a->target, name) == 0)
            return a;
    }
    return NULL;
}

static void draw_other(struct scene *s, const char *name)
{
    const struct m_act *create = of_account(s, HC_ACTION_ACCOUNT_CREATE, "preparation", name),
                       *freeze = of_account(s, HC_ACTION_ACCOUNT_FREEZE, "containment", name);
    int lane = account_lane(s, name);
    g_autofree char *clock = freeze ? clock_of(freeze->until) : NULL;
    const char *const pairs[] = {"clock", clock, NULL};
    g_autofree char *label = freeze ? hc_words_fill(phrase(s->p, "figure.frozen"), pairs) : NULL;

    bar(s, lane, HC_BAR_OTHER, create ? &create->time : NULL, freeze ? &freeze->until : NULL);
    if (create)
        mark(s, lane, HC_MARK_CREATE, HC_SIDE_OTHER, create, phrase(s->p, "figure.registered"));
    if (!freeze)
        return;
    bar(s, lane, HC_BAR_FROZEN, &freeze->until, NULL);
    mark(s, lane, HC_MARK_FREEZE, HC_SIDE_ADMINS, freeze, label);
}

static void draw_taken(struct scene *s, const char *name)
{
    const struct m_act *deleted = of_account(s, HC_ACTION_ACCOUNT_DELETE, "destruction", name),
                       *restored = of_account(s, HC_ACTION_ACCOUNT_RESTORE, "recovery", name);
    int lane = account_lane(s, name);

    if (!deleted) {
        bar(s, lane, HC_BAR_OWN, NULL, NULL);
        return;
    }
    bar(s, lane, HC_BAR_LOST, NULL, &deleted->until);
    bar(s, lane, HC_BAR_OWN, NULL, &deleted->time);
    if (deleted->time < deleted->until)
        bar(s, lane, HC_BAR_UNCERTAIN, &deleted->time, &deleted->until);
    bar(s, lane, HC_BAR_GONE, &deleted->until, restored ? &restored->time : NULL);
    mark(s, lane, HC_MARK_DELETE, HC_SIDE_OTHER, deleted, NULL);
    if (!restored)
        return;
    bar(s, lane, HC_BAR_OWN, &restored->time, NULL);
    mark(s, lane, HC_MARK_RESTORE, HC_SIDE_ADMINS, restored, phrase(s->p, "figure.restored"));
}

static const struct m_act *of_project(const struct scene *s, enum hc_action action, const char *phase,
                                      const char *project)
{
    for (guint i = 0; i < s->p->m->acts->len; i++) {
        const struct m_act *a = s->p->m->acts->pdata[i];
        if (a->action == action && strcmp(a->phase, phase) == 0 && g_strcmp0(a->object, project) == 0)
            return a;
    }
    return NULL;
}

static void draw_project(struct scene *s, const char *project)
{
    int lane = hc_figure_lane(s->f, HC_LANE_PROJECTS, project);
    const struct m_act *invite = of_project(s, HC_ACTION_ROLE_INVITE, "takeover", project);
    const struct m_act *accept = of_project(s, HC_ACTION_ROLE_ACCEPT, "takeover", project);
    const struct m_act *removal = of_project(s, HC_ACTION_ROLE_REMOVE, "takeover", project);
    const struct m_act *back = of_project(s, HC_ACTION_ROLE_ADD, "recovery", project);

    if (!accept || !removal)
        return;
    bar(s, lane, HC_BAR_OWN, NULL, &accept->time);
    bar(s, lane, HC_BAR_BOTH, &accept->time, &removal->time);
    bar(s, lane, HC_BAR_OTHER, &removal->time, back ? &back->time : NULL);
    if (invite) {
        mark(s, lane, HC_MARK_INVITE, HC_SIDE_OTHER, invite, NULL);
        mark(s, account_lane(s, invite->actor), HC_MARK_INVITE, HC_SIDE_OTHER, invite, NULL);
        hc_figure_link(s->f, lane, invite->time, accept->time);
    }
    mark(s, lane, HC_MARK_ACCEPT, HC_SIDE_OTHER, accept, NULL);
    mark(s, lane, HC_MARK_REMOVE, HC_SIDE_OTHER, removal, NULL);
    if (back) {
        bar(s, lane, HC_BAR_OWN, &back->time, NULL);
        mark(s, lane, HC_MARK_ROLE_BACK, HC_SIDE_ADMINS, back, NULL);
    }
}

static int person_lane(const struct scene *s, const char *name)
{
    for (guint i = 0; name && i < s->p->m->responders->len && i < PEOPLE_MAX; i++)
        if (g_strcmp0(s->p->m->responders->pdata[i], name) == 0)
            return s->people[i];
    return -1;
}

static void draw_people(struct scene *s)
{
    const struct model *m = s->p->m;

    for (guint i = 0; i < m->notices->len; i++) {
        const struct m_notice *n = &g_array_index(m->notices, struct m_notice, i);
        struct hc_figure_mark notice = {s->owner,    HC_MARK_NOTICE, n->delivered, n->delivered,
                                        HC_SIDE_OWN, NULL,           n->subject};
        if (s->owner >= 0 && g_strcmp0(n->role, "owner-mailbox") == 0 && n->delivered)
            hc_figure_mark(s->f, &notice);
    }
    for (guint i = 0; i < m->acts->len; i++) {
        const struct m_act *a = m->acts->pdata[i];
        if (a->action == HC_ACTION_MAIL_RECEIVED && a->actor &&
            g_ptr_array_find_with_equal_func(m->mailboxes, a->actor, g_str_equal, NULL))
            mark(s, s->owner, HC_MARK_MAIL, HC_SIDE_OWN, a, NULL);
        else if (a->action == HC_ACTION_MAIL_SENT)
            mark(s, person_lane(s, a->actor), HC_MARK_MAIL, HC_SIDE_ADMINS, a, NULL);
        else if (a->action == HC_ACTION_CHAT_MESSAGE || a->action == HC_ACTION_TICKET_MESSAGE)
            mark(s, person_lane(s, a->actor), HC_MARK_CHAT, HC_SIDE_ADMINS, a, NULL);
        else if (a->action == HC_ACTION_AUDIT_OTHER || a->action == HC_ACTION_ACCOUNT_RESTORE)
            mark(s, person_lane(s, a->actor), HC_MARK_AUDIT, HC_SIDE_ADMINS, a, NULL);
    }
}

static void draw_phases(struct scene *s)
{
    static const char *const names[] = {"preparation", "takeover", "destruction",
                                        "detection",   "response", "recovery"};

    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++) {
        g_autofree char *key = g_strdup_printf("figure.phase.%s", names[i]);
        int64_t from = INT64_MAX, to = INT64_MIN;
        for (guint j = 0; j < s->p->m->acts->len; j++) {
            const struct m_act *a = s->p->m->acts->pdata[j];
            if (strcmp(a->phase, names[i]) != 0)
                continue;
            from = MIN(from, a->time);
            to = MAX(to, a->inferred ? a->until : a->time);
        }
        if (from <= to)
            hc_figure_phase(s->f, phrase(s->p, key), i, from, to);
    }
}

/* One sentence for each kind of act, in order: what somebody hears who cannot see the figure. */
static char *describe(struct prose *p)
{
    g_autoptr(GPtrArray) acts = acts_for_readers(p);
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < acts->len; i++) {
        const struct m_act *a = acts->pdata[i];
        g_autofree char *sentence = NULL, *when = NULL;
        if (a->action == HC_ACTION_CHAT_MESSAGE || a->action == HC_ACTION_TICKET_MESSAGE ||
            a->action == HC_ACTION_AUDIT_OTHER)
            continue;
        if (a->fold && !g_hash_table_add(told, a->fold))
            continue;
        sentence = act_sentence(p, a, false);
        when = when_phrase(p, a, first_day(p));
        g_string_append_printf(out, "%s%s: %s", out->len ? " " : "", when, sentence);
    }
    return g_string_free(out, FALSE);
}

/* --- what rules found, by the kinds of its acts --- */

/* An act without any time is in the list only. */
static bool is_dated(const struct m_act *a)
{
    return a->has_time || a->until;
}

static enum hc_mark_kind kind_of(enum hc_action action)
{
    switch (action) {
    case HC_ACTION_ACCOUNT_CREATE:
        return HC_MARK_CREATE;
    case HC_ACTION_ROLE_INVITE:
        return HC_MARK_INVITE;
    case HC_ACTION_ROLE_ACCEPT:
        return HC_MARK_ACCEPT;
    case HC_ACTION_ROLE_REMOVE:
        return HC_MARK_REMOVE;
    case HC_ACTION_ACCOUNT_DELETE:
        return HC_MARK_DELETE;
    case HC_ACTION_ACCOUNT_FREEZE:
        return HC_MARK_FREEZE;
    case HC_ACTION_ACCOUNT_RESTORE:
        return HC_MARK_RESTORE;
    default:
        return HC_MARK_ACT;
    }
}

static bool is_talk(enum hc_action action)
{
    return (action >= HC_ACTION_MAIL_RECEIVED && action <= HC_ACTION_MAIL_REJECTED) ||
           action == HC_ACTION_CHAT_MESSAGE || action == HC_ACTION_TICKET_MESSAGE;
}

/* The project of "PROJECT/VERSION" too; -1: none of those that have a lane. */
static int project_lane(const struct scene *s, const char *object)
{
    const struct model *m = s->p->m;

    for (guint i = 0; object && i < m->projects->len; i++) {
        size_t n = strlen(m->projects->pdata[i]);
        if (strncmp(object, m->projects->pdata[i], n) == 0 && (!object[n] || object[n] == '/'))
            return (int)(m->other->len + m->taken->len + i);
    }
    return -1;
}

static bool is_among(const GPtrArray *names, const char *name)
{
    return name && g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

/* On the project that it is on, else on the account that it is about; -1: none of those with a lane. */
static int lane_of(const struct scene *s, const struct m_act *a)
{
    int lane = project_lane(s, a->object);

    lane = lane < 0 ? account_lane(s, a->target) : lane;
    return lane < 0 ? account_lane(s, a->actor) : lane;
}

static bool is_drawn(const struct m_act *a)
{
    return is_dated(a) && !is_talk(a->action) && a->action != HC_ACTION_AUDIT_OTHER;
}

/* On an account that is no party: one of many that somebody tried to sign in to. */
static bool is_on_another(const struct scene *s, const struct m_act *a)
{
    return is_drawn(a) && a->target && lane_of(s, a) < 0 && !is_responder(s->p->m, a->actor);
}

static bool any_on_another(const struct scene *s)
{
    for (guint i = 0; i < s->p->m->acts->len; i++)
        if (is_on_another(s, s->p->m->acts->pdata[i]))
            return true;
    return false;
}

static void draw_act(struct scene *s, const struct m_act *a)
{
    const struct model *m = s->p->m;
    g_autofree char *key = g_strconcat("figure.act.", hc_action_name(a->action), NULL);
    int side = is_responder(m, a->actor)      ? HC_SIDE_ADMINS
               : is_among(m->other, a->actor) ? HC_SIDE_OTHER
                                              : HC_SIDE_OWN;

    int lane = is_on_another(s, a) ? s->others : lane_of(s, a);

    if (!is_drawn(a))
        return;
    mark(s, lane, kind_of(a->action), side, a, phrase_if(s->p, key));
    if (project_lane(s, a->object) >= 0)
        mark(s, account_lane(s, a->actor), kind_of(a->action), side, a, NULL);
}

/* From when the accused are known to be there to when they were stopped; those who suffered until they were
 * deleted. */
static void draw_accounts(struct scene *s)
{
    const struct model *m = s->p->m;

    for (guint i = 0; i < m->acts->len; i++) {
        const struct m_act *a = m->acts->pdata[i];
        int lane = account_lane(s, a->target ? a->target : a->actor);
        bool accused = lane >= 0 && lane < (int)m->other->len;
        if (lane < 0 || !is_dated(a))
            continue;
        if (a->action == HC_ACTION_ACCOUNT_FREEZE)
            bar(s, lane, HC_BAR_FROZEN, &a->until, NULL);
        else if (a->action == HC_ACTION_ACCOUNT_DELETE)
            bar(s, lane, HC_BAR_GONE, &a->until, NULL);
        else if (a->action == HC_ACTION_ACCOUNT_CREATE)
            bar(s, lane, accused ? HC_BAR_OTHER : HC_BAR_OWN, &a->time, NULL);
    }
}

static bool any_mail_of_owner(const struct model *m)
{
    for (guint i = 0; i < m->notices->len; i++) {
        const struct m_notice *n = &g_array_index(m->notices, struct m_notice, i);
        if (g_strcmp0(n->role, "owner-mailbox") == 0 && n->delivered)
            return true;
    }
    for (guint i = 0; i < m->acts->len; i++) {
        const struct m_act *a = m->acts->pdata[i];
        if (a->action == HC_ACTION_MAIL_RECEIVED && is_among(m->mailboxes, a->actor))
            return true;
    }
    return false;
}

static void add_names(struct scene *s, enum hc_lane_group group, const GPtrArray *names)
{
    for (guint i = 0; i < names->len; i++)
        hc_figure_lane(s->f, group, names->pdata[i]);
}

static void draw_found(struct scene *s)
{
    const struct model *m = s->p->m;

    add_names(s, HC_LANE_PROJECTS, m->projects);
    if (any_on_another(s))
        s->others = hc_figure_lane(s->f, HC_LANE_ACCOUNTS, phrase(s->p, "figure.others"));
    if (any_mail_of_owner(m))
        s->owner = hc_figure_lane(s->f, HC_LANE_PEOPLE, phrase(s->p, "figure.owner"));
    for (guint i = 0; i < m->responders->len && i < PEOPLE_MAX; i++)
        s->people[i] = hc_figure_lane(s->f, HC_LANE_PEOPLE, m->responders->pdata[i]);
    draw_accounts(s);
    for (guint i = 0; i < m->acts->len; i++)
        draw_act(s, m->acts->pdata[i]);
    if (s->owner >= 0 || m->responders->len)
        draw_people(s);
}

static void draw_takeover(struct scene *s)
{
    const struct model *m = s->p->m;

    s->owner = hc_figure_lane(s->f, HC_LANE_PEOPLE, phrase(s->p, "figure.owner"));
    for (guint i = 0; i < m->responders->len && i < PEOPLE_MAX; i++)
        s->people[i] = hc_figure_lane(s->f, HC_LANE_PEOPLE, m->responders->pdata[i]);
    draw_phases(s);
    for (guint i = 0; i < m->other->len; i++)
        draw_other(s, m->other->pdata[i]);
    for (guint i = 0; i < m->taken->len; i++)
        draw_taken(s, m->taken->pdata[i]);
    for (guint i = 0; i < m->projects->len; i++)
        draw_project(s, m->projects->pdata[i]);
    draw_people(s);
}

/* One act, or acts on nothing that has a lane, need no drawing. */
bool has_figure(const struct prose *p)
{
    const struct scene s = {.p = (struct prose *)p};
    guint n = 0;

    for (guint i = 0; p->m->style == M_FINDING && i < p->m->acts->len; i++) {
        const struct m_act *a = p->m->acts->pdata[i];
        n += is_drawn(a) && (lane_of(&s, a) >= 0 || is_on_another(&s, a));
    }
    return p->m->style == M_TAKEOVER || n > 1;
}

struct hc_figure *figure_of(struct prose *p)
{
    struct scene s = {.p = p, .f = has_figure(p) ? hc_figure_new() : NULL, .owner = -1, .others = -1};
    const struct model *m = p->m;
    g_autofree char *title = NULL, *text = NULL;

    if (!s.f)
        return NULL;
    title = say(p, m->style == M_TAKEOVER ? "figure.title" : "figure.title-finding");
    text = describe(p);
    if (p->several) {
        g_autofree char *prefix = g_strdup_printf("tl%" G_GINT64_FORMAT, m->number);
        hc_figure_set_prefix(s.f, prefix);
    }
    hc_figure_describe(s.f, title, text);
    hc_figure_set_group(s.f, HC_LANE_ACCOUNTS, phrase(p, "figure.groups.0"));
    hc_figure_set_group(s.f, HC_LANE_PROJECTS, phrase(p, "figure.groups.1"));
    hc_figure_set_group(s.f, HC_LANE_PEOPLE, phrase(p, "figure.groups.2"));
    add_names(&s, HC_LANE_ACCOUNTS, m->other);
    add_names(&s, HC_LANE_ACCOUNTS, m->taken);
    if (m->style == M_TAKEOVER)
        draw_takeover(&s);
    else
        draw_found(&s);
    return s.f;
}
