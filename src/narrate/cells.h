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
    KIND_JSON, /* an object, members by name */
};

struct column {
    const char *key;
    enum kind kind;
};

/* The columns that events and acts share, in this order. */
#define EVENT_COLUMNS                                                                                        \
    {"time", KIND_TIME}, {"until", KIND_TIME}, {"precision", KIND_PRECISION}, {"basis", KIND_BASIS},         \
        {"raw_time", KIND_TEXT}, {"action", KIND_ACTION}, {"outcome", KIND_OUTCOME}, {"actor", KIND_TEXT},   \
        {"target", KIND_TEXT}, {"object", KIND_TEXT}, {"address", KIND_TEXT}, {"message_id", KIND_TEXT},     \
        {"text", KIND_TEXT}, {"source", KIND_TEXT}, {"record", KIND_INT}, {"line", KIND_INT},                \
        {"offset", KIND_INT}, {"length", KIND_INT},                                                          \
    {                                                                                                        \
        "sha256", KIND_TEXT                                                                                  \
    }
enum {
    EVENT_TIME,
    EVENT_UNTIL,
    EVENT_ACTION = 5,
    EVENT_ACTOR = 7,
    EVENT_TARGET,
    EVENT_OBJECT,
    EVENT_TEXT = 12,
    EVENT_SOURCE,
    EVENT_LINE = 15,
    EVENT_COLUMN_COUNT = 19
};

/* The plain text of a value into `out`; false for NULL. */
bool cell_text(hc_stmt *st, int i, enum kind kind, GString *out);
/* One row from column 0 on: a JSON object and a newline; a CSV record. */
void row_json(hc_stmt *st, const struct column *columns, size_t n, GString *out);
void row_csv(hc_stmt *st, const struct column *columns, size_t n, GString *out);
/* A text of column `i`, changed before it is written. */
typedef void (*cell_fn)(void *data, hc_stmt *st, size_t i, GString *text);
struct cell_change {
    cell_fn fn;
    void *data;
};
/* The row as JSON or CSV; false: as text, which is the caller's. */
bool row_in(enum hc_rows_format format, hc_stmt *st, const struct column *columns, size_t n, GString *out);
/* The same with a change; NULL: none. */
bool row_changed_in(enum hc_rows_format format, hc_stmt *st, const struct column *columns, size_t n,
                    const struct cell_change *change, GString *out);
void head_csv(const struct column *columns, size_t n, GString *out);
/* A value as a terminal may see it; "-" when it is absent. */
void show(hc_stmt *st, int i, enum kind kind, GString *out);
/* Hands `out` on once it holds `least` bytes. */
bool flush_rows(struct hc_writer *w, GString *out, size_t least, GError **error);

#define FLUSH_SIZE 65536

#endif
