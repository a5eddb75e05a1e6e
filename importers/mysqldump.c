/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MySQL and MariaDB, text of mysqldump and mariadb-dump (MySQL manual: "mysqldump", "Literal Values", "Comments").
 *
 *   CREATE TABLE `journals` (`id` int NOT NULL, `name` text, PRIMARY KEY (`id`));
 *   INSERT INTO `journals` VALUES (1,'it''s \"spam\"'),(2,NULL);
 *
 * A record is one tuple in brackets, and that is its place. INSERT and REPLACE name their columns or take those of CREATE TABLE, of the
 * database that USE chose last. A string has escapes with backslash and doubled quotes; an introducer (_binary) says nothing about
 * the text. 0x... and x'...' are the bytes they stand for where these are text, and stay as they are written where they are not. What
 * stands in a comment of a version (40101 after the exclamation mark) is read like all else. Other statements are syntax and are not counted.
 */
#include "src/base/text.h"
#include "src/evidence/sqltoken.h"
#include "src/evidence/table.h"

#define HC_ROW_MAX (16u << 20) /* a longer row, or head of a statement, is passed over up to its line end and rejected */

static struct hc_sql_token next_token(struct hc_str t, size_t pos, bool last)
{
    struct hc_sql_text text = {HC_SQL_MYSQL, t, last};

    return hc_sql_next(&text, pos);
}

/* ---- values ---- */

enum fate { WHOLE, CUT, BROKEN };

struct tuple {
    struct hc_sql_token *values; /* room for HC_COLUMNS_MAX */
    size_t n;             /* there may be more than room */
    size_t start, end;
};

/* One value: a literal, maybe behind an introducer. Moves `*pos` behind it. */
static enum fate read_value(struct hc_str t, size_t *pos, bool last, struct hc_sql_token *value)
{
    struct hc_sql_token token = next_token(t, *pos, last);

    if (token.kind == HC_SQL_WORD && (token.raw.p[0] == '_' || (token.raw.n == 1 && strchr("xXbBnN", token.raw.p[0])))) {
        struct hc_sql_token behind = next_token(t, token.end, last);
        if (behind.kind == HC_SQL_CUT || behind.kind == HC_SQL_END)
            return CUT;
        if (behind.kind == HC_SQL_STRING && strchr("xXbB", token.raw.p[0]))
            behind.raw = hc_str_n(token.raw.p, (size_t)(t.p + behind.end - token.raw.p));
        token = behind;
    }
    *pos = token.end;
    *value = token;
    if (token.kind == HC_SQL_CUT || token.kind == HC_SQL_END)
        return CUT;
    return token.kind == HC_SQL_WORD || token.kind == HC_SQL_STRING ? WHOLE : BROKEN;
}

/* The tuple that starts at the bracket at `tuple->start`. */
static enum fate read_tuple(struct hc_str t, bool last, struct tuple *tuple)
{
    size_t pos = tuple->start + 1;

    for (tuple->n = 0;; tuple->n++) {
        struct hc_sql_token value, behind;
        enum fate fate = read_value(t, &pos, last, &value);
        if (fate != WHOLE)
            return fate;
        if (tuple->n < HC_COLUMNS_MAX)
            tuple->values[tuple->n] = value;
        behind = next_token(t, pos, last);
        if (behind.kind == HC_SQL_CUT || behind.kind == HC_SQL_END)
            return CUT;
        pos = behind.end;
        if (hc_sql_mark(behind, ')'))
            break;
        if (!hc_sql_mark(behind, ','))
            return BROKEN;
    }
    tuple->n++;
    tuple->end = pos;
    return WHOLE;
}

static void append_unescaped(GString *out, struct hc_str in, char quote)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1a";

    for (size_t i = 0; i < in.n; i++) {
        const char *known;
        if (in.p[i] != '\\' || i + 1 == in.n) {
            g_string_append_c(out, in.p[i]);
            i += in.p[i] == quote;
            continue;
        }
        known = in.p[++i] ? strchr(from, in.p[i]) : NULL;
        if (in.p[i] == '%' || in.p[i] == '_')
            g_string_append_c(out, '\\');
        g_string_append_c(out, known ? to[known - from] : in.p[i]);
    }
}

/* The bytes of hexadecimal digits where they are text; else false. */
static bool append_hex(GString *out, struct hc_str digits)
{
    if (digits.n % 2)
        return false;
    for (size_t i = 0; i < digits.n; i += 2) {
        int high = g_ascii_xdigit_value(digits.p[i]), low = g_ascii_xdigit_value(digits.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        g_string_append_c(out, (char)(high << 4 | low));
    }
    return hc_text_is_clean(hc_str_n(out->str, out->len));
}

/* The digits of 0x... and x'...'; .p == NULL for anything else. */
static struct hc_str hex_digits(struct hc_str raw)
{
    if (raw.n >= 2 && raw.p[0] == '0' && raw.p[1] == 'x')
        return hc_str_skip(raw, 2);
    if (raw.n >= 3 && (raw.p[0] == 'x' || raw.p[0] == 'X') && raw.p[1] == '\'')
        return hc_str_n(raw.p + 2, raw.n - 3);
    return HC_STR_NONE;
}

static struct hc_str value_text(struct hc_sql_token value, struct hc_table *table, size_t column)
{
    struct hc_str digits = hex_digits(value.raw), inner;
    GString *out;

    if (hc_sql_word(value, "NULL"))
        return HC_STR_NONE;
    if (digits.p) {
        out = hc_table_buffer(table, column);
        return append_hex(out, digits) ? hc_str_n(out->str, out->len) : value.raw;
    }
    if (value.kind != HC_SQL_STRING || (value.raw.p[0] != '\'' && value.raw.p[0] != '"'))
        return value.raw;
    inner = hc_str_n(value.raw.p + 1, value.raw.n - 2);
    if (hc_str_chr(inner, '\\') < 0 && hc_str_chr(inner, value.raw.p[0]) < 0)
        return inner;
    out = hc_table_buffer(table, column);
    append_unescaped(out, inner, value.raw.p[0]);
    return hc_str_n(out->str, out->len);
}

/* ---- statements ---- */

/* Behind the name of a table from `*pos`, maybe with its database before it; NULL when there is none. */
static char *table_name(struct hc_str t, size_t *pos, bool last)
{
    struct hc_sql_token token = next_token(t, *pos, last), dot;

    if (token.kind == HC_SQL_NAME) {
        dot = next_token(t, token.end, last);
        if (dot.kind == HC_SQL_WORD && dot.raw.p[0] == '.' && dot.raw.n == 1)
            token = next_token(t, dot.end, last);
    }
    *pos = token.end;
    return token.kind == HC_SQL_NAME || token.kind == HC_SQL_WORD ? hc_sql_name(token) : NULL;
}

/* One item of the brackets of CREATE TABLE: a column, or a key. Moves behind what ends it; false at the last. */
static bool read_item(struct hc_str t, size_t *pos, GPtrArray *columns)
{
    static const char *const others[] = {"PRIMARY", "KEY",        "UNIQUE",  "INDEX",  "FULLTEXT",
                                         "SPATIAL", "CONSTRAINT", "FOREIGN", "PERIOD", "CHECK", NULL};
    struct hc_sql_token token = next_token(t, *pos, true);
    int depth = 0;

    if (token.kind == HC_SQL_NAME || (token.kind == HC_SQL_WORD && !hc_sql_one_of(token, others)))
        g_ptr_array_add(columns, hc_sql_name(token));
    for (; token.kind != HC_SQL_END && token.kind != HC_SQL_CUT; token = next_token(t, token.end, true)) {
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
static GPtrArray *created_columns(struct hc_str t, size_t pos, char **name)
{
    static const char *const passed[] = {"TEMPORARY", "TABLE", "IF", "NOT", "EXISTS", NULL};
    struct hc_sql_token token = next_token(t, pos, true);
    GPtrArray *columns;
    bool is_table = false;

    for (; hc_sql_one_of(token, passed); token = next_token(t, token.end, true))
        is_table = is_table || hc_sql_word(token, "TABLE");
    if (!is_table)
        return NULL;
    pos = token.start;
    *name = table_name(t, &pos, true);
    token = next_token(t, pos, true);
    if (!*name || !hc_sql_mark(token, '('))
        return NULL;
    columns = g_ptr_array_new_with_free_func(g_free);
    pos = token.end;
    while (columns->len <= HC_COLUMNS_MAX && read_item(t, &pos, columns))
        ;
    return columns;
}

struct reader {
    struct hc_input *in;
    struct hc_sink *sink;
    struct hc_locator at; /* of the text ahead */
    struct hc_str text;
    bool last; /* it goes to the end */
    char *database;
    GHashTable *created; /* "database\ntable" -> GPtrArray of columns */
    int64_t records;
    struct tuple tuple;
    struct hc_str *values;
};

/* What lies ahead, from the present place on: 1, 0 = nothing more, -1 = failed. */
static int look(struct reader *r, size_t want, GError **error)
{
    int rc = hc_input_ahead(r->in, want, &r->text, &r->at, error);

    r->last = r->text.n < want;
    return rc;
}

/* More of it, when what was seen is cut: 1; 0 when there is no more, or it is too long. */
static int look_further(struct reader *r, GError **error)
{
    if (r->last || r->text.n > HC_ROW_MAX)
        return 0;
    return look(r, MAX(r->text.n + 1, (size_t)HC_PEEK_SIZE) * 2, error);
}

static struct hc_locator place(struct reader *r, size_t start, size_t end)
{
    struct hc_locator at = r->at;

    at.record = ++r->records;
    at.offset += (int64_t)start;
    at.length = (int64_t)(end - start);
    for (size_t i = 0; i < start; i++)
        at.line += r->text.p[i] == '\n';
    return at;
}

/* Up to the end of the line that the text at `from` is on. */
static size_t line_end(const struct reader *r, size_t from)
{
    ptrdiff_t end = hc_str_chr(hc_str_skip(r->text, from), '\n');

    return end < 0 ? r->text.n : from + (size_t)end + 1;
}

/* Something at `start` cannot be read: reading goes on with the next line. */
static bool reject(struct reader *r, size_t start, enum fate fate, const char *name, GError **error)
{
    bool cut = fate == CUT && r->last;
    size_t end = cut ? r->text.n : line_end(r, fate == CUT && r->text.n > HC_ROW_MAX ? HC_ROW_MAX : start);
    struct hc_locator at = place(r, start, end);

    hc_input_skip(r->in, end);
    if (cut)
        return hc_sink_reject(r->sink, &at, error, "%s: the dump ends inside this row", name);
    if (fate == CUT)
        return hc_sink_reject(r->sink, &at, error, "%s: the row is longer than %u bytes; the rest of its line is lost", name,
                              HC_ROW_MAX);
    return hc_sink_reject(r->sink, &at, error, "%s: this is no row; the rest of its line is lost", name);
}

static bool push_tuple(struct reader *r, struct hc_table *table, const char *name, GError **error)
{
    struct hc_locator at = place(r, r->tuple.start, r->tuple.end);

    if (at.length > HC_ROW_MAX)
        return hc_sink_reject(r->sink, &at, error, "%s: the row is longer than %u bytes", name, HC_ROW_MAX);
    if (!table)
        return hc_sink_reject(r->sink, &at, error, "%s: nothing names the columns of this row", name);
    if (hc_table_outside(table, hc_str_n(r->text.p + r->tuple.start, r->tuple.end - r->tuple.start)))
        return true;
    for (size_t i = 0; i < MIN(r->tuple.n, hc_table_columns(table)); i++)
        if (hc_table_needs(table, i))
            r->values[i] = value_text(r->tuple.values[i], table, i);
    return hc_table_row(table, r->values, r->tuple.n, &at, error);
}

/* The next tuple of a statement, with what stands before it passed over: 1, 0 = the statement ends, -1 = failed. */
static int next_tuple(struct reader *r, const char *name, GError **error)
{
    int rc = look(r, 1, error);
    bool resumed = false; /* behind something that was rejected: on the next line there may be more rows, or not */

    while (rc == 1) {
        struct hc_sql_token token = next_token(r->text, 0, r->last);
        enum fate fate = token.kind == HC_SQL_CUT ? CUT : BROKEN;
        if (resumed && token.kind != HC_SQL_MARK && token.kind != HC_SQL_CUT)
            return 0;
        if (hc_sql_mark(token, ',')) {
            hc_input_skip(r->in, token.end);
            rc = look(r, 1, error);
            continue;
        }
        if (hc_sql_mark(token, ';')) {
            hc_input_skip(r->in, token.end);
            return 0;
        }
        r->tuple.start = token.start;
        if (hc_sql_mark(token, '('))
            fate = read_tuple(r->text, r->last, &r->tuple);
        if (fate == WHOLE)
            return 1;
        if (token.kind == HC_SQL_END || fate == CUT)
            rc = look_further(r, error);
        if (rc == 1 && fate == CUT)
            continue;
        if (rc < 0 || !reject(r, token.start, token.kind == HC_SQL_END ? CUT : fate, name, error))
            return -1;
        resumed = true;
        rc = look(r, 1, error);
    }
    return rc;
}

static bool read_tuples(struct reader *r, const char *name, const GPtrArray *columns, GError **error)
{
    struct hc_table *table = NULL;
    int rc;

    if (columns && columns->len <= HC_COLUMNS_MAX)
        table = hc_table_new(r->sink, hc_str(name), columns);
    while ((rc = next_tuple(r, name, error)) == 1) {
        if (!push_tuple(r, table, name, error)) {
            rc = -1;
            break;
        }
        hc_input_skip(r->in, r->tuple.end);
    }
    hc_table_free(table);
    return rc == 0;
}

static char *created_key(const struct reader *r, const char *table)
{
    return g_strdup_printf("%s\n%s", r->database ? r->database : "", table);
}

/* "INSERT INTO name [(columns)] VALUES" at the start of the text: its tuples are read. */
static enum fate read_insert_head(struct reader *r, size_t pos, char **name, GPtrArray *columns, size_t *used)
{
    static const char *const passed[] = {"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO", NULL};
    struct hc_sql_token token = next_token(r->text, pos, r->last);

    for (; hc_sql_one_of(token, passed); token = next_token(r->text, token.end, r->last))
        ;
    pos = token.start;
    *name = token.kind == HC_SQL_CUT ? NULL : table_name(r->text, &pos, r->last);
    token = next_token(r->text, pos, r->last);
    if (hc_sql_mark(token, '('))
        for (token = next_token(r->text, token.end, r->last); token.kind > HC_SQL_CUT;
             token = next_token(r->text, token.end, r->last)) {
            if (hc_sql_mark(token, ')')) {
                token = next_token(r->text, token.end, r->last);
                break;
            }
            if (!hc_sql_mark(token, ','))
                g_ptr_array_add(columns, hc_sql_name(token));
        }
    *used = token.end;
    if (token.kind == HC_SQL_CUT || token.kind == HC_SQL_END)
        return CUT;
    return *name && (hc_sql_word(token, "VALUES") || hc_sql_word(token, "VALUE")) ? WHOLE : BROKEN;
}

static bool read_insert(struct reader *r, size_t pos, bool *again, GError **error)
{
    g_autoptr(GPtrArray) columns = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = NULL, *key = NULL;
    size_t used;
    enum fate fate = read_insert_head(r, pos, &name, columns, &used);
    int rc = fate == CUT ? look_further(r, error) : 0;

    *again = rc == 1;
    if (rc != 0)
        return rc > 0;
    if (fate != WHOLE)
        return reject(r, 0, fate, name ? name : "INSERT", error);
    hc_input_skip(r->in, used);
    key = created_key(r, name);
    return read_tuples(r, name, columns->len ? columns : g_hash_table_lookup(r->created, key), error);
}

/* From a line "DELIMITER ;;" up to the one that sets it back: bodies of triggers and routines. */
static bool skip_delimited(struct reader *r, GError **error)
{
    struct hc_locator at;
    struct hc_str line;
    int rc = hc_input_line(r->in, &line, &at, error);

    if (rc != 1 || (line.p && hc_str_is(hc_str_trim(line), "DELIMITER ;")))
        return rc >= 0;
    while ((rc = hc_input_line(r->in, &line, &at, error)) == 1)
        if (line.p && hc_str_is(hc_str_trim(line), "DELIMITER ;"))
            return true;
    return rc == 0;
}

/* Behind the semicolon of the statement; 0 when it is cut. */
static size_t statement_end(const struct reader *r)
{
    struct hc_sql_token token = next_token(r->text, 0, r->last);

    while (token.kind > HC_SQL_CUT && !hc_sql_mark(token, ';'))
        token = next_token(r->text, token.end, r->last);
    return token.kind > HC_SQL_CUT ? token.end : 0;
}

/* No semicolon up to the end, or for too long: what stands in it may have been rows. */
static bool reject_statement(struct reader *r, size_t start, GError **error)
{
    size_t end = r->last ? r->text.n : line_end(r, HC_ROW_MAX);
    struct hc_locator at = place(r, MIN(start, end), end);

    hc_input_skip(r->in, end);
    if (r->last)
        return hc_sink_reject(r->sink, &at, error, "the dump ends inside this statement");
    return hc_sink_reject(r->sink, &at, error, "the statement is longer than %u bytes", HC_ROW_MAX);
}

/* A statement that holds no rows: what it says of tables and databases is remembered. */
static bool read_other(struct reader *r, struct hc_sql_token first, bool *again, GError **error)
{
    size_t end = statement_end(r);
    int rc = end ? 0 : look_further(r, error);
    char *name = NULL;
    GPtrArray *columns;

    *again = rc == 1;
    if (rc != 0)
        return rc > 0;
    if (!end)
        return reject_statement(r, first.start, error);
    if (hc_sql_word(first, "USE")) {
        g_free(r->database);
        r->database = hc_sql_name(next_token(r->text, first.end, true));
    }
    columns = hc_sql_word(first, "CREATE") ? created_columns(hc_str_head(r->text, end), first.end, &name) : NULL;
    if (columns)
        g_hash_table_insert(r->created, created_key(r, name), columns);
    g_free(name);
    hc_input_skip(r->in, end);
    return true;
}

static bool read_statement(struct reader *r, GError **error)
{
    static const char *const inserts[] = {"INSERT", "REPLACE", NULL};
    bool again = true;

    while (again) {
        struct hc_sql_token first = next_token(r->text, 0, r->last);
        if (first.kind == HC_SQL_END && r->last) {
            hc_input_skip(r->in, r->text.n);
            return true;
        }
        if (hc_sql_word(first, "DELIMITER")) {
            hc_input_skip(r->in, first.start);
            return skip_delimited(r, error);
        }
        if (!(hc_sql_one_of(first, inserts) ? read_insert(r, first.end, &again, error) : read_other(r, first, &again, error)))
            return false;
    }
    return true;
}

static void columns_free(void *columns)
{
    g_ptr_array_unref(columns);
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    g_autofree struct hc_sql_token *tokens = g_new(struct hc_sql_token, HC_COLUMNS_MAX);
    g_autofree struct hc_str *values = g_new(struct hc_str, HC_COLUMNS_MAX);
    struct reader r = {.in = in, .sink = sink, .tuple.values = tokens, .values = values};
    bool ok = true;
    int rc;

    r.created = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, columns_free);
    while (ok && (rc = look(&r, 1, error)) == 1)
        ok = read_statement(&r, error);
    g_hash_table_unref(r.created);
    g_free(r.database);
    if (ok)
        hc_sink_read(sink, r.records);
    return ok && rc == 0;
}

/* ---- what kind of file ---- */

static int bid(const struct hc_peek *peek, const char **why)
{
    if (hc_str_find(peek->head, "-- MySQL dump ", 0) >= 0 || hc_str_find(peek->head, "-- MariaDB dump ", 0) >= 0) {
        *why = "starts as mysqldump writes";
        return 95;
    }
    if (hc_str_find(peek->head, "INSERT INTO `", 0) >= 0 || hc_str_find(peek->head, "REPLACE INTO `", 0) >= 0) {
        *why = "holds INSERT statements with MySQL's quotes";
        return 60;
    }
    return 0;
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    static const char mark[] = "CREATE TABLE";
    ptrdiff_t at = -1;

    while ((at = hc_str_find(peek->head, mark, (size_t)(at + 1))) >= 0) {
        char *name = NULL;
        GPtrArray *columns = created_columns(peek->head, (size_t)at + strlen("CREATE"), &name);
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

const struct hc_importer hc_importer_mysqldump = {
    .name = "mysqldump",
    .summary = "MySQL or MariaDB dump, text with INSERT statements (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
