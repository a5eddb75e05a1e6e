/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FILE_H
#define HC_FILE_H

#include "src/base/hash.h"

#include <stdbool.h>
#include <stdint.h>

/* Files of evidence as they lie there: they are only ever read. */

/* The descriptor of a regular file, yours, or -1. `flags`: more for open(2), such as O_NOFOLLOW. */
int hc_file_open(const char *path, int flags, int64_t *size, GError **error);

/* SHA-256 and size of a file. */
bool hc_file_hash(const char *path, char hex[HC_SHA256_HEX], int64_t *size, GError **error);

/* The same in a thread of its own, while the caller does something else. The end waits, and frees it. */
struct hc_hashing;
struct hc_hashing *hc_hashing_start(const char *path);
bool hc_hashing_end(struct hc_hashing *hashing, char hex[HC_SHA256_HEX], int64_t *size, GError **error);

#endif
