/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ARCHIVESIGNS_H
#define HC_ARCHIVESIGNS_H

#include "src/base/str.h"

/* What the bytes of a file say of archives beyond what libarchive asks of them, and its words for people. Of
 * members.c. A file is the descriptor `fd`, or `memory` when it is negative. */

/* Do these first bytes begin as something that is compressed, or an archive? */
bool hc_archive_packed(const unsigned char *p, size_t n);
/*
 * A header of a tar says its checksum, in octal. Where nothing stands there, libarchive takes bytes that add
 * up to nothing (one random number in some hundred at the beginning of a database's journal) for one.
 */
bool hc_archive_tar_checksum(int fd, struct hc_str memory);
/* A zip ends with its directory, which libarchive does without where there is none. */
bool hc_archive_zip_directory(int fd, struct hc_str memory);
/* What libarchive says, by its beginning, in words for people; what is not known as it is. */
const char *hc_archive_words(const char *text);

#endif
