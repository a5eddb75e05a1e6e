/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MARKDOWN_H
#define HC_MARKDOWN_H

#include "src/base/error.h"
#include "src/base/markup.h" /* hc_markdown_escape, hc_markdown_code: the way in */

/*
 * Markdown in and out, and the only door to cmark. The dialect is CommonMark without raw HTML, plus front
 * matter, pipe tables and notes:
 *   - `---` as the very first line, up to the next `---` line, is front matter and skipped;
 *   - a paragraph outside of lists and quotations whose first two lines are `| a | b |` and `|---|:-:|` is a
 * table. hc_row_cells says how a row is split; a cell is one run of inlines. Missing cells are empty, surplus
 * cells are joined to the last, so that no text is lost;
 *   - `[^label]` outside of code and links is a reference to a note, label = 1 to 64 of [A-Za-z0-9_-];
 *   - a paragraph of lines that begin with `[^label]:` defines notes, one a line, a line without label goes
 * on with the one before. What comes out is safe HTML: raw HTML is shown as text (comments are left out), a
 * link that is not http, https, mailto or relative keeps only its text, an image becomes the words "image: "
 * and its description, so that no page makes a request. The input may hold any bytes: control and format
 * characters are made visible (hc_text_visible).
 */

/* HTML of one run of inlines: no block, no reference, no table. */
void hc_markdown_inline(GString *out, struct hc_str text);

/* A parsed text. Blocks belong to it. */
typedef struct hc_markdown hc_markdown;
struct hc_block;

/*
 * Called while parsing, in the order of the text, for each group of references that stand side by side,
 * ascending by note, each once. Appends the HTML that stands for the group; the space before a group is taken
 * away.
 */
struct hc_reference {
    size_t note;       /* index into hc_markdown_notes */
    const char *label; /* "e12" */
};
typedef void (*hc_reference_fn)(GString *out, const struct hc_reference *group, size_t n, void *data);

/* Fails (HC_ERROR_CONFIG) when a reference has no note or two notes have one label. References inside notes
 * call `reference` after all others. `reference` may be NULL: references then vanish. */
hc_markdown *hc_markdown_parse(struct hc_str text, hc_reference_fn reference, void *data, GError **error);
void hc_markdown_free(hc_markdown *md);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_markdown, hc_markdown_free)

struct hc_note {
    char *label; /* "e12" */
    char *html;  /* one run of inlines */
};
/* All notes in the order of the text; the document's. */
const struct hc_note *hc_markdown_notes(const hc_markdown *md, size_t *n);

enum hc_block_kind {
    HC_BLOCK_HEADING,
    HC_BLOCK_PARAGRAPH,
    HC_BLOCK_LIST, /* of bullets; its children are items */
    HC_BLOCK_ITEM,
    HC_BLOCK_TABLE,   /* top level only, as are the next two */
    HC_BLOCK_NOTES,   /* a paragraph of note definitions */
    HC_BLOCK_COMMENT, /* nothing but an HTML comment */
    HC_BLOCK_OTHER,
};
/* NULL at the end. */
const struct hc_block *hc_markdown_first(const hc_markdown *md);
const struct hc_block *hc_block_next(const struct hc_block *block);
const struct hc_block *hc_block_child(const struct hc_block *block);
enum hc_block_kind hc_block_kind(const struct hc_block *block);
int hc_block_level(const struct hc_block *heading); /* 1..6; headings inside other blocks are 4 at least */

void hc_block_html(GString *out,
                   const struct hc_block *block); /* with its element; not for tables and notes */
void hc_block_inner(GString *out, const struct hc_block *block); /* without it */
/* Its words alone, without references; a comment without its brackets, trimmed. */
void hc_block_text(GString *out, const struct hc_block *block);

struct hc_table {
    size_t columns, rows;     /* rows without the header */
    const char *align;        /* per column: 'l', 'c', 'r' or '-' */
    const char *const *cells; /* HTML; the header's first, then row by row */
};
const struct hc_table *hc_block_table(const struct hc_block *table); /* the document's */

#endif
