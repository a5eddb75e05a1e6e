/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: commands, options, exit statuses. */
#include "config.h"
#include "src/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

struct command {
    const char *name;
    struct hc_options_about about;
    int (*run)(struct hc_options *o, GError **error);
};

static const struct command commands[] = {
    {"init",
     {"DIR", "a case to fill in, drafted from its evidence", "hindcast init mycase"},
     hc_command_init},
    {"run",
     {"CASE... [-j N]", "import, correlate and report: a case, or a batch of them",
      "hindcast run examples/pypi-2023-11-22"},
     hc_command_run},
    {"import",
     {"-C CASE FILE...", "import single files into a case",
      "hindcast import -C mycase --zone Europe/Berlin mail.log"},
     hc_command_import},
    {"formats",
     {"[FILE...]", "what can be read; with files, what each is taken for and why",
      "hindcast formats warehouse.sql.gz"},
     hc_command_formats},
    {"events",
     {"-C CASE", "every event of the case in order of time", "hindcast events -C mycase -f jsonl"},
     hc_command_events},
    {"correlate",
     {"-C CASE", "draw the conclusions from what was imported", "hindcast correlate -C mycase"},
     hc_command_correlate},
    {"timeline",
     {"-C CASE", "the timeline of the incident", "hindcast timeline -C mycase -f jsonl"},
     hc_command_timeline},
    {"findings",
     {"-C CASE", "what the evidence shows, like a compiler's warnings",
      "hindcast findings -C mycase -f sarif --fail-on warning"},
     hc_command_findings},
    {"identities",
     {"-C CASE", "which names, ids and addresses are one, why, and which are not joined",
      "hindcast identities -C mycase"},
     hc_command_identities},
    {"claims",
     {"-C CASE", "what did not happen, as far as the evidence can tell", "hindcast claims -C mycase"},
     hc_command_claims},
    {"report",
     {"-C CASE", "write the incident report as Markdown and HTML", "hindcast report -C mycase -o draft"},
     hc_command_report},
    {"sources",
     {"-C CASE", "what was read, counted and ignored, per source", "hindcast sources -C mycase --rejects"},
     hc_command_sources},
    {"diff",
     {"-C CASE LABEL LABEL", "what changed between two dumps of one database",
      "hindcast diff -C mycase before after"},
     hc_command_diff},
    {"rules",
     {"WHAT [FILE...]",
      "look at Sigma rules (list, check, explain) or run them over JSON events (test RULES EVENTS)",
      "hindcast rules test takeover.yml audit.jsonl"},
     hc_command_rules},
    {"verify",
     {"-C CASE", "hash and read the evidence again and compare", "hindcast verify -C mycase"},
     hc_command_verify},
};

static void usage(FILE *to)
{
    fputs("Usage: hindcast COMMAND [OPTION...]\n\nCommands:\n", to);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(to, "  %-10s %-20s %s\n", commands[i].name, commands[i].about.args, commands[i].about.help);
    fputs("\n`hindcast COMMAND --help` shows the options of a command.\n", to);
}

/* What is printed is only written now, when it is little. */
static bool end_output(bool told)
{
    g_autofree char *why = NULL;

    if (fflush(stdout) == 0)
        return true;
    why = g_strdup_printf("standard output: %s", g_strerror(errno));
    if (!told)
        hc_complain(why);
    return false;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct hc_options o;
    g_autoptr(GError) error = NULL;
    int status = HC_EXIT_USAGE;

    if (hc_options_parse(&o, &command->about, argc, argv, &error)) {
        if (o.rest && g_str_has_suffix(command->about.args, "-C CASE"))
            hc_fail(&error, HC_ERROR_USAGE, "%s takes no names, but options: '%s' is one too many",
                    command->name, o.rest[0]);
        else
            status = command->run(&o, &error);
    }
    if (error) {
        hc_complain(error->message);
        status = error->domain == G_OPTION_ERROR ? HC_EXIT_USAGE : (int)hc_error_exit(error);
    }
    hc_options_clear(&o);
    return end_output(error != NULL) ? status : HC_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    g_autofree char *program = NULL;

    signal(SIGXFSZ,
           SIG_IGN); /* a file that may grow no more is an error of the write, to be told like a full disk */
    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? HC_EXIT_USAGE : end_output(false) ? HC_EXIT_OK : HC_EXIT_FAILED;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return end_output(false) ? HC_EXIT_OK : HC_EXIT_FAILED;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            program = g_strdup_printf("hindcast %s", argv[1]);
            g_set_prgname(program);
            return run_command(&commands[i], argc - 1, argv + 1);
        }
    hc_complain("there is no such command; `hindcast --help` lists them");
    return HC_EXIT_USAGE;
}
