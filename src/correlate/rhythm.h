/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_RHYTHM_H
#define HC_RHYTHM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Silences of a source against its own rhythm. Its time is cut into steps; from the share of steps with a
 * record, by hour of the day (UTC) and by workday or weekend, follows what each stretch without one had to be
 * expected to hold. One is told when all of this holds:
 *
 *   - the source covers RHYTHM_DAYS_MIN days or more, and a third of its steps hold a record: of these the
 * finest are taken; hours of a kind of day that is there fewer than RHYTHM_KIND_MIN times expect nothing;   -
 * were steps independent, a stretch as unlikely as this one would lie in fewer than one of RHYTHM_ODDS
 * sources as long as this;   - it misses RHYTHM_TIMES as many expected steps as the worst stretch of three
 * quarters of the source's days     (weeks, where the step is a day), and RHYTHM_LEAST at least. So a source
 * that often pauses is left alone.
 *
 * The stretch itself is left out where its own hours are counted. Neighbouring hours count, the quieter the
 * more, so that a change of clocks is no silence.
 */
#define RHYTHM_DAYS_MIN 6
#define RHYTHM_KIND_MIN 3
#define RHYTHM_ODDS 1000
#define RHYTHM_TIMES 3
#define RHYTHM_LEAST 3

struct silence {
    int64_t from, to;        /* minutes since 1970: with a record before, with one after (or the end) */
    int64_t expected, steps; /* so many of its steps were expected to hold a record */
    bool open;               /* nothing follows until the end of the source */
};

/*
 * `minutes`: those with a record, ascending, each once. `end`: the minute in which its coverage ends, not
 * before the last. Appends struct silence to `out`, by time. Returns the step in minutes; 0: it has no rhythm
 * that could be known.
 */
int rhythm_silences(const int64_t *minutes, size_t n, int64_t end, GArray *out);

#endif
