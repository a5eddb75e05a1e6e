/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_FALLS_H
#define HC_LOG_FALLS_H

#include "src/evidence/log/line.h"

/*
 * A host's lines come as its clock goes. Where one is earlier than one before it, the clock was set back or
 * the line came late: which of the two times is wrong, the lines do not say, and the later line has an
 * assumed time. Files that were put together in another order fall by days, and that says nothing of a clock.
 */
/* lines out of order by less are ordinary: several daemons write one file */
#define HC_CLOCK_JITTER (60 * HC_US_PER_S)
/* lines that fall by more were put together in another order */
#define HC_CLOCK_FALL_MAX (86400 * HC_US_PER_S)
/* hosts of one log whose clocks are minded; those of others are not */
#define HC_CLOCK_HOSTS_MAX 10000

struct hc_falls;
struct hc_falls *hc_falls_new(void);
void hc_falls_free(struct hc_falls *falls);
/* The next line of the log, which is dated: marks it where it falls. */
void hc_falls_see(struct hc_falls *falls, struct hc_logline *line);

#endif
