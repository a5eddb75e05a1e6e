/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MAIL_BOUNCE_H
#define HC_MAIL_BOUNCE_H

#include "src/base/str.h"

/*
 * Bounces that are written for people, without a part for programs. Read are those of programs whose wording
 * is fixed: a known sentence among the first lines, and behind it lines that begin with an address. What has
 * no such sentence is a mail like any other: nothing is guessed.
 */
#define HC_BOUNCE_SENTENCE_LINES 40 /* of the body, in which the sentence has to stand */
#define HC_BOUNCE_LIST_LINES 2000   /* of the body behind it that are looked at for addresses */

struct hc_bounce {
    bool delayed;       /* it says that it is still tried */
    struct hc_str rest; /* of the body */
    int lines;
};

/* False: no known sentence. Slices of the body. Pure. */
bool hc_bounce_begin(struct hc_bounce *bounce, struct hc_str body);
/* The next recipient, and the line that says why; .p == NULL: none does. False: there is none. */
bool hc_bounce_next(struct hc_bounce *bounce, struct hc_str *address, struct hc_str *why);

#endif
