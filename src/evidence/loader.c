/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/loader.h"

#include "src/base/bulk.h"
#include "src/evidence/aliases.h"
#include "src/evidence/others.h"
#include "src/evidence/tape.h"
#include "src/evidence/waiting.h"
#include "src/evidence/witnesses.h"

#define SLOTS (INT64_C(1) << HC_SLOT_BITS)
#define DATED_MIN INT64_C(-8520336000000000) /* 1700-01-01 */
#define DATED_MAX INT64_C(8835955199999999)  /* 2249-12-31 */
#define AHEAD 4                              /* facts: as long as memory takes to answer */
#define UNDATED (DATED_MIN * SLOTS)          /* undated events count upwards from INT64_MIN + 1, up to here */

/* What is run for every record. */
enum hot { HOT_EVENT, HOT_WITNESS, HOT_REJECT, HOT_LAST, HOT_COUNT };

struct hc_loader {
    hc_db *db;
    struct hc_entities *entities;
    int64_t source;
    hc_stmt *hot[HOT_COUNT];
    struct hc_runs *runs;
    struct hc_record record;
    struct hc_tape *states;
    int64_t last_state;           /* number of the last row of its table */
    bool new_states, new_aliases; /* those tables have no rows of other sources */
    struct hc_aliases *aliases;
    int64_t ids[HC_FACT_PLACES]; /* numbers of the present fact's names */
    struct hc_index_entries *entries;
    bool safe;
    int64_t n_events;
    char *folder;
    bool has_others; /* events of the same realm from other sources, to be compared with */
    bool has_later;  /* events from sources whose name comes behind that of this one */
    struct hc_others *others;
    int64_t filled, last; /* time and number of the last dated event: among those of that microsecond or, when
                             it was full, later */
    int64_t top;          /* the highest number of all events: beyond it there is nothing to be looked for */
    int64_t undated;      /* the next number of an undated event; 0: not known yet */
    GHashTable *duplicates; /* number of the type -> count */
};

static hc_stmt *hot(struct hc_loader *w, enum hot which)
{
    static const char *const names[HOT_COUNT] = {"add_event", "add_witness", "add_reject", "last_in_slot"};

    if (w->hot[which])
        return hc_stmt_again(w->hot[which]);
    return w->hot[which] = hc_db_stmt(w->db, "store", names[which]);
}

static void bind_place(hc_stmt *st, int index, const struct hc_locator *at)
{
    hc_bind_int(st, index, at->record);
    hc_bind_int(st, index + 1, at->line);
    hc_bind_int(st, index + 2, at->offset);
    hc_bind_int(st, index + 3, at->length);
}

static bool survey(struct hc_loader *w, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "store", "has_others", "i", w->source);
    bool ok = hc_step(st, error) == 1;

    w->has_others = ok && hc_col_int(st, 0);
    w->top = ok && !hc_col_null(st, 1) ? hc_col_int(st, 1) : INT64_MIN;
    w->last_state = ok ? hc_col_int(st, 2) : 0; /* NULL gives 0 */
    w->new_states = w->last_state == 0;
    w->new_aliases = ok && !hc_col_int(st, 3);
    w->has_later = ok && hc_col_int(st, 4);
    hc_stmt_reset(st);
    return ok;
}

struct hc_loader *hc_loader_new(hc_db *db, struct hc_entities *entities, int64_t source,
                                struct hc_index_entries *entries, bool safe, GError **error)
{
    struct hc_loader *w = g_new0(struct hc_loader, 1);

    w->db = db;
    w->entities = entities;
    w->source = source;
    w->safe = safe;
    w->entries = entries;
    w->filled = INT64_MIN;
    w->folder = hc_db_folder(db);
    w->runs = hc_runs_new(w->folder, HC_RUNS_MEMORY);
    w->states = hc_tape_new(w->folder);
    w->aliases = hc_aliases_new(w->folder, source);
    w->duplicates = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    w->others = hc_others_new(db, source);
    if (survey(w, error))
        return w;
    hc_loader_free(w);
    return NULL;
}

void hc_loader_free(struct hc_loader *w)
{
    if (!w)
        return;
    hc_runs_free(w->runs);
    hc_aliases_free(w->aliases);
    hc_tape_free(w->states);
    hc_record_clear(&w->record);
    g_free(w->folder);
    g_hash_table_unref(w->duplicates);
    hc_others_free(w->others);
    g_free(w);
}

/* The numbers of the fact's names. */
static bool number(struct hc_loader *w, const struct hc_batch *batch, const struct hc_fact *f, GError **error)
{
    for (int i = 0; i < HC_FACT_PLACES; i++) {
        const struct hc_fact_name *n = &f->names[i];
        w->ids[i] = 0;
        if (n->kind == HC_ENTITY_NONE)
            continue;
        const struct hc_entity_name name = {(enum hc_entity_kind)n->kind, n->realm,
                                            hc_batch_text(batch, n->key), hc_batch_text(batch, n->name),
                                            n->hash};
        w->ids[i] = hc_entities_id(w->entities, &name, error);
        if (w->ids[i] < 0)
            return false;
    }
    return true;
}

static void put_id(struct hc_record *r, int64_t id)
{
    if (id)
        hc_record_int(r, id);
    else
        hc_record_null(r);
}

/* Most lines lie as far beyond their record as the one before: that is a small number, or none at all. */
static void put_beyond(struct hc_record *r, const struct hc_locator *at)
{
    if (at->line)
        hc_record_int(r, at->line - at->record);
    else
        hc_record_null(r);
}

static void put_place(struct hc_record *r, const struct hc_locator *at)
{
    hc_record_int(r, at->record);
    hc_record_int(r, at->line);
    hc_record_int(r, at->offset);
    hc_record_int(r, at->length);
}

/* The row as SQLite would write it. */
static bool add_state(struct hc_loader *w, const struct hc_batch *batch, const struct hc_fact *f,
                      GError **error)
{
    struct hc_record *r = &w->record;
    const int64_t id = ++w->last_state;

    hc_record_start(r);
    hc_record_null(r); /* the row's number stands beside the record */
    hc_record_int(r, w->source);
    hc_record_int(r, w->ids[HC_FACT_TYPE]);
    put_place(r, &f->at);
    hc_record_int(r, (int64_t)f->row_key);
    hc_record_int(r, (int64_t)f->digest);
    if (f->has_born)
        hc_record_int(r, f->time.earliest);
    else
        hc_record_null(r);
    put_id(r, w->ids[HC_FACT_ACTOR]);
    put_id(r, w->ids[HC_FACT_OBJECT]);
    put_id(r, w->ids[HC_FACT_TARGET]);
    hc_record_text(r, hc_batch_text(batch, f->fields));
    return hc_tape_add(w->states, id, hc_record_end(r), error) &&
           (!w->entries || hc_index_entries_state(w->entries, id, (int64_t)f->row_key, w->ids[HC_FACT_TYPE],
                                                  w->source, error));
}

static bool add_reject(struct hc_loader *w, const struct hc_batch *batch, const struct hc_fact *f,
                       GError **error)
{
    hc_stmt *st = hot(w, HOT_REJECT);

    hc_bind_int(st, 1, w->source);
    bind_place(st, 2, &f->at);
    hc_bind_borrowed(st, 6, hc_batch_text(batch, f->text));
    return hc_exec(st, error);
}

static bool is_dated(const struct hc_time *time)
{
    return time->precision != HC_PRECISION_NONE && time->earliest >= DATED_MIN && time->earliest <= DATED_MAX;
}

static void put_names(struct hc_loader *w, const unsigned char *places, size_t n, size_t *used)
{
    for (size_t i = 0; i < n; i++) {
        put_id(&w->record, w->ids[places[i]]);
        *used = w->ids[places[i]] ? w->record.n_types : *used;
    }
}

static void put_text(struct hc_record *r, const struct hc_batch *batch, struct hc_fact_text text,
                     size_t *used)
{
    hc_record_text(r, hc_batch_text(batch, text));
    *used = text.n != HC_FACT_NONE ? r->n_types : *used;
}

/* The columns from HC_EVENT_SHARED on, of which those behind the last that says something are left out. */
static void put_rest(struct hc_loader *w, const struct hc_batch *batch, const struct hc_fact *f)
{
    static const unsigned char first[] = {HC_FACT_SHARED, HC_FACT_ACTOR,   HC_FACT_TARGET,
                                          HC_FACT_OBJECT, HC_FACT_ADDRESS, HC_FACT_MESSAGE},
                               second[] = {HC_FACT_VERSION, HC_FACT_FILE, HC_FACT_TXN};
    struct hc_record *r = &w->record;
    const bool timed = f->time.precision != HC_PRECISION_NONE, odd = timed && !is_dated(&f->time);
    const int64_t span = timed ? f->time.latest - f->time.earliest : 0;
    size_t used = r->n_types;

    put_names(w, first, G_N_ELEMENTS(first), &used);
    put_text(r, batch, f->lines, &used);
    hc_record_int(r, span);
    used = span ? r->n_types : used;
    put_names(w, second, G_N_ELEMENTS(second), &used);
    put_text(r, batch, f->text, &used);
    if (odd)
        hc_record_int(r, f->time.earliest);
    else
        hc_record_null(r);
    used = odd ? r->n_types : used;
    hc_record_int(r, f->outcome);
    used = f->outcome ? r->n_types : used;
    hc_record_cut(r, used);
}

/* The row as SQLite would write it, where its number says when it was. */
static struct hc_str event_record(struct hc_loader *w, const struct hc_batch *batch, const struct hc_fact *f)
{
    struct hc_record *r = &w->record;

    hc_record_start(r);
    hc_record_null(r); /* the row's number stands beside the record */
    hc_record_int(r, f->time.precision);
    hc_record_int(r, f->time.basis);
    if (f->raw_form)
        hc_record_int(r, f->raw_form);
    else
        hc_record_text(r, hc_batch_text(batch, f->raw_time));
    hc_record_int(r, w->source);
    hc_record_int(r, f->at.record);
    put_beyond(r, &f->at);
    hc_record_int(r, f->at.offset);
    hc_record_int(r, f->at.length);
    hc_record_int(r, w->ids[HC_FACT_TYPE]);
    hc_record_int(r, f->action);
    hc_record_int(r, (int64_t)f->row_key);
    if (f->packed)
        hc_record_blob(r, hc_batch_text(batch, f->fields));
    else
        hc_record_text(r, hc_batch_text(batch, f->fields));
    put_rest(w, batch, f);
    return hc_record_end(r);
}

/* An event waits for its place in time; undated ones come first. */
static bool keep_event(struct hc_loader *w, const struct hc_batch *batch, const struct hc_fact *f,
                       GError **error)
{
    const struct hc_waiting row = {is_dated(&f->time) ? f->time.earliest : HC_WAITING_UNDATED, f->more,
                                   event_record(w, batch, f), hc_batch_text(batch, f->parts)};

    w->n_events++;
    return hc_waiting_add(w->runs, &row, error);
}

/* The names of a fact that will come. */
static void ready(const struct hc_loader *w, const struct hc_batch *batch, size_t i,
                  void (*how)(const struct hc_entities *, uint64_t))
{
    if (i >= batch->n_facts)
        return;
    for (int place = 0; place < HC_FACT_PLACES; place++)
        if (batch->facts[i].names[place].kind != HC_ENTITY_NONE)
            how(w->entities, batch->facts[i].names[place].hash);
}

bool hc_loader_batch(void *loader, const struct hc_batch *batch, GError **error)
{
    struct hc_loader *w = loader;
    bool ok = true;

    for (size_t i = 0; ok && i < batch->n_facts; i++) {
        ready(w, batch, i + 2 * AHEAD, hc_entities_soon);
        ready(w, batch, i + AHEAD, hc_entities_next);
        const struct hc_fact *f = &batch->facts[i];
        ok = number(w, batch, f, error) &&
             (f->kind == HC_FACT_EVENT   ? keep_event(w, batch, f, error)
              : f->kind == HC_FACT_STATE ? add_state(w, batch, f, error)
              : f->kind == HC_FACT_ALIAS
                  ? hc_aliases_add(w->aliases, w->ids[HC_FACT_ACTOR], w->ids[HC_FACT_TARGET], error)
                  : add_reject(w, batch, f, error));
    }
    return ok;
}

/* The next free number of the microsecond, base + SLOTS when it is full. */
static bool look_in_slot(struct hc_loader *w, int64_t base, int64_t *next, GError **error)
{
    hc_stmt *st = hot(w, HOT_LAST);

    hc_bind_int(st, 1, base);
    hc_bind_int(st, 2, base + SLOTS - 1);
    if (hc_step(st, error) != 1)
        return false;
    *next = hc_col_null(st, 0) ? base : hc_col_int(st, 0) + 1;
    hc_stmt_reset(st);
    return true;
}

/* The event of another source that is the same; what has no time is told apart by its content alone. */
static bool find_same(struct hc_loader *w, const struct hc_waiting *row, int64_t *same, GError **error)
{
    int64_t base;

    if (row->time == HC_WAITING_UNDATED)
        return hc_others_find(w->others, row, INT64_MIN + 1, UNDATED, same, error);
    base = row->time * SLOTS;
    return base > w->top || hc_others_find(w->others, row, base, base + SLOTS - 1, same, error);
}

static bool place_undated(struct hc_loader *w, int64_t *id, GError **error)
{
    if (!w->undated) {
        hc_stmt *st = hc_db_query(w->db, "store", "last_undated", "i", (int64_t)UNDATED);
        if (hc_step(st, error) != 1)
            return false;
        w->undated = hc_col_null(st, 0) ? INT64_MIN + 1 : hc_col_int(st, 0) + 1;
        hc_stmt_reset(st);
    }
    *id = w->undated++;
    return true;
}

/*
 * Finds the event's number. A full microsecond spills into the next, with the exact time kept. Logs put all
 * of a second into one microsecond: behind the last event, when it is of this time, the next one finds its
 * place at once. Beyond the highest number there is nobody to ask for.
 */
static bool place(struct hc_loader *w, int64_t us, int64_t *id, GError **error)
{
    bool behind = us == w->filled;
    int64_t base;

    if (us == HC_WAITING_UNDATED)
        return place_undated(w, id, error);
    base = behind ? (w->last >> HC_SLOT_BITS) * SLOTS : us * SLOTS;
    for (*id = behind ? w->last + 1 : base;; *id = base += SLOTS, behind = false) {
        if (!behind && base <= w->top && !look_in_slot(w, base, id, error))
            return false;
        if (*id < base + SLOTS)
            break;
    }
    w->filled = us;
    w->last = *id;
    w->top = MAX(w->top, *id);
    return true;
}

static bool add_witness(struct hc_loader *w, int64_t event, const struct hc_event_part *part, GError **error)
{
    hc_stmt *st = hot(w, HOT_WITNESS);

    hc_bind_int(st, 1, event);
    hc_bind_int(st, 2, part->source ? part->source : w->source);
    bind_place(st, 3, &part->at);
    return hc_exec(st, error);
}

static bool add_parts(struct hc_loader *w, int64_t event, struct hc_str parts, GError **error)
{
    struct hc_event_part part = {0};

    while (hc_parts_next(&parts, &part))
        if (!add_witness(w, event, &part, error))
            return false;
    return true;
}

static void add_entries(struct hc_loader *w, int64_t id, const struct hc_waiting *row)
{
    int64_t columns[HC_INDEX_COLUMNS];

    if (!w->entries)
        return;
    hc_waiting_columns(row, columns);
    hc_index_entries_add(w->entries, id, columns);
}

static bool add_event(struct hc_loader *w, int64_t id, const struct hc_waiting *row, GError **error)
{
    if (!hc_tape_insert_row(hot(w, HOT_EVENT), id, hc_waiting_record(row, id, &w->record), error))
        return false;
    add_entries(w, id, row);
    return add_parts(w, id, row->parts, error);
}

static void count_duplicate(struct hc_loader *w, int64_t type)
{
    int64_t *n = g_hash_table_lookup(w->duplicates, &type);

    if (!n) {
        n = g_new0(int64_t, 1);
        g_hash_table_insert(w->duplicates, g_memdup2(&type, sizeof type), n);
    }
    ++*n;
}

/* Another source has told the event: this one is a witness, and so are the other lines that it cites. */
static bool add_copy(struct hc_loader *w, int64_t event, const struct hc_waiting_facts *of,
                     const struct hc_waiting *row, GError **error)
{
    bool filled;

    if (!row->more)
        count_duplicate(w, of->type);
    if (!hc_others_complete(w->others, row, &filled, error))
        return false;
    if (filled)
        add_entries(w, event, row);
    return hc_others_cite(w->others, event, row, error) && add_parts(w, event, row->parts, error) &&
           (!w->has_later || hc_others_show(w->others, event, row, error));
}

static bool store_row(struct hc_loader *w, const struct hc_waiting *row, GError **error)
{
    const struct hc_waiting_facts of = hc_waiting_facts(row);
    int64_t id, same = 0;

    if (of.row_key && w->has_others && !find_same(w, row, &same, error))
        return false;
    if (same)
        return add_copy(w, same, &of, row, error);
    return place(w, row->time, &id, error) && add_event(w, id, row, error);
}

/* In a table without rows nobody has to be asked for a place: `*last` is the number of the row before. */
static int64_t next_id(struct hc_loader *w, const struct hc_waiting *row, int64_t *last)
{
    if (row->time == HC_WAITING_UNDATED) {
        w->undated = w->undated ? w->undated + 1 : INT64_MIN + 1;
        return w->undated;
    }
    *last = MAX(*last + 1, row->time * SLOTS);
    return *last;
}

/* Lines of other sources wait: nothing is told to SQLite while trees are built. */
static bool build_events(struct hc_loader *w, struct hc_btree *tree, struct hc_runs *parts, GError **error)
{
    int64_t last = INT64_MIN;
    struct hc_waiting row;
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_waiting_next(w->runs, &row, error)) == 1) {
        const int64_t id = next_id(w, &row, &last);
        void *room = row.parts.n ? hc_runs_add(parts, id, row.parts.n, error) : NULL;
        if (room)
            memcpy(room, row.parts.p, row.parts.n);
        add_entries(w, id, &row);
        ok = (room || !row.parts.n) && hc_btree_row(tree, id, hc_waiting_record(&row, id, &w->record), error);
    }
    return ok && rc == 0;
}

/* Tables that had rows before are written by SQLite, before the trees are begun or when they are done. */
static bool insert_rest(struct hc_loader *w, bool others, GError **error)
{
    if ((others || !hc_entities_are_new(w->entities)) && !hc_entities_store(w->entities, error))
        return false;
    if ((others || !w->new_states) &&
        !hc_tape_insert(w->states, hc_db_stmt(w->db, "store", "add_state"), error))
        return false;
    return (!others && w->new_aliases) || hc_aliases_insert(w->aliases, w->db, error);
}

static bool build_tables(struct hc_loader *w, struct hc_bulk *bulk, GError **error)
{
    if (hc_entities_are_new(w->entities) && !hc_entities_build(w->entities, bulk, error))
        return false;
    if (w->new_states && !hc_tape_build(w->states, bulk, "state", error))
        return false;
    return !w->new_aliases || hc_aliases_build(w->aliases, bulk, error);
}

static bool add_waiting_parts(struct hc_loader *w, struct hc_runs *parts, GError **error)
{
    bool ok = hc_runs_sort(parts, error);
    const void *item;
    int64_t event;
    size_t size;
    int rc = 0;

    while (ok && (rc = hc_runs_next(parts, &event, &item, &size, error)) == 1)
        ok = add_parts(w, event, hc_str_n(item, size), error);
    return ok && rc == 0;
}

/* Whole tables at once. */
static bool store_in_bulk(struct hc_loader *w, struct hc_bulk *bulk, GError **error)
{
    struct hc_btree *tree = hc_btree_table(hc_bulk_pages(bulk));
    struct hc_runs *parts = hc_runs_new(w->folder, HC_RUNS_MEMORY);
    uint32_t root;
    bool ok = build_tables(w, bulk, error) && build_events(w, tree, parts, error) &&
              hc_btree_end(tree, &root, error);

    if (ok) {
        hc_bulk_table(bulk, "event_row", root);
        ok = hc_bulk_end(bulk, error) && add_waiting_parts(w, parts, error);
    }
    hc_runs_free(parts);
    hc_btree_free(tree);
    return ok;
}

static bool store_one_by_one(struct hc_loader *w, GError **error)
{
    struct hc_waiting row;
    int rc;

    while ((rc = hc_waiting_next(w->runs, &row, error)) == 1)
        if (!store_row(w, &row, error))
            return false;
    return rc == 0;
}

/* Tables without rows or indexes can be written as trees, which takes less than half the time. */
bool hc_loader_end(struct hc_loader *w, GError **error)
{
    g_autoptr(GError) failed = NULL;
    bool many = !w->safe && w->top == INT64_MIN && w->n_events + hc_tape_rows(w->states) >= HC_BULK_EVENTS;
    bool ok = hc_runs_sort(w->runs, &failed) && insert_rest(w, !many, &failed);
    struct hc_bulk *bulk = ok && many ? hc_bulk_new(w->db, &failed) : NULL;

    ok = ok && !failed;
    if (ok && bulk)
        ok = store_in_bulk(w, bulk, &failed);
    else if (ok)
        ok = (!many || insert_rest(w, true, &failed)) && store_one_by_one(w, &failed);
    hc_bulk_free(bulk);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return ok;
}

void hc_loader_duplicates(const struct hc_loader *w, hc_loader_fn each, void *data)
{
    GHashTableIter iter;
    void *type, *n;

    g_hash_table_iter_init(&iter, w->duplicates);
    while (g_hash_table_iter_next(&iter, &type, &n))
        each(data, *(int64_t *)type, *(int64_t *)n);
}
