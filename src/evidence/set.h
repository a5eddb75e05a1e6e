/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SET_H
#define HC_SET_H

#include <glib.h>
#include <stdbool.h>

/*
 * Files that are read as one: a log and what it was rotated into, oldest first. Each is a source of its own;
 * an importer may keep what it knows from one to the next: messages in flight, the year. A file that stands
 * alone is a set of one.
 */
struct hc_set;
struct hc_set *hc_set_new(void);
/* Frees what was kept too. */
void hc_set_free(struct hc_set *set);
/* The order in which they are read is not that of their names: what follows from it (years) is assumed. */
void hc_set_doubt(struct hc_set *set);
bool hc_set_is_doubtful(const struct hc_set *set);
/* The file that is read next is the last of the set: what no line of it tells nothing tells. */
void hc_set_last(struct hc_set *set);
bool hc_set_is_last(const struct hc_set *set);
/* All files were read. False: what was kept could not be ended. */
bool hc_set_end(struct hc_set *set, GError **error);

/* Of importers. */
/* What was kept under this name (static text); NULL: nothing yet. */
void *hc_set_kept(const struct hc_set *set, const char *name);
/* Takes `state`. */
void hc_set_keep(struct hc_set *set, const char *name, void *state, GDestroyNotify destroy);
/* What was kept under this name is given to `end` behind the last file, while the accounting of all of them
 * is open still. */
typedef bool (*hc_set_fn)(void *state, GError **error);
void hc_set_at_end(struct hc_set *set, const char *name, hc_set_fn end);

#endif
