/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/index.h"

#include "src/evidence/pairs.h"
#include "src/evidence/runs.h"

#define MEMORY ((size_t)6 << 20) /* of the entries of one index, until they go to a file */

/* The indexes in the order in which they are made. */
enum index { ALIAS_NAME, STATE_KEY, STATE_TYPE, EVENT_FIRST, INDEXES = EVENT_FIRST + HC_INDEX_COLUMNS };
enum table { EVENT, STATE, ALIAS, ENTITY, TABLES };

static const struct {
    const char *name; /* that of its statement as well */
    enum table table;
} indexes[INDEXES] = {
    [ALIAS_NAME] = {"alias_name", ALIAS},
    [STATE_KEY] = {"state_key", STATE},
    [STATE_TYPE] = {"state_type", STATE},
    [EVENT_FIRST + HC_INDEX_ACTION] = {"event_action", EVENT},
    [EVENT_FIRST + HC_INDEX_ACTOR] = {"event_actor", EVENT},
    [EVENT_FIRST + HC_INDEX_TARGET] = {"event_target", EVENT},
    [EVENT_FIRST + HC_INDEX_OBJECT] = {"event_object", EVENT},
    [EVENT_FIRST + HC_INDEX_ADDRESS] = {"event_address", EVENT},
    [EVENT_FIRST + HC_INDEX_MESSAGE] = {"event_message", EVENT},
};
static const char *const tables[TABLES] = {"event_row", "state", "alias", "entity"};
#define ENTITY_KEY "entity_key" /* its entries are the names that are in memory */

/* Behind the key of an entry: the row's number, or the rest of what tells entries apart. */
#define REST_MAX 2

/* Of one index: a key and a number, or a key and REST_MAX of them. Both NULL: not collected. */
struct entries {
    struct hc_pairs *pairs;
    struct hc_runs *runs;
};

/* Rows of `event`, on their way to a thread of its own that collects their entries. */
#define BLOCK_ROWS 1024
#define BLOCKS 4
struct block {
    size_t n;
    struct {
        int64_t id, columns[HC_INDEX_COLUMNS];
    } rows[BLOCK_ROWS];
};

struct hc_index_entries {
    struct entries of[INDEXES];
    int64_t last; /* number of the last row of `event` */
    char *folder;
    struct block *block; /* that is being filled; NULL: none yet */
    int n_blocks;
    GThread *thread;           /* NULL: it does not run, and all blocks are empty */
    GAsyncQueue *full, *empty; /* struct block */
    GError *failed;            /* of the thread, while it runs; the first */
};

static bool has_pairs(int which)
{
    return which != ALIAS_NAME && which != STATE_TYPE;
}

static void entries_new(struct hc_index_entries *entries, int which)
{
    if (has_pairs(which))
        entries->of[which].pairs = hc_pairs_new(entries->folder, MEMORY);
    else
        entries->of[which].runs = hc_runs_new(entries->folder, MEMORY);
}

static void entries_clear(struct entries *of)
{
    g_clear_pointer(&of->pairs, hc_pairs_free);
    g_clear_pointer(&of->runs, hc_runs_free);
}

static bool are_collected(const struct entries *of)
{
    return of->pairs || of->runs;
}

struct hc_index_entries *hc_index_entries_new(const char *folder)
{
    struct hc_index_entries *entries = g_new0(struct hc_index_entries, 1);

    entries->folder = g_strdup(folder);
    entries->last = INT64_MIN;
    entries->full = g_async_queue_new_full(g_free);
    entries->empty = g_async_queue_new_full(g_free);
    for (int i = STATE_KEY; i < INDEXES; i++)
        entries_new(entries, i);
    return entries;
}

/* Those of one block. */
static bool collect_block(struct hc_index_entries *entries, const struct block *block, GError **error)
{
    for (int i = 0; i < HC_INDEX_COLUMNS; i++) {
        struct hc_pairs *pairs = entries->of[EVENT_FIRST + i].pairs;
        for (size_t k = 0; pairs && k < block->n; k++)
            if (block->rows[k].columns[i] &&
                !hc_pairs_add(pairs, (struct hc_pair){block->rows[k].columns[i], block->rows[k].id}, error))
                return false;
    }
    return true;
}

/* Until an empty block comes. */
static void *collect_blocks(void *data)
{
    struct hc_index_entries *entries = data;

    for (bool ended = false; !ended;) {
        struct block *block = g_async_queue_pop(entries->full);
        ended = block->n == 0;
        if (!entries->failed)
            collect_block(entries, block, &entries->failed);
        block->n = 0;
        g_async_queue_push(entries->empty, block);
    }
    return NULL;
}

static struct block *empty_block(struct hc_index_entries *entries)
{
    struct block *block = g_async_queue_try_pop(entries->empty);

    if (!block && entries->n_blocks == BLOCKS)
        block = g_async_queue_pop(entries->empty);
    if (!block) {
        block = g_new(struct block, 1);
        block->n = 0;
        entries->n_blocks++;
    }
    return block;
}

static void pass_block(struct hc_index_entries *entries)
{
    if (!entries->thread)
        entries->thread = g_thread_new("index", collect_blocks, entries);
    g_async_queue_push(entries->full, g_steal_pointer(&entries->block));
    entries->block = empty_block(entries);
}

/* All entries of the rows that were added are collected. */
static bool settle(struct hc_index_entries *entries, GError **error)
{
    if (entries->thread && entries->block->n)
        pass_block(entries);
    if (entries->thread) {
        pass_block(entries); /* an empty one */
        g_thread_join(g_steal_pointer(&entries->thread));
    } else if (entries->block) { /* too few to be worth a thread */
        collect_block(entries, entries->block, &entries->failed);
        entries->block->n = 0;
    }
    if (!entries->failed)
        return true;
    g_propagate_error(error, g_steal_pointer(&entries->failed));
    return false;
}

void hc_index_entries_free(struct hc_index_entries *entries)
{
    if (!entries)
        return;
    settle(entries, NULL);
    g_free(entries->block);
    g_async_queue_unref(entries->full);
    g_async_queue_unref(entries->empty);
    for (int i = 0; i < INDEXES; i++)
        entries_clear(&entries->of[i]);
    g_free(entries->folder);
    g_free(entries);
}

static bool add_rest(struct hc_index_entries *entries, int which, int64_t key, const int64_t rest[REST_MAX],
                     GError **error)
{
    void *room = hc_runs_add(entries->of[which].runs, key, REST_MAX * sizeof *rest, error);

    if (room)
        memcpy(room, rest, REST_MAX * sizeof *rest);
    return room != NULL;
}

/* Two sources that tell of one time: what has one key does not come in the order of the table any more, which
 * is read again for it. */
static void give_up_events(struct hc_index_entries *entries)
{
    settle(entries, NULL);
    for (int i = EVENT_FIRST; i < INDEXES; i++)
        entries_clear(&entries->of[i]);
}

void hc_index_entries_add(struct hc_index_entries *entries, int64_t id,
                          const int64_t columns[HC_INDEX_COLUMNS])
{
    struct block *block;

    if (id <= entries->last)
        give_up_events(entries);
    entries->last = id;
    if (!entries->block)
        entries->block = empty_block(entries);
    block = entries->block;
    block->rows[block->n].id = id;
    memcpy(block->rows[block->n++].columns, columns, sizeof block->rows->columns);
    if (block->n == BLOCK_ROWS)
        pass_block(entries);
}

bool hc_index_entries_state(struct hc_index_entries *entries, int64_t id, int64_t row_key, int64_t type,
                            int64_t source, GError **error)
{
    const int64_t rest[] = {source, id};

    return hc_pairs_add(entries->of[STATE_KEY].pairs, (struct hc_pair){row_key, id}, error) &&
           add_rest(entries, STATE_TYPE, type, rest, error);
}

/* Is there none of the table's indexes, and are there so many rows that it is worth being built in bulk? */
struct survey {
    bool missing[TABLES], many;
};

static bool look(hc_db *db, struct survey *survey, GError **error)
{
    hc_stmt *st = hc_db_query(db, "index", "survey", "i", (int64_t)HC_BULK_EVENTS);
    bool ok = hc_step(st, error) == 1;

    survey->many = ok && hc_col_int(st, 0);
    for (int i = 0; i < TABLES; i++)
        survey->missing[i] = ok && hc_col_int(st, 1 + i);
    hc_stmt_reset(st);
    return ok;
}

/* One row of a scan: its indexed columns, then what tells it apart. */
static bool add_scanned(struct hc_index_entries *entries, enum table table, hc_stmt *st, GError **error)
{
    int64_t columns[HC_INDEX_COLUMNS];

    if (table == EVENT) {
        for (int i = 0; i < HC_INDEX_COLUMNS; i++)
            columns[i] = hc_col_int(st, i + 1); /* NULL gives 0 */
        hc_index_entries_add(entries, hc_col_int(st, 0), columns);
        return true;
    }
    for (int i = 0; i < 4; i++)
        columns[i] = i < 3 || table == STATE ? hc_col_int(st, i) : 0;
    if (table == STATE)
        return hc_index_entries_state(entries, columns[0], columns[1], columns[2], columns[3], error);
    return add_rest(entries, ALIAS_NAME, columns[0], columns + 1, error);
}

/* In the order of the table, so that what has one key stays in it. */
static bool scan(hc_db *db, struct hc_index_entries *entries, enum table table, GError **error)
{
    static const char *const statements[] = {
        [EVENT] = "scan_event", [STATE] = "scan_state", [ALIAS] = "scan_alias"};
    hc_stmt *st = hc_db_stmt(db, "index", statements[table]);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        if (!add_scanned(entries, table, st, error)) {
            hc_stmt_reset(st);
            return false;
        }
    return rc == 0;
}

/* What is missing, and was not collected while it was written. */
static bool collect(hc_db *db, const struct survey *survey, struct hc_index_entries *entries, GError **error)
{
    bool wanted[TABLES] = {false};

    if (!settle(entries, error))
        return false;
    for (int i = 0; i < INDEXES; i++)
        if (!are_collected(&entries->of[i]) && survey->missing[indexes[i].table]) {
            entries_new(entries, i);
            entries->last = INT64_MIN; /* the scan has the order of the table */
            wanted[indexes[i].table] = true;
        }
    for (enum table table = EVENT; table <= ALIAS; table++)
        if (wanted[table] && !scan(db, entries, table, error))
            return false;
    return settle(entries, error);
}

/* What comes with one key comes in order: else the index would be wrong, and nobody would know. */
static bool in_order(const int64_t *before, const int64_t *now, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (before[i] != now[i])
            return before[i] < now[i];
    return false;
}

/* The next entry: how many columns it has, 0 = there are no more, -1 = failed. */
static int next_entry(struct entries *of, int64_t columns[1 + REST_MAX], GError **error)
{
    struct hc_pair pair;
    const void *item;
    size_t size;
    int rc;

    if (of->pairs) {
        rc = hc_pairs_next(of->pairs, &pair, error);
        columns[0] = pair.key;
        columns[1] = pair.value;
        return rc * 2;
    }
    rc = hc_runs_next(of->runs, &columns[0], &item, &size, error);
    if (rc == 1)
        memcpy(columns + 1, item, size);
    return rc * (1 + REST_MAX);
}

static bool add_entries(struct hc_btree *tree, struct entries *of, GError **error)
{
    int64_t columns[1 + REST_MAX] = {0}, before[1 + REST_MAX];
    bool ok = true, first = true;
    int n = 0;

    while (ok && (n = next_entry(of, columns, error)) > 0) {
        ok =
            (first || in_order(before, columns, (size_t)n)) ||
            hc_fail(
                error, HC_ERROR_DB,
                "case database: rows came in another order than that of their index: a fault of the program");
        ok = ok && hc_btree_numbers(tree, columns, (size_t)n, error);
        memcpy(before, columns, sizeof before);
        first = false;
    }
    return ok && n == 0;
}

static bool build(struct hc_bulk *bulk, int which, struct entries *of, GError **error)
{
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    uint32_t root;
    bool ok = add_entries(tree, of, error) && hc_btree_end(tree, &root, error);

    if (ok)
        hc_bulk_index(bulk, tables[indexes[which].table], "index", indexes[which].name, root);
    hc_btree_free(tree);
    return ok;
}

/* The entries are sorted by a thread of its own, one index after the other, while those before are written;
 * the names come last. */
struct sorting {
    struct hc_index_entries *entries;
    struct hc_entities *entities; /* NULL: their index is not made */
    GThread *thread;
    GMutex lock;
    GCond done;
    int sorted; /* indexes that are; under the lock */
    GError *failed[INDEXES];
};

static void *sort_all(void *data)
{
    struct sorting *s = data;

    for (int i = 0; i < INDEXES; i++) {
        const struct entries *of = &s->entries->of[i];
        if (of->pairs)
            hc_pairs_sort(of->pairs, &s->failed[i]);
        else if (of->runs)
            hc_runs_sort(of->runs, &s->failed[i]);
        g_mutex_lock(&s->lock);
        s->sorted = i + 1;
        g_cond_signal(&s->done);
        g_mutex_unlock(&s->lock);
    }
    if (s->entities)
        hc_entities_sort(s->entities);
    return NULL;
}

static bool wait_for(struct sorting *s, int which, GError **error)
{
    bool ok;

    g_mutex_lock(&s->lock);
    while (s->sorted <= which)
        g_cond_wait(&s->done, &s->lock);
    g_mutex_unlock(&s->lock);
    ok = !s->failed[which];
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&s->failed[which]));
    return ok;
}

static bool build_sorted(struct hc_bulk *bulk, const struct survey *survey, struct sorting *s, GError **error)
{
    for (int i = 0; i < INDEXES; i++) {
        if (!survey->missing[indexes[i].table])
            continue;
        if (!wait_for(s, i, error) || !build(bulk, i, &s->entries->of[i], error))
            return false;
        entries_clear(&s->entries->of[i]);
    }
    return true;
}

static bool build_all(struct hc_bulk *bulk, const struct survey *survey, struct hc_entities *entities,
                      struct hc_index_entries *entries, GError **error)
{
    struct sorting s = {.entries = entries, .entities = survey->missing[ENTITY] ? entities : NULL};
    bool ok;

    g_mutex_init(&s.lock);
    g_cond_init(&s.done);
    s.thread = g_thread_new("sort", sort_all, &s);
    ok = build_sorted(bulk, survey, &s, error);
    g_thread_join(s.thread);
    if (s.entities)
        ok = ok && hc_entities_index(entities, bulk, error);
    for (int i = 0; i < INDEXES; i++)
        g_clear_error(&s.failed[i]);
    g_mutex_clear(&s.lock);
    g_cond_clear(&s.done);
    return ok && hc_bulk_end(bulk, error);
}

/* Keys that are not in memory are SQLite's: it makes their index before the trees are begun. */
static bool leave_keys(hc_db *db, struct survey *survey, const struct hc_entities *entities, GError **error)
{
    if (!survey->missing[ENTITY] || hc_entities_are_whole(entities))
        return true;
    survey->missing[ENTITY] = false;
    return hc_db_run(db, "index", ENTITY_KEY, error);
}

static struct hc_index_entries *no_entries(hc_db *db)
{
    g_autofree char *folder = hc_db_folder(db);
    struct hc_index_entries *entries = hc_index_entries_new(folder);

    for (int i = 0; i < INDEXES; i++)
        entries_clear(&entries->of[i]);
    return entries;
}

/* SQLite would walk the tables and sort once for each of them. */
static bool make_in_bulk(hc_db *db, struct survey *survey, struct hc_entities *entities,
                         struct hc_index_entries *entries, bool *made, GError **error)
{
    struct hc_index_entries *own = entries ? NULL : no_entries(db);
    g_autoptr(GError) failed = NULL;
    struct hc_bulk *bulk = NULL;
    bool ok =
        leave_keys(db, survey, entities, &failed) && collect(db, survey, entries ? entries : own, &failed);

    if (ok)
        bulk = hc_bulk_new(db, &failed);
    ok = ok && !failed && (!bulk || build_all(bulk, survey, entities, entries ? entries : own, &failed));
    *made = bulk != NULL;
    hc_bulk_free(bulk);
    hc_index_entries_free(own);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return ok;
}

static bool make_one_by_one(hc_db *db, const struct survey *survey, GError **error)
{
    if (survey->missing[ENTITY] && !hc_db_run(db, "index", ENTITY_KEY, error))
        return false;
    for (int i = 0; i < INDEXES; i++)
        if (survey->missing[indexes[i].table] && !hc_db_run(db, "index", indexes[i].name, error))
            return false;
    return true;
}

/* All are made in one transaction: where one of a table is, all of them are. */
bool hc_index_make(hc_db *db, struct hc_entities *entities, struct hc_index_entries *entries, bool safe,
                   GError **error)
{
    struct survey survey;
    bool ok, made = false, any = false;

    if (!look(db, &survey, error))
        return false;
    for (int i = 0; i < TABLES; i++)
        any = any || survey.missing[i];
    if (!any)
        return true;
    if (!hc_db_begin(db, error))
        return false;
    ok = !survey.many || safe || make_in_bulk(db, &survey, entities, entries, &made, error);
    ok = ok && (made || make_one_by_one(db, &survey, error));
    if (ok)
        return hc_db_commit(db, error);
    hc_db_rollback(db);
    return false;
}
