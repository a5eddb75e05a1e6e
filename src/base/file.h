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

#endif
