/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/postfixline.h"

#include "src/evidence/log/fields.h"
#include "src/evidence/log/words.h"

#define ID_MIN 5
#define ID_MAX 32
#define STAGE_MAX 40 /* "END-OF-MESSAGE", a command's name */

enum hc_pf hc_pf_of(struct hc_str program)
{
    static const struct {
        const char *name;
        enum hc_pf by;
    } names[] = {{"smtpd", HC_PF_SMTPD},         {"qmgr", HC_PF_QMGR},           {"smtp", HC_PF_SMTP},
                 {"cleanup", HC_PF_CLEANUP},     {"lmtp", HC_PF_LMTP},           {"local", HC_PF_LOCAL},
                 {"virtual", HC_PF_VIRTUAL},     {"pipe", HC_PF_PIPE},           {"pickup", HC_PF_PICKUP},
                 {"bounce", HC_PF_BOUNCE},       {"error", HC_PF_ERROR},         {"postscreen", HC_PF_POSTSCREEN},
                 {"anvil", HC_PF_STATISTICS},    {"scache", HC_PF_STATISTICS},   {"nqmgr", HC_PF_QMGR},
                 {"oqmgr", HC_PF_QMGR},          {"relay", HC_PF_SMTP},          {"discard", HC_PF_DISCARD},
                 {"dnsblog", HC_PF_DNSBLOG},     {"postsuper", HC_PF_POSTSUPER}, {"master", HC_PF_MASTER},
                 {"postfix-script", HC_PF_MASTER}, {"defer", HC_PF_BOUNCE},      {"trace", HC_PF_BOUNCE},
                 {"retry", HC_PF_ERROR}};
    const char *slash = program.n ? memrchr(program.p, '/', program.n) : NULL;

    if (!slash)
        return HC_PF_OTHER;
    program = hc_str_skip(program, (size_t)(slash + 1 - program.p));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (hc_str_is(program, names[i].name))
            return names[i].by;
    return HC_PF_OTHER;
}

/* syslog_name may be anything: what is behind it is Postfix's own. */
bool hc_pf_takes(const struct hc_logline *line)
{
    return hc_str_starts(line->program, "postfix") || hc_pf_of(line->program) != HC_PF_OTHER;
}

/*
 * Short ids are hexadecimal in capitals. Long ones are digits and letters without vowels, where a 'z' stands behind the ten of the time. Neither
 * is a plain word ("warning").
 */
struct hc_str hc_pf_queue_id(struct hc_str message)
{
    ptrdiff_t colon = hc_str_find(hc_str_head(message, ID_MAX + 2), ": ", 0);
    bool digit = false, hex = true, vowel = false, z = false;

    if (colon < ID_MIN || colon > ID_MAX)
        return HC_STR_NONE;
    for (ptrdiff_t i = 0; i < colon; i++) {
        const char c = message.p[i];
        if (!g_ascii_isalnum(c))
            return HC_STR_NONE;
        digit = digit || g_ascii_isdigit(c);
        hex = hex && g_ascii_isxdigit(c) && !g_ascii_islower(c);
        vowel = vowel || strchr("aeiouAEIOU", c);
        z = z || (c == 'z' && i >= 10);
    }
    return digit || hex || (z && !vowel) ? hc_str_head(message, (size_t)colon) : HC_STR_NONE;
}

struct hc_str hc_pf_instance(const struct hc_logline *line)
{
    ptrdiff_t slash = hc_str_chr(line->program, '/');

    return slash < 0 ? line->program : hc_str_head(line->program, (size_t)slash);
}

struct hc_str hc_pf_field(struct hc_str text, const char *key, char until)
{
    struct hc_str found = hc_field(text, key, until);

    return found.n <= HC_FLOW_FIELD_MAX ? found : HC_STR_NONE;
}

struct hc_str hc_pf_client(struct hc_str text)
{
    ptrdiff_t blank = hc_str_chr(text, ' ');

    return hc_word_ip(hc_bracketed(blank < 0 ? text : hc_str_head(text, (size_t)blank)));
}

bool hc_pf_other(const struct hc_pf_line *p, struct hc_str ip, struct hc_str text, GError **error)
{
    struct hc_event e = hc_flow_start(p->l, HC_ACTION_AUDIT_OTHER);

    e.address = hc_word_address(ip);
    e.text = text;
    return hc_flow_event(p->flow, p->m, p->l, &e, error);
}

bool hc_pf_is_rejection(struct hc_str text)
{
    return hc_str_starts(text, "reject: ") || hc_str_starts(text, "milter-reject: ") || hc_str_starts(text, "proxy-reject: ");
}

/*
 * Where "from=<a> to=<b> ..." begins in a refusal. The answer before it quotes the client's addresses, in angle brackets; that of a
 * refused header quotes the header, which may say anything: the last such place is Postfix's own then.
 */
static struct hc_str fields_from(struct hc_str text, const char *first, bool last)
{
    struct hc_str found = HC_STR_NONE;
    bool closed = true; /* where one address has no end, none after it has: they are not all looked for */

    for (size_t i = 0; i < text.n && (last || !found.p); i++) {
        struct hc_str rest = hc_str_skip(text, i);
        ptrdiff_t end = closed && rest.p[0] == '<' ? hc_fields_angle(hc_str_skip(rest, 1)) : 0;
        if (rest.p[0] == ';' && hc_str_starts(rest, first))
            found = hc_str_skip(rest, 2);
        closed = closed && end >= 0;
        i += end > 0 ? (size_t)end : 0;
    }
    return found;
}

/* There is no sender before MAIL FROM. */
static struct hc_str fields_of(struct hc_str text, bool last)
{
    static const char *const firsts[] = {"; from=<", "; to=<", "; proto="};
    struct hc_str found = HC_STR_NONE;

    for (size_t i = 0; i < G_N_ELEMENTS(firsts) && !found.p; i++)
        found = fields_from(text, firsts[i], last);
    return found;
}

/* "RCPT from host[address]: ": the host stands behind the stage, or, where a header is quoted, right before the fields. */
static struct hc_str rejected_client(struct hc_str text, struct hc_str fields, bool last)
{
    struct hc_str before = fields.p ? hc_str_head(text, (size_t)(fields.p - text.p)) : text;
    ptrdiff_t from = hc_str_find(hc_str_head(text, STAGE_MAX), " from ", 0), colon = hc_str_find(text, ": ", 0);
    const char *open = last && before.n ? memrchr(before.p, '[', before.n) : NULL;

    if (last && open)
        return hc_word_ip(hc_bracketed(hc_str_skip(before, (size_t)(open - before.p))));
    return from < 0 || (colon >= 0 && colon < from) ? HC_STR_NONE : hc_pf_client(hc_str_skip(text, (size_t)from + 6));
}

/* What is behind the action. */
static struct hc_str behind_action(struct hc_str text)
{
    ptrdiff_t colon = hc_str_find(text, ": ", 0);

    return hc_str_skip(text, (size_t)(colon + 2));
}

static bool quotes_header(const struct hc_pf_line *p, struct hc_str text)
{
    return p->by == HC_PF_CLEANUP && !hc_str_starts(text, "END-OF-MESSAGE ");
}

static void add(struct hc_event *e, const char *name, struct hc_str value)
{
    if (value.n)
        hc_event_add(e, hc_str(name), value);
}

/* Sender, recipient, client and protocol of a refusal or another decision about `text`. */
static void add_decided(const struct hc_pf_line *p, struct hc_event *e, struct hc_str text)
{
    bool quotes = quotes_header(p, text);
    struct hc_str fields = fields_of(text, quotes), login = hc_pf_field(fields, "sasl_username", ' ');

    if (login.n)
        e->actor = hc_word_who(login);
    else if (!p->m || !p->m->login.p)
        e->actor = hc_flow_mailbox(hc_pf_field(fields, "from", ' '));
    e->target = hc_flow_mailbox(hc_pf_field(fields, "to", ' '));
    e->address = hc_word_address(rejected_client(text, fields, quotes));
    add(e, "helo", hc_pf_field(fields, "helo", ' '));
    if (!p->m || !p->m->subject.p)
        add(e, "subject", quotes ? hc_pf_subject(text) : HC_STR_NONE);
}

bool hc_pf_rejection(const struct hc_pf_line *p, GError **error)
{
    struct hc_str text = behind_action(p->text);
    struct hc_event e = hc_flow_start(p->l, HC_ACTION_MAIL_REJECTED);

    add_decided(p, &e, text);
    e.outcome = HC_OUTCOME_FAILURE;
    e.text = text;
    return hc_flow_event(p->flow, p->m, p->l, &e, error);
}

bool hc_pf_decision(const struct hc_pf_line *p, GError **error)
{
    struct hc_event e = hc_flow_start(p->l, HC_ACTION_AUDIT_OTHER);

    add_decided(p, &e, behind_action(p->text));
    e.text = p->text;
    return hc_flow_event(p->flow, p->m, p->l, &e, error);
}

struct hc_str hc_pf_subject(struct hc_str text)
{
    struct hc_str fields = fields_of(text, true), before;
    ptrdiff_t from;

    if (!hc_word(&text, "header Subject: ") || !fields.p || fields.p < text.p)
        return HC_STR_NONE;
    before = hc_str_head(text, (size_t)(fields.p - text.p));
    from = hc_word_last(before, " from ");
    return from < 0 ? HC_STR_NONE : hc_str_head(before, (size_t)from);
}
