/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SKEW_H
#define HC_SKEW_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How far a clock runs ahead of one that is known, from pairs of records of which one cannot be before the
 * other. A message cannot be received before it was sent: what lies between the two readings is the offset
 * and a delay, which is never negative. So a pair in which the known clock comes first bounds the offset from
 * above, one in which it comes second from below; a delay, however long, weakens a bound and never makes it
 * wrong. That is why the quickest pairs count and no mean is taken, and why an offset is only told where both
 * sides are bounded: a mail host that puts every mail off by five minutes looks from one side like a clock
 * that is five minutes fast.
 *
 * One pair may be wrong (an id used twice, lines in another order): the bound of a side is that of its second
 * best pair, and the best is one of those that are kept to be shown. Where three pairs contradict what held
 * until then, with nothing since that speaks for it, the clock was set. What contradicts at the end of all,
 * where nothing can speak for what held before, ends it too. A setting by little more than what the two sides
 * leave contradicts nothing, and pairs from before and behind it would bound each other to a false certainty.
 * So the bounds are looked for in windows of a piece, one behind the other, and what is told is what they
 * leave together.
 *
 * A clock that gains or loses steadily looks like one that is set again and again, a little further each
 * time: where a straight line goes through what would be three pieces or more, it is one piece that drifts.
 * How fast a clock may have drifted unseen between the pairs of any piece is a part of what is not known of
 * it.
 *
 * Pure: no database, no time of day. All times are microseconds.
 */
#define HC_SKEW_PAIRS_MIN 3   /* on each side, or nothing is told */
#define HC_SKEW_STEP_PAIRS 3  /* that contradict, so that the clock was set; fewer are set aside */
#define HC_SKEW_PIECES_MAX 16 /* a clock with more pieces wanders: nothing is told of it */
/* pairs on each side in a window; a piece with fewer than two such windows is one */
#define HC_SKEW_WINDOW 8
#define HC_SKEW_SHOWN 4        /* pairs of a side that are kept */
#define HC_SKEW_STEPS 3        /* steps that a drift has to explain, or they are steps */
#define HC_SKEW_DRIFT_PAIRS 16 /* on each side */
/* a pair whose bound is worse by more does not show that the clock was so when it was read */
#define HC_SKEW_TIGHT (4 * G_GINT64_CONSTANT(1000000))
#define HC_SKEW_LOOKED 64 /* steps that are looked at for one drift */
/* microseconds a day, which is no clock any more */
#define HC_SKEW_DRIFT_MAX (G_GINT64_CONSTANT(60) * 1000000)
/* likewise, for a drift that pairs do not show and merely leave open */
#define HC_SKEW_UNSEEN (G_GINT64_CONSTANT(20) * 1000000)
/* microseconds a day that a clock may stray from a straight line, unseen within a window ... */
#define HC_SKEW_UNEVEN 1000000.0
#define HC_SKEW_UNEVEN_MAX (4 * G_GINT64_CONSTANT(1000000)) /* ... and in all */
#define HC_SKEW_NOISE (2 * G_GINT64_CONSTANT(1000000))      /* an offset up to this is none */

struct hc_skew_pair {
    int64_t when;    /* reading of the known clock, for the order */
    int64_t reading; /* of the clock in question */
    int64_t bound;   /* of its offset */
    bool upper;      /* a bound from above */
    int64_t tag;     /* the caller's */
};

struct hc_skew_side {
    guint n;    /* pairs */
    guint kept; /* up to HC_SKEW_SHOWN, the one that bounds most first */
    struct hc_skew_pair best[HC_SKEW_SHOWN];
};

/* A stretch in which the clock was not set. */
struct hc_skew_piece {
    struct hc_skew_side lower, upper;
    int64_t from, to;               /* readings of the clock between which its pairs prove this piece */
    int64_t barred_from, barred_to; /* nearest readings before and behind of pairs that contradict it;
                                       INT64_MIN, INT64_MAX: none */
    int64_t proved_from, proved_to; /* while they are looked for: not as its neighbours are */
    bool bounded;                   /* HC_SKEW_PAIRS_MIN on each side: */
    int64_t least, most;            /* at reading `at` */
    int64_t drift, at; /* microseconds that it gains in a day; 0: nothing shows that it gains or loses */
    guint against;     /* pairs that contradict it and are set aside */
};

/*
 * Sorts `pairs` (struct hc_skew_pair) by (when, upper, tag) and cuts them into pieces, in the order of true
 * time. The result (struct hc_skew_piece) is yours. NULL: more pieces than a clock has.
 */
GArray *hc_skew_pieces(GArray *pairs);

/*
 * Readings between which piece `i` may hold; before the first and behind the last piece only what bars it
 * ends it. The clock was set somewhere between the last proof of a piece and the first of the next, in true
 * time: either may hold there, and a clock that was set back reads some times twice.
 */
void hc_skew_reach(const GArray *pieces, guint i, int64_t *from, int64_t *to);

/*
 * The bound of the offset from above or below at a reading, where there is one; of a piece that is not
 * bounded on both sides it is that of the second best pair.
 */
bool hc_skew_bound(const struct hc_skew_piece *piece, bool upper, int64_t reading, int64_t *bound);

enum hc_skew_verdict {
    HC_SKEW_CORRECT,   /* the offset is more than noise and than what is not known of it */
    HC_SKEW_FEW,       /* fewer than HC_SKEW_PAIRS_MIN pairs on either side */
    HC_SKEW_ONE_SIDED, /* enough on one side, not on the other */
    HC_SKEW_RIGHT,     /* no offset that is more than noise: the clock may be right */
    HC_SKEW_UNCERTAIN, /* the offset is real, but less certain than it is large */
};
enum hc_skew_verdict hc_skew_judge(const struct hc_skew_piece *piece);

#endif
