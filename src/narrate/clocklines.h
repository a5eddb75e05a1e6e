/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CLOCKLINES_H
#define HC_CLOCKLINES_H

#include "src/base/db.h"

/* What `sources` says of the clock of a source: each estimate, and the pairs of records that decide it.
 * Nothing where there is none. */
bool clock_text(hc_db *db, int64_t source, GString *out, GError **error);
/* A JSON array. */
bool clock_json(hc_db *db, int64_t source, GString *out, GError **error);

#endif
