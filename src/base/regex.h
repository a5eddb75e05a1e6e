/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_REGEX_H
#define HC_REGEX_H

#include "src/base/error.h"
#include "src/base/str.h"

/* Regular expressions of rules (Perl's syntax). The only door to PCRE2. Each search is bounded, whatever the
 * expression and the text. */
#define HC_REGEX_STEPS_MAX 10000000 /* of one search; then it gives up */
#define HC_REGEX_PATTERN_MAX 65536  /* bytes */

enum hc_regex_flags { HC_REGEX_NO_CASE = 1 << 0, HC_REGEX_MULTI_LINE = 1 << 1, HC_REGEX_DOT_ALL = 1 << 2 };

struct hc_regex;
/* NULL with a reason (HC_ERROR_CONFIG) when it is no expression. */
struct hc_regex *hc_regex_new(const char *pattern, unsigned flags, GError **error);
void hc_regex_free(struct hc_regex *regex);
/* Anywhere in the text: 1, 0 = nowhere, -1 = gave up. Bytes that are no UTF-8 match nothing. */
int hc_regex_search(const struct hc_regex *regex, struct hc_str text);

#endif
