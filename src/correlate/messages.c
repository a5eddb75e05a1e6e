/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/messages.h"

#define SEVERAL (-1)

struct messages {
    struct world *w;
    GArray *same;       /* int64_t by entity: the message it belongs to, the lowest id of it; 0: itself */
    GArray *how;        /* uint8_t by entity: enum same_how */
    GArray *source;     /* int64_t by message: the one source that tells of it, SEVERAL, 0 */
    GArray *mailbox;    /* bool by source */
    GArray *copies;     /* int64_t events of mailboxes */
    GPtrArray *domains; /* struct hc_pattern: of Message-IDs behind the '@' */
};

static void pattern_free(void *pattern)
{
    hc_pattern_free(pattern);
}

void messages_free(struct messages *m)
{
    if (!m)
        return;
    g_array_unref(m->same);
    g_array_unref(m->how);
    g_array_unref(m->source);
    g_array_unref(m->mailbox);
    g_array_unref(m->copies);
    g_ptr_array_unref(m->domains);
    g_free(m);
}

static int64_t message_of(const struct messages *m, int64_t entity)
{
    int64_t same;

    while (entity > 0 && entity < m->same->len && (same = g_array_index(m->same, int64_t, entity)) != 0)
        entity = same;
    return entity;
}

enum same_how messages_how(const struct messages *m, int64_t a, int64_t b)
{
    enum same_how x = (enum same_how)g_array_index(m->how, uint8_t, a),
                  y = (enum same_how)g_array_index(m->how, uint8_t, b);

    return a == b ? SAME_ID : MAX(x, y);
}

/* `id` is another id of the message `of`. What was known of either already stays. */
static void join(struct messages *m, int64_t id, int64_t of, enum same_how how)
{
    int64_t a = message_of(m, id), b = message_of(m, of);

    if (a == b)
        return;
    g_array_index(m->same, int64_t, MAX(a, b)) = MIN(a, b);
    g_array_index(m->how, uint8_t, id) = (uint8_t)how;
}

/* An id that several rows give to different messages is that of none. */
static bool join_aliases(struct messages *m, GError **error)
{
    hc_stmt *st = hc_db_query(m->w->db, "correlate", "message_aliases", "i", (int64_t)HC_ENTITY_MESSAGE_ID);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        join(m, hc_col_int(st, 0), hc_col_int(st, 1), SAME_ALIAS);
    return rc == 0;
}

static bool load_domains(struct messages *m, GError **error)
{
    hc_stmt *st = hc_db_stmt(m->w->db, "correlate", "message_domains");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *text = hc_col_dup(st, 0);
        struct hc_pattern *pattern = hc_pattern_new(text, "profile, service.message", error);
        if (!pattern) {
            hc_stmt_reset(st);
            return false;
        }
        g_ptr_array_add(m->domains, pattern);
    }
    return rc == 0;
}

static bool is_domain(const struct messages *m, struct hc_str domain)
{
    struct hc_str captures[HC_CAPTURES_MAX];

    for (guint i = 0; i < m->domains->len; i++)
        if (hc_pattern_match(m->domains->pdata[i], domain, captures))
            return true;
    return false;
}

static bool join_wires(struct messages *m, GError **error)
{
    hc_stmt *st;
    int rc = 0;

    if (!load_domains(m, error))
        return false;
    if (!m->domains->len)
        return true;
    st = hc_db_query(m->w->db, "correlate", "message_wires", "i", (int64_t)HC_ENTITY_MESSAGE);
    while ((rc = hc_step(st, error)) == 1)
        if (is_domain(m, hc_col_text(st, 2)))
            join(m, hc_col_int(st, 1), hc_col_int(st, 0), SAME_WIRE);
    return rc == 0;
}

/* The header is text: the entity of that key, without its angle brackets. */
static bool join_headers(struct messages *m, GError **error)
{
    hc_stmt *st = hc_db_query(m->w->db, "correlate", "message_headers", "i", (int64_t)HC_ENTITY_MESSAGE);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        join(m, hc_col_int(st, 1), hc_col_int(st, 0), SAME_HEADER);
    return rc == 0;
}

static bool load_mailboxes(struct messages *m, GError **error)
{
    hc_stmt *st = hc_db_stmt(m->w->db, "correlate", "mailbox_sources");
    bool yes = true;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0);
        if (id >= m->mailbox->len)
            g_array_set_size(m->mailbox, (guint)id + 1);
        g_array_index(m->mailbox, bool, id) = yes;
    }
    return rc == 0;
}

static bool is_mailbox(const struct messages *m, int64_t source)
{
    return source < m->mailbox->len && g_array_index(m->mailbox, bool, source);
}

/* One look at all events: which messages do several sources tell of? */
static bool survey(struct messages *m, GError **error)
{
    hc_stmt *st = hc_db_stmt(m->w->db, "correlate", "message_events");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t event = hc_col_int(st, 0), message = message_of(m, hc_col_int(st, 1)),
                source = hc_col_int(st, 2);
        int64_t *known = &g_array_index(m->source, int64_t, message);
        *known = !*known || *known == source ? source : SEVERAL;
        if (is_mailbox(m, source))
            g_array_append_val(m->copies, event);
    }
    return rc == 0;
}

struct messages *messages_new(struct world *w, GError **error)
{
    struct messages *m = g_new0(struct messages, 1);

    m->w = w;
    m->same = g_array_new(FALSE, TRUE, sizeof(int64_t));
    m->how = g_array_new(FALSE, TRUE, sizeof(uint8_t));
    m->source = g_array_new(FALSE, TRUE, sizeof(int64_t));
    m->mailbox = g_array_new(FALSE, TRUE, sizeof(bool));
    m->copies = g_array_new(FALSE, FALSE, sizeof(int64_t));
    m->domains = g_ptr_array_new_with_free_func(pattern_free);
    g_array_set_size(m->same, w->canonical->len);
    g_array_set_size(m->how, w->canonical->len);
    g_array_set_size(m->source, w->canonical->len);
    if (join_aliases(m, error) && join_wires(m, error) && join_headers(m, error) &&
        load_mailboxes(m, error) && survey(m, error))
        return m;
    messages_free(m);
    return NULL;
}

const GArray *messages_in_mailboxes(const struct messages *m)
{
    return m->copies;
}

static void sighting_clear(void *data)
{
    struct sighting *s = data;

    g_free(s->txn);
    g_free(s->answer);
    g_free(s->reporter);
}

int64_t messages_delay(struct hc_str text)
{
    struct hc_time time;

    if (text.n > 1 && text.p[text.n - 1] == 's')
        text = hc_str_head(text, text.n - 1);
    return text.p && text.n && hc_time_epoch(text, "s", &time) && time.earliest >= 0 ? time.earliest : -1;
}

static struct sighting read_sighting(const struct messages *m, hc_stmt *st, int64_t message)
{
    struct sighting s = {.event = hc_col_int(st, 0),
                         .source = hc_col_int(st, 1),
                         .message = message,
                         .target = hc_col_int(st, 2)};
    struct hc_str accepted = hc_col_text(st, 8);
    struct hc_time time;

    s.action = (enum hc_action)hc_col_int(st, 3);
    s.dated = hc_col_int(st, 4) != HC_PRECISION_NONE;
    s.earliest = hc_col_int(st, 5);
    s.latest = s.earliest + hc_col_int(st, 6);
    s.delay = messages_delay(hc_col_text(st, 7));
    s.has_accepted =
        accepted.p && hc_time_iso(accepted, NULL, false, &time) && (time.basis & HC_BASIS_OFFSET);
    s.accepted = s.has_accepted ? time.earliest : 0;
    s.mailbox = is_mailbox(m, s.source);
    s.txn = hc_col_dup(st, 9);
    s.answer = hc_col_dup(st, 10);
    s.reporter = hc_col_dup(st, 11);
    return s;
}

static bool read_sightings(struct messages *m, int64_t id, GArray *all, GError **error)
{
    hc_stmt *st = hc_db_query(m->w->db, "correlate", "sightings", "i", id);
    int rc = 1;

    while (all->len < SIGHTINGS_MAX && (rc = hc_step(st, error)) == 1) {
        struct sighting s = read_sighting(m, st, id);
        g_array_append_val(all, s);
    }
    hc_stmt_reset(st);
    return rc >= 0;
}

static int by_event(const void *a, const void *b)
{
    int64_t x = ((const struct sighting *)a)->event, y = ((const struct sighting *)b)->event;

    return x < y ? -1 : x > y;
}

struct member {
    int64_t message, id;
};

static int by_message(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->message != y->message)
        return x->message < y->message ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* All ids of the messages that several sources tell of. */
static GArray *find_members(const struct messages *m)
{
    GArray *members = g_array_new(FALSE, FALSE, sizeof(struct member));

    for (int64_t id = 1; id < m->same->len; id++) {
        struct member one = {message_of(m, id), id};
        if (g_array_index(m->source, int64_t, one.message) == SEVERAL)
            g_array_append_val(members, one);
    }
    g_array_sort(members, by_message);
    return members;
}

bool messages_each(struct messages *m, message_fn each, void *data, GError **error)
{
    g_autoptr(GArray) members = find_members(m), all = g_array_new(FALSE, TRUE, sizeof(struct sighting));
    bool ok = true;

    g_array_set_clear_func(all, sighting_clear);
    for (guint i = 0; ok && i < members->len; i++) {
        const struct member *one = &g_array_index(members, struct member, i);
        ok = read_sightings(m, one->id, all, error);
        if (!ok || (i + 1 < members->len && one[1].message == one->message))
            continue;
        g_array_sort(all, by_event);
        ok = all->len == 0 || each(data, all, error);
        g_array_set_size(all, 0);
    }
    return ok;
}
