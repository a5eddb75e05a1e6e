/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MARKUP_H
#define HC_MARKUP_H

#include "src/base/str.h"

/*
 * Text into markup, so that it stays text. Input is valid UTF-8 of any origin; it is written in its visible
 * form (hc_text_visible), newlines as spaces.
 */

/*
 * As Markdown that shows exactly this text in prose, headings, list items and cells of pipe tables, also at
 * the start of a line. What is left to the caller: no "." or ")" directly after a text of digits that begins
 * a line (that would be a numbered list).
 */
void hc_markdown_escape(GString *out, struct hc_str text);

/* The same as a code span. Text for which no code span is right everywhere is written with hc_markdown_escape
 * instead: with a pipe (it is written differently inside and outside of a table), with an opening of a
 * template language, or with very many backticks in a row. Empty text appends nothing. Two code spans must
 * not touch. */
void hc_markdown_code(GString *out, struct hc_str text);

/* For HTML, in text and in quoted attribute values. */
void hc_html_escape(GString *out, struct hc_str text);

/*
 * The cells of one row of a pipe table, as Markdown: char *, freed with the array. A row begins with `|` and
 * is split at every `|` that has no backslash before it; a backslash and what follows are one pair, so `\\|`
 * splits. Then `\|` becomes `|`, in code spans too. Empty when the line does not begin with a pipe.
 */
GPtrArray *hc_row_cells(struct hc_str line);

/* One letter per column of a delimiter row (`|---|:--|:-:|--:|` gives "-lcr"), or NULL when the line is none.
 * Yours. */
char *hc_row_alignment(struct hc_str line);

/* HTML that is one comment, and what stands in it. */
bool hc_html_is_comment(const char *html);
void hc_html_comment(GString *out, const char *html);

/*
 * A link may lead to the web, to a mailbox or inside its own site. A character that a browser would skip in a
 * scheme ("java\tscript:") makes the scheme an unknown one here.
 */
bool hc_link_is_harmless(const char *url);

#endif
