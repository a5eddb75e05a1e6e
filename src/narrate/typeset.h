/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TYPESET_H
#define HC_TYPESET_H

#include "src/base/markdown.h"

/*
 * The fine print of a page: what must not break across lines, days, names of anchors. HTML that goes in is
 * what src/base/markdown.h gives, so its texts are escaped and its tags are known; what comes out has the
 * same words.
 */

/* HTML with dates (2023-06-12) kept on one line and a non-breaking space between number and unit; code is
 * left alone. */
void hc_typeset(GString *out, const char *html);

/* A block as such HTML; and the HTML inside of a block, not yet typeset, yours. */
void hc_typeset_block(GString *out, const struct hc_block *block);
char *hc_typeset_inner(const struct hc_block *block);

/* A value of the key figures: numbers stay large, words between them become <span class="u">. */
void hc_typeset_value(GString *out, const char *html);

/* Clock times as <time>, when `day` ("2023-11-22" in UTC) is not "". */
void hc_typeset_clock(GString *out, const char *html, const char *day);

/* The day that a heading names ("Wednesday, 22 November 2023", "2023 年 11 月 22 日"): "2023-11-22", or ""
 * when it names none. */
#define HC_DAY_SIZE 11
void hc_typeset_day(const char *text, char day[HC_DAY_SIZE]);

/* "2023-11-22" as "22 November 2023" (lang "zh...": "2023 年 11 月 22 日"); other text as it is. Plain
 * text. */
void hc_typeset_date(GString *out, const char *day, const char *lang);

/* Text as the name of an anchor: letters and digits, all else one "-"; "section" when there are none. Not yet
 * unique. Yours. */
char *hc_typeset_slug(const char *text);

/* The first `n` bytes of HTML; paths in code may break after a slash. */
void hc_typeset_path(GString *out, const char *html, size_t n);

/* HTML whose runs of four and more underscores become blanks to be filled in. */
#define HC_BLANK "____"
void hc_typeset_blanks(GString *out, const char *html);

/* 0, 1, ... 26 as a, b, ... aa. */
void hc_typeset_letters(GString *out, guint i);

/* Offset of the first occurrence of `needle` (text, or a tag without end like "<br />") in HTML outside of
 * every element, where HTML may be cut; -1 when there is none. */
ptrdiff_t hc_typeset_find(const char *html, const char *needle);

#endif
