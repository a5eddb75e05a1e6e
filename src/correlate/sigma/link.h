/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_LINK_H
#define HC_SIGMA_LINK_H

#include "src/correlate/sigma/rules.h"

/* Inside of the rules: what is told on the way, and correlations, which name other rules. */
void sigma_problem(struct hc_sigma_rules *rules, const GError *why);
void sigma_warn(struct hc_sigma_rules *rules, const struct hc_yaml *where, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* The rule that is called so by its id or name: its number, or -1. */
ptrdiff_t sigma_find(const struct hc_sigma_rules *rules, const char *reference);
/* Reads the correlation of a rule whose steps are known by now. */
bool sigma_correlation_read(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, GError **error);

#endif
