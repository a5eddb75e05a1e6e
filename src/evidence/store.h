/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STORE_H
#define HC_STORE_H

#include "src/base/db.h"
#include "src/evidence/importer.h"
#include "src/evidence/profile.h"
#include "src/evidence/scope.h"

/*
 * Where facts go: a store for all files of one import, a sink for each source. Everything between begin and
 * end of a file is one transaction of the caller, who says how it ended.
 */
struct hc_store;
/* `safe`: tables are only written through SQLite, never as whole trees. */
struct hc_store *hc_store_new(hc_db *db, bool safe, GError **error);
void hc_store_free(struct hc_store *store);
/* The indexes, after all files. Not inside of a transaction. */
bool hc_store_index(struct hc_store *store, GError **error);
/* The transaction was committed, or rolled back. */
void hc_store_kept(struct hc_store *store);
void hc_store_lost(struct hc_store *store);

/* A file among others of one transaction, a member of an archive among those of its file: what it has stored
 * stays, or is taken back. */
#define HC_STORE_MARKS_MAX 2
bool hc_store_mark(struct hc_store *store, GError **error);
bool hc_store_keep(struct hc_store *store, GError **error);
bool hc_store_back(struct hc_store *store, GError **error);

/* A row of table `source` before reading. */
struct hc_source_info {
    const char *path, *member;
    int64_t container;  /* source id, 0 = none */
    const char *sha256; /* "" for a member: known after reading */
    int64_t size;
    const char *format;         /* NULL: archive or unread */
    struct hc_profile *profile; /* NULL: none */
    const char *label;
    const char *zone, *zone_basis;
    int64_t clock;
    bool has_taken;
    int64_t taken;
    const char *status, *why;
    struct hc_scope *scope; /* NULL: everything */
    GHashTable
        *tables; /* where tables are listed when there is no profile (src/evidence/sketch.h); NULL: nowhere */
    struct hc_settings settings; /* zone pointer, year, window, mailboxes */
    struct hc_widetext *wide;    /* it is read as the UTF-8 that it stands for; NULL: as it is */
};

/* Inserts the source row; its id, or -1. */
int64_t hc_store_source(hc_db *db, const struct hc_source_info *info, GError **error);

/* Facts are stored by a thread of the sink's own: between hc_sink_new and hc_sink_end the database is not to
 * be used. */
struct hc_sink *hc_sink_new(struct hc_store *store, int64_t source, const struct hc_source_info *info,
                            GError **error);
/* Where the places of records count in another text than the file: what gives those in the file, until it is
 * NULL. */
typedef int64_t (*hc_place_fn)(void *data, int64_t offset);
void hc_sink_places(struct hc_sink *sink, hc_place_fn place, void *data);
/* A sink that stores and counts nothing: for what was imported before, as `source`, and is read for what
 * comes behind it. */
struct hc_sink *hc_sink_mute(int64_t source, const struct hc_source_info *info);
/* All records have come. `sha256`: NULL where it is known. */
bool hc_sink_end(struct hc_sink *sink, const char *sha256, int64_t size, GError **error);
/*
 * Writes the accounting; checks that records read = events + states + ignored + joined + duplicates +
 * rejected. Of files that are read as one, after the last: the fate of a record may be known there.
 */
bool hc_sink_account(struct hc_sink *sink, GError **error);
/* Without hc_sink_end before it, what came in may be stored in part: the transaction has to be rolled
 * back. */
void hc_sink_free(struct hc_sink *sink);

/* Empties the derived tables. */
bool hc_store_stale(hc_db *db, GError **error);
/* A source of a log that is read again as one with others: it and all that it has told are gone. */
bool hc_store_forget(struct hc_store *store, int64_t source, GError **error);

#endif
