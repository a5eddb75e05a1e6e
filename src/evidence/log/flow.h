/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_FLOW_H
#define HC_LOG_FLOW_H

#include "src/evidence/importer.h"
#include "src/evidence/log/line.h"

/*
 * Messages in flight. The lines of one message share a queue id, which one host (and one instance of its
 * daemon) gives and gives again later; they stand apart, between those of others, and go on in the next file
 * when the log is rotated. A flow lives as long as the set of rotated files that it reads, and its memory is
 * bounded by the messages in flight: see the limits.
 */
/* in flight; those that nothing was heard of for longest are dropped from here on */
#define HC_FLOW_MESSAGES_MAX 200000
#define HC_FLOW_PARTS_MAX 64 /* lines of a message that its events cite; more are counted only */
#define HC_FLOW_LATE_MAX 64  /* recipients of a message for each of whom deferrals are counted */
/* a longer address or id is none; dialects hold to it for what they put into events themselves */
#define HC_FLOW_FIELD_MAX 4096

struct hc_flow;

/*
 * What the lines so far have told of a message; absent: .p == NULL. Texts belong to the flow, set by
 * hc_message_set. A message that was not heard of last may be dropped when another is asked for: do not keep
 * more than two at hand.
 */
struct hc_message {
    struct hc_str from;    /* envelope sender; empty for the null sender */
    struct hc_str login;   /* who was authenticated when it was handed in */
    struct hc_str id;      /* Message-ID without angle brackets */
    struct hc_str client;  /* network address that handed it in */
    struct hc_str subject; /* where the daemon logs it */
    struct hc_str about; /* of a notice of the daemon itself: queue id of the message that it is about ... */
    struct hc_str about_id; /* ... and its Message-ID */
    struct hc_str before;   /* queue id that the same message had before, on this host ... */
    const char *how;        /* ... as the field "requeued-from", "forwarded-from", ...; static text */
    int64_t begun;          /* earliest instant of its first line; INT64_MIN: not dated */
    int64_t deferrals;      /* hc_flow_event of mail-deferred so far */
    bool local;             /* handed in on this host, by one of its users or programs; set by the dialect */
    bool failed; /* for one recipient at least; set by the dialect: a notice about the message is a bounce
                    then */
};

/* The message of this queue id on the line's host. `instance`: of several daemons on one host, else "". */
struct hc_message *hc_flow_message(struct hc_flow *flow, const struct hc_logline *line,
                                   struct hc_str instance, struct hc_str id);
/* The same where it is known already, else NULL. */
struct hc_message *hc_flow_known(struct hc_flow *flow, const struct hc_logline *line, struct hc_str instance,
                                 struct hc_str id);
/* A new message begins under this id: what was heard under it before belongs to another, which is settled. */
struct hc_message *hc_flow_begin(struct hc_flow *flow, const struct hc_logline *line, struct hc_str instance,
                                 struct hc_str id);
/* Sets a field that is absent yet, to a copy; a value that is longer than HC_FLOW_FIELD_MAX is none. */
void hc_message_set(struct hc_flow *flow, struct hc_message *message, struct hc_str *field,
                    struct hc_str value);

/* An event with time, raw time, type and locator of the line, and the fields "repeated" and "time-note" where
 * it says so; the rest is empty. */
struct hc_event hc_flow_start(const struct hc_logline *line, enum hc_action action);
/*
 * Stores it. With a message: actor (the login, else the sender's mailbox), address, message id, transaction
 * (the queue id) and subject are added where the event has none, the message's other lines are cited, and a
 * deferral gets the fields "deferrals" (for this recipient, with this one) and "total-delay" (seconds since
 * the message began, where both are dated). The message then counts as told.
 */
bool hc_flow_event(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line,
                   struct hc_event *event, GError **error);
/* The line belongs to the message and is no event itself: cited by the message's events, counted as
 * joined. */
void hc_flow_part(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line);
/*
 * The line tells that the message was taken into the queue. `part`: as hc_flow_part; else it was stored as an
 * event (a sign-in) and is cited. Where a user handed the message in (its login is set, or it is local) and
 * no line of the set's files tells what became of it, it is told as sent when all were read: a mail-sent at
 * the first such line, with the field "delivery".
 */
void hc_flow_accepted(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line,
                      bool part);
/* What was thought to be a message of its own is part of another, which takes over its lines; `part` is
 * forgotten. */
void hc_flow_join(struct hc_flow *flow, struct hc_message *part, struct hc_message *message);
/* The message's later events cite the line, which is disposed of apart. */
void hc_flow_cite(struct hc_flow *flow, struct hc_message *message, const struct hc_logline *line);
/* Its queue id. */
struct hc_str hc_flow_id(const struct hc_message *message);
/* The daemon forgets the message now ("removed", "Completed"), and so does the flow. The line itself is
 * disposed of apart, before. */
void hc_flow_done(struct hc_flow *flow, struct hc_message *message);
/* The line says nothing that is kept: counted under the name of a rule (static text). */
void hc_flow_ignore(struct hc_flow *flow, const struct hc_logline *line, const char *rule);
bool hc_flow_reject(struct hc_flow *flow, const struct hc_logline *line, GError **error, const char *why);

/* A reference to a mailbox; none for an empty address. */
struct hc_ref hc_flow_mailbox(struct hc_str address);

/* Where its lines go: the file that is read now. For a dialect that has to know about it, or to keep
 * something of its own with the set. */
struct hc_sink *hc_flow_sink(const struct hc_flow *flow);

/*
 * Of importers. The flow of the source's set (struct hc_settings): made when its first file is read, freed
 * with the set. It is asked for once at the start of each file; hc_flow_end_file comes behind its last line.
 * When the set has ended all that is in flight is settled: lines of a file before the last are counted and
 * told there, for which the sinks of a set live as long as it does.
 */
struct hc_flow *hc_flow_of(struct hc_sink *sink);
bool hc_flow_end_file(struct hc_flow *flow, GError **error);

#endif
