/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CHAT_H
#define HC_CHAT_H

#include "src/correlate/mention.h"

/*
 * The talk of a case, read once for all of its incidents. To one of them belong messages that name it, those
 * in the threads of such messages that name no other, and between the first and the last of these in a
 * channel what the same people wrote there; where they spoke of another incident in between, not before they
 * came back to this one.
 */
struct chat;
/* What was said while one of `incidents` may have been the matter; NULL: failed. `mentions` is borrowed. */
struct chat *chat_read(struct world *w, const GPtrArray *incidents, struct mentions *mentions,
                       GError **error);
void chat_free(struct chat *chat);
typedef struct chat chat_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(chat_t, chat_free)

struct said {
    int64_t event, actor;
    const char *because;
};
/* What belongs to it, in order: struct said; yours. */
GArray *chat_about(struct chat *chat, const struct incident *in);

#endif
