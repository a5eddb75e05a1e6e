/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_GLOB_H
#define HC_SIGMA_GLOB_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * A value of a Sigma rule as a pattern: literal text, "*" (any text, also none, also line ends) and "?" (one
 * character). A backslash takes its meaning from "*", "?" and "\"; before anything else it is itself. The
 * whole value has to match, letters without regard to case unless the pattern is cased.
 */
#define HC_GLOB_LENGTH_MAX 65536 /* bytes of one pattern; longer ones are refused by whoever reads them */

struct hc_glob;

/* From the text as it is written in the rule. */
struct hc_glob *hc_glob_new(struct hc_str written);
/* Of exactly these bytes. */
struct hc_glob *hc_glob_literal(struct hc_str bytes);
void hc_glob_free(struct hc_glob *glob);
/* Lets any text stand before or behind. */
void hc_glob_widen(struct hc_glob *glob, bool before, bool behind);
/* Call it last: letters are compared as they are written, or without regard to case. */
void hc_glob_seal(struct hc_glob *glob, bool cased);
bool hc_glob_cased(const struct hc_glob *glob);

/* The text that it is, when it holds no wildcards; else .p == NULL. It lives as long as the pattern; folded
 * once sealed uncased. */
struct hc_str hc_glob_text(const struct hc_glob *glob);
/* `value` is folded by hc_fold already unless the pattern is cased. */
bool hc_glob_match(const struct hc_glob *glob, struct hc_str value);

/*
 * Some pairs of neighbouring bytes that every matching value holds, folded (also where the pattern is cased);
 * `*n` 0: none is known. Once sealed.
 */
#define HC_GLOB_PAIRS_MAX 8
const uint16_t *hc_glob_pairs(const struct hc_glob *glob, size_t *n);

/* Appends `text` with its letters in lower case (simple mappings of Unicode); bytes that are no UTF-8 stay.
 * The one fold of rules and values. */
void hc_fold(GString *out, struct hc_str text);

#endif
