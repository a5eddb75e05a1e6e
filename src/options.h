/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_OPTIONS_H
#define HC_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

/* The options of all commands; each command takes its own part of them. Texts and lists are theirs, or
 * NULL. */
struct hc_options {
    char *dir, *format, *profile, *zone, *source, *output, *at, *fail_on, *out_dir, *lang, *audience, *flavor,
        *baseline;
    int year, jobs;
    gboolean quiet, verbose, rejects, no_color, safe_writer;
    char **rest, **scope, **rules;
};

/* What --help shows of the command beside the options. */
struct hc_options_about {
    const char *args, *help, *example;
};

/*
 * Reads them into `o`, which has its defaults afterwards where nothing was said; cleared in any case by
 * hc_options_clear. --help ends the program, as GLib does it. False: G_OPTION_ERROR.
 */
bool hc_options_parse(struct hc_options *o, const struct hc_options_about *about, int argc, char **argv,
                      GError **error);
void hc_options_clear(struct hc_options *o);

#endif
