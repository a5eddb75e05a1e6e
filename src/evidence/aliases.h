/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ALIASES_H
#define HC_ALIASES_H

#include "src/base/bulk.h"

/* The aliases that one source tells, until it has ended: then they are written by SQLite, or are the whole of
 * their table as a tree. */
struct hc_aliases;
struct hc_aliases *hc_aliases_new(const char *folder, int64_t source);
void hc_aliases_free(struct hc_aliases *aliases);
/* By the numbers of both. */
bool hc_aliases_add(struct hc_aliases *aliases, int64_t entity, int64_t name, GError **error);
/* One of the two, once: they are used up. */
bool hc_aliases_insert(struct hc_aliases *aliases, hc_db *db, GError **error);
bool hc_aliases_build(struct hc_aliases *aliases, struct hc_bulk *bulk, GError **error);

#endif
