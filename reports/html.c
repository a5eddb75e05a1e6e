/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/html_words.h"
#include "src/base/asset.h"
#include "src/base/keyed.h"
#include "src/base/markdown.h"
#include "src/narrate/entries.h"
#include "src/narrate/renderer.h"
#include "src/narrate/shell.h"
#include "src/narrate/typeset.h"

/*
 * One page that needs nothing but itself. Everything that is put into it is either from cmark by way of
 * src/base/markdown.h, or escaped here, or the figure, which its writer has escaped. Should something slip
 * through nevertheless, the page's policy allows no script, no request and no style but the one whose hash it
 * names.
 */

struct page {
    const struct hc_report_text *report;
    const struct hc_page_words *words;
    hc_markdown *md;
    GArray *uses;        /* guint per note, grows as references are met */
    GHashTable *anchors; /* names that are taken */
    GString *head, *nav, *body;
    GString *heading; /* words of the last heading, for the label of what follows */
    guint tables, sections, figures;
    bool in_section, key_shown, key_wanted;
    struct hc_entries entries; /* of this section */
};

/* ---- small things ---- */

static void escape(GString *out, const char *text)
{
    hc_html_escape(out, hc_str(text));
}

/* `name`, or the first of name-2, name-3, ... that nothing on the page is called; yours. */
static char *take_anchor(struct page *page, const char *name)
{
    char *anchor = g_strdup(name);

    for (unsigned i = 2; g_hash_table_contains(page->anchors, anchor); i++) {
        g_free(anchor);
        anchor = g_strdup_printf("%s-%u", name, i);
    }
    g_hash_table_add(page->anchors, g_strdup(anchor));
    return anchor;
}

static bool is_evidence_label(const char *label)
{
    return label[0] == 'e' && label[1] && strspn(label + 1, "0123456789") == strlen(label + 1);
}

/* What the reader sees of a label: e12 is number 12. */
static const char *shown_label(const char *label)
{
    return is_evidence_label(label) ? label + 1 : label;
}

/* Other labels are set apart by a character that no slug has. */
static const char *note_prefix(const char *label)
{
    return is_evidence_label(label) ? "" : "n_";
}

static char *block_text(const struct hc_block *block)
{
    GString *text = g_string_new(NULL);

    hc_block_text(text, block);
    return g_string_free(text, FALSE);
}

static bool is_comment(const struct hc_block *block, const char *want)
{
    if (!block || hc_block_kind(block) != HC_BLOCK_COMMENT)
        return false;
    g_autofree char *text = block_text(block);
    return strcmp(text, want) == 0;
}

static bool is_heading(const struct hc_block *block, int deepest)
{
    return block && hc_block_kind(block) == HC_BLOCK_HEADING && hc_block_level(block) <= deepest;
}

/* Opens a region that scrolls by itself, so that the page never does; the keyboard reaches it. */
static void open_scroll(GString *out)
{
    g_string_append(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
}

/* ---- references ---- */

static void write_references(GString *out, const struct hc_reference *group, size_t n, void *data)
{
    struct page *page = data;

    /* the word joiner keeps the group on the line of its sentence, where the script could break before it */
    g_string_append(out, "<sup class=\"fn\">\xe2\x81\xa0");
    for (size_t i = 0; i < n; i++) {
        const char *label = group[i].label;
        if (page->uses->len <= group[i].note)
            g_array_set_size(page->uses, (guint)group[i].note + 1);
        guint use = ++g_array_index(page->uses, guint, group[i].note);
        if (i)
            g_string_append(out, "<span aria-hidden=\"true\">, </span>");
        g_string_append_printf(out, "<a id=\"r_%s-%u\" href=\"#%s%s\" aria-label=\"%s %s\">%s</a>", label,
                               use, note_prefix(label), label, page->words->evidence, shown_label(label),
                               shown_label(label));
    }
    g_string_append(out, "</sup>");
}

static void write_back_links(struct page *page, const char *label, guint uses)
{
    g_string_append(page->body, "<div class=\"bk\">");
    for (guint i = 0; i < uses; i++) {
        g_string_append_printf(page->body, "%s<a href=\"#r_%s-%u\" aria-label=\"%s%u%s%s\">", i ? " " : "",
                               label, i + 1, page->words->back, i + 1, page->words->of_evidence,
                               shown_label(label));
        if (uses == 1)
            g_string_append(page->body, "\xe2\x86\x91"); /* upwards arrow */
        else
            hc_typeset_letters(page->body, i);
        g_string_append(page->body, "</a>");
    }
    g_string_append(page->body, "</div>");
}

/* A note is the place of a record, a colon, what it holds. */
static void write_note(struct page *page, const struct hc_note *note, guint uses)
{
    ptrdiff_t colon = hc_typeset_find(note->html, ": "), wide = hc_typeset_find(note->html, "：");
    bool is_wide = wide >= 0 && (colon < 0 || wide < colon);
    size_t place = is_wide ? (size_t)wide : colon >= 0 ? (size_t)colon : strlen(note->html);
    const char *rest = note->html + place;

    rest += is_wide ? strlen("：") : *rest ? strlen(": ") : 0;
    g_string_append_printf(page->body, "<li id=\"%s%s\"><span class=\"no\">%s</span><div class=\"s\">",
                           note_prefix(note->label), note->label, shown_label(note->label));
    hc_typeset_path(page->body, note->html, place);
    g_string_append(page->body, "</div><div class=\"qq\">");
    hc_typeset(page->body, rest);
    g_string_append(page->body, "</div>");
    if (uses)
        write_back_links(page, note->label, uses);
    g_string_append(page->body, "</li>\n");
}

static void write_notes(struct page *page, const struct hc_note *notes, size_t n)
{
    g_string_append(page->body, "<ol class=\"ev\" role=\"list\">\n");
    for (size_t i = 0; i < n; i++)
        write_note(page, &notes[i], i < page->uses->len ? g_array_index(page->uses, guint, i) : 0);
    g_string_append(page->body, "</ol>\n");
}

/* ---- sections ---- */

static void close_section(struct page *page)
{
    if (page->in_section)
        g_string_append(page->body, page->sections ? "</section>\n" : "</div>\n");
    page->in_section = false;
}

static void open_section(struct page *page, const char *text, const char *html)
{
    g_autofree char *slug = hc_typeset_slug(text), *anchor = take_anchor(page, slug);

    close_section(page);
    page->in_section = true;
    page->sections++;
    hc_entries_clear(&page->entries);
    g_string_append_printf(page->body, "<section class=\"sec\" aria-labelledby=\"%s\">\n<h2 id=\"%s\">",
                           anchor, anchor);
    hc_typeset(page->body, html);
    g_string_append(page->body, "</h2>\n");
    g_string_append_printf(page->nav, "<li><a href=\"#%s\">", anchor);
    escape(page->nav, text);
    g_string_append(page->nav, "</a></li>\n");
}

/* A second # is a section like any other: the page has one title. */
static void write_heading(struct page *page, const struct hc_block *block)
{
    g_autofree char *text = block_text(block), *html = hc_typeset_inner(block);

    g_string_assign(page->heading, text);
    if (hc_block_level(block) <= 2) {
        open_section(page, text, html);
        return;
    }
    g_autofree char *slug = hc_typeset_slug(text), *anchor = take_anchor(page, slug);
    hc_typeset_day(text, page->entries.day);
    g_string_append_printf(page->body, "<h%d id=\"%s\">", hc_block_level(block), anchor);
    hc_typeset(page->body, html);
    g_string_append_printf(page->body, "</h%d>\n", hc_block_level(block));
}

/* ---- tables ---- */

/* Numbers, dates and ranges of them are not broken; prose and paths are. */
static bool keeps_together(const char *html)
{
    const char *p = html;

    while (*p && *p != '<' && !g_ascii_isalpha(*p))
        p++;
    return !*p && p != html && p - html <= 40;
}

static void write_cell(GString *out, const struct hc_table *table, size_t row, size_t column)
{
    char align = table->align[column];
    const char *html = table->cells[row * table->columns + column];
    const char *class = align == 'c'           ? " class=\"c\""
                        : align == 'r'         ? " class=\"n\""
                        : keeps_together(html) ? " class=\"nb\""
                                               : "";

    g_string_append_printf(out, row == 0 ? "<th scope=\"col\"%s>" : "<td%s>", class);
    hc_typeset(out, html);
    g_string_append(out, row == 0 ? "</th>" : "</td>");
}

static void write_key_figures(struct page *page, const struct hc_table *table)
{
    g_string_append(page->body, "<dl class=\"key\">\n");
    for (size_t row = 1; row <= table->rows; row++) {
        g_string_append(page->body, "<div><dt>");
        hc_typeset(page->body, table->cells[row * 2]);
        g_string_append(page->body, "</dt><dd>");
        hc_typeset_value(page->body, table->cells[row * 2 + 1]);
        g_string_append(page->body, "</dd></div>\n");
    }
    g_string_append(page->body, "</dl>\n");
}

#define DENSE_COLUMNS 5

static void write_table(struct page *page, const struct hc_table *table)
{
    if (((page->sections == 1 && !page->key_shown) || page->key_wanted) && table->columns == 2) {
        page->key_shown = true;
        page->key_wanted = false;
        write_key_figures(page, table);
        return;
    }
    g_string_append(page->body, "<div class=\"wide\">");
    open_scroll(page->body);
    g_string_append_printf(page->body, "%s %u: ", page->words->table, ++page->tables);
    escape(page->body, page->heading->str);
    g_string_append_printf(page->body, "\">\n<table%s>\n",
                           table->columns >= DENSE_COLUMNS ? " class=\"dense\""
                           : table->columns > 2            ? ""
                                                           : " class=\"small\"");
    for (size_t row = 0; row <= table->rows; row++) {
        g_string_append(page->body, row == 0 ? "<thead><tr>" : row == 1 ? "<tbody>\n<tr>" : "<tr>");
        for (size_t column = 0; column < table->columns; column++)
            write_cell(page->body, table, row, column);
        g_string_append(page->body, row == 0 ? "</tr></thead>\n" : "</tr>\n");
    }
    g_string_append(page->body,
                    table->rows ? "</tbody></table>\n</div></div>\n" : "</table>\n</div></div>\n");
}

/* ---- paragraphs ---- */

#define LEGEND_LEVEL 3 /* of the heading that a timeline's legend may stand under */

/* The first paragraph of a section, or of a part of one, with a timeline. */
static bool is_legend(const struct hc_block *before, const struct hc_block *paragraph)
{
    int level = before && hc_block_kind(before) == HC_BLOCK_HEADING ? hc_block_level(before) : 0;

    if (!level || level > LEGEND_LEVEL)
        return false;
    for (const struct hc_block *b = hc_block_next(paragraph); b && !is_heading(b, MAX(level, 2));
         b = hc_block_next(b))
        if (hc_entries_are(b))
            return true;
    return false;
}

static bool is_caption(const struct hc_block *block)
{
    if (!block || hc_block_kind(block) != HC_BLOCK_PARAGRAPH)
        return false;
    g_autofree char *text = block_text(block);
    return g_str_has_prefix(text, "Figure") || g_str_has_prefix(text, "图");
}

/* The last block that it used. */
static const struct hc_block *write_figure(struct page *page, const struct hc_block *block)
{
    struct hc_str svg = page->report->svg[page->figures];
    const struct hc_block *caption = hc_block_next(block);
    g_autofree char *anchor = NULL;

    if (!svg.n)
        return block;
    page->figures++;
    if (!is_caption(caption))
        caption = NULL;
    if (caption) {
        anchor = page->figures == 1 ? g_strdup("figure-caption") : take_anchor(page, "figure-caption");
        g_string_append_printf(page->body, "<figure class=\"wide\" aria-labelledby=\"%s\">\n", anchor);
    } else {
        g_string_append(page->body, "<figure class=\"wide\">\n");
    }
    open_scroll(page->body);
    g_string_append_printf(page->body, "%s\">\n%.*s\n</div>\n", page->words->figure, HC_STR_ARG(svg));
    if (caption) {
        g_autofree char *html = hc_typeset_inner(caption);
        g_string_append_printf(page->body, "<figcaption id=\"%s\">", anchor);
        hc_typeset(page->body, html);
        g_string_append(page->body, "</figcaption>\n");
    }
    g_string_append(page->body, "</figure>\n");
    return caption ? caption : block;
}

#define LINE_BREAK "<br />\n"

/* A paragraph that begins with a label and has a place to fill in. */
static bool is_form(const char *html)
{
    return g_str_has_prefix(html, "<strong>") && hc_typeset_find(html, HC_BLANK) >= 0;
}

/* The action, and below it what is to be filled in. */
static void write_form(struct page *page, const char *html)
{
    const char *blank = html + hc_typeset_find(html, HC_BLANK), *cut = NULL, *rest = html;

    for (ptrdiff_t n; (n = hc_typeset_find(rest, LINE_BREAK)) >= 0 && rest + n < blank;
         rest = cut + strlen(LINE_BREAK))
        cut = rest + n;
    g_string_append(page->body, "<div class=\"act\">");
    if (cut) {
        g_autofree char *action = g_strndup(html, (size_t)(cut - html));
        g_string_append(page->body, "<p>");
        hc_typeset(page->body, action);
        g_string_append(page->body, "</p>");
    }
    g_string_append(page->body, "<p class=\"todo\">");
    hc_typeset_blanks(page->body, cut ? cut + strlen(LINE_BREAK) : html);
    g_string_append(page->body, "</p></div>\n");
}

static void write_paragraph(struct page *page, const struct hc_block *before, const struct hc_block *block)
{
    g_autofree char *html = hc_typeset_inner(block);

    if (is_legend(before, block))
        hc_entries_legend(page->body, &page->entries, html);
    else if (is_form(html))
        write_form(page, html);
    else
        hc_typeset_block(page->body, block);
}

/* ---- the page ---- */

/* The last block that it used. */
static const struct hc_block *write_block(struct page *page, const struct hc_block *before,
                                          const struct hc_block *block)
{
    enum hc_block_kind kind = hc_block_kind(block);

    if (!page->in_section && !is_heading(block, 2) && kind != HC_BLOCK_COMMENT && kind != HC_BLOCK_NOTES) {
        g_string_append(page->body, "<div class=\"sec\">\n");
        page->in_section = true;
    }
    if (kind == HC_BLOCK_HEADING)
        write_heading(page, block);
    else if (kind == HC_BLOCK_TABLE)
        write_table(page, hc_block_table(block));
    else if (kind == HC_BLOCK_PARAGRAPH)
        write_paragraph(page, before, block);
    else if (is_comment(block, "figure"))
        return write_figure(page, block);
    else if (is_comment(block, "key figures"))
        page->key_wanted = true;
    else if (hc_entries_are(block))
        hc_entries_write(page->body, &page->entries, block);
    else if (kind != HC_BLOCK_NOTES)
        hc_typeset_block(page->body, block);
    return block;
}

/* Where the lead ends: the marker, or the block after the first paragraph. */
static const struct hc_block *lead_end(const struct hc_block *block)
{
    for (const struct hc_block *b = block; b && !is_heading(b, 2); b = hc_block_next(b))
        if (is_comment(b, "more"))
            return b;
    return block && hc_block_kind(block) == HC_BLOCK_PARAGRAPH ? hc_block_next(block) : block;
}

static void write_lead(struct page *page, const struct hc_block *block)
{
    if (hc_block_kind(block) == HC_BLOCK_NOTES)
        return;
    if (hc_block_kind(block) != HC_BLOCK_PARAGRAPH) {
        hc_block_html(page->head, block);
        return;
    }
    g_autofree char *html = hc_typeset_inner(block);
    g_string_append(page->head, "<p class=\"lead\">");
    hc_typeset(page->head, html);
    g_string_append(page->head, "</p>\n");
}

/* Title and lead; the block after them. */
static const struct hc_block *write_head(struct page *page)
{
    const struct hc_block *block = hc_markdown_first(page->md);

    g_string_append(page->head, "<h1>");
    if (is_heading(block, 1)) {
        g_autofree char *html = hc_typeset_inner(block);
        hc_typeset(page->head, html);
        block = hc_block_next(block);
    } else {
        escape(page->head, page->report->title);
    }
    g_string_append(page->head, "</h1>\n");
    const struct hc_block *end = lead_end(block);
    for (; block != end; block = hc_block_next(block))
        write_lead(page, block);
    return block;
}

static void write_body(struct page *page, const struct hc_block *block)
{
    const struct hc_block *before = NULL;
    size_t n;
    const struct hc_note *notes = hc_markdown_notes(page->md, &n);

    while (block) {
        const struct hc_block *last = write_block(page, before, block);
        before = last;
        block = hc_block_next(last);
    }
    if (n && strcmp(page->heading->str, page->words->references) != 0)
        open_section(page, page->words->references, page->words->references);
    if (n)
        write_notes(page, notes, n);
    close_section(page);
}

/* ---- the shell ---- */

static void write_kicker(struct page *page, GString *out)
{
    const char *date = page->report->date;

    escape(out, page->words->kicker);
    if (date && *date) {
        g_autoptr(GString) shown = g_string_new(NULL);
        hc_typeset_date(shown, date, page->report->lang);
        g_string_append(out, " \xc2\xb7 <time datetime=\"");
        escape(out, date);
        g_string_append(out, "\">");
        escape(out, shown->str);
        g_string_append(out, "</time>");
    }
    for (const char *const *tag = page->report->tags; tag && *tag; tag++) {
        g_string_append(out, " \xc2\xb7 <span class=\"tag\">");
        escape(out, *tag);
        g_string_append(out, "</span>");
    }
}

static char *escaped(const char *text)
{
    GString *out = g_string_new(NULL);

    escape(out, text ? text : "");
    return g_string_free(out, FALSE);
}

static void write_page(struct page *page, GString *out)
{
    const struct hc_report_text *report = page->report;
    g_autoptr(GString) kicker = g_string_new(NULL), style = g_string_new(NULL);
    g_autofree char *title = escaped(report->title), *description = escaped(report->description),
                    *lang = escaped(report->lang);

    write_kicker(page, kicker);
    hc_shell_asset(style, "reports/templates/page.css");
    hc_shell_asset(style, "reports/templates/figure.css");
    g_autofree char *policy = hc_shell_policy(style->str);
    const struct hc_slot slots[] = {
        {"lang", lang},
        {"policy", policy},
        {"title", title},
        {"description", description},
        {"style", style->str},
        {"skip", page->words->skip},
        {"kicker", kicker->str},
        {"head", page->head->str},
        {"contents", page->words->contents},
        {"nav", page->nav->str},
        {"body", page->body->str},
        {"footer", page->words->footer},
        {NULL, NULL},
    };
    hc_shell_fill(out, "reports/templates/page.html", slots);
}

static void reserve_figure(struct page *page, struct hc_str svg)
{
    for (ptrdiff_t at = 0; (at = hc_str_find(svg, " id=\"", (size_t)at)) >= 0;) {
        struct hc_str rest = hc_str_skip(svg, (size_t)(at += (ptrdiff_t)strlen(" id=\"")));
        ptrdiff_t end = hc_str_chr(rest, '"');
        if (end >= 0)
            g_hash_table_add(page->anchors, hc_str_dup(hc_str_head(rest, (size_t)end)));
    }
}

/* Names that the shell and the notes have; headings get others. */
static void reserve_anchors(struct page *page)
{
    static const char *const fixed[] = {"main", "contents-heading", "figure-caption"};
    size_t n;
    const struct hc_note *notes = hc_markdown_notes(page->md, &n);

    for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_hash_table_add(page->anchors, g_strdup(fixed[i]));
    for (size_t i = 0; i < n; i++)
        g_hash_table_add(page->anchors, g_strdup(notes[i].label));
    for (const struct hc_str *svg = page->report->svg; svg->n; svg++)
        reserve_figure(page, *svg);
}

static void clear_page(struct page *page)
{
    hc_markdown_free(page->md);
    g_array_free(page->uses, TRUE);
    g_hash_table_destroy(page->anchors);
    g_string_free(page->head, TRUE);
    g_string_free(page->nav, TRUE);
    g_string_free(page->body, TRUE);
    g_string_free(page->heading, TRUE);
    hc_entries_clear(&page->entries);
}

static bool render(const struct hc_report_text *report, GString *out, GError **error)
{
    struct page page = {
        .report = report,
        .words = hc_page_words_for(report->lang),
        .uses = g_array_new(FALSE, TRUE, sizeof(guint)),
        .anchors = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL),
        .head = g_string_new(NULL),
        .nav = g_string_new(NULL),
        .body = g_string_new(NULL),
        .heading = g_string_new(NULL),
    };

    page.md = hc_markdown_parse(report->markdown, write_references, &page, error);
    if (page.md) {
        reserve_anchors(&page);
        write_body(&page, write_head(&page));
        write_page(&page, out);
    }
    bool good = page.md != NULL;
    clear_page(&page);
    return good;
}

const struct hc_renderer hc_renderer_html = {
    .name = "html",
    .file = "incident.html",
    .summary = "the report as one page that needs no network, script or other file",
    .render = render,
};
