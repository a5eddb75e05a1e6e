/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Login services of mail: who signed in, from where.
 *
 *   imap-login: Login: user=<a@b>, method=PLAIN, rip=10.0.9.6, ...    (Dovecot)
 *
 * A failed login shows the name that was tried, which may look like any of this: what decides stands at the start of the line.
 */
#include "src/evidence/log/dialect.h"
#include "src/evidence/log/fields.h"

/* The fields of a login of Dovecot; .p == NULL: the line is none. */
static struct hc_str login_fields(struct hc_str message)
{
    ptrdiff_t colon = hc_str_find(message, ": ", 0);
    struct hc_str rest = colon < 0 ? HC_STR_NONE : hc_str_skip(message, (size_t)colon + 2);

    if (colon < 0 || !hc_str_ends(hc_str_head(message, (size_t)colon), "-login"))
        return HC_STR_NONE;
    if (hc_str_starts(rest, "Info: "))
        rest = hc_str_skip(rest, 6);
    return hc_str_starts(rest, "Login: user=<") ? hc_str_skip(rest, 7) : HC_STR_NONE;
}

static bool takes(const struct hc_logline *line)
{
    return hc_str_is(line->program, "dovecot");
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    struct hc_str fields = login_fields(line->message), address;
    struct hc_event e;

    if (!fields.p) {
        hc_flow_ignore(flow, line, "other programs");
        return true;
    }
    address = hc_field(fields, "rip", ',');
    e = hc_flow_start(line, HC_ACTION_LOGIN_SUCCESS);
    e.outcome = HC_OUTCOME_SUCCESS;
    e.actor = e.target = hc_flow_mailbox(hc_field(fields, "user", ','));
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    hc_event_add(&e, HC_STR_LIT("method"), hc_field(fields, "method", ','));
    return hc_flow_event(flow, NULL, line, &e, error);
}

const struct hc_dialect hc_dialect_logins = {.name = "logins", .takes = takes, .read = read_line};
