/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_EVENT_H
#define HC_EVENT_H

#include "src/base/str.h"
#include "src/base/utc.h"

#include <stdint.h>

/* Where a record stands: in the decompressed bytes of its source (file or archive member). */
struct hc_locator {
    int64_t record; /* from 1, within the source */
    int64_t line;   /* from 1; 0 when the format has no lines */
    int64_t offset; /* bytes */
    int64_t length; /* bytes, without the line end */
};

/* Another place of the same record: in its own source, or in an earlier one of the set that is read as
 * one. */
struct hc_event_part {
    struct hc_locator at;
    int64_t source; /* 0: its own */
};

/*
 * Kinds of entity in the dictionary. The numbers are stored: never reuse one. A kind ...ID is the service's
 * own identifier for the kind before it; table `alias` says which name it has.
 */
enum hc_entity_kind {
    HC_ENTITY_NONE = 0,
    HC_ENTITY_ACCOUNT = 1, /* key: case-folded user name */
    HC_ENTITY_ACCOUNT_ID = 2,
    HC_ENTITY_PROJECT = 3, /* key: normalised by the service's rule */
    HC_ENTITY_PROJECT_ID = 4,
    HC_ENTITY_ADDRESS = 5, /* network address */
    HC_ENTITY_ADDRESS_ID = 6,
    HC_ENTITY_MAILBOX = 7,    /* e-mail address, case-folded; realm "mail" always */
    HC_ENTITY_MESSAGE = 8,    /* Message-ID without angle brackets; realm "mail" always */
    HC_ENTITY_MESSAGE_ID = 9, /* a service's row id of a message */
    HC_ENTITY_VERSION = 10,
    HC_ENTITY_FILE = 11,
    HC_ENTITY_FILE_ID = 12,
    HC_ENTITY_RELEASE_ID = 13, /* alias: to the version */
    HC_ENTITY_THING = 14,      /* any other object, key "kind:name" ("channel:admins", "repository:o/r") */
    HC_ENTITY_TYPE = 15,       /* native record type: table, log program ("journals", "postfix/smtp") */
    HC_ENTITY_TXN = 16,        /* transaction or queue id */
    HC_ENTITY_FIELDS = 19,     /* native fields that events have in common: a JSON object */
    /* 17 and 18 were names and values of attributes */
};

/* A reference to an entity by the text the record holds. */
struct hc_ref {
    enum hc_entity_kind kind;
    struct hc_str key;
};

/* The vocabulary: one table in event.c, a sentence for each. HC_ACTION_AUDIT_OTHER keeps what is unknown. */
enum hc_action {
    HC_ACTION_NONE,
#define HC_ACTION(id, name, sentence) HC_ACTION_##id,
#include "src/base/actions.h"
#undef HC_ACTION
    HC_ACTION_COUNT
};
const char *hc_action_name(enum hc_action action);
const char *hc_action_sentence(enum hc_action action);
/* HC_ACTION_NONE for a name outside the vocabulary. */
enum hc_action hc_action_by_name(struct hc_str name);

enum hc_outcome { HC_OUTCOME_NONE, HC_OUTCOME_SUCCESS, HC_OUTCOME_FAILURE };
const char *hc_outcome_name(enum hc_outcome outcome); /* NULL, "success", "failure" */

#define HC_ATTRIBUTES_MAX 16
struct hc_attribute {
    struct hc_str name;
    struct hc_str value;
};

/*
 * One thing that happened, as one record tells it. All slices are borrowed for the duration of the call that
 * takes the event. Absent references have kind NONE.
 */
struct hc_event {
    struct hc_time time; /* precision NONE = undated */
    struct hc_str raw_time;
    enum hc_action action;
    enum hc_outcome outcome;
    struct hc_ref actor;   /* whose session it was */
    struct hc_ref target;  /* account or mailbox acted upon */
    struct hc_ref object;  /* project or thing */
    struct hc_str version; /* of the project */
    struct hc_str file;    /* of the version */
    struct hc_ref address;
    struct hc_ref message;
    struct hc_ref txn;
    struct hc_str type; /* native record type */
    struct hc_str text; /* message text, or the native action of an audit-other */
    size_t n_attributes;
    /* Same non-zero key = same record with the same content, seen in another source (dump, copy). */
    uint64_t row_key;
    bool more; /* one more event of a record that was counted with another (a line with several recipients) */
    struct hc_locator at;
    /* Other places that belong to this record (lines joined by a queue id). */
    const struct hc_event_part *parts;
    size_t n_parts;
    struct hc_attribute attributes[HC_ATTRIBUTES_MAX]; /* the last: up to here a record begins as zeroes */
};

/* What a row says *is* (at the time its source was taken). */
struct hc_state {
    struct hc_str type; /* table */
    uint64_t row_key;   /* of table and primary key */
    uint64_t digest;    /* of every field that the profile keeps, for comparing two dumps */
    int64_t serial;     /* append-only id when the table has one, else 0: orders two dumps */
    bool has_born;
    int64_t born;          /* the row's own creation time, microseconds */
    struct hc_ref subject; /* account the row is about */
    struct hc_ref object;  /* project ... */
    struct hc_ref detail;  /* release, mailbox, file: by table */
    size_t n_attributes;
    struct hc_locator at;
    struct hc_attribute attributes[HC_ATTRIBUTES_MAX]; /* kept fields */
};

/* "ID is called NAME" as a row says. */
struct hc_alias {
    struct hc_ref id;
    struct hc_ref name;
};

/* Adds an attribute when there is room; a profile that wants more is refused when loaded. */
void hc_event_add(struct hc_event *event, struct hc_str name, struct hc_str value);

#endif
