/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WITNESSES_H
#define HC_WITNESSES_H

#include "src/base/bulk.h"
#include "src/evidence/runs.h"

/*
 * Writes the empty table `witness` as a whole tree: `parts` has the lines that events cite (struct hc_event_part each), by the number of
 * their event, in any order. A part without a source is of `source`. One line that an event cites twice is one witness, as it is for SQLite.
 */
bool hc_witnesses_build(struct hc_runs *parts, int64_t source, struct hc_bulk *bulk, GError **error);

#endif
