/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

#include <zstd.h>
#include <zstd_errors.h>

#define WINDOW_LOG_MAX                                                                                       \
    27 /* the window of a frame is allocated: 128 MiB, what `zstd --long` writes and reads without being     \
          asked */

static void *start(void)
{
    ZSTD_DStream *stream = ZSTD_createDStream();

    if (!stream || ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        g_error("zstd cannot be used"); /* only for want of memory */
    return stream;
}

static int step(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why)
{
    ZSTD_inBuffer from = {in->p, in->n, 0};
    ZSTD_outBuffer to = {out, *room, 0};
    size_t rc = ZSTD_decompressStream(state, &to, &from);

    *room = to.pos;
    *in = hc_str_skip(*in, from.pos);
    if (!ZSTD_isError(rc))
        return rc != 0;
    *why = ZSTD_getErrorCode(rc) == ZSTD_error_checksum_wrong ? hc_unpack_sum_wrong : ZSTD_getErrorName(rc);
    return -1;
}

static void stop(void *state)
{
    ZSTD_freeDStream(state);
}

const struct hc_unpack_library hc_unpack_zstd = {start, step, stop};
