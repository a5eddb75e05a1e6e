/* SPDX-License-Identifier: Apache-2.0 */
/* What importers tell, on its way to the store: cleaned, named, counted. */
#include "src/evidence/sinkparts.h"

#include "src/base/own.h"
#include "src/base/text.h"
#include "src/evidence/follow.h"
#include "src/evidence/sketch.h"
#include "src/evidence/witnesses.h"

#include <stdarg.h>

#define HC_TEXT_MAX 4096 /* bytes of a text that are stored; the rest is behind the locator */
#define BATCH_TEXTS (512u << 10)

static bool add_service(void *data, const char *topic, const char *key, const char *value, GError **error)
{
    struct hc_sink *sink = data;

    return hc_exec(hc_db_query(sink->db, "store", "add_service", "ittt", sink->realm, topic, key, value),
                   error);
}

static bool open_realms(struct hc_sink *sink, const struct hc_source_info *info, GError **error)
{
    const char *realm = hc_store_realm_name(info);

    sink->mail_realm = hc_store_realm(sink->db, "mail", error);
    if (sink->mail_realm < 0)
        return false;
    sink->realm = realm ? hc_store_realm(sink->db, realm, error) : sink->mail_realm;
    return sink->realm > 0 && (!sink->profile || hc_profile_service(sink->profile, add_service, sink, error));
}

static struct hc_sink *sink_new(int64_t source, const struct hc_source_info *info)
{
    struct hc_sink *sink = g_new0(struct hc_sink, 1);

    sink->source = source;
    sink->profile = info->profile;
    sink->tables = info->tables;
    sink->settings = info->settings;
    sink->zone = info->settings.zone;
    sink->clock = info->clock;
    sink->scope = info->scope;
    sink->tally = hc_tally_new();
    sink->habits = hc_habits_new();
    sink->common = hc_common_new();
    sink->doubts = hc_doubts_new();
    sink->drafted = hc_drafted_new();
    sink->read = -1;
    sink->scratch = g_string_chunk_new(4096);
    sink->clean = g_string_new(NULL);
    sink->folded = g_string_new(NULL);
    sink->json = g_string_new(NULL);
    return sink;
}

struct hc_sink *hc_sink_new(struct hc_store *store, int64_t source, const struct hc_source_info *info,
                            GError **error)
{
    struct hc_sink *sink = sink_new(source, info);

    sink->store = store;
    sink->db = hc_store_db(store);
    if (open_realms(sink, info, error) && hc_sink_begin(sink, error))
        return sink;
    hc_sink_free(sink);
    return NULL;
}

struct hc_sink *hc_sink_mute(int64_t source, const struct hc_source_info *info)
{
    struct hc_sink *sink = sink_new(source, info);

    sink->mute = true;
    return sink;
}

void hc_sink_free(struct hc_sink *sink)
{
    if (!sink)
        return;
    hc_pipe_free(sink->pipe);
    hc_loader_free(sink->loader);
    hc_tally_free(sink->tally);
    hc_habits_free(sink->habits);
    hc_common_free(sink->common);
    hc_doubts_free(sink->doubts);
    hc_drafted_free(sink->drafted);
    g_string_chunk_free(sink->scratch);
    g_string_free(sink->clean, TRUE);
    g_string_free(sink->folded, TRUE);
    g_string_free(sink->json, TRUE);
    hc_host_clear(&sink->host);
    g_free(sink);
}

int64_t hc_sink_source(const struct hc_sink *sink)
{
    return sink->source;
}

const struct hc_settings *hc_sink_settings(const struct hc_sink *sink)
{
    return &sink->settings;
}

/* Valid UTF-8 of a text, in the scratch memory when it had to be changed. */
static struct hc_str cleaned(struct hc_sink *sink, struct hc_str text)
{
    if (!text.p || hc_text_is_clean(text))
        return text;
    g_string_truncate(sink->clean, 0);
    hc_text_utf8(sink->clean, text);
    sink->unclean +=
        strstr(sink->clean->str, HC_TEXT_REPLACEMENT) && hc_str_find(text, HC_TEXT_REPLACEMENT, 0) < 0;
    return hc_str_n(g_string_chunk_insert_len(sink->scratch, sink->clean->str, (gssize)sink->clean->len),
                    sink->clean->len);
}

static void count(struct hc_sink *sink, enum hc_fate fate, struct hc_str type, const char *why, int64_t n)
{
    hc_tally_add(sink->tally, fate, cleaned(sink, type), why, n);
}

/* An empty fact of the present batch. */
static struct hc_fact *add_fact(struct hc_sink *sink, enum hc_fact_kind kind)
{
    struct hc_fact *f = &sink->batch->facts[sink->batch->n_facts++];

    f->kind = kind;
    f->has_born = f->packed = false;
    f->raw_form = HC_RAW_TEXT;
    f->raw_time.n = f->text.n = f->fields.n = f->lines.n = f->parts.n = HC_FACT_NONE;
    for (int i = 0; i < HC_FACT_PLACES; i++)
        f->names[i].kind = HC_ENTITY_NONE;
    return f;
}

/* The fact is complete. */
static bool pass_on(struct hc_sink *sink, GError **error)
{
    bool ok;

    if (sink->batch->n_facts < HC_BATCH_FACTS && sink->batch->texts.n < BATCH_TEXTS)
        return true;
    ok = hc_pipe_pass(sink->pipe, error);
    sink->batch = hc_pipe_batch(sink->pipe);
    return ok;
}

static struct hc_fact_text put(struct hc_sink *sink, struct hc_str text)
{
    struct hc_buffer *texts = &sink->batch->texts;
    struct hc_fact_text at = {(uint32_t)texts->n, text.p ? (uint32_t)text.n : HC_FACT_NONE};

    hc_buffer_add(texts, text.p, text.n);
    return at;
}

static struct hc_fact_text put_cut(struct hc_sink *sink, struct hc_str text)
{
    return put(sink, hc_text_cut(cleaned(sink, text), HC_TEXT_MAX));
}

static void put_name(struct hc_sink *sink, struct hc_fact_name *name, enum hc_entity_kind kind,
                     struct hc_str text)
{
    struct hc_str key;

    if (!kind || !text.p)
        return;
    if (kind == HC_ENTITY_PROJECT || !hc_text_is_folded(text)) {
        text = cleaned(sink, text);
        key = hc_profile_fold(sink->profile, kind, text, sink->folded);
    } else {
        key = text;
    }
    name->kind = (uint8_t)kind;
    name->realm = kind == HC_ENTITY_MAILBOX || kind == HC_ENTITY_MESSAGE ? sink->mail_realm : sink->realm;
    name->hash = hc_entities_hash(kind, name->realm, key);
    name->name = put(sink, text);
    name->key = key.p == text.p || hc_str_eq(key, text) ? name->name : put(sink, key);
}

static void put_ref(struct hc_sink *sink, struct hc_fact_name *name, struct hc_ref ref)
{
    put_name(sink, name, ref.kind, ref.key);
}

/* A text as it stands between the quotes of JSON, which most do as they are: until the next. */
static struct hc_str json_of(struct hc_sink *sink, struct hc_str text)
{
    if (text.n <= HC_TEXT_MAX && hc_text_json_plain(text) == text.n)
        return text;
    g_string_truncate(sink->json, 0);
    hc_text_json(sink->json, hc_text_cut(cleaned(sink, text), HC_TEXT_MAX));
    return hc_str_n(sink->json->str + 1, sink->json->len - 2);
}

/* A JSON string in the texts of the batch. */
static void add_json(struct hc_sink *sink, struct hc_str text)
{
    const struct hc_str json = json_of(sink, text);
    char *to = hc_buffer_room(&sink->batch->texts, json.n + 2);

    to[0] = to[1 + json.n] = '"';
    memcpy(to + 1, json.n ? json.p : "", json.n);
    sink->batch->texts.n += json.n + 2;
}

static bool named_before(const struct hc_attribute *fields, size_t i)
{
    size_t k = 0;

    while (k < i && !hc_str_eq(fields[k].name, fields[i].name))
        k++;
    return k < i;
}

/* A JSON object of those fields whose bits are in `which`; of two that have one name the first counts. */
static struct hc_fact_text put_fields(struct hc_sink *sink, const struct hc_attribute *fields, size_t n,
                                      unsigned which)
{
    struct hc_buffer *texts = &sink->batch->texts;
    const size_t at = texts->n;

    hc_buffer_add(texts, "{", 1);
    for (size_t i = 0; i < n; i++) {
        if (!(which >> i & 1) || named_before(fields, i))
            continue;
        if (texts->n > at + 1)
            hc_buffer_add(texts, ",", 1);
        add_json(sink, fields[i].name);
        hc_buffer_add(texts, ":", 1);
        add_json(sink, fields[i].value);
    }
    hc_buffer_add(texts, "}", 1);
    return (struct hc_fact_text){(uint32_t)at, (uint32_t)(texts->n - at)};
}

/* The same as an event keeps them (own.h); `*blob`: a UUID of them stands in front. */
static struct hc_fact_text put_own(struct hc_sink *sink, const struct hc_attribute *fields, size_t n,
                                   unsigned which, bool *blob)
{
    static const char value = HC_OWN_VALUE;
    struct hc_buffer *texts = &sink->batch->texts;
    const size_t at = texts->n;
    size_t uuid = 0, rest;

    for (size_t i = 1; i < n; i++)
        if (which >> i & 1 && named_before(fields, i))
            which &= ~(1U << i);
    hc_buffer_room(texts, HC_OWN_UUID);
    while (uuid < n &&
           !(which >> uuid & 1 && hc_own_uuid(fields[uuid].value, (unsigned char *)texts->p + at)))
        uuid++;
    *blob = uuid < n;
    texts->n += *blob ? HC_OWN_UUID : 0;
    rest = texts->n;
    if (*blob && which == 1U << uuid && hc_str_is(fields[uuid].name, "id"))
        return (struct hc_fact_text){(uint32_t)at, HC_OWN_UUID};
    for (size_t i = 0; i < n; i++) {
        if (!(which >> i & 1))
            continue;
        hc_own_name(texts, json_of(sink, fields[i].name), texts->n == rest);
        const struct hc_str json = i == uuid ? hc_str_n(&value, 1) : json_of(sink, fields[i].value);
        hc_buffer_add(texts, json.p, json.n);
    }
    return (struct hc_fact_text){(uint32_t)at, (uint32_t)(texts->n - at)};
}

#define ALL_FIELDS (~0U >> (sizeof(unsigned) * 8 - HC_ATTRIBUTES_MAX))

/*
 * The fields of these bits as one text, for the dictionary: of what was not clean each is counted, so it is
 * put together each time, at the end of the batch's texts.
 */
static struct hc_common_text common_text(struct hc_sink *sink, const struct hc_event *e, unsigned which)
{
    const struct hc_common_text *known = hc_common_find(sink->common, e->attributes, e->n_attributes, which);
    const int64_t unclean = sink->unclean;
    struct hc_common_text new;

    if (known && known->text.p)
        return *known;
    new.text = hc_batch_text(sink->batch, put_fields(sink, e->attributes, e->n_attributes, which));
    new.hash = hc_habits_hash(new.text);
    new.name = hc_entities_hash(HC_ENTITY_FIELDS, sink->realm, new.text);
    if (known && sink->unclean == unclean)
        hc_common_set(sink->common, &new);
    return new;
}

/* True: what the event shares with others is one of its names. */
static bool put_common(struct hc_sink *sink, struct hc_fact *f, const struct hc_event *e, unsigned which)
{
    struct hc_buffer *texts = &sink->batch->texts;
    struct hc_fact_name *name = &f->names[HC_FACT_SHARED];
    const size_t at = texts->n;
    const struct hc_common_text common = common_text(sink, e, which);

    if (!hc_habits_keep(sink->habits, common.text, common.hash)) {
        texts->n = at;
        return false;
    }
    name->key = name->name =
        texts->n > at ? (struct hc_fact_text){(uint32_t)at, (uint32_t)common.text.n} : put(sink, common.text);
    name->kind = HC_ENTITY_FIELDS;
    name->realm = sink->realm;
    name->hash = common.name;
    return true;
}

/* What many events of this type say alike is one row of the dictionary; each event keeps the others. */
static void put_attributes(struct hc_sink *sink, struct hc_fact *f, const struct hc_event *e)
{
    unsigned shared = hc_habits_shared(sink->habits, e->type, e->attributes, e->n_attributes);
    const unsigned all = ALL_FIELDS >> (HC_ATTRIBUTES_MAX - e->n_attributes);

    if (shared && !put_common(sink, f, e, shared))
        shared = 0;
    if (all & ~shared)
        f->fields = put_own(sink, e->attributes, e->n_attributes, all & ~shared, &f->packed);
}

/* A text that says nothing but the time is known by its form. */
static void put_raw_time(struct hc_sink *sink, struct hc_fact *f, struct hc_str raw)
{
    f->raw_form =
        f->time.precision == HC_PRECISION_NONE ? HC_RAW_TEXT : (uint8_t)hc_raw_form(raw, f->time.earliest);
    if (!f->raw_form)
        f->raw_time = put_cut(sink, raw);
}

static void widen(struct hc_sink *sink, const struct hc_time *time)
{
    if (time->precision == HC_PRECISION_NONE)
        return;
    if (!sink->has_span || time->earliest < sink->first)
        sink->first = time->earliest;
    if (!sink->has_span || time->latest > sink->last)
        sink->last = time->latest;
    sink->has_span = true;
}

static struct hc_fact_text put_parts(struct hc_buffer *texts, const struct hc_event *e,
                                     void (*write)(const struct hc_event *, struct hc_buffer *))
{
    const size_t at = texts->n;

    write(e, texts);
    return (struct hc_fact_text){(uint32_t)at, texts->n > at ? (uint32_t)(texts->n - at) : HC_FACT_NONE};
}

static struct hc_locator placed(const struct hc_sink *sink, const struct hc_locator *at)
{
    struct hc_locator place = *at;

    if (sink->place) {
        place.offset = sink->place(sink->places, at->offset);
        place.length = sink->place(sink->places, at->offset + at->length) - place.offset;
    }
    return place;
}

void hc_sink_places(struct hc_sink *sink, hc_place_fn place, void *data)
{
    sink->place = place;
    sink->places = data;
}

static void put_event(struct hc_sink *sink, struct hc_fact *f, const struct hc_event *e)
{
    f->at = placed(sink, &e->at);
    f->action = (uint16_t)e->action;
    f->outcome = (uint16_t)e->outcome;
    f->more = e->more;
    f->row_key = e->row_key;
    put_name(sink, &f->names[HC_FACT_TYPE], HC_ENTITY_TYPE, e->type);
    put_ref(sink, &f->names[HC_FACT_ACTOR], e->actor);
    put_ref(sink, &f->names[HC_FACT_TARGET], e->target);
    put_ref(sink, &f->names[HC_FACT_OBJECT], e->object);
    put_name(sink, &f->names[HC_FACT_VERSION], HC_ENTITY_VERSION, e->version);
    put_name(sink, &f->names[HC_FACT_FILE], HC_ENTITY_FILE, e->file);
    put_ref(sink, &f->names[HC_FACT_ADDRESS], e->address);
    put_ref(sink, &f->names[HC_FACT_MESSAGE], e->message);
    put_ref(sink, &f->names[HC_FACT_TXN], e->txn);
    put_raw_time(sink, f, e->raw_time);
    f->text = put_cut(sink, e->text);
    if (e->n_attributes)
        put_attributes(sink, f, e);
    if (!e->n_parts)
        return;
    f->lines = put_parts(&sink->batch->texts, e, hc_lines_write);
    f->parts = put_parts(&sink->batch->texts, e, hc_parts_pack);
}

#define OUTSIDE "outside of the scope"

bool hc_sink_outside(struct hc_sink *sink, struct hc_str type, struct hc_str text)
{
    if (!sink->scope || hc_scope_touches(sink->scope, text))
        return false;
    hc_sink_ignore(sink, type, OUTSIDE, 1);
    return true;
}

void hc_sink_ask_values(struct hc_sink *sink)
{
    sink->ask_values = true;
}

/* That it is one which another source has told before is found when it is stored, and counted at the end. */
bool hc_sink_event(struct hc_sink *sink, const struct hc_event *event, GError **error)
{
    struct hc_fact *f;

    if (sink->mute)
        return true;
    if (sink->scope && !sink->inside) {
        if (!hc_follow_event(sink->scope, event)) {
            hc_sink_ignore(sink, event->type, OUTSIDE, !event->more);
            return true;
        }
        hc_follow_message(sink->scope, event);
    }
    f = add_fact(sink, HC_FACT_EVENT);
    f->time = event->time;
    if (f->time.precision != HC_PRECISION_NONE)
        hc_time_correct(&f->time, sink->clock);
    widen(sink, &f->time);
    put_event(sink, f, event);
    if (!event->more)
        count(sink, HC_FATE_EVENT, event->type, "", 1);
    g_string_chunk_clear(sink->scratch);
    return pass_on(sink, error);
}

bool hc_sink_reject(struct hc_sink *sink, const struct hc_locator *at, GError **error, const char *why, ...)
{
    struct hc_fact *f;
    g_autofree char *text = NULL;
    va_list args;

    if (sink->mute)
        return true;
    f = add_fact(sink, HC_FACT_REJECT);
    va_start(args, why);
    text = g_strdup_vprintf(why, args);
    va_end(args);
    f->at = placed(sink, at);
    f->text = put(sink, cleaned(sink, hc_str(text)));
    count(sink, HC_FATE_REJECTED, HC_STR_LIT(""), "", 1);
    g_string_chunk_clear(sink->scratch);
    return pass_on(sink, error);
}

bool hc_sink_remark(struct hc_sink *sink, const struct hc_locator *at, const char *why, GError **error)
{
    sink->read += sink->read >= 0;
    return hc_sink_reject(sink, at, error, "%s", why);
}

void hc_sink_ignore(struct hc_sink *sink, struct hc_str type, const char *rule, int64_t n)
{
    if (n)
        count(sink, HC_FATE_IGNORED, type, rule, n);
}

void hc_sink_joined(struct hc_sink *sink, struct hc_str type, int64_t n)
{
    if (n)
        count(sink, HC_FATE_JOINED, type, "", n);
}

void hc_sink_read(struct hc_sink *sink, int64_t n)
{
    sink->read = n;
}

void hc_sink_host(struct hc_sink *sink, struct hc_str host)
{
    hc_host_add(&sink->host, host);
}

const struct hc_plan *hc_sink_plan(struct hc_sink *sink, struct hc_str type)
{
    return hc_sink_table_plan(sink, type, NULL);
}

const struct hc_plan *hc_sink_table_plan(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns)
{
    const char *why;

    if (sink->profile)
        return hc_profile_plan(sink->profile, type, columns, &why);
    return columns && !sink->tables ? hc_drafted_plan(sink->drafted, type, columns) : NULL;
}

const char *const *hc_sink_unwrap(const struct hc_sink *sink)
{
    static const char *const none[] = {NULL};

    return sink->profile ? hc_profile_unwrap(sink->profile) : none;
}

#define UNKNOWN "no profile"

const char *hc_sink_why(struct hc_sink *sink, struct hc_str type)
{
    const char *why = UNKNOWN;

    if (sink->profile)
        hc_profile_plan(sink->profile, type, NULL, &why);
    return why;
}

void hc_sink_table(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns)
{
    if (sink->tables && !sink->profile)
        hc_sketch_add(sink->tables, type, columns);
}

static bool add_alias(struct hc_sink *sink, const struct hc_alias *alias, GError **error)
{
    struct hc_fact *f = add_fact(sink, HC_FACT_ALIAS);

    put_ref(sink, &f->names[HC_FACT_ACTOR], alias->id);
    put_ref(sink, &f->names[HC_FACT_TARGET], alias->name);
    return pass_on(sink, error);
}

static bool add_state(struct hc_sink *sink, const struct hc_state *s, const struct hc_locator *at,
                      GError **error)
{
    struct hc_fact *f = add_fact(sink, HC_FACT_STATE);

    f->at = placed(sink, at);
    f->row_key = s->row_key;
    f->digest = s->digest;
    f->has_born = s->has_born;
    f->time.earliest = s->born;
    put_name(sink, &f->names[HC_FACT_TYPE], HC_ENTITY_TYPE, s->type);
    put_ref(sink, &f->names[HC_FACT_ACTOR], s->subject);
    put_ref(sink, &f->names[HC_FACT_TARGET], s->detail);
    put_ref(sink, &f->names[HC_FACT_OBJECT], s->object);
    f->fields = put_fields(sink, s->attributes, s->n_attributes, ALL_FIELDS);
    return pass_on(sink, error);
}

bool hc_sink_record(struct hc_sink *sink, const struct hc_plan *plan, const struct hc_str *values,
                    const struct hc_locator *at, GError **error)
{
    struct hc_meaning m;
    const char *why = NULL;
    bool ok;

    if (sink->mute)
        return true;
    if (sink->scope && (sink->ask_values || !hc_scope_is_plain(sink->scope)) &&
        !hc_follow_values(sink->scope, plan, values)) {
        hc_sink_ignore(sink, hc_plan_type(plan), OUTSIDE, 1);
        return true;
    }
    if (!hc_plan_read(plan, sink->zone, values, sink->scratch, &m, &why))
        return hc_sink_reject(sink, at, error, "%s", why);
    if (m.serial > sink->serial)
        sink->serial = m.serial;
    if (sink->scope)
        hc_follow_record(sink->scope, &m);
    if (m.has_alias && !add_alias(sink, &m.alias, error))
        return false;
    if (m.has_state && !add_state(sink, &m.state, at, error))
        return false;
    if (!m.has_event) {
        count(sink, HC_FATE_STATE, m.state.type, sink->profile ? "" : UNKNOWN, 1);
        g_string_chunk_clear(sink->scratch);
        return true;
    }
    m.event.at = *at;
    if (!sink->settings.zone_given && (m.event.time.basis & HC_BASIS_SOURCE_ZONE))
        m.event.time.basis |= HC_BASIS_ASSUMED;
    sink->inside = true;
    ok = hc_sink_event(sink, &m.event, error);
    sink->inside = false;
    return ok;
}
