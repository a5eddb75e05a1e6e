/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_NAMES_H
#define HC_NAMES_H

#include "src/base/error.h"
#include "src/base/utc.h"

/*
 * Names through time. A service that knows its accounts by ids lets them change their names, and gives a name
 * that is free to whoever asks for it; dumps show which id had which name when they were taken, rows when an
 * account was made. So a name in a record is read by the time of the record: it means the account that had it
 * then.
 *
 * What an account is called by in conclusions: its name, where it had that before all others; else its id,
 * which is shown by the name.
 */
struct world;
struct names;
struct names *names_new(void);
void names_free(struct names *names);

/* "At this point of the order of dumps the id is called so, by this source." Ids in any order, the dumps of
 * one id oldest first. */
struct naming {
    int64_t id, name;
    int64_t source;
    guint dump; /* place of the source in the order of dumps */
    bool dated;
    int64_t taken;
    bool exclusive; /* another id of the same name is another account; else (a project) it goes by the name
                       all the same */
};
void names_add(struct names *names, const struct naming *naming);
/* The row that gives an id its name, and when what it is about was made, as it says (NULL: it does not). */
void names_define(struct names *names, int64_t id, int64_t source, int64_t state, const int64_t *born);
/* All rows are told. */
void names_defined(struct names *names);
/* That row, once all are told: in this source, or (0) in any; 0: none is known. */
int64_t names_row(const struct names *names, int64_t id, int64_t source);
/* When the account of an id was made, as its row says. */
bool names_birth(const struct names *names, int64_t id, int64_t *born);
/* Somebody else had the name before this id was registered: this record shows it. The last that is told of an
 * id counts. */
void names_used(struct names *names, int64_t id, int64_t name, int64_t event);

/* All that was added is settled: identities, links and canonical entities are written. */
bool names_settle(struct names *names, struct world *w, GError **error);
/* A later account of a name, which is learned afterwards. */
void names_later(struct names *names, int64_t name, int64_t id, int64_t since);
/* Is it certain that another account had the name of this id before? */
bool names_is_later(const struct names *names, int64_t id);

/*
 * The entity that a name stands for at this time; itself when it never changed hands. `*unsure`: it cannot be
 * told. An undated record is not sure where the name has changed hands at all.
 */
int64_t names_holder(const struct names *names, int64_t name, const struct hc_time *when, bool *unsure);

#endif
