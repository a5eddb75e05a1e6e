/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_RULEBOOK_H
#define HC_SIGMA_RULEBOOK_H

#include "src/correlate/sigma/rules.h"

/* What can be asked about rules without a case. Texts are appended to `out`; nothing is printed. */

/*
 * Adds a file, or a folder with all that lies below it and ends in .yml or .yaml, in sorted order. `shown`:
 * what messages call it. False: a file cannot be read. Files NAME.txt in the folder, or beside the file, hold
 * a list of values for the placeholder %NAME%, one on a line.
 */
bool hc_rulebook_add(struct hc_sigma_rules *rules, const char *path, const char *shown, GError **error);
/* Adds the rules that we ship. */
void hc_rulebook_add_shipped(struct hc_sigma_rules *rules);
/* The rules of these paths, NULL-ended, linked; of no path those that we ship. NULL: a file cannot be
 * read. */
struct hc_sigma_rules *hc_rulebook_load(char *const *paths, GError **error);

/* Warns of rules that have the name of one that we ship: together they are refused. */
void hc_rulebook_beside_shipped(struct hc_sigma_rules *rules);

/* One line for each rule: level, id or name, title. */
void hc_rulebook_list(const struct hc_sigma_rules *rules, GString *out);
/* "file:line:column: error: why" for each problem and "... warning: ..." for each warning; then how many
 * rules there are. True: no problems. */
bool hc_rulebook_check(const struct hc_sigma_rules *rules, GString *out);
/* What each rule asks for, in words. */
void hc_rulebook_explain(const struct hc_sigma_rules *rules, GString *out);

/*
 * Runs the rules over JSON events, one on a line, that lie in the file `events`. The answer is one JSON
 * object: {"match":[...], "detections":{TITLE:[...]},"correlations":{TITLE:[[KEY,...],...]}}, where events
 * are numbers from 1 (of lines that hold an event); "undated":n is added when n events that match have no
 * time that can be read, which correlations cannot see, "crowded":n when n hits would belong to too many
 * groups (window.h), "possible":{TITLE:[[KEY,...],...]} when groups fire only if what may have been in
 * another order was in this one. What cannot be used, a rule or an event, makes the whole answer
 * {"error":"file:line: why"}, and the result false.
 *
 * The time of an event is the first of these fields that it has: @timestamp, timestamp, time, eventTime,
 * published, createdDateTime, created_at: RFC 3339 (UTC without offset) or a decimal number since 1970, whose
 * unit is told by its digits as hc_time_epoch does. Where it has `until` as well, in the same forms and not
 * before, it was somewhere between the two, as `hindcast events -f jsonl` says it.
 */
#define HC_RULEBOOK_EVENTS_MAX 4000000000u
bool hc_rulebook_test(const struct hc_sigma_rules *rules, const char *events, GString *out);

#endif
