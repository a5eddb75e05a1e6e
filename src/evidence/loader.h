/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOADER_H
#define HC_LOADER_H

#include "src/evidence/entities.h"
#include "src/evidence/fact.h"
#include "src/evidence/index.h"

/*
 * Writes the facts of one source, inside the transaction of the caller. Names get their numbers as they come;
 * states, aliases and rejects are written at once; events wait until the source has ended and are then
 * written in the order of their time, which is that of the table.
 */
struct hc_loader;
/* `entries` gets those of the rows that are written, or is NULL. `safe`: through SQLite alone, never by
 * building a whole tree (index.h). */
struct hc_loader *hc_loader_new(hc_db *db, struct hc_entities *entities, int64_t source,
                                struct hc_index_entries *entries, bool safe, GError **error);
void hc_loader_free(struct hc_loader *loader);

/* An hc_pipe_fn: `loader` is a struct hc_loader. */
bool hc_loader_batch(void *loader, const struct hc_batch *batch, GError **error);
/* All batches have come. */
bool hc_loader_end(struct hc_loader *loader, GError **error);
/*
 * After the end, for each type (number of its name): events that another source had told before, which became
 * its witnesses.
 */
typedef void (*hc_loader_fn)(void *data, int64_t type, int64_t duplicates);
void hc_loader_duplicates(const struct hc_loader *loader, hc_loader_fn each, void *data);

#endif
