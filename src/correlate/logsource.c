/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/logsource.h"

#define OURS "hindcast"
#define EVERYWHERE 0 /* no realm */
#define KEPT_MAX 256 /* bytes: no profile has longer names */

struct place {
    char *path, *format, *profile, *realm;
    int64_t realm_id;
    GHashTable *allowed; /* type -> bool *, by rule */
};

/* What a profile says about its service. */
struct said {
    int64_t realm;
    char *key, *value;
};

/* Kept fields that ECS has a name for. */
static const char *const ecs[][2] = {
    {"subject", "email.subject"},     {"from", "email.from.address"}, {"user_agent", "user_agent.original"},
    {"agent", "user_agent.original"}, {"org", "organization.name"},   {"organization", "organization.name"},
    {"team", "group.name"},
};

struct logsources {
    const struct hc_sigma_rules *rules;
    GHashTable *renamed; /* int64_t realm -> GHashTable: see names_in */
    GHashTable *places;  /* int64_t source -> struct place */
    GArray *said;        /* struct said */
    struct place none;
};

static void place_clear(struct place *p)
{
    g_free(p->path);
    g_free(p->format);
    g_free(p->profile);
    g_free(p->realm);
    g_clear_pointer(&p->allowed, g_hash_table_unref);
}

static void place_free(void *data)
{
    place_clear(data);
    g_free(data);
}

static void said_clear(void *data)
{
    struct said *said = data;

    g_free(said->key);
    g_free(said->value);
}

static GHashTable *allowed_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static bool read_said(struct logsources *l, hc_db *db, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "rules", "logsources");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct said said = {hc_col_int(st, 0), hc_col_dup(st, 1), hc_col_dup(st, 2)};
        g_array_append_val(l->said, said);
    }
    return rc == 0;
}

static bool read_places(struct logsources *l, hc_db *db, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "rules", "sources");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct place *p = g_new0(struct place, 1);
        int64_t id = hc_col_int(st, 0);
        p->path = hc_col_dup(st, 1);
        p->format = hc_col_dup(st, 2);
        p->profile = hc_col_dup(st, 3);
        p->realm = hc_col_dup(st, 4);
        p->realm_id = hc_col_int(st, 5);
        p->allowed = allowed_new();
        g_hash_table_insert(l->places, g_memdup2(&id, sizeof id), p);
    }
    return rc == 0;
}

/* Of one realm, or of EVERYWHERE: the kept name -> GArray of ptrdiff_t. */
static GHashTable *names_in(struct logsources *l, int64_t realm)
{
    GHashTable *names = g_hash_table_lookup(l->renamed, &realm);

    if (!names) {
        names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
        g_hash_table_insert(l->renamed, g_memdup2(&realm, sizeof realm), names);
    }
    return names;
}

static void add_name(struct logsources *l, int64_t realm, const char *kept, const char *name)
{
    ptrdiff_t slot = hc_sigma_fields_find(l->rules->fields, name);
    GHashTable *names = names_in(l, realm);
    GArray *list = g_hash_table_lookup(names, kept);

    if (slot < 0 || strcmp(kept, name) == 0)
        return;
    if (!list) {
        list = g_array_new(FALSE, FALSE, sizeof(ptrdiff_t));
        g_hash_table_insert(names, g_strdup(kept), list);
    }
    g_array_append_val(list, slot);
}

static bool read_names(struct logsources *l, hc_db *db, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "rules", "native_names");
    int rc;

    for (size_t i = 0; i < G_N_ELEMENTS(ecs); i++)
        add_name(l, EVERYWHERE, ecs[i][0], ecs[i][1]);
    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *name = hc_col_dup(st, 1), *kept = hc_col_dup(st, 2);
        add_name(l, hc_col_int(st, 0), kept, name);
    }
    return rc == 0;
}

struct logsources *logsources_new(hc_db *db, const struct hc_sigma_rules *rules, GError **error)
{
    struct logsources *l = g_new0(struct logsources, 1);

    l->rules = rules;
    l->places = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, place_free);
    l->said = g_array_new(FALSE, FALSE, sizeof(struct said));
    g_array_set_clear_func(l->said, said_clear);
    l->none.allowed = allowed_new();
    l->renamed =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    if (read_said(l, db, error) && read_places(l, db, error) && read_names(l, db, error))
        return l;
    logsources_free(l);
    return NULL;
}

void logsources_free(struct logsources *l)
{
    if (!l)
        return;
    g_hash_table_unref(l->places);
    g_array_unref(l->said);
    g_hash_table_unref(l->renamed);
    place_clear(&l->none);
    g_free(l);
}

static struct place *place_of(const struct logsources *l, int64_t source)
{
    struct place *p = g_hash_table_lookup(l->places, &source);

    return p ? p : (struct place *)&l->none;
}

struct hc_str logsources_path(const struct logsources *l, int64_t source)
{
    return hc_str(place_of(l, source)->path);
}

struct hc_str logsources_realm(const struct logsources *l, int64_t source)
{
    return hc_str(place_of(l, source)->realm);
}

/* A key may be said as several words: "gcp.audit google_workspace.admin". */
static bool says(const struct logsources *l, int64_t realm, const char *key, const char *wanted)
{
    for (guint i = 0; i < l->said->len; i++) {
        const struct said *s = &g_array_index(l->said, struct said, i);
        g_auto(GStrv) words = NULL;
        if (s->realm != realm || strcmp(s->key, key) != 0)
            continue;
        words = g_strsplit(s->value, " ", -1);
        for (char **word = words; *word; word++)
            if (g_ascii_strcasecmp(*word, wanted) == 0)
                return true;
    }
    return false;
}

bool logsources_renames(const struct logsources *l, int64_t source)
{
    const int64_t realms[] = {place_of(l, source)->realm_id, EVERYWHERE};
    bool any = false;

    for (size_t i = 0; i < G_N_ELEMENTS(realms); i++) {
        GHashTable *names = g_hash_table_lookup(l->renamed, &realms[i]);
        any = any || (names && g_hash_table_size(names));
    }
    return any;
}

const GArray *logsources_names(const struct logsources *l, int64_t source, bool native, struct hc_str kept)
{
    int64_t realm = native ? place_of(l, source)->realm_id : EVERYWHERE;
    GHashTable *names = g_hash_table_lookup(l->renamed, &realm);
    char key[KEPT_MAX];

    if (!names || !g_hash_table_size(names) || kept.n >= sizeof key)
        return NULL;
    memcpy(key, kept.p, kept.n);
    key[kept.n] = 0;
    return g_hash_table_lookup(names, key);
}

static bool is(const char *name, const char *wanted)
{
    return name && g_ascii_strcasecmp(name, wanted) == 0;
}

static bool is_product(const struct logsources *l, const struct place *p, const char *wanted)
{
    bool system = is(p->format, "syslog") || is(p->format, "journal");

    return is(OURS, wanted) || is(p->profile, wanted) || is(p->realm, wanted) ||
           (system && is("linux", wanted)) || says(l, p->realm_id, "product", wanted);
}

static bool is_service(const struct logsources *l, const struct place *p, const char *type,
                       const char *wanted)
{
    return is(type, wanted) || is(p->profile, wanted) || is(p->realm, wanted) || is(p->format, wanted) ||
           says(l, p->realm_id, "service", wanted);
}

static bool agrees(const struct logsources *l, const struct place *p, const char *type,
                   const struct hc_sigma_logsource *s)
{
    return (!s->product || is_product(l, p, s->product)) &&
           (!s->service || is_service(l, p, type, s->service)) &&
           (!s->category || says(l, p->realm_id, "category", s->category));
}

const bool *logsources_allowed(struct logsources *l, int64_t source, const char *type)
{
    struct place *p = place_of(l, source);
    bool *allowed = g_hash_table_lookup(p->allowed, type ? type : "");

    if (allowed)
        return allowed;
    allowed = g_new0(bool, l->rules->rules->len + 1);
    for (guint i = 0; i < l->rules->rules->len; i++)
        allowed[i] = agrees(l, p, type, &hc_sigma_rule_at(l->rules, i)->logsource);
    g_hash_table_insert(p->allowed, g_strdup(type ? type : ""), allowed);
    return allowed;
}
