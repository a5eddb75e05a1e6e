/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/rulebook.h"

#include "src/base/asset.h"
#include "src/base/text.h"
#include "src/correlate/sigma/link.h"

#define SHIPPED "reports/rules/"

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

/* `shown`: what messages call it. */
static bool add_file(struct hc_sigma_rules *rules, const char *path, const char *shown, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    gsize n;

    if (!g_file_get_contents(path, &text, &n, &why))
        return hc_fail(error, HC_ERROR_CONFIG, "%s", why->message);
    hc_sigma_rules_add(rules, hc_str_n(text, n), shown);
    return true;
}

/* Symbolic links to folders are not followed: they may lead in a circle. */
static bool add_folder(struct hc_sigma_rules *rules, const char *path, const char *shown, GError **error)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!folder)
        return false;
    while ((name = g_dir_read_name(folder)))
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_text);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *file = g_build_filename(path, names->pdata[i], NULL),
                        *called = g_build_filename(shown, names->pdata[i], NULL);
        bool inner = g_file_test(file, G_FILE_TEST_IS_DIR);
        if (inner ? g_file_test(file, G_FILE_TEST_IS_SYMLINK) : !is_rule_file(names->pdata[i]))
            continue;
        if (!(inner ? add_folder(rules, file, called, error) : add_file(rules, file, called, error)))
            return false;
    }
    return true;
}

static bool is_list_file(const char *name)
{
    return g_str_has_suffix(name, ".txt");
}

/* One value on a line; what begins with # says something to people. */
static bool add_list(struct hc_sigma_rules *rules, const char *path, GError **error)
{
    g_autofree char *text = NULL, *name = g_path_get_basename(path);
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) why = NULL;

    if (!g_file_get_contents(path, &text, NULL, &why))
        return hc_fail(error, HC_ERROR_CONFIG, "%s", why->message);
    name[strlen(name) - strlen(".txt")] = 0;
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i]; i++) {
        const char *value = g_strstrip(lines[i]);
        if (*value && *value != '#' && !hc_sigma_lists_add(rules->lists, name, value))
            return hc_fail(error, HC_ERROR_CONFIG, "%s:%zu: more than %d values", path, i + 1,
                           HC_SIGMA_LIST_MAX);
    }
    return true;
}

/* The lists that lie in a folder itself. */
static bool add_lists(struct hc_sigma_rules *rules, const char *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (is_list_file(name))
            g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(names, by_text);
    for (guint i = 0; i < names->len; i++)
        if (!add_list(rules, names->pdata[i], error))
            return false;
    return true;
}

bool hc_rulebook_add(struct hc_sigma_rules *rules, const char *path, const char *shown, GError **error)
{
    bool folder = g_file_test(path, G_FILE_TEST_IS_DIR);
    g_autofree char *around = folder ? g_strdup(path) : g_path_get_dirname(path);

    return add_lists(rules, around, error) &&
           (folder ? add_folder(rules, path, shown, error) : add_file(rules, path, shown, error));
}

/* What words our own passes (src/correlate/rule.h) is no rule of Sigma's, but its findings have a name. */
static void reserve(struct hc_sigma_rules *rules, const struct hc_asset *asset)
{
    g_autoptr(hc_yaml_t) document = hc_yaml_parse(hc_asset(asset->name), asset->name, NULL);
    const char *id = hc_yaml_text(document, "id");

    if (id)
        hc_sigma_rules_reserve(rules, id, asset->name);
}

/* What ends in .yaml there words passes of our own. */
void hc_rulebook_add_shipped(struct hc_sigma_rules *rules)
{
    for (const struct hc_asset *a = hc_assets; a->name; a++) {
        if (!g_str_has_prefix(a->name, SHIPPED))
            continue;
        if (g_str_has_suffix(a->name, ".yml"))
            hc_sigma_rules_add(rules, hc_asset(a->name), a->name);
        else
            reserve(rules, a);
    }
}

struct hc_sigma_rules *hc_rulebook_load(char *const *paths, GError **error)
{
    g_autoptr(hc_sigma_rules_t) rules = hc_sigma_rules_new();

    if (!*paths)
        hc_rulebook_add_shipped(rules);
    for (; *paths; paths++)
        if (!hc_rulebook_add(rules, *paths, *paths, error))
            return NULL;
    hc_sigma_rules_link(rules);
    return g_steal_pointer(&rules);
}

/* What one of ours is called, by id, name and findings. */
static void reserve_names(struct hc_sigma_rules *names, const struct hc_sigma_rule *rule)
{
    const char *const all[] = {rule->id, rule->name, rule->own.rule};

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i])
            hc_sigma_rules_reserve(names, all[i], rule->document->file);
}

void hc_rulebook_beside_shipped(struct hc_sigma_rules *rules)
{
    g_autoptr(hc_sigma_rules_t) ours = hc_sigma_rules_new();

    hc_rulebook_add_shipped(ours);
    for (guint i = 0; i < ours->rules->len; i++)
        reserve_names(ours, hc_sigma_rule_at(ours, i));
    for (guint i = 0; i < rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        const char *const names[] = {rule->own.rule, rule->id, rule->name};
        const char *file = NULL;
        for (size_t k = 0; k < G_N_ELEMENTS(names) && !file; k++)
            if (names[k] && (file = g_hash_table_lookup(ours->reserved, names[k])))
                sigma_warn(rules, rule->document,
                           "a rule that is built in is called \"%s\" (%s): a case refuses this one", names[k],
                           file);
    }
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
        add_visible(out, rule->own.rule ? rule->own.rule
                         : rule->id     ? rule->id
                         : rule->name   ? rule->name
                                        : "-");
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

static const char *plural(guint n)
{
    return n == 1 ? "" : "s";
}

bool hc_rulebook_check(const struct hc_sigma_rules *rules, GString *out)
{
    guint good = 0;

    add_notes(out, rules->problems, "error");
    add_notes(out, rules->warnings, "warning");
    for (guint i = 0; i < rules->rules->len; i++)
        good += !hc_sigma_rule_at(rules, i)->refused;
    g_string_append_printf(out, "%u rule%s can be used, %u problem%s, %u warning%s\n", good, plural(good),
                           rules->problems->len, plural(rules->problems->len), rules->warnings->len,
                           plural(rules->warnings->len));
    return rules->problems->len == 0;
}

/* What a leaf of a condition stands for, in one line. */
typedef void (*explain_leaf_fn)(const struct hc_sigma_rules *rules, const void *data, size_t leaf,
                                GString *out);

static void explain_item(const struct hc_sigma_rules *rules, const void *data, size_t leaf, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)data;
    hc_sigma_item_explain(rules->items->pdata[leaf], text);
    add_visible(out, text->str);
}

static void explain_node(const struct hc_sigma_rules *rules, const struct hc_sigma_node *node, int depth,
                         explain_leaf_fn fn, const void *data, GString *out)
{
    static const char *const words[] = {"all of:", "one of:", "not:"};

    if (node->op != HC_SIGMA_LEAF && node->of->len == 1 && node->op != HC_SIGMA_NOT) {
        explain_node(rules, node->of->pdata[0], depth, fn, data, out);
        return;
    }
    g_string_append_printf(out, "%*s", 2 * depth, "");
    if (node->op == HC_SIGMA_LEAF) {
        fn(rules, data, node->leaf, out);
        g_string_append_c(out, '\n');
        return;
    }
    g_string_append_printf(out, "%s\n", words[node->op]);
    for (guint i = 0; i < node->of->len; i++)
        explain_node(rules, node->of->pdata[i], depth + 1, fn, data, out);
}

/* In the largest unit that needs no other. */
static void add_span(GString *out, int64_t us)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    int64_t s = us / 1000000;
    size_t i = 0;

    while (s % units[i].size)
        i++;
    g_string_append_printf(out, "%" G_GINT64_FORMAT " %s%s", s / units[i].size, units[i].name,
                           s == units[i].size ? "" : "s");
}

static void explain_step(const struct hc_sigma_rules *rules, const void *correlation, size_t s, GString *out)
{
    const struct hc_sigma_correlation *c = correlation;

    add_visible(out, hc_sigma_rule_at(rules, c->steps[s])->title);
    for (size_t k = 0; k < c->n_keys; k++) {
        if (strcmp(c->keys[k], c->key_of[s][k].name) == 0)
            continue;
        g_string_append(out, ", its ");
        add_visible(out, c->key_of[s][k].name);
        g_string_append(out, " being ");
        add_visible(out, c->keys[k]);
    }
}

static void explain_steps(const struct hc_sigma_rules *rules, const struct hc_sigma_correlation *c,
                          GString *out)
{
    if (c->condition) {
        explain_node(rules, c->condition, 2, explain_step, c, out);
        return;
    }
    for (size_t s = 0; s < c->n_steps; s++) {
        g_string_append_printf(out, "    %s", c->type == HC_SIGMA_TEMPORAL_ORDERED && s ? "then: " : "");
        explain_step(rules, c, s, out);
        g_string_append_c(out, '\n');
    }
}

static const char *head_of(const struct hc_sigma_correlation *c)
{
    static const char *const heads[] = {"how many events of",
                                        "how many different values in events of",
                                        "the sum of a value in events of",
                                        "the mean of a value in events of",
                                        "a percentile of a value in events of",
                                        "the median of a value in events of",
                                        "all of, in any order",
                                        "all of, in this order"};

    if (c->type == HC_SIGMA_TEMPORAL_ORDERED ||
        (!c->condition && !(c->type == HC_SIGMA_TEMPORAL && c->n_limits)))
        return heads[c->type];
    return c->condition ? "in any order" : "how many of";
}

static void explain_correlation(const struct hc_sigma_rules *rules, const struct hc_sigma_correlation *c,
                                GString *out)
{
    static const char *const bounds[] = {"less than", "at most",  "more than",
                                         "at least",  "equal to", "not equal to"};

    g_string_append(out, "  within ");
    add_span(out, c->span);
    g_string_append(out, ", ");
    for (size_t k = 0; k < c->n_keys; k++) {
        g_string_append(out, k ? ", " : "for the same ");
        add_visible(out, c->keys[k]);
    }
    g_string_append_printf(out, "%s%s:\n", c->n_keys ? ", " : "", head_of(c));
    explain_steps(rules, c, out);
    for (size_t v = 0; v < c->n_values; v++) {
        g_string_append(out, v ? ", " : "  the value is ");
        add_visible(out, c->value_of[0][v].name);
    }
    g_string_append(out, c->n_values ? "\n" : "");
    if (c->percent > 0)
        g_string_append_printf(out, "  which %g percent of the values are not above\n", c->percent);
    for (size_t i = 0; i < c->n_limits; i++)
        g_string_append_printf(out, "  %s %g\n", bounds[c->limits[i].bound], c->limits[i].value);
}

static void explain_key(const struct hc_sigma_correlation *c, size_t key, const char *before, GString *out)
{
    g_string_append(out, before);
    add_visible(out, c->keys[key]);
}

static void explain_gap(int64_t gap, size_t step, GString *out)
{
    if (!gap)
        return;
    g_string_append_printf(out, "  after step %zu the next within ", step + 1);
    add_span(out, gap);
    g_string_append_c(out, '\n');
}

/* What the map "hindcast:" says. */
static void explain_own(const struct hc_sigma_rules *rules, const struct hc_sigma_rule *rule, GString *out)
{
    const struct hc_sigma_correlation *c = &rule->correlation;
    const struct hc_sigma_extension *own = &rule->own;

    for (size_t k = 0; k < c->n_keys; k++)
        if (own->optional >> k & 1) {
            explain_key(c, k, "  an event without ", out);
            g_string_append(out, " belongs to each group with its other keys\n");
        }
    for (size_t s = 0; own->has_gaps && s + 1 < c->n_steps; s++)
        explain_gap(own->gaps[s], s, out);
    for (size_t i = 0; i < own->n_distinct; i++) {
        explain_key(c, own->distinct[i][0], "  ", out);
        explain_key(c, own->distinct[i][1], " is not ", out);
        g_string_append_c(out, '\n');
    }
    for (size_t i = 0; i < own->n_absent; i++) {
        g_string_append(out, "  none between the first step and the last: ");
        add_visible(out, hc_sigma_rule_at(rules, own->absent[i])->title);
        g_string_append_c(out, '\n');
    }
    if (own->within) {
        g_string_append(out, "  from the first record to the last within ");
        add_span(out, own->within);
        g_string_append_c(out, '\n');
    }
}

void hc_rulebook_explain(const struct hc_sigma_rules *rules, GString *out)
{
    for (guint i = 0; i < rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        if (rule->refused)
            continue;
        add_visible(out, rule->title);
        g_string_append_printf(out, " (%s)\n", level_of(rule));
        if (rule->kind != HC_SIGMA_CORRELATION)
            explain_node(rules, rule->detection.condition, 1, explain_item, NULL, out);
        else
            explain_correlation(rules, &rule->correlation, out);
        explain_own(rules, rule, out);
    }
}
