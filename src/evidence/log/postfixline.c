/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/postfixline.h"

#include "src/evidence/log/words.h"

#define ID_MIN 5
#define ID_MAX 32
#define STAGE_MAX 40 /* "END-OF-MESSAGE", a command's name */

enum hc_pf hc_pf_of(struct hc_str program)
{
#define NAME(text, by)                                                                                       \
    {                                                                                                        \
        HC_STR_LIT(text), by                                                                                 \
    }
    static const struct {
        struct hc_str name;
        enum hc_pf by;
    } names[] = {NAME("smtpd", HC_PF_SMTPD),      NAME("qmgr", HC_PF_QMGR),
                 NAME("smtp", HC_PF_SMTP),        NAME("cleanup", HC_PF_CLEANUP),
                 NAME("lmtp", HC_PF_LMTP),        NAME("local", HC_PF_LOCAL),
                 NAME("virtual", HC_PF_VIRTUAL),  NAME("pipe", HC_PF_PIPE),
                 NAME("pickup", HC_PF_PICKUP),    NAME("bounce", HC_PF_BOUNCE),
                 NAME("error", HC_PF_ERROR),      NAME("postscreen", HC_PF_POSTSCREEN),
                 NAME("anvil", HC_PF_STATISTICS), NAME("scache", HC_PF_STATISTICS),
                 NAME("nqmgr", HC_PF_QMGR),       NAME("oqmgr", HC_PF_QMGR),
                 NAME("relay", HC_PF_SMTP),       NAME("discard", HC_PF_DISCARD),
                 NAME("dnsblog", HC_PF_DNSBLOG),  NAME("postsuper", HC_PF_POSTSUPER),
                 NAME("master", HC_PF_MASTER),    NAME("postfix-script", HC_PF_MASTER),
                 NAME("defer", HC_PF_BOUNCE),     NAME("trace", HC_PF_BOUNCE),
                 NAME("retry", HC_PF_ERROR)};
#undef NAME
    const char *slash = program.n ? memrchr(program.p, '/', program.n) : NULL;

    if (!slash)
        return HC_PF_OTHER;
    program = hc_str_skip(program, (size_t)(slash + 1 - program.p));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (hc_str_eq(program, names[i].name))
            return names[i].by;
    return HC_PF_OTHER;
}

/* syslog_name may be anything: what is behind it is Postfix's own. */
bool hc_pf_takes(const struct hc_logline *line)
{
    return hc_str_starts(line->program, "postfix") || hc_pf_of(line->program) != HC_PF_OTHER;
}

/* Of letters alone. */
static bool is_long_id(struct hc_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (strchr("aeiouAEIOU", id.p[i]))
            return false;
    return hc_str_chr(hc_str_skip(id, 10), 'z') >= 0;
}

/*
 * Short ids are hexadecimal in capitals. Long ones are digits and letters without vowels, where a 'z' stands
 * behind the ten of the time. Neither is a plain word ("warning").
 */
struct hc_str hc_pf_queue_id(struct hc_str message)
{
    enum { DIGIT = 1, HEX = 2, OTHER = 4 };
    static const unsigned char kinds[256] = {
        ['0' ... '9'] = DIGIT, ['A' ... 'F'] = HEX, ['G' ... 'Z'] = OTHER, ['a' ... 'z'] = OTHER};
    const size_t most = MIN(message.n, ID_MAX + 1);
    unsigned seen = 0, kind;
    size_t n = 0;

    for (; n < most && (kind = kinds[(unsigned char)message.p[n]]); n++)
        seen |= kind;
    if (n < ID_MIN || n > ID_MAX || message.n - n < 2 || message.p[n] != ':' || message.p[n + 1] != ' ')
        return HC_STR_NONE;
    message = hc_str_head(message, n);
    return seen & DIGIT || !(seen & OTHER) || is_long_id(message) ? message : HC_STR_NONE;
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

void hc_pf_fields(struct hc_str text, char until, const struct hc_wanted *wanted, size_t n)
{
    hc_fields(text, until, wanted, n);
    for (size_t i = 0; i < n; i++)
        if (wanted[i].value->n > HC_FLOW_FIELD_MAX)
            *wanted[i].value = HC_STR_NONE;
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
    return hc_str_starts(text, "reject: ") || hc_str_starts(text, "milter-reject: ") ||
           hc_str_starts(text, "proxy-reject: ");
}

/*
 * Where "from=<a> to=<b> ..." begins in a refusal. The answer before it quotes the client's addresses, in
 * angle brackets; that of a refused header quotes the header, which may say anything: the last such place is
 * Postfix's own then.
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

/* "RCPT from host[address]: ": the host stands behind the stage, or, where a header is quoted, right before
 * the fields. */
static struct hc_str rejected_client(struct hc_str text, struct hc_str fields, bool last)
{
    struct hc_str before = fields.p ? hc_str_head(text, (size_t)(fields.p - text.p)) : text;
    ptrdiff_t from = hc_str_find(hc_str_head(text, STAGE_MAX), " from ", 0),
              colon = hc_str_find(text, ": ", 0);
    const char *open = last && before.n ? memrchr(before.p, '[', before.n) : NULL;

    if (last && open)
        return hc_word_ip(hc_bracketed(hc_str_skip(before, (size_t)(open - before.p))));
    return from < 0 || (colon >= 0 && colon < from) ? HC_STR_NONE
                                                    : hc_pf_client(hc_str_skip(text, (size_t)from + 6));
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
    struct hc_str fields = fields_of(text, quotes), login = {0}, from = {0}, to = {0}, helo = {0};

    hc_pf_fields(fields, ' ',
                 (struct hc_wanted[]){{HC_STR_LIT("from"), &from},
                                      {HC_STR_LIT("to"), &to},
                                      {HC_STR_LIT("helo"), &helo},
                                      {HC_STR_LIT("sasl_username"), &login}},
                 4);
    if (login.n)
        e->actor = hc_word_who(login);
    else if (!p->m || !p->m->login.p)
        e->actor = hc_flow_mailbox(from);
    e->target = hc_flow_mailbox(to);
    e->address = hc_word_address(rejected_client(text, fields, quotes));
    add(e, "helo", helo);
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
