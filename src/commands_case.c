/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that work on a case. */
#include "src/commands.h"

#include "src/base/batch.h"
#include "src/base/progress.h"
#include "src/correlate/correlate.h"
#include "src/evidence/draft.h"
#include "src/evidence/import.h"
#include "src/narrate/report.h"
#include "src/narrate/rows.h"

#include <stdio.h>
#include <unistd.h>

#define JOBS_MAX 256

static bool write_stderr(void *data, const char *bytes, size_t n, GError **error)
{
    fwrite(bytes, 1, n, stderr);
    return true;
}

static void show_progress(void *data, const char *what, int64_t done, int64_t total)
{
    g_autoptr(GString) line = g_string_new("\r\033[K");

    if (hc_progress_line(data, g_get_monotonic_time(), what, done, total, line)) {
        fputs(line->str, stderr);
        fflush(stderr);
    }
}

/* The same, but a case in which nothing was imported is an error whatever the mode. */
static struct hc_case *open_existing(const char *dir, enum hc_db_mode mode, hc_db **db, GError **error)
{
    g_autofree char *path = g_build_filename(dir ? dir : ".", "hindcast.db", NULL);

    return hc_command_case(dir, g_file_test(path, G_FILE_TEST_EXISTS) ? mode : HC_DB_READ, db, error);
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
        hc_complain(out->messages->pdata[i]);
    for (guint i = 0; i < out->written->len; i++)
        puts(out->written->pdata[i]);
    if (!out->error)
        return out->status;
    hc_complain(out->error->message);
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
    if (!hc_command_audience(o, error))
        return false;
    if (o->flavor && strcmp(o->flavor, "plain") != 0)
        return hc_fail(error, HC_ERROR_USAGE, "--flavor takes plain, not '%s'", o->flavor);
    return !o->lang || g_strv_contains(hc_report_languages(), o->lang) ||
           hc_fail(error, HC_ERROR_USAGE, "--lang takes en, not '%s'", o->lang);
}

static int report(hc_db *db, const struct hc_case *c, const struct hc_options *o, GPtrArray *written,
                  GError **error)
{
    return hc_report_write(db, c, hc_renderers, o->lang ? o->lang : "en", hc_command_is_public(o, c),
                           o->out_dir, written, error)
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
        files || has_evidence(out) ? hc_command_case(out->dir, HC_DB_WRITE, &db, &out->error) : NULL;
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

int hc_command_init(struct hc_options *o, GError **error)
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

int hc_command_run(struct hc_options *o, GError **error)
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

int hc_command_report(struct hc_options *o, GError **error)
{
    g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c =
        check_report_options(o, error) ? hc_command_case(o->dir, HC_DB_READ, &db, error) : NULL;
    int status = c ? report(db, c, o, written, error) : HC_EXIT_FAILED;

    for (guint i = 0; i < written->len; i++)
        puts(written->pdata[i]);
    hc_db_close(db);
    return status;
}

int hc_command_correlate(struct hc_options *o, GError **error)
{
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = open_existing(o->dir, HC_DB_WRITE, &db, error);
    g_autoptr(hc_sigma_rules_t) rules = c ? hc_correlate_rules(c, o->rules, error) : NULL;
    bool ok = rules && hc_correlate(db, c, rules, error);

    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

int hc_command_import(struct hc_options *o, GError **error)
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
