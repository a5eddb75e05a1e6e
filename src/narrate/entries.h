/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ENTRIES_H
#define HC_ENTRIES_H

#include "src/base/markdown.h"
#include "src/narrate/typeset.h"

/* The timeline of a report as HTML: a list of bullets that all begin with **time** and an en dash. */
struct hc_entries {
    char day[HC_DAY_SIZE]; /* that the clock times are of; "" when no heading said it */
    char *legend[26];      /* what the mark A, B, ... stands for: HTML text, or NULL; owned */
};
void hc_entries_clear(struct hc_entries *entries);

bool hc_entries_are(const struct hc_block *block);
void hc_entries_write(GString *out, const struct hc_entries *entries, const struct hc_block *list);

/* A paragraph (its inner HTML) that explains marks, "`D` registry database, `M` mail logs"; they are
 * remembered. */
void hc_entries_legend(GString *out, struct hc_entries *entries, const char *html);

#endif
