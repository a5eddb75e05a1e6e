/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/marks.h"
#include "src/base/text.h"

#define MARK_CLOSE "\xef\xb7\x91%" /* U+FDD1 % */
#define LABEL_MAX 64

/* Indentation keeps its tabs, since they may mean nesting. */
static void clean_line(GString *out, struct hc_str line)
{
    size_t n = 0;

    if (hc_str_ends(line, "\r"))
        line.n--;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    g_string_append_len(out, line.p, (gssize)n);
    hc_text_visible(out, hc_str_skip(line, n), false);
}

struct hc_str hc_marks_line(struct hc_str *text)
{
    ptrdiff_t end = hc_str_chr(*text, '\n');
    struct hc_str line = end < 0 ? *text : hc_str_head(*text, (size_t)end);

    *text = hc_str_skip(*text, end < 0 ? text->n : (size_t)end + 1);
    return line;
}

void hc_marks_clean(GString *out, struct hc_str in)
{
    g_autoptr(GString) utf8 = g_string_sized_new(in.n + 1);

    hc_text_utf8(utf8, in);
    for (struct hc_str rest = hc_str_n(utf8->str, utf8->len); rest.n;) {
        clean_line(out, hc_marks_line(&rest));
        g_string_append_c(out, '\n');
    }
}

struct hc_str hc_marks_skip_front_matter(struct hc_str text)
{
    struct hc_str rest = text;

    if (!hc_str_starts(text, "---") || !hc_str_is(hc_str_trim(hc_marks_line(&rest)), "---"))
        return text;
    while (rest.n)
        if (hc_str_is(hc_str_trim(hc_marks_line(&rest)), "---"))
            return rest;
    return text;
}

/* Length of the label when `text` begins with `[^label]`, else 0. */
static size_t label_length(struct hc_str text)
{
    size_t n = 0;

    if (!hc_str_starts(text, "[^"))
        return 0;
    text = hc_str_skip(text, 2);
    while (n < text.n && (g_ascii_isalnum(text.p[n]) || text.p[n] == '-' || text.p[n] == '_'))
        n++;
    return n <= LABEL_MAX && n < text.n && text.p[n] == ']' ? n : 0;
}

void hc_marks_set(GString *out, struct hc_str in, GPtrArray *labels)
{
    bool escaped = false;

    for (size_t i = 0; i < in.n; i++) {
        size_t n = escaped ? 0 : label_length(hc_str_skip(in, i));
        if (n) {
            g_string_append_printf(out, "%s%u%s", HC_MARK, labels->len, MARK_CLOSE);
            g_ptr_array_add(labels, g_strndup(in.p + i + 2, n));
            i += n + 2;
        } else {
            g_string_append_c(out, in.p[i]);
        }
        escaped = in.p[i] == '\\' && !escaped;
    }
}

ptrdiff_t hc_mark_at(const GPtrArray *labels, const char *text, size_t *length)
{
    char *end;
    guint64 number;

    if (!g_str_has_prefix(text, HC_MARK) || !g_ascii_isdigit(text[strlen(HC_MARK)]))
        return -1;
    number = g_ascii_strtoull(text + strlen(HC_MARK), &end, 10);
    if (number >= labels->len || !g_str_has_prefix(end, MARK_CLOSE))
        return -1;
    *length = (size_t)(end - text) + strlen(MARK_CLOSE);
    return (ptrdiff_t)number;
}

char *hc_marks_undo(const GPtrArray *labels, const char *text)
{
    GString *out = g_string_new(NULL);

    while (*text) {
        size_t n = 1;
        ptrdiff_t mark = hc_mark_at(labels, text, &n);
        if (mark < 0)
            g_string_append_c(out, *text);
        else
            g_string_append_printf(out, "[^%s]", (const char *)labels->pdata[mark]);
        text += n;
    }
    return g_string_free(out, FALSE);
}
