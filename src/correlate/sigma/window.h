/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_WINDOW_H
#define HC_SIGMA_WINDOW_H

#include "src/correlate/sigma/rules.h"

/*
 * Correlations over the hits of detections, and over one another. Hits of one group are looked at in windows
 * that end with a hit and are as long as the timespan, both ends included. A hit may be an interval: windows
 * are measured between the latest instants. Of two hits one is certainly before the other when it ends before
 * that begins; where they overlap or are of the same instant, any order is allowed, and what rests on one is
 * only possible. What one event does for two steps counts for both in "temporal", for one of them in
 * "temporal_ordered". "not b" means that no b lies in any window of this length that holds all hits of the
 * other rules which the present one holds, before or after it. A hit that lacks a key belongs to no group,
 * unless the key is optional; one that has several values for it belongs to several.
 *
 * Firings of one group whose windows overlap are one match. To a correlation that needs it each firing is a
 * hit, dated by its last member; counts count matches.
 */
#define HC_SIGMA_GROUPS_MAX                                                                                  \
    4096 /* that one hit may belong to; beyond that it is in none, and counted as crowded */

/* When something was; `earliest` is INT64_MIN where nothing bounds it. */
struct hc_sigma_when {
    int64_t earliest, latest; /* microseconds */
};

/* A key, or a value, of an event: what it says, and which thing of the case that is (0: its text is all). Two
 * of one text and of different things differ. */
struct hc_sigma_key {
    struct hc_str text;
    int64_t thing;
};

struct hc_sigma_windows;
struct hc_sigma_windows *hc_sigma_windows_new(const struct hc_sigma_rules *rules);
void hc_sigma_windows_free(struct hc_sigma_windows *windows);
/* A detection matched event `number` (from 1) then. */
void hc_sigma_windows_hit(struct hc_sigma_windows *windows, size_t rule, uint32_t number,
                          struct hc_sigma_when when, struct hc_sigma_event *event);

struct hc_sigma_match {
    size_t rule;
    const struct hc_sigma_key *keys; /* as many as the correlation has */
    int64_t from, to;                /* microseconds: first and last member */
    bool certain;                    /* some firing of it is */
    const void *firing; /* the last that is as certain as the match, for hc_sigma_windows_members */
};
/* After the last hit: calls `fn` for each match, by rule, group (as first met) and time. */
typedef void (*hc_sigma_match_fn)(void *data, const struct hc_sigma_match *match);
void hc_sigma_windows_run(struct hc_sigma_windows *windows, hc_sigma_match_fn fn, void *data);
/* How often a hit would have belonged to too many groups, or an order was not looked for because it would
 * have to be in too many ways. */
uint64_t hc_sigma_windows_crowded(const struct hc_sigma_windows *windows);

/* An event that is part of a match, and the detection that it is there for. */
struct hc_sigma_member {
    size_t rule;
    uint32_t number;
    int64_t earliest, latest;
};
/* A correlation that the match lists and that fired in it. */
struct hc_sigma_part {
    size_t rule;
    size_t n;         /* what it counts */
    int64_t duration; /* from its first record to its last, microseconds */
};
/*
 * What the match is made of, while it is told of: of an order step by step, else by time. No
 * event twice for one rule. `parts`: the match itself first. Arrays of the structures above, to which is
 * appended.
 */
void hc_sigma_windows_members(const struct hc_sigma_windows *windows, const struct hc_sigma_match *match,
                              GArray *members, GArray *parts);

#endif
