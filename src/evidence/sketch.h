/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SKETCH_H
#define HC_SKETCH_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * A profile to begin with, for tables of which nothing is known but their names and columns. As it stands it
 * keeps every row as state, without the columns whose names sound like secrets; what would make events of the
 * rows is there as lines to take the marks from.
 */

/* The tables that were met: name -> GPtrArray of char *, each column once. */
GHashTable *hc_sketch_tables(void);
void hc_sketch_add(GHashTable *tables, struct hc_str type, const GPtrArray *columns);

/* Does what a column of this name holds sound like a secret? Rather one too many. */
bool hc_sketch_is_secret(const char *name);

/* The text of the profile; yours. `formats` (NULL-ended) are the importers whose records it is for. */
char *hc_sketch_profile(const char *name, const char *const *formats, GHashTable *tables);

#endif
