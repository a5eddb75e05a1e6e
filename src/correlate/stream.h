/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STREAM_H
#define HC_STREAM_H

#include "src/correlate/sigma/rules.h"
#include "src/correlate/sigma/window.h"
#include "src/correlate/world.h"

/*
 * The acts of a case, and the events that no act tells of, in order of time, as rules see them: fields of our
 * own names, the same by the names of the Elastic Common Schema (ECS), and the native fields that the
 * profiles keep. hindcast(1) has the table. Names are those of the accounts and projects that an event is
 * about, not of their ids.
 */
struct stream;
struct stream *stream_new(struct world *w, const struct hc_sigma_rules *rules, GError **error);
void stream_free(struct stream *stream);
typedef struct stream stream_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(stream_t, stream_free)

/* What is looked at. */
struct subject {
    int64_t act, event; /* one of them; of an act also the record that is shown for it */
    bool dated;
    struct hc_sigma_when when; /* of what is dated */
    int64_t actor, target;     /* accounts; 0: unknown, or none */
    const bool *allowed;       /* by rule: is it for events of such a source? */
    struct hc_sigma_event *fields;
};
/* 1 = the next, 0 = the end, -1 = failed. It lasts until the next call. */
int stream_next(struct stream *stream, struct subject *subject, GError **error);

#endif
