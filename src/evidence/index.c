/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/index.h"

#include "src/base/btree.h"
#include "src/evidence/runs.h"

#define MEMORY ((size_t)8 << 20) /* of the entries of one index, until they go to a file */

/* Indexes of one column of `event`, in the order of the columns of the statement index/scan. Names are those of their statements. */
static const char *const names[] = {"event_action", "event_actor", "event_target", "event_object", "event_address", "event_message"};
#define INDEXES G_N_ELEMENTS(names)

/* Is the index there, and is it worth being built in bulk? */
static bool survey(hc_db *db, bool *missing, bool *many, GError **error)
{
    hc_stmt *st = hc_db_query(db, "index", "survey", "it", (int64_t)HC_BULK_EVENTS, names[0]);
    bool ok = hc_step(st, error) == 1;

    *many = ok && hc_col_int(st, 0);
    *missing = ok && hc_col_int(st, 1);
    hc_stmt_reset(st);
    return ok;
}

/* The entries of all indexes: column and row number. */
static bool collect(hc_db *db, struct hc_runs *const *entries, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "index", "scan");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const int64_t id = hc_col_int(st, 0);
        for (size_t i = 0; i < INDEXES; i++) {
            void *room;
            if (hc_col_null(st, (int)i + 1))
                continue;
            room = hc_runs_add(entries[i], hc_col_int(st, (int)i + 1), sizeof id, error);
            if (!room) {
                hc_stmt_reset(st);
                return false;
            }
            memcpy(room, &id, sizeof id);
        }
    }
    return rc == 0;
}

static bool build(struct hc_bulk *bulk, const char *name, struct hc_runs *entries, GError **error)
{
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    struct hc_record record;
    const void *item;
    int64_t key, id;
    uint32_t root;
    size_t size;
    bool ok;
    int rc = -1;

    hc_record_init(&record);
    ok = hc_runs_sort(entries, error);
    while (ok && (rc = hc_runs_next(entries, &key, &item, &size, error)) == 1) {
        memcpy(&id, item, sizeof id);
        hc_record_start(&record);
        hc_record_int(&record, key);
        hc_record_int(&record, id);
        ok = hc_btree_entry(tree, hc_record_end(&record), error);
    }
    ok = ok && rc == 0 && hc_btree_end(tree, &root, error);
    if (ok)
        hc_bulk_index(bulk, "event", "index", name, root);
    hc_record_clear(&record);
    hc_btree_free(tree);
    return ok;
}

static bool build_all(hc_db *db, struct hc_bulk *bulk, GError **error)
{
    g_autofree char *folder = hc_db_folder(db);
    struct hc_runs *entries[INDEXES];
    bool ok;

    for (size_t i = 0; i < INDEXES; i++)
        entries[i] = hc_runs_new(folder, MEMORY);
    ok = collect(db, entries, error);
    for (size_t i = 0; i < INDEXES; i++) {
        ok = ok && build(bulk, names[i], entries[i], error);
        hc_runs_free(entries[i]);
    }
    return ok && hc_bulk_end(bulk, error);
}

/* Six times the tree is walked and sorted by SQLite otherwise, which takes longer than all of the import before it. */
static bool make_in_bulk(hc_db *db, bool *made, GError **error)
{
    struct hc_bulk *bulk;
    g_autoptr(GError) failed = NULL;
    bool ok;

    if (!hc_db_begin(db, error))
        return false;
    bulk = hc_bulk_new(db, &failed);
    ok = bulk ? build_all(db, bulk, &failed) : !failed;
    *made = bulk != NULL;
    hc_bulk_free(bulk);
    if (ok)
        return hc_db_commit(db, error);
    hc_db_rollback(db);
    g_propagate_error(error, g_steal_pointer(&failed));
    return false;
}

static bool make_one_by_one(hc_db *db, GError **error)
{
    bool ok = hc_db_begin(db, error);

    if (!ok)
        return false;
    for (size_t i = 0; ok && i < INDEXES; i++)
        ok = hc_db_run(db, "index", names[i], error);
    if (ok)
        return hc_db_commit(db, error);
    hc_db_rollback(db);
    return false;
}

/* All of one table are made in one transaction: where one is, all are. */
bool hc_index_make(hc_db *db, bool safe, GError **error)
{
    bool missing, many, made = false;

    /* these first: they take the page that is left of a table which was replaced, and bulk works only where none is free */
    if (!hc_db_run(db, "index", "others", error) || !survey(db, &missing, &many, error))
        return false;
    if (missing && many && !safe && !make_in_bulk(db, &made, error))
        return false;
    return !missing || made || make_one_by_one(db, error);
}
