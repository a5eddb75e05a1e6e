/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dovecot 1 to 2.4 (client-common.c, auth-request.c, mail-deliver.c of its source). The program is "dovecot",
 * what follows names the part of it; some set-ups name the part as the program.
 *
 *   imap-login: Login: user=<ana@x.example>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=18, TLS,
 * session=<abc>      (2.4: "Logged in: ") imap-login: Disconnected (auth failed, 2 attempts in 6 secs):
 * user=<ana@x.example>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, session=<abd> imap-login: Disconnected:
 * Connection closed (no auth attempts in 22 secs): user=<>, rip=192.0.2.7, lip=192.0.2.1, session=<abe>
 *   auth-worker(14864): conn unix:auth-worker (pid=1,uid=2): auth-worker<6>: pam(ana,192.0.2.7,<abd>):
 * unknown user lmtp(ana@x.example)<77><s>: msgid=<m@y.example>: saved mail to INBOX imap(ana)<78><abc>:
 * delete: box=INBOX, uid=3, msgid=<m@y.example>, size=900 imap(ana)<78><abc>: Disconnected: Logged out in=50
 * out=900
 *
 * Between "user=<" and the last ", rip=" the name that was tried may say anything. An attempt that the part
 * which checks passwords tells of under a session is told there; the line that ends the session is joined to
 * it then.
 */
#include "src/evidence/log/logins.h"

#define SESSION HC_STR_LIT("dovecot") /* of names that one host gives */

static const char *const services[] = {"imap", "pop3",    "managesieve", "sieve", "submission", "lmtp",
                                       "lda",  "deliver", "auth",        "login", "indexer",    "doveadm"};

static bool names_part(struct hc_str text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
        if (hc_str_starts(text, services[i]))
            return true;
    return false;
}

/* Programs of that name which are no Dovecot's say other things. */
static bool part_is_program(const struct hc_logline *line)
{
    struct hc_str part = line->program;

    if (hc_word(&part, "dovecot/") || hc_word(&part, "dovecot-"))
        return true;
    return hc_str_ends(part, "-login") && names_part(part);
}

static bool takes(const struct hc_logline *line)
{
    return hc_str_is(line->program, "dovecot") || part_is_program(line);
}

/* "imap-login: ", "auth-worker(63712): ", "lmtp(ana@x.example)<77><s>: ": the part, and who it serves; `rest`
 * moves behind it. A name may hold anything but ends before "): " or ")<". */
struct part {
    struct hc_str name, user, session;
};

static bool take_part(struct hc_str *rest, struct part *part)
{
    struct hc_str text = *rest;
    size_t n = 0;

    *part = (struct part){0};
    while (n < text.n && (g_ascii_isalnum(text.p[n]) || text.p[n] == '-'))
        n++;
    part->name = hc_str_head(text, n);
    text = hc_str_skip(text, n);
    if (!n || !text.n)
        return false;
    if (hc_word(&text, "(")) {
        ptrdiff_t end = hc_str_find(text, "): ", 0), angle = hc_str_find(text, ")<", 0);
        if (end < 0 && angle < 0)
            return false;
        end = angle >= 0 && (end < 0 || angle < end) ? angle : end;
        part->user = hc_str_head(text, (size_t)end);
        text = hc_str_skip(text, (size_t)end + 1);
        while (text.n && text.p[0] == '<' && hc_word(&text, "<"))
            part->session = hc_word_until(&text, ">");
    }
    if (!hc_word(&text, ": "))
        return false;
    *rest = text;
    return true;
}

static void skip_level(struct hc_str *rest)
{
    static const char *const levels[] = {"Info: ", "Warning: ", "Error: "};

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (hc_word(rest, levels[i]))
            return;
}

/* What stands behind the name: "method=PLAIN", which may be absent, then rip= and what the server adds. */
struct session {
    struct hc_str name, method, ip, id;
};

static bool is_method(struct hc_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!g_ascii_isalnum(text.p[i]) && text.p[i] != '-' && text.p[i] != '_')
            return false;
    return text.n > 0;
}

/* `text` begins behind "user=<". Where no address stands behind the last ", rip=", that is a part of the
 * name. */
static struct session read_session(struct hc_str text)
{
    struct hc_str name = text, tail = hc_word_tail(&name, ", rip="), method, rest = tail;
    ptrdiff_t comma = hc_str_chr(tail, ',');
    struct session s = {.ip = hc_word_ip(comma < 0 ? tail : hc_str_head(tail, (size_t)comma))};

    s.name = s.ip.p ? name : text;
    method = hc_word_tail(&name, ", method=");
    if (s.ip.p && is_method(method) && hc_str_ends(name, ">")) {
        s.method = method;
        s.name = name;
    }
    if (hc_str_ends(s.name, ">"))
        s.name.n--;
    if (s.ip.p && hc_word_until(&rest, ", session=<").p)
        s.id = hc_word_until(&rest, ">");
    return s;
}

static bool push_login(struct hc_flow *flow, const struct hc_logline *line, const struct session *s,
                       bool good, struct hc_str why, GError **error)
{
    struct hc_login login = {.good = good,
                             .who = hc_word_who(s->name),
                             .ip = s->ip,
                             .method = s->method,
                             .why = why,
                             .session = s->id};

    return hc_login_event(flow, line, &login, error);
}

/* "Disconnected (auth failed, 2 attempts in 6 secs)": false where nobody tried to sign in. */
static bool was_attempt(struct hc_str why)
{
    return hc_str_find(why, "auth failed", 0) >= 0 || hc_str_find(why, "(tried to use ", 0) >= 0 ||
           hc_str_find(why, "while authenticating", 0) >= 0 || hc_str_find(why, "finish SASL auth", 0) >= 0;
}

/* A session ends before anybody signed in. */
static bool ended(struct hc_flow *flow, const struct hc_logline *line, struct hc_str why,
                  const struct session *s, GError **error)
{
    struct hc_message *m = s->id.n ? hc_flow_known(flow, line, SESSION, s->id) : NULL;

    if (!was_attempt(why)) {
        hc_flow_ignore(flow, line, "connections without a sign-in");
        return true;
    }
    if (!m)
        return push_login(flow, line, s, false, why, error);
    hc_flow_part(flow, m, line);
    hc_flow_done(flow, m);
    return true;
}

/* "Login: ana [192.0.2.7]" of Dovecot 0.99 */
static bool old_login(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    struct session s = {.ip = hc_word_last_ip(rest)};

    hc_word_tail(&rest, " [");
    s.name = rest;
    return push_login(flow, line, &s, true, HC_STR_NONE, error);
}

/* What a login process writes, "imap-login: ". */
static bool of_login(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    bool good = hc_word(&rest, "Login: ") || hc_word(&rest, "Logged in: ");
    struct hc_str why, text = rest;
    struct session s;

    if (good && !hc_str_starts(rest, "user=<"))
        return old_login(flow, line, rest, error);
    if (good && hc_word(&rest, "user=<")) {
        s = read_session(rest);
        return push_login(flow, line, &s, true, HC_STR_NONE, error);
    }
    why = hc_word_until(&rest, ": user=<");
    if (!why.p)
        return hc_login_text(flow, line, error);
    s = read_session(rest);
    if (hc_str_starts(text, "proxy(") && hc_str_find(why, "started proxying to ", 0) > 0)
        return push_login(flow, line, &s, true, HC_STR_NONE, error);
    return ended(flow, line, why, &s, error);
}

/* What a check of a password is answered with, behind the name and the address. */
static const char *const answers[] = {"): unknown user", "): Password mismatch", "): password mismatch",
                                      "): invalid credentials",
                                      "): pam_authenticate() failed: Authentication failure"};

/* Where the one answer begins, and its words; -1: none, or several, of which a name or a password that was
 * tried may hold some. */
static ptrdiff_t find_answer(struct hc_str text, struct hc_str *why, bool *several)
{
    ptrdiff_t found = -1;

    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        ptrdiff_t first = hc_str_find(text, answers[i], 0);
        if (first < 0)
            continue;
        *several = *several || found >= 0 || hc_word_last(text, answers[i]) != first;
        found = first;
        *why = hc_str_skip(hc_str(answers[i]), strlen("): "));
    }
    return *several ? -1 : found;
}

/* Of a line that tells nothing that is known: without a password that was typed. */
static bool auth_text(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    ptrdiff_t given = hc_str_find(line->message, "given password", 0);
    struct hc_login_other other = {.text =
                                       given < 0 ? line->message : hc_str_head(line->message, (size_t)given)};

    return hc_login_other(flow, line, &other, error);
}

/* "pam(NAME,192.0.2.7,<session>): unknown user": what checked it, and what was tried. Behind it may stand the
 * password that was given. */
static bool of_auth(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest, GError **error)
{
    struct hc_login login = {0};
    bool several = false;
    ptrdiff_t at;

    if (hc_str_starts(rest, "conn unix:"))
        hc_word_until(&rest, ">: "); /* the connection of a worker */
    at = find_answer(rest, &login.why, &several);
    if (at < 0 && !several)
        return auth_text(flow, line, error);
    if (at >= 0) {
        rest = hc_str_head(rest, (size_t)at);
        hc_word_until(&rest, "(");
        if (hc_str_ends(rest, ">")) {
            login.session = hc_word_tail(&rest, ",<");
            login.session.n -= login.session.n > 0;
        }
        login.ip = hc_word_ip(hc_word_tail(&rest, ","));
        login.who = hc_word_who(rest);
    }
    if (login.session.n)
        login.joins = hc_flow_message(flow, line, SESSION, login.session);
    return hc_login_event(flow, line, &login, error);
}

/* What became of a message, behind its id, which is a stranger's: that which stands last counts. */
static const struct {
    const char *words;
    bool kept;
} fates[] = {{">: saved mail to ", true},   {">: stored mail into mailbox ", true},
             {">: save failed to ", false}, {">: failed to store into mailbox ", false},
             {">: forwarded to ", false},   {">: discarded ", false},
             {">: rejected", false},        {">: marked message to be discarded ", false}};

/* "msgid=<m@y.example>: saved mail to INBOX", with "sieve: " in front of it for a filter of the user. */
static bool of_delivery(struct hc_flow *flow, const struct hc_logline *line, const struct part *part,
                        struct hc_str rest, GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);
    ptrdiff_t last = -1;
    size_t fate = 0;

    hc_word(&rest, "sieve: ");
    hc_word(&rest, "msgid=");
    for (size_t i = 0; i < G_N_ELEMENTS(fates); i++) {
        ptrdiff_t at = hc_word_last(rest, fates[i].words);
        fate = at > last ? i : fate;
        last = MAX(at, last);
    }
    if (last > 1 && rest.p[0] == '<')
        e.message = (struct hc_ref){HC_ENTITY_MESSAGE, hc_str_n(rest.p + 1, (size_t)last - 1)};
    e.target = hc_word_who(part->user);
    e.text = line->message;
    if (last > 0 && fates[fate].kept) {
        e.action = HC_ACTION_MAIL_RECEIVED;
        e.outcome = HC_OUTCOME_SUCCESS;
        e.text = HC_STR_NONE;
        hc_event_add(&e, HC_STR_LIT("folder"), hc_str_skip(rest, (size_t)last + strlen(fates[fate].words)));
    }
    return hc_flow_event(flow, NULL, line, &e, error);
}

static bool ends_session(struct hc_str text)
{
    static const char *const starts[] = {"Logged out",       "Disconnected",  "Connection closed",
                                         "Connection reset", "Connect from ", "Server shutting down"};

    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        if (hc_str_starts(text, starts[i]))
            return true;
    return false;
}

/* What the part that serves somebody's mailbox writes: who deletes, copies or moves is seen there where the
 * server logs it. */
static bool of_user(struct hc_flow *flow, const struct hc_logline *line, const struct part *part,
                    struct hc_str rest, GError **error)
{
    struct hc_login_other other = {.text = rest, .actor = hc_word_who(part->user)};
    struct hc_str id = rest;

    if (ends_session(rest)) {
        hc_flow_ignore(flow, line, "ends of sessions");
        return true;
    }
    if (hc_word_until(&id, ", msgid=").p)
        other.message = hc_word_angle(&id, ",");
    return hc_login_other(flow, line, &other, error);
}

/* Behind the number of a process, which stands for the user, or in front of it. */
static struct hc_str without_number(struct hc_str user)
{
    size_t n = 0;

    while (n < user.n && g_ascii_isdigit(user.p[n]))
        n++;
    if (n == user.n)
        return hc_str_skip(user, n);
    return n && hc_str_starts(hc_str_skip(user, n), ", ") ? hc_str_skip(user, n + 2) : user;
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str rest = line->message;
    struct part part;

    if (part_is_program(line)) {
        part = (struct part){.name = line->program};
        if (!hc_word(&part.name, "dovecot/"))
            hc_word(&part.name, "dovecot-");
    } else if (!take_part(&rest, &part)) {
        return hc_login_text(flow, line, error);
    }
    if (hc_str_starts(rest, "Debug: ")) { /* may hold what was typed */
        hc_flow_ignore(flow, line, "lines for the daemon's developers");
        return true;
    }
    skip_level(&rest);
    if (hc_str_ends(part.name, "-login"))
        return of_login(flow, line, rest, error);
    if (hc_str_starts(part.name, "auth"))
        return of_auth(flow, line, rest, error);
    part.user = without_number(part.user);
    if (part.user.n) {
        bool delivers =
            hc_str_is(part.name, "lmtp") || hc_str_is(part.name, "lda") || hc_str_is(part.name, "deliver");
        if (delivers && (hc_str_starts(rest, "msgid=") || hc_str_starts(rest, "sieve: msgid=")))
            return of_delivery(flow, line, &part, rest, error);
        return of_user(flow, line, &part, rest, error);
    }
    if (ends_session(rest)) {
        hc_flow_ignore(flow, line, "ends of sessions");
        return true;
    }
    return hc_login_text(flow, line, error);
}

const struct hc_login_service hc_logins_dovecot = {takes, read_line};
