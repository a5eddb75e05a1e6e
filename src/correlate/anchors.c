/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/anchors.h"

#include "src/base/host.h"

/* One message while its pairs are looked for. */
struct look {
    struct anchors *a;
    const struct messages *m;
    const GArray *all; /* struct sighting */
};

void anchors_free(struct anchors *a)
{
    if (!a)
        return;
    g_array_unref(a->sources);
    g_array_unref(a->groups);
    g_ptr_array_unref(a->names);
    g_array_unref(a->pairs);
    g_free(a);
}

/* "mail.log" of mail.log, mail.log.1, mail.log.2.gz and mail.log-20240101: what rotation and packing add is
 * taken off. */
static char *stem_of(const char *path)
{
    static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst"};
    char *stem = g_strdup(path);
    size_t n = strlen(stem), digits;

    for (size_t i = 0; i < G_N_ELEMENTS(packed); i++)
        if (g_str_has_suffix(stem, packed[i]))
            n -= strlen(packed[i]);
    stem[n] = '\0';
    for (digits = 0; digits < n && g_ascii_isdigit(stem[n - digits - 1]); digits++)
        ;
    if (digits && digits < n && (stem[n - digits - 1] == '.' || stem[n - digits - 1] == '-'))
        stem[n - digits - 1] = '\0';
    return stem;
}

/* The clock of this name, which is made where there is none. */
static int group_of(struct anchors *a, const char *name, bool host)
{
    for (guint i = 0; i < a->names->len; i++) {
        const char *known = a->names->pdata[i];
        if (host ? hc_host_same(hc_str(known), hc_str(name)) : strcmp(known, name) == 0)
            return (int)i;
    }
    g_ptr_array_add(a->names, g_strdup(name));
    return (int)a->names->len - 1;
}

static void add_source(struct anchors *a, hc_stmt *st)
{
    struct clock_source s = {.id = hc_col_int(st, 0), .group = -1, .told = hc_col_int(st, 5)};
    g_autofree char *host = hc_col_dup(st, 2), *path = hc_col_dup(st, 1), *stem = stem_of(path);

    if (hc_col_int(st, 3) && !hc_col_int(st, 4))
        s.group = group_of(a, host ? host : stem, host != NULL);
    g_array_append_val(a->sources, s);
    if (s.id >= a->groups->len)
        g_array_set_size(a->groups, (guint)s.id + 1);
    g_array_index(a->groups, int, s.id) = s.group + 1;
}

struct anchors *anchors_new(struct world *w, GError **error)
{
    struct anchors *a = g_new0(struct anchors, 1);
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "clock_sources");
    int rc;

    a->sources = g_array_new(FALSE, FALSE, sizeof(struct clock_source));
    a->groups = g_array_new(FALSE, TRUE, sizeof(int));
    a->names = g_ptr_array_new_with_free_func(g_free);
    a->pairs = g_array_new(FALSE, TRUE, sizeof(struct anchor));
    while ((rc = hc_step(st, error)) == 1)
        add_source(a, st);
    if (rc == 0)
        return a;
    anchors_free(a);
    return NULL;
}

int anchors_group(const struct anchors *a, int64_t source)
{
    return source < a->groups->len ? g_array_index(a->groups, int, source) - 1 : -1;
}

static const struct sighting *sighting(const struct look *l, guint i)
{
    return &g_array_index(l->all, struct sighting, i);
}

static int group(const struct look *l, const struct sighting *s)
{
    return anchors_group(l->a, s->source);
}

static struct moment at_record(const struct sighting *s)
{
    return (struct moment){s->dated ? s->event : 0, s->source, s->earliest, s->latest};
}

/* When it came to this host: the delay before. */
static struct moment at_arrival(const struct sighting *s)
{
    struct moment m = at_record(s);

    if (s->mailbox) /* its Received line */
        return m;
    m.event = s->delay < 0 ? 0 : m.event;
    m.earliest -= s->delay;
    m.latest -= s->delay;
    return m;
}

/* At the latest at this moment it had come to this host. */
static struct moment by_arrival(const struct sighting *s)
{
    return s->delay < 0 || s->mailbox ? at_record(s) : at_arrival(s);
}

void anchors_add(struct anchors *a, struct moment x, struct moment y, const char *because)
{
    struct anchor p = {.because = because};

    p.x.group = anchors_group(a, x.source);
    p.y.group = anchors_group(a, y.source);
    if (!x.event || !y.event || p.x.group == p.y.group)
        return;
    p.x.event = x.event;
    p.x.source = x.source;
    p.x.earliest = x.earliest;
    p.x.latest = x.latest;
    p.y.event = y.event;
    p.y.source = y.source;
    p.y.earliest = y.earliest;
    p.y.latest = y.latest;
    g_array_append_val(a->pairs, p);
}

static void add_pair(const struct look *l, struct moment x, struct moment y, const char *because)
{
    anchors_add(l->a, x, y, because);
}

static bool has_text(const char *text, const char *word)
{
    for (const char *p = text && word && *word ? strstr(text, word) : NULL; p; p = strstr(p + 1, word))
        if ((p == text || !g_ascii_isalnum(p[-1])) && !g_ascii_isalnum(p[strlen(word)]))
            return true;
    return false;
}

/* The host's first record of the message. */
static const struct sighting *first_of_group(const struct look *l, int group_no)
{
    const struct sighting *first = NULL;

    for (guint i = 0; i < l->all->len; i++) {
        const struct sighting *s = sighting(l, i);
        if (s->dated && group(l, s) == group_no &&
            (!first || by_arrival(s).latest < by_arrival(first).latest))
            first = s;
    }
    return first;
}

/* The latest moment at which a service says that it sent the message: by its row, or because it says when it
 * took it in. */
static struct moment sent_by_service(const struct look *l, const struct sighting *host)
{
    struct moment best = {0};

    for (guint i = 0; i < l->all->len; i++) {
        const struct sighting *s = sighting(l, i);
        struct moment m = at_record(s);
        if (group(l, s) >= 0 || messages_how(l->m, s->message, host->message) == SAME_HEADER ||
            s->action == HC_ACTION_MAIL_RECEIVED || (s->action != HC_ACTION_MAIL_SENT && !s->has_accepted))
            continue;
        if (s->has_accepted)
            m.earliest = m.latest = s->accepted;
        if (m.event && (!best.event || m.earliest > best.earliest))
            best = m;
    }
    return best;
}

/* A host that logs the sender's own Message-ID handed the mail to the service: it had it before, and was
 * answered after. */
static void around_hand_over(const struct look *l, const struct sighting *host)
{
    for (guint i = 0; i < l->all->len; i++) {
        const struct sighting *s = sighting(l, i);
        struct moment taken = at_record(s);
        if (group(l, s) >= 0 || !s->has_accepted ||
            messages_how(l->m, s->message, host->message) != SAME_HEADER)
            continue;
        taken.earliest = taken.latest = s->accepted;
        add_pair(l, at_arrival(host), taken, "the host had the message before the service took it in");
        if (host->action == HC_ACTION_MAIL_SENT && host->target == s->target)
            add_pair(l, taken, at_record(host), "the service took it in before the host noted its answer");
        return;
    }
}

/* What proves that the host had the message before this confirmation: it reported it itself, or its queue id
 * is in the answer. */
static void before_confirmation(const struct look *l, const struct sighting *s, const struct sighting *host)
{
    const char *name = l->a->names->pdata[group(l, host)];
    struct hc_str reporter = hc_str(s->reporter);
    ptrdiff_t type = hc_str_chr(reporter, ';'); /* "dns; host" */

    reporter = hc_str_trim(hc_str_skip(reporter, (size_t)(type + 1)));
    if (!host->mailbox && hc_host_same(reporter, hc_str(name)))
        add_pair(l, at_record(host), at_record(s), "the host reported this outcome, which its own line says");
    else if (has_text(s->answer, host->txn))
        add_pair(l, at_arrival(host), at_record(s),
                 "the answer that the service was given names the queue id of the host");
}

static bool confirms(const struct sighting *s)
{
    return s->action == HC_ACTION_MAIL_DELIVERED || s->action == HC_ACTION_MAIL_BOUNCED;
}

static bool hands_over(const struct sighting *s)
{
    return s->action == HC_ACTION_MAIL_SENT || s->action == HC_ACTION_MAIL_RECEIVED ||
           s->action == HC_ACTION_MAIL_BOUNCED;
}

/* One confirmation, one record of the host: more of either for one recipient prove nothing. */
static const struct sighting *only(const struct look *l, bool (*is)(const struct sighting *s), int group_no,
                                   int64_t target)
{
    const struct sighting *found = NULL;

    for (guint i = 0; i < l->all->len; i++) {
        const struct sighting *s = sighting(l, i);
        if (!s->dated || s->mailbox || s->target != target || !is(s) || group(l, s) != group_no)
            continue;
        if (found && found->source == s->source)
            return NULL;
        found = found ? found : s;
    }
    return found;
}

static void with_services(const struct look *l)
{
    for (int g = 0; g < (int)l->a->names->len; g++) {
        const struct sighting *first = first_of_group(l, g);
        if (!first)
            continue;
        add_pair(l, sent_by_service(l, first), by_arrival(first),
                 "the service sent the message before the host had it");
        around_hand_over(l, first);
    }
    for (guint i = 0; i < l->all->len; i++) {
        const struct sighting *host = sighting(l, i), *s;
        int g = group(l, host);
        if (g < 0 || !hands_over(host) || only(l, hands_over, g, host->target) != host)
            continue;
        s = only(l, confirms, -1, host->target);
        if (s)
            before_confirmation(l, s, host);
    }
}

/* `a` handed it to `b`, whose queue id is in the answer that `a` was given; or both are of one host's mailbox
 * and log. */
static void between(const struct look *l, const struct sighting *a, const struct sighting *b)
{
    if (a->mailbox || a->target != b->target || !a->dated || !b->dated)
        return;
    if (b->mailbox && b->action == HC_ACTION_MAIL_BOUNCED) /* a report about it, which came later */
        return;
    if (b->mailbox) {
        add_pair(l, at_arrival(a), at_record(b),
                 "the host had the message before it was put into the mailbox");
        if (a->action == HC_ACTION_MAIL_RECEIVED)
            add_pair(l, at_record(b), at_record(a),
                     "the host noted its delivery after the mailbox's host had received it");
    } else if (a->action == HC_ACTION_MAIL_SENT && has_text(a->answer, b->txn)) {
        add_pair(l, at_arrival(a), by_arrival(b),
                 "one host handed it to the other, whose queue id it was told");
        add_pair(l, at_arrival(b), at_record(a), "one host had it before the other noted its answer");
    }
}

static void with_hosts(const struct look *l)
{
    for (guint i = 0; i < l->all->len; i++)
        for (guint j = 0; j < l->all->len; j++)
            if (i != j && group(l, sighting(l, i)) >= 0 && group(l, sighting(l, j)) >= 0 &&
                group(l, sighting(l, i)) != group(l, sighting(l, j)))
                between(l, sighting(l, i), sighting(l, j));
}

#define PAIRED_MAX 64 /* a message of more records than this goes round: no pairs are looked for in it */

void anchors_of_message(struct anchors *a, const struct messages *m, const GArray *sightings)
{
    struct look l = {a, m, sightings};

    if (!a->names->len || sightings->len > PAIRED_MAX)
        return;
    with_services(&l);
    with_hosts(&l);
}
