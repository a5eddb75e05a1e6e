/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exim, in its own files and in syslog (Exim specification, chapter "Log files"). The lines of a message
 * share its id:
 *
 *   1r5jQo-0001Xy-2k <= ana@x.example H=mx.x.example [198.51.100.50] P=esmtpsa A=plain:ana S=2092
 * id=q7@x.example 1r5jQo-0001Xy-2k == ce@z.example R=dnslookup T=remote_smtp defer (111): Connection refused
 *   1r5jQo-0001Xy-2k => bo <bo@y.example> R=local_user T=mail_spool
 *   1r5jQo-0001Xy-2k ** no@y.example: Unrouteable address
 *   1r5jQp-0001Xz-0a <= <> R=1r5jQo-0001Xy-2k U=exim P=local S=3012        (the bounce of it)
 *   1r5jQo-0001Xy-2k Completed
 *
 * An arrival is no event: that a message was taken over says nothing of where it went. It is one where it
 * states that its client was authenticated: at that moment the session was that of the login, which began in
 * the same connection and no later.
 */
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/eximline.h"
#include "src/evidence/log/eximmemory.h"
#include "src/evidence/log/eximtext.h"
#include "src/evidence/log/words.h"

#define HC_EXIM_LINE_MAX (64u << 10) /* bytes of an entry; Exim's own limit is 8192 */
/* bytes of a subject or an answer without its escapes; Exim cuts them at 100 and 1024 */
#define SCRATCH 2048

/* An entry on its way through. */
struct entry {
    struct hc_flow *flow;
    const struct hc_logline *line;
    struct hc_exim_line exim;
    struct hc_str whole; /* all of the entry, without time and process */
    struct hc_str block; /* the lines behind the first */
    struct hc_exim_fields f;
    struct hc_message *message; /* NULL: of none */
    struct hc_message *pieces;  /* the lines that came before this one, of an entry in pieces; NULL: there are
                                   none, or the message has them */
    struct hc_exim_memory *memory;
    char *scratch; /* SCRATCH bytes */
};

static bool takes(const struct hc_logline *line)
{
    return hc_str_starts(line->program, "exim");
}

static struct hc_ref mailbox(struct hc_str address)
{
    return hc_flow_mailbox(address.n <= HC_FLOW_FIELD_MAX ? address : HC_STR_NONE);
}

static struct hc_ref account(struct hc_str name)
{
    return hc_word_who(name.n <= HC_FLOW_FIELD_MAX ? name : HC_STR_NONE);
}

static void set_client(struct hc_event *event, const struct hc_exim_fields *f)
{
    event->address = hc_word_address(f->ip);
};

static void add(struct hc_event *event, const char *name, struct hc_str value)
{
    if (value.n)
        hc_event_add(event, hc_str(name), value);
}

/* The message has the pieces that came before this line. */
static void take_pieces(struct entry *e)
{
    if (e->message && e->pieces)
        hc_flow_join(e->flow, e->pieces, e->message);
    if (e->message)
        e->pieces = NULL;
}

static void find_message(struct entry *e)
{
    e->message = e->exim.id.p ? hc_flow_message(e->flow, e->line, HC_STR_LIT(""), e->exim.id) : NULL;
    take_pieces(e);
}

static bool store(struct entry *e, struct hc_event *event, GError **error)
{
    return hc_flow_event(e->flow, e->message ? e->message : e->pieces, e->line, event, error);
}

/* Of what Exim writes into two logs. */
static bool store_once(struct entry *e, struct hc_event *event, GError **error)
{
    if (e->line->own) {
        event->row_key = hc_exim_key(e->memory, e->line, e->exim.text);
    } else if (hc_exim_is_copy(e->memory, e->line, e->exim.text)) {
        hc_flow_ignore(e->flow, e->line, "written twice, for the reject log too");
        return true;
    }
    return store(e, event, error);
}

/* Kept, though there is no word for it. */
static bool other_event(struct entry *e, struct hc_str text, GError **error)
{
    struct hc_event event = hc_flow_start(e->line, HC_ACTION_AUDIT_OTHER);

    set_client(&event, &e->f);
    event.text = text;
    return store_once(e, &event, error);
}

static void part(struct entry *e)
{
    hc_flow_part(e->flow, e->message, e->line);
}

/* Ids are not given twice; one that arrives twice is of another Exim (or of its test suite). */
static void begin_message(struct entry *e)
{
    struct hc_message *known = hc_flow_known(e->flow, e->line, HC_STR_LIT(""), e->exim.id);
    struct hc_str *from;

    if (known && known->from.p) {
        e->message = hc_flow_begin(e->flow, e->line, HC_STR_LIT(""), e->exim.id);
        take_pieces(e);
    } else {
        find_message(e);
    }
    from = &e->message->from;
    hc_message_set(e->flow, e->message, from, e->f.address);
    hc_message_set(e->flow, e->message, &e->message->client, e->f.ip);
    hc_message_set(e->flow, e->message, &e->message->login, e->f.login);
    hc_message_set(e->flow, e->message, &e->message->id, e->f.id);
    if (e->f.subject.n) {
        size_t n = hc_exim_unescape(e->f.subject, e->scratch, SCRATCH);
        hc_message_set(e->flow, e->message, &e->message->subject, hc_str_n(e->scratch, n));
    }
}

static bool login_event(struct entry *e, GError **error)
{
    struct hc_event event = hc_flow_start(e->line, HC_ACTION_LOGIN_SUCCESS);

    event.outcome = HC_OUTCOME_SUCCESS;
    event.actor = event.target = account(e->f.login);
    set_client(&event, &e->f);
    add(&event, "method", e->f.auth);
    add(&event, "protocol", e->f.protocol);
    add(&event, "tls", e->f.tls);
    add(&event, "helo", e->f.helo);
    add(&event, "from", e->f.address);
    return store(e, &event, error);
}

/*
 * "<= <> R=id": Exim itself writes about another message, a bounce, a warning that it is late, or an
 * automatic answer. It is the first where that message had failed.
 */
static bool notice_event(struct entry *e, GError **error)
{
    struct hc_message *about = hc_flow_known(e->flow, e->line, HC_STR_LIT(""), e->f.router);
    bool bounce = about && about->failed;
    struct hc_event event = hc_flow_start(e->line, bounce ? HC_ACTION_MAIL_BOUNCED : HC_ACTION_AUDIT_OTHER);

    if (bounce) {
        event.outcome = HC_OUTCOME_FAILURE;
        event.target = mailbox(about->from);
    } else {
        event.text = e->exim.text;
    }
    add(&event, "about", e->f.router);
    if (about)
        add(&event, "about-message", about->id);
    return store(e, &event, error);
}

/* Told that it is refused, or not to be believed in its fields. */
static bool odd_arrival(struct entry *e, GError **error)
{
    bool fake = e->exim.flag == HC_EXIM_FAKEREJECT;
    struct hc_event event = hc_flow_start(e->line, fake ? HC_ACTION_MAIL_REJECTED : HC_ACTION_AUDIT_OTHER);

    event.outcome = fake ? HC_OUTCOME_FAILURE : HC_OUTCOME_NONE;
    event.text = fake ? HC_STR_LIT("the client was told that it is refused, and the message kept") : e->whole;
    return store(e, &event, error);
}

static bool arrival(struct entry *e, GError **error)
{
    bool notice = e->f.router.n && !e->f.address.n && !e->f.relay.p, ok;

    begin_message(e);
    if (e->exim.flag == HC_EXIM_FAKEREJECT || e->f.doubtful) {
        ok = odd_arrival(e, error);
    } else if (e->f.auth.p) {
        ok = login_event(e, error);
        hc_flow_accepted(e->flow, e->message, e->line, false);
        return ok;
    } else if (notice) {
        ok = notice_event(e, error);
    } else {
        e->message->local = hc_str_is(e->f.protocol, "local") && !e->f.ip.p;
        hc_flow_accepted(e->flow, e->message, e->line, true);
        return true;
    }
    hc_flow_cite(e->flow, e->message, e->line);
    return ok;
}

static bool is_mailbox(struct hc_str address)
{
    return hc_str_chr(address, '@') > 0 && address.p[0] != '|' && address.p[0] != '/' && address.p[0] != '>';
}

/* Whom it was for; and what else the line names. */
static void add_recipient(struct hc_event *event, const struct hc_exim_fields *f)
{
    bool final = is_mailbox(f->address),
         plain = f->address.n && g_ascii_isalnum(f->address.p[0]) && hc_str_chr(f->address, ' ') < 0;

    event->target = mailbox(final ? f->address : f->original.n || !plain ? f->original : f->address);
    add(event, "orig_to", final ? f->original : HC_STR_NONE);
    add(event, "delivered-to", final || hc_str_eq(event->target.key, f->address) ? HC_STR_NONE : f->address);
    add(event, "via", f->parent);
}

static void add_way(struct entry *e, struct hc_event *event)
{
    add(event, "router", e->f.router);
    add(event, "transport", e->f.transport);
    add(event, "relay", e->f.relay);
    add(event, "queue-time", e->f.queued);
}

/* Into nowhere, which takes no transport, or an answer that a filter gives: no delivery of the message. */
static bool is_no_delivery(const struct entry *e)
{
    return e->exim.flag == HC_EXIM_SUPPRESSED || !e->f.transport.n || hc_str_starts(e->f.address, ">");
}

static bool names_lmtp(struct hc_str name)
{
    for (size_t i = 0; i + 4 <= name.n; i++)
        if (g_ascii_strncasecmp(name.p + i, "lmtp", 4) == 0)
            return true;
    return false;
}

/* Another host stands in the line with its address; a server of mailboxes that is reached by LMTP is ours. */
static enum hc_action delivery_action(const struct entry *e)
{
    bool other = hc_str_chr(e->f.relay, '[') >= 0;

    if (is_no_delivery(e))
        return HC_ACTION_AUDIT_OTHER;
    return other && !names_lmtp(e->f.transport) ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
}

static bool delivery(struct entry *e, GError **error)
{
    enum hc_action action = delivery_action(e);
    struct hc_event event = hc_flow_start(e->line, action);

    find_message(e);
    hc_message_set(e->flow, e->message, &e->message->from, e->f.sender);
    add_recipient(&event, &e->f);
    add_way(e, &event);
    if (e->f.answer.n)
        add(&event, "answer", hc_str_n(e->scratch, hc_exim_unescape(e->f.answer, e->scratch, SCRATCH)));
    if (action == HC_ACTION_AUDIT_OTHER)
        event.text = e->whole;
    else
        event.outcome = HC_OUTCOME_SUCCESS;
    return store(e, &event, error);
}

static bool no_delivery(struct entry *e, GError **error)
{
    bool failed = e->exim.flag == HC_EXIM_FAILED;
    struct hc_event event = hc_flow_start(e->line, failed ? HC_ACTION_MAIL_BOUNCED : HC_ACTION_MAIL_DEFERRED);

    find_message(e);
    e->message->failed = e->message->failed || failed;
    hc_message_set(e->flow, e->message, &e->message->from, e->f.sender);
    event.outcome = HC_OUTCOME_FAILURE;
    add_recipient(&event, &e->f);
    add_way(e, &event);
    add(&event, "code", e->f.code);
    add(&event, "reason", e->f.rest);
    return store(e, &event, error);
}

static struct hc_str header_address(struct hc_str block, const char *begin)
{
    struct hc_str value = hc_exim_header(block, begin);

    return hc_exim_angle(&value);
}

/* What the reject log tells beyond the line: a message that was read before it was refused. */
static void add_block(struct entry *e, struct hc_event *event)
{
    struct hc_str id = header_address(e->block, "I Message-Id:"),
                  to = header_address(e->block, "Envelope-to:");
    bool several = hc_str_find(e->block, "\n    <", 0) >= 0;

    if (id.n && id.n <= HC_FLOW_FIELD_MAX)
        event->message = (struct hc_ref){HC_ENTITY_MESSAGE, id};
    if (!event->target.kind && !several)
        event->target = mailbox(to);
    add(event, "subject", hc_exim_header(e->block, "  Subject:"));
}

/* The recipient of "RCPT <b@y>: ...", or nobody. */
static struct hc_ref refused_recipient(struct hc_str what)
{
    struct hc_str rest = hc_str_skip(what, strlen("RCPT "));

    return mailbox(hc_str_starts(what, "RCPT ") ? hc_exim_angle(&rest) : HC_STR_NONE);
}

/* `what`: behind "rejected ". */
static bool reject_event(struct entry *e, struct hc_str what, GError **error)
{
    struct hc_event event = hc_flow_start(e->line, HC_ACTION_MAIL_REJECTED);
    bool ok;

    event.outcome = HC_OUTCOME_FAILURE;
    event.actor = e->f.login.n ? account(e->f.login) : mailbox(e->f.sender);
    event.target = refused_recipient(what);
    set_client(&event, &e->f);
    event.text = e->exim.text;
    add(&event, "helo", e->f.helo);
    if (e->f.login.n)
        add(&event, "from", e->f.sender);
    add_block(e, &event);
    ok = store_once(e, &event, error);
    if (e->message)
        hc_flow_done(e->flow, e->message); /* the id was given to a message that was not kept */
    return ok;
}

static struct hc_str behind(struct hc_str text, const char *begin)
{
    return hc_str_starts(text, begin) ? hc_str_skip(text, strlen(begin)) : HC_STR_NONE;
}

/* "[temporarily ]rejected WHAT": WHAT; .p == NULL: nothing was. */
static struct hc_str rejected(struct hc_str text)
{
    struct hc_str what = behind(text, "temporarily rejected ");

    return what.p ? what : behind(text, "rejected ");
}

/* "H=... F=<...> rejected RCPT <...>: ...": begins with the client. False: it does not. */
static bool begins_with_client(struct hc_str text)
{
    return hc_str_starts(text, "H=") || hc_str_starts(text, "U=") || hc_str_starts(text, "F=<") ||
           hc_str_starts(text, "DS H=");
}

static bool client_line(struct entry *e, GError **error)
{
    struct hc_str what;

    hc_exim_read(HC_EXIM_OTHER, e->exim.text, &e->f);
    what = rejected(e->f.rest);
    if (what.p)
        return reject_event(e, what, error);
    if (hc_str_starts(e->f.rest, "incomplete transaction (")) {
        hc_flow_ignore(e->flow, e->line, "connections");
        return true;
    }
    return other_event(e, e->exim.text, error);
}

/* "plain authenticator failed for H=(h) [192.0.2.4]:51451: 535 Incorrect authentication data (set_id=ana)" */
static bool login_failure(struct entry *e, struct hc_str from, GError **error)
{
    struct hc_event event = hc_flow_start(e->line, HC_ACTION_LOGIN_FAILURE);
    ptrdiff_t word = hc_str_chr(e->exim.text, ' '), at;
    struct hc_str answer = from, user;

    if (hc_exim_host(&answer, &e->f))
        answer = hc_str_starts(answer, ": ")
                     ? hc_str_skip(answer, 2)
                     : hc_str_skip(answer, (size_t)MAX(hc_str_find(answer, ": ", 0), -2) + 2);
    at = hc_str_find(answer, " (set_id=", 0);
    user = at < 0 ? HC_STR_NONE : hc_str_skip(answer, (size_t)at + 9);
    if (user.n && user.p[user.n - 1] == ')')
        user.n--;
    else if (hc_str_find(user, "): ", 0) >= 0)
        user.n = (size_t)hc_str_find(user, "): ", 0);
    event.outcome = HC_OUTCOME_FAILURE;
    event.target = account(user); /* the name that was tried; whoever it was did not become it */
    set_client(&event, &e->f);
    add(&event, "method", hc_str_head(e->exim.text, (size_t)word));
    add(&event, "helo", e->f.helo);
    event.text = e->exim.text;
    return store_once(e, &event, error);
}

/* "rejected MAIL FROM:<m@z.example> H=...", "rejected from <m@z.example> ..." */
static void find_sender(struct hc_str what, struct hc_exim_fields *f)
{
    struct hc_str rest = behind(what, "MAIL FROM:");

    if (!rest.p)
        rest = behind(what, "from ");
    if (!f->sender.p)
        f->sender = hc_exim_angle(&rest);
}

static bool line_of_none(struct entry *e, GError **error)
{
    struct hc_str text = e->exim.text;
    ptrdiff_t failed = hc_str_find(hc_str_head(text, 256), " authenticator failed for ", 0);
    const char *rule = hc_exim_ignored(text);

    if (rule) {
        hc_flow_ignore(e->flow, e->line, rule);
        return true;
    }
    if (begins_with_client(text))
        return client_line(e, error);
    if (failed > 0 && hc_str_chr(text, ' ') == failed)
        return login_failure(e, hc_str_skip(text, (size_t)failed + strlen(" authenticator failed for ")),
                             error);
    hc_exim_find_client(text, &e->f);
    find_sender(rejected(text), &e->f);
    return hc_exim_is_refusal(text) ? reject_event(e, HC_STR_LIT(""), error)
                                    : other_event(e, e->whole, error);
}

/* "removed by root": what somebody did to the queue. His name; .p == NULL: Exim did it, or it is nothing of
 * the kind. */
static struct hc_str by_whom(struct hc_str text)
{
    static const char *const deeds[] = {"removed by ",
                                        "cancelled by ",
                                        "frozen by ",
                                        "unfrozen by ",
                                        "address <",
                                        "recipient <",
                                        "sender address changed to <"};
    static const char *const nobody[] = {"timeout_frozen_after", "ACL", "filter", "auto-thaw"};
    const char *space = text.n ? memrchr(text.p, ' ', text.n) : NULL;
    struct hc_str name = space ? hc_str_skip(text, (size_t)(space - text.p) + 1) : HC_STR_NONE;
    bool deed = false;

    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
        deed = deed || hc_str_starts(text, deeds[i]);
    if (!deed || !name.n || text.n < name.n + 4 || !hc_str_ends(hc_str_head(text, text.n - name.n), " by ") ||
        hc_str_chr(name, '(') >= 0)
        return HC_STR_NONE;
    for (size_t i = 0; i < G_N_ELEMENTS(nobody); i++)
        if (hc_str_is(name, nobody[i]))
            return HC_STR_NONE;
    return name;
}

static bool line_of_message(struct entry *e, GError **error)
{
    struct hc_str who = by_whom(e->exim.text), what = rejected(e->exim.text);

    find_message(e);
    if (begins_with_client(e->exim.text)) {
        hc_exim_read(HC_EXIM_OTHER, e->exim.text, &e->f);
        what = rejected(e->f.rest);
    } else if (what.p) {
        hc_exim_find_client(e->exim.text, &e->f);
        find_sender(what, &e->f);
    }
    if (what.p)
        return reject_event(e, what, error);
    if (who.p) {
        struct hc_event event = hc_flow_start(e->line, HC_ACTION_ADMIN_ACTION);
        event.actor = account(who);
        event.text = e->exim.text;
        return store(e, &event, error);
    }
    part(e);
    if (e->exim.flag == HC_EXIM_COMPLETED)
        hc_flow_done(e->flow, e->message);
    return true;
}

static bool read_entry(struct entry *e, GError **error)
{
    switch (e->exim.flag) {
    case HC_EXIM_ARRIVAL:
    case HC_EXIM_FAKEREJECT:
        return arrival(e, error);
    case HC_EXIM_DELIVERY:
    case HC_EXIM_CUTTHROUGH:
    case HC_EXIM_SUPPRESSED:
        return delivery(e, error);
    case HC_EXIM_FAILED:
    case HC_EXIM_DEFERRED:
        return no_delivery(e, error);
    default:
        return e->exim.id.p ? line_of_message(e, error) : line_of_none(e, error);
    }
}

/* The time that Exim writes into syslog too, and the number of its process: behind them. */
static struct hc_str without_stamp(struct hc_exim_memory *memory, struct hc_str text, struct hc_logline *line)
{
    size_t n = hc_exim_stamp(text), digits = 1;

    if (!n)
        return text;
    hc_exim_own_time(memory, line, hc_str_head(text, n));
    text = hc_str_skip(text, n + 1);
    while (digits < text.n && g_ascii_isdigit(text.p[digits]))
        digits++;
    return text.n && text.p[0] == '[' && hc_str_starts(hc_str_skip(text, digits), "] ")
               ? hc_str_skip(text, digits + 2)
               : text;
}

static bool read_whole(struct entry *e, struct hc_str text, GError **error)
{
    ptrdiff_t end = hc_str_chr(text, '\n');
    bool ok;

    if (text.n > HC_EXIM_LINE_MAX)
        return hc_flow_reject(e->flow, e->line, error, "longer than any entry of Exim's");
    e->whole = text;
    e->exim = hc_exim_split(end < 0 ? text : hc_str_head(text, (size_t)end));
    e->block = end < 0 ? HC_STR_LIT("") : hc_str_skip(text, (size_t)end + 1);
    if (e->exim.flag != HC_EXIM_OTHER && e->exim.flag != HC_EXIM_COMPLETED)
        hc_exim_read(e->exim.flag, e->exim.text, &e->f);
    ok = read_entry(e, error);
    if (e->pieces)
        hc_flow_done(e->flow, e->pieces);
    return ok;
}

/* Lines of a process that are pieces of an entry which is not complete. */
static struct hc_message *pieces_of(struct entry *e, bool new)
{
    return (new ? hc_flow_begin : hc_flow_message)(
        e->flow, e->line, e->line->pid.p ? e->line->pid : HC_STR_LIT("pieces"), HC_STR_LIT(""));
}

static bool read_logline(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    char scratch[SCRATCH];
    struct hc_logline dated = *line;
    struct entry e = {.flow = flow, .line = &dated, .scratch = scratch, .memory = hc_exim_memory_of(flow)};
    struct hc_str text = line->message;
    enum hc_piece piece = line->own ? HC_PIECE_NONE : hc_exim_piece(e.memory, line, &text);

    switch (piece) {
    case HC_PIECE_FIRST:
    case HC_PIECE_NEXT:
        hc_flow_part(flow, pieces_of(&e, piece == HC_PIECE_FIRST), line);
        return true;
    case HC_PIECE_LOST:
        hc_flow_ignore(flow, line, "pieces of an entry whose others are not there");
        return true;
    case HC_PIECE_LAST:
        e.pieces = pieces_of(&e, false);
        break;
    case HC_PIECE_NONE:
        break;
    }
    return read_whole(&e, line->own ? text : without_stamp(e.memory, text, &dated), error);
}

const struct hc_dialect hc_dialect_exim = {.name = "exim", .takes = takes, .read = read_logline};
