/* SPDX-License-Identifier: Apache-2.0 */
/* What one record means, by the plan of its type. */
#include "src/evidence/planparts.h"

#include "src/base/text.h"
#include "src/evidence/statement.h"

/* While reading one record. */
struct reading {
    const struct hc_str *values;
    const struct hc_str *captures;
    GStringChunk *scratch;
};

static struct hc_str piece_text(const struct reading *r, const struct piece *piece)
{
    if (piece->kind == PIECE_LITERAL)
        return hc_str_n(piece->text, piece->index);
    return piece->kind == PIECE_SLOT ? r->values[piece->index] : r->captures[piece->index];
}

/* Absent when one of its parts is absent. */
static struct hc_str expand_pieces(const struct reading *r, const GArray *pieces, guint from, guint to)
{
    g_autoptr(GString) all = NULL;

    if (to - from == 1)
        return piece_text(r, &g_array_index(pieces, struct piece, from));
    all = g_string_new(NULL);
    for (guint i = from; i < to; i++) {
        struct hc_str text = piece_text(r, &g_array_index(pieces, struct piece, i));
        if (!text.p)
            return HC_STR_NONE;
        g_string_append_len(all, text.p, (gssize)text.n);
    }
    return hc_str_n(g_string_chunk_insert_len(r->scratch, all->str, (gssize)all->len), all->len);
}

/* Of several the first that holds something. */
static struct hc_str expand_first(const struct reading *r, const struct value *value)
{
    struct hc_str text = HC_STR_NONE;

    for (guint from = 0, to; from < value->pieces->len && !text.n; from = to + 1) {
        for (to = from;
             to < value->pieces->len && g_array_index(value->pieces, struct piece, to).kind != PIECE_ELSE;
             to++)
            ;
        text = expand_pieces(r, value->pieces, from, to);
    }
    return text;
}

/* Most values are not given, or are one field. */
static inline struct hc_str expand(const struct reading *r, const struct value *value)
{
    if (!value->pieces)
        return HC_STR_NONE;
    return value->pieces->len == 1 ? piece_text(r, &g_array_index(value->pieces, struct piece, 0))
                                   : expand_first(r, value);
}

/* "A Name <a@b>" is the mailbox a@b, "<id@host>" the message id@host. */
static struct hc_str inside_angles(struct hc_str text)
{
    const char *open = text.n && text.p[text.n - 1] == '>' ? memrchr(text.p, '<', text.n) : NULL;

    return open ? hc_str_n(open + 1, text.n - (size_t)(open - text.p) - 2) : text;
}

static struct hc_ref refer(const struct reading *r, const struct reference *ref)
{
    struct hc_str key = expand(r, &ref->value);

    if (ref->kind == HC_ENTITY_MAILBOX || ref->kind == HC_ENTITY_MESSAGE)
        key = inside_angles(key);

    return key.n ? (struct hc_ref){ref->kind, key} : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

static size_t keep_all(const struct reading *r, const GArray *keeps, struct hc_attribute *out)
{
    size_t n = 0;

    for (guint i = 0; i < keeps->len; i++) {
        const struct keep *keep = &g_array_index(keeps, struct keep, i);
        struct hc_str value = expand(r, &keep->value);
        if (value.p)
            out[n++] = (struct hc_attribute){hc_str_n(keep->name, keep->n_name), value};
    }
    return n;
}

static bool read_time(struct hc_str text, enum hc_time_form form, const struct hc_zone *zone,
                      struct hc_time *time)
{
    switch (form) {
    case HC_FORM_ISO:
    case HC_FORM_ISO_US:
        return hc_time_iso(text, zone, form == HC_FORM_ISO_US, time);
    case HC_FORM_EPOCH:
        return hc_time_epoch(text, NULL, time);
    case HC_FORM_EPOCH_S:
        return hc_time_epoch(text, "s", time);
    case HC_FORM_EPOCH_MS:
        return hc_time_epoch(text, "ms", time);
    case HC_FORM_EPOCH_US:
        return hc_time_epoch(text, "us", time);
    case HC_FORM_EPOCH_NS:
        return hc_time_epoch(text, "ns", time);
    case HC_FORM_RFC5322:
        return hc_time_rfc5322(text, time);
    case HC_FORM_FILETIME:
        return hc_time_filetime(text, time);
    case HC_FORM_DOTNET:
        return hc_time_dotnet(text, time);
    case HC_FORM_COCOA:
        return hc_time_cocoa(text, "s", time);
    case HC_FORM_COCOA_NS:
        return hc_time_cocoa(text, "ns", time);
    case HC_FORM_TAI64N:
        return hc_time_tai64n(text, time);
    case HC_FORM_TAI64N_LEAP:
        return hc_time_tai64n_leap(text, time);
    default:
        return false;
    }
}

/* No time, or one that is no instant by its own words, leaves the event undated; anything else is a fault. */
static bool date_event(struct hc_event *e, const struct meaning *m, struct hc_str text,
                       const struct hc_zone *zone, const char **why)
{
    e->raw_time = text;
    if (!text.p || hc_str_is(text, "infinity") || hc_str_is(text, "-infinity"))
        return true;
    if (read_time(text, m->form, zone, &e->time))
        return true;
    *why = "the time cannot be read";
    return false;
}

static bool is_given(const struct branch *b, const struct reading *r, struct hc_str captures[HC_CAPTURES_MAX])
{
    struct hc_str text = expand(r, &b->given);

    return !b->given.pieces || (text.n && (!b->looks || hc_pattern_match(b->looks, text, captures)));
}

/* No branch before this one fits the text. */
static size_t first_branch(const struct hc_plan *plan, struct hc_str text)
{
    size_t at;

    if (!plan->literals)
        return 0;
    for (at = hc_literal_slot(text, plan->n_literals); plan->literals[at];
         at = (at + 1) & (plan->n_literals - 1)) {
        const size_t i = (size_t)plan->literals[at] - 1;
        if (hc_str_eq(((const struct branch *)plan->branches->pdata[i])->literal, text))
            return MIN(i, plan->first_pattern);
    }
    return plan->first_pattern;
}

/* The first case that fits; its captures, and behind those of `looks`. */
static const struct meaning *choose(const struct hc_plan *plan, const struct reading *r,
                                    struct hc_str captures[2 * HC_CAPTURES_MAX])
{
    struct hc_str text = expand(r, &plan->select);

    if (!text.p)
        return &plan->base;
    for (size_t i = first_branch(plan, text); i < plan->branches->len; i++) {
        const struct branch *b = plan->branches->pdata[i];
        bool fits = b->literal.p ? hc_str_eq(b->literal, text) : hc_pattern_match(b->pattern, text, captures);
        if (fits && is_given(b, r, captures + HC_CAPTURES_MAX))
            return &b->meaning;
    }
    return &plan->base;
}

/* A name that means "nobody knows", or is of no account, is no actor; that it stood there is kept. */
static void mask_actor(const struct hc_plan *plan, struct hc_event *e)
{
    bool unknown =
        e->actor.kind == HC_ENTITY_ACCOUNT && hc_profile_unknown_actor(plan->profile, e->actor.key);
    bool nobody = e->actor.kind == HC_ENTITY_ACCOUNT && hc_profile_no_account(plan->profile, e->actor.key);

    if (!unknown && !nobody)
        return;
    hc_event_add(e, unknown ? HC_STR_LIT("masked-actor") : HC_STR_LIT("by"), e->actor.key);
    e->actor = (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

/* An SQL statement, without what may be secret in it. */
static void keep_statement(struct hc_event *e, const struct reading *r, const struct value *value)
{
    struct hc_str sql = expand(r, value);
    g_autoptr(GString) open = NULL;

    if (!sql.n)
        return;
    open = g_string_new(NULL);
    hc_statement_open(sql, open);
    hc_event_add(e, HC_STR_LIT("statement"),
                 hc_str_n(g_string_chunk_insert_len(r->scratch, open->str, (gssize)open->len), open->len));
}

static bool read_event(const struct hc_plan *plan, const struct hc_zone *zone, struct reading *r,
                       struct hc_event *e, const char **why)
{
    struct hc_str captures[2 * HC_CAPTURES_MAX] = {HC_STR_NONE};
    const struct meaning *m;

    r->captures = captures;
    m = choose(plan, r, captures);
    e->type = plan->as;
    e->action = m->action;
    e->outcome = m->outcome;
    e->actor = refer(r, &m->actor);
    e->target = refer(r, &m->target);
    e->object = refer(r, &m->object);
    e->address = refer(r, &m->address);
    e->message = refer(r, &m->message);
    e->version = expand(r, &m->version);
    e->file = expand(r, &m->file);
    e->txn = refer(r, &(struct reference){HC_ENTITY_TXN, m->txn});
    if (m->text_always || m->action == HC_ACTION_AUDIT_OTHER)
        e->text = expand(r, &m->text);
    e->n_attributes = keep_all(r, m->keeps, e->attributes);
    keep_statement(e, r, &m->statement);
    mask_actor(plan, e);
    return date_event(e, m, expand(r, &m->time), zone, why);
}

/* What is absent is passed over, so each value has the number of its slot before it: most slots are those of
 * other cases. */
static uint64_t hash_slot(uint64_t hash, const struct hc_str *values, size_t slot)
{
    return values[slot].p ? hc_hash_field(hash, (unsigned)slot, values[slot]) : hash;
}

static uint64_t hash_slots(const struct hc_plan *plan, const struct hc_str *values, const GArray *slots)
{
    uint64_t hash = plan->hash;

    for (guint i = 0; i < slots->len; i++)
        hash = hash_slot(hash, values, g_array_index(slots, size_t, i));
    return hash ? hash : 1;
}

/* Same content, same key: every field that the profile reads goes in, but for those that it sets aside. */
static uint64_t hash_record(const struct hc_plan *plan, const struct hc_str *values)
{
    uint64_t hash = plan->hash;

    for (guint i = 0; i < plan->slots->len; i++)
        if (!plan->aside[i])
            hash = hash_slot(hash, values, i);
    return hash ? hash : 1;
}

static void read_state(const struct hc_plan *plan, const struct hc_zone *zone, const struct reading *r,
                       struct hc_state *s)
{
    struct hc_str born = expand(r, &plan->born);
    struct hc_time time;

    s->type = plan->as;
    s->row_key = hash_slots(plan, r->values, plan->key);
    s->digest = hash_slots(plan, r->values, plan->compare);
    if (born.p && hc_time_iso(born, zone, true, &time)) {
        s->has_born = true;
        s->born = time.earliest;
    }
    s->subject = refer(r, &plan->subject);
    s->object = refer(r, &plan->state_object);
    s->detail = refer(r, &plan->detail);
    s->n_attributes = keep_all(r, plan->state_keeps, s->attributes);
    /* A column that is not there looks like one that is empty: only what is there is said. */
    for (guint i = 0; i < plan->presents->len; i++) {
        const struct present *p = &g_array_index(plan->presents, struct present, i);
        if (r->values[p->slot].n)
            s->attributes[s->n_attributes++] = (struct hc_attribute){hc_str(p->name), HC_STR_LIT("t")};
    }
}

/* A number of up to eighteen digits; 0 for what is none. */
static int64_t number(struct hc_str text)
{
    int64_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (!g_ascii_isdigit(text.p[i]) || i == 18)
            return 0;
        n = n * 10 + (text.p[i] - '0');
    }
    return n;
}

/* Attributes are counted: what lies behind them is not looked at, and need not be cleared for each record. */
static void clear(struct hc_meaning *m)
{
    memset(&m->event, 0, offsetof(struct hc_event, attributes));
    memset(&m->state, 0, offsetof(struct hc_state, attributes));
    memset(&m->alias, 0, sizeof m->alias);
    m->has_event = m->has_state = m->has_alias = false;
    m->serial = 0;
}

bool hc_plan_read(const struct hc_plan *plan, const struct hc_zone *zone, const struct hc_str *values,
                  GStringChunk *scratch, struct hc_meaning *out, const char **why)
{
    struct reading r = {values, NULL, scratch};

    clear(out);
    if (plan->has_event) {
        if (!read_event(plan, zone, &r, &out->event, why))
            return false;
        out->event.row_key = plan->key->len ? hash_record(plan, values) : 0;
    }
    if (plan->has_state)
        read_state(plan, zone, &r, &out->state);
    if (plan->has_alias) {
        out->alias.id = refer(&r, &plan->alias_id);
        out->alias.name = refer(&r, &plan->alias_name);
    }
    out->has_event = plan->has_event;
    out->has_state = plan->has_state;
    out->has_alias = plan->has_alias && out->alias.id.kind && out->alias.name.kind;
    if (plan->serial >= 0)
        out->serial = number(values[plan->serial]);
    return true;
}
