/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sendmail 8 (sm_syslog in conf.c, logsender in envelope.c, logdelivery in deliver.c, srvrsmtp.c of its
 * source).
 *
 *   sm-mta[2301]: AUTH=server, relay=pc.example [192.0.2.7], authid=ana, mech=PLAIN, bits=0
 *   sm-mta[2301]: 4B30xAbC002301: from=<a@x.example>, size=900, class=0, nrcpts=2, msgid=<m@x.example>,
 * proto=ESMTPSA, daemon=MSA, relay=pc.example [192.0.2.7] sm-mta[2304]: 4B30xAbC002301:
 * to=<c@z.example>,<d@z.example>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=60900,
 * relay=mx.z.example. [198.51.100.2], dsn=2.0.0, stat=Sent (ok) sm-mta[2304]: 4B30xAbC002301:
 * to=<b@x.example>, delay=00:00:01, mailer=local, pri=60900, dsn=5.1.1, stat=User unknown sm-mta[2304]:
 * 4B30xAbC002301: 4B30xAbD002304: DSN: User unknown sm-mta[2310]: 4B30xAbE002310: ruleset=check_rcpt,
 * arg1=<q@y.example>, relay=[203.0.113.5], reject=550 5.7.1 <q@y.example>... Relaying denied
 *
 * Each recipient of a to= line is an event: what became of it is said by dsn=, which Sendmail sets, then by
 * stat=, which ends with the far side's words. Local mailers put a message into a mailbox of ours, the others
 * send it; what the submission program hands to the daemon of its own host is neither. A process serves one
 * connection, so a sign-in belongs to the messages that the same process takes from the same address within
 * HC_SENDMAIL_SESSION. Fields are found by their order: from the start up to a stranger's words, and from the
 * end back to them.
 */
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/words.h"

#define HC_SENDMAIL_SESSION                                                                                  \
    (3600 *                                                                                                  \
     HC_US_PER_S)    /* the number of a process is used again; a session that lasts longer is not joined */
#define FROM_MAX 200 /* bytes of a sender that are logged */

/* Of names that one host gives: queue ids; process numbers that a sign-in was seen of; queue ids that a
 * recipient was refused under. */
#define ONE HC_STR_LIT("")
#define SESSION HC_STR_LIT("session")
#define REFUSED HC_STR_LIT("refused")

/* "4B30xAbC002301: " (8.10 and later: eight signs of time and place and the process) or "MAA01090: "; `rest`
 * moves behind it. */
static struct hc_str take_id(struct hc_str *rest)
{
    struct hc_str after = *rest, id = hc_word_until(&after, ": ");
    size_t digits = 0;

    if (!id.p || id.n < 8 || id.n > 20)
        return HC_STR_NONE;
    for (size_t i = 0; i < id.n; i++) {
        if (!g_ascii_isalnum(id.p[i]))
            return HC_STR_NONE;
        digits = g_ascii_isdigit(id.p[i]) ? digits + 1 : 0;
    }
    if (digits < 5)
        return HC_STR_NONE;
    *rest = after;
    return id;
}

static bool takes(const struct hc_logline *line)
{
    static const char *const programs[] = {
        "sendmail", "sm-mta", "sm-msp", "sm-que", "sm-acceptingconnections", "MailScanner"};

    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
        struct hc_str rest = line->program;
        if (hc_word_begins(rest, programs[i]) && hc_word(&rest, programs[i]) &&
            (!rest.n || rest.p[0] == '-' || rest.p[0] == '_'))
            return true;
    }
    return false;
}

/* "host [address]", "[address]", "ident@host [address]" at the start; anything else in front of the brackets
 * may be a stranger's words. */
static struct hc_str leading_ip(struct hc_str text)
{
    struct hc_str rest = hc_str_trim(text), host = hc_word_until(&rest, "[");

    if (hc_word(&host, "from ") || host.n > 300)
        return HC_STR_NONE;
    for (size_t i = 0; i < host.n; i++)
        if (!g_ascii_isalnum(host.p[i]) && !strchr("._-@ ", host.p[i]))
            return HC_STR_NONE;
    return host.p ? hc_word_ip(hc_word_until(&rest, "]")) : HC_STR_NONE;
}

/* What is kept though it is no mail and no sign-in: with the client that it begins with, if any. */
static bool other(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                  struct hc_str text, struct hc_str client, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);

    e.address = hc_word_address(leading_ip(client));
    e.text = text;
    return hc_flow_event(flow, m, line, &e, error);
}

static bool refused(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                    struct hc_event *e, struct hc_str text, GError **error)
{
    e->outcome = HC_OUTCOME_FAILURE;
    e->text = text;
    return hc_flow_event(flow, m, line, e, error);
}

/* Who signed in to the process that wrote the line. A process number is no queue id: a name of its own keeps
 * the two apart. */
static struct hc_message *session_of(struct hc_flow *flow, const struct hc_logline *line)
{
    return line->pid.p ? hc_flow_known(flow, line, SESSION, line->pid) : NULL;
}

static bool sign_in(struct hc_flow *flow, const struct hc_logline *line, struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_LOGIN_SUCCESS);
    struct hc_str rest = text, relay, name, bits = hc_word_tail(&rest, ", bits="),
                  mech = hc_word_tail(&rest, ", mech=");
    struct hc_message *session;

    (void)bits;
    hc_word(&rest, "AUTH=server, relay=");
    relay = hc_word_until(&rest, ", authid=");
    name = relay.p ? rest : HC_STR_NONE;
    e.outcome = HC_OUTCOME_SUCCESS;
    e.actor = e.target = hc_word_who(name);
    e.address = hc_word_address(hc_word_last_ip(relay.p ? relay : rest));
    hc_event_add(&e, HC_STR_LIT("method"), mech);
    if (line->pid.p) {
        session = hc_flow_begin(flow, line, SESSION, line->pid);
        hc_message_set(flow, session, &session->login, name);
        hc_message_set(flow, session, &session->client, e.address.key);
    }
    return hc_flow_event(flow, NULL, line, &e, error);
}

/* "AUTH failure (LOGIN): user not found (-20) SASL(-13): ..., user=bob, relay=host [address]" */
static bool failed_sign_in(struct hc_flow *flow, const struct hc_logline *line, struct hc_str text,
                           GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_LOGIN_FAILURE);
    struct hc_str rest = text, relay = hc_word_tail(&rest, ", relay="), why;

    hc_word(&rest, "AUTH failure (");
    hc_event_add(&e, HC_STR_LIT("method"), hc_word_until(&rest, "): "));
    why = hc_word_until(&rest, ", user=");
    if (why.p)
        e.target = hc_word_who(rest);
    e.outcome = HC_OUTCOME_FAILURE;
    e.address = hc_word_address(hc_word_last_ip(relay));
    e.text = why.p ? why : rest;
    return hc_flow_event(flow, NULL, line, &e, error);
}

/* The sender; what is longer than is logged has no end, and is none. `rest` moves behind it. */
static struct hc_str sender(struct hc_str *rest)
{
    struct hc_str logged = hc_str_head(*rest, FROM_MAX), after = logged, from;

    if (rest->n && rest->p[0] == '<') {
        from = hc_word_angle(&after, ",");
        *rest = hc_str_skip(*rest, from.p ? logged.n - after.n : logged.n);
        return from;
    }
    from = hc_word_until(&after, ", size=");
    *rest = hc_str_skip(*rest, from.n);
    return from;
}

/* "<id>" in what is left between "nrcpts=N, msgid=" and the fields that may stand before the relay. */
static struct hc_str message_id(struct hc_str rest)
{
    static const char *const fields[] = {", daemon=", ", proto=", ", bodytype="};
    struct hc_str before = hc_word_until(&rest, ", msgid=");

    if (!before.p)
        return HC_STR_NONE;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        struct hc_str shorter = rest, value = hc_word_tail(&shorter, fields[i]);
        if (value.p && hc_str_chr(value, ',') < 0)
            rest = shorter;
    }
    return rest.n > 2 && rest.p[0] == '<' && rest.p[rest.n - 1] == '>' ? hc_str_n(rest.p + 1, rest.n - 2)
                                                                       : HC_STR_NONE;
}

/* The sign-in of the process that took the message, where it is of the same client. */
static void take_login(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                       struct hc_str client)
{
    struct hc_message *session = session_of(flow, line);
    bool dated = session && session->begun != INT64_MIN && line->time.precision != HC_PRECISION_NONE;

    if (!dated || !client.n || !hc_str_eq(session->client, client))
        return;
    if (line->time.earliest >= session->begun && line->time.earliest - session->begun <= HC_SENDMAIL_SESSION)
        hc_message_set(flow, m, &m->login, session->login);
}

/* Of a message for which no recipient was taken: recipients are refused in lines that do not name the
 * client. */
static bool without_recipients(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                               struct hc_str client, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);

    e.address = hc_word_address(client);
    return refused(flow, m, line, &e, line->message, error);
}

/* "from=..., size=, class=, [pri=,] nrcpts=, [msgid=,] [bodytype=,] [proto=,] [daemon=,] relay=" */
static bool handed_in(struct hc_flow *flow, const struct hc_logline *line, struct hc_str id,
                      struct hc_str text, GError **error)
{
    struct hc_str rest = hc_str_skip(text, strlen("from=")), from = sender(&rest);
    struct hc_str relay = hc_word_tail(&rest, ", relay="), client = hc_word_last_ip(relay),
                  message = message_id(rest), none = rest;
    struct hc_message *m = hc_flow_message(flow, line, ONE, id);
    bool refusals = hc_flow_known(flow, line, REFUSED, id) && !m->client.p;

    if (m->from.p && from.p && !hc_str_eq(m->from, from))
        m = hc_flow_begin(flow, line, ONE, id);
    hc_message_set(flow, m, &m->from, from);
    hc_message_set(flow, m, &m->id, message);
    hc_message_set(flow, m, &m->client, client);
    take_login(flow, m, line, client);
    if (refusals && client.p && hc_word_until(&none, ", nrcpts=").p && hc_str_starts(none, "0"))
        return without_recipients(flow, m, line, client, error);
    m->local = !client.n && hc_str_ends(relay, "@localhost");
    hc_flow_accepted(flow, m, line, true);
    return true;
}

/* What a to= line says beside its recipients. */
struct delivery {
    struct hc_str ctladdr, delay, mailer, relay, dsn, stat;
};

/* "a@b", "<a@b>", "\"| program, with comma\"": `rest` moves to the comma behind it. */
static struct hc_str recipient(struct hc_str *rest)
{
    struct hc_str address = hc_word_angle(rest, ", "), text = *rest;
    size_t i = 0;

    if (address.p)
        return address;
    if (text.n && text.p[0] == '"')
        for (i = 1; i < text.n && text.p[i] != '"'; i++)
            i += text.p[i] == '\\';
    while (i < text.n && text.p[i] != ',')
        i++;
    *rest = hc_str_skip(text, i);
    address = hc_str_head(text, i);
    hc_word(&address, "\\"); /* no alias is looked up for it */
    return address;
}

/* One more recipient stands there; between fields there is a space behind the comma. */
static bool next_recipient(struct hc_str *rest)
{
    return rest->n > 1 && rest->p[1] != ' ' && hc_word(rest, ",");
}

/* "delay=00:00:01, xdelay=..., stat=...": behind stat= all is its value. */
static struct delivery read_delivery(struct hc_str rest)
{
    struct delivery d = {0};
    struct {
        const char *key;
        struct hc_str *to;
    } fields[] = {{"ctladdr=", &d.ctladdr},
                  {"delay=", &d.delay},
                  {"mailer=", &d.mailer},
                  {"relay=", &d.relay},
                  {"dsn=", &d.dsn}};

    while (hc_word(&rest, ", ")) {
        struct hc_str start = rest, *to = NULL;
        if (hc_word(&rest, "stat=")) {
            d.stat = rest;
            break;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(fields) && !to; i++)
            to = hc_word(&rest, fields[i].key) ? fields[i].to : NULL;
        start = rest;
        if (hc_word_angle(&rest, ", ").p && hc_str_chr(rest, ',') >= 0)
            rest = hc_str_skip(rest, (size_t)hc_str_chr(rest, ',')); /* "<a@b> (500/500)" */
        else
            rest = hc_str_skip(rest, (size_t)MAX(hc_str_find(rest, ", ", 0), 0));
        if (to)
            *to = hc_str_head(start, start.n - rest.n);
    }
    return d;
}

static bool goes_out(struct hc_str mailer)
{
    static const char *const names[] = {"esmtp", "smtp",  "dsmtp", "relay",  "tcp", "uucp",
                                        "suucp", "ether", "ddn",   "mail11", "fax"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (hc_str_starts(mailer, names[i]))
            return true;
    return false;
}

static bool says_sent(struct hc_str stat)
{
    return hc_word(&stat, "Sent") && (!stat.n || stat.p[0] == ' ');
}

/* HC_ACTION_NONE: nothing became of it yet. */
static enum hc_action became(const struct delivery *d)
{
    char status = d->dsn.n ? d->dsn.p[0] : 0;

    if (hc_str_starts(d->stat, "queued"))
        return HC_ACTION_NONE;
    if (hc_str_starts(d->stat, "quarantine") || hc_str_starts(d->stat, "discarded"))
        return HC_ACTION_AUDIT_OTHER;
    if (status == '4' || (status != '5' && hc_str_starts(d->stat, "Deferred")))
        return HC_ACTION_MAIL_DEFERRED;
    if (status == '5' || (status != '2' && !says_sent(d->stat)))
        return HC_ACTION_MAIL_BOUNCED;
    if (!says_sent(d->stat) || (goes_out(d->mailer) && hc_word_loopback(hc_word_last_ip(d->relay))))
        return HC_ACTION_AUDIT_OTHER;
    return goes_out(d->mailer) ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
}

static enum hc_outcome outcome_of(enum hc_action action)
{
    if (action == HC_ACTION_AUDIT_OTHER)
        return HC_OUTCOME_NONE;
    return action == HC_ACTION_MAIL_SENT || action == HC_ACTION_MAIL_RECEIVED ? HC_OUTCOME_SUCCESS
                                                                              : HC_OUTCOME_FAILURE;
}

static bool push_delivery(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                          const struct delivery *d, struct hc_str to, bool more, GError **error)
{
    struct hc_event e = hc_flow_start(line, became(d));
    struct hc_attribute fields[] = {{HC_STR_LIT("ctladdr"), d->ctladdr}, {HC_STR_LIT("relay"), d->relay},
                                    {HC_STR_LIT("delay"), d->delay},     {HC_STR_LIT("mailer"), d->mailer},
                                    {HC_STR_LIT("dsn"), d->dsn},         {HC_STR_LIT("stat"), d->stat}};

    e.more = more;
    e.outcome = outcome_of(e.action);
    e.target = hc_flow_mailbox(to);
    if (e.action == HC_ACTION_AUDIT_OTHER)
        e.text = line->message;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].value.p)
            hc_event_add(&e, fields[i].name, fields[i].value);
    return hc_flow_event(flow, m, line, &e, error);
}

/* "to=A,B, [ctladdr=,] delay=, xdelay=, mailer=, pri=, [relay=,] [dsn=,] [reply=,] stat=" */
static bool delivered(struct hc_flow *flow, const struct hc_logline *line, struct hc_str id,
                      struct hc_str text, GError **error)
{
    struct hc_message *m = hc_flow_message(flow, line, ONE, id);
    struct hc_str all = hc_str_skip(text, strlen("to=")), rest = all;
    struct delivery d;
    bool more = false;

    do
        recipient(&rest);
    while (next_recipient(&rest));
    d = read_delivery(rest);
    if (!d.stat.p) /* the list went on in the next line, which says what became of those there */
        return other(flow, m, line, text, HC_STR_NONE, error);
    if (became(&d) == HC_ACTION_NONE) {
        hc_flow_part(flow, m, line);
        return true;
    }
    do {
        if (!push_delivery(flow, m, line, &d, recipient(&all), more, error))
            return false;
        more = true;
    } while (next_recipient(&all));
    return true;
}

/* arg1= of a ruleset, and what stands behind it from ", relay=" on. An address in angle brackets has an end;
 * other values end where the last answer begins, as what Sendmail answers to them does not repeat them. */
static struct hc_str ruleset_argument(struct hc_str *rest)
{
    struct hc_str text = *rest, address = hc_word_angle(rest, ",");
    ptrdiff_t answer, relay;

    if (address.p)
        return address;
    answer = MAX(hc_word_last(text, ", reject="),
                 MAX(hc_word_last(text, ", quarantine="), hc_word_last(text, ", discard")));
    relay = answer < 0 ? -1 : hc_word_last(hc_str_head(text, (size_t)answer), ", relay=");
    relay = relay < 0 ? answer : relay;
    *rest = hc_str_skip(text, relay < 0 ? text.n : (size_t)relay);
    return hc_str_head(text, text.n - rest->n);
}

/* "ruleset=check_rcpt, arg1=<a@b>, [arg2=,] relay=host [address], reject=550 ..."; or discard, or
 * quarantine=. */
static bool by_ruleset(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                       struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);
    struct hc_str rest = hc_str_skip(text, strlen("ruleset=")), name = hc_word_until(&rest, ", arg1="),
                  argument, relay;

    argument = ruleset_argument(&rest);
    hc_word_until(&rest, "relay=");
    relay = hc_str_head(rest, (size_t)MAX(hc_str_find(rest, ", ", 0), 0));
    rest = hc_str_skip(rest, relay.n);
    e.address = hc_word_address(hc_word_last_ip(relay));
    hc_event_add(&e, HC_STR_LIT("ruleset"), name);
    if (m)
        hc_message_set(flow, m, &m->client, e.address.key);
    if (hc_str_is(name, "check_rcpt"))
        e.target = hc_flow_mailbox(argument);
    else if (hc_str_is(name, "check_mail"))
        e.actor = hc_flow_mailbox(argument);
    if (hc_str_starts(rest, ", reject="))
        return refused(flow, m, line, &e, text, error);
    e.action = HC_ACTION_AUDIT_OTHER;
    e.text = text;
    return hc_flow_event(flow, m, line, &e, error);
}

/* "<q@y.example>... User unknown": the client is told when the message has ended. */
static bool refused_recipient(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                              struct hc_str id, struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);
    struct hc_str rest = text;

    e.target = hc_flow_mailbox(hc_word_angle(&rest, "."));
    hc_flow_message(flow, line, REFUSED, id);
    return refused(flow, m, line, &e, text, error);
}

/* "Milter: to=<a@b>, reject=550 5.7.1 no" */
static bool by_milter(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                      struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);
    struct hc_str rest = hc_str_skip(text, strlen("Milter: "));

    if (hc_word(&rest, "to="))
        e.target = hc_flow_mailbox(hc_word_angle(&rest, ","));
    else if (hc_word(&rest, "from="))
        e.actor = hc_flow_mailbox(hc_word_angle(&rest, ","));
    return refused(flow, m, line, &e, text, error);
}

/*
 * "ID: ID2: DSN: User unknown", "... return to sender: ...", "... sender notify: ...", "... postmaster
 * notify: ...", "... clone: owner=...": a message about the message, or a copy of it, begins under the second
 * id.
 */
static bool begets(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                   struct hc_str second, struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);
    bool clone = hc_str_starts(text, "clone: owner=");
    struct hc_message *other = hc_flow_begin(flow, line, ONE, second);

    if (clone) {
        hc_message_set(flow, other, &other->id, m->id);
        hc_message_set(flow, other, &other->client, m->client);
        hc_message_set(flow, other, &other->login, m->login);
    } else {
        hc_message_set(flow, other, &other->from, ONE); /* the null sender */
    }
    e.text = text;
    hc_event_add(&e, clone ? HC_STR_LIT("clone") : HC_STR_LIT("notice"), second);
    return hc_flow_event(flow, m, line, &e, error);
}

/* Phrases that name a client behind them; NULL-ended. */
static const char *const of_clients[] = {"lost input channel from ", "timeout waiting for input from ",
                                         "rejecting commands from ", NULL};

static struct hc_str client_part(struct hc_str text)
{
    for (size_t i = 0; of_clients[i]; i++)
        if (hc_word(&text, of_clients[i]))
            break;
    return text;
}

static bool of_session(struct hc_str text)
{
    return hc_str_find(text, " did not issue MAIL/EXPN/VRFY/ETRN", 0) > 0 ||
           hc_str_ends(text, " [rejected]") || hc_str_starts(text, "lost input channel from ") ||
           hc_str_starts(text, "timeout waiting for input ") || hc_str_starts(text, "collect: ") ||
           hc_str_find(text, ": possible SMTP attack: ", 0) > 0 ||
           hc_str_find(text, ": probable open proxy: ", 0) > 0;
}

/* Commands of a client that would not wait for the greeting. */
static bool too_early(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                      struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);

    e.address = hc_word_address(leading_ip(client_part(text)));
    return refused(flow, m, line, &e, text, error);
}

/* Lines that mean the same with a queue id and without. False: it is none of them. */
static bool of_either(struct hc_flow *flow, struct hc_message *m, const struct hc_logline *line,
                      struct hc_str text, bool *ok, GError **error)
{
    if (hc_str_starts(text, "AUTH=server, relay="))
        *ok = sign_in(flow, line, text, error);
    else if (hc_str_starts(text, "AUTH failure ("))
        *ok = failed_sign_in(flow, line, text, error);
    else if (hc_str_starts(text, "ruleset="))
        *ok = by_ruleset(flow, m, line, text, error);
    else if (hc_str_starts(text, "Milter: ") && hc_str_find(text, ", reject=", 0) > 0)
        *ok = by_milter(flow, m, line, text, error);
    else if (hc_str_starts(text, "rejecting commands from "))
        *ok = too_early(flow, m, line, text, error);
    else if (of_session(text))
        *ok = other(flow, m, line, text, client_part(text), error);
    else
        return false;
    return true;
}

static bool of_message(struct hc_flow *flow, const struct hc_logline *line, struct hc_str id,
                       struct hc_str text, GError **error)
{
    struct hc_str rest = text, second;
    struct hc_message *m;
    bool ok;

    if (hc_str_starts(text, "from="))
        return handed_in(flow, line, id, text, error);
    if (hc_str_starts(text, "to="))
        return delivered(flow, line, id, text, error);
    m = hc_flow_message(flow, line, ONE, id);
    if (of_either(flow, m, line, text, &ok, error))
        return ok;
    second = take_id(&rest);
    if (second.p && !hc_str_eq(second, id))
        return begets(flow, m, line, second, rest, error);
    if (hc_word_angle(&rest, ".").p && hc_str_starts(rest, "... "))
        return refused_recipient(flow, m, line, id, text, error);
    hc_flow_part(flow, m, line); /* "done; ..." as well: lines of its last deliveries may come behind it */
    return true;
}

/* "Message ID from ADDRESS (sender) to domain is spam, ..." of MailScanner, which stands in front of the
 * daemon. */
static bool scanned(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);
    struct hc_str rest = line->message, id, ip;

    if (hc_word(&rest, "Message ")) {
        id = hc_word_until(&rest, " from ");
        ip = hc_word_until(&rest, " (");
        e.address = hc_word_address(hc_word_ip(ip));
        if (id.n && e.address.key.p)
            e.txn = (struct hc_ref){HC_ENTITY_TXN, id};
        if (e.address.key.p)
            e.actor = hc_flow_mailbox(hc_word_until(&rest, ") to "));
    }
    e.text = line->message;
    return hc_flow_event(flow, NULL, line, &e, error);
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str text = line->message, id;
    bool ok;

    if (hc_str_is(line->program, "MailScanner"))
        return scanned(flow, line, error);
    if (!hc_word(&text, "NOQUEUE: ")) {
        id = take_id(&text);
        if (id.p)
            return of_message(flow, line, id, text, error);
    }
    if (of_either(flow, NULL, line, text, &ok, error))
        return ok;
    if (hc_str_starts(text, "STARTTLS=") || hc_str_starts(text, "connect from ")) {
        hc_flow_ignore(flow, line, "lines of no message");
        return true;
    }
    return other(flow, NULL, line, text, text, error);
}

const struct hc_dialect hc_dialect_sendmail = {.name = "sendmail", .takes = takes, .read = read_line};
