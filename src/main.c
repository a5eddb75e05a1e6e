/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: commands, options, exit statuses. The only file that prints or exits. */
#include "config.h"
#include "src/base/case.h"
#include "src/base/text.h"
#include "src/evidence/detect.h"
#include "src/evidence/draft.h"
#include "src/evidence/import.h"
#include "src/evidence/profile.h"
#include "src/evidence/verify.h"
#include "src/narrate/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The options of all commands; each command takes its own part of them. */
struct options {
    char *dir, *format, *profile, *zone, *source, *output, *at;
    int year;
    gboolean quiet, rejects;
    char **rest;
};

struct command {
    const char *name, *args, *help, *example;
    int (*run)(struct options *o, GError **error);
};

static bool write_stdout(void *data, const char *bytes, size_t n, GError **error)
{
    return fwrite(bytes, 1, n, stdout) == n || hc_fail(error, HC_ERROR_IO, "standard output: %s", g_strerror(errno));
}

/* Names of evidence reach the terminal too. */
static void complain(const char *text)
{
    g_autoptr(GString) out = g_string_new("hindcast: ");

    hc_text_visible(out, hc_str(text), false);
    fprintf(stderr, "%s\n", out->str);
}

static void show_progress(void *data, const char *path, int64_t done, int64_t total)
{
    g_autoptr(GString) name = g_string_new(NULL);

    hc_text_visible(name, hc_text_cut(hc_str(path), 60), false);
    fprintf(stderr, "\r\033[K[%3d%%] %s", (int)(total ? done * 100 / total : 100), name->str);
    fflush(stderr);
}

static struct hc_case *open_case(const char *dir, enum hc_db_mode mode, hc_db **db, GError **error)
{
    g_autoptr(hc_case_t) c = hc_case_open(dir ? dir : ".", error);
    g_autofree char *path = c ? hc_case_db(c) : NULL;

    if (!c)
        return NULL;
    if (mode == HC_DB_READ && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        hc_fail(error, HC_ERROR_USAGE, "%s: nothing is imported yet; run `hindcast run %s` first", path, c->dir);
        return NULL;
    }
    *db = hc_db_open(path, mode, error);
    return *db ? g_steal_pointer(&c) : NULL;
}

static enum hc_rows_format rows_format(const struct options *o, GError **error)
{
    static const char *const names[] = {"text", "jsonl", "csv"};

    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (g_strcmp0(o->output ? o->output : "text", names[i]) == 0)
            return (enum hc_rows_format)i;
    hc_fail(error, HC_ERROR_USAGE, "-f takes text, jsonl or csv, not '%s'", o->output);
    return HC_ROWS_TEXT;
}

static int finish_import(const char *dir, const struct options *o, struct hc_import_result *r)
{
    bool partial = r->unread || r->failed || r->rejected;

    if (!o->quiet && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    for (guint i = 0; i < r->messages->len; i++)
        complain(r->messages->pdata[i]);
    if (r->rejected) {
        g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " records were rejected; "
                                                "`hindcast sources -C %s --rejects` lists them",
                                                r->rejected, dir);
        complain(text);
    }
    return partial ? HC_EXIT_PARTIAL : HC_EXIT_OK;
}

static int import(const char *dir, char **files, struct options *o, GError **error)
{
    struct hc_import_options options = {.importers = hc_importers, .format = o->format, .profile = o->profile,
                                        .zone = o->zone, .year = o->year};
    struct hc_import_result result = {0};
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = open_case(dir, HC_DB_WRITE, &db, error);
    int status = HC_EXIT_FAILED;

    if (!c)
        return status;
    if (!o->quiet && isatty(STDERR_FILENO))
        options.progress = show_progress;
    if (files ? hc_import_files(db, c, &options, files, &result, error) : hc_import_case(db, c, &options, &result, error))
        status = finish_import(dir, o, &result);
    hc_import_result_clear(&result);
    hc_db_close(db);
    return status;
}

static int cmd_init(struct options *o, GError **error)
{
    if (!o->rest || o->rest[1]) {
        hc_fail(error, HC_ERROR_USAGE, "init needs one folder");
        return HC_EXIT_USAGE;
    }
    if (!hc_draft(*o->rest, hc_importers, error))
        return HC_EXIT_FAILED;
    printf("%s/case.yaml\n", *o->rest);
    return HC_EXIT_OK;
}

static int cmd_run(struct options *o, GError **error)
{
    int worst = HC_EXIT_OK;

    if (!o->rest) {
        hc_fail(error, HC_ERROR_USAGE, "run needs one case or more");
        return HC_EXIT_USAGE;
    }
    for (char **dir = o->rest; *dir; dir++) {
        g_autoptr(GError) failed = NULL;
        int status = import(*dir, NULL, o, &failed);
        if (failed) {
            complain(failed->message);
            status = hc_error_exit(failed);
        } else {
            printf("%s/hindcast.db\n", *dir);
        }
        worst = MAX(worst, status);
    }
    return worst;
}

static int cmd_import(struct options *o, GError **error)
{
    if (!o->rest) {
        hc_fail(error, HC_ERROR_USAGE, "import needs files");
        return HC_EXIT_USAGE;
    }
    return import(o->dir ? o->dir : ".", o->rest, o, error);
}

static int cmd_events(struct options *o, GError **error)
{
    struct hc_writer out = {write_stdout, NULL};
    g_autoptr(GError) wrong = NULL;
    enum hc_rows_format format = rows_format(o, &wrong);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = wrong ? NULL : open_case(o->dir, HC_DB_READ, &db, error);
    bool ok = c && hc_rows_events(db, o->source, format, &out, error);

    if (wrong)
        g_propagate_error(error, g_steal_pointer(&wrong));
    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

static int cmd_sources(struct options *o, GError **error)
{
    struct hc_writer out = {write_stdout, NULL};
    g_autoptr(GError) wrong = NULL;
    enum hc_rows_format format = rows_format(o, &wrong);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = wrong ? NULL : open_case(o->dir, HC_DB_READ, &db, error);
    bool ok = c && hc_rows_sources(db, o->rejects, format, &out, error);

    if (wrong)
        g_propagate_error(error, g_steal_pointer(&wrong));
    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

static int cmd_verify(struct options *o, GError **error)
{
    struct hc_verify_result r = {0};
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = open_case(o->dir, HC_DB_READ, &db, error);
    bool ok = c && hc_verify(db, c, hc_importers, o->at, &r, error);
    int status = ok ? r.messages->len ? HC_EXIT_FINDINGS : HC_EXIT_OK : HC_EXIT_FAILED;

    for (guint i = 0; ok && i < r.messages->len; i++)
        complain(r.messages->pdata[i]);
    if (status == HC_EXIT_OK)
        printf("%" G_GINT64_FORMAT " files (%" G_GINT64_FORMAT " bytes) and %" G_GINT64_FORMAT
               " cited places are as they were imported\n",
               r.sources, r.bytes, r.places);
    hc_verify_result_clear(&r);
    hc_db_close(db);
    return status;
}

static bool say_format(const char *path, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(path, error);
    int rc = in ? hc_input_next(in, error) : -1;

    for (; rc == 1; rc = hc_input_next(in, error)) {
        bool archive = hc_input_is_archive(in);
        struct hc_peek peek = {archive ? hc_input_member(in) : path, hc_input_peek(in), false};
        g_autoptr(GString) name = g_string_new(NULL);
        const struct hc_importer *importer;
        const char *why = "no importer takes it";
        int score;
        importer = hc_detect(hc_importers, &peek, &score, &why, error);
        if (!importer && error && *error)
            return false;
        hc_text_visible(name, hc_str(path), false);
        if (archive) {
            g_string_append_c(name, '!');
            hc_text_visible(name, hc_str(hc_input_member(in)), false);
        }
        printf("%s: %s (%d): %s\n", name->str, importer ? importer->name : "-", score, why);
    }
    return rc == 0;
}

static int cmd_formats(struct options *o, GError **error)
{
    int status = HC_EXIT_OK;

    for (char **file = o->rest; file && *file; file++) {
        g_autoptr(GError) failed = NULL;
        if (say_format(*file, &failed))
            continue;
        complain(failed->message);
        status = HC_EXIT_FAILED;
    }
    for (const struct hc_importer *const *i = hc_importers; !o->rest && *i; i++)
        printf("%-10s %s\n", (*i)->name, (*i)->summary);
    return status;
}

static const struct command commands[] = {
    {"init", "DIR", "a case to fill in, drafted from its evidence", "hindcast init mycase", cmd_init},
    {"run", "CASE...", "import the evidence of cases", "hindcast run examples/pypi-2023-11-22", cmd_run},
    {"import", "-C CASE FILE...", "import single files into a case",
     "hindcast import -C mycase --zone Europe/Berlin mail.log", cmd_import},
    {"formats", "[FILE...]", "what can be read; with files, what each is taken for and why",
     "hindcast formats warehouse.sql.gz", cmd_formats},
    {"events", "-C CASE", "every event of the case in order of time", "hindcast events -C mycase -f jsonl", cmd_events},
    {"sources", "-C CASE", "what was read, counted and ignored, per source", "hindcast sources -C mycase --rejects",
     cmd_sources},
    {"verify", "-C CASE", "hash and read the evidence again and compare", "hindcast verify -C mycase", cmd_verify},
};

static void usage(FILE *to)
{
    fputs("Usage: hindcast COMMAND [OPTION...]\n\nCommands:\n", to);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(to, "  %-8s %-18s %s\n", commands[i].name, commands[i].args, commands[i].help);
    fputs("\n`hindcast COMMAND --help` shows the options of a command.\n", to);
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct options o = {0};
    const GOptionEntry entries[] = {
        {"case", 'C', 0, G_OPTION_ARG_FILENAME, &o.dir, "the case folder (default: this one)", "CASE"},
        {"output", 'f', 0, G_OPTION_ARG_STRING, &o.output, "output: text, jsonl or csv", "FORM"},
        {"source", 0, 0, G_OPTION_ARG_STRING, &o.source, "only events of this source (path in the case)", "PATH"},
        {"rejects", 0, 0, G_OPTION_ARG_NONE, &o.rejects, "list every rejected record", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &o.format, "importer to use instead of the detected one", "NAME"},
        {"profile", 0, 0, G_OPTION_ARG_STRING, &o.profile, "profile that says what the records mean", "NAME"},
        {"zone", 0, 0, G_OPTION_ARG_STRING, &o.zone, "zone of times without offset", "IANA"},
        {"year", 0, 0, G_OPTION_ARG_INT, &o.year, "year of the oldest line, for times without year", "YEAR"},
        {"at", 0, 0, G_OPTION_ARG_FILENAME, &o.at, "where files from outside the case lie", "DIR"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o.quiet, "no progress", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.rest, NULL, NULL},
        {0},
    };
    g_autofree char *parameters = g_strdup_printf("%s - %s", command->args, command->help);
    g_autofree char *example = g_strdup_printf("Example:\n  %s\n", command->example);
    GOptionContext *context = g_option_context_new(parameters);
    g_autoptr(GError) error = NULL;
    int status = HC_EXIT_USAGE;

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, example);
    if (g_option_context_parse(context, &argc, &argv, &error))
        status = command->run(&o, &error);
    if (error) {
        complain(error->message);
        status = error->domain == G_OPTION_ERROR ? HC_EXIT_USAGE : (int)hc_error_exit(error);
    }
    g_option_context_free(context);
    g_strfreev(o.rest);
    char *texts[] = {o.dir, o.format, o.profile, o.zone, o.source, o.output, o.at};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    return fflush(stdout) == 0 ? status : HC_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    g_autofree char *program = NULL;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? HC_EXIT_USAGE : HC_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return HC_EXIT_OK;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            program = g_strdup_printf("hindcast %s", argv[1]);
            g_set_prgname(program);
            return run_command(&commands[i], argc - 1, argv + 1);
        }
    complain("there is no such command; `hindcast --help` lists them");
    return HC_EXIT_USAGE;
}
