/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postfix.
 *
 *   postfix/smtpd: 4Sb3cz2BdXzCFlP: client=mx1.example.net[198.51.100.50]
 *   postfix/cleanup: 4Sb3cz2BdXzCFlP: message-id=<...>
 *   postfix/qmgr: 4Sb3cz2BdXzCFlP: from=<a@b>, size=2092, nrcpt=1 (queue active)
 *   postfix/lmtp: 4Sb3cz2BdXzCFlP: to=<c@d>, relay=..., dsn=2.0.0, status=sent (...)
 *   postfix/qmgr: 4Sb3cz2BdXzCFlP: removed
 *
 * The lines of one message share its queue id and are joined; the line with status= is the event, the others attest it. Each field is
 * taken only from the program that writes it and only where that begins the line: senders, subjects and message ids are a
 * stranger's words and may say "sasl_username=". Queue ids are used again, so a new client begins a new message.
 */
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/fields.h"

/* A longer value is none. */
static struct hc_str field(struct hc_str text, const char *key, char until)
{
    struct hc_str found = hc_field(text, key, until);

    return found.n <= HC_FLOW_FIELD_MAX ? found : HC_STR_NONE;
}

/* Short ids are hexadecimal in capitals, long ones letters without vowels and digits: neither is a plain word ("warning"). */
static struct hc_str queue_id(struct hc_str message)
{
    ptrdiff_t colon = hc_str_find(message, ": ", 0);
    bool digit = false, hex = true;

    if (colon < 6 || colon > 20)
        return HC_STR_NONE;
    for (ptrdiff_t i = 0; i < colon; i++) {
        if (!g_ascii_isalnum(message.p[i]))
            return HC_STR_NONE;
        digit = digit || g_ascii_isdigit(message.p[i]);
        hex = hex && g_ascii_isxdigit(message.p[i]) && !g_ascii_islower(message.p[i]);
    }
    return digit || hex ? hc_str_head(message, (size_t)colon) : HC_STR_NONE;
}

/* One instance of Postfix gives each id once at a time: "postfix-out" of "postfix-out/smtp". */
static struct hc_str instance_of(const struct hc_logline *line)
{
    ptrdiff_t slash = hc_str_chr(line->program, '/');

    return slash < 0 ? line->program : hc_str_head(line->program, (size_t)slash);
}

static enum hc_action delivery(struct hc_str program, struct hc_str status)
{
    if (hc_str_starts(status, "deferred"))
        return HC_ACTION_MAIL_DEFERRED;
    if (hc_str_starts(status, "bounced") || hc_str_starts(status, "expired") || hc_str_starts(status, "undeliverable"))
        return HC_ACTION_MAIL_BOUNCED;
    if (!hc_str_starts(status, "sent"))
        return HC_ACTION_NONE;
    if (hc_str_ends(program, "/discard")) /* thrown away by a rule, which calls it sent */
        return HC_ACTION_AUDIT_OTHER;
    return hc_str_ends(program, "/smtp") ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
}

static bool push_delivery(struct hc_flow *flow, const struct hc_logline *l, struct hc_message *m, struct hc_str text, enum hc_action action,
                          GError **error)
{
    static const char *const kept[] = {"relay", "delay", "dsn", "status", "orig_to"};
    struct hc_event e = hc_flow_start(l, action);

    e.target = hc_flow_mailbox(field(text, "to", ','));
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        hc_event_add(&e, hc_str(kept[i]), field(text, kept[i], ','));
    if (action == HC_ACTION_AUDIT_OTHER)
        e.text = text;
    else
        e.outcome =
            action == HC_ACTION_MAIL_SENT || action == HC_ACTION_MAIL_RECEIVED ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    return hc_flow_event(flow, m, l, &e, error);
}

/* A line that is no event: what it tells, by who wrote it. */
static struct hc_message *learn(struct hc_flow *flow, const struct hc_logline *l, struct hc_str id, struct hc_str text)
{
    bool mail = hc_str_ends(l->program, "/smtpd") && hc_str_starts(text, "client=");
    bool local = hc_str_ends(l->program, "/pickup") && hc_str_starts(text, "uid=");
    struct hc_str instance = instance_of(l);
    struct hc_message *m = mail || local ? hc_flow_begin(flow, l, instance, id) : hc_flow_message(flow, l, instance, id);

    if (mail) {
        hc_message_set(flow, m, &m->client, hc_bracketed(field(text, "client", ',')));
        hc_message_set(flow, m, &m->login, field(text, "sasl_username", ','));
    } else if (local) {
        hc_message_set(flow, m, &m->from, field(text, "from", ' '));
    } else if (hc_str_ends(l->program, "/cleanup") && hc_str_starts(text, "message-id=")) {
        struct hc_str whole = hc_str_skip(text, strlen("message-id="));
        if (whole.n > 1 && whole.p[0] == '<' && whole.p[whole.n - 1] == '>')
            whole = hc_str_n(whole.p + 1, whole.n - 2);
        hc_message_set(flow, m, &m->id, whole);
    } else if (hc_str_ends(l->program, "qmgr") && hc_str_starts(text, "from=")) {
        hc_message_set(flow, m, &m->from, field(text, "from", ','));
    }
    return m;
}

/* "reject: " or "milter-reject: " at the start of what follows the id; its length, or 0. */
static size_t reject_word(struct hc_str text)
{
    static const char *const words[] = {"reject: ", "milter-reject: "};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (hc_str_starts(text, words[i]))
            return strlen(words[i]);
    return 0;
}

/*
 * Where "from=<a> to=<b> ..." begins in a refusal. The answer before it quotes the client's addresses, in angle brackets; that of a
 * refused header quotes the header, which may say anything: the last such place is Postfix's own then.
 */
static struct hc_str reject_fields(struct hc_str text, bool last)
{
    struct hc_str found = HC_STR_NONE;
    bool closed = true; /* where one address has no end, none after it has: they are not all looked for */

    for (size_t i = 0; i < text.n && (last || !found.p); i++) {
        struct hc_str rest = hc_str_skip(text, i);
        ptrdiff_t end = closed && rest.p[0] == '<' ? hc_fields_angle(hc_str_skip(rest, 1)) : 0;
        if (hc_str_starts(rest, "; from=<"))
            found = hc_str_skip(rest, 2);
        closed = closed && end >= 0;
        i += end > 0 ? (size_t)end : 0;
    }
    return found;
}

/* The host that was refused: before the fields, behind "from". */
static struct hc_str reject_address(struct hc_str text, struct hc_str fields, bool last)
{
    struct hc_str before = fields.p ? hc_str_head(text, (size_t)(fields.p - text.p)) : text;
    const char *open = last && before.n ? memrchr(before.p, '[', before.n) : NULL;

    return hc_bracketed(open ? hc_str_skip(before, (size_t)(open - before.p)) : before);
}

/* "NOQUEUE: reject: RCPT from host[address]: 554 ...; from=<a> to=<b> proto=..."; behind an id when a message was begun. */
static bool push_reject(struct hc_flow *flow, const struct hc_logline *l, struct hc_message *m, struct hc_str text, GError **error)
{
    bool quotes = hc_str_ends(l->program, "/cleanup");
    struct hc_str fields, address;
    struct hc_event e = hc_flow_start(l, HC_ACTION_MAIL_REJECTED);

    text = hc_str_skip(text, reject_word(text));
    fields = reject_fields(text, quotes);
    address = reject_address(text, fields, quotes);
    e.outcome = HC_OUTCOME_FAILURE;
    if (!m || !m->login.p)
        e.actor = hc_flow_mailbox(field(fields, "from", ' '));
    e.target = hc_flow_mailbox(field(fields, "to", ' '));
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    e.text = text;
    return hc_flow_event(flow, m, l, &e, error);
}

static bool queue_line(struct hc_flow *flow, const struct hc_logline *l, struct hc_str id, GError **error)
{
    struct hc_str text = hc_str_skip(l->message, id.n + 2);
    bool delivers = hc_str_starts(text, "to=<") || (hc_str_ends(l->program, "qmgr") && hc_str_starts(text, "from="));
    enum hc_action action = delivers ? delivery(l->program, field(text, "status", ',')) : HC_ACTION_NONE;
    struct hc_message *m;

    if (reject_word(text))
        return push_reject(flow, l, hc_flow_message(flow, l, instance_of(l), id), text, error);
    m = learn(flow, l, id, text);
    if (action != HC_ACTION_NONE)
        return push_delivery(flow, l, m, text, action, error);
    hc_flow_part(flow, m, l);
    if (hc_str_is(text, "removed"))
        hc_flow_done(flow, m);
    return true;
}

static bool takes(const struct hc_logline *line)
{
    return hc_str_starts(line->program, "postfix");
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *l, GError **error)
{
    struct hc_str id = queue_id(l->message), text;

    if (id.p)
        return queue_line(flow, l, id, error);
    text = hc_str_starts(l->message, "NOQUEUE: ") ? hc_str_skip(l->message, strlen("NOQUEUE: ")) : HC_STR_NONE;
    if (text.p && reject_word(text))
        return push_reject(flow, l, NULL, text, error);
    hc_flow_ignore(flow, l, "lines of no message");
    return true;
}

const struct hc_dialect hc_dialect_postfix = {.name = "postfix", .takes = takes, .read = read_line};
