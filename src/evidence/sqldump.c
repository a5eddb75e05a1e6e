/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of a SQL dump, in order. */
#include "src/evidence/sqldumpparts.h"

#include "src/base/keyed.h"

struct reader {
    const struct hc_sqldump_dialect *dialect;
    struct hc_input *in;
    struct hc_sink *sink;
    struct hc_locator at; /* of the text ahead */
    struct hc_sql_text text;
    char *database;
    GHashTable *created; /* "database\ntable" -> GPtrArray of columns */
    GHashTable *owners;  /* a table's name -> the first database in which it was; a "database\ntable" of
                            another is its own, once it was told */
    int64_t records;
    /* the table of the last INSERT, which most often is that of the next */
    GString *head; /* up to VALUES */
    char *name;
    struct hc_table *table;
    bool foreign;   /* a table of another database has its name: its rows are passed over */
    bool begun;     /* as comments say, and not yet ended */
    bool open, cut; /* a transaction; the dump ends where it should not, which was told */
    struct hc_sqldump_tuple tuple;
    struct hc_str *values;
    struct hc_sqldump_strings strings;
};

/* What lies ahead, from the present place on: 1, 0 = nothing more, -1 = failed. */
static int look(struct reader *r, size_t want, GError **error)
{
    int rc = hc_input_ahead(r->in, want, &r->text.s, &r->at, error);

    r->text.last = r->text.s.n < want;
    return rc;
}

/* More of it, when what was seen is cut: 1; 0 when there is no more, or it is too long. */
static int look_further(struct reader *r, GError **error)
{
    if (r->text.last || r->text.s.n > HC_SQLDUMP_ROW_MAX)
        return 0;
    return look(r, MAX(r->text.s.n + 1, (size_t)HC_PEEK_SIZE) * 2, error);
}

static struct hc_locator place(struct reader *r, size_t start, size_t end)
{
    struct hc_locator at = r->at;

    at.record = ++r->records;
    at.offset += (int64_t)start;
    at.length = (int64_t)(end - start);
    for (size_t i = 0; i < start; i++)
        at.line += r->text.s.p[i] == '\n';
    return at;
}

/* Up to the end of the line that the text at `from` is on. */
static size_t line_end(const struct reader *r, size_t from)
{
    ptrdiff_t end = hc_str_chr(hc_str_skip(r->text.s, from), '\n');

    return end < 0 ? r->text.s.n : from + (size_t)end + 1;
}

/* From `start` to behind the end of the line that the text at `from` is on, which may be far: it is passed
 * over. */
static bool skip_line(struct reader *r, size_t start, size_t from, struct hc_locator *at, GError **error)
{
    size_t end = line_end(r, from);
    int rc = 1;

    *at = place(r, start, end);
    while (rc == 1 && end == r->text.s.n && !r->text.last && r->text.s.p[end - 1] != '\n') {
        hc_input_skip(r->in, end);
        rc = look(r, HC_PEEK_SIZE, error);
        end = rc == 1 ? line_end(r, 0) : 0;
        at->length += (int64_t)end;
    }
    hc_input_skip(r->in, end);
    return rc >= 0;
}

/* Something at `start` cannot be read: reading goes on with the next line. */
static bool reject(struct reader *r, size_t start, enum hc_sqldump_fate fate, const char *name,
                   GError **error)
{
    bool cut = fate == HC_SQLDUMP_CUT && r->text.last;
    bool too_long = fate == HC_SQLDUMP_CUT && r->text.s.n > HC_SQLDUMP_ROW_MAX;
    struct hc_locator at;

    if (cut) {
        at = place(r, start, r->text.s.n);
        hc_input_skip(r->in, r->text.s.n);
        r->cut = true;
        return hc_sink_reject(r->sink, &at, error, "%s: the dump ends inside this row", name);
    }
    if (!skip_line(r, start, too_long ? HC_SQLDUMP_ROW_MAX : start, &at, error))
        return false;
    if (fate == HC_SQLDUMP_CUT)
        return hc_sink_reject(r->sink, &at, error,
                              "%s: the row is longer than %u bytes; the rest of its line is lost", name,
                              HC_SQLDUMP_ROW_MAX);
    return hc_sink_reject(r->sink, &at, error, "%s: this is no row; the rest of its line is lost", name);
}

/* Nothing is left, and something is open still: what should have come is missing. */
static bool reject_end(struct reader *r, const char *name, const char *what, GError **error)
{
    struct hc_locator at = r->at;

    at.record = ++r->records;
    at.length = 0;
    r->cut = true;
    return hc_sink_reject(r->sink, &at, error, "%s%sthe dump ends inside %s: rows may be missing", name,
                          *name ? ": " : "", what);
}

static bool push_tuple(struct reader *r, GError **error)
{
    struct hc_locator at = place(r, r->tuple.start, r->tuple.end);
    struct hc_str text = hc_str_n(r->text.s.p + r->tuple.start, r->tuple.end - r->tuple.start);
    struct hc_table *table = r->table;

    if (at.length > HC_SQLDUMP_ROW_MAX)
        return hc_sink_reject(r->sink, &at, error, "%s: the row is longer than %u bytes", r->name,
                              HC_SQLDUMP_ROW_MAX);
    if (r->foreign) {
        hc_sink_ignore(r->sink, hc_str(r->name), "the rows of another table have its name", 1);
        return true;
    }
    if (!table)
        return hc_sink_reject(r->sink, &at, error, "%s: nothing names the columns of this row", r->name);
    if (!r->strings.charset && (!r->dialect->encoded || hc_str_find(text, r->dialect->encoded, 0) < 0) &&
        hc_table_outside(table, text))
        return true;
    for (size_t i = 0; i < MIN(r->tuple.n, hc_table_columns(table)); i++)
        if (hc_table_needs(table, i) &&
            !r->dialect->decode(&r->strings, r->tuple.values[i], table, i, &r->values[i]))
            return hc_sink_reject(r->sink, &at, error, "%s: value %zu of this row cannot be read", r->name,
                                  i + 1);
    return hc_table_row(table, r->values, r->tuple.n, &at, error);
}

/* The next tuple of a statement, with what stands before it passed over: 1, 0 = the statement ends, -1 =
 * failed. */
static int next_tuple(struct reader *r, GError **error)
{
    int rc = look(r, 1, error);
    bool resumed =
        false; /* behind something that was rejected: on the next line there may be more rows, or not */

    while (rc == 1) {
        struct hc_sql_token token = hc_sql_next(&r->text, 0);
        enum hc_sqldump_fate fate = token.kind == HC_SQL_CUT ? HC_SQLDUMP_CUT : HC_SQLDUMP_BROKEN;
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
            fate = hc_sqldump_tuple(r->dialect, &r->text, &r->tuple);
        if (fate == HC_SQLDUMP_WHOLE)
            return 1;
        if (token.kind == HC_SQL_END || fate == HC_SQLDUMP_CUT)
            rc = look_further(r, error);
        if (rc == 1 && (token.kind == HC_SQL_END || fate == HC_SQLDUMP_CUT))
            continue;
        if (rc < 0 ||
            !reject(r, token.start, token.kind == HC_SQL_END ? HC_SQLDUMP_CUT : fate, r->name, error))
            return -1;
        resumed = true;
        rc = look(r, 1, error);
    }
    return rc == 0 && !resumed && !reject_end(r, r->name, "an INSERT", error) ? -1 : rc;
}

static bool read_tuples(struct reader *r, GError **error)
{
    int rc;

    while ((rc = next_tuple(r, error)) == 1) {
        if (!push_tuple(r, error))
            return false;
        hc_input_skip(r->in, r->tuple.end);
    }
    return rc == 0;
}

static void close_table(struct reader *r)
{
    g_clear_pointer(&r->table, hc_table_free);
    g_clear_pointer(&r->name, g_free);
    g_string_truncate(r->head, 0);
}

static char *created_key(const struct reader *r, const char *table)
{
    return g_strdup_printf("%s\n%s", r->database ? r->database : "", table);
}

/* The columns of a table that an INSERT does not name. */
static GPtrArray *known_columns(const struct reader *r, const char *name)
{
    g_autofree char *key = created_key(r, name);
    GPtrArray *columns = g_hash_table_lookup(r->created, key);
    const char *built_in = columns || !r->dialect->built_in ? NULL : r->dialect->built_in(name);
    g_auto(GStrv) names = built_in ? g_strsplit(built_in, " ", -1) : NULL;

    if (columns || !names)
        return columns ? g_ptr_array_ref(columns) : NULL;
    columns = g_ptr_array_new_with_free_func(g_free);
    for (char **p = names; *p; p++)
        g_ptr_array_add(columns, g_strdup(*p));
    return columns;
}

/* Tables of one name in two databases are not mixed: the rows of the second are passed over, which is told
 * once. */
static bool own_name(struct reader *r, size_t used, GError **error)
{
    g_autofree char *key = created_key(r, r->name);
    const char *database = r->database ? r->database : "", *owner = g_hash_table_lookup(r->owners, r->name);
    struct hc_locator at;

    r->foreign = owner && strcmp(owner, database) != 0;
    if (!owner)
        g_hash_table_insert(r->owners, g_strdup(r->name), g_strdup(database));
    if (!r->foreign || !g_hash_table_insert(r->owners, g_steal_pointer(&key), g_strdup("")))
        return true;
    at = place(r, 0, used);
    return hc_sink_reject(r->sink, &at, error,
                          "the rows of %s.%s are not read: those of %s%s%s have the same name; import a dump "
                          "of its own for each",
                          database, r->name, owner, *owner ? "." : "", r->name);
}

/* Takes `name`. */
static bool open_table(struct reader *r, char *name, const GPtrArray *named, size_t used, GError **error)
{
    GPtrArray *columns = named->len ? NULL : known_columns(r, name);
    const GPtrArray *all = named->len ? named : columns;

    close_table(r);
    r->name = name;
    if (all && all->len <= HC_COLUMNS_MAX)
        r->table = hc_table_new(r->sink, hc_str(name), all);
    g_string_append_len(r->head, r->text.s.p, (gssize)used);
    if (columns)
        g_ptr_array_unref(columns);
    r->foreign = false;
    return !r->table || !hc_table_wanted(r->table) || own_name(r, used, error);
}

/* Does the statement begin as the last one did? */
static bool same_head(const struct reader *r)
{
    size_t n = r->head->len;

    return n && r->text.s.n > n && memcmp(r->text.s.p, r->head->str, n) == 0 &&
           strchr("( \n", r->text.s.p[n]);
}

static bool read_insert(struct reader *r, size_t pos, bool *again, GError **error)
{
    g_autoptr(GPtrArray) columns = NULL;
    g_autofree char *name = NULL;
    size_t used = r->head->len;
    enum hc_sqldump_fate fate = HC_SQLDUMP_WHOLE;
    int rc = 0;

    *again = false;
    if (!same_head(r)) {
        columns = g_ptr_array_new_with_free_func(g_free);
        fate = hc_sqldump_insert(&r->text, pos, &name, columns, &used);
        rc = fate == HC_SQLDUMP_CUT ? look_further(r, error) : 0;
    }
    *again = rc == 1;
    if (rc != 0)
        return rc > 0;
    if (fate != HC_SQLDUMP_WHOLE)
        return reject(r, 0, fate, name ? name : "INSERT", error);
    if (columns && !open_table(r, g_steal_pointer(&name), columns, used, error))
        return false;
    hc_input_skip(r->in, used);
    return read_tuples(r, error);
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
    r->at = at;
    return rc == 0 && reject_end(r, "", "what stands behind DELIMITER", error);
}

/* No semicolon up to the end, or for too long: what stands in it may have been rows. */
static bool reject_statement(struct reader *r, size_t start, GError **error)
{
    struct hc_locator at;

    if (r->text.last) {
        at = place(r, MIN(start, r->text.s.n), r->text.s.n);
        hc_input_skip(r->in, r->text.s.n);
        r->cut = true;
        return hc_sink_reject(r->sink, &at, error, "the dump ends inside this statement");
    }
    return skip_line(r, MIN(start, HC_SQLDUMP_ROW_MAX), HC_SQLDUMP_ROW_MAX, &at, error) &&
           hc_sink_reject(r->sink, &at, error, "the statement is longer than %u bytes", HC_SQLDUMP_ROW_MAX);
}

/* "SET NAMES big5": strings are in this character set from here on. */
static bool set_names(struct reader *r, size_t pos, GError **error)
{
    struct hc_sql_token names = hc_sql_next(&r->text, pos), set = hc_sql_next(&r->text, names.end);
    const char *iconv = NULL;
    struct hc_locator at;
    bool known;

    if (!hc_sql_word(names, "NAMES") || !r->dialect->charset)
        return true;
    g_clear_pointer(&r->strings.charset, hc_charset_free);
    r->strings.wide = HC_SQL_NARROW;
    known = r->dialect->charset(set, &iconv, &r->strings.wide);
    r->strings.charset = iconv ? hc_charset_new(iconv) : NULL;
    r->text.wide = r->strings.wide;
    if (known && (!iconv || r->strings.charset))
        return true;
    at = place(r, pos, set.end);
    return hc_sink_reject(r->sink, &at, error,
                          "the character set %.*s is not known: what is no UTF-8 in the rows is not shown",
                          HC_STR_ARG(set.raw));
}

static void read_create(struct reader *r, struct hc_sql_token first, size_t end)
{
    struct hc_sql_text statement = {r->dialect->tokens, hc_str_head(r->text.s, end), true, r->text.wide};
    char *name = NULL;
    GPtrArray *columns = r->dialect->created(&statement, first.end, &name);

    if (columns) {
        close_table(r);
        g_hash_table_insert(r->created, created_key(r, name), columns);
    }
    g_free(name);
}

/* A statement that holds no rows: what it says of tables and databases is remembered. */
static bool read_other(struct reader *r, struct hc_sql_token first, bool *again, GError **error)
{
    static const char *const ends[] = {"COMMIT", "END", "ROLLBACK", NULL};
    size_t end = r->dialect->end(&r->text, first);
    int rc = end ? 0 : look_further(r, error);

    *again = rc == 1;
    if (rc != 0)
        return rc > 0;
    if (!end)
        return reject_statement(r, first.start, error);
    if (hc_sql_word(first, "SET") && !set_names(r, first.end, error))
        return false;
    if (hc_sql_word(first, "USE") && r->dialect->tokens == HC_SQL_MYSQL) {
        close_table(r);
        g_free(r->database);
        r->database = hc_sql_name(hc_sql_next(&r->text, first.end));
    }
    if (hc_sql_word(first, "CREATE"))
        read_create(r, first, end);
    if (r->dialect->transaction && hc_sql_word(first, "ROLLBACK")) {
        struct hc_locator at = place(r, first.start, end);
        if (!hc_sink_reject(r->sink, &at, error,
                            "the dump was made with errors and takes itself back: rows are missing"))
            return false;
    }
    r->open = hc_sql_word(first, "BEGIN") || (r->open && !hc_sql_one_of(first, ends));
    hc_input_skip(r->in, end);
    return true;
}

/* What stands before the statement, or the end, is passed over; it may say that the dump is not whole. */
static bool pass_comments(struct reader *r, size_t n, GError **error)
{
    const struct hc_sqldump_dialect *dialect = r->dialect;
    struct hc_str comments = hc_str_head(r->text.s, n);
    const char *why = dialect->comment ? dialect->comment(comments) : NULL;
    struct hc_locator at;

    for (const char *const *begin = dialect->begins; begin && *begin; begin++)
        r->begun = r->begun || hc_str_find(comments, *begin, 0) >= 0;
    if (dialect->ends && hc_str_find(comments, dialect->ends, 0) >= 0)
        r->begun = false;
    if (why) {
        at = place(r, 0, n);
        if (!hc_sink_reject(r->sink, &at, error, "%s", why))
            return false;
    }
    hc_input_skip(r->in, n);
    return look(r, 1, error) >= 0;
}

static bool read_statement(struct reader *r, GError **error)
{
    static const char *const inserts[] = {"INSERT", "REPLACE", NULL};
    bool again = true;

    while (again) {
        struct hc_sql_token first = hc_sql_next(&r->text, 0);
        if (first.kind == HC_SQL_END && r->text.last)
            return pass_comments(r, r->text.s.n, error);
        if (first.kind > HC_SQL_CUT && first.start > 0) {
            if (!pass_comments(r, first.start, error))
                return false;
            continue;
        }
        if (hc_sql_word(first, "DELIMITER")) {
            hc_input_skip(r->in, first.start);
            return skip_delimited(r, error);
        }
        if (!(hc_sql_one_of(first, inserts) ? read_insert(r, first.end, &again, error)
                                            : read_other(r, first, &again, error)))
            return false;
    }
    return true;
}

/* All of it is one transaction, or says when it is complete: where that does not come, the dump was cut
 * between two statements. */
static bool check_end(struct reader *r, GError **error)
{
    struct hc_locator at = r->at;
    bool open = r->dialect->transaction && r->open;

    if ((!open && !r->begun) || r->cut)
        return true;
    at.record = ++r->records;
    return hc_sink_reject(r->sink, &at, error, "%s: rows may be missing",
                          open ? "the dump ends before its transaction does"
                               : "the dump does not say at its end that it is complete");
}

bool hc_sqldump_run(const struct hc_sqldump_dialect *dialect, struct hc_input *in, struct hc_sink *sink,
                    GError **error)
{
    g_autofree struct hc_sql_token *tokens = g_new(struct hc_sql_token, HC_COLUMNS_MAX);
    g_autofree struct hc_str *values = g_new(struct hc_str, HC_COLUMNS_MAX);
    struct reader r = {.dialect = dialect,
                       .in = in,
                       .sink = sink,
                       .tuple.values = tokens,
                       .values = values,
                       .head = g_string_new(NULL)};
    bool ok = true;
    int rc;

    r.text.dialect = dialect->tokens;
    r.strings.plain = g_string_new(NULL);
    r.created = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    r.owners = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);
    while (ok && (rc = look(&r, 1, error)) == 1)
        ok = read_statement(&r, error);
    ok = ok && rc == 0 && check_end(&r, error);
    close_table(&r);
    if (ok)
        hc_sink_read(sink, r.records);
    g_hash_table_unref(r.created);
    g_hash_table_unref(r.owners);
    g_string_free(r.head, TRUE);
    g_string_free(r.strings.plain, TRUE);
    hc_charset_free(r.strings.charset);
    g_free(r.database);
    return ok;
}
