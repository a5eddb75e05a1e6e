/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ARCHIVEREADER_H
#define HC_ARCHIVEREADER_H

#include "src/base/unpackfile.h"

#include "src/base/str.h"

/*
 * One archive, or one file that is none, by libarchive, of which this is the only door: its entries that have
 * content, one after the other, and their bytes. What it is compressed in is undone on the way. Of members.c,
 * which reads one inside of another. A reason lives until the next call.
 */
enum hc_archive_as {
    HC_ARCHIVE_AS_ANY,
    HC_ARCHIVE_AS_FILE, /* it may be compressed, but is no archive */
    HC_ARCHIVE_AS_BYTES
};
enum hc_archive_kind {
    HC_ARCHIVE_RAW, /* no archive: its one entry is all of it */
    HC_ARCHIVE_EMPTY,
    HC_ARCHIVE_TAR,
    HC_ARCHIVE_ZIP
};

struct hc_archive;
/* From its beginning, of the descriptor `fd`, or of `memory` when it is negative; both are borrowed. What
 * fails here fails at the first entry. */
struct hc_archive *hc_archive_of_file(int fd, struct hc_str memory, enum hc_archive_as as);
/* Of the bytes that `more` gives, which are compressed by `packing` and come out of an entry of `around`. */
struct hc_archive *hc_archive_inside(struct hc_archive *around, enum hc_packing packing,
                                     hc_unpackfile_fn more, void *data);
void hc_archive_free(struct hc_archive *archive);

/* The next entry: 1, 0 = no more, -1 = failed. Links, folders and devices are passed over. */
int hc_archive_next(struct hc_archive *archive);
/* Its name, as UTF-8 where the archive says so, else by its bytes; NULL: it has none. */
const char *hc_archive_name(const struct hc_archive *archive);
/* Of its content: how many bytes, 0 = its end, -1 = failed. What comes with a fault is given before it; what
 * is left out of a sparse file is NULs. */
int64_t hc_archive_read(struct hc_archive *archive, void *out, size_t n);

/* Why it failed, or the fault of what it is compressed in. */
const char *hc_archive_why(const struct hc_archive *archive);
/* Did it fail for its bytes, so that what came before them counts? That the disk cannot be read is not so. */
bool hc_archive_failed_by_bytes(const struct hc_archive *archive);
/* What it is compressed in is cut or damaged, as far as it was read: why; NULL: it is not. */
const char *hc_archive_fault(const struct hc_archive *archive);
/* Reads that to its end. False: its bytes cannot be read, with a reason. */
bool hc_archive_read_on(struct hc_archive *archive, const char **why);
/* At that end: bytes follow that are not compressed. */
bool hc_archive_trailed(const struct hc_archive *archive);

/* Of these, what is known at the first entry. */
enum hc_archive_kind hc_archive_kind(const struct hc_archive *archive);
bool hc_archive_is_unpacked(const struct hc_archive *archive);    /* it lies there as it is */
const char *hc_archive_packing(const struct hc_archive *archive); /* "gzip"; NULL: none */
int hc_archive_count(const struct hc_archive *archive);           /* of entries so far */
/* Behind the last entry: a tar ends with blocks of NULs; what ends between two entries may have been cut. */
bool hc_archive_has_end_mark(const struct hc_archive *archive);
int64_t hc_archive_taken(const struct hc_archive *archive); /* bytes of the file that were read so far */

#endif
