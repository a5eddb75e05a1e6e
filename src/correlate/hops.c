/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Received lines. A message in the mailbox of one host names the hosts that had it before, and the queue ids
 * that they gave it. Such a line is the word of whoever handed the message in; it is believed where the named
 * host's own log has this queue id, at this time of its clock. Nobody can know both before they were, so that
 * even a forged line proves the order: the host had the message before it came into the mailbox.
 */
#include "src/base/host.h"
#include "src/base/json.h"
#include "src/correlate/anchors.h"

#define HOP_AGREES (10 * HC_US_PER_S) /* a Received line and its host's log, by one clock */
#define HOPS_MAX 32                   /* lines of one message that are looked at, from the newest */

/* A line that may be held against a log. */
struct hop {
    int group;
    int64_t time;          /* as the line says */
    struct moment mailbox; /* when the message came into the mailbox */
    struct moment had;     /* when the host had it, by its log; .event 0: its log does not say */
};

struct search {
    struct world *w;
    struct anchors *a;
    GArray *hops;    /* struct hop, in the order of mailboxes */
    GHashTable *ids; /* queue id, an entity -> GArray of guint: its hops */
};

static char *text_at(struct hc_str hop, const char *name)
{
    struct hc_str value = hc_json_get(hop, name);
    g_autoptr(GString) out = g_string_new(NULL);

    return value.p && hc_json_text(value, out) ? g_strdup(out->str) : NULL;
}

static int group_named(const struct anchors *a, const char *host)
{
    for (guint i = 0; host && i < a->names->len; i++)
        if (hc_host_same(hc_str(a->names->pdata[i]), hc_str(host)))
            return (int)i;
    return -1;
}

static int64_t queue_id(struct search *s, const char *id)
{
    hc_stmt *st = hc_db_query(s->w->db, "correlate", "message_named", "it", (int64_t)HC_ENTITY_TXN, id);
    int64_t entity = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return entity;
}

static void keep_hop(struct search *s, struct hc_str line, struct moment mailbox)
{
    g_autofree char *by = text_at(line, "by"), *id = text_at(line, "id"), *date = text_at(line, "time");
    struct hop hop = {.group = group_named(s->a, by), .mailbox = mailbox};
    struct hc_time time;
    int64_t entity;
    GArray *known;
    guint no = s->hops->len;

    if (hop.group < 0 || !id || !date || !hc_time_iso(hc_str(date), NULL, false, &time) ||
        !(entity = queue_id(s, id)))
        return;
    hop.time = time.earliest;
    g_array_append_val(s->hops, hop);
    known = g_hash_table_lookup(s->ids, &entity);
    if (!known) {
        known = g_array_new(FALSE, FALSE, sizeof(guint));
        g_hash_table_insert(s->ids, g_memdup2(&entity, sizeof(entity)), known);
    }
    g_array_append_val(known, no);
}

/* The newest line is that of the mailbox's own host, which dates the message. */
static void keep_hops(struct search *s, struct hc_str list, struct moment mailbox)
{
    size_t pos = 0;
    struct hc_str line;

    for (int i = 0; i < HOPS_MAX && (line = hc_json_next(list, &pos, NULL)).p; i++)
        if (i)
            keep_hop(s, line, mailbox);
}

static bool read_mailboxes(struct search *s, const GArray *copies, GError **error)
{
    for (guint i = 0; i < copies->len; i++) {
        hc_stmt *st = hc_db_query(s->w->db, "correlate", "received", "i", g_array_index(copies, int64_t, i));
        int rc = hc_step(st, error);
        if (rc == 1) {
            struct moment m = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2),
                               hc_col_int(st, 2) + hc_col_int(st, 3)};
            g_autofree char *list = hc_col_dup(st, 4);
            hc_stmt_reset(st);
            keep_hops(s, hc_str(list), m);
        }
        hc_stmt_reset(st);
        if (rc < 0)
            return false;
    }
    return true;
}

/* A record of the log with one of the ids. */
static void take_record(struct search *s, hc_stmt *st)
{
    int64_t txn = hc_col_int(st, 4), delay = MAX(messages_delay(hc_col_text(st, 5)), 0);
    struct moment m = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2) - delay,
                       hc_col_int(st, 2) + hc_col_int(st, 3) - delay};
    const GArray *known = g_hash_table_lookup(s->ids, &txn);

    for (guint i = 0; known && i < known->len; i++) {
        struct hop *hop = &g_array_index(s->hops, struct hop, g_array_index(known, guint, i));
        if (anchors_group(s->a, m.source) == hop->group && hop->time >= m.earliest - HOP_AGREES &&
            hop->time <= m.latest + HOP_AGREES && (!hop->had.event || m.latest < hop->had.latest))
            hop->had = m;
    }
}

static bool read_logs(struct search *s, GError **error)
{
    hc_stmt *st = hc_db_stmt(s->w->db, "correlate", "queued");
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        take_record(s, st);
    return rc == 0;
}

/* Of a host and a mailbox's record; what its Message-ID has told already is not told twice. */
struct told {
    int64_t event;
    int group;
};

static guint told_hash(gconstpointer p)
{
    const struct told *t = p;

    return g_int64_hash(&t->event) * 31 + (guint)t->group;
}

static gboolean told_equal(gconstpointer a, gconstpointer b)
{
    const struct told *x = a, *y = b;

    return x->event == y->event && x->group == y->group;
}

/* False: it was there. */
static bool tell(GHashTable *all, int64_t event, int group)
{
    struct told one = {.event = event, .group = group};

    return g_hash_table_add(all, g_memdup2(&one, sizeof(one)));
}

static void add_pairs(const struct search *s)
{
    g_autoptr(GHashTable) all = g_hash_table_new_full(told_hash, told_equal, g_free, NULL);

    for (guint i = 0; i < s->a->pairs->len; i++) {
        const struct anchor *p = &g_array_index(s->a->pairs, struct anchor, i);
        tell(all, p->y.event, p->x.group);
    }
    for (guint i = 0; i < s->hops->len; i++) {
        const struct hop *hop = &g_array_index(s->hops, struct hop, i);
        if (hop->had.event && tell(all, hop->mailbox.event, hop->group))
            anchors_add(s->a, hop->had, hop->mailbox,
                        "the host, whose Received line names its queue id, had the message before it was put "
                        "into the mailbox");
    }
}

bool anchors_of_hops(struct world *w, struct anchors *a, const GArray *copies, GError **error)
{
    struct search s = {w, a, g_array_new(FALSE, TRUE, sizeof(struct hop)), NULL};
    bool ok;

    s.ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    ok = a->names->len == 0 ||
         (read_mailboxes(&s, copies, error) && (s.hops->len == 0 || read_logs(&s, error)));
    if (ok)
        add_pairs(&s);
    g_array_unref(s.hops);
    g_hash_table_unref(s.ids);
    return ok;
}
