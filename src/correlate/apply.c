/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the case: detections over acts and events as they come, correlations over what they hit. */
#include "src/correlate/apply.h"

#include "src/base/keyed.h"
#include "src/base/words.h"
#include "src/correlate/sigma/detect.h"
#include "src/correlate/sigma/message.h"

struct applying {
    struct applied out;
    struct hc_sigma_detector *detector;
    struct hc_sigma_windows *windows;
    GArray *now;      /* size_t: rules that match the present subject */
    GHashTable *open; /* rule, actor and target of a detection, and what it says -> its struct found */
    GError **error;
    bool failed;
};

static struct found *found_new(size_t rule)
{
    struct found *f = g_new0(struct found, 1);

    f->rule = rule;
    f->certain = true;
    f->members = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_member));
    f->because = g_string_new(NULL);
    return f;
}

static void found_free(void *data)
{
    struct found *f = data;

    g_free(f->message);
    g_free(f->about);
    g_array_unref(f->members);
    g_string_free(f->because, TRUE);
    g_free(f);
}

const char *rule_called(const struct hc_sigma_rule *rule)
{
    return rule->own.rule ? rule->own.rule : rule->id ? rule->id : rule->name ? rule->name : rule->title;
}

/* A word of the message of a detection: the first value of the field. */
static bool field_word(void *data, struct hc_str name, GString *out)
{
    const struct subject *s = ((void **)data)[0];
    const struct hc_sigma_rules *rules = ((void **)data)[1];
    g_autofree char *field = hc_str_dup(name);
    ptrdiff_t slot = hc_sigma_fields_find(rules->fields, field);
    bool present;
    size_t n = 0;
    const struct hc_sigma_value *v =
        slot < 0 ? NULL : hc_sigma_event_values(s->fields, (size_t)slot, &n, &present);

    for (size_t i = 0; i < n; i++)
        if (v[i].text.p) {
            g_string_append_len(out, v[i].text.p, (gssize)v[i].text.n);
            return true;
        }
    return false;
}

/* The account that a field of the event names. */
static int64_t field_account(const struct applying *a, const struct subject *s, const char *field,
                             int64_t otherwise)
{
    ptrdiff_t slot = field ? hc_sigma_fields_find(a->out.rules->fields, field) : -1;
    bool present;
    size_t n = 0;
    const struct hc_sigma_value *v;

    if (!field)
        return otherwise;
    v = slot < 0 ? NULL : hc_sigma_event_values(s->fields, (size_t)slot, &n, &present);
    return n ? v->thing : 0;
}

/* One finding for all that a detection matched with the same two accounts, and of which its message says the
 * same. */
static void add_to_found(struct applying *a, size_t rule, const struct subject *s, uint32_t number)
{
    const struct hc_sigma_rule *r = hc_sigma_rule_at(a->out.rules, rule);
    int64_t actor = field_account(a, s, r->own.actor, s->actor),
            target = field_account(a, s, r->own.target, s->target);
    void *data[] = {(void *)s, (void *)a->out.rules};
    g_autofree char *says = r->own.message ? hc_sigma_message_fill(r->own.message, field_word, data) : NULL;
    g_autofree char *id = g_strdup_printf("%zu %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", rule, actor,
                                          target, says ? says : "");
    struct found *f = g_hash_table_lookup(a->open, id);
    const struct hc_sigma_member member = {rule, number, s->dated ? s->when.earliest : INT64_MIN,
                                           s->dated ? s->when.latest : INT64_MIN};

    if (!f) {
        g_autofree char *who = actor ? name_of(a->out.w, actor) : g_strdup("-"),
                        *whom = target ? name_of(a->out.w, target) : g_strdup("-");
        f = found_new(rule);
        f->actor = actor;
        f->target = target;
        f->about = g_strdup_printf("%s %s", who, whom);
        f->message = says ? g_steal_pointer(&says) : g_strdup(r->title);
        g_hash_table_insert(a->open, g_steal_pointer(&id), f);
        g_ptr_array_add(a->out.found, f);
    }
    if (f->members->len < FOUND_RECORDS_MAX)
        g_array_append_val(f->members, member);
    else
        f->more++;
}

static void add_hit(struct applied *a, size_t rule, uint32_t number)
{
    if (!a->hits[rule])
        a->hits[rule] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_append_val(a->hits[rule], number);
}

static bool take_subject(struct applying *a, const struct subject *s)
{
    const struct matched matched = {.id = (uint64_t)(s->act ? s->act : s->event),
                                    .is_act = s->act != 0,
                                    .dated = s->dated,
                                    .when = s->when};
    uint32_t number = a->out.matched->len + 1;

    if (!hc_sigma_detect(a->detector, s->fields, s->allowed, a->now, a->error))
        return false;
    if (!a->now->len)
        return true;
    g_array_append_val(a->out.matched, matched);
    for (guint i = 0; i < a->now->len; i++) {
        size_t rule = g_array_index(a->now, size_t, i);
        add_hit(&a->out, rule, number);
        if (!hc_sigma_rule_at(a->out.rules, rule)->listed)
            add_to_found(a, rule, s, number);
        if (s->dated)
            hc_sigma_windows_hit(a->windows, rule, number, s->when, s->fields);
    }
    return true;
}

/* A word of the message of a correlation. */
struct wording {
    const struct hc_sigma_rules *rules;
    const struct hc_sigma_correlation *c;
    const struct hc_sigma_match *match;
    const GArray *parts;
};

static bool add_number(const struct hc_sigma_part *part, struct hc_str name, GString *out)
{
    g_autofree char *took = NULL;

    if (hc_str_is(name, "n")) {
        g_string_append_printf(out, "%zu", part->n);
        return true;
    }
    took = hc_words_duration(part->duration);
    g_string_append(out, took);
    return true;
}

static bool match_word(void *data, struct hc_str name, GString *out)
{
    const struct wording *w = data;
    ptrdiff_t dot = hc_str_chr(name, '.');

    for (size_t k = 0; k < w->c->n_keys; k++)
        if (hc_str_is(name, w->c->keys[k])) {
            g_string_append_len(out, w->match->keys[k].text.p, (gssize)w->match->keys[k].text.n);
            return true;
        }
    for (guint i = 0; i < w->parts->len; i++) {
        const struct hc_sigma_part *part = &g_array_index(w->parts, struct hc_sigma_part, i);
        const char *called = hc_sigma_rule_at(w->rules, part->rule)->name;
        if (dot < 0 && i == 0)
            return add_number(part, name, out);
        if (dot > 0 && i && called && hc_str_eq(hc_str(called), hc_str_head(name, (size_t)dot)))
            return add_number(part, hc_str_skip(name, (size_t)dot + 1), out);
    }
    return false;
}

/* The thing that a key names; of two roles the one that the rule says, or the key that is called so. */
static int64_t key_thing(const struct hc_sigma_rule *r, const struct hc_sigma_match *match, const char *said,
                         const char *otherwise)
{
    for (size_t k = 0; k < r->correlation.n_keys; k++)
        if (strcmp(r->correlation.keys[k], said ? said : otherwise) == 0)
            return match->keys[k].thing;
    return 0;
}

static char *about_keys(const struct hc_sigma_rule *r, const struct hc_sigma_match *match)
{
    GString *out = g_string_new(NULL);

    for (size_t k = 0; k < r->correlation.n_keys; k++)
        g_string_append_printf(out, "%s%.*s", k ? " " : "", HC_STR_ARG(match->keys[k].text));
    return g_string_free(out, FALSE);
}

/* A correlation that others list is told by them; what its last record was stays to be asked for. */
static void keep_hit(struct applying *a, const struct hc_sigma_match *match, const GArray *members)
{
    if (members->len)
        add_hit(&a->out, match->rule,
                g_array_index(members, struct hc_sigma_member, members->len - 1).number);
}

/* Of what fired in a match, itself aside, the rule that did so most often. */
static const char *pattern_of(const struct applying *a, const GArray *parts)
{
    g_autofree guint *counts = g_new0(guint, a->out.rules->rules->len + 1);
    size_t most = 0;
    bool any = false;

    for (guint i = 1; i < parts->len; i++)
        counts[g_array_index(parts, struct hc_sigma_part, i).rule]++;
    for (size_t rule = 0; rule < a->out.rules->rules->len; rule++)
        if (counts[rule] > (any ? counts[most] : 0)) {
            most = rule;
            any = true;
        }
    return any ? rule_called(hc_sigma_rule_at(a->out.rules, most)) : NULL;
}

/* An hc_sigma_match_fn. */
static void take_match(void *data, const struct hc_sigma_match *match)
{
    struct applying *a = data;
    const struct hc_sigma_rule *r = hc_sigma_rule_at(a->out.rules, match->rule);
    struct found *f = found_new(match->rule);
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_part));
    struct wording wording = {a->out.rules, &r->correlation, match, parts};

    hc_sigma_windows_members(a->windows, match, f->members, parts);
    if (r->listed) {
        keep_hit(a, match, f->members);
        found_free(f);
        return;
    }
    f->more = f->members->len > FOUND_RECORDS_MAX ? f->members->len - FOUND_RECORDS_MAX : 0;
    g_array_set_size(f->members, f->members->len - f->more);
    f->certain = match->certain;
    f->pattern = pattern_of(a, parts);
    f->actor = key_thing(r, match, r->own.actor, "actor");
    f->target = key_thing(r, match, r->own.target, "target");
    f->about = about_keys(r, match);
    f->message =
        r->own.message ? hc_sigma_message_fill(r->own.message, match_word, &wording) : g_strdup(r->title);
    if (!f->certain)
        g_string_append(f->because, "possible: the times of some records overlap, and only in one of the "
                                    "orders that they allow it is so\n");
    g_ptr_array_add(a->out.found, f);
}

static bool run(struct applying *a, GError **error)
{
    g_autoptr(stream_t) stream = stream_new(a->out.w, a->out.rules, error);
    struct subject subject;
    int rc = stream ? 1 : -1;

    while (rc == 1 && (rc = stream_next(stream, &subject, error)) == 1)
        if (!take_subject(a, &subject))
            return false;
    if (rc < 0)
        return false;
    hc_sigma_windows_run(a->windows, take_match, a);
    return tell_all(&a->out, error);
}

bool pass_apply(struct world *w, GError **error)
{
    struct applying a = {.out = {.w = w, .rules = w->rules}, .error = error};
    bool ok;

    a.detector = hc_sigma_detector_new(w->rules);
    a.windows = hc_sigma_windows_new(w->rules);
    a.now = g_array_new(FALSE, FALSE, sizeof(size_t));
    a.open = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    a.out.matched = g_array_new(FALSE, FALSE, sizeof(struct matched));
    a.out.hits = g_new0(GArray *, w->rules->rules->len + 1);
    a.out.found = g_ptr_array_new_with_free_func(found_free);
    ok = run(&a, error);
    g_ptr_array_unref(a.out.found);
    for (guint i = 0; i < w->rules->rules->len; i++)
        g_clear_pointer(&a.out.hits[i], g_array_unref);
    g_free(a.out.hits);
    g_array_unref(a.out.matched);
    g_hash_table_unref(a.open);
    g_array_unref(a.now);
    hc_sigma_windows_free(a.windows);
    hc_sigma_detector_free(a.detector);
    return ok;
}
