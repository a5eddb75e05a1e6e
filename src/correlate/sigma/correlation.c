/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/extension.h"
#include "src/correlate/sigma/link.h"
#include "src/correlate/sigma/scalar.h"

static const struct {
    const char *name;
    enum hc_sigma_type type;
} types[] = {
    {"event_count", HC_SIGMA_EVENT_COUNT},
    {"value_count", HC_SIGMA_VALUE_COUNT},
    {"value_sum", HC_SIGMA_VALUE_SUM},
    {"value_avg", HC_SIGMA_VALUE_AVG},
    {"value_percentile", HC_SIGMA_VALUE_PERCENTILE},
    {"value_median", HC_SIGMA_VALUE_MEDIAN},
    {"temporal", HC_SIGMA_TEMPORAL},
    {"temporal_ordered", HC_SIGMA_TEMPORAL_ORDERED},
};

static bool read_type(const struct hc_yaml *map, enum hc_sigma_type *type, GError **error)
{
    const struct hc_yaml *node = hc_yaml_get(map, "type");

    for (size_t i = 0; node && node->text && i < G_N_ELEMENTS(types); i++)
        if (strcmp(node->text, types[i].name) == 0) {
            *type = types[i].type;
            return true;
        }
    if (!node)
        return hc_yaml_fail(map, error, "the type of the correlation is missing");
    return hc_yaml_fail(node, error, "correlations of the type \"%s\" are not supported",
                        node->text ? node->text : "");
}

/* A scalar, or each of a list. Calls `fn` with its number. */
typedef bool (*each_fn)(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c,
                        const struct hc_yaml *node, GError **error);

static bool each(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c, const struct hc_yaml *list,
                 each_fn fn, GError **error)
{
    if (list->type == HC_YAML_SCALAR)
        return fn(rules, c, list, error);
    for (const struct hc_yaml *node = list->first; node; node = node->next)
        if (node->type != HC_YAML_SCALAR || list->type != HC_YAML_SEQUENCE)
            return hc_yaml_fail(node, error, "a list of names is expected here");
        else if (!fn(rules, c, node, error))
            return false;
    return list->first || hc_yaml_fail(list, error, "the list is empty");
}

static bool add_step(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c, const struct hc_yaml *node,
                     GError **error)
{
    ptrdiff_t rule = sigma_find(rules, node->text);

    if (rule < 0)
        return hc_yaml_fail(node, error, "there is no rule called \"%s\"", node->text);
    if (c->n_steps == HC_SIGMA_STEPS_MAX)
        return hc_yaml_fail(node, error, "more than %d rules in one correlation", HC_SIGMA_STEPS_MAX);
    c->steps[c->n_steps++] = (size_t)rule;
    return true;
}

static bool add_key(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c, const struct hc_yaml *node,
                    GError **error)
{
    (void)rules;
    if (c->n_keys == HC_SIGMA_KEYS_MAX)
        return hc_yaml_fail(node, error, "more than %d keys in group-by", HC_SIGMA_KEYS_MAX);
    c->keys[c->n_keys++] = g_strdup(node->text);
    return true;
}

/* The name that a field has in one of the rules: an alias may say so by the rule's id or name. */
static struct hc_sigma_source source_in(struct hc_sigma_rules *rules, const struct hc_yaml *aliases,
                                        const char *field, size_t rule)
{
    const struct hc_sigma_rule *r = hc_sigma_rule_at(rules, rule);
    const struct hc_yaml *alias = hc_yaml_get(aliases, field);
    const char *name = alias && r->name ? hc_yaml_text(alias, r->name) : NULL;

    if (!name && alias && r->id)
        name = hc_yaml_text(alias, r->id);
    bool mapped = name || !alias;
    name = name ? name : field;
    return (struct hc_sigma_source){name, hc_sigma_fields_slot(rules->fields, name), mapped};
}

static bool add_value(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c,
                      const struct hc_yaml *node, GError **error)
{
    (void)rules;
    if (c->n_values == HC_SIGMA_KEYS_MAX)
        return hc_yaml_fail(node, error, "more than %d fields in one condition", HC_SIGMA_KEYS_MAX);
    c->value_of[0][c->n_values++].name = node->text;
    return true;
}

/* Aliases count for values as they do for keys. */
static void set_values(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c,
                       const struct hc_yaml *aliases)
{
    for (size_t v = 0; v < c->n_values; v++) {
        const char *field = c->value_of[0][v].name;
        for (size_t s = 0; s < c->n_steps; s++)
            c->value_of[s][v] = source_in(rules, aliases, field, c->steps[s]);
    }
}

static bool is_listed(const struct hc_sigma_rule *rule, ptrdiff_t number)
{
    for (size_t s = 0; s < rule->correlation.n_steps; s++)
        if ((ptrdiff_t)rule->correlation.steps[s] == number)
            return true;
    for (size_t i = 0; i < rule->own.n_absent; i++)
        if ((ptrdiff_t)rule->own.absent[i] == number)
            return true;
    return false;
}

/* An alias that names a rule which the correlation does not list is a mistake. */
static bool check_aliases(struct hc_sigma_rules *rules, const struct hc_sigma_rule *rule,
                          const struct hc_yaml *aliases, GError **error)
{
    for (const struct hc_yaml *alias = aliases ? aliases->first : NULL; alias; alias = alias->next) {
        if (alias->type != HC_YAML_MAPPING)
            return hc_yaml_fail(alias, error, "an alias says for each rule which field is meant");
        for (const struct hc_yaml *field = alias->first; field; field = field->next) {
            ptrdiff_t number = sigma_find(rules, field->key);
            if (number < 0 || !is_listed(rule, number) || field->type != HC_YAML_SCALAR)
                return hc_yaml_fail(field, error, "\"%s\" is no rule of this correlation", field->key);
        }
    }
    return true;
}

static bool read_keys(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, const struct hc_yaml *map,
                      GError **error)
{
    struct hc_sigma_correlation *c = &rule->correlation;
    const struct hc_yaml *keys = hc_yaml_get(map, "group-by"), *aliases = hc_yaml_get(map, "aliases");

    if ((keys && !each(rules, c, keys, add_key, error)) || !check_aliases(rules, rule, aliases, error))
        return false;
    for (size_t s = 0; s < c->n_steps; s++)
        for (size_t k = 0; k < c->n_keys; k++)
            c->key_of[s][k] = source_in(rules, aliases, c->keys[k], c->steps[s]);
    for (size_t i = 0; i < rule->own.n_absent; i++)
        for (size_t k = 0; k < c->n_keys; k++)
            rule->own.absent_key_of[i][k] = source_in(rules, aliases, c->keys[k], rule->own.absent[i]);
    return true;
}

static bool add_limit(struct hc_sigma_correlation *c, const struct hc_yaml *node, GError **error)
{
    static const char *const bounds[] = {"lt", "lte", "gt", "gte", "eq", "neq"};

    for (size_t i = 0; i < G_N_ELEMENTS(bounds); i++) {
        struct hc_sigma_limit limit = {.bound = (enum hc_sigma_bound)i};
        if (strcmp(node->key, bounds[i]) != 0)
            continue;
        if (node->type != HC_YAML_SCALAR || !hc_number_read(hc_str(node->text), &limit.number))
            return hc_yaml_fail(node, error, "a number is expected here");
        limit.value = limit.number.nearest;
        if (c->n_limits == G_N_ELEMENTS(c->limits))
            return hc_yaml_fail(node, error, "more than two limits");
        c->limits[c->n_limits++] = limit;
        return true;
    }
    return hc_yaml_fail(
        node, error,
        "unknown key \"%s\" in a condition (known: field, percentile, lt, lte, gt, gte, eq, neq)", node->key);
}

/* "percentile: 95", above 0 and at most 100; only where it means something. */
static bool read_percent(struct hc_sigma_correlation *c, const struct hc_yaml *condition, GError **error)
{
    const struct hc_yaml *node = hc_yaml_get(condition, "percentile");

    if (c->type != HC_SIGMA_VALUE_PERCENTILE)
        return !node || hc_yaml_fail(node, error, "only value_percentile takes a percentile");
    if (node && node->type == HC_YAML_SCALAR && hc_number_of(hc_str(node->text), &c->percent) &&
        c->percent > 0 && c->percent <= 100)
        return true;
    return hc_yaml_fail(node ? node : condition, error,
                        "percentile: a number above 0 and up to 100 is expected");
}

/* "{gt: 5, lt: 3}" is a mistake, though a harmless one. */
static void warn_of_limits(struct hc_sigma_rules *rules, const struct hc_sigma_correlation *c,
                           const struct hc_yaml *condition)
{
    const struct hc_sigma_limit *least = NULL, *most = NULL;

    for (size_t i = 0; i < c->n_limits; i++) {
        const struct hc_sigma_limit *limit = &c->limits[i];
        least = limit->bound == HC_SIGMA_GT || limit->bound == HC_SIGMA_GTE ? limit : least;
        most = limit->bound == HC_SIGMA_LT || limit->bound == HC_SIGMA_LTE ? limit : most;
    }
    if (least && most && hc_number_compare(&least->number, &most->number) > 0)
        sigma_warn(rules, condition, "no number is within both limits: this never matches");
}

static bool read_limits(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c,
                        const struct hc_yaml *map, const struct hc_yaml *condition, GError **error)
{
    const struct hc_yaml *field = hc_yaml_get(condition, "field");
    bool counts = c->type == HC_SIGMA_EVENT_COUNT;

    if (!condition || condition->type != HC_YAML_MAPPING)
        return hc_yaml_fail(condition ? condition : map, error,
                            "this type needs a condition such as {gte: 3}");
    if (counts ? field != NULL : field == NULL)
        return hc_yaml_fail(condition, error,
                            counts ? "event_count takes no field" : "the condition has to name a field");
    for (const struct hc_yaml *node = condition->first; node; node = node->next)
        if (node != field && strcmp(node->key, "percentile") != 0 && !add_limit(c, node, error))
            return false;
    if (!read_percent(c, condition, error))
        return false;
    if (!c->n_limits)
        return hc_yaml_fail(condition, error, "the condition has no limit");
    warn_of_limits(rules, c, condition);
    if (field && !each(rules, c, field, add_value, error))
        return false;
    set_values(rules, c, hc_yaml_get(map, "aliases"));
    return c->n_values < 2 || c->type == HC_SIGMA_VALUE_COUNT ||
           hc_yaml_fail(field, error, "this type takes one field");
}

/* Names and negated names, joined by "and". */
static bool is_all_of(const struct hc_sigma_node *node)
{
    if (node->op == HC_SIGMA_LEAF)
        return true;
    if (node->op == HC_SIGMA_NOT)
        return ((struct hc_sigma_node *)node->of->pdata[0])->op == HC_SIGMA_LEAF;
    for (guint i = 0; i < node->of->len; i++)
        if (node->op != HC_SIGMA_AND || !is_all_of(node->of->pdata[i]))
            return false;
    return true;
}

/* "a and not b" over the names of the rules. */
static bool read_extended(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c,
                          const struct hc_yaml *condition, GError **error)
{
    struct hc_sigma_name names[2 * HC_SIGMA_STEPS_MAX];
    size_t n = 0;

    for (size_t s = 0; s < c->n_steps; s++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, c->steps[s]);
        struct hc_sigma_node *leaf = hc_sigma_leaf(rules->pool, s);
        if (rule->name)
            names[n++] = (struct hc_sigma_name){rule->name, leaf, false};
        if (rule->id && g_strcmp0(rule->id, rule->name))
            names[n++] = (struct hc_sigma_name){rule->id, leaf, false};
    }
    c->condition = hc_sigma_condition(condition, names, n, rules->pool, error);
    if (c->condition && c->type == HC_SIGMA_TEMPORAL_ORDERED && !is_all_of(c->condition))
        return hc_yaml_fail(
            condition, error,
            "the condition of temporal_ordered can only say what has to be there and what must not");
    return c->condition != NULL;
}

/* "{gte: 2}": how many of the rules have to be met; in order, only all of them can be asked for. */
static bool read_rule_count(struct hc_sigma_correlation *c, const struct hc_yaml *condition, GError **error)
{
    const struct hc_sigma_limit *limit = &c->limits[0];
    double all = (double)c->n_steps;

    for (const struct hc_yaml *node = condition->first; node; node = node->next)
        if (!add_limit(c, node, error))
            return false;
    if (c->type == HC_SIGMA_TEMPORAL)
        return true;
    if (c->n_limits == 1 &&
        ((limit->value == all && (limit->bound == HC_SIGMA_GTE || limit->bound == HC_SIGMA_EQ)) ||
         (limit->value == all - 1 && limit->bound == HC_SIGMA_GT)))
        return true;
    return hc_yaml_fail(condition, error, "temporal_ordered needs all of its rules, not some");
}

static bool read_condition(struct hc_sigma_rules *rules, struct hc_sigma_correlation *c,
                           const struct hc_yaml *map, GError **error)
{
    const struct hc_yaml *condition = hc_yaml_get(map, "condition");
    bool temporal = c->type == HC_SIGMA_TEMPORAL || c->type == HC_SIGMA_TEMPORAL_ORDERED;

    if (!temporal)
        return read_limits(rules, c, map, condition, error);
    if (!condition)
        return true;
    if (condition->type == HC_YAML_MAPPING)
        return read_rule_count(c, condition, error);
    return read_extended(rules, c, condition, error);
}

static bool read_generate(const struct hc_yaml *map, bool *generate, GError **error)
{
    const struct hc_yaml *node = hc_yaml_get(map, "generate");
    bool yes = false;

    if (node && (node->type != HC_YAML_SCALAR || hc_sigma_scalar_of(node, &yes) != HC_SIGMA_BOOL))
        return hc_yaml_fail(node, error, "generate: true or false is expected here");
    *generate = yes;
    return true;
}

bool sigma_correlation_read(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, GError **error)
{
    static const char *const known[] = {"type",      "rules",   "group-by", "timespan",
                                        "condition", "aliases", "generate", NULL};
    const struct hc_yaml *map = hc_yaml_get(rule->document, "correlation");
    const struct hc_yaml *steps = hc_yaml_get(map, "rules"), *span = hc_yaml_get(map, "timespan");
    struct hc_sigma_correlation *c = &rule->correlation;

    if (!hc_yaml_allow(map, known, error) || !read_type(map, &c->type, error) ||
        !read_generate(map, &c->generate, error))
        return false;
    if (!steps || !span)
        return hc_yaml_fail(map, error, "%s", steps ? "the timespan is missing" : "the rules are missing");
    return each(rules, c, steps, add_step, error) && hc_sigma_timespan(span, &c->span, error) &&
           sigma_extension_absent(rules, rule, error) && read_keys(rules, rule, map, error) &&
           read_condition(rules, c, map, error) && sigma_extension_link(rules, rule, error);
}
