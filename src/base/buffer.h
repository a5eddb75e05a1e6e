/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BUFFER_H
#define HC_BUFFER_H

#include "src/base/str.h"

/*
 * Bytes that grow at their end, for what is done for every record: GLib's arrays divide at each append, and
 * call. Starts as zeroes; the bytes are its own until hc_buffer_clear.
 */
struct hc_buffer {
    char *p;
    size_t n, size;
};

static inline void hc_buffer_clear(struct hc_buffer *b)
{
    g_free(b->p);
    *b = (struct hc_buffer){NULL, 0, 0};
}

/* Room for `n` more bytes behind the last, which are not part of it yet. */
static inline char *hc_buffer_room(struct hc_buffer *b, size_t n)
{
    if (G_UNLIKELY(b->size - b->n < n || !b->p)) {
        b->size = MAX(b->size * 2, b->n + n + 256);
        b->p = g_realloc(b->p, b->size);
    }
    return b->p + b->n;
}

static inline void hc_buffer_add(struct hc_buffer *b, const void *data, size_t n)
{
    char *to = hc_buffer_room(b, n);

    if (n)
        memcpy(to, data, n);
    b->n += n;
}

#endif
