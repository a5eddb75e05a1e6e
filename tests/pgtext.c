/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the text as which a PostgreSQL archive is read: "pgtext FILE". What could not be read of it goes to
 * standard error, with its line. */
#include "src/evidence/pgarchive.h"

#include <stdio.h>
#include <stdlib.h>

static void show(struct hc_input *in)
{
    struct hc_locator at = {0};
    struct hc_str line;
    const char *why;

    while (hc_input_line(in, &line, &at, NULL) == 1) {
        fwrite(line.p, 1, (size_t)at.length, stdout);
        if (!hc_input_cut(in))
            putchar('\n');
        if (hc_input_marked(in, &why) == HC_MARK_BROKEN)
            fprintf(stderr, "%" G_GINT64_FORMAT ": %s\n", at.line, why);
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(hc_input_t) in = argc == 2 ? hc_input_open(argv[1], &error) : NULL;
    g_autofree char *what = NULL;

    if (!in || hc_input_next(in, &error) != 1 ||
        hc_pgarchive_present(in, argv[1], &what) != HC_PGARCHIVE_PRESENTED) {
        fprintf(stderr, "%s\n", error ? error->message : what ? what : "no archive");
        return EXIT_FAILURE;
    }
    show(in);
    return EXIT_SUCCESS;
}
