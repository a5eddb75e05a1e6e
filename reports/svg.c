/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/renderer.h"

/* Empty when the report has no figure: the file is then not written. */
static bool render(const struct hc_report_text *report, GString *out, GError **error)
{
    if (report->svg_alone.n)
        g_string_append_len(out, report->svg_alone.p, (gssize)report->svg_alone.n);
    return true;
}

const struct hc_renderer hc_renderer_svg = {
    .name = "svg",
    .file = "timeline.svg",
    .summary = "the figure of the timeline as a picture of its own",
    .render = render,
};
