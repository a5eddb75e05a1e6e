/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/index.h"

#include "src/base/bulk.h"
#include "src/evidence/runs.h"

#define MEMORY ((size_t)4 << 20) /* of the entries of one index, until they go to a file */

/* In the order of enum hc_index_column, which is that of the columns of the statement index/scan. Names are those of their statements. */
static const char *const names[HC_INDEX_COLUMNS] = {"event_action", "event_actor", "event_target", "event_object", "event_address", "event_message"};

struct hc_index_entries {
    struct hc_runs *of[HC_INDEX_COLUMNS];
};

struct hc_index_entries *hc_index_entries_new(const char *folder)
{
    struct hc_index_entries *entries = g_new0(struct hc_index_entries, 1);

    for (int i = 0; i < HC_INDEX_COLUMNS; i++)
        entries->of[i] = hc_runs_new(folder, MEMORY);
    return entries;
}

void hc_index_entries_free(struct hc_index_entries *entries)
{
    if (!entries)
        return;
    for (int i = 0; i < HC_INDEX_COLUMNS; i++)
        hc_runs_free(entries->of[i]);
    g_free(entries);
}

bool hc_index_entries_add(struct hc_index_entries *entries, int64_t id, const int64_t columns[HC_INDEX_COLUMNS], GError **error)
{
    for (int i = 0; i < HC_INDEX_COLUMNS; i++) {
        void *room = columns[i] ? hc_runs_add(entries->of[i], columns[i], sizeof id, error) : NULL;
        if (room)
            memcpy(room, &id, sizeof id);
        else if (columns[i])
            return false;
    }
    return true;
}

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

static struct hc_index_entries *collect(hc_db *db, GError **error)
{
    g_autofree char *folder = hc_db_folder(db);
    struct hc_index_entries *entries = hc_index_entries_new(folder);
    hc_stmt *st = hc_db_stmt(db, "index", "scan");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t columns[HC_INDEX_COLUMNS];
        for (int i = 0; i < HC_INDEX_COLUMNS; i++)
            columns[i] = hc_col_int(st, i + 1); /* NULL gives 0 */
        if (!hc_index_entries_add(entries, hc_col_int(st, 0), columns, error)) {
            hc_stmt_reset(st);
            rc = -1;
            break;
        }
    }
    if (rc == 0)
        return entries;
    hc_index_entries_free(entries);
    return NULL;
}

static bool build(struct hc_bulk *bulk, const char *name, struct hc_runs *entries, GError **error)
{
    struct hc_record record = {0};
    struct hc_btree *tree;
    struct hc_pages pages;
    const void *item;
    int64_t key, id;
    uint32_t root;
    size_t size;
    bool ok;
    int rc = -1;

    hc_pages_start(&pages, hc_bulk_pool(bulk));
    tree = hc_btree_index(&pages);
    ok = hc_runs_sort(entries, error);
    while (ok && (rc = hc_runs_next(entries, &key, &item, &size, error)) == 1) {
        memcpy(&id, item, sizeof id);
        hc_record_start(&record);
        hc_record_int(&record, key);
        hc_record_int(&record, id);
        ok = hc_btree_entry(tree, hc_record_end(&record), error);
    }
    ok = ok && rc == 0 && hc_btree_end(tree, &root, error) && hc_pages_end(&pages, error);
    if (ok)
        hc_bulk_index(bulk, "event", "index", name, root);
    hc_record_clear(&record);
    hc_btree_free(tree);
    hc_pages_clear(&pages);
    return ok;
}

static bool build_all(struct hc_bulk *bulk, const struct hc_index_entries *entries, GError **error)
{
    for (int i = 0; i < HC_INDEX_COLUMNS; i++)
        if (!build(bulk, names[i], entries->of[i], error))
            return false;
    return hc_bulk_end(bulk, error);
}

/* SQLite would walk the table and sort once for each of them. */
static bool make_in_bulk(hc_db *db, struct hc_index_entries *entries, bool *made, GError **error)
{
    struct hc_index_entries *own = NULL;
    struct hc_bulk *bulk;
    g_autoptr(GError) failed = NULL;
    bool ok;

    if (!hc_db_begin(db, error))
        return false;
    bulk = hc_bulk_new(db, &failed);
    if (bulk && !entries)
        entries = own = collect(db, &failed);
    ok = !failed && (!bulk || build_all(bulk, entries, &failed));
    *made = bulk != NULL;
    hc_bulk_free(bulk);
    hc_index_entries_free(own);
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
    for (int i = 0; ok && i < HC_INDEX_COLUMNS; i++)
        ok = hc_db_run(db, "index", names[i], error);
    if (ok)
        return hc_db_commit(db, error);
    hc_db_rollback(db);
    return false;
}

/* All of one table are made in one transaction: where one is, all are. */
bool hc_index_make(hc_db *db, struct hc_index_entries *entries, bool safe, GError **error)
{
    bool missing, many, made = false;

    /* these first: they take the page that is left of a table which was replaced, and bulk works only where none is free */
    if (!hc_db_run(db, "index", "others", error) || !survey(db, &missing, &many, error))
        return false;
    if (missing && many && !safe && !make_in_bulk(db, entries, &made, error))
        return false;
    return !missing || made || make_one_by_one(db, error);
}
