/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts of two services whose records carry the id of one session, device or token. Only fields that a
 * profile calls such an id count (`same-id`); a user agent is none, as many have the same.
 */
#include "src/correlate/persons.h"

#include "src/base/keyed.h"

#define ID_MIN 16 /* characters: shorter ones may be counted, and be those of two things */

/* An account that acts under an id. */
struct use {
    int64_t realm, account, event;
    int rank;
};

/* Two accounts under one id. */
struct pair {
    struct use a, b;
    char *what; /* "session", ... */
};

static void pair_clear(void *data)
{
    g_free(((struct pair *)data)->what);
}

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static int by_rank(const void *a, const void *b)
{
    const struct use *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank - y->rank;
    if (x->realm != y->realm)
        return x->realm < y->realm ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

/* Under one id each service has one account, or it tells nothing. In order: those of one service stand
 * together. */
static bool is_told_apart(const GArray *uses)
{
    for (guint i = 1; i < uses->len; i++) {
        const struct use *a = &g_array_index(uses, struct use, i - 1),
                         *b = &g_array_index(uses, struct use, i);
        if (a->realm == b->realm && a->account != b->account)
            return false;
    }
    return true;
}

static void add_pairs(GArray *uses, const char *what, GArray *pairs)
{
    g_array_sort(uses, by_rank);
    if (!is_told_apart(uses))
        return;
    for (guint i = 1; i < uses->len; i++) {
        const struct pair p = {g_array_index(uses, struct use, 0), g_array_index(uses, struct use, i),
                               g_strdup(what)};
        if (p.a.realm != p.b.realm && p.a.account != p.b.account)
            g_array_append_val(pairs, p);
        else
            g_free(p.what);
    }
}

/* In order of the ids: those of one stand together. */
static bool read_pairs(struct world *w, GHashTable *ranks, GArray *pairs, GError **error)
{
    hc_stmt *st =
        hc_db_query(w->db, "correlate", "used_ids", "ii", (int64_t)HC_OUTCOME_FAILURE, (int64_t)ID_MIN);
    g_autoptr(GArray) uses = g_array_new(FALSE, FALSE, sizeof(struct use));
    g_autofree char *what = NULL, *id = NULL;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *next_what = hc_col_dup(st, 0), *next = hc_col_dup(st, 1);
        struct use u = {hc_col_int(st, 2), canonical(w, hc_col_int(st, 3)), hc_col_int(st, 4), 0};
        u.rank = GPOINTER_TO_INT(g_hash_table_lookup(ranks, &u.realm));
        if (!same_text(id, next) || !same_text(what, next_what)) {
            add_pairs(uses, what, pairs);
            g_array_set_size(uses, 0);
            g_free(what);
            g_free(id);
            what = g_steal_pointer(&next_what);
            id = g_steal_pointer(&next);
        }
        g_array_append_val(uses, u);
    }
    add_pairs(uses, what, pairs);
    return rc == 0;
}

static char *side_key(int64_t account, int64_t realm)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, account, realm);
}

/* `sides`: with which account of a service an account shares an id; 0: with several. */
static void note_side(GHashTable *sides, const struct use *of, const struct use *with)
{
    char *key = side_key(of->account, with->realm);
    const int64_t *known = g_hash_table_lookup(sides, key);
    int64_t one = !known || *known == with->account ? with->account : 0;

    g_hash_table_replace(sides, key, g_memdup2(&one, sizeof one));
}

static GHashTable *sides_of(const GArray *pairs)
{
    GHashTable *sides = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);

    for (guint i = 0; i < pairs->len; i++) {
        const struct pair *p = &g_array_index(pairs, struct pair, i);
        note_side(sides, &p->a, &p->b);
        note_side(sides, &p->b, &p->a);
    }
    return sides;
}

static bool is_with_several(GHashTable *sides, const struct use *of, const struct use *with)
{
    g_autofree char *key = side_key(of->account, with->realm);

    return *(const int64_t *)g_hash_table_lookup(sides, key) == 0;
}

/* Has another pair one of the two with another account of the other's service? */
static bool is_contradicted(GHashTable *sides, const struct pair *p)
{
    return is_with_several(sides, &p->a, &p->b) || is_with_several(sides, &p->b, &p->a);
}

bool join_same_ids(struct world *w, GHashTable *ranks, GError **error)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
    g_autoptr(GHashTable) sides = NULL;
    bool ok;

    g_array_set_clear_func(pairs, pair_clear);
    ok = read_pairs(w, ranks, pairs, error);
    sides = sides_of(pairs);
    for (guint i = 0; ok && i < pairs->len; i++) {
        const struct pair *p = &g_array_index(pairs, struct pair, i);
        g_autofree char *because = g_strdup_printf("records of two services carry the id of one %s", p->what);
        struct identity as = {
            .reason = "same-id", .because = because, .strong = true, .events = {p->a.event, p->b.event}};
        ok = is_contradicted(sides, p)
                 ? add_unjoined(w, p->b.account, p->a.account, "shared-id",
                                "they share an id, and so do others: it does not tell whose it is",
                                p->b.event, 0, error)
                 : join_two(w, p->a.account, p->b.account, &as, error);
    }
    return ok;
}
