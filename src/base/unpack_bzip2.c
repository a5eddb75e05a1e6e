/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

#include <bzlib.h>

static void *start(void)
{
    bz_stream *z = g_new0(bz_stream, 1);

    if (BZ2_bzDecompressInit(z, 0, 0) != BZ_OK)
        g_error("bzip2 cannot be used"); /* only for want of memory */
    return z;
}

/* The library tells a wrong checksum and wrong bytes by one word. */
static int step(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why)
{
    bz_stream *z = state;
    unsigned given = (unsigned)MIN(in->n, (size_t)1 << 30);
    int rc;

    z->next_in = (char *)in->p; /* not written to */
    z->avail_in = given;
    z->next_out = (char *)out;
    z->avail_out = (unsigned)*room;
    rc = BZ2_bzDecompress(z);
    *in = hc_str_skip(*in, given - z->avail_in);
    *room -= z->avail_out;
    if (rc == BZ_OK)
        return 1;
    if (rc == BZ_STREAM_END)
        return 0;
    *why = "cannot be decompressed";
    return -1;
}

static void stop(void *state)
{
    BZ2_bzDecompressEnd(state);
    g_free(state);
}

const struct hc_unpack_library hc_unpack_bzip2 = {start, step, stop};
