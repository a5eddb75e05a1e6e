/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_AHEAD_H
#define HC_AHEAD_H

#include "src/base/linemarks.h"
#include "src/base/looks.h"

#include <glib.h>
#include <stdbool.h>

/*
 * Blocks of a text that a thread of its own makes, a few ahead of where it is read: in order, so that nobody
 * can tell that there is a thread.
 */
#define HC_AHEAD_ROOM ((guint)64 << 10)

struct hc_ahead_block {
    GByteArray *bytes; /* from `from` on, or, for who fills it, HC_AHEAD_ROOM; before it is room for what is
                          left of the block before */
    size_t from;
    struct hc_seen seen;        /* of its lines, which are then whole where they are short enough */
    struct hc_linemarks *marks; /* that lie in it */
    int64_t taken, made;        /* as the maker counts */
    bool end;                   /* nothing follows */
    GError *failed;             /* and why not; the maker is not asked again */
};

/* What is done to a block, in a thread. */
typedef void (*hc_ahead_fn)(void *data, struct hc_ahead_block *block);

struct hc_ahead;
/*
 * `fill` fills a block. `pass`, in a thread of its own, has each of them next, in the same order and as it
 * was filled, those too that nobody asks for any more; NULL: there is none. `look`: what is to be found out
 * about the lines; it is copied.
 */
struct hc_ahead *hc_ahead_new(hc_ahead_fn fill, hc_ahead_fn pass, void *data, const struct hc_look *look);
/* From now on nobody looks at lines, nor uses what looks were given: blocks have none, or some that were made
 * before. */
void hc_ahead_look_away(struct hc_ahead *ahead);
/* Waits for what the threads are doing; what was made and not asked for is lost. After it, what they have
 * used is the caller's. */
void hc_ahead_free(struct hc_ahead *ahead);

/* The next block, to be given back before the one after it is asked for; its array may be another then, and
 * `failed` is taken. */
struct hc_ahead_block *hc_ahead_next(struct hc_ahead *ahead);
void hc_ahead_back(struct hc_ahead *ahead, struct hc_ahead_block *block);

#endif
