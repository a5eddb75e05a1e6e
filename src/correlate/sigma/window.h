/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_WINDOW_H
#define HC_SIGMA_WINDOW_H

#include "src/correlate/sigma/rules.h"

/*
 * Correlations over the hits of detections, and over one another. Hits of one group are looked at in windows that end with a hit and are as long as the
 * timespan, both ends included. Hits of the same instant are taken together: their order is not known, and any is allowed. What one event
 * does for two steps counts for both in "temporal", for one of them in "temporal_ordered". "not b" means that no b lies in any window of this
 * length that holds all hits of the other rules which the present one holds, before or after it. A hit that lacks a key belongs to no group; one that has several values for it belongs to several.
 *
 * Firings of one group whose windows overlap are one match. To a correlation that needs it each firing is a hit, dated by its last member; counts
 * count matches.
 */
#define HC_SIGMA_GROUPS_MAX 4096 /* that one hit may belong to; beyond that it is in none, and counted as crowded */

struct hc_sigma_windows;
struct hc_sigma_windows *hc_sigma_windows_new(const struct hc_sigma_rules *rules);
void hc_sigma_windows_free(struct hc_sigma_windows *windows);
/* A detection matched event `number` (from 1) at this instant. */
void hc_sigma_windows_hit(struct hc_sigma_windows *windows, size_t rule, uint32_t number, int64_t us, struct hc_sigma_event *event);

struct hc_sigma_match {
    size_t rule;
    const struct hc_str *keys; /* as many as the correlation has */
    int64_t from, to;          /* microseconds: first and last member */
};
/* After the last hit: calls `fn` for each match, by rule, group (as first met) and time. */
typedef void (*hc_sigma_match_fn)(void *data, const struct hc_sigma_match *match);
void hc_sigma_windows_run(struct hc_sigma_windows *windows, hc_sigma_match_fn fn, void *data);
/* How often a hit would have belonged to too many groups. */
uint64_t hc_sigma_windows_crowded(const struct hc_sigma_windows *windows);

#endif
