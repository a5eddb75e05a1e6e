/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/findings.h"

#include "src/base/jsonout.h"
#include "src/base/text.h"
#include "src/base/utc.h"
#include "src/narrate/cells.h"
#include "src/narrate/finding.h"
#include "src/narrate/regions.h"

static const char *const levels[] = {"", "note", "warning", "error"};
static const char *const states[] = {NULL, "new", "unchanged", "updated", "absent"};

enum hc_level hc_level_by_name(const char *name)
{
    for (int i = HC_LEVEL_NOTE; i <= HC_LEVEL_ERROR; i++)
        if (g_strcmp0(name, levels[i]) == 0)
            return (enum hc_level)i;
    return HC_LEVEL_NONE;
}

static void visible(GString *out, const char *text)
{
    hc_text_visible(out, hc_str(text ? text : "-"), false);
}

static void place_text(const struct spot *at, const char *else_name, GString *out)
{
    visible(out, at->origin ? at->origin->name : else_name ? else_name : "case");
    if (at->line)
        g_string_append_printf(out, ":%" G_GINT64_FORMAT, at->line);
}

static void step_text(const struct step *s, GString *out)
{
    char time[HC_UTC_TEXT];

    g_string_append(out, "    ");
    place_text(&s->at, NULL, out);
    g_string_append(out, ": ");
    visible(out, s->what);
    g_string_append_printf(out, ": %s", s->has_time ? hc_utc_format(s->time, time) : "");
    if (s->has_until && (!s->has_time || s->until != s->time))
        g_string_append_printf(out, "..%s", hc_utc_format(s->until, time));
    g_string_append_printf(out, "  %s  ", hc_action_name(s->action));
    visible(out, s->actor);
    g_string_append(out, " -> ");
    visible(out, s->target);
    g_string_append(out, "  ");
    visible(out, s->object);
    g_string_append_c(out, '\n');
}

static void further_text(const struct further *x, GString *out)
{
    g_string_append(out, "    ");
    place_text(&x->at, NULL, out);
    g_string_append(out, ": ");
    visible(out, x->what);
    g_string_append_c(out, '\n');
}

/* As a compiler would say it. */
static void finding_text(const struct finding *f, bool all, GString *out)
{
    place_text(&f->at, f->source, out);
    g_string_append_printf(out, ": %s: ", f->level);
    visible(out, f->message);
    g_string_append(out, " [");
    visible(out, f->rule);
    g_string_append_c(out, ']');
    if (strcmp(f->certainty, "certain") != 0)
        g_string_append_printf(out, " (%s)", f->certainty);
    if (all && f->known != KNOWN_NOTHING)
        g_string_append_printf(out, " (%s)", states[f->known]);
    if (f->suppression) {
        g_string_append(out, " (suppressed: ");
        visible(out, f->suppression->reason);
        g_string_append_c(out, ')');
    }
    g_string_append_c(out, '\n');
    for (guint i = 0; all && i < f->steps->len; i++)
        step_text(f->steps->pdata[i], out);
    for (guint i = 0; all && i < f->places->len; i++)
        further_text(f->places->pdata[i], out);
}

bool findings_text(const struct found *found, bool all, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; i < found->findings->len; i++) {
        const struct finding *f = found->findings->pdata[i];
        if (all || finding_counts(f))
            finding_text(f, all, out);
        if (!flush_rows(w, out, FLUSH_SIZE, error))
            return false;
    }
    return flush_rows(w, out, 0, error);
}

static void number_json(struct hc_jsonout *j, const char *key, bool known, int64_t value)
{
    if (known)
        hc_jsonout_int(j, key, value);
    else
        hc_jsonout_text(j, key, HC_STR_NONE);
}

static void time_json(struct hc_jsonout *j, const char *key, bool known, int64_t value)
{
    char time[HC_UTC_TEXT];

    hc_jsonout_text(j, key, known ? hc_str(hc_utc_format(value, time)) : HC_STR_NONE);
}

static void spot_json(struct hc_jsonout *j, const struct spot *at, const char *else_name)
{
    hc_jsonout_text(j, "source", hc_str(at->origin ? at->origin->name : else_name));
    number_json(j, "line", at->line > 0, at->line);
    number_json(j, "offset", at->offset >= 0, at->offset);
    number_json(j, "length", at->length >= 0, at->length);
}

static void step_json(struct hc_jsonout *j, const struct step *s)
{
    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_int(j, "step", s->number);
    hc_jsonout_text(j, "what", hc_str(s->what));
    time_json(j, "time", s->has_time, s->time);
    time_json(j, "until", s->has_until, s->until);
    hc_jsonout_text(j, "action", hc_str(hc_action_name(s->action)));
    hc_jsonout_text(j, "actor", hc_str(s->actor));
    hc_jsonout_text(j, "target", hc_str(s->target));
    hc_jsonout_text(j, "object", hc_str(s->object));
    hc_jsonout_text(j, "because", hc_str(s->because));
    spot_json(j, &s->at, NULL);
    hc_jsonout_close(j, '}');
}

static void finding_json(struct hc_jsonout *j, const struct finding *f)
{
    hc_jsonout_open(j, NULL, '{');
    hc_jsonout_text(j, "rule", hc_str(f->rule));
    hc_jsonout_text(j, "level", hc_str(f->level));
    hc_jsonout_text(j, "certainty", hc_str(f->certainty));
    hc_jsonout_text(j, "title", hc_str(f->title));
    hc_jsonout_text(j, "message", hc_str(f->message));
    hc_jsonout_text(j, "because", hc_str(f->because));
    hc_jsonout_text(j, "actor", hc_str(f->actor));
    hc_jsonout_text(j, "target", hc_str(f->target));
    spot_json(j, &f->at, f->source);
    hc_jsonout_text(j, "fingerprint", hc_str(f->fingerprint));
    hc_jsonout_text(j, "baseline", hc_str(states[f->known]));
    hc_jsonout_text(j, "suppressed", hc_str(f->suppression ? f->suppression->reason : NULL));
    hc_jsonout_open(j, "events", '[');
    for (guint i = 0; i < f->steps->len; i++)
        step_json(j, f->steps->pdata[i]);
    hc_jsonout_close(j, ']');
    hc_jsonout_open(j, "places", '[');
    for (guint i = 0; i < f->places->len; i++) {
        const struct further *place = f->places->pdata[i];
        hc_jsonout_open(j, NULL, '{');
        hc_jsonout_text(j, "what", hc_str(place->what));
        spot_json(j, &place->at, NULL);
        hc_jsonout_close(j, '}');
    }
    hc_jsonout_close(j, ']');
    hc_jsonout_close(j, '}');
}

bool findings_json(const struct found *found, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    struct hc_jsonout j = {.out = out, .lines = 1};

    hc_jsonout_open(&j, NULL, '[');
    for (guint i = 0; i < found->findings->len; i++) {
        finding_json(&j, found->findings->pdata[i]);
        if (!flush_rows(w, out, FLUSH_SIZE, error))
            return false;
    }
    hc_jsonout_close(&j, ']');
    g_string_append_c(out, '\n');
    return flush_rows(w, out, 0, error);
}

void hc_findings_result_clear(struct hc_findings_result *result)
{
    g_clear_pointer(&result->messages, g_ptr_array_unref);
}

static void sum_up(const struct hc_case *c, const struct found *found, const struct hc_findings_options *o,
                   struct hc_findings_result *r)
{
    guint known = 0, suppressed = 0, gone = 0;

    r->worst = HC_LEVEL_NONE;
    r->messages = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < found->findings->len; i++) {
        const struct finding *f = found->findings->pdata[i];
        if (finding_counts(f))
            r->worst = MAX(r->worst, hc_level_by_name(f->level));
        else if (f->suppression)
            suppressed++;
        else if (f->known == KNOWN_ABSENT)
            gone++;
        else
            known++;
    }
    for (size_t i = 0; i < c->n_suppressions; i++)
        if (!found->used[i])
            g_ptr_array_add(r->messages, g_strdup_printf("case.yaml:%d: this suppresses nothing",
                                                         c->suppressions[i].line));
    if (o->form == HC_FINDINGS_TEXT && !o->all && known + suppressed + gone)
        g_ptr_array_add(
            r->messages,
            g_strdup_printf(
                "not shown: %u known, %u suppressed, %u of the baseline that are gone; -v shows them", known,
                suppressed, gone));
}

bool hc_findings(hc_db *db, const struct hc_case *c, const struct hc_findings_options *options,
                 struct hc_writer *out, struct hc_findings_result *result, GError **error)
{
    g_autoptr(found_t) found = found_load(db, c, error);

    if (!found || (options->baseline && !found_compare(found, options->baseline, error)))
        return false;
    sum_up(c, found, options, result);
    if (options->form == HC_FINDINGS_TEXT)
        return findings_text(found, options->all, out, error);
    if (options->form == HC_FINDINGS_JSON)
        return findings_json(found, out, error);
    regions_fill(c, options->external, found);
    return findings_sarif(db, c, found, options->version, out, error);
}
