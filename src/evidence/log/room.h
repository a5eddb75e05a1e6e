/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ROOM_H
#define HC_ROOM_H

#include <glib.h>

/*
 * Memory for many things that come and go, each of which grows by small pieces and is given up as a whole:
 * blocks of one size, used again. Nothing is asked of the system for what fits into a block, once as many are
 * there as are in use at one time.
 */
#define HC_ROOM_BLOCK 512 /* bytes of a block, with its head */

struct hc_rooms;
struct hc_rooms *hc_rooms_new(void);
/* With all rooms. */
void hc_rooms_free(struct hc_rooms *rooms);

/* A room of one thing; zeroes: empty. */
struct hc_room {
    struct hc_room_block *last;
};
/* `n` bytes, aligned for pointers and numbers, not cleared: the room's until hc_room_clear. Never NULL. */
void *hc_room_add(struct hc_rooms *rooms, struct hc_room *room, size_t n);
void hc_room_clear(struct hc_rooms *rooms, struct hc_room *room);

#endif
