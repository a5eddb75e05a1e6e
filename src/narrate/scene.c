/* SPDX-License-Identifier: Apache-2.0 */
/* The figure of an incident, from the same acts as its words. */
#include "src/narrate/blocks.h"

#include "src/base/words.h"

#define PEOPLE_MAX 16

struct scene {
    struct prose *p;
    struct hc_figure *f;
    int owner;
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
        if (g_strcmp0(n->role, "owner-mailbox") == 0 && n->delivered)
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

struct hc_figure *figure_of(struct prose *p)
{
    struct scene s = {.p = p, .f = hc_figure_new()};
    const struct model *m = p->m;
    g_autofree char *title = say(p, "figure.title"), *text = describe(p);

    if (m->style != M_TAKEOVER) {
        hc_figure_free(s.f);
        return NULL;
    }
    if (p->several) {
        g_autofree char *prefix = g_strdup_printf("tl%" G_GINT64_FORMAT, m->number);
        hc_figure_set_prefix(s.f, prefix);
    }
    hc_figure_describe(s.f, title, text);
    hc_figure_set_group(s.f, HC_LANE_ACCOUNTS, phrase(p, "figure.groups.0"));
    hc_figure_set_group(s.f, HC_LANE_PROJECTS, phrase(p, "figure.groups.1"));
    hc_figure_set_group(s.f, HC_LANE_PEOPLE, phrase(p, "figure.groups.2"));
    for (guint i = 0; i < m->other->len; i++)
        hc_figure_lane(s.f, HC_LANE_ACCOUNTS, m->other->pdata[i]);
    for (guint i = 0; i < m->taken->len; i++)
        hc_figure_lane(s.f, HC_LANE_ACCOUNTS, m->taken->pdata[i]);
    s.owner = hc_figure_lane(s.f, HC_LANE_PEOPLE, phrase(p, "figure.owner"));
    for (guint i = 0; i < m->responders->len && i < PEOPLE_MAX; i++)
        s.people[i] = hc_figure_lane(s.f, HC_LANE_PEOPLE, m->responders->pdata[i]);
    draw_phases(&s);
    for (guint i = 0; i < m->other->len; i++)
        draw_other(&s, m->other->pdata[i]);
    for (guint i = 0; i < m->taken->len; i++)
        draw_taken(&s, m->taken->pdata[i]);
    for (guint i = 0; i < m->projects->len; i++)
        draw_project(&s, m->projects->pdata[i]);
    draw_people(&s);
    return s.f;
}
