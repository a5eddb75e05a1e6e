/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/stream.h"

#include "src/base/json.h"
#include "src/correlate/derived.h"
#include "src/correlate/logsource.h"

/* Our fields; each is found by any of its names. */
enum field {
    F_ACTION,
    F_OUTCOME,
    F_ACTOR,
    F_TARGET,
    F_OBJECT,
    F_PROJECT,
    F_VERSION,
    F_FILE,
    F_ADDRESS,
    F_MESSAGE,
    F_TEXT,
    F_SOURCE,
    F_TYPE,
    F_REALM,
    F_ACCOUNTS,
    F_TIME,
    F_ACCOUNT,
    F_NEW_ADDRESS,
    F_MENTIONS,
    F_NAMESAKES,
    F_COUNT
};
#define NAMES_MAX 4

static const char *const names[F_COUNT][NAMES_MAX] = {
    [F_ACTION] = {"action", "event.action"},
    [F_OUTCOME] = {"outcome", "event.outcome"},
    [F_ACTOR] = {"actor", "user.name"},
    [F_TARGET] = {"target", "user.target.name"},
    [F_OBJECT] = {"object"},
    [F_PROJECT] = {"project", "package.name"},
    [F_VERSION] = {"version", "package.version"},
    [F_FILE] = {"file", "file.name"},
    [F_ADDRESS] = {"address", "source.ip", "related.ip"},
    [F_MESSAGE] = {"message_id", "email.message_id"},
    [F_TEXT] = {"text"},
    [F_SOURCE] = {"source", "log.file.path"},
    [F_TYPE] = {"type", "event.dataset"},
    [F_REALM] = {"realm", "event.module"},
    [F_ACCOUNTS] = {"related.user"},
    [F_TIME] = {"time", "@timestamp"},
    [F_ACCOUNT] = {"account"},
    [F_NEW_ADDRESS] = {"new_address"},
    [F_MENTIONS] = {"mentions"},
    [F_NAMESAKES] = {"namesakes"},
};

/* An entity that events name: what it is called and what it is. */
struct known {
    char *name;
    int kind; /* 0: not looked up yet */
};

struct stream {
    struct world *w;
    const struct hc_sigma_rules *rules;
    struct logsources *logsources;
    struct derived *derived;
    struct hc_sigma_event *event;
    ptrdiff_t slots[F_COUNT][NAMES_MAX]; /* -1: no rule asks for it */
    bool keywords;                       /* some rule looks for words anywhere */
    GArray *known;                       /* struct known, by entity id */
    GStringChunk *names;                 /* of those */
    GPtrArray *held;                     /* char *: texts of the present subject */
    hc_stmt *acts, *events;              /* NULL: at its end */
    int64_t act_time, event_time;        /* of the rows that they stand at */
};

static void find_slots(struct stream *s)
{
    for (int f = 0; f < F_COUNT; f++)
        for (int n = 0; n < NAMES_MAX; n++)
            s->slots[f][n] = names[f][n] ? hc_sigma_fields_find(s->rules->fields, names[f][n]) : -1;
}

/* The next act; of those without a time on one side the other counts. */
static bool step_acts(struct stream *s, GError **error)
{
    int rc = hc_step(s->acts, error);

    if (rc == 1)
        s->act_time = hc_col_null(s->acts, 2) ? hc_col_null(s->acts, 3) ? INT64_MIN : hc_col_int(s->acts, 3)
                                              : hc_col_int(s->acts, 2);
    else
        s->acts = NULL;
    return rc >= 0;
}

static bool step_events(struct stream *s, GError **error)
{
    int rc = hc_step(s->events, error);

    if (rc == 1)
        s->event_time = hc_col_int(s->events, 3) ? hc_col_int(s->events, 1) : INT64_MIN;
    else
        s->events = NULL;
    return rc >= 0;
}

struct stream *stream_new(struct world *w, const struct hc_sigma_rules *rules, GError **error)
{
    g_autoptr(stream_t) s = g_new0(struct stream, 1);

    s->w = w;
    s->rules = rules;
    s->event = hc_sigma_event_new(rules->fields);
    s->known = g_array_new(FALSE, TRUE, sizeof(struct known));
    g_array_set_size(s->known, w->canonical->len);
    s->names = g_string_chunk_new(4096);
    s->held = g_ptr_array_new_with_free_func(g_free);
    s->derived = derived_new(w);
    find_slots(s);
    for (guint i = 0; i < rules->items->len; i++)
        s->keywords = s->keywords || hc_sigma_item_is_keywords(rules->items->pdata[i]);
    if (!(s->logsources = logsources_new(w->db, rules, error)))
        return NULL;
    s->acts = hc_db_stmt(w->db, "rules", "acts");
    s->events = hc_db_stmt(w->db, "rules", "events");
    return step_acts(s, error) && step_events(s, error) ? g_steal_pointer(&s) : NULL;
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    g_clear_pointer(&s->acts, hc_stmt_reset);
    g_clear_pointer(&s->events, hc_stmt_reset);
    logsources_free(s->logsources);
    derived_free(s->derived);
    hc_sigma_event_free(s->event);
    g_array_unref(s->known);
    g_string_chunk_free(s->names);
    g_ptr_array_unref(s->held);
    g_free(s);
}

static const struct known *entity(struct stream *s, int64_t id)
{
    g_autofree char *name = NULL;
    struct known *k;
    bool aliased;
    hc_stmt *st;

    if (id <= 0 || id >= s->known->len)
        return NULL;
    k = &g_array_index(s->known, struct known, id);
    if (k->kind)
        return k;
    st = hc_db_query(s->w->db, "rules", "entity", "i", id);
    if (hc_step(st, NULL) != 1)
        return NULL;
    k->kind = (int)hc_col_int(st, 0);
    aliased = hc_col_int(st, 2);
    name = aliased ? NULL : hc_col_dup(st, 1);
    hc_stmt_reset(st);
    if (aliased)
        name = name_of(s->w, id);
    k->name = g_string_chunk_insert(s->names, name ? name : "?");
    return k;
}

/* Does anybody look at this field? Keywords look at all. */
static bool is_wanted(const struct stream *s, enum field field)
{
    for (int n = 0; n < NAMES_MAX && !s->keywords; n++)
        if (s->slots[field][n] >= 0)
            return true;
    return s->keywords;
}

static void put(struct stream *s, enum field field, struct hc_str text, int64_t thing)
{
    bool any = false;

    if (!text.p)
        return;
    for (int n = 0; n < NAMES_MAX && names[field][n]; n++)
        if (s->slots[field][n] >= 0) {
            hc_sigma_event_put(s->event, s->slots[field][n], text, thing);
            any = true;
        }
    if (!any)
        hc_sigma_event_put(s->event, -1, text, thing);
}

/* What is the same wherever it is written so; of the rest the name alone does not tell what is meant. */
static bool is_its_name(int kind)
{
    return kind == HC_ENTITY_ADDRESS || kind == HC_ENTITY_MAILBOX || kind == HC_ENTITY_MESSAGE ||
           kind == HC_ENTITY_VERSION || kind == HC_ENTITY_FILE || kind == HC_ENTITY_TYPE;
}

static bool is_account(const struct known *k)
{
    return k && (k->kind == HC_ENTITY_ACCOUNT || k->kind == HC_ENTITY_ACCOUNT_ID);
}

static void put_entity(struct stream *s, enum field field, int64_t id)
{
    const struct known *k = is_wanted(s, field) ? entity(s, id) : NULL;

    if (k)
        put(s, field, hc_str(k->name), is_its_name(k->kind) ? 0 : id);
}

/* "PROJECT", "PROJECT/VERSION", "PROJECT/VERSION/FILE", or another thing. */
static void put_object(struct stream *s, int64_t object, int64_t version, int64_t file)
{
    const struct known *o = entity(s, object), *v = entity(s, version), *f = entity(s, file);
    bool project = o && (o->kind == HC_ENTITY_PROJECT || o->kind == HC_ENTITY_PROJECT_ID);
    char *whole;

    if (project)
        put_entity(s, F_PROJECT, object);
    put_entity(s, F_VERSION, version);
    put_entity(s, F_FILE, file);
    if (!o || !v) {
        put_entity(s, F_OBJECT, object);
        return;
    }
    whole = f ? g_strdup_printf("%s/%s/%s", o->name, v->name, f->name)
              : g_strdup_printf("%s/%s", o->name, v->name);
    g_ptr_array_add(s->held, whole);
    put(s, F_OBJECT, hc_str(whole), 0);
}

/* A text that is JSON itself: an object or a list that the profile keeps as it is. Appended as such; false: it is none. */
static bool add_nested(struct hc_str value, GString *out)
{
    g_autoptr(GString) text = NULL;
    const char *why;
    size_t at;

    if (value.n < 4 || value.p[0] != '"' || !strchr("{[", value.p[1]))
        return false;
    text = g_string_new(NULL);
    hc_json_text(value, text);
    if (hc_json_check(hc_str_n(text->str, text->len), &at, &why) != text->len)
        return false;
    g_string_append_len(out, text->str, (gssize)text->len);
    return true;
}

/* By its other names, where rules ask for those. */
static void put_renamed(struct stream *s, int64_t source, struct hc_str key, struct hc_str value)
{
    for (int native = 0; native <= 1; native++) {
        const GArray *slots = logsources_names(s->logsources, source, native, hc_str_n(key.p + 1, key.n - 2));
        for (guint i = 0; slots && i < slots->len; i++) {
            GString *text = g_string_new(NULL);
            hc_json_text(value, text);
            hc_sigma_event_put(s->event, g_array_index(slots, ptrdiff_t, i), hc_str_n(text->str, text->len),
                               0);
            g_ptr_array_add(s->held, g_string_free(text, FALSE));
        }
    }
}

/* The kept fields, in which what is JSON itself is a part of the whole. */
static void add_native(struct stream *s, int64_t source, struct hc_str fields)
{
    struct hc_str key, value, whole;
    GString *copy;
    size_t pos = 0;

    if (!fields.p || !fields.n)
        return;
    copy = g_string_sized_new(fields.n + 1); /* the row may go before it is looked at */
    g_string_append_c(copy, '{');
    while ((value = hc_json_next(fields, &pos, &key)).p) {
        g_string_append_printf(copy, "%s%.*s:", copy->len > 1 ? "," : "", HC_STR_ARG(key));
        if (!add_nested(value, copy))
            g_string_append_len(copy, value.p, (gssize)value.n);
        put_renamed(s, source, key, value);
    }
    g_string_append_c(copy, '}');
    whole = hc_str_n(copy->str, copy->len);
    g_ptr_array_add(s->held, g_string_free(copy, FALSE));
    hc_sigma_event_add(s->event, whole);
}

static bool asks_for(const struct stream *s, enum field field)
{
    for (int n = 0; n < NAMES_MAX; n++)
        if (s->slots[field][n] >= 0)
            return true;
    return false;
}

/* What acts and events have both. `at`: the columns of their row. */
struct columns {
    int action, outcome, actor, target, object, version, file, address, message, text, source, type;
};

static void put_row(struct stream *s, hc_stmt *st, const struct columns *at, struct subject *out)
{
    int64_t actor = canonical(s->w, hc_col_int(st, at->actor)),
            target = canonical(s->w, hc_col_int(st, at->target));
    const char *outcome = hc_outcome_name((enum hc_outcome)hc_col_int(st, at->outcome));

    put(s, F_ACTION, hc_str(hc_action_name((enum hc_action)hc_col_int(st, at->action))), 0);
    put(s, F_OUTCOME, hc_str(outcome), 0);
    put_entity(s, F_ACTOR, actor);
    put_entity(s, F_TARGET, target);
    if (asks_for(s, F_ACCOUNTS)) {
        put_entity(s, F_ACCOUNTS, actor);
        put_entity(s, F_ACCOUNTS, target);
    }
    put_object(s, canonical(s->w, hc_col_int(st, at->object)), canonical(s->w, hc_col_int(st, at->version)),
               canonical(s->w, hc_col_int(st, at->file)));
    put_entity(s, F_ADDRESS, canonical(s->w, hc_col_int(st, at->address)));
    put_entity(s, F_MESSAGE, canonical(s->w, hc_col_int(st, at->message)));
    put_entity(s, F_TYPE, hc_col_int(st, at->type));
    put(s, F_SOURCE, logsources_path(s->logsources, hc_col_int(st, at->source)), 0);
    put(s, F_REALM, logsources_realm(s->logsources, hc_col_int(st, at->source)), 0);
    if (!hc_col_null(st, at->text)) {
        char *text = hc_col_dup(st, at->text);
        g_ptr_array_add(s->held, text);
        put(s, F_TEXT, hc_str(text), 0);
    }
    out->actor = is_account(entity(s, actor)) ? actor : 0;
    out->target = is_account(entity(s, target)) ? target : 0;
    out->allowed = logsources_allowed(
        s->logsources, hc_col_int(st, at->source),
        entity(s, hc_col_int(st, at->type)) ? entity(s, hc_col_int(st, at->type))->name : NULL);
}

static void put_time(struct stream *s, const struct subject *out)
{
    char *text;

    if (!out->dated || !asks_for(s, F_TIME))
        return;
    text = g_malloc(HC_UTC_TEXT);
    g_ptr_array_add(s->held, text);
    put(s, F_TIME,
        hc_str(hc_utc_format(out->when.earliest == INT64_MIN ? out->when.latest : out->when.earliest, text)),
        0);
}

/* The account that it is about: the one acted upon, whose mailbox it is, or that acts. */
static int64_t account_about(struct stream *s, hc_stmt *st, const struct columns *at,
                             const struct subject *out)
{
    int64_t target = canonical(s->w, hc_col_int(st, at->target));
    const struct known *k = entity(s, target);

    if (k && k->kind == HC_ENTITY_MAILBOX)
        return account_of_mailbox(s->w, target, out->when.latest, NULL);
    return out->target ? out->target : out->actor;
}

/* The account acted upon, and those that had its name before it. */
static bool put_namesakes(struct stream *s, int64_t target, GError **error)
{
    hc_stmt *st = hc_db_query(s->w->db, "rules", "former_holders", "i", target);
    int rc;

    put_entity(s, F_NAMESAKES, target);
    while ((rc = hc_step(st, error)) == 1)
        put_entity(s, F_NAMESAKES, hc_col_int(st, 0));
    hc_stmt_reset(st);
    return rc == 0;
}

/* What follows from other records. */
static bool put_derived(struct stream *s, hc_stmt *st, const struct columns *at, const struct subject *out,
                        GError **error)
{
    int64_t address = canonical(s->w, hc_col_int(st, at->address));

    if (asks_for(s, F_ACCOUNT))
        put_entity(s, F_ACCOUNT, account_about(s, st, at, out));
    if (asks_for(s, F_NEW_ADDRESS) && out->dated && out->actor && address &&
        hc_col_int(st, at->outcome) != HC_OUTCOME_FAILURE)
        put(s, F_NEW_ADDRESS,
            hc_str(derived_is_new_address(s->derived, out->actor, address) ? "true" : "false"), 0);
    if (asks_for(s, F_MENTIONS) && !hc_col_null(st, at->text)) {
        const GArray *named = derived_mentions(s->derived, hc_col_text(st, at->text));
        for (guint i = 0; i < named->len; i++)
            put_entity(s, F_MENTIONS, g_array_index(named, int64_t, i));
    }
    return !out->target || !asks_for(s, F_NAMESAKES) || put_namesakes(s, out->target, error);
}

static bool add_records(struct stream *s, int64_t act, int64_t address, GError **error)
{
    hc_stmt *st = hc_db_query(s->w->db, "rules", "records_of_act", "i", act);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t other = canonical(s->w, hc_col_int(st, 2));
        add_native(s, hc_col_int(st, 3), hc_col_text(st, 0));
        put_entity(s, F_TYPE, hc_col_int(st, 1));
        if (other != address)
            put_entity(s, F_ADDRESS, other);
    }
    return rc == 0;
}

static bool read_act(struct stream *s, struct subject *out, GError **error)
{
    static const struct columns at = {4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    out->act = hc_col_int(s->acts, 0);
    out->event = hc_col_int(s->acts, 1);
    out->dated = !hc_col_null(s->acts, 3);
    out->when = (struct hc_sigma_when){hc_col_null(s->acts, 2) ? INT64_MIN : hc_col_int(s->acts, 2),
                                       hc_col_int(s->acts, 3)};
    put_row(s, s->acts, &at, out);
    if (!hc_col_null(s->acts, 7)) {
        char *text = hc_col_dup(s->acts, 7);
        g_ptr_array_add(s->held, text);
        put(s, F_ACTOR, hc_str(text), 0);
    }
    put_time(s, out);
    return put_derived(s, s->acts, &at, out, error) &&
           add_records(s, out->act, canonical(s->w, hc_col_int(s->acts, 12)), error) &&
           step_acts(s, error);
}

static bool read_event(struct stream *s, struct subject *out, GError **error)
{
    static const struct columns at = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    int64_t time = hc_col_int(s->events, 1), until = time + hc_col_int(s->events, 2);

    out->event = hc_col_int(s->events, 0);
    out->dated = hc_col_int(s->events, 3) != 0;
    if (out->dated)
        correct_time(s->w, hc_col_int(s->events, 14), &time, &until);
    out->when = (struct hc_sigma_when){time, until};
    put_row(s, s->events, &at, out);
    put_time(s, out);
    if (!put_derived(s, s->events, &at, out, error))
        return false;
    add_native(s, hc_col_int(s->events, 14), hc_col_text(s->events, 16));
    return step_events(s, error);
}

int stream_next(struct stream *s, struct subject *out, GError **error)
{
    bool ok;

    *out = (struct subject){.fields = s->event};
    if (!s->acts && !s->events)
        return 0;
    g_ptr_array_set_size(s->held, 0);
    hc_sigma_event_begin(s->event);
    ok = s->acts && (!s->events || s->act_time <= s->event_time) ? read_act(s, out, error)
                                                                 : read_event(s, out, error);
    hc_sigma_event_end(s->event);
    return ok ? 1 : -1;
}
