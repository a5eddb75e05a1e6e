/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SET_H
#define HC_SET_H

#include <glib.h>
#include <stdbool.h>

/*
 * Files that are read as one: a log and what it was rotated into, oldest first. Each is a source of its own; an importer may keep what it
 * knows from one to the next: messages in flight, the year. A file that stands alone is a set of one.
 */
struct hc_set;
struct hc_set *hc_set_new(void);
/* Frees what was kept too. */
void hc_set_free(struct hc_set *set);
/* The order in which they are read is not that of their names: what follows from it (years) is assumed. */
void hc_set_doubt(struct hc_set *set);
bool hc_set_is_doubtful(const struct hc_set *set);
/* All files were read. */
void hc_set_end(struct hc_set *set);

/* Of importers. */
/* What was kept under this name (static text); NULL: nothing yet. */
void *hc_set_kept(const struct hc_set *set, const char *name);
/* Takes `state`. */
void hc_set_keep(struct hc_set *set, const char *name, void *state, GDestroyNotify destroy);
/* What was kept under this name is given to `end` behind the last file, while the accounting of all of them is open still. */
void hc_set_at_end(struct hc_set *set, const char *name, void (*end)(void *state));

#endif
