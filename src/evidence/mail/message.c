/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/mail/message.h"

#include "src/base/mime.h"
#include "src/base/text.h"
#include "src/evidence/mail/received.h"
#include "src/evidence/mail/report.h"

static bool is_ours(const struct hc_settings *settings, const char *address)
{
    for (const char *const *m = settings->mailboxes; m && *m && address; m++)
        if (g_ascii_strcasecmp(*m, address) == 0)
            return true;
    return false;
}

static void add(struct hc_event *e, const char *name, const char *value)
{
    if (value && *value)
        hc_event_add(e, hc_str(name), hc_str(value));
}

/* Without a readable time the message stays undated; what was written is kept. */
static void date_message(struct hc_event *e, const struct hc_mime *m, const struct hc_received *top)
{
    struct hc_str date = hc_str_trim(hc_str(m->date));

    e->raw_time = top->date.p ? top->date : date;
    e->time = top->time;
    if (e->time.precision || !date.p || !hc_time_rfc5322(date, &e->time))
        return;
    e->raw_time = date;
    add(e, "dated-by", "Date, which the sender wrote");
}

/* The end of a body differs between mailboxes of different kinds. */
static uint64_t message_key(const struct hc_mime *m)
{
    const char *parts[] = {"message", m->message_id, m->date, m->subject};
    uint64_t hash = HC_HASH_START;

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        hash = hc_hash_add(hash, hc_str(parts[i]));
    hash = hc_hash_add(hash, hc_str_trim(hc_str(m->body)));
    return hash ? hash : 1;
}

static struct hc_ref reference(enum hc_entity_kind kind, const char *key)
{
    return key && *key ? (struct hc_ref){kind, hc_str(key)} : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

/* One a line; those of our own hosts are told from others by who reads them. */
static void add_results(struct hc_event *e, const struct hc_mime *m, GString *results)
{
    for (char **one = m->results; *one && results->len + strlen(*one) < HC_MESSAGE_RESULTS_TEXT; one++)
        g_string_append_printf(results, "%s%s", results->len ? "\n" : "", *one);
    add(e, "authentication-results", results->str);
}

static void add_fields(struct hc_event *e, const struct hc_mime *m, GString *received, GString *results)
{
    add(e, "subject", m->subject);
    add(e, "from-name", m->from_name);
    add(e, "recipients", m->recipients);
    add(e, "date", m->date);
    add(e, "in-reply-to", m->in_reply_to);
    add(e, "references", m->references);
    add(e, "return-path", m->return_path);
    add(e, "delivered-to", m->delivered_to);
    add_results(e, m, results);
    if (m->cut)
        add(e, "left-out",
            "what stands behind more headers, parts, groups or text of a report than are read");
    if (!m->n_hops)
        return;
    hc_received_json(m->hops, HC_MESSAGE_HOPS_TEXT, received);
    add(e, "received", received->str);
}

/* Files of old Macintosh systems. */
static void mend_line_ends(GString *text)
{
    const char *first = memchr(text->str, '\n', text->len);

    if (first && first + 1 != text->str + text->len) /* the last one was added */
        return;
    for (gsize i = 0; i < text->len; i++)
        if (text->str[i] == '\r')
            text->str[i] = '\n';
}

bool hc_message_reject_size(struct hc_sink *sink, const struct hc_locator *at, bool long_line, GError **error)
{
    if (long_line)
        return hc_sink_reject(sink, at, error, "a line of the message is longer than %u bytes", HC_LINE_MAX);
    return hc_sink_reject(sink, at, error, "the message is larger than %u bytes", HC_MESSAGE_MAX);
}

bool hc_message_push(struct hc_sink *sink, const char *type, GString *text, const struct hc_locator *at,
                     GError **error)
{
    g_autoptr(GString) received = g_string_new(NULL), results = g_string_new(NULL);
    g_autoptr(hc_mime_t) m = NULL;
    struct hc_event e = {.type = hc_str(type), .at = *at};
    struct hc_received top;

    mend_line_ends(text);
    if (!(m = hc_mime_parse(hc_str_n(text->str, text->len), NULL)))
        return hc_sink_reject(sink, at, error, "not a mail message");
    top = hc_received_read(hc_str(m->hops[0]));
    date_message(&e, m, &top);
    hc_sink_host(sink, top.by);
    e.action = is_ours(hc_sink_settings(sink), m->from) ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
    e.actor = reference(HC_ENTITY_MAILBOX, m->from);
    e.target = reference(HC_ENTITY_MAILBOX, m->to);
    e.message = reference(HC_ENTITY_MESSAGE, m->message_id);
    e.text = hc_str(m->body);
    e.row_key = message_key(m);
    add_fields(&e, m, received, results);
    return hc_sink_event(sink, &e, error) && hc_report_push(sink, m, &e, error);
}
