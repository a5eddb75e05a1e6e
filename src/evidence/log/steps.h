/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_STEPS_H
#define HC_LOG_STEPS_H

#include "src/base/str.h"
#include "src/base/utc.h"

/*
 * What steps of days between the lines of a log say of years that are not written. Each line has the year in
 * which it is nearest to the line before it; that is wrong where a line was late by months. Such lines are
 * seen by where the times go back to:
 *
 * They leap ahead and come back to where they leapt from: the lines between are in doubt, and they alone.
 * They fall back: what follows is in doubt until they are back at where they fell from, and then that was
 * all. If they never come back, what stood before the fall and behind the last silence that ends later than
 * it fell to may as well be what is wrong. A leap of months may be a year and months: what follows is in
 * doubt until they are back. Pure; all times are local ones, in microseconds.
 */
/* a step of more than this is a leap or a fall; lines out of order by less are ordinary */
#define HC_CLOCK_BACK_DAYS 2
#define HC_CLOCK_LEAP_DAYS 90 /* what follows a leap of more than this is in doubt at once */
/* leaps that are known one by one; of more, the first two count as one, and more lines are in doubt */
#define HC_CLOCK_SILENCES 16

/* The start of a line: of which file of the set, and where in it. */
struct hc_stand {
    unsigned file;
    int64_t offset;
};

/* Lines from one on and before another. */
struct hc_doubted {
    struct hc_stand from, to;
};

/* Zeroes: no step yet. */
struct hc_steps {
    bool fell;         /* what follows is in doubt by a fall ... */
    int64_t fell_from; /* ... from this time */
    bool maybe;        /* these will have been in doubt if the times do not come back: */
    struct hc_doubted before;
    bool leapt;         /* what follows is in doubt by a leap of months ... */
    int64_t leapt_from; /* ... from this time */
    struct hc_silence {
        int64_t from, to;   /* last time before, first time behind it */
        struct hc_stand at; /* of that first line */
    } silences[HC_CLOCK_SILENCES];
    unsigned n;
};

/* The times go from `last` by `step` to the line at `at`. True: those in `*doubted` are in doubt, which stand
 * before it. */
bool hc_steps_take(struct hc_steps *s, int64_t last, int64_t step, struct hc_stand at,
                   struct hc_doubted *doubted);
/* Nothing will come back any more: the set has ended, or a line says its year. True: likewise. */
bool hc_steps_end(struct hc_steps *s, struct hc_doubted *doubted);
/* Why what follows is in doubt now; .p == NULL: it is not. Static text. */
struct hc_str hc_steps_doubt(const struct hc_steps *s);

#endif
