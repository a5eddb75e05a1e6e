/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BTREE_H
#define HC_BTREE_H

#include "src/base/buffer.h"
#include "src/base/error.h"

#include <stdint.h>

/*
 * Trees of SQLite's database file (its documentation: "Database File Format", sections 1.5 and 2), built from rows that come in the order
 * of the tree: each page is written once, full, and none is read again. Only pages; that a database owns them is the business of db.h.
 */
#define HC_PAGE_SIZE 4096

/* Where pages go: numbered one after the other from `next` on, without the page that SQLite uses for locks. */
struct hc_pages {
    uint32_t first, next;
    bool (*write)(void *data, const unsigned char *pages, size_t n, GError **error); /* the next `n` pages */
    void *data;
    unsigned char *buffer; /* pages that were not written yet */
    size_t n_buffered;
};
void hc_pages_start(struct hc_pages *pages, uint32_t first, bool (*write)(void *, const unsigned char *, size_t, GError **), void *data);
bool hc_pages_flush(struct hc_pages *pages, GError **error);
void hc_pages_clear(struct hc_pages *pages);

struct hc_btree;
struct hc_btree *hc_btree_table(struct hc_pages *pages); /* the tree of a table with a rowid */
struct hc_btree *hc_btree_index(struct hc_pages *pages); /* the tree of an index */
void hc_btree_free(struct hc_btree *tree);

/* The next row; `record` is in the record format. Row numbers grow from row to row. */
bool hc_btree_row(struct hc_btree *tree, int64_t rowid, struct hc_str record, GError **error);
/* The next entry of an index: a record of at most HC_BTREE_KEY_MAX bytes. */
#define HC_BTREE_KEY_MAX 1002
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

#endif
