/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_KEYED_H
#define HC_KEYED_H

#include "src/base/str.h"

#include <glib.h>
#include <stdint.h>

/*
 * Hashes for tables that evidence fills: with a key that is drawn when the program starts, so that nobody can
 * make names that all fall into one place of a table. They differ from run to run: nothing that is stored or
 * shown may depend on them, nor on the order of a table.
 */
uint64_t hc_keyed(uint64_t before,
                  struct hc_str bytes); /* `before`: 0, or the hash of what stands in front */

/* For g_hash_table_new: of a NUL-terminated text, an int64_t, a GBytes. */
guint hc_keyed_text(const void *text);
guint hc_keyed_number(const void *number);
guint hc_keyed_bytes(const void *bytes);

#endif
