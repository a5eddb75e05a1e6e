/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSMTPD (log_info in smtp_session.c, mta.c, mda.c, smtpd.c of its source). A session has 16 hexadecimal
 * digits; a message 8, with which the 16 of each of its envelopes begin.
 *
 *   6.6 and later (6.0: "event=message", "event=delivery"; up to 6.4 address= and host= stand in each line,
 * and from= and to= in "message"): c0de00000000a001 smtp connected address=192.0.2.7 host=pc.example
 *     c0de00000000a001 smtp authentication user=ana result=ok
 *     c0de00000000a001 smtp message msgid=5a5a0001 size=612 nrcpt=1 proto=ESMTP
 *     c0de00000000a001 smtp envelope evpid=5a5a000100000001 from=<a@x.example> to=<c@z.example>
 *     c0de00000000b001 mta delivery evpid=5a5a000100000001 from=<a@x.example> to=<c@z.example> rcpt=<->
 * source="192.0.2.1" relay="198.51.100.2 (mx.z.example)" delay=1s result="Ok" stat="250 ok" 0000000000000000
 * mda delivery evpid=5a5a000200000001 from=<> to=<a@x.example> user=ana delay=0s result=Ok stat=Delivered
 *     c0de00000000a002 smtp failed-command command="RCPT TO:<q@y.example> " result="550 Invalid recipient:
 * <q@y.example>" 5.4 to 5.9: smtp-in: New session c0de00000000a001 from host pc.example [192.0.2.7] smtp-in:
 * Accepted message 5a5a0001 on session c0de00000000a001: from=<a@x.example>, to=<c@z.example>, size=612,
 * ndest=1, proto=ESMTP relay: Ok for 5a5a000100000001: session=c0de00000000b001, from=<a@x.example>,
 * to=<c@z.example>, rcpt=<->, source=..., relay=..., delay=1s, stat=... delivery: Ok for 5a5a000200000001:
 * from=<>, to=<a@x.example>, user=ana, method=mbox, delay=0s, stat=Delivered smtp-in: Failed command on
 * session c0de00000000a002: "RCPT TO:<q@y.example> " => 550 Invalid recipient 5.7: "smtp-in: session ID:
 * msgid=5a5a0001, status=Ok, from=<...>, ...", "smtp-out: session ID: evpid=..., status=Ok, from=<...>, ..."
 */
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/words.h"

#define MESSAGE HC_STR_LIT("") /* of names that one host gives: messages, and sessions */
#define SESSION HC_STR_LIT("session")

static bool is_hex(struct hc_str text, size_t n)
{
    for (size_t i = 0; i < text.n; i++)
        if (!g_ascii_isxdigit(text.p[i]) || g_ascii_isupper(text.p[i]))
            return false;
    return text.n == n;
}

/* The hexadecimal digits at the start of `rest`, which moves behind them and what follows them. */
static struct hc_str take_hex(struct hc_str *rest, size_t n, const char *after)
{
    struct hc_str id = hc_str_head(*rest, n), behind = hc_str_skip(*rest, n);

    if (!is_hex(id, n) || !hc_word(&behind, after))
        return HC_STR_NONE;
    *rest = behind;
    return id;
}

static bool takes(const struct hc_logline *line)
{
    static const char *const starts[] = {
        "smtp-in: ", "smtp-out: ", "relay: ", "delivery: ", "info: ", "warn: ", "debug: "};
    struct hc_str rest = line->message;

    if (!hc_str_is(line->program, "smtpd") && !hc_str_is(line->program, "opensmtpd"))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        if (hc_str_starts(line->message, starts[i]))
            return true;
    return take_hex(&rest, 16, " ").p != NULL;
}

static bool other(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                  struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);

    e.text = text;
    return hc_flow_event(flow, m, line, &e, error);
}

static bool skip(struct hc_flow *flow, const struct hc_logline *line, const char *rule)
{
    hc_flow_ignore(flow, line, rule);
    return true;
}

/* A session begins: "address=192.0.2.7 host=pc.example", or "from host pc.example [192.0.2.7]". */
static bool connected(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                      struct hc_str ip)
{
    struct hc_message *s = hc_flow_begin(flow, line, SESSION, session);

    hc_message_set(flow, s, &s->client, ip);
    return skip(flow, line, "connections");
}

static bool disconnected(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session)
{
    struct hc_message *s = hc_flow_known(flow, line, SESSION, session);

    if (s)
        hc_flow_done(flow, s);
    return skip(flow, line, "connections");
}

/* A sign-in; `ip`: where the line itself says from where. */
static bool sign_in(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                    struct hc_str name, struct hc_str ip, bool good, GError **error)
{
    struct hc_event e = hc_flow_start(line, good ? HC_ACTION_LOGIN_SUCCESS : HC_ACTION_LOGIN_FAILURE);
    struct hc_message *s = hc_flow_message(flow, line, SESSION, session);

    hc_message_set(flow, s, &s->client, ip);
    e.outcome = good ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    e.target = hc_word_who(name);
    e.txn = (struct hc_ref){HC_ENTITY_TXN, session};
    e.address = hc_word_address(s->client);
    if (good) {
        e.actor = e.target;
        hc_message_set(flow, s, &s->login, name);
    }
    return hc_flow_event(flow, NULL, line, &e, error);
}

/* "from=<a@b>SEPARATORto=<c@d>": both ends; `rest` moves behind. False: it is not there. */
static bool ends(struct hc_str *rest, struct hc_str *from, struct hc_str *to)
{
    *from = *to = HC_STR_NONE;
    if (!hc_word(rest, "from="))
        return false;
    *from = hc_word_angle(rest, ", ");
    if (!from->p || (!hc_word(rest, ", to=") && !hc_word(rest, " to=")))
        return false;
    *to = hc_word_angle(rest, ", ");
    return to->p != NULL;
}

/* A message was taken in a session, or one of its recipients: `rest` begins with from=, or says nothing of
 * it. */
static bool taken(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                  struct hc_str id, struct hc_str ip, struct hc_str rest)
{
    struct hc_message *m = hc_flow_message(flow, line, MESSAGE, id),
                      *s = hc_flow_known(flow, line, SESSION, session);
    struct hc_str from, to;

    if (ends(&rest, &from, &to))
        hc_message_set(flow, m, &m->from, from);
    hc_message_set(flow, m, &m->client, ip);
    if (s) {
        hc_message_set(flow, m, &m->client, s->client);
        hc_message_set(flow, m, &m->login, s->login);
    }
    hc_flow_accepted(flow, m, line, true);
    return true;
}

static enum hc_action became(struct hc_str result, bool local)
{
    if (hc_str_is(result, "Ok"))
        return local ? HC_ACTION_MAIL_RECEIVED : HC_ACTION_MAIL_SENT;
    if (hc_str_is(result, "TempFail"))
        return HC_ACTION_MAIL_DEFERRED;
    return hc_str_is(result, "PermFail") ? HC_ACTION_MAIL_BOUNCED : HC_ACTION_AUDIT_OTHER;
}

/* Fields behind the addresses, in their order; some are left out. */
static const char *const keys[] = {
    "rcpt=", "source=", "relay=", "user=", "method=", "delay=", "result=", "stat="};
enum { KEY_RCPT, KEY_SOURCE, KEY_RELAY, KEY_USER, KEY_METHOD, KEY_DELAY, KEY_RESULT, KEY_STAT, KEYS };

/* Where the value of key `i` ends: before the next field, as a relay may be "198.51.100.2 (mx.z.example)". */
static size_t value_length(struct hc_str rest, size_t i)
{
    struct hc_str behind = rest;

    if (i == KEY_STAT)
        return rest.n;
    if (hc_word_angle(&behind, ", ").p)
        return rest.n - behind.n;
    for (size_t j = i + 1; j < KEYS; j++) {
        ptrdiff_t at = hc_str_find(rest, keys[j], 1);
        while (at > 0 && rest.p[at - 1] != ' ')
            at = hc_str_find(rest, keys[j], (size_t)at + 1);
        if (at > 0)
            return (size_t)at - (at > 1 && rest.p[at - 2] == ',' ? 2 : 1);
    }
    return rest.n;
}

static struct hc_str unquoted(struct hc_str text)
{
    return text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"' ? hc_str_n(text.p + 1, text.n - 2)
                                                                       : text;
}

static void read_fields(struct hc_str rest, struct hc_str values[KEYS])
{
    for (size_t i = 0; i < KEYS; i++) {
        struct hc_str next = rest;
        size_t n;
        if ((!hc_word(&next, ", ") && !hc_word(&next, " ")) || !hc_word(&next, keys[i]))
            continue;
        n = value_length(next, i);
        values[i] = unquoted(hc_str_head(next, n));
        rest = hc_str_skip(next, n);
    }
}

/* What became of an envelope. `rest`: from=<>, to=<> and the fields behind them; the last one is stat=, which
 * ends with the far side's words. */
static bool delivered(struct hc_flow *flow, const struct hc_logline *line, struct hc_str evpid,
                      struct hc_str result, struct hc_str rest, bool local, GError **error)
{
    static const size_t kept[] = {KEY_RELAY, KEY_USER, KEY_DELAY, KEY_STAT};
    struct hc_message *m = hc_flow_message(flow, line, MESSAGE, hc_str_head(evpid, 8));
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);
    struct hc_str from, to, values[KEYS] = {0};

    if (!ends(&rest, &from, &to))
        return other(flow, m, line, line->message, error);
    hc_message_set(flow, m, &m->from, from);
    read_fields(rest, values);
    result = result.p ? result : values[KEY_RESULT];
    e.action = became(result, local);
    e.outcome = e.action == HC_ACTION_MAIL_SENT || e.action == HC_ACTION_MAIL_RECEIVED ? HC_OUTCOME_SUCCESS
                                                                                       : HC_OUTCOME_FAILURE;
    e.target = hc_flow_mailbox(to);
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        if (values[kept[i]].p)
            hc_event_add(&e, hc_str_head(hc_str(keys[kept[i]]), strlen(keys[kept[i]]) - 1), values[kept[i]]);
    hc_event_add(&e, HC_STR_LIT("result"), result);
    return hc_flow_event(flow, m, line, &e, error);
}

/* A command was answered with a refusal: of mail, of a sign-in (which a line of its own tells), or of
 * anything else. */
static bool failed_command(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                           struct hc_str text, GError **error)
{
    struct hc_message *s = hc_flow_message(flow, line, SESSION, session);
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);
    struct hc_str command = text;

    if (hc_word_caseless(&command, "AUTH ") && hc_word_last(text, "535 ") > 0)
        return skip(flow, line, "answers to a sign-in");
    if (hc_word_caseless(&command, "RCPT TO:"))
        e.target = hc_flow_mailbox(hc_word_angle(&command, " \"\\"));
    else if (hc_word_caseless(&command, "MAIL FROM:"))
        e.actor = hc_flow_mailbox(hc_word_angle(&command, " \"\\"));
    else if (!hc_word_caseless(&command, "DATA") && !hc_str_starts(text, "."))
        e.action = HC_ACTION_AUDIT_OTHER;
    e.outcome = HC_OUTCOME_FAILURE;
    e.text = line->message;
    e.txn = (struct hc_ref){HC_ENTITY_TXN, session};
    e.address = hc_word_address(s->client);
    if (s->login.p && e.actor.kind == HC_ENTITY_NONE)
        e.actor = hc_word_who(s->login);
    return hc_flow_event(flow, NULL, line, &e, error);
}

/* "user=NAME result=ok", with "address=A host=H" between them up to 6.4. The name is what was tried. */
static bool authentication(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                           struct hc_str rest, GError **error)
{
    struct hc_str result = hc_word_tail(&rest, " result="), place = rest, ip = HC_STR_NONE, name = rest;

    if (!hc_word(&name, "user=") || !result.p)
        return other(flow, NULL, line, line->message, error);
    place = hc_word_tail(&name, " address=");
    if (place.p && hc_str_find(place, " host=", 0) > 0)
        ip = hc_word_ip(hc_word_until(&place, " host="));
    else if (place.p)
        name = hc_str_skip(rest, strlen("user=")); /* no such field: it is a part of the name */
    return sign_in(flow, line, session, name, ip, hc_str_is(result, "ok"), error);
}

/* "address=192.0.2.7 host=pc.example", where it stands. */
static struct hc_str place(struct hc_str *rest)
{
    struct hc_str ip;

    if (!hc_word(rest, "address="))
        return HC_STR_NONE;
    ip = hc_word_ip(hc_word_until(rest, " host="));
    if (hc_str_chr(*rest, ' ') >= 0)
        *rest = hc_str_skip(*rest, (size_t)hc_str_chr(*rest, ' ') + 1);
    return ip;
}

/* That a session is encrypted from here on. */
static bool is_tls(struct hc_str rest)
{
    static const char *const words[] = {"tls ", "starttls ", "TLS started", "Started TLS on session "};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (hc_str_starts(rest, words[i]))
            return true;
    return false;
}

/* What the daemon of 6.0 and later says about a session that it serves. */
static bool of_smtp(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                    struct hc_str rest, GError **error)
{
    struct hc_str ip;

    hc_word(&rest, "event=");
    if (hc_word(&rest, "connected "))
        return connected(flow, line, session, place(&rest));
    if (hc_word(&rest, "authentication "))
        return authentication(flow, line, session, rest, error);
    if (hc_word(&rest, "message ")) {
        ip = place(&rest);
        struct hc_str id = hc_word(&rest, "msgid=") ? take_hex(&rest, 8, " ") : HC_STR_NONE;
        return id.p ? taken(flow, line, session, id, ip, rest)
                    : other(flow, NULL, line, line->message, error);
    }
    if (hc_word(&rest, "envelope evpid=")) {
        struct hc_str id = take_hex(&rest, 16, " ");
        return id.p ? taken(flow, line, session, hc_str_head(id, 8), HC_STR_NONE, rest)
                    : other(flow, NULL, line, line->message, error);
    }
    if (hc_word(&rest, "failed-command ")) {
        place(&rest);
        hc_word(&rest, "command=\"");
        return failed_command(flow, line, session, rest, error);
    }
    if (hc_str_starts(rest, "disconnected ") || hc_str_starts(rest, "closed "))
        return disconnected(flow, line, session);
    if (is_tls(rest))
        return skip(flow, line, "connections");
    return other(flow, NULL, line, line->message,
                 error); /* a client's certificate that was checked, bad input */
}

/* "delivery evpid=..."; the lines of a connection to another host are about many messages. */
static bool of_agent(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, bool local,
                     GError **error)
{
    struct hc_str id;

    hc_word(&rest, "event=");
    if (hc_word(&rest, "delivery evpid=")) {
        id = take_hex(&rest, 16, " ");
        if (id.p)
            return delivered(flow, line, id, HC_STR_NONE, rest, local, error);
    }
    if (hc_str_starts(rest, "error ") || hc_str_starts(rest, "host-rejects"))
        return other(flow, NULL, line, line->message, error);
    return skip(flow, line, "connections");
}

/* "smtp-in: session ID: ..." of 5.7. */
static bool of_session_57(struct hc_flow *flow, const struct hc_logline *line, struct hc_str session,
                          struct hc_str rest, GError **error)
{
    struct hc_str id;

    if (hc_word(&rest, "msgid=")) {
        id = take_hex(&rest, 8, ", status=Ok, ");
        return id.p ? taken(flow, line, session, id, HC_STR_NONE, rest)
                    : other(flow, NULL, line, line->message, error);
    }
    if (hc_word(&rest, "authentication successful for user "))
        return sign_in(flow, line, session, hc_str_trim(rest), HC_STR_NONE, true, error);
    if (hc_word(&rest, "authentication failure for user ") ||
        hc_word(&rest, "authentication temporary failure for user "))
        return sign_in(flow, line, session, rest, HC_STR_NONE, false, error);
    if (hc_str_starts(rest, "connection from host ") && hc_str_ends(rest, "] established"))
        return connected(flow, line, session, hc_word_last_ip(rest));
    if (hc_str_starts(rest, "connection from host "))
        return disconnected(flow, line, session);
    if (is_tls(rest))
        return skip(flow, line, "connections");
    return other(flow, NULL, line, line->message, error);
}

/* "... for user NAME on session ID" */
static bool sign_in_54(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, bool good,
                       GError **error)
{
    struct hc_str session = hc_word_tail(&rest, " on session ");

    return is_hex(session, 16) ? sign_in(flow, line, session, rest, HC_STR_NONE, good, error)
                               : other(flow, NULL, line, line->message, error);
}

/* "smtp-in: ..." of 5.4 to 5.9. */
static bool of_smtp_in(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                       GError **error)
{
    struct hc_str id, session;

    if (hc_word(&rest, "session "))
        session = take_hex(&rest, 16, ": ");
    else if (hc_word(&rest, "Accepted authentication for user "))
        return sign_in_54(flow, line, rest, true, error);
    else if (hc_word(&rest, "Authentication failed for user ") ||
             hc_word(&rest, "Authentication temporarily failed for user "))
        return sign_in_54(flow, line, rest, false, error);
    else if (hc_word(&rest, "New session ") && (session = take_hex(&rest, 16, " from host ")).p)
        return connected(flow, line, session, hc_word_last_ip(rest));
    else if (hc_word(&rest, "Accepted message ") && (id = take_hex(&rest, 8, " on session ")).p &&
             (session = take_hex(&rest, 16, ": ")).p)
        return taken(flow, line, session, id, HC_STR_NONE, rest);
    else if (hc_word(&rest, "Failed command on session ") && (session = take_hex(&rest, 16, ": \"")).p)
        return failed_command(flow, line, session, rest, error);
    else if (hc_word(&rest, "Bad input on session "))
        return other(flow, NULL, line, line->message, error);
    else if (hc_word(&rest, "Closing session ") || hc_word(&rest, "Received disconnect from session ") ||
             hc_word(&rest, "Disconnecting session "))
        return disconnected(flow, line, hc_str_head(rest, 16));
    else if (is_tls(rest))
        return skip(flow, line, "connections");
    else
        return other(flow, NULL, line, line->message, error);
    return session.p ? of_session_57(flow, line, session, rest, error)
                     : other(flow, NULL, line, line->message, error);
}

/* "relay: Ok for EVPID: [session=ID, ]from=<...>, ..." and "delivery: ..." */
static bool of_envelope(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, bool local,
                        GError **error)
{
    struct hc_str result = hc_word_until(&rest, " for "), id = take_hex(&rest, 16, ": ");

    if (!result.p || !id.p)
        return other(flow, NULL, line, line->message, error);
    if (hc_word(&rest, "session="))
        take_hex(&rest, 16, ", ");
    return delivered(flow, line, id, result, rest, local, error);
}

/* "smtp-out: session ID: evpid=EVPID, status=Ok, from=<...>, ..." of 5.7. */
static bool of_smtp_out(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                        GError **error)
{
    struct hc_str id, result;

    if (hc_word(&rest, "session ") && take_hex(&rest, 16, ": ").p && hc_word(&rest, "evpid=")) {
        id = take_hex(&rest, 16, ", status=");
        result = hc_word_until(&rest, ", ");
        if (id.p && result.p)
            return delivered(flow, line, id, result, rest, false, error);
    }
    return other(flow, NULL, line, line->message, error);
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str rest = line->message, session = take_hex(&rest, 16, " ");

    if (session.p && hc_word(&rest, "smtp "))
        return of_smtp(flow, line, session, rest, error);
    if (session.p && hc_word(&rest, "mta "))
        return of_agent(flow, line, rest, false, error);
    if (session.p && hc_word(&rest, "mda "))
        return of_agent(flow, line, rest, true, error);
    if (hc_word(&rest, "smtp-in: "))
        return of_smtp_in(flow, line, rest, error);
    if (hc_word(&rest, "smtp-out: "))
        return of_smtp_out(flow, line, rest, error);
    if (hc_word(&rest, "relay: "))
        return of_envelope(flow, line, rest, false, error);
    if (hc_word(&rest, "delivery: "))
        return of_envelope(flow, line, rest, true, error);
    if (session.p || hc_str_starts(rest, "debug: "))
        return skip(flow, line, "lines for the daemon's developers");
    return other(flow, NULL, line, line->message, error);
}

const struct hc_dialect hc_dialect_opensmtpd = {.name = "opensmtpd", .takes = takes, .read = read_line};
