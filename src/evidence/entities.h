/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ENTITIES_H
#define HC_ENTITIES_H

#include "src/base/db.h"
#include "src/base/event.h"

/*
 * The numbers of names: table `entity`, with what was asked for lately kept in memory. The dictionary itself is on disk; what is kept
 * here is bounded (some 40 MB), whatever the evidence holds, and never decides anything: keys are always compared in full.
 */
struct hc_entities;
struct hc_entities *hc_entities_new(hc_db *db);
void hc_entities_free(struct hc_entities *entities);
/* The number of `key` (the comparison key, not NULL), a new one with `name` when there is none; -1 on failure. */
int64_t hc_entities_id(struct hc_entities *entities, enum hc_entity_kind kind, int64_t realm,
                       struct hc_str key, struct hc_str name, GError **error);

#endif
