/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BTREE_H
#define HC_BTREE_H

#include "src/base/buffer.h"
#include "src/base/pages.h"
#include "src/base/str.h"

#include <stdint.h>

/*
 * Trees of SQLite's database file (its documentation: "Database File Format", sections 1.5 and 2), built from rows that come in the order
 * of the tree: each page is written once, full, and none is read again. Only pages; that a database owns them is the business of bulk.h.
 */
struct hc_btree;
struct hc_btree *hc_btree_table(struct hc_pages *pages); /* the tree of a table with a rowid */
struct hc_btree *hc_btree_index(struct hc_pages *pages); /* the tree of an index */
void hc_btree_free(struct hc_btree *tree);

/* The next row; `record` is in the record format. Row numbers grow from row to row. */
bool hc_btree_row(struct hc_btree *tree, int64_t rowid, struct hc_str record, GError **error);
/* The next entry of an index, or row of a table without row numbers: a record. */
bool hc_btree_entry(struct hc_btree *tree, struct hc_str record, GError **error);
/* No more will come; `root` gets the number of the tree's root page. */
bool hc_btree_end(struct hc_btree *tree, uint32_t *root, GError **error);

/* A record that is being written: up to HC_RECORD_COLUMNS columns in order, then its bytes, which live until the next start. */
#define HC_RECORD_COLUMNS 64
struct hc_record { /* starts as zeroes */
    unsigned char types[HC_RECORD_COLUMNS * 9];
    size_t n_types;
    struct hc_buffer bytes; /* room for the header, then the columns */
};
void hc_record_clear(struct hc_record *record);
void hc_record_start(struct hc_record *record);
void hc_record_null(struct hc_record *record);
void hc_record_int(struct hc_record *record, int64_t value);
void hc_record_text(struct hc_record *record, struct hc_str text); /* .p == NULL is NULL */
struct hc_str hc_record_end(struct hc_record *record);

/* The columns of a record that was written so: how many. Texts lie in the record. */
struct hc_value {
    bool null;
    int64_t number;
    struct hc_str text; /* .p == NULL: it is a number, or null */
};
size_t hc_record_values(struct hc_str record, struct hc_value values[HC_RECORD_COLUMNS]);

#endif
