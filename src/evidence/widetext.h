/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_WIDETEXT_H
#define HC_WIDETEXT_H

#include "src/base/input.h"

/*
 * SQL dumps in UTF-16, as a shell of Windows writes what a program prints (mysqldump > dump.sql): read as the
 * UTF-8 that they stand for. Places are found again in the bytes of the file.
 */
struct hc_widetext; /* of the input, until the member is left */

/* Is the current member one, of which nothing was consumed? Then it is read as UTF-8 from now on; NULL: it is
 * not. */
struct hc_widetext *hc_widetext_present(struct hc_input *in);
/* What can be looked at of the current member, as that text where it is one. */
struct hc_str hc_widetext_peek(struct hc_input *in);
/* The place in the file of a byte of the text that was read already. */
int64_t hc_widetext_place(struct hc_widetext *wide, int64_t offset);

#endif
