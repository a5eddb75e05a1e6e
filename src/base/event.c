/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/event.h"

static const struct {
    const char *name;
    const char *sentence;
} actions[HC_ACTION_COUNT] = {
#define HC_ACTION(id, name, sentence) [HC_ACTION_##id] = {name, sentence},
#include "src/base/actions.h"
#undef HC_ACTION
};

const char *hc_action_name(enum hc_action action)
{
    return action > HC_ACTION_NONE && action < HC_ACTION_COUNT ? actions[action].name : NULL;
}

const char *hc_action_sentence(enum hc_action action)
{
    return action > HC_ACTION_NONE && action < HC_ACTION_COUNT ? actions[action].sentence : NULL;
}

enum hc_action hc_action_by_name(struct hc_str name)
{
    for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++)
        if (hc_str_is(name, actions[i].name))
            return (enum hc_action)i;
    return HC_ACTION_NONE;
}

const char *hc_outcome_name(enum hc_outcome outcome)
{
    static const char *const names[] = {NULL, "success", "failure"};
    return names[outcome];
}

void hc_event_add(struct hc_event *event, struct hc_str name, struct hc_str value)
{
    if (value.p && event->n_attributes < HC_ATTRIBUTES_MAX)
        event->attributes[event->n_attributes++] = (struct hc_attribute){name, value};
}
