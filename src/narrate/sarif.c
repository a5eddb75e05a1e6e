/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS, with errata 01): one run, in which a rule's finding is a result and the acts that it
 * consists of are a code flow.
 */
#include "src/narrate/sarif.h"

#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/utc.h"
#include "src/narrate/cells.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

struct sarif {
    struct hc_jsonout j;
    struct hc_writer *w;
    const struct artifacts *artifacts;
    GHashTable *rules; /* id -> index + 1 */
};

static void write_text(struct hc_jsonout *j, const char *key, const char *text)
{
    if (text && *text)
        hc_jsonout_text(j, key, hc_str(text));
}

/* "reports/rules/account-takeover.yaml" -> "AccountTakeover" */
static char *rule_name(const char *file)
{
    g_autofree char *base = g_path_get_basename(file);
    GString *name = g_string_new(NULL);
    bool upper = true;

    for (const char *p = base; *p && *p != '.'; p++) {
        if (g_ascii_isalnum(*p))
            g_string_append_c(name, upper ? g_ascii_toupper(*p) : *p);
        upper = !g_ascii_isalnum(*p);
    }
    return g_string_free(name, FALSE);
}

/* One of the lists of a rule: as `key` of its properties; its first web address as the rule's help. */
static void write_list(struct hc_jsonout *j, const char *key, struct hc_str lists, const char *from)
{
    struct hc_str list = hc_json_get(lists, from);

    if (hc_json_type(list) == HC_JSON_ARRAY && list.n > 2)
        hc_jsonout_raw(j, key, list);
}

static void write_help(struct hc_jsonout *j, struct hc_str lists)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct hc_str list = hc_json_get(lists, "falsepositives"), one;
    size_t pos = 0;

    while ((one = hc_json_next(list, &pos, NULL)).p) {
        g_string_append(text, text->len ? " " : "It may be harmless: ");
        hc_json_text(one, text);
    }
    if (text->len)
        sarif_message(j, "help", text->str);
    g_string_truncate(text, 0);
    if (hc_json_text(hc_json_get(lists, "references.0"), text) &&
        g_regex_match_simple("^https?://[!-~]+$", text->str, 0, 0))
        hc_jsonout_text(j, "helpUri", hc_str(text->str));
}

static void write_rule(struct hc_jsonout *j, hc_stmt *st)
{
    g_autofree char *id = hc_col_dup(st, 0), *title = hc_col_dup(st, 1), *level = hc_col_dup(st, 2),
                    *status = hc_col_dup(st, 3), *description = hc_col_dup(st, 4),
                    *author = hc_col_dup(st, 5), *date = hc_col_dup(st, 6), *file = hc_col_dup(st, 7),
                    *lists = hc_col_dup(st, 8), *name = rule_name(file);

    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_text(j, "id", hc_str(id));
    write_text(j, "name", name);
    sarif_message(j, "shortDescription", title);
    if (description && *description)
        sarif_message(j, "fullDescription", description);
    write_help(j, hc_str(lists));
    hc_jsonout_open(j, "defaultConfiguration", '{');
    hc_jsonout_text(j, "level", hc_str(level));
    hc_jsonout_close(j, '}');
    hc_jsonout_open(j, "properties", '{');
    write_list(j, "tags", hc_str(lists), "tags");
    write_list(j, "references", hc_str(lists), "references");
    write_list(j, "falsepositives", hc_str(lists), "falsepositives");
    write_text(j, "status", status);
    write_text(j, "author", author);
    write_text(j, "date", date);
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, '}');
}

static bool write_tool(struct sarif *s, hc_db *db, const char *version, GError **error)
{
    struct hc_jsonout *j = &s->j;
    hc_stmt *st = hc_db_stmt(db, "findings", "rules");
    gsize n = 0;
    int rc;

    hc_jsonout_open(j, "tool", '{');
    hc_jsonout_open(j, "driver", '{');
    hc_jsonout_text(j, "name", HC_STR_LIT("hindcast"));
    hc_jsonout_text(j, "version", hc_str(version));
    hc_jsonout_text(j, "semanticVersion", hc_str(version));
    sarif_message(
        j, "shortDescription",
        "Reconstructs what happened to accounts and projects from the evidence that a service has.");
    hc_jsonout_open(j, "rules", '[');
    while ((rc = hc_step(st, error)) == 1) {
        g_hash_table_insert(s->rules, hc_col_dup(st, 0), GSIZE_TO_POINTER(++n));
        write_rule(j, st);
    }
    hc_jsonout_close(j, ']');
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, '}');
    return rc == 0;
}

static void write_notification(struct sarif *s, const struct origin *o, const char *level, const char *text)
{
    struct spot at = {.origin = o, .offset = -1, .length = -1};

    hc_jsonout_open(&s->j, NULL, '{');
    hc_jsonout_text(&s->j, "level", hc_str(level));
    sarif_message(&s->j, "message", text);
    hc_jsonout_open(&s->j, "locations", '[');
    spot_location(s->artifacts, &at, NULL, NULL, &s->j);
    hc_jsonout_close(&s->j, ']');
    hc_jsonout_close(&s->j, '}');
}

/* What could not be looked at: without it "nothing was found" would say too much. */
static void write_unread(struct sarif *s, const struct found *found)
{
    hc_jsonout_open(&s->j, "toolExecutionNotifications", '[');
    for (guint i = 0; i < found->origins->len; i++) {
        const struct origin *o = found->origins->pdata[i];
        g_autofree char *rejected =
            g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " records could not be read",
                            o->rejected, o->records);
        g_autofree char *unread = g_strdup_printf("not read: %s", o->why ? o->why : "no reason is recorded");
        if (strcmp(o->status, "unread") == 0 || strcmp(o->status, "failed") == 0)
            write_notification(s, o, *o->status == 'f' ? "error" : "warning", unread);
        else if (o->rejected)
            write_notification(s, o, "warning", rejected);
    }
    hc_jsonout_close(&s->j, ']');
}

static void write_case_location(struct hc_jsonout *j, const char *key, int line)
{
    hc_jsonout_open(j, key, '{');
    hc_jsonout_open(j, "physicalLocation", '{');
    hc_jsonout_open(j, "artifactLocation", '{');
    hc_jsonout_text(j, "uri", HC_STR_LIT("case.yaml"));
    hc_jsonout_text(j, "uriBaseId", HC_STR_LIT("CASE"));
    hc_jsonout_close(j, '}');
    hc_jsonout_open(j, "region", '{');
    hc_jsonout_int(j, "startLine", line);
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, '}');
}

static void write_unused(struct sarif *s, const struct hc_case *c, const struct found *found)
{
    struct hc_jsonout *j = &s->j;

    hc_jsonout_open(j, "toolConfigurationNotifications", '[');
    for (size_t i = 0; i < c->n_suppressions; i++) {
        if (found->used[i])
            continue;
        hc_jsonout_open(j, NULL, '{');
        hc_jsonout_text(j, "level", HC_STR_LIT("note"));
        sarif_message(j, "message", "this suppresses nothing");
        hc_jsonout_open(j, "locations", '[');
        write_case_location(j, NULL, c->suppressions[i].line);
        hc_jsonout_close(j, ']');
        hc_jsonout_close(j, '}');
    }
    hc_jsonout_close(j, ']');
}

static void write_base(struct hc_jsonout *j, const char *name, const char *what)
{
    hc_jsonout_open(j, name, '{');
    sarif_message(j, "description", what);
    hc_jsonout_close(j, '}');
}

/* No path of this machine: whoever reads it says where the folders are. */
static void write_bases(struct hc_jsonout *j)
{
    hc_jsonout_open(j, "originalUriBaseIds", '{');
    write_base(j, "CASE", "The folder of the case.");
    write_base(j, "EXTERNAL", "The folder of files that were imported from outside of the case.");
    hc_jsonout_close(j, '}');
}

static char *step_text(const struct step *step)
{
    GString *out = g_string_new(NULL);
    char a[HC_UTC_TEXT], b[HC_UTC_TEXT];

    g_string_append_printf(out, "%s: ", step->what);
    if (step->has_time)
        g_string_append_printf(out, "%s ", hc_utc_format(step->time, a));
    if (step->has_until && (!step->has_time || step->until != step->time))
        g_string_append_printf(out, "%s %s ", step->has_time ? "to" : "not after",
                               hc_utc_format(step->until, b));
    g_string_append(out, hc_action_name(step->action));
    if (step->actor)
        g_string_append_printf(out, " by %s", step->actor);
    if (step->target)
        g_string_append_printf(out, ", of %s", step->target);
    if (step->object)
        g_string_append_printf(out, ", %s", step->object);
    return g_string_free(out, FALSE);
}

/* A point in time is only given where it is one. */
static void write_step(struct sarif *s, const struct step *step)
{
    struct hc_jsonout *j = &s->j;
    g_autofree char *text = step_text(step);
    char time[HC_UTC_TEXT];

    hc_jsonout_open(j, NULL, '{');
    spot_location(s->artifacts, &step->at, "location", text, j);
    hc_jsonout_open(j, "kinds", '[');
    hc_jsonout_text(j, NULL, hc_str(hc_action_name(step->action)));
    hc_jsonout_close(j, ']');
    if (step->has_time && step->has_until && step->time == step->until)
        hc_jsonout_text(j, "executionTimeUtc", hc_str(hc_utc_format(step->time, time)));
    hc_jsonout_text(j, "importance", HC_STR_LIT("essential"));
    hc_jsonout_open(j, "properties", '{');
    if (step->has_time)
        hc_jsonout_text(j, "time", hc_str(hc_utc_format(step->time, time)));
    if (step->has_until)
        hc_jsonout_text(j, "until", hc_str(hc_utc_format(step->until, time)));
    write_text(j, "because", step->because);
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, '}');
}

static void write_flow(struct sarif *s, const struct finding *f)
{
    struct hc_jsonout *j = &s->j;

    if (!f->steps->len)
        return;
    hc_jsonout_open(j, "codeFlows", '[');
    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_open(j, "threadFlows", '[');
    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_open(j, "locations", '[');
    for (guint i = 0; i < f->steps->len; i++)
        write_step(s, f->steps->pdata[i]);
    hc_jsonout_close(j, ']');
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, ']');
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, ']');
}

/* The other records that it is about: of two that contradict each other the second. */
static void write_related(struct sarif *s, const struct finding *f)
{
    struct hc_jsonout *j = &s->j;

    if (!f->places->len)
        return;
    hc_jsonout_open(j, "relatedLocations", '[');
    for (guint i = 0; i < f->places->len; i++) {
        const struct further *place = f->places->pdata[i];
        spot_location(s->artifacts, &place->at, NULL, place->what, j);
    }
    hc_jsonout_close(j, ']');
}

static void write_suppression(struct hc_jsonout *j, const struct hc_case_suppression *s)
{
    hc_jsonout_open(j, "suppressions", '[');
    if (s) {
        hc_jsonout_open(j, NULL, '{');
        hc_jsonout_text(j, "kind", HC_STR_LIT("external"));
        hc_jsonout_text(j, "status", HC_STR_LIT("accepted"));
        hc_jsonout_text(j, "justification", hc_str(s->reason));
        write_case_location(j, "location", s->line);
        hc_jsonout_close(j, '}');
    }
    hc_jsonout_close(j, ']');
}

static void write_properties(struct hc_jsonout *j, const struct finding *f)
{
    hc_jsonout_open(j, "properties", '{');
    write_text(j, "title", f->title);
    write_text(j, "actor", f->actor);
    write_text(j, "target", f->target);
    write_text(j, "source", f->at.origin ? f->at.origin->name : f->source);
    hc_jsonout_text(j, "certainty", hc_str(f->certainty));
    write_text(j, "because", f->because);
    hc_jsonout_close(j, '}');
}

/* The place as it is told elsewhere too: a viewer may not know what lies inside of what. */
static void write_place(struct sarif *s, const struct finding *f)
{
    g_autofree char *place = NULL;

    hc_jsonout_open(&s->j, "locations", '[');
    if (f->at.origin) {
        place = f->at.line ? g_strdup_printf("%s:%" G_GINT64_FORMAT, f->at.origin->name, f->at.line)
                           : g_strdup(f->at.origin->name);
        spot_location(s->artifacts, &f->at, NULL, place, &s->j);
    }
    hc_jsonout_close(&s->j, ']');
}

static void write_result(struct sarif *s, const struct finding *f)
{
    static const char *const states[] = {NULL, "new", "unchanged", "updated", "absent"};
    struct hc_jsonout *j = &s->j;
    gsize rule = GPOINTER_TO_SIZE(g_hash_table_lookup(s->rules, f->rule));

    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_text(j, "ruleId", hc_str(f->rule));
    if (rule)
        hc_jsonout_int(j, "ruleIndex", (int64_t)rule - 1);
    hc_jsonout_text(j, "level", hc_str(f->level));
    sarif_message(j, "message", f->message);
    write_place(s, f);
    write_related(s, f);
    write_flow(s, f);
    hc_jsonout_open(j, "partialFingerprints", '{');
    hc_jsonout_text(j, SARIF_FINGERPRINT, hc_str(f->fingerprint));
    hc_jsonout_close(j, '}');
    write_text(j, "baselineState", states[f->known]);
    write_suppression(j, f->suppression);
    write_properties(j, f);
    hc_jsonout_close(j, '}');
}

static bool write_results(struct sarif *s, const struct found *found, GError **error)
{
    hc_jsonout_open(&s->j, "results", '[');
    for (guint i = 0; i < found->findings->len; i++) {
        write_result(s, found->findings->pdata[i]);
        if (!flush_rows(s->w, s->j.out, FLUSH_SIZE, error))
            return false;
    }
    hc_jsonout_close(&s->j, ']');
    return true;
}

static bool write_run(struct sarif *s, hc_db *db, const struct hc_case *c, const struct found *found,
                      const char *version, GError **error)
{
    struct hc_jsonout *j = &s->j;

    hc_jsonout_open(j, NULL, '{');
    if (!write_tool(s, db, version, error))
        return false;
    hc_jsonout_open(j, "invocations", '[');
    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_bool(j, "executionSuccessful", true);
    write_unread(s, found);
    write_unused(s, c, found);
    hc_jsonout_close(j, '}');
    hc_jsonout_close(j, ']');
    write_bases(j);
    hc_jsonout_text(j, "columnKind", HC_STR_LIT("unicodeCodePoints"));
    artifacts_write(s->artifacts, j);
    if (!write_results(s, found, error))
        return false;
    hc_jsonout_close(j, '}');
    return true;
}

bool findings_sarif(hc_db *db, const struct hc_case *c, const struct found *found, const char *version,
                    struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GHashTable) rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(artifacts_t) artifacts = artifacts_new(found);
    struct sarif s = {{.out = out, .lines = 4}, w, artifacts, rules};

    hc_jsonout_open(&s.j, NULL, '{');
    hc_jsonout_text(&s.j, "$schema", HC_STR_LIT(SCHEMA));
    hc_jsonout_text(&s.j, "version", HC_STR_LIT("2.1.0"));
    hc_jsonout_open(&s.j, "runs", '[');
    if (!write_run(&s, db, c, found, version, error))
        return false;
    hc_jsonout_close(&s.j, ']');
    hc_jsonout_close(&s.j, '}');
    g_string_append_c(out, '\n');
    return flush_rows(w, out, 0, error);
}
