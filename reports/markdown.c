/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/renderer.h"

/* The report is written in Markdown already; its front matter is what blogs read. */
static bool render(const struct hc_report_text *report, GString *out, GError **error)
{
    g_string_append_len(out, report->markdown.p, (gssize)report->markdown.n);
    return true;
}

const struct hc_renderer hc_renderer_markdown = {
    .name = "markdown",
    .file = "incident.md",
    .summary = "the report as CommonMark with tables and footnotes, for a blog or a repository",
    .render = render,
};
