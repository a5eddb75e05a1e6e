/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: commands, options, exit statuses. The only file that prints or exits. */
#include "config.h"
#include "src/base/batch.h"
#include "src/base/case.h"
#include "src/base/progress.h"
#include "src/base/text.h"
#include "src/correlate/correlate.h"
#include "src/correlate/rule.h"
#include "src/correlate/sigma/rulebook.h"
#include "src/evidence/draft.h"
#include "src/evidence/formats.h"
#include "src/evidence/import.h"
#include "src/evidence/profile.h"
#include "src/evidence/verify.h"
#include "src/narrate/diff.h"
#include "src/narrate/findings.h"
#include "src/narrate/report.h"
#include "src/narrate/rows.h"
#include "src/options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define JOBS_MAX 256

struct command {
    const char *name;
    struct hc_options_about about;
    int (*run)(struct hc_options *o, GError **error);
};

static bool write_stdout(void *data, const char *bytes, size_t n, GError **error)
{
    return fwrite(bytes, 1, n, stdout) == n ||
           hc_fail(error, HC_ERROR_IO, "standard output: %s", g_strerror(errno));
}

static bool write_stderr(void *data, const char *bytes, size_t n, GError **error)
{
    fwrite(bytes, 1, n, stderr);
    return true;
}

/* Names of evidence reach the terminal too. */
static void complain(const char *text)
{
    g_autoptr(GString) out = g_string_new("hindcast: ");

    hc_text_visible(out, hc_str(text), false);
    fprintf(stderr, "%s\n", out->str);
}

static void show_progress(void *data, const char *what, int64_t done, int64_t total)
{
    g_autoptr(GString) line = g_string_new("\r\033[K");

    if (hc_progress_line(data, g_get_monotonic_time(), what, done, total, line)) {
        fputs(line->str, stderr);
        fflush(stderr);
    }
}

static struct hc_case *open_case(const char *dir, enum hc_db_mode mode, hc_db **db, GError **error)
{
    g_autoptr(hc_case_t) c = hc_case_open(dir ? dir : ".", error);
    g_autofree char *path = c ? hc_case_db(c) : NULL;

    if (!c)
        return NULL;
    if (mode == HC_DB_READ && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        hc_fail(error, HC_ERROR_USAGE, "%s: nothing is imported yet; run `hindcast run %s` first", path,
                c->dir);
        return NULL;
    }
    *db = hc_db_open(path, mode, error);
    return *db ? g_steal_pointer(&c) : NULL;
}

/* The same, but a case in which nothing was imported is an error whatever the mode. */
static struct hc_case *open_existing(const char *dir, enum hc_db_mode mode, hc_db **db, GError **error)
{
    g_autofree char *path = g_build_filename(dir ? dir : ".", "hindcast.db", NULL);

    return open_case(dir, g_file_test(path, G_FILE_TEST_EXISTS) ? mode : HC_DB_READ, db, error);
}

static enum hc_rows_format rows_format(const struct hc_options *o, GError **error)
{
    static const char *const names[] = {"text", "jsonl", "csv"};

    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (g_strcmp0(o->output ? o->output : "text", names[i]) == 0)
            return (enum hc_rows_format)i;
    hc_fail(error, HC_ERROR_USAGE, "-f takes text, jsonl or csv, not '%s'", o->output);
    return HC_ROWS_TEXT;
}

/* What came of one case or import: kept until it is its turn to be told. */
struct outcome {
    const char *dir;
    const struct hc_options *o;
    bool quiet;
    int status;
    GError *error;
    GPtrArray *messages, *written; /* char * */
};

static void outcome_init(struct outcome *out, const char *dir, const struct hc_options *o)
{
    *out = (struct outcome){
        .dir = dir, .o = o, .quiet = o->quiet || !isatty(STDERR_FILENO), .status = HC_EXIT_FAILED};
    out->messages = g_ptr_array_new_with_free_func(g_free);
    out->written = g_ptr_array_new_with_free_func(g_free);
}

static void outcome_clear(struct outcome *out)
{
    g_ptr_array_unref(out->messages);
    g_ptr_array_unref(out->written);
    g_clear_error(&out->error);
}

static int tell_outcome(const struct outcome *out)
{
    if (!out->quiet)
        fputs("\r\033[K", stderr);
    for (guint i = 0; i < out->messages->len; i++)
        complain(out->messages->pdata[i]);
    for (guint i = 0; i < out->written->len; i++)
        puts(out->written->pdata[i]);
    if (!out->error)
        return out->status;
    complain(out->error->message);
    return hc_error_exit(out->error);
}

static void take_result(struct outcome *out, struct hc_import_result *r)
{
    out->status = r->unread || r->failed || r->rejected ? HC_EXIT_PARTIAL : HC_EXIT_OK;
    for (guint i = 0; i < r->messages->len; i++)
        g_ptr_array_add(out->messages, g_strdup(r->messages->pdata[i]));
    if (r->unknown)
        g_ptr_array_add(
            out->messages,
            g_strdup_printf("`hindcast init %s` drafts a profile of the tables that none knows, in which the "
                            "keys time, actor "
                            "and action make events of their rows; then remove hindcast.db and run again",
                            out->dir));
    if (r->rejected)
        g_ptr_array_add(out->messages, g_strdup_printf("%" G_GINT64_FORMAT " records were rejected; "
                                                       "`hindcast sources -C %s --rejects` lists them",
                                                       r->rejected, out->dir));
}

/* What other versions may offer is refused here by name, never ignored. */
static bool check_report_options(const struct hc_options *o, GError **error)
{
    if (o->audience && strcmp(o->audience, "internal") != 0)
        return hc_fail(error, HC_ERROR_USAGE, "--audience takes internal, not '%s'", o->audience);
    if (o->flavor && strcmp(o->flavor, "plain") != 0)
        return hc_fail(error, HC_ERROR_USAGE, "--flavor takes plain, not '%s'", o->flavor);
    return !o->lang || g_strv_contains(hc_report_languages(), o->lang) ||
           hc_fail(error, HC_ERROR_USAGE, "--lang takes en, not '%s'", o->lang);
}

static int report(hc_db *db, const struct hc_case *c, const struct hc_options *o, GPtrArray *written,
                  GError **error)
{
    return hc_report_write(db, c, hc_renderers, o->lang ? o->lang : "en", o->out_dir, written, error)
               ? HC_EXIT_OK
               : HC_EXIT_FAILED;
}

/* A folder that is no case is told before a database is made in it. */
static bool has_evidence(struct outcome *out)
{
    g_autofree char *path = g_build_filename(out->dir, "evidence", NULL);

    return g_file_test(path, G_FILE_TEST_IS_DIR) ||
           hc_fail(&out->error, HC_ERROR_USAGE, "%s: no such folder; a case keeps its files there", path);
}

/* Imports into one case: the named files, or with `files` NULL all of its evidence, then to the report. */
static void import(struct outcome *out, char **files)
{
    const struct hc_options *o = out->o;
    struct hc_progress bar = {0};
    struct hc_import_options options = {.importers = hc_importers,
                                        .format = o->format,
                                        .profile = o->profile,
                                        .zone = o->zone,
                                        .year = o->year,
                                        .scope = o->scope,
                                        .safe = o->safe_writer,
                                        .progress = out->quiet ? NULL : show_progress,
                                        .progress_data = &bar};
    struct hc_import_result result = {0};
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c =
        files || has_evidence(out) ? open_case(out->dir, HC_DB_WRITE, &db, &out->error) : NULL;
    g_autoptr(hc_sigma_rules_t) rules = c && !files ? hc_correlate_rules(c, o->rules, &out->error) : NULL;
    bool ok = c && (files || rules) &&
              (files ? hc_import_files(db, c, &options, files, &result, &out->error)
                     : hc_import_case(db, c, &options, &result, &out->error));

    if (ok)
        take_result(out, &result);
    if (ok && o->verbose)
        ok = hc_rows_sources(db, false, HC_ROWS_TEXT, &(struct hc_writer){write_stderr, NULL}, &out->error);
    if (ok && !files)
        ok = hc_correlate(db, c, rules, &out->error) &&
             report(db, c, o, out->written, &out->error) == HC_EXIT_OK;
    hc_import_result_clear(&result);
    hc_progress_clear(&bar);
    hc_db_close(db);
}

/* The cases of one call. */
struct cases {
    struct outcome *all;
    int worst; /* exit status of those that were told */
};

static void work(void *data, guint n)
{
    import(&((struct cases *)data)->all[n], NULL);
}

static void tell(void *data, guint n)
{
    struct cases *cases = data;
    const int status = tell_outcome(&cases->all[n]);

    cases->worst = MAX(cases->worst, status);
}

static int cmd_init(struct hc_options *o, GError **error)
{
    g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);

    if (!o->rest || o->rest[1]) {
        hc_fail(error, HC_ERROR_USAGE, "init needs one folder");
        return HC_EXIT_USAGE;
    }
    if (!hc_draft(*o->rest, hc_importers, written, error))
        return HC_EXIT_FAILED;
    for (guint i = 0; i < written->len; i++)
        puts(written->pdata[i]);
    return HC_EXIT_OK;
}

static int cmd_run(struct hc_options *o, GError **error)
{
    guint n = o->rest ? g_strv_length(o->rest) : 0;
    g_autofree struct outcome *all = g_new0(struct outcome, n + 1);
    struct cases cases = {all, HC_EXIT_OK};
    int status = HC_EXIT_USAGE;

    if (!n)
        hc_fail(error, HC_ERROR_USAGE, "run needs one case or more");
    else if (o->jobs < 1 || o->jobs > JOBS_MAX)
        hc_fail(error, HC_ERROR_USAGE, "-j takes a number from 1 to %d", JOBS_MAX);
    else if (check_report_options(o, error)) {
        for (guint i = 0; i < n; i++) {
            outcome_init(&all[i], o->rest[i], o);
            all[i].quiet |= o->jobs > 1; /* one line cannot show several */
        }
        hc_batch_run(n, (guint)o->jobs, work, tell, &cases);
        status = cases.worst;
        for (guint i = 0; i < n; i++)
            outcome_clear(&all[i]);
    }
    return status;
}

static int cmd_report(struct hc_options *o, GError **error)
{
    g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c =
        check_report_options(o, error) ? open_case(o->dir, HC_DB_READ, &db, error) : NULL;
    int status = c ? report(db, c, o, written, error) : HC_EXIT_FAILED;

    for (guint i = 0; i < written->len; i++)
        puts(written->pdata[i]);
    hc_db_close(db);
    return status;
}

static int cmd_correlate(struct hc_options *o, GError **error)
{
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = open_existing(o->dir, HC_DB_WRITE, &db, error);
    g_autoptr(hc_sigma_rules_t) rules = c ? hc_correlate_rules(c, o->rules, error) : NULL;
    bool ok = rules && hc_correlate(db, c, rules, error);

    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

static int cmd_import(struct hc_options *o, GError **error)
{
    struct outcome out;
    int status;

    if (!o->rest) {
        hc_fail(error, HC_ERROR_USAGE, "import needs files");
        return HC_EXIT_USAGE;
    }
    outcome_init(&out, o->dir ? o->dir : ".", o);
    import(&out, o->rest);
    status = tell_outcome(&out);
    outcome_clear(&out);
    return status;
}

/* The lists in all three forms: which one is said by its command. */
enum list { LIST_EVENTS, LIST_TIMELINE, LIST_SOURCES, LIST_CLAIMS, LIST_IDENTITIES };

static bool write_list(hc_db *db, enum list which, const struct hc_options *o, enum hc_rows_format format,
                       GError **error)
{
    struct hc_writer out = {write_stdout, NULL};

    if (which == LIST_EVENTS)
        return hc_rows_events(db, o->source, format, &out, error);
    if (which == LIST_CLAIMS)
        return hc_rows_claims(db, format, &out, error);
    if (which == LIST_IDENTITIES)
        return hc_rows_identities(db, format, &out, error);
    return which == LIST_TIMELINE ? hc_rows_timeline(db, format, &out, error)
                                  : hc_rows_sources(db, o->rejects, format, &out, error);
}

static int list(struct hc_options *o, enum list which, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    enum hc_rows_format format = rows_format(o, &wrong);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = wrong ? NULL : open_case(o->dir, HC_DB_READ, &db, error);
    bool ok = c && write_list(db, which, o, format, error);

    if (wrong)
        g_propagate_error(error, g_steal_pointer(&wrong));
    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

static int cmd_events(struct hc_options *o, GError **error)
{
    return list(o, LIST_EVENTS, error);
}

static int cmd_timeline(struct hc_options *o, GError **error)
{
    return list(o, LIST_TIMELINE, error);
}

static int cmd_sources(struct hc_options *o, GError **error)
{
    return list(o, LIST_SOURCES, error);
}

static int cmd_claims(struct hc_options *o, GError **error)
{
    return list(o, LIST_CLAIMS, error);
}

static int cmd_identities(struct hc_options *o, GError **error)
{
    return list(o, LIST_IDENTITIES, error);
}

static bool findings_form(const struct hc_options *o, enum hc_findings_form *form, GError **error)
{
    static const char *const names[] = {"text", "json", "sarif"};

    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (g_strcmp0(o->output ? o->output : "text", names[i]) == 0) {
            *form = (enum hc_findings_form)i;
            return true;
        }
    return hc_fail(error, HC_ERROR_USAGE, "-f takes text, json or sarif, not '%s'", o->output);
}

static int cmd_findings(struct hc_options *o, GError **error)
{
    struct hc_writer out = {write_stdout, NULL};
    struct hc_findings_options options = {
        .baseline = o->baseline, .external = o->at, .all = o->verbose, .version = PACKAGE_VERSION};
    struct hc_findings_result result = {0};
    enum hc_level limit = hc_level_by_name(o->fail_on);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = NULL;
    bool ok;

    if (findings_form(o, &options.form, error) &&
        (!o->fail_on || limit ||
         hc_fail(error, HC_ERROR_USAGE, "--fail-on takes note, warning or error, not '%s'", o->fail_on)))
        c = open_case(o->dir, HC_DB_READ, &db, error);
    ok = c && hc_findings(db, c, &options, &out, &result, error);
    for (guint i = 0; ok && !o->quiet && i < result.messages->len; i++)
        complain(result.messages->pdata[i]);
    hc_db_close(db);
    hc_findings_result_clear(&result);
    return !ok ? HC_EXIT_FAILED : limit && result.worst >= limit ? HC_EXIT_FINDINGS : HC_EXIT_OK;
}

static int cmd_diff(struct hc_options *o, GError **error)
{
    struct hc_writer out = {write_stdout, NULL};
    bool json = g_strcmp0(o->output, "jsonl") == 0;
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = NULL;
    bool ok;

    if (!o->rest || g_strv_length(o->rest) != 2)
        hc_fail(error, HC_ERROR_USAGE, "diff needs two labels: from which dump, to which");
    else if (o->output && !json && strcmp(o->output, "text") != 0)
        hc_fail(error, HC_ERROR_USAGE, "-f takes text or jsonl, not '%s'", o->output);
    else
        c = open_case(o->dir, HC_DB_READ, &db, error);
    ok = c && hc_diff(db, o->rest[0], o->rest[1], json ? HC_ROWS_JSONL : HC_ROWS_TEXT, &out, error);
    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

static int cmd_verify(struct hc_options *o, GError **error)
{
    struct hc_verify_result r = {0};
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = open_case(o->dir, HC_DB_READ, &db, error);
    bool same = true;
    g_autoptr(hc_sigma_rules_t) rules = c ? hc_correlate_rules(c, o->rules, error) : NULL;
    bool ok = rules && hc_verify(db, c, hc_importers, o->at, &r, error) &&
              (!r.again || hc_correlate_same(db, r.again, c, rules, &same, error));
    int status;

    if (!same)
        g_ptr_array_add(
            r.messages,
            g_strdup(
                "hindcast.db: the same evidence now leads to other conclusions; run `hindcast correlate`"));
    status = ok ? r.messages->len ? HC_EXIT_FINDINGS : HC_EXIT_OK : HC_EXIT_FAILED;

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

static int cmd_formats(struct hc_options *o, GError **error)
{
    int status = HC_EXIT_OK;

    for (char **file = o->rest; file && *file; file++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GError) failed = NULL;
        const bool told = hc_formats_tell(*file, hc_importers, out, &failed);
        fputs(out->str, stdout);
        if (told)
            continue;
        complain(failed->message);
        status = HC_EXIT_FAILED;
    }
    for (const struct hc_importer *const *i = hc_importers; !o->rest && *i; i++)
        printf("%-11s %s\n", (*i)->name, (*i)->summary);
    return status;
}

/* What `rules` can be told to do. */
static int test_rules(char *const *args, GError **error)
{
    char *const file[] = {args[0], NULL};
    g_autoptr(hc_sigma_rules_t) rules = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    bool ok;

    if (!args[0] || !args[1] || args[2]) {
        hc_fail(error, HC_ERROR_USAGE, "rules test needs a file of rules and a file of events");
        return HC_EXIT_USAGE;
    }
    if (!(rules = hc_rulebook_load(file, error)))
        return HC_EXIT_FAILED;
    ok = hc_rulebook_test(rules, args[1], out);
    fputs(out->str, stdout);
    return ok ? HC_EXIT_OK : HC_EXIT_USAGE;
}

static int cmd_rules(struct hc_options *o, GError **error)
{
    const char *what = o->rest ? o->rest[0] : "";
    g_autoptr(hc_sigma_rules_t) rules = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    bool good = true, shipped, told = true;

    if (strcmp(what, "test") == 0)
        return test_rules(o->rest + 1, error);
    if (strcmp(what, "list") && strcmp(what, "check") && strcmp(what, "explain")) {
        hc_fail(error, HC_ERROR_USAGE,
                "rules takes list, check or explain, with files or folders of rules, or test with rules and "
                "events");
        return HC_EXIT_USAGE;
    }
    shipped = !o->rest[1];
    if (!(rules = hc_rulebook_load(o->rest + 1, error)))
        return HC_EXIT_FAILED;
    if (strcmp(what, "check") == 0 && !shipped)
        hc_rulebook_beside_shipped(rules);
    if (strcmp(what, "check") == 0)
        good = hc_rulebook_check(rules, out);
    else if (strcmp(what, "list") == 0) {
        hc_rulebook_list(rules, out);
        told = !shipped || rule_list_own(out, error);
    } else {
        hc_rulebook_explain(rules, out);
        told = !shipped || rule_explain_own(out, error);
    }
    if (!told)
        return HC_EXIT_FAILED;
    fputs(out->str, stdout);
    for (guint i = 0; strcmp(what, "check") && i < rules->problems->len; i++)
        complain(rules->problems->pdata[i]);
    return good ? HC_EXIT_OK : HC_EXIT_FINDINGS;
}

static const struct command commands[] = {
    {"init", {"DIR", "a case to fill in, drafted from its evidence", "hindcast init mycase"}, cmd_init},
    {"run",
     {"CASE... [-j N]", "import, correlate and report: a case, or a batch of them",
      "hindcast run examples/pypi-2023-11-22"},
     cmd_run},
    {"import",
     {"-C CASE FILE...", "import single files into a case",
      "hindcast import -C mycase --zone Europe/Berlin mail.log"},
     cmd_import},
    {"formats",
     {"[FILE...]", "what can be read; with files, what each is taken for and why",
      "hindcast formats warehouse.sql.gz"},
     cmd_formats},
    {"events",
     {"-C CASE", "every event of the case in order of time", "hindcast events -C mycase -f jsonl"},
     cmd_events},
    {"correlate",
     {"-C CASE", "draw the conclusions from what was imported", "hindcast correlate -C mycase"},
     cmd_correlate},
    {"timeline",
     {"-C CASE", "the timeline of the incident", "hindcast timeline -C mycase -f jsonl"},
     cmd_timeline},
    {"findings",
     {"-C CASE", "what the evidence shows, like a compiler's warnings",
      "hindcast findings -C mycase -f sarif --fail-on warning"},
     cmd_findings},
    {"identities",
     {"-C CASE", "which names, ids and addresses are one, why, and which are not joined",
      "hindcast identities -C mycase"},
     cmd_identities},
    {"claims",
     {"-C CASE", "what did not happen, as far as the evidence can tell", "hindcast claims -C mycase"},
     cmd_claims},
    {"report",
     {"-C CASE", "write the incident report as Markdown and HTML", "hindcast report -C mycase -o draft"},
     cmd_report},
    {"sources",
     {"-C CASE", "what was read, counted and ignored, per source", "hindcast sources -C mycase --rejects"},
     cmd_sources},
    {"diff",
     {"-C CASE LABEL LABEL", "what changed between two dumps of one database",
      "hindcast diff -C mycase before after"},
     cmd_diff},
    {"rules",
     {"list|check|explain [FILE...], test RULES EVENTS", "look at Sigma rules, or run them over JSON events",
      "hindcast rules test takeover.yml audit.jsonl"},
     cmd_rules},
    {"verify",
     {"-C CASE", "hash and read the evidence again and compare", "hindcast verify -C mycase"},
     cmd_verify},
};

static void usage(FILE *to)
{
    fputs("Usage: hindcast COMMAND [OPTION...]\n\nCommands:\n", to);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(to, "  %-9s %-19s %s\n", commands[i].name, commands[i].about.args, commands[i].about.help);
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
        complain(why);
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
        complain(error->message);
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
    complain("there is no such command; `hindcast --help` lists them");
    return HC_EXIT_USAGE;
}
