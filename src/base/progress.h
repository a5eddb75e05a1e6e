/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PROGRESS_H
#define HC_PROGRESS_H

#include "src/base/str.h"

#include <stdint.h>

/* How far a long piece of work is, in words for a terminal. Pure: the clock is the caller's. */
#define HC_PROGRESS_EVERY INT64_C(100000) /* microseconds between two lines */

struct hc_progress { /* starts as zeroes */
    bool started;
    int64_t start, last; /* instants of the clock */
    char *what;
};
void hc_progress_clear(struct hc_progress *progress);

/*
 * "[ 45%] 210 MB/s, 3 s left, evidence/db.sql": true when it is time to show it, which it is ten times a
 * second and at each new `what`. Rate and time left are said once a second has passed; `done` and `total` are
 * bytes. Where `total` is 0 only `what` is told.
 */
bool hc_progress_line(struct hc_progress *progress, int64_t now, const char *what, int64_t done,
                      int64_t total, GString *line);

#endif
