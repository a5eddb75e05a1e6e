/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/hash.h"

#include <openssl/evp.h>

struct hc_sha256 {
    EVP_MD_CTX *context;
};

struct hc_sha256 *hc_sha256_new(void)
{
    struct hc_sha256 *hash = g_new0(struct hc_sha256, 1);

    hash->context = EVP_MD_CTX_new();
    if (!hash->context || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1)
        g_error("libcrypto gives no SHA-256");
    return hash;
}

void hc_sha256_add(struct hc_sha256 *hash, const void *data, size_t size)
{
    EVP_DigestUpdate(hash->context, data, size);
}

void hc_sha256_end(struct hc_sha256 *hash, char hex[HC_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    EVP_DigestFinal_ex(hash->context, raw, &size);
    for (unsigned i = 0; i < 32; i++) {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[64] = '\0';
    EVP_MD_CTX_free(hash->context);
    g_free(hash);
}
