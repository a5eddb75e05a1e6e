/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_IMPORTER_H
#define HC_IMPORTER_H

#include "src/base/error.h"
#include "src/base/event.h"
#include "src/base/input.h"
#include "src/evidence/beside.h"
#include "src/evidence/rotation.h"

/*
 * The contract of an importer: one C file in importers/, no header, exporting the one symbol
 * hc_importer_<name>. An importer knows syntax; what a field means is said by the service's profile.
 */

struct hc_sink;
struct hc_plan;
struct hc_set;

/* What a bid may look at. */
struct hc_peek {
    const char *name;         /* path inside the case, or member name */
    struct hc_str head;       /* up to HC_PEEK_SIZE decompressed bytes */
    bool whole;               /* head is all there is */
    struct hc_beside *beside; /* NULL: nobody knows what lies beside it */
    const char *columns;      /* what the case says of its table (src/evidence/said.h); NULL: nothing */
};

/* What a file of a format cannot say about itself, so that the case has to. */
enum hc_needs { HC_NEEDS_ZONE = 1 << 0, HC_NEEDS_YEAR = 1 << 1, HC_NEEDS_TAKEN = 1 << 2 };

struct hc_importer {
    const char *name;    /* equals the file's base name */
    const char *summary; /* one line for `hindcast formats` */
    unsigned needs;      /* enum hc_needs bits; for the draft of a case */
    /* 0 = not mine; 1..100 = how sure. `*why` gets a static reason when the score is not 0. Pure. */
    int (*bid)(const struct hc_peek *peek, const char **why);
    /*
     * The tables that the head shows, for profiles that know a file by them: GStrv each, a name and its
     * columns. NULL where the format has none, or says what it is in another way. Pure, but for what lies
     * beside.
     */
    GPtrArray *(*tables)(const struct hc_peek *peek);
    /*
     * Of logs, whose rotated files are read as one (src/evidence/set.h), oldest first: when the first dated
     * record of the head was written. Pure. NULL: files of this format are never read as one.
     */
    void (*begins)(const struct hc_peek *peek, struct hc_beginning *begins);
    /*
     * One loop that reads the current member and pushes records into the sink. State in locals. A bad record
     * becomes a reject and the loop goes on. False only when the file cannot be read on: the source is then
     * rolled back.
     */
    bool (*run)(struct hc_input *in, struct hc_sink *sink, GError **error);
};

extern const struct hc_importer *const hc_importers[]; /* generated, NULL-ended */

/* The settings of the source that is being read. */
struct hc_settings {
    const char *path;               /* inside the case */
    const char *member;             /* "" or the member's name */
    size_t inside;                  /* of it, see hc_input_own_name */
    const struct hc_zone *zone;     /* never NULL; UTC when assumed */
    bool zone_given;                /* false: HC_BASIS_ASSUMED must be added to times read in `zone` */
    int year;                       /* of the first line of the rotated set; 0 = nobody said */
    int year_guess;                 /* the same, as the year of a later file has it; 0 = there is none */
    int64_t window_from, window_to; /* the case's window, 0/0 when none: only to choose among assumptions */
    const char *const *mailboxes;   /* ours, NULL-ended */
    struct hc_beside *beside;       /* what lies beside it; NULL: nobody knows */
    const char *columns;            /* of its table (src/evidence/said.h); NULL: it says them itself */
    struct hc_set *set; /* of files that are read as one, it being one of them (src/evidence/set.h); never
                           NULL in a run */
};
const struct hc_settings *hc_sink_settings(const struct hc_sink *sink);
/* The number of its source: for parts of events that come later, in another file of the set. */
int64_t hc_sink_source(const struct hc_sink *sink);

/*
 * An import may be narrowed to what touches some names: true for a record, by its text as it stands in the
 * file, that is not inside. It is counted then, and need not be decoded. Importers whose records are texts
 * ask for each; of the others the values are asked.
 */
bool hc_sink_outside(struct hc_sink *sink, struct hc_str type, struct hc_str text);
/* The records of this source are no texts: those that the profile wants are asked by their values. Said
 * before the first record. */
void hc_sink_ask_values(struct hc_sink *sink);

/*
 * Accounting: every record read ends in exactly one of event, state, ignored, duplicate, rejected. A record
 * that is one line of a joined event counts with hc_sink_joined.
 */

/* Times are corrected here by the source's clock setting; row keys are compared here with other sources. */
bool hc_sink_event(struct hc_sink *sink, const struct hc_event *event, GError **error);
/* A record that cannot be used, with a sentence that says why (static or formatted; copied). */
bool hc_sink_reject(struct hc_sink *sink, const struct hc_locator *at, GError **error, const char *why, ...)
    G_GNUC_PRINTF(4, 5);
/* Behind the last record and hc_sink_read: a reject that is about the whole and no record, with a static
 * reason. */
bool hc_sink_remark(struct hc_sink *sink, const struct hc_locator *at, const char *why, GError **error);
/* `n` records of `type` passed over by a rule that has a name ("connection lines", "not in the profile"). */
void hc_sink_ignore(struct hc_sink *sink, struct hc_str type, const char *rule, int64_t n);
/* `n` records that became part of an event pushed elsewhere (a queue's other lines). */
void hc_sink_joined(struct hc_sink *sink, struct hc_str type, int64_t n);
/* At the end: how many records the importer has read, by its own count. The sum of the fates is checked
 * against it. */
void hc_sink_read(struct hc_sink *sink, int64_t n);
/* The host that wrote a record, by its own words: of a source in which all name the same one it is kept. A
 * short name stands for a longer one. */
void hc_sink_host(struct hc_sink *sink, struct hc_str host);

/*
 * The years of lines that begin in [from, to) and do not say one are in doubt, as lines behind them show:
 * their events, which were stored, are told as assumed.
 */
void hc_sink_doubt_year(struct hc_sink *sink, int64_t from, int64_t to);
/* stretches of a source in doubt; beyond that, all that lies between two of them is */
#define HC_DOUBTS_MAX 4096

/*
 * Of a set of files, when all were read: a sink that has ended takes what only the whole set tells of its
 * file. One at a time; to be closed before the next is opened.
 */
bool hc_sink_open_again(struct hc_sink *sink, GError **error);
bool hc_sink_close_again(struct hc_sink *sink, GError **error);

/*
 * Records whose meaning the profile knows. hc_sink_plan gives what the profile wants of a record type (a
 * table name; the path of an archive member or the file name for JSON), or NULL when the type is to be
 * ignored (count it with hc_sink_ignore and the reason from hc_sink_why). A slot is a field name, or field
 * and path inside its JSON ("additional.submitted_by").
 */
const struct hc_plan *hc_sink_plan(struct hc_sink *sink, struct hc_str type);
/* Of a table with these columns: a profile may tell two shapes of one table apart. */
const struct hc_plan *hc_sink_table_plan(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns);
const char *hc_sink_why(struct hc_sink *sink, struct hc_str type);
/* Says which columns a table has: of services that no profile knows they are listed, where somebody wants to
 * draft one. */
void hc_sink_table(struct hc_sink *sink, struct hc_str type, const GPtrArray *columns);
/* Paths to records inside of records, NULL-ended; never NULL. Of JSON. */
const char *const *hc_sink_unwrap(const struct hc_sink *sink);
/* Paths of lists whose elements are records each, NULL-ended; never NULL. Of JSON. */
const char *const *hc_plan_each(const struct hc_plan *plan);
size_t hc_plan_slots(const struct hc_plan *plan);
const char *hc_plan_slot(const struct hc_plan *plan, size_t i);
/* `values[i]` belongs to slot i; .p == NULL is NULL or absent. */
bool hc_sink_record(struct hc_sink *sink, const struct hc_plan *plan, const struct hc_str *values,
                    const struct hc_locator *at, GError **error);

#endif
