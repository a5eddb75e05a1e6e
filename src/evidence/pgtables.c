/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/pgtables.h"

#include "src/base/keyed.h"

#include "src/evidence/pgtext.h"

#define HC_MISSES_MAX 100 /* of statements in the head that show no table */

#define PARENTS_MAX 64

struct hc_pg_tables {
    GHashTable *columns; /* "schema.table" -> GPtrArray of names */
};

struct hc_pg_tables *hc_pg_tables_new(void)
{
    struct hc_pg_tables *tables = g_new0(struct hc_pg_tables, 1);

    tables->columns =
        g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return tables;
}

void hc_pg_tables_free(struct hc_pg_tables *tables)
{
    g_hash_table_unref(tables->columns);
    g_free(tables);
}

void hc_pg_tables_forget(struct hc_pg_tables *tables)
{
    g_hash_table_remove_all(tables->columns);
}

char *hc_pg_table_in(struct hc_str *text, const char *in, char **schema)
{
    char *table = hc_pg_table(text, schema);

    if (**schema)
        return table;
    g_free(*schema);
    *schema = g_strdup(in);
    return table;
}

static char *full_name(const char *schema, const char *table)
{
    return g_strdup_printf("%s.%s", *schema ? schema : "public", table);
}

GPtrArray *hc_pg_tables_columns(const struct hc_pg_tables *tables, const char *schema, const char *table)
{
    g_autofree char *full = full_name(schema, table);

    return g_hash_table_lookup(tables->columns, full);
}

static bool has_name(GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++)
        if (strcmp(names->pdata[i], name) == 0)
            return true;
    return false;
}

static void add_names(GPtrArray *all, GPtrArray *more)
{
    for (guint i = 0; more && i < more->len; i++)
        if (!has_name(all, more->pdata[i]))
            g_ptr_array_add(all, g_strdup(more->pdata[i]));
}

/* "INHERITS (a, b)": their columns come first, each once. */
static GPtrArray *inherited(const struct hc_pg_tables *tables, struct hc_str list, const char *in,
                            GPtrArray *own)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    struct hc_str pieces[PARENTS_MAX];
    size_t n;

    list = hc_str_trim(hc_str_skip(list, strlen("INHERITS")));
    if (hc_str_starts(list, "("))
        list = hc_str_skip(list, 1);
    list = hc_str_head(list, (size_t)MAX(hc_str_chr(list, ')'), 0));
    n = hc_pg_split(list, false, pieces, PARENTS_MAX);
    for (size_t i = 0; i < MIN(n, PARENTS_MAX); i++) {
        g_autofree char *schema = NULL, *table = hc_pg_table_in(&pieces[i], in, &schema);
        add_names(all, hc_pg_tables_columns(tables, schema, table));
    }
    add_names(all, own);
    g_ptr_array_unref(own);
    return all;
}

void hc_pg_tables_create(struct hc_pg_tables *tables, struct hc_str statement, const char *in)
{
    struct hc_str text =
                      hc_str_skip(statement, (size_t)hc_str_find(statement, "TABLE ", 0) + strlen("TABLE ")),
                  rest;
    g_autofree char *schema = NULL, *table = NULL;
    GPtrArray *columns;

    if (hc_str_starts(text, "IF NOT EXISTS "))
        text = hc_str_skip(text, strlen("IF NOT EXISTS "));
    table = hc_pg_table_in(&text, in, &schema);
    if (!hc_str_starts(text, "(") || g_hash_table_size(tables->columns) >= HC_PG_TABLES_MAX)
        return;
    columns = hc_pg_columns(text, &rest);
    rest = hc_str_trim(rest);
    if (hc_str_starts(rest, "INHERITS"))
        columns = inherited(tables, rest, in, columns);
    g_hash_table_insert(tables->columns, full_name(schema, table), columns);
}

/* One table of the head: "TABLE name (columns" or "COPY name (columns". NULL when it is cut. */
static GStrv shown_table(struct hc_str text, bool copy)
{
    g_autofree char *schema = NULL, *table = NULL;
    g_autoptr(GPtrArray) columns = NULL;
    struct hc_str rest;

    table = hc_pg_table(&text, &schema);
    columns = copy ? hc_pg_names(&text) : hc_pg_columns(text, &rest);
    if (!*table || !columns->len)
        return NULL;
    if (*schema && strcmp(schema, "public") != 0) {
        char *full = g_strdup_printf("%s.%s", schema, table);
        g_free(g_steal_pointer(&table));
        table = full;
    }
    g_ptr_array_insert(columns, 0, g_steal_pointer(&table));
    g_ptr_array_add(columns, NULL);
    g_ptr_array_set_free_func(columns, NULL);
    return (GStrv)g_ptr_array_free(g_steal_pointer(&columns), FALSE);
}

GPtrArray *hc_pg_tables_shown(struct hc_str head)
{
    static const char *const marks[] = {"\nCREATE TABLE ", "\nCREATE UNLOGGED TABLE ", "\nCOPY ",
                                        "\nINSERT INTO "};
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    int misses = 0; /* each may have gone through all of the head */

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        for (ptrdiff_t at = -1;
             misses < HC_MISSES_MAX && (at = hc_str_find(head, marks[i], (size_t)(at + 1))) >= 0;) {
            GStrv table = shown_table(hc_str_skip(head, (size_t)at + strlen(marks[i])), i >= 2);
            if (table)
                g_ptr_array_add(all, table);
            misses += table == NULL;
        }
    return all;
}
