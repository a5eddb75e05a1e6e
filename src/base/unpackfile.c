/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/unpackfile.h"

struct hc_unpackfile {
    hc_unpackfile_fn more;
    void *data;
    enum hc_packing packing;
    struct hc_unpack *part; /* NULL: between two of them */
    struct hc_str packed;   /* what has come and is not used yet */
    GByteArray *out;
    bool ended, padding, trailed;
    int64_t taken;
    const char *fault;
};

/* The last nibble of the first byte of a frame of zstd or lz4 that is to be passed over is its writer's. */
static bool is_skippable(const unsigned char *p, size_t n)
{
    return n > 0 && (p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", MIN(n - 1, 3)) == 0;
}

/* Does a part begin here? Signatures are those of the formats' own specifications; of one that the bytes end
 * in, what there is counts. */
static bool begins_part(enum hc_packing packing, struct hc_str bytes)
{
    static const struct {
        const char *bytes;
        size_t n;
    } signs[HC_PACKINGS] = {[HC_PACK_GZIP] = {"\x1f\x8b\x08", 3},
                            [HC_PACK_LZ4] = {"\4\"M\x18", 4},
                            [HC_PACK_ZSTD] = {"\x28\xb5\x2f\xfd", 4},
                            [HC_PACK_XZ] = {"\375"
                                            "7zXZ\0",
                                            6},
                            [HC_PACK_BZIP2] = {"BZh", 3}};
    const unsigned char *p = (const unsigned char *)bytes.p;

    return memcmp(p, signs[packing].bytes, MIN(bytes.n, signs[packing].n)) == 0 ||
           ((packing == HC_PACK_LZ4 || packing == HC_PACK_ZSTD) && is_skippable(p, bytes.n));
}

/* A text may begin with three letters too: what follows them in a bzip2 file is a block, or its end. */
static bool is_bzip2(const unsigned char *p)
{
    return p[3] >= '1' && p[3] <= '9' &&
           (memcmp(p + 4, "1AY&SY", 6) == 0 || memcmp(p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

enum hc_packing hc_unpackfile_is(const void *head, size_t n)
{
    const unsigned char *p = head;

    if (n < HC_UNPACK_HEAD)
        return HC_PACK_NONE;
    for (enum hc_packing k = HC_PACK_GZIP; k < HC_PACKINGS; k++)
        if (begins_part(k, hc_str_n(head, n)))
            return (k == HC_PACK_GZIP && (p[3] & 0xe0) != 0) || (k == HC_PACK_BZIP2 && !is_bzip2(p))
                       ? HC_PACK_NONE
                       : k;
    return HC_PACK_NONE;
}

struct hc_unpackfile *hc_unpackfile_new(enum hc_packing packing, hc_unpackfile_fn more, void *data)
{
    struct hc_unpackfile *u = g_new0(struct hc_unpackfile, 1);

    u->packing = packing;
    u->more = more;
    u->data = data;
    u->out = g_byte_array_sized_new((guint)HC_UNPACK_SIZE);
    return u;
}

void hc_unpackfile_free(struct hc_unpackfile *u)
{
    if (!u)
        return;
    hc_unpack_free(u->part);
    g_byte_array_unref(u->out);
    g_free(u);
}

/* More of the file, where all of it was used: 1, 0 = it is at its end, -1 = failed. */
static int fill(struct hc_unpackfile *u, const char **why)
{
    const void *bytes = NULL;
    int64_t n = u->packed.n ? 1 : u->more(u->data, &bytes, why);

    if (bytes && n > 0)
        u->packed = hc_str_n(bytes, (size_t)n);
    return n > 0 ? 1 : (int)n;
}

static void use(struct hc_unpackfile *u, size_t n)
{
    u->packed = hc_str_skip(u->packed, n);
    u->taken += (int64_t)n;
}

/* The first bytes of a further part: 1; 0 = there is none, -1 = failed. */
static int next_part(struct hc_unpackfile *u, const char **why)
{
    const bool pads = u->packing == HC_PACK_GZIP || u->packing == HC_PACK_XZ;
    int rc;

    while ((rc = fill(u, why)) == 1 && pads && u->taken > 0 && u->packed.p[0] == '\0') {
        u->padding = true;
        use(u, 1);
    }
    if (rc != 1)
        return rc;
    if ((u->padding && u->packing == HC_PACK_GZIP) || !begins_part(u->packing, u->packed)) {
        u->trailed = true;
        return 0;
    }
    u->part = hc_unpack_new(u->packing);
    return 1;
}

/* What the next bytes of the part give, though it may be nothing. */
static void step(struct hc_unpackfile *u)
{
    const size_t before = u->packed.n;
    const char *why = NULL;
    int rc = hc_unpack(u->part, &u->packed, u->out, &why);

    u->taken += (int64_t)(before - u->packed.n);
    if (rc < 0)
        u->fault = why == hc_unpack_sum_wrong ? HC_UNPACK_CHANGED
                   : why == hc_unpack_memory  ? hc_unpack_memory
                                              : HC_UNPACK_DAMAGED;
    if (rc == 0)
        g_clear_pointer(&u->part, hc_unpack_free);
}

/* A little further: 1, 0 = the end, -1 = failed. */
static int go_on(struct hc_unpackfile *u, const char **why)
{
    int rc;

    if (!u->part)
        return next_part(u, why);
    rc = hc_unpack_pending(u->part) ? 1 : fill(u, why);
    if (rc == 0)
        u->fault = HC_UNPACK_CUT;
    if (rc == 1)
        step(u);
    return rc;
}

int64_t hc_unpackfile_read(struct hc_unpackfile *u, const void **bytes, const char **why)
{
    g_byte_array_set_size(u->out, 0);
    while (u->out->len == 0 && !u->ended && !u->fault) {
        int rc = go_on(u, why);
        if (rc < 0)
            return -1;
        u->ended = rc == 0;
    }
    *bytes = u->out->data;
    return (int64_t)u->out->len;
}

const char *hc_unpackfile_fault(const struct hc_unpackfile *u)
{
    return u->fault;
}

int64_t hc_unpackfile_taken(const struct hc_unpackfile *u)
{
    return u->taken;
}

bool hc_unpackfile_trailed(const struct hc_unpackfile *u)
{
    return u->trailed;
}

const char *hc_unpackfile_packing(const struct hc_unpackfile *u)
{
    return hc_packing_names[u->packing];
}
