/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqlitetable.h"

#include "src/evidence/sqltoken.h"
#include "src/evidence/table.h"

#define PARENTHESES_MAX 100 /* around a default value */

/* What is only needed until it is known how rows are stored. */
struct declared {
    struct hc_str type;
    char *collation;
    bool key, descending; /* PRIMARY KEY in its own declaration */
    bool virtual_column;
};

struct key_item {
    char *name, *collation; /* collation NULL: that of the column */
    int column;             /* -1: there is none of this name */
};

struct parser {
    struct hc_sql_text text;
    struct hc_sql_token token; /* the present one */
    size_t behind;
    struct hc_sqlite_table *table;
    GArray *declared; /* struct declared, one per column */
    GArray *key;      /* struct key_item: of PRIMARY KEY (...) */
    bool has_key, strict;
    const char *why;
};

/* ---- tokens ---- */

static void next(struct parser *p)
{
    p->behind = p->token.end;
    p->token = hc_sql_next(&p->text, p->token.end);
}

static bool at_end(const struct parser *p)
{
    return p->token.kind == HC_SQL_END || p->token.kind == HC_SQL_CUT;
}

static bool word(struct parser *p, const char *name)
{
    if (!hc_sql_word(p->token, name))
        return false;
    next(p);
    return true;
}

static bool mark(struct parser *p, char c)
{
    if (!hc_sql_mark(p->token, c))
        return false;
    next(p);
    return true;
}

static bool is_name(const struct parser *p)
{
    return p->token.kind == HC_SQL_NAME || p->token.kind == HC_SQL_STRING || p->token.kind == HC_SQL_WORD;
}

/* Behind the parenthesis that closes the one at the present token. */
static void skip_parentheses(struct parser *p)
{
    int depth = 0;

    do {
        depth += hc_sql_mark(p->token, '(') - hc_sql_mark(p->token, ')');
        next(p);
    } while (depth > 0 && !at_end(p));
}

/* ---- default values ---- */

static struct hc_str keep(struct parser *p, const char *text, size_t n)
{
    return hc_str_n(g_string_chunk_insert_len(p->table->chunk, text, (gssize)n), n);
}

static struct hc_sqlite_value text_value(struct parser *p)
{
    g_autofree char *text = hc_sql_name(p->token);

    return (struct hc_sqlite_value){
        .type = HC_SQLITE_TEXT, .bytes = keep(p, text, strlen(text)), .of_sql = true};
}

/* The bytes of x'...', whose x was passed. */
static bool blob_value(struct parser *p, struct hc_sqlite_value *value)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    struct hc_str hex = hc_str_n(p->token.raw.p + 1, p->token.raw.n - 2);

    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        int high = g_ascii_xdigit_value(hex.p[i]), low = g_ascii_xdigit_value(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        g_string_append_c(bytes, (char)(high << 4 | low));
    }
    *value = (struct hc_sqlite_value){.type = HC_SQLITE_BLOB, .bytes = keep(p, bytes->str, bytes->len)};
    return hex.n % 2 == 0;
}

static void negate(struct hc_sqlite_value *value)
{
    value->real = -value->real;
    if (value->type == HC_SQLITE_INTEGER && value->integer != INT64_MIN)
        value->integer = -value->integer;
}

/* A column of text that is added with a real number for its default has it as it is written, not as the
 * number would be. */
static void keep_written(struct parser *p, bool minus, struct hc_sqlite_value *value)
{
    struct hc_str raw = hc_str_skip(p->token.raw, p->token.raw.p[0] == '+');
    g_autofree char *written = g_strdup_printf("%s%.*s", minus ? "-" : "", HC_STR_ARG(raw));

    if (value->type == HC_SQLITE_REAL)
        value->bytes = keep(p, written, strlen(written));
}

/* A literal, maybe behind a sign; a bare word is a text. False for anything else. */
static bool literal(struct parser *p, struct hc_sqlite_value *value)
{
    bool minus = false, adjacent;

    for (; hc_sql_mark(p->token, '-') || hc_sql_mark(p->token, '+'); next(p))
        minus = minus != hc_sql_mark(p->token, '-');
    if (p->token.kind == HC_SQL_STRING || p->token.kind == HC_SQL_NAME) {
        *value = text_value(p);
        next(p);
        return !minus;
    }
    if (p->token.kind != HC_SQL_WORD)
        return false;
    if (hc_sqlite_number(p->token.raw, value)) {
        if (minus)
            negate(value);
        keep_written(p, minus, value);
        next(p);
        return true;
    }
    if (hc_sql_word(p->token, "NULL")) {
        *value = (struct hc_sqlite_value){0};
    } else if (hc_sql_word(p->token, "TRUE") || hc_sql_word(p->token, "FALSE")) {
        *value =
            (struct hc_sqlite_value){.type = HC_SQLITE_INTEGER, .integer = hc_sql_word(p->token, "TRUE")};
    } else if (hc_sql_word(p->token, "x")) {
        size_t end = p->token.end;
        next(p);
        adjacent = p->token.kind == HC_SQL_STRING && p->token.start == end && blob_value(p, value);
        next(p);
        return adjacent;
    } else {
        *value = text_value(p);
        adjacent =
            g_ascii_strncasecmp(p->token.raw.p, "CURRENT_", MIN(p->token.raw.n, strlen("CURRENT_"))) != 0;
        next(p);
        return adjacent && !minus;
    }
    next(p);
    return !minus;
}

/* Behind DEFAULT: a literal, maybe in parentheses. */
static void read_default(struct parser *p, struct hc_sqlite_column *column)
{
    struct parser start = *p;
    int depth = 0;

    while (depth < PARENTHESES_MAX && mark(p, '('))
        depth++;
    column->initial_unknown = !literal(p, &column->initial);
    for (; depth > 0 && mark(p, ')'); depth--)
        ;
    if (depth > 0) { /* more than a literal */
        *p = start;
        skip_parentheses(p);
        column->initial_unknown = true;
    }
}

/* ---- columns ---- */

static bool at_constraint(struct parser *p)
{
    static const char *const words[] = {"CONSTRAINT", "PRIMARY", "NOT",        "NULL", "UNIQUE", "CHECK",
                                        "DEFAULT",    "COLLATE", "REFERENCES", "AS",   NULL};
    struct hc_sql_token behind;

    if (hc_sql_one_of(p->token, words))
        return true;
    if (!hc_sql_word(p->token, "GENERATED"))
        return false;
    behind = hc_sql_next(&p->text, p->token.end);
    return hc_sql_word(behind, "ALWAYS");
}

/* The words up to the first constraint, with what stands in parentheses behind them. */
static struct hc_str read_type(struct parser *p)
{
    size_t start = p->token.start, end = start;

    while (is_name(p) && !at_constraint(p)) {
        next(p);
        end = p->behind;
    }
    if (end > start && hc_sql_mark(p->token, '(')) {
        skip_parentheses(p);
        end = p->behind;
    }
    return hc_str_n(p->text.s.p + start, end - start);
}

static void read_generated(struct parser *p, struct hc_sqlite_column *column)
{
    if (hc_sql_mark(p->token, '('))
        skip_parentheses(p);
    column->generated = true;
    column->computed = !word(p, "STORED");
}

/* One constraint, or a word of one that says nothing here. */
static void read_constraint(struct parser *p, struct hc_sqlite_column *column, struct declared *d)
{
    if (word(p, "SET")) { /* ON DELETE SET DEFAULT */
        next(p);
    } else if (word(p, "PRIMARY")) {
        word(p, "KEY");
        d->key = p->has_key = true;
        d->descending = word(p, "DESC");
    } else if (word(p, "DEFAULT")) {
        read_default(p, column);
    } else if (word(p, "COLLATE")) {
        g_free(d->collation);
        d->collation = hc_sql_name(p->token);
        next(p);
    } else if (word(p, "AS")) {
        read_generated(p, column);
    } else if (hc_sql_mark(p->token, '(')) {
        skip_parentheses(p);
    } else {
        next(p);
    }
}

static bool ends_item(const struct parser *p)
{
    return at_end(p) || hc_sql_mark(p->token, ',') || hc_sql_mark(p->token, ')');
}

static void read_column(struct parser *p)
{
    struct hc_sqlite_column column = {.name = hc_sql_name(p->token)};
    struct declared d = {0};

    next(p);
    d.type = read_type(p);
    column.affinity = hc_sqlite_affinity_of(d.type);
    while (!ends_item(p))
        read_constraint(p, &column, &d);
    g_array_append_val(p->table->columns, column);
    g_array_append_val(p->declared, d);
}

/* "(a COLLATE NOCASE DESC, b)" behind PRIMARY KEY. */
static void read_key(struct parser *p)
{
    p->has_key = true;
    if (!mark(p, '('))
        return;
    while (is_name(p)) {
        struct key_item item = {.name = hc_sql_name(p->token)};
        next(p);
        if (word(p, "COLLATE")) {
            item.collation = hc_sql_name(p->token);
            next(p);
        }
        g_array_append_val(p->key, item);
        if (p->key->len > HC_COLUMNS_MAX)
            p->why = "its key has more columns than are read";
        while (!ends_item(p))
            next(p);
        if (p->why || !mark(p, ','))
            break;
    }
    mark(p, ')');
}

/* Constraints of the table, which may follow one another without a comma. */
static void read_table_constraint(struct parser *p)
{
    while (!ends_item(p)) {
        if (word(p, "PRIMARY")) {
            word(p, "KEY");
            read_key(p);
        } else if (hc_sql_mark(p->token, '(')) {
            skip_parentheses(p);
        } else {
            next(p);
        }
    }
}

static void read_items(struct parser *p)
{
    static const char *const constraints[] = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", NULL};

    do {
        if (hc_sql_one_of(p->token, constraints))
            read_table_constraint(p);
        else if (!is_name(p))
            p->why = "its definition cannot be read";
        else if (p->table->columns->len == HC_COLUMNS_MAX)
            p->why = "it has more columns than are read";
        else
            read_column(p);
    } while (!p->why && mark(p, ','));
    if (!p->why && !mark(p, ')'))
        p->why = "its definition cannot be read";
}

static void read_statement(struct parser *p)
{
    static const char *const passed[] = {"CREATE", "TEMP", "TEMPORARY", "TABLE", "IF", "NOT", "EXISTS", NULL};

    for (next(p); hc_sql_one_of(p->token, passed); next(p))
        ;
    if (is_name(p)) {
        p->table->name = hc_sql_name(p->token);
        next(p);
    }
    if (!p->table->name || !mark(p, '(')) {
        p->why = "its definition cannot be read";
        return;
    }
    read_items(p);
    for (; !p->why && !at_end(p); next(p)) {
        p->strict = p->strict || hc_sql_word(p->token, "STRICT");
        p->table->without_rowid = p->table->without_rowid || hc_sql_word(p->token, "WITHOUT");
    }
}

/* ---- how rows are stored ---- */

static struct hc_sqlite_column *column_at(const struct hc_sqlite_table *table, guint i)
{
    return &g_array_index(table->columns, struct hc_sqlite_column, i);
}

const struct hc_sqlite_column *hc_sqlite_table_column(const struct hc_sqlite_table *table, guint i)
{
    return column_at(table, i);
}

/* -1: there is no such column. */
static int find_column(const struct hc_sqlite_table *table, const char *name)
{
    for (guint i = 0; i < table->columns->len; i++)
        if (g_ascii_strcasecmp(column_at(table, i)->name, name) == 0)
            return (int)i;
    return -1;
}

static bool is_integer_type(struct hc_str type)
{
    if (type.n > 2 && strchr("\"'`[", type.p[0]))
        type = hc_str_n(type.p + 1, type.n - 2);
    return type.n == strlen("INTEGER") && g_ascii_strncasecmp(type.p, "INTEGER", type.n) == 0;
}

/* The key of one column that is declared INTEGER is the rowid (but for the old slip that one with DESC of its
 * own is not). */
static void find_rowid(struct parser *p)
{
    int i = p->key->len == 1 ? find_column(p->table, g_array_index(p->key, struct key_item, 0).name) : -1;

    for (guint k = 0; p->key->len == 0 && k < p->declared->len; k++)
        if (g_array_index(p->declared, struct declared, k).key &&
            !g_array_index(p->declared, struct declared, k).descending)
            i = (int)k;
    if (i >= 0 && is_integer_type(g_array_index(p->declared, struct declared, i).type))
        column_at(p->table, (guint)i)->rowid = true;
}

static const char *collation_of(const struct parser *p, int column, const char *given)
{
    const char *declared = g_array_index(p->declared, struct declared, column).collation;

    return given ? given : declared ? declared : "BINARY";
}

/* Is this item of the key another one before it? Of the same column with another collation it is not. */
static bool repeats(const struct parser *p, guint item, int column)
{
    const char *collation = collation_of(p, column, g_array_index(p->key, struct key_item, item).collation);

    for (guint i = 0; i < item; i++) {
        const struct key_item *before = &g_array_index(p->key, struct key_item, i);
        if (before->column == column &&
            g_ascii_strcasecmp(collation_of(p, column, before->collation), collation) == 0)
            return true;
    }
    return false;
}

static void place_key(struct parser *p)
{
    for (guint i = 0; i < p->key->len; i++) {
        struct key_item *item = &g_array_index(p->key, struct key_item, i);
        int column = item->column = find_column(p->table, item->name);
        if (column < 0)
            p->why = "its key has a column that it does not have";
        else if (!repeats(p, i, column))
            column_at(p->table, (guint)column)->stored = p->table->n_stored++;
    }
    for (guint i = 0; i < p->declared->len; i++)
        if (p->key->len == 0 && g_array_index(p->declared, struct declared, i).key)
            column_at(p->table, i)->stored = p->table->n_stored++;
}

/* As SQLite does when the column is added: a number of a column without a type becomes whole where it can. */
static void apply_default(struct parser *p, struct hc_sqlite_column *column)
{
    struct hc_sqlite_value *initial = &column->initial;
    bool bare = column->affinity == HC_SQLITE_AS_BLOB && !p->strict && initial->type == HC_SQLITE_REAL;

    if (column->affinity == HC_SQLITE_AS_TEXT && initial->type == HC_SQLITE_REAL && initial->bytes.n) {
        initial->type = HC_SQLITE_TEXT;
        initial->of_sql = true;
    }
    hc_sqlite_apply_affinity(initial, bare ? HC_SQLITE_AS_NUMERIC : column->affinity, p->table->chunk);
}

/* Of a table WITHOUT ROWID the key comes first, then all else as it is declared. */
static void place_columns(struct parser *p)
{
    for (guint i = 0; i < p->table->columns->len; i++)
        column_at(p->table, i)->stored = -1;
    if (p->table->without_rowid)
        place_key(p);
    else if (p->has_key)
        find_rowid(p);
    for (guint i = 0; i < p->table->columns->len; i++) {
        struct hc_sqlite_column *column = column_at(p->table, i);
        if (p->strict && g_array_index(p->declared, struct declared, i).type.n == 3 &&
            column->affinity == HC_SQLITE_AS_NUMERIC)
            column->affinity = HC_SQLITE_AS_BLOB; /* ANY */
        apply_default(p, column);
        if (!column->computed && column->stored < 0)
            column->stored = p->table->n_stored++;
    }
}

static void clear_column(void *data)
{
    g_free(((struct hc_sqlite_column *)data)->name);
}

static void clear_declared(void *data)
{
    g_free(((struct declared *)data)->collation);
}

static void clear_key(void *data)
{
    struct key_item *item = data;

    g_free(item->name);
    g_free(item->collation);
}

static GArray *array(guint size, GDestroyNotify clear)
{
    GArray *all = g_array_new(FALSE, FALSE, size);

    g_array_set_clear_func(all, clear);
    return all;
}

struct hc_sqlite_table *hc_sqlite_table_parse(struct hc_str sql, const char **why)
{
    struct parser p = {.text = {HC_SQL_SQLITE, sql, true}};

    p.table = g_new0(struct hc_sqlite_table, 1);
    p.table->chunk = g_string_chunk_new(256);
    p.table->columns = array(sizeof(struct hc_sqlite_column), clear_column);
    p.declared = array(sizeof(struct declared), clear_declared);
    p.key = array(sizeof(struct key_item), clear_key);
    read_statement(&p);
    if (!p.why)
        place_columns(&p);
    g_array_unref(p.key);
    g_array_unref(p.declared);
    *why = p.why;
    if (!p.why)
        return p.table;
    hc_sqlite_table_free(p.table);
    return NULL;
}

void hc_sqlite_table_free(struct hc_sqlite_table *table)
{
    if (!table)
        return;
    g_array_unref(table->columns);
    g_string_chunk_free(table->chunk);
    g_free(table->name);
    g_free(table);
}

/* ---- rows ---- */

/* A value that a column hands out: a whole number of a REAL column is stored as an integer to save room. */
static struct hc_sqlite_value handed_out(struct hc_sqlite_value value, enum hc_sqlite_affinity affinity)
{
    if (affinity == HC_SQLITE_AS_REAL && value.type == HC_SQLITE_INTEGER) {
        value.real = (double)value.integer;
        value.type = HC_SQLITE_REAL;
    }
    return value;
}

/* The fields of the record, be it that its header goes on on other pages. */
static int read_fields(const struct hc_sqlite_table *table, struct hc_sqlite_walk *walk,
                       const struct hc_sqlite_cell *cell, struct hc_sqlite_field *fields, const char **why,
                       GError **error)
{
    struct hc_str record = hc_str_n((const char *)cell->local, cell->n_local);
    int64_t head = hc_sqlite_record_header(record);
    int rc = hc_sqlite_walk_record(walk, cell, head, &record, why, error), n;

    if (rc != 1)
        return rc < 0 ? -2 : -1;
    n = hc_sqlite_record_fields(record, cell->size, fields, table->n_stored);
    *why = n < 0 ? "the row cannot be taken apart into values"
                 : "the row has more values than the table has columns";
    return n > table->n_stored ? -1 : n;
}

/* Up to where the record is needed; -1 with a reason where a value is that nobody knows. */
static int64_t needed_bytes(const struct hc_sqlite_table *table, const bool *needed,
                            const struct hc_sqlite_field *fields, int n, const char **why)
{
    int64_t most = 0;

    for (guint i = 0; i < table->columns->len; i++) {
        const struct hc_sqlite_column *column = column_at(table, i);
        if (!needed[i] || column->rowid || column->computed)
            continue;
        if (column->stored < n) {
            most = MAX(most, fields[column->stored].at + fields[column->stored].size);
        } else if (column->initial_unknown) {
            *why =
                "the row is older than one of its columns, and what that has then is not said by a literal";
            return -1;
        }
    }
    return most;
}

int hc_sqlite_table_row(const struct hc_sqlite_table *table, struct hc_sqlite_walk *walk,
                        const struct hc_sqlite_cell *cell, const bool *needed, struct hc_sqlite_field *fields,
                        struct hc_sqlite_value *values, const char **why, GError **error)
{
    int n = read_fields(table, walk, cell, fields, why, error), rc;
    int64_t most = n < 0 ? -1 : needed_bytes(table, needed, fields, n, why);
    struct hc_str record;

    if (most < 0)
        return n == -2 ? -1 : 0;
    rc = hc_sqlite_walk_record(walk, cell, most, &record, why, error);
    for (guint i = 0; rc == 1 && i < table->columns->len; i++) {
        const struct hc_sqlite_column *column = column_at(table, i);
        if (!needed[i])
            continue;
        if (column->rowid)
            values[i] = (struct hc_sqlite_value){.type = HC_SQLITE_INTEGER, .integer = cell->rowid};
        else if (column->computed)
            values[i] = (struct hc_sqlite_value){0};
        else if (column->stored < n)
            values[i] = handed_out(hc_sqlite_field_value(record, &fields[column->stored]), column->affinity);
        else
            values[i] = column->initial;
    }
    return rc;
}
