/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_EXTENSION_H
#define HC_SIGMA_EXTENSION_H

#include "src/correlate/sigma/rules.h"

/* Inside of the rules: the map "hindcast:". A key that is not known, or means nothing in this kind of rule,
 * is refused by name. */

/* What any rule may say, when it is read. */
bool sigma_extension_read(struct hc_sigma_rule *rule, GError **error);
/* Before the correlation's keys are read, for its aliases may name them: the rules of absent-between. */
bool sigma_extension_absent(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, GError **error);
/* What a correlation may say, once its steps and keys are known. */
bool sigma_extension_link(struct hc_sigma_rules *rules, struct hc_sigma_rule *rule, GError **error);

#endif
