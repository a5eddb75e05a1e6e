/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mailboxes in mbox form (RFC 4155, and the older mboxo/mboxrd customs).
 *
 *   From renee@uni.example Mon Nov 20 07:21:29 2023
 *   Received: from ... by relay1 ...; Mon, 20 Nov 2023 07:21:29 -0500 (EST)
 *   ...
 *   >From my side everything is ready.
 *
 * A message begins at a "From " line at the start or after an empty line; one '>' is taken off a quoted one. The message is dated
 * by the topmost Received header, which the mailbox's own host wrote with its offset; Date is the sender's claim and dates it
 * only where no Received is.
 */
#include "src/base/mime.h"
#include "src/base/text.h"
#include "src/evidence/importer.h"

#define HC_MESSAGE_MAX (64u << 20) /* a larger message is rejected, the next ones are read */

static bool is_from_line(struct hc_str line)
{
    static const char *const days[] = {" Mon ", " Tue ", " Wed ", " Thu ", " Fri ", " Sat ", " Sun "};

    if (!hc_str_starts(line, "From "))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(days); i++)
        if (hc_str_find(line, days[i], 5) >= 0)
            return true;
    return false;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    ptrdiff_t end = hc_str_chr(peek->head, '\n');

    if (end < 0 || !is_from_line(hc_str_head(peek->head, (size_t)end)))
        return 0;
    *why = "starts with the From line of a mailbox";
    return 90;
}

static bool is_ours(const struct hc_settings *settings, const char *address)
{
    for (const char *const *m = settings->mailboxes; m && *m && address; m++)
        if (g_ascii_strcasecmp(*m, address) == 0)
            return true;
    return false;
}

static void date_message(struct hc_event *e, const struct hc_mime *m)
{
    const char *semicolon = m->received ? strrchr(m->received, ';') : NULL;

    e->raw_time = hc_str_trim(hc_str(semicolon ? semicolon + 1 : m->date));
    if (e->raw_time.p)
        hc_time_rfc5322(e->raw_time, &e->time); /* without a readable time the message stays undated */
}

/* Received: from ... by HOST ...; the topmost was written by the mailbox's own host. */
static struct hc_str receiver(const struct hc_mime *m)
{
    struct hc_str text = hc_str(m->received);
    ptrdiff_t by = text.p ? hc_str_find(text, "by ", 0) : -1, end;

    while (by > 0 && !g_ascii_isspace(text.p[by - 1]))
        by = hc_str_find(text, "by ", (size_t)by + 1);
    text = by < 0 ? HC_STR_NONE : hc_str_trim(hc_str_skip(text, (size_t)by + 3));
    for (end = 0; end < (ptrdiff_t)text.n && !g_ascii_isspace(text.p[end]) && text.p[end] != ';';)
        end++;
    return hc_str_head(text, (size_t)end);
}

static uint64_t message_key(const struct hc_mime *m)
{
    const char *parts[] = {"message", m->message_id, m->date, m->subject, m->body};
    uint64_t hash = HC_HASH_START;

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        hash = hc_hash_add(hash, hc_str(parts[i]));
    return hash ? hash : 1;
}

static struct hc_ref reference(enum hc_entity_kind kind, const char *key)
{
    return key && *key ? (struct hc_ref){kind, hc_str(key)} : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

static void add(struct hc_event *e, const char *name, const char *value)
{
    if (value && *value)
        hc_event_add(e, hc_str(name), hc_str(value));
}

static bool push_message(struct hc_sink *sink, GString *text, const struct hc_locator *at, GError **error)
{
    g_autoptr(hc_mime_t) m = hc_mime_parse(hc_str_n(text->str, text->len), NULL);
    struct hc_event e = {.type = HC_STR_LIT("mbox"), .at = *at};

    if (!m)
        return hc_sink_reject(sink, at, error, "not a mail message");
    date_message(&e, m);
    hc_sink_host(sink, receiver(m));
    e.action = is_ours(hc_sink_settings(sink), m->from) ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
    e.actor = reference(HC_ENTITY_MAILBOX, m->from);
    e.target = reference(HC_ENTITY_MAILBOX, m->to);
    e.message = reference(HC_ENTITY_MESSAGE, m->message_id);
    e.text = hc_str(m->body);
    e.row_key = message_key(m);
    add(&e, "subject", m->subject);
    add(&e, "from-name", m->from_name);
    add(&e, "recipients", m->recipients);
    add(&e, "date", m->date);
    add(&e, "in-reply-to", m->in_reply_to);
    add(&e, "references", m->references);
    return hc_sink_event(sink, &e, error);
}

/* The message that is being collected. */
struct collected {
    GString *text;
    struct hc_locator at;
    bool open, too_large, stray;
};

/* `stray`: text before the first message. */
static void begin(struct collected *c, const struct hc_locator *at, int64_t record, bool stray)
{
    c->open = true;
    c->stray = stray;
    c->at = *at;
    c->at.record = record;
}

static bool finish(struct collected *c, struct hc_sink *sink, GError **error)
{
    bool ok = true;

    if (c->open && c->stray)
        ok = hc_sink_reject(sink, &c->at, error, "text before the first message");
    else if (c->open && c->too_large)
        ok = hc_sink_reject(sink, &c->at, error, "the message is larger than %u bytes", HC_MESSAGE_MAX);
    else if (c->open)
        ok = push_message(sink, c->text, &c->at, error);
    g_string_truncate(c->text, 0);
    c->open = c->too_large = false;
    return ok;
}

/* ">From " with any number of '>' loses one of them. */
static struct hc_str unquoted(struct hc_str line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == '>')
        n++;
    return n && hc_str_starts(hc_str_skip(line, n), "From ") ? hc_str_skip(line, 1) : line;
}

static void collect(struct collected *c, struct hc_str line, const struct hc_locator *at)
{
    c->at.length = at->offset + at->length - c->at.offset;
    c->too_large = c->too_large || !line.p || c->text->len + line.n > HC_MESSAGE_MAX;
    if (c->too_large)
        return;
    line = unquoted(line);
    g_string_append_len(c->text, line.p, (gssize)line.n);
    g_string_append_c(c->text, '\n');
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct collected c = {.text = g_string_new(NULL)};
    struct hc_locator at = {0};
    struct hc_str line;
    int64_t records = 0;
    bool empty = true, ok = true;
    int rc = 0;

    while (ok && (rc = hc_input_line(in, &line, &at, error)) == 1) {
        if (empty && line.p && is_from_line(line)) {
            ok = finish(&c, sink, error);
            begin(&c, &at, ++records, false);
        } else if (c.open) {
            collect(&c, line, &at);
        } else if (!line.p || line.n) {
            begin(&c, &at, ++records, true);
        }
        empty = line.p && line.n == 0;
    }
    ok = ok && rc == 0 && finish(&c, sink, error);
    hc_sink_read(sink, records);
    g_string_free(c.text, TRUE);
    return ok;
}

const struct hc_importer hc_importer_mbox = {
    .name = "mbox",
    .summary = "mailbox, mbox form",
    .bid = bid,
    .run = run,
};
