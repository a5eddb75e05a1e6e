/* SPDX-License-Identifier: Apache-2.0 */
/* Records of one message in several sources, answers, and what the mail proves about clocks. Links are
 * between events. */
#include "src/correlate/clock.h"
#include "src/correlate/disagree.h"
#include "src/correlate/skew.h"
#include "src/correlate/statements.h"

#define SAME_MAIL_WITHIN (10 * HC_US_PER_S) /* between two records of a mail of which one keeps no id */
/* ids of a References header that are looked at, from its end */
#define REFERENCES_MAX 64

struct pass {
    struct world *w;
    struct messages *m;
    struct anchors *a;
};

static const struct {
    const char *kind, *because;
} hows[] = {
    [SAME_ID] = {"same-message", "both carry the Message-ID %s"},
    [SAME_ALIAS] = {"message-row", "a row of the service says that its mail is %s"},
    [SAME_WIRE] = {"wire-id",
                   "a Message-ID is the service's id and the domain that the service writes behind it: %s"},
    [SAME_HEADER] = {"header-id", "the service says that the mail it took in carried the Message-ID %s"},
};

static bool link_two(const struct pass *p, const struct sighting *a, const struct sighting *b, GError **error)
{
    enum same_how how = messages_how(p->m, a->message, b->message);
    g_autofree char *id = name_of(p->w, b->message);
    g_autoptr(GString) because = g_string_new(hows[how].because);

    g_string_replace(because, "%s", id, 1);
    return add_link(p->w, hows[how].kind, a->event, b->event, because->str, error);
}

/* The first record of each source with the first of all. */
static bool link_message(const struct pass *p, const GArray *all, GError **error)
{
    const struct sighting *first = &g_array_index(all, struct sighting, 0);

    for (guint i = 1; i < all->len; i++) {
        const struct sighting *s = &g_array_index(all, struct sighting, i);
        bool seen = false;
        for (guint j = 0; j < i && !seen; j++)
            seen = g_array_index(all, struct sighting, j).source == s->source;
        if (!seen && !link_two(p, first, s, error))
            return false;
    }
    return true;
}

static bool take_message(void *data, const GArray *sightings, GError **error)
{
    struct pass *p = data;

    anchors_of_message(p->a, p->m, sightings);
    return link_message(p, sightings, error);
}

/* The first record of the message of this Message-ID; 0: there is none. */
static int64_t event_of_id(struct world *w, const char *id)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "message_named", "it", (int64_t)HC_ENTITY_MESSAGE, id);
    int64_t message = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0, event;

    hc_stmt_reset(st);
    if (!message)
        return 0;
    st = hc_db_query(w->db, "correlate", "first_of_message", "i", message);
    event = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;
    hc_stmt_reset(st);
    return event;
}

/* The last id of the list that any record carries. */
static bool link_last(struct world *w, const char *list, int64_t event, const char *because, bool *found,
                      GError **error)
{
    g_auto(GStrv) ids = list ? g_strsplit_set(list, " \t\r\n<>,", -1) : NULL;
    guint n = ids ? g_strv_length(ids) : 0, looked = 0;

    for (guint i = n; i > 0 && !*found && looked < REFERENCES_MAX; i--) {
        g_autofree char *why = NULL;
        int64_t answered;
        if (!*ids[i - 1])
            continue;
        looked++;
        answered = event_of_id(w, ids[i - 1]);
        if (!answered || answered == event)
            continue;
        *found = true;
        why = g_strdup_printf("%s %s", because, ids[i - 1]);
        if (!add_link(w, "reply", answered, event, why, error))
            return false;
    }
    return true;
}

/* A report about a message (a bounce, a receipt) carries its id: from the machine's part, or from the headers
 * that it brings back. */
static bool link_report(struct world *w, int64_t message, int64_t event, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "first_of_message", "i", message);
    int64_t about = hc_step(st, error) == 1 ? hc_col_int(st, 0) : 0;
    g_autofree char *id = name_of(w, message),
                    *because = g_strdup_printf("the report names the Message-ID %s", id);

    hc_stmt_reset(st);
    return !about || about == event || add_link(w, "bounce", about, event, because, error);
}

static bool link_replies(const struct pass *p, GError **error)
{
    const GArray *copies = messages_in_mailboxes(p->m);

    for (guint i = 0; i < copies->len; i++) {
        int64_t event = g_array_index(copies, int64_t, i);
        hc_stmt *st = hc_db_query(p->w->db, "correlate", "answers", "i", event);
        bool any = hc_step(st, error) == 1, found = false;
        int64_t reported = any ? hc_col_int(st, 0) : 0;
        g_autofree char *to = any ? hc_col_dup(st, 1) : NULL, *references = any ? hc_col_dup(st, 2) : NULL;
        hc_stmt_reset(st);
        if (!any || !link_last(p->w, to, event, "In-Reply-To names", &found, error) ||
            !link_last(p->w, references, event, "References name", &found, error) ||
            (reported && !link_report(p->w, reported, event, error)))
            return false;
    }
    return true;
}

/* Both of the pair have to be the only one for the other. */
static bool link_same_mails(const struct pass *p, GError **error)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, 2 * sizeof(int64_t));
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    hc_stmt *st = hc_db_query(p->w->db, "correlate", "same_mails", "ii", (int64_t)HC_ACTION_MAIL_SENT,
                              (int64_t)SAME_MAIL_WITHIN);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t pair[2] = {hc_col_int(st, 0), hc_col_int(st, 1)};
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(taken, &pair[1]));
        g_array_append_vals(pairs, pair, 1);
        g_hash_table_insert(taken, g_memdup2(&pair[1], sizeof(pair[1])), GUINT_TO_POINTER(n + 1));
    }
    for (guint i = 0; rc == 0 && i < pairs->len; i++) {
        const int64_t *pair = (const int64_t *)(void *)(pairs->data + 2 * sizeof(int64_t) * i);
        if (GPOINTER_TO_UINT(g_hash_table_lookup(taken, &pair[1])) == 1 &&
            !add_link(
                p->w, "same-mail", pair[1], pair[0],
                "no id: the only two records of a mail to this mailbox with this subject within ten seconds",
                error))
            return false;
    }
    return rc == 0;
}

/* One record cannot be before the other by so much, whatever the clocks are known to be. */
struct breach {
    const struct anchor *pair;
    int64_t by; /* microseconds */
    guint n;    /* how many pairs of these two sources */
};

/* A reading by the clock that it was made with, as far as that is known; else as it stands, with what two
 * clocks may be apart. */
static struct hc_time reading_of(const struct world *w, int64_t source, int64_t earliest, int64_t latest)
{
    struct hc_time t = {earliest, latest, HC_PRECISION_US, 0};

    if (correct_time(w, source, &t.earliest, &t.latest))
        return t;
    t.earliest -= HC_SKEW_NOISE / 2;
    t.latest += HC_SKEW_NOISE / 2;
    return t;
}

static void find_breach(const struct pass *p, const struct anchor *pair, GHashTable *worst)
{
    const struct hc_time x = reading_of(p->w, pair->x.source, pair->x.earliest, pair->x.latest),
                         y = reading_of(p->w, pair->y.source, pair->y.earliest - ANCHOR_SLACK,
                                        pair->y.latest + ANCHOR_SLACK);
    int64_t both = MIN(pair->x.source, pair->y.source) << 32 | MAX(pair->x.source, pair->y.source),
            by = x.earliest - y.latest;
    struct breach *b;

    if (hc_time_before(&y, &x) != HC_CERTAIN)
        return;
    b = g_hash_table_lookup(worst, &both);
    if (!b) {
        b = g_new0(struct breach, 1);
        g_hash_table_insert(worst, g_memdup2(&both, sizeof both), b);
    }
    b->n++;
    if (b->by && (by < b->by || (by == b->by && pair->x.event >= b->pair->x.event)))
        return;
    b->by = by;
    b->pair = pair;
}

static bool tell_breach(struct world *w, const struct breach *b, GError **error)
{
    const struct anchor *p = b->pair;
    g_autofree char *said = time_text(p->x.earliest, p->x.latest),
                    *contradicts = time_text(p->y.earliest, p->y.latest);
    g_autofree char *more =
        b->n > 1 ? g_strdup_printf("; so do %u more pairs of these two sources, by less", b->n - 1)
                 : g_strdup("");
    g_autofree char *because = g_strdup_printf("the first cannot be later: %s%s", p->because, more);
    const struct disagreement d = {.about = "time",
                                   .event = p->x.event,
                                   .other = p->y.event,
                                   .said = said,
                                   .contradicts = contradicts,
                                   .because = because};

    return add_disagreement(w, &d, error);
}

/* Of each two sources the pair that contradicts the most. */
static bool tell_breaches(const struct pass *p, GError **error)
{
    g_autoptr(GHashTable) worst = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    GHashTableIter i;
    void *b;
    bool ok = true;

    for (guint k = 0; k < p->a->pairs->len; k++)
        find_breach(p, &g_array_index(p->a->pairs, struct anchor, k), worst);
    g_hash_table_iter_init(&i, worst); /* told in the order of the table of disagreements */
    while (ok && g_hash_table_iter_next(&i, NULL, &b))
        ok = tell_breach(p->w, b, error);
    return ok;
}

bool pass_mail(struct world *w, GError **error)
{
    struct pass p = {w, messages_new(w, error), NULL};
    bool ok = p.m && (p.a = anchors_new(w, error)) != NULL && messages_each(p.m, take_message, &p, error) &&
              anchors_of_hops(w, p.a, messages_in_mailboxes(p.m), error) &&
              anchors_of_statements(w, p.a, error) && (w->clocks = clocks_new(w, p.a, error)) != NULL &&
              tell_breaches(&p, error) && link_replies(&p, error) && link_same_mails(&p, error);

    messages_free(p.m);
    anchors_free(p.a);
    return ok;
}
