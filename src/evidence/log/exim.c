/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exim, in its own files and in syslog (Exim specification, chapter "Log files"). The lines of a message share its id:
 *
 *   1r5jQo-0001Xy-2k <= ana@x.example H=mx.x.example [198.51.100.50] P=esmtpsa A=plain:ana S=2092 id=q7@x.example
 *   1r5jQo-0001Xy-2k == ce@z.example R=dnslookup T=remote_smtp defer (111): Connection refused
 *   1r5jQo-0001Xy-2k => bo <bo@y.example> R=local_user T=mail_spool
 *   1r5jQo-0001Xy-2k ** no@y.example: Unrouteable address
 *   1r5jQp-0001Xz-0a <= <> R=1r5jQo-0001Xy-2k U=exim P=local S=3012        (the bounce of it)
 *   1r5jQo-0001Xy-2k Completed
 *
 * An arrival is no event: that a message was taken over says nothing of where it went. It is one where it states that its client was
 * authenticated: at that moment the session was that of the login, which began in the same connection and no later.
 */
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/eximline.h"

#define HC_EXIM_LINE_MAX (64u << 10) /* bytes of an entry; Exim's own limit is 8192 */
#define SCRATCH 2048                 /* bytes of a subject or an answer without its escapes; Exim cuts them at 100 and 1024 */

/* An entry on its way through. */
struct entry {
    struct hc_flow *flow;
    const struct hc_logline *line;
    struct hc_exim_line exim;
    struct hc_str whole; /* all of the entry, without time and process */
    struct hc_str block; /* the lines behind the first */
    struct hc_exim_fields f;
    struct hc_message *message; /* NULL: of none */
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
    return name.n && name.n <= HC_FLOW_FIELD_MAX ? (struct hc_ref){HC_ENTITY_ACCOUNT, name} : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

static void set_client(struct hc_event *event, const struct hc_exim_fields *f)
{
    if (f->ip.p)
        event->address = (struct hc_ref){HC_ENTITY_ADDRESS, f->ip};
}

static void add(struct hc_event *event, const char *name, struct hc_str value)
{
    if (value.n)
        hc_event_add(event, hc_str(name), value);
}

static struct hc_message *message_of(struct entry *e)
{
    return e->exim.id.p ? hc_flow_message(e->flow, e->line, HC_STR_LIT(""), e->exim.id) : NULL;
}

/* Kept, though there is no word for it. */
static bool other_event(struct entry *e, struct hc_str text, GError **error)
{
    struct hc_event event = hc_flow_start(e->line, HC_ACTION_AUDIT_OTHER);

    set_client(&event, &e->f);
    event.text = text;
    return hc_flow_event(e->flow, e->message, e->line, &event, error);
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

    e->message = known && known->from.p ? hc_flow_begin(e->flow, e->line, HC_STR_LIT(""), e->exim.id) : message_of(e);
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
    return hc_flow_event(e->flow, e->message, e->line, &event, error);
}

/*
 * "<= <> R=id": Exim itself writes about another message, a bounce, a warning that it is late, or an automatic answer. It is the first
 * where that message had failed.
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
    return hc_flow_event(e->flow, e->message, e->line, &event, error);
}

static bool arrival(struct entry *e, GError **error)
{
    begin_message(e);
    if (e->exim.flag == HC_EXIM_FAKEREJECT) {
        struct hc_event event = hc_flow_start(e->line, HC_ACTION_MAIL_REJECTED);
        event.outcome = HC_OUTCOME_FAILURE;
        event.text = HC_STR_LIT("the client was told that it is refused, and the message kept");
        return hc_flow_event(e->flow, e->message, e->line, &event, error);
    }
    if (e->f.doubtful)
        return other_event(e, e->whole, error);
    if (e->f.auth.p)
        return login_event(e, error);
    if (e->f.router.n && !e->f.address.n && !e->f.relay.p)
        return notice_event(e, error);
    part(e);
    return true;
}

static bool is_mailbox(struct hc_str address)
{
    return hc_str_chr(address, '@') > 0 && address.p[0] != '|' && address.p[0] != '/' && address.p[0] != '>';
}

/* Whom it was for; and what else the line names. */
static void add_recipient(struct hc_event *event, const struct hc_exim_fields *f)
{
    bool final = is_mailbox(f->address), plain = f->address.n && g_ascii_isalnum(f->address.p[0]) && hc_str_chr(f->address, ' ') < 0;

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

/* Into nowhere, or an answer that a filter gives: no delivery of the message. */
static bool is_no_delivery(const struct entry *e)
{
    static const char *const words[] = {":blackhole:", "discarded", "blackhole", "discarded (", "blackhole (", ">"};
    bool none = e->exim.flag == HC_EXIM_SUPPRESSED;

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        none = none || (i < 3 ? hc_str_is(e->f.address, words[i]) : hc_str_starts(e->f.address, words[i]));
    return none;
}

static bool ends_lmtp(struct hc_str name)
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
    return other && !ends_lmtp(e->f.transport) ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
}

static bool delivery(struct entry *e, GError **error)
{
    enum hc_action action = delivery_action(e);
    struct hc_event event = hc_flow_start(e->line, action);

    e->message = message_of(e);
    hc_message_set(e->flow, e->message, &e->message->from, e->f.sender);
    add_recipient(&event, &e->f);
    add_way(e, &event);
    if (e->f.answer.n)
        add(&event, "answer", hc_str_n(e->scratch, hc_exim_unescape(e->f.answer, e->scratch, SCRATCH)));
    if (action == HC_ACTION_AUDIT_OTHER)
        event.text = e->whole;
    else
        event.outcome = HC_OUTCOME_SUCCESS;
    return hc_flow_event(e->flow, e->message, e->line, &event, error);
}

static bool no_delivery(struct entry *e, GError **error)
{
    bool failed = e->exim.flag == HC_EXIM_FAILED;
    struct hc_event event = hc_flow_start(e->line, failed ? HC_ACTION_MAIL_BOUNCED : HC_ACTION_MAIL_DEFERRED);

    e->message = message_of(e);
    e->message->failed = e->message->failed || failed;
    hc_message_set(e->flow, e->message, &e->message->from, e->f.sender);
    event.outcome = HC_OUTCOME_FAILURE;
    add_recipient(&event, &e->f);
    add_way(e, &event);
    add(&event, "code", e->f.code);
    add(&event, "reason", e->f.rest);
    return hc_flow_event(e->flow, e->message, e->line, &event, error);
}

/* The value of a header in a reject block that stands there once: "I Message-Id: <x>". .p == NULL: none, or several. */
static struct hc_str header(struct hc_str block, const char *begin)
{
    struct hc_str found = HC_STR_NONE;
    int n = 0;

    while (block.n) {
        ptrdiff_t end = hc_str_chr(block, '\n');
        struct hc_str line = end < 0 ? block : hc_str_head(block, (size_t)end);
        if (line.n >= strlen(begin) && g_ascii_strncasecmp(line.p, begin, strlen(begin)) == 0) {
            found = hc_str_trim(hc_str_skip(line, strlen(begin)));
            n++;
        }
        block = hc_str_skip(block, line.n + 1);
    }
    return n == 1 ? found : HC_STR_NONE;
}

static struct hc_str header_address(struct hc_str block, const char *begin)
{
    struct hc_str value = header(block, begin);

    return hc_exim_angle(&value);
}

/* What the reject log tells beyond the line: a message that was read before it was refused. */
static void add_block(struct entry *e, struct hc_event *event)
{
    struct hc_str id = header_address(e->block, "I Message-Id:"), to = header_address(e->block, "Envelope-to:");
    bool several = hc_str_find(e->block, "\n    <", 0) >= 0;

    if (id.n && id.n <= HC_FLOW_FIELD_MAX)
        event->message = (struct hc_ref){HC_ENTITY_MESSAGE, id};
    if (!event->target.kind && !several)
        event->target = mailbox(to);
    add(event, "subject", header(e->block, "  Subject:"));
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
    ok = hc_flow_event(e->flow, e->message, e->line, &event, error);
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
    return hc_str_starts(text, "H=") || hc_str_starts(text, "U=") || hc_str_starts(text, "F=<") || hc_str_starts(text, "DS H=");
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

/*
 * The client in a line that says first what happened: behind " from ", " H=" or " for ". What is quoted before it, a command or an address, is
 * passed over.
 */
static bool find_client(struct hc_str text, struct hc_exim_fields *f)
{
    static const char *const words[] = {" from ", " H=", " for ", " on "};
    bool quoted = false;

    for (size_t i = 0; i < text.n; i++) {
        struct hc_str rest = hc_str_skip(text, i), inner = rest;
        i += quoted && rest.p[0] == '\\';
        if (rest.p[0] == '"')
            quoted = !quoted;
        if (!quoted && rest.p[0] == '<' && hc_exim_angle(&inner).p)
            i += rest.n - inner.n - 1;
        for (size_t k = 0; !quoted && k < G_N_ELEMENTS(words); k++) {
            inner = behind(rest, words[k]);
            if (inner.p && hc_exim_host(&inner, f))
                return true;
        }
    }
    return false;
}

/* "plain authenticator failed for H=(h) [192.0.2.4]:51451: 535 Incorrect authentication data (set_id=ana)" */
static bool login_failure(struct entry *e, struct hc_str from, GError **error)
{
    struct hc_event event = hc_flow_start(e->line, HC_ACTION_LOGIN_FAILURE);
    ptrdiff_t word = hc_str_chr(e->exim.text, ' '), at;
    struct hc_str answer = from, user;

    if (hc_exim_host(&answer, &e->f))
        answer = hc_str_starts(answer, ": ") ? hc_str_skip(answer, 2) : hc_str_skip(answer, (size_t)MAX(hc_str_find(answer, ": ", 0), -2) + 2);
    at = hc_str_find(answer, " (set_id=", 0);
    user = at < 0 ? HC_STR_NONE : hc_str_skip(answer, (size_t)at + 9);
    if (user.n && user.p[user.n - 1] == ')')
        user.n--;
    else if (hc_str_find(user, "): ", 0) >= 0)
        user.n = (size_t)hc_str_find(user, "): ", 0);
    event.outcome = HC_OUTCOME_FAILURE;
    event.actor = event.target = account(user);
    set_client(&event, &e->f);
    add(&event, "method", hc_str_head(e->exim.text, (size_t)word));
    add(&event, "helo", e->f.helo);
    event.text = e->exim.text;
    return hc_flow_event(e->flow, NULL, e->line, &event, error);
}

/* Lines of no message that say nothing about one. */
static const char *ignored(struct hc_str text)
{
    static const struct {
        const char *begin, *rule;
    } rules[] = {{"Start ", "queue runs"},
                 {"End ", "queue runs"},
                 {"Abandon queue run", "queue runs"},
                 {"notify triggered queue run", "queue runs"},
                 {"exim ", "start and end of the daemon"},
                 {"SMTP connection from ", "connections"},
                 {"SMTP connection identification ", "connections"},
                 {"no MAIL in ", "connections"},
                 {"unexpected ", "connections"},
                 {"SMTP command timeout on ", "connections"},
                 {"SMTP data timeout ", "connections"},
                 {"TLS error on ", "connections"},
                 {"TLS session: ", "connections"},
                 {"no host name found for IP address ", "names of hosts"},
                 {"no IP address found for host ", "names of hosts"},
                 {"IP address ", "names of hosts"},
                 {"list matching forced to fail: ", "names of hosts"},
                 {"ident connection to ", "names of hosts"},
                 {"cwd=", "command lines"}};

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (hc_str_starts(text, rules[i].begin))
            return rules[i].rule;
    return NULL;
}

/* Does a line of no message tell of a refusal, before it names the client? */
static bool is_refusal(struct hc_str text)
{
    static const char *const begins[] = {"rejected ", "temporarily rejected ", "refused connection from ", "temporarily refused connection from ",
                                         "connection from ", "unqualified sender rejected: ", "unqualified recipient rejected: ",
                                         "too many recipients: ", "SMTP protocol synchronization error ", "SMTP call from "};

    for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
        if (hc_str_starts(text, begins[i]))
            return true;
    return false;
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
    const char *rule = ignored(text);

    if (rule) {
        hc_flow_ignore(e->flow, e->line, rule);
        return true;
    }
    if (begins_with_client(text))
        return client_line(e, error);
    if (failed > 0 && hc_str_chr(text, ' ') == failed)
        return login_failure(e, hc_str_skip(text, (size_t)failed + strlen(" authenticator failed for ")), error);
    find_client(text, &e->f);
    find_sender(rejected(text), &e->f);
    return is_refusal(text) ? reject_event(e, HC_STR_LIT(""), error) : other_event(e, e->whole, error);
}

/* "removed by root": what somebody did to the queue. His name; .p == NULL: Exim did it, or it is nothing of the kind. */
static struct hc_str by_whom(struct hc_str text)
{
    static const char *const deeds[] = {"removed by ", "cancelled by ", "frozen by ", "unfrozen by ", "address <", "recipient <", "sender address changed to <"};
    static const char *const nobody[] = {"timeout_frozen_after", "ACL", "filter", "auto-thaw"};
    const char *space = text.n ? memrchr(text.p, ' ', text.n) : NULL;
    struct hc_str name = space ? hc_str_skip(text, (size_t)(space - text.p) + 1) : HC_STR_NONE;
    bool deed = false;

    for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
        deed = deed || hc_str_starts(text, deeds[i]);
    if (!deed || !name.n || text.n < name.n + 4 || !hc_str_ends(hc_str_head(text, text.n - name.n), " by ") || hc_str_chr(name, '(') >= 0)
        return HC_STR_NONE;
    for (size_t i = 0; i < G_N_ELEMENTS(nobody); i++)
        if (hc_str_is(name, nobody[i]))
            return HC_STR_NONE;
    return name;
}

static bool line_of_message(struct entry *e, GError **error)
{
    struct hc_str who = by_whom(e->exim.text), what = rejected(e->exim.text);

    e->message = message_of(e);
    if (begins_with_client(e->exim.text)) {
        hc_exim_read(HC_EXIM_OTHER, e->exim.text, &e->f);
        what = rejected(e->f.rest);
    } else if (what.p) {
        find_client(e->exim.text, &e->f);
        find_sender(what, &e->f);
    }
    if (what.p)
        return reject_event(e, what, error);
    if (who.p) {
        struct hc_event event = hc_flow_start(e->line, HC_ACTION_ADMIN_ACTION);
        event.actor = account(who);
        event.text = e->exim.text;
        return hc_flow_event(e->flow, e->message, e->line, &event, error);
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

/* Behind the time that Exim writes into syslog too, and the number of its process. */
static struct hc_str without_stamp(struct hc_str text)
{
    size_t n = hc_exim_stamp(text), digits = 1;

    if (!n)
        return text;
    text = hc_str_skip(text, n + 1);
    while (digits < text.n && g_ascii_isdigit(text.p[digits]))
        digits++;
    return text.n && text.p[0] == '[' && hc_str_starts(hc_str_skip(text, digits), "] ") ? hc_str_skip(text, digits + 2) : text;
}

static bool read_logline(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str text = without_stamp(line->message);
    ptrdiff_t end = hc_str_chr(text, '\n');
    char scratch[SCRATCH];
    struct entry e = {.flow = flow, .line = line, .scratch = scratch};

    if (text.n > HC_EXIM_LINE_MAX)
        return hc_flow_reject(flow, line, error, "longer than any entry of Exim's");
    e.whole = text;
    e.exim = hc_exim_split(end < 0 ? text : hc_str_head(text, (size_t)end));
    e.block = end < 0 ? HC_STR_LIT("") : hc_str_skip(text, (size_t)end + 1);
    if (e.exim.flag != HC_EXIM_OTHER && e.exim.flag != HC_EXIM_COMPLETED)
        hc_exim_read(e.exim.flag, e.exim.text, &e.f);
    return read_entry(&e, error);
}

const struct hc_dialect hc_dialect_exim = {.name = "exim", .takes = takes, .read = read_logline};
