/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_SCALAR_H
#define HC_SIGMA_SCALAR_H

#include "src/base/yaml.h"

#include <stdint.h>

/*
 * What a scalar of YAML 1.2 means (core schema): a quoted one is a text; a plain one may be nothing, a truth
 * value or a number. "yes" and "on" are texts.
 */
enum hc_sigma_scalar { HC_SIGMA_TEXT, HC_SIGMA_NULL, HC_SIGMA_BOOL, HC_SIGMA_NUMBER };

/* `*yes` is set for truth values. `node` is a scalar. */
enum hc_sigma_scalar hc_sigma_scalar_of(const struct hc_yaml *node, bool *yes);

/* "90s", "5m", "2h", "7d" (also w, and M and y of 30.44 and 365.25 days) in microseconds; more than 0. */
bool hc_sigma_timespan(const struct hc_yaml *node, int64_t *us, GError **error);

#endif
