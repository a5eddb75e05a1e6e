/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/renderer.h"

#include <stdio.h>
#include <stdlib.h>

/* render NAME <REPORT.md >FILE: a report through one renderer, with hostile words where the report has
 * none. */

static GString *read_all(FILE *in)
{
    GString *text = g_string_new(NULL);
    char part[4096];

    for (size_t n; (n = fread(part, 1, sizeof part, in)) > 0;)
        g_string_append_len(text, part, (gssize)n);
    return text;
}

int main(int argc, char **argv)
{
    static const char *const tags[] = {"security", "<script>alert(1)</script>", NULL};
    static const char svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tl\" viewBox=\"0 0 960 60\" "
                              "role=\"img\" aria-label=\"figure\">"
                              "<text class=\"ln\" x=\"0\" y=\"20\">&lt;script&gt; {{title}}</text></svg>";
    const struct hc_str figures[] = {HC_STR_LIT(svg), {NULL, 0}};
    g_autoptr(GString) markdown = read_all(stdin), out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct hc_report_text report = {
        .title = "</title><script>alert(1)</script> {{body}}",
        .description = "\"><script>alert(1)</script>",
        .lang = "en",
        .date = "2023-11-22",
        .tags = tags,
        .markdown = hc_str_n(markdown->str, markdown->len),
        .svg = figures,
        .svg_alone = figures,
    };

    for (const struct hc_renderer *const *r = hc_renderers; *r; r++) {
        if (argc != 2 || strcmp((*r)->name, argv[1]) != 0)
            continue;
        if ((*r)->render(&report, out, &error))
            return fwrite(out->str, 1, out->len, stdout) == out->len ? EXIT_SUCCESS : EXIT_FAILURE;
        fprintf(stderr, "%s\n", error->message);
    }
    return EXIT_FAILURE;
}
