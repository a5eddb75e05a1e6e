/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MENTION_H
#define HC_MENTION_H

#include "src/correlate/incident.h"

/* Which incidents of the case a text names, by their names: a text costs the same however many incidents
 * there are, and is read once. */
struct mentions *
mentions_new(const GPtrArray *incidents); /* struct incident *, with their names; they must live as long */
void mentions_free(struct mentions *m);
typedef struct mentions mentions_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mentions_t, mentions_free)

/* The incidents that the text of the event names, each once: struct incident *. */
const GPtrArray *named_in(struct mentions *mentions, int64_t event, struct hc_str text);
/* The text of an event, whose answer is remembered: does it name this incident? Another one, and not this? */
bool names_it(struct mentions *m, const struct incident *in, int64_t event, struct hc_str text);
bool names_another(struct mentions *m, const struct incident *in, int64_t event, struct hc_str text);

#endif
