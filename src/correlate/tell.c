/* SPDX-License-Identifier: Apache-2.0 */
/* What rules found, written: hits, findings, and the records that findings cite, which are acts from then
 * on. */
#include "src/correlate/apply.h"

#include "src/base/keyed.h"

#include "src/correlate/rule.h"

static struct matched *matched_at(const struct applied *a, uint32_t number)
{
    return &g_array_index(a->matched, struct matched, number - 1);
}

static int severity(const struct hc_sigma_rule *rule)
{
    const char *level = rule_level(rule->level);

    return g_strcmp0(level, "error") == 0 ? 3 : g_strcmp0(level, "warning") == 0 ? 2 : 1;
}

static const struct hc_sigma_rule *rule_of(const struct applied *a, const struct found *f)
{
    return hc_sigma_rule_at(a->rules, f->rule);
}

static int64_t first_of(const struct found *f)
{
    const struct hc_sigma_member *m =
        f->members->len ? &g_array_index(f->members, struct hc_sigma_member, 0) : NULL;

    return !m ? 0 : m->earliest == INT64_MIN ? m->latest : m->earliest;
}

static int64_t time_of_hit(const struct matched *m)
{
    return !m->dated ? INT64_MIN : m->when.earliest == INT64_MIN ? m->when.latest : m->when.earliest;
}

/* By time; what was met first of the same. */
static int by_time(gconstpointer x, gconstpointer y, gpointer data)
{
    const struct applied *a = data;
    const uint32_t h = *(const uint32_t *)x, i = *(const uint32_t *)y;
    int64_t t = time_of_hit(matched_at(a, h)), u = time_of_hit(matched_at(a, i));

    if (t != u)
        return t < u ? -1 : 1;
    return h < i ? -1 : h > i;
}

/* They mostly come so. */
static void sort_hits(struct applied *a, GArray *hits)
{
    for (guint i = 1; i < hits->len; i++)
        if (by_time(&g_array_index(hits, uint32_t, i - 1), &g_array_index(hits, uint32_t, i), a) > 0) {
            g_array_sort_with_data(hits, by_time, a);
            return;
        }
}

static bool tell_hits_of(struct applied *a, size_t rule, int64_t *last, GError **error)
{
    const GArray *hits = a->hits[rule];
    int64_t first = *last + 1;

    sort_hits(a, a->hits[rule]);
    for (guint i = 0; i < hits->len; i++) {
        const struct matched *m = matched_at(a, g_array_index(hits, uint32_t, i));
        hc_stmt *st = hc_db_stmt(a->w->db, "rules", "add_hit");
        hc_bind_int(st, 1, ++*last);
        hc_bind_int(st, m->is_act ? 2 : 3, (int64_t)m->id);
        if (!hc_exec(st, error))
            return false;
    }
    return hc_exec(hc_db_query(a->w->db, "rules", "add_hits_of", "tii",
                               rule_called(hc_sigma_rule_at(a->rules, rule)), first, *last),
                   error);
}

static bool tell_hits(struct applied *a, GError **error)
{
    int64_t last = 0;

    for (guint rule = 0; rule < a->rules->rules->len; rule++)
        if (a->hits[rule] && !tell_hits_of(a, rule, &last, error))
            return false;
    return true;
}

/* Which findings cite a record: by its number, GArray of guint. */
static GHashTable *cited_by(const struct applied *a)
{
    GHashTable *by = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);

    for (guint i = 0; i < a->found->len; i++) {
        const struct found *f = a->found->pdata[i];
        for (guint k = 0; k < f->members->len; k++) {
            void *number = GUINT_TO_POINTER(g_array_index(f->members, struct hc_sigma_member, k).number);
            GArray *list = g_hash_table_lookup(by, number);
            if (!list)
                g_hash_table_insert(by, number, list = g_array_new(FALSE, FALSE, sizeof(guint)));
            if (!list->len || g_array_index(list, guint, list->len - 1) != i)
                g_array_append_val(list, i);
        }
    }
    return by;
}

static bool is_cited_by(GHashTable *by, uint32_t number, guint finding)
{
    const GArray *list = g_hash_table_lookup(by, GUINT_TO_POINTER(number));

    for (guint i = 0; list && i < list->len; i++)
        if (g_array_index(list, guint, i) == finding)
            return true;
    return false;
}

/* All that finding `i` cites is cited by finding `other` too. */
static bool is_inside(const struct applied *a, GHashTable *by, guint i, guint other)
{
    const struct found *f = a->found->pdata[i];

    for (guint k = 0; k < f->members->len; k++)
        if (!is_cited_by(by, g_array_index(f->members, struct hc_sigma_member, k).number, other))
            return false;
    return true;
}

/* Of two that hold each other the one that was found later yields. */
static void yield(const struct applied *a, GHashTable *by, guint i)
{
    struct found *f = a->found->pdata[i];
    const GArray *others =
        !f->members->len
            ? NULL
            : g_hash_table_lookup(
                  by, GUINT_TO_POINTER(g_array_index(f->members, struct hc_sigma_member, 0).number));

    for (guint k = 0; others && k < others->len && !f->told_elsewhere; k++) {
        guint other = g_array_index(others, guint, k);
        const struct found *o = a->found->pdata[other];
        f->told_elsewhere = other != i && o->rule != f->rule && !o->told_elsewhere &&
                            severity(rule_of(a, o)) >= severity(rule_of(a, f)) && is_inside(a, by, i, other);
    }
}

static void find_yielding(const struct applied *a)
{
    g_autoptr(GHashTable) by = cited_by(a);

    for (guint i = a->found->len; i--;)
        if (rule_of(a, a->found->pdata[i])->own.yields)
            yield(a, by, i);
}

static int by_severity(gconstpointer x, gconstpointer y, gpointer data)
{
    const struct applied *a = data;
    const struct found *f = *(struct found *const *)x, *g = *(struct found *const *)y;
    int s = severity(rule_of(a, f)), t = severity(rule_of(a, g)), order;

    if (s != t)
        return t - s;
    order = strcmp(rule_called(rule_of(a, f)), rule_called(rule_of(a, g)));
    if (order)
        return order;
    if (first_of(f) != first_of(g))
        return first_of(f) < first_of(g) ? -1 : 1;
    order = strcmp(f->about, g->about);
    return order ? order : strcmp(f->message, g->message);
}

/* What is cited has to be an act. */
static bool make_act(struct applied *a, struct matched *m, GError **error)
{
    const int64_t event = (int64_t)m->id;
    g_auto(act_t) act = {0};

    if (m->is_act)
        return true;
    if (!act_from_event(a->w, &act, event, error))
        return false;
    if (act.action != HC_ACTION_AUDIT_OTHER)
        g_clear_pointer(&act.text, g_free);
    m->id = (uint64_t)act_insert(a->w, &act, error);
    m->is_act = true;
    return m->id && attest_event(a->w, (int64_t)m->id, event, "record", error);
}

static const char *step_called(const struct hc_sigma_rule *rule)
{
    return rule->name ? rule->name : rule_called(rule);
}

/* Another record of the act is told for this rule already. */
static bool is_told(const struct applied *a, const struct found *f, guint i, GHashTable *told)
{
    const struct hc_sigma_member *m = &g_array_index(f->members, struct hc_sigma_member, i);

    return !g_hash_table_add(
        told, g_strdup_printf("%zu %" G_GINT64_FORMAT, m->rule, (int64_t)matched_at(a, m->number)->id));
}

static bool tell_members(struct applied *a, const struct found *f, int64_t finding, GError **error)
{
    g_autoptr(GHashTable) told = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);

    for (guint i = 0; i < f->members->len; i++) {
        const struct hc_sigma_member *m = &g_array_index(f->members, struct hc_sigma_member, i);
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(a->rules, m->rule);
        if (is_told(a, f, i, told))
            continue;
        if (!hc_exec(hc_db_query(a->w->db, "rules", "add_finding_event", "iiitt", finding, (int64_t)i + 1,
                                 (int64_t)matched_at(a, m->number)->id, step_called(rule), rule->title),
                     error))
            return false;
    }
    return true;
}

/* How many records each of the rules matched, in the order of the first. */
static void say_why(const struct applied *a, struct found *f)
{
    g_autofree guint *counts = g_new0(guint, a->rules->rules->len + 1);

    for (guint i = 0; i < f->members->len; i++)
        counts[g_array_index(f->members, struct hc_sigma_member, i).rule]++;
    for (guint i = 0; i < f->members->len; i++) {
        size_t rule = g_array_index(f->members, struct hc_sigma_member, i).rule;
        if (counts[rule])
            g_string_append_printf(f->because, "%s: %u record%s\n", hc_sigma_rule_at(a->rules, rule)->title,
                                   counts[rule], counts[rule] == 1 ? "" : "s");
        counts[rule] = 0;
    }
    if (f->more)
        g_string_append_printf(f->because, "%u more are not listed\n", f->more);
    if (f->because->len)
        g_string_truncate(f->because, f->because->len - 1);
}

/* The rule, what it is about and when it began; a number where that is not enough. */
static char *key_of(const struct applied *a, const struct found *f, GHashTable *keys)
{
    g_autofree char *key =
        g_strdup_printf("%s %s %" G_GINT64_FORMAT, rule_called(rule_of(a, f)), f->about, first_of(f));
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(keys, key)) + 1;
    char *out = n > 1 ? g_strdup_printf("%s #%u", key, n) : g_strdup(key);

    g_hash_table_insert(keys, g_steal_pointer(&key), GUINT_TO_POINTER(n));
    return out;
}

static bool tell(struct applied *a, struct found *f, GHashTable *keys, GError **error)
{
    const struct hc_sigma_rule *rule = rule_of(a, f);
    g_autofree char *key = key_of(a, f, keys);
    const char *level = rule_level(rule->level);

    for (guint i = 0; i < f->members->len; i++)
        if (!make_act(a, matched_at(a, g_array_index(f->members, struct hc_sigma_member, i).number), error))
            return false;
    say_why(a, f);
    return hc_exec(
               hc_db_query(
                   a->w->db, "rules", "add_finding", "ttttttttnnit", rule_called(rule), key,
                   level ? level : "note", f->certain ? "certain" : "possible", rule->title, f->message,
                   f->because->str, rule->own.incident, f->actor, f->target,
                   (int64_t)matched_at(a, g_array_index(f->members, struct hc_sigma_member, 0).number)->id,
                   f->pattern),
               error) &&
           tell_members(a, f, hc_db_last_id(a->w->db), error);
}

bool tell_all(struct applied *a, GError **error)
{
    g_autoptr(GHashTable) keys = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);

    if (!tell_hits(a, error))
        return false;
    find_yielding(a);
    g_ptr_array_sort_with_data(a->found, by_severity, a);
    for (guint i = 0; i < a->found->len; i++) {
        struct found *f = a->found->pdata[i];
        if (!f->told_elsewhere && f->members->len && !tell(a, f, keys, error))
            return false;
    }
    return true;
}
