/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postfix.
 *
 *   postfix/smtpd: 4Sb3cz2BdXzCFlP: client=mx1.example.net[198.51.100.50], sasl_method=PLAIN,
 * sasl_username=ana postfix/cleanup: 4Sb3cz2BdXzCFlP: message-id=<...> postfix/qmgr: 4Sb3cz2BdXzCFlP:
 * from=<a@b>, size=2092, nrcpt=1 (queue active) postfix/lmtp: 4Sb3cz2BdXzCFlP: to=<c@d>, relay=...,
 * dsn=2.0.0, status=sent (...) postfix/qmgr: 4Sb3cz2BdXzCFlP: removed
 *
 * The lines of one message share its queue id and are joined; the line with status= is the event, the others
 * attest it. Each field is taken only from the program that writes it and only where that begins the line:
 * senders, subjects and message ids are a stranger's words and may say "sasl_username=". Queue ids are used
 * again, so a new client begins a new message.
 *
 * A message may go on under another id: a filter hands it in again, an alias forwards it, an administrator
 * requeues it. It keeps what was known of who handed it in, and its events say which id it had before. The
 * daemon's own notices say which message they are about.
 */
#include "src/evidence/log/postfixline.h"
#include "src/evidence/log/words.h"

/* What a delivery says, in one pass. */
struct delivery {
    struct hc_str to, orig_to, relay, delay, dsn, status;
};

/* Where the field belongs; NULL: it is not kept. */
static struct hc_str *slot_of(struct delivery *d, struct hc_str name)
{
    switch (name.n) {
    case 2:
        return hc_str_is(name, "to") ? &d->to : NULL;
    case 3:
        return hc_str_is(name, "dsn") ? &d->dsn : NULL;
    case 5:
        return hc_str_is(name, "relay") ? &d->relay : hc_str_is(name, "delay") ? &d->delay : NULL;
    case 6:
        return hc_str_is(name, "status") ? &d->status : NULL;
    case 7:
        return hc_str_is(name, "orig_to") ? &d->orig_to : NULL;
    default:
        return NULL;
    }
}

static void read_delivery(struct hc_str rest, struct delivery *d)
{
    struct hc_str name, value, *slot;

    while (hc_field_next(&rest, ',', &name, &value))
        if ((slot = slot_of(d, name)) && !slot->p && value.n <= HC_FLOW_FIELD_MAX)
            *slot = value;
}

static struct hc_message *other(const struct hc_pf_line *p, struct hc_str id)
{
    return hc_flow_known(p->flow, p->l, hc_pf_instance(p->l), id);
}

/* The message goes on under the id of `m`: what was known of it is, but for its lines. */
static void go_on(const struct hc_pf_line *p, struct hc_message *m, struct hc_message *before,
                  struct hc_str id, const char *how)
{
    struct hc_flow *flow = p->flow;

    hc_message_set(flow, m, &m->before, id);
    m->how = how;
    if (!before)
        return;
    if (before->client.p && hc_word_loopback(m->client))
        m->client = HC_STR_NONE; /* that was the filter */
    hc_message_set(flow, m, &m->client, before->client);
    hc_message_set(flow, m, &m->login, before->login);
    hc_message_set(flow, m, &m->subject, before->subject);
}

/* The id under which a filter on this host, or an alias, handed the message in again: the last word of the
 * answer. */
static struct hc_str next_id(struct hc_str status, const char *mark)
{
    struct hc_str id = hc_word_tail(&status, mark), colon;
    size_t n = 0;

    while (n < id.n && g_ascii_isalnum(id.p[n]))
        n++;
    colon = hc_str_head(id, n);
    return n && (n == id.n || id.p[n] == ')') ? colon : HC_STR_NONE;
}

/* Is it given to a filter on this host, or to an alias, so that it is delivered under another id? */
static struct hc_str handed_on(const struct hc_pf_line *p, const struct delivery *d, const char **how)
{
    bool near = p->by == HC_PF_SMTP || p->by == HC_PF_LMTP
                    ? hc_word_loopback(hc_word_ip(hc_bracketed(d->relay)))
                    : false;

    *how = p->by == HC_PF_LOCAL ? "forwarded-from" : "filtered-from";
    if (p->by == HC_PF_LOCAL && hc_str_starts(d->status, "sent (forwarded as "))
        return next_id(d->status, "forwarded as ");
    return near && hc_str_starts(d->status, "sent") ? next_id(d->status, "queued as ") : HC_STR_NONE;
}

static enum hc_action action_of(const struct hc_pf_line *p, struct hc_str status)
{
    if (hc_str_starts(status, "deferred"))
        return HC_ACTION_MAIL_DEFERRED;
    if (hc_str_starts(status, "bounced") || hc_str_starts(status, "expired") ||
        hc_str_starts(status, "force-expired"))
        return HC_ACTION_MAIL_BOUNCED;
    if (!hc_str_starts(status, "sent") || p->by == HC_PF_DISCARD)
        return HC_ACTION_AUDIT_OTHER; /* thrown away by a rule, which calls it sent; "deliverable": nothing
                                         but a question */
    return p->by == HC_PF_SMTP ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
}

static enum hc_outcome outcome_of(enum hc_action action)
{
    return action == HC_ACTION_AUDIT_OTHER                                      ? HC_OUTCOME_NONE
           : action == HC_ACTION_MAIL_SENT || action == HC_ACTION_MAIL_RECEIVED ? HC_OUTCOME_SUCCESS
                                                                                : HC_OUTCOME_FAILURE;
}

static void add(struct hc_event *e, const char *name, struct hc_str value)
{
    if (value.p)
        hc_event_add(e, hc_str(name), value);
}

static bool delivery(const struct hc_pf_line *p, GError **error)
{
    struct delivery d = {0};
    struct hc_str next;
    const char *how;
    struct hc_event e;

    read_delivery(p->text, &d);
    if (!d.status.p) {
        if (hc_str_ends(p->text, "(queue active)"))
            hc_flow_accepted(p->flow, p->m, p->l, true);
        else
            hc_flow_part(p->flow, p->m, p->l);
        return true;
    }
    next = handed_on(p, &d, &how);
    e = hc_flow_start(p->l, next.n ? HC_ACTION_AUDIT_OTHER : action_of(p, d.status));
    e.outcome = outcome_of(e.action);
    e.target = hc_flow_mailbox(d.to);
    e.text = e.action == HC_ACTION_AUDIT_OTHER ? p->text : HC_STR_NONE;
    add(&e, "relay", d.relay);
    add(&e, "delay", d.delay);
    add(&e, "dsn", d.dsn);
    add(&e, "status", d.status);
    add(&e, "orig_to", d.orig_to);
    p->m->failed = p->m->failed || e.action == HC_ACTION_MAIL_BOUNCED;
    if (next.n) {
        add(&e, "queued-as", next);
        go_on(p, hc_flow_message(p->flow, p->l, hc_pf_instance(p->l), next), p->m, hc_flow_id(p->m), how);
    }
    return hc_flow_event(p->flow, p->m, p->l, &e, error);
}

/* Who handed it in: whoever has signed in did so here. */
static bool signed_in(const struct hc_pf_line *p, struct hc_str login, GError **error)
{
    struct hc_event e = hc_flow_start(p->l, HC_ACTION_LOGIN_SUCCESS);

    e.outcome = HC_OUTCOME_SUCCESS;
    e.actor = e.target = hc_word_who(login);
    e.address = hc_word_address(p->m->client);
    e.txn = (struct hc_ref){HC_ENTITY_TXN, hc_flow_id(p->m)};
    add(&e, "method", hc_pf_field(p->text, "sasl_method", ','));
    hc_flow_cite(p->flow, p->m, p->l);
    return hc_flow_event(p->flow, NULL, p->l, &e, error);
}

/* "client=host[address], sasl_method=PLAIN, sasl_username=ana, orig_queue_id=4Sb,
 * orig_client=host[address]" */
static bool client(struct hc_pf_line *p, struct hc_str id, GError **error)
{
    struct hc_str by = {0}, before = {0}, login = {0}, orig = {0};
    struct hc_message *m = p->m = hc_flow_begin(p->flow, p->l, hc_pf_instance(p->l), id);

    hc_pf_fields(p->text, ',',
                 (struct hc_wanted[]){{HC_STR_LIT("client"), &by},
                                      {HC_STR_LIT("orig_queue_id"), &before},
                                      {HC_STR_LIT("orig_client"), &orig},
                                      {HC_STR_LIT("sasl_username"), &login}},
                 4);
    orig = hc_word_ip(hc_bracketed(orig));
    hc_message_set(p->flow, m, &m->client, orig.p ? orig : hc_word_ip(hc_bracketed(by)));
    if (before.n)
        go_on(p, m, other(p, before), before, "filtered-from");
    if (login.n && !before.n) {
        m->login = HC_STR_NONE;
        hc_message_set(p->flow, m, &m->login, login);
        return signed_in(p, login, error);
    }
    hc_flow_part(p->flow, m, p->l);
    return true;
}

/* "uid=0 from=<root>", after a requeue "uid=0 from=<root> orig_id=4Sb". */
static bool pickup(struct hc_pf_line *p, struct hc_str id)
{
    struct hc_str before = hc_pf_field(p->text, "orig_id", ' ');
    struct hc_message *m = p->m = hc_flow_begin(p->flow, p->l, hc_pf_instance(p->l), id);

    hc_message_set(p->flow, m, &m->from, hc_pf_field(p->text, "from", ' '));
    if (before.n)
        go_on(p, m, other(p, before), before, "requeued-from");
    m->local = !before.n;
    hc_flow_part(p->flow, m, p->l);
    return true;
}

static bool of_cleanup(struct hc_pf_line *p, struct hc_str id)
{
    struct hc_str whole = p->text, subject = p->text;
    struct hc_message *m = p->m;

    if (hc_word(&whole, "message-id=")) {
        if (whole.n > 1 && whole.p[0] == '<' && whole.p[whole.n - 1] == '>')
            whole = hc_str_n(whole.p + 1, whole.n - 2);
        if (m->id.p && !hc_str_eq(m->id, whole)) /* of a message that begins without a client: a notice */
            m = hc_flow_begin(p->flow, p->l, hc_pf_instance(p->l), id);
        hc_message_set(p->flow, m, &m->id, whole);
    } else if (hc_word(&subject, "warning: ") || hc_word(&subject, "info: ")) {
        hc_message_set(p->flow, m, &m->subject, hc_pf_subject(subject));
    }
    hc_flow_part(p->flow, m, p->l);
    return true;
}

/* "sender non-delivery notification: 4Sc", "sender delay notification: 4Sc": a message of the daemon's
 * own. */
static bool notice(const struct hc_pf_line *p)
{
    struct hc_str id = p->text;
    struct hc_message *m, *about = p->m;

    if (hc_word_until(&id, " notification: ").p && id.n && id.n <= 32) {
        m = hc_flow_message(p->flow, p->l, hc_pf_instance(p->l), id);
        hc_message_set(p->flow, m, &m->about, hc_flow_id(about));
        hc_message_set(p->flow, m, &m->about_id, about->id);
    }
    hc_flow_part(p->flow, about, p->l);
    return true;
}

/* An administrator's doing. */
static bool of_postsuper(const struct hc_pf_line *p, GError **error)
{
    bool ok = hc_pf_other(p, HC_STR_NONE, p->text, error);

    if (ok && hc_str_is(p->text, "removed"))
        hc_flow_done(p->flow, p->m);
    return ok;
}

static bool of_qmgr(const struct hc_pf_line *p, GError **error)
{
    struct hc_message *m = p->m;

    if (hc_str_starts(p->text, "from=")) {
        hc_message_set(p->flow, m, &m->from, hc_pf_field(p->text, "from", ','));
        return delivery(p, error);
    }
    hc_flow_part(p->flow, m, p->l);
    if (hc_str_is(p->text, "removed"))
        hc_flow_done(p->flow, m);
    return true;
}

/* What was done with a message by a rule or a filter, so that it is not simply delivered. */
static bool is_grave(struct hc_str text)
{
    static const char *const words[] = {
        "hold: ",        "discard: ",        "redirect: ",         "reject_warning: ",
        "milter-hold: ", "milter-discard: ", "milter-quarantine: "};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (hc_str_starts(text, words[i]))
            return true;
    return false;
}

static bool of_message(struct hc_pf_line *p, struct hc_str id, GError **error)
{
    if (p->by == HC_PF_SMTPD && hc_str_starts(p->text, "client="))
        return client(p, id, error);
    if (p->by == HC_PF_PICKUP && hc_str_starts(p->text, "uid="))
        return pickup(p, id);
    p->m = hc_flow_message(p->flow, p->l, hc_pf_instance(p->l), id);
    if (p->by == HC_PF_QMGR)
        return of_qmgr(p, error);
    if (p->by != HC_PF_SMTPD && p->by != HC_PF_CLEANUP && hc_str_starts(p->text, "to="))
        return delivery(p, error);
    if (hc_pf_is_rejection(p->text))
        return hc_pf_rejection(p, error);
    if (is_grave(p->text))
        return hc_pf_decision(p, error);
    if (p->by == HC_PF_CLEANUP)
        return of_cleanup(p, id);
    if (p->by == HC_PF_BOUNCE)
        return notice(p);
    if (p->by == HC_PF_POSTSUPER)
        return of_postsuper(p, error);
    hc_flow_part(p->flow, p->m, p->l);
    return true;
}

/* A message that was refused, or treated in another way, before it had an id. */
static bool of_none_yet(struct hc_pf_line *p, GError **error)
{
    ptrdiff_t colon = hc_str_find(p->text, ": ", 0);

    if (hc_pf_is_rejection(p->text))
        return hc_pf_rejection(p, error);
    if (colon > 0 && hc_str_chr(hc_str_head(p->text, (size_t)colon), ' ') < 0)
        return hc_pf_decision(p, error);
    return hc_pf_no_message(p, error);
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *l, GError **error)
{
    struct hc_pf_line p = {flow, l, hc_pf_of(l->program), l->message, NULL};
    struct hc_str id = hc_pf_queue_id(l->message);

    if (id.p) {
        p.text = hc_str_skip(l->message, id.n + 2);
        return of_message(&p, id, error);
    }
    if (hc_word(&p.text, "NOQUEUE: "))
        return of_none_yet(&p, error);
    return p.by == HC_PF_SMTPD && hc_pf_is_rejection(p.text) ? hc_pf_rejection(&p, error)
                                                             : hc_pf_no_message(&p, error);
}

const struct hc_dialect hc_dialect_postfix = {.name = "postfix", .takes = hc_pf_takes, .read = read_line};
