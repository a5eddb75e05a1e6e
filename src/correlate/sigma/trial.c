/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/rulebook.h"

#include "src/base/input.h"
#include "src/base/text.h"
#include "src/base/utc.h"
#include "src/correlate/sigma/detect.h"
#include "src/correlate/sigma/window.h"

static const char *const time_fields[] = {"@timestamp", "timestamp",       "time",      "eventTime",
                                          "published",  "createdDateTime", "created_at"};

struct trial {
    const struct hc_sigma_rules *rules;
    struct hc_sigma_event *event;
    struct hc_sigma_detector *detector;
    struct hc_sigma_windows *windows;
    struct hc_zone *utc;
    size_t times[G_N_ELEMENTS(time_fields)], until; /* slots */
    GArray *matched;                                /* size_t: rules that match the present event */
    GArray **events;                                /* by rule: uint32_t */
    GArray *any;                                    /* uint32_t: events that some detection matches */
    GArray *fired;                                  /* struct fired: the groups that fire, as first met */
    GHashTable *told;                               /* GString: rule and group -> number + 1 of those */
    uint32_t number, undated;
};

/* A group that fires, as JSON. */
struct fired {
    size_t rule;
    char *json;
    bool certain;
};

static void fired_clear(void *fired)
{
    g_free(((struct fired *)fired)->json);
}

static void free_text(void *text)
{
    g_string_free(text, TRUE);
}

static struct trial trial_new(const struct hc_sigma_rules *rules)
{
    struct trial t = {.rules = rules, .utc = hc_zone_new("UTC", NULL)};

    for (size_t i = 0; i < G_N_ELEMENTS(time_fields); i++)
        t.times[i] = hc_sigma_fields_slot(rules->fields, time_fields[i]);
    t.until = hc_sigma_fields_slot(rules->fields, "until");
    t.event = hc_sigma_event_new(rules->fields);
    t.detector = hc_sigma_detector_new(rules);
    t.windows = hc_sigma_windows_new(rules);
    t.matched = g_array_new(FALSE, FALSE, sizeof(size_t));
    t.any = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    t.events = g_new0(GArray *, rules->rules->len + 1);
    t.fired = g_array_new(FALSE, FALSE, sizeof(struct fired));
    g_array_set_clear_func(t.fired, fired_clear);
    t.told = g_hash_table_new_full((GHashFunc)g_string_hash, (GEqualFunc)g_string_equal, free_text, NULL);
    for (guint i = 0; i < rules->rules->len; i++)
        t.events[i] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    return t;
}

static void trial_clear(struct trial *t)
{
    for (guint i = 0; i < t->rules->rules->len; i++)
        g_array_unref(t->events[i]);
    g_free(t->events);
    g_array_unref(t->fired);
    g_hash_table_unref(t->told);
    g_array_unref(t->matched);
    g_array_unref(t->any);
    hc_sigma_windows_free(t->windows);
    hc_sigma_detector_free(t->detector);
    hc_sigma_event_free(t->event);
    hc_zone_free(t->utc);
}

/* The time that a field says: 1; 0: it is not there; -1: it cannot be read. */
static int read_time(const struct trial *t, size_t slot, struct hc_time *time)
{
    bool present;
    size_t n;
    const struct hc_sigma_value *v = hc_sigma_event_values(t->event, slot, &n, &present);

    if (!n || !v->text.p)
        return 0;
    return (v->numeric ? hc_time_epoch(v->text, NULL, time) : hc_time_iso(v->text, t->utc, false, time)) ? 1
                                                                                                         : -1;
}

static bool time_of(const struct trial *t, struct hc_sigma_when *when)
{
    struct hc_time from = {0}, until;
    int rc = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(time_fields) && !rc; i++)
        rc = read_time(t, t->times[i], &from);
    when->earliest = when->latest = from.earliest;
    if (rc == 1 && read_time(t, t->until, &until) == 1 && until.earliest > from.earliest)
        when->latest = until.earliest;
    return rc == 1;
}

static bool run_event(struct trial *t, struct hc_str object, GError **error)
{
    struct hc_sigma_when when;
    bool dated;

    hc_sigma_event_read(t->event, object);
    if (!hc_sigma_detect(t->detector, t->event, NULL, t->matched, error))
        return false;
    if (!t->matched->len)
        return true;
    g_array_append_val(t->any, t->number);
    dated = time_of(t, &when);
    t->undated += !dated;
    for (guint i = 0; i < t->matched->len; i++) {
        size_t rule = g_array_index(t->matched, size_t, i);
        g_array_append_val(t->events[rule], t->number);
        if (dated)
            hc_sigma_windows_hit(t->windows, rule, t->number, when, t->event);
    }
    return true;
}

/* A line that holds only white space is no event. */
static bool run_line(struct trial *t, struct hc_str line, int64_t no, const char *file, GError **error)
{
    struct hc_str text = line.p ? hc_str_trim(line) : HC_STR_NONE;
    const char *why = "the line is too long";
    size_t at = 0, n;

    if (line.p && !text.n)
        return true;
    n = text.p ? hc_json_check(text, &at, &why) : 0;
    if (n && (n != text.n || hc_json_type(text) != HC_JSON_OBJECT))
        why = "an event is one JSON object on a line";
    if (!n || n != text.n || hc_json_type(text) != HC_JSON_OBJECT)
        return hc_fail(error, HC_ERROR_INPUT, "%s:%" G_GINT64_FORMAT ": %s", file, no, why);
    if (t->number == HC_RULEBOOK_EVENTS_MAX)
        return hc_fail(error, HC_ERROR_INPUT, "%s:%" G_GINT64_FORMAT ": more than %u events", file, no,
                       HC_RULEBOOK_EVENTS_MAX);
    t->number++;
    return run_event(t, text, error);
}

static bool run_file(struct trial *t, const char *file, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(file, error);
    struct hc_locator at = {0};
    struct hc_str line;
    int rc = in ? hc_input_next(in, error) : -1;

    if (rc == 0)
        return true;
    while (rc == 1 && (rc = hc_input_line(in, &line, &at, error)) == 1)
        if (!run_line(t, line, at.line, file, error))
            return false;
    return rc == 0;
}

/* An hc_sigma_match_fn: a group is told once, however often it fires; it surely fires when it surely does
 * once. */
static void add_group(void *data, const struct hc_sigma_match *match)
{
    struct trial *t = data;
    size_t n = hc_sigma_rule_at(t->rules, match->rule)->correlation.n_keys;
    struct fired fired = {match->rule, NULL, match->certain};
    GString *id = g_string_new(NULL), *json = g_string_new("[");
    gsize known;

    for (size_t k = 0; k < n; k++) {
        g_string_append(json, k ? "," : "");
        hc_text_json(json, match->keys[k].text);
    }
    g_string_append_c(json, ']');
    g_string_printf(id, "%zu:", match->rule);
    g_string_append_len(id, json->str, (gssize)json->len);
    known = GPOINTER_TO_SIZE(g_hash_table_lookup(t->told, id));
    if (known) {
        g_array_index(t->fired, struct fired, known - 1).certain |= match->certain;
        g_string_free(id, TRUE);
        g_string_free(json, TRUE);
        return;
    }
    fired.json = g_string_free(json, FALSE);
    g_array_append_val(t->fired, fired);
    g_hash_table_insert(t->told, id, GSIZE_TO_POINTER((gsize)t->fired->len));
}

static void put_numbers(GString *out, const GArray *numbers)
{
    g_string_append_c(out, '[');
    for (guint i = 0; i < numbers->len; i++)
        g_string_append_printf(out, "%s%u", i ? "," : "", g_array_index(numbers, uint32_t, i));
    g_string_append_c(out, ']');
}

/* The groups of one rule that fire; or only those that may. True: there are some. */
static bool put_groups(const struct trial *t, size_t rule, bool possible, GString *out)
{
    bool any = false;

    for (guint i = 0; i < t->fired->len; i++) {
        const struct fired *f = &g_array_index(t->fired, struct fired, i);
        if (f->rule != rule || (possible && f->certain))
            continue;
        g_string_append_printf(out, "%s%s", any ? "," : "", f->json);
        any = true;
    }
    return any;
}

/* The groups that only may fire, by title. */
static void put_possible(const struct trial *t, GString *out)
{
    bool any = false;

    for (guint i = 0; i < t->rules->rules->len; i++) {
        g_autoptr(GString) groups = g_string_new(NULL);
        if (!put_groups(t, i, true, groups))
            continue;
        g_string_append(out, any ? "," : ",\"possible\":{");
        hc_text_json(out, hc_str(hc_sigma_rule_at(t->rules, i)->title));
        g_string_append_printf(out, ":[%s]", groups->str);
        any = true;
    }
    g_string_append(out, any ? "}" : "");
}

/* The rules of one kind, by title. */
static void put_rules(const struct trial *t, enum hc_sigma_kind kind, GString *out)
{
    bool any = false;

    for (guint i = 0; i < t->rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(t->rules, i);
        if (rule->kind != kind)
            continue;
        g_string_append(out, any ? "," : "");
        any = true;
        hc_text_json(out, hc_str(rule->title));
        g_string_append_c(out, ':');
        if (kind == HC_SIGMA_DETECTION)
            put_numbers(out, t->events[i]);
        else {
            g_string_append_c(out, '[');
            put_groups(t, i, false, out);
            g_string_append_c(out, ']');
        }
    }
}

static void put_answer(const struct trial *t, GString *out)
{
    guint64 crowded = hc_sigma_windows_crowded(t->windows);

    g_string_append(out, "{\"match\":");
    put_numbers(out, t->any);
    g_string_append(out, ",\"detections\":{");
    put_rules(t, HC_SIGMA_DETECTION, out);
    g_string_append(out, "},\"correlations\":{");
    put_rules(t, HC_SIGMA_CORRELATION, out);
    g_string_append_c(out, '}');
    put_possible(t, out);
    if (t->undated)
        g_string_append_printf(out, ",\"undated\":%u", t->undated);
    if (crowded)
        g_string_append_printf(out, ",\"crowded\":%" G_GUINT64_FORMAT, crowded);
    g_string_append(out, "}\n");
}

static bool put_error(const char *why, GString *out)
{
    g_autoptr(GString) clean = g_string_new(NULL);

    hc_text_utf8(clean, hc_str(why));
    g_string_append(out, "{\"error\":");
    hc_text_json(out, hc_str(clean->str));
    g_string_append(out, "}\n");
    return false;
}

bool hc_rulebook_test(const struct hc_sigma_rules *rules, const char *events, GString *out)
{
    g_autoptr(GError) why = NULL;
    struct trial t;
    bool ok;

    if (rules->problems->len)
        return put_error(rules->problems->pdata[0], out);
    t = trial_new(rules);
    ok = run_file(&t, events, &why);
    if (ok) {
        hc_sigma_windows_run(t.windows, add_group, &t);
        put_answer(&t, out);
    } else {
        put_error(why->message, out);
    }
    trial_clear(&t);
    return ok;
}
