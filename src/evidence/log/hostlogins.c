/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins to the host: OpenSSH, su, sudo, and programs that ask PAM.
 *
 *   sshd: Accepted publickey for ana from 192.0.2.7 port 51234 ssh2: ED25519 SHA256:...
 *   sshd: Failed password for invalid user bob from 192.0.2.7 port 51235 ssh2
 *   sshd: Invalid user bob from 192.0.2.7 port 51235
 *   su: (to root) ana on pts/0; FAILED SU (to root) ana on pts/0; Successful su for root by ana; FAILED su
 * for root by ana sudo: ana : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/ana ; USER=root ;
 * COMMAND=/bin/ls any: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=tty1 ruser=
 * rhost=192.0.2.7  user=ana
 *
 * sshd, su and sudo tell each attempt themselves: what PAM says of it in the same breath is kept, but counts
 * as no second attempt. The name that was tried may hold " from ": what the server writes is the last of
 * them.
 */
#include "src/evidence/log/logins.h"

static bool is_program(const struct hc_logline *line, const char *name)
{
    struct hc_str rest = line->program;

    return hc_word_begins(rest, name) && hc_word(&rest, name) && (!rest.n || rest.p[0] == '-');
}

static bool of_pam(const struct hc_logline *line)
{
    return hc_word_begins(line->message, "pam_unix(") &&
           hc_str_find(line->message, "authentication failure; ", 0) > 0;
}

static bool takes(const struct hc_logline *line)
{
    return is_program(line, "sshd") || is_program(line, "su") || is_program(line, "sudo") || of_pam(line);
}

/* "NAME from ADDRESS port N ...": the address; the name is left in `rest`. */
static struct hc_str ssh_place(struct hc_str *rest)
{
    struct hc_str place = hc_word_tail(rest, " from ");
    ptrdiff_t space = hc_str_chr(place, ' ');

    return hc_word_ip(space < 0 ? place : hc_str_head(place, (size_t)space));
}

/* "publickey for ana from 192.0.2.7 port ...": an account that exists has no spaces in its name, but the
 * certificate behind may have. */
static bool ssh_accepted(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                         GError **error)
{
    struct hc_login login = {.good = true, .method = hc_word_until(&rest, " for ")};
    struct hc_str name = hc_word_until(&rest, " from ");
    ptrdiff_t space = hc_str_chr(rest, ' ');

    login.who = hc_word_who(name);
    login.ip = hc_word_ip(space < 0 ? rest : hc_str_head(rest, (size_t)space));
    return hc_login_event(flow, line, &login, error);
}

static bool ssh_failed(struct hc_flow *flow, const struct hc_logline *line, struct hc_str rest,
                       GError **error)
{
    struct hc_login login = {.method = hc_word_until(&rest, " for ")};

    login.why = hc_word(&rest, "invalid user ") ? HC_STR_LIT("invalid user") : HC_STR_NONE;
    login.ip = ssh_place(&rest);
    login.who = hc_word_who(rest);
    return hc_login_event(flow, line, &login, error);
}

static bool of_sshd(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str rest = line->message;
    struct hc_login_other other = {.text = line->message};

    if (hc_word(&rest, "Accepted "))
        return ssh_accepted(flow, line, rest, error);
    if (hc_word(&rest, "Failed "))
        return ssh_failed(flow, line, rest, error);
    if (hc_word(&rest, "Invalid user ") || hc_word(&rest, "Illegal user ")) {
        other.ip = ssh_place(&rest);
        other.target = hc_word_who(rest);
    }
    return hc_login_other(flow, line, &other, error);
}

/* `who` became `target`. */
static bool su_done(struct hc_flow *flow, const struct hc_logline *line, struct hc_str target,
                    struct hc_str who, bool good, GError **error)
{
    struct hc_event e = hc_flow_start(line, good ? HC_ACTION_LOGIN_SUCCESS : HC_ACTION_LOGIN_FAILURE);

    e.outcome = good ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    e.target = hc_word_who(target);
    if (good)
        e.actor = hc_word_who(who);
    hc_event_add(&e, HC_STR_LIT("by"), who);
    return hc_flow_event(flow, NULL, line, &e, error);
}

static bool of_su(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str rest = line->message, target, who;
    bool good = !hc_word(&rest, "FAILED ");

    hc_word(&rest, "SU ");
    if (hc_word(&rest, "(to ")) {
        target = hc_word_until(&rest, ") ");
        who = hc_word_until(&rest, " on ");
        return su_done(flow, line, target, who, good, error);
    }
    if (hc_word(&rest, "Successful su for ") || hc_word(&rest, "su for ")) {
        target = hc_word_until(&rest, " by ");
        return su_done(flow, line, target, rest, good, error);
    }
    return hc_login_text(flow, line, error);
}

/* "ana : TTY=pts/0 ; PWD=/home/ana ; USER=root ; COMMAND=/bin/ls": what is run is kept as it stands. */
static bool of_sudo(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str rest = hc_str_trim(line->message), who = hc_word_until(&rest, " : "), target = rest;
    struct hc_login_other other = {.text = line->message};
    struct hc_event e = hc_flow_start(line, HC_ACTION_REAUTHENTICATE_FAILURE);

    if (!who.p || hc_str_chr(who, ' ') >= 0)
        return hc_login_text(flow, line, error);
    other.actor = hc_word_who(who);
    if (hc_word_until(&target, " ; USER=").p)
        other.target = hc_word_who(hc_word_until(&target, " ; "));
    if (hc_str_find(hc_str_head(rest, 64), " incorrect password attempt", 0) <= 0)
        return hc_login_other(flow, line, &other, error);
    e.outcome = HC_OUTCOME_FAILURE;
    e.actor = e.target = other.actor;
    e.text = line->message;
    return hc_flow_event(flow, NULL, line, &e, error);
}

/* "... rhost=192.0.2.7  user=ana": the name that was tried comes last, and not at all where no account has
 * it. */
static bool of_pam_failure(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str rest = line->message, place;
    struct hc_login login = {.why = HC_STR_LIT("authentication failure")};

    hc_word_until(&rest, "authentication failure; ");
    hc_word_until(&rest, " rhost=");
    place = hc_word_until(&rest, " ");
    login.ip = hc_word_ip(place.p ? place : rest);
    if (hc_word_until(&rest, " user=").p || hc_word(&rest, "user="))
        login.who = hc_word_who(rest);
    return hc_login_event(flow, line, &login, error);
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    bool ssh = is_program(line, "sshd"), su = is_program(line, "su"), sudo = is_program(line, "sudo");

    if (hc_str_starts(line->message, "pam_"))
        return ssh || su || sudo ? hc_login_text(flow, line, error) : of_pam_failure(flow, line, error);
    if (ssh)
        return of_sshd(flow, line, error);
    return su ? of_su(flow, line, error) : of_sudo(flow, line, error);
}

const struct hc_login_service hc_logins_host = {takes, read_line};
