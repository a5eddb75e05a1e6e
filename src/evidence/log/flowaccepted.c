/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of which no line tells what became of them: told as sent when they were accepted, once nothing
 * more can come. */
#include "src/evidence/log/flowparts.h"

bool flow_is_accepted_only(const struct flow_entry *e)
{
    return e->accepted && !e->fate;
}

/* The line itself is no other line of the event. */
static void without_line(struct hc_event *event, struct hc_event_part *parts, int64_t offset)
{
    size_t n = 0;

    for (size_t i = 0; i < event->n_parts; i++)
        if (parts[i].source || parts[i].at.offset != offset)
            parts[n++] = parts[i];
    event->n_parts = n;
}

/* A line that waited is an event itself. */
static void wait_no_more(struct flow_entry *e, const struct hc_sink *sink)
{
    struct flow_waiting *w = &e->waiting;

    while (w->sink != sink)
        w = w->before;
    w->lines--;
}

/* Into the file in which it was accepted, whose sink is open. */
void flow_tell_accepted(struct hc_flow *flow, struct flow_entry *e)
{
    const struct flow_accepted *a = e->accepted;
    struct hc_sink *reading = flow->sink;
    struct hc_event event;

    e->accepted = NULL;
    if (!a || e->fate || flow->error)
        return;
    flow->sink = a->sink;
    event = hc_flow_start(&a->line, HC_ACTION_MAIL_SENT);
    event.more = !a->part;
    flow_add_message(flow, e, &event);
    without_line(&event, flow->parts, a->line.at.offset);
    hc_event_add(&event, HC_STR_LIT("delivery"),
                 HC_STR_LIT("accepted; this log does not tell what became of it"));
    e->told = e->fate = true;
    if (a->part)
        wait_no_more(e, a->sink);
    hc_sink_host(a->sink, a->line.host);
    hc_sink_event(a->sink, &event, &flow->error);
    flow->sink = reading;
}

/* By the files that they were accepted in, and there in the order of the lines. */
static int by_place(const void *a, const void *b)
{
    const struct flow_accepted *x = (*(struct flow_entry *const *)a)->accepted,
                               *y = (*(struct flow_entry *const *)b)->accepted;
    const int64_t left = hc_sink_source(x->sink), right = hc_sink_source(y->sink);

    if (left != right)
        return left < right ? -1 : 1;
    return x->line.at.offset < y->line.at.offset ? -1 : x->line.at.offset > y->line.at.offset;
}

/* Messages of which all files together tell no more than that they were accepted: one sink is open at a
 * time. */
static bool tell_all(struct hc_flow *flow, GPtrArray *entries, GError **error)
{
    struct hc_sink *open = NULL;
    bool ok = true;

    g_ptr_array_sort(entries, by_place);
    for (guint i = 0; ok && i < entries->len; i++) {
        struct flow_entry *e = entries->pdata[i];
        if (e->accepted->sink != open) {
            ok = (!open || hc_sink_close_again(open, error)) && hc_sink_open_again(e->accepted->sink, error);
            open = e->accepted->sink;
        }
        if (ok)
            flow_tell_accepted(flow, e);
    }
    return ok && (!open || hc_sink_close_again(open, error));
}

bool flow_settle_all(void *data, GError **error)
{
    struct hc_flow *flow = data;
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    bool ok;

    g_ptr_array_extend(entries, flow->lost, NULL, NULL);
    for (struct flow_entry *e = flow->oldest; e; e = e->newer)
        if (flow_is_accepted_only(e))
            g_ptr_array_add(entries, e);
    ok = tell_all(flow, entries, error);
    while (flow->oldest)
        flow_drop(flow, flow->oldest);
    for (guint i = 0; i < flow->lost->len; i++)
        flow_clear(flow, flow->lost->pdata[i]);
    g_ptr_array_set_size(flow->lost, 0);
    if (!ok || !flow->error)
        return ok;
    g_propagate_error(error, g_steal_pointer(&flow->error));
    return false;
}
