/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/rules.h"

#include "src/correlate/sigma/extension.h"
#include "src/correlate/sigma/link.h"

#include <stdarg.h>

static void rule_free(void *data)
{
    struct hc_sigma_rule *rule = data;

    for (size_t i = 0; i < rule->correlation.n_keys; i++)
        g_free(rule->correlation.keys[i]);
    g_free(rule);
}

static void free_item(void *item)
{
    hc_sigma_item_free(item);
}

struct hc_sigma_rules *hc_sigma_rules_new(void)
{
    struct hc_sigma_rules *rules = g_new0(struct hc_sigma_rules, 1);

    rules->documents = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    rules->rules = g_ptr_array_new_with_free_func(rule_free);
    rules->items = g_ptr_array_new_with_free_func(free_item);
    rules->by_text = g_hash_table_new(g_str_hash, g_str_equal);
    rules->pool = hc_sigma_pool_new();
    rules->fields = hc_sigma_fields_new();
    rules->lists = hc_sigma_lists_new();
    rules->problems = g_ptr_array_new_with_free_func(g_free);
    rules->warnings = g_ptr_array_new_with_free_func(g_free);
    rules->order = g_array_new(FALSE, FALSE, sizeof(size_t));
    rules->reserved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return rules;
}

void hc_sigma_rules_free(struct hc_sigma_rules *rules)
{
    if (!rules)
        return;
    g_ptr_array_unref(rules->rules);
    g_hash_table_unref(rules->by_text);
    g_ptr_array_unref(rules->items);
    g_ptr_array_unref(rules->pool);
    g_ptr_array_unref(rules->documents);
    hc_sigma_fields_free(rules->fields);
    hc_sigma_lists_free(rules->lists);
    g_ptr_array_unref(rules->problems);
    g_ptr_array_unref(rules->warnings);
    g_array_unref(rules->order);
    g_hash_table_unref(rules->reserved);
    g_free(rules);
}

void sigma_problem(struct hc_sigma_rules *rules, const GError *why)
{
    g_ptr_array_add(rules->problems, g_strdup(why->message));
}

void sigma_warn(struct hc_sigma_rules *rules, const struct hc_yaml *where, const char *format, ...)
{
    g_autoptr(GError) why = NULL;
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    hc_yaml_fail(where, &why, "%s", text);
    g_ptr_array_add(rules->warnings, g_strdup(why->message));
}

/* Rules that ask for the same share one item, which is asked once for each event. */
static struct hc_sigma_node *read_item(struct hc_sigma_rules *rules, const char *key,
                                       const struct hc_yaml *values, GError **error)
{
    struct hc_sigma_item *item = hc_sigma_item_read(key, values, rules->fields, rules->lists, error);
    size_t known;

    if (!item)
        return NULL;
    known = GPOINTER_TO_SIZE(g_hash_table_lookup(rules->by_text, hc_sigma_item_text(item)));
    if (known) {
        hc_sigma_item_free(item);
        return hc_sigma_leaf(rules->pool, known - 1);
    }
    g_ptr_array_add(rules->items, item);
    g_hash_table_insert(rules->by_text, (char *)hc_sigma_item_text(item),
                        GSIZE_TO_POINTER((gsize)rules->items->len));
    return hc_sigma_leaf(rules->pool, rules->items->len - 1);
}

static struct hc_sigma_node *read_map(struct hc_sigma_rules *rules, const struct hc_yaml *map, GError **error)
{
    struct hc_sigma_node *node = hc_sigma_join(rules->pool, HC_SIGMA_AND), *item;

    for (const struct hc_yaml *entry = map->first; entry; entry = entry->next) {
        if (!(item = read_item(rules, entry->key, entry, error)))
            return NULL;
        hc_sigma_add(node, item);
    }
    if (node->of->len)
        return node;
    hc_yaml_fail(map, error, "a selection is empty");
    return NULL;
}

static struct hc_sigma_node *read_element(struct hc_sigma_rules *rules, const struct hc_yaml *element,
                                          GError **error)
{
    if (element->type == HC_YAML_MAPPING)
        return read_map(rules, element, error);
    return read_item(rules, "", element, error);
}

/* A mapping, all of which has to be true; a list, of which one is enough; a text that is looked for
 * everywhere. */
static struct hc_sigma_node *read_selection(struct hc_sigma_rules *rules, const struct hc_yaml *selection,
                                            GError **error)
{
    struct hc_sigma_node *node, *element;

    if (selection->type != HC_YAML_SEQUENCE)
        return read_element(rules, selection, error);
    node = hc_sigma_join(rules->pool, HC_SIGMA_OR);
    for (const struct hc_yaml *e = selection->first; e; e = e->next) {
        if (!(element = read_element(rules, e, error)))
            return NULL;
        hc_sigma_add(node, element);
    }
    if (node->of->len)
        return node;
    hc_yaml_fail(selection, error, "a selection is empty");
    return NULL;
}

static void warn_unused(struct hc_sigma_rules *rules, const struct hc_yaml *detection, const GArray *names)
{
    for (guint i = 0; i < names->len; i++) {
        const struct hc_sigma_name *n = &g_array_index(names, struct hc_sigma_name, i);
        if (!n->used)
            sigma_warn(rules, hc_yaml_get(detection, n->name), "the condition does not ask for \"%s\"",
                       n->name);
    }
}

/* One condition, or a list of which one is enough. */
static struct hc_sigma_node *read_conditions(struct hc_sigma_rules *rules, const struct hc_yaml *condition,
                                             GArray *names, GError **error)
{
    struct hc_sigma_name *all = (struct hc_sigma_name *)(void *)names->data;
    struct hc_sigma_node *node, *one;

    if (condition->type != HC_YAML_SEQUENCE || !condition->first)
        return hc_sigma_condition(condition, all, names->len, rules->pool, error);
    node = hc_sigma_join(rules->pool, HC_SIGMA_OR);
    for (const struct hc_yaml *c = condition->first; c; c = c->next) {
        if (!(one = hc_sigma_condition(c, all, names->len, rules->pool, error)))
            return NULL;
        hc_sigma_add(node, one);
    }
    return node;
}

static bool is_reserved(const struct hc_yaml *entry, bool filter)
{
    return strcmp(entry->key, "condition") == 0 || (filter && strcmp(entry->key, "rules") == 0);
}

/* The selections and the condition of a detection or a filter. */
static bool read_detection(struct hc_sigma_rules *rules, const struct hc_yaml *map, bool filter,
                           struct hc_sigma_detection *out, GError **error)
{
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_name));
    const struct hc_yaml *condition = hc_yaml_get(map, "condition");

    if (map->type != HC_YAML_MAPPING)
        return hc_yaml_fail(map, error, "a mapping of selections and a condition is expected here");
    if (!condition)
        return hc_yaml_fail(map, error, "the condition is missing");
    for (const struct hc_yaml *entry = map->first; entry; entry = entry->next) {
        struct hc_sigma_name name = {entry->key, NULL, false};
        if (is_reserved(entry, filter))
            continue;
        if (strcmp(entry->key, "timeframe") == 0)
            return hc_yaml_fail(entry, error,
                                "\"timeframe\" is from an old form of rules; use a correlation rule instead");
        if (!(name.node = read_selection(rules, entry, error)))
            return false;
        g_array_append_val(names, name);
    }
    out->condition = read_conditions(rules, condition, names, error);
    if (out->condition)
        warn_unused(rules, map, names);
    return out->condition != NULL;
}

/* `service` and the like are texts; `definition` is prose for people. What we do not know would narrow the
 * rule, so that it matched too much. */
static bool read_logsource(const struct hc_yaml *document, struct hc_sigma_logsource *out, GError **error)
{
    static const char *const keys[] = {"category", "product", "service"};
    static const char *const known[] = {"category", "product", "service", "definition", NULL};
    const char **const places[] = {&out->category, &out->product, &out->service};
    const struct hc_yaml *map = hc_yaml_get(document, "logsource"), *node;

    if (!map)
        return hc_yaml_fail(document, error, "the logsource is missing");
    if (map->type != HC_YAML_MAPPING)
        return hc_yaml_fail(map, error, "a mapping of category, product and service is expected here");
    if (!hc_yaml_allow(map, known, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if ((node = hc_yaml_get(map, keys[i])) && node->type != HC_YAML_SCALAR)
            return hc_yaml_fail(node, error, "the %s of a logsource is one text", keys[i]);
        *places[i] = hc_yaml_text(map, keys[i]);
    }
    return true;
}

static bool read_head(const struct hc_yaml *document, struct hc_sigma_rule *rule, GError **error)
{
    static const char *const levels[] = {"informational", "low", "medium", "high", "critical", NULL};
    const struct hc_yaml *action = hc_yaml_get(document, "action"), *level = hc_yaml_get(document, "level");

    if (document->type != HC_YAML_MAPPING)
        return hc_yaml_fail(document, error, "a rule is a mapping");
    if (action)
        return hc_yaml_fail(action, error,
                            "\"action\" is from an old form of rule collections; give each rule in full");
    rule->title = hc_yaml_text(document, "title");
    rule->id = hc_yaml_text(document, "id");
    rule->name = hc_yaml_text(document, "name");
    rule->level = hc_yaml_text(document, "level");
    if (!rule->title || !*rule->title)
        return hc_yaml_fail(document, error, "the title is missing");
    if (level && (!rule->level || !g_strv_contains(levels, rule->level)))
        return hc_yaml_fail(level, error, "the level is one of informational, low, medium, high, critical");
    return true;
}

/* A correlation is read when all rules are known; here it only gets its place. */
static bool read_rule(struct hc_sigma_rules *rules, const struct hc_yaml *document,
                      struct hc_sigma_rule *rule, GError **error)
{
    const struct hc_yaml *detection = hc_yaml_get(document, "detection"),
                         *filter = hc_yaml_get(document, "filter");
    const struct hc_yaml *correlation = hc_yaml_get(document, "correlation");

    if (!read_head(document, rule, error))
        return false;
    if ((detection != NULL) + (filter != NULL) + (correlation != NULL) != 1)
        return hc_yaml_fail(document, error, "a rule has one of detection, correlation and filter");
    rule->kind = detection ? HC_SIGMA_DETECTION : correlation ? HC_SIGMA_CORRELATION : HC_SIGMA_FILTER;
    if (!sigma_extension_read(rule, error) ||
        (rule->kind == HC_SIGMA_DETECTION && !read_logsource(document, &rule->logsource, error)))
        return false;
    return correlation ||
           read_detection(rules, detection ? detection : filter, filter != NULL, &rule->detection, error);
}

static void add_rule(struct hc_sigma_rules *rules, const struct hc_yaml *document)
{
    struct hc_sigma_rule *rule = g_new0(struct hc_sigma_rule, 1);
    g_autoptr(GError) why = NULL;

    rule->document = document;
    if (rules->rules->len == HC_SIGMA_RULES_MAX)
        hc_yaml_fail(document, &why, "more than %d rules", HC_SIGMA_RULES_MAX);
    else if (read_rule(rules, document, rule, &why)) {
        g_ptr_array_add(rules->rules, rule);
        return;
    }
    sigma_problem(rules, why);
    rule_free(rule);
}

void hc_sigma_rules_add(struct hc_sigma_rules *rules, struct hc_str text, const char *file)
{
    g_autoptr(GError) why = NULL;
    GPtrArray *documents = hc_yaml_parse_all(text, file, &why);

    if (!documents) {
        sigma_problem(rules, why);
        return;
    }
    g_ptr_array_add(rules->documents, documents);
    for (guint i = 0; i < documents->len; i++)
        add_rule(rules, documents->pdata[i]);
}

void hc_sigma_rules_reserve(struct hc_sigma_rules *rules, const char *name, const char *file)
{
    g_hash_table_insert(rules->reserved, g_strdup(name), g_strdup(file));
}
