/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

#include <lz4frame.h>

/* No more is given to the library than it asks for: what it writes in a call that fails is lost, and the
 * checksum is asked for by itself. */
struct lz4 {
    LZ4F_dctx *context;
    size_t asked;
};

static void *start(void)
{
    struct lz4 *z = g_new0(struct lz4, 1);

    z->asked = LZ4F_HEADER_SIZE_MIN;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&z->context, LZ4F_VERSION)))
        g_error("lz4 cannot be used"); /* only for want of memory */
    return z;
}

static int step(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why)
{
    struct lz4 *z = state;
    size_t used = MIN(in->n, z->asked),
           rc = LZ4F_decompress(z->context, out, room, in->n ? in->p : "", &used, NULL);

    if (LZ4F_isError(rc)) {
        const char *name = LZ4F_getErrorName(rc);
        *room = 0;
        *why = strcmp(name, "ERROR_contentChecksum_invalid") == 0 ? hc_unpack_sum_wrong : name;
        return -1;
    }
    *in = hc_str_skip(*in, used);
    z->asked = rc;
    return rc != 0;
}

static void stop(void *state)
{
    struct lz4 *z = state;

    LZ4F_freeDecompressionContext(z->context);
    g_free(z);
}

const struct hc_unpack_library hc_unpack_lz4 = {start, step, stop};
