/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/inputparts.h"

#include "src/base/temp.h"
#include "src/base/text.h"

#include <fcntl.h>
#include <unistd.h>

#define REFUSED_NAME_SHOWN 100 /* characters */

bool hc_input_fail(const struct hc_input *in, GError **error, const char *what)
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
                                    HC_WHOLE_MAX,   HC_HELD_MAX,        HC_SPOOL_MAX, HC_ASIDE_FROM};
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
        hc_input_stop(in);
    if (in->maker)
        in->maker->free(in->made_by);
    in->maker = NULL;
    in->at = &in->own;
    in->seen.n = in->n_passed = 0;
    in->found = NULL;
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
    int64_t size;

    if (!in)
        return;
    hc_input_stop(in);
    hc_seen_clear(&in->seen);
    if (in->hash)
        hc_sha256_end(in->hash, hex);
    if (in->hashing)
        hc_hashing_end(in->hashing, hex, &size, NULL);
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
    return leads_out(name) || leads_out(hc_members_own_name(in->members))
               ? "its name leads out of the archive"
               : NULL;
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
    in->look = (struct hc_look){0};
    g_byte_array_set_size(in->own.bytes, 0);
    in->own.from = 0;
    in->own.end = false;
    in->before += MAX(in->out, in->made);
    in->same = false;
    in->out = in->made = in->seen_made = in->line = in->offset = in->taken = 0;
}

/* A member that is not read, for its name, which nobody is to see as a path. */
static void start_refused(struct hc_input *in, const char *fault)
{
    g_autofree char *valid = g_utf8_make_valid(hc_members_name(in->members), -1),
                    *name = g_strdup_printf("member-%d", in->n_members);
    const char *end = g_utf8_strlen(valid, -1) > REFUSED_NAME_SHOWN ? "..." : "";
    g_autoptr(GString) shown = g_string_new(NULL), why = g_string_new(fault);

    hc_text_visible(shown,
                    hc_str_n(valid, (size_t)(g_utf8_offset_to_pointer(
                                                 valid, MIN(g_utf8_strlen(valid, -1), REFUSED_NAME_SHOWN)) -
                                             valid)),
                    false);
    g_string_append_printf(why, ": \"%s%s\"", shown->str, end);
    start_member(in, name);
    hc_input_fail(in, &in->failed, why->str);
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
        return hc_input_fail(in, error, why) - 1;
    if (rc == 0)
        return 0;
    if (hc_members_are_many(in->members) && ++in->n_members > in->limits.members)
        return hc_input_fail(in, error, "the archive has too many members") - 1;
    fault = name_fault(in);
    if (fault)
        start_refused(in, fault);
    else
        start_member(in, hc_members_name(in->members));
    return 1;
}

void hc_input_leave(struct hc_input *in)
{
    hc_input_stop(in);
    leave_text(in);
    g_byte_array_set_size(in->own.bytes, 0);
    in->own.from = 0;
    in->own.end = true;
    in->refused = false;
    g_clear_error(&in->failed);
}

void hc_input_partly(struct hc_input *in)
{
    in->partly = true;
}

const char *hc_input_fault(const struct hc_input *in)
{
    return in->aside ? NULL : hc_members_fault(in->members);
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

bool hc_input_is_plain(const struct hc_input *in)
{
    return in->fd >= 0 && !in->maker && hc_members_are_plain(in->members);
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
    return in->aside ? in->seen_taken : hc_members_taken(in->members);
}

static bool drain(struct hc_input *in, GError **error)
{
    leave_text(in);
    while (!in->own.end) {
        in->own.from = in->own.bytes->len;
        if (!hc_input_fill(in, error))
            return false;
    }
    return true;
}

void hc_input_present(struct hc_input *in, const struct hc_maker *maker, void *data)
{
    leave_text(in);
    in->maker = maker;
    in->same = maker->same;
    in->made_by = data;
    g_byte_array_set_size(in->text.bytes, 0);
    in->text.from = 0;
    in->text.end = false;
    in->at = &in->text;
}

int hc_input_bytes(struct hc_input *in, size_t want, struct hc_str *bytes, GError **error)
{
    struct hc_level *own = &in->own;

    while (!own->end && own->bytes->len - own->from < want)
        if (in->failed ? !hc_fail(error, HC_ERROR_INPUT, "%s", in->failed->message)
                       : !hc_level_fill(in, own, error))
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

enum hc_mark hc_input_marked(const struct hc_input *in, const char **why)
{
    return hc_linemarks_now(in->marks, why);
}

int64_t hc_input_made(const struct hc_input *in)
{
    return in->same ? 0 : in->seen_made;
}

struct hc_str hc_input_peek(struct hc_input *in)
{
    while (!in->at->end && in->at->bytes->len < HC_PEEK_SIZE)
        if (!hc_level_fill(in, in->at, NULL))
            break;
    return hc_str_n((const char *)in->at->bytes->data, MIN(in->at->bytes->len, HC_PEEK_SIZE));
}

bool hc_input_finish(struct hc_input *in, char hex[HC_SHA256_HEX], int64_t *size, GError **error)
{
    if (in->hashing) {
        hc_input_leave(in);
        return hc_hashing_end(g_steal_pointer(&in->hashing), hex, size, error);
    }
    if (!drain(in, error))
        return false;
    *hex = '\0';
    if (in->hash)
        hc_sha256_end(g_steal_pointer(&in->hash), hex);
    *size = in->out;
    return true;
}
