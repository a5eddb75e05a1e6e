/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/archivereader.h"

#include "src/base/archivesigns.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)1 << 20)

/* What libarchive gave last of an entry. */
struct piece {
    const char *p;
    size_t n;
    int64_t at, read; /* its place in the entry, and that of the next byte to be read */
    int rc;           /* what is to be told behind it */
};

struct hc_archive {
    struct archive *a;
    struct hc_unpackfile *pack; /* between it and its bytes; NULL: libarchive sees to them */
    const char *name;
    struct piece piece;
    int fd;
    struct hc_str memory;
    bool given;           /* the memory was handed on */
    unsigned char *block; /* of the file, on its way to `pack` */
    struct hc_archive *around;
    hc_unpackfile_fn more;
    void *data;
};

/* Only what evidence comes in: a text that happens to look like another archive format stays a text. */
static struct archive *reader(enum hc_archive_as as)
{
    struct archive *a = archive_read_new();

    if (as != HC_ARCHIVE_AS_BYTES) {
        archive_read_support_filter_gzip(a);
        archive_read_support_filter_bzip2(a);
        archive_read_support_filter_xz(a);
        archive_read_support_filter_lzma(a);
        archive_read_support_filter_zstd(a);
        archive_read_support_filter_lz4(a);
        archive_read_support_filter_compress(a);
    }
    if (as == HC_ARCHIVE_AS_ANY) {
        archive_read_support_format_tar(a);
        archive_read_support_format_zip(a);
    }
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    return a;
}

/* ---- its bytes ---- */

/* Those of the file, for `pack`. */
static int64_t more_of_file(void *data, const void **bytes, const char **why)
{
    struct hc_archive *x = data;
    ssize_t n;

    if (x->fd < 0) {
        *bytes = x->memory.p;
        n = x->given ? 0 : (ssize_t)x->memory.n;
        x->given = true;
        return n;
    }
    if (!x->block)
        x->block = g_malloc(BLOCK_SIZE);
    *bytes = x->block;
    do {
        n = read(x->fd, x->block, BLOCK_SIZE);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        *why = g_strerror(errno);
    return n;
}

/* What is in a compressed file, for libarchive. */
static la_ssize_t give_unpacked(struct archive *a, void *pack, const void **bytes)
{
    const char *why = NULL;
    int64_t n = hc_unpackfile_read(pack, bytes, &why);

    if (n < 0)
        archive_set_error(a, EIO, "%s", why);
    return n < 0 ? ARCHIVE_FATAL : (la_ssize_t)n;
}

/* What is in an entry of another archive, for libarchive: it fails as that does. */
static la_ssize_t give_inner(struct archive *a, void *data, const void **bytes)
{
    struct hc_archive *x = data;
    const char *why = NULL;
    int64_t n = x->more(x->data, bytes, &why);

    if (n < 0)
        archive_set_error(a, archive_errno(x->around->a), "%s", why);
    return n < 0 ? ARCHIVE_FATAL : (la_ssize_t)n;
}

static enum hc_packing packing_of_file(int fd, struct hc_str memory)
{
    unsigned char head[HC_UNPACK_HEAD];
    ssize_t n = fd < 0 ? 0 : pread(fd, head, sizeof(head), 0);

    return fd < 0 ? hc_unpackfile_is(memory.p, memory.n) : hc_unpackfile_is(head, (size_t)MAX(n, 0));
}

struct hc_archive *hc_archive_of_file(int fd, struct hc_str memory, enum hc_archive_as as)
{
    const enum hc_packing packing = as == HC_ARCHIVE_AS_BYTES ? HC_PACK_NONE : packing_of_file(fd, memory);
    struct hc_archive *x = g_new0(struct hc_archive, 1);

    x->a = reader(as);
    x->fd = fd;
    x->memory = memory;
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0)
        return x;
    if (packing != HC_PACK_NONE) {
        x->pack = hc_unpackfile_new(packing, more_of_file, x);
        archive_read_open(x->a, x->pack, NULL, give_unpacked, NULL);
    } else if (fd < 0)
        archive_read_open_memory(x->a, memory.p, memory.n);
    else
        archive_read_open_fd(x->a, fd, BLOCK_SIZE);
    return x;
}

struct hc_archive *hc_archive_inside(struct hc_archive *around, enum hc_packing packing,
                                     hc_unpackfile_fn more, void *data)
{
    struct hc_archive *x = g_new0(struct hc_archive, 1);

    x->a = reader(HC_ARCHIVE_AS_ANY);
    x->fd = -1;
    x->around = around;
    x->more = more;
    x->data = data;
    if (packing == HC_PACK_NONE) {
        archive_read_open(x->a, x, NULL, give_inner, NULL);
    } else {
        x->pack = hc_unpackfile_new(packing, more, data);
        archive_read_open(x->a, x->pack, NULL, give_unpacked, NULL);
    }
    return x;
}

void hc_archive_free(struct hc_archive *x)
{
    if (!x)
        return;
    archive_read_free(x->a);
    hc_unpackfile_free(x->pack);
    g_free(x->block);
    g_free(x);
}

/* ---- entries ---- */

/* libarchive gives out a name only where the locale has its characters: this one has all, whatever the user's
 * is. */
static locale_t any_characters(void)
{
    static gsize made;
    static locale_t locale;

    if (g_once_init_enter(&made)) {
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        g_once_init_leave(&made, 1);
    }
    return locale;
}

/* What has content of its own: no folder, no link, no device. */
static bool has_content(struct archive_entry *entry)
{
    return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
           !archive_entry_symlink(entry);
}

int hc_archive_next(struct hc_archive *x)
{
    locale_t before = uselocale(any_characters());
    struct archive_entry *entry;
    int rc;

    x->piece = (struct piece){0};
    x->name = NULL;
    do {
        rc = archive_read_next_header(x->a, &entry);
    } while ((rc == ARCHIVE_OK || rc == ARCHIVE_WARN) && archive_format(x->a) != ARCHIVE_FORMAT_RAW &&
             !has_content(entry));
    if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN) {
        x->name = archive_entry_pathname_utf8(entry);
        if (!x->name)
            x->name = archive_entry_pathname(entry);
    }
    uselocale(before);
    return rc == ARCHIVE_OK || rc == ARCHIVE_WARN ? 1 : rc == ARCHIVE_EOF ? 0 : -1;
}

const char *hc_archive_name(const struct hc_archive *x)
{
    return x->name;
}

/* The next piece: 1, 0 = the end, -1 = failed. */
static int next_piece(struct archive *a, struct piece *piece)
{
    const void *p = NULL;
    la_int64_t at = piece->at + (int64_t)piece->n;
    size_t n = 0;
    int rc = piece->rc ? piece->rc : archive_read_data_block(a, &p, &n, &at);

    if (rc == ARCHIVE_EOF || (rc != ARCHIVE_OK && !n))
        return rc == ARCHIVE_EOF ? 0 : -1;
    *piece = (struct piece){p, n, at, piece->read, rc == ARCHIVE_OK ? 0 : rc};
    return 1;
}

int64_t hc_archive_read(struct hc_archive *x, void *out, size_t n)
{
    struct piece *piece = &x->piece;
    int rc = 1;

    while (piece->read >= piece->at + (int64_t)piece->n && (rc = next_piece(x->a, piece)) == 1)
        continue;
    if (rc != 1)
        return rc;
    if (piece->read < piece->at) {
        n = MIN(n, (size_t)(piece->at - piece->read));
        memset(out, 0, n);
    } else {
        n = MIN(n, (size_t)(piece->at + (int64_t)piece->n - piece->read));
        memcpy(out, piece->p + (piece->read - piece->at), n);
    }
    piece->read += (int64_t)n;
    return (int64_t)n;
}

/* ---- faults ---- */

const char *hc_archive_why(const struct hc_archive *x)
{
    const char *fault = hc_archive_fault(x), *text = archive_error_string(x->a);

    return fault ? fault : text ? hc_archive_words(text) : "cannot be read";
}

bool hc_archive_failed_by_bytes(const struct hc_archive *x)
{
    enum { MISCELLANEOUS = -1 };
    const int number = archive_errno(x->a);

    return number == EILSEQ || number == MISCELLANEOUS;
}

const char *hc_archive_fault(const struct hc_archive *x)
{
    return x->pack ? hc_unpackfile_fault(x->pack) : NULL;
}

bool hc_archive_read_on(struct hc_archive *x, const char **why)
{
    const void *bytes;
    int64_t n = 0;

    while (x->pack && (n = hc_unpackfile_read(x->pack, &bytes, why)) > 0)
        continue;
    return n == 0;
}

bool hc_archive_trailed(const struct hc_archive *x)
{
    return x->pack && hc_unpackfile_trailed(x->pack);
}

/* ---- what it is ---- */

enum hc_archive_kind hc_archive_kind(const struct hc_archive *x)
{
    switch (archive_format(x->a) & ARCHIVE_FORMAT_BASE_MASK) {
    case ARCHIVE_FORMAT_TAR:
        return HC_ARCHIVE_TAR;
    case ARCHIVE_FORMAT_ZIP:
        return HC_ARCHIVE_ZIP;
    case ARCHIVE_FORMAT_EMPTY:
        return HC_ARCHIVE_EMPTY;
    default:
        return HC_ARCHIVE_RAW;
    }
}

bool hc_archive_is_unpacked(const struct hc_archive *x)
{
    return !hc_archive_packing(x);
}

const char *hc_archive_packing(const struct hc_archive *x)
{
    if (x->pack)
        return hc_unpackfile_packing(x->pack);
    return archive_filter_code(x->a, 0) != ARCHIVE_FILTER_NONE ? archive_filter_name(x->a, 0) : NULL;
}

int hc_archive_count(const struct hc_archive *x)
{
    return archive_file_count(x->a);
}

bool hc_archive_has_end_mark(const struct hc_archive *x)
{
    return hc_archive_kind(x) != HC_ARCHIVE_TAR ||
           archive_filter_bytes(x->a, 0) > archive_read_header_position(x->a);
}

int64_t hc_archive_taken(const struct hc_archive *x)
{
    return x->pack ? hc_unpackfile_taken(x->pack) : archive_filter_bytes(x->a, -1);
}
