/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/skew.h"

/* While a piece is being read. */
struct reading {
    const GArray *pairs;
    struct hc_skew_piece piece;
    guint pending[2][HC_SKEW_STEP_PAIRS]; /* pairs that contradict it: lower, upper */
    guint n_pending[2];
};

static const struct hc_skew_pair *at(const GArray *pairs, guint i)
{
    return &g_array_index(pairs, struct hc_skew_pair, i);
}

/* Does `a` bound more than `b`, on the same side? */
static bool tighter(const struct hc_skew_pair *a, const struct hc_skew_pair *b)
{
    return a->upper ? a->bound < b->bound : a->bound > b->bound;
}

static void add(struct hc_skew_side *side, const struct hc_skew_pair *pair)
{
    guint i = side->kept;

    side->n++;
    if (i == HC_SKEW_SHOWN && !tighter(pair, &side->best[i - 1]))
        return;
    if (i < HC_SKEW_SHOWN)
        side->kept++;
    else
        i--;
    for (; i > 0 && tighter(pair, &side->best[i - 1]); i--)
        side->best[i] = side->best[i - 1];
    side->best[i] = *pair;
}

static bool second_best(const struct hc_skew_side *side, int64_t *bound)
{
    if (side->kept < 2)
        return false;
    *bound = side->best[1].bound;
    return true;
}

bool hc_skew_bound(const struct hc_skew_piece *piece, bool upper, int64_t *bound)
{
    if (!piece->bounded)
        return second_best(upper ? &piece->upper : &piece->lower, bound);
    *bound = upper ? piece->most : piece->least;
    return true;
}

/* Does the pair say what the piece says cannot be? */
static bool contradicts(const struct hc_skew_pair *pair, const struct hc_skew_piece *piece)
{
    int64_t bound;

    return second_best(pair->upper ? &piece->lower : &piece->upper, &bound) &&
           (pair->upper ? pair->bound < bound : pair->bound > bound);
}

/* A pair that agrees with the piece and not with those that contradict it: they are wrong, not the piece. */
static void clear_refuted(struct reading *r, const struct hc_skew_pair *pair)
{
    guint other = !pair->upper, n = 0;

    for (guint i = 0; i < r->n_pending[other]; i++) {
        guint k = r->pending[other][i];
        int64_t claim = at(r->pairs, k)->bound;
        if (pair->upper ? claim > pair->bound : claim < pair->bound)
            r->piece.against++;
        else
            r->pending[other][n++] = k;
    }
    r->n_pending[other] = n;
}

/* True where the clock was set, at the latest before pair `*next`. */
static bool take(struct reading *r, guint i, guint *next)
{
    const struct hc_skew_pair *pair = at(r->pairs, i);
    guint side = pair->upper;

    if (!contradicts(pair, &r->piece)) {
        clear_refuted(r, pair);
        add(pair->upper ? &r->piece.upper : &r->piece.lower, pair);
        return false;
    }
    r->pending[side][r->n_pending[side]++] = i;
    *next = r->pending[side][0];
    return r->n_pending[side] == HC_SKEW_STEP_PAIRS;
}

/* From `start` up to where the clock was set: the pairs behind that are read again, in the next piece. */
static struct hc_skew_piece read_piece(const GArray *pairs, guint start, guint *end)
{
    struct reading r = {.pairs = pairs};

    *end = pairs->len;
    for (guint i = start, next = 0; i < *end; i++)
        if (take(&r, i, &next))
            *end = next;
    for (int side = 0; side < 2; side++) /* at the end of all, nothing refutes them: the clock may have been set */
        if (*end == pairs->len && r.n_pending[side])
            *end = r.n_pending[!side] ? MIN(r.pending[0][0], r.pending[1][0]) : r.pending[side][0];
    if (*end < pairs->len) { /* what lies behind the step belongs to the next */
        GArray *head = g_array_new(FALSE, FALSE, sizeof(struct hc_skew_pair));
        guint none;
        g_array_append_vals(head, at(pairs, start), *end - start);
        r.piece = read_piece(head, 0, &none);
        g_array_unref(head);
    }
    return r.piece;
}

/* What two windows leave together. */
static void widen(struct hc_skew_piece *piece, const struct hc_skew_side *lower, const struct hc_skew_side *upper)
{
    int64_t least = 0, most = 0;

    second_best(lower, &least);
    second_best(upper, &most);
    piece->least = piece->bounded ? MIN(piece->least, least) : least;
    piece->most = piece->bounded ? MAX(piece->most, most) : most;
    piece->bounded = true;
}

/* Window by window; the last takes what is left over. */
static void set_bounds(const GArray *pairs, guint start, guint end, struct hc_skew_piece *piece)
{
    struct hc_skew_side lower = {0}, upper = {0};
    guint left_lower = piece->lower.n, left_upper = piece->upper.n;

    if (left_lower < HC_SKEW_PAIRS_MIN || left_upper < HC_SKEW_PAIRS_MIN)
        return;
    for (guint i = start; i < end; i++) {
        const struct hc_skew_pair *p = at(pairs, i);
        if (contradicts(p, piece))
            continue;
        add(p->upper ? &upper : &lower, p);
        if (lower.n < HC_SKEW_WINDOW || upper.n < HC_SKEW_WINDOW || left_lower < lower.n + HC_SKEW_WINDOW || left_upper < upper.n + HC_SKEW_WINDOW)
            continue;
        widen(piece, &lower, &upper);
        left_lower -= lower.n;
        left_upper -= upper.n;
        memset(&lower, 0, sizeof(lower));
        memset(&upper, 0, sizeof(upper));
    }
    if (lower.kept > 1 && upper.kept > 1)
        widen(piece, &lower, &upper);
}

/* The pairs of a piece that its neighbour contradicts prove where it reaches; without a neighbour all do. */
static void set_reach(const GArray *pairs, guint start, guint end, struct hc_skew_piece *piece, const struct hc_skew_piece *before,
                      const struct hc_skew_piece *after)
{
    bool begun = false, ended = false;

    for (guint i = start; i < end; i++) {
        const struct hc_skew_pair *p = at(pairs, i);
        if (contradicts(p, piece))
            continue;
        if (!begun && (!before || contradicts(p, before))) {
            piece->from = p->reading;
            begun = true;
        }
        if (!after || contradicts(p, after)) {
            piece->to = p->reading;
            ended = true;
        }
    }
    if (!begun)
        piece->from = at(pairs, start)->reading;
    if (!ended)
        piece->to = piece->from;
}

static int by_when(const void *a, const void *b)
{
    const struct hc_skew_pair *x = a, *y = b;

    if (x->when != y->when)
        return x->when < y->when ? -1 : 1;
    if (x->upper != y->upper)
        return x->upper ? 1 : -1;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

GArray *hc_skew_pieces(GArray *pairs)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct hc_skew_piece));
    guint starts[HC_SKEW_PIECES_MAX + 1] = {0};

    g_array_sort(pairs, by_when);
    while (starts[pieces->len] < pairs->len) {
        guint end;
        struct hc_skew_piece piece = read_piece(pairs, starts[pieces->len], &end);
        if (pieces->len == HC_SKEW_PIECES_MAX)
            return NULL;
        g_array_append_val(pieces, piece);
        starts[pieces->len] = end;
    }
    for (guint i = 0; i < pieces->len; i++)
        set_bounds(pairs, starts[i], starts[i + 1], &g_array_index(pieces, struct hc_skew_piece, i));
    for (guint i = 0; i < pieces->len; i++) {
        struct hc_skew_piece *p = &g_array_index(pieces, struct hc_skew_piece, i);
        set_reach(pairs, starts[i], starts[i + 1], p, i ? p - 1 : NULL, i + 1 < pieces->len ? p + 1 : NULL);
    }
    return g_steal_pointer(&pieces);
}

/* True time of a reading, at the earliest and at the latest; the reading itself where the piece is not bounded. */
static int64_t earliest(const struct hc_skew_piece *p, int64_t reading)
{
    int64_t most;

    return hc_skew_bound(p, true, &most) ? reading - most : reading;
}

static int64_t latest(const struct hc_skew_piece *p, int64_t reading)
{
    int64_t least;

    return hc_skew_bound(p, false, &least) ? reading - least : reading;
}

/* The reading of a true time, likewise. */
static int64_t lowest(const struct hc_skew_piece *p, int64_t time)
{
    int64_t least;

    return hc_skew_bound(p, false, &least) ? time + least : time;
}

static int64_t highest(const struct hc_skew_piece *p, int64_t time)
{
    int64_t most;

    return hc_skew_bound(p, true, &most) ? time + most : time;
}

void hc_skew_reach(const GArray *pieces, guint i, int64_t *from, int64_t *to)
{
    const struct hc_skew_piece *p = &g_array_index(pieces, struct hc_skew_piece, i);

    *from = i ? MIN(p->from, lowest(p, earliest(p - 1, p[-1].to))) : INT64_MIN;
    *to = i + 1 < pieces->len ? MAX(p->to, highest(p, latest(p + 1, p[1].from))) : INT64_MAX;
}

enum hc_skew_verdict hc_skew_judge(const struct hc_skew_piece *piece)
{
    int64_t width = piece->most - piece->least, offset = piece->least + width / 2;

    if (!piece->bounded)
        return MAX(piece->lower.n, piece->upper.n) < HC_SKEW_PAIRS_MIN ? HC_SKEW_FEW : HC_SKEW_ONE_SIDED;
    if ((piece->least <= 0 && piece->most >= 0) || ABS(offset) <= HC_SKEW_NOISE)
        return HC_SKEW_RIGHT;
    return ABS(offset) > width ? HC_SKEW_CORRECT : HC_SKEW_UNCERTAIN;
}
