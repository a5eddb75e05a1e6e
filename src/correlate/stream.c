/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/stream.h"

#include "src/base/json.h"
#include "src/base/own.h"
#include "src/correlate/derived.h"
#include "src/correlate/logsource.h"
#include "src/correlate/nested.h"

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

/* An entity that events name: what it is called and what it is. One for each entity of the case: small. */
struct known {
    const char *name;
    uint32_t length;
    int kind; /* 0: not looked up yet */
};

/* The source of the row that was read last. */
struct origin {
    int64_t source; /* 0: none yet */
    struct hc_str path, realm;
    bool renames; /* some kept field has another name that a rule asks for */
};

#define HELD_KEPT                                                                                            \
    3000 /* bytes of texts of subjects before that are let be: memory is not asked for anew for each */
#define REMEMBERED 64 /* record types whose rules are found at once */
struct answer {
    int64_t source, type;
    const bool *allowed;
};

struct stream {
    struct world *w;
    const struct hc_sigma_rules *rules;
    struct logsources *logsources;
    struct derived *derived;
    struct hc_sigma_event *event;
    ptrdiff_t slots[F_COUNT][NAMES_MAX]; /* -1: no rule asks for it */
    bool asked[F_COUNT];                 /* some rule asks for it */
    bool keywords;                       /* some rule looks for words anywhere: in all fields */
    bool namesakes;                      /* some account has a name that another had before */
    GArray *known;                       /* struct known, by entity id */
    GStringChunk *names;                 /* of those */
    GStringChunk *held;                  /* texts of the present subject that are not in its row */
    size_t n_held;                       /* bytes in it */
    GString *scratch;
    struct origin origin;
    struct answer answers[REMEMBERED];
    hc_stmt *acts, *events, *told, *leads; /* NULL: at its end */
    hc_stmt **behind; /* the one whose row was given last: it goes on when the next is asked for */
    int64_t act_time, event_time; /* of the rows that they stand at */
    int64_t told_event;           /* that `told` stands at: acts tell of it, or another event does */
    int64_t lead;                 /* that `leads` stands at: it tells of others too */
    bool *merged;                 /* by rule: is it for one of the records of the present subject? */
};

static void find_slots(struct stream *s)
{
    for (int f = 0; f < F_COUNT; f++)
        for (int n = 0; n < NAMES_MAX; n++)
            s->slots[f][n] = names[f][n] ? hc_sigma_fields_find(s->rules->fields, names[f][n]) : -1;
    for (int f = 0; f < F_COUNT; f++)
        for (int n = 0; n < NAMES_MAX; n++)
            s->asked[f] = s->asked[f] || s->slots[f][n] >= 0;
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

/* The first event of a list from here on. Both are in the order of their ids. */
static bool step_list(hc_stmt **list, int64_t *at, int64_t event, GError **error)
{
    int rc = 1;

    while (*list && *at < event && (rc = hc_step(*list, error)) == 1)
        *at = hc_col_int(*list, 0);
    if (rc < 1)
        *list = NULL;
    return rc >= 0;
}

/* The next event that neither an act nor another event tells of. */
static bool step_events(struct stream *s, GError **error)
{
    int rc;

    while ((rc = hc_step(s->events, error)) == 1) {
        int64_t event = hc_col_int(s->events, 0);
        if (!step_list(&s->told, &s->told_event, event, error))
            return false;
        if (!s->told || s->told_event != event)
            break;
    }
    if (rc == 1)
        s->event_time = hc_col_int(s->events, 3) ? hc_col_int(s->events, 1) : INT64_MIN;
    else
        s->events = NULL;
    return rc >= 0;
}

/* Asked once: most cases have none. */
static bool find_namesakes(struct stream *s, GError **error)
{
    hc_stmt *st = hc_db_stmt(s->w->db, "rules", "any_former_holder");
    int rc = hc_step(st, error);

    s->namesakes = rc == 1;
    hc_stmt_reset(st);
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
    s->held = g_string_chunk_new(4096);
    s->scratch = g_string_new(NULL);
    s->derived = derived_new(w);
    find_slots(s);
    for (guint i = 0; i < rules->items->len; i++)
        s->keywords = s->keywords || hc_sigma_item_is_keywords(rules->items->pdata[i]);
    if (!(s->logsources = logsources_new(w->db, rules, error)) || !find_namesakes(s, error))
        return NULL;
    s->acts = hc_db_stmt(w->db, "rules", "acts");
    s->events = hc_db_stmt(w->db, "rules", "events");
    s->told = hc_db_stmt(w->db, "rules", "told");
    s->leads = hc_db_stmt(w->db, "rules", "leads");
    s->told_event = s->lead = INT64_MIN;
    s->merged = g_new0(bool, rules->rules->len + 1);
    return step_acts(s, error) && step_events(s, error) ? g_steal_pointer(&s) : NULL;
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    g_clear_pointer(&s->acts, hc_stmt_reset);
    g_clear_pointer(&s->events, hc_stmt_reset);
    g_clear_pointer(&s->told, hc_stmt_reset);
    g_clear_pointer(&s->leads, hc_stmt_reset);
    g_free(s->merged);
    logsources_free(s->logsources);
    derived_free(s->derived);
    hc_sigma_event_free(s->event);
    g_array_unref(s->known);
    g_string_chunk_free(s->names);
    g_string_chunk_free(s->held);
    g_string_free(s->scratch, TRUE);
    g_free(s);
}

static const struct known *look_up(struct stream *s, struct known *k, int64_t id)
{
    hc_stmt *st = hc_db_query(s->w->db, "rules", "entity", "i", id);
    g_autofree char *name = NULL;
    bool aliased;

    if (hc_step(st, NULL) != 1)
        return NULL;
    k->kind = (int)hc_col_int(st, 0);
    aliased = hc_col_int(st, 2);
    name = aliased ? NULL : hc_col_dup(st, 1);
    hc_stmt_reset(st);
    if (aliased)
        name = name_of(s->w, id);
    k->name = g_string_chunk_insert(s->names, name ? name : "?");
    k->length = (uint32_t)strlen(k->name);
    return k;
}

static const struct known *entity(struct stream *s, int64_t id)
{
    struct known *k;

    if (id <= 0 || id >= s->known->len)
        return NULL;
    k = &g_array_index(s->known, struct known, id);
    return k->kind ? k : look_up(s, k, id);
}

static struct hc_str known_name(const struct known *k)
{
    return hc_str_n(k->name, k->length);
}

/* Does anybody look at this field? Keywords look at all. */
static bool is_wanted(const struct stream *s, enum field field)
{
    return s->keywords || s->asked[field];
}

static void put(struct stream *s, enum field field, struct hc_str text, int64_t thing)
{
    if (!text.p)
        return;
    for (int n = 0; n < NAMES_MAX && s->asked[field]; n++)
        if (s->slots[field][n] >= 0)
            hc_sigma_event_put(s->event, s->slots[field][n], text, thing);
    if (!s->asked[field] && s->keywords)
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
        put(s, field, known_name(k), is_its_name(k->kind) ? 0 : id);
}

static struct hc_str hold(struct stream *s, struct hc_str text)
{
    s->n_held += text.n + 1;
    return hc_str_n(g_string_chunk_insert_len(s->held, text.p, (gssize)text.n), text.n);
}

static struct hc_str hold_scratch(struct stream *s)
{
    return hold(s, hc_str_n(s->scratch->str, s->scratch->len));
}

/* "PROJECT", "PROJECT/VERSION", "PROJECT/VERSION/FILE", or another thing. */
static void put_object(struct stream *s, int64_t object, int64_t version, int64_t file)
{
    const struct known *o = entity(s, object), *v = entity(s, version), *f = entity(s, file);
    bool project = o && (o->kind == HC_ENTITY_PROJECT || o->kind == HC_ENTITY_PROJECT_ID);

    if (project)
        put_entity(s, F_PROJECT, object);
    put_entity(s, F_VERSION, version);
    put_entity(s, F_FILE, file);
    if (!is_wanted(s, F_OBJECT))
        return;
    if (!o || !v) {
        put_entity(s, F_OBJECT, object);
        return;
    }
    g_string_assign(s->scratch, o->name);
    for (size_t i = 0; i < 2 && (i == 0 || f); i++) {
        g_string_append_c(s->scratch, '/');
        g_string_append_len(s->scratch, (i ? f : v)->name, (i ? f : v)->length);
    }
    put(s, F_OBJECT, hold_scratch(s), 0);
}

/* By its other names, where rules ask for those. */
static void put_renamed(struct stream *s, struct hc_str key, struct hc_str value)
{
    for (int native = 0; native <= 1; native++) {
        const GArray *slots =
            logsources_names(s->logsources, s->origin.source, native, hc_str_n(key.p + 1, key.n - 2));
        for (guint i = 0; slots && i < slots->len; i++) {
            g_string_truncate(s->scratch, 0);
            hc_json_text(value, s->scratch);
            hc_sigma_event_put(s->event, g_array_index(slots, ptrdiff_t, i), hold_scratch(s), 0);
        }
    }
}

/* What the event has of its own, as JSON, from this column. */
static struct hc_str own_fields(struct stream *s, hc_stmt *st, int column)
{
    const bool blob = hc_col_is_blob(st, column); /* before it is read as text */
    const struct hc_str stored = hc_col_text(st, column);

    if (!stored.p)
        return stored;
    g_string_truncate(s->scratch, 0);
    hc_own_json(s->scratch, stored, blob);
    return hold_scratch(s);
}

/* The kept fields: what the event has of its own, and what it has in common with others. */
static void add_native(struct stream *s, struct hc_str own, int64_t shared)
{
    const struct known *common = entity(s, shared);
    struct hc_str all[2] = {own, common ? known_name(common) : HC_STR_NONE}, parts[2], key, value;
    size_t n = 0;

    for (size_t i = 0; i < 2; i++) {
        size_t pos = 0;
        if (!all[i].n)
            continue;
        while (s->origin.renames && (value = hc_json_next(all[i], &pos, &key)).p)
            put_renamed(s, key, value);
        parts[n++] = nested_write(all[i], s->scratch) ? hold_scratch(s) : all[i];
    }
    if (n)
        hc_sigma_event_add_parts(s->event, parts, n);
}

/* What acts and events have both. `at`: the columns of their row. */
struct columns {
    int action, outcome, actor, target, object, version, file, address, message, text, source, type;
};

static void set_origin(struct stream *s, int64_t source)
{
    if (s->origin.source != source)
        s->origin = (struct origin){source, logsources_path(s->logsources, source),
                                    logsources_realm(s->logsources, source),
                                    logsources_renames(s->logsources, source)};
}

static const bool *allowed(struct stream *s, int64_t type)
{
    struct answer *a = &s->answers[(uint64_t)type % REMEMBERED];
    const struct known *k;

    if (!a->allowed || a->source != s->origin.source || a->type != type) {
        k = entity(s, type);
        *a = (struct answer){s->origin.source, type,
                             logsources_allowed(s->logsources, s->origin.source, k ? k->name : NULL)};
    }
    return a->allowed;
}

static void put_row(struct stream *s, hc_stmt *st, const struct columns *at, struct subject *out)
{
    int64_t actor = canonical(s->w, hc_col_int(st, at->actor)),
            target = canonical(s->w, hc_col_int(st, at->target)), type = hc_col_int(st, at->type);
    const char *outcome = hc_outcome_name((enum hc_outcome)hc_col_int(st, at->outcome));

    set_origin(s, hc_col_int(st, at->source));
    put(s, F_ACTION, hc_str(hc_action_name((enum hc_action)hc_col_int(st, at->action))), 0);
    put(s, F_OUTCOME, hc_str(outcome), 0);
    put_entity(s, F_ACTOR, actor);
    put_entity(s, F_TARGET, target);
    if (s->asked[F_ACCOUNTS]) {
        put_entity(s, F_ACCOUNTS, actor);
        put_entity(s, F_ACCOUNTS, target);
    }
    put_object(s, canonical(s->w, hc_col_int(st, at->object)), canonical(s->w, hc_col_int(st, at->version)),
               canonical(s->w, hc_col_int(st, at->file)));
    put_entity(s, F_ADDRESS, canonical(s->w, hc_col_int(st, at->address)));
    put_entity(s, F_MESSAGE, canonical(s->w, hc_col_int(st, at->message)));
    put_entity(s, F_TYPE, type);
    put(s, F_SOURCE, s->origin.path, 0);
    put(s, F_REALM, s->origin.realm, 0);
    put(s, F_TEXT, hc_col_text(st, at->text), 0);
    out->actor = is_account(entity(s, actor)) ? actor : 0;
    out->target = is_account(entity(s, target)) ? target : 0;
    out->allowed = allowed(s, type);
}

static void put_time(struct stream *s, const struct subject *out)
{
    char text[HC_UTC_TEXT];

    if (!out->dated || !s->asked[F_TIME])
        return;
    hc_utc_format(out->when.earliest == INT64_MIN ? out->when.latest : out->when.earliest, text);
    put(s, F_TIME, hold(s, hc_str(text)), 0);
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
    hc_stmt *st;
    int rc;

    put_entity(s, F_NAMESAKES, target);
    if (!s->namesakes)
        return true;
    st = hc_db_query(s->w->db, "rules", "former_holders", "i", target);
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

    if (s->asked[F_ACCOUNT])
        put_entity(s, F_ACCOUNT, account_about(s, st, at, out));
    if (s->asked[F_NEW_ADDRESS] && out->dated && out->actor && address &&
        hc_col_int(st, at->outcome) != HC_OUTCOME_FAILURE)
        put(s, F_NEW_ADDRESS,
            hc_str(derived_is_new_address(s->derived, out->actor, address) ? "true" : "false"), 0);
    if (s->asked[F_MENTIONS] && !hc_col_null(st, at->text)) {
        const GArray *named = derived_mentions(s->derived, hc_col_text(st, at->text));
        for (guint i = 0; i < named->len; i++)
            put_entity(s, F_MENTIONS, g_array_index(named, int64_t, i));
    }
    return !out->target || !s->asked[F_NAMESAKES] || put_namesakes(s, out->target, error);
}

/* A rule is for what several records tell of where it is for one of them. */
static void allow(struct stream *s, struct subject *out, const bool *more)
{
    guint n = s->rules->rules->len;

    if (more == out->allowed)
        return;
    if (out->allowed != s->merged)
        memcpy(s->merged, out->allowed, n * sizeof *s->merged);
    out->allowed = s->merged;
    for (guint i = 0; i < n; i++)
        s->merged[i] = s->merged[i] || more[i];
}

/* The records that `st` gives. Their texts go with the next row: copies are held. */
static bool add_records(struct stream *s, hc_stmt *st, int64_t address, struct subject *out, GError **error)
{
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t other = canonical(s->w, hc_col_int(st, 2));
        struct hc_str own = own_fields(s, st, 0);
        set_origin(s, hc_col_int(st, 3));
        allow(s, out, allowed(s, hc_col_int(st, 1)));
        add_native(s, own, hc_col_int(st, 4));
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
    put(s, F_ACTOR, hc_col_text(s->acts, 7), 0);
    put_time(s, out);
    s->behind = &s->acts;
    return put_derived(s, s->acts, &at, out, error) &&
           add_records(s, hc_db_query(s->w->db, "rules", "records_of_act", "i", out->act),
                       canonical(s->w, hc_col_int(s->acts, 12)), out, error);
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
    add_native(s, own_fields(s, s->events, 16), hc_col_int(s->events, 17));
    s->behind = &s->events;
    if (!step_list(&s->leads, &s->lead, out->event, error))
        return false;
    return !s->leads || s->lead != out->event ||
           add_records(s, hc_db_query(s->w->db, "rules", "twins_of", "i", out->event),
                       canonical(s->w, hc_col_int(s->events, 11)), out, error);
}

/* What was given last has been looked at: its row may go. */
static bool go_on(struct stream *s, GError **error)
{
    hc_stmt **behind = s->behind;

    s->behind = NULL;
    return !behind || (behind == &s->acts ? step_acts(s, error) : step_events(s, error));
}

int stream_next(struct stream *s, struct subject *out, GError **error)
{
    *out = (struct subject){.fields = s->event};
    if (!go_on(s, error))
        return -1;
    if (!s->acts && !s->events)
        return 0;
    if (s->n_held > HELD_KEPT) {
        g_string_chunk_clear(s->held);
        s->n_held = 0;
    }
    hc_sigma_event_begin(s->event);
    if (!(s->acts && (!s->events || s->act_time <= s->event_time) ? read_act(s, out, error)
                                                                  : read_event(s, out, error)))
        return -1;
    hc_sigma_event_end(s->event);
    return 1;
}
