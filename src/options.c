/* SPDX-License-Identifier: Apache-2.0 */
#include "src/options.h"

bool hc_options_parse(struct hc_options *o, const struct hc_options_about *about, int argc, char **argv,
                      GError **error)
{
    /* What holds names is a FILENAME: another text would be taken for one of the locale, and refused in C. */
    const GOptionEntry entries[] = {
        {"case", 'C', 0, G_OPTION_ARG_FILENAME, &o->dir, "the case folder (default: this one)", "CASE"},
        {"output", 'f', 0, G_OPTION_ARG_STRING, &o->output,
         "output: text, jsonl or csv; findings: text, json or sarif", "FORM"},
        {"source", 0, 0, G_OPTION_ARG_FILENAME, &o->source, "only events of this source (path in the case)",
         "PATH"},
        {"rejects", 0, 0, G_OPTION_ARG_NONE, &o->rejects, "list every rejected record", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &o->format, "importer to use instead of the detected one",
         "NAME"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &o->profile, "profile that says what the records mean",
         "NAME"},
        {"zone", 0, 0, G_OPTION_ARG_STRING, &o->zone, "zone of times without offset", "IANA"},
        {"year", 0, 0, G_OPTION_ARG_INT, &o->year, "year of the oldest line, for times without year", "YEAR"},
        {"scope", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->scope,
         "keep only what touches this account, project, address or id; may be repeated", "NAME"},
        {"rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->rules,
         "rules to apply beside ours and those in the case's folder rules; may be repeated", "DIR"},
        {"safe-writer", 0, 0, G_OPTION_ARG_NONE, &o->safe_writer,
         "write tables through SQLite only (slower, the same content)", NULL},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &o->jobs, "cases worked on at the same time", "N"},
        {"fail-on", 0, 0, G_OPTION_ARG_STRING, &o->fail_on, "exit with 1 at a finding of this level or above",
         "LEVEL"},
        {"baseline", 0, 0, G_OPTION_ARG_FILENAME, &o->baseline,
         "findings that are known: an earlier output of findings as sarif or json", "FILE"},
        {"audience", 0, 0, G_OPTION_ARG_STRING, &o->audience, "whom the report is for: internal or public",
         "WHO"},
        {"lang", 0, 0, G_OPTION_ARG_STRING, &o->lang, "language of the report: en", "LANG"},
        {"flavor", 0, 0, G_OPTION_ARG_STRING, &o->flavor, "dialect of its Markdown: plain", "NAME"},
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o->out_dir, "where the report goes (default: CASE/report)",
         "DIR"},
        {"at", 0, 0, G_OPTION_ARG_FILENAME, &o->at, "where files from outside the case lie", "DIR"},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &o->verbose, "say what became of every source", NULL},
        {"no-color", 0, 0, G_OPTION_ARG_NONE, &o->no_color, "accepted for scripts; nothing is ever coloured",
         NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "no progress", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->rest, NULL, NULL},
        {0},
    };
    g_autofree char *parameters = g_strdup_printf("%s - %s", about->args, about->help),
                    *example = g_strdup_printf("Example:\n  %s\n", about->example);
    g_autoptr(GOptionContext) context = g_option_context_new(parameters);

    *o = (struct hc_options){.jobs = 1};
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, example);
    return g_option_context_parse(context, &argc, &argv, error);
}

void hc_options_clear(struct hc_options *o)
{
    char **const texts[] = {&o->dir,      &o->format, &o->profile, &o->zone,    &o->source,
                            &o->output,   &o->at,     &o->fail_on, &o->out_dir, &o->lang,
                            &o->audience, &o->flavor, &o->baseline};
    char ***const lists[] = {&o->rest, &o->scope, &o->rules};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_strfreev);
}
