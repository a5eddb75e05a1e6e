/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/extension.h"

#include "src/correlate/sigma/link.h"
#include "src/correlate/sigma/message.h"
#include "src/correlate/sigma/scalar.h"

static const struct hc_yaml *own_map(const struct hc_sigma_rule *rule)
{
    return hc_yaml_get(rule->document, "hindcast");
}

static bool read_text(const struct hc_yaml *map, const char *key, const char **out, GError **error)
{
    const struct hc_yaml *node = hc_yaml_get(map, key);

    if (!node)
        return true;
    if (node->type != HC_YAML_SCALAR || !*node->text)
        return hc_yaml_fail(node, error, "%s: a text is expected here", key);
    *out = node->text;
    return true;
}

static bool read_yields(const struct hc_yaml *map, bool *out, GError **error)
{
    const struct hc_yaml *node = hc_yaml_get(map, "yields");
    bool yes = false;

    if (node && (node->type != HC_YAML_SCALAR || hc_sigma_scalar_of(node, &yes) != HC_SIGMA_BOOL))
        return hc_yaml_fail(node, error, "yields: true or false is expected here");
    *out = yes;
    return true;
}

bool sigma_extension_read(struct hc_sigma_rule *rule, GError **error)
{
    static const char *const any[] = {"rule",   "message", "incident", "actor",
                                      "target", "yields",  "lessons",  NULL};
    static const char *const correlation[] = {
        "rule",          "message", "incident", "actor",          "target", "yields", "lessons",
        "optional-keys", "max-gap", "distinct", "absent-between", "within", NULL};
    const struct hc_yaml *map = own_map(rule);
    struct hc_sigma_extension *own = &rule->own;

    if (!map)
        return true;
    return hc_yaml_allow(map, rule->kind == HC_SIGMA_CORRELATION ? correlation : any, error) &&
           read_text(map, "rule", &own->rule, error) && read_text(map, "message", &own->message, error) &&
           read_text(map, "incident", &own->incident, error) && read_text(map, "actor", &own->actor, error) &&
           read_text(map, "target", &own->target, error) && read_yields(map, &own->yields, error);
}

/* The key of group-by that is called so; its number, or -1 with a reason. */
static ptrdiff_t key_number(const struct hc_sigma_correlation *c, const struct hc_yaml *node, GError **error)
{
    for (size_t k = 0; node->type == HC_YAML_SCALAR && k < c->n_keys; k++)
        if (strcmp(c->keys[k], node->text) == 0)
            return (ptrdiff_t)k;
    hc_yaml_fail(node, error, "\"%s\" is no key of group-by", node->type == HC_YAML_SCALAR ? node->text : "");
    return -1;
}

static bool is_list(const struct hc_yaml *node, GError **error)
{
    return (node->type == HC_YAML_SEQUENCE && node->first) ||
           hc_yaml_fail(node, error, "%s: a list is expected here", node->key ? node->key : "");
}

static bool read_optional(struct hc_sigma_rule *rule, const struct hc_yaml *list, GError **error)
{
    const struct hc_sigma_correlation *c = &rule->correlation;
    bool whole = false;

    if (!list)
        return true;
    if (!is_list(list, error))
        return false;
    for (const struct hc_yaml *node = list->first; node; node = node->next) {
        ptrdiff_t k = key_number(c, node, error);
        if (k < 0)
            return false;
        rule->own.optional |= 1u << k;
    }
    for (size_t s = 0; s < c->n_steps; s++) {
        bool all = true;
        for (size_t k = 0; k < c->n_keys; k++)
            all = all && (c->key_of[s][k].mapped || !(rule->own.optional >> k & 1));
        whole = whole || all;
    }
    return whole || hc_yaml_fail(list, error, "none of the rules has all keys of group-by");
}

static bool read_gaps(struct hc_sigma_rule *rule, const struct hc_yaml *node, GError **error)
{
    const struct hc_sigma_correlation *c = &rule->correlation;
    size_t n = 0;

    if (!node)
        return true;
    if (c->type != HC_SIGMA_TEMPORAL_ORDERED || c->condition)
        return hc_yaml_fail(node, error, "max-gap needs a temporal_ordered without a condition");
    rule->own.has_gaps = true;
    if (node->type == HC_YAML_SCALAR) {
        if (!hc_sigma_timespan(node, &rule->own.gaps[0], error))
            return false;
        for (size_t s = 1; s + 1 < c->n_steps; s++)
            rule->own.gaps[s] = rule->own.gaps[0];
        return true;
    }
    for (const struct hc_yaml *gap = node->first; gap; gap = gap->next, n++)
        if (n + 1 < c->n_steps && !hc_sigma_timespan(gap, &rule->own.gaps[n], error))
            return false;
    return n + 1 == c->n_steps ||
           hc_yaml_fail(node, error, "max-gap: %zu timespans are expected, one between each two steps",
                        c->n_steps - 1);
}

static bool read_distinct(struct hc_sigma_rule *rule, const struct hc_yaml *list, GError **error)
{
    struct hc_sigma_extension *own = &rule->own;

    if (!list)
        return true;
    if (!is_list(list, error))
        return false;
    for (const struct hc_yaml *pair = list->first; pair; pair = pair->next) {
        ptrdiff_t a, b;
        if (pair->type != HC_YAML_SEQUENCE || !pair->first || !pair->first->next || pair->first->next->next)
            return hc_yaml_fail(pair, error, "distinct: two keys are expected here, such as [a, b]");
        if (own->n_distinct == HC_SIGMA_KEYS_MAX)
            return hc_yaml_fail(pair, error, "distinct: more than %d pairs", HC_SIGMA_KEYS_MAX);
        if ((a = key_number(&rule->correlation, pair->first, error)) < 0 ||
            (b = key_number(&rule->correlation, pair->first->next, error)) < 0)
            return false;
        own->distinct[own->n_distinct][0] = (size_t)a;
        own->distinct[own->n_distinct++][1] = (size_t)b;
    }
    return true;
}

bool sigma_extension_absent(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(own_map(rule), "absent-between");
    struct hc_sigma_extension *own = &rule->own;

    if (!list)
        return true;
    if (rule->correlation.type != HC_SIGMA_TEMPORAL_ORDERED)
        return hc_yaml_fail(list, error, "absent-between needs a temporal_ordered");
    if (!is_list(list, error))
        return false;
    for (const struct hc_yaml *node = list->first; node; node = node->next) {
        ptrdiff_t found = node->type == HC_YAML_SCALAR ? sigma_find(rules, node->text) : -1;
        if (found < 0)
            return hc_yaml_fail(node, error, "there is no rule called \"%s\"",
                                node->type == HC_YAML_SCALAR ? node->text : "");
        if (rule->correlation.n_steps + own->n_absent == HC_SIGMA_STEPS_MAX)
            return hc_yaml_fail(node, error, "more than %d rules in one correlation", HC_SIGMA_STEPS_MAX);
        own->absent[own->n_absent++] = (size_t)found;
    }
    return true;
}

static bool read_within(struct hc_sigma_rule *rule, const struct hc_yaml *node, GError **error)
{
    const struct hc_sigma_correlation *c = &rule->correlation;

    if (!node)
        return true;
    if (c->type == HC_SIGMA_TEMPORAL || c->type == HC_SIGMA_TEMPORAL_ORDERED)
        return hc_yaml_fail(node, error, "within is for counts and values; the timespan says it here");
    return hc_sigma_timespan(node, &rule->own.within, error) &&
           (rule->own.within <= c->span ||
            hc_yaml_fail(node, error, "within cannot be more than the timespan"));
}

/* Who is accused and who suffered are keys: of a match there is no other value. */
static bool check_roles(const struct hc_sigma_rule *rule, GError **error)
{
    static const char *const roles[] = {"actor", "target"};

    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        const struct hc_yaml *node = hc_yaml_get(own_map(rule), roles[i]);
        if (node && key_number(&rule->correlation, node, error) < 0)
            return false;
    }
    return true;
}

bool sigma_extension_link(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, GError **error)
{
    const struct hc_yaml *map = own_map(rule);

    if (!map)
        return true;
    return read_optional(rule, hc_yaml_get(map, "optional-keys"), error) &&
           read_gaps(rule, hc_yaml_get(map, "max-gap"), error) &&
           read_distinct(rule, hc_yaml_get(map, "distinct"), error) &&
           read_within(rule, hc_yaml_get(map, "within"), error) && check_roles(rule, error) &&
           sigma_message_check(rules, rule, hc_yaml_get(map, "message"), error);
}
