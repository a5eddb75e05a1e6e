/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_HASH_H
#define HC_HASH_H

#include <glib.h>
#include <stddef.h>

/* SHA-256 as it passes by. The only door to libcrypto. */
#define HC_SHA256_HEX 65
struct hc_sha256;
struct hc_sha256 *hc_sha256_new(void);
void hc_sha256_add(struct hc_sha256 *hash, const void *data, size_t size);
/* Lower-case hexadecimal digits, NUL-terminated; frees `hash`. */
void hc_sha256_end(struct hc_sha256 *hash, char hex[HC_SHA256_HEX]);

#endif
