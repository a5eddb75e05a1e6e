/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INPUTPARTS_H
#define HC_INPUTPARTS_H

#include "src/base/ahead.h"
#include "src/base/file.h"
#include "src/base/input.h"

/* The inside of an input: input.c has its members, inputline.c what is read in turn, inputfill.c what comes
 * to lie ahead, inputplaces.c bytes at any place. */

/* Bytes that are not consumed yet, from `from` on. */
struct hc_level {
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
    bool partly;    /* what is cut or damaged ends there */
    GError *failed; /* a member that could not be read on stays so */
    char *member;
    int n_members;
    struct hc_level own, text,
        *at; /* the bytes of the member; the text it is presented as; that of the two which is read */
    const struct hc_maker *maker;
    void *made_by;
    bool same;          /* what it made, or makes, is the member's own text */
    GByteArray *making; /* what a piece is appended to, and where it begins there */
    guint making_from;
    struct hc_linemarks *making_marks;
    struct hc_linemarks *marks;
    bool aside; /* what is read comes from a thread: only it looks at what it is made of */
    struct hc_ahead *ahead;
    struct hc_look look;
    struct hc_seen
        seen;        /* of the lines that are read now, as far as they were looked at; without `ahead` none */
    size_t n_passed; /* of those */
    const void *found;             /* about the line that was read last; NULL: nobody has looked at it */
    int64_t seen_taken, seen_made; /* as of the last block that came from it */
    struct hc_sha256 *hash;
    bool hashed_apart;          /* by a thread of its own, of what is read ahead */
    struct hc_hashing *hashing; /* instead, of what is read at any place */
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

/* False, with the name of what was read. */
bool hc_input_fail(const struct hc_input *in, GError **error, const char *what);
/* The next block of the level, behind what of it is not consumed; nothing at its end. */
bool hc_level_fill(struct hc_input *in, struct hc_level *level, GError **error);
/* The same of what is read, for whoever reads all of it: a large member is read ahead by a thread. */
bool hc_input_fill(struct hc_input *in, GError **error);
/* What the thread has read or made ahead is lost: for what is left for good. */
void hc_input_stop(struct hc_input *in);

#endif
