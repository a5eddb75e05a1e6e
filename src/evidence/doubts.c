/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/doubts.h"

#include "src/base/utc.h"
#include "src/evidence/importer.h"

struct stretch {
    int64_t from, to;
};

struct hc_doubts {
    GArray *stretches; /* apart from one another, in their order */
};

struct hc_doubts *hc_doubts_new(void)
{
    struct hc_doubts *d = g_new0(struct hc_doubts, 1);

    d->stretches = g_array_new(FALSE, FALSE, sizeof(struct stretch));
    return d;
}

void hc_doubts_free(struct hc_doubts *d)
{
    if (d)
        g_array_unref(d->stretches);
    g_free(d);
}

static struct stretch *at(const struct hc_doubts *d, guint i)
{
    return &g_array_index(d->stretches, struct stretch, i);
}

void hc_doubts_add(struct hc_doubts *d, int64_t from, int64_t to)
{
    struct stretch s = {from, to};

    while (d->stretches->len &&
           (at(d, d->stretches->len - 1)->to >= s.from || d->stretches->len == HC_DOUBTS_MAX)) {
        s.from = MIN(s.from, at(d, d->stretches->len - 1)->from);
        g_array_set_size(d->stretches, d->stretches->len - 1);
    }
    g_array_append_val(d->stretches, s);
}

static bool has(const struct hc_doubts *d, int64_t offset)
{
    guint low = 0, high = d->stretches->len;

    while (low < high) { /* the first that does not end before it */
        guint middle = (low + high) / 2;
        if (at(d, middle)->to <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->stretches->len && at(d, low)->from <= offset;
}

/* The numbers of the events. NULL on failure. */
static GArray *find(const struct hc_doubts *d, hc_db *db, int64_t source, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    hc_stmt *st = hc_db_query(db, "store", "years_inferred", "iii", source, (int64_t)HC_BASIS_YEAR_INFERRED,
                              (int64_t)HC_BASIS_ASSUMED);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const int64_t id = hc_col_int(st, 0);
        if (has(d, hc_col_int(st, 1)))
            g_array_append_val(ids, id);
    }
    return rc == 0 ? g_steal_pointer(&ids) : NULL;
}

bool hc_doubts_apply(const struct hc_doubts *d, hc_db *db, int64_t source, GError **error)
{
    g_autoptr(GArray) ids =
        d->stretches->len ? find(d, db, source, error) : g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool ok = ids != NULL;

    for (guint i = 0; ok && i < ids->len; i++)
        ok =
            hc_exec(hc_db_query(db, "store", "assume", "iit", g_array_index(ids, int64_t, i),
                                (int64_t)HC_BASIS_ASSUMED, "year assumed: lines behind it fall back by days"),
                    error);
    return ok;
}
