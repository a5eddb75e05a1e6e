/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that show something. */
#include "config.h"
#include "src/commands.h"

#include "src/correlate/correlate.h"
#include "src/correlate/rule.h"
#include "src/correlate/sigma/rulebook.h"
#include "src/evidence/formats.h"
#include "src/evidence/verify.h"
#include "src/narrate/diff.h"
#include "src/narrate/findings.h"
#include "src/narrate/rows.h"

#include <stdio.h>

static enum hc_rows_format rows_format(const struct hc_options *o, GError **error)
{
    static const char *const names[] = {"text", "jsonl", "csv"};

    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (g_strcmp0(o->output ? o->output : "text", names[i]) == 0)
            return (enum hc_rows_format)i;
    hc_fail(error, HC_ERROR_USAGE, "-f takes text, jsonl or csv, not '%s'", o->output);
    return HC_ROWS_TEXT;
}

/* The lists in all three forms: which one is said by its command. */
enum list { LIST_EVENTS, LIST_TIMELINE, LIST_SOURCES, LIST_CLAIMS, LIST_IDENTITIES };

static bool write_list(hc_db *db, const struct hc_case *c, enum list which, const struct hc_options *o,
                       enum hc_rows_format format, GError **error)
{
    struct hc_writer out = {hc_command_out, NULL};

    if (which == LIST_EVENTS)
        return hc_rows_events(db, o->source, format, &out, error);
    if (which == LIST_CLAIMS)
        return hc_rows_claims(db, format, &out, error);
    if (which == LIST_IDENTITIES)
        return hc_rows_identities(db, hc_command_is_public(o, c) ? c : NULL, format, &out, error);
    return which == LIST_TIMELINE ? hc_rows_timeline(db, format, &out, error)
                                  : hc_rows_sources(db, o->rejects, format, &out, error);
}

static int list(struct hc_options *o, enum list which, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    enum hc_rows_format format = rows_format(o, &wrong);
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = wrong ? NULL : hc_command_case(o->dir, HC_DB_READ, &db, error);
    bool ok = c && write_list(db, c, which, o, format, error);

    if (wrong)
        g_propagate_error(error, g_steal_pointer(&wrong));
    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

int hc_command_events(struct hc_options *o, GError **error)
{
    return list(o, LIST_EVENTS, error);
}

int hc_command_timeline(struct hc_options *o, GError **error)
{
    return list(o, LIST_TIMELINE, error);
}

int hc_command_sources(struct hc_options *o, GError **error)
{
    return list(o, LIST_SOURCES, error);
}

int hc_command_claims(struct hc_options *o, GError **error)
{
    return list(o, LIST_CLAIMS, error);
}

int hc_command_identities(struct hc_options *o, GError **error)
{
    if (!hc_command_audience(o, error))
        return HC_EXIT_USAGE;
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

int hc_command_findings(struct hc_options *o, GError **error)
{
    struct hc_writer out = {hc_command_out, NULL};
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
        c = hc_command_case(o->dir, HC_DB_READ, &db, error);
    ok = c && hc_findings(db, c, &options, &out, &result, error);
    for (guint i = 0; ok && !o->quiet && i < result.messages->len; i++)
        hc_complain(result.messages->pdata[i]);
    hc_db_close(db);
    hc_findings_result_clear(&result);
    return !ok ? HC_EXIT_FAILED : limit && result.worst >= limit ? HC_EXIT_FINDINGS : HC_EXIT_OK;
}

int hc_command_diff(struct hc_options *o, GError **error)
{
    struct hc_writer out = {hc_command_out, NULL};
    bool json = g_strcmp0(o->output, "jsonl") == 0;
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = NULL;
    bool ok;

    if (!o->rest || g_strv_length(o->rest) != 2)
        hc_fail(error, HC_ERROR_USAGE, "diff needs two labels: from which dump, to which");
    else if (o->output && !json && strcmp(o->output, "text") != 0)
        hc_fail(error, HC_ERROR_USAGE, "-f takes text or jsonl, not '%s'", o->output);
    else
        c = hc_command_case(o->dir, HC_DB_READ, &db, error);
    ok = c && hc_diff(db, o->rest[0], o->rest[1], json ? HC_ROWS_JSONL : HC_ROWS_TEXT, &out, error);
    hc_db_close(db);
    return ok ? HC_EXIT_OK : HC_EXIT_FAILED;
}

int hc_command_verify(struct hc_options *o, GError **error)
{
    struct hc_verify_result r = {0};
    hc_db *db = NULL;
    g_autoptr(hc_case_t) c = hc_command_case(o->dir, HC_DB_READ, &db, error);
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
        hc_complain(r.messages->pdata[i]);
    if (status == HC_EXIT_OK)
        printf("%" G_GINT64_FORMAT " files (%" G_GINT64_FORMAT " bytes) and %" G_GINT64_FORMAT
               " cited places are as they were imported\n",
               r.sources, r.bytes, r.places);
    hc_verify_result_clear(&r);
    hc_db_close(db);
    return status;
}

int hc_command_formats(struct hc_options *o, GError **error)
{
    int status = HC_EXIT_OK;

    for (char **file = o->rest; file && *file; file++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GError) failed = NULL;
        const bool told = hc_formats_tell(*file, hc_importers, out, &failed);
        fputs(out->str, stdout);
        if (told)
            continue;
        hc_complain(failed->message);
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

int hc_command_rules(struct hc_options *o, GError **error)
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
        hc_complain(rules->problems->pdata[i]);
    return good ? HC_EXIT_OK : HC_EXIT_FINDINGS;
}
