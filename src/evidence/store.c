/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/storeparts.h"

#include "src/evidence/follow.h"

struct hc_store {
    hc_db *db;
    struct hc_entities *entities;
    struct hc_index_entries *entries; /* of all rows; NULL: there were some before */
    struct hc_entities_mark marks[HC_STORE_MARKS_MAX];
    size_t n_marks;
    bool safe;
};

static bool open_entries(struct hc_store *store, GError **error)
{
    g_autofree char *folder = hc_db_folder(store->db);
    hc_stmt *st = hc_db_stmt(store->db, "store", "has_rows");
    int rc = hc_step(st, error);

    hc_stmt_reset(st);
    if (rc == 0 && !store->safe)
        store->entries = hc_index_entries_new(folder);
    return rc >= 0;
}

struct hc_store *hc_store_new(hc_db *db, bool safe, GError **error)
{
    struct hc_store *store = g_new0(struct hc_store, 1);

    store->db = db;
    store->safe = safe;
    store->entities = hc_entities_new(db, HC_ENTITIES_LOADED, error);
    if (store->entities && open_entries(store, error))
        return store;
    hc_store_free(store);
    return NULL;
}

void hc_store_free(struct hc_store *store)
{
    if (!store)
        return;
    hc_entities_free(store->entities);
    hc_index_entries_free(store->entries);
    g_free(store);
}

void hc_store_kept(struct hc_store *store)
{
    hc_entities_keep(store->entities);
}

void hc_store_lost(struct hc_store *store)
{
    store->n_marks = 0;
    hc_entities_forget(store->entities);
    g_clear_pointer(&store->entries, hc_index_entries_free); /* some are not true any more */
}

bool hc_store_mark(struct hc_store *store, GError **error)
{
    g_assert(store->n_marks < HC_STORE_MARKS_MAX);
    store->marks[store->n_marks++] = hc_entities_mark(store->entities);
    return hc_db_mark(store->db, error);
}

bool hc_store_keep(struct hc_store *store, GError **error)
{
    store->n_marks--;
    return hc_db_keep(store->db, error);
}

bool hc_store_back(struct hc_store *store, GError **error)
{
    hc_entities_back(store->entities, store->marks[--store->n_marks]);
    g_clear_pointer(&store->entries, hc_index_entries_free); /* some are not true any more */
    return hc_db_back(store->db, error);
}

bool hc_store_index(struct hc_store *store, GError **error)
{
    return hc_index_make(store->db, store->entities, store->entries, store->safe, error);
}

int64_t hc_store_realm(hc_db *db, const char *name, GError **error)
{
    hc_stmt *st;
    int64_t id;

    if (!hc_exec(hc_db_query(db, "store", "add_realm", "t", name), error))
        return -1;
    st = hc_db_query(db, "store", "find_realm", "t", name);
    if (hc_step(st, error) != 1)
        return -1;
    id = hc_col_int(st, 0);
    hc_stmt_reset(st);
    return id;
}

const char *hc_store_realm_name(const struct hc_source_info *info)
{
    if (info->profile)
        return hc_profile_realm(info->profile);
    return info->format ? "mail" : NULL; /* importers that need no profile read mail */
}

int64_t hc_store_source(hc_db *db, const struct hc_source_info *info, GError **error)
{
    const char *realm = hc_store_realm_name(info);
    int64_t realm_no = realm ? hc_store_realm(db, realm, error) : 0;
    hc_stmt *st;

    if (realm_no < 0)
        return -1;
    st = hc_db_query(db, "store", "add_source", "ttntitt", info->path, info->member ? info->member : "",
                     info->container, info->sha256 ? info->sha256 : "", info->size, info->format,
                     info->profile ? hc_profile_name(info->profile) : NULL);
    if (realm_no)
        hc_bind_int(st, 8, realm_no);
    hc_bind_text(st, 9, hc_str(info->label));
    hc_bind_text(st, 10, hc_str(info->zone));
    hc_bind_text(st, 11, hc_str(info->zone_basis));
    if (info->settings.year)
        hc_bind_int(st, 12, info->settings.year);
    hc_bind_int(st, 13, info->clock);
    if (info->has_taken) {
        hc_bind_int(st, 14, info->taken);
        hc_bind_text(st, 15, hc_str("given"));
    }
    hc_bind_text(st, 16, hc_str(info->status));
    hc_bind_text(st, 17, hc_str(info->why));
    hc_bind_text(st, 19, hc_str(info->settings.columns));
    if (info->scope) {
        g_autofree char *scope = hc_scope_text(info->scope);
        hc_bind_text(st, 18, hc_str(scope));
    }
    return hc_exec(st, error) ? hc_db_last_id(db) : -1;
}

hc_db *hc_store_db(const struct hc_store *store)
{
    return store->db;
}

struct hc_loader *hc_store_loader(struct hc_store *store, int64_t source, GError **error)
{
    return hc_loader_new(store->db, store->entities, source, store->entries, store->safe, error);
}

bool hc_store_forget(struct hc_store *store, int64_t source, GError **error)
{
    static const char *const what[] = {"replace",        "hand_over",    "handed_source", "handed_tally",
                                       "handed_places",  "forget_shown", "forget_told",   "forget_events",
                                       "forget_rejects", "forget_tally", "forget_source"};
    bool ok = hc_store_stale(store->db, error) && hc_db_run(store->db, "index", "drop", error);

    store->safe = true; /* the tables have had rows */
    g_clear_pointer(&store->entries, hc_index_entries_free);
    for (size_t i = 0; ok && i < G_N_ELEMENTS(what); i++)
        ok = hc_exec(hc_db_query(store->db, "import", what[i], "i", source), error);
    return ok;
}

bool hc_store_stale(hc_db *db, GError **error)
{
    return hc_db_run(db, "derived", "clear", error);
}
