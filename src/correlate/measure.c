/* SPDX-License-Identifier: Apache-2.0 */
/* The service's own notices about the acts of an incident, and how long things took (metric.h). */
#include "src/correlate/metric.h"

#include "src/base/text.h"

struct noticed {
    int64_t act, time, until, actor, target, object, event;
    enum hc_action action;
};

/* Does a capture of the subject name this entity? Absent captures agree with anything. */
static bool agrees(struct world *w, int capture, const struct hc_str *captures, int64_t entity)
{
    g_autofree char *name = capture < 0 || !entity ? NULL : name_of(w, entity);
    g_autofree char *a = name ? hc_text_fold(hc_str(name)) : NULL,
                    *b = name ? hc_text_fold(captures[capture]) : NULL;

    return capture < 0 || (name && strcmp(a, b) == 0);
}

static bool is_for(const struct notice_rule *rule, const struct noticed *act, int64_t recipient)
{
    if (rule->to_owners || !recipient)
        return true;
    return (rule->to_actor && recipient == act->actor) || (rule->to_target && recipient == act->target);
}

/* Of several acts of this kind shortly before a mail, it is about the last. */
static bool is_latest(struct world *w, const struct noticed *act, int64_t mail)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "acts_before", "iii", (int64_t)act->action,
                              mail - NOTICE_WITHIN, mail);
    bool latest = hc_step(st, NULL) == 1 && hc_col_int(st, 0) == act->act;

    hc_stmt_reset(st);
    return latest;
}

static bool is_about(struct world *w, const struct noticed *act, int64_t realm, struct hc_str subject,
                     int64_t mail, int64_t recipient)
{
    struct hc_str captures[HC_CAPTURES_MAX];

    for (guint i = 0; i < w->notices->len; i++) {
        const struct notice_rule *rule = w->notices->pdata[i];
        if (rule->realm == realm && rule->of == act->action &&
            hc_pattern_match(rule->subject, subject, captures) &&
            agrees(w, rule->project, captures, act->object) && agrees(w, rule->actor, captures, act->actor) &&
            is_for(rule, act, recipient) &&
            (act->action == HC_ACTION_ACCOUNT_DELETE || is_latest(w, act, mail)))
            return true;
    }
    return false;
}

/* Delivery records of the message; the first confirmation, or where there is none the first hand-over. 0 =
 * none. */
static bool attest_deliveries(struct world *w, int64_t act, int64_t message, const char *id, int64_t mailbox,
                              int64_t realm, int64_t *delivered, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "message_domain", "i", realm);
    g_autofree char *domain = hc_step(st, error) == 1 ? hc_col_dup(st, 0) : NULL;
    g_autofree char *wire = domain ? g_strdup_printf("%s@%s", id, domain) : g_strdup(id);
    int64_t handed = 0;
    bool ok = true;
    int rc = 0;

    hc_stmt_reset(st);
    *delivered = 0;
    st = hc_db_query(w->db, "correlate", "deliveries", "iiitiii", message, mailbox,
                     (int64_t)HC_ACTION_MAIL_DELIVERED, wire, (int64_t)HC_ENTITY_MESSAGE,
                     (int64_t)HC_ACTION_MAIL_SENT, (int64_t)HC_ACTION_MAIL_RECEIVED);
    while (ok && (rc = hc_step(st, error)) == 1) {
        bool confirmed = hc_col_int(st, 2) == HC_ACTION_MAIL_DELIVERED;
        int64_t time = hc_col_int(st, 1), until = hc_col_int(st, 4);
        correct_time(w, hc_col_int(st, 3), &time, &until);
        if (confirmed && !*delivered)
            *delivered = time;
        if (!confirmed && !handed)
            handed = time;
        ok = attest_event(w, act, hc_col_int(st, 0), "delivery", error);
    }
    hc_stmt_reset(st);
    *delivered = *delivered ? *delivered : handed;
    return ok && rc == 0;
}

static bool add_notice(struct world *w, int64_t incident, const struct noticed *act, hc_stmt *row,
                       GError **error)
{
    int64_t event = hc_col_int(row, 0), mailbox = hc_col_int(row, 1), message = hc_col_int(row, 3),
            sent = hc_col_int(row, 4);
    int64_t recipient = account_of_mailbox(w, mailbox, sent, NULL), delivered = 0;
    g_autofree char *subject = hc_col_dup(row, 2), *id = hc_col_dup(row, 6);

    if (!is_about(w, act, hc_col_int(row, 5), hc_str(subject), sent, recipient))
        return true;
    if (!attest_event(w, act->act, event, "notice", error))
        return false;
    if (!message) /* the account's own record of the same mail */
        return true;
    return attest_deliveries(w, act->act, message, id, mailbox, hc_col_int(row, 5), &delivered, error) &&
           hc_exec(hc_db_query(w->db, "correlate", "add_notice", "iiiintin", incident, act->act, event,
                               mailbox, recipient, subject, sent, delivered),
                   error);
}

static bool notices(struct world *w, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "noticed_acts", "i", incident);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct noticed act = {
            hc_col_int(st, 0), hc_col_int(st, 2), hc_col_int(st, 3), hc_col_int(st, 4),
            hc_col_int(st, 5), hc_col_int(st, 6), hc_col_int(st, 7), (enum hc_action)hc_col_int(st, 1)};
        hc_stmt *mail = hc_db_query(w->db, "correlate", "mail_rows", "iii", act.time,
                                    act.until + NOTICE_WITHIN, (int64_t)HC_ACTION_MAIL_SENT);
        int found = 0;
        while (ok && (found = hc_step(mail, error)) == 1)
            ok = add_notice(w, incident, &act, mail, error);
        hc_stmt_reset(mail);
        ok = ok && found == 0;
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool pass_measure(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "incidents");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0);
        ok = !hc_col_int(st, 1) || (notices(w, id, error) && measure_times(w, id, error));
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}
