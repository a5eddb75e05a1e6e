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
 * The lines of one message share its queue id and are joined; the line with status= is the event, the others attest it. Each field is
 * taken only from the program that writes it and only where that begins the line: senders, subjects and message ids are a
 * stranger's words and may say "sasl_username=". Zone and year come from the source's settings. What is remembered is bounded
 * by the messages in flight; queue ids are used again, so a new client begins a new message.
 */
#include "src/evidence/importer.h"

#define HC_QUEUES_MAX 200000 /* messages in flight; those that nothing was heard of for longest are dropped from here on */
#define HC_PARTS_MAX 64      /* lines of a message that its events cite; more are counted only */
#define HC_FIELD_MAX 4096    /* a longer address or id is none */

struct queue {
    char *from, *login, *message, *client;
    GArray *parts; /* struct hc_locator */
    int64_t lines; /* not counted yet */
    bool delivered;
};

/* A line in its parts. */
struct line {
    struct hc_str stamp, host, program, message;
    struct hc_time time;
    struct hc_locator at;
};

struct reader {
    struct hc_sink *sink;
    const struct hc_settings *settings;
    struct hc_year year;
    bool year_assumed;
    GHashTable *young, *old; /* queue id -> struct queue; what is touched is young, what is old is dropped first */
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
    l->host = hc_str_head(rest, (size_t)host);
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

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str rest = peek->head, text;
    struct line l;

    while (rest.n) {
        ptrdiff_t end = hc_str_chr(rest, '\n');
        text = end < 0 ? rest : hc_str_head(rest, (size_t)end);
        rest = hc_str_skip(rest, text.n + 1);
        if (split_line(text, &l) && month_number(l.stamp) && hc_str_starts(l.program, "postfix")) {
            *why = "syslog lines of postfix";
            return 85;
        }
    }
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

static bool ends_address(struct hc_str text, size_t i)
{
    return text.p[i] == '>' && (i + 1 == text.n || text.p[i + 1] == ',' || text.p[i + 1] == ' ' || text.p[i + 1] == ':');
}

/* The '>' that ends an address, behind its '<'; a quoted local part may hold others. */
static ptrdiff_t address_end(struct hc_str text)
{
    size_t from = 0;

    if (text.n && text.p[0] == '"') {
        for (from = 1; from < text.n && text.p[from] != '"'; from++)
            from += text.p[from] == '\\';
        from = from < text.n ? from : 0; /* the quote is not closed: it is none */
    }
    for (size_t i = from; i < text.n; i++)
        if (ends_address(text, i))
            return (ptrdiff_t)i;
    return -1;
}

/* The value at the start of `rest`, which moves behind it; angle brackets are taken off. */
static struct hc_str value(struct hc_str *rest, char until)
{
    bool angle = rest->n && rest->p[0] == '<';
    struct hc_str text = hc_str_skip(*rest, angle), out;
    ptrdiff_t end = angle ? address_end(text) : hc_str_chr(text, until);

    out = end < 0 ? text : hc_str_head(text, (size_t)end);
    *rest = hc_str_skip(text, out.n + angle);
    return out;
}

/* The field `key` of "key=<value>, key=value, ..." from the start on. What stands behind status= is an answer, no field. */
static struct hc_str field(struct hc_str rest, const char *key, char until)
{
    while (rest.n) {
        ptrdiff_t equals = hc_str_chr(rest, '=');
        struct hc_str name = equals < 0 ? HC_STR_NONE : hc_str_head(rest, (size_t)equals), found;
        if (!name.p)
            break;
        rest = hc_str_skip(rest, name.n + 1);
        if (hc_str_is(name, "status"))
            return strcmp(key, "status") == 0 ? rest : HC_STR_NONE;
        found = value(&rest, until);
        if (hc_str_is(name, key))
            return found.n <= HC_FIELD_MAX ? found : HC_STR_NONE;
        while (rest.n && (rest.p[0] == ',' || rest.p[0] == ' '))
            rest = hc_str_skip(rest, 1);
    }
    return HC_STR_NONE;
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
    if (value.p && value.n <= HC_FIELD_MAX && !*to)
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

static GHashTable *queues_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, queue_free);
}

static void drop_all(struct reader *r, GHashTable *queues)
{
    GHashTableIter iter;
    void *q;

    g_hash_table_iter_init(&iter, queues);
    while (g_hash_table_iter_next(&iter, NULL, &q))
        settle(r, q);
    g_hash_table_unref(queues);
}

static void drop(struct reader *r, struct hc_str id, struct queue *q)
{
    g_autofree char *key = hc_str_dup(id);

    settle(r, q);
    g_hash_table_remove(r->young, key);
}

/* Moves a queue to the young, where it is made when there is none. */
static struct queue *find_queue(struct reader *r, struct hc_str id)
{
    g_autofree char *key = hc_str_dup(id);
    struct queue *q = g_hash_table_lookup(r->young, key);
    void *old_key = NULL, *old = NULL;

    if (q)
        return q;
    if (g_hash_table_size(r->young) >= HC_QUEUES_MAX / 2) {
        drop_all(r, r->old);
        r->old = r->young;
        r->young = queues_new();
    }
    if (g_hash_table_steal_extended(r->old, key, &old_key, &old)) {
        g_hash_table_insert(r->young, old_key, old);
        return old;
    }
    q = g_new0(struct queue, 1);
    q->parts = g_array_new(FALSE, FALSE, sizeof(struct hc_locator));
    g_hash_table_insert(r->young, g_steal_pointer(&key), q);
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
    if (hc_str_ends(program, "/discard")) /* thrown away by a rule, which calls it sent */
        return HC_ACTION_AUDIT_OTHER;
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

/* What the lines before have told of the message. */
static void add_queue(struct hc_event *e, struct hc_str id, struct queue *q)
{
    e->actor = q->login ? (struct hc_ref){HC_ENTITY_ACCOUNT, hc_str(q->login)} : mailbox(hc_str(q->from));
    e->txn = (struct hc_ref){HC_ENTITY_TXN, id};
    if (q->message)
        e->message = (struct hc_ref){HC_ENTITY_MESSAGE, hc_str(q->message)};
    if (q->client)
        e->address = (struct hc_ref){HC_ENTITY_ADDRESS, hc_str(q->client)};
    e->parts = (const struct hc_locator *)(void *)q->parts->data;
    e->n_parts = q->parts->len;
    q->delivered = true;
}

static bool push_delivery(struct reader *r, const struct line *l, struct hc_str id, struct queue *q, enum hc_action action,
                          GError **error)
{
    static const char *const kept[] = {"relay", "delay", "dsn", "status", "orig_to"};
    struct hc_str message = hc_str_skip(l->message, id.n + 2);
    struct hc_event e;

    start_event(&e, l, action);
    add_queue(&e, id, q);
    e.target = mailbox(field(message, "to", ','));
    if (q->login && q->from)
        hc_event_add(&e, HC_STR_LIT("from"), hc_str(q->from));
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        hc_event_add(&e, hc_str(kept[i]), field(message, kept[i], ','));
    if (action == HC_ACTION_AUDIT_OTHER)
        e.text = message;
    else
        e.outcome =
            action == HC_ACTION_MAIL_SENT || action == HC_ACTION_MAIL_RECEIVED ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    return hc_sink_event(r->sink, &e, error);
}

/* An id was used again when a message comes in under it: what was heard before belongs to another. */
static struct queue *begin_queue(struct reader *r, struct hc_str id)
{
    struct queue *q = find_queue(r, id);

    if (q->lines || q->delivered || q->parts->len) {
        drop(r, id, q);
        q = find_queue(r, id);
    }
    return q;
}

/* A line that is no event: what it tells, by who wrote it. */
static struct queue *learn(struct reader *r, const struct line *l, struct hc_str id, struct hc_str message)
{
    bool mail = hc_str_ends(l->program, "/smtpd") && hc_str_starts(message, "client=");
    bool local = hc_str_ends(l->program, "/pickup") && hc_str_starts(message, "uid=");
    struct queue *q = mail || local ? begin_queue(r, id) : find_queue(r, id);

    if (mail) {
        set(&q->client, bracketed(field(message, "client", ',')));
        set(&q->login, field(message, "sasl_username", ','));
    } else if (local) {
        set(&q->from, field(message, "from", ' '));
    } else if (hc_str_ends(l->program, "/cleanup") && hc_str_starts(message, "message-id=")) {
        struct hc_str whole = hc_str_skip(message, strlen("message-id="));
        if (whole.n > 1 && whole.p[0] == '<' && whole.p[whole.n - 1] == '>')
            whole = hc_str_n(whole.p + 1, whole.n - 2);
        set(&q->message, whole);
    } else if (hc_str_ends(l->program, "qmgr") && hc_str_starts(message, "from=")) {
        set(&q->from, field(message, "from", ','));
    }
    return q;
}

/* "reject: " or "milter-reject: " at the start of what follows the id; its length, or 0. */
static size_t reject_word(struct hc_str message)
{
    static const char *const words[] = {"reject: ", "milter-reject: "};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (hc_str_starts(message, words[i]))
            return strlen(words[i]);
    return 0;
}

static bool push_reject(struct reader *r, const struct line *l, struct hc_str id, struct queue *q, GError **error);

static bool queue_line(struct reader *r, const struct line *l, struct hc_str id, GError **error)
{
    struct hc_str message = hc_str_skip(l->message, id.n + 2);
    bool delivers = hc_str_starts(message, "to=<") || (hc_str_ends(l->program, "qmgr") && hc_str_starts(message, "from="));
    enum hc_action action = delivers ? delivery(l->program, field(message, "status", ',')) : HC_ACTION_NONE;
    struct queue *q;

    if (reject_word(message))
        return push_reject(r, l, id, find_queue(r, id), error);
    q = learn(r, l, id, message);
    if (action != HC_ACTION_NONE)
        return push_delivery(r, l, id, q, action, error);
    q->lines++;
    if (hc_str_is(message, "removed"))
        drop(r, id, q);
    else if (q->parts->len < HC_PARTS_MAX)
        g_array_append_val(q->parts, l->at);
    return true;
}

/*
 * Where "from=<a> to=<b> ..." begins in a refusal. The answer before it quotes the client's addresses, in angle brackets; that of a
 * refused header quotes the header, which may say anything: the last such place is Postfix's own then.
 */
static struct hc_str reject_fields(struct hc_str text, bool last)
{
    struct hc_str found = HC_STR_NONE;
    bool closed = true; /* where one address has no end, none after it has: they are not all looked for */

    for (size_t i = 0; i < text.n && (last || !found.p); i++) {
        struct hc_str rest = hc_str_skip(text, i);
        ptrdiff_t end = closed && rest.p[0] == '<' ? address_end(hc_str_skip(rest, 1)) : 0;
        if (hc_str_starts(rest, "; from=<"))
            found = hc_str_skip(rest, 2);
        closed = closed && end >= 0;
        i += end > 0 ? (size_t)end : 0;
    }
    return found;
}

/* The host that was refused: before the fields, behind "from". */
static struct hc_str reject_address(struct hc_str text, struct hc_str fields, bool last)
{
    struct hc_str before = fields.p ? hc_str_head(text, (size_t)(fields.p - text.p)) : text;
    const char *open = last && before.n ? memrchr(before.p, '[', before.n) : NULL;

    return bracketed(open ? hc_str_skip(before, (size_t)(open - before.p)) : before);
}

/* "NOQUEUE: reject: RCPT from host[address]: 554 ...; from=<a> to=<b> proto=..."; behind an id when a message was begun. */
static bool push_reject(struct reader *r, const struct line *l, struct hc_str id, struct queue *q, GError **error)
{
    struct hc_str message = hc_str_skip(l->message, id.n + 2), text = hc_str_skip(message, reject_word(message));
    bool quotes = hc_str_ends(l->program, "/cleanup");
    struct hc_str fields = reject_fields(text, quotes), address = reject_address(text, fields, quotes);
    struct hc_event e;

    start_event(&e, l, HC_ACTION_MAIL_REJECTED);
    if (q)
        add_queue(&e, id, q);
    e.outcome = HC_OUTCOME_FAILURE;
    if (!q || !q->login)
        e.actor = mailbox(field(fields, "from", ' '));
    e.target = mailbox(field(fields, "to", ' '));
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    e.text = text;
    return hc_sink_event(r->sink, &e, error);
}

/* "imap-login: Login: user=<a@b>, method=PLAIN, rip=10.0.9.6, ...": the fields, when the line begins so. A failed login shows the name
 * that was tried, which may look like this as well. */
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

static bool push_login(struct reader *r, const struct line *l, struct hc_str fields, GError **error)
{
    struct hc_str address = field(fields, "rip", ',');
    struct hc_event e;

    start_event(&e, l, HC_ACTION_LOGIN_SUCCESS);
    e.outcome = HC_OUTCOME_SUCCESS;
    e.actor = e.target = mailbox(field(fields, "user", ','));
    if (address.n)
        e.address = (struct hc_ref){HC_ENTITY_ADDRESS, address};
    hc_event_add(&e, HC_STR_LIT("method"), field(fields, "method", ','));
    return hc_sink_event(r->sink, &e, error);
}

static bool any_line(struct reader *r, const struct line *l, GError **error)
{
    bool postfix = hc_str_starts(l->program, "postfix");
    struct hc_str id = postfix ? queue_id(l->message) : HC_STR_NONE, fields;

    if (id.p)
        return queue_line(r, l, id, error);
    if (postfix && hc_str_starts(l->message, "NOQUEUE: ") && reject_word(hc_str_skip(l->message, strlen("NOQUEUE: "))))
        return push_reject(r, l, HC_STR_LIT("NOQUEUE"), NULL, error);
    fields = hc_str_is(l->program, "dovecot") ? login_fields(l->message) : HC_STR_NONE;
    if (fields.p)
        return push_login(r, l, fields, error);
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
    hc_sink_host(r->sink, l.host);
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
    bool ok = true;
    int rc = 0;

    set_year(&r);
    r.young = queues_new();
    r.old = queues_new();
    while (ok && (rc = hc_input_line(in, &line, &at, error)) == 1) {
        at.record++;
        ok = read_line(&r, line, &at, error);
    }
    drop_all(&r, r.old);
    drop_all(&r, r.young);
    hc_sink_read(sink, at.record);
    return ok && rc == 0;
}

const struct hc_importer hc_importer_postfix = {
    .name = "postfix",
    .summary = "Postfix mail log, classic syslog",
    .needs = HC_NEEDS_ZONE | HC_NEEDS_YEAR,
    .bid = bid,
    .run = run,
};
