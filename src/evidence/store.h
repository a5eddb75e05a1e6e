/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STORE_H
#define HC_STORE_H

#include "src/base/db.h"
#include "src/evidence/importer.h"
#include "src/evidence/profile.h"

/* The sink that writes facts. One sink per source; everything between begin and end of a file is one transaction. */

/* A row of table `source` before reading. */
struct hc_source_info {
    const char *path, *member;
    int64_t container;           /* source id, 0 = none */
    const char *sha256;          /* "" for a member: known after reading */
    int64_t size;
    const char *format;          /* NULL: archive or unread */
    struct hc_profile *profile;  /* NULL: none */
    const char *label;
    const char *zone, *zone_basis;
    int64_t clock;
    bool has_taken;
    int64_t taken;
    const char *status, *why;
    struct hc_settings settings; /* zone pointer, year, window, mailboxes */
};

/* Inserts the source row; its id, or -1. */
int64_t hc_store_source(hc_db *db, const struct hc_source_info *info, GError **error);
struct hc_sink *hc_store_sink(hc_db *db, int64_t source, const struct hc_source_info *info, GError **error);
/* Writes the accounting; checks that records read = events + states + ignored + joined + duplicates + rejected. */
bool hc_store_finish(struct hc_sink *sink, const char *sha256, int64_t size, GError **error);
void hc_store_free(struct hc_sink *sink);
int64_t hc_store_rejected(const struct hc_sink *sink);

/* Indexes, made after loading (idempotent). */
bool hc_store_index(hc_db *db, GError **error);
/* Empties the derived tables. */
bool hc_store_stale(hc_db *db, GError **error);

#endif
