/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/skew.h"

#define DAY (24.0 * 3600 * 1000000)

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

/* What the clock gains between two readings. */
static int64_t gain(int64_t drift, int64_t from, int64_t to)
{
    return drift ? (int64_t)((double)drift * ((double)(to - from) / DAY)) : 0;
}

/* The pair as it would be if the clock of the piece did not drift. */
static struct hc_skew_pair levelled(const struct hc_skew_pair *pair, const struct hc_skew_piece *piece)
{
    struct hc_skew_pair p = *pair;

    p.bound -= gain(piece->drift, piece->at, pair->reading);
    return p;
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

bool hc_skew_bound(const struct hc_skew_piece *piece, bool upper, int64_t reading, int64_t *bound)
{
    if (!piece->bounded)
        return second_best(upper ? &piece->upper : &piece->lower, bound);
    *bound = (upper ? piece->most : piece->least) + gain(piece->drift, piece->at, reading);
    return true;
}

/* Does the pair say what the piece says cannot be? */
static bool contradicts(const struct hc_skew_pair *pair, const struct hc_skew_piece *piece)
{
    const int64_t claim = levelled(pair, piece).bound;
    int64_t bound;

    return second_best(pair->upper ? &piece->lower : &piece->upper, &bound) &&
           (pair->upper ? claim < bound : claim > bound);
}

/* A pair that agrees with the piece and not with those that contradict it: they are wrong, not the piece. */
static void clear_refuted(struct reading *r, const struct hc_skew_pair *pair)
{
    guint other = !pair->upper, n = 0;

    for (guint i = 0; i < r->n_pending[other]; i++) {
        guint k = r->pending[other][i];
        int64_t claim = levelled(at(r->pairs, k), &r->piece).bound;
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
    const struct hc_skew_pair *pair = at(r->pairs, i), level = levelled(pair, &r->piece);
    guint side = pair->upper;

    if (!contradicts(pair, &r->piece)) {
        clear_refuted(r, &level);
        add(pair->upper ? &r->piece.upper : &r->piece.lower, &level);
        return false;
    }
    r->pending[side][r->n_pending[side]++] = i;
    *next = r->pending[side][0];
    return r->n_pending[side] == HC_SKEW_STEP_PAIRS;
}

/* From `start` up to where the clock that drifts so was set: the pairs behind that are read again, in the
 * next piece. */
static struct hc_skew_piece read_piece(const GArray *pairs, guint start, int64_t drift, guint *end)
{
    struct reading r = {.pairs = pairs, .piece = {.drift = drift, .at = at(pairs, start)->reading}};

    *end = pairs->len;
    for (guint i = start, next = 0; i < *end; i++)
        if (take(&r, i, &next))
            *end = next;
    for (int side = 0; side < 2;
         side++) /* at the end of all, nothing refutes them: the clock may have been set */
        if (*end == pairs->len && r.n_pending[side])
            *end = r.n_pending[!side] ? MIN(r.pending[0][0], r.pending[1][0]) : r.pending[side][0];
    if (*end < pairs->len) { /* what lies behind the step belongs to the next */
        GArray *head = g_array_new(FALSE, FALSE, sizeof(struct hc_skew_pair));
        guint none;
        g_array_append_vals(head, at(pairs, start), *end - start);
        r.piece = read_piece(head, 0, drift, &none);
        g_array_unref(head);
    }
    return r.piece;
}

/* What two windows leave together. */
static void widen(struct hc_skew_piece *piece, const struct hc_skew_side *lower,
                  const struct hc_skew_side *upper)
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
        const struct hc_skew_pair p = levelled(at(pairs, i), piece);
        if (contradicts(at(pairs, i), piece))
            continue;
        add(p.upper ? &upper : &lower, &p);
        if (lower.n < HC_SKEW_WINDOW || upper.n < HC_SKEW_WINDOW || left_lower < lower.n + HC_SKEW_WINDOW ||
            left_upper < upper.n + HC_SKEW_WINDOW)
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

/* Does the pair say what this neighbour cannot have been, however it drifted between its own pairs and
 * there? */
static bool excludes(const struct hc_skew_pair *pair, const struct hc_skew_piece *neighbour)
{
    const int64_t away = MAX(MAX(neighbour->from - pair->reading, pair->reading - neighbour->to), 0);
    int64_t bound;

    if (!neighbour->bounded)
        return contradicts(pair, neighbour);
    hc_skew_bound(neighbour, !pair->upper, pair->reading, &bound);
    return pair->upper ? pair->bound < bound - gain(HC_SKEW_UNSEEN, 0, away)
                       : pair->bound > bound + gain(HC_SKEW_UNSEEN, 0, away);
}

/* A quick pair, which says nearly as much as the best ones: where there are none on a side, nothing shows
 * that the piece holds. */
static bool is_tight(const struct hc_skew_pair *pair, const struct hc_skew_piece *piece)
{
    const int64_t slack = piece->most - piece->least + HC_SKEW_TIGHT;
    int64_t bound;

    if (!piece->bounded)
        return true;
    hc_skew_bound(piece, pair->upper, pair->reading, &bound);
    return pair->upper ? pair->bound <= bound + slack : pair->bound >= bound - slack;
}

/* Pairs before and behind it that it cannot explain, few as they are. */
static void set_barred(const GArray *pairs, guint start, guint end, struct hc_skew_piece *piece)
{
    piece->barred_from = INT64_MIN;
    piece->barred_to = INT64_MAX;
    for (guint i = start; i < end; i++) {
        const struct hc_skew_pair *p = at(pairs, i);
        if (!contradicts(p, piece))
            continue;
        if (p->reading < piece->from)
            piece->barred_from = MAX(piece->barred_from, p->reading);
        if (p->reading > piece->to)
            piece->barred_to = MIN(piece->barred_to, p->reading);
    }
}

/* Its readings from the first quick pair of both sides on and up to the last. */
static void set_span(const GArray *pairs, guint start, guint end, struct hc_skew_piece *piece)
{
    int64_t from[2] = {INT64_MAX, INT64_MAX}, to[2] = {INT64_MIN, INT64_MIN};

    for (guint i = start; i < end; i++) {
        const struct hc_skew_pair *p = at(pairs, i);
        if (contradicts(p, piece) || !is_tight(p, piece))
            continue;
        from[p->upper] = MIN(from[p->upper], p->reading);
        to[p->upper] = MAX(to[p->upper], p->reading);
    }
    if (!piece->bounded) {
        from[0] = from[1] = MIN(from[0], from[1]);
        to[0] = to[1] = MAX(to[0], to[1]);
    }
    piece->from = MAX(from[0], from[1]);
    piece->to = MAX(MIN(to[0], to[1]), piece->from);
    set_barred(pairs, start, end, piece);
}

/* The pairs of a piece that its neighbour cannot explain prove where it reaches; without a neighbour all
 * do. */
static void set_reach(const GArray *pairs, guint start, guint end, struct hc_skew_piece *piece,
                      const struct hc_skew_piece *before, const struct hc_skew_piece *after)
{
    const int64_t last = piece->to;
    int64_t from = INT64_MAX, to = INT64_MIN;

    for (guint i = start; i < end; i++) {
        const struct hc_skew_pair *p = at(pairs, i);
        if (contradicts(p, piece) || p->reading < piece->from || p->reading > last)
            continue;
        if (!before || excludes(p, before))
            from = MIN(from, p->reading);
        if (!after || excludes(p, after))
            to = MAX(to, p->reading);
    }
    piece->proved_from = from < INT64_MAX ? from : piece->from;
    piece->proved_to = to > INT64_MIN ? MAX(to, piece->proved_from) : piece->proved_from;
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

/* A stretch of pairs, by their numbers, and how the clock drifts in it. */
struct stretch {
    guint start, end;
    int64_t drift;
};

/* ---- drifts ---- */

/* What lies between the second best bounds of the pairs that `piece` does not contradict, if the clock
 * drifted so; at reading `piece->at`. */
static bool room(const GArray *pairs, const struct stretch *of, const struct hc_skew_piece *piece,
                 int64_t drift, int64_t *least, int64_t *most)
{
    struct hc_skew_piece line = {.drift = drift, .at = piece->at};

    for (guint i = of->start; i < of->end; i++) {
        const struct hc_skew_pair p = levelled(at(pairs, i), &line);
        if (!contradicts(at(pairs, i), piece))
            add(p.upper ? &line.upper : &line.lower, &p);
    }
    return second_best(&line.lower, least) && second_best(&line.upper, most);
}

static int64_t width(const GArray *pairs, const struct stretch *of, const struct hc_skew_piece *piece,
                     int64_t drift)
{
    int64_t least, most;

    return room(pairs, of, piece, drift, &least, &most) ? most - least : INT64_MIN;
}

/* How long it is, in days. */
static double days(const GArray *pairs, const struct stretch *of)
{
    int64_t first = INT64_MAX, last = INT64_MIN;

    for (guint i = of->start; i < of->end; i++) {
        first = MIN(first, at(pairs, i)->reading);
        last = MAX(last, at(pairs, i)->reading);
    }
    return MAX((double)(last - first) / DAY, 1e-6);
}

#define HALVINGS 24

/* The drift near that of the stretch which leaves the most room. */
static int64_t most_room(const GArray *pairs, const struct stretch *of)
{
    guint end;
    const struct hc_skew_piece piece = read_piece(pairs, of->start, of->drift, &end);
    int64_t reach = MAX((int64_t)(4000000 / days(pairs, of)), 1), best = of->drift,
            widest = width(pairs, of, &piece, best);

    for (int i = 0; i < HALVINGS && reach > 0; i++, reach -= reach / 3 + 1)
        for (int side = -1; side <= 1; side += 2) {
            const int64_t drift = best + side * reach, w = width(pairs, of, &piece, drift);
            if (w > widest) {
                widest = w;
                best = drift;
            }
        }
    return best;
}

/* Where a piece lies and what it says, roughly. False: nothing. */
static bool middle(const GArray *pairs, const struct stretch *of, const struct hc_skew_piece *piece,
                   double *when, double *offset)
{
    int64_t least = 0, most = 0;
    bool lower = second_best(&piece->lower, &least), upper = second_best(&piece->upper, &most);

    *when = (double)at(pairs, of->start)->reading / 2 + (double)at(pairs, of->end - 1)->reading / 2;
    *offset = lower && upper ? (double)least / 2 + (double)most / 2 : lower ? (double)least : (double)most;
    return lower || upper;
}

/* The pieces of a clock that does not drift, from `start` on. */
static GArray *steps_from(const GArray *pairs, guint start, guint max)
{
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(struct stretch));

    while (start < pairs->len && steps->len < max) {
        struct stretch one = {.start = start};
        read_piece(pairs, start, 0, &one.end);
        g_array_append_val(steps, one);
        start = one.end;
    }
    return steps;
}

/* The drift from one step to another; 0: none that a clock has. */
static int64_t drift_between(const GArray *pairs, const struct stretch *a, const struct stretch *b)
{
    guint end;
    const struct hc_skew_piece x = read_piece(pairs, a->start, 0, &end),
                               y = read_piece(pairs, b->start, 0, &end);
    double t[2], o[2], drift;

    if (!middle(pairs, a, &x, &t[0], &o[0]) || !middle(pairs, b, &y, &t[1], &o[1]) || t[1] - t[0] < 1)
        return 0;
    drift = (o[1] - o[0]) / (t[1] - t[0]) * DAY;
    return ABS(drift) <= (double)HC_SKEW_DRIFT_MAX ? (int64_t)drift : 0;
}

/* Enough pairs lie along the line, and few do not. */
static bool is_sure(const GArray *pairs, const struct stretch *of)
{
    guint end;
    const struct hc_skew_piece piece = read_piece(pairs, of->start, of->drift, &end);
    const guint n = MIN(piece.lower.n, piece.upper.n);

    return n >= HC_SKEW_DRIFT_PAIRS && piece.against * 10 <= piece.lower.n + piece.upper.n;
}

/* One line from `start` on that explains more than so many steps; false: there is none. */
static bool find_drift(const GArray *pairs, const GArray *steps, struct stretch *out)
{
    const struct stretch *first = &g_array_index(steps, struct stretch, 0),
                         *last = &g_array_index(steps, struct stretch, HC_SKEW_STEPS - 1);

    *out = (struct stretch){.start = first->start};
    for (guint from = 0; from < 2; from++) /* the first is often short */
        for (guint to = HC_SKEW_STEPS - 1; to < steps->len && out->end < pairs->len; to++) {
            struct stretch one = {.start = first->start};
            one.drift = drift_between(pairs, first + from, first + to);
            if (!one.drift)
                continue;
            read_piece(pairs, one.start, one.drift, &one.end);
            *out = one.end > out->end ? one : *out;
        }
    for (int round = 0; round < 3 && out->end > out->start; round++) {
        struct stretch one = *out;
        one.drift = most_room(pairs, out);
        read_piece(pairs, one.start, one.drift, &one.end);
        *out = one.end >= out->end ? one : *out;
    }
    return out->end >= last->end && ABS(out->drift) <= HC_SKEW_DRIFT_MAX && is_sure(pairs, out);
}

/* Widens the piece by all lines that its pairs leave, between its first and its last, and by what a clock
 * strays from a line while a window lasts. */
static void leave_open(const GArray *pairs, const struct stretch *of, struct hc_skew_piece *piece)
{
    enum { LINES = 8 };
    const int64_t unseen = MIN(HC_SKEW_UNSEEN, (int64_t)(20000000 / days(pairs, of)));
    int64_t first = INT64_MAX, last = INT64_MIN, edge[2], uneven;

    if (!piece->bounded)
        return;
    for (guint i = of->start; i < of->end; i++) {
        first = MIN(first, at(pairs, i)->reading);
        last = MAX(last, at(pairs, i)->reading);
    }
    for (int side = 0; side < 2; side++) { /* how far the line can be turned */
        int64_t good = 0, bad = side ? unseen : -unseen;
        for (int i = 0; i < HALVINGS && ABS(bad - good) > 1; i++) {
            const int64_t turn = good + (bad - good) / 2;
            if (width(pairs, of, piece, piece->drift + turn) >= 0)
                good = turn;
            else
                bad = turn;
        }
        edge[side] = good;
    }
    for (int i = 0; i <= LINES; i++) {
        const int64_t turn = edge[0] + (edge[1] - edge[0]) / LINES * i;
        int64_t least, most;
        if (!room(pairs, of, piece, piece->drift + turn, &least, &most) || least > most)
            continue;
        piece->least =
            MIN(piece->least, least + MIN(gain(turn, piece->at, first), gain(turn, piece->at, last)));
        piece->most = MAX(piece->most, most + MAX(gain(turn, piece->at, first), gain(turn, piece->at, last)));
    }
    uneven = (int64_t)(HC_SKEW_UNEVEN * days(pairs, of) /
                       MAX(MIN(piece->lower.n, piece->upper.n) / HC_SKEW_WINDOW, 1));
    piece->least -= MIN(uneven, HC_SKEW_UNEVEN_MAX);
    piece->most += MIN(uneven, HC_SKEW_UNEVEN_MAX);
}

/* ---- all pieces ---- */

static struct stretch next_stretch(const GArray *pairs, guint start)
{
    g_autoptr(GArray) steps = steps_from(pairs, start, HC_SKEW_LOOKED);
    struct stretch drift;

    return steps->len >= HC_SKEW_STEPS && find_drift(pairs, steps, &drift)
               ? drift
               : g_array_index(steps, struct stretch, 0);
}

static GArray *stretches(const GArray *pairs)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct stretch));

    for (guint start = 0; start < pairs->len && all->len <= HC_SKEW_PIECES_MAX;) {
        const struct stretch one = next_stretch(pairs, start);
        g_array_append_val(all, one);
        start = one.end;
    }
    return all;
}

/* The pairs that are shown say what they say, whether the clock drifts or not. */
static void show_pairs(struct hc_skew_piece *piece)
{
    struct hc_skew_side *sides[] = {&piece->lower, &piece->upper};

    for (size_t s = 0; s < G_N_ELEMENTS(sides); s++)
        for (guint i = 0; i < sides[s]->kept; i++)
            sides[s]->best[i].bound += gain(piece->drift, piece->at, sides[s]->best[i].reading);
}

GArray *hc_skew_pieces(GArray *pairs)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct hc_skew_piece)), all = NULL;

    g_array_sort(pairs, by_when);
    all = stretches(pairs);
    if (all->len > HC_SKEW_PIECES_MAX)
        return NULL;
    for (guint i = 0; i < all->len; i++) {
        const struct stretch *s = &g_array_index(all, struct stretch, i);
        guint end;
        struct hc_skew_piece piece = read_piece(pairs, s->start, s->drift, &end);
        set_bounds(pairs, s->start, s->end, &piece);
        leave_open(pairs, s, &piece);
        set_span(pairs, s->start, s->end, &piece);
        g_array_append_val(pieces, piece);
    }
    for (guint i = 0; i < pieces->len; i++) {
        const struct stretch *s = &g_array_index(all, struct stretch, i);
        struct hc_skew_piece *p = &g_array_index(pieces, struct hc_skew_piece, i);
        set_reach(pairs, s->start, s->end, p, i ? p - 1 : NULL, i + 1 < pieces->len ? p + 1 : NULL);
    }
    for (guint i = 0; i < pieces->len; i++) {
        struct hc_skew_piece *p = &g_array_index(pieces, struct hc_skew_piece, i);
        p->from = p->proved_from;
        p->to = p->proved_to;
    }
    for (guint i = 0; i < pieces->len; i++)
        show_pairs(&g_array_index(pieces, struct hc_skew_piece, i));
    return g_steal_pointer(&pieces);
}

/* True time of a reading, at the earliest and at the latest; the reading itself where the piece is not
 * bounded. */
static int64_t earliest(const struct hc_skew_piece *p, int64_t reading)
{
    int64_t most;

    return hc_skew_bound(p, true, reading, &most) ? reading - most : reading;
}

static int64_t latest(const struct hc_skew_piece *p, int64_t reading)
{
    int64_t least;

    return hc_skew_bound(p, false, reading, &least) ? reading - least : reading;
}

/* The reading of a true time, likewise. */
static int64_t lowest(const struct hc_skew_piece *p, int64_t time)
{
    int64_t least;

    return hc_skew_bound(p, false, time, &least) ? time + least : time;
}

static int64_t highest(const struct hc_skew_piece *p, int64_t time)
{
    int64_t most;

    return hc_skew_bound(p, true, time, &most) ? time + most : time;
}

void hc_skew_reach(const GArray *pieces, guint i, int64_t *from, int64_t *to)
{
    const struct hc_skew_piece *p = &g_array_index(pieces, struct hc_skew_piece, i);

    *from = i ? MIN(p->from, lowest(p, earliest(p - 1, p[-1].to))) : p->barred_from;
    *to = i + 1 < pieces->len ? MAX(p->to, highest(p, latest(p + 1, p[1].from))) : p->barred_to;
}

/* One reading of a piece that is bounded. */
static enum hc_skew_verdict judge_at(const struct hc_skew_piece *piece, int64_t reading)
{
    const int64_t width = piece->most - piece->least,
                  least = piece->least + gain(piece->drift, piece->at, reading), offset = least + width / 2;

    if ((least <= 0 && least + width >= 0) || ABS(offset) <= HC_SKEW_NOISE)
        return HC_SKEW_RIGHT;
    return ABS(offset) > width ? HC_SKEW_CORRECT : HC_SKEW_UNCERTAIN;
}

enum hc_skew_verdict hc_skew_judge(const struct hc_skew_piece *piece)
{
    enum hc_skew_verdict from, to;

    if (!piece->bounded)
        return MAX(piece->lower.n, piece->upper.n) < HC_SKEW_PAIRS_MIN ? HC_SKEW_FEW : HC_SKEW_ONE_SIDED;
    from = judge_at(piece, piece->from);
    to = judge_at(piece, piece->to);
    if (from == HC_SKEW_CORRECT || to == HC_SKEW_CORRECT)
        return HC_SKEW_CORRECT;
    return from == HC_SKEW_UNCERTAIN ? from : to;
}
