/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/register.h"

#include "src/base/asset.h"
#include "src/base/text.h"
#include "src/correlate/rule.h"

#define RULE_FOLDER "reports/rules/"

static void add_list(const struct hc_yaml *document, const char *key, GString *out)
{
    const struct hc_yaml *list = hc_yaml_get(document, key);
    const struct hc_yaml *first = list && list->type == HC_YAML_SCALAR ? list : list ? list->first : NULL;
    bool any = false;

    g_string_append(out, out->len > 1 ? ", " : "");
    hc_text_json(out, hc_str(key));
    g_string_append(out, ": [");
    for (const struct hc_yaml *n = first; n; n = n == list ? NULL : n->next) {
        if (n->type != HC_YAML_SCALAR || !*n->text)
            continue;
        g_string_append(out, any ? ", " : "");
        hc_text_json(out, hc_str(n->text));
        any = true;
    }
    g_string_append_c(out, ']');
}

bool register_rule(struct world *w, const struct hc_yaml *document, const char *file, GError **error)
{
    g_autoptr(GString) lists = g_string_new("{");
    const char *title = hc_yaml_text(document, "title"), *name = hc_yaml_text(document, "name"),
               *id = hc_yaml_text(document, "id");
    const char *level = rule_level(hc_yaml_text(document, "level"));

    const char *own = hc_yaml_text(hc_yaml_get(document, "hindcast"), "rule");

    id = own ? own : id ? id : name ? name : title;
    if (!id)
        return true;
    add_list(document, "tags", lists);
    add_list(document, "falsepositives", lists);
    add_list(document, "references", lists);
    g_string_append_c(lists, '}');
    return hc_exec(hc_db_query(w->db, "correlate", "add_rule", "ttttttttt", id, title ? title : id,
                               level ? level : "note", hc_yaml_text(document, "status"),
                               hc_yaml_text(document, "description"), hc_yaml_text(document, "author"),
                               hc_yaml_text(document, "date"), file, lists->str),
                   error);
}

/* What words our own passes. */
static bool register_passes(struct world *w, GError **error)
{
    bool ok = true;

    for (const struct hc_asset *a = hc_assets; ok && a->name; a++) {
        g_autoptr(hc_yaml_t) document = NULL;
        if (!g_str_has_prefix(a->name, RULE_FOLDER) || !g_str_has_suffix(a->name, ".yaml"))
            continue;
        document = hc_yaml_parse(hc_asset(a->name), a->name, error);
        ok = document && register_rule(w, document, a->name, error);
    }
    return ok;
}

/* Where rules from outside of the case lie is of no matter to it. */
static char *file_of(const struct hc_sigma_rule *rule)
{
    const char *file = rule->document->file;
    g_autofree char *name = g_path_get_basename(file);

    return g_str_has_prefix(file, RULE_FOLDER) || g_str_has_prefix(file, "rules/")
               ? g_strdup(file)
               : g_strconcat("external/", name, NULL);
}

/* Of Sigma's rules those that have findings of their own. */
bool pass_rules(struct world *w, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && i < w->rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(w->rules, i);
        g_autofree char *file = file_of(rule);
        if (!rule->refused && !rule->listed && rule->kind != HC_SIGMA_FILTER)
            ok = register_rule(w, rule->document, file, error);
    }
    return ok && register_passes(w, error);
}
