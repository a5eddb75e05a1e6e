/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/follow.h"

bool hc_follow_event(struct hc_scope *scope, const struct hc_event *e)
{
    const struct hc_str texts[] = {e->actor.key, e->target.key, e->object.key, e->address.key, e->message.key,
                                   e->txn.key,   e->version,    e->file,       e->text};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (hc_scope_finds(scope, texts[i]))
            return true;
    for (size_t i = 0; i < e->n_attributes; i++)
        if (hc_scope_finds(scope, e->attributes[i].value))
            return true;
    return false;
}

bool hc_follow_values(struct hc_scope *scope, const struct hc_plan *plan, const struct hc_str *values)
{
    for (size_t i = 0; i < hc_plan_slots(plan); i++)
        if (hc_scope_finds(scope, values[i]))
            return true;
    return false;
}

static void follow(struct hc_scope *scope, struct hc_ref ref)
{
    static const unsigned followed =
        1u << HC_ENTITY_ACCOUNT | 1u << HC_ENTITY_ACCOUNT_ID | 1u << HC_ENTITY_PROJECT |
        1u << HC_ENTITY_PROJECT_ID | 1u << HC_ENTITY_ADDRESS | 1u << HC_ENTITY_ADDRESS_ID |
        1u << HC_ENTITY_MAILBOX | 1u << HC_ENTITY_MESSAGE | 1u << HC_ENTITY_MESSAGE_ID |
        1u << HC_ENTITY_RELEASE_ID | 1u << HC_ENTITY_FILE_ID;

    if (ref.key.p && followed >> ref.kind & 1)
        hc_scope_add(scope, ref.key);
}

void hc_follow_record(struct hc_scope *scope, const struct hc_meaning *m)
{
    const struct hc_ref about[] = {m->state.subject, m->state.object, m->event.actor, m->event.target,
                                   m->event.object,  m->alias.id,     m->alias.name};
    bool named = false;

    for (size_t i = 0; !named && i < G_N_ELEMENTS(about); i++)
        named = about[i].kind && hc_scope_has(scope, about[i].key);
    if (!named)
        return;
    if (m->has_alias) {
        follow(scope, m->alias.id);
        follow(scope, m->alias.name);
    }
    if (m->has_state)
        follow(scope, m->state.detail);
}

void hc_follow_message(struct hc_scope *scope, const struct hc_event *e)
{
    follow(scope, e->message);
}
