/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in one statement of a SQL dump: names, columns, tuples. */
#include "src/evidence/sqldumpparts.h"

enum hc_sqldump_fate hc_sqldump_tuple(const struct hc_sqldump_dialect *dialect, const struct hc_sql_text *t,
                                      struct hc_sqldump_tuple *tuple)
{
    size_t pos = tuple->start + 1;

    for (tuple->n = 0;; tuple->n++) {
        struct hc_sql_token value, behind;
        enum hc_sqldump_fate fate = dialect->value(t, &pos, &value);
        if (fate != HC_SQLDUMP_WHOLE)
            return fate;
        if (tuple->n < HC_COLUMNS_MAX)
            tuple->values[tuple->n] = value;
        behind = hc_sql_next(t, pos);
        if (behind.kind == HC_SQL_CUT || behind.kind == HC_SQL_END)
            return HC_SQLDUMP_CUT;
        pos = behind.end;
        if (hc_sql_mark(behind, ')'))
            break;
        if (!hc_sql_mark(behind, ','))
            return HC_SQLDUMP_BROKEN;
    }
    tuple->n++;
    tuple->end = pos;
    return HC_SQLDUMP_WHOLE;
}

/* In quotes for names, or as a string in double quotes: where a name is due, that is one (ANSI_QUOTES). */
static bool is_name(struct hc_sql_token token)
{
    return token.kind == HC_SQL_NAME || (token.kind == HC_SQL_STRING && token.raw.p[0] == '"');
}

/* Behind the name of a table from `*pos`, maybe with its database before it; NULL when there is none. */
static char *table_name(const struct hc_sql_text *t, size_t *pos)
{
    struct hc_sql_token token = hc_sql_next(t, *pos), dot;

    if (is_name(token)) {
        dot = hc_sql_next(t, token.end);
        if (dot.kind == HC_SQL_WORD && dot.raw.p[0] == '.' && dot.raw.n == 1)
            token = hc_sql_next(t, dot.end);
    }
    *pos = token.end;
    return is_name(token) || token.kind == HC_SQL_WORD ? hc_sql_name(token) : NULL;
}

/* One item of the brackets of CREATE TABLE: a column, or a key. Moves behind what ends it; false at the
 * last. */
static bool read_item(const struct hc_sql_text *t, size_t *pos, GPtrArray *columns)
{
    static const char *const others[] = {"PRIMARY",    "KEY",     "UNIQUE", "INDEX", "FULLTEXT", "SPATIAL",
                                         "CONSTRAINT", "FOREIGN", "PERIOD", "CHECK", NULL};
    struct hc_sql_token token = hc_sql_next(t, *pos);
    int depth = 0;

    if (is_name(token) || (token.kind == HC_SQL_WORD && !hc_sql_one_of(token, others)))
        g_ptr_array_add(columns, hc_sql_name(token));
    for (; token.kind != HC_SQL_END && token.kind != HC_SQL_CUT; token = hc_sql_next(t, token.end)) {
        *pos = token.end;
        depth += hc_sql_mark(token, '(') - hc_sql_mark(token, ')');
        if (depth < 0 || hc_sql_mark(token, ';'))
            return false;
        if (depth == 0 && hc_sql_mark(token, ','))
            return true;
    }
    return false;
}

/* The columns of "TABLE [IF NOT EXISTS] name (...": the statement behind CREATE. NULL when it is none. */
GPtrArray *hc_sqldump_created(const struct hc_sql_text *t, size_t pos, char **name)
{
    static const char *const passed[] = {"TEMPORARY", "TABLE", "IF", "NOT", "EXISTS", NULL};
    struct hc_sql_token token = hc_sql_next(t, pos);
    GPtrArray *columns;
    bool is_table = false;

    for (; hc_sql_one_of(token, passed); token = hc_sql_next(t, token.end))
        is_table = is_table || hc_sql_word(token, "TABLE");
    if (!is_table)
        return NULL;
    pos = token.start;
    *name = table_name(t, &pos);
    token = hc_sql_next(t, pos);
    if (!*name || !hc_sql_mark(token, '('))
        return NULL;
    columns = g_ptr_array_new_with_free_func(g_free);
    pos = token.end;
    while (columns->len <= HC_COLUMNS_MAX && read_item(t, &pos, columns))
        ;
    return columns;
}

enum hc_sqldump_fate hc_sqldump_insert(const struct hc_sql_text *t, size_t pos, char **name,
                                       GPtrArray *columns, size_t *used)
{
    static const char *const passed[] = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "OR",
                                         "REPLACE",      "IGNORE",  "INTO",          NULL};
    struct hc_sql_token token = hc_sql_next(t, pos);

    for (; hc_sql_one_of(token, passed); token = hc_sql_next(t, token.end))
        ;
    pos = token.start;
    *name = token.kind == HC_SQL_CUT ? NULL : table_name(t, &pos);
    token = hc_sql_next(t, pos);
    if (hc_sql_mark(token, '('))
        for (token = hc_sql_next(t, token.end); token.kind > HC_SQL_CUT; token = hc_sql_next(t, token.end)) {
            if (hc_sql_mark(token, ')')) {
                token = hc_sql_next(t, token.end);
                break;
            }
            if (!hc_sql_mark(token, ','))
                g_ptr_array_add(columns, hc_sql_name(token));
        }
    *used = token.end;
    if (token.kind == HC_SQL_CUT || token.kind == HC_SQL_END)
        return HC_SQLDUMP_CUT;
    return *name && (hc_sql_word(token, "VALUES") || hc_sql_word(token, "VALUE")) ? HC_SQLDUMP_WHOLE
                                                                                  : HC_SQLDUMP_BROKEN;
}

size_t hc_sqldump_end(const struct hc_sql_text *text, struct hc_sql_token first)
{
    struct hc_sql_token token = first;

    while (token.kind > HC_SQL_CUT && !hc_sql_mark(token, ';'))
        token = hc_sql_next(text, token.end);
    return token.kind > HC_SQL_CUT ? token.end : 0;
}

GPtrArray *hc_sqldump_tables(const struct hc_sqldump_dialect *dialect, struct hc_str head)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    ptrdiff_t at = -1;

    while ((at = hc_str_find(head, "CREATE TABLE", (size_t)(at + 1))) >= 0) {
        struct hc_sql_text statement = {dialect->tokens, hc_str_skip(head, (size_t)at), true, HC_SQL_NARROW};
        char *name = NULL;
        GPtrArray *columns = dialect->created(&statement, strlen("CREATE"), &name);
        if (!columns) {
            g_free(name);
            continue;
        }
        g_ptr_array_insert(columns, 0, name);
        g_ptr_array_add(columns, NULL);
        g_ptr_array_set_free_func(columns, NULL);
        g_ptr_array_add(all, g_ptr_array_free(columns, FALSE));
    }
    return all;
}
