/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

#include <lz4frame.h>

static void *start(void)
{
    LZ4F_dctx *context = NULL;

    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        g_error("lz4 cannot be used"); /* only for want of memory */
    return context;
}

static int step(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why)
{
    size_t used = in->n, rc = LZ4F_decompress(state, out, room, in->n ? in->p : "", &used, NULL);

    if (LZ4F_isError(rc)) {
        *room = 0;
        *why = LZ4F_getErrorName(rc);
        return -1;
    }
    *in = hc_str_skip(*in, used);
    return rc != 0;
}

static void stop(void *state)
{
    LZ4F_freeDecompressionContext(state);
}

const struct hc_unpack_library hc_unpack_lz4 = {start, step, stop};
