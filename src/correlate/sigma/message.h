/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_MESSAGE_H
#define HC_SIGMA_MESSAGE_H

#include "src/correlate/sigma/window.h"

/*
 * The message of a rule, "hindcast: message:", in which {name} stands for a value. Of a detection that is a
 * field. Of a correlation: one of its keys; n, how many records (or, of a value_count, values) it counts;
 * duration, from its first record to the last; and RULE.n, RULE.duration of a correlation that it lists, by
 * its name. Without a message the title is told.
 */

/* False with the place of a name that stands for nothing. `message` may be NULL. */
bool sigma_message_check(const struct hc_sigma_rules *rules, const struct hc_sigma_rule *rule,
                         const struct hc_yaml *message, GError **error);

/* Calls `fn` for each {name}; false at once when it says so. */
typedef bool (*hc_sigma_name_fn)(void *data, struct hc_str name);
bool hc_sigma_message_names(const char *message, hc_sigma_name_fn fn, void *data);
/* The message with the values that `value` gives appended to its last argument; "?" where it gives none.
 * Yours. */
typedef bool (*hc_sigma_word_fn)(void *data, struct hc_str name, GString *out);
char *hc_sigma_message_fill(const char *message, hc_sigma_word_fn value, void *data);

#endif
