/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MySQL and MariaDB, the files of mysqldump --tab, which are those of SELECT ... INTO OUTFILE (MySQL manual:
 * "mysqldump", "LOAD DATA").
 *
 *   journals.sql   CREATE TABLE `journals` (`id` int, `name` text, `removed` datetime);
 *   journals.txt   1<TAB>spam<TAB>\N
 *                  2<TAB>two\<line end>lines<TAB>2023-05-01 08:44:55
 *
 * The rows do not name their columns: NAME.sql beside NAME.txt does, in the same folder or archive and packed
 * in the same way. Without it they are not read, for a guess would be none. The record type is the name of
 * that table.
 *
 * A backslash makes the next character part of the value: \0 \b \n \r \t \Z are control characters, any other
 * is itself, also a tab or a line end; \N alone is NULL. Other separators than tabs and quotes around fields
 * (--fields-terminated-by, --fields-enclosed-by) are found by their giving the most rows of the head as many
 * fields as the table has columns; tabs come first, and quotes are taken for such where most texts stand in
 * some. A row ends with LF, or CRLF where all rows of the head do. A record is a row.
 */
#include "src/evidence/sqldump.h"

#define HC_ROW_MAX (16u << 20) /* a longer row is passed over and rejected */

/* How fields are written. */
struct form {
    char separator;
    bool quotes; /* may stand around a field */
    bool crlf;
};

enum fate { ROW_WHOLE, ROW_CUT };

struct row {
    struct hc_str *fields; /* as they stand; room for HC_COLUMNS_MAX */
    size_t n;              /* there may be more than room */
    size_t length, used;   /* without and with the line end */
};

/* ---- one row ---- */

/* To the separator or line end behind the field at `i`; text.n where there is none. */
static size_t skip_field(struct hc_str text, size_t i, const struct form *form)
{
    bool quoted = form->quotes && i < text.n && text.p[i] == '"';

    for (i += quoted; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\\')
            i++;
        else if (quoted && c == '"' && i + 1 < text.n && text.p[i + 1] == '"')
            i++;
        else if (quoted && c == '"')
            quoted = false;
        else if (!quoted && (c == form->separator || c == '\n'))
            break;
    }
    return MIN(i, text.n);
}

/* The row at the start of `text`; without its line end it is cut. */
static enum fate read_row(struct hc_str text, const struct form *form, struct row *row)
{
    size_t i = 0, end;

    for (row->n = 0;; row->n++) {
        size_t start = i;
        end = i = skip_field(text, i, form);
        if (i == text.n)
            return ROW_CUT;
        if (text.p[i] == '\n' && form->crlf && end > start && text.p[end - 1] == '\r')
            end--;
        if (row->n < HC_COLUMNS_MAX)
            row->fields[row->n] = hc_str_n(text.p + start, end - start);
        if (text.p[i++] == '\n')
            break;
    }
    row->n++;
    row->length = end;
    row->used = i;
    return ROW_WHOLE;
}

static bool decode(struct hc_str field, const struct form *form, struct hc_table *table, size_t column,
                   struct hc_str *text)
{
    static const char from[] = "0bnrtZ", to[] = "\0\b\n\r\t\x1a";
    bool quoted = form->quotes && field.n && field.p[0] == '"';
    GString *out;

    *text = hc_str_is(field, "\\N") ? HC_STR_NONE : field;
    if (!text->p)
        return true;
    if (quoted && (field.n < 2 || field.p[field.n - 1] != '"'))
        return false;
    if (quoted)
        *text = field = hc_str_n(field.p + 1, field.n - 2);
    if (hc_str_chr(field, '\\') < 0 && (!quoted || hc_str_chr(field, '"') < 0))
        return true;
    out = hc_table_buffer(table, column);
    for (size_t i = 0; i < field.n; i++) {
        bool escaped = field.p[i] == '\\' && i + 1 < field.n;
        const char *known = escaped && field.p[i + 1] ? strchr(from, field.p[i + 1]) : NULL;
        i += escaped || (quoted && field.p[i] == '"');
        g_string_append_c(out, known ? to[known - from] : i < field.n ? field.p[i] : '"');
    }
    *text = hc_str_n(out->str, out->len);
    return true;
}

/* ---- the columns ---- */

static bool is_packed(const char *extension)
{
    static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst", ".lzma", ".Z", NULL};

    return g_strv_contains(packed, extension);
}

/* The name of the file that names the columns of NAME.txt: NAME.sql, NAME.sql.gz of NAME.txt.gz; NULL for a
 * file of another name. */
static char *definition_name(const char *name)
{
    const char *dot = strrchr(name, '.'), *packing = dot && is_packed(dot) ? dot : "";
    g_autofree char *plain = g_strndup(name, strlen(name) - strlen(packing));

    if (!g_str_has_suffix(plain, ".txt"))
        return NULL;
    plain[strlen(plain) - strlen(".txt")] = '\0';
    return g_strconcat(plain, ".sql", packing, NULL);
}

static const struct hc_sqldump_dialect mysql = {.tokens = HC_SQL_MYSQL, .created = hc_sqldump_created};

/* The table of this name, or the only one: its name and columns, yours; NULL where the definition has
 * none. */
static char **find_table(const char *file, struct hc_str definition)
{
    g_autofree char *base = g_path_get_basename(file);
    GPtrArray *all = hc_sqldump_tables(&mysql, definition);
    char **found = NULL;

    base[strcspn(base, ".")] = '\0';
    for (guint i = 0; i < all->len && !found; i++)
        if (strcmp(((char **)all->pdata[i])[0], base) == 0)
            found = g_strdupv(all->pdata[i]);
    if (!found && all->len == 1)
        found = g_strdupv(all->pdata[0]);
    g_ptr_array_unref(all);
    return found;
}

static char **table_beside(struct hc_beside *beside, const char *file)
{
    g_autofree char *name = definition_name(file);
    struct hc_str head = name ? hc_beside_head(beside, name) : HC_STR_NONE;

    return head.p ? find_table(file, head) : NULL;
}

/* ---- how it is written ---- */

/* What the rows of the head are like when they are read in a form. */
struct trial {
    size_t rows, fitting; /* of the width of the table */
    size_t quoted, bare;  /* fields; bare ones are not NULL and no numbers */
};

static void count_field(struct trial *trial, struct hc_str field)
{
    bool number = field.n > 0;

    for (size_t i = 0; i < field.n; i++)
        number = number && field.p[i] && strchr("+-.0123456789eE", field.p[i]);
    if (field.n > 1 && field.p[0] == '"' && field.p[field.n - 1] == '"')
        trial->quoted++;
    else if (!number && !hc_str_is(field, "\\N"))
        trial->bare++;
}

static struct trial try_form(struct hc_str head, const struct form *form, size_t width)
{
    g_autofree struct hc_str *fields = g_new(struct hc_str, HC_COLUMNS_MAX);
    struct row row = {.fields = fields};
    struct trial trial = {0};

    const bool more = head.n >= HC_PEEK_SIZE;

    for (; head.n && read_row(head, form, &row) == ROW_WHOLE; head = hc_str_skip(head, row.used)) {
        trial.rows++;
        trial.fitting += row.n == width;
        for (size_t i = 0; row.n == width && i < MIN(row.n, HC_COLUMNS_MAX); i++)
            count_field(&trial, row.fields[i]);
    }
    if (!trial.rows && more && row.n &&
        row.n < width) /* the first row is longer than the head, and its first fields may be so written */
        trial = (struct trial){.rows = 1, .fitting = 1};
    return trial;
}

static bool all_crlf(struct hc_str head)
{
    size_t n = 0, crlf = 0;

    for (size_t i = 0; i < head.n; i++) {
        bool escaped = i > 0 && head.p[i - 1] == '\\';
        n += head.p[i] == '\n' && !escaped;
        crlf += head.p[i] == '\n' && i > 0 && head.p[i - 1] == '\r';
    }
    return n > 0 && crlf == n;
}

/* The form in which the most rows have the width of the table; quotes are of the form where most texts stand
 * in some. */
static struct form find_form(struct hc_str head, size_t width, struct trial *best)
{
    static const char separators[] = "\t,;|";
    struct form found = {.separator = '\t', .crlf = all_crlf(head)};

    *best = (struct trial){0};
    for (size_t i = 0; separators[i]; i++) {
        struct form form = {separators[i], true, found.crlf};
        struct trial trial = try_form(head, &form, width);
        form.quotes = trial.quoted > trial.bare;
        if (!form.quotes)
            trial = try_form(head, &form, width);
        if (trial.fitting > best->fitting) {
            found = form;
            *best = trial;
        }
    }
    return found;
}

/* ---- reading ---- */

struct reader {
    struct hc_input *in;
    struct hc_sink *sink;
    const char *name;
    struct form form;
    struct hc_table *table;
    struct row row;
    int64_t records;
};

/* The next row, with what was read of it in `text`: 1, 0 = no more, -1 = failed. One beyond the limit is
 * ROW_CUT with more text than that. */
static int next_row(struct reader *r, struct hc_str *text, struct hc_locator *at, enum fate *fate,
                    GError **error)
{
    size_t want = 1;
    int rc;

    while ((rc = hc_input_ahead(r->in, want, text, at, error)) == 1) {
        *fate = read_row(*text, &r->form, &r->row);
        if (*fate == ROW_WHOLE || text->n < want || text->n > HC_ROW_MAX)
            break;
        want = MAX(text->n + 1, (size_t)HC_PEEK_SIZE) * 2;
    }
    return rc;
}

static bool reject(struct reader *r, struct hc_str text, struct hc_locator *at, GError **error)
{
    const char *end = text.n > HC_ROW_MAX ? memchr(text.p + HC_ROW_MAX, '\n', text.n - HC_ROW_MAX) : NULL;
    size_t n = end ? (size_t)(end - text.p) + 1 : text.n;

    at->length = (int64_t)n;
    hc_input_skip(r->in, n);
    if (text.n > HC_ROW_MAX)
        return hc_sink_reject(r->sink, at, error, "%s: the row is longer than %u bytes", r->name, HC_ROW_MAX);
    return hc_sink_reject(r->sink, at, error, "%s: the file ends inside this row", r->name);
}

static bool push_row(struct reader *r, struct hc_str text, const struct hc_locator *at, GError **error)
{
    struct row *row = &r->row;

    if (hc_table_outside(r->table, text))
        return true;
    for (size_t i = 0; row->n == hc_table_columns(r->table) && i < row->n; i++)
        if (hc_table_needs(r->table, i) && !decode(row->fields[i], &r->form, r->table, i, &row->fields[i]))
            return hc_sink_reject(r->sink, at, error, "%s: value %zu of this row cannot be read", r->name,
                                  i + 1);
    return hc_table_row(r->table, row->fields, row->n, at, error);
}

static bool read_rows(struct reader *r, GError **error)
{
    struct hc_locator at;
    struct hc_str text;
    enum fate fate;
    int rc;

    while ((rc = next_row(r, &text, &at, &fate, error)) == 1) {
        at.record = ++r->records;
        if (fate == ROW_CUT || r->row.length > HC_ROW_MAX) {
            if (!reject(r, text, &at, error))
                return false;
            continue;
        }
        at.length = (int64_t)r->row.length;
        if (!push_row(r, hc_str_head(text, r->row.length), &at, error))
            return false;
        hc_input_skip(r->in, r->row.used);
    }
    return rc == 0;
}

static GPtrArray *column_names(char **table)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (char **p = table + 1; *p; p++)
        g_ptr_array_add(names, g_strdup(*p));
    return names;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    const struct hc_settings *settings = hc_sink_settings(sink);
    const char *file = *settings->member ? settings->member : settings->path;
    g_autofree char *definition = definition_name(file);
    g_auto(GStrv) table = table_beside(settings->beside, file);
    g_autofree struct hc_str *fields = g_new(struct hc_str, HC_COLUMNS_MAX);
    g_autoptr(GPtrArray) names = table ? column_names(table) : NULL;
    struct reader r = {.in = in, .sink = sink, .row.fields = fields};
    struct trial trial;
    bool ok;

    if (!table || names->len > HC_COLUMNS_MAX)
        return hc_fail(error, HC_ERROR_INPUT, "nothing names the columns of its rows%s%s",
                       definition ? ": that would be a CREATE TABLE in " : "", definition ? definition : "");
    r.name = table[0];
    r.form = find_form(hc_input_peek(in), names->len, &trial);
    r.table = hc_table_new(sink, hc_str(table[0]), names);
    ok = read_rows(&r, error);
    hc_table_free(r.table);
    if (ok)
        hc_sink_read(sink, r.records);
    return ok;
}

/* ---- what kind of file ---- */

/* NULL as a field of its own, which no other format with tabs writes so. */
static bool has_null(struct hc_str head)
{
    for (ptrdiff_t at = -1; (at = hc_str_find(head, "\\N", (size_t)(at + 1))) >= 0;) {
        size_t end = (size_t)at + 2;
        if ((at == 0 || head.p[at - 1] == '\t' || head.p[at - 1] == '\n') && end < head.n && head.p[end] &&
            strchr("\t\r\n", head.p[end]))
            return hc_str_chr(head, '\t') >= 0;
    }
    return false;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    g_autofree char *definition = definition_name(peek->name);
    g_auto(GStrv) table = table_beside(peek->beside, peek->name);
    struct trial trial = {0};

    if (table)
        find_form(peek->head, g_strv_length(table) - 1, &trial);
    if (table && (trial.fitting * 2 > trial.rows || !peek->head.n)) { /* not any text beside any dump */
        *why = "rows of mysqldump --tab, with columns from the .sql file beside it";
        return 90;
    }
    if (!definition || !has_null(peek->head))
        return 0;
    *why = "rows with tabs and \\N, as mysqldump --tab writes them, without the .sql file that names the "
           "columns";
    return 30;
}

static GPtrArray *tables(const struct hc_peek *peek)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    char **table = table_beside(peek->beside, peek->name);

    if (table)
        g_ptr_array_add(all, table);
    return all;
}

const struct hc_importer hc_importer_mysql_tab = {
    .name = "mysql_tab",
    .summary = "MySQL or MariaDB, NAME.txt of mysqldump --tab beside its NAME.sql (by profile)",
    .needs = HC_NEEDS_TAKEN,
    .bid = bid,
    .tables = tables,
    .run = run,
};
