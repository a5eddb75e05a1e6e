/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DRAFTED_H
#define HC_DRAFTED_H

#include "src/base/str.h"

/*
 * What is wanted of tables that no profile knows: all of a row as state, as the draft of a profile has it
 * (src/evidence/sketch.h), without columns that sound like a secret. Nothing is an event, and nobody is
 * named.
 */
#define HC_DRAFTED_MAX 10000 /* tables of a source; what lies in others is ignored */

struct hc_plan;
struct hc_drafted;
struct hc_drafted *hc_drafted_new(void);
void hc_drafted_free(struct hc_drafted *drafted);
/* Theirs, until they are freed. NULL where nothing can be kept of such a table. */
const struct hc_plan *hc_drafted_plan(struct hc_drafted *drafted, struct hc_str type,
                                      const GPtrArray *columns);

#endif
