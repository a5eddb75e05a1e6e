/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/profile.h"

#include "src/base/asset.h"
#include "src/base/text.h"
#include "src/base/pattern.h"
#include "src/evidence/plan.h"

struct hc_profile {
    struct hc_yaml *root;
    const char *name, *realm, *title;
    struct hc_zone *zone;
    enum hc_time_form form;
    const struct hc_yaml *unknown; /* names of actors that mean "nobody knows" */
    const struct hc_yaml *nobody;  /* names that stand where an account would, and are of none */
    bool pep503, fold_case;        /* how names of projects are compared; neither: as they are */
    GPtrArray *unwrap;             /* const char * of the file; the last is NULL */
    GHashTable *plans;             /* number of the entry and record type -> hc_plan */
    GPtrArray *patterns;           /* of records, in order */
};

static void plan_free(void *plan)
{
    if (plan)
        hc_plan_free(plan);
}

static void pattern_free(void *pattern)
{
    hc_pattern_free(pattern);
}

void hc_profile_free(struct hc_profile *profile)
{
    if (!profile)
        return;
    g_hash_table_unref(profile->plans);
    g_ptr_array_unref(profile->patterns);
    g_ptr_array_unref(profile->unwrap);
    hc_zone_free(profile->zone);
    hc_yaml_free(profile->root);
    g_free(profile);
}

static const struct hc_yaml *member(const struct hc_profile *profile, const char *key)
{
    return hc_yaml_get(profile->root, key);
}

/* The field itself, or a place inside of it. */
static bool is_within(const char *slot, const char *field)
{
    size_t n = strlen(field);

    return strncmp(slot, field, n) == 0 && (slot[n] == '\0' || slot[n] == '.');
}

/* No field that is called secret may be a slot of any plan, so that it cannot reach the database. */
static bool check_secrets(const struct hc_profile *profile, const struct hc_plan *plan, const char *type,
                          GError **error)
{
    const struct hc_yaml *secret = member(profile, "secret");

    for (const struct hc_yaml *n = secret ? secret->first : NULL; n; n = n->next) {
        if (n->text && strncmp(n->text, type, MIN(strlen(n->text), strlen(type))) != 0)
            continue; /* of another type */
        for (size_t i = 0; i < hc_plan_kept_slots(plan); i++) {
            g_autofree char *name = g_strdup_printf("%s.%s", type, hc_plan_slot(plan, i));
            if (n->text && is_within(name, n->text))
                return hc_yaml_fail(n, error, "%s is secret and is read by a record entry", name);
        }
    }
    return true;
}

/* Compiles every entry once, so that a profile is either right as a whole or refused when it is loaded. */
static bool check_records(struct hc_profile *profile, GError **error)
{
    const struct hc_yaml *records = member(profile, "records");

    if (!records || records->type != HC_YAML_SEQUENCE)
        return hc_yaml_fail(profile->root, error, "records are missing");
    for (const struct hc_yaml *n = records->first; n; n = n->next) {
        const char *type = hc_yaml_text(n, "type");
        g_autofree char *where = g_strdup_printf("%s:%d:%d", n->file, n->line, n->column);
        struct hc_pattern *pattern;
        struct hc_plan *plan;
        bool ok;
        if (!type)
            return hc_yaml_fail(n, error, "a record entry needs a type");
        pattern = hc_pattern_new(type, where, error);
        if (!pattern)
            return false;
        g_ptr_array_add(profile->patterns, pattern);
        plan = hc_plan_new(profile, n, hc_str(type), profile->form, error);
        ok = plan && check_secrets(profile, plan, type, error);
        plan_free(plan);
        if (!ok)
            return false;
    }
    return true;
}

static bool check_pattern(const struct hc_yaml *at, const char *text, GError **error)
{
    g_autofree char *where = g_strdup_printf("%s:%d:%d", at->file, at->line, at->column);
    struct hc_pattern *pattern = hc_pattern_new(text ? text : "", where, error);
    bool ok = pattern != NULL;

    hc_pattern_free(pattern);
    return ok;
}

/* One mapping of `recognise`. */
static bool check_recognition(const struct hc_yaml *by, GError **error)
{
    static const char *const keys[] = {"contains", "members", "tables", NULL};
    const struct hc_yaml *tables, *names;

    if (!hc_yaml_allow(by, keys, error))
        return false;
    if (!by->first)
        return hc_yaml_fail(by, error, "nothing is said that a file could be recognised by");
    tables = hc_yaml_get(by, "tables");
    if (tables && tables->type != HC_YAML_MAPPING)
        return hc_yaml_fail(tables, error, "tables are a mapping of names to lists of columns");
    names = hc_yaml_get(by, "members");
    for (const struct hc_yaml *n = names ? names->first : NULL; n; n = n->next)
        if (!check_pattern(n, n->text, error))
            return false;
    return true;
}

/* Members of an archive that are no records: patterns of their names, each with what they are. */
static bool check_documents(const struct hc_yaml *map, GError **error)
{
    if (map && map->type != HC_YAML_MAPPING)
        return hc_yaml_fail(map, error, "documents are a mapping of names of members to what they are");
    for (const struct hc_yaml *n = map ? map->first : NULL; n; n = n->next) {
        if (n->type != HC_YAML_SCALAR || !*n->text)
            return hc_yaml_fail(n, error, "a text is expected that says what it is");
        if (!check_pattern(n, n->key, error))
            return false;
    }
    return true;
}

static bool check_recognise(const struct hc_yaml *by, GError **error)
{
    if (!by || by->type != HC_YAML_SEQUENCE)
        return !by || check_recognition(by, error);
    for (const struct hc_yaml *n = by->first; n; n = n->next)
        if (!check_recognition(n, error))
            return false;
    return true;
}

static bool check_head(struct hc_profile *p, GError **error)
{
    static const char *const keys[] = {"name",       "realm",     "title",   "format", "recognise",
                                       "zone",       "time-form", "secret",  "fold",   "unknown-actor",
                                       "no-account", "unwrap",    "records", "ignore", "service",
                                       "documents",  NULL};
    const struct hc_yaml *unwrap = member(p, "unwrap");
    const char *zone = hc_yaml_text(p->root, "zone"), *form = hc_yaml_text(p->root, "time-form");

    if (!hc_yaml_allow(p->root, keys, error))
        return false;
    p->name = hc_yaml_text(p->root, "name");
    if (!p->name || !member(p, "format"))
        return hc_yaml_fail(p->root, error, "a profile needs name and format");
    if (!check_recognise(member(p, "recognise"), error) || !check_documents(member(p, "documents"), error))
        return false;
    p->realm = hc_yaml_text(p->root, "realm");
    p->title = hc_yaml_text(p->root, "title");
    p->form = hc_time_form_by_name(form ? form : "iso");
    if (p->form == HC_FORM_COUNT)
        return hc_yaml_fail(member(p, "time-form"), error, "unknown form of time '%s'", form);
    p->unknown = member(p, "unknown-actor");
    p->nobody = member(p, "no-account");
    if (unwrap && unwrap->type != HC_YAML_SEQUENCE)
        return hc_yaml_fail(unwrap, error, "places of records are a list of names");
    for (const struct hc_yaml *n = unwrap ? unwrap->first : NULL; n; n = n->next)
        g_ptr_array_add(p->unwrap, n->text ? n->text : (char *)"");
    g_ptr_array_add(p->unwrap, NULL);
    return !zone || (p->zone = hc_zone_new(zone, error)) != NULL;
}

struct hc_profile *hc_profile_parse(struct hc_str text, const char *file, GError **error)
{
    struct hc_profile *profile = g_new0(struct hc_profile, 1);

    profile->plans = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, plan_free);
    profile->patterns = g_ptr_array_new_with_free_func(pattern_free);
    profile->unwrap = g_ptr_array_new();
    profile->root = hc_yaml_parse(text, file, error);
    if (profile->root && check_head(profile, error) && check_records(profile, error)) {
        const struct hc_yaml *fold = member(profile, "fold");
        const char *how = fold ? hc_yaml_text(fold, "project") : NULL;
        profile->pep503 = g_strcmp0(how, "pep503") == 0;
        profile->fold_case = g_strcmp0(how, "case") == 0;
        return profile;
    }
    hc_profile_free(profile);
    return NULL;
}

static void profile_unref(void *profile)
{
    hc_profile_free(profile);
}

static bool load_dir(GPtrArray *all, const char *dir, GError **error)
{
    g_autofree char *folder = g_build_filename(dir, "profiles", NULL);
    g_autoptr(GDir) d = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (d && (name = g_dir_read_name(d)))
        if (g_str_has_suffix(name, ".yaml"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, (GCompareFunc)g_strcmp0);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        g_autofree char *text = NULL;
        gsize n = 0;
        struct hc_profile *profile;
        if (!g_file_get_contents(path, &text, &n, error))
            return false;
        profile = hc_profile_parse(hc_str_n(text, n), path, error);
        if (!profile)
            return false;
        g_ptr_array_add(all, profile);
    }
    return true;
}

GPtrArray *hc_profiles_load(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(profile_unref);

    for (const struct hc_asset *a = hc_assets; a->name; a++) {
        struct hc_profile *profile;
        if (!g_str_has_prefix(a->name, "importers/profiles/"))
            continue;
        profile = hc_profile_parse(hc_asset(a->name), a->name, error);
        if (!profile)
            return NULL;
        g_ptr_array_add(all, profile);
    }
    if (dir && !load_dir(all, dir, error))
        return NULL;
    return g_steal_pointer(&all);
}

const char *hc_profile_name(const struct hc_profile *profile)
{
    return profile->name;
}

const char *hc_profile_realm(const struct hc_profile *profile)
{
    return profile->realm ? profile->realm : profile->name;
}

const char *hc_profile_title(const struct hc_profile *profile)
{
    return profile->title ? profile->title : profile->name;
}

const char *const *hc_profile_unwrap(const struct hc_profile *profile)
{
    return (const char *const *)(void *)profile->unwrap->pdata;
}

const struct hc_zone *hc_profile_zone(const struct hc_profile *profile)
{
    return profile->zone;
}

/* A scalar is a list of one. */
static bool list_has(const struct hc_yaml *list, struct hc_str text)
{
    if (list && list->type == HC_YAML_SCALAR)
        return hc_str_is(text, list->text);
    for (const struct hc_yaml *n = list ? list->first : NULL; n; n = n->next)
        if (n->text && hc_str_is(text, n->text))
            return true;
    return false;
}

bool hc_profile_understands(const struct hc_profile *profile, const char *format)
{
    return list_has(member(profile, "format"), hc_str(format));
}

bool hc_profile_unknown_actor(const struct hc_profile *profile, struct hc_str name)
{
    return list_has(profile->unknown, name);
}

bool hc_profile_no_account(const struct hc_profile *profile, struct hc_str name)
{
    return list_has(profile->nobody, name);
}

/* PEP 503: lower case, every run of '-', '_' and '.' is one '-'. */
static void fold_pep503(GString *out, struct hc_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        bool mark = name.p[i] == '-' || name.p[i] == '_' || name.p[i] == '.';
        if (!mark)
            g_string_append_c(out, g_ascii_tolower(name.p[i]));
        else if (out->len == 0 || out->str[out->len - 1] != '-')
            g_string_append_c(out, '-');
    }
}

struct hc_str hc_profile_fold(const struct hc_profile *profile, enum hc_entity_kind kind, struct hc_str name,
                              GString *buffer)
{
    g_string_truncate(buffer, 0);
    if (kind == HC_ENTITY_PROJECT && profile && profile->pep503)
        fold_pep503(buffer, name);
    else if (kind == HC_ENTITY_ACCOUNT || kind == HC_ENTITY_MAILBOX ||
             (kind == HC_ENTITY_PROJECT && profile && profile->fold_case))
        hc_text_fold_into(buffer, name);
    else
        return name;
    return hc_str_n(buffer->str, buffer->len);
}

static bool members_have(const char *const *members, const char *name)
{
    struct hc_pattern *pattern = hc_pattern_new(name, "", NULL);
    struct hc_str captures[HC_CAPTURES_MAX];
    bool found = false;

    for (; pattern && members && *members && !found; members++)
        found = hc_pattern_match(pattern, hc_str(*members), captures);
    hc_pattern_free(pattern);
    return found;
}

static bool table_is(const char *const *table, const struct hc_yaml *wanted)
{
    if (strcmp(table[0], wanted->key) != 0)
        return false;
    for (const struct hc_yaml *n = wanted->first; n; n = n->next)
        if (!g_strv_contains(table + 1, n->text ? n->text : ""))
            return false;
    return true;
}

static bool tables_have(const GPtrArray *tables, const struct hc_yaml *wanted)
{
    for (guint i = 0; tables && i < tables->len; i++)
        for (const struct hc_yaml *n = wanted->first; n; n = n->next)
            if (table_is(tables->pdata[i], n))
                return true;
    return false;
}

/* All that one mapping of `recognise` says. */
static bool is_so(const struct hc_yaml *by, const struct hc_shown *shown)
{
    const struct hc_yaml *contains = hc_yaml_get(by, "contains"), *names = hc_yaml_get(by, "members");
    const struct hc_yaml *tables = hc_yaml_get(by, "tables");

    for (const struct hc_yaml *n = contains ? contains->first : NULL; n; n = n->next)
        if (hc_str_find(shown->head, n->text ? n->text : "", 0) < 0)
            return false;
    for (const struct hc_yaml *n = names ? names->first : NULL; n; n = n->next)
        if (!members_have(shown->members, n->text ? n->text : ""))
            return false;
    return !tables || tables_have(shown->tables, tables);
}

bool hc_profile_recognises(const struct hc_profile *profile, const struct hc_shown *shown)
{
    const struct hc_yaml *by = member(profile, "recognise");

    if (!by || !hc_profile_understands(profile, shown->format))
        return false;
    if (by->type == HC_YAML_MAPPING)
        return is_so(by, shown);
    for (const struct hc_yaml *n = by->first; n; n = n->next)
        if (is_so(n, shown))
            return true;
    return false;
}

/* Does one mapping of `recognise` know the archive by its members? */
static bool is_layout(const struct hc_yaml *by, const char *const *members)
{
    const struct hc_shown shown = {.members = members};

    return hc_yaml_get(by, "members") && is_so(by, &shown);
}

const char *hc_profile_document(const struct hc_profile *profile, const char *const *members,
                                const char *name)
{
    const struct hc_yaml *by = member(profile, "recognise"), *documents = member(profile, "documents");
    const char *const only[] = {name, NULL};
    bool known = documents && by && by->type == HC_YAML_MAPPING && is_layout(by, members);

    for (const struct hc_yaml *n = documents && by && by->type == HC_YAML_SEQUENCE ? by->first : NULL;
         n && !known; n = n->next)
        known = is_layout(n, members);
    for (const struct hc_yaml *n = known ? documents->first : NULL; n; n = n->next)
        if (members_have(only, n->key))
            return n->text;
    return NULL;
}

static void append_json(GString *out, const struct hc_yaml *n)
{
    if (n->type == HC_YAML_SCALAR) {
        hc_text_json(out, hc_str(n->text));
        return;
    }
    g_string_append_c(out, n->type == HC_YAML_MAPPING ? '{' : '[');
    for (const struct hc_yaml *m = n->first; m; m = m->next) {
        if (n->type == HC_YAML_MAPPING) {
            hc_text_json(out, hc_str(m->key));
            g_string_append_c(out, ':');
        }
        append_json(out, m);
        if (m->next)
            g_string_append_c(out, ',');
    }
    g_string_append_c(out, n->type == HC_YAML_MAPPING ? '}' : ']');
}

/* A scalar is stored as its text, anything else as JSON. */
static bool give(const struct hc_yaml *n, const char *topic, const char *key, hc_service_fn each, void *data,
                 GError **error)
{
    g_autoptr(GString) json = g_string_new(NULL);

    if (n->type == HC_YAML_SCALAR)
        return each(data, topic, key, n->text, error);
    append_json(json, n);
    return each(data, topic, key, json->str, error);
}

/* Of "{channel}/{day}.json" the braces become stars: as the types of a source are compared with it. */
static char *type_glob(const struct hc_yaml *record)
{
    const char *as = hc_yaml_text(record, "as"), *type = as ? as : hc_yaml_text(record, "type");
    GString *glob = g_string_new(NULL);
    bool inside = false;

    for (const char *p = type; *p; p++) {
        inside = *p == '{' || (inside && *p != '}');
        if (*p == '{')
            g_string_append_c(glob, '*');
        else if (!inside && *p != '}')
            g_string_append_c(glob, *p);
    }
    return g_string_free(glob, FALSE);
}

static void add_action(GPtrArray *actions, const char *name)
{
    if (name && !g_ptr_array_find_with_equal_func(actions, name, g_str_equal, NULL))
        g_ptr_array_add(actions, (void *)name);
}

static void collect_actions(const struct hc_yaml *event, GPtrArray *actions)
{
    const struct hc_yaml *cases = hc_yaml_get(event, "cases");

    add_action(actions, hc_yaml_text(event, "action"));
    for (const struct hc_yaml *n = cases ? cases->first : NULL; n; n = n->next)
        add_action(actions, n->type == HC_YAML_SCALAR ? n->text : hc_yaml_text(n, "action"));
}

/* Which acts records of a type can tell of, be there one or not: what a source that has none of them is
 * silent about. */
static bool give_tells(const struct hc_profile *profile, hc_service_fn each, void *data, GError **error)
{
    g_autoptr(GHashTable) types =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL); /* type -> index + 1 */
    g_autoptr(GPtrArray) names = g_ptr_array_new(),
                         all = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    bool ok = true;

    for (const struct hc_yaml *n = member(profile, "records")->first; n; n = n->next) {
        const struct hc_yaml *event = hc_yaml_get(n, "event");
        g_autofree char *type = event ? type_glob(n) : NULL;
        gsize at = event ? GPOINTER_TO_SIZE(g_hash_table_lookup(types, type)) : 0;
        if (event && !at) {
            g_ptr_array_add(all, g_ptr_array_new());
            at = all->len;
            g_ptr_array_add(names, type);
            g_hash_table_insert(types, g_steal_pointer(&type), GSIZE_TO_POINTER(at));
        }
        if (event)
            collect_actions(event, all->pdata[at - 1]);
    }
    for (guint i = 0; ok && i < all->len; i++) {
        const GPtrArray *actions = all->pdata[i];
        g_autoptr(GString) json = g_string_new("[");
        for (guint k = 0; k < actions->len; k++) {
            g_string_append(json, k ? ", " : "");
            hc_text_json(json, hc_str(actions->pdata[k]));
        }
        g_string_append_c(json, ']');
        ok = !actions->len || each(data, "tells", names->pdata[i], json->str, error);
    }
    return ok;
}

/* The number that each row of a type has, where the service only adds to them. */
static bool give_serials(const struct hc_profile *profile, hc_service_fn each, void *data, GError **error)
{
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);

    for (const struct hc_yaml *n = member(profile, "records")->first; n; n = n->next) {
        const char *serial = hc_yaml_text(n, "serial"), *as = hc_yaml_text(n, "as");
        const char *type = as ? as : hc_yaml_text(n, "type");
        if (serial && g_hash_table_add(told, (void *)type) && !each(data, "serial", type, serial, error))
            return false;
    }
    return true;
}

bool hc_profile_service(const struct hc_profile *profile, hc_service_fn each, void *data, GError **error)
{
    const struct hc_yaml *service = member(profile, "service"), *unknown = member(profile, "unknown-actor");

    if (!each(data, "title", "", hc_profile_title(profile), error))
        return false;
    for (const struct hc_yaml *n = unknown ? unknown->first : NULL; n; n = n->next)
        if (!each(data, "unknown-actor", n->text ? n->text : "", "", error))
            return false;
    for (const struct hc_yaml *topic = service ? service->first : NULL; topic; topic = topic->next) {
        if (topic->type != HC_YAML_MAPPING && !give(topic, topic->key, "", each, data, error))
            return false;
        for (const struct hc_yaml *n = topic->type == HC_YAML_MAPPING ? topic->first : NULL; n; n = n->next)
            if (!give(n, topic->key, n->key, each, data, error))
                return false;
    }
    return give_tells(profile, each, data, error) && give_serials(profile, each, data, error);
}

/* Does the table have them all? Where nobody knows its columns any entry of its type will do. */
static bool has_columns(const struct hc_yaml *wanted, const GPtrArray *columns)
{
    for (const struct hc_yaml *n = wanted && columns ? wanted->first : NULL; n; n = n->next)
        if (!g_ptr_array_find_with_equal_func((GPtrArray *)columns, n->text ? n->text : "", g_str_equal,
                                              NULL))
            return false;
    return true;
}

/* The first entry that is about them, and its number. */
static const struct hc_yaml *find_record(const struct hc_profile *profile, struct hc_str type,
                                         const GPtrArray *columns, guint *number)
{
    const struct hc_yaml *n = member(profile, "records")->first;

    for (*number = 0; *number < profile->patterns->len; n = n->next, ++*number) {
        struct hc_str captures[HC_CAPTURES_MAX];
        if (hc_pattern_match(profile->patterns->pdata[*number], type, captures) &&
            has_columns(hc_yaml_get(n, "columns"), columns))
            return n;
    }
    return NULL;
}

static const struct hc_plan *plan_of(struct hc_profile *profile, struct hc_str type, const GPtrArray *columns)
{
    guint number;
    const struct hc_yaml *record = find_record(profile, type, columns, &number);
    g_autofree char *key = g_strdup_printf("%u %.*s", number, HC_STR_ARG(type));
    struct hc_plan *plan = record ? g_hash_table_lookup(profile->plans, key) : NULL;

    if (record && !plan) {
        plan = hc_plan_new(profile, record, type, profile->form, NULL);
        g_hash_table_insert(profile->plans, g_steal_pointer(&key), plan);
    }
    return plan;
}

const struct hc_plan *hc_profile_plan(struct hc_profile *profile, struct hc_str type,
                                      const GPtrArray *columns, const char **why)
{
    const struct hc_yaml *ignore = member(profile, "ignore");
    g_autofree char *key = hc_str_dup(type);
    const char *said = ignore ? hc_yaml_text(ignore, key) : NULL;

    *why = said ? said : "not in the profile";
    return said ? NULL : plan_of(profile, type, columns);
}
