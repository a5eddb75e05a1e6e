/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WITNESSES_H
#define HC_WITNESSES_H

#include "src/base/buffer.h"
#include "src/base/event.h"

/*
 * The other lines that an event cites; a mail log cites nearly every line. Those of its own source are a
 * column of its row: appends [[record, offset, length], ...], ordered by offset, record and offset as they
 * differ from the event's own; a fourth number where its line lies further beyond its record than that of the
 * event does. Of two at one offset the first counts. Appends nothing where there are none.
 */
void hc_lines_write(const struct hc_event *event, struct hc_buffer *out);

/* Appends the small form of all others, each as it differs from the one before. */
void hc_parts_pack(const struct hc_event *event, struct hc_buffer *out);
/* The next of them, `packed` moves behind it; `part` is zeroes at first, and then the one before. False:
 * there is none. */
bool hc_parts_next(struct hc_str *packed, struct hc_event_part *part);

#endif
