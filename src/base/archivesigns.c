/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/archivesigns.h"

#include "src/base/unpackfile.h"

#include <unistd.h>

/* how far before its end the last record of a zip begins */
#define DIRECTORY_END_MAX ((size_t)22 + 65535)

/* Signatures are those of the formats' own specifications. */
bool hc_archive_packed(const unsigned char *p, size_t n)
{
    static const struct {
        const char *bytes;
        size_t n, at;
    } signs[] = {
        {"\x1f\x8b", 2, 0},
        {"\375"
         "7zXZ\0",
         6, 0},
        {"\x28\xb5\x2f\xfd", 4, 0},
        {"\4\"M\x18", 4, 0},
        {"BZh", 3, 0},
        {"\x1f\x9d", 2, 0},
        {"PK\3\4", 4, 0},
        {"PK\5\6", 4, 0},
        {"ustar", 5, 257},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (n >= signs[i].at + signs[i].n && memcmp(p + signs[i].at, signs[i].bytes, signs[i].n) == 0)
            return true;
    return false;
}

bool hc_archive_tar_checksum(int fd, struct hc_str memory)
{
    enum { AT = 148, LENGTH = 8 };
    char said[LENGTH] = "";

    if (fd >= 0 ? pread(fd, said, sizeof said, AT) != LENGTH : memory.n < AT + LENGTH)
        return false;
    if (fd < 0)
        memcpy(said, memory.p + AT, LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        if (said[i] >= '0' && said[i] <= '7')
            return true;
    return false;
}

bool hc_archive_zip_directory(int fd, struct hc_str memory)
{
    g_autofree char *tail = NULL;
    struct hc_str end = memory;

    if (fd >= 0) {
        off_t size = lseek(fd, 0, SEEK_END), from = MAX(size - (off_t)DIRECTORY_END_MAX, 0);
        ssize_t n = pread(fd, tail = g_malloc(DIRECTORY_END_MAX), DIRECTORY_END_MAX, from);
        end = hc_str_n(tail, (size_t)MAX(n, 0));
    }
    return memmem(end.p, end.n, "PK\5\6", 4) != NULL;
}

const char *hc_archive_words(const char *text)
{
    static const struct {
        const char *theirs, *ours;
    } words[] = {
        {"Passphrase required", "it is encrypted: put its decrypted contents here"},
        {"truncated ", HC_UNPACK_CUT},
        {"Truncated ", HC_UNPACK_CUT},
        {"Lzma library error:  No progress", HC_UNPACK_CUT},
        {"ZIP bad CRC", HC_UNPACK_CHANGED},
        {"ZIP compressed data is wrong size", HC_UNPACK_CHANGED},
        {"ZIP uncompressed data is wrong size", HC_UNPACK_CHANGED},
        {"ZIP decompression failed", "the compressed data is cut or damaged"},
        {"Lzma library error:  Corrupted", HC_UNPACK_DAMAGED},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(text, words[i].theirs))
            return words[i].ours;
    return text;
}
