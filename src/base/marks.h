/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MARKS_H
#define HC_MARKS_H

#include "src/base/str.h"

/*
 * What happens to a Markdown text before a CommonMark parser sees it. Notes are not CommonMark: `[^a](b)` is
 * a link there and `[^a]: b` defines one. So every `[^label]` is replaced with a mark, and afterwards a mark
 * becomes a reference in text and `[^label]` again in code. A mark begins with HC_MARK and cannot be in the
 * text itself, which has no noncharacters; its first and last characters are punctuation, as brackets are, so
 * that emphasis beside it opens and closes as it would.
 */
#define HC_MARK "%\xef\xb7\x90" /* % U+FDD0 */

/* Any bytes as lines of visible UTF-8: no carriage returns, control or format characters; every line ends
 * with '\n'. */
void hc_marks_clean(GString *out, struct hc_str in);

/* What follows the front matter; all when there is none. */
struct hc_str hc_marks_skip_front_matter(struct hc_str text);

/* Cuts the first line off `*text`, without its end. */
struct hc_str hc_marks_line(struct hc_str *text);

/* Appends `in` with marks; the label of mark i (without brackets) is added as labels[i], to be freed with
 * g_free. */
void hc_marks_set(GString *out, struct hc_str in, GPtrArray *labels);

/* The number of the mark that `text` begins with, and its length in bytes; -1 when it begins with none. */
ptrdiff_t hc_mark_at(const GPtrArray *labels, const char *text, size_t *length);

/* `text` with its marks written as they were; yours. */
char *hc_marks_undo(const GPtrArray *labels, const char *text);

#endif
