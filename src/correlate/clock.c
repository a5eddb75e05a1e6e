/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/clock.h"

#include "src/correlate/skew.h"

#define ROUNDS 4 /* hosts that are only bounded by hosts that are only bounded ... */

/* One clock that was asked for. */
struct estimate {
    GArray *pieces;      /* struct hc_skew_piece; NULL: no pairs, or it wanders */
    int64_t first, last; /* readings of its pairs */
    bool wanders;
    bool settled; /* bounded on both sides throughout: others can be held against it */
};

struct piece {
    int64_t from, to; /* readings between which it may hold */
    struct hc_skew_piece skew;
    bool applied;
    char *because;
};

struct clocks {
    GHashTable *pieces; /* source id -> GArray of struct piece, in order */
    int64_t error;      /* the largest offset that is corrected */
};

struct work {
    struct world *w;
    const struct anchors *a;
    struct estimate *of; /* by clock */
};

/* Of all readings from one to another; a drift is a straight line. False: it is not bounded on both sides. */
static bool bounds(const struct hc_skew_piece *p, int64_t from, int64_t to, int64_t *least, int64_t *most)
{
    int64_t l[2], m[2];

    if (!p->bounded)
        return false;
    hc_skew_bound(p, false, from, &l[0]);
    hc_skew_bound(p, false, to, &l[1]);
    hc_skew_bound(p, true, from, &m[0]);
    hc_skew_bound(p, true, to, &m[1]);
    *least = MIN(l[0], l[1]);
    *most = MAX(m[0], m[1]);
    return true;
}

static const struct hc_skew_piece *piece_at(const GArray *pieces, guint i)
{
    return &g_array_index(pieces, struct hc_skew_piece, i);
}

/* Where piece `i` may hold; beyond the outer ones only so far. */
static void reach(const GArray *pieces, guint i, int64_t *from, int64_t *to)
{
    const struct hc_skew_piece *p = piece_at(pieces, i);

    hc_skew_reach(pieces, i, from, to);
    *from = i ? *from : MAX(*from, p->from - CLOCK_REACH);
    *to = i + 1 < pieces->len ? *to : MIN(*to, p->to + CLOCK_REACH);
}

/* The hull of what the pieces leave of a reading. False: one of them is not bounded, or none holds. */
static bool true_interval(const struct estimate *e, int64_t *earliest, int64_t *latest)
{
    int64_t least = INT64_MAX, most = INT64_MIN;

    for (guint i = 0; e->settled && i < e->pieces->len; i++) {
        int64_t from, to, l, m;
        reach(e->pieces, i, &from, &to);
        if (*latest < from || *earliest > to)
            continue;
        if (!bounds(piece_at(e->pieces, i), MAX(*earliest, from), MIN(*latest, to), &l, &m))
            return false;
        least = MIN(least, l);
        most = MAX(most, m);
    }
    if (least > most)
        return false;
    *earliest -= most;
    *latest -= least;
    return true;
}

/* A pair as a bound of clock `g`; false when its other side is of no known clock. */
static bool bound_of(const struct work *work, int g, guint no, struct hc_skew_pair *out)
{
    const struct anchor *p = &g_array_index(work->a->pairs, struct anchor, no);
    bool upper = p->y.group == g;
    int other = upper ? p->x.group : p->y.group;
    int64_t earliest = upper ? p->x.earliest : p->y.earliest, latest = upper ? p->x.latest : p->y.latest;

    if ((p->x.group != g && p->y.group != g) ||
        (other >= 0 && !true_interval(&work->of[other], &earliest, &latest)))
        return false;
    *out = (struct hc_skew_pair){.when = earliest, .upper = upper, .tag = no};
    out->reading = upper ? p->y.earliest : p->x.earliest;
    out->bound = upper ? p->y.latest - earliest + ANCHOR_SLACK : p->x.earliest - latest - ANCHOR_SLACK;
    return true;
}

static void set_span(struct estimate *e, const GArray *pairs)
{
    e->first = INT64_MAX;
    e->last = INT64_MIN;
    for (guint i = 0; i < pairs->len; i++) {
        int64_t reading = g_array_index(pairs, struct hc_skew_pair, i).reading;
        e->first = MIN(e->first, reading);
        e->last = MAX(e->last, reading);
    }
}

static void estimate(const struct work *work, int g)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(struct hc_skew_pair));
    struct estimate *e = &work->of[g];

    for (guint i = 0; i < work->a->pairs->len; i++) {
        struct hc_skew_pair pair;
        if (bound_of(work, g, i, &pair))
            g_array_append_val(pairs, pair);
    }
    g_clear_pointer(&e->pieces, g_array_unref);
    e->pieces = pairs->len ? hc_skew_pieces(pairs) : NULL;
    e->wanders = pairs->len && !e->pieces;
    set_span(e, pairs);
    e->settled = e->pieces != NULL;
    for (guint i = 0; e->settled && i < e->pieces->len; i++)
        e->settled = piece_at(e->pieces, i)->bounded;
}

/* Each round may hold a clock against those that were settled before. */
static void estimate_all(const struct work *work)
{
    for (int round = 0; round < ROUNDS; round++) {
        bool more = false;
        for (guint g = 0; g < work->a->names->len; g++) {
            if (work->of[g].settled)
                continue;
            estimate(work, (int)g);
            more |= work->of[g].settled;
        }
        if (!more)
            break;
    }
}

/* "+47.3 s" */
static char *offset_text(int64_t us)
{
    return g_strdup_printf("%s%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT " s", us < 0 ? "-" : "+",
                           ABS(us) / HC_US_PER_S, ABS(us) % HC_US_PER_S / 100000);
}

/* "+47.3 s to +48.1 s", at a reading */
static char *range_text(const struct hc_skew_piece *p, int64_t reading)
{
    int64_t least, most;
    bool lower = hc_skew_bound(p, false, reading, &least), upper = hc_skew_bound(p, true, reading, &most);
    g_autofree char *l = lower ? offset_text(least) : g_strdup("?"),
                    *m = upper ? offset_text(most) : g_strdup("?");

    return g_strdup_printf("%s to %s", l, m);
}

#define QUARTER (INT64_C(900) * HC_US_PER_S)

/* An offset of full quarters of an hour is more often a zone than a clock. */
static const char *zone_hint(int64_t least, int64_t most)
{
    int64_t middle = least + (most - least) / 2,
            quarters = (middle + (middle < 0 ? -1 : 1) * (QUARTER / 2)) / QUARTER;

    return quarters && least <= quarters * QUARTER && most >= quarters * QUARTER
               ? "; an offset of full quarters of an hour may be a wrong zone of the source"
               : "";
}

/* What is said of a piece: the estimate, what it rests on, and what is made of it. */
static char *judgement(const char *name, const struct hc_skew_piece *p)
{
    static const char *const words[] = {
        [HC_SKEW_CORRECT] = "corrected",
        [HC_SKEW_FEW] = "not corrected: too few pairs",
        [HC_SKEW_ONE_SIDED] = "not corrected: bounded on one side only, where a delay looks like an offset",
        [HC_SKEW_RIGHT] = "not corrected: no offset that is more than noise",
        [HC_SKEW_UNCERTAIN] = "not corrected: less certain than it is large",
    };
    enum hc_skew_verdict verdict = hc_skew_judge(p);
    g_autofree char *offset = range_text(p, p->from), *later = p->drift ? range_text(p, p->to) : NULL,
                    *drift = p->drift ? offset_text(p->drift) : NULL,
                    *on = p->drift
                              ? g_strdup_printf(" and gained %s a day, so that it was %s ahead in the end",
                                                drift, later)
                              : g_strdup("");

    return g_strdup_printf("the clock of %s was %s ahead%s by %u and %u pairs of records; %s%s", name, offset,
                           on, p->lower.n, p->upper.n, words[verdict],
                           verdict == HC_SKEW_CORRECT && !p->drift ? zone_hint(p->least, p->most) : "");
}

static bool write_side(const struct work *work, int64_t source, guint piece, const struct hc_skew_side *side,
                       const char *name, GError **error)
{
    for (guint i = 0; i < side->kept; i++) {
        const struct anchor *p = &g_array_index(work->a->pairs, struct anchor, side->best[i].tag);
        if (!hc_exec(hc_db_query(work->w->db, "correlate", "add_clock_pair", "iitiiiit", source,
                                 (int64_t)piece + 1, name, (int64_t)i + 1, p->x.event, p->y.event,
                                 side->best[i].bound, p->because),
                     error))
            return false;
    }
    return true;
}

/* `than`: the source ahead of whose clock it is; 0: of the true time. */
static bool write_piece(const struct work *work, int64_t source, guint i, const struct hc_skew_piece *p,
                        const struct piece *said, int64_t than, GError **error)
{
    hc_stmt *st = hc_db_stmt(work->w->db, "correlate", "add_clock");
    int64_t bound;

    hc_bind_int(st, 1, source);
    hc_bind_int(st, 2, (int64_t)i + 1);
    hc_bind_int(st, 3, p->from);
    hc_bind_int(st, 4, p->to);
    if (hc_skew_bound(p, false, p->from, &bound))
        hc_bind_int(st, 5, bound);
    if (hc_skew_bound(p, true, p->from, &bound))
        hc_bind_int(st, 6, bound);
    hc_bind_int(st, 7, p->lower.n);
    hc_bind_int(st, 8, p->upper.n);
    hc_bind_int(st, 9, p->against);
    hc_bind_int(st, 10, said->applied);
    hc_bind_text(st, 11, hc_str(said->because));
    if (than)
        hc_bind_int(st, 12, than);
    hc_bind_int(st, 13, p->drift);
    return hc_exec(st, error) && write_side(work, source, i, &p->lower, "least", error) &&
           write_side(work, source, i, &p->upper, "most", error);
}

static void piece_clear(void *data)
{
    g_free(((struct piece *)data)->because);
}

static void pieces_free(void *pieces)
{
    g_array_unref(pieces);
}

static struct piece make_piece(const GArray *pieces, guint i, const char *name)
{
    const struct hc_skew_piece *p = piece_at(pieces, i);
    struct piece out = {
        .skew = *p, .applied = hc_skew_judge(p) == HC_SKEW_CORRECT, .because = judgement(name, p)};

    reach(pieces, i, &out.from, &out.to);
    return out;
}

/* Nothing is told of a clock that is set again and again, but that. */
static bool write_wandering(const struct work *work, const struct clock_source *s, const struct estimate *e,
                            GError **error)
{
    hc_stmt *st = hc_db_stmt(work->w->db, "correlate", "add_clock");
    g_autofree char *because = g_strdup_printf(
        "the clock of %s was set more than %d times, or its records contradict each other; not corrected",
        (const char *)work->a->names->pdata[s->group], HC_SKEW_PIECES_MAX - 1);

    hc_bind_int(st, 1, s->id);
    hc_bind_int(st, 2, 1);
    hc_bind_int(st, 3, e->first);
    hc_bind_int(st, 4, e->last);
    for (int i = 7; i <= 10; i++)
        hc_bind_int(st, i, 0);
    hc_bind_text(st, 11, hc_str(because));
    return hc_exec(st, error);
}

/* ---- clocks that nothing ties to a known one ---- */

/* A pair of just these two, that of `other` taken as it reads. */
static bool bound_against(const struct work *work, int g, int other, guint no, struct hc_skew_pair *out)
{
    const struct anchor *p = &g_array_index(work->a->pairs, struct anchor, no);
    bool upper = p->x.group == other && p->y.group == g;

    if (!upper && !(p->x.group == g && p->y.group == other))
        return false;
    *out = (struct hc_skew_pair){.when = upper ? p->x.earliest : p->y.earliest, .upper = upper, .tag = no};
    out->reading = upper ? p->y.earliest : p->x.earliest;
    out->bound =
        upper ? p->y.latest - p->x.earliest + ANCHOR_SLACK : p->x.earliest - p->y.latest - ANCHOR_SLACK;
    return true;
}

static GArray *pieces_against(const struct work *work, int g, int other)
{
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(struct hc_skew_pair));

    for (guint i = 0; i < work->a->pairs->len; i++) {
        struct hc_skew_pair pair;
        if (bound_against(work, g, other, i, &pair))
            g_array_append_val(pairs, pair);
    }
    return pairs->len ? hc_skew_pieces(pairs) : NULL;
}

/* The first source of a clock: it stands for it. */
static int64_t source_of_clock(const struct anchors *a, int group)
{
    guint i = 0;

    while (g_array_index(a->sources, struct clock_source, i).group != group)
        i++;
    return g_array_index(a->sources, struct clock_source, i).id;
}

static char *relation(const char *name, const char *other, const struct hc_skew_piece *p)
{
    g_autofree char *offset = range_text(p, p->from), *drift = offset_text(p->drift),
                    *on = p->drift ? g_strdup_printf(", gaining %s a day,", drift) : g_strdup("");

    return g_strdup_printf("the clock of %s was %s ahead of that of %s%s by %u and %u pairs of records; not "
                           "corrected: nothing ties either to a clock "
                           "that is known",
                           name, offset, other, on, p->lower.n, p->upper.n);
}

/* The clocks that it has pairs with, each once, in the order of their names' list. */
static GArray *partners_of(const struct anchors *a, int group)
{
    GArray *partners = g_array_new(FALSE, FALSE, sizeof(int));
    g_autofree bool *seen = g_new0(bool, a->names->len);

    for (guint i = 0; i < a->pairs->len; i++) {
        const struct anchor *p = &g_array_index(a->pairs, struct anchor, i);
        int other = p->x.group == group ? p->y.group : p->y.group == group ? p->x.group : -1;
        if (other >= 0)
            seen[other] = true;
    }
    for (int other = 0; other < (int)a->names->len; other++)
        if (seen[other])
            g_array_append_val(partners, other);
    return partners;
}

/* What is known of it beside one other clock; `*n` counts its pieces. */
static bool write_relation(const struct work *work, const struct clock_source *s, int other, guint *n,
                           GError **error)
{
    g_autoptr(GArray) pieces = pieces_against(work, s->group, other);
    bool ok = true;

    for (guint i = 0; ok && pieces && i < pieces->len; i++) {
        g_autofree char *because =
            relation(work->a->names->pdata[s->group], work->a->names->pdata[other], piece_at(pieces, i));
        struct piece said = {.because = because};
        ok = write_piece(work, s->id, (*n)++, piece_at(pieces, i), &said, source_of_clock(work->a, other),
                         error);
    }
    return ok;
}

/* Of a clock that is bounded by none that is known: how it stands to others, or that nothing tells. */
static bool write_others(const struct work *work, const struct clock_source *s, GError **error)
{
    g_autoptr(GArray) partners = NULL;
    g_autofree char *because = NULL;
    guint n = 0;

    if (!s->told)
        return true;
    partners = partners_of(work->a, s->group);
    for (guint i = 0; i < MIN(partners->len, CLOCK_RELATIONS_MAX); i++)
        if (!write_relation(work, s, g_array_index(partners, int, i), &n, error))
            return false;
    if (n)
        return true;
    because = g_strdup_printf("nothing ties the clock of %s to another: no message or statement that it "
                              "tells of is told of by a record with another clock",
                              (const char *)work->a->names->pdata[s->group]);
    return hc_exec(hc_db_query(work->w->db, "correlate", "add_untied_clock", "it", s->id, because), error);
}

/* By how much it may be off, at most. */
static int64_t error_of(const struct piece *piece)
{
    int64_t least, most;

    return bounds(&piece->skew, MAX(piece->from, piece->skew.from - CLOCK_REACH),
                  MIN(piece->to, piece->skew.to + CLOCK_REACH), &least, &most)
               ? MAX(ABS(least), ABS(most))
               : 0;
}

static bool keep_source(struct clocks *clocks, const struct work *work, const struct clock_source *s,
                        GError **error)
{
    const struct estimate *e = s->group >= 0 ? &work->of[s->group] : NULL;
    GArray *pieces;

    if (e && e->wanders)
        return write_wandering(work, s, e, error);
    if (!e)
        return true;
    if (!e->pieces)
        return write_others(work, s, error);
    pieces = g_array_new(FALSE, TRUE, sizeof(struct piece));
    g_array_set_clear_func(pieces, piece_clear);
    g_hash_table_insert(clocks->pieces, g_memdup2(&s->id, sizeof(s->id)), pieces);
    for (guint i = 0; i < e->pieces->len; i++) {
        struct piece one = make_piece(e->pieces, i, work->a->names->pdata[s->group]);
        g_array_append_val(pieces, one);
        clocks->error = MAX(clocks->error, error_of(&one));
        if (!write_piece(work, s->id, i, piece_at(e->pieces, i), &one, 0, error))
            return false;
    }
    return true;
}

struct clocks *clocks_new(struct world *w, const struct anchors *a, GError **error)
{
    struct clocks *clocks = g_new0(struct clocks, 1);
    struct work work = {w, a, g_new0(struct estimate, a->names->len + 1)};
    bool ok = true;

    clocks->pieces = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, pieces_free);
    estimate_all(&work);
    for (guint i = 0; ok && i < a->sources->len; i++)
        ok = keep_source(clocks, &work, &g_array_index(a->sources, struct clock_source, i), error);
    for (guint g = 0; g < a->names->len; g++)
        g_clear_pointer(&work.of[g].pieces, g_array_unref);
    g_free(work.of);
    if (ok)
        return clocks;
    clocks_free(clocks);
    return NULL;
}

void clocks_free(struct clocks *clocks)
{
    if (!clocks)
        return;
    g_hash_table_unref(clocks->pieces);
    g_free(clocks);
}

int64_t clocks_error(const struct clocks *clocks)
{
    return clocks ? clocks->error : 0;
}

bool clocks_correct(const struct clocks *clocks, int64_t source, int64_t *time, int64_t *until,
                    const char **because)
{
    const GArray *pieces = clocks ? g_hash_table_lookup(clocks->pieces, &source) : NULL;
    int64_t least = INT64_MAX, most = INT64_MIN;
    const char *said = NULL;

    for (guint i = 0; pieces && i < pieces->len; i++) {
        const struct piece *p = &g_array_index(pieces, struct piece, i);
        if (*until < p->from || *time > p->to)
            continue;
        int64_t l, m;
        if (!bounds(&p->skew, MAX(*time, p->from), MIN(*until, p->to), &l,
                    &m)) /* nobody knows what the clock was when it may have been this */
            return false;
        least = MIN(least, l);
        most = MAX(most, m);
        said = p->applied && !said ? p->because : said;
    }
    if (!said)
        return false;
    *time -= most;
    *until -= least;
    if (because)
        *because = said;
    return true;
}
