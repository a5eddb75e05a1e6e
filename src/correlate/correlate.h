/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CORRELATE_H
#define HC_CORRELATE_H

#include "src/base/case.h"
#include "src/base/db.h"

/*
 * Facts to conclusions: empties the derived tables and fills them again, in one transaction. The same facts and the
 * same case file give the same rows.
 */
bool hc_correlate(hc_db *db, const struct hc_case *c, GError **error);
/*
 * Draws the conclusions once more, from the facts in `again`, and compares: false in `*same` when they differ. A case in which
 * nothing was concluded yet has nothing to compare.
 */
bool hc_correlate_same(hc_db *db, hc_db *again, const struct hc_case *c, bool *same, GError **error);

#endif
