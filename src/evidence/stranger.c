/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/stranger.h"

#define NOBODY "no importer takes it: "
#define UTF_16 NOBODY "it is text in UTF-16, of which only CSV and dumps of SQL are read; convert it to UTF-8"
#define ENCRYPTED NOBODY "it is encrypted; decrypt it"
#define PACKED NOBODY "it is packed in a way that is not opened; unpack it"
#define DEEP NOBODY "it is packed inside of two archives, or damaged; unpack it"
#define JOURNAL NOBODY "it is the journal of a SQLite database that does not lie beside it"

/* How things begin, by the specifications of their formats. */
static const struct {
    const char *bytes;
    size_t n;
    const char *why;
} signs[] = {
    {"\xff\xfe", 2, UTF_16},
    {"\xfe\xff", 2, UTF_16},
    {"7z\xbc\xaf\x27\x1c", 6, PACKED},
    {"Rar!\x1a\7", 6, PACKED},
    {"MSCF", 4, PACKED},
    {"LZIP", 4, PACKED},
    {"\x1f\x8b", 2, DEEP},
    {"PK\3\4", 4, DEEP},
    {"BZh", 3, DEEP},
    {"\xfd"
     "7zXZ",
     5, DEEP},
    {"\x28\xb5\x2f\xfd", 4, DEEP},
    {"-----BEGIN PGP MESSAGE", 22, ENCRYPTED},
    {"age-encryption.org/", 19, ENCRYPTED},
    {"Salted__", 8, ENCRYPTED},
    {"\x37\x7f\6\x82", 4, JOURNAL},
    {"\x37\x7f\6\x83", 4, JOURNAL},
    {"\xd9\xd5\5\xf9\x20\xa1\x63\xd7", 8, JOURNAL},
    {"%PDF-", 5, NOBODY "it is a PDF document"},
    {"\xd0\xcf\x11\xe0", 4, NOBODY "it is a document of an office program; save its tables as CSV"},
    {"\x89PNG", 4, NOBODY "it is a picture"},
    {"\xff\xd8\xff", 3, NOBODY "it is a picture"},
    {"<!DOCTYPE html", 14, NOBODY "it is a page of HTML"},
    {"<html", 5, NOBODY "it is a page of HTML"},
};

struct census {
    size_t nul[2], control; /* NULs at even and odd places; bytes that no text has */
};

static struct census census_of(struct hc_str head)
{
    struct census c = {{0, 0}, 0};

    for (size_t i = 0; i < head.n; i++) {
        unsigned char byte = (unsigned char)head.p[i];
        c.nul[i % 2] += byte == 0;
        c.control += byte < 0x20 && !strchr("\t\n\r\f\033", byte);
    }
    return c;
}

const char *hc_stranger(struct hc_str head)
{
    const struct census c = census_of(head);

    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (head.n >= signs[i].n && memcmp(head.p, signs[i].bytes, signs[i].n) == 0)
            return signs[i].why;
    if (!head.n)
        return "the file is empty";
    if (c.nul[0] + c.nul[1] == head.n)
        return NOBODY "there is nothing in it but NULs";
    if (MAX(c.nul[0], c.nul[1]) > head.n / 4 && MIN(c.nul[0], c.nul[1]) < head.n / 32)
        return UTF_16;
    if (c.control > head.n / 64)
        return NOBODY "it is binary and of no kind that is known; if it is encrypted, decrypt it";
    if (hc_str_find(head, "INSERT INTO ", 0) >= 0 || hc_str_find(head, "CREATE TABLE ", 0) >= 0)
        return NOBODY
            "it is SQL, but not as a dump begins; --format pg_dump, mysqldump or sqlite_dump reads it as one";
    return NOBODY "it is text of no kind that is known; --format reads it as one of those that `hindcast "
                  "formats` lists";
}
