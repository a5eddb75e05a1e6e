/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PATTERN_H
#define HC_PATTERN_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * Patterns of profiles: literal text with captures. "{name}" takes the shortest text up to what follows (all
 * the rest at the end), "{name=a|b}" only one of these words. No recursion, no backtracking beyond one
 * literal search per capture.
 */
#define HC_CAPTURES_MAX 8

struct hc_pattern;

/* `where` is used in the message ("file:line:column"). */
struct hc_pattern *hc_pattern_new(const char *text, const char *where, GError **error);
void hc_pattern_free(struct hc_pattern *pattern);

bool hc_pattern_is_literal(const struct hc_pattern *pattern);
/* Matches all of `text`; captures are slices of it, by index. */
bool hc_pattern_match(const struct hc_pattern *pattern, struct hc_str text,
                      struct hc_str captures[HC_CAPTURES_MAX]);
size_t hc_pattern_captures(const struct hc_pattern *pattern);
const char *hc_pattern_capture(const struct hc_pattern *pattern, size_t i); /* its name */

#endif
