/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postfix through classic syslog (RFC 3164 time: no year, local time of the host).
 *
 *   Nov 22 09:33:06 relay1 postfix/smtpd[2107]: 4Sb3cz2BdXzCFlP: client=mx1.example.net[198.51.100.50]
 *   Nov 22 09:33:06 relay1 postfix/cleanup[2207]: 4Sb3cz2BdXzCFlP: message-id=<...>
 *   Nov 22 09:33:07 relay1 postfix/qmgr[1187]: 4Sb3cz2BdXzCFlP: from=<a@b>, size=2092, nrcpt=1 (queue active)
 *   Nov 22 09:33:07 relay1 postfix/lmtp[2452]: 4Sb3cz2BdXzCFlP: to=<c@d>, relay=..., dsn=2.0.0, status=sent (...)
 *   Nov 22 09:33:07 relay1 postfix/qmgr[1187]: 4Sb3cz2BdXzCFlP: removed
 *
 * The lines of one message share its queue id and are joined; the line with status= is the event, the others attest it.
 * Zone and year come from the source's settings. What is remembered is bounded by the messages in flight.
 */
#include "src/evidence/importer.h"

#define HC_QUEUES_MAX 200000 /* messages in flight; a log of lost queues is dropped from here on */

struct queue {
    char *from, *login, *message, *client;
    GArray *parts; /* struct hc_locator */
    int64_t lines; /* not counted yet */
    bool delivered;
};

/* A line in its parts. */
struct line {
    struct hc_str stamp, program, message;
    struct hc_time time;
    struct hc_locator at;
};

struct reader {
    struct hc_sink *sink;
    const struct hc_settings *settings;
    struct hc_year year;
    bool year_assumed;
    GHashTable *queues;
};

static void queue_free(void *data)
{
    struct queue *q = data;

    g_free(q->from);
    g_free(q->login);
    g_free(q->message);
    g_free(q->client);
    g_array_unref(q->parts);
    g_free(q);
}

static int bid(const struct hc_peek *peek, const char **why)
{
    if (hc_str_find(peek->head, " postfix/", 0) < 0 || !peek->head.n || !g_ascii_isalpha(peek->head.p[0]))
        return 0;
    *why = "syslog lines of postfix";
    return 85;
}

/* "Mmm dd hh:mm:ss host program[pid]: message" */
static bool split_line(struct hc_str text, struct line *l)
{
    ptrdiff_t host, colon, bracket;
    struct hc_str rest;

    if (text.n < 17 || text.p[15] != ' ')
        return false;
    l->stamp = hc_str_head(text, 15);
    rest = hc_str_skip(text, 16);
    host = hc_str_chr(rest, ' ');
    if (host <= 0)
        return false;
    rest = hc_str_skip(rest, (size_t)host + 1);
    colon = hc_str_find(rest, ": ", 0);
    l->program = colon < 0 ? hc_str_n(rest.p, 0) : hc_str_head(rest, (size_t)colon);
    bracket = hc_str_chr(l->program, '[');
    if (bracket >= 0)
        l->program = hc_str_head(l->program, (size_t)bracket);
    l->message = colon < 0 ? rest : hc_str_skip(rest, (size_t)colon + 2);
    return true;
}

static int month_number(struct hc_str stamp)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (g_ascii_strncasecmp(stamp.p, months + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

/* Where no year is known at all, the line stays undated. */
static bool date_line(struct reader *r, struct line *l)
{
    int month = month_number(l->stamp), year;

    if (!month)
        return false;
    if (!r->year.year) {
        struct hc_time probe; /* a leap year takes every day that any year has */
        return hc_time_syslog(l->stamp, 2000, r->settings->zone, &probe);
    }
    year = hc_year_of(&r->year, month);
    if (!hc_time_syslog(l->stamp, year, r->settings->zone, &l->time))
        return false;
    l->time.basis |= HC_BASIS_YEAR_INFERRED;
    if (r->year_assumed || !r->settings->zone_given)
        l->time.basis |= HC_BASIS_ASSUMED;
    return true;
}

/* The '>' that ends an address: a quoted local part may hold others. */
static ptrdiff_t address_end(struct hc_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '>' && (i + 1 == text.n || strchr(", ", text.p[i + 1])))
            return (ptrdiff_t)i;
    return -1;
}

/* "key=<value>" or "key=value," in a message; angle brackets are taken off. */
static struct hc_str field(struct hc_str message, const char *key)
{
    ptrdiff_t at = hc_str_find(message, key, 0), end;
    struct hc_str value;

    if (at < 0 || (at > 0 && !strchr(" ,", message.p[at - 1])))
        return HC_STR_NONE;
    value = hc_str_skip(message, (size_t)at + strlen(key));
    if (value.n && value.p[0] == '<') {
        value = hc_str_skip(value, 1);
        end = address_end(value);
    } else {
        end = hc_str_chr(value, ',');
    }
    return end < 0 ? value : hc_str_head(value, (size_t)end);
}

/* Short ids are hexadecimal in capitals, long ones letters without vowels and digits: neither is a plain word ("warning"). */
static struct hc_str queue_id(struct hc_str message)
{
    ptrdiff_t colon = hc_str_find(message, ": ", 0);
    bool digit = false, hex = true;

    if (colon < 6 || colon > 20)
        return HC_STR_NONE;
    for (ptrdiff_t i = 0; i < colon; i++) {
        if (!g_ascii_isalnum(message.p[i]))
            return HC_STR_NONE;
        digit = digit || g_ascii_isdigit(message.p[i]);
        hex = hex && g_ascii_isxdigit(message.p[i]) && !g_ascii_islower(message.p[i]);
    }
    return digit || hex ? hc_str_head(message, (size_t)colon) : HC_STR_NONE;
}

static void set(char **to, struct hc_str value)
{
    if (value.p && !*to)
        *to = hc_str_dup(value);
}

static void settle(struct reader *r, struct queue *q)
{
    if (q->delivered)
        hc_sink_joined(r->sink, HC_STR_LIT("queue"), q->lines);
    else
        hc_sink_ignore(r->sink, HC_STR_LIT("queue"), "message without a delivery in this log", q->lines);
    q->lines = 0;
}

static struct queue *find_queue(struct reader *r, struct hc_str id)
{
    g_autofree char *key = hc_str_dup(id);
    struct queue *q = g_hash_table_lookup(r->queues, key);

    if (q)
        return q;
    if (g_hash_table_size(r->queues) >= HC_QUEUES_MAX) {
        GHashTableIter iter;
        void *old;
        g_hash_table_iter_init(&iter, r->queues);
        while (g_hash_table_iter_next(&iter, NULL, &old)) {
            settle(r, old);
            g_hash_table_iter_remove(&iter);
        }
    }
    q = g_new0(struct queue, 1);
    q->parts = g_array_new(FALSE, FALSE, sizeof(struct hc_locator));
    g_hash_table_insert(r->queues, g_steal_pointer(&key), q);
    return q;
}

/* "host[address]" -> address */
static struct hc_str bracketed(struct hc_str client)
{
    ptrdiff_t open = hc_str_chr(client, '['), close = hc_str_chr(client, ']');

    return open < 0 || close < open ? HC_STR_NONE : hc_str_n(client.p + open + 1, (size_t)(close - open - 1));
}

static enum hc_action delivery(struct hc_str program, struct hc_str status)
{
    if (hc_str_starts(status, "deferred"))
        return HC_ACTION_MAIL_DEFERRED;
    if (hc_str_starts(status, "bounced") || hc_str_starts(status, "expired") || hc_str_starts(status, "undeliverable"))
        return HC_ACTION_MAIL_BOUNCED;
    if (!hc_str_starts(status, "sent"))
        return HC_ACTION_NONE;
    return hc_str_ends(program, "/smtp") ? HC_ACTION_MAIL_SENT : HC_ACTION_MAIL_RECEIVED;
}

static void start_event(struct hc_event *e, const struct line *l, enum hc_action action)
{
    memset(e, 0, sizeof(*e));
    e->time = l->time;
    e->raw_time = l->stamp;
    e->action = action;
    e->type = l->program;
    e->at = l->at;
}

static struct hc_ref mailbox(struct hc_str address)
{
    return address.n ? (struct hc_ref){HC_ENTITY_MAILBOX, address} : (struct hc_ref){HC_ENTITY_NONE, HC_STR_NONE};
}

static bool push_delivery(struct reader *r, const struct line *l, struct hc_str id, struct queue *q, enum hc_action action,
                          GError **error)
{
    static const char *const kept[] = {"relay=", "delay=", "dsn=", "status=", "orig_to="};
    struct hc_str message = hc_str_skip(l->message, id.n + 2);
    struct hc_event e;

    start_event(&e, l, action);
    e.actor = q->login ? (struct hc_ref){HC_ENTITY_ACCOUNT, hc_str(q->login)} : mailbox(hc_str(q->from));
    e.target = mailbox(field(message, "to="));
    e.txn = (struct hc_ref){HC_ENTITY_TXN, id};
    if (q->message)
        e.message = (struct hc_ref){HC_ENTITY_MESSAGE, hc_str(q->message)};
    if (q->client)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, hc_str(q->client)};
    if (q->login)
        hc_event_add(&e, HC_STR_LIT("from"), hc_str(q->from));
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        hc_event_add(&e, hc_str_n(kept[i], strlen(kept[i]) - 1), field(message, kept[i]));
    e.outcome = action == HC_ACTION_MAIL_SENT || action == HC_ACTION_MAIL_RECEIVED ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    e.parts = (const struct hc_locator *)(void *)q->parts->data;
    e.n_parts = q->parts->len;
    q->delivered = true;
    return hc_sink_event(r->sink, &e, error);
}

static bool queue_line(struct reader *r, const struct line *l, struct hc_str id, GError **error)
{
    struct hc_str message = hc_str_skip(l->message, id.n + 2);
    struct queue *q = find_queue(r, id);
    enum hc_action action = delivery(l->program, field(message, "status="));

    if (action != HC_ACTION_NONE)
        return push_delivery(r, l, id, q, action, error);
    set(&q->message, field(message, "message-id="));
    set(&q->login, field(message, "sasl_username="));
    set(&q->client, bracketed(field(message, "client=")));
    set(&q->from, field(message, "from="));
    q->lines++;
    if (hc_str_is(message, "removed")) {
        g_autofree char *key = hc_str_dup(id);
        settle(r, q);
        g_hash_table_remove(r->queues, key);
        return true;
    }
    g_array_append_val(q->parts, l->at);
    return true;
}

/* "NOQUEUE: reject: RCPT from host[address]: 554 ...; from=<a> to=<b> proto=..." */
static bool push_reject(struct reader *r, const struct line *l, GError **error)
{
    ptrdiff_t tail = hc_str_find(l->message, "; from=<", 0);
    struct hc_str fields = tail < 0 ? HC_STR_NONE : hc_str_skip(l->message, (size_t)tail + 2);
    struct hc_str address = bracketed(l->message);
    struct hc_event e;

    start_event(&e, l, HC_ACTION_MAIL_REJECTED);
    e.outcome = HC_OUTCOME_FAILURE;
    e.actor = mailbox(field(fields, "from="));
    e.target = mailbox(field(fields, "to="));
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    e.text = hc_str_skip(l->message, strlen("NOQUEUE: reject: "));
    return hc_sink_event(r->sink, &e, error);
}

/* "imap-login: Login: user=<a@b>, method=PLAIN, rip=10.0.9.6, ..." */
static bool push_login(struct reader *r, const struct line *l, GError **error)
{
    struct hc_str user = field(l->message, "user="), address = field(l->message, "rip=");
    struct hc_event e;

    start_event(&e, l, HC_ACTION_LOGIN_SUCCESS);
    e.outcome = HC_OUTCOME_SUCCESS;
    e.actor = e.target = mailbox(user);
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    hc_event_add(&e, HC_STR_LIT("method"), field(l->message, "method="));
    return hc_sink_event(r->sink, &e, error);
}

static bool any_line(struct reader *r, const struct line *l, GError **error)
{
    bool postfix = hc_str_starts(l->program, "postfix");
    struct hc_str id = postfix ? queue_id(l->message) : HC_STR_NONE;

    if (id.p)
        return queue_line(r, l, id, error);
    if (postfix && hc_str_starts(l->message, "NOQUEUE: reject: "))
        return push_reject(r, l, error);
    if (hc_str_is(l->program, "dovecot") && hc_str_find(l->message, "-login: Login: user=<", 0) >= 0)
        return push_login(r, l, error);
    hc_sink_ignore(r->sink, l->program, postfix ? "lines of no message" : "other programs", 1);
    return true;
}

static bool read_line(struct reader *r, struct hc_str text, const struct hc_locator *at, GError **error)
{
    struct line l = {.at = *at};

    if (!text.p)
        return hc_sink_reject(r->sink, at, error, "the line is longer than %u bytes", HC_LINE_MAX);
    if (!split_line(text, &l))
        return hc_sink_reject(r->sink, at, error, "not a line of syslog");
    if (!date_line(r, &l))
        return hc_sink_reject(r->sink, at, error, "the time is no time in this zone");
    return any_line(r, &l, error);
}

static void set_year(struct reader *r)
{
    r->year.year = r->settings->year;
    r->year_assumed = !r->settings->year;
    if (!r->settings->year && r->settings->window_from)
        r->year.year = hc_utc_civil(r->settings->window_from).year;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {.sink = sink, .settings = hc_sink_settings(sink)};
    struct hc_locator at = {0};
    struct hc_str line;
    GHashTableIter iter;
    void *left;
    bool ok = true;
    int rc = 0;

    set_year(&r);
    r.queues = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, queue_free);
    while (ok && (rc = hc_input_line(in, &line, &at, error)) == 1) {
        at.record++;
        ok = read_line(&r, line, &at, error);
    }
    g_hash_table_iter_init(&iter, r.queues);
    while (g_hash_table_iter_next(&iter, NULL, &left))
        settle(&r, left);
    g_hash_table_unref(r.queues);
    return ok && rc == 0;
}

const struct hc_importer hc_importer_postfix = {
    .name = "postfix",
    .summary = "Postfix mail log, classic syslog",
    .needs = HC_NEEDS_ZONE | HC_NEEDS_YEAR,
    .bid = bid,
    .run = run,
};
