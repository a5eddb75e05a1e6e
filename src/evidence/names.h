/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_NAMES_H
#define HC_NAMES_H

#include "src/base/error.h"
#include "src/base/str.h"

#include <stdint.h>

/*
 * Names in memory, in the order in which they came: the inside of entities.h, which says what they are for.
 * Each takes 24 bytes and its key, and some 30 in the table by which it is found; the last of them can be
 * given up again.
 */
struct hc_name {
    int64_t id;
    uint32_t realm;
    uint32_t n;         /* bytes of the key */
    uint32_t n_written; /* of the name as it was written, behind the key; 0: it is written as the key is */
    uint8_t kind;
    bool digest; /* the key is the SHA-256 of a longer one */
    bool apart;  /* its row is kept elsewhere */
    char key[];
};

struct hc_names;
struct hc_names *hc_names_new(void);
void hc_names_free(struct hc_names *names);

/* NULL: it is not there. `hash` is of kind, realm and key. */
const struct hc_name *hc_names_find(const struct hc_names *names, uint64_t hash, const struct hc_name *like,
                                    const char *key);
/* One that is not there; lengths, number and all else as `like` has them. */
void hc_names_add(struct hc_names *names, uint64_t hash, const struct hc_name *like, const char *key,
                  const char *written);

/*
 * They lie all over the memory: asked some time ahead, first for the place of a name and, a while later, for
 * what lies there, a lookup does not wait for either. Without effect but that.
 */
void hc_names_soon(const struct hc_names *names, uint64_t hash);
void hc_names_next(const struct hc_names *names, uint64_t hash);

/* A place among them: that of the one that will be added next, and giving up all that came from there on. */
uint32_t hc_names_end(const struct hc_names *names);
void hc_names_cut(struct hc_names *names, uint32_t place);
/* The name at the place, which moves to the next one; NULL: there is none. Begins with 0. */
const struct hc_name *hc_names_walk(const struct hc_names *names, uint32_t *place);

/* All of them, `*n`, by kind, realm and key (as bytes), while none is added or given up. Yours, but for the
 * names. */
const struct hc_name **hc_names_sorted(const struct hc_names *names, size_t *n);

#endif
