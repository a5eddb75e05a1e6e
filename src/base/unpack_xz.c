/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

#include <lzma.h>

static void *start(void)
{
    lzma_stream *z = g_new0(lzma_stream, 1);

    *z = (lzma_stream)LZMA_STREAM_INIT;
    if (lzma_stream_decoder(z, HC_UNPACK_MEMORY, 0) != LZMA_OK)
        g_error("liblzma cannot be used"); /* only for want of memory */
    return z;
}

/* The library tells a wrong checksum and wrong bytes by one word. */
static int step(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why)
{
    lzma_stream *z = state;
    lzma_ret rc;

    z->next_in = (const unsigned char *)in->p;
    z->avail_in = in->n;
    z->next_out = out;
    z->avail_out = *room;
    rc = lzma_code(z, LZMA_RUN);
    *in = hc_str_skip(*in, in->n - z->avail_in);
    *room -= z->avail_out;
    if (rc == LZMA_OK || rc == LZMA_BUF_ERROR)
        return 1;
    if (rc == LZMA_STREAM_END)
        return 0;
    *why = rc == LZMA_MEMLIMIT_ERROR ? hc_unpack_memory : "cannot be decompressed";
    return -1;
}

static void stop(void *state)
{
    lzma_end(state);
    g_free(state);
}

const struct hc_unpack_library hc_unpack_xz = {start, step, stop};
