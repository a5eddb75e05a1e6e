/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/link.h"

#include "src/correlate/sigma/message.h"

ptrdiff_t sigma_find(const struct hc_sigma_rules *rules, const char *reference)
{
    for (guint i = 0; i < rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        if (rule->kind != HC_SIGMA_FILTER &&
            (g_strcmp0(rule->id, reference) == 0 || g_strcmp0(rule->name, reference) == 0))
            return (ptrdiff_t)i;
    }
    return -1;
}

static void refuse(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, const GError *why)
{
    rule->refused = true;
    sigma_problem(rules, why);
}

/* What its findings are called. */
static const char *called(const struct hc_sigma_rule *rule)
{
    return rule->own.rule ? rule->own.rule : rule->id ? rule->id : rule->name ? rule->name : rule->title;
}

/* The place of the rule that has a name: of one of these, or of what is built in beside them. */
static char *place_of(const struct hc_sigma_rules *rules, GHashTable *by_name, const char *name)
{
    const struct hc_sigma_rule *rule = g_hash_table_lookup(by_name, name);
    const char *reserved = g_hash_table_lookup(rules->reserved, name);

    if (rule)
        return g_strdup_printf("%s:%d", rule->document->file, rule->document->line);
    return g_strdup(reserved);
}

/* Takes a name for a rule; false: another one has it. One rule may give itself the same name twice. */
static bool take_name(struct hc_sigma_rules *rules, GHashTable *by_name, struct hc_sigma_rule *rule,
                      const char *name, const char *what, GError **error)
{
    g_autofree char *place = NULL;

    if (!name || g_hash_table_lookup(by_name, name) == rule)
        return true;
    if (!(place = place_of(rules, by_name, name))) {
        g_hash_table_insert(by_name, (char *)name, rule);
        return true;
    }
    return hc_yaml_fail(rule->document, error, "%s called \"%s\" already (%s)", what, name, place);
}

/* Two rules of one name: which of them a correlation means, or a finding is of, cannot be known. */
static void check_names(struct hc_sigma_rules *rules)
{
    static const char another[] = "another rule is", findings[] = "the findings of another rule are";
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal),
                          told = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < rules->rules->len; i++) {
        struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        bool finds = rule->kind != HC_SIGMA_FILTER;
        g_autoptr(GError) why = NULL;
        if (!take_name(rules, seen, rule, rule->id, another, &why) ||
            !take_name(rules, seen, rule, rule->name, another, &why) ||
            !take_name(rules, told, rule, finds ? called(rule) : NULL, findings, &why))
            refuse(rules, rule, why);
    }
}

static bool has_not(const struct hc_sigma_node *node)
{
    if (node->op == HC_SIGMA_LEAF)
        return false;
    for (guint i = 0; i < node->of->len; i++)
        if (has_not(node->of->pdata[i]))
            return true;
    return node->op == HC_SIGMA_NOT;
}

/* The filter's condition has to be true as well. */
static bool apply_to(struct hc_sigma_rules *rules, const struct hc_sigma_rule *filter,
                     const struct hc_yaml *reference, GError **error)
{
    ptrdiff_t i = reference->type == HC_YAML_SCALAR ? sigma_find(rules, reference->text) : -1;
    struct hc_sigma_node *both = hc_sigma_join(rules->pool, HC_SIGMA_AND);
    struct hc_sigma_rule *rule;

    if (i < 0 || (rule = hc_sigma_rule_at(rules, (size_t)i))->kind != HC_SIGMA_DETECTION)
        return hc_yaml_fail(reference, error, "there is no detection called \"%s\"",
                            reference->type == HC_YAML_SCALAR ? reference->text : "");
    hc_sigma_add(both, rule->detection.condition);
    hc_sigma_add(both, filter->detection.condition);
    rule->detection.condition = both;
    return true;
}

static bool apply_filter(struct hc_sigma_rules *rules, const struct hc_sigma_rule *filter, GError **error)
{
    const struct hc_yaml *map = hc_yaml_get(filter->document, "filter"), *named = hc_yaml_get(map, "rules");

    if (!named)
        return hc_yaml_fail(map, error, "the rules that it filters are missing");
    if (!has_not(filter->detection.condition))
        sigma_warn(rules, hc_yaml_get(map, "condition"),
                   "the filter keeps what it selects; \"not\" would take it away");
    if (named->type == HC_YAML_SCALAR)
        return apply_to(rules, filter, named, error);
    for (const struct hc_yaml *n = named->first; n; n = n->next)
        if (!apply_to(rules, filter, n, error))
            return false;
    return true;
}

/* What a rule needs comes before it. */
enum mark { NEW, OPEN, DONE };

static bool visit(struct hc_sigma_rules *rules, size_t i, enum mark *marks, int depth, GError **error)
{
    struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
    struct hc_sigma_correlation *c = &rule->correlation;

    if (rule->kind != HC_SIGMA_CORRELATION || marks[i] == DONE)
        return !rule->refused;
    if (marks[i] == OPEN)
        return hc_yaml_fail(rule->document, error, "the correlation needs itself");
    if (depth > HC_SIGMA_DEPTH_MAX)
        return hc_yaml_fail(rule->document, error, "correlations of correlations are nested too deeply");
    marks[i] = OPEN;
    for (size_t k = 0; k < c->n_steps + rule->own.n_absent && !rule->refused; k++) {
        g_autoptr(GError) why = NULL;
        size_t needed = k < c->n_steps ? c->steps[k] : rule->own.absent[k - c->n_steps];
        if (visit(rules, needed, marks, depth + 1, &why))
            continue;
        if (!why)
            hc_yaml_fail(rule->document, &why, "a rule that it needs is refused");
        refuse(rules, rule, why);
    }
    marks[i] = DONE;
    if (!rule->refused)
        g_array_append_val(rules->order, i);
    return !rule->refused;
}

static void sort_correlations(struct hc_sigma_rules *rules)
{
    g_autofree enum mark *marks = g_new0(enum mark, rules->rules->len + 1);

    for (guint i = 0; i < rules->rules->len; i++) {
        g_autoptr(GError) why = NULL;
        if (!visit(rules, i, marks, 0, &why) && why)
            refuse(rules, hc_sigma_rule_at(rules, i), why);
    }
}

/* What stands in a correlation is evidence of it, and told with it, unless some correlation says that it is
 * told for itself. */
static void mark_listed(struct hc_sigma_rules *rules)
{
    for (int generate = 0; generate <= 1; generate++)
        for (guint i = 0; i < rules->order->len; i++) {
            const struct hc_sigma_correlation *c =
                &hc_sigma_rule_at(rules, g_array_index(rules->order, size_t, i))->correlation;
            for (size_t s = 0; s < c->n_steps; s++)
                if (c->generate == generate)
                    hc_sigma_rule_at(rules, c->steps[s])->listed = !generate;
        }
}

static bool ask_for(void *data, struct hc_str name)
{
    struct hc_sigma_rules *rules = data;
    g_autofree char *field = hc_str_dup(name);

    hc_sigma_fields_slot(rules->fields, field);
    return true;
}

/* The fields that a detection only tells are looked at too. */
static void ask_for_told(struct hc_sigma_rules *rules, const struct hc_sigma_rule *rule)
{
    const char *const fields[] = {rule->own.actor, rule->own.target};

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i])
            hc_sigma_fields_slot(rules->fields, fields[i]);
    if (rule->own.message)
        hc_sigma_message_names(rule->own.message, ask_for, rules);
}

void hc_sigma_rules_link(struct hc_sigma_rules *rules)
{
    check_names(rules);
    for (guint i = 0; i < rules->rules->len; i++) {
        struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        g_autoptr(GError) why = NULL;
        bool ok = rule->kind == HC_SIGMA_FILTER        ? apply_filter(rules, rule, &why)
                  : rule->kind == HC_SIGMA_CORRELATION ? sigma_correlation_read(rules, rule, &why)
                                                       : true;
        if (!ok)
            refuse(rules, rule, why);
        else if (rule->kind == HC_SIGMA_DETECTION)
            ask_for_told(rules, rule);
    }
    sort_correlations(rules);
    mark_listed(rules);
}
