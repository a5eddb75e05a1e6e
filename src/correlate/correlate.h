/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CORRELATE_H
#define HC_CORRELATE_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/correlate/sigma/rules.h"

/*
 * The rules for a case: those that we ship, those in its folder rules/ where it has one, and those of `more`
 * (files and folders, NULL-ended; NULL: none). A rule that cannot be used fails with its place,
 * HC_ERROR_CONFIG. Free with hc_sigma_rules_free.
 */
struct hc_sigma_rules *hc_correlate_rules(const struct hc_case *c, char *const *more, GError **error);

/*
 * Facts to conclusions: empties the derived tables and fills them again, in one transaction. The same facts,
 * the same case file and the same rules give the same rows.
 */
bool hc_correlate(hc_db *db, const struct hc_case *c, const struct hc_sigma_rules *rules, GError **error);
/*
 * Draws the conclusions once more, from the facts in `again`, and compares: false in `*same` when they
 * differ. A case in which nothing was concluded yet has nothing to compare.
 */
bool hc_correlate_same(hc_db *db, hc_db *again, const struct hc_case *c, const struct hc_sigma_rules *rules,
                       bool *same, GError **error);

#endif
