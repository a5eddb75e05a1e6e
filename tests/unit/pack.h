/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UNIT_PACK_H
#define HC_UNIT_PACK_H

#include "src/base/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <stddef.h>

/* Archives made in memory, so that every limit and trick is in sight. Whatever fails, fails the test. */
struct packed {
    char *data; /* yours, by g_free */
    size_t size, room;
};

/* What libarchive writes: `data` is a struct packed. For an archive of other options than those of
 * `pack_new`. */
la_ssize_t pack_keep(struct archive *a, void *data, const void *bytes, size_t n);
/* `format` and `filter`: "zip", "tar", "raw"; "none", "gzip", "zstd". `p` is filled by pack_done. */
struct archive *pack_new(struct packed *p, const char *format, const char *filter);
/* `type`: AE_IFREG with the content `text`, AE_IFLNK to `text`, ... */
void pack_add(struct archive *a, const char *name, const char *text, size_t n, int type);
void pack_done(struct archive *a);
/* What an input gives of it: "name=text;" of every member, and the error behind "!". Yours. */
char *pack_told(const void *data, size_t size, const struct hc_limits *limits);

#endif
