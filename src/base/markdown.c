/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/markdown.h"

#include "src/base/marks.h"
#include "src/base/markup.h"

#include <cmark.h>
#include <stdlib.h>

struct table {
    struct hc_table shown;
    char *align;
    GPtrArray *cells;
};

struct hc_markdown {
    cmark_node *root;
    GString *source;      /* as cmark sees it */
    GArray *lines;        /* of source: struct hc_str */
    GPtrArray *labels;    /* by the number in a mark */
    GArray *notes;        /* struct hc_note; html holds the Markdown until all labels are known */
    GHashTable *labelled; /* label -> index of its note + 1 */
    GPtrArray *tables;
    hc_reference_fn reference;
    void *data;
    GError *error; /* the first */
};

/* What a paragraph of definitions has as user data; a table has its struct table. */
static char notes_mark;

static cmark_node *node_of(const struct hc_block *block)
{
    return (cmark_node *)block;
}

static const struct hc_block *block_of(cmark_node *node)
{
    return (const struct hc_block *)node;
}

/* ---- references ---- */

static int compare_references(const void *a, const void *b)
{
    size_t x = ((const struct hc_reference *)a)->note, y = ((const struct hc_reference *)b)->note;

    return (x > y) - (x < y);
}

static void sort_once(GArray *group)
{
    struct hc_reference *refs = (struct hc_reference *)(void *)group->data;
    guint kept = 0;

    g_array_sort(group, compare_references);
    for (guint i = 0; i < group->len; i++)
        if (i == 0 || refs[i].note != refs[kept - 1].note)
            refs[kept++] = refs[i];
    g_array_set_size(group, kept);
}

static void add_reference(hc_markdown *md, GArray *group, ptrdiff_t mark)
{
    struct hc_reference ref = {.label = md->labels->pdata[mark]};
    size_t number = GPOINTER_TO_SIZE(g_hash_table_lookup(md->labelled, ref.label));

    ref.note = number - 1;
    if (number)
        g_array_append_val(group, ref);
    else if (!md->error)
        hc_fail(&md->error, HC_ERROR_CONFIG,
                "the reference [^%s] has no note (a paragraph of its own that begins with \"[^%s]:\")",
                ref.label, ref.label);
}

/* The group of marks that `*text` begins with, as a node; `*text` is moved behind it. NULL when there is
 * none. */
static cmark_node *take_group(hc_markdown *md, const char **text)
{
    g_autoptr(GArray) group = g_array_new(FALSE, FALSE, sizeof(struct hc_reference));
    g_autoptr(GString) html = g_string_new(NULL);
    bool any = false;
    size_t n = 0;

    for (ptrdiff_t mark; (mark = hc_mark_at(md->labels, *text, &n)) >= 0; *text += n, any = true)
        add_reference(md, group, mark);
    if (!any)
        return NULL;
    sort_once(group);
    if (md->reference && group->len)
        md->reference(html, (const struct hc_reference *)(void *)group->data, group->len, md->data);
    cmark_node *node = cmark_node_new(CMARK_NODE_CUSTOM_INLINE);
    cmark_node_set_on_enter(node, html->str);
    return node;
}

/* Puts `text` before `node`, when there is any. */
static void put_text(cmark_node *node, GString *text)
{
    if (!text->len)
        return;
    cmark_node *piece = cmark_node_new(CMARK_NODE_TEXT);
    cmark_node_set_literal(piece, text->str);
    cmark_node_insert_before(node, piece);
    g_string_truncate(text, 0);
}

static void drop(cmark_node *node)
{
    cmark_node_unlink(node);
    cmark_node_free(node);
}

static void settle_text(hc_markdown *md, cmark_node *node)
{
    const char *text = cmark_node_get_literal(node);
    g_autoptr(GString) plain = g_string_new(NULL);

    if (!strstr(text, HC_MARK))
        return;
    while (*text) {
        cmark_node *group = take_group(md, &text);
        if (!group) {
            g_string_append_c(plain, *text++);
            continue;
        }
        while (plain->len && plain->str[plain->len - 1] == ' ')
            g_string_truncate(plain, plain->len - 1);
        put_text(node, plain);
        cmark_node_insert_before(node, group);
    }
    put_text(node, plain);
    drop(node);
}

/* ---- what a page must not have ---- */

static void unwrap(cmark_node *node, const char *before)
{
    g_autoptr(GString) text = g_string_new(before);

    put_text(node, text);
    for (cmark_node *child; (child = cmark_node_first_child(node));)
        cmark_node_insert_before(node, child);
    drop(node);
}

static void settle_html(hc_markdown *md, cmark_node *node, bool block)
{
    g_autofree char *html = hc_marks_undo(md->labels, cmark_node_get_literal(node));
    bool top = cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_DOCUMENT;

    if (hc_html_is_comment(html)) {
        if (!block || !top)
            drop(node);
        return;
    }
    cmark_node *text = cmark_node_new(CMARK_NODE_TEXT), *shown = text;
    cmark_node_set_literal(text, block ? g_strchomp(html) : html);
    if (block) {
        shown = cmark_node_new(CMARK_NODE_PARAGRAPH);
        cmark_node_append_child(shown, text);
    }
    cmark_node_replace(node, shown);
    cmark_node_free(node);
}

static void settle_link(hc_markdown *md, cmark_node *node)
{
    g_autofree char *url = hc_marks_undo(md->labels, cmark_node_get_url(node));
    g_autofree char *title = g_strdelimit(hc_marks_undo(md->labels, cmark_node_get_title(node)), "\n", ' ');

    if (!hc_link_is_harmless(url)) {
        unwrap(node, NULL);
        return;
    }
    cmark_node_set_url(node, url);
    cmark_node_set_title(node, title);
}

static bool inside_link(cmark_node *node)
{
    while (node && cmark_node_get_type(node) != CMARK_NODE_LINK)
        node = cmark_node_parent(node);
    return node != NULL;
}

static void settle_literal(hc_markdown *md, cmark_node *node)
{
    g_autofree char *text = hc_marks_undo(md->labels, cmark_node_get_literal(node));

    cmark_node_set_literal(node, text);
}

/* Blocks inside of others must not disturb the outline of the page. */
static void settle_heading(cmark_node *node)
{
    bool top = cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_DOCUMENT;

    if (!top && cmark_node_get_heading_level(node) < 4)
        cmark_node_set_heading_level(node, 4);
}

static void settle_node(hc_markdown *md, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        if (inside_link(node)) /* a link in a link is none */
            settle_literal(md, node);
        else
            settle_text(md, node);
        break;
    case CMARK_NODE_CODE_BLOCK:
        cmark_node_set_fence_info(node, "");
        settle_literal(md, node);
        break;
    case CMARK_NODE_CODE:
        settle_literal(md, node);
        break;
    case CMARK_NODE_HTML_INLINE:
    case CMARK_NODE_HTML_BLOCK:
        settle_html(md, node, cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK);
        break;
    case CMARK_NODE_IMAGE:
        unwrap(node, "image: ");
        break;
    case CMARK_NODE_LINK:
        settle_link(md, node);
        break;
    case CMARK_NODE_HEADING:
        settle_heading(node);
        break;
    default:
        break;
    }
}

/* The tree changes under way, so its nodes are listed first; a parent comes before its children. */
static void settle(hc_markdown *md, cmark_node *root)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    cmark_iter *iter = cmark_iter_new(root);

    while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (cmark_iter_get_event_type(iter) == CMARK_EVENT_ENTER)
            g_ptr_array_add(nodes, node);
    }
    cmark_iter_free(iter);
    for (guint i = 0; i < nodes->len; i++)
        settle_node(md, nodes->pdata[i]);
}

/* ---- rendering ---- */

static void render(GString *out, cmark_node *node)
{
    char *html = cmark_render_html(node, CMARK_OPT_DEFAULT);

    g_string_append(out, html);
    free(html);
}

static void render_children(GString *out, cmark_node *node)
{
    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child))
        render(out, child);
}

/* A per cent sign in front keeps a run from being read as a heading, a list or a definition; it goes
 * afterwards. */
static char *inline_html(hc_markdown *md, const char *text)
{
    g_autofree char *line = g_strdelimit(g_strconcat("%", text, NULL), "\n", ' ');
    GString *out = g_string_new(NULL);
    cmark_node *root = cmark_parse_document(line, strlen(line), CMARK_OPT_DEFAULT);
    cmark_node *paragraph = cmark_node_first_child(root);

    cmark_consolidate_text_nodes(root);
    cmark_node *first = cmark_node_first_child(paragraph);
    g_autofree char *rest = g_strdup(cmark_node_get_literal(first) + 1);
    cmark_node_set_literal(first, rest);
    settle(md, paragraph);
    render_children(out, paragraph);
    cmark_node_free(root);
    return g_string_free(out, FALSE);
}

void hc_markdown_inline(GString *out, struct hc_str text)
{
    g_autoptr(GString) seen = g_string_sized_new(text.n + 1);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    hc_markdown md = {.labels = none};
    hc_marks_clean(seen, text);
    g_autofree char *html = inline_html(&md, g_strchomp(seen->str));

    g_string_append(out, html);
}

/* ---- tables ---- */

static void free_table(void *data)
{
    struct table *table = data;

    g_free(table->align);
    g_ptr_array_free(table->cells, TRUE);
    g_free(table);
}

static void add_row(hc_markdown *md, struct table *table, struct hc_str line)
{
    g_autoptr(GPtrArray) cells = hc_row_cells(line);
    size_t columns = table->shown.columns;

    if (cells->len == 0) /* a line without pipe belongs to the paragraph: one cell */
        g_ptr_array_add(cells, hc_str_dup(hc_str_trim(line)));
    for (size_t i = 0; i < columns; i++) {
        g_autoptr(GString) text = g_string_new(i < cells->len ? cells->pdata[i] : "");
        for (size_t j = i + 1; i + 1 == columns && j < cells->len; j++)
            g_string_append_printf(text, " | %s", (char *)cells->pdata[j]);
        g_ptr_array_add(table->cells, inline_html(md, text->str));
    }
}

static struct hc_str line_at(const hc_markdown *md, int number)
{
    return g_array_index(md->lines, struct hc_str, number - 1);
}

/* True when the paragraph was a table: it is then kept as its user data. */
static bool read_table(hc_markdown *md, cmark_node *node)
{
    int first = cmark_node_get_start_line(node), last = cmark_node_get_end_line(node);

    if (last <= first)
        return false;
    g_autoptr(GPtrArray) header = hc_row_cells(line_at(md, first));
    g_autofree char *align = hc_row_alignment(line_at(md, first + 1));
    if (!align || header->len != strlen(align))
        return false;
    struct table *table = g_new0(struct table, 1);
    table->shown.columns = header->len;
    table->align = g_steal_pointer(&align);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    add_row(md, table, line_at(md, first));
    for (int i = first + 2; i <= last; i++)
        add_row(md, table, line_at(md, i));
    table->shown = (struct hc_table){
        .columns = table->shown.columns,
        .rows = (size_t)(last - first - 1),
        .align = table->align,
        .cells = (const char *const *)table->cells->pdata,
    };
    g_ptr_array_add(md->tables, table);
    cmark_node_set_user_data(node, table);
    return true;
}

/* ---- notes ---- */

/* The mark of a line that begins a definition, or -1; `*text` is then what follows the colon. */
static ptrdiff_t definition_at(const hc_markdown *md, struct hc_str line, const char **text)
{
    size_t n = 0;
    ptrdiff_t mark = hc_mark_at(md->labels, line.p, &n);

    if (mark < 0 || line.p[n] != ':')
        return -1;
    *text = line.p + n + 1;
    return mark;
}

static void add_note(hc_markdown *md, const char *label, struct hc_str text)
{
    struct hc_note note = {.label = g_strdup(label), .html = hc_str_dup(hc_str_trim(text))};

    g_array_append_val(md->notes, note);
    if (!g_hash_table_insert(md->labelled, note.label, GSIZE_TO_POINTER((gsize)md->notes->len)) && !md->error)
        hc_fail(&md->error, HC_ERROR_CONFIG, "there are two notes [^%s]", label);
}

static void extend_note(hc_markdown *md, struct hc_str line)
{
    struct hc_note *note = &g_array_index(md->notes, struct hc_note, md->notes->len - 1);
    g_autofree char *before = note->html, *more = hc_str_dup(hc_str_trim(line));

    note->html = g_strconcat(before, " ", more, NULL);
}

static void read_notes(hc_markdown *md, cmark_node *node)
{
    int first = cmark_node_get_start_line(node), last = cmark_node_get_end_line(node);
    const char *text = NULL;

    if (definition_at(md, line_at(md, first), &text) < 0)
        return;
    for (int i = first; i <= last; i++) {
        struct hc_str line = line_at(md, i);
        ptrdiff_t mark = definition_at(md, line, &text);
        if (mark < 0)
            extend_note(md, line);
        else
            add_note(md, md->labels->pdata[mark], hc_str_n(text, (size_t)(line.p + line.n - text)));
    }
    cmark_node_set_user_data(node, &notes_mark);
}

static void free_note(void *data)
{
    struct hc_note *note = data;

    g_free(note->label);
    g_free(note->html);
}

static void list_lines(hc_markdown *md)
{
    for (struct hc_str rest = hc_str_n(md->source->str, md->source->len); rest.n;) {
        struct hc_str line = hc_marks_line(&rest);
        g_array_append_val(md->lines, line);
    }
}

/* Notes first: a reference may stand before its note. */
static void read_blocks(hc_markdown *md)
{
    cmark_node *node, *next;

    for (node = cmark_node_first_child(md->root); node; node = cmark_node_next(node))
        if (cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH)
            read_notes(md, node);
    for (node = cmark_node_first_child(md->root); node; node = next) {
        next = cmark_node_next(node);
        if (cmark_node_get_user_data(node) == &notes_mark)
            continue;
        if (cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH || !read_table(md, node))
            settle(md, node);
    }
    for (guint i = 0; i < md->notes->len; i++) {
        struct hc_note *note = &g_array_index(md->notes, struct hc_note, i);
        g_autofree char *text = note->html;
        note->html = inline_html(md, text);
    }
}

hc_markdown *hc_markdown_parse(struct hc_str text, hc_reference_fn reference, void *data, GError **error)
{
    g_autoptr(hc_markdown) md = g_new0(hc_markdown, 1);
    g_autoptr(GString) cleaned = g_string_sized_new(text.n + 1);

    hc_marks_clean(cleaned, text);
    md->source = g_string_sized_new(cleaned->len + 1);
    md->lines = g_array_new(FALSE, FALSE, sizeof(struct hc_str));
    md->labels = g_ptr_array_new_with_free_func(g_free);
    md->notes = g_array_new(FALSE, FALSE, sizeof(struct hc_note));
    g_array_set_clear_func(md->notes, free_note);
    md->labelled = g_hash_table_new(g_str_hash, g_str_equal);
    md->tables = g_ptr_array_new_with_free_func(free_table);
    md->reference = reference;
    md->data = data;
    hc_marks_set(md->source, hc_marks_skip_front_matter(hc_str_n(cleaned->str, cleaned->len)), md->labels);
    list_lines(md);
    md->root = cmark_parse_document(md->source->str, md->source->len, CMARK_OPT_DEFAULT);
    cmark_consolidate_text_nodes(md->root);
    read_blocks(md);
    if (md->error) {
        g_propagate_error(error, g_steal_pointer(&md->error));
        return NULL;
    }
    return g_steal_pointer(&md);
}

void hc_markdown_free(hc_markdown *md)
{
    if (!md)
        return;
    if (md->root)
        cmark_node_free(md->root);
    g_string_free(md->source, TRUE);
    g_array_free(md->lines, TRUE);
    g_ptr_array_free(md->labels, TRUE);
    g_array_free(md->notes, TRUE);
    g_hash_table_destroy(md->labelled);
    g_ptr_array_free(md->tables, TRUE);
    g_clear_error(&md->error);
    g_free(md);
}

const struct hc_note *hc_markdown_notes(const hc_markdown *md, size_t *n)
{
    *n = md->notes->len;
    return (const struct hc_note *)(void *)md->notes->data;
}

const struct hc_block *hc_markdown_first(const hc_markdown *md)
{
    return block_of(cmark_node_first_child(md->root));
}

const struct hc_block *hc_block_next(const struct hc_block *block)
{
    return block_of(cmark_node_next(node_of(block)));
}

const struct hc_block *hc_block_child(const struct hc_block *block)
{
    return block_of(cmark_node_first_child(node_of(block)));
}

enum hc_block_kind hc_block_kind(const struct hc_block *block)
{
    cmark_node *node = node_of(block);
    void *data = cmark_node_get_user_data(node);

    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
        return HC_BLOCK_HEADING;
    case CMARK_NODE_PARAGRAPH:
        return data == &notes_mark ? HC_BLOCK_NOTES : data ? HC_BLOCK_TABLE : HC_BLOCK_PARAGRAPH;
    case CMARK_NODE_LIST:
        return cmark_node_get_list_type(node) == CMARK_BULLET_LIST ? HC_BLOCK_LIST : HC_BLOCK_OTHER;
    case CMARK_NODE_ITEM:
        return HC_BLOCK_ITEM;
    case CMARK_NODE_HTML_BLOCK: /* every other one was replaced */
        return HC_BLOCK_COMMENT;
    default:
        return HC_BLOCK_OTHER;
    }
}

int hc_block_level(const struct hc_block *heading)
{
    return cmark_node_get_heading_level(node_of(heading));
}

void hc_block_html(GString *out, const struct hc_block *block)
{
    if (hc_block_kind(block) != HC_BLOCK_COMMENT)
        render(out, node_of(block));
}

void hc_block_inner(GString *out, const struct hc_block *block)
{
    render_children(out, node_of(block));
}

void hc_block_text(GString *out, const struct hc_block *block)
{
    cmark_iter *iter = cmark_iter_new(node_of(block));
    cmark_event_type event;

    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (event != CMARK_EVENT_ENTER)
            continue;
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
            g_string_append(out, cmark_node_get_literal(node));
        else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
            g_string_append_c(out, ' ');
        else if (type == CMARK_NODE_HTML_BLOCK)
            hc_html_comment(out, cmark_node_get_literal(node));
    }
    cmark_iter_free(iter);
}

const struct hc_table *hc_block_table(const struct hc_block *table)
{
    return &((struct table *)cmark_node_get_user_data(node_of(table)))->shown;
}
