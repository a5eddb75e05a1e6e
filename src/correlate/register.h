/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_REGISTER_H
#define HC_REGISTER_H

#include "src/base/yaml.h"
#include "src/correlate/world.h"

/*
 * The table `rule`: what each rule that is applied says about itself, for whoever shows findings. `document`
 * is one of a rule file, ours or Sigma's: the keys of both are the same. One that has neither id nor name nor
 * title cannot be named by a finding and is passed over; of two that are called the same the first counts.
 */
bool register_rule(struct world *w, const struct hc_yaml *document, const char *file, GError **error);

#endif
