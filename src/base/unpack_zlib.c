/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

#include <zlib.h>

#define EITHER_HEADER 32 /* of zlib or of gzip, as the bytes have it */

static void *start(void)
{
    z_stream *z = g_new0(z_stream, 1);

    if (inflateInit2(z, MAX_WBITS + EITHER_HEADER) != Z_OK)
        g_error("zlib cannot be used"); /* only for want of memory */
    return z;
}

static int step(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why)
{
    z_stream *z = state;
    uInt given = (uInt)MIN(in->n, (size_t)1 << 30);
    int rc;

    z->next_in = (unsigned char *)in->p; /* not written to */
    z->avail_in = given;
    z->next_out = out;
    z->avail_out = (uInt)*room;
    rc = inflate(z, Z_NO_FLUSH);
    *in = hc_str_skip(*in, given - z->avail_in);
    *room -= z->avail_out;
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return 1;
    if (rc == Z_STREAM_END)
        return 0;
    if (rc == Z_DATA_ERROR && z->msg)
        *why = g_str_has_prefix(z->msg, "incorrect data") || g_str_has_prefix(z->msg, "incorrect length")
                   ? hc_unpack_sum_wrong
                   : z->msg;
    else
        *why = "cannot be decompressed";
    return -1;
}

static void stop(void *state)
{
    inflateEnd(state);
    g_free(state);
}

const struct hc_unpack_library hc_unpack_zlib = {start, step, stop};
