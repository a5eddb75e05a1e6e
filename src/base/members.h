/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MEMBERS_H
#define HC_MEMBERS_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * The members of a file, decompressed (archivereader.h). A file that is no archive has one, whose
 * name is "". A member of an archive that is compressed is decompressed; one that is an archive itself has
 * its members in its place, "INNER.zip!NAME": once, not further. Nothing is extracted to the disk.
 */
enum hc_reading {
    HC_READ_ANY,
    HC_READ_PACKED, /* the members of an archive as they lie in it: what is compressed or an archive there
                       stays so */
    HC_READ_BYTES   /* the file's bytes as they lie there: no archive, nothing decompressed */
};

struct hc_members;
/* Of the descriptor `fd`, or of `memory` when it is negative; both are borrowed. */
struct hc_members *hc_members_new(int fd, struct hc_str memory, int64_t size, enum hc_reading reading);
void hc_members_free(struct hc_members *members);

/* The next one: 1, 0 = no more, -1 = failed, with a reason that lives until the next call. Links and folders
 * are passed over. */
int hc_members_next(struct hc_members *members, const char **why);
const char *hc_members_name(const struct hc_members *members);
/* The same without that of the archive inside of which it is. */
const char *hc_members_own_name(const struct hc_members *members);
/* A zip, tar, ... as against one file, be it compressed. */
bool hc_members_are_many(const struct hc_members *members);
/* The file itself is what is read. */
bool hc_members_are_plain(const struct hc_members *members);
/* By what the file as a whole is compressed, "gzip"; NULL where it is not. */
const char *hc_members_packed(const struct hc_members *members);
/* Of the present member: how many bytes were read, 0 = its end, -1 = failed. What is cut or damaged ends
 * there, if anything was read before. */
int64_t hc_members_read(struct hc_members *members, void *block, size_t n, const char **why);
/* At its end: why it could not be read on; NULL: it is whole. */
const char *hc_members_fault(const struct hc_members *members);
/* What is to be said of it at its end, though nothing failed; NULL: nothing. */
const char *hc_members_remark(const struct hc_members *members);
/* How many bytes of the file were read for it so far. */
int64_t hc_members_taken(const struct hc_members *members);

#endif
