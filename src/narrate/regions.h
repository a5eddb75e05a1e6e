/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_REGIONS_H
#define HC_REGIONS_H

#include "src/narrate/finding.h"

/*
 * The lines and columns (characters, from 1) of cited places, read from the evidence: bytes are known from
 * the database, where their lines begin is not. Left out, so that only bytes are given, where the file or
 * member cannot be read, is no text (SQLite, database archives), no UTF-8 there or has other line ends, where
 * the place begins with a byte order mark (which is in no line), where its line begins more than
 * REGION_BACK_MAX before it, or where it is longer than REGION_READ_MAX.
 */
#define REGION_BACK_MAX (64 << 10)
#define REGION_READ_MAX (16 << 20)

void regions_fill(const struct hc_case *c, const char *external, struct found *found);

#endif
