/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/case.h"

#include "src/base/event.h"
#include "src/base/yaml.h"

#include <sys/stat.h>

static void free_suppression(struct hc_case_suppression *s)
{
    char *texts[] = {s->rule, s->source, s->actor, s->target, s->fingerprint, s->reason};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}

static void free_claim(struct hc_case_claim *k)
{
    char *texts[] = {k->name, k->project, k->by, k->on, k->address};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(k->no);
}

void hc_case_free(struct hc_case *c)
{
    char **lists[10];

    if (!c)
        return;
    lists[0] = c->subjects;
    lists[1] = c->responders;
    lists[2] = c->mailboxes;
    lists[3] = c->authors;
    lists[4] = c->tags;
    lists[5] = c->attackers;
    lists[6] = c->victims;
    lists[7] = c->shared;
    lists[8] = c->authenticators;
    lists[9] = c->withhold;
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_strfreev(lists[i]);
    for (size_t i = 0; i < c->n_sources; i++) {
        g_free(c->sources[i].glob);
        g_free(c->sources[i].zone);
        g_free(c->sources[i].profile);
        g_free(c->sources[i].label);
        g_free(c->sources[i].columns);
    }
    for (size_t i = 0; i < c->n_suppressions; i++)
        free_suppression(&c->suppressions[i]);
    g_free(c->suppressions);
    for (size_t i = 0; i < c->n_claims; i++)
        free_claim(&c->claims[i]);
    g_free(c->claims);
    for (size_t i = 0; i < c->n_downloads; i++)
        g_free(c->downloads[i].project);
    g_free(c->downloads);
    g_free(c->sources);
    for (size_t i = 0; i < c->n_lists; i++) {
        g_free(c->lists[i].name);
        g_strfreev(c->lists[i].values);
    }
    g_free(c->lists);
    g_free(c->title);
    g_free(c->dir);
    g_free(c);
}

/* A key with nothing behind it is an empty list. */
static bool is_list(const struct hc_yaml *n)
{
    return n->type == HC_YAML_SEQUENCE || (n->type == HC_YAML_SCALAR && n->plain && !*n->text);
}

/* The text of a key, when it is there; yours. */
static bool read_text(const struct hc_yaml *map, const char *key, char **out, GError **error)
{
    const struct hc_yaml *n = hc_yaml_get(map, key);

    if (n && n->type != HC_YAML_SCALAR)
        return hc_yaml_fail(n, error, "a text is expected");
    if (n) {
        g_free(*out);
        *out = g_strdup(n->text);
    }
    return true;
}

static bool read_list(const struct hc_yaml *root, const char *key, char ***out, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(root, key);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

    if (list && !is_list(list))
        return hc_yaml_fail(list, error, "%s is a list", key);
    for (const struct hc_yaml *n = list ? list->first : NULL; n; n = n->next) {
        if (n->type != HC_YAML_SCALAR)
            return hc_yaml_fail(n, error, "a text is expected");
        g_ptr_array_add(all, g_strdup(n->text));
    }
    g_ptr_array_add(all, NULL);
    *out = (char **)g_ptr_array_steal(all, NULL);
    return true;
}

/* An instant; without offset it is UTC, as everything in a case file. */
static bool read_instant(const struct hc_yaml *n, bool end, int64_t *us, GError **error)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", error);
    struct hc_time time;

    if (!utc)
        return false;
    if (n->type != HC_YAML_SCALAR || !hc_time_iso(hc_str(n->text), utc, false, &time))
        return hc_yaml_fail(n, error, "a time is expected, such as 2023-11-22T15:05:00Z");
    *us = end ? time.latest : time.earliest;
    return true;
}

static bool read_zone(const struct hc_yaml *n, struct hc_case_source *s, GError **error)
{
    g_autoptr(hc_zone_t) zone = n->text ? hc_zone_new(n->text, NULL) : NULL;

    if (!zone)
        return hc_yaml_fail(n, error, "there is no time zone called '%s'", n->text ? n->text : "");
    s->zone = g_strdup(n->text);
    return true;
}

static bool read_year(const struct hc_yaml *n, struct hc_case_source *s, GError **error)
{
    char *end = NULL;
    gint64 year = n->text ? g_ascii_strtoll(n->text, &end, 10) : 0;

    if (!n->text || !*n->text || *end || year < 1970 || year > 2249)
        return hc_yaml_fail(n, error, "a year is expected");
    s->year = (int)year;
    return true;
}

/* A table and its columns, as lines; a name cannot hold one. */
static bool read_columns(const struct hc_yaml *map, struct hc_case_source *s, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(map, "columns");
    g_autofree char *table = NULL;
    g_auto(GStrv) names = NULL;
    g_autoptr(GString) lines = NULL;

    if (!read_text(map, "table", &table, error) || !read_list(map, "columns", &names, error))
        return false;
    if (list && (!*names || g_strv_length(names) > HC_CASE_COLUMNS_MAX))
        return hc_yaml_fail(list, error, "between one and %d columns are expected", HC_CASE_COLUMNS_MAX);
    lines = g_string_new(table);
    for (char **name = names; *name; name++)
        g_string_append_printf(lines, "\n%s", *name);
    for (char **name = names; *name; name++)
        if (!**name || strchr(*name, '\n') || g_strv_contains((const char *const *)name + 1, *name))
            return hc_yaml_fail(list, error, "a column needs a name of one line that no other has");
    if (lines->len && !strchr(table ? table : "", '\n'))
        s->columns = g_string_free(g_steal_pointer(&lines), FALSE);
    return true;
}

static bool read_source(const struct hc_yaml *map, struct hc_case_source *s, GError **error)
{
    static const char *const keys[] = {"path",    "zone",  "year",  "clock",   "taken",
                                       "profile", "label", "table", "columns", NULL};
    const struct hc_yaml *n;

    if (!hc_yaml_allow(map, keys, error))
        return false;
    if (!read_text(map, "path", &s->glob, error) || !read_text(map, "profile", &s->profile, error) ||
        !read_text(map, "label", &s->label, error) || !read_columns(map, s, error))
        return false;
    if (!s->glob)
        return hc_yaml_fail(map, error, "a source needs a path");
    if ((n = hc_yaml_get(map, "zone")) && !read_zone(n, s, error))
        return false;
    if ((n = hc_yaml_get(map, "year")) && !read_year(n, s, error))
        return false;
    if ((n = hc_yaml_get(map, "clock")) && (!n->text || !hc_duration_parse(hc_str(n->text), &s->clock)))
        return hc_yaml_fail(n, error, "a duration is expected, such as +47s");
    n = hc_yaml_get(map, "taken");
    s->has_taken = n != NULL;
    return !n || read_instant(n, false, &s->taken, error);
}

static bool read_sources(const struct hc_yaml *root, struct hc_case *c, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(root, "sources");
    size_t n = 0;

    if (list && !is_list(list))
        return hc_yaml_fail(list, error, "sources is a list");
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        n++;
    c->sources = g_new0(struct hc_case_source, n + 1);
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        if (!read_source(m, &c->sources[c->n_sources++], error))
            return false;
    return true;
}

/* Each pattern has to fit some action: a word that is misspelt would be contradicted by nothing. */
static bool check_actions(const struct hc_yaml *map, const struct hc_case_claim *k, GError **error)
{
    if (!k->no[0])
        return hc_yaml_fail(map, error, "a claim says what did not happen: no: [ACTION...]");
    for (char **pattern = k->no; *pattern; pattern++) {
        bool any = false;
        for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++)
            any |= hc_case_glob(*pattern, hc_action_name((enum hc_action)i));
        if (!any)
            return hc_yaml_fail(map, error, "there is no action called '%s'", *pattern);
    }
    return true;
}

static bool read_span(const struct hc_yaml *map, const struct hc_case *c, struct hc_case_claim *k,
                      GError **error)
{
    const struct hc_yaml *from = hc_yaml_get(map, "from"), *to = hc_yaml_get(map, "to");

    if ((!from || !to) && !c->has_window)
        return hc_yaml_fail(map, error, "a claim needs from and to, or the case a window");
    k->from = c->window_from;
    k->to = c->window_to;
    if ((from && !read_instant(from, false, &k->from, error)) ||
        (to && !read_instant(to, true, &k->to, error)))
        return false;
    return k->from <= k->to || hc_yaml_fail(map, error, "the claim ends before it begins");
}

static bool read_claim(const struct hc_yaml *map, const struct hc_case *c, struct hc_case_claim *k,
                       GError **error)
{
    static const char *const keys[] = {"name", "project", "by", "on", "address", "no", "from", "to", NULL};
    char **const texts[] = {&k->name, &k->project, &k->by, &k->on, &k->address};

    if (!hc_yaml_allow(map, keys, error))
        return false;
    k->line = map->line;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (!read_text(map, keys[i], texts[i], error))
            return false;
    if (!k->name || !*k->name || strspn(k->name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(k->name))
        return hc_yaml_fail(map, error, "a claim needs a name, of small letters, digits and '-'");
    for (const struct hc_case_claim *before = c->claims; before < k; before++)
        if (strcmp(before->name, k->name) == 0)
            return hc_yaml_fail(map, error, "two claims are called %s", k->name);
    return read_list(map, "no", &k->no, error) && check_actions(map, k, error) && read_span(map, c, k, error);
}

static bool read_claims(const struct hc_yaml *root, struct hc_case *c, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(root, "claims");
    size_t n = 0;

    if (list && !is_list(list))
        return hc_yaml_fail(list, error, "claims is a list");
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        n++;
    c->claims = g_new0(struct hc_case_claim, n + 1);
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        if (!read_claim(m, c, &c->claims[c->n_claims++], error))
            return false;
    return true;
}

static bool read_suppression(const struct hc_yaml *map, struct hc_case_suppression *s, GError **error)
{
    static const char *const keys[] = {"rule", "source", "actor", "target", "fingerprint", "reason", NULL};
    char **const texts[] = {&s->rule, &s->source, &s->actor, &s->target, &s->fingerprint, &s->reason};
    bool any = false;

    if (!hc_yaml_allow(map, keys, error))
        return false;
    s->line = map->line;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (!read_text(map, keys[i], texts[i], error))
            return false;
        any |= *texts[i] && texts[i] != &s->reason;
    }
    if (!s->reason || !*g_strstrip(s->reason))
        return hc_yaml_fail(map, error, "what is suppressed needs a reason");
    return any ||
           hc_yaml_fail(map, error, "a suppression says of what: rule, source, actor, target or fingerprint");
}

static bool read_suppressions(const struct hc_yaml *root, struct hc_case *c, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(root, "suppress");
    size_t n = 0;

    if (list && !is_list(list))
        return hc_yaml_fail(list, error, "suppress is a list");
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        n++;
    c->suppressions = g_new0(struct hc_case_suppression, n + 1);
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        if (!read_suppression(m, &c->suppressions[c->n_suppressions++], error))
            return false;
    return true;
}

static bool read_count(const struct hc_yaml *n, int64_t *count, GError **error)
{
    char *end = NULL;

    *count = n->text && g_ascii_isdigit(*n->text) ? g_ascii_strtoll(n->text, &end, 10) : -1;
    return (end && !*end && *count <= HC_DOWNLOADS_MAX) || hc_yaml_fail(n, error, "a number is expected");
}

static bool read_download(const struct hc_yaml *map, struct hc_case_downloads *d, GError **error)
{
    static const char *const keys[] = {"project", "from", "to", "count", NULL};

    if (!hc_yaml_allow(map, keys, error))
        return false;
    for (const char *const *key = keys; *key; key++)
        if (!hc_yaml_get(map, *key))
            return hc_yaml_fail(map, error, "downloads need a %s", *key);
    if (!read_text(map, "project", &d->project, error) ||
        !read_instant(hc_yaml_get(map, "from"), false, &d->from, error) ||
        !read_instant(hc_yaml_get(map, "to"), true, &d->to, error) ||
        !read_count(hc_yaml_get(map, "count"), &d->count, error))
        return false;
    return d->from <= d->to || hc_yaml_fail(map, error, "the period ends before it begins");
}

static bool read_downloads(const struct hc_yaml *root, struct hc_case *c, GError **error)
{
    const struct hc_yaml *list = hc_yaml_get(root, "downloads");
    size_t n = 0;

    if (list && !is_list(list))
        return hc_yaml_fail(list, error, "downloads is a list");
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        n++;
    c->downloads = g_new0(struct hc_case_downloads, n + 1);
    for (const struct hc_yaml *m = list ? list->first : NULL; m; m = m->next)
        if (!read_download(m, &c->downloads[c->n_downloads++], error))
            return false;
    return true;
}

static bool read_window(const struct hc_yaml *n, struct hc_case *c, GError **error)
{
    if (!n->first || !n->first->next || n->first->next->next)
        return hc_yaml_fail(n, error, "a window is [from, to]");
    c->has_window = true;
    if (!read_instant(n->first, false, &c->window_from, error) ||
        !read_instant(n->first->next, true, &c->window_to, error))
        return false;
    return c->window_from <= c->window_to || hc_yaml_fail(n, error, "the window ends before it begins");
}

/* Nobody is on both sides. */
static bool sides_agree(const struct hc_yaml *root, const struct hc_case *c, GError **error)
{
    for (char **name = c->victims; *name; name++)
        for (char **other = c->attackers; *other; other++)
            if (g_ascii_strcasecmp(*name, *other) == 0)
                return hc_yaml_fail(hc_yaml_get(root, "victims"), error, "'%s' is among the attackers too",
                                    *name);
    return true;
}

/* lists: {name: [values]} */
static bool read_lists(const struct hc_yaml *root, struct hc_case *c, GError **error)
{
    const struct hc_yaml *map = hc_yaml_get(root, "lists");
    size_t n = 0;

    if (map && map->type != HC_YAML_MAPPING)
        return hc_yaml_fail(map, error, "lists is a mapping of names to lists");
    for (const struct hc_yaml *m = map ? map->first : NULL; m; m = m->next)
        n++;
    c->lists = g_new0(struct hc_case_list, n + 1);
    for (const struct hc_yaml *m = map ? map->first : NULL; m; m = m->next) {
        struct hc_case_list *list = &c->lists[c->n_lists++];
        list->name = g_strdup(m->key);
        if (!read_list(map, m->key, &list->values, error))
            return false;
    }
    return true;
}

static bool read_file(struct hc_case *c, struct hc_str text, const char *path, GError **error)
{
    static const char *const keys[] = {"title",      "window",         "subjects", "attackers", "victims",
                                       "responders", "mailboxes",      "authors",  "tags",      "audience",
                                       "shared",     "downloads",      "sources",  "suppress",  "claims",
                                       "lists",      "authenticators", "withhold", NULL};
    g_autoptr(hc_yaml_t) root = hc_yaml_parse(text, path, error);
    const struct hc_yaml *n;

    if (!root || !hc_yaml_allow(root, keys, error) || !read_text(root, "title", &c->title, error))
        return false;
    n = hc_yaml_get(root, "audience");
    if (n && g_strcmp0(n->text, "internal") != 0 && g_strcmp0(n->text, "public") != 0)
        return hc_yaml_fail(n, error, "the audience is internal or public");
    c->is_public = n && strcmp(n->text, "public") == 0;
    n = hc_yaml_get(root, "window");
    if (n && !read_window(n, c, error))
        return false;
    return read_list(root, "subjects", &c->subjects, error) &&
           read_list(root, "attackers", &c->attackers, error) &&
           read_list(root, "victims", &c->victims, error) &&
           read_list(root, "responders", &c->responders, error) && sides_agree(root, c, error) &&
           read_downloads(root, c, error) && read_list(root, "shared", &c->shared, error) &&
           read_list(root, "mailboxes", &c->mailboxes, error) &&
           read_list(root, "authenticators", &c->authenticators, error) &&
           read_list(root, "authors", &c->authors, error) && read_list(root, "tags", &c->tags, error) &&
           read_list(root, "withhold", &c->withhold, error) && read_sources(root, c, error) &&
           read_suppressions(root, c, error) && read_claims(root, c, error) && read_lists(root, c, error);
}

char *hc_case_path(const struct hc_case *c, const char *inside)
{
    return g_build_filename(c->dir, inside, NULL);
}

char *hc_case_disk(const struct hc_case *c, const char *source, const char *external)
{
    if (g_str_has_prefix(source, "external/"))
        return external ? g_build_filename(external, source + strlen("external/"), NULL) : NULL;
    return hc_case_path(c, source);
}

char *hc_case_db(const struct hc_case *c)
{
    return hc_case_path(c, "hindcast.db");
}

struct hc_case *hc_case_open(const char *dir, GError **error)
{
    g_autoptr(hc_case_t) c = g_new0(struct hc_case, 1);
    g_autofree char *path = g_build_filename(dir, "case.yaml", NULL);
    g_autofree char *text = NULL;
    gsize n = 0;

    c->dir = g_strdup(dir);
    c->title = g_path_get_basename(dir);
    if (!g_file_test(dir, G_FILE_TEST_IS_DIR)) {
        hc_fail(error, HC_ERROR_USAGE, "%s: not a folder", dir);
        return NULL;
    }
    c->from_file = g_file_test(path, G_FILE_TEST_EXISTS);
    if (c->from_file && !g_file_get_contents(path, &text, &n, error))
        return NULL;
    if (!read_file(c, hc_str_n(text ? text : "", n), path, error))
        return NULL;
    return g_steal_pointer(&c);
}

/* '*' and '?' stay inside one folder; "**" crosses. */
bool hc_case_glob(const char *glob, const char *path)
{
    for (; *glob; glob++, path++) {
        if (*glob == '*') {
            bool deep = glob[1] == '*';
            for (const char *rest = path;; rest++) {
                if (hc_case_glob(glob + 1 + deep, rest))
                    return true;
                if (!*rest || (*rest == '/' && !deep))
                    return false;
            }
        }
        if (!*path || (*glob == '?' ? *path == '/' : *glob != *path))
            return false;
    }
    return !*path;
}

struct hc_case_source hc_case_settings(const struct hc_case *c, const char *path)
{
    struct hc_case_source all = {0};

    for (size_t i = 0; i < c->n_sources; i++) {
        const struct hc_case_source *s = &c->sources[i];
        if (!hc_case_glob(s->glob, path))
            continue;
        all.zone = all.zone ? all.zone : s->zone;
        all.profile = all.profile ? all.profile : s->profile;
        all.label = all.label ? all.label : s->label;
        all.columns = all.columns ? all.columns : s->columns;
        all.year = all.year ? all.year : s->year;
        all.clock = all.clock ? all.clock : s->clock;
        if (!all.has_taken && s->has_taken) {
            all.has_taken = true;
            all.taken = s->taken;
        }
    }
    return all;
}

static bool walk(const struct hc_case *c, const char *inside, GPtrArray *files, int depth, GError **error)
{
    g_autofree char *path = hc_case_path(c, inside);
    g_autoptr(GDir) dir = g_dir_open(path, 0, error);
    const char *name;

    if (!dir || depth > 64)
        return dir && hc_fail(error, HC_ERROR_IO, "%s: folders are nested too deep", path);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *next = g_strdup_printf("%s/%s", inside, name);
        g_autofree char *full = hc_case_path(c, next);
        struct stat st;
        if (lstat(full, &st) != 0 || !S_ISDIR(st.st_mode))
            g_ptr_array_add(files, g_steal_pointer(&next));
        else if (!walk(c, next, files, depth + 1, error))
            return false;
    }
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *hc_case_files(const struct hc_case *c, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    if (!walk(c, "evidence", files, 0, error))
        return NULL;
    g_ptr_array_sort(files, by_bytes);
    return g_steal_pointer(&files);
}

void hc_case_fingerprint(const char *key, size_t n, char hex[HC_SHA256_HEX])
{
    struct hc_sha256 *hash = hc_sha256_new();
    g_autofree char *number = n > 1 ? g_strdup_printf("\n%" G_GSIZE_FORMAT, n) : NULL;

    hc_sha256_add(hash, key, strlen(key));
    if (number)
        hc_sha256_add(hash, number, strlen(number));
    hc_sha256_end(hash, hex);
}

bool hc_case_suppresses(const struct hc_case_suppression *s, const char *rule, const char *source,
                        const char *actor, const char *target, const char *fingerprint)
{
    return (!s->rule || hc_case_glob(s->rule, rule)) &&
           (!s->source || hc_case_glob(s->source, source ? source : "")) &&
           (!s->actor || g_strcmp0(s->actor, actor) == 0) &&
           (!s->target || g_strcmp0(s->target, target) == 0) &&
           (!s->fingerprint || strcmp(s->fingerprint, fingerprint) == 0);
}
