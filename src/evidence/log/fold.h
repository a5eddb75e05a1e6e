/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_FOLD_H
#define HC_LOG_FOLD_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * The hour that clocks read twice when they are set back, decided by the order of lines. Times here are local
 * ones, as microseconds as if they were UTC. First all lines are shown (hc_fold_see), then each is asked
 * about (hc_fold_pass); both in the order of the file. Pure.
 */
struct hc_fold {
    int64_t size;   /* how far the clocks are set back */
    int64_t jitter; /* falls of less mean nothing */
    bool any;       /* some line was seen */
    bool past;      /* lines behind the hour were seen */
    bool back;      /* the second pass has begun */
    int64_t first;  /* latest time of the first pass */
    int64_t begun;  /* first time of the second, and where in the file; INT64_MIN: in a file before it */
    int64_t offset;
    int64_t second;  /* latest time of the second pass: as far as lines were shown */
    int64_t asked;   /* the same, as far as they were asked about */
    const char *why; /* the order of the lines decides nothing; else NULL */
};

enum hc_pass { HC_PASS_EITHER, HC_PASS_FIRST, HC_PASS_SECOND };

/* `size` and `jitter` above 0. */
struct hc_fold hc_fold_new(int64_t size, int64_t jitter);
/* A line whose time is read twice (`twice`), or one between or behind them whose time is not. */
void hc_fold_see(struct hc_fold *fold, int64_t local, bool twice, int64_t offset);
/* All lines of the next file are behind those so far. */
void hc_fold_next_file(struct hc_fold *fold);
/* Of a line whose time is read twice. `*why` gets a static sentence. */
enum hc_pass hc_fold_pass(struct hc_fold *fold, int64_t local, int64_t offset, const char **why);

#endif
