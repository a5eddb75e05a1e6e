/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every line of a mail log asks for its message, so a message is found by one look into an open table, and
 * all that it has is in blocks of memory that are used again when it is forgotten. A list says which of them
 * was heard of last: that is the order in which they are dropped and settled, and nothing depends on that of
 * the table.
 */
#include "src/evidence/log/flowparts.h"

#include "src/base/keyed.h"
#include "src/evidence/log/words.h"
#include "src/evidence/set.h"

#define HOST_MAX 255   /* bytes of a host's name that tell it from others */
#define SLOTS_MIN 1024 /* powers of two */

static struct hc_flow *flow_new(void)
{
    struct hc_flow *flow = g_new0(struct hc_flow, 1);

    flow->rooms = hc_rooms_new();
    flow->n_slots = SLOTS_MIN;
    flow->slots = g_new0(struct flow_slot, SLOTS_MIN);
    hc_buffer_room(&flow->key, HOST_MAX);
    flow->lost = g_ptr_array_new();
    return flow;
}

static void flow_free(void *data)
{
    struct hc_flow *flow = data;

    g_ptr_array_unref(flow->lost);
    hc_rooms_free(flow->rooms);
    g_free(flow->slots);
    hc_buffer_clear(&flow->key);
    g_clear_error(&flow->error);
    g_free(flow);
}

/* Does the key that was asked for last begin so? */
static bool starts_so(const struct hc_flow *flow, struct hc_str host, struct hc_str instance)
{
    return flow->n_start == host.n + instance.n + 2 && flow->n_host == host.n &&
           hc_str_eq(hc_str_n(flow->key.p, host.n), host) &&
           hc_str_eq(hc_str_n(flow->key.p + host.n + 1, instance.n), instance);
}

/* The key that is asked for, and its hash. */
static struct hc_str key_of(struct hc_flow *flow, const struct hc_logline *line, struct hc_str instance,
                            struct hc_str id, uint64_t *hash)
{
    struct hc_str host = hc_str_head(line->host, HOST_MAX);

    if (!starts_so(flow, host, instance)) {
        flow->key.n = 0;
        hc_buffer_add(&flow->key, host.p, host.n);
        hc_buffer_add(&flow->key, "", 1);
        hc_buffer_add(&flow->key, instance.p, instance.n);
        hc_buffer_add(&flow->key, "", 1);
        flow->n_host = host.n;
        flow->n_start = flow->key.n;
        flow->start_hash = hc_keyed(0, hc_str_n(flow->key.p, flow->n_start));
    }
    flow->key.n = flow->n_start;
    hc_buffer_add(&flow->key, id.p, id.n);
    *hash = hc_keyed(flow->start_hash, id);
    return hc_str_n(flow->key.p, flow->key.n);
}

/* Where it is, or the free place where it would be. */
static size_t slot_of(const struct hc_flow *flow, uint64_t hash, struct hc_str key)
{
    size_t i = hash & (flow->n_slots - 1);

    while (flow->slots[i].entry &&
           (flow->slots[i].hash != hash || !hc_str_eq(flow->slots[i].entry->key, key)))
        i = (i + 1) & (flow->n_slots - 1);
    return i;
}

static void grow(struct hc_flow *flow)
{
    flow->n_slots *= 2;
    flow->slots = (g_free(flow->slots), g_new0(struct flow_slot, flow->n_slots));
    for (struct flow_entry *e = flow->oldest; e; e = e->newer)
        flow->slots[slot_of(flow, e->hash, e->key)] = (struct flow_slot){e->hash, e};
}

/* Those behind it that would have stood here move up, so that no search ends before them. */
static void free_slot(struct hc_flow *flow, size_t i)
{
    const size_t mask = flow->n_slots - 1;

    for (size_t next = (i + 1) & mask; flow->slots[next].entry; next = (next + 1) & mask) {
        size_t home = flow->slots[next].hash & mask;
        if (((next - home) & mask) >= ((next - i) & mask)) {
            flow->slots[i] = flow->slots[next];
            i = next;
        }
    }
    flow->slots[i].entry = NULL;
}

static void unlink_entry(struct hc_flow *flow, struct flow_entry *e)
{
    *(e->older ? &e->older->newer : &flow->oldest) = e->newer;
    *(e->newer ? &e->newer->older : &flow->newest) = e->older;
}

static void link_newest(struct hc_flow *flow, struct flow_entry *e)
{
    e->older = flow->newest;
    e->newer = NULL;
    *(flow->newest ? &flow->newest->newer : &flow->oldest) = e;
    flow->newest = e;
}

static void settle(const struct flow_entry *e)
{
    for (const struct flow_waiting *w = &e->waiting; w; w = w->before)
        if (e->told)
            hc_sink_joined(w->sink, HC_STR_LIT("queue"), w->lines);
        else
            hc_sink_ignore(w->sink, HC_STR_LIT("queue"), "message without a delivery in this log", w->lines);
}

/* It is not found any more. */
static void take_out(struct hc_flow *flow, struct flow_entry *e)
{
    free_slot(flow, slot_of(flow, e->hash, e->key));
    unlink_entry(flow, e);
    flow->n--;
}

void flow_clear(struct hc_flow *flow, struct flow_entry *e)
{
    struct hc_room room = e->room;

    settle(e);
    hc_room_clear(flow->rooms, &room);
}

void flow_drop(struct hc_flow *flow, struct flow_entry *e)
{
    take_out(flow, e);
    flow_clear(flow, e);
}

/* Nothing more will be heard of it, though the daemon has not said so. */
static void lose(struct hc_flow *flow, struct flow_entry *e)
{
    take_out(flow, e);
    if (flow_is_accepted_only(e) && e->accepted->sink != flow->sink) {
        g_ptr_array_add(flow->lost, e);
        return;
    }
    flow_tell_accepted(flow, e);
    flow_clear(flow, e);
}

static struct flow_entry *add(struct hc_flow *flow, uint64_t hash, struct hc_str key, size_t id)
{
    struct hc_room room = {0};
    struct flow_entry *e;
    char *text;

    if (flow->n >= HC_FLOW_MESSAGES_MAX)
        lose(flow, flow->oldest);
    if ((flow->n + 1) * 2 > flow->n_slots)
        grow(flow);
    e = hc_room_add(flow->rooms, &room, sizeof(*e));
    text = hc_room_add(flow->rooms, &room, key.n);
    memcpy(text, key.p, key.n);
    *e = (struct flow_entry){.message = {.begun = INT64_MIN},
                             .room = room,
                             .hash = hash,
                             .key = {text, key.n},
                             .id = {text + key.n - id, id}};
    e->waiting.sink = flow->sink;
    flow->slots[slot_of(flow, hash, key)] = (struct flow_slot){hash, e};
    link_newest(flow, e);
    flow->n++;
    return e;
}

static void hear(struct hc_flow *flow, struct flow_entry *e, const struct hc_logline *line)
{
    if (e != flow->newest) {
        unlink_entry(flow, e);
        link_newest(flow, e);
    }
    if (e->message.begun == INT64_MIN && line->time.precision != HC_PRECISION_NONE)
        e->message.begun = line->time.earliest;
}

static struct flow_entry *find(struct hc_flow *flow, const struct hc_logline *line, struct hc_str instance,
                               struct hc_str id, bool made)
{
    uint64_t hash;
    struct hc_str key = key_of(flow, line, instance, id, &hash);
    struct flow_entry *e = flow->slots[slot_of(flow, hash, key)].entry;

    if (!e && made)
        e = add(flow, hash, key, id.n);
    if (e)
        hear(flow, e, line);
    return e;
}

struct hc_message *hc_flow_message(struct hc_flow *flow, const struct hc_logline *line,
                                   struct hc_str instance, struct hc_str id)
{
    return &find(flow, line, instance, id, true)->message;
}

struct hc_message *hc_flow_known(struct hc_flow *flow, const struct hc_logline *line, struct hc_str instance,
                                 struct hc_str id)
{
    struct flow_entry *e = find(flow, line, instance, id, false);

    return e ? &e->message : NULL;
}

struct hc_message *hc_flow_begin(struct hc_flow *flow, const struct hc_logline *line, struct hc_str instance,
                                 struct hc_str id)
{
    struct hc_message *known = hc_flow_known(flow, line, instance, id);

    if (known)
        lose(flow, (struct flow_entry *)known);
    return hc_flow_message(flow, line, instance, id);
}

struct hc_event hc_flow_start(const struct hc_logline *line, enum hc_action action)
{
    struct hc_event event;

    memset(&event, 0, offsetof(struct hc_event, attributes));
    event.time = line->time;
    event.raw_time = line->stamp;
    event.action = action;
    event.type = line->program;
    event.at = line->at;
    hc_event_add(&event, HC_STR_LIT("repeated"), line->repeats);
    hc_event_add(&event, HC_STR_LIT("time-note"), line->note);
    return event;
}

struct hc_ref hc_flow_mailbox(struct hc_str address)
{
    return address.n ? (struct hc_ref){HC_ENTITY_MAILBOX, address}
                     : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

static void add_parts(struct hc_flow *flow, const struct flow_entry *e, struct hc_event *event)
{
    const int64_t own = hc_sink_source(flow->sink);
    size_t n = 0;

    for (const struct flow_parts *p = e->parts; p; p = p->next)
        for (unsigned i = 0; i < FLOW_PARTS_CHUNK && n < e->n_parts; i++, n++) {
            flow->parts[n] = p->at[i];
            if (flow->parts[n].source == own)
                flow->parts[n].source = 0;
        }
    event->parts = flow->parts;
    event->n_parts = n;
}

static struct hc_ref either(struct hc_ref own, enum hc_entity_kind kind, struct hc_str key)
{
    return own.kind || !key.n ? own : (struct hc_ref){kind, key};
}

/* What the lines so far have told. */
void flow_add_message(struct hc_flow *flow, const struct flow_entry *e, struct hc_event *event)
{
    const struct hc_message *m = &e->message;

    if (!event->actor.kind)
        event->actor = hc_word_who(m->login);
    event->actor = either(event->actor, HC_ENTITY_MAILBOX, m->from);
    event->address = either(event->address, HC_ENTITY_ADDRESS, m->client);
    event->message = either(event->message, HC_ENTITY_MESSAGE, m->id);
    event->txn = either(event->txn, HC_ENTITY_TXN, e->id);
    if (m->login.n && m->from.p)
        hc_event_add(event, HC_STR_LIT("from"), m->from);
    if (m->subject.p)
        hc_event_add(event, HC_STR_LIT("subject"), m->subject);
    if (m->before.p)
        hc_event_add(event, hc_str(m->how), m->before);
    if (m->about.p)
        hc_event_add(event, HC_STR_LIT("about"), m->about);
    if (m->about_id.p)
        hc_event_add(event, HC_STR_LIT("about-message"), m->about_id);
    add_parts(flow, e, event);
}

/* Numbers as text, for as long as the event is passed on. */
struct numbers {
    char deferrals[24], delay[24];
};

static struct hc_str copy(struct hc_flow *flow, struct flow_entry *e, struct hc_str text)
{
    char *at = hc_room_add(flow->rooms, &e->room, text.n + 1); /* one that is empty has its place too */

    memcpy(at, text.p ? text.p : "", text.n);
    return hc_str_n(at, text.n);
}

void hc_message_set(struct hc_flow *flow, struct hc_message *message, struct hc_str *field,
                    struct hc_str value)
{
    if (!field->p && value.p && value.n <= HC_FLOW_FIELD_MAX)
        *field = copy(flow, (struct flow_entry *)message, value);
}

/* How often it was deferred for this recipient, with this time; 0: of too many recipients. */
static int64_t count_deferral(struct hc_flow *flow, struct flow_entry *e, struct hc_str to)
{
    struct flow_late *late = e->late;

    e->message.deferrals++;
    while (late && !hc_str_eq(late->to, to))
        late = late->next;
    if (!late && (e->n_late == HC_FLOW_LATE_MAX || to.n > HC_FLOW_FIELD_MAX))
        return 0;
    if (!late) {
        late = hc_room_add(flow->rooms, &e->room, sizeof(*late));
        *late = (struct flow_late){e->late, copy(flow, e, to), 0};
        e->late = late;
        e->n_late++;
    }
    return ++late->n;
}

static void add_deferral(struct hc_flow *flow, struct flow_entry *e, const struct hc_logline *line,
                         struct hc_event *event, struct numbers *text)
{
    const int64_t n = count_deferral(flow, e, event->target.key), begun = e->message.begun;

    if (n) {
        g_snprintf(text->deferrals, sizeof text->deferrals, "%" G_GINT64_FORMAT, n);
        hc_event_add(event, HC_STR_LIT("deferrals"), hc_str(text->deferrals));
    }
    if (begun == INT64_MIN || line->time.precision == HC_PRECISION_NONE || line->time.earliest < begun)
        return;
    g_snprintf(text->delay, sizeof text->delay, "%" G_GINT64_FORMAT,
               (line->time.earliest - begun) / HC_US_PER_S);
    hc_event_add(event, HC_STR_LIT("total-delay"), hc_str(text->delay));
}

/* Does it say what became of the message? Not who handed it in, nor that one of its recipients was
 * refused. */
static bool says_fate(enum hc_action action)
{
    return action != HC_ACTION_LOGIN_SUCCESS && action != HC_ACTION_LOGIN_FAILURE &&
           action != HC_ACTION_MAIL_REJECTED;
}

bool hc_flow_event(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line,
                   struct hc_event *event, GError **error)
{
    struct flow_entry *e = (struct flow_entry *)message;
    struct numbers text;

    if (e) {
        flow_add_message(flow, e, event);
        e->told = true;
        e->fate = e->fate || says_fate(event->action);
        if (event->action == HC_ACTION_MAIL_DEFERRED)
            add_deferral(flow, e, line, event, &text);
    }
    hc_sink_host(flow->sink, line->host);
    return hc_sink_event(flow->sink, event, error);
}

static void add_part(struct hc_flow *flow, struct flow_entry *e, const struct hc_event_part *part)
{
    if (e->n_parts == HC_FLOW_PARTS_MAX)
        return;
    if (e->n_parts % FLOW_PARTS_CHUNK == 0) {
        struct flow_parts *p = hc_room_add(flow->rooms, &e->room, sizeof(*p));
        p->next = NULL;
        *(e->last ? &e->last->next : &e->parts) = p;
        e->last = p;
    }
    e->last->at[e->n_parts++ % FLOW_PARTS_CHUNK] = *part;
}

/* Those of an earlier file are counted there. */
static void wait_for_fate(struct hc_flow *flow, struct flow_entry *e, struct hc_sink *sink, int64_t lines)
{
    if (e->waiting.sink != sink) {
        struct flow_waiting *before = hc_room_add(flow->rooms, &e->room, sizeof(*before));
        *before = e->waiting;
        e->waiting = (struct flow_waiting){before, sink, 0};
    }
    e->waiting.lines += lines;
}

void hc_flow_part(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line)
{
    struct flow_entry *e = (struct flow_entry *)message;
    const struct hc_event_part part = {line->at, hc_sink_source(flow->sink)};

    wait_for_fate(flow, e, flow->sink, 1);
    add_part(flow, e, &part);
}

void hc_flow_cite(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line)
{
    const struct hc_event_part part = {line->at, hc_sink_source(flow->sink)};

    add_part(flow, (struct flow_entry *)message, &part);
}

void hc_flow_accepted(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line,
                      bool part)
{
    struct flow_entry *e = (struct flow_entry *)message;
    struct flow_accepted *a = e->accepted;

    if (part)
        hc_flow_part(flow, message, line);
    else
        hc_flow_cite(flow, message, line);
    if (e->fate || a || (!message->login.n && !message->local))
        return;
    a = e->accepted = hc_room_add(flow->rooms, &e->room, sizeof(*a));
    *a = (struct flow_accepted){.line = *line, .sink = flow->sink, .part = part};
    a->line.stamp = copy(flow, e, line->stamp);
    a->line.program = copy(flow, e, line->program);
    a->line.host = copy(flow, e, line->host);
    a->line.repeats = line->repeats.p ? copy(flow, e, line->repeats) : HC_STR_NONE;
    a->line.message = HC_STR_NONE;
}

struct hc_str hc_flow_id(const struct hc_message *message)
{
    return ((const struct flow_entry *)message)->id;
}

void hc_flow_join(struct hc_flow *flow, struct hc_message *part, struct hc_message *message)
{
    struct flow_entry *from = (struct flow_entry *)part, *to = (struct flow_entry *)message;
    unsigned n = 0;

    for (struct flow_waiting *w = &from->waiting; w; w->lines = 0, w = w->before)
        if (w->lines)
            wait_for_fate(flow, to, w->sink, w->lines);
    for (const struct flow_parts *p = from->parts; p; p = p->next)
        for (unsigned i = 0; i < FLOW_PARTS_CHUNK && n < from->n_parts; i++, n++)
            add_part(flow, to, &p->at[i]);
    flow_drop(flow, from);
}

struct hc_sink *hc_flow_sink(const struct hc_flow *flow)
{
    return flow->sink;
}

void hc_flow_done(struct hc_flow *flow, struct hc_message *message)
{
    flow_drop(flow, (struct flow_entry *)message);
}

void hc_flow_ignore(struct hc_flow *flow, const struct hc_logline *line, const char *rule)
{
    hc_sink_ignore(flow->sink, line->program, rule, 1);
}

bool hc_flow_reject(struct hc_flow *flow, const struct hc_logline *line, GError **error, const char *why)
{
    return hc_sink_reject(flow->sink, &line->at, error, "%s", why);
}

struct hc_flow *hc_flow_of(struct hc_sink *sink)
{
    struct hc_set *set = hc_sink_settings(sink)->set;
    struct hc_flow *flow = hc_set_kept(set, "flow");

    if (!flow) {
        hc_set_keep(set, "flow", flow = flow_new(), flow_free);
        hc_set_at_end(set, "flow", flow_settle_all);
    }
    flow->sink = sink;
    return flow;
}

bool hc_flow_end_file(struct hc_flow *flow, GError **error)
{
    const bool last = hc_set_is_last(hc_sink_settings(flow->sink)->set);

    for (struct flow_entry *e = flow->oldest; last && e; e = e->newer)
        if (flow_is_accepted_only(e) && e->accepted->sink == flow->sink)
            flow_tell_accepted(flow, e);
    flow->sink = NULL;
    if (!flow->error)
        return true;
    g_propagate_error(error, g_steal_pointer(&flow->error));
    return false;
}
