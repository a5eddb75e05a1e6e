/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PROFILE_H
#define HC_PROFILE_H

#include "src/base/error.h"
#include "src/base/event.h"
#include "src/base/utc.h"

/*
 * A profile says what the records of one service mean (YAML in importers/profiles, embedded; or a file in the
 * case). Its language, by example:
 *
 *   name: warehouse
 *   realm: warehouse                # whose names these are; default: name
 *   title: PyPI registry
 *   format: pg_dump                 # the importer whose records it understands, or a list of them
 *   recognise:                      # all of what it says is true of the file; or a list of such, of which
 * one is enough contains: ["CREATE TABLE public.journals"]  # all in the first 64 KiB members:
 * ["{day}/users.json"] # patterns, each of some member of the archive tables: {journals: [id, name]}  # the
 * file shows one of these tables, with at least these columns zone: UTC                       # of times
 * without offset time-form: iso-us               # default form: iso | iso-us | rfc5322 | counts since 1970:
 * epoch-s | epoch-ms | epoch-us | epoch-ns | epoch (unit guessed, # and marked as assumed) | dotnet
 * (/Date(...)/) | since 1601: filetime | since 2001: cocoa | cocoa-ns | atomic time: # tai64n (as daemontools
 * writes it) | tai64n-leap (by the letter); src/base/utc.h has them secret: [users.password]        #
 * type.field; a profile that keeps one is refused fold: {project: pep503}         # how names are compared:
 * exact | case (default) | pep503 unknown-actor: [deleted-user]   # names that mean "nobody knows"
 *   no-account: [a job]             # names that stand in the place of an account and are of none: kept as
 * `by` unwrap: [Records, Sns.Message, Message]  # JSON: where a record holds others: an object, a list, or a
 * text that is JSON itself records:
 *   - type: journals                # table, member path or file name; may be a pattern:
 * "{channel}/{day}.json" as: journals                  # the name by which it is stored, of a table that was
 * called otherwise once; default: its own columns: [submitted_from]     # only a table with these columns: of
 * several entries of one type the first that fits is taken key: id                       # primary key (one
 * field or a list) aside: [submitted_from]       # fields that only some dumps have: an event with and one
 * without are the same serial: id                    # append-only number, kept under this name: rows of it
 * are never changed or deleted by the service each: [delivery.recipients, mail.destination]  # JSON: of the
 * first list that holds something each element makes a record of its own, # in which the field `each` is this
 * element, and each.NAME a member of it; without any the record is one event: time: submitted_date        #
 * or {field: ts, form: epoch-s} actor: {account: submitted_by} object: {project: name} version: version text:
 * action                # only kept where the action is audit-other, or with `text: {always: field}` keep:
 * {role: "{role}"}      # attributes select: action              # its text picks the case below; without
 * select, `action: NAME` cases: "create": project-create "invite {role=Owner|Maintainer} {user}": {action:
 * role-invite, target: {account: "{user}"}}
 *         "{all=remove}": {given: version, action: release-remove}   # only a record in which this field
 * holds something "remove": project-remove "nuke user": {given: {name: "user:{user}"}, target: {account:
 * "{user}"}}   # or looks like this pattern alias: {id: {account-id: id}, name: {account: username}} state:
 * {subject: {account-id: id}, born: date_joined, keep: {is_frozen: is_frozen}, present: {totp: totp_secret},
 * compare: [is_frozen]} # present: only whether the field holds something, for secret ones ignore:
 * {release_descriptions: "texts of release pages"} documents: {"{day}/README.md": "says what the dump holds"}
 * # members of an archive known by its members that are no records, and what they are service: {notice:
 * {...}, rule: {...}}   # facts of the service, stored as they are for correlate and report: # lost-records:
 * {account-delete: [types]} go with the account; kept: {type: 336h}: rows are deleted after that; # same-id:
 * {session|device|token: field}: a kept field holds such an id, by which two services may tell of one
 * account; # partly: {type: [actions]}: its records tell of some of these acts only, so that none of them is
 * no absence
 *
 * A list of values is the first that holds something. Of a mailbox and a message only what stands in angle
 * brackets at the end counts, if anything does. `txn` is a queue, session or transaction id, `statement` an
 * SQL statement, of which is kept what src/evidence/statement.h lets through. A value without braces is a
 * field: a column, or a column and a path inside its JSON ("additional.submitted_by"). A value with braces is
 * a template: {name} is a capture of the type or case pattern, else a field; when one is absent, so is the
 * whole. A case's keys override the event's; `actor: none` takes a reference away. In a pattern {name} takes
 * the shortest text up to what follows, {name=a|b} only these words. Kinds of reference: account, account-id,
 * project, project-id, address, address-id, mailbox, message, message-id, release-id, file-id, version, file,
 * thing.
 */
struct hc_profile;
struct hc_plan;

/* All embedded profiles, then those of `dir`/profiles when it exists. NULL-ended order is by name. */
GPtrArray *hc_profiles_load(const char *dir, GError **error);
/* Parses one; `file` is for messages. */
struct hc_profile *hc_profile_parse(struct hc_str text, const char *file, GError **error);
void hc_profile_free(struct hc_profile *profile);

const char *hc_profile_name(const struct hc_profile *profile);
const char *hc_profile_realm(const struct hc_profile *profile);
const char *hc_profile_title(const struct hc_profile *profile);
/* Does it understand the records of this importer? `format` is its name. */
bool hc_profile_understands(const struct hc_profile *profile, const char *format);
const struct hc_zone *hc_profile_zone(const struct hc_profile *profile); /* NULL: not said */
bool hc_profile_unknown_actor(const struct hc_profile *profile, struct hc_str name);
bool hc_profile_no_account(const struct hc_profile *profile, struct hc_str name);
/* The comparison key of a name of this kind: the name itself, or text in `buffer`. */
struct hc_str hc_profile_fold(const struct hc_profile *profile, enum hc_entity_kind kind, struct hc_str name,
                              GString *buffer);

/* What a file shows of itself. */
struct hc_shown {
    const char *format; /* the importer that takes it */
    struct hc_str head;
    const char *const *members; /* of the archive, NULL-ended; NULL where it is none */
    const GPtrArray
        *tables; /* GStrv each: a table's name, then its columns; NULL where the format has none */
};
bool hc_profile_recognises(const struct hc_profile *profile, const struct hc_shown *shown);
/* What the member `name` is, where the profile knows the archive by its members and this one for no records;
 * NULL: it does not. */
const char *hc_profile_document(const struct hc_profile *profile, const char *const *members,
                                const char *name);

/*
 * Facts of the service: calls `each` with topic, key and JSON value, in order of the file. Besides those that
 * the profile lists: "tells", for each record type that makes events (a pattern, '*' for what differs) the
 * actions that it can tell of; "serial", for each type that has one, the name of the append-only number,
 * which its events have to keep.
 */
typedef bool (*hc_service_fn)(void *data, const char *topic, const char *key, const char *json,
                              GError **error);
bool hc_profile_service(const struct hc_profile *profile, hc_service_fn each, void *data, GError **error);

/*
 * The plan for a record type, or NULL with `*why` = the rule that ignores it. Plans live as long as the
 * profile. `columns` are those of the table, NULL where they are not known or there are none.
 */
const struct hc_plan *hc_profile_plan(struct hc_profile *profile, struct hc_str type,
                                      const GPtrArray *columns, const char **why);
size_t hc_plan_slots(const struct hc_plan *plan);
struct hc_str hc_plan_type(const struct hc_plan *plan);
const char *hc_plan_slot(const struct hc_plan *plan, size_t i);
/* Paths of lists, NULL-ended; never NULL. */
const char *const *hc_plan_each(const struct hc_plan *plan);
/* Paths to records inside of records, NULL-ended; never NULL. */
const char *const *hc_profile_unwrap(const struct hc_profile *profile);

/* What one record means. Slices live in `values` and in `scratch` (cleared by the caller when it has used the
 * result). */
struct hc_meaning {
    bool has_event, has_state, has_alias;
    struct hc_event event;
    struct hc_state state;
    struct hc_alias alias;
    int64_t serial;
};
/* False with `*why` (static) when the record cannot be used, such as a time that is none. */
bool hc_plan_read(const struct hc_plan *plan, const struct hc_zone *zone, const struct hc_str *values,
                  GStringChunk *scratch, struct hc_meaning *out, const char **why);

#endif
