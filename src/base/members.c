/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/members.h"

#include "src/base/archivesigns.h"
#include "src/base/ungzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)1 << 20)
#define HEAD_SIZE ((size_t)64 << 10) /* of a member, to see what it is */

static const char trailed[] = "bytes that are not compressed follow those that are: they were not read";

struct hc_members {
    enum hc_reading reading;
    int fd;
    struct hc_str memory;
    bool has_data; /* an empty file is no input for libarchive */
    struct archive *outer;
    struct archive *inner; /* what is packed inside of a member of the outer one; NULL: nothing */
    struct hc_ungzip *outer_gzip, *inner_gzip; /* between it and its bytes; NULL: these are no gzip file */
    unsigned char *block;                      /* of the file, on its way to outer_gzip */
    bool given;                                /* the memory was handed to it */
    bool started, ended, many;
    char *name, *outer_name;
    char *refusal; /* why the present member cannot be read, where libarchive does not say it */
    /* The head of the outer one's member, and how much of it was handed on. */
    unsigned char *head;
    size_t n_head, head_taken;
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

/* The bytes of the file, for outer_gzip. */
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

/* What is in a gzip file, for libarchive. */
static la_ssize_t give_unzipped(struct archive *a, void *gzip, const void **bytes)
{
    const char *why = NULL;
    int64_t n = hc_ungzip_read(gzip, bytes, &why);

    if (n < 0)
        archive_set_error(a, EILSEQ, "%s", why);
    return n < 0 ? ARCHIVE_FATAL : (la_ssize_t)n;
}

static bool is_gzip(const struct hc_members *m)
{
    unsigned char head[HC_UNGZIP_HEAD];
    ssize_t n = m->fd < 0 ? 0 : pread(m->fd, head, sizeof(head), 0);

    return m->fd < 0 ? hc_ungzip_is(m->memory.p, m->memory.n) : n > 0 && hc_ungzip_is(head, (size_t)n);
}

static void close_outer(struct hc_members *m)
{
    if (m->outer)
        archive_read_free(m->outer);
    g_clear_pointer(&m->outer_gzip, hc_ungzip_free);
    m->outer = NULL;
    m->given = false;
}

/* From the start. A failure is that of the first header. */
static void open_outer(struct hc_members *m, bool packed, bool archives)
{
    close_outer(m);
    m->outer = reader(packed, archives);
    if (m->fd >= 0 && lseek(m->fd, 0, SEEK_SET) != 0)
        return;
    if (packed && is_gzip(m)) {
        m->outer_gzip = hc_ungzip_new(more_of_file, m);
        archive_read_open(m->outer, m->outer_gzip, NULL, give_unzipped, NULL);
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
    g_clear_pointer(&m->inner_gzip, hc_ungzip_free);
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
    g_free(m);
}

static int fail(struct archive *a, const char **why)
{
    const char *text = archive_error_string(a);

    *why = text ? hc_archive_words(text) : "cannot be read";
    return -1;
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
    return !m->outer_gzip && archive_filter_code(m->outer, 0) == ARCHIVE_FILTER_NONE;
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

/* Reads ahead in the outer one's member. False: it cannot be read, which is told when it is. */
static bool read_head(struct hc_members *m)
{
    la_ssize_t n = 1;

    if (!m->head)
        m->head = g_malloc(HEAD_SIZE);
    m->n_head = m->head_taken = 0;
    while (m->n_head < HEAD_SIZE &&
           (n = archive_read_data(m->outer, m->head + m->n_head, HEAD_SIZE - m->n_head)) > 0)
        m->n_head += (size_t)n;
    if (n < 0) {
        const char *why;
        fail(m->outer, &why);
        m->refusal = g_strdup(why);
    }
    return n >= 0;
}

/* The bytes of the outer one's member: the head, then what follows it. */
static int64_t more_of_member(void *data, const void **bytes, const char **why)
{
    struct hc_members *m = data;
    la_ssize_t n;

    if (m->head_taken < m->n_head) {
        *bytes = m->head;
        m->head_taken = m->n_head;
        return (int64_t)m->n_head;
    }
    if (!m->piece)
        m->piece = g_malloc(HEAD_SIZE);
    n = archive_read_data(m->outer, m->piece, HEAD_SIZE);
    m->beyond = m->beyond || n > 0;
    *bytes = m->piece;
    return n < 0 ? fail(m->outer, why) : n;
}

/* For the inner one. */
static la_ssize_t give_inner(struct archive *a, void *data, const void **bytes)
{
    const char *why = NULL;
    int64_t n = more_of_member(data, bytes, &why);

    if (n < 0)
        archive_set_error(a, EILSEQ, "%s", why);
    return n < 0 ? ARCHIVE_FATAL : (la_ssize_t)n;
}

static void set_name(struct hc_members *m, struct archive_entry *inner)
{
    const char *name = inner ? entry_name(inner) : NULL;

    g_free(m->name);
    m->name = inner ? g_strdup_printf("%s!%s", m->outer_name, name ? name : "") : g_strdup(m->outer_name);
}

/* What is cut or damaged near its beginning looks to libarchive as if it were empty. */
static bool gzip_fault(const struct hc_ungzip *gzip, int rc, const char **why)
{
    if (rc == ARCHIVE_EOF && gzip)
        *why = hc_ungzip_fault(gzip);
    return *why != NULL;
}

/*
 * The first of what is inside of the outer one's member: 1; 0 = an archive without files. What only looked as
 * if it were packed is left as it is; what is packed and cannot be opened fails when it is read, so that the
 * members behind it can be.
 */
static int open_inner(struct hc_members *m)
{
    struct archive_entry *entry;
    const char *why = NULL;
    int rc;

    m->inner = reader(true, true);
    m->inner_gzip = hc_ungzip_is(m->head, m->n_head) ? hc_ungzip_new(more_of_member, m) : NULL;
    if (m->inner_gzip)
        archive_read_open(m->inner, m->inner_gzip, NULL, give_unzipped, NULL);
    else
        archive_read_open(m->inner, m, NULL, give_inner, NULL);
    rc = next_entry(m->inner, &entry);
    if (rc == ARCHIVE_OK) {
        set_name(m, archive_format(m->inner) == ARCHIVE_FORMAT_RAW ? NULL : entry);
        return 1;
    }
    if (!gzip_fault(m->inner_gzip, rc, &why) && rc == ARCHIVE_EOF)
        return 0;
    if (why || m->beyond) {
        if (!why)
            fail(m->inner, &why);
        m->refusal = g_strdup(why);
    }
    archive_read_free(m->inner);
    m->inner = NULL;
    g_clear_pointer(&m->inner_gzip, hc_ungzip_free);
    m->head_taken = m->refusal ? m->n_head : 0;
    return 1;
}

/*
 * The next one of the archive that is inside: 1, 0 = no more. Where it cannot be read on it is a member
 * itself, which fails when it is read.
 */
static int next_inner(struct hc_members *m)
{
    struct archive_entry *entry;
    const char *why;
    int rc;

    if (!m->inner || archive_format(m->inner) == ARCHIVE_FORMAT_RAW)
        return 0;
    rc = next_entry(m->inner, &entry);
    if (rc == ARCHIVE_OK)
        set_name(m, entry);
    if (rc == ARCHIVE_OK || rc == ARCHIVE_EOF)
        return rc == ARCHIVE_OK;
    fail(m->inner, &why);
    m->refusal = g_strdup(why);
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
        while (m->outer_gzip && (n = hc_ungzip_read(m->outer_gzip, &bytes, why)) > 0)
            continue;
    if (m->many && m->outer_gzip && n == 0 && hc_ungzip_trailed(m->outer_gzip))
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
    if (gzip_fault(m->outer_gzip, rc, why))
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
    if (!m->many || m->reading == HC_READ_PACKED || !read_head(m) || !hc_archive_packed(m->head, m->n_head))
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
    if (m->outer_gzip)
        return "gzip";
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

int64_t hc_members_read(struct hc_members *m, void *block, size_t n, const char **why)
{
    struct archive *from = m->inner ? m->inner : m->outer;
    la_ssize_t got;

    if (!m->has_data)
        return 0;
    if (!m->inner && m->head_taken < m->n_head) {
        n = MIN(n, m->n_head - m->head_taken);
        memcpy(block, m->head + m->head_taken, n);
        m->head_taken += n;
        return (int64_t)n;
    }
    if (m->refusal) {
        *why = m->refusal;
        return -1;
    }
    if (hc_members_are_plain(m) && m->fd >= 0)
        return read_plain(m, block, n, why);
    got = archive_read_data(from, block, n);
    return got < 0 ? fail(from, why) : got;
}

const char *hc_members_remark(const struct hc_members *m)
{
    const struct hc_ungzip *gzip = m->inner ? m->inner_gzip : m->many ? NULL : m->outer_gzip;

    return gzip && hc_ungzip_trailed(gzip) ? trailed : NULL;
}

int64_t hc_members_taken(const struct hc_members *m)
{
    if (m->plain || m->outer_gzip)
        return m->outer_gzip ? hc_ungzip_taken(m->outer_gzip) : m->plain;
    return m->has_data ? archive_filter_bytes(m->outer, -1) : 0;
}
