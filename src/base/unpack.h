/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UNPACK_H
#define HC_UNPACK_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * Decompression of a stream that arrives in pieces and lies inside of something else, so that
 * src/base/input.h cannot do it: one library behind each packing (unpack_zlib.c, unpack_lz4.c,
 * unpack_zstd.c, unpack_xz.c, unpack_bzip2.c), one way to call them.
 */
#define HC_UNPACK_SIZE ((size_t)128 << 10)   /* the most that one step gives */
#define HC_UNPACK_MEMORY (UINT64_C(1) << 30) /* of a packing whose file says how much it needs (xz) */

enum hc_packing {
    HC_PACK_NONE,
    HC_PACK_GZIP /* RFC 1950 or 1952 */,
    HC_PACK_LZ4 /* frames */,
    HC_PACK_ZSTD /* RFC 8878 */,
    HC_PACK_XZ,
    HC_PACK_BZIP2,
    HC_PACKINGS
};
extern const char *const hc_packing_names[HC_PACKINGS];

struct hc_unpack;

struct hc_unpack *hc_unpack_new(enum hc_packing packing);
void hc_unpack_free(struct hc_unpack *u);
/*
 * Appends to `out` what the front of `in` gives, and moves `in` behind what was used: 1; 0 = the stream ends
 * here, what is left of `in` is not of it (never for HC_PACK_NONE); -1 = it is broken, `*why` is a static
 * text. To be called until `in` is used up and nothing is pending.
 */
int hc_unpack(struct hc_unpack *u, struct hc_str *in, GByteArray *out, const char **why);
bool hc_unpack_pending(const struct hc_unpack *u);

/* What a library is asked; `*room` becomes the number of bytes put to `out`. */
struct hc_unpack_library {
    void *(*start)(void);
    int (*step)(void *state, struct hc_str *in, unsigned char *out, size_t *room, const char **why);
    void (*stop)(void *state);
};
extern const struct hc_unpack_library hc_unpack_zlib, hc_unpack_lz4, hc_unpack_zstd, hc_unpack_xz,
    hc_unpack_bzip2;
/* Reasons that somebody compares: nothing is wrong but the checksum, which all of these bytes came before; it
 * needs more than HC_UNPACK_MEMORY. */
extern const char hc_unpack_sum_wrong[], hc_unpack_memory[];

#endif
