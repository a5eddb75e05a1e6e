/* SPDX-License-Identifier: Apache-2.0 */
#include "importers/csv_parts.h"

#include "src/base/text.h"

/* Behind the closing quote of the field that starts at `from`, or -1. */
static ptrdiff_t skip_quotes(struct hc_str text, size_t from)
{
    for (size_t i = from + 1; i < text.n; i += 2) {
        const char *quote = memchr(text.p + i, '"', text.n - i);
        if (!quote)
            return -1;
        i = (size_t)(quote - text.p);
        if (i + 1 >= text.n || text.p[i + 1] != '"')
            return (ptrdiff_t)i + 1;
    }
    return -1;
}

/* From `i` to what ends a field: a separator, a line end or the end. */
static size_t skip_plain(struct hc_str text, size_t i, char separator)
{
    while (i < text.n && text.p[i] != separator && text.p[i] != '\n')
        i++;
    return i;
}

static void add_field(struct row *row, struct hc_str field)
{
    if (row->n < HC_COLUMNS_MAX)
        row->fields[row->n] = field;
    row->n++;
}

/* A CR before the line end belongs to it. */
static size_t before_line_end(struct hc_str text, size_t start, size_t end)
{
    return end > start && end < text.n && text.p[end - 1] == '\r' ? end - 1 : end;
}

enum fate hc_csv_row(struct hc_str text, char separator, bool last, struct row *row)
{
    enum fate fate = ROW_WHOLE;
    size_t i = 0;

    row->n = 0;
    row->quoted = false;
    for (;; i++) {
        bool quotes = i < text.n && text.p[i] == '"';
        ptrdiff_t behind = quotes ? skip_quotes(text, i) : (ptrdiff_t)i;
        size_t start = i, end;
        row->quoted = behind < 0;
        if (row->quoted)
            return ROW_CUT;
        i = skip_plain(text, (size_t)behind, separator);
        if (i == text.n && !last)
            return ROW_CUT;
        end = i < text.n && text.p[i] == '\n' ? before_line_end(text, (size_t)behind, i) : i;
        if (quotes && end != (size_t)behind)
            fate = ROW_BROKEN;
        add_field(row, hc_str_n(text.p + start, end - start));
        row->length = end;
        if (i == text.n || text.p[i] == '\n')
            break;
    }
    row->used = i + (i < text.n);
    return fate;
}

struct hc_str hc_csv_field(struct hc_str field, struct hc_table *table, size_t column)
{
    struct hc_str inner;
    GString *out;

    if (!field.n)
        return HC_STR_NONE;
    if (field.p[0] != '"')
        return field;
    inner = hc_str_n(field.p + 1, field.n - 2);
    if (hc_str_chr(inner, '"') < 0)
        return inner;
    out = hc_table_buffer(table, column);
    for (size_t i = 0; i < inner.n; i++) {
        g_string_append_c(out, inner.p[i]);
        i += inner.p[i] == '"';
    }
    return hc_str_n(out->str, out->len);
}

char hc_csv_utf16(struct hc_str head)
{
    if (hc_str_starts(head, "\xff\xfe"))
        return 'l';
    return hc_str_starts(head, "\xfe\xff") ? 'b' : 0;
}

GString *hc_csv_from_utf16(struct hc_str text, char order)
{
    GString *out = g_string_sized_new(text.n);

    hc_text_utf16(out, hc_str_skip(text, 2), order == 'b');
    return out;
}

int64_t hc_csv_utf16_bytes(struct hc_str text)
{
    int64_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        n += (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 4 : 2;
    }
    return n;
}
