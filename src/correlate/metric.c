/* SPDX-License-Identifier: Apache-2.0 */
/* How long things took: each duration with the two acts that define it. */
#include "src/correlate/metric.h"

struct end read_end(hc_stmt *st)
{
    struct end e = {0};

    if (hc_step(st, NULL) == 1) {
        e.act = hc_col_int(st, 0);
        e.has_time = !hc_col_null(st, 1);
        e.until = hc_col_int(st, 2);
        e.time = e.has_time ? hc_col_int(st, 1) : e.until;
        e.read = !(hc_col_int(st, 3) & HC_BASIS_INFERRED);
        e.open = e.read && e.until - e.time > HC_US_PER_S;
    }
    hc_stmt_reset(st);
    return e;
}

bool time_between(const struct end *from, const struct end *to, int64_t *least, int64_t *most)
{
    *least = to->time - from->time;
    *most = to->read && !to->open ? *least : to->until - from->time;
    *least -= from->open ? from->until - from->time : 0;
    if (!from->act || !to->act || *most < 0)
        return false;
    if (!to->has_time || *least < 0)
        *least = -1;
    return true;
}

static struct end find(struct world *w, int64_t incident, bool last, const char *phase, enum hc_action action,
                       int64_t from)
{
    return read_end(hc_db_query(w->db, "correlate", last ? "last_of" : "first_of", "itini", incident, phase,
                                (int64_t)action, INT64_C(0), from));
}

static bool add(struct world *w, int64_t incident, const char *name, const struct end *from,
                const struct end *to, GError **error)
{
    int64_t least, most;

    return from->act == to->act || !time_between(from, to, &least, &most) ||
           hc_exec(hc_db_query(w->db, "correlate", "add_metric", "itiiii", incident, name, from->act, to->act,
                               least, most),
                   error);
}

/* When all who are accused were stopped: the last of their first freezes; not before each has one. */
static struct end contained(struct world *w, int64_t incident)
{
    return read_end(
        hc_db_query(w->db, "scope", "contained", "ii", incident, (int64_t)HC_ACTION_ACCOUNT_FREEZE));
}

bool measure_times(struct world *w, int64_t incident, GError **error)
{
    struct end first = find(w, incident, false, "", HC_ACTION_NONE, INT64_MIN);
    struct end deleted = find(w, incident, true, "destruction", HC_ACTION_NONE, INT64_MIN);
    struct end begun = read_end(hc_db_query(w->db, "scope", "first_step", "i", incident));
    struct end done = read_end(hc_db_query(w->db, "scope", "last_step", "i", incident));
    struct end report = find(w, incident, false, "detection", HC_ACTION_NONE, INT64_MIN);
    int64_t since = report.act ? report.time : INT64_MIN;
    struct end chat = find(w, incident, false, "", HC_ACTION_CHAT_MESSAGE, since);
    struct end frozen = contained(w, incident);
    struct end told =
        read_end(hc_db_query(w->db, "scope", "told", "iii", incident, (int64_t)HC_ACTION_MAIL_SENT, since));
    struct end reply = find(w, incident, false, "", HC_ACTION_MAIL_SENT, since);
    struct end restored = find(w, incident, false, "recovery", HC_ACTION_ACCOUNT_RESTORE, INT64_MIN);
    struct end closed = find(w, incident, true, "recovery", HC_ACTION_CHAT_MESSAGE, INT64_MIN);

    return add(w, incident, "attack", &first, &deleted, error) &&
           add(w, incident, "takeover", &begun, &done, error) &&
           add(w, incident, "dwell", &first, &frozen, error) &&
           add(w, incident, "detect", &first, &report, error) &&
           add(w, incident, "acknowledge", &report, &chat, error) &&
           add(w, incident, "contain", &report, &frozen, error) &&
           add(w, incident, "notify", &report, &told, error) &&
           (reply.act == told.act || add(w, incident, "reply", &report, &reply, error)) &&
           add(w, incident, "restore", &report, &restored, error) &&
           add(w, incident, "resolve", &report, &closed, error) &&
           add(w, incident, "total", &first, &closed, error);
}
