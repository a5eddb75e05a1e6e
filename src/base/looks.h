/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOOKS_H
#define HC_LOOKS_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * A look at a line, without its line end, before it is read: what is found out is written to `found`, `size`
 * bytes that are not cleared. It has the line alone, and may run in any thread.
 */
typedef void (*hc_look_fn)(const void *data, struct hc_str line, void *found);
struct hc_look {
    hc_look_fn look; /* NULL: nobody looks */
    const void *data;
    size_t size;
};

/* Lines of a block of bytes that have a line end: where that is in it, and what was found out about them.
 * Starts zeroed; the memory is its own. */
struct hc_seen {
    size_t n, room;
    size_t first; /* where the first of them begins */
    uint32_t *ends;
    char *found;
};
void hc_seen_clear(struct hc_seen *seen);
/* Looks at those of bytes[from..to), in place of what was there. */
void hc_seen_look(struct hc_seen *seen, const struct hc_look *look, const void *bytes, size_t from,
                  size_t to);

#endif
