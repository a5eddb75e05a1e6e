/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_PIECES_H
#define HC_LOG_PIECES_H

#include "src/base/str.h"

/*
 * Entries that a daemon cut into several lines of syslog: "[1/3] text" where it was too long, "[1\3] text"
 * where the entry itself has a line end (Exim specification, "Logging to syslog"). The pieces of one process
 * come in order, those of others between them.
 */
#define HC_PIECES_OPEN_MAX 1024 /* entries that are not complete; all are given up when there are more */
#define HC_PIECES_TEXT_MAX (64u << 10) /* bytes of an entry; a longer one is given up */

struct hc_pieces;
struct hc_pieces *hc_pieces_new(void);
void hc_pieces_free(struct hc_pieces *pieces);

enum hc_piece {
    HC_PIECE_NONE,  /* the text is no piece */
    HC_PIECE_FIRST, /* kept; what came before of this process is given up */
    HC_PIECE_NEXT,  /* kept */
    HC_PIECE_LAST,  /* the entry is complete */
    HC_PIECE_LOST,  /* those before it are not there, or not all */
};
/* `key` tells processes apart. With LAST `*whole` is the entry, until the next call. */
enum hc_piece hc_pieces_take(struct hc_pieces *pieces, struct hc_str key, struct hc_str text,
                             struct hc_str *whole);

#endif
