/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BESIDE_H
#define HC_BESIDE_H

#include "src/base/input.h"

/*
 * What lies beside a file: for formats that need more than one file, such as a database and its write-ahead
 * log. Only files of the same folder, or of the same archive, are found, and by their whole names; links are
 * not followed. What was opened is remembered.
 */
#define HC_BESIDE_HEADS_MAX (64u << 20) /* bytes of the starts of members that are kept */

struct hc_beside;

/* Beside the file at `disk`, or, with `members` (NULL-ended, borrowed), inside of it as an archive. */
struct hc_beside *hc_beside_new(const char *disk, const char *const *members);
/* Where what is opened may be held (src/base/input.h, hc_input_temp). */
void hc_beside_temp(struct hc_beside *beside, const char *folder);
void hc_beside_free(struct hc_beside *beside);
typedef struct hc_beside hc_beside_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_beside_t, hc_beside_free)

/*
 * `name` is that of a member, or of a file in the case, of which the folders do not count:
 * "evidence/x.db-wal" beside "evidence/x.db". A NULL `beside` has nothing.
 */
bool hc_beside_has(const struct hc_beside *beside, const char *name);
/* With its content current and nothing read; NULL without an error: there is no such file. An archive is no
 * such file. Close it. */
struct hc_input *hc_beside_open(struct hc_beside *beside, const char *name, GError **error);
/* The file itself once more, for what does not stand in its head; NULL for a member of an archive, which
 * would have to be unpacked again. */
struct hc_input *hc_beside_again(struct hc_beside *beside);
/*
 * Its first up to HC_PEEK_SIZE bytes, .p == NULL where it is not there or cannot be read; lives as long as
 * `beside`. For a bid: cheap to ask again, and not remembered as use.
 */
struct hc_str hc_beside_head(struct hc_beside *beside, const char *name);
/* It belongs to what is being read, though it was not opened. */
void hc_beside_take(struct hc_beside *beside, const char *name);

/* Was it opened or taken? Such a member is read with another; of files, src/evidence/parts.h knows that
 * before. */
bool hc_beside_was_used(const struct hc_beside *beside, const char *name);

#endif
