/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/input.h"

#include "src/base/file.h"
#include "src/base/temp.h"
#include "src/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE (1u << 20)
#define REFUSED_NAME_SHOWN 100 /* characters */

/* Bytes that are not consumed yet, from `from` on. */
struct level {
    GByteArray *bytes;
    size_t from;
    bool end;
};

struct hc_input {
    struct hc_members *members;
    char *name;
    int fd;
    struct hc_str memory; /* what is read when there is no file */
    struct hc_limits limits;
    bool ended, cut;
    bool refused;   /* the present member, for its name */
    GError *failed; /* a member that could not be read on stays so */
    char *member;
    int n_members;
    struct level own, text,
        *at; /* the bytes of the member; the text it is presented as; that of the two which is read */
    const struct hc_maker *maker;
    void *made_by;
    struct hc_linemarks *marks;
    struct hc_sha256 *hash;
    hc_input_fn watch;
    void *watcher;
    int64_t out, made, line, offset;
    int64_t before; /* bytes that came out of the members before this one */
    int64_t beside; /* bytes of other files, or read once more, that texts were made of, over all members */
    int64_t taken;  /* of the bytes, by the maker */
    char *temp;     /* folder for temporary files; NULL: that of the system */
    int spool;      /* one that holds the member; -1: none */
    int64_t spooled;
};

static bool input_fail(const struct hc_input *in, GError **error, const char *what)
{
    return hc_fail(error, HC_ERROR_INPUT, "%s%s%s: %s", in->name, in->member && *in->member ? "!" : "",
                   in->member ? in->member : "", what);
}

const char *hc_input_reason(const struct hc_input *in, const GError *error)
{
    const char *text = error->message;

    if (g_str_has_prefix(text, in->name))
        text += strlen(in->name);
    if (*text == '!' && in->member && g_str_has_prefix(text + 1, in->member))
        text += 1 + strlen(in->member);
    return g_str_has_prefix(text, ": ") ? text + 2 : text;
}

static struct hc_input *input_new(const char *name)
{
    struct hc_input *in = g_new0(struct hc_input, 1);

    in->name = g_strdup(name);
    in->fd = in->spool = -1;
    in->own.bytes = g_byte_array_sized_new(1); /* so that its data is never NULL, be the file empty */
    in->text.bytes = g_byte_array_sized_new(1);
    in->at = &in->own;
    in->marks = hc_linemarks_new();
    in->limits = (struct hc_limits){HC_MEMBERS_MAX, HC_MEMBER_SIZE_MAX, HC_RATIO_MAX, HC_RATIO_FLOOR,
                                    HC_WHOLE_MAX,   HC_HELD_MAX,        HC_SPOOL_MAX};
    return in;
}

static struct hc_input *open_as(const char *path, enum hc_reading reading, int flags, GError **error)
{
    struct hc_input *in = input_new(path);
    int64_t size = 0;

    in->fd = hc_file_open(path, flags, &size, error);
    if (in->fd >= 0) {
        in->members = hc_members_new(in->fd, HC_STR_NONE, size, reading);
        return in;
    }
    hc_input_close(in);
    return NULL;
}

struct hc_input *hc_input_open(const char *path, GError **error)
{
    return open_as(path, HC_READ_ANY, 0, error);
}

struct hc_input *hc_input_open_bytes(const char *path, GError **error)
{
    return open_as(path, HC_READ_BYTES, O_NOFOLLOW, error);
}

static struct hc_input *memory_as(struct hc_str memory, const char *name, enum hc_reading reading)
{
    struct hc_input *in = input_new(name);

    in->memory = memory;
    in->members = hc_members_new(-1, memory, (int64_t)memory.n, reading);
    return in;
}

struct hc_input *hc_input_again(const struct hc_input *in, enum hc_reading reading, GError **error)
{
    struct hc_input *again =
        in->fd >= 0 ? open_as(in->name, reading, 0, error) : memory_as(in->memory, in->name, reading);

    if (again) {
        again->limits = in->limits;
        hc_input_temp(again, in->temp);
    }
    return again;
}

struct hc_input *hc_input_open_memory(const void *data, size_t size, const char *name, GError **error)
{
    return memory_as(hc_str_n(data, size), name, HC_READ_ANY);
}

void hc_input_temp(struct hc_input *in, const char *folder)
{
    g_free(in->temp);
    in->temp = g_strdup(folder);
}

static void leave_spool(struct hc_input *in)
{
    hc_temp_close(in->spool);
    in->spool = -1;
}

/* Back to the bytes that the text is made of. */
static void leave_text(struct hc_input *in)
{
    if (in->maker)
        in->maker->free(in->made_by);
    in->maker = NULL;
    in->at = &in->own;
    hc_linemarks_clear(in->marks);
}

void hc_input_watch(struct hc_input *in, hc_input_fn watch, void *data)
{
    in->watch = watch;
    in->watcher = data;
}

struct hc_limits *hc_input_limits(struct hc_input *in)
{
    return &in->limits;
}

void hc_input_close(struct hc_input *in)
{
    char hex[HC_SHA256_HEX];

    if (!in)
        return;
    if (in->hash)
        hc_sha256_end(in->hash, hex);
    hc_members_free(in->members);
    if (in->fd >= 0)
        close(in->fd);
    leave_text(in);
    leave_spool(in);
    g_free(in->temp);
    hc_linemarks_free(in->marks);
    g_byte_array_unref(in->own.bytes);
    g_byte_array_unref(in->text.bytes);
    g_clear_error(&in->failed);
    g_free(in->member);
    g_free(in->name);
    g_free(in);
}

/* Names are only shown and matched, never opened; one that would climb out is refused all the same. */
static bool leads_out(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);

    return name[0] == '/' || g_strv_contains((const char *const *)parts, "..");
}

/* Why the present member is not read by its name; NULL: it is. */
static const char *name_fault(const struct hc_input *in)
{
    const char *name = hc_members_name(in->members);

    if (!hc_members_are_many(in->members))
        return NULL;
    if (strlen(name) > HC_MEMBER_NAME_MAX)
        return "its name is too long";
    if (!g_utf8_validate(name, -1, NULL))
        return "its name is not UTF-8";
    return leads_out(name) || leads_out(hc_members_own_name(in->members)) ? "its name leads out of the archive" : NULL;
}

static void start_member(struct hc_input *in, const char *name)
{
    char hex[HC_SHA256_HEX];

    if (in->hash)
        hc_sha256_end(in->hash, hex);
    in->hash = hc_sha256_new();
    g_free(in->member);
    in->member = g_strdup(name);
    leave_text(in);
    leave_spool(in);
    g_byte_array_set_size(in->own.bytes, 0);
    in->own.from = 0;
    in->own.end = false;
    in->before += MAX(in->out, in->made);
    in->out = in->made = in->line = in->offset = in->taken = 0;
}

/* A member that is not read, for its name, which nobody is to see as a path. */
static void start_refused(struct hc_input *in, const char *fault)
{
    g_autofree char *valid = g_utf8_make_valid(hc_members_name(in->members), -1), *name = g_strdup_printf("member-%d", in->n_members);
    const char *end = g_utf8_strlen(valid, -1) > REFUSED_NAME_SHOWN ? "..." : "";
    g_autoptr(GString) shown = g_string_new(NULL), why = g_string_new(fault);

    hc_text_visible(shown, hc_str_n(valid, (size_t)(g_utf8_offset_to_pointer(valid, MIN(g_utf8_strlen(valid, -1), REFUSED_NAME_SHOWN)) - valid)), false);
    g_string_append_printf(why, ": \"%s%s\"", shown->str, end);
    start_member(in, name);
    input_fail(in, &in->failed, why->str);
    in->refused = true;
}

static bool drain(struct hc_input *in, GError **error);

int hc_input_next(struct hc_input *in, GError **error)
{
    const char *why = NULL, *fault;
    int rc;

    if (in->refused)
        hc_input_leave(in);
    if (in->member && !in->ended && !drain(in, error))
        return -1;
    rc = hc_members_next(in->members, &why);
    in->ended = rc == 0;
    if (rc < 0)
        return input_fail(in, error, why) - 1;
    if (rc == 0)
        return 0;
    if (hc_members_are_many(in->members) && ++in->n_members > in->limits.members)
        return input_fail(in, error, "the archive has too many members") - 1;
    fault = name_fault(in);
    if (fault)
        start_refused(in, fault);
    else
        start_member(in, hc_members_name(in->members));
    return 1;
}

void hc_input_leave(struct hc_input *in)
{
    leave_text(in);
    g_byte_array_set_size(in->own.bytes, 0);
    in->own.from = 0;
    in->own.end = true;
    in->refused = false;
    g_clear_error(&in->failed);
}

const char *hc_input_remark(const struct hc_input *in)
{
    return hc_members_remark(in->members);
}

void hc_input_without_hash(struct hc_input *in)
{
    char hex[HC_SHA256_HEX];

    if (in->hash)
        hc_sha256_end(g_steal_pointer(&in->hash), hex);
}

const char *hc_input_member(const struct hc_input *in)
{
    return in->member ? in->member : "";
}

bool hc_input_is_archive(const struct hc_input *in)
{
    return hc_members_are_many(in->members);
}

const char *hc_input_packed(const struct hc_input *in)
{
    return hc_members_packed(in->members);
}

bool hc_input_is_nested(const struct hc_input *in)
{
    return hc_members_own_name(in->members) != hc_members_name(in->members);
}

size_t hc_input_inside(const struct hc_input *in)
{
    return in->member ? (size_t)(hc_members_own_name(in->members) - hc_members_name(in->members)) : 0;
}

const char *hc_input_own_name(const char *member, size_t inside)
{
    const char *own = member + MIN(inside, strlen(member)); /* one that is refused has another name */

    return g_str_has_prefix(own, "./") ? own + 2 : own;
}

int64_t hc_input_read(const struct hc_input *in)
{
    return hc_members_taken(in->members);
}

/* Over all members: many that are small each are as good a bomb as one that is large. */
static bool check_size(const struct hc_input *in, int64_t out, GError **error)
{
    int64_t all = in->before + out;
    int64_t packed = hc_members_taken(in->members) + in->beside;

    if (out > in->limits.member_size)
        return input_fail(in, error, "decompresses to more than the limit of a member");
    if (all > in->limits.ratio_floor && packed > 0 && all > in->limits.ratio * packed)
        return input_fail(in, error, "decompresses far beyond its size: refused as a bomb");
    return true;
}

static bool read_block(struct hc_input *in, GError **error)
{
    GByteArray *bytes = in->own.bytes;
    const guint before = bytes->len;
    const char *why = NULL;
    int64_t n;

    g_byte_array_set_size(bytes, before + BLOCK_SIZE);
    n = hc_members_read(in->members, bytes->data + before, BLOCK_SIZE, &why);
    g_byte_array_set_size(bytes, before + (guint)MAX(n, 0));
    if (n < 0)
        return input_fail(in, error, why);
    in->own.end = n == 0;
    if (in->watch)
        in->watch(in->watcher, hc_members_taken(in->members));
    if (in->hash)
        hc_sha256_add(in->hash, bytes->data + before, (size_t)n);
    in->out += n;
    return check_size(in, in->out, error);
}

static bool make_text(struct hc_input *in, GError **error)
{
    guint before = in->text.bytes->len;
    int rc = in->maker->make(in->made_by, in->text.bytes, error);

    in->text.end = rc == 0;
    in->made += in->text.bytes->len - before;
    return rc >= 0 && check_size(in, in->made, error);
}

/* Appends the next block to what lies ahead; what was consumed is dropped first. */
static bool fill_level(struct hc_input *in, struct level *level, GError **error)
{
    if (level->end)
        return true;
    if (level->from) {
        g_byte_array_remove_range(level->bytes, 0, (guint)level->from);
        level->from = 0;
    }
    if (in->failed || !(level == &in->own ? read_block(in, &in->failed) : make_text(in, &in->failed))) {
        g_propagate_error(error, g_error_copy(in->failed));
        return false;
    }
    return true;
}

static bool fill(struct hc_input *in, GError **error)
{
    return fill_level(in, in->at, error);
}

static bool drain(struct hc_input *in, GError **error)
{
    leave_text(in);
    while (!in->own.end) {
        in->own.from = in->own.bytes->len;
        if (!fill(in, error))
            return false;
    }
    return true;
}

void hc_input_present(struct hc_input *in, const struct hc_maker *maker, void *data)
{
    leave_text(in);
    in->maker = maker;
    in->made_by = data;
    g_byte_array_set_size(in->text.bytes, 0);
    in->text.from = 0;
    in->text.end = false;
    in->at = &in->text;
}

int hc_input_bytes(struct hc_input *in, size_t want, struct hc_str *bytes, GError **error)
{
    struct level *own = &in->own;

    while (!own->end && own->bytes->len - own->from < want)
        if (in->failed ? !hc_fail(error, HC_ERROR_INPUT, "%s", in->failed->message)
                       : !fill_level(in, own, error))
            return -1;
    *bytes = hc_str_n((const char *)own->bytes->data + own->from, own->bytes->len - own->from);
    return bytes->n > 0;
}

void hc_input_take(struct hc_input *in, size_t n)
{
    in->own.from += n;
    in->taken += (int64_t)n;
}

int64_t hc_input_taken(const struct hc_input *in)
{
    return in->taken;
}

void hc_input_beside(struct hc_input *in, int64_t bytes)
{
    in->beside += bytes;
}

void hc_input_mark(struct hc_input *in, enum hc_mark kind, const char *why)
{
    hc_linemarks_add(in->marks, in->offset + (int64_t)(in->text.bytes->len - in->text.from), kind, why);
}

enum hc_mark hc_input_marked(const struct hc_input *in, const char **why)
{
    return hc_linemarks_now(in->marks, why);
}

int64_t hc_input_made(const struct hc_input *in)
{
    return in->made;
}

struct hc_str hc_input_peek(struct hc_input *in)
{
    while (!in->at->end && in->at->bytes->len < HC_PEEK_SIZE)
        if (!fill(in, NULL))
            break;
    return hc_str_n((const char *)in->at->bytes->data, MIN(in->at->bytes->len, HC_PEEK_SIZE));
}

/* A line beyond the limit: counted, not kept. */
static bool skip_line(struct hc_input *in, struct hc_locator *at, GError **error)
{
    int64_t length = 0;

    for (;;) {
        size_t have = in->at->bytes->len - in->at->from;
        const unsigned char *start = in->at->bytes->data + in->at->from,
                            *end = have ? memchr(start, '\n', have) : NULL;
        length += end ? end - start : (int64_t)have;
        in->at->from += end ? (size_t)(end - start) + 1 : have;
        if (end || in->at->end) {
            in->cut = !end;
            at->length = length;
            in->offset += length + (end != NULL);
            hc_linemarks_pass(in->marks, in->offset);
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
        size_t have = in->at->bytes->len - in->at->from;
        const unsigned char *start = in->at->bytes->data + in->at->from;
        const unsigned char *end = have > searched ? memchr(start + searched, '\n', have - searched) : NULL;
        if (end || in->at->end) {
            size_t n = end ? (size_t)(end - start) : have;
            if (!end && !have)
                return 0;
            at->line = ++in->line;
            at->offset = in->offset;
            in->cut = !end;
            in->at->from += n + (end != NULL);
            in->offset += (int64_t)n + (end != NULL);
            n -= end && n && start[n - 1] == '\r';
            at->length = (int64_t)n;
            *line = n <= HC_LINE_MAX ? hc_str_n((const char *)start, n) : HC_STR_NONE;
            if (in->maker)
                hc_linemarks_pass(in->marks, in->offset);
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

bool hc_input_cut(const struct hc_input *in)
{
    return in->cut;
}

int hc_input_ahead(struct hc_input *in, size_t want, struct hc_str *ahead, struct hc_locator *at,
                   GError **error)
{
    while (!in->at->end && in->at->bytes->len - in->at->from < want)
        if (!fill(in, error))
            return -1;
    *ahead = hc_str_n((const char *)in->at->bytes->data + in->at->from, in->at->bytes->len - in->at->from);
    at->line = in->line + 1;
    at->offset = in->offset;
    return ahead->n > 0;
}

void hc_input_skip(struct hc_input *in, size_t n)
{
    const char *p = (const char *)in->at->bytes->data + in->at->from, *end = p + n;

    in->at->from += n;
    in->offset += (int64_t)n;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        in->line++;
        p++;
    }
}

bool hc_input_all(struct hc_input *in, struct hc_str *all, GError **error)
{
    while (!in->at->end && (int64_t)in->at->bytes->len <= in->limits.whole)
        if (!fill(in, error))
            return false;
    if ((int64_t)in->at->bytes->len > in->limits.whole)
        return input_fail(in, error, "is larger than this format is read");
    *all = hc_str_n(in->at->bytes->len ? (const char *)in->at->bytes->data + in->at->from : "",
                    in->at->bytes->len - in->at->from);
    return true;
}

/* A file that lies on the disk as it is read. */
static bool is_plain(const struct hc_input *in)
{
    return in->fd >= 0 && !in->maker && hc_members_are_plain(in->members);
}

static const char *temp_folder(const struct hc_input *in)
{
    return in->temp ? in->temp : g_get_tmp_dir();
}

/* What has come goes to the temporary file. */
static bool spool_block(struct hc_input *in, GError **error)
{
    GByteArray *bytes = in->own.bytes;
    size_t n = bytes->len - in->own.from;

    if (in->spooled + (int64_t)n > in->limits.spool)
        return input_fail(
            in, error,
            "is larger than this format is read inside of an archive or a compressed file: unpack it");
    if (!hc_temp_write(in->spool, bytes->data + in->own.from, n, in->spooled, temp_folder(in), error))
        return false;
    in->spooled += (int64_t)n;
    in->own.from = bytes->len;
    return true;
}

/* The whole member into a temporary file, from what was read of it on: nothing is consumed yet. */
static bool spool(struct hc_input *in, GError **error)
{
    in->spooled = 0;
    in->spool = hc_temp_open(temp_folder(in), error);
    if (in->spool < 0 || !spool_block(in, error))
        return false;
    while (!in->own.end)
        if (!fill(in, error) || !spool_block(in, error))
            return false;
    return true;
}

/* Bytes of a member that does not lie on the disk as it is, held from now on; -1: failed. */
static int64_t hold(struct hc_input *in, GError **error)
{
    const struct level *own = &in->own;
    struct hc_str all;

    if (in->maker)
        return hc_input_all(in, &all, error) ? (int64_t)all.n : -1;
    if (in->spool >= 0)
        return in->spooled;
    while (!own->end && (int64_t)own->bytes->len <= in->limits.held)
        if (!fill(in, error))
            return -1;
    if (own->end)
        return (int64_t)(own->bytes->len - own->from);
    return spool(in, error) ? in->spooled : -1;
}

int64_t hc_input_size(struct hc_input *in, GError **error)
{
    struct stat st;

    if (!is_plain(in))
        return hold(in, error);
    if (fstat(in->fd, &st) != 0)
        return input_fail(in, error, g_strerror(errno)) - 1;
    if (st.st_size > in->limits.member_size)
        return input_fail(in, error, "is larger than the limit of a member") - 1;
    return st.st_size;
}

static bool read_at(const struct hc_input *in, int64_t offset, char *out, size_t n, GError **error)
{
    while (n > 0) {
        ssize_t got = pread(in->fd, out, n, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return input_fail(in, error, got < 0 ? g_strerror(errno) : "ends before the place that is read");
        out += got;
        offset += got;
        n -= (size_t)got;
    }
    return true;
}

bool hc_input_at(struct hc_input *in, int64_t offset, void *out, size_t n, GError **error)
{
    size_t have = in->at->bytes->len - in->at->from;

    if (is_plain(in))
        return read_at(in, offset, out, n, error);
    if (in->spool >= 0)
        have = (size_t)in->spooled;
    if (offset < 0 || (uint64_t)offset > have || n > have - (size_t)offset)
        return input_fail(in, error, "ends before the place that is read");
    if (in->spool >= 0)
        return hc_temp_read(in->spool, out, n, n, offset, temp_folder(in), error) >= 0;
    memcpy(out, in->at->bytes->data + in->at->from + offset, n);
    return true;
}

bool hc_input_finish(struct hc_input *in, char hex[HC_SHA256_HEX], int64_t *size, GError **error)
{
    if (!drain(in, error))
        return false;
    *hex = '\0';
    if (in->hash)
        hc_sha256_end(g_steal_pointer(&in->hash), hex);
    *size = in->out;
    return true;
}
