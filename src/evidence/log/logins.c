/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-ins in the logs of services: mailbox servers (dovecot.c, mailboxlogins.c) and the host itself
 * (hostlogins.c).
 */
#include "src/evidence/log/logins.h"

static const struct hc_login_service *const services[] = {&hc_logins_dovecot, &hc_logins_mailbox,
                                                          &hc_logins_host};

bool hc_login_event(struct hc_flow *flow, const struct hc_logline *line, const struct hc_login *login,
                    GError **error)
{
    struct hc_event e = hc_flow_start(line, login->good ? HC_ACTION_LOGIN_SUCCESS : HC_ACTION_LOGIN_FAILURE);

    e.outcome = login->good ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    e.target = login->who;
    if (login->good)
        e.actor = login->who;
    e.address = hc_word_address(login->ip);
    if (login->session.n)
        e.txn = (struct hc_ref){HC_ENTITY_TXN, login->session};
    e.text = login->why;
    if (login->method.n)
        hc_event_add(&e, HC_STR_LIT("method"), login->method);
    return hc_flow_event(flow, login->joins, line, &e, error);
}

bool hc_login_other(struct hc_flow *flow, const struct hc_logline *line, const struct hc_login_other *other,
                    GError **error)
{
    struct hc_event e = hc_flow_start(line, HC_ACTION_AUDIT_OTHER);

    e.actor = other->actor;
    e.target = other->target;
    e.address = hc_word_address(other->ip);
    if (other->message.n)
        e.message = (struct hc_ref){HC_ENTITY_MESSAGE, other->message};
    e.text = other->text;
    return hc_flow_event(flow, NULL, line, &e, error);
}

bool hc_login_text(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    return hc_login_other(flow, line, &(struct hc_login_other){.text = line->message}, error);
}

static const struct hc_login_service *service_of(const struct hc_logline *line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
        if (services[i]->takes(line))
            return services[i];
    return NULL;
}

static bool takes(const struct hc_logline *line)
{
    return service_of(line) != NULL;
}

static bool read_line(struct hc_flow *flow, const struct hc_logline *line, GError **error)
{
    const struct hc_login_service *service = service_of(line);

    return service ? service->read(flow, line, error) : hc_login_text(flow, line, error);
}

const struct hc_dialect hc_dialect_logins = {.name = "logins", .takes = takes, .read = read_line};
