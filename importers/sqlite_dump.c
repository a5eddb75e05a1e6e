/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite, text of the shell's .dump command (SQLite documentation: "Command Line Shell For SQLite", "SQL As
 * Understood By SQLite").
 *
 *   PRAGMA foreign_keys=OFF;
 *   BEGIN TRANSACTION;
 *   CREATE TABLE journals(id INTEGER PRIMARY KEY, name TEXT);
 *   INSERT INTO journals VALUES(1,'it''s spam');
 *   INSERT INTO journals VALUES(2,replace('two\nlines','\n',char(10)));
 *   COMMIT;
 *
 * A record is one tuple in brackets, and that is its place. INSERT names its columns (as with
 * --preserve-rowids) or takes those of CREATE TABLE that are not generated. Values are those of the database
 * file (src/evidence/sqlitevalue.h), so that a dump and the file that it was made from give the same: a real
 * has the fewest digits that give it back, X'...' is its digits in lower case.
 *
 * The shell goes on behind pages that it cannot read, says so in a comment, and ends with ROLLBACK: both are
 * reported. So is a dump that ends before its COMMIT.
 *
 * The shell's .recover writes what it finds in a damaged database in the same way, but for BEGIN; and
 * INSERT OR IGNORE INTO; rows of which it does not know the table are in lost_and_found, with columns c0,
 * c1...
 */
#include "src/evidence/sqldump.h"
#include "src/evidence/sqlitetable.h"

#define CALLS_MAX 8 /* of functions inside of one another; the shell writes two */

/* ---- values ---- */

/* Behind the bracket that closes the one of a call. */
static enum hc_sqldump_fate skip_call(const struct hc_sql_text *t, size_t *pos)
{
    int depth = 0;

    do {
        struct hc_sql_token token = hc_sql_next(t, *pos);
        if (token.kind <= HC_SQL_CUT)
            return HC_SQLDUMP_CUT;
        if (hc_sql_mark(token, ';'))
            return HC_SQLDUMP_BROKEN;
        depth += hc_sql_mark(token, '(') - hc_sql_mark(token, ')');
        *pos = token.end;
    } while (depth > 0);
    return HC_SQLDUMP_WHOLE;
}

/* A literal, a blob (X and a string), or a call of a function. */
static enum hc_sqldump_fate read_value(const struct hc_sql_text *t, size_t *pos, struct hc_sql_token *value)
{
    struct hc_sql_token token = hc_sql_next(t, *pos), behind;
    enum hc_sqldump_fate fate = HC_SQLDUMP_WHOLE;

    *value = token;
    if (token.kind <= HC_SQL_CUT)
        return HC_SQLDUMP_CUT;
    *pos = token.end;
    if (token.kind != HC_SQL_WORD)
        return token.kind == HC_SQL_STRING ? HC_SQLDUMP_WHOLE : HC_SQLDUMP_BROKEN;
    behind = hc_sql_next(t, token.end);
    if (behind.kind <= HC_SQL_CUT)
        return HC_SQLDUMP_CUT;
    if (hc_sql_mark(behind, '('))
        fate = skip_call(t, pos);
    else if (behind.kind == HC_SQL_STRING && behind.start == token.end)
        *pos = behind.end;
    value->raw = hc_str_n(t->s.p + token.start, *pos - token.start);
    return fate;
}

static void append_string(GString *out, struct hc_str quoted)
{
    for (size_t i = 1; i + 1 < quoted.n; i++) {
        g_string_append_c(out, quoted.p[i]);
        i += quoted.p[i] == '\'';
    }
}

/* A call that is being worked out. */
struct call {
    struct hc_sql_text text;
    size_t pos;
    int depth;
};

static struct hc_sql_token take(struct call *c)
{
    struct hc_sql_token token = hc_sql_next(&c->text, c->pos);

    c->pos = token.end;
    return token;
}

static bool take_mark(struct call *c, char mark)
{
    return hc_sql_mark(take(c), mark);
}

static bool work_out(struct call *c, GString *out);

/* "char(10)": one character. */
static bool take_char(struct call *c, GString *out)
{
    struct hc_sqlite_value number;
    struct hc_sql_token token = take(c);

    if (!hc_sql_word(token, "char") || !take_mark(c, '('))
        return false;
    token = take(c);
    if (!hc_sqlite_number(token.raw, &number) || number.type != HC_SQLITE_INTEGER || number.integer < 0 ||
        number.integer > 0x10ffff)
        return false;
    g_string_append_unichar(out, (gunichar)number.integer);
    return take_mark(c, ')');
}

/* "replace(text,'what',char(N))", behind its name. */
static bool work_out_replace(struct call *c, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL), what = g_string_new(NULL), with = g_string_new(NULL);
    struct hc_sql_token token;
    struct hc_str rest;
    ptrdiff_t at;

    if (!take_mark(c, '(') || !work_out(c, text) || !take_mark(c, ','))
        return false;
    token = take(c);
    if (token.kind != HC_SQL_STRING)
        return false;
    append_string(what, token.raw);
    if (!what->len || strlen(what->str) != what->len || !take_mark(c, ',') || !take_char(c, with) ||
        !take_mark(c, ')'))
        return false;
    for (rest = hc_str_n(text->str, text->len); (at = hc_str_find(rest, what->str, 0)) >= 0;
         rest = hc_str_skip(rest, (size_t)at + what->len)) {
        g_string_append_len(out, rest.p, at);
        g_string_append_len(out, with->str, (gssize)with->len);
    }
    g_string_append_len(out, rest.p, (gssize)rest.n);
    return true;
}

/* The character of `n` hexadecimal digits at `*i`, which is moved behind them. */
static bool take_digits(struct hc_str in, size_t *i, int n, GString *out)
{
    gunichar c = 0;

    for (; n > 0; n--, (*i)++) {
        int digit = *i < in.n ? g_ascii_xdigit_value(in.p[*i]) : -1;
        if (digit < 0)
            return false;
        c = c * 16 + (gunichar)digit;
    }
    g_string_append_unichar(out, c <= 0x10ffff ? c : 0xfffd);
    return true;
}

/* "unistr('...')", behind its name: \XXXX, \uXXXX, \+XXXXXX and \UXXXXXXXX are characters, \\ is a
 * backslash. */
static bool work_out_unistr(struct call *c, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct hc_sql_token token;
    struct hc_str in;

    if (!take_mark(c, '(') || (token = take(c)).kind != HC_SQL_STRING)
        return false;
    append_string(text, token.raw);
    in = hc_str_n(text->str, text->len);
    for (size_t i = 0; i < in.n;) {
        char kind = i + 1 < in.n ? in.p[i + 1] : '\0';
        if (in.p[i] != '\\') {
            g_string_append_c(out, in.p[i++]);
            continue;
        }
        i += kind == 'u' || kind == '+' || kind == 'U' || kind == '\\' ? 2 : 1;
        if (kind == '\\')
            g_string_append_c(out, '\\');
        else if (!take_digits(in, &i, kind == 'U' ? 8 : kind == '+' ? 6 : 4, out))
            return false;
    }
    return take_mark(c, ')');
}

/* A string, or a call that gives one; false for anything else. */
static bool work_out(struct call *c, GString *out)
{
    struct hc_sql_token token = take(c);

    if (token.kind == HC_SQL_STRING) {
        append_string(out, token.raw);
        return true;
    }
    if (c->depth++ >= CALLS_MAX)
        return false;
    if (hc_sql_word(token, "replace"))
        return work_out_replace(c, out);
    return hc_sql_word(token, "unistr") && work_out_unistr(c, out);
}

/* x'...': an even number of digits. */
static bool decode_blob(struct hc_str raw, GString *out)
{
    g_string_truncate(out, 0);
    for (size_t i = 2; i + 1 < raw.n; i++) {
        if (!g_ascii_isxdigit(raw.p[i]))
            return false;
        g_string_append_c(out, g_ascii_tolower(raw.p[i]));
    }
    return out->len % 2 == 0;
}

static bool decode_number(struct hc_str raw, GString *out, struct hc_str *text)
{
    struct hc_sqlite_value value = {.type = HC_SQLITE_REAL};

    if (!hc_sqlite_number(raw, &value))
        return false;
    *text = hc_sqlite_value_text(&value, HC_SQLITE_UTF8, out);
    return true;
}

static bool decode(const struct hc_sqldump_strings *strings, struct hc_sql_token value,
                   struct hc_table *table, size_t column, struct hc_str *text)
{
    struct hc_str raw = value.raw;
    struct call call = {.text = {HC_SQL_SQLITE, raw, true}};
    GString *out;

    *text = HC_STR_NONE;
    if (hc_sql_word(value, "NULL"))
        return true;
    if (value.kind == HC_SQL_STRING && !memchr(raw.p + 1, '\'', raw.n - 2)) {
        *text = hc_str_n(raw.p + 1, raw.n - 2);
        return true;
    }
    out = hc_table_buffer(table, column);
    if (raw.n > 2 && (raw.p[0] | 0x20) == 'x' && raw.p[1] == '\'') {
        if (!decode_blob(raw, out))
            return false;
    } else if (value.kind == HC_SQL_STRING || raw.p[raw.n - 1] == ')') {
        if (!work_out(&call, out))
            return false;
    } else {
        return decode_number(raw, out, text);
    }
    *text = hc_str_n(out->str, out->len);
    return true;
}

/* ---- statements ---- */

/* A trigger has statements inside: it ends with a semicolon, END and another one. */
static size_t statement_end(const struct hc_sql_text *t, struct hc_sql_token first)
{
    struct hc_sql_token token = first;
    size_t end = hc_sqldump_end(t, first);
    bool trigger = false;

    if (!end || !hc_sql_word(first, "CREATE"))
        return end;
    for (int i = 0; i < 3 && !trigger; i++) { /* TEMP may stand between */
        token = hc_sql_next(t, token.end);
        trigger = hc_sql_word(token, "TRIGGER");
    }
    while (trigger && end) {
        token = hc_sql_next(t, end);
        if (hc_sql_word(token, "END") && hc_sql_mark(hc_sql_next(t, token.end), ';'))
            return hc_sql_next(t, token.end).end;
        end = token.kind > HC_SQL_CUT ? hc_sqldump_end(t, token) : 0;
    }
    return end;
}

static GPtrArray *created(const struct hc_sql_text *statement, size_t pos, char **name)
{
    const char *why;
    g_autoptr(hc_sqlite_table_t) table = hc_sqlite_table_parse(statement->s, &why);
    GPtrArray *names;

    if (!table)
        return NULL;
    names = g_ptr_array_new_with_free_func(g_free);
    *name = g_strdup(table->name);
    for (guint i = 0; i < table->columns->len; i++)
        if (!hc_sqlite_table_column(table, i)->generated)
            g_ptr_array_add(names, g_strdup(hc_sqlite_table_column(table, i)->name));
    return names;
}

static const char *built_in(const char *table)
{
    static const char *const tables[][2] = {{"sqlite_sequence", "name seq"},
                                            {"sqlite_stat1", "tbl idx stat"},
                                            {"sqlite_stat4", "tbl idx neq nlt ndlt sample"}};

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        if (strcmp(table, tables[i][0]) == 0)
            return tables[i][1];
    return NULL;
}

static const char *comment(struct hc_str comments)
{
    if (hc_str_find(comments, "/****** CORRUPTION ERROR *******/", 0) < 0 &&
        hc_str_find(comments, "/**** ERROR: ", 0) < 0)
        return NULL;
    return "the dump says that the database was damaged here: rows are missing";
}

static const struct hc_sqldump_dialect sqlite = {
    .tokens = HC_SQL_SQLITE,
    .value = read_value,
    .decode = decode,
    .created = created,
    .built_in = built_in,
    .end = statement_end,
    .comment = comment,
    .encoded = "unistr(",
    .transaction = true,
};

/* ---- what kind of file ---- */

/* Behind BEGIN: as the shell's .recover begins, which writes what it finds in a damaged database. */
static bool is_recovered(const struct hc_sql_text *t, struct hc_sql_token begin)
{
    struct hc_sql_token end = hc_sql_next(t, begin.end), pragma = hc_sql_next(t, end.end);

    return hc_sql_mark(end, ';') && hc_sql_word(pragma, "PRAGMA") &&
           hc_sql_word(hc_sql_next(t, pragma.end), "writable_schema");
}

/* Behind the statements that the shell begins with; only a warning may stand before. */
static struct hc_sql_token begin_of(const struct hc_sql_text *t, bool *pragma)
{
    struct hc_sql_token token = hc_sql_next(t, 0);

    for (*pragma = false; hc_sql_word(token, "PRAGMA"); *pragma = true)
        token = hc_sql_next(t, MAX(hc_sqldump_end(t, token), token.end));
    return token;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_sql_text text = {HC_SQL_SQLITE, hc_str_without_bom(peek->head), true, HC_SQL_NARROW};
    bool pragma;
    struct hc_sql_token token = begin_of(&text, &pragma);

    if (!hc_sql_word(token, "BEGIN"))
        return 0;
    if (is_recovered(&text, token)) {
        *why = "starts as the .recover of the SQLite shell does";
        return 96;
    }
    if (!hc_sql_word(hc_sql_next(&text, token.end), "TRANSACTION"))
        return 0;
    *why = pragma ? "starts as the .dump of the SQLite shell does"
                  : "starts with a transaction, as a dump of SQLite may";
    return pragma ? 96 : 40;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    static const char lost[] = "the database was damaged, for this is what .recover found in it: rows may be "
                               "missing, and those of lost_and_found may be of any table";
    struct hc_str head = hc_input_peek(in);
    struct hc_sql_text text = {HC_SQL_SQLITE, hc_str_without_bom(head), true, HC_SQL_NARROW};
    bool pragma;
    struct hc_sql_token token = begin_of(&text, &pragma);
    const bool recovered = hc_sql_word(token, "BEGIN") && is_recovered(&text, token);

    hc_input_skip(in, head.n - text.s.n);
    return hc_sqldump_run(&sqlite, in, sink, error) &&
           (!recovered || hc_sink_remark(sink, &(struct hc_locator){.line = 1}, lost, error));
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    return hc_sqldump_tables(&sqlite, peek->head);
}

const struct hc_importer hc_importer_sqlite_dump = {
    .name = "sqlite_dump",
    .summary = "SQLite, text of the shell's .dump or .recover (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
