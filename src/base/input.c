/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)1 << 20)

struct hc_input {
    struct archive *archive;
    char *name;
    int fd;
    bool has_data;      /* an empty file is no input for libarchive */
    bool is_archive, started, ended;
    char *member;
    int members;
    GByteArray *ahead;  /* decompressed bytes that are not consumed yet, from `from` on */
    size_t from;
    bool member_end;
    struct hc_sha256 *hash;
    int64_t out, line, offset;
    unsigned char *block;
};

static bool input_fail(const struct hc_input *in, GError **error, const char *what)
{
    return hc_fail(error, HC_ERROR_INPUT, "%s%s%s: %s", in->name, in->member && *in->member ? "!" : "",
                   in->member ? in->member : "", what);
}

static bool archive_fail(const struct hc_input *in, GError **error)
{
    const char *text = archive_error_string(in->archive);

    return input_fail(in, error, text ? text : "cannot be read");
}

bool hc_input_hash(const char *path, char hex[HC_SHA256_HEX], int64_t *size, GError **error)
{
    g_autofree unsigned char *block = g_malloc(BLOCK_SIZE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct hc_sha256 *hash;
    ssize_t n;

    if (fd < 0)
        return hc_fail(error, HC_ERROR_INPUT, "%s: %s", path, g_strerror(errno));
    hash = hc_sha256_new();
    *size = 0;
    while ((n = read(fd, block, BLOCK_SIZE)) > 0) {
        hc_sha256_add(hash, block, (size_t)n);
        *size += n;
    }
    hc_sha256_end(hash, hex);
    close(fd);
    return n == 0 || hc_fail(error, HC_ERROR_INPUT, "%s: %s", path, g_strerror(errno));
}

/* Only what evidence comes in: a text that happens to look like another archive format stays a text. */
static struct archive *reader(void)
{
    struct archive *a = archive_read_new();

    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_compress(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_raw(a);
    return a;
}

static struct hc_input *input_new(const char *name)
{
    struct hc_input *in = g_new0(struct hc_input, 1);

    in->name = g_strdup(name);
    in->fd = -1;
    in->ahead = g_byte_array_new();
    in->block = g_malloc(BLOCK_SIZE);
    return in;
}

struct hc_input *hc_input_open(const char *path, GError **error)
{
    struct hc_input *in = input_new(path);
    struct stat st;

    in->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        input_fail(in, error, g_strerror(errno));
        hc_input_close(in);
        return NULL;
    }
    in->has_data = st.st_size > 0;
    in->archive = reader();
    if (in->has_data && archive_read_open_fd(in->archive, in->fd, BLOCK_SIZE) != ARCHIVE_OK) {
        archive_fail(in, error);
        hc_input_close(in);
        return NULL;
    }
    return in;
}

struct hc_input *hc_input_open_memory(const void *data, size_t size, const char *name, GError **error)
{
    struct hc_input *in = input_new(name);

    in->has_data = size > 0;
    in->archive = reader();
    if (in->has_data && archive_read_open_memory(in->archive, data, size) != ARCHIVE_OK) {
        archive_fail(in, error);
        hc_input_close(in);
        return NULL;
    }
    return in;
}

void hc_input_close(struct hc_input *in)
{
    char hex[HC_SHA256_HEX];

    if (!in)
        return;
    if (in->hash)
        hc_sha256_end(in->hash, hex);
    if (in->archive)
        archive_read_free(in->archive);
    if (in->fd >= 0)
        close(in->fd);
    g_byte_array_unref(in->ahead);
    g_free(in->block);
    g_free(in->member);
    g_free(in->name);
    g_free(in);
}

/* Names are only shown and matched, never opened; a name that would climb out is refused all the same. */
static bool check_member(struct hc_input *in, const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);

    if (strlen(name) > HC_MEMBER_NAME_MAX)
        return input_fail(in, error, "a member's name is too long");
    if (!g_utf8_validate(name, -1, NULL))
        return input_fail(in, error, "a member's name is not UTF-8");
    if (name[0] == '/' || g_strv_contains((const char *const *)parts, ".."))
        return input_fail(in, error, "a member's name leads out of the archive");
    if (++in->members > HC_MEMBERS_MAX)
        return input_fail(in, error, "the archive has too many members");
    return true;
}

static void start_member(struct hc_input *in, const char *name)
{
    char hex[HC_SHA256_HEX];

    if (in->hash)
        hc_sha256_end(in->hash, hex);
    in->hash = hc_sha256_new();
    g_free(in->member);
    in->member = g_strdup(name);
    g_byte_array_set_size(in->ahead, 0);
    in->from = 0;
    in->member_end = !in->has_data;
    in->out = in->line = in->offset = 0;
}

static bool drain(struct hc_input *in, GError **error);

int hc_input_next(struct hc_input *in, GError **error)
{
    struct archive_entry *entry;
    const char *name;
    int rc;

    if (in->ended || (in->started && !drain(in, error)))
        return in->ended ? 0 : -1;
    if (!in->has_data) {
        in->ended = in->started;
        in->started = true;
        if (!in->ended)
            start_member(in, "");
        return in->ended ? 0 : 1;
    }
    in->started = true;
    do {
        rc = archive_read_next_header(in->archive, &entry);
    } while (rc == ARCHIVE_OK && archive_format(in->archive) != ARCHIVE_FORMAT_RAW &&
             archive_entry_filetype(entry) != AE_IFREG);
    if (rc == ARCHIVE_EOF) {
        in->ended = true;
        return 0;
    }
    if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
        return archive_fail(in, error) - 1;
    in->is_archive = archive_format(in->archive) != ARCHIVE_FORMAT_RAW;
    name = in->is_archive ? archive_entry_pathname_utf8(entry) : "";
    if (!name || !check_member(in, name, error))
        return name ? -1 : (int)input_fail(in, error, "a member's name is not UTF-8") - 1;
    start_member(in, name);
    return 1;
}

const char *hc_input_member(const struct hc_input *in)
{
    return in->member ? in->member : "";
}

bool hc_input_is_archive(const struct hc_input *in)
{
    return in->is_archive;
}

static bool check_size(struct hc_input *in, GError **error)
{
    int64_t packed = archive_filter_bytes(in->archive, -1);

    if (in->out > HC_MEMBER_SIZE_MAX)
        return input_fail(in, error, "decompresses to more than the limit of a member");
    if (in->out > HC_RATIO_FLOOR && packed > 0 && in->out / packed > HC_RATIO_MAX)
        return input_fail(in, error, "decompresses far beyond its size: refused as a bomb");
    return true;
}

/* Appends the next block to what lies ahead; what was consumed is dropped first. */
static bool fill(struct hc_input *in, GError **error)
{
    la_ssize_t n;

    if (in->member_end)
        return true;
    if (in->from) {
        g_byte_array_remove_range(in->ahead, 0, (guint)in->from);
        in->from = 0;
    }
    n = archive_read_data(in->archive, in->block, BLOCK_SIZE);
    if (n < 0)
        return archive_fail(in, error);
    in->member_end = n == 0;
    hc_sha256_add(in->hash, in->block, (size_t)n);
    g_byte_array_append(in->ahead, in->block, (guint)n);
    in->out += n;
    return check_size(in, error);
}

static bool drain(struct hc_input *in, GError **error)
{
    while (!in->member_end) {
        in->from = in->ahead->len;
        if (!fill(in, error))
            return false;
    }
    return true;
}

struct hc_str hc_input_peek(struct hc_input *in)
{
    while (!in->member_end && in->ahead->len < HC_PEEK_SIZE)
        if (!fill(in, NULL))
            break;
    return hc_str_n((const char *)in->ahead->data, MIN(in->ahead->len, HC_PEEK_SIZE));
}

/* A line beyond the limit: counted, not kept. */
static bool skip_line(struct hc_input *in, struct hc_locator *at, GError **error)
{
    int64_t length = 0;

    for (;;) {
        size_t have = in->ahead->len - in->from;
        const unsigned char *start = in->ahead->data + in->from, *end = have ? memchr(start, '\n', have) : NULL;
        length += end ? end - start : (int64_t)have;
        in->from += end ? (size_t)(end - start) + 1 : have;
        if (end || in->member_end) {
            at->length = length;
            in->offset += length + (end != NULL);
            return true;
        }
        if (!fill(in, error))
            return false;
    }
}

int hc_input_line(struct hc_input *in, struct hc_str *line, struct hc_locator *at, GError **error)
{
    size_t searched = 0;

    *line = HC_STR_NONE;
    for (;;) {
        size_t have = in->ahead->len - in->from;
        const unsigned char *start = in->ahead->data + in->from;
        const unsigned char *end = have > searched ? memchr(start + searched, '\n', have - searched) : NULL;
        if (end || in->member_end) {
            size_t n = end ? (size_t)(end - start) : have;
            if (!end && !have)
                return 0;
            at->line = ++in->line;
            at->offset = in->offset;
            in->from += n + (end != NULL);
            in->offset += (int64_t)n + (end != NULL);
            n -= end && n && start[n - 1] == '\r';
            at->length = (int64_t)n;
            *line = n <= HC_LINE_MAX ? hc_str_n((const char *)start, n) : HC_STR_NONE;
            return 1;
        }
        if (have > HC_LINE_MAX) {
            at->line = ++in->line;
            at->offset = in->offset;
            return skip_line(in, at, error) ? 1 : -1;
        }
        searched = have;
        if (!fill(in, error))
            return -1;
    }
}

bool hc_input_all(struct hc_input *in, int64_t limit, struct hc_str *all, GError **error)
{
    while (!in->member_end) {
        if ((int64_t)in->ahead->len > limit)
            return input_fail(in, error, "is larger than this format is read");
        if (!fill(in, error))
            return false;
    }
    *all = hc_str_n(in->ahead->len ? (const char *)in->ahead->data + in->from : "", in->ahead->len - in->from);
    return true;
}

bool hc_input_finish(struct hc_input *in, char hex[HC_SHA256_HEX], int64_t *size, GError **error)
{
    if (!drain(in, error))
        return false;
    hc_sha256_end(g_steal_pointer(&in->hash), hex);
    *size = in->out;
    return true;
}

int64_t hc_input_position(const struct hc_input *in)
{
    return in->has_data ? archive_filter_bytes(in->archive, -1) : 0;
}
