/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values (RFC 4180), and the same with semicolons, tabs or pipes between the fields. The
 * first row names the fields, unless case.yaml does (`columns`); one that looks like a record is never taken
 * for names.
 *
 *   id,name,action,submitted_date
 *   1,spam,"a ""quoted"" text
 *   over two lines",2023-05-01 08:44:55
 *
 * A field in quotes may hold separators, line ends and doubled quotes; elsewhere a quote is an ordinary
 * character. A row ends with LF or CRLF; an empty line is no row. The format knows no NULL: as PostgreSQL
 * writes it, a field of nothing at all is NULL, and one of two quotes is the empty text. The record type is
 * the file's name without folders and extensions: data/users.csv.gz holds users.
 *
 * Text is UTF-8, with or without a byte order mark, or UTF-16 with one, which is held in memory as a whole
 * and converted. Offsets and lengths count the bytes of the file, also in UTF-16. A record is a row behind
 * the first; its locator is that of its first line.
 */
#include "importers/csv_parts.h"
#include "src/evidence/said.h"

#define HC_ROW_MAX (16u << 20) /* a longer row is passed over and rejected */

enum { SEPARATORS = 4 };
static const char separators[SEPARATORS + 1] = ",;\t|";
static const char *const reasons[SEPARATORS] = {
    "rows of fields with commas between them",
    "rows of fields with semicolons between them",
    "rows of fields with tabs between them",
    "rows of fields with pipes between them",
};

/* ---- the bytes ---- */

/* The text of the file, as UTF-8, from row to row. */
struct reader {
    struct hc_input *in;
    struct hc_sink *sink;
    GString *converted;   /* of UTF-16; NULL: the input is read as it comes */
    size_t from;          /* what was consumed of it */
    struct hc_locator at; /* of the next row */
    int64_t records;
    char separator;
    struct row row;
};

/* How many bytes of it are lines with their ends: nobody knows how the last goes on, where the file is cut.
 */
static size_t whole_lines(struct hc_str text)
{
    const char *end = text.n ? memrchr(text.p, '\n', text.n) : NULL;

    return end ? (size_t)(end - text.p) + 1 : 0;
}

/* What lies ahead: 1, 0 = nothing more, -1 = failed. */
static int ahead(struct reader *r, size_t want, struct hc_str *text, GError **error)
{
    if (!r->converted) {
        int rc = hc_input_ahead(r->in, want, text, &r->at, error);
        if (rc == 1 && text->n < want && hc_input_fault(r->in))
            *text = hc_str_head(*text, whole_lines(*text));
        return rc < 0 ? rc : text->n > 0;
    }
    *text = hc_str_skip(hc_str_n(r->converted->str, r->converted->len), r->from);
    return text->n > 0;
}

static void skip(struct reader *r, struct hc_str text, size_t n)
{
    if (!r->converted) {
        hc_input_skip(r->in, n);
        return;
    }
    r->from += n;
    r->at.offset += hc_csv_utf16_bytes(hc_str_head(text, n));
    for (size_t i = 0; i < n; i++)
        r->at.line += text.p[i] == '\n';
}

/* The place of `n` bytes of text that start the next row. */
static struct hc_locator place(const struct reader *r, struct hc_str text, size_t n)
{
    struct hc_locator at = r->at;

    at.record = r->records;
    at.length = r->converted ? hc_csv_utf16_bytes(hc_str_head(text, n)) : (int64_t)n;
    return at;
}

/*
 * The next row that is no empty line, with all of it in `text`: 1, 0 = no more, -1 = failed. A row beyond the
 * limit is ROW_CUT with more text than the limit.
 */
static int next_row(struct reader *r, struct hc_str *text, enum fate *fate, GError **error)
{
    size_t want = 1;
    int rc;

    while ((rc = ahead(r, want, text, error)) == 1) {
        bool last = r->converted || text->n < want;
        *fate = hc_csv_row(*text, r->separator, last, &r->row);
        if (*fate == ROW_CUT && !last && text->n <= HC_ROW_MAX) {
            want = MAX(text->n + 1, (size_t)HC_PEEK_SIZE) * 2;
            continue;
        }
        if (*fate != ROW_WHOLE || r->row.length)
            return 1;
        skip(r, *text, r->row.used);
        want = 1;
    }
    return rc;
}

/* ---- what kind of file ---- */

/* A name of a field is some visible text without the marks of other formats; that one is missing is told when
 * the names are taken. */
static bool is_name(struct hc_str name, bool strict)
{
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c < 0x20 || c == 0x7f || (strict && !g_ascii_isalnum(c) && !strchr("_-. ", c)))
            return false;
    }
    return !strict || (name.n > 0 && (g_ascii_isalpha(name.p[0]) || name.p[0] == '_'));
}

static struct hc_str unquoted(struct hc_str field)
{
    return field.n >= 2 && field.p[0] == '"' ? hc_str_n(field.p + 1, field.n - 2) : field;
}

static bool is_header(const struct row *row, bool strict)
{
    for (size_t i = 0; i < MIN(row->n, HC_COLUMNS_MAX); i++)
        if (!is_name(hc_str_trim(unquoted(row->fields[i])), strict))
            return false;
    return true;
}

/* How many rows behind the header of the head are as wide as it; -1: not even the header is one, or a row is
 * not. */
static int matching_rows(struct hc_str text, bool whole, char separator, bool strict, struct row *row)
{
    size_t width;
    int n = 0;

    if (hc_csv_row(text, separator, whole, row) != ROW_WHOLE || !is_header(row, strict))
        return -1;
    width = row->n;
    for (text = hc_str_skip(text, row->used); text.n; text = hc_str_skip(text, row->used)) {
        enum fate fate = hc_csv_row(text, separator, whole, row);
        if (fate == ROW_CUT)
            break;
        if (!row->length)
            continue;
        if (strict && (fate == ROW_BROKEN || row->n != width))
            return -1;
        n += row->n == width;
    }
    row->n = width;
    return n;
}

/* A first line "sep=;", which Excel takes for the separator and not for a row: how long it is, with its end;
 * 0: there is none. */
static size_t said_separator(struct hc_str text, char *separator)
{
    const bool quoted = hc_str_starts(text, "\"sep=");
    struct hc_str rest = hc_str_skip(text, quoted);

    if (rest.n < 6 || g_ascii_strncasecmp(rest.p, "sep=", 4) != 0 || !rest.p[4] ||
        !strchr(separators, rest.p[4]))
        return 0;
    *separator = rest.p[4];
    rest = hc_str_skip(rest, 5);
    if (quoted && !hc_str_starts(rest, "\""))
        return 0;
    rest = hc_str_skip(rest, quoted);
    if (!hc_str_starts(rest, "\n") && !hc_str_starts(rest, "\r\n"))
        return 0;
    return (size_t)(rest.p - text.p) + (rest.p[0] == '\r' ? 2 : 1);
}

/* The separator that gives the widest header, among those the most rows of its width; 0: none does. */
static char find_separator(struct hc_str text, char said, bool whole, bool strict, int *rows)
{
    g_autofree struct hc_str *fields = g_new(struct hc_str, HC_COLUMNS_MAX);
    struct row row = {.fields = fields};
    size_t best = 0;
    char found = 0;

    *rows = -1;
    for (int i = 0; i < SEPARATORS; i++) {
        if (said && separators[i] != said)
            continue;
        int n = matching_rows(text, whole, separators[i], strict, &row);
        if (n < 0 || (found && (row.n < 2 || (n <= *rows && row.n <= best) || (n == 0 && *rows > 0))))
            continue;
        if (!found || best < 2 || n > *rows || (n == *rows && row.n > best)) {
            found = separators[i];
            best = row.n;
            *rows = n;
        }
    }
    return best >= 2 || !strict ? found : 0;
}

/* The table, and whether the file is called as one of ours. */
static char *type_of(const char *said, const char *path, bool *named)
{
    static const char *const ours[] = {"csv", "tsv", "tab", "psv", NULL};
    g_autofree char *extension = NULL;
    char *type = hc_said_table(said, path, &extension);

    *named = extension && g_strv_contains(ours, extension);
    return type;
}

/* The separator that gives the first row as many fields as there are columns; 0: none does. */
static char separator_for(struct hc_str text, bool whole, const GPtrArray *columns)
{
    g_autofree struct hc_str *fields = g_new(struct hc_str, HC_COLUMNS_MAX);
    struct row row = {.fields = fields};

    for (int i = 0; i < SEPARATORS; i++)
        if (hc_csv_row(text, separators[i], whole, &row) != ROW_CUT && row.n == columns->len)
            return separators[i];
    return 0;
}

/* The head as UTF-8, without empty lines and what says the separator at its beginning; `*buffer` holds it
 * where it had to be converted. `*said`: the separator, or 0. */
static struct hc_str readable(struct hc_str head, GString **buffer, char *said)
{
    char order = hc_csv_utf16(head);
    struct hc_str text = hc_str_without_bom(head);

    if (order) {
        *buffer = hc_csv_from_utf16(head, order);
        text = hc_str_n((*buffer)->str, (*buffer)->len);
    }
    *said = 0;
    text = hc_str_skip(text, said_separator(text, said));
    while (hc_str_starts(text, "\n") || hc_str_starts(text, "\r\n"))
        text = hc_str_skip(text, text.p[0] == '\r' ? 2 : 1);
    return text;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    g_autoptr(GString) buffer = NULL;
    g_autoptr(GPtrArray) columns = hc_said_columns(peek->columns);
    char said;
    struct hc_str text = readable(peek->head, &buffer, &said);
    bool named;
    int rows = 0;
    char separator;

    g_free(type_of(peek->columns, peek->name, &named));
    if (columns && (separator = separator_for(text, peek->whole, columns))) {
        *why = reasons[strchr(separators, separator) - separators];
        return 70;
    }
    separator = text.n ? find_separator(text, said, peek->whole, !named, &rows) : 0;
    if ((!separator || rows == 0) && !named)
        return 0;
    *why = separator ? reasons[strchr(separators, separator) - separators] : "it is called as such a file";
    return named ? text.n ? 70 : 0 : 20;
}

/* Its header, as text; the names of fields are trimmed. */
static GPtrArray *header_names(const struct row *row)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < row->n; i++) {
        g_autofree char *name = hc_str_dup(hc_str_trim(unquoted(row->fields[i])));
        g_auto(GStrv) parts = g_strsplit(name, "\"\"", -1);
        g_ptr_array_add(names, g_strjoinv("\"", parts));
    }
    return names;
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    g_autofree struct hc_str *fields = g_new(struct hc_str, HC_COLUMNS_MAX);
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev), *names;
    g_autoptr(GString) buffer = NULL;
    char said;
    struct hc_str text = readable(peek->head, &buffer, &said);
    struct row row = {.fields = fields};
    bool named;
    int rows;
    char *type = type_of(peek->columns, peek->name, &named),
         separator = find_separator(text, said, peek->whole, !named, &rows);

    names = hc_said_columns(peek->columns);
    if (!names && separator && hc_csv_row(text, separator, peek->whole, &row) == ROW_WHOLE &&
        row.n <= HC_COLUMNS_MAX)
        names = header_names(&row);
    if (!names) {
        g_free(type);
        return all;
    }
    g_ptr_array_insert(names, 0, type);
    g_ptr_array_add(names, NULL);
    g_ptr_array_add(all, g_ptr_array_free(names, FALSE));
    return all;
}

/* ---- reading ---- */

/* Behind the end of the line that the text at `from` is on, which may be far; `at` gets the length of what is
 * passed over. */
static bool skip_line(struct reader *r, struct hc_str text, size_t from, struct hc_locator *at,
                      GError **error)
{
    int rc = 1;

    while (rc == 1) {
        const char *end = memchr(text.p + from, '\n', text.n - from);
        size_t n = end ? (size_t)(end - text.p) + 1 : text.n;
        at->length += r->converted ? hc_csv_utf16_bytes(hc_str_head(text, n)) : (int64_t)n;
        skip(r, text, n);
        rc = end ? 0 : ahead(r, HC_PEEK_SIZE, &text, error);
        from = 0;
    }
    return rc == 0;
}

/* A row that cannot be used: the rest of the text when it is not closed, all of it up to the next line when
 * it is too long. */
static bool reject(struct reader *r, struct hc_str text, enum fate fate, GError **error)
{
    struct hc_locator at;

    if (fate != ROW_CUT) {
        at = place(r, text, r->row.length);
        skip(r, text, r->row.used);
        return fate == ROW_BROKEN
                   ? hc_sink_reject(r->sink, &at, error, "text behind a closing quote")
                   : hc_sink_reject(r->sink, &at, error, "the row is longer than %u bytes", HC_ROW_MAX);
    }
    if (text.n <= HC_ROW_MAX) {
        at = place(r, text, text.n);
        skip(r, text, text.n);
        return hc_sink_reject(r->sink, &at, error,
                              "the quote of a field is not closed up to the end of the file");
    }
    at = place(r, text, 0);
    if (!skip_line(r, text, HC_ROW_MAX, &at, error))
        return false;
    return hc_sink_reject(r->sink, &at, error, "the row is longer than %u bytes%s", HC_ROW_MAX,
                          r->row.quoted ? "; the quote of a field is not closed in it" : "");
}

static bool push_row(struct reader *r, struct hc_table *table, struct hc_str text, GError **error)
{
    struct hc_locator at = place(r, text, r->row.length);

    if (hc_table_outside(table, hc_str_head(text, r->row.length)))
        return true;
    for (size_t i = 0; i < MIN(r->row.n, hc_table_columns(table)); i++)
        if (hc_table_needs(table, i))
            r->row.fields[i] = hc_csv_field(r->row.fields[i], table, i);
    return hc_table_row(table, r->row.fields, r->row.n, &at, error);
}

/* The last row has no line end. Some writers leave it out; it is read, and that it may be a part of one is
 * said. */
static bool reject_open(struct reader *r, struct hc_str text, GError **error)
{
    struct hc_locator at;

    r->records++;
    at = place(r, text, 0);
    return hc_sink_reject(r->sink, &at, error,
                          "the file ends without a line end: if it was cut there, the last row is not whole "
                          "and more may be missing");
}

static bool read_rows(struct reader *r, struct hc_table *table, GError **error)
{
    struct hc_str text;
    enum fate fate;
    bool open;
    int rc;

    while ((rc = next_row(r, &text, &fate, error)) == 1) {
        r->records++;
        if (fate != ROW_WHOLE || r->row.length > HC_ROW_MAX) {
            if (!reject(r, text, fate, error))
                return false;
            continue;
        }
        open = r->row.used == r->row.length;
        if (!push_row(r, table, text, error))
            return false;
        skip(r, text, r->row.used);
        if (open && !reject_open(r, text, error))
            return false;
    }
    return rc == 0;
}

/* A number, a date, or what stands for NULL: nothing that a column would be called. */
static bool looks_like_value(struct hc_str field)
{
    static const char date[] = "0000-00-00";
    size_t digits = 0, n = 0;

    field = hc_str_trim(unquoted(field));
    for (; n < field.n && n < sizeof(date) - 1 &&
           (date[n] == '0' ? g_ascii_isdigit(field.p[n]) : field.p[n] == date[n]);
         n++)
        continue;
    if (n == sizeof(date) - 1 || hc_str_is(field, "\\N"))
        return true;
    for (size_t i = 0; i < field.n; i++) {
        if (!g_ascii_isdigit(field.p[i]) && !strchr("+-.", field.p[i]))
            return false;
        digits += g_ascii_isdigit(field.p[i]);
    }
    return digits > 0;
}

/* Why the first row, whose field `i` it is about, cannot be names. */
static bool no_names(struct hc_str row, size_t i, GError **error)
{
    if (row.n && memchr(row.p, '\0', row.n))
        return hc_fail(
            error, HC_ERROR_INPUT,
            "the first row holds NULs: it is UTF-16 without its mark, or no text; convert it to UTF-8");
    if (row.n && memchr(row.p, '\r', row.n))
        return hc_fail(error, HC_ERROR_INPUT, "its lines end in CR alone; convert them to end in LF");
    return hc_fail(error, HC_ERROR_INPUT,
                   "the first row looks like a record, not like names: field %zu; say what its columns are "
                   "in case.yaml (columns)",
                   i + 1);
}

/*
 * The names of the columns: those that the case says, and the first row, if it is these, is passed over; else
 * the first row, unless it looks like a record, of which none may be lost.
 */
static GPtrArray *take_names(struct reader *r, struct hc_str text, GError **error)
{
    GPtrArray *said = hc_said_columns(hc_sink_settings(r->sink)->columns), *first = header_names(&r->row);

    if (said && hc_said_same(first, said))
        skip(r, text, r->row.used);
    if (said)
        g_ptr_array_unref(first);
    if (said)
        return said;
    for (size_t i = 0; i < r->row.n; i++)
        if (!*(const char *)first->pdata[i] || looks_like_value(r->row.fields[i]) ||
            (r->row.n == 1 && strpbrk(first->pdata[i], separators))) {
            no_names(hc_str_head(text, r->row.length), i, error);
            g_ptr_array_unref(first);
            return NULL;
        }
    skip(r, text, r->row.used);
    return first;
}

/* The row of names, then all others. */
static bool read_table(struct reader *r, GError **error)
{
    const struct hc_settings *settings = hc_sink_settings(r->sink);
    bool named, ok;
    g_autofree char *type =
        type_of(settings->columns, *settings->member ? settings->member : settings->path, &named);
    g_autoptr(GPtrArray) names = NULL;
    struct hc_table *table;
    struct hc_str text;
    enum fate fate;
    int rc = next_row(r, &text, &fate, error);

    if (rc != 1)
        return rc == 0;
    if (fate != ROW_WHOLE || r->row.n > HC_COLUMNS_MAX)
        return hc_fail(error, HC_ERROR_INPUT, "the first row does not name the fields%s",
                       fate == ROW_WHOLE ? ": it has too many" : "");
    names = take_names(r, text, error);
    if (!names)
        return false;
    table = hc_table_new(r->sink, hc_str(type), names);
    ok = read_rows(r, table, error);
    hc_table_free(table);
    return ok;
}

/* Converts what is UTF-16; passes over a byte order mark, and over what says the separator. */
static bool start(struct reader *r, struct hc_str head, GError **error)
{
    char order = hc_csv_utf16(head), said;
    struct hc_str all, text = hc_str_without_bom(head);

    if (!order) {
        hc_input_skip(r->in, head.n - text.n + said_separator(text, &said));
        return true;
    }
    if (!hc_input_all(r->in, &all, error))
        return false;
    r->converted = hc_csv_from_utf16(all, order);
    if (hc_input_fault(r->in))
        g_string_truncate(r->converted, whole_lines(hc_str_n(r->converted->str, r->converted->len)));
    r->at = (struct hc_locator){.line = 1, .offset = 2};
    text = hc_str_n(r->converted->str, r->converted->len);
    skip(r, text, said_separator(text, &said));
    return true;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    g_autofree struct hc_str *fields = g_new(struct hc_str, HC_COLUMNS_MAX);
    struct reader r = {.in = in, .sink = sink, .row.fields = fields};
    g_autoptr(GString) buffer = NULL;
    char said;
    struct hc_str head = hc_input_peek(in), text = readable(head, &buffer, &said);
    bool whole = head.n < HC_PEEK_SIZE, ok;
    g_autoptr(GPtrArray) columns = hc_said_columns(hc_sink_settings(sink)->columns);
    int rows;

    r.separator = columns  ? separator_for(text, whole, columns)
                  : text.n ? find_separator(text, said, whole, false, &rows)
                           : 0;
    if (!r.separator)
        r.separator = said ? said : ',';
    ok = start(&r, head, error) && read_table(&r, error);
    if (ok)
        hc_sink_read(sink, r.records);
    if (r.converted)
        g_string_free(r.converted, TRUE);
    return ok;
}

const struct hc_importer hc_importer_csv = {
    .name = "csv",
    .summary = "CSV and TSV with a row of names, separators , ; tab | (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
