/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TEXT_H
#define HC_TEXT_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * Evidence is hostile text. Everything read from evidence is made valid UTF-8 once, when it is stored
 * (hc_text_utf8); everything shown is made harmless for its place of display when it is written.
 */

#define HC_TEXT_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
/* Appends `in` as valid UTF-8: bytes that are not UTF-8 become U+FFFD each, NUL becomes U+2400. */
void hc_text_utf8(GString *out, struct hc_str in);

/* True when `in` is valid UTF-8 without NUL, so that it can be used as it stands. */
bool hc_text_is_clean(struct hc_str in);

/* True when it is ASCII without NUL and capitals, and so clean, and folded (below) as it stands: as nearly
 * all names are. */
bool hc_text_is_folded(struct hc_str in);

/* Appends UTF-16 as UTF-8: half a pair becomes U+FFFD, a byte that is left over at the end is none. */
void hc_text_utf16(GString *out, struct hc_str in, bool big_endian);

/*
 * Appends `in` (valid UTF-8) with characters that act on a display made visible: C0/C1 controls, DEL,
 * bidirectional controls, zero-width and other format characters, line/paragraph separators become
 * "\u{XXXX}". Newlines are kept only when `keep_newline`, tabs become one space.
 */
void hc_text_visible(GString *out, struct hc_str in, bool keep_newline);

/* JSON string with quotes; control and format characters escaped as \uXXXX. */
void hc_text_json(GString *out, struct hc_str in);
/* How many bytes at its beginning stand there as they are: printable ASCII without quote or backslash. */
size_t hc_text_json_plain(struct hc_str in);

/* CSV field by RFC 4180; a field that a spreadsheet would run as a formula (= + - @ tab CR first) is
 * prefixed with an apostrophe. Visible form. */
void hc_text_csv(GString *out, struct hc_str in);

/* Case-insensitive key: Unicode case folding of NFC text. Yours to free. */
char *hc_text_fold(struct hc_str in);
void hc_text_fold_into(GString *out, struct hc_str in); /* appended */

/* Cut to at most `max` bytes at a character boundary; valid UTF-8 in, valid out. */
struct hc_str hc_text_cut(struct hc_str in, size_t max);

/*
 * A 64-bit key of length-prefixed parts, the same on every machine: each word is mixed in as hash = (hash ^
 * word) * 0x9e3779b97f4a7c15, hash ^= hash >> 32. Words are the length, then eight bytes of the text at a
 * time, low byte first, the last eight of them where no more than eight are left; of a text of four to seven
 * bytes its first four and, above, its last four; of a shorter one the first, that in the middle and the
 * last.
 */
#define HC_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t hc_hash_add(uint64_t hash, struct hc_str part);
/* The same for a field that is there, its number + 1 above the length (from bit 40 on). */
uint64_t hc_hash_field(uint64_t hash, unsigned number, struct hc_str part);

#endif
