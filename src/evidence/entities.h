/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ENTITIES_H
#define HC_ENTITIES_H

#include "src/base/bulk.h"
#include "src/base/event.h"

/*
 * The numbers of names: table `entity`, one for each (kind, realm, key). While files are imported the whole
 * dictionary is in memory, some 60 bytes and the key for each name (names.h), so that no record waits for the
 * disk. Only a case that holds more than HC_ENTITIES_LOADED names before the import begins is asked through
 * its index instead, name by name, as they come.
 */
#define HC_ENTITIES_LOADED 4000000
#define HC_ENTITY_KEY_MAX 4096 /* a longer key is kept in memory as its SHA-256; on disk it is whole */

struct hc_entities;
/* `loaded`: HC_ENTITIES_LOADED; tests lower it. */
struct hc_entities *hc_entities_new(hc_db *db, int64_t loaded, GError **error);
void hc_entities_free(struct hc_entities *entities);

/* The name that is asked for. `hash` is that of hc_entities_hash, which may be computed in another thread,
 * once a dictionary exists. */
struct hc_entity_name {
    enum hc_entity_kind kind;
    int64_t realm;
    struct hc_str key;  /* for comparison; not NULL */
    struct hc_str name; /* as written: of a new name, what is stored */
    uint64_t hash;
};
uint64_t hc_entities_hash(enum hc_entity_kind kind, int64_t realm, struct hc_str key);

/* Its number, a new one where there is none yet; -1 on failure. Rows of new names wait until they are
 * stored. */
int64_t hc_entities_id(struct hc_entities *entities, const struct hc_entity_name *name, GError **error);

/*
 * Names lie all over the memory: asked some time ahead, first for the place of a name and, a while later, for
 * what lies there, a lookup does not wait for either. Without effect but that.
 */
void hc_entities_soon(const struct hc_entities *entities, uint64_t hash);
void hc_entities_next(const struct hc_entities *entities, uint64_t hash);

/* Writes the rows that wait: one by one; or all of the table, which is empty, as a tree. */
bool hc_entities_store(struct hc_entities *entities, GError **error);
bool hc_entities_are_new(const struct hc_entities *entities);
bool hc_entities_build(struct hc_entities *entities, struct hc_bulk *bulk, GError **error);
/* The index entity_key as a tree, where all names are stored, and in memory as a whole: sorted, maybe by
 * another thread, and then written. */
bool hc_entities_are_whole(const struct hc_entities *entities);
void hc_entities_sort(struct hc_entities *entities);
bool hc_entities_index(struct hc_entities *entities, struct hc_bulk *bulk, GError **error);

/* What came since the last call of this is kept (the transaction was committed), or forgotten again (it was
 * rolled back). */
void hc_entities_keep(struct hc_entities *entities);
void hc_entities_forget(struct hc_entities *entities);

/* The same since a mark, inside of a transaction that goes on. */
struct hc_entities_mark {
    uint32_t end;
    int64_t last;
};
struct hc_entities_mark hc_entities_mark(const struct hc_entities *entities);
void hc_entities_back(struct hc_entities *entities, struct hc_entities_mark mark);

#endif
