/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ROWSET_H
#define HC_ROWSET_H

#include "src/evidence/importer.h"

/*
 * Rows of a table whose columns have names, brought to the slots of a profile's plan: a slot is a column, or a path inside the
 * JSON of a column. What a cell looks like in the file is the importer's matter: only the cells that the plan wants are decoded.
 */
struct hc_rowset;

/* `columns` holds char * and is kept. */
struct hc_rowset *hc_rowset_new(struct hc_sink *sink, struct hc_str type, GPtrArray *columns);
void hc_rowset_free(struct hc_rowset *rows);
/* False: the profile ignores this table; no row may be pushed. */
bool hc_rowset_wanted(const struct hc_rowset *rows);

/* The value of a cell, in `buffer` where it is not in the file as it is; .p == NULL for NULL. False: it is no value. */
typedef bool (*hc_cell_fn)(struct hc_str raw, struct hc_str *value, GString *buffer);
/* One row of `n` cells becomes a record, or a reject where it has another number of cells or one of them is no value. */
bool hc_rowset_row(struct hc_rowset *rows, const struct hc_str *cells, size_t n, hc_cell_fn decode,
                   const struct hc_locator *at, GError **error);

#endif
