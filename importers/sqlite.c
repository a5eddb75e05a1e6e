/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite 3 database files, read by their published format (SQLite documentation, "Database File Format") and
 * not by the library, so that every row has its place in the file, and no file is trusted.
 *
 * A record is a row of a table, be it WITHOUT ROWID; its place is the cell that it begins in, with the length
 * and the key before it and the number of the page on which a long one goes on, but without that page. There
 * are no lines: they are 0. Indexes are not read, and neither is what was deleted: free pages, and the free
 * space inside of pages. The type of a record is the name of its table.
 *
 * Values are text as src/evidence/sqlitevalue.h has it: a column INTEGER PRIMARY KEY is the rowid, a row that
 * is older than a column has the default value of that, a virtual generated column is not in the file.
 *
 * In WAL mode the newest state is in part in FILE-wal; its committed frames are read where it lies beside. A
 * rollback journal FILE-journal that was not played back is: what it holds are the pages as they were before
 * a transaction that did not end. A place behind the end of FILE is one in these (sqlitepages.h).
 */
#include "src/evidence/sqlitejournal.h"
#include "src/evidence/sqliteschema.h"
#include "src/evidence/table.h"

#define FAULTS_MAX 1000 /* of one table that are told one by one */

struct reader {
    struct hc_sink *sink;
    struct hc_sqlite_pages *pages;
    struct hc_sqlite_walk *walk;
    enum hc_sqlite_encoding encoding;
    int64_t records;
    /* the table that is being read */
    const struct hc_sqlite_table *table;
    struct hc_table *rows;
    int64_t faults, missing;
    struct hc_sqlite_fault first_missing;
    bool *needed;
    struct hc_sqlite_field *fields;
    struct hc_sqlite_value *values;
    struct hc_str *texts;
};

static struct hc_locator place(struct reader *r, int64_t at, int64_t length)
{
    return (struct hc_locator){.record = ++r->records, .offset = at, .length = length};
}

/* Of the file as a whole, not of a row. */
static bool complain(struct reader *r, int64_t at, GError **error, const char *why)
{
    struct hc_locator where = place(r, at, 0);

    return hc_sink_reject(r->sink, &where, error, "%s", why);
}

/* ---- rows ---- */

static bool row_fault(struct reader *r, const char *table, const struct hc_sqlite_fault *fault,
                      GError **error)
{
    struct hc_locator where;

    if (r->faults++ >= FAULTS_MAX)
        return true;
    where = place(r, fault->at, fault->length);
    return hc_sink_reject(r->sink, &where, error, "%s: %s", table, fault->why);
}

/* Pages that are missing are told in one sentence: of a file that was cut there may be millions. */
static bool page_fault(struct reader *r, const char *table, const struct hc_sqlite_fault *fault,
                       GError **error)
{
    struct hc_locator where;

    if (fault->missing) {
        if (r->missing++ == 0)
            r->first_missing = *fault;
        return true;
    }
    if (r->faults++ >= FAULTS_MAX)
        return true;
    where = place(r, fault->at, fault->length);
    return hc_sink_reject(r->sink, &where, error, "%s: page %u %s", table, fault->page, fault->why);
}

static bool sum_of_faults(struct reader *r, const char *table, GError **error)
{
    struct hc_locator where;

    if (r->missing) {
        where = place(r, r->first_missing.at, 0);
        if (!hc_sink_reject(r->sink, &where, error,
                            "%s: page %u %s; so do %" G_GINT64_FORMAT " in all: their rows are missing",
                            table, r->first_missing.page, r->first_missing.why, r->missing))
            return false;
    }
    if (r->faults > FAULTS_MAX) {
        where = place(r, 0, 0);
        if (!hc_sink_reject(r->sink, &where, error, "%s: %" G_GINT64_FORMAT " more places cannot be read",
                            table, r->faults - FAULTS_MAX))
            return false;
    }
    r->faults = r->missing = 0;
    return true;
}

static bool push_row(struct reader *r, const struct hc_sqlite_cell *cell, GError **error)
{
    struct hc_locator where;
    size_t n = 0;
    struct hc_sqlite_fault fault = {.at = cell->at, .length = cell->length};
    int rc = 1;

    if (hc_table_wanted(r->rows))
        rc = hc_sqlite_table_row(r->table, r->walk, cell, r->needed, r->fields, r->values, &fault.why, error);
    if (rc != 1)
        return rc == 0 && row_fault(r, r->table->name, &fault, error);
    where = place(r, cell->at, cell->length);
    for (guint i = 0; i < r->table->columns->len; i++) {
        if (hc_sqlite_table_column(r->table, i)->computed)
            continue;
        if (r->needed[i])
            r->texts[n] = hc_sqlite_value_text(&r->values[i], r->encoding, hc_table_buffer(r->rows, n));
        n++;
    }
    return hc_table_row(r->rows, r->texts, n, &where, error);
}

/* The columns that are in the file. */
static GPtrArray *column_names(const struct hc_sqlite_table *table)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < table->columns->len; i++)
        if (!hc_sqlite_table_column(table, i)->computed)
            g_ptr_array_add(names, g_strdup(hc_sqlite_table_column(table, i)->name));
    return names;
}

static void begin_table(struct reader *r, const struct hc_sqlite_entry *entry)
{
    g_autoptr(GPtrArray) names = column_names(entry->table);
    guint columns = entry->table->columns->len;
    size_t n = 0;

    r->table = entry->table;
    r->rows = hc_table_new(r->sink, hc_str(entry->name), names);
    r->needed = g_new0(bool, columns + 1);
    r->values = g_new0(struct hc_sqlite_value, columns + 1);
    r->texts = g_new0(struct hc_str, columns + 1);
    r->fields = g_new0(struct hc_sqlite_field, (gsize)entry->table->n_stored + 1);
    for (guint i = 0; i < columns; i++)
        if (!hc_sqlite_table_column(entry->table, i)->computed)
            r->needed[i] = hc_table_needs(r->rows, n++);
    hc_sqlite_walk_start(r->walk, entry->root, entry->table->without_rowid);
}

static void end_table(struct reader *r)
{
    hc_table_free(r->rows);
    g_free(r->needed);
    g_free(r->values);
    g_free(r->texts);
    g_free(r->fields);
}

static bool read_table(struct reader *r, const struct hc_sqlite_entry *entry, GError **error)
{
    struct hc_sqlite_cell cell;
    struct hc_sqlite_fault fault;
    enum hc_sqlite_step step;
    bool ok = true;

    if (!entry->table) {
        struct hc_locator where = place(r, entry->at, entry->length);
        return hc_sink_reject(r->sink, &where, error, "%s is not read: %s", entry->name, entry->why);
    }
    begin_table(r, entry);
    while (ok && (step = hc_sqlite_walk_next(r->walk, &cell, &fault, error)) != HC_SQLITE_DONE)
        ok = step == HC_SQLITE_CELL ? push_row(r, &cell, error)
                                    : step == HC_SQLITE_FAULT && page_fault(r, entry->name, &fault, error);
    end_table(r);
    return ok && sum_of_faults(r, entry->name, error);
}

/* ---- the file ---- */

static bool schema_faults(struct reader *r, const GArray *faults, GError **error)
{
    for (guint i = 0; i < faults->len; i++) {
        const struct hc_sqlite_fault *fault = &g_array_index(faults, struct hc_sqlite_fault, i);
        if (!(fault->page ? page_fault : row_fault)(r, "the schema", fault, error))
            return false;
    }
    return sum_of_faults(r, "the schema", error);
}

static bool read_tables(struct reader *r, GError **error)
{
    struct hc_sqlite_schema schema = {0};
    bool ok =
        hc_sqlite_schema_read(&schema, r->walk, r->encoding, error) && schema_faults(r, schema.faults, error);

    for (guint i = 0; ok && i < schema.entries->len; i++)
        ok = read_table(r, schema.entries->pdata[i], error);
    hc_sqlite_schema_clear(&schema);
    return ok;
}

/* What the file says of itself, and what lies beside it does. */
static bool check_whole(struct reader *r, GError **error)
{
    const struct hc_sqlite_header *h = hc_sqlite_pages_header(r->pages);
    struct hc_locator where;
    const char *fault;
    int64_t at;

    for (guint n = 0; (fault = hc_sqlite_pages_fault(r->pages, n, &at)); n++)
        if (!complain(r, at, error, fault))
            return false;
    if (h->said <= h->pages)
        return true;
    where = place(r, (int64_t)h->pages * h->page_size, 0);
    return hc_sink_reject(r->sink, &where, error, "the file ends after page %u of %u: it was cut", h->pages,
                          h->said);
}

static char *beside_name(const struct hc_settings *settings, const char *suffix)
{
    return g_strconcat(*settings->member ? settings->member : settings->path, suffix, NULL);
}

/* A journal of several databases, which is gone once the transaction has ended in all: whether it has is not
 * known here without it. */
static bool is_of_missing(struct reader *r, struct hc_input *journal, bool *missing, GError **error)
{
    const struct hc_settings *settings = hc_sink_settings(r->sink);
    g_autoptr(GError) failed = NULL;
    g_autofree char *super = hc_sqlite_journal_super(journal, &failed);
    g_autofree char *own = beside_name(settings, ""), *folder = g_path_get_dirname(own);
    g_autofree char *name =
        super ? strchr(own, '/') ? g_build_filename(folder, super, NULL) : g_strdup(super) : NULL;
    struct hc_locator where;

    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else
        *missing = name && !hc_beside_has(settings->beside, name);
    if (failed || !*missing)
        return !failed;
    where = place(r, 0, 0);
    return hc_sink_reject(
        r->sink, &where, error,
        "a rollback journal lies beside it that belongs to %s, which is not here: it is not played back, as "
        "SQLite would not, and the file may hold half of a transaction",
        super);
}

/* Opens the journal if there are pages to put back: the program that wrote the file was stopped in the midst
 * of a transaction. */
static bool open_journal(struct reader *r, struct hc_input **journal, GError **error)
{
    const struct hc_settings *settings = hc_sink_settings(r->sink);
    g_autofree char *name = beside_name(settings, "-journal");
    bool missing = false;

    *journal = NULL;
    if (!hc_beside_has(settings->beside, name))
        return true;
    hc_beside_take(settings->beside, name);
    if (!hc_sqlite_journal_is_hot(hc_beside_head(settings->beside, name)))
        return true;
    *journal = hc_beside_open(settings->beside, name, error);
    if (!*journal || !is_of_missing(r, *journal, &missing, error))
        return false;
    if (missing)
        g_clear_pointer(journal, hc_input_close);
    return true;
}

/* The log has an index that lives as long as it does. */
static bool check_shared(struct reader *r, bool log, GError **error)
{
    const struct hc_settings *settings = hc_sink_settings(r->sink);
    g_autofree char *name = beside_name(settings, "-shm");

    if (!hc_beside_has(settings->beside, name))
        return true;
    hc_beside_take(settings->beside, name);
    return log ||
           complain(r, 0, error,
                    "its -shm file is here but its -wal file is not: the latest transactions are missing");
}

static bool read_database(struct reader *r, struct hc_input *in, struct hc_input *wal,
                          struct hc_input *journal, GError **error)
{
    const struct hc_sqlite_header *h;
    bool ok;

    r->pages = hc_sqlite_pages_new(in, wal, journal, HC_SQLITE_FRAMES_MAX, error);
    if (!r->pages)
        return false;
    r->walk = hc_sqlite_walk_new(r->pages);
    h = hc_sqlite_pages_header(r->pages);
    r->encoding = h->encoding;
    ok = h->emptied ||
         (check_whole(r, error) && (!h->wal || check_shared(r, wal != NULL, error)) && read_tables(r, error));
    hc_sqlite_walk_free(r->walk);
    hc_sqlite_pages_free(r->pages);
    return ok;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {.sink = sink};
    const struct hc_settings *settings = hc_sink_settings(sink);
    g_autofree char *log = beside_name(settings, "-wal");
    bool wal_mode = hc_sqlite_is_wal_mode(hc_input_peek(in));
    g_autoptr(hc_input_t) wal = wal_mode ? hc_beside_open(settings->beside, log, error) : NULL;
    g_autoptr(hc_input_t) journal = NULL;

    if ((!wal && wal_mode && hc_beside_has(settings->beside, log)) || !open_journal(&r, &journal, error))
        return false;
    hc_sink_ask_values(sink);
    if (!read_database(&r, in, wal, journal, error))
        return false;
    hc_sink_read(sink, r.records);
    return true;
}

/* ---- what kind of file ---- */

static int bid(const struct hc_peek *peek, const char **why)
{
    g_autofree char *log = g_strconcat(peek->name, "-wal", NULL),
                    *journal = g_strconcat(peek->name, "-journal", NULL);

    if (!hc_sqlite_is_database(peek->head))
        return 0;
    *why = "starts as a SQLite 3 database does";
    if (hc_sqlite_journal_is_hot(hc_beside_head(peek->beside, journal)))
        *why = "starts as a SQLite 3 database does; a transaction that did not end is taken back by its "
               "-journal file";
    else if (hc_sqlite_is_wal_mode(peek->head) && hc_beside_has(peek->beside, log))
        *why = "starts as a SQLite 3 database does; with the committed transactions of its -wal file";
    else if (hc_sqlite_is_wal_mode(peek->head))
        *why = "starts as a SQLite 3 database does; in WAL mode without a -wal file: if it was not closed, "
               "the latest transactions are missing";
    return 95;
}

/* The tables of which the definitions can be found. */
static void add_shown(GPtrArray *all, struct hc_input *in, struct hc_input *wal, struct hc_input *journal)
{
    g_autoptr(hc_sqlite_pages_t) pages = hc_sqlite_pages_new(in, wal, journal, HC_SQLITE_FRAMES_MAX, NULL);
    g_autoptr(hc_sqlite_walk_t) walk = pages ? hc_sqlite_walk_new(pages) : NULL;
    struct hc_sqlite_schema schema = {0};

    if (walk)
        hc_sqlite_schema_read(&schema, walk, hc_sqlite_pages_header(pages)->encoding, NULL);
    for (guint i = 0; schema.entries && i < schema.entries->len; i++) {
        struct hc_sqlite_entry *entry = schema.entries->pdata[i];
        GPtrArray *names = entry->table ? column_names(entry->table) : NULL;
        if (!names)
            continue;
        g_ptr_array_insert(names, 0, g_strdup(entry->name));
        g_ptr_array_add(names, NULL);
        g_ptr_array_set_free_func(names, NULL);
        g_ptr_array_add(all, g_ptr_array_free(names, FALSE));
    }
    hc_sqlite_schema_clear(&schema);
}

/* The journal if it is hot; of which databases it is does not matter for the names of tables. */
static struct hc_input *shown_journal(const struct hc_peek *peek)
{
    g_autofree char *name = g_strconcat(peek->name, "-journal", NULL);

    return hc_sqlite_journal_is_hot(hc_beside_head(peek->beside, name))
               ? hc_beside_open(peek->beside, name, NULL)
               : NULL;
}

/*
 * From the whole file, as the definitions lie all over it, with its log and journal; of a member of an
 * archive only those in the head.
 */
static GPtrArray *tables(const struct hc_peek *peek)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    g_autofree char *log = g_strconcat(peek->name, "-wal", NULL);
    g_autoptr(hc_input_t) again = hc_sqlite_is_database(peek->head) ? hc_beside_again(peek->beside) : NULL;
    g_autoptr(hc_input_t) head = NULL;
    g_autoptr(hc_input_t) wal =
        hc_sqlite_is_wal_mode(peek->head) ? hc_beside_open(peek->beside, log, NULL) : NULL;
    g_autoptr(hc_input_t) journal = again ? shown_journal(peek) : NULL;

    if (!again && hc_sqlite_is_database(peek->head))
        head = hc_input_open_memory(peek->head.p, peek->head.n, peek->name, NULL);
    if (again)
        add_shown(all, again, wal, journal);
    else if (head && hc_input_next(head, NULL) == 1)
        add_shown(all, head, wal, NULL);
    return all;
}

const struct hc_importer hc_importer_sqlite = {
    .name = "sqlite",
    .summary = "SQLite 3 database file, with its write-ahead log or rollback journal (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
