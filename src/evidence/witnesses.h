/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WITNESSES_H
#define HC_WITNESSES_H

#include "src/base/bulk.h"
#include "src/base/event.h"
#include "src/evidence/runs.h"

/* Appends the small form of the lines that an event cites, each as it differs from the one before: a mail log
 * cites nearly every line. */
void hc_parts_pack(const struct hc_event_part *parts, size_t n, struct hc_buffer *out);
/* The next of them, `packed` moves behind it; `part` is zeroes at first, and then the one before. False:
 * there is none. */
bool hc_parts_next(struct hc_str *packed, struct hc_event_part *part);

/*
 * Writes the empty table `witness_row` as a whole tree: `parts` has the lines that events cite, in their
 * small form, by the number of their event, in any order. A part without a source is of `source`. One line
 * that an event cites twice is one witness, as it is for SQLite.
 */
bool hc_witnesses_build(struct hc_runs *parts, int64_t source, struct hc_bulk *bulk, GError **error);

#endif
