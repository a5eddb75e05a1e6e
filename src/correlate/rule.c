/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/rule.h"

#include "src/base/asset.h"
#include "src/base/yaml.h"

void rule_free(struct rule *rule)
{
    if (!rule)
        return;
    g_free(rule->id);
    g_free(rule->title);
    g_free(rule->description);
    g_free(rule->message);
    g_free(rule->severity);
    g_free(rule->pass);
    g_free(rule);
}

const char *rule_level(const char *sigma)
{
    static const char *const levels[][2] = {{"critical", "error"},
                                            {"high", "error"},
                                            {"medium", "warning"},
                                            {"low", "note"},
                                            {"informational", "note"}};

    for (size_t i = 0; sigma && i < G_N_ELEMENTS(levels); i++)
        if (strcmp(sigma, levels[i][0]) == 0)
            return levels[i][1];
    return NULL;
}

static bool read_rule(struct rule *rule, const struct hc_yaml *root, GError **error)
{
    static const char *const keys[] = {"title",          "id",   "status", "description", "level",
                                       "falsepositives", "tags", "date",   "references",  "author",
                                       "hindcast",       NULL};
    static const char *const own[] = {"pass", "message", NULL};
    const struct hc_yaml *ours = hc_yaml_get(root, "hindcast");

    if (!hc_yaml_allow(root, keys, error) || !ours)
        return (error && *error) ? false : hc_yaml_fail(root, error, "a rule needs the key hindcast");
    if (!hc_yaml_allow(ours, own, error))
        return false;
    rule->id = g_strdup(hc_yaml_text(root, "id"));
    rule->title = g_strdup(hc_yaml_text(root, "title"));
    rule->message = g_strdup(hc_yaml_text(ours, "message"));
    rule->description = g_strdup(hc_yaml_text(root, "description"));
    rule->severity = g_strdup(hc_yaml_text(root, "level"));
    rule->level = rule_level(rule->severity);
    rule->pass = g_strdup(hc_yaml_text(ours, "pass"));
    if (!rule->id || !rule->title || !rule->description || !rule->message || !rule->level || !rule->pass)
        return hc_yaml_fail(root, error,
                            "a rule needs id, title, description, level, hindcast.pass and hindcast.message");
    return true;
}

struct rule *rule_parse(struct hc_str text, const char *file, GError **error)
{
    g_autoptr(hc_yaml_t) root = hc_yaml_parse(text, file, error);
    g_autoptr(rule_t) rule = g_new0(struct rule, 1);

    return root && read_rule(rule, root, error) ? g_steal_pointer(&rule) : NULL;
}

struct rule *rule_load(const char *file, GError **error)
{
    return rule_parse(hc_asset(file), file, error);
}

static int by_id(gconstpointer a, gconstpointer b)
{
    return strcmp((*(struct rule *const *)a)->id, (*(struct rule *const *)b)->id);
}

/* Assets that end in .yaml; NULL: one of them is none. */
static GPtrArray *load_own(GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);

    for (const struct hc_asset *a = hc_assets; a->name; a++) {
        struct rule *rule;
        if (!g_str_has_prefix(a->name, "reports/rules/") || !g_str_has_suffix(a->name, ".yaml"))
            continue;
        if (!(rule = rule_load(a->name, error)))
            return NULL;
        g_ptr_array_add(all, rule);
    }
    g_ptr_array_sort(all, by_id);
    return g_steal_pointer(&all);
}

bool rule_list_own(GString *out, GError **error)
{
    g_autoptr(GPtrArray) all = load_own(error);

    for (guint i = 0; all && i < all->len; i++) {
        const struct rule *r = all->pdata[i];
        g_string_append_printf(out, "%-13s %-11s %s  %s\n", r->severity, "built-in", r->id, r->title);
    }
    return all != NULL;
}

bool rule_explain_own(GString *out, GError **error)
{
    g_autoptr(GPtrArray) all = load_own(error);

    for (guint i = 0; all && i < all->len; i++) {
        const struct rule *r = all->pdata[i];
        g_string_append_printf(out, "%s (%s)\n  %s\n", r->title, r->severity, r->description);
    }
    return all != NULL;
}
