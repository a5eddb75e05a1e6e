/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/markup.h"
#include "src/base/text.h"

static GString *visible(struct hc_str text)
{
    GString *out = g_string_sized_new(text.n + 1);

    hc_text_visible(out, text, true);
    g_strdelimit(out->str, "\n", ' ');
    return out;
}

/* Where digits at the start of a text end in what makes them the number of a list. */
static size_t list_number_end(const char *text)
{
    size_t n = strspn(text, "0123456789");

    return n && (text[n] == '.' || text[n] == ')') ? n : SIZE_MAX;
}

/* "&" begins an entity, "!" an image, ":" an address that other readers of Markdown make a link, only before
 * these. */
static bool acts_before(char c, char next)
{
    switch (c) {
    case '&':
        return !next || next == '#' || g_ascii_isalnum(next);
    case '!':
        return !next || next == '[';
    case ':':
        return next == '/';
    default:
        return false;
    }
}

static bool wants_backslash(const char *text, size_t i, bool first)
{
    return strchr("\\`*_[]<>|#{}~", text[i]) || acts_before(text[i], text[i + 1]) ||
           (first && strchr("+-=.):!&", text[i]));
}

void hc_markdown_escape(GString *out, struct hc_str text)
{
    g_autoptr(GString) seen = visible(text);
    const char *p = seen->str;
    size_t start = strspn(p, " "), end = seen->len, number = list_number_end(p + start);

    while (end > start && p[end - 1] == ' ')
        end--;
    for (size_t i = 0; i < seen->len; i++) {
        if (i < start || i >= end) { /* a parser would trim these */
            g_string_append(out, "&#32;");
            continue;
        }
        if (wants_backslash(p, i, i == start) || i - start == number)
            g_string_append_c(out, '\\');
        g_string_append_c(out, p[i]);
    }
}

static bool has_template_opening(const char *text)
{
    return strstr(text, "{{") || strstr(text, "{%") || strstr(text, "{#");
}

static size_t longest_fence(const char *text)
{
    size_t longest = 0;

    for (size_t n; *text; text += n ? n : 1) {
        n = strspn(text, "`");
        longest = MAX(longest, n);
    }
    return longest;
}

/* Parsers give up on long fences (cmark at 80), and nobody can read them. */
#define LONGEST_FENCE 8

/* A parser takes one space off both ends when there is one at both and something between. */
static bool wants_padding(const GString *text)
{
    char first = text->str[0], last = text->str[text->len - 1];

    return first == '`' || last == '`' || (first == ' ' && last == ' ' && strspn(text->str, " ") < text->len);
}

void hc_markdown_code(GString *out, struct hc_str text)
{
    g_autoptr(GString) seen = visible(text);

    if (!seen->len)
        return;
    size_t ticks = longest_fence(seen->str);
    if (strchr(seen->str, '|') || has_template_opening(seen->str) || ticks >= LONGEST_FENCE) {
        hc_markdown_escape(out, hc_str_n(seen->str, seen->len));
        return;
    }
    g_autofree char *fence = g_strnfill(ticks + 1, '`');
    const char *pad = wants_padding(seen) ? " " : "";
    g_string_append_printf(out, "%s%s%s%s%s", fence, pad, seen->str, pad, fence);
}

void hc_html_escape(GString *out, struct hc_str text)
{
    g_autoptr(GString) seen = visible(text);

    for (const char *p = seen->str; *p; p++) {
        const char *entity = *p == '&'    ? "&amp;"
                             : *p == '<'  ? "&lt;"
                             : *p == '>'  ? "&gt;"
                             : *p == '"'  ? "&quot;"
                             : *p == '\'' ? "&#39;"
                                          : NULL;
        if (entity)
            g_string_append(out, entity);
        else
            g_string_append_c(out, *p);
    }
}

GPtrArray *hc_row_cells(struct hc_str line)
{
    GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) cell = g_string_new(NULL);

    line = hc_str_trim(line);
    if (!hc_str_starts(line, "|"))
        return cells;
    for (size_t i = 1; i < line.n; i++) {
        bool pair = line.p[i] == '\\' && i + 1 < line.n;
        if (line.p[i] == '|') {
            g_ptr_array_add(cells, hc_str_dup(hc_str_trim(hc_str(cell->str))));
            g_string_truncate(cell, 0);
            continue;
        }
        if (!pair || line.p[i + 1] != '|')
            g_string_append_c(cell, line.p[i]);
        if (pair)
            g_string_append_c(cell, line.p[++i]);
    }
    if (cell->len)
        g_ptr_array_add(cells, hc_str_dup(hc_str_trim(hc_str(cell->str))));
    return cells;
}

char *hc_row_alignment(struct hc_str line)
{
    g_autoptr(GPtrArray) cells = hc_row_cells(line);
    g_autoptr(GString) align = g_string_new(NULL);

    for (guint i = 0; i < cells->len; i++) {
        const char *cell = cells->pdata[i];
        size_t left = cell[0] == ':', dashes = strspn(cell + left, "-");
        size_t right = cell[left + dashes] == ':';
        if (dashes == 0 || cell[left + dashes + right])
            return NULL;
        g_string_append_c(align, left && right ? 'c' : right ? 'r' : left ? 'l' : '-');
    }
    return align->len ? g_strdup(align->str) : NULL;
}

bool hc_link_is_harmless(const char *url)
{
    static const char *const schemes[] = {"http", "https", "mailto"};
    size_t n = strcspn(url, ":/?#");

    if (url[n] != ':')
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (strlen(schemes[i]) == n && g_ascii_strncasecmp(url, schemes[i], n) == 0)
            return true;
    return false;
}

bool hc_html_is_comment(const char *html)
{
    struct hc_str text = hc_str_trim(hc_str(html));

    return hc_str_starts(text, "<!--") && hc_str_find(text, "-->", strlen("<!--")) == (ptrdiff_t)text.n - 3;
}

void hc_html_comment(GString *out, const char *html)
{
    struct hc_str text = hc_str_trim(hc_str(html));

    text = hc_str_trim(hc_str_head(hc_str_skip(text, strlen("<!--")), text.n - strlen("<!---->")));
    g_string_append_len(out, text.p, (gssize)text.n);
}
