/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of Postfix that are about no message: who could not sign in, who was turned away before a message
 * began, what went wrong.
 *
 *   postfix/smtpd: warning: host.example[192.0.2.4]: SASL LOGIN authentication failed: UGFzc3dvcmQ6,
 * sasl_username=ana postfix/smtpd: lost connection after AUTH from host.example[192.0.2.4]
 *   postfix/postscreen: PREGREET 14 after 0.08 from [192.0.2.2]:59415: EHLO x\r\n
 *   postfix/dnsblog: addr 192.0.2.2 listed by domain dnsbl.example as 127.0.0.2
 *
 * Connections that went well, their encryption and what daemons count are passed over.
 */
#include "src/evidence/log/postfixline.h"
#include "src/evidence/log/words.h"

/* What stands before the client's commands, that it chooses, and behind it "from host[address]". */
static bool begins_with_any(struct hc_str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (hc_word_begins(text, words[i]))
            return true;
    return false;
}

/* "... from host[address] ...": behind the first " from " that a host with an address follows. */
static struct hc_str ip_behind_from(struct hc_str text)
{
    struct hc_str ip = HC_STR_NONE;

    while (!ip.p && hc_word_until(&text, " from ").p)
        ip = hc_pf_client(text);
    return ip;
}

/* A user name that was tried comes last, and may look like all that is before it. */
static bool login_failure(const struct hc_pf_line *p, struct hc_str client, struct hc_str method,
                          struct hc_str rest, GError **error)
{
    struct hc_event e = hc_flow_start(p->l, HC_ACTION_LOGIN_FAILURE);
    struct hc_str why = rest, name = HC_STR_NONE;
    ptrdiff_t at = hc_str_find(rest, ", sasl_username=", 0);

    if (at >= 0) {
        why = hc_str_head(rest, (size_t)at);
        name = hc_str_skip(rest, (size_t)at + strlen(", sasl_username="));
    }
    e.outcome = HC_OUTCOME_FAILURE;
    e.address = hc_word_address(hc_pf_client(client));
    if (name.n <= HC_FLOW_FIELD_MAX && !hc_str_is(name, "(unavailable)"))
        e.target = hc_word_who(name);
    if (method.n)
        hc_event_add(&e, HC_STR_LIT("method"), method);
    e.text = hc_str_trim(why);
    return hc_flow_event(p->flow, NULL, p->l, &e, error);
}

/* "host[address]: SASL LOGIN authentication failed: ..." */
static bool is_login_failure(struct hc_str text, struct hc_str *client, struct hc_str *method,
                             struct hc_str *rest)
{
    *client = hc_word_until(&text, ": SASL ");
    if (!client->p || hc_str_chr(*client, ' ') >= 0)
        return false;
    *method = hc_word_until(&text, " ");
    *rest = text;
    return method->p && (hc_word(rest, "authentication failed: ") ||
                         hc_word(rest, "authentication failed:") || hc_word(rest, "authentication failed"));
}

/* "hostname NAME does not resolve to address ADDRESS: why": names and addresses have no blanks. */
static struct hc_str unresolved(struct hc_str text)
{
    struct hc_str name;

    if (!hc_word(&text, "hostname "))
        return HC_STR_NONE;
    name = hc_word_until(&text, " does not resolve to address ");
    if (!name.p || hc_str_chr(name, ' ') >= 0)
        return HC_STR_NONE;
    for (ptrdiff_t end; (end = hc_str_find(text, ": ", 0)) >= 0;)
        text = hc_str_head(text, (size_t)end);
    return hc_word_ip(text);
}

/* "warning: ", "error: ", "fatal: ", "panic: " */
static bool trouble(const struct hc_pf_line *p, struct hc_str text, GError **error)
{
    struct hc_pf_line with = *p;
    struct hc_str client, method, rest, ip, id = hc_pf_queue_id(text);

    if (is_login_failure(text, &client, &method, &rest))
        return login_failure(p, client, method, rest, error);
    if (id.p)
        with.m = hc_flow_message(p->flow, p->l, hc_pf_instance(p->l), id);
    ip = unresolved(text);
    return hc_pf_other(&with, ip.p ? ip : ip_behind_from(text), p->l->message, error);
}

static bool is_trouble(struct hc_str *text)
{
    return hc_word(text, "warning: ") || hc_word(text, "error: ") || hc_word(text, "fatal: ") ||
           hc_word(text, "panic: ");
}

/* "disconnect from host[address] ehlo=1 auth=0/1 quit=1 commands=2/3": commands that were tried, and fewer
 * that were taken. */
static bool failed_auth(struct hc_str text)
{
    const char *const start = text.p;

    if (!hc_word(&text, "disconnect from "))
        return false;
    for (ptrdiff_t slash; (slash = hc_str_chr(text, '/')) >= 0; text = hc_str_skip(text, (size_t)slash + 1))
        if (hc_str_ends(hc_str_n(start, (size_t)(text.p + slash - start)), " auth=0"))
            return true;
    return false;
}

static bool of_smtpd(struct hc_str text)
{
    static const char *const words[] = {"lost connection after ", "timeout after ",
                                        "too many errors after ", "improper command pipelining after ",
                                        "SSL_accept error from ", "bare <LF> received after "};

    return begins_with_any(text, words, G_N_ELEMENTS(words)) || failed_auth(text);
}

static bool of_postscreen(struct hc_str text)
{
    static const char *const words[] = {
        "PREGREET ",       "DNSBL rank ",     "HANGUP ",  "BLACKLISTED ",      "DENYLISTED ",
        "WHITELIST VETO ", "ALLOWLIST VETO ", "COMMAND ", "NON-SMTP COMMAND ", "BARE NEWLINE "};

    return begins_with_any(text, words, G_N_ELEMENTS(words));
}

/* "DNSBL rank 3 for [address]:port", "BLACKLISTED [address]:port" */
static struct hc_str postscreen_ip(struct hc_str text)
{
    struct hc_str ip = ip_behind_from(text);

    return ip.p ? ip : hc_word_first_ip(hc_str_head(text, 128));
}

/* "addr ADDRESS listed by domain ..." */
static struct hc_str listed_ip(struct hc_str text)
{
    return hc_word(&text, "addr ") ? hc_word_ip(hc_word_until(&text, " listed by domain ")) : HC_STR_NONE;
}

bool hc_pf_no_message(const struct hc_pf_line *p, GError **error)
{
    struct hc_str text = p->text, rest = text;

    if (is_trouble(&rest))
        return trouble(p, rest, error);
    if (p->by == HC_PF_SMTPD && of_smtpd(text))
        return hc_pf_other(p, ip_behind_from(text), text, error);
    if (p->by == HC_PF_POSTSCREEN && of_postscreen(text))
        return hc_pf_other(p, postscreen_ip(text), text, error);
    if (p->by == HC_PF_DNSBLOG)
        return hc_pf_other(p, listed_ip(text), text, error);
    if (p->by == HC_PF_POSTSUPER || p->by == HC_PF_MASTER)
        return hc_pf_other(p, HC_STR_NONE, text, error);
    hc_flow_ignore(p->flow, p->l, p->by == HC_PF_STATISTICS ? "statistics" : "lines of no message");
    return true;
}
