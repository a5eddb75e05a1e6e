/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LETTERS_H
#define HC_LETTERS_H

#include "src/correlate/mention.h"

/* The mails of mailboxes, each mailbox read once for all incidents that ask for it. */
struct letters;
struct letters *letters_new(struct world *w, const GPtrArray *incidents, struct mentions *mentions);
void letters_free(struct letters *letters);
typedef struct letters letters_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(letters_t, letters_free)

/* A record of a message; texts are the letters'. */
struct letter {
    int64_t event, message, actor, target;
    int64_t at;                       /* by which they are in order */
    int64_t time, until;              /* corrected */
    const char *id, *reply_to, *from; /* NULL: it says none */
    const GPtrArray *names;           /* incidents that it names; the mentions' own */
};
/* In order, from the begin of the first incident on; NULL: failed. */
const GArray *letters_of(struct letters *letters, int64_t mailbox, GError **error);

#endif
