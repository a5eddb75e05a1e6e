/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/inputparts.h"

#include "src/base/temp.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

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
        return hc_input_fail(
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
        if (!hc_level_fill(in, &in->own, error) || !spool_block(in, error))
            return false;
    return true;
}

/* Bytes of a member that does not lie on the disk as it is, held from now on; -1: failed. */
static int64_t hold(struct hc_input *in, GError **error)
{
    const struct hc_level *own = &in->own;
    struct hc_str all;

    if (in->maker)
        return hc_input_all(in, &all, error) ? (int64_t)all.n : -1;
    if (in->spool >= 0)
        return in->spooled;
    while (!own->end && (int64_t)own->bytes->len <= in->limits.held)
        if (!hc_level_fill(in, &in->own, error))
            return -1;
    if (own->end)
        return (int64_t)(own->bytes->len - own->from);
    return spool(in, error) ? in->spooled : -1;
}

int64_t hc_input_size(struct hc_input *in, GError **error)
{
    struct stat st;

    if (!hc_input_is_plain(in))
        return hold(in, error);
    if (in->hash) { /* what is read here and there does not pass by to be hashed */
        hc_input_without_hash(in);
        in->hashing = hc_hashing_start(in->name);
    }
    if (fstat(in->fd, &st) != 0)
        return hc_input_fail(in, error, g_strerror(errno)) - 1;
    if (st.st_size > in->limits.member_size)
        return hc_input_fail(in, error, "is larger than the limit of a member") - 1;
    return st.st_size;
}

static bool read_at(const struct hc_input *in, int64_t offset, char *out, size_t n, GError **error)
{
    while (n > 0) {
        ssize_t got = pread(in->fd, out, n, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return hc_input_fail(in, error,
                                 got < 0 ? g_strerror(errno) : "ends before the place that is read");
        out += got;
        offset += got;
        n -= (size_t)got;
    }
    return true;
}

bool hc_input_at(struct hc_input *in, int64_t offset, void *out, size_t n, GError **error)
{
    size_t have = in->at->bytes->len - in->at->from;

    if (hc_input_is_plain(in))
        return read_at(in, offset, out, n, error);
    if (in->spool >= 0)
        have = (size_t)in->spooled;
    if (offset < 0 || (uint64_t)offset > have || n > have - (size_t)offset)
        return hc_input_fail(in, error, "ends before the place that is read");
    if (in->spool >= 0)
        return hc_temp_read(in->spool, out, n, n, offset, temp_folder(in), error) >= 0;
    memcpy(out, in->at->bytes->data + in->at->from + offset, n);
    return true;
}
