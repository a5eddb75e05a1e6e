/* SPDX-License-Identifier: Apache-2.0 */
/* The service's own notices about the acts of an incident, and how long things took. */
#include "src/correlate/world.h"

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

/* Delivery records of the message; the first confirmation, or where there is none the first hand-over. 0 = none. */
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

/* An end of a duration. */
struct end {
    int64_t act, time, until;
    bool has_time, read; /* read from a record, not derived as an interval */
    bool open;           /* read by a clock that is corrected: no better known than the clock */
};

static struct end find_end(struct world *w, int64_t incident, bool last, const char *phase,
                           enum hc_action action, int64_t target, int64_t from)
{
    struct end e = {0};
    hc_stmt *st = hc_db_query(w->db, "correlate", last ? "last_of" : "first_of", "itini", incident, phase,
                              (int64_t)action, target, from);

    if (hc_step(st, NULL) == 1) {
        e.act = hc_col_int(st, 0);
        e.has_time = !hc_col_null(st, 1);
        e.until = hc_col_int(st, 2);
        e.time = e.has_time ? hc_col_int(st, 1) : e.until;
        e.read = !(hc_col_int(st, 3) & HC_BASIS_INFERRED);
        e.open = (hc_col_int(st, 3) & HC_BASIS_CLOCK) && e.until - e.time > HC_US_PER_S;
    }
    hc_stmt_reset(st);
    return e;
}

/* Between readings one number; with a derived end its bounds, -1 where only the upper one is known. */
static bool add_metric(struct world *w, int64_t incident, const char *name, const struct end *from,
                       const struct end *to, GError **error)
{
    int64_t least = to->time - from->time, most = to->read && !to->open ? least : to->until - from->time;

    least -= from->open ? from->until - from->time : 0;
    if (!from->act || !to->act || most < 0)
        return true;
    if (!to->has_time || least < 0)
        least = -1;
    return hc_exec(hc_db_query(w->db, "correlate", "add_metric", "itiiii", incident, name, from->act, to->act,
                               least, most),
                   error);
}

static bool metrics(struct world *w, int64_t incident, int64_t taken, int64_t other, GError **error)
{
    struct end first = find_end(w, incident, false, "", HC_ACTION_NONE, 0, INT64_MIN);
    struct end deleted = find_end(w, incident, true, "destruction", HC_ACTION_NONE, taken, INT64_MIN);
    struct end report = find_end(w, incident, false, "detection", HC_ACTION_NONE, 0, INT64_MIN);
    struct end chat =
        find_end(w, incident, false, "", HC_ACTION_CHAT_MESSAGE, 0, report.act ? report.time : INT64_MIN);
    struct end frozen =
        find_end(w, incident, false, "containment", HC_ACTION_ACCOUNT_FREEZE, other, INT64_MIN);
    struct end reply =
        find_end(w, incident, false, "", HC_ACTION_MAIL_SENT, 0, report.act ? report.time : INT64_MIN);
    struct end restored = find_end(w, incident, false, "recovery", HC_ACTION_ACCOUNT_RESTORE, 0, INT64_MIN);
    struct end closed = find_end(w, incident, true, "recovery", HC_ACTION_CHAT_MESSAGE, 0, INT64_MIN);

    return add_metric(w, incident, "attack", &first, &deleted, error) &&
           add_metric(w, incident, "detect", &first, &report, error) &&
           add_metric(w, incident, "acknowledge", &report, &chat, error) &&
           add_metric(w, incident, "contain", &report, &frozen, error) &&
           add_metric(w, incident, "reply", &report, &reply, error) &&
           add_metric(w, incident, "restore", &report, &restored, error) &&
           add_metric(w, incident, "resolve", &report, &closed, error) &&
           add_metric(w, incident, "exposure", &first, &frozen, error) &&
           add_metric(w, incident, "total", &first, &closed, error);
}

bool pass_measure(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "incidents");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0), other = hc_col_int(st, 2), taken = hc_col_int(st, 3);
        ok = !hc_col_int(st, 1) || (notices(w, id, error) && metrics(w, id, taken, other, error));
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}
