/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows that one transaction of a service wrote into several tables to tell of one act: rows of one
 * microsecond with the same action, account, project, release and file, one of each table, whose actors do
 * not contradict each other. One of them leads, and the act is told by it; the others are its twins. Who gave
 * and took roles is told by pass_membership, whose rows need not say the same; what no action is known for
 * may be anything.
 */
#include "src/correlate/transaction.h"

struct telling {
    int64_t event, realm, actor, target, object, version, file, type, offset;
    enum hc_action action;
    guint source; /* the so many-th by name */
    bool masked;
    char *key; /* the service's own id of the row; NULL: none is kept */
};

/* Rows that tell of one act: `actor` is whom one of them names, 0: none does. */
struct telling_set {
    int64_t actor;
    GArray *rows; /* const struct telling * */
};

static void telling_clear(void *data)
{
    g_free(((struct telling *)data)->key);
}

static void set_free(void *data)
{
    struct telling_set *set = data;

    g_array_unref(set->rows);
    g_free(set);
}

static bool tells_the_same(const struct telling *a, const struct telling *b)
{
    return a->realm == b->realm && a->action == b->action && a->target == b->target &&
           a->object == b->object && a->version == b->version && a->file == b->file;
}

/* A table tells of an act once; another dump may hold that row too, with other contents. */
static bool may_stand_beside(const struct telling *a, const struct telling *b)
{
    return a->type != b->type || (a->source != b->source && a->key && g_strcmp0(a->key, b->key) == 0);
}

static bool belongs(const struct telling_set *set, const struct telling *row)
{
    if (!tells_the_same(g_array_index(set->rows, const struct telling *, 0), row) ||
        (set->actor && row->actor && set->actor != row->actor))
        return false;
    for (guint i = 0; i < set->rows->len; i++)
        if (!may_stand_beside(g_array_index(set->rows, const struct telling *, i), row))
            return false;
    return true;
}

static void put_into_set(GPtrArray *sets, const struct telling *row)
{
    struct telling_set *set = NULL;

    for (guint i = 0; i < sets->len && !set; i++)
        if (belongs(sets->pdata[i], row))
            set = sets->pdata[i];
    if (!set) {
        set = g_new0(struct telling_set, 1);
        set->rows = g_array_new(FALSE, FALSE, sizeof(const struct telling *));
        g_ptr_array_add(sets, set);
    }
    set->actor = set->actor ? set->actor : row->actor;
    g_array_append_val(set->rows, row);
}

/* The first by its place of those that say who it was. */
static int64_t lead_in(const struct telling_set *set)
{
    for (guint i = 0; i < set->rows->len; i++) {
        const struct telling *row = g_array_index(set->rows, const struct telling *, i);
        if (row->actor)
            return row->event;
    }
    return g_array_index(set->rows, const struct telling *, 0)->event;
}

static bool add_set(struct world *w, const struct telling_set *set, GError **error)
{
    int64_t lead = lead_in(set);

    for (guint i = 0; i < set->rows->len; i++) {
        int64_t event = g_array_index(set->rows, const struct telling *, i)->event;
        if (event != lead && !add_twin(w, event, lead, error))
            return false;
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct telling *x = a, *y = b;

    return row_place_order(&(struct row_place){x->realm, x->source, x->offset, x->event},
                           &(struct row_place){y->realm, y->source, y->offset, y->event});
}

static bool settle(struct world *w, GArray *rows, GError **error)
{
    g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func(set_free);
    bool ok = true;

    g_array_sort(rows, by_place);
    for (guint i = 0; i < rows->len; i++)
        put_into_set(sets, &g_array_index(rows, struct telling, i));
    for (guint i = 0; ok && i < sets->len; i++)
        ok = add_set(w, sets->pdata[i], error);
    return ok;
}

static struct telling read_telling(const struct world *w, guint source, hc_stmt *st)
{
    const struct hc_time when = {hc_col_int(st, 1), hc_col_int(st, 1), HC_PRECISION_US, 0};
    struct telling row = {
        .event = hc_col_int(st, 0),
        .action = (enum hc_action)hc_col_int(st, 2),
        .target = canonical_at(w, hc_col_int(st, 4), &when, NULL),
        .object = canonical(w, hc_col_int(st, 5)),
        .version = canonical(w, hc_col_int(st, 6)),
        .file = canonical(w, hc_col_int(st, 7)),
        .type = hc_col_int(st, 8),
        .realm = hc_col_int(st, 9),
        .offset = hc_col_int(st, 11),
        .source = source,
    };

    row_fields(hc_col_text(st, 12), &row.masked, &row.key);
    row.actor = row.masked ? 0 : canonical_at(w, hc_col_int(st, 3), &when, NULL);
    return row;
}

/* The rows of one microsecond, of the sources that are databases whose rows carry the time of their
 * transaction. */
static bool settle_moment(struct world *w, int64_t moment, GHashTable *sources, GError **error)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(struct telling));
    hc_stmt *st = hc_db_query(w->db, "correlate", "rows_of_moment", "iiiii", moment,
                              (int64_t)HC_ACTION_ROLE_INVITE, (int64_t)HC_ACTION_ROLE_REMOVE,
                              (int64_t)HC_ACTION_ACCOUNT_CREATE, (int64_t)HC_ACTION_AUDIT_OTHER);
    int rc;

    g_array_set_clear_func(rows, telling_clear);
    while ((rc = hc_step(st, error)) == 1) {
        int64_t source = hc_col_int(st, 10);
        guint rank = GPOINTER_TO_UINT(g_hash_table_lookup(sources, &source));
        if (rank) {
            struct telling row = read_telling(w, rank, st);
            g_array_append_val(rows, row);
        }
    }
    hc_stmt_reset(st);
    return rc == 0 && (rows->len < 2 || settle(w, rows, error));
}

bool pass_twins(struct world *w, GError **error)
{
    g_autoptr(GHashTable) sources = ranks_of(w, "sources_of_transactions", error);
    hc_stmt *st;
    int64_t last = INT64_MIN, settled = INT64_MIN;
    bool ok = true;
    int rc = 0;

    if (!sources || !g_hash_table_size(sources))
        return sources != NULL;
    st = hc_db_stmt(w->db, "correlate", "ids_of_events");
    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t moment = hc_col_int(st, 0) >> 10;
        if (moment == last && moment != settled) {
            ok = settle_moment(w, moment, sources, error);
            settled = moment;
        }
        last = moment;
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}
