/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FLOWPARTS_H
#define HC_FLOWPARTS_H

#include "src/base/buffer.h"
#include "src/evidence/log/flow.h"
#include "src/evidence/log/room.h"

/* What a flow is made of: of flow.c and flowaccepted.c only. */
#define FLOW_PARTS_CHUNK 4

struct flow_parts {
    struct flow_parts *next;
    struct hc_event_part at[FLOW_PARTS_CHUNK];
};

/* Lines that no fate is known of yet, of one file. */
struct flow_waiting {
    struct flow_waiting *before; /* of the files before it */
    struct hc_sink *sink;
    int64_t lines;
};

/* A recipient that it could not be delivered to yet. */
struct flow_late {
    struct flow_late *next;
    struct hc_str to;
    int64_t n;
};

/* The line with which a message was taken into the queue. */
struct flow_accepted {
    struct hc_logline line; /* its texts belong to the message; without its message */
    struct hc_sink *sink;   /* of its file */
    bool part;              /* counted among the waiting */
};

struct flow_entry {
    struct hc_message message; /* first: what callers hold */
    struct hc_room room;       /* all that it has, itself too */
    struct flow_entry *older, *newer;
    uint64_t hash;
    struct hc_str key; /* host, instance and queue id, with zeroes between */
    struct hc_str id;  /* inside of `key` */
    struct flow_parts *parts, *last;
    unsigned n_parts;
    bool told;                      /* an event speaks of it */
    bool fate;                      /* ... and says what became of it */
    struct flow_accepted *accepted; /* NULL: no such line was read, or it is told */
    struct flow_waiting waiting;
    struct flow_late *late;
    unsigned n_late;
};

struct flow_slot {
    uint64_t hash;
    struct flow_entry *entry; /* NULL: free */
};

struct hc_flow {
    struct hc_sink *sink; /* of the file that is read now */
    struct hc_rooms *rooms;
    struct flow_slot *slots;
    size_t n_slots, n;
    struct flow_entry *oldest, *newest;
    struct hc_buffer
        key; /* that is asked for; its beginning, host and instance, is mostly that of the key before */
    size_t n_host, n_start;
    uint64_t start_hash;
    GPtrArray *lost; /* struct flow_entry: forgotten, and accepted in a file before the present one, whose
                        sink waits for the set's end */
    GError *error;   /* where a message was told while another was asked for */
    struct hc_event_part parts[HC_FLOW_PARTS_MAX];
};

/* Of flow.c. What its lines so far have told is added to the event. */
void flow_add_message(struct hc_flow *flow, const struct flow_entry *e, struct hc_event *event);
/* It is forgotten: its lines are counted, its memory is used again. It is not found any more, or has to be
 * taken out before. */
void flow_clear(struct hc_flow *flow, struct flow_entry *e);
void flow_drop(struct hc_flow *flow, struct flow_entry *e);

/* Of flowaccepted.c. Of no line more is known than that it was taken into the queue. */
bool flow_is_accepted_only(const struct flow_entry *e);
/* Tells it as sent, into the file in which it was accepted, whose sink is open; what fails is in `error` of
 * the flow. */
void flow_tell_accepted(struct hc_flow *flow, struct flow_entry *e);
/* The set has ended. */
bool flow_settle_all(void *flow, GError **error);

#endif
