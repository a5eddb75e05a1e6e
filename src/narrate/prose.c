/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/prose.h"

#include "src/base/markup.h"
#include "src/base/text.h"
#include "src/base/words.h"

#define HIDES_MAX 8   /* things that a gap hides are named; what follows is less */
#define CLOSE_MAX 200 /* bytes shown of the last message */

const struct hc_yaml *section(const struct prose *p, const char *key)
{
    g_auto(GStrv) parts = g_strsplit(key, ".", -1);
    const struct hc_yaml *node = p->lang;

    for (char **part = parts; node && *part; part++)
        node = hc_yaml_get(node, *part);
    return node;
}

const char *phrase(const struct prose *p, const char *key)
{
    const struct hc_yaml *node = section(p, key);

    return node && node->type == HC_YAML_SCALAR ? node->text : g_intern_string(key);
}

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

void write_heading(const struct prose *p, int level, const char *text, GString *out)
{
    for (int i = 0; i < level + p->depth; i++)
        g_string_append_c(out, '#');
    g_string_append_printf(out, " %s\n\n", text);
}

char *key_of_style(const struct prose *p, const char *key)
{
    static const char *const styles[] = {
        [M_NOTHING] = "-nothing", [M_TAKEOVER] = "", [M_FINDING] = "-finding", [M_SUBJECT] = "-subject"};

    return g_strconcat(key, styles[p->m->style], NULL);
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

/* Names, counts and conditions of the model. */
static char *model_value(const struct prose *p, const char *name)
{
    const struct model *m = p->m;
    const struct m_act *invite = act_by_key(p, "invite");
    const GPtrArray *list = list_called(m, name);
    char *value = NULL;

    if (list)
        return name_list(p, list);
    if (g_str_has_suffix(name, "-or-none")) {
        g_autofree char *plain = g_strndup(name, strlen(name) - strlen("-or-none"));
        char *text = model_value(p, plain);
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

static char *time_value(const struct prose *p, char *key)
{
    char *dot = strchr(key, '.');
    const struct m_act *act;

    if (dot)
        *dot = '\0';
    act = act_by_key(p, key);
    if (!act)
        return NULL;
    if (!dot)
        return when_phrase(p, act, first_day(p));
    return strcmp(dot + 1, "date") == 0
               ? date_of(p, act->time)
               : moment_of(p, strcmp(dot + 1, "until") == 0 ? act->until : act->time);
}

char *duration_words(const struct prose *p, int64_t least, int64_t most)
{
    g_autofree char *upper = hc_words_at_most(most), *lower = least < 0 ? NULL : hc_words_duration(least);
    const char *const pairs[] = {"most", upper, "least", lower ? lower : "", NULL};

    if (least == most)
        return hc_words_duration(most);
    /* the most that it can have been is what a reader asks for; both where they are near each other */
    return hc_words_fill(
        phrase(p, lower && most - least < HC_BY_FROM ? "time.least-to-most" : "time.less-than"), pairs);
}

/* {%NAME} says what is known of it; {%NAME.most} ends at the latest instant of its last act. */
static char *metric_value(const struct prose *p, char *name)
{
    char *dot = strchr(name, '.');
    const struct m_metric *metric;

    if (dot)
        *dot = '\0';
    metric = model_metric(p->m, name);
    if (!metric)
        return NULL;
    return dot ? hc_words_duration(metric->most) : duration_words(p, metric->least, metric->most);
}

/* To the minute; with the date as moment_of has it. */
static char *minute_of(const struct prose *p, int64_t us)
{
    char *text = moment_of(p, us);

    memmove(text + strlen("hh:mm"), text + strlen("hh:mm:ss"), strlen(text + strlen("hh:mm:ss")) + 1);
    return text;
}

/* What records of these actions (names with commas) would tell, in the catalogue's words; each said once. */
static char *hidden_acts(const struct prose *p, const char *form, const char *actions)
{
    g_auto(GStrv) names = g_strsplit(actions, ",", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (char **name = names; *name; name++) {
        g_autofree char *key = g_strdup_printf("%s.%s", form, *name);
        const char *said = section(p, key) ? phrase(p, key) : NULL;
        if (said && words->len < HIDES_MAX &&
            !g_ptr_array_find_with_equal_func(words, said, g_str_equal, NULL))
            g_ptr_array_add(words, (void *)said);
    }
    return words->len ? join_words(p, words) : NULL;
}

/* "a,b" as code spans. */
static char *code_list(const struct prose *p, const char *list)
{
    g_auto(GStrv) names = g_strsplit(list, ",", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    for (char **name = names; *name; name++)
        g_ptr_array_add(words, name_span(*name));
    return words->len ? join_words(p, words) : NULL;
}

static char *figure_value(const struct prose *p, char *key)
{
    char *dot = strchr(key, '.');
    g_autofree char *text = NULL;
    const char *form = dot ? dot + 1 : "digits";
    int64_t n;

    if (dot)
        *dot = '\0';
    if (p->about && strcmp(key, "examined") == 0)
        text = g_strdup_printf("%" G_GINT64_FORMAT, p->about->examined);
    else if (p->about && strcmp(key, "matched") == 0)
        text = g_strdup_printf("%" G_GINT64_FORMAT, p->about->matched);
    else
        text = fact_string(p->about, key);
    if (!text)
        return NULL;
    if (strcmp(form, "name") == 0)
        return name_span(text);
    if (strcmp(form, "text") == 0) {
        GString *out = g_string_new(NULL);
        hc_markdown_escape(out, hc_str(text));
        return g_string_free(out, FALSE);
    }
    if (strcmp(form, "codes") == 0)
        return code_list(p, text);
    if (strcmp(form, "hides") == 0 || strcmp(form, "hides-of") == 0)
        return hidden_acts(p, form, text);
    n = g_ascii_strtoll(text, NULL, 10);
    if (strcmp(form, "words") == 0)
        return n ? number_word(p, n) : g_strdup(phrase(p, "number.none"));
    if (strcmp(form, "clock") == 0)
        return clock_of(n);
    if (strcmp(form, "moment") == 0)
        return moment_of(p, n);
    if (strcmp(form, "date") == 0)
        return date_of(p, n);
    if (strcmp(form, "day") == 0)
        return iso_date(n);
    if (strcmp(form, "minute") == 0)
        return minute_of(p, n);
    if (strcmp(form, "duration") == 0)
        return hc_words_duration(n);
    if (strcmp(form, "digits") == 0)
        return group_digits(n);
    return count_noun(p, form, n); /* {#n.notice}: "nine notices" */
}

/* What a condition asks for, as text; NULL when it is not there. */
static char *condition_value(const struct prose *p, const char *key)
{
    if (g_str_has_prefix(key, "claim:")) {
        const struct m_statement *s = model_statement(p->m->claims, key + 6);
        return s ? g_strdup(s->verdict) : NULL;
    }
    if (g_str_has_prefix(key, "metric:"))
        return model_metric(p->m, key + 7) ? g_strdup("") : NULL;
    if (g_str_has_prefix(key, "#"))
        return fact_string(p->about, key + 1);
    if (act_by_key(p, key))
        return g_strdup("");
    return model_value(p, key);
}

static char *condition(const struct prose *p, char *key, bool wanted)
{
    char *equals = strchr(key, '=');
    g_autofree char *value = NULL;
    bool holds;

    if (equals)
        *equals = '\0';
    value = condition_value(p, key);
    holds = value && (!equals || strcmp(value, equals + 1) == 0);
    return holds == wanted ? g_strdup("") : NULL;
}

static char *value(struct prose *p, char *inside)
{
    switch (*inside) {
    case '@':
        return time_value(p, inside + 1);
    case '%':
        return metric_value(p, inside + 1);
    case '#':
        return figure_value(p, inside + 1);
    case '^':
        return note_key(p, inside + 1);
    case '?':
    case '!':
        return condition(p, inside + 1, *inside == '?');
    default:
        return model_value(p, inside);
    }
}

/* Forgets the notes from `n` on. */
static void forget_notes(struct prose *p, guint n)
{
    while (p->notes->len > n) {
        g_hash_table_remove(p->numbers, p->notes->pdata[p->notes->len - 1]);
        g_ptr_array_set_size(p->notes, (int)p->notes->len - 1);
    }
}

/* Is all there that the sentence names? Notes that were only tried are forgotten: what is left out numbers
 * nothing. */
static bool can_fill(struct prose *p, const char *sentence)
{
    guint notes = p->notes->len;
    bool all = true;

    for (const char *open = strchr(sentence, '{'), *close; all && open && (close = strchr(open, '}'));
         open = strchr(close, '{')) {
        g_autofree char *inside = g_strndup(open + 1, (gsize)(close - open - 1)), *text = value(p, inside);
        all = text != NULL;
    }
    forget_notes(p, notes);
    return all;
}

char *fill_sentence(struct prose *p, const char *sentence)
{
    GString *out;

    if (!can_fill(p, sentence))
        return NULL;
    out = g_string_new(NULL);
    while (*sentence) {
        const char *open = strchr(sentence, '{'), *close = open ? strchr(open, '}') : NULL;
        g_autofree char *inside = close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
        g_autofree char *text = inside ? value(p, inside) : NULL;
        if (!close) {
            g_string_append(out, sentence);
            break;
        }
        g_string_append_len(out, sentence, open - sentence);
        g_string_append(out, text ? text : "");
        sentence = close + 1;
    }
    return g_string_free(out, FALSE);
}

/* A sentence may begin with a number in words. */
static void capitalise(char *text)
{
    if (*text >= 'a' && *text <= 'z')
        *text = g_ascii_toupper(*text);
}

char *say_sentence(struct prose *p, const char *sentence)
{
    char *text = fill_sentence(p, sentence);

    if (text)
        capitalise(text);
    return text;
}

char *say(struct prose *p, const char *key)
{
    return fill_sentence(p, phrase(p, key));
}

static char *paragraph(struct prose *p, const struct hc_yaml *node)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (const struct hc_yaml *n = node->type == HC_YAML_SEQUENCE ? node->first : node; n;
         n = node->type == HC_YAML_SEQUENCE ? n->next : NULL) {
        g_autofree char *text = n->text ? fill_sentence(p, n->text) : NULL;
        if (!text || !*text)
            continue;
        capitalise(text);
        if (out->len)
            g_string_append(out, phrase(p, "list.sentence"));
        g_string_append(out, text);
    }
    return out->len ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

void write_section(struct prose *p, const struct hc_yaml *paragraphs, GString *out)
{
    bool listed = false;

    for (const struct hc_yaml *n = paragraphs ? paragraphs->first : NULL; n; n = n->next) {
        g_autofree char *text = paragraph(p, n);
        bool bullet = text && g_str_has_prefix(text, "- ");
        if (!text)
            continue;
        if (listed && !bullet)
            g_string_append_c(out, '\n');
        g_string_append_printf(out, bullet ? "%s\n" : "%s\n\n", text);
        listed = bullet;
    }
    if (listed)
        g_string_append_c(out, '\n');
}
