/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/falls.h"

#include "src/base/keyed.h"

struct hc_falls {
    GHashTable *marks; /* host -> int64_t: the latest time of a line of it */
    GString *host;     /* of the line before ... */
    int64_t *mark;     /* ... and its mark; NULL: there is none */
};

struct hc_falls *hc_falls_new(void)
{
    struct hc_falls *f = g_new0(struct hc_falls, 1);

    f->marks = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);
    f->host = g_string_new(NULL);
    return f;
}

void hc_falls_free(struct hc_falls *f)
{
    g_hash_table_unref(f->marks);
    g_string_free(f->host, TRUE);
    g_free(f);
}

/* The mark of a host; NULL: there are too many. */
static int64_t *mark_of(struct hc_falls *f, struct hc_str host)
{
    if (f->mark && f->host->len == host.n && (!host.n || memcmp(f->host->str, host.p, host.n) == 0))
        return f->mark;
    g_string_truncate(f->host, 0);
    g_string_append_len(f->host, host.n ? host.p : "", (gssize)host.n);
    f->mark = g_hash_table_lookup(f->marks, f->host->str);
    if (!f->mark && g_hash_table_size(f->marks) < HC_CLOCK_HOSTS_MAX) {
        f->mark = g_memdup2(&(int64_t){INT64_MIN}, sizeof *f->mark);
        g_hash_table_insert(f->marks, g_strdup(f->host->str), f->mark);
    }
    return f->mark;
}

void hc_falls_see(struct hc_falls *f, struct hc_logline *l)
{
    int64_t *mark = l->time.precision == HC_PRECISION_NONE ? NULL : mark_of(f, l->host);

    if (!mark)
        return;
    if (*mark == INT64_MIN || l->time.latest >= *mark - HC_CLOCK_JITTER) {
        *mark = MAX(*mark, l->time.earliest);
    } else if (l->time.latest < *mark - HC_CLOCK_FALL_MAX) {
        *mark = l->time.earliest;
    } else {
        l->time.basis |= HC_BASIS_ASSUMED;
        if (!l->note.p)
            l->note = HC_STR_LIT("a line of this host that stands before it is later: its clock was set "
                                 "back, or the line came late");
    }
}
