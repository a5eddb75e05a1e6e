/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_EXIMTEXT_H
#define HC_EXIMTEXT_H

#include "src/base/str.h"

/* Of the texts in Exim's logs what has nothing to do with their fields. Pure. */

/* "2023-11-22 09:33:06", with ".123" and " +0100" where they are, at the start: its length without the space
 * behind it; 0: there is none. */
size_t hc_exim_stamp(struct hc_str text);
/* Undoes \" \\ \n \t \r \ooo into `out` of `size` bytes, cut where it is full; how many bytes. */
size_t hc_exim_unescape(struct hc_str text, char *out, size_t size);
/* The value of a header that stands once in the lines of a refused message: "I Message-Id: <x>". .p == NULL:
 * none, or several. */
struct hc_str hc_exim_header(struct hc_str block, const char *begin);

/* Of a line of no message: the rule by which it is passed over; NULL: it says something. */
const char *hc_exim_ignored(struct hc_str text);
/* Does a line of no message tell of a refusal, before it names the client? */
bool hc_exim_is_refusal(struct hc_str text);

#endif
