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

    id = id ? id : name ? name : title;
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

bool pass_rules(struct world *w, GError **error)
{
    bool ok = true;

    for (const struct hc_asset *a = hc_assets; ok && a->name; a++) {
        g_autoptr(GPtrArray) documents = NULL;
        if (!g_str_has_prefix(a->name, RULE_FOLDER))
            continue;
        documents = hc_yaml_parse_all(hc_asset(a->name), a->name, error);
        ok = documents != NULL;
        for (guint i = 0; ok && i < documents->len; i++)
            ok = register_rule(w, documents->pdata[i], a->name, error);
    }
    return ok;
}
