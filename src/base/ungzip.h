/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UNGZIP_H
#define HC_UNGZIP_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * A gzip file (RFC 1952) decompressed, with what libarchive leaves out: the checksum and the length at the
 * end of each of its parts are compared, and what stands behind the last one is told.
 */
#define HC_UNGZIP_CUT "the compressed data ends before it is complete: the file was cut"
#define HC_UNGZIP_DAMAGED "the compressed data is damaged: its structure or its checksum is wrong"
#define HC_UNGZIP_HEAD 10 /* bytes of a header, which hc_ungzip_is looks at */

/* The next bytes of the file: how many, which live until the next call; 0 = its end, -1 = failed, with a
 * reason. */
typedef int64_t (*hc_ungzip_fn)(void *data, const void **bytes, const char **why);

struct hc_ungzip;

/* Does it begin as a gzip file does? */
bool hc_ungzip_is(const void *head, size_t n);
struct hc_ungzip *hc_ungzip_new(hc_ungzip_fn more, void *data);
void hc_ungzip_free(struct hc_ungzip *g);
/* The next piece of what is in it, as an hc_ungzip_fn gives it. */
int64_t hc_ungzip_read(struct hc_ungzip *g, const void **bytes, const char **why);
/* Why it could not be read on, for whoever was not told; NULL: it could. */
const char *hc_ungzip_fault(const struct hc_ungzip *g);
/* How many bytes of the file were used so far. */
int64_t hc_ungzip_taken(const struct hc_ungzip *g);
/* At its end: bytes follow that are no further part, nor the NULs of which padding consists. They were not
 * read. */
bool hc_ungzip_trailed(const struct hc_ungzip *g);

#endif
