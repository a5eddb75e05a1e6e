/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_RENDERER_H
#define HC_RENDERER_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * The contract of a renderer: one C file in reports/, no header, exporting the one symbol hc_renderer_<name>.
 * A renderer turns the written report into the bytes of one file; it knows nothing of cases and evidence.
 * Pure: the same report gives the same bytes.
 */
struct hc_report_text {
    const char *title, *description;
    const char *lang;        /* BCP 47: "en", "zh-CN"; another one gets the English labels */
    const char *date;        /* "2023-11-22" or "" */
    const char *const *tags; /* NULL-ended */
    struct hc_str markdown;  /* the report in our dialect, see below */
    /* The figures, each with its place in the Markdown, in order; the list ends with an empty one. Trusted:
     * their writer has escaped every text. No style element or attribute: the page's policy refuses them. */
    const struct hc_str *svg;
    const struct hc_str *svg_alone; /* the same as files of their own */
};

/*
 * What the HTML page makes of the Markdown (src/base/markdown.h has the dialect itself):
 *   # ...                      the page's heading; what follows up to `<!-- more -->` is the lead (without
 * that line: the first paragraph)
 *   ## ...                     a section of the page and an entry in its contents
 *   first table of the first section, of two columns         the key figures; so is one after `<!-- key
 * figures -->` a list of bullets that all begin with **time** and " – "   entries of the timeline; the
 * heading before it may name the day ("22 November 2023", "2023 年 11 月 22 日"); after the sentence of an
 * entry may stand marks of sources, one-letter code spans, explained by the first paragraph after the
 * heading; a second line is set as a remark
 *   <!-- figure -->            the next figure; the paragraph after it is its caption when it begins with
 * "Figure" or "图" a paragraph with ____      a form to fill in (an action, its owner and date) notes the
 * list of references: at the end of the last section when that is called References (zh: 证据引用), else in a
 * section made for them
 */
struct hc_renderer {
    const char *name;    /* equals the file's base name */
    const char *file;    /* "incident.html" */
    const char *summary; /* one line */
    bool each_figure;    /* it is asked once for each figure, then the first: incident-2.html beside
                            incident.html */
    const char *begins;  /* with each_figure: what each of its files begins with, by which those of an earlier
                            report are known */
    /* Appends the file's bytes. Leaves `out` empty when this report has nothing for the file: it is then not
     * written. False when the report cannot be rendered (HC_ERROR_CONFIG: its text is wrong; the message says
     * what). */
    bool (*render)(const struct hc_report_text *report, GString *out, GError **error);
};

extern const struct hc_renderer *const hc_renderers[]; /* generated, NULL-ended */

#endif
