/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/rulebook.h"

#include "src/base/text.h"

static const char *level_of(const struct hc_sigma_rule *rule)
{
    return rule->level ? rule->level : "-";
}

static bool is_rule_file(const char *name)
{
    return g_str_has_suffix(name, ".yml") || g_str_has_suffix(name, ".yaml");
}

static int by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_file(struct hc_sigma_rules *rules, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    gsize n;

    if (!g_file_get_contents(path, &text, &n, &why))
        return hc_fail(error, HC_ERROR_IO, "%s", why->message);
    hc_sigma_rules_add(rules, hc_str_n(text, n), path);
    return true;
}

/* Symbolic links to folders are not followed: they may lead in a circle. */
static bool add_folder(struct hc_sigma_rules *rules, const char *path, GError **error)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!folder)
        return false;
    while ((name = g_dir_read_name(folder)))
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, by_text);
    for (guint i = 0; i < names->len; i++) {
        bool inner = g_file_test(names->pdata[i], G_FILE_TEST_IS_DIR);
        if (inner ? g_file_test(names->pdata[i], G_FILE_TEST_IS_SYMLINK) : !is_rule_file(names->pdata[i]))
            continue;
        if (!(inner ? add_folder(rules, names->pdata[i], error) : add_file(rules, names->pdata[i], error)))
            return false;
    }
    return true;
}

struct hc_sigma_rules *hc_rulebook_load(char *const *paths, GError **error)
{
    g_autoptr(hc_sigma_rules_t) rules = hc_sigma_rules_new();

    for (; *paths; paths++)
        if (!(g_file_test(*paths, G_FILE_TEST_IS_DIR) ? add_folder(rules, *paths, error) : add_file(rules, *paths, error)))
            return NULL;
    hc_sigma_rules_link(rules);
    return g_steal_pointer(&rules);
}

static void add_visible(GString *out, const char *text)
{
    hc_text_visible(out, hc_str(text), false);
}

void hc_rulebook_list(const struct hc_sigma_rules *rules, GString *out)
{
    static const char *const kinds[] = {"detection", "correlation", "filter"};

    for (guint i = 0; i < rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        if (rule->refused)
            continue;
        g_string_append_printf(out, "%-13s %-11s ", level_of(rule), kinds[rule->kind]);
        add_visible(out, rule->id ? rule->id : rule->name ? rule->name : "-");
        g_string_append(out, "  ");
        add_visible(out, rule->title);
        g_string_append_c(out, '\n');
    }
}

static void add_notes(GString *out, const GPtrArray *notes, const char *what)
{
    for (guint i = 0; i < notes->len; i++) {
        const char *note = notes->pdata[i], *split = strstr(note, ": ");
        g_string_append_len(out, note, split - note);
        g_string_append_printf(out, ": %s%s\n", what, split);
    }
}

bool hc_rulebook_check(const struct hc_sigma_rules *rules, GString *out)
{
    guint good = 0;

    add_notes(out, rules->problems, "error");
    add_notes(out, rules->warnings, "warning");
    for (guint i = 0; i < rules->rules->len; i++)
        good += !hc_sigma_rule_at(rules, i)->refused;
    g_string_append_printf(out, "%u rules can be used, %u problems, %u warnings\n", good, rules->problems->len, rules->warnings->len);
    return rules->problems->len == 0;
}

static void explain_node(const struct hc_sigma_rules *rules, const struct hc_sigma_node *node, int depth, GString *out)
{
    static const char *const words[] = {"all of:", "one of:", "not:"};

    if (node->op != HC_SIGMA_LEAF && node->of->len == 1 && node->op != HC_SIGMA_NOT) {
        explain_node(rules, node->of->pdata[0], depth, out);
        return;
    }
    g_string_append_printf(out, "%*s", 2 * depth, "");
    if (node->op == HC_SIGMA_LEAF) {
        g_autoptr(GString) text = g_string_new(NULL);
        hc_sigma_item_explain(rules->items->pdata[node->leaf], text);
        add_visible(out, text->str);
        g_string_append_c(out, '\n');
        return;
    }
    g_string_append_printf(out, "%s\n", words[node->op]);
    for (guint i = 0; i < node->of->len; i++)
        explain_node(rules, node->of->pdata[i], depth + 1, out);
}

static void explain_steps(const struct hc_sigma_rules *rules, const struct hc_sigma_correlation *c, GString *out)
{
    for (size_t s = 0; s < c->n_steps; s++) {
        g_string_append_printf(out, "    %s", c->type == HC_SIGMA_TEMPORAL_ORDERED && s ? "then: " : "");
        add_visible(out, hc_sigma_rule_at(rules, c->steps[s])->title);
        for (size_t k = 0; k < c->n_keys; k++) {
            if (strcmp(c->keys[k], c->key_of[s][k].name) == 0)
                continue;
            g_string_append(out, ", its ");
            add_visible(out, c->key_of[s][k].name);
            g_string_append(out, " being ");
            add_visible(out, c->keys[k]);
        }
        g_string_append_c(out, '\n');
    }
}

static void explain_correlation(const struct hc_sigma_rules *rules, const struct hc_sigma_correlation *c, GString *out)
{
    static const char *const heads[] = {"how many events of",   "how many different values in events of", "the sum of a value in events of",
                                        "the mean of a value in events of", "a percentile of a value in events of", "the median of a value in events of",
                                        "all of, in any order", "all of, in this order"};
    static const char *const bounds[] = {"less than", "at most", "more than", "at least", "equal to", "not equal to"};

    g_string_append_printf(out, "  within %" G_GINT64_FORMAT " seconds, ", c->span / 1000000);
    for (size_t k = 0; k < c->n_keys; k++) {
        g_string_append(out, k ? ", " : "for the same ");
        add_visible(out, c->keys[k]);
    }
    g_string_append_printf(out, "%s%s:\n", c->n_keys ? ", " : "", heads[c->type]);
    explain_steps(rules, c, out);
    for (size_t v = 0; v < c->n_values; v++) {
        g_string_append(out, v ? ", " : "  the value is ");
        add_visible(out, c->value_of[0][v].name);
    }
    g_string_append(out, c->n_values ? "\n" : "");
    for (size_t i = 0; i < c->n_limits; i++)
        g_string_append_printf(out, "  %s %g\n", bounds[c->limits[i].bound], c->limits[i].value);
}

void hc_rulebook_explain(const struct hc_sigma_rules *rules, GString *out)
{
    for (guint i = 0; i < rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        if (rule->refused)
            continue;
        add_visible(out, rule->title);
        g_string_append_printf(out, " (%s)\n", level_of(rule));
        if (rule->kind == HC_SIGMA_CORRELATION)
            explain_correlation(rules, &rule->correlation, out);
        else
            explain_node(rules, rule->detection.condition, 1, out);
    }
}
