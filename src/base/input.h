/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_INPUT_H
#define HC_INPUT_H

#include "src/base/error.h"
#include "src/base/event.h"
#include "src/base/hash.h"
#include "src/base/linemarks.h"
#include "src/base/looks.h"
#include "src/base/members.h"

/*
 * Reading evidence: a file, or the members of an archive (members.h), decompressed in place, never extracted.
 * Offsets and lines count decompressed bytes.
 */

/* Limits against hostile archives and files; each has a test that reaches it. */
#define HC_PEEK_SIZE (64u << 10)
#define HC_LINE_MAX (16u << 20) /* a longer line is skipped and rejected */
#define HC_MEMBERS_MAX 100000   /* members of one archive */
#define HC_MEMBER_NAME_MAX 1024
#define HC_MEMBER_SIZE_MAX (INT64_C(64) << 30) /* decompressed bytes of one member */
/* decompressed : compressed, once HC_RATIO_FLOOR bytes are out */
#define HC_RATIO_MAX 2000
#define HC_RATIO_FLOOR (INT64_C(256) << 20)
#define HC_WHOLE_MAX (INT64_C(256) << 20) /* of a member that has to be held in memory as a whole */
/* of one that is read at any place and does not lie on the disk; a larger one is put there */
#define HC_HELD_MAX (INT64_C(32) << 20)
#define HC_SPOOL_MAX (INT64_C(16) << 30) /* up to so many bytes */
#define HC_ASIDE_FROM                                                                                        \
    (INT64_C(1) << 20) /* bytes of a member from which on it is read by a thread of its own; no limit */

struct hc_input;

/* The limits of one input: those above. Tests lower them, so that each is reached with a few bytes. */
struct hc_limits {
    int64_t members, member_size, ratio, ratio_floor, whole, held, spool, aside;
};
struct hc_limits *hc_input_limits(struct hc_input *in);

/* Called for each block that is read, with how many bytes of the file were read so far. */
typedef void (*hc_input_fn)(void *data, int64_t taken);
void hc_input_watch(struct hc_input *in, hc_input_fn watch, void *data);

/* Where temporary files are made; those of the system, where nobody says. */
void hc_input_temp(struct hc_input *in, const char *folder);

/* Opens `path`. Nothing is current until hc_input_next. Free with hc_input_close. */
struct hc_input *hc_input_open(const char *path, GError **error);
/* From memory, for tests and fuzzing; `data` is borrowed, `name` is the file name to show. */
struct hc_input *hc_input_open_memory(const void *data, size_t size, const char *name, GError **error);
/* The bytes of a file as they lie there, nothing decompressed; a symbolic link is not followed. */
struct hc_input *hc_input_open_bytes(const char *path, GError **error);
/* The same file from its start, with the same limits, for whoever needs its members in another order, and
 * perhaps as they lie in it. */
struct hc_input *hc_input_again(const struct hc_input *in, enum hc_reading reading, GError **error);
void hc_input_close(struct hc_input *in);
typedef struct hc_input hc_input_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_input_t, hc_input_close)

/*
 * Moves to the next member: 1, 0 = no more, -1 = failed. A file that is no archive has one member whose name
 * is "", be it empty. What is left of the present member is read (and hashed) first. Directories and links
 * are skipped. A member whose name is absolute, climbs (".."), is no UTF-8 or longer than the limit is called
 * member-NUMBER, and nothing can be read of it. Two members may have the same name.
 */
int hc_input_next(struct hc_input *in, GError **error);
/* What is read after this is not hashed, until the next member: hc_input_finish gives no hash then. */
void hc_input_without_hash(struct hc_input *in);
/* What is left of the member, which may be what could not be read, is not looked at: hc_input_next then goes
 * on behind it. */
void hc_input_leave(struct hc_input *in);
const char *hc_input_member(const struct hc_input *in); /* "" for a plain or singly compressed file */
bool hc_input_is_archive(const struct hc_input *in);    /* zip, tar, ... as against .gz of one file */
bool hc_input_is_plain(const struct hc_input *in);      /* what is read is the file itself, byte by byte */
bool hc_input_is_nested(
    const struct hc_input *in); /* the member lies in an archive that is a member itself */
size_t hc_input_inside(
    const struct hc_input *in); /* so many bytes of its name are then those of that archive, with the "!" */
/* A member's name as its own archive has it, where `inside` bytes of it are those of that around it; "./" at
 * its beginning is nothing. */
const char *hc_input_own_name(const char *member, size_t inside);
int64_t hc_input_read(const struct hc_input *in); /* how many bytes of the file were read so far */

/*
 * A member that is compressed, or in an archive, and cut or damaged fails where it is. For who asks for it,
 * it ends there, if anything came before: hc_input_fault then says why, at its end; NULL: it is whole. A line
 * without its end is not given there.
 */
void hc_input_partly(struct hc_input *in);
const char *hc_input_fault(const struct hc_input *in);

/* What is to be said of a member that was read to its end, though nothing failed; NULL: nothing. */
const char *hc_input_remark(const struct hc_input *in);

/* By what the file is compressed, "gzip"; NULL where it is not. Of a .gz of one file offsets count in what
 * comes out. */
const char *hc_input_packed(const struct hc_input *in);

/* The first up to HC_PEEK_SIZE decompressed bytes of the member, before anything is read. */
struct hc_str hc_input_peek(struct hc_input *in);

/*
 * Next line without its line end (LF or CRLF; a CR before LF is not part of the text but counts in offsets):
 * 1, 0 = end, -1 = failed. `line` lives until the next call. `at->record` is left alone. A line longer than
 * HC_LINE_MAX gives 1 with line->p == NULL and at->length = its full length.
 */
int hc_input_line(struct hc_input *in, struct hc_str *line, struct hc_locator *at, GError **error);

/*
 * Lines are looked at before they are read, where they are read ahead. Asked for before anything is consumed;
 * holds until the next member. hc_input_looked is what was found out about the line that hc_input_line gave
 * last, NULL: nobody has looked at it, which says nothing about the file. It lives as long as the line.
 */
void hc_input_look(struct hc_input *in, size_t size, hc_look_fn look, const void *data);
const void *hc_input_looked(const struct hc_input *in);
/* Nobody looks any more, nor uses `data`. */
void hc_input_look_away(struct hc_input *in);

/* The last line that was read had no line end: it was the last of its member, which may have been cut
 * there. */
bool hc_input_cut(const struct hc_input *in);

/*
 * What lies ahead, for formats whose records are not lines: at least `want` bytes, fewer only where the
 * member ends. 1, 0 = nothing is left, -1 = failed. `at` gets line and offset of its first byte. It lives
 * until the next call; hc_input_skip moves behind its first `n` bytes.
 */
int hc_input_ahead(struct hc_input *in, size_t want, struct hc_str *ahead, struct hc_locator *at,
                   GError **error);
void hc_input_skip(struct hc_input *in, size_t n);

/* All that is left of the member, up to HC_WHOLE_MAX bytes (more is an error). Lives until the input moves
 * on. */
bool hc_input_all(struct hc_input *in, struct hc_str *all, GError **error);

/*
 * Bytes at any place of the current member, for formats that are read by the page: from the disk where it is
 * a plain file, else from memory, or, where it is larger than HC_HELD_MAX, from a temporary file (temp.h),
 * which goes with the member. hc_input_size comes first, before anything of the member is consumed, and gives
 * its size, or -1. hc_input_at gives all `n` bytes or fails. What lies in a temporary file is not read in
 * turn or peeked at any more.
 */
int64_t hc_input_size(struct hc_input *in, GError **error);
bool hc_input_at(struct hc_input *in, int64_t offset, void *out, size_t n, GError **error);

/*
 * A member may be presented as a text that is made of its bytes: a database archive as the script that
 * restores it. Everything above then reads that text, and offsets and lines count in it; hash and size remain
 * those of the bytes. The limits hold for the text too.
 */
struct hc_maker {
    /*
     * Appends the next piece of the text, not nothing: 1; 0 = it is complete, -1 = failed. It may be called
     * by another thread than that which reads the text: nothing that it uses is to be used beside it.
     */
    int (*make)(void *data, GByteArray *text, GError **error);
    void (*free)(void *data);
    bool same; /* it is the member's own text, in another encoding: hc_input_made does not count it */
};
/* From now on, whatever was peeked at. Takes `data`, freed when the member is left. */
void hc_input_present(struct hc_input *in, const struct hc_maker *maker, void *data);
/* Of the text, as far as it was made; 0 when none was. Holds until the next member. */
int64_t hc_input_made(const struct hc_input *in);

/* For makers. As hc_input_ahead and hc_input_skip, of the bytes; and how many were taken so far. */
int hc_input_bytes(struct hc_input *in, size_t want, struct hc_str *bytes, GError **error);
void hc_input_take(struct hc_input *in, size_t n);
int64_t hc_input_taken(const struct hc_input *in);
/* So many bytes of other files are made into text too: for the ratio limit. */
void hc_input_beside(struct hc_input *in, int64_t bytes);

/* For makers, inside of make: marks the line in which the next byte will lie. */
void hc_input_mark(struct hc_input *in, enum hc_mark kind, const char *why);
/* Of the line that was read last; `*why` lives until the next. */
enum hc_mark hc_input_marked(const struct hc_input *in, const char **why);

/* What went wrong with this input, without the name of the file. */
const char *hc_input_reason(const struct hc_input *in, const GError *error);

/* After the end of a member: hash ("" where it was not wanted) and size of its decompressed bytes (reads what
 * is left). */
bool hc_input_finish(struct hc_input *in, char hex[HC_SHA256_HEX], int64_t *size, GError **error);

#endif
