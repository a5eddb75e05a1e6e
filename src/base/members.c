/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/members.h"

#include "src/base/archivesigns.h"
#include "src/base/unpackfile.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)1 << 20)
#define HEAD_SIZE ((size_t)64 << 10) /* of a member, to see what it is */

static const char trailed[] = "bytes that are not compressed follow those that are: they were not read";

/* What libarchive gave last of a member. */
struct piece {
    const char *p;
    size_t n;
    int64_t at, read; /* its place in the member, and that of the next byte to be read */
    int rc;           /* what is to be told behind it */
};

struct hc_members {
    enum hc_reading reading;
    int fd;
    struct hc_str memory;
    bool has_data; /* an empty file is no input for libarchive */
    struct archive *outer;
    struct archive *inner; /* what is packed inside of a member of the outer one; NULL: nothing */
    struct hc_unpackfile *outer_pack, *inner_pack; /* between it and its bytes; NULL: it sees to them */
    unsigned char *block;                          /* of the file, on its way to outer_pack */
    bool given;                                    /* the memory was handed to it */
    bool started, ended, many;
    char *name, *outer_name;
    char *refusal; /* why the present member cannot be read, where libarchive does not say it */
    char *fault;   /* why it could not be read on, though something came before; else NULL */
    bool gave;     /* something of it was read */
    struct piece outer_piece, inner_piece;
    /* The head of the outer one's member, and how much of it was handed on. */
    unsigned char *head;
    size_t n_head, head_taken;
    char *head_failed;    /* why there is no more than the head; NULL: there may be */
    unsigned char *piece; /* what follows, on its way to the inner one */
    int64_t plain;        /* how much of a plain file was read */
    bool beyond;          /* the inner one has asked for more than the head */
};

/* Only what evidence comes in: a text that happens to look like another archive format stays a text. */
static struct archive *reader(bool packed, bool archives)
{
    struct archive *a = archive_read_new();

    if (packed) {
        archive_read_support_filter_gzip(a);
        archive_read_support_filter_bzip2(a);
        archive_read_support_filter_xz(a);
        archive_read_support_filter_lzma(a);
        archive_read_support_filter_zstd(a);
        archive_read_support_filter_lz4(a);
        archive_read_support_filter_compress(a);
    }
    if (archives) {
        archive_read_support_format_tar(a);
        archive_read_support_format_zip(a);
    }
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    return a;
}

/* The bytes of the file, for outer_pack. */
static int64_t more_of_file(void *data, const void **bytes, const char **why)
{
    struct hc_members *m = data;
    ssize_t n;

    if (m->fd < 0) {
        *bytes = m->memory.p;
        n = m->given ? 0 : (ssize_t)m->memory.n;
        m->given = true;
        return n;
    }
    if (!m->block)
        m->block = g_malloc(BLOCK_SIZE);
    *bytes = m->block;
    do {
        n = read(m->fd, m->block, BLOCK_SIZE);
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

static enum hc_packing packing_of_file(const struct hc_members *m)
{
    unsigned char head[HC_UNPACK_HEAD];
    ssize_t n = m->fd < 0 ? 0 : pread(m->fd, head, sizeof(head), 0);

    return m->fd < 0 ? hc_unpackfile_is(m->memory.p, m->memory.n) : hc_unpackfile_is(head, (size_t)MAX(n, 0));
}

static void close_outer(struct hc_members *m)
{
    if (m->outer)
        archive_read_free(m->outer);
    g_clear_pointer(&m->outer_pack, hc_unpackfile_free);
    m->outer = NULL;
    m->outer_piece = (struct piece){0};
    m->given = false;
}

/* From the start. A failure is that of the first header. */
static void open_outer(struct hc_members *m, bool packed, bool archives)
{
    const enum hc_packing packing = packed ? packing_of_file(m) : HC_PACK_NONE;

    close_outer(m);
    m->outer = reader(packed, archives);
    if (m->fd >= 0 && lseek(m->fd, 0, SEEK_SET) != 0)
        return;
    if (packing != HC_PACK_NONE) {
        m->outer_pack = hc_unpackfile_new(packing, more_of_file, m);
        archive_read_open(m->outer, m->outer_pack, NULL, give_unpacked, NULL);
    } else if (m->fd < 0)
        archive_read_open_memory(m->outer, m->memory.p, m->memory.n);
    else
        archive_read_open_fd(m->outer, m->fd, BLOCK_SIZE);
}

struct hc_members *hc_members_new(int fd, struct hc_str memory, int64_t size, enum hc_reading reading)
{
    struct hc_members *m = g_new0(struct hc_members, 1);

    m->reading = reading;
    m->fd = fd;
    m->memory = memory;
    m->has_data = size > 0;
    if (m->has_data)
        open_outer(m, reading != HC_READ_BYTES, reading != HC_READ_BYTES);
    return m;
}

static void close_inner(struct hc_members *m)
{
    if (m->inner)
        archive_read_free(m->inner);
    m->inner = NULL;
    m->inner_piece = (struct piece){0};
    g_clear_pointer(&m->inner_pack, hc_unpackfile_free);
    g_clear_pointer(&m->head_failed, g_free);
    m->n_head = m->head_taken = 0;
    m->beyond = false;
}

void hc_members_free(struct hc_members *m)
{
    if (!m)
        return;
    close_inner(m);
    close_outer(m);
    g_free(m->block);
    g_free(m->head);
    g_free(m->piece);
    g_free(m->name);
    g_free(m->outer_name);
    g_free(m->refusal);
    g_free(m->fault);
    g_free(m);
}

static int fail(struct archive *a, const char **why)
{
    const char *text = archive_error_string(a);

    *why = text ? hc_archive_words(text) : "cannot be read";
    return -1;
}

/* Is it about the bytes, so that what came before them counts? That the disk cannot be read is not. */
static bool is_of_bytes(struct archive *a)
{
    enum { MISCELLANEOUS = -1 };
    const int number = archive_errno(a);

    return number == EILSEQ || number == MISCELLANEOUS;
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

/* Of a member's content: how many bytes, 0 = its end, -1 = failed. What comes with a fault is given before
 * it; what is left out of a sparse file is NULs. */
static int64_t read_pieces(struct archive *a, struct piece *piece, void *out, size_t n)
{
    int rc = 1;

    while (piece->read >= piece->at + (int64_t)piece->n && (rc = next_piece(a, piece)) == 1)
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

/* The compressed file that the present member is, or that it comes out of; NULL: that is none. */
static const struct hc_unpackfile *pack_of(const struct hc_members *m)
{
    return m->inner ? m->inner_pack : m->outer_pack;
}

/* Why it cannot be read on: the compressed file that it is in is cut or damaged, or what libarchive says. */
static const char *reason(struct archive *a, const struct hc_unpackfile *pack)
{
    const char *why = pack ? hc_unpackfile_fault(pack) : NULL;

    if (!why)
        fail(a, &why);
    return why;
}

/* What has content of its own: no folder, no link, no device. */
static bool has_content(struct archive_entry *entry)
{
    return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
           !archive_entry_symlink(entry);
}

static int next_entry(struct archive *a, struct archive_entry **entry)
{
    int rc;

    do {
        rc = archive_read_next_header(a, entry);
    } while ((rc == ARCHIVE_OK || rc == ARCHIVE_WARN) && archive_format(a) != ARCHIVE_FORMAT_RAW &&
             !has_content(*entry));
    return rc == ARCHIVE_WARN ? ARCHIVE_OK : rc;
}

/* As UTF-8 where the archive says so, else by its bytes. */
static const char *entry_name(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);

    return name ? name : archive_entry_pathname(entry);
}

static bool is_format(const struct hc_members *m, int format)
{
    return (archive_format(m->outer) & ARCHIVE_FORMAT_BASE_MASK) == format;
}

/* The archive lies there as it is; what is packed is taken at its word. */
static bool is_unpacked(const struct hc_members *m)
{
    return !m->outer_pack && archive_filter_code(m->outer, 0) == ARCHIVE_FILTER_NONE;
}

/* The end comes at once: of an archive without files; of an empty text; or of a text that begins with NULs (a
 * log that was cut while it was written), which is taken for the end of a tar. `*rc` is that of its header
 * then. */
static void end_at_once(struct hc_members *m, struct archive_entry **entry, int *rc)
{
    int format = archive_format(m->outer) & ARCHIVE_FORMAT_BASE_MASK;

    if (format == ARCHIVE_FORMAT_TAR && archive_file_count(m->outer) == 0) {
        open_outer(m, true, false);
        *rc = next_entry(m->outer, entry);
        format = archive_format(m->outer) & ARCHIVE_FORMAT_BASE_MASK;
    }
    if (*rc == ARCHIVE_EOF && format == ARCHIVE_FORMAT_EMPTY)
        m->has_data = false;
    else
        m->many = *rc == ARCHIVE_EOF;
}

/* Reads ahead in the outer one's member. Why it cannot be read on is told when what there is was read. */
static void read_head(struct hc_members *m)
{
    int64_t n = 1;

    if (!m->head)
        m->head = g_malloc(HEAD_SIZE);
    m->n_head = m->head_taken = 0;
    while (m->n_head < HEAD_SIZE &&
           (n = read_pieces(m->outer, &m->outer_piece, m->head + m->n_head, HEAD_SIZE - m->n_head)) > 0)
        m->n_head += (size_t)n;
    if (n < 0)
        m->head_failed = g_strdup(reason(m->outer, m->outer_pack));
}

/* The bytes of the outer one's member: the head, then what follows it. */
static int64_t more_of_member(void *data, const void **bytes, const char **why)
{
    struct hc_members *m = data;
    int64_t n;

    if (m->head_taken < m->n_head) {
        *bytes = m->head;
        m->head_taken = m->n_head;
        return (int64_t)m->n_head;
    }
    if (m->head_failed)
        return 0;
    if (!m->piece)
        m->piece = g_malloc(HEAD_SIZE);
    n = read_pieces(m->outer, &m->outer_piece, m->piece, HEAD_SIZE);
    m->beyond = m->beyond || n > 0;
    *bytes = m->piece;
    if (n < 0)
        *why = reason(m->outer, m->outer_pack);
    return n;
}

/* For the inner one. */
static la_ssize_t give_inner(struct archive *a, void *data, const void **bytes)
{
    struct hc_members *m = data;
    const char *why = NULL;
    int64_t n = more_of_member(m, bytes, &why);

    if (n < 0)
        archive_set_error(a, archive_errno(m->outer), "%s", why);
    return n < 0 ? ARCHIVE_FATAL : (la_ssize_t)n;
}

static void set_name(struct hc_members *m, struct archive_entry *inner)
{
    const char *name = inner ? entry_name(inner) : NULL;

    g_free(m->name);
    m->name = inner ? g_strdup_printf("%s!%s", m->outer_name, name ? name : "") : g_strdup(m->outer_name);
}

/* What is cut or damaged looks to libarchive as if it ended there. */
static bool pack_fault(const struct hc_unpackfile *pack, int rc, const char **why)
{
    if (rc != ARCHIVE_OK && pack)
        *why = hc_unpackfile_fault(pack);
    return *why != NULL;
}

/*
 * The first of what is inside of the outer one's member: 1; 0 = an archive without files. What only looked as
 * if it were packed is left as it is; what is packed and cannot be opened fails when it is read, so that the
 * members behind it can be.
 */
static int open_inner(struct hc_members *m)
{
    const enum hc_packing packing = hc_unpackfile_is(m->head, m->n_head);
    struct archive_entry *entry;
    const char *why = NULL;
    int rc;

    m->inner = reader(true, true);
    m->inner_pack = packing == HC_PACK_NONE ? NULL : hc_unpackfile_new(packing, more_of_member, m);
    if (m->inner_pack)
        archive_read_open(m->inner, m->inner_pack, NULL, give_unpacked, NULL);
    else
        archive_read_open(m->inner, m, NULL, give_inner, NULL);
    rc = next_entry(m->inner, &entry);
    if (rc == ARCHIVE_OK) {
        set_name(m, archive_format(m->inner) == ARCHIVE_FORMAT_RAW ? NULL : entry);
        return 1;
    }
    if (!pack_fault(m->inner_pack, rc, &why) && rc == ARCHIVE_EOF)
        return 0;
    if (why || m->beyond) {
        if (!why)
            fail(m->inner, &why);
        m->refusal = g_strdup(why);
    }
    archive_read_free(m->inner);
    m->inner = NULL;
    g_clear_pointer(&m->inner_pack, hc_unpackfile_free);
    m->head_taken = m->refusal ? m->n_head : 0;
    return 1;
}

/* All members were read of an archive: does what it is compressed in end well, too? */
static bool is_whole(struct hc_unpackfile *pack)
{
    const void *bytes;
    const char *why;

    while (pack && hc_unpackfile_read(pack, &bytes, &why) > 0)
        continue;
    return !pack || !hc_unpackfile_fault(pack);
}

/*
 * The next one of the archive that is inside: 1, 0 = no more. Where it cannot be read on it is a member
 * itself, which fails when it is read.
 */
static int next_inner(struct hc_members *m)
{
    struct archive_entry *entry;
    int rc;

    if (!m->inner || archive_format(m->inner) == ARCHIVE_FORMAT_RAW)
        return 0;
    rc = next_entry(m->inner, &entry);
    m->inner_piece = (struct piece){0};
    if (rc == ARCHIVE_OK)
        set_name(m, entry);
    if (rc == ARCHIVE_OK || (rc == ARCHIVE_EOF && is_whole(m->inner_pack)))
        return rc == ARCHIVE_OK;
    m->refusal = g_strdup(reason(m->inner, m->inner_pack));
    close_inner(m);
    set_name(m, NULL);
    return 1;
}

static int next_empty(struct hc_members *m)
{
    m->ended = m->started;
    m->started = true;
    if (!m->name)
        m->name = g_strdup("");
    return m->ended ? 0 : 1;
}

/* A tar ends with blocks of NULs: what ends between two members may have been cut there. */
static bool has_end_mark(const struct hc_members *m)
{
    return !is_format(m, ARCHIVE_FORMAT_TAR) ||
           archive_filter_bytes(m->outer, 0) > archive_read_header_position(m->outer);
}

/* All members were read: is that the end of the file too? 0, -1 = it is not. */
static int end_of_outer(struct hc_members *m, const char **why)
{
    const void *bytes;
    int64_t n = 1;

    m->ended = true;
    if (m->many && !has_end_mark(m))
        *why = "the archive ends without its end mark: if it was cut there, members are missing";
    else if (m->many && is_format(m, ARCHIVE_FORMAT_ZIP) && is_unpacked(m) &&
             !hc_archive_zip_directory(m->fd, m->memory))
        *why = "the archive ends without its directory: it was cut, and members may be missing";
    else
        while (m->outer_pack && (n = hc_unpackfile_read(m->outer_pack, &bytes, why)) > 0)
            continue;
    if (m->outer_pack && hc_unpackfile_fault(m->outer_pack))
        *why = hc_unpackfile_fault(m->outer_pack);
    else if (m->many && m->outer_pack && n == 0 && hc_unpackfile_trailed(m->outer_pack))
        *why = trailed;
    return *why || n < 0 ? -1 : 0;
}

/* The next one of the file itself: 1, 0 = no more, -1 = failed; *again: what was there has nothing in it. */
static int next_outer(struct hc_members *m, bool *again, const char **why)
{
    struct archive_entry *entry;
    const char *name = "";
    int rc = next_entry(m->outer, &entry);

    *again = false;
    if (pack_fault(m->outer_pack, rc, why))
        return -1;
    if (rc == ARCHIVE_EOF && !m->started)
        end_at_once(m, &entry, &rc);
    if (rc == ARCHIVE_OK && !m->started && is_format(m, ARCHIVE_FORMAT_TAR) && is_unpacked(m) &&
        !hc_archive_tar_checksum(m->fd, m->memory)) {
        open_outer(m, true, false);
        rc = next_entry(m->outer, &entry);
    }
    if (!m->has_data)
        return next_empty(m);
    m->started = true;
    if (rc != ARCHIVE_OK)
        return rc == ARCHIVE_EOF ? end_of_outer(m, why) : fail(m->outer, why);
    m->many = archive_format(m->outer) != ARCHIVE_FORMAT_RAW;
    if (m->many && !(name = entry_name(entry))) {
        *why = "a member has no name";
        return -1;
    }
    g_free(m->outer_name);
    m->outer_name = g_strdup(name);
    set_name(m, NULL);
    m->outer_piece = (struct piece){0};
    if (!m->many || m->reading == HC_READ_PACKED)
        return 1;
    read_head(m);
    if (!hc_archive_packed(m->head, m->n_head))
        return 1;
    rc = open_inner(m);
    *again = rc == 0;
    return rc;
}

static int next(struct hc_members *m, const char **why)
{
    bool again = true;
    int rc;

    g_clear_pointer(&m->refusal, g_free);
    g_clear_pointer(&m->fault, g_free);
    m->gave = false;
    m->ended = m->ended || (m->has_data && m->started && !m->many);
    rc = m->ended ? 0 : next_inner(m);
    if (rc != 0 || m->ended)
        return rc;
    if (!m->has_data)
        return next_empty(m);
    while (again) {
        close_inner(m);
        rc = next_outer(m, &again, why);
    }
    return rc;
}

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

int hc_members_next(struct hc_members *m, const char **why)
{
    locale_t before = uselocale(any_characters());
    int rc;

    *why = NULL;
    rc = next(m, why);
    uselocale(before);
    return rc;
}

const char *hc_members_name(const struct hc_members *m)
{
    return m->name ? m->name : "";
}

const char *hc_members_own_name(const struct hc_members *m)
{
    bool inside = m->inner && archive_format(m->inner) != ARCHIVE_FORMAT_RAW;

    return inside ? m->name + strlen(m->outer_name) + 1 : hc_members_name(m);
}

bool hc_members_are_many(const struct hc_members *m)
{
    return m->many;
}

bool hc_members_are_plain(const struct hc_members *m)
{
    return m->has_data && !m->many && is_unpacked(m);
}

const char *hc_members_packed(const struct hc_members *m)
{
    if (m->outer_pack)
        return hc_unpackfile_packing(m->outer_pack);
    return m->has_data && archive_filter_code(m->outer, 0) != ARCHIVE_FILTER_NONE
               ? archive_filter_name(m->outer, 0)
               : NULL;
}

/* What is neither packed nor an archive needs nobody to copy it. */
static int64_t read_plain(struct hc_members *m, void *block, size_t n, const char **why)
{
    ssize_t got;

    do {
        got = pread(m->fd, block, n, m->plain);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        *why = g_strerror(errno);
    m->plain += MAX(got, 0);
    return got;
}

/* The next bytes, as far as nothing is wrong with them; at a fault of the bytes, 0 with `*why`. */
static int64_t read_content(struct hc_members *m, void *block, size_t n, const char **why)
{
    struct archive *from = m->inner ? m->inner : m->outer;
    int64_t got;

    if (!m->inner && m->head_taken < m->n_head) {
        n = MIN(n, m->n_head - m->head_taken);
        memcpy(block, m->head + m->head_taken, n);
        m->head_taken += n;
        return (int64_t)n;
    }
    if (m->refusal || (!m->inner && m->head_failed)) {
        *why = m->refusal ? m->refusal : m->head_failed;
        return 0;
    }
    if (hc_members_are_plain(m) && m->fd >= 0)
        return read_plain(m, block, n, why);
    got = read_pieces(from, m->inner ? &m->inner_piece : &m->outer_piece, block, n);
    if (got < 0 || (got == 0 && archive_format(from) == ARCHIVE_FORMAT_RAW))
        *why = got < 0 ? reason(from, pack_of(m)) : pack_of(m) ? hc_unpackfile_fault(pack_of(m)) : NULL;
    return got < 0 && is_of_bytes(from) ? 0 : got;
}

int64_t hc_members_read(struct hc_members *m, void *block, size_t n, const char **why)
{
    int64_t got;

    if (!m->has_data || m->fault)
        return 0;
    *why = NULL;
    got = read_content(m, block, n, why);
    m->gave = m->gave || got > 0;
    if (got != 0 || !*why)
        return got;
    if (!m->gave)
        return -1;
    m->fault = g_strdup(*why);
    return 0;
}

const char *hc_members_fault(const struct hc_members *m)
{
    return m->fault;
}

const char *hc_members_remark(const struct hc_members *m)
{
    const struct hc_unpackfile *pack = m->inner ? m->inner_pack : m->many ? NULL : m->outer_pack;

    return pack && hc_unpackfile_trailed(pack) ? trailed : NULL;
}

int64_t hc_members_taken(const struct hc_members *m)
{
    if (m->plain || m->outer_pack)
        return m->outer_pack ? hc_unpackfile_taken(m->outer_pack) : m->plain;
    return m->has_data ? archive_filter_bytes(m->outer, -1) : 0;
}
