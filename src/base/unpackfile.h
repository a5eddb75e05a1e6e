/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UNPACKFILE_H
#define HC_UNPACKFILE_H

#include "src/base/unpack.h"

#include <stdint.h>

/*
 * A compressed file, decompressed as far as it goes: what came out before a fault is given, and the fault is
 * told at its end. Checksums and lengths are compared, and what stands behind the last part is told.
 */
#define HC_UNPACK_CUT "the compressed data ends before it is complete: the file was cut"
#define HC_UNPACK_DAMAGED "the compressed data is damaged: its structure or its checksum is wrong"
#define HC_UNPACK_CHANGED                                                                                    \
    "the checksum of the compressed data is wrong: what comes out of it was damaged or changed"
#define HC_UNPACK_HEAD 10 /* bytes that hc_unpackfile_is looks at */

/* The next bytes of the file: how many, which live until the next call; 0 = its end, -1 = failed, with a
 * reason. */
typedef int64_t (*hc_unpackfile_fn)(void *data, const void **bytes, const char **why);

struct hc_unpackfile;

/* As what does it begin? HC_PACK_NONE: nothing that is read here. */
enum hc_packing hc_unpackfile_is(const void *head, size_t n);
struct hc_unpackfile *hc_unpackfile_new(enum hc_packing packing, hc_unpackfile_fn more, void *data);
void hc_unpackfile_free(struct hc_unpackfile *u);
/* The next piece of what is in it, as an hc_unpackfile_fn gives it; 0 at a fault, too. */
int64_t hc_unpackfile_read(struct hc_unpackfile *u, const void **bytes, const char **why);
/* At its end: why it could not be read on; NULL: it is whole. */
const char *hc_unpackfile_fault(const struct hc_unpackfile *u);
/* How many bytes of the file were used so far. */
int64_t hc_unpackfile_taken(const struct hc_unpackfile *u);
/* At its end: bytes follow that are no further part, nor the NULs of which padding consists. They were not
 * read. */
bool hc_unpackfile_trailed(const struct hc_unpackfile *u);
const char *hc_unpackfile_packing(const struct hc_unpackfile *u);

#endif
