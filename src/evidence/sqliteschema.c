/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqliteschema.h"

#include "src/base/text.h"

#define FAULTS_MAX 1000

/* The columns of the schema table, and their number. */
enum { TYPE, NAME, TABLE_NAME, ROOT, SQL, COLUMNS };
#define DEFINITION "CREATE TABLE sqlite_schema(type TEXT, name TEXT, tbl_name TEXT, rootpage INT, sql TEXT)"

struct reader {
    struct hc_sqlite_schema *schema;
    struct hc_sqlite_walk *walk;
    struct hc_sqlite_table *own;
    enum hc_sqlite_encoding encoding;
    size_t bytes; /* of statements */
    GString *buffers[COLUMNS];
};

static void entry_free(void *data)
{
    struct hc_sqlite_entry *entry = data;

    hc_sqlite_table_free(entry->table);
    g_free(entry->name);
    g_free(entry);
}

static void add_fault(struct hc_sqlite_schema *schema, const struct hc_sqlite_fault *fault)
{
    if (schema->faults->len < FAULTS_MAX)
        g_array_append_vals(schema->faults, fault, 1);
}

static void add_table(struct reader *r, struct hc_str name, uint32_t root, struct hc_str sql,
                      const struct hc_sqlite_cell *cell)
{
    struct hc_sqlite_entry *entry = g_new0(struct hc_sqlite_entry, 1);
    g_autoptr(GString) clean = g_string_new(NULL);

    hc_text_utf8(clean, name);
    entry->name = g_strdup(clean->str);
    g_string_truncate(clean, 0);
    hc_text_utf8(clean, sql);
    entry->table = hc_sqlite_table_parse(hc_str_n(clean->str, clean->len), &entry->why);
    entry->root = root;
    entry->at = cell->at;
    entry->length = cell->length;
    r->bytes += sql.n;
    g_ptr_array_add(r->schema->entries, entry);
}

/* False, with `*why`, where the schema ends for us. */
static bool read_row(struct reader *r, const struct hc_sqlite_value *values,
                     const struct hc_sqlite_cell *cell, const char **why)
{
    struct hc_str texts[COLUMNS];

    for (int i = 0; i < COLUMNS; i++)
        texts[i] = hc_sqlite_value_text(&values[i], r->encoding, r->buffers[i]);
    if (!hc_str_is(texts[TYPE], "table") || values[ROOT].type != HC_SQLITE_INTEGER ||
        values[ROOT].integer <= 0 || !texts[NAME].p)
        return true;
    *why = "names more tables than are read";
    if (r->schema->entries->len == HC_SQLITE_TABLES_MAX || r->bytes + texts[SQL].n > HC_SQLITE_SCHEMA_MAX)
        return false;
    add_table(r, texts[NAME], (uint32_t)MIN(values[ROOT].integer, (int64_t)UINT32_MAX), texts[SQL], cell);
    return true;
}

static bool read_rows(struct reader *r, GError **error)
{
    static const bool needed[COLUMNS] = {true, true, true, true, true};
    struct hc_sqlite_field fields[COLUMNS];
    struct hc_sqlite_value values[COLUMNS];
    struct hc_sqlite_cell cell;
    struct hc_sqlite_fault fault;
    enum hc_sqlite_step step;

    hc_sqlite_walk_start(r->walk, 1, false);
    while ((step = hc_sqlite_walk_next(r->walk, &cell, &fault, error)) > HC_SQLITE_DONE) {
        const char *why = NULL;
        int rc = step == HC_SQLITE_CELL
                     ? hc_sqlite_table_row(r->own, r->walk, &cell, needed, fields, values, &why, error)
                     : 1;
        bool more = step == HC_SQLITE_FAULT || rc != 1 || read_row(r, values, &cell, &why);
        if (rc < 0)
            return false;
        if (step == HC_SQLITE_CELL && (rc == 0 || !more))
            fault = (struct hc_sqlite_fault){.at = cell.at, .length = cell.length, .why = why};
        if (step == HC_SQLITE_FAULT || rc == 0 || !more)
            add_fault(r->schema, &fault);
        if (!more)
            break;
    }
    return step != HC_SQLITE_FAILED;
}

bool hc_sqlite_schema_read(struct hc_sqlite_schema *schema, struct hc_sqlite_walk *walk,
                           enum hc_sqlite_encoding encoding, GError **error)
{
    const char *why;
    g_autoptr(hc_sqlite_table_t) own = hc_sqlite_table_parse(HC_STR_LIT(DEFINITION), &why);
    struct reader r = {.schema = schema, .walk = walk, .own = own, .encoding = encoding};
    bool ok;

    schema->entries = g_ptr_array_new_with_free_func(entry_free);
    schema->faults = g_array_new(FALSE, FALSE, sizeof(struct hc_sqlite_fault));
    for (int i = 0; i < COLUMNS; i++)
        r.buffers[i] = g_string_new(NULL);
    ok = read_rows(&r, error);
    for (int i = 0; i < COLUMNS; i++)
        g_string_free(r.buffers[i], TRUE);
    return ok;
}

void hc_sqlite_schema_clear(struct hc_sqlite_schema *schema)
{
    g_clear_pointer(&schema->entries, g_ptr_array_unref);
    g_clear_pointer(&schema->faults, g_array_unref);
}
