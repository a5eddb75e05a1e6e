/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/renderer.h"

/* The first figure. Empty when the report has none: the file is then not written. */
static bool render(const struct hc_report_text *report, GString *out, GError **error)
{
    g_string_append_len(out, report->svg_alone->p ? report->svg_alone->p : "", (gssize)report->svg_alone->n);
    return true;
}

const struct hc_renderer hc_renderer_svg = {
    .name = "svg",
    .file = "timeline.svg",
    .summary = "the figure of the timeline as a picture of its own",
    .each_figure = true,
    .begins = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tl\" ",
    .render = render,
};
