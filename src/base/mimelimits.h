/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MIMELIMITS_H
#define HC_MIMELIMITS_H

#include "src/base/str.h"

/*
 * What a parser of mail may be given. GMime takes some 500 bytes of memory for a header and some 1300 for a
 * part, however small they are in the message, and calls itself for each group of addresses inside of a
 * group.
 */
#define HC_MIME_HEADERS_MAX 200000 /* lines that look like a header, in all parts */
#define HC_MIME_PARTS_MAX 20000    /* lines that begin with "--" */
#define HC_MIME_GROUPS_MAX 1000    /* groups of addresses that are open, in one header */

/* The start of the message that keeps to the limits: all of it, but for messages that are made to harm. Pure,
 * one pass. */
struct hc_str hc_mime_within_limits(struct hc_str message);

#endif
