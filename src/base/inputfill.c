/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/inputparts.h"

#define BLOCK_SIZE (1u << 20)
#define ASIDE_SIZE (256u << 10) /* by the thread: what is small is still at hand when it is read */

void hc_input_stop(struct hc_input *in)
{
    g_clear_pointer(&in->ahead, hc_ahead_free);
    in->aside = false;
}

/* Over all members: many that are small each are as good a bomb as one that is large. */
static bool check_size(const struct hc_input *in, int64_t out, GError **error)
{
    int64_t all = in->before + out;
    int64_t packed = hc_members_taken(in->members) + in->beside;

    if (out > in->limits.member_size)
        return hc_input_fail(in, error, "decompresses to more than the limit of a member");
    if (all > in->limits.ratio_floor && packed > 0 && all > in->limits.ratio * packed)
        return hc_input_fail(in, error, "decompresses far beyond its size: refused as a bomb");
    return true;
}

static bool read_block(struct hc_input *in, GByteArray *bytes, guint size, bool *end, GError **error)
{
    const guint before = bytes->len;
    const char *why = NULL;
    int64_t n;

    g_byte_array_set_size(bytes, before + size);
    n = hc_members_read(in->members, bytes->data + before, size, &why);
    g_byte_array_set_size(bytes, before + (guint)MAX(n, 0));
    if (n == 0 && !in->partly && (why = hc_members_fault(in->members)))
        n = -1;
    if (n < 0)
        return hc_input_fail(in, error, why);
    *end = n == 0;
    in->out += n;
    return check_size(in, in->out, error);
}

static void hash_block(const struct hc_input *in, const GByteArray *bytes, size_t from)
{
    if (in->hash)
        hc_sha256_add(in->hash, bytes->data + from, bytes->len - from);
}

static bool make_text(struct hc_input *in, GByteArray *bytes, struct hc_linemarks *marks, bool *end,
                      GError **error)
{
    int rc;

    in->making = bytes;
    in->making_from = bytes->len;
    in->making_marks = marks;
    rc = in->maker->make(in->made_by, bytes, error);
    *end = rc == 0;
    in->made += bytes->len - in->making_from;
    return rc >= 0 && check_size(in, in->made, error);
}

/* An hc_ahead_fn: the thread has the members and the maker for itself. */
static void fill_aside(void *data, struct hc_ahead_block *block)
{
    struct hc_input *in = data;
    bool ok = true;

    if (!in->maker) {
        read_block(in, block->bytes, ASIDE_SIZE, &block->end, &block->failed);
        if (!in->hashed_apart)
            hash_block(in, block->bytes, block->from);
    }
    while (in->maker && ok && !block->end && block->bytes->len < HC_AHEAD_ROOM + ASIDE_SIZE)
        ok = make_text(in, block->bytes, block->marks, &block->end, &block->failed);
    block->taken = hc_members_taken(in->members);
    block->made = in->made;
}

/* An hc_ahead_fn. To hash takes longer than to read, and than to look for a few names. */
static void hash_aside(void *data, struct hc_ahead_block *block)
{
    hash_block(data, block->bytes, block->from);
}

/* The block's bytes are what is read now. Where nobody looks any more, there may be what was found before. */
static void take_seen(struct hc_input *in, struct hc_ahead_block *block)
{
    struct hc_seen seen = in->seen;

    if (!in->look.look)
        return;
    in->seen = block->seen;
    block->seen = seen;
}

/* What is left of the block before goes in front of the new one, where there is room for it. */
static void join_block(struct hc_input *in, struct hc_level *level, struct hc_ahead_block *block)
{
    const guint left = level->bytes->len - (guint)level->from;

    in->seen.n = in->n_passed = 0;
    if (left <= block->from) {
        GByteArray *before = level->bytes;
        if (left)
            memcpy(block->bytes->data + block->from - left, before->data + level->from, left);
        level->bytes = block->bytes;
        level->from = block->from - left;
        block->bytes = before;
        take_seen(in, block);
        return;
    }
    g_byte_array_remove_range(level->bytes, 0, (guint)level->from);
    level->from = 0;
    g_byte_array_append(level->bytes, block->bytes->data + block->from,
                        block->bytes->len - (guint)block->from);
}

/* The next block from the thread, which ends with its last. */
static bool take_block(struct hc_input *in, struct hc_level *level, GError **error)
{
    struct hc_ahead_block *block = hc_ahead_next(in->ahead);
    GError *failed = g_steal_pointer(&block->failed);

    join_block(in, level, block);
    hc_linemarks_move(in->marks, block->marks);
    level->end = block->end;
    in->seen_taken = block->taken;
    in->seen_made = block->made;
    hc_ahead_back(in->ahead, block);
    if (level->end || failed)
        hc_input_stop(in);
    if (failed) {
        g_clear_error(&in->failed); /* that of the bytes, where the text could not be made */
        in->failed = failed;
        g_propagate_error(error, g_error_copy(failed));
    }
    return !failed;
}

/* Appends the next block to what lies ahead; what was consumed is dropped first. */
static bool fill_here(struct hc_input *in, struct hc_level *level, GError **error)
{
    bool ok = !in->failed;
    guint before;

    in->seen.n = in->n_passed = 0;
    if (level->from) {
        g_byte_array_remove_range(level->bytes, 0, (guint)level->from);
        level->from = 0;
    }
    before = level->bytes->len;
    if (ok && level == &in->own) {
        ok = read_block(in, level->bytes, BLOCK_SIZE, &level->end, &in->failed);
        hash_block(in, level->bytes, before);
    } else if (ok)
        ok = make_text(in, level->bytes, in->marks, &level->end, &in->failed);
    if (!ok)
        g_propagate_error(error, g_error_copy(in->failed));
    return ok;
}

bool hc_level_fill(struct hc_input *in, struct hc_level *level, GError **error)
{
    const bool aside = in->aside && level == in->at;
    bool ok;

    if (level->end)
        return true;
    in->found = NULL;
    ok = aside ? take_block(in, level, error) : fill_here(in, level, error);
    if (!in->aside) {
        in->seen_taken = hc_members_taken(in->members);
        in->seen_made = in->made;
    }
    if (in->watch && (aside || !in->aside))
        in->watch(in->watcher, in->seen_taken);
    return ok;
}

/* For what is read one after the other: a member that is large is read ahead. */
bool hc_input_fill(struct hc_input *in, GError **error)
{
    if (!in->aside && !in->failed && !in->at->end && (in->maker ? in->made : in->out) >= in->limits.aside) {
        in->aside = true;
        in->hashed_apart = in->hash && !in->maker && !in->look.look; /* else there are threads enough */
        in->ahead = hc_ahead_new(fill_aside, in->hashed_apart ? hash_aside : NULL, in, &in->look);
    }
    return hc_level_fill(in, in->at, error);
}

void hc_input_mark(struct hc_input *in, enum hc_mark kind, const char *why)
{
    hc_linemarks_add(in->making_marks, in->made + (int64_t)(in->making->len - in->making_from), kind, why);
}
