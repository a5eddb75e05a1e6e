/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL, what pg_dump and pg_dumpall write (PostgreSQL documentation: "pg_dump", "COPY", section File
 * Formats, Text Format).
 *
 *   COPY public.journals (id, name, "time") FROM stdin;
 *   1<TAB>spam<TAB>2023-05-01 08:44:55.184203
 *   \.
 *   INSERT INTO public.journals VALUES (1, 'spam', '2023-05-01 08:44:55.184203');
 *   INSERT INTO public.journals (id, name, "time") VALUES
 *           (1, 'spam', '2023-05-01 08:44:55.184203'),
 *           (2, 'it''s', NULL);
 *
 * Columns are read by their names, never by position: those of the COPY or INSERT statement, else those of
 * the table's CREATE TABLE (and of the tables that it inherits) in the same dump. In a row of COPY, \N is
 * NULL; \b \f \n \r \t \v, octal \ooo and hexadecimal \xhh are escapes, any other escaped character is
 * itself. A timestamp is text, of which the profile says what zone it is in.
 *
 * A row is a record; its locator is that of its line, or of its tuple in an INSERT from parenthesis to
 * parenthesis. So is a large object, which is not read. All else is syntax and is not counted, but it is
 * taken apart far enough that nothing in a string, a function's body or a comment passes for a statement. A
 * block, row or statement without its end is reported, and so is a dump that began with the comment of
 * pg_dump and does not end with that which says it is complete.
 *
 * The type of a record is the table's name; with "SCHEMA." before it where the profile says what that is, and
 * for a table outside of the schema public where the dump has one of this name in there. \connect begins
 * another database. Where two tables of one dump would give records of one type, the rows of the second are
 * passed over and that is reported: they are not mixed.
 *
 * An archive (pg_dump -Fc, -Ft, -Fd) comes as the text that src/evidence/pgarchive.h describes, with marks
 * where its tables begin and end and where something could not be read: nothing in the data of one table
 * reaches into the next.
 */
#include "importers/pg_dump_parts.h"

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str start = hc_sql_preamble(peek->head);
    size_t copy = hc_sql_line_with(peek->head, "COPY ");

    if (hc_sql_line_with(start, "-- PostgreSQL database dump") < start.n ||
        hc_sql_line_with(start, "-- PostgreSQL database cluster dump") < start.n) {
        *why = "starts as pg_dump writes it";
        return 95;
    }
    if (copy < hc_sql_line_with(peek->head, "INSERT INTO `") &&
        hc_str_find(peek->head, " FROM stdin;", copy) >= 0) {
        *why = "holds COPY blocks";
        return 60;
    }
    return 0;
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    return hc_pg_tables_shown(peek->head);
}

/* Takes `schema`. A header that looks like the one before now means another table. */
static void set_schema(struct dump *d, char *schema)
{
    g_free(d->schema);
    d->schema = schema;
    g_string_truncate(d->header, 0);
}

/* "SET client_encoding = 'LATIN1'", by PostgreSQL's names. */
static bool set_encoding(struct dump *d, struct hc_str text, GError **error)
{
    ptrdiff_t open = hc_str_chr(text, '\'');
    struct hc_str name = hc_str_skip(text, (size_t)(open + 1));

    name = hc_str_head(name, (size_t)MAX(hc_str_chr(name, '\''), 0));
    g_clear_pointer(&d->charset, hc_charset_free);
    if (hc_pg_charset(name))
        d->charset = hc_charset_new(hc_pg_charset(name));
    if (d->charset || hc_str_is(name, "UTF8") || hc_str_is(name, "SQL_ASCII"))
        return true;
    d->from.record = ++d->at.record;
    return hc_sink_reject(d->sink, &d->from, error,
                          "the character set %.*s is not known: what is no UTF-8 in the rows is not shown",
                          HC_STR_ARG(name));
}

static bool end_statement(struct dump *d, GError **error)
{
    struct hc_str text = hc_pg_dump_utf8(d, hc_str_n(d->text->str, d->text->len));

    if (hc_str_starts(text, "COPY "))
        return hc_pg_dump_copy(d, text, error);
    if (hc_pg_creates_table(text))
        hc_pg_tables_create(d->created, text, d->schema);
    else if (hc_str_starts(text, "SET client_encoding"))
        return set_encoding(d, text, error);
    else if (hc_str_starts(text, "SET standard_conforming_strings"))
        d->lexer.escaped = hc_str_find(text, "off", 0) > 0;
    else if (hc_str_starts(text, "SET search_path = ")) {
        text = hc_str_skip(text, strlen("SET search_path = "));
        set_schema(d, hc_pg_name(&text));
    } else if (hc_str_starts(text, "SELECT pg_catalog.lo_open(")) {
        d->at.record++;
        hc_sink_ignore(d->sink, HC_STR_LIT("large objects"), "large objects are not read", 1);
    }
    return true;
}

static void start_piece(struct dump *d, size_t column)
{
    g_string_truncate(d->text, 0);
    d->too_long = false;
    d->from = d->at;
    d->from.offset += (int64_t)column;
    d->from.length = 0;
}

static void clear_statement(struct dump *d)
{
    start_piece(d, 0);
    d->part = STATEMENT;
    d->depth = d->blocks = 0;
}

static void append(struct dump *d, struct hc_str text)
{
    if (d->text->len + text.n > HC_PG_STATEMENT_MAX)
        d->too_long = true;
    else
        g_string_append_len(d->text, text.p, (gssize)text.n);
}

/* A function that is written in SQL has statements between BEGIN and END. */
static void count_block(struct dump *d, struct hc_str word)
{
    if (!g_str_has_prefix(d->text->str, "CREATE FUNCTION ") &&
        !g_str_has_prefix(d->text->str, "CREATE PROCEDURE ") &&
        !g_str_has_prefix(d->text->str, "CREATE OR REPLACE "))
        return;
    if (hc_str_is(word, "BEGIN") || (d->blocks && hc_str_is(word, "CASE")))
        d->blocks++;
    else if (d->blocks && hc_str_is(word, "END"))
        d->blocks--;
}

static bool in_statement(struct dump *d, enum hc_pg_token token, struct hc_str text, size_t column,
                         GError **error)
{
    bool ok;

    if (d->text->len == 0 && token == HC_PG_BLANK)
        return true;
    if (d->text->len == 0)
        start_piece(d, column);
    d->depth += token == HC_PG_OPEN;
    d->depth -= token == HC_PG_CLOSE && d->depth > 0;
    if (token == HC_PG_WORD && d->depth == 0) {
        count_block(d, text);
        if (hc_str_is(text, "VALUES") && g_str_has_prefix(d->text->str, "INSERT INTO "))
            return hc_pg_dump_insert(d, error);
    }
    if (token != HC_PG_END || d->depth || d->blocks) {
        append(d, text);
        return true;
    }
    ok = d->too_long || end_statement(d, error);
    clear_statement(d);
    return ok;
}

static bool in_rows(struct dump *d, enum hc_pg_token token, struct hc_str text, size_t column, GError **error)
{
    if (token == HC_PG_OPEN && d->part == ROWS && d->depth++ == 0) {
        start_piece(d, column);
        return true;
    }
    if (token == HC_PG_CLOSE && d->depth > 0 && --d->depth == 0)
        return hc_pg_dump_tuple(d, &d->at, column + 1, error);
    if (d->depth == 0 && token == HC_PG_WORD)
        d->part = TAIL;
    if (d->depth == 0 && token == HC_PG_END)
        clear_statement(d);
    if (d->depth)
        append(d, text);
    return true;
}

/* psql's own commands; \connect leads to another database. */
static void meta_command(struct dump *d, struct hc_str line)
{
    if (!hc_str_starts(line, "\\connect "))
        return;
    hc_pg_dump_close(d);
    hc_pg_tables_forget(d->created);
    d->lexer.escaped = false;
    set_schema(d, g_strdup(""));
    g_clear_pointer(&d->charset, hc_charset_free);
    g_free(d->database);
    d->database = hc_str_dup(hc_str_skip(line, strlen("\\connect ")));
}

/* Whatever it is part of cannot be told: the next line begins a statement. */
static bool long_line(struct dump *d, GError **error)
{
    d->lexer.mode = HC_PG_PLAIN;
    clear_statement(d);
    d->at.record++;
    return hc_sink_reject(d->sink, &d->at, error, "the line is longer than %u bytes", HC_LINE_MAX);
}

/*
 * No statement has such a line outside of its strings: the one before it has lost its end. In an INSERT that
 * is missed rows. (Only in strings may the evidence choose the words.)
 */
static bool lost_end(struct dump *d, struct hc_str line)
{
    if (d->lexer.mode != HC_PG_PLAIN || (d->part == STATEMENT && d->text->len == 0))
        return false;
    return (hc_str_starts(line, "COPY ") && hc_str_ends(line, " FROM stdin;")) ||
           (d->part != STATEMENT && hc_str_starts(line, "INSERT INTO "));
}

/* The end of the dump, or of what could be read of it, should be that of a statement. */
static bool cut_statement(struct dump *d, const char *what, GError **error)
{
    struct hc_locator now = d->at;
    bool ok;

    d->at = (struct hc_locator){now.record, d->from.line, d->from.offset, 0};
    ok = hc_pg_dump_unended(d, what, error);
    now.record = d->at.record;
    d->at = now;
    d->lexer.mode = HC_PG_PLAIN;
    clear_statement(d);
    return ok;
}

/* The line end before this line, which belongs to a string that goes on. */
static void join_line(struct dump *d)
{
    bool cr = d->at.offset - d->line_end == 2;

    if (d->at.line == 2)
        d->crlf = cr;
    if (d->at.line > 1 && (d->text->len || d->part != STATEMENT))
        append(d, cr && !d->crlf ? HC_STR_LIT("\r\n") : HC_STR_LIT("\n"));
    d->line_end = d->at.offset + d->at.length;
}

static bool is_fresh(const struct dump *d)
{
    return d->part == STATEMENT && d->text->len == 0 && d->lexer.mode == HC_PG_PLAIN;
}

/* What was begun before a part of an archive, or before a place that cannot be read, does not go on. */
static bool marked_line(struct dump *d, enum hc_mark mark, GError **error)
{
    const char *what = d->part == STATEMENT ? "a statement" : "an INSERT";

    if (mark == HC_MARK_BROKEN) {
        d->lexer.mode = HC_PG_PLAIN;
        clear_statement(d);
        return hc_pg_dump_broken(d, error);
    }
    return mark != HC_MARK_START || is_fresh(d) || cut_statement(d, what, error);
}

static bool read_tokens(struct dump *d, struct hc_str line, size_t column, GError **error)
{
    for (size_t i = 0; i < line.n && !d->copy;) {
        size_t from = i;
        enum hc_pg_token token = hc_pg_next(&d->lexer, line, &i);
        struct hc_str text = hc_str_n(line.p + from, i - from);
        if (d->part == STATEMENT ? !in_statement(d, token, text, column + from, error)
                                 : !in_rows(d, token, text, column + from, error))
            return false;
    }
    return true;
}

/* "-- PostgreSQL database dump", "-- PostgreSQL database cluster dump complete": each that begins has to
 * end. */
static void note_comment(struct dump *d, struct hc_str line)
{
    if (!hc_str_starts(line, "-- PostgreSQL database "))
        return;
    line = hc_str_trim(line);
    if (hc_str_ends(line, " dump"))
        d->begun++;
    else if (hc_str_ends(line, " dump complete") && d->begun > 0)
        d->begun--;
}

static bool sql_line(struct dump *d, struct hc_str line, GError **error)
{
    bool fresh = is_fresh(d);

    if (!line.p)
        return long_line(d, error);
    if (fresh)
        note_comment(d, line);
    if (fresh && hc_str_starts(line, "\\")) {
        meta_command(d, line);
        return true;
    }
    if (lost_end(d, line)) {
        bool insert = d->part != STATEMENT || g_str_has_prefix(d->text->str, "INSERT ");
        if (insert && !cut_statement(d, "an INSERT", error))
            return false;
        clear_statement(d);
    }
    return read_tokens(d, line, 0, error);
}

/* ---- lines beyond the limit: they are taken apart piece by piece, for what stands behind them may be the
 * inside of a string ---- */

/* The text ahead without the line end that ends it, or up to a place to part it: 1, 0 = it cannot be parted,
 * -1 = failed. */
static int next_piece(struct dump *d, struct hc_str *piece, bool *last, GError **error)
{
    struct hc_locator at;
    const char *end;
    int rc = hc_input_ahead(d->in, HC_PEEK_SIZE * 16, piece, &at, error);

    if (rc < 0)
        return -1;
    end = rc ? memchr(piece->p, '\n', piece->n) : NULL;
    *last = rc == 0 || end || piece->n < HC_PEEK_SIZE * 16;
    if (end)
        *piece = hc_str_head(*piece, (size_t)(end - piece->p));
    else if (!*last)
        *piece = hc_str_head(*piece, hc_pg_part(&d->lexer, *piece));
    return *last || piece->n > 0;
}

/* The line ahead, which is too long to be held: true with `*done` when it was read. */
static bool read_pieces(struct dump *d, bool *done, GError **error)
{
    struct hc_str piece;
    size_t column = 0;
    bool last = false;

    *done = false;
    while (!last) {
        int rc = next_piece(d, &piece, &last, error);
        if (rc <= 0)
            return rc == 0;
        if (!*done) {
            hc_input_ahead(d->in, 1, &(struct hc_str){0}, &d->at, error);
            d->at.length = 0;
            join_line(d);
        }
        *done = true;
        if (!read_tokens(d, last && hc_str_ends(piece, "\r") ? hc_str_head(piece, piece.n - 1) : piece,
                         column, error))
            return false;
        column += piece.n;
        hc_input_skip(d->in, piece.n);
    }
    d->line_end = d->at.offset + (int64_t)column;
    if (hc_input_ahead(d->in, 1, &piece, &(struct hc_locator){0}, error) == 1)
        hc_input_skip(d->in, 1);
    return true;
}

/* Does the next line go beyond the limit? 1, 0, -1 = failed. */
static int is_long(struct dump *d, GError **error)
{
    struct hc_str text = {0};
    struct hc_locator at;
    size_t want = 1;
    int rc;

    while ((rc = hc_input_ahead(d->in, want, &text, &at, error)) == 1 && text.n >= want &&
           text.n <= HC_LINE_MAX) {
        if (memchr(text.p + want - 1, '\n', text.n - (want - 1)))
            return 0;
        want = text.n + 1;
    }
    if (rc == 1)
        rc = text.n > HC_LINE_MAX && !memchr(text.p, '\n', HC_LINE_MAX);
    return rc;
}

static bool at_end(struct dump *d, GError **error)
{
    if (d->part == STATEMENT)
        hc_pg_dump_close(d); /* the next reject is not about its rows */
    if (!is_fresh(d))
        return cut_statement(d, d->part == STATEMENT ? "a statement" : "an INSERT", error);
    if (!d->begun || d->told_cut ||
        hc_input_made(d->in)) /* an archive has other ways to say that it is whole */
        return true;
    d->at.record++;
    d->at.length = 0;
    return hc_sink_reject(d->sink, &d->at, error,
                          "the dump does not say at its end that it is complete: rows may be missing");
}

/* The next line, or one that is too long to be held and was `*read` already: 1, 0 = no more, -1 = failed. */
static int next_line(struct dump *d, struct hc_str *line, bool *read, GError **error)
{
    int rc = hc_input_made(d->in) ? 0 : is_long(d, error);

    *read = false;
    if (rc < 0 || (rc == 1 && !read_pieces(d, read, error)))
        return -1;
    return *read ? 1 : hc_input_line(d->in, line, &d->at, error);
}

static bool read_dump(struct dump *d, GError **error)
{
    struct hc_str line;
    bool ok = true, read = false;
    int rc;

    while (ok && (rc = next_line(d, &line, &read, error)) == 1) {
        const char *why;
        enum hc_mark mark = read ? HC_MARK_NONE : hc_input_marked(d->in, &why);
        ok = mark == HC_MARK_NONE || marked_line(d, mark, error);
        if (!read)
            join_line(d);
        if (ok && !read && mark != HC_MARK_BROKEN)
            ok = sql_line(d, line, error);
        if (ok && d->copy)
            ok = hc_pg_dump_block(d, error);
        d->copy = false;
    }
    return ok && rc == 0;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct dump d = {.in = in,
                     .sink = sink,
                     .text = g_string_new(NULL),
                     .header = g_string_new(NULL),
                     .database = g_strdup(""),
                     .schema = g_strdup("")};
    bool ok;

    d.plain = g_string_new(NULL);
    d.cells = g_new0(struct hc_str, HC_PG_COLUMNS_MAX);
    d.created = hc_pg_tables_new();
    d.owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    ok = read_dump(&d, error) && at_end(&d, error);
    hc_pg_dump_close(&d);
    hc_sink_read(sink, d.at.record);
    g_hash_table_unref(d.owners);
    hc_pg_tables_free(d.created);
    g_free(d.cells);
    g_free(d.database);
    g_free(d.schema);
    g_string_free(d.header, TRUE);
    g_string_free(d.plain, TRUE);
    hc_charset_free(d.charset);
    g_string_free(d.text, TRUE);
    return ok;
}

const struct hc_importer hc_importer_pg_dump = {
    .name = "pg_dump",
    .summary = "PostgreSQL dump: plain (COPY or INSERT), custom, tar, directory",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
