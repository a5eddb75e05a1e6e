/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/room.h"

#include <stdbool.h>
#include <stdint.h>

#define SLAB_BLOCKS 128

/* A block, or a piece of its own that is larger than one. */
struct hc_room_block {
    struct hc_room_block *before;
    uint32_t used; /* bytes of `bytes` */
    bool large;
    int64_t bytes[];
};

#define BLOCK_BYTES (HC_ROOM_BLOCK - sizeof(struct hc_room_block))

struct hc_rooms {
    struct hc_room_block *unused;
    GPtrArray *slabs;
    GHashTable *larges; /* a set */
};

struct hc_rooms *hc_rooms_new(void)
{
    struct hc_rooms *rooms = g_new0(struct hc_rooms, 1);

    rooms->slabs = g_ptr_array_new_with_free_func(g_free);
    rooms->larges = g_hash_table_new_full(NULL, NULL, g_free, NULL);
    return rooms;
}

void hc_rooms_free(struct hc_rooms *rooms)
{
    if (!rooms)
        return;
    g_ptr_array_unref(rooms->slabs);
    g_hash_table_unref(rooms->larges);
    g_free(rooms);
}

static void more(struct hc_rooms *rooms)
{
    char *slab = g_malloc((gsize)SLAB_BLOCKS * HC_ROOM_BLOCK);

    g_ptr_array_add(rooms->slabs, slab);
    for (size_t i = SLAB_BLOCKS; i-- > 0;) {
        struct hc_room_block *b = (void *)(slab + i * HC_ROOM_BLOCK);
        b->before = rooms->unused;
        rooms->unused = b;
    }
}

static struct hc_room_block *take(struct hc_rooms *rooms)
{
    struct hc_room_block *b;

    if (!rooms->unused)
        more(rooms);
    b = rooms->unused;
    rooms->unused = b->before;
    b->used = 0;
    b->large = false;
    return b;
}

/* Stands behind the block that is filled now, which stays the one that is filled. */
static void *add_large(struct hc_rooms *rooms, struct hc_room *room, size_t n)
{
    struct hc_room_block *b = g_malloc(sizeof(*b) + n);

    g_hash_table_add(rooms->larges, b);
    b->large = true;
    b->used = (uint32_t)BLOCK_BYTES; /* full, should it be the first */
    b->before = room->last ? room->last->before : NULL;
    if (room->last)
        room->last->before = b;
    else
        room->last = b;
    return b->bytes;
}

void *hc_room_add(struct hc_rooms *rooms, struct hc_room *room, size_t n)
{
    void *at;

    n = (n + 7) & ~(size_t)7;
    if (n > BLOCK_BYTES)
        return add_large(rooms, room, n);
    if (!room->last || room->last->used + n > BLOCK_BYTES) {
        struct hc_room_block *b = take(rooms);
        b->before = room->last;
        room->last = b;
    }
    at = (char *)room->last->bytes + room->last->used;
    room->last->used += (uint32_t)n;
    return at;
}

void hc_room_clear(struct hc_rooms *rooms, struct hc_room *room)
{
    while (room->last) {
        struct hc_room_block *b = room->last;
        room->last = b->before;
        if (b->large) {
            g_hash_table_remove(rooms->larges, b);
        } else {
            b->before = rooms->unused;
            rooms->unused = b;
        }
    }
}
