/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/finding.h"

static void origin_free(void *data)
{
    struct origin *o = data;
    char *texts[] = {o->path, o->member, o->sha256, o->packed, o->format, o->status, o->why, o->name};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(o);
}

static void step_free(void *data)
{
    struct step *s = data;
    char *texts[] = {s->what, s->because, s->actor, s->target, s->object};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(s);
}

static void further_free(void *data)
{
    struct further *f = data;

    g_free(f->what);
    g_free(f);
}

void finding_free(void *data)
{
    struct finding *f = data;
    char *texts[] = {f->rule,    f->level, f->certainty, f->title, f->message,
                     f->because, f->actor, f->target,    f->source};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_ptr_array_unref(f->steps);
    g_ptr_array_unref(f->places);
    g_free(f);
}

void found_free(struct found *found)
{
    if (!found)
        return;
    g_ptr_array_unref(found->findings);
    g_ptr_array_unref(found->origins);
    g_free(found->used);
    g_free(found);
}

static bool load_origins(hc_db *db, GPtrArray *origins, GHashTable *by_id, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "findings", "sources");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct origin *o = g_new0(struct origin, 1);
        o->id = hc_col_int(st, 0);
        o->path = hc_col_dup(st, 1);
        o->member = hc_col_dup(st, 2);
        o->container = hc_col_int(st, 3);
        o->sha256 = hc_col_dup(st, 4);
        o->size = hc_col_int(st, 5);
        o->as_text = !hc_col_null(st, 6);
        o->packed = hc_col_dup(st, 7);
        o->format = hc_col_dup(st, 8);
        o->status = hc_col_dup(st, 9);
        o->why = hc_col_dup(st, 10);
        o->records = hc_col_int(st, 11);
        o->rejected = hc_col_int(st, 12);
        o->name = *o->member ? g_strconcat(o->path, "!", o->member, NULL) : g_strdup(o->path);
        g_ptr_array_add(origins, o);
        g_hash_table_insert(by_id, &o->id, o);
    }
    return rc == 0;
}

/* Four columns from `first` on: source, line, offset, length. */
static struct spot read_spot(hc_stmt *st, int first, GHashTable *by_id)
{
    int64_t source = hc_col_int(st, first);
    struct spot at = {.origin = g_hash_table_lookup(by_id, &source),
                      .line = hc_col_int(st, first + 1),
                      .offset = -1,
                      .length = -1};

    if (!hc_col_null(st, first + 2) && !hc_col_null(st, first + 3)) {
        at.offset = hc_col_int(st, first + 2);
        at.length = hc_col_int(st, first + 3);
    }
    return at;
}

static bool load_steps(hc_db *db, int64_t id, GPtrArray *steps, GHashTable *by_id, GError **error)
{
    hc_stmt *st = hc_db_query(db, "findings", "steps", "i", id);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct step *s = g_new0(struct step, 1);
        s->number = hc_col_int(st, 0);
        s->what = hc_col_dup(st, 1);
        s->because = hc_col_dup(st, 2);
        s->has_time = !hc_col_null(st, 3);
        s->time = hc_col_int(st, 3);
        s->has_until = !hc_col_null(st, 4);
        s->until = hc_col_int(st, 4);
        s->action = (enum hc_action)hc_col_int(st, 5);
        s->actor = hc_col_dup(st, 6);
        s->target = hc_col_dup(st, 7);
        s->object = hc_col_dup(st, 8);
        s->at = read_spot(st, 9, by_id);
        g_ptr_array_add(steps, s);
    }
    return rc == 0;
}

static bool load_places(hc_db *db, int64_t id, GPtrArray *places, GHashTable *by_id, GError **error)
{
    hc_stmt *st = hc_db_query(db, "findings", "places", "i", id);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct further *f = g_new0(struct further, 1);
        f->what = hc_col_dup(st, 0);
        f->at = read_spot(st, 1, by_id);
        g_ptr_array_add(places, f);
    }
    return rc == 0;
}

/*
 * Of the key, which names what was found by names and times: the same on each machine and in each import. One
 * that is not alone is numbered.
 */
static void set_fingerprint(struct finding *f, const char *key, GHashTable *keys)
{
    gsize n = GPOINTER_TO_SIZE(g_hash_table_lookup(keys, key)) + 1;

    g_hash_table_insert(keys, g_strdup(key), GSIZE_TO_POINTER(n));
    hc_case_fingerprint(key, n, f->fingerprint);
}

static struct finding *read_finding(hc_stmt *st, GHashTable *by_id)
{
    struct finding *f = g_new0(struct finding, 1);

    f->steps = g_ptr_array_new_with_free_func(step_free);
    f->places = g_ptr_array_new_with_free_func(further_free);
    f->rule = hc_col_dup(st, 1);
    f->level = hc_col_dup(st, 3);
    f->certainty = hc_col_dup(st, 4);
    f->title = hc_col_dup(st, 5);
    f->message = hc_col_dup(st, 6);
    f->because = hc_col_dup(st, 7);
    f->actor = hc_col_dup(st, 8);
    f->target = hc_col_dup(st, 9);
    f->at = read_spot(st, 10, by_id);
    return f;
}

static bool load_findings(hc_db *db, GPtrArray *findings, GHashTable *by_id, GError **error)
{
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hc_stmt *st = hc_db_stmt(db, "findings", "findings");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct finding *f = read_finding(st, by_id);
        g_autofree char *key = hc_col_dup(st, 2);
        set_fingerprint(f, key, keys);
        g_ptr_array_add(findings, f);
        ok = load_steps(db, hc_col_int(st, 0), f->steps, by_id, error) &&
             load_places(db, hc_col_int(st, 0), f->places, by_id, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool fits(const struct hc_case_suppression *s, const struct finding *f)
{
    return hc_case_suppresses(s, f->rule, f->at.origin ? f->at.origin->name : NULL, f->actor, f->target,
                              f->fingerprint);
}

/* The first that fits gives the reason; all that fit are of use. */
static void suppress(struct found *found, const struct hc_case *c)
{
    found->used = g_new0(bool, c->n_suppressions + 1);
    for (guint i = 0; i < found->findings->len; i++) {
        struct finding *f = found->findings->pdata[i];
        for (size_t k = 0; k < c->n_suppressions; k++) {
            if (!fits(&c->suppressions[k], f))
                continue;
            found->used[k] = true;
            if (!f->suppression)
                f->suppression = &c->suppressions[k];
        }
    }
}

struct found *found_load(hc_db *db, const struct hc_case *c, GError **error)
{
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(found_t) found = g_new0(struct found, 1);

    found->origins = g_ptr_array_new_with_free_func(origin_free);
    found->findings = g_ptr_array_new_with_free_func(finding_free);
    if (!load_origins(db, found->origins, by_id, error) || !load_findings(db, found->findings, by_id, error))
        return NULL;
    suppress(found, c);
    return g_steal_pointer(&found);
}

bool finding_counts(const struct finding *f)
{
    return !f->suppression && (f->known == KNOWN_NOTHING || f->known == KNOWN_NEW || f->worse);
}
