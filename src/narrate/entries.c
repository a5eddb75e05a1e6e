/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/entries.h"

#define NBSP "\xc2\xa0"
#define TIME_START "<strong>"
#define TIME_END "</strong> \xe2\x80\x93 " /* en dash */

bool hc_entries_are(const struct hc_block *list)
{
    if (hc_block_kind(list) != HC_BLOCK_LIST)
        return false;
    for (const struct hc_block *item = hc_block_child(list); item; item = hc_block_next(item)) {
        const struct hc_block *first = hc_block_child(item);
        if (!first || hc_block_kind(first) != HC_BLOCK_PARAGRAPH)
            return false;
        g_autofree char *html = hc_typeset_inner(first);
        const char *end = strstr(html, "</strong>");
        if (!g_str_has_prefix(html, TIME_START) || !end || !g_str_has_prefix(end, TIME_END))
            return false;
    }
    return true;
}

/* The letter when HTML of length n ends in a one-letter code span, else 0. */
static char mark_before(const char *html, size_t n)
{
    const size_t size = strlen("<code>D</code>");
    const char *p = html + n - size;

    return n >= size && g_str_has_prefix(p, "<code>") && g_ascii_isupper(p[6]) &&
                   g_str_has_prefix(p + 7, "</code>")
               ? p[6]
               : '\0';
}

static bool ends_sentence(const char *html, size_t n)
{
    static const char *const ends[] = {".", "!", "?", ":", ")", "”", "。", "！", "？", "）", "：", "…"};

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
        if (hc_str_ends(hc_str_n(html, n), ends[i]))
            return true;
    return n == 0;
}

static void write_mark(GString *out, const struct hc_entries *entries, char letter)
{
    const char *meaning = entries->legend[letter - 'A'];

    if (meaning)
        g_string_append_printf(out, "<abbr title=\"%s\">%c</abbr>", meaning, letter);
    else
        g_string_append_printf(out, "<b>%c</b>", letter);
}

/* Where the marks at the end of `html[0..n]` begin; n when there are none. An account may be called `M`: so
 * marks stand only behind the end of the sentence. */
static size_t marks_start(const char *html, size_t n)
{
    size_t start = n, end = n;

    for (;;) {
        while (end && html[end - 1] == ' ')
            end--;
        if (!mark_before(html, end))
            break;
        start = end -= strlen("<code>D</code>");
    }
    return ends_sentence(html, end) ? start : n;
}

/* One line of an entry: sentence, marks, references. */
static void write_entry_line(GString *out, const struct hc_entries *entries, const char *html)
{
    const char *refs = g_str_has_suffix(html, "</sup>") ? g_strrstr(html, "<sup class=\"fn\">") : NULL;
    size_t n = refs ? (size_t)(refs - html) : strlen(html), start = marks_start(html, n);
    g_autofree char *sentence = g_strchomp(g_strndup(html, start));

    hc_typeset(out, sentence);
    if (start < n) {
        g_string_append(out, NBSP "<span class=\"src\">");
        for (size_t i = start; i < n; i++)
            if (g_str_has_prefix(html + i, "<code>")) {
                write_mark(out, entries, html[i + 6]);
                i += strlen("<code>D</code>") - 1;
            } else {
                g_string_append(out, " ");
            }
        g_string_append(out, "</span>");
    }
    g_string_append(out, html + n);
}

static void write_time(GString *out, const struct hc_entries *entries, const char *html)
{
    bool exact = strspn(html, "0123456789:") == strlen(html);

    g_string_append_printf(out, "<li><div class=\"t%s\">", exact ? "" : " q");
    hc_typeset_clock(out, html, entries->day);
    g_string_append(out, "</div><div>");
}

/* The first paragraph of an entry: its time, its sentence, and what stands on further lines as a remark. */
static void write_entry(GString *out, const struct hc_entries *entries, const char *html)
{
    const char *end = strstr(html, TIME_END);
    g_autofree char *when = g_strndup(html + strlen(TIME_START), (size_t)(end - html) - strlen(TIME_START));
    g_autofree char *what = g_strdup(end + strlen(TIME_END));
    ptrdiff_t line = hc_typeset_find(what, "\n");

    write_time(out, entries, when);
    if (line >= 0)
        what[line] = '\0';
    g_string_append(out, "<p>");
    write_entry_line(out, entries, what);
    g_string_append(out, "</p>\n");
    if (line >= 0) {
        g_string_append(out, "<p class=\"rep\">");
        write_entry_line(out, entries, what + line + 1);
        g_string_append(out, "</p>\n");
    }
}

void hc_entries_write(GString *out, const struct hc_entries *entries, const struct hc_block *list)
{
    g_string_append(out, "<ol class=\"tlist\" role=\"list\">\n");
    for (const struct hc_block *item = hc_block_child(list); item; item = hc_block_next(item)) {
        const struct hc_block *first = hc_block_child(item);
        g_autofree char *html = hc_typeset_inner(first);
        write_entry(out, entries, html);
        for (const struct hc_block *more = hc_block_next(first); more; more = hc_block_next(more))
            hc_typeset_block(out, more);
        g_string_append(out, "</div></li>\n");
    }
    g_string_append(out, "</ol>\n");
}

/* "`D` registry database, `M` mail logs": each letter stands for the words up to the next punctuation. */
void hc_entries_legend(GString *out, struct hc_entries *entries, const char *html)
{
    static const char *const ends[] = {",", ".", "，", "、", "。", "；", "<", NULL};

    g_string_append(out, "<p>");
    for (const char *p = html; *p;) {
        const size_t size = strlen("<code>D</code>");
        char letter = strlen(p) >= size ? mark_before(p, size) : '\0';
        if (!letter) {
            g_string_append_c(out, *p++);
            continue;
        }
        g_string_append_printf(out, "<span class=\"src\"><b>%c</b></span>", letter);
        p += size;
        if (*p == ' ') { /* a mark stays with its words */
            g_string_append(out, NBSP);
            p++;
        }
        size_t n = strlen(p);
        for (const char *const *end = ends; *end; end++) {
            const char *hit = strstr(p, *end);
            n = hit && (size_t)(hit - p) < n ? (size_t)(hit - p) : n;
        }
        g_free(entries->legend[letter - 'A']);
        entries->legend[letter - 'A'] = g_strstrip(g_strndup(p, n));
    }
    g_string_append(out, "</p>\n");
}

void hc_entries_clear(struct hc_entries *entries)
{
    for (size_t i = 0; i < G_N_ELEMENTS(entries->legend); i++)
        g_clear_pointer(&entries->legend[i], g_free);
    entries->day[0] = '\0';
}
