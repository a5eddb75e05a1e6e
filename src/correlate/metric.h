/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_METRIC_H
#define HC_METRIC_H

#include "src/correlate/world.h"

/* Inside of the passes that measure: one end of a duration. act = 0: it is not known. */
struct end {
    int64_t act, time, until;
    bool has_time, read; /* read from a record, not derived as an interval */
    bool open;           /* read, but not to the second: by a clock that is corrected, or to the minute */
};

/* What a row (act, time, until, basis) of `st` says; resets it. No row: no end. */
struct end read_end(hc_stmt *st);
/*
 * How long from one to the other: between readings to the second one number; with a coarser or a derived end
 * its bounds, `*least` -1 where only the upper one is known. False: one of them is not known, or they are the
 * other way round.
 */
bool time_between(const struct end *from, const struct end *to, int64_t *least, int64_t *most);
/* The durations of an incident, rows of `metric`. */
bool measure_times(struct world *w, int64_t incident, GError **error);

#endif
