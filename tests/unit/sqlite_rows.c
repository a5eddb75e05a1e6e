/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sqlite_rows.h"

#include <check.h>
#include <stdlib.h>

/* ---- what the library says ---- */

static void append_hex(GString *out, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        unsigned char c = ((const unsigned char *)bytes)[i];
        g_string_append_c(out, digits[c >> 4]);
        g_string_append_c(out, digits[c & 15]);
    }
}

void run_sql(sqlite3 *db, const char *sql)
{
    char *message = NULL;

    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
}

static void append_column(GString *line, sqlite3_stmt *st, int i)
{
    const void *bytes;

    switch (sqlite3_column_type(st, i)) {
    case SQLITE_INTEGER:
        g_string_append_printf(line, "|i%lld", (long long)sqlite3_column_int64(st, i));
        break;
    case SQLITE_FLOAT:
        g_string_append_printf(line, "|r%.17g", sqlite3_column_double(st, i));
        break;
    case SQLITE_NULL:
        g_string_append(line, "|n");
        break;
    default:
        g_string_append(line, sqlite3_column_type(st, i) == SQLITE_TEXT ? "|t" : "|b");
        bytes = sqlite3_column_type(st, i) == SQLITE_TEXT ? (const void *)sqlite3_column_text(st, i)
                                                          : sqlite3_column_blob(st, i);
        append_hex(line, bytes, (size_t)sqlite3_column_bytes(st, i));
    }
}

/* The columns that are stored, quoted. */
static char *stored_columns(sqlite3 *db, const char *table)
{
    GString *list = g_string_new(NULL);
    sqlite3_stmt *st;
    char *sql = sqlite3_mprintf("SELECT '\"' || replace(name, '\"', '\"\"') || '\"' FROM "
                                "pragma_table_xinfo(%Q) WHERE hidden IN (0, 3) ORDER BY cid",
                                table);

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW)
        g_string_append_printf(list, "%s%s", list->len ? ", " : "", (const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    sqlite3_free(sql);
    return g_string_free(list, FALSE);
}

static void library_table(sqlite3 *db, const char *table, GPtrArray *lines)
{
    g_autofree char *columns = stored_columns(db, table);
    char *sql = sqlite3_mprintf("SELECT %s FROM \"%w\"", columns, table);
    sqlite3_stmt *st;

    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        GString *line = g_string_new(table);
        for (int i = 0; i < sqlite3_column_count(st); i++)
            append_column(line, st, i);
        g_ptr_array_add(lines, g_string_free(line, FALSE));
    }
    sqlite3_finalize(st);
    sqlite3_free(sql);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *library_rows(sqlite3 *db)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *st;

    ck_assert_int_eq(
        sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0", -1,
                           &st, NULL),
        SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW)
        library_table(db, (const char *)sqlite3_column_text(st, 0), lines);
    sqlite3_finalize(st);
    g_ptr_array_sort(lines, by_text);
    return lines;
}

/* ---- what we say ---- */

static void append_value(GString *line, const struct hc_sqlite_value *v, enum hc_sqlite_encoding encoding,
                         GString *buffer)
{
    struct hc_str text = hc_sqlite_value_text(v, encoding, buffer);

    if (v->type == HC_SQLITE_NULL) {
        g_string_append(line, "|n");
    } else if (v->type == HC_SQLITE_REAL) {
        ck_assert(g_ascii_strtod(buffer->str, NULL) == v->real || strstr(buffer->str, "Inf"));
        g_string_append_printf(line, "|r%.17g", v->real);
    } else if (v->type == HC_SQLITE_TEXT) {
        g_string_append(line, "|t");
        append_hex(line, text.p, text.n);
    } else {
        g_string_append_printf(line, v->type == HC_SQLITE_BLOB ? "|b%.*s" : "|i%.*s", HC_STR_ARG(text));
    }
}

static void append_fault(struct reading *r, const char *table, const struct hc_sqlite_fault *fault)
{
    g_string_append_printf(r->faults, "%s: page %u %s\n", table, fault->page, fault->why);
}

/* The bytes that are cited are those of the cell. */
static void check_place(struct reading *r, const struct hc_sqlite_cell *cell)
{
    g_autofree char *bytes = g_malloc((gsize)cell->length);
    bool log = cell->at >= r->db_size;

    ck_assert(!r->wal || !r->journal); /* two that follow the file are more than is needed here */
    ck_assert(hc_input_at(log ? r->wal ? r->wal : r->journal : r->db, log ? cell->at - r->db_size : cell->at,
                          bytes, (size_t)cell->length, NULL));
    ck_assert(memmem(bytes, (size_t)cell->length, cell->local, cell->n_local) || !cell->n_local);
}

static void our_row(struct reading *r, const struct hc_sqlite_table *t, const char *name,
                    const struct hc_sqlite_cell *cell, GString *buffer)
{
    guint n = t->columns->len;
    g_autofree bool *needed = g_new0(bool, n + 1);
    g_autofree struct hc_sqlite_value *values = g_new0(struct hc_sqlite_value, n + 1);
    g_autofree struct hc_sqlite_field *fields = g_new0(struct hc_sqlite_field, (gsize)t->n_stored + 1);
    struct hc_sqlite_fault fault = {0};
    GString *line;

    for (guint i = 0; i < n; i++)
        needed[i] = true;
    check_place(r, cell);
    if (hc_sqlite_table_row(t, r->walk, cell, needed, fields, values, &fault.why, NULL) != 1) {
        append_fault(r, name, &fault);
        return;
    }
    line = g_string_new(name);
    for (guint i = 0; i < n; i++)
        if (!hc_sqlite_table_column(t, i)->computed)
            append_value(line, &values[i], hc_sqlite_pages_header(r->pages)->encoding, buffer);
    g_ptr_array_add(r->lines, g_string_free(line, FALSE));
}

static void our_table(struct reading *r, const struct hc_sqlite_entry *entry)
{
    g_autoptr(GString) buffer = g_string_new(NULL);
    struct hc_sqlite_cell cell;
    struct hc_sqlite_fault fault = {.why = entry->why};
    enum hc_sqlite_step step;

    if (!entry->table) {
        append_fault(r, entry->name, &fault);
        return;
    }
    hc_sqlite_walk_start(r->walk, entry->root, entry->table->without_rowid);
    while ((step = hc_sqlite_walk_next(r->walk, &cell, &fault, NULL)) > HC_SQLITE_DONE)
        if (step == HC_SQLITE_CELL)
            our_row(r, entry->table, entry->name, &cell, buffer);
        else
            append_fault(r, entry->name, &fault);
}

static void our_tables(struct reading *r)
{
    struct hc_sqlite_schema schema = {0};

    ck_assert(hc_sqlite_schema_read(&schema, r->walk, hc_sqlite_pages_header(r->pages)->encoding, NULL));
    for (guint i = 0; i < schema.faults->len; i++)
        append_fault(r, "schema", &g_array_index(schema.faults, struct hc_sqlite_fault, i));
    for (guint i = 0; i < schema.entries->len; i++)
        our_table(r, schema.entries->pdata[i]);
    hc_sqlite_schema_clear(&schema);
}

/* Rows in order of their text, and what could not be read. */
struct reading read_input(struct hc_input *db, struct hc_input *wal, struct hc_input *journal,
                          uint32_t frames)
{
    struct reading r = {
        g_ptr_array_new_with_free_func(g_free), g_string_new(NULL), NULL, NULL, db, wal, journal, 0};
    GError *error = NULL;
    const char *fault;
    int64_t at;

    ck_assert_int_eq(hc_input_next(db, NULL), 1);
    ck_assert(!wal || hc_input_next(wal, NULL) == 1);
    ck_assert(!journal || hc_input_next(journal, NULL) == 1);
    r.pages = hc_sqlite_pages_new(db, wal, journal, frames, &error);
    if (!r.pages) {
        g_string_append(r.faults, error->message);
        g_clear_error(&error);
        return r;
    }
    r.db_size = hc_input_size(db, NULL);
    r.walk = hc_sqlite_walk_new(r.pages);
    for (guint n = 0; (fault = hc_sqlite_pages_fault(r.pages, n, &at)); n++)
        g_string_append_printf(r.faults, "%s\n", fault);
    if (!hc_sqlite_pages_header(r.pages)->emptied)
        our_tables(&r);
    hc_sqlite_walk_free(r.walk);
    hc_sqlite_pages_free(r.pages);
    g_ptr_array_sort(r.lines, by_text);
    return r;
}

void end_reading(struct reading *r)
{
    g_ptr_array_unref(r->lines);
    g_string_free(r->faults, TRUE);
    hc_input_close(r->db);
    hc_input_close(r->wal);
    hc_input_close(r->journal);
}
