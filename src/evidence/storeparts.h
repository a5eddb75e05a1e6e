/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_STOREPARTS_H
#define HC_STOREPARTS_H

#include "src/evidence/loader.h"
#include "src/evidence/store.h"

/* What a sink (sink.c) asks of its store (store.c); nobody else does. */

hc_db *hc_store_db(const struct hc_store *store);
/* Writes the facts of this source; yours. */
struct hc_loader *hc_store_loader(struct hc_store *store, int64_t source, GError **error);
/* The number of a realm, a new one where there is none yet; -1: failed. That of what a source tells; NULL:
 * nothing. */
int64_t hc_store_realm(hc_db *db, const char *name, GError **error);
const char *hc_store_realm_name(const struct hc_source_info *info);

#endif
