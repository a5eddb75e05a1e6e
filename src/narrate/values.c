/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/values.h"

#include "src/base/markup.h"
#include "src/base/text.h"
#include "src/base/words.h"

#define CLOSE_MAX 200 /* bytes shown of the last message */

/* Names of acts in sentences. */
static const struct {
    const char *key;
    enum hc_action action;
    const char *phase; /* NULL: any */
    bool last;
} act_keys[] = {
    {"create", HC_ACTION_ACCOUNT_CREATE, "preparation", false},
    {"signin", HC_ACTION_LOGIN_SUCCESS, "preparation", false},
    {"verify", HC_ACTION_EMAIL_VERIFY, "preparation", false},
    {"invite", HC_ACTION_ROLE_INVITE, "takeover", false},
    {"invite-last", HC_ACTION_ROLE_INVITE, "takeover", true},
    {"accept", HC_ACTION_ROLE_ACCEPT, "takeover", false},
    {"accept-last", HC_ACTION_ROLE_ACCEPT, "takeover", true},
    {"remove", HC_ACTION_ROLE_REMOVE, "takeover", false},
    {"remove-last", HC_ACTION_ROLE_REMOVE, "takeover", true},
    {"delete", HC_ACTION_ACCOUNT_DELETE, "destruction", false},
    {"report", HC_ACTION_MAIL_RECEIVED, "detection", false},
    {"chat", HC_ACTION_CHAT_MESSAGE, NULL, false},
    {"freeze", HC_ACTION_ACCOUNT_FREEZE, "containment", false},
    {"reply", HC_ACTION_MAIL_SENT, NULL, false},
    {"restore", HC_ACTION_ACCOUNT_RESTORE, "recovery", false},
    {"close", HC_ACTION_CHAT_MESSAGE, "recovery", true},
};

const struct m_act *act_by_key(const struct prose *p, const char *key)
{
    const struct m_act *last = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(act_keys); i++) {
        if (strcmp(key, act_keys[i].key) != 0)
            continue;
        if (!act_keys[i].last)
            return model_first(p->m, act_keys[i].action, act_keys[i].phase);
        for (guint j = 0; j < p->m->acts->len; j++) {
            const struct m_act *a = p->m->acts->pdata[j];
            if (a->action == act_keys[i].action && strcmp(a->phase, act_keys[i].phase) == 0)
                last = a;
        }
    }
    return last;
}

/* "A, B and C" as code spans; NULL without one. */
static char *name_list(const struct prose *p, const GPtrArray *names)
{
    g_autoptr(GPtrArray) spans = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(spans, name_span(names->pdata[i]));
    return spans->len ? join_words(p, spans) : NULL;
}

/* Accounts that were deleted in it. */
static char *deleted_list(const struct prose *p)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < p->m->acts->len; i++) {
        const struct m_act *a = p->m->acts->pdata[i];
        if (strcmp(a->phase, "destruction") == 0 && a->target)
            g_ptr_array_add(names, a->target);
    }
    return name_list(p, names);
}

/* "2024-05-06 10:00:15", of the first or the last step of the findings. */
static char *step_time(const struct prose *p, bool last)
{
    int64_t us = last ? INT64_MIN : INT64_MAX;
    g_autofree char *date = NULL, *clock = NULL;

    for (guint i = 0; i < p->m->findings->len; i++) {
        const struct m_finding *f = &g_array_index(p->m->findings, struct m_finding, i);
        for (guint k = 0; k < f->acts->len; k++) {
            const struct m_act *a = f->acts->pdata[k];
            us = last ? MAX(us, a->until) : MIN(us, a->time);
        }
    }
    if (us == INT64_MAX || us == INT64_MIN)
        return NULL;
    date = iso_date(us);
    clock = clock_of(us);
    return g_strdup_printf("%s %s", date, clock);
}

/* A takeover with more than one account on a side. */
static bool is_plural(const struct model *m)
{
    return m->taken->len > 1 || m->other->len > 1;
}

/* The first finding's own words. */
static char *finding_words(const struct prose *p, bool title)
{
    const struct m_finding *f =
        p->m->findings->len ? &g_array_index(p->m->findings, struct m_finding, 0) : NULL;
    GString *out;

    if (!f)
        return NULL;
    out = g_string_new(NULL);
    hc_markdown_escape(out, hc_str(title ? f->title : f->message));
    return g_string_free(out, FALSE);
}

/* "10 s", or "10 s to 13 s". */
static char *range_words(const struct prose *p, int64_t least, int64_t most)
{
    g_autofree char *from = hc_words_duration(least), *to = hc_words_duration(most);
    const char *const pairs[] = {"least", from, "most", to, NULL};

    return strcmp(from, to) == 0 ? g_steal_pointer(&from)
                                 : hc_words_fill(phrase(p, "time.least-to-most"), pairs);
}

/* Between accepting and removing on one project. */
static char *gap_value(const struct prose *p)
{
    int64_t least = INT64_MAX, most = -1;

    for (guint i = 0; i < p->m->acts->len; i++)
        for (guint j = 0; j < p->m->acts->len; j++) {
            const struct m_act *a = p->m->acts->pdata[i], *b = p->m->acts->pdata[j];
            if (a->action != HC_ACTION_ROLE_ACCEPT || b->action != HC_ACTION_ROLE_REMOVE ||
                strcmp(b->phase, "takeover") != 0 || g_strcmp0(a->object, b->object) != 0)
                continue;
            least = MIN(least, b->time - a->time);
            most = MAX(most, b->time - a->time);
        }
    return most < 0 ? NULL : range_words(p, least, most);
}

/* From the removals until the account was restored. */
static char *loss_value(const struct prose *p)
{
    const struct m_act *restored = act_by_key(p, "restore"), *first = act_by_key(p, "remove"),
                       *last = act_by_key(p, "remove-last");

    return restored && first && last
               ? range_words(p, restored->time - last->time, restored->time - first->time)
               : NULL;
}

static int64_t count_acts(const struct prose *p, const char *phase, enum hc_action from, enum hc_action to)
{
    int64_t n = 0;

    for (guint i = 0; i < p->m->acts->len; i++) {
        const struct m_act *a = p->m->acts->pdata[i];
        n += strcmp(a->phase, phase) == 0 && a->action >= from && a->action <= to;
    }
    return n;
}

/* What the last message says: whether that is a close is for the reader to see. */
static char *close_words(const struct prose *p)
{
    const struct m_act *close = act_by_key(p, "close");
    GString *out;

    if (!close || !close->text)
        return NULL;
    out = g_string_new(NULL);
    hc_markdown_escape(out, hc_text_cut(hc_str_trim(hc_str(close->text)), CLOSE_MAX));
    return g_string_free(out, FALSE);
}

bool is_left_out(const struct finding *f)
{
    return f->suppression && strcmp(f->level, "note") != 0;
}

/* "two findings": those that accuse and that the case file leaves out; NULL: there are none. */
static char *left_out(const struct prose *p)
{
    int64_t n = 0;

    for (guint i = 0; p->found && i < p->found->findings->len; i++)
        n += is_left_out(p->found->findings->pdata[i]);
    return n ? count_noun(p, "finding", n) : NULL;
}

char *role_words(const struct m_act *a)
{
    GString *out = g_string_new(NULL);

    hc_markdown_escape(out, hc_str(a->role ? a->role : "?"));
    return g_string_free(out, FALSE);
}

static char *spoken(const char *name)
{
    return name ? name_span(name) : NULL;
}

/* Did the owner write to us, or are we the ones who answered the owner? Others may have. */
static bool is_owners(const struct prose *p, const char *key)
{
    const struct m_act *a = act_by_key(p, key);

    return a && is_owners_mailbox(p, a->action == HC_ACTION_MAIL_SENT ? a->target : a->actor);
}

/* Lists of the model by what they are called. */
static const GPtrArray *list_called(const struct model *m, const char *name)
{
    const struct {
        const char *name;
        const GPtrArray *list;
    } lists[] = {
        {"taken", m->taken}, {"other", m->other}, {"subjects", m->subjects}, {"projects", m->projects}};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (strcmp(name, lists[i].name) == 0)
            return lists[i].list;
    return NULL;
}

/* How many there are of something, with its noun; NULL: there are none, or `name` is no count. */
static char *count_value(const struct prose *p, const char *name)
{
    const struct model *m = p->m;
    const struct {
        const char *name, *noun;
        int64_t n;
    } counts[] = {{"n-taken", "account", m->taken->len},
                  {"n-findings", "finding", m->findings->len},
                  {"n-incidents", "incident", p->several},
                  {"n-projects", "project", m->projects->len},
                  {"all-projects", "all-projects", m->projects->len},
                  {"all", "all", m->projects->len},
                  {"n-addresses", "address", m->addresses->len}};

    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
        if (strcmp(name, counts[i].name) == 0)
            return counts[i].n ? count_noun(p, counts[i].noun, counts[i].n) : NULL;
    return NULL;
}

/* What only holds or does not: "" or NULL. False: `name` is nothing of that kind. */
static bool flag_value(const struct prose *p, const char *name, char **value)
{
    const struct model *m = p->m;
    bool holds;

    if (strcmp(name, "owner-report") == 0 || strcmp(name, "owner-reply") == 0)
        holds = is_owners(p, name + strlen("owner-"));
    else if (strcmp(name, "plural") == 0)
        holds = is_plural(m);
    else if (strcmp(name, "one-address") == 0)
        holds = m->addresses->len == 1;
    else if (strcmp(name, "partly") == 0)
        holds = !all_was_read(m);
    else
        return false;
    *value = holds ? g_strdup("") : NULL;
    return true;
}

static char *verify_later(const struct prose *p)
{
    const struct m_act *a = act_by_key(p, "create"), *b = act_by_key(p, "verify");

    return a && b ? hc_words_duration(b->time - a->time) : NULL;
}

char *value_of_model(const struct prose *p, const char *name)
{
    const struct model *m = p->m;
    const struct m_act *invite = act_by_key(p, "invite");
    const GPtrArray *list = list_called(m, name);
    char *value = NULL;

    if (list)
        return name_list(p, list);
    if (g_str_has_suffix(name, "-or-none")) {
        g_autofree char *plain = g_strndup(name, strlen(name) - strlen("-or-none"));
        char *text = value_of_model(p, plain);
        return text ? text : g_strdup(phrase(p, "none"));
    }
    if (flag_value(p, name, &value))
        return value;
    if (strcmp(name, "first-step") == 0 || strcmp(name, "last-step") == 0)
        return step_time(p, *name == 'l');
    if (strcmp(name, "restored") == 0)
        return spoken(m->restored);
    if (strcmp(name, "deleted") == 0)
        return deleted_list(p);
    if (strcmp(name, "left-out") == 0)
        return left_out(p);
    if (strcmp(name, "finding") == 0 || strcmp(name, "finding-title") == 0)
        return finding_words(p, strcmp(name, "finding-title") == 0);
    if (strcmp(name, "number") == 0)
        return p->several ? g_strdup_printf("%" G_GINT64_FORMAT, m->number) : NULL;
    if (strcmp(name, "role") == 0)
        return invite && invite->role ? role_words(invite) : NULL;
    if (strcmp(name, "n-roles") == 0)
        return number_word(p, count_acts(p, "takeover", HC_ACTION_ROLE_INVITE, HC_ACTION_ROLE_REMOVE));
    if (strcmp(name, "gap") == 0)
        return gap_value(p);
    if (strcmp(name, "loss") == 0)
        return loss_value(p);
    if (strcmp(name, "date") == 0)
        return m->acts->len ? date_of(p, ((const struct m_act *)m->acts->pdata[0])->time) : NULL;
    if (strcmp(name, "close-said") == 0)
        return close_words(p);
    if (strcmp(name, "mailbox") == 0)
        return m->c->mailboxes[0] ? name_span(m->c->mailboxes[0]) : NULL;
    if (strcmp(name, "verify-later") == 0)
        return verify_later(p);
    return count_value(p, name);
}
