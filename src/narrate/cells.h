/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CELLS_H
#define HC_CELLS_H

#include "src/narrate/rows.h"

/* Inside of the list commands: what a column of a listing holds, and how it is written. */
enum kind {
    KIND_TEXT,
    KIND_INT,
    KIND_TIME,
    KIND_PRECISION,
    KIND_BASIS,
    KIND_ACTION,
    KIND_OUTCOME,
    KIND_LIST, /* texts, one per line */
};

struct column {
    const char *key;
    enum kind kind;
};

/* The plain text of a value into `out`; false for NULL. */
bool cell_text(hc_stmt *st, int i, enum kind kind, GString *out);
/* One row from column 0 on: a JSON object and a newline; a CSV record. */
void row_json(hc_stmt *st, const struct column *columns, size_t n, GString *out);
void row_csv(hc_stmt *st, const struct column *columns, size_t n, GString *out);
void head_csv(const struct column *columns, size_t n, GString *out);
/* A value as a terminal may see it; "-" when it is absent. */
void show(hc_stmt *st, int i, enum kind kind, GString *out);
/* Hands `out` on once it holds `least` bytes. */
bool flush_rows(struct hc_writer *w, GString *out, size_t least, GError **error);

#define FLUSH_SIZE 65536

#endif
