/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins of mailbox servers beside Dovecot, and what their SMTP parts refuse.
 *
 *   Courier (imapd, pop3d, imapd-ssl, ...):  LOGIN, user=ana@x.example, ip=[::ffff:192.0.2.7], port=[41000],
 * protocol=IMAP LOGIN FAILED, user=ana@x.example, ip=[::ffff:192.0.2.7]        (or method=PLAIN)
 *   courieresmtpd: error,relay=::ffff:192.0.2.7,from=<a@y.example>,to=<q@x.example>: 550 User unknown.
 *                                            error,relay=::ffff:192.0.2.7,msg="535 Authentication
 * failed.",cmd: AUTH PLAIN ... Cyrus (cyrus/imaps, imap, pop3, ...):    login: pc.example [192.0.2.7] ana
 * PLAIN+TLS User logged in SESSIONID=<...> badlogin: pc.example [192.0.2.7] plaintext ana SASL(-13):
 * authentication failure: ...   (3: "(ana) [SASL...") UW IMAP (imapd, ipop3d):                 Login user=ana
 * host=pc.example [192.0.2.7]; Login failed user=ana auth=ana host=pc.example [192.0.2.7] perdition: Auth:
 * 192.0.2.7:2274->192.0.2.1:993 ... authentication_id="ana" server="imap:993" ... status="ok" solid-pop3d:
 * authentication failed for user ana - 192.0.2.7 vpopmail (vchkpw-pop3, vchkpw-smtp):     vchkpw-pop3:
 * password fail (pass: '...') ana@x.example:192.0.2.7 rblsmtpd, qmail-smtpd (program or text): rblsmtpd:
 * 192.0.2.7 pid 19597 ...: 451 ...
 *
 * Each has its own order: the name that was tried ends before the last of what the server writes behind it.
 */
#include "src/evidence/log/logins.h"

static bool starts_one_of(struct hc_str text, const char *const *starts)
{
    for (; *starts; starts++)
        if (hc_str_starts(text, *starts))
            return true;
    return false;
}

static bool skip(struct hc_flow *flow, const struct hc_logline *line, const char *rule)
{
    hc_flow_ignore(flow, line, rule);
    return true;
}

/* "LOGIN, user=NAME, ip=[ADDRESS], port=[...]" or "LOGIN FAILED, method=PLAIN, ip=[...]" */
static bool courier_login(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, bool good,
                          GError **error)
{
    struct hc_str place = hc_word_tail(&rest, ", ip=["), ip = hc_word_until(&place, "]");
    struct hc_login login = {.good = good, .ip = hc_word_ip(ip)};

    if (hc_word(&rest, "user="))
        login.who = hc_word_who(rest);
    else if (hc_word(&rest, "method="))
        login.method = rest;
    return hc_login_event(flow, line, &login, error);
}

static bool courier(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    static const char *const ends[] = {"LOGOUT", "DISCONNECTED", "TIMEOUT", "Disconnected", NULL};

    if (hc_word(&rest, "LOGIN, "))
        return courier_login(flow, line, rest, true, error);
    if (hc_word(&rest, "LOGIN FAILED, "))
        return courier_login(flow, line, rest, false, error);
    if (starts_one_of(rest, ends))
        return skip(flow, line, "ends of sessions");
    return hc_str_starts(rest, "Connection, ip=[") ? skip(flow, line, "connections")
                                                   : hc_login_text(flow, line, error);
}

/* "relay=ADDRESS,[port=N,][ident=X,]from=<a@b>,to=<c@d>: 550 ..." or "...,msg=\"535 ...\",cmd: ...": a
 * command may hold a password. */
static bool courier_smtp(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                         GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);
    struct hc_str text = line->message, relay, from;
    ptrdiff_t command = hc_str_find(text, ",cmd: ", 0);

    if (!hc_word(&rest, "error,relay="))
        return hc_login_other(
            flow, line,
            &(struct hc_login_other){.text = command < 0 ? text : hc_str_head(text, (size_t)command)}, error);
    relay = hc_word_until(&rest, ",");
    e.address = hc_word_address(hc_word_ip(relay));
    if (hc_word_until(&rest, "msg=\"535 ").p) {
        struct hc_login login = {.ip = e.address.key, .why = hc_word_until(&rest, "\",cmd: ")};
        return hc_login_event(flow, line, &login, error);
    }
    e.outcome = HC_OUTCOME_FAILURE;
    e.text = command < 0 ? text : hc_str_head(text, (size_t)command);
    if (hc_word_until(&rest, "from=").p && (from = hc_word_angle(&rest, ",")).p) {
        e.actor = hc_flow_mailbox(from);
        if (hc_word(&rest, ",to="))
            e.target = hc_flow_mailbox(hc_word_angle(&rest, ":"));
    } else {
        e.action = HC_ACTION_AUDIT_OTHER;
    }
    return hc_flow_event(flow, NULL, line, &e, error);
}

/* "HOST [ADDRESS] MECHANISM ..." or "HOST[ADDRESS] ..." at the start; `rest` moves behind the bracket. */
static struct hc_str cyrus_client(struct hc_str *rest)
{
    struct hc_str before = hc_word_until(rest, "[");

    return before.p ? hc_word_ip(hc_word_until(rest, "]")) : HC_STR_NONE;
}

/* "ana PLAIN+TLS User logged in SESSIONID=<...>" */
static bool cyrus_login(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                        GError **error)
{
    struct hc_login login = {.good = true, .ip = cyrus_client(&rest)};
    struct hc_str tail = hc_word_tail(&rest, " User logged in");

    hc_word(&rest, " ");
    if (!tail.p)
        return hc_login_text(flow, line, error);
    hc_word_until(&tail, "SESSIONID=<");
    login.session = hc_word_until(&tail, ">");
    login.method = hc_word_tail(&rest, " ");
    login.who = hc_word_who(rest);
    return hc_login_event(flow, line, &login, error);
}

/* "plaintext ana SASL(-13): ...", "plaintext (ana) [SASL(-13): ...]", "PLAIN [SASL(-13): ...]", "plaintext
 * ana invalid user" */
static bool cyrus_failure(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                          GError **error)
{
    static const char *const ends[] = {") [SASL(", " [SASL(", " SASL(", " invalid user"};
    struct hc_login login = {.ip = cyrus_client(&rest)};
    struct hc_str name, why;
    ptrdiff_t end = -1;

    hc_word(&rest, " ");
    for (size_t i = 0; i < G_N_ELEMENTS(ends) && end < 0; i++)
        end = hc_word_last(rest, ends[i]);
    if (end < 0)
        return hc_login_text(flow, line, error);
    name = hc_str_head(rest, (size_t)end);
    why = hc_str_skip(rest, (size_t)end);
    while (why.n && strchr(") [", why.p[0]))
        why = hc_str_skip(why, 1);
    login.method = hc_str_head(name, (size_t)MAX(hc_str_chr(name, ' '), 0));
    login.method = login.method.n ? login.method : name;
    name = hc_str_skip(name, login.method.n);
    hc_word(&name, " ");
    hc_word(&name, "(");
    login.why = hc_str_ends(why, "]") ? hc_str_head(why, why.n - 1) : why;
    login.who = hc_word_who(name);
    return hc_login_event(flow, line, &login, error);
}

/* "user=ana [auth=ana] host=pc.example [192.0.2.7]" behind `rest` */
static bool uw_login(struct hc_flow *flow, const struct hc_logline *line, struct hc_str why,
                     struct hc_str rest, bool good, GError **error)
{
    struct hc_str place = hc_word_tail(&rest, " host="), name = rest, first = hc_word_until(&rest, " auth=");
    struct hc_login login = {
        .good = good, .ip = hc_word_last_ip(place), .why = good ? HC_STR_NONE : hc_str_trim(why)};

    login.who = hc_word_who(hc_str_trim(first.p ? first : name));
    return hc_login_event(flow, line, &login, error);
}

static bool uw(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    static const char *const good[] = {
        "Login user=", "Authenticated user=", "Auth user=", "Preauthenticated user=", NULL};
    static const char *const ends[] = {"Logout ", "Autologout ", "Killed ", "Command stream end of file",
                                       NULL};
    static const char *const bad[] = {"Login failed ",   "Login excessive login failures ",
                                      "Login disabled ", "Failed ",
                                      "AUTHENTICATE ",   NULL};
    bool success = starts_one_of(rest, good), failure = starts_one_of(rest, bad);
    struct hc_str why;

    if (starts_one_of(rest, ends))
        return skip(flow, line, "ends of sessions");
    if (!success && !failure)
        return hc_login_text(flow, line, error);
    why = hc_word_until(&rest, "user=");
    return why.p ? uw_login(flow, line, why, rest, success, error) : hc_login_text(flow, line, error);
}

/* "192.0.2.7:2274->192.0.2.1:993": the client */
static struct hc_str perdition_client(struct hc_str rest)
{
    struct hc_str client = hc_word_until(&rest, "->");

    if (hc_str_chr(client, '.') > 0)
        hc_word_tail(&client, ":");
    return hc_word_ip(client);
}

static bool perdition(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    struct hc_login login = {0};
    struct hc_str name, tail;

    if (hc_word_until(&rest, " from client ").p)
        return hc_login_other(
            flow, line, &(struct hc_login_other){.text = line->message, .ip = perdition_client(rest)}, error);
    if (!hc_word(&rest, "Auth: "))
        return hc_login_text(flow, line, error);
    login.ip = perdition_client(rest);
    tail = hc_word_tail(&rest, "\" server=\"");
    name = rest;
    if (!hc_word_until(&name, " authentication_id=\"").p && !hc_word_until(&name, " user=\"").p)
        return hc_login_text(flow, line, error);
    login.who = hc_word_who(name);
    login.good = hc_word_until(&tail, " status=\"").p && hc_str_starts(tail, "ok");
    login.why = login.good ? HC_STR_NONE : hc_word_until(&tail, "\"");
    return hc_login_event(flow, line, &login, error);
}

/* "authentication failed for user ana - 192.0.2.7" */
static bool solid(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    static const char *const before[] = {
        "authentication failed: no such user: ", "authentication failed: can't map user name: ",
        "authentication failed for user ",       "authentication failed for mapped user ",
        "can't find APOP secret for user ",      "APOP authentication failed for user "};
    struct hc_login login = {.ip = hc_word_ip(hc_word_tail(&rest, " - "))};

    for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
        struct hc_str name = rest;
        if (!hc_word(&name, before[i]))
            continue;
        login.who = hc_word_who(name);
        login.why = hc_str_trim(hc_str_head(rest, rest.n - name.n));
        return hc_login_event(flow, line, &login, error);
    }
    if (!hc_str_is(rest, "root login not allowed"))
        return hc_login_text(flow, line, error);
    login.who = hc_word_who(HC_STR_LIT("root"));
    login.why = rest;
    return hc_login_event(flow, line, &login, error);
}

/* "password fail (pass: '...') NAME:ADDRESS": what was typed stands in quotes, and is not taken over. */
static bool vpopmail(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    static const char *const bad[] = {"vpopmail user not found ", "password fail ",
                                      "invalid user/domain characters ", "null password given ",
                                      "null user name given "};
    struct hc_str why = HC_STR_NONE, behind, text = line->message;
    struct hc_login login = {0};

    hc_word_until(&rest, ": ");
    for (size_t i = 0; i < G_N_ELEMENTS(bad) && !why.p; i++)
        why = hc_word(&rest, bad[i]) ? hc_str_trim(hc_str(bad[i])) : why;
    login.good = !why.p && hc_word_until(&rest, "login success ").p;
    if (!why.p && !login.good) {
        ptrdiff_t typed = hc_str_find(text, "(pass", 0);
        return hc_login_other(
            flow, line, &(struct hc_login_other){.text = typed < 0 ? text : hc_str_head(text, (size_t)typed)},
            error);
    }
    behind = hc_word_tail(&rest, "') ");
    rest = behind.p ? behind : rest;
    behind = hc_word_tail(&rest, ":");
    login.ip = hc_word_ip(behind);
    login.why = why;
    login.who = hc_word_who(rest);
    return hc_login_event(flow, line, &login, error);
}

/* "1157520813.485077 " of multilog */
static void skip_number(struct hc_str *rest)
{
    size_t n = 0;

    while (n < rest->n && (g_ascii_isdigit(rest->p[n]) || rest->p[n] == '.'))
        n++;
    if (n && n < rest->n && rest->p[n] == ' ')
        *rest = hc_str_skip(*rest, n + 1);
}

static struct hc_str first_word(struct hc_str text)
{
    ptrdiff_t space = hc_str_chr(text, ' ');

    return space < 0 ? text : hc_str_head(text, (size_t)space);
}

/* "[rblsmtpd: ]192.0.2.7 pid 19597 ...", "relays.example blocked 192.0.2.7 ...", "qmail-smtpd: 421 badiprbl:
 * ip 192.0.2.7 rbl: ..." */
static bool qmail(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_MAIL_REJECTED);
    bool list = hc_str_is(line->program, "rblsmtpd"), smtp = hc_str_is(line->program, "qmail-smtpd");

    skip_number(&rest);
    list = hc_word(&rest, "rblsmtpd: ") || list;
    smtp = hc_word(&rest, "qmail-smtpd: ") || smtp;
    if (list && !hc_word_ip(first_word(rest)).p)
        hc_word_until(&rest, " blocked ");
    else if (smtp && !hc_word_until(&rest, " ip ").p)
        smtp = false;
    e.address = hc_word_address(hc_word_ip(first_word(rest)));
    if ((!list && !smtp) || e.address.kind == HC_ENTITY_NONE)
        return hc_login_text(flow, line, error);
    e.outcome = HC_OUTCOME_FAILURE;
    e.text = line->message;
    return hc_flow_event(flow, NULL, line, &e, error);
}

static void skip_level(struct hc_str *rest)
{
    static const char *const levels[] = {"INFO: ", "NOTICE: ", "DEBUG: ", "WARN: ", "ERR: "};

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (hc_word(rest, levels[i]))
            return;
}

/* Names that several kinds of server write under, which their words then tell apart. */
static bool mailbox_server(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                           GError **error)
{
    static const char *const of_courier[] = {"LOGIN, ", "LOGIN FAILED, ", "LOGOUT",       "DISCONNECTED",
                                             "TIMEOUT", "Disconnected",   "Connection, ", NULL};

    if (hc_word(&rest, "login: "))
        return cyrus_login(flow, line, rest, error);
    if (hc_word(&rest, "badlogin: "))
        return cyrus_failure(flow, line, rest, error);
    skip_level(&rest);
    if (starts_one_of(rest, of_courier))
        return courier(flow, line, rest, error);
    return uw(flow, line, rest, error);
}

typedef bool reader(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error);

static const struct {
    const char *start; /* of the program's name */
    reader *read;
} programs[] = {
    {"imapd", mailbox_server},
    {"pop3d", mailbox_server},
    {"ipop3d", mailbox_server},
    {"ipop2d", mailbox_server},
    {"cyrus/", mailbox_server},
    {"courierpop3login", mailbox_server},
    {"courierimaplogin", mailbox_server},
    {"courieresmtpd", courier_smtp},
    {"perdition", perdition},
    {"solid-pop3d", solid},
    {"vpopmail", vpopmail},
    {"vchkpw", vpopmail},
    {"rblsmtpd", qmail},
    {"qmail", qmail},
};

static reader *reader_of(const struct hc_logline *line)
{
    static const char *const of_cyrus[] = {"login: ", "badlogin: ", NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
        if (hc_word_begins(line->program, programs[i].start))
            return programs[i].read;
    /* Cyrus under the plain names of its services: "imap", "pop3s", ... */
    if ((hc_word_begins(line->program, "imap") || hc_word_begins(line->program, "pop3")) &&
        starts_one_of(line->message, of_cyrus))
        return mailbox_server;
    return NULL;
}

static bool takes(const struct hc_logline *line)
{
    return reader_of(line) != NULL;
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    return reader_of(line)(flow, line, line->message, error);
}

const struct hc_login_service hc_logins_mailbox = {takes, read_line};
