/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/store.h"

#include "src/base/text.h"
#include "src/evidence/entities.h"

#include <stdarg.h>

#define HC_TEXT_MAX 4096      /* bytes of a text that are stored; the rest is behind the locator */
#define HC_SLOT_BITS 10
#define HC_SLOTS (INT64_C(1) << HC_SLOT_BITS)
#define HC_UNDATED (INT64_MIN / 2) /* undated events count upwards from INT64_MIN + 1 */
#define HC_DATED_MIN INT64_C(-8520336000000000) /* 1700-01-01 */
#define HC_DATED_MAX INT64_C(8835955199999999)  /* 2249-12-31 */

enum tally { TALLY_EVENT, TALLY_STATE, TALLY_IGNORED, TALLY_JOINED, TALLY_DUPLICATE, TALLY_REJECTED, TALLY_KINDS };

struct last_count {
    GString *type, *why;
    int64_t *sum; /* NULL: none yet */
};

/* What is run for every record. */
enum hot { HOT_EVENT, HOT_ATTRIBUTE, HOT_WITNESS, HOT_ALIAS, HOT_STATE, HOT_SAME, HOT_LAST, HOT_COUNT };

struct hc_sink {
    hc_db *db;
    hc_stmt *hot[HOT_COUNT];
    int64_t source, realm, mail_realm;
    struct hc_profile *profile;
    struct hc_settings settings;
    const struct hc_zone *zone;
    int64_t clock;
    GHashTable *tallies; /* "what\x1fwhy\x1ftype" -> int64 */
    struct last_count last_counts[TALLY_KINDS];
    int64_t counts[TALLY_KINDS], records;
    struct hc_entities *entities;
    GStringChunk *scratch;
    GString *clean, *folded;
    bool has_span;
    int64_t first, last, serial, made;
    int64_t read;           /* records, by the importer's own count; -1: it does not say */
    bool has_others;        /* events of the same realm from other sources, to be compared with */
    int64_t spilled, last_id; /* the last dated event's time and id: among the ids of that microsecond or, when it was full, a later one */
    int64_t top;              /* the highest id of all events: beyond it there is nothing to be looked for */
};

static const char *const tally_names[TALLY_KINDS] = {"event", "state", "ignored", "joined", "duplicate", "rejected"};

static hc_stmt *hot(struct hc_sink *sink, enum hot which)
{
    static const char *const names[HOT_COUNT] = {"add_event", "add_attribute", "add_witness", "add_alias",
                                                 "add_state", "same_in_slot", "last_in_slot"};

    if (sink->hot[which])
        return hc_stmt_again(sink->hot[which]);
    return sink->hot[which] = hc_db_stmt(sink->db, "store", names[which]);
}

static int64_t realm_id(hc_db *db, const char *name, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "store", "add_realm");
    int64_t id;

    hc_bind_text(st, 1, hc_str(name));
    if (!hc_exec(st, error))
        return -1;
    st = hc_db_stmt(db, "store", "find_realm");
    hc_bind_text(st, 1, hc_str(name));
    if (hc_step(st, error) != 1)
        return -1;
    id = hc_col_int(st, 0);
    hc_stmt_reset(st);
    return id;
}

static void bind_id(hc_stmt *st, int index, int64_t id)
{
    if (id)
        hc_bind_int(st, index, id);
    else
        hc_bind_null(st, index);
}

static const char *realm_name(const struct hc_source_info *info)
{
    if (info->profile)
        return hc_profile_realm(info->profile);
    return info->format ? "mail" : NULL; /* importers that need no profile read mail */
}

int64_t hc_store_source(hc_db *db, const struct hc_source_info *info, GError **error)
{
    const char *realm = realm_name(info);
    int64_t realm_no = realm ? realm_id(db, realm, error) : 0;
    hc_stmt *st;

    if (realm_no < 0)
        return -1;
    st = hc_db_stmt(db, "store", "add_source");
    hc_bind_text(st, 1, hc_str(info->path));
    hc_bind_text(st, 2, hc_str(info->member ? info->member : ""));
    bind_id(st, 3, info->container);
    hc_bind_text(st, 4, hc_str(info->sha256 ? info->sha256 : ""));
    hc_bind_int(st, 5, info->size);
    hc_bind_text(st, 6, hc_str(info->format));
    hc_bind_text(st, 7, hc_str(info->profile ? hc_profile_name(info->profile) : NULL));
    bind_id(st, 8, realm_no);
    hc_bind_text(st, 9, hc_str(info->label));
    hc_bind_text(st, 10, hc_str(info->zone));
    hc_bind_text(st, 11, hc_str(info->zone_basis));
    bind_id(st, 12, info->settings.year);
    hc_bind_int(st, 13, info->clock);
    if (info->has_taken) {
        hc_bind_int(st, 14, info->taken);
        hc_bind_text(st, 15, hc_str("given"));
    }
    hc_bind_text(st, 16, hc_str(info->status));
    hc_bind_text(st, 17, hc_str(info->why));
    return hc_exec(st, error) ? hc_db_last_id(db) : -1;
}

static bool add_service(void *data, const char *topic, const char *key, const char *value, GError **error)
{
    struct hc_sink *sink = data;
    hc_stmt *st = hc_db_stmt(sink->db, "store", "add_service");

    hc_bind_int(st, 1, sink->realm);
    hc_bind_text(st, 2, hc_str(topic));
    hc_bind_text(st, 3, hc_str(key));
    hc_bind_text(st, 4, hc_str(value));
    return hc_exec(st, error);
}

static bool find_others(struct hc_sink *sink, GError **error)
{
    hc_stmt *st = hc_db_stmt(sink->db, "store", "has_others");
    int rc;

    hc_bind_int(st, 1, sink->realm);
    hc_bind_int(st, 2, sink->source);
    rc = hc_step(st, error);
    sink->has_others = rc == 1 && hc_col_int(st, 0);
    sink->top = rc == 1 && !hc_col_null(st, 1) ? hc_col_int(st, 1) : INT64_MIN;
    hc_stmt_reset(st);
    return rc == 1;
}

struct hc_sink *hc_store_sink(hc_db *db, int64_t source, const struct hc_source_info *info, GError **error)
{
    struct hc_sink *sink = g_new0(struct hc_sink, 1);
    const char *realm = realm_name(info);

    sink->db = db;
    sink->source = source;
    sink->profile = info->profile;
    sink->settings = info->settings;
    sink->zone = info->settings.zone;
    sink->clock = info->clock;
    sink->tallies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sink->entities = hc_entities_new(db);
    for (int i = 0; i < TALLY_KINDS; i++)
        sink->last_counts[i] = (struct last_count){g_string_new(NULL), g_string_new(NULL), NULL};
    sink->read = -1;
    sink->spilled = INT64_MIN;
    sink->scratch = g_string_chunk_new(4096);
    sink->clean = g_string_new(NULL);
    sink->folded = g_string_new(NULL);
    sink->mail_realm = realm_id(db, "mail", error);
    sink->realm = realm ? realm_id(db, realm, error) : sink->mail_realm;
    if (sink->mail_realm > 0 && sink->realm > 0 && find_others(sink, error) &&
        (!sink->profile || hc_profile_service(sink->profile, add_service, sink, error)))
        return sink;
    hc_store_free(sink);
    return NULL;
}

void hc_store_free(struct hc_sink *sink)
{
    if (!sink)
        return;
    g_hash_table_unref(sink->tallies);
    for (int i = 0; i < TALLY_KINDS; i++) {
        g_string_free(sink->last_counts[i].type, TRUE);
        g_string_free(sink->last_counts[i].why, TRUE);
    }
    hc_entities_free(sink->entities);
    g_string_chunk_free(sink->scratch);
    g_string_free(sink->clean, TRUE);
    g_string_free(sink->folded, TRUE);
    g_free(sink);
}

const struct hc_settings *hc_sink_settings(const struct hc_sink *sink)
{
    return &sink->settings;
}

int64_t hc_store_rejected(const struct hc_sink *sink)
{
    return sink->counts[TALLY_REJECTED];
}

/* Valid UTF-8 of a text, in the scratch memory when it had to be changed. */
static struct hc_str cleaned(struct hc_sink *sink, struct hc_str text)
{
    if (!text.p || hc_text_is_clean(text))
        return text;
    g_string_truncate(sink->clean, 0);
    hc_text_utf8(sink->clean, text);
    return hc_str_n(g_string_chunk_insert_len(sink->scratch, sink->clean->str, (gssize)sink->clean->len),
                    sink->clean->len);
}

/* The counter. The type comes last and is cleaned first: it is the evidence's, and two that are stored alike are one. */
static int64_t *counter(struct hc_sink *sink, enum tally what, struct hc_str type, const char *why)
{
    char *key = g_strdup_printf("%d\x1f%s\x1f%.*s", (int)what, why, HC_STR_ARG(type));
    int64_t *sum = g_hash_table_lookup(sink->tallies, key);

    if (sum) {
        g_free(key);
    } else {
        sum = g_new0(int64_t, 1);
        g_hash_table_insert(sink->tallies, key, sum);
    }
    return sum;
}

/* Records of one type come in a row: the counter of the last one is kept at hand. */
static void count(struct hc_sink *sink, enum tally what, struct hc_str type, const char *why, int64_t n)
{
    struct last_count *last = &sink->last_counts[what];

    type = cleaned(sink, type);
    if (!last->sum || strcmp(last->why->str, why) != 0 || !hc_str_eq(hc_str_n(last->type->str, last->type->len), type)) {
        last->sum = counter(sink, what, type, why);
        g_string_assign(last->why, why);
        g_string_truncate(last->type, 0);
        g_string_append_len(last->type, type.p, (gssize)type.n);
    }
    *last->sum += n;
    sink->counts[what] += n;
    sink->records += n;
}

static int64_t realm_of(const struct hc_sink *sink, enum hc_entity_kind kind)
{
    return kind == HC_ENTITY_MAILBOX || kind == HC_ENTITY_MESSAGE ? sink->mail_realm : sink->realm;
}

/* The entity's id; 0 for no reference, -1 on failure. */
static int64_t entity(struct hc_sink *sink, enum hc_entity_kind kind, struct hc_str text, GError **error)
{
    if (!kind || !text.p)
        return 0;
    text = cleaned(sink, text);
    return hc_entities_id(sink->entities, kind, realm_of(sink, kind), hc_profile_fold(sink->profile, kind, text, sink->folded), text,
                          error);
}

struct refs {
    int64_t type, actor, target, object, version, file, address, message, txn;
};

static bool resolve(struct hc_sink *sink, const struct hc_event *e, struct refs *r, GError **error)
{
    r->type = entity(sink, HC_ENTITY_TYPE, e->type, error);
    r->actor = entity(sink, e->actor.kind, e->actor.key, error);
    r->target = entity(sink, e->target.kind, e->target.key, error);
    r->object = entity(sink, e->object.kind, e->object.key, error);
    r->version = entity(sink, HC_ENTITY_VERSION, e->version, error);
    r->file = entity(sink, HC_ENTITY_FILE, e->file, error);
    r->address = entity(sink, e->address.kind, e->address.key, error);
    r->message = entity(sink, e->message.kind, e->message.key, error);
    r->txn = entity(sink, e->txn.kind, e->txn.key, error);
    return r->type >= 0 && r->actor >= 0 && r->target >= 0 && r->object >= 0 && r->version >= 0 && r->file >= 0 &&
           r->address >= 0 && r->message >= 0 && r->txn >= 0;
}

/* The next free id of the microsecond, base + HC_SLOTS when it is full; with `compared`, also the event of another source that is the same. */
static bool look_in_slot(struct hc_sink *sink, const struct hc_event *e, const struct refs *r, bool compared, int64_t base,
                         int64_t *same, int64_t *next, GError **error)
{
    hc_stmt *st = hot(sink, compared ? HOT_SAME : HOT_LAST);

    hc_bind_int(st, 1, base);
    hc_bind_int(st, 2, base + HC_SLOTS - 1);
    if (compared) {
        hc_bind_int(st, 3, (int64_t)e->row_key);
        hc_bind_int(st, 4, e->action);
        hc_bind_int(st, 5, r->actor);
        hc_bind_int(st, 6, r->object);
        hc_bind_int(st, 7, sink->source);
    }
    if (hc_step(st, error) != 1)
        return false;
    *next = hc_col_null(st, 0) ? base : hc_col_int(st, 0) + 1;
    *same = compared ? hc_col_int(st, 1) : 0;
    hc_stmt_reset(st);
    return true;
}

static bool place_undated(struct hc_sink *sink, int64_t *id, GError **error)
{
    hc_stmt *st = hc_db_stmt(sink->db, "store", "last_undated");

    hc_bind_int(st, 1, HC_UNDATED);
    if (hc_step(st, error) != 1)
        return false;
    *id = hc_col_null(st, 0) ? INT64_MIN + 1 : hc_col_int(st, 0) + 1;
    hc_stmt_reset(st);
    return true;
}

/*
 * Finds the event's id, or the event that it repeats. A full microsecond spills into the next, with the exact time kept. Logs put all
 * of a second into one microsecond: behind the last event, when it is of this time, the next one finds its place at once. Beyond the
 * highest id there is nobody to ask for.
 */
static bool place(struct hc_sink *sink, const struct hc_event *e, const struct refs *r, int64_t *id, int64_t *same,
                  GError **error)
{
    int64_t us = e->time.earliest, base;
    bool compared = e->row_key && sink->has_others, behind = !compared && us == sink->spilled;

    *same = 0;
    if (e->time.precision == HC_PRECISION_NONE || us < HC_DATED_MIN || us > HC_DATED_MAX)
        return place_undated(sink, id, error);
    base = behind ? (sink->last_id >> HC_SLOT_BITS) * HC_SLOTS : us * HC_SLOTS;
    for (*id = behind ? sink->last_id + 1 : base;; *id = base += HC_SLOTS, behind = false) {
        if (!behind && base <= sink->top && !look_in_slot(sink, e, r, compared, base, same, id, error))
            return false;
        if (*same)
            return true;
        if (*id < base + HC_SLOTS)
            break;
    }
    sink->spilled = us;
    sink->last_id = *id;
    sink->top = MAX(sink->top, *id);
    return true;
}

static bool add_witness(struct hc_sink *sink, int64_t event, const struct hc_locator *at, int part, GError **error)
{
    hc_stmt *st = hot(sink, HOT_WITNESS);

    hc_bind_int(st, 1, event);
    hc_bind_int(st, 2, sink->source);
    hc_bind_int(st, 3, at->offset);
    hc_bind_int(st, 4, at->record);
    hc_bind_int(st, 5, at->line);
    hc_bind_int(st, 6, at->length);
    hc_bind_int(st, 7, part);
    return hc_exec(st, error);
}

static bool add_attributes(struct hc_sink *sink, int64_t id, const struct hc_event *e, GError **error)
{
    for (size_t i = 0; i < e->n_attributes; i++) {
        struct hc_str text = hc_text_cut(cleaned(sink, e->attributes[i].value), HC_TEXT_MAX);
        int64_t name = entity(sink, HC_ENTITY_NAME, e->attributes[i].name, error);
        int64_t value = entity(sink, HC_ENTITY_VALUE, text, error);
        hc_stmt *st;
        if (name < 0 || value < 0)
            return false;
        st = hot(sink, HOT_ATTRIBUTE);
        hc_bind_int(st, 1, id);
        hc_bind_int(st, 2, name);
        hc_bind_int(st, 3, value);
        if (!hc_exec(st, error))
            return false;
    }
    return true;
}

static void bind_time(hc_stmt *st, int64_t id, const struct hc_time *time)
{
    bool dated = time->precision != HC_PRECISION_NONE;

    if (dated && (id >> HC_SLOT_BITS) != time->earliest)
        hc_bind_int(st, 2, time->earliest);
    hc_bind_int(st, 3, dated ? time->latest - time->earliest : 0);
    hc_bind_int(st, 4, time->precision);
    hc_bind_int(st, 5, time->basis);
}

static bool insert_event(struct hc_sink *sink, int64_t id, const struct hc_event *e, const struct refs *r, GError **error)
{
    const int64_t ids[] = {r->actor, r->target, r->object, r->version, r->file, r->address, r->message, r->txn};
    hc_stmt *st = hot(sink, HOT_EVENT);

    hc_bind_int(st, 1, id);
    bind_time(st, id, &e->time);
    hc_bind_borrowed(st, 6, hc_text_cut(cleaned(sink, e->raw_time), HC_TEXT_MAX));
    hc_bind_int(st, 7, sink->source);
    hc_bind_int(st, 8, e->at.record);
    hc_bind_int(st, 9, e->at.line);
    hc_bind_int(st, 10, e->at.offset);
    hc_bind_int(st, 11, e->at.length);
    hc_bind_int(st, 12, r->type);
    hc_bind_int(st, 13, e->action);
    hc_bind_int(st, 14, e->outcome);
    for (int i = 0; i < (int)G_N_ELEMENTS(ids); i++)
        bind_id(st, 15 + i, ids[i]);
    hc_bind_int(st, 23, (int64_t)e->row_key);
    hc_bind_borrowed(st, 24, hc_text_cut(cleaned(sink, e->text), HC_TEXT_MAX));
    return hc_exec(st, error);
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

bool hc_sink_event(struct hc_sink *sink, const struct hc_event *event, GError **error)
{
    struct hc_event e = *event;
    struct refs r = {0};
    int64_t id, same;

    if (e.time.precision != HC_PRECISION_NONE)
        hc_time_correct(&e.time, sink->clock);
    widen(sink, &e.time);
    if (!resolve(sink, &e, &r, error) || !place(sink, &e, &r, &id, &same, error))
        return false;
    if (same) {
        count(sink, TALLY_DUPLICATE, e.type, "", 1);
        g_string_chunk_clear(sink->scratch);
        return add_witness(sink, same, &e.at, 0, error);
    }
    count(sink, TALLY_EVENT, e.type, "", 1);
    if (!insert_event(sink, id, &e, &r, error) || !add_attributes(sink, id, &e, error))
        return false;
    for (size_t i = 0; i < e.n_parts; i++)
        if (!add_witness(sink, id, &e.parts[i], 1, error))
            return false;
    g_string_chunk_clear(sink->scratch);
    return true;
}

bool hc_sink_reject(struct hc_sink *sink, const struct hc_locator *at, GError **error, const char *why, ...)
{
    hc_stmt *st = hc_db_stmt(sink->db, "store", "add_reject");
    g_autoptr(GString) clean = g_string_new(NULL);
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, why);
    text = g_strdup_vprintf(why, args);
    va_end(args);
    hc_text_utf8(clean, hc_str(text));
    count(sink, TALLY_REJECTED, HC_STR_LIT(""), "", 1);
    hc_bind_int(st, 1, sink->source);
    hc_bind_int(st, 2, at->record);
    hc_bind_int(st, 3, at->line);
    hc_bind_int(st, 4, at->offset);
    hc_bind_int(st, 5, at->length);
    hc_bind_text(st, 6, hc_str_n(clean->str, clean->len));
    return hc_exec(st, error);
}

void hc_sink_ignore(struct hc_sink *sink, struct hc_str type, const char *rule, int64_t n)
{
    if (n)
        count(sink, TALLY_IGNORED, type, rule, n);
}

void hc_sink_joined(struct hc_sink *sink, struct hc_str type, int64_t n)
{
    if (n)
        count(sink, TALLY_JOINED, type, "", n);
}

void hc_sink_read(struct hc_sink *sink, int64_t n)
{
    sink->read = n;
}

void hc_sink_made(struct hc_sink *sink, int64_t us)
{
    sink->made = us;
}

const struct hc_plan *hc_sink_plan(struct hc_sink *sink, struct hc_str type)
{
    const char *why;

    return sink->profile ? hc_profile_plan(sink->profile, type, &why) : NULL;
}

const char *hc_sink_why(struct hc_sink *sink, struct hc_str type)
{
    const char *why = "no profile";

    if (sink->profile)
        hc_profile_plan(sink->profile, type, &why);
    return why;
}

static bool add_alias(struct hc_sink *sink, const struct hc_alias *alias, GError **error)
{
    int64_t id = entity(sink, alias->id.kind, alias->id.key, error);
    int64_t name = entity(sink, alias->name.kind, alias->name.key, error);
    hc_stmt *st;

    if (id <= 0 || name <= 0)
        return false;
    st = hot(sink, HOT_ALIAS);
    hc_bind_int(st, 1, id);
    hc_bind_int(st, 2, name);
    hc_bind_int(st, 3, sink->source);
    return hc_exec(st, error);
}

static struct hc_str state_json(struct hc_sink *sink, const struct hc_state *s)
{
    g_autoptr(GString) json = g_string_new("{");

    for (size_t i = 0; i < s->n_attributes; i++) {
        struct hc_str value = hc_text_cut(cleaned(sink, s->attributes[i].value), HC_TEXT_MAX);
        if (i)
            g_string_append_c(json, ',');
        hc_text_json(json, s->attributes[i].name);
        g_string_append_c(json, ':');
        hc_text_json(json, value);
    }
    g_string_append_c(json, '}');
    return hc_str_n(g_string_chunk_insert_len(sink->scratch, json->str, (gssize)json->len), json->len);
}

static bool add_state(struct hc_sink *sink, const struct hc_state *s, const struct hc_locator *at, GError **error)
{
    int64_t type = entity(sink, HC_ENTITY_TYPE, s->type, error);
    int64_t subject = entity(sink, s->subject.kind, s->subject.key, error);
    int64_t object = entity(sink, s->object.kind, s->object.key, error);
    int64_t detail = entity(sink, s->detail.kind, s->detail.key, error);
    hc_stmt *st = hot(sink, HOT_STATE);

    if (type < 0 || subject < 0 || object < 0 || detail < 0)
        return false;
    hc_bind_int(st, 1, sink->source);
    hc_bind_int(st, 2, type);
    hc_bind_int(st, 3, at->record);
    hc_bind_int(st, 4, at->line);
    hc_bind_int(st, 5, at->offset);
    hc_bind_int(st, 6, at->length);
    hc_bind_int(st, 7, (int64_t)s->row_key);
    hc_bind_int(st, 8, (int64_t)s->digest);
    if (s->has_born)
        hc_bind_int(st, 9, s->born);
    bind_id(st, 10, subject);
    bind_id(st, 11, object);
    bind_id(st, 12, detail);
    hc_bind_borrowed(st, 13, state_json(sink, s));
    return hc_exec(st, error);
}

bool hc_sink_record(struct hc_sink *sink, const struct hc_plan *plan, const struct hc_str *values,
                    const struct hc_locator *at, GError **error)
{
    struct hc_meaning m;
    const char *why = NULL;

    if (!hc_plan_read(plan, sink->zone, values, sink->scratch, &m, &why)) {
        g_string_chunk_clear(sink->scratch);
        return hc_sink_reject(sink, at, error, "%s", why);
    }
    if (m.serial > sink->serial)
        sink->serial = m.serial;
    if (m.has_alias && !add_alias(sink, &m.alias, error))
        return false;
    if (m.has_state && !add_state(sink, &m.state, at, error))
        return false;
    if (!m.has_event) {
        count(sink, TALLY_STATE, m.state.type, "", 1);
        g_string_chunk_clear(sink->scratch);
        return true;
    }
    m.event.at = *at;
    if (!sink->settings.zone_given && (m.event.time.basis & HC_BASIS_SOURCE_ZONE))
        m.event.time.basis |= HC_BASIS_ASSUMED;
    return hc_sink_event(sink, &m.event, error);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool write_tallies(struct hc_sink *sink, GError **error)
{
    guint n;
    g_autofree void **keys = g_hash_table_get_keys_as_array(sink->tallies, &n);

    qsort(keys, n, sizeof(*keys), by_name);
    for (guint i = 0; i < n; i++) {
        g_auto(GStrv) part = g_strsplit(keys[i], "\x1f", 3);
        hc_stmt *st = hc_db_stmt(sink->db, "store", "add_tally");
        hc_bind_int(st, 1, sink->source);
        hc_bind_text(st, 2, hc_str(part[2]));
        hc_bind_text(st, 3, hc_str(tally_names[g_ascii_strtoll(part[0], NULL, 10)]));
        hc_bind_text(st, 4, hc_str(part[1]));
        hc_bind_int(st, 5, *(int64_t *)g_hash_table_lookup(sink->tallies, keys[i]));
        if (!hc_exec(st, error))
            return false;
    }
    return true;
}

/* Where nobody said when an export was made: its own stamp, unless a record is later; else its latest record. */
static void bind_taken(struct hc_sink *sink, hc_stmt *st)
{
    bool stamp = sink->made && (!sink->has_span || sink->made >= sink->last);

    if (!stamp && !sink->has_span)
        return;
    hc_bind_int(st, 14, stamp ? sink->made : sink->last);
    hc_bind_text(st, 15, hc_str(stamp ? "file" : "assumed"));
}

bool hc_store_finish(struct hc_sink *sink, const char *sha256, int64_t size, GError **error)
{
    hc_stmt *st = hc_db_stmt(sink->db, "store", "finish_source");

    if (sink->read >= 0 && sink->read != sink->records)
        return hc_fail(error, HC_ERROR_INPUT,
                       "%" G_GINT64_FORMAT " records were read, but %" G_GINT64_FORMAT " are accounted for: a fault of the importer",
                       sink->read, sink->records);
    hc_bind_int(st, 1, sink->source);
    hc_bind_text(st, 2, hc_str(sha256));
    if (sha256)
        hc_bind_int(st, 3, size);
    hc_bind_int(st, 4, sink->records);
    for (int i = 0; i < TALLY_KINDS; i++) {
        /* columns: events, states, ignored, joined, duplicates, rejected */
        hc_bind_int(st, 5 + i, sink->counts[i]);
    }
    if (sink->has_span) {
        hc_bind_int(st, 11, sink->first);
        hc_bind_int(st, 12, sink->last);
    }
    hc_bind_int(st, 13, sink->serial);
    bind_taken(sink, st);
    return hc_exec(st, error) && write_tallies(sink, error);
}

bool hc_store_index(hc_db *db, GError **error)
{
    return hc_db_run(db, "store", "index", error);
}

bool hc_store_stale(hc_db *db, GError **error)
{
    return hc_db_run(db, "derived", "clear", error);
}
