/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/carry.h"

/* The parts of the line that no other column holds. */
static bool keep_other(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_event event = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);

    event.text = line->message;
    hc_event_add(&event, HC_STR_LIT("host"), line->host);
    hc_event_add(&event, HC_STR_LIT("pid"), line->pid);
    hc_event_add(&event, HC_STR_LIT("priority"), line->priority);
    hc_event_add(&event, HC_STR_LIT("msgid"), line->id);
    hc_event_add(&event, HC_STR_LIT("structured-data"), line->data);
    return hc_flow_event(flow, NULL, line, &event, error);
}

bool hc_carry(struct hc_flow *flow, struct hc_sink *sink, const struct hc_dialect *dialect,
              const struct hc_logline *line, GError **error)
{
    hc_sink_host(sink, line->host);
    return dialect ? dialect->read(flow, line, error) : keep_other(flow, line, error);
}
