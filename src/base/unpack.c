/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpack.h"

const char *const hc_packing_names[HC_PACKINGS] = {"not compressed", "gzip", "lz4", "zstd", "xz", "bzip2"};
const char hc_unpack_sum_wrong[] = "the checksum is wrong";
const char hc_unpack_memory[] = "it needs too much memory to be decompressed";

static const struct hc_unpack_library *const libraries[HC_PACKINGS] = {
    NULL, &hc_unpack_zlib, &hc_unpack_lz4, &hc_unpack_zstd, &hc_unpack_xz, &hc_unpack_bzip2};

struct hc_unpack {
    const struct hc_unpack_library *library; /* NULL: the bytes are what they are */
    void *state;
    bool full; /* the last step might have given more */
};

struct hc_unpack *hc_unpack_new(enum hc_packing packing)
{
    struct hc_unpack *u = g_new0(struct hc_unpack, 1);

    u->library = libraries[packing];
    u->state = u->library ? u->library->start() : NULL;
    return u;
}

void hc_unpack_free(struct hc_unpack *u)
{
    if (u && u->library)
        u->library->stop(u->state);
    g_free(u);
}

static int copy(struct hc_str *in, unsigned char *out, size_t *room)
{
    *room = MIN(in->n, *room);
    if (*room)
        memcpy(out, in->p, *room);
    *in = hc_str_skip(*in, *room);
    return 1;
}

int hc_unpack(struct hc_unpack *u, struct hc_str *in, GByteArray *out, const char **why)
{
    guint before = out->len;
    size_t room = HC_UNPACK_SIZE;
    int rc;

    g_byte_array_set_size(out, before + (guint)HC_UNPACK_SIZE);
    rc = u->library ? u->library->step(u->state, in, out->data + before, &room, why)
                    : copy(in, out->data + before, &room);
    g_byte_array_set_size(out, before + (guint)room);
    u->full = rc > 0 && u->library && room == HC_UNPACK_SIZE;
    return rc;
}

bool hc_unpack_pending(const struct hc_unpack *u)
{
    return u->full;
}
