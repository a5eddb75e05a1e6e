/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_BTREE_H
#define HC_BTREE_H

#include "src/base/buffer.h"
#include "src/base/pages.h"
#include "src/base/str.h"

#include <stdint.h>

/*
 * Trees of SQLite's database file (its documentation: "Database File Format", sections 1.5 and 2), built from
 * rows that come in the order of the tree: each page is written once, full, and none is read again. Only
 * pages; that a database owns them is the business of bulk.h.
 */
struct hc_btree;
struct hc_btree *hc_btree_table(struct hc_pages *pages); /* the tree of a table with a rowid */
struct hc_btree *hc_btree_index(struct hc_pages *pages); /* the tree of an index */
void hc_btree_free(struct hc_btree *tree);

/* The next row; `record` is in the record format. Row numbers grow from row to row. */
bool hc_btree_row(struct hc_btree *tree, int64_t rowid, struct hc_str record, GError **error);
/* The next entry of an index, or row of a table without row numbers: a record. */
bool hc_btree_entry(struct hc_btree *tree, struct hc_str record, GError **error);
/* The same of an entry that is up to HC_BTREE_NUMBERS numbers, of which most trees have very many. */
#define HC_BTREE_NUMBERS 8
bool hc_btree_numbers(struct hc_btree *tree, const int64_t *numbers, size_t n, GError **error);
/* No more will come; `root` gets the number of the tree's root page. */
bool hc_btree_end(struct hc_btree *tree, uint32_t *root, GError **error);

/*
 * A record that is being written: up to HC_RECORD_COLUMNS columns in order, then its bytes, which live until
 * the next start. There is always room for as many numbers, so that nothing is asked for the most frequent of
 * what is done.
 */
#define HC_RECORD_COLUMNS 64
struct hc_record { /* starts as zeroes */
    unsigned char types[HC_RECORD_COLUMNS * 9];
    size_t n_types;
    struct hc_buffer bytes; /* room for the header, then the columns */
};
void hc_record_clear(struct hc_record *record);
void hc_record_start(struct hc_record *record);
void hc_record_text(struct hc_record *record, struct hc_str text); /* .p == NULL is NULL */
void hc_record_blob(struct hc_record *record, struct hc_str bytes);
/* Columns behind the first `n` are left out: their table has them last, and the values they have by default.
 */
static inline void hc_record_cut(struct hc_record *r, size_t n_types)
{
    r->n_types = n_types;
}
struct hc_str hc_record_end(struct hc_record *record);

static inline void hc_record_null(struct hc_record *r)
{
    r->types[r->n_types++] = 0;
}

/*
 * The shortest form of a number, as SQLite chooses it: its type, and its bytes at `to`, where there is room
 * for eight; how many they are. The constants 0 and 1 have types of their own.
 */
static inline size_t hc_record_number(unsigned char *type, void *to, int64_t value)
{
    static const unsigned char type_of[] = {1, 2, 3, 4, 5, 5, 6, 6, 6},
                               bytes_of[] = {1, 2, 3, 4, 6, 6, 8, 8, 8}; /* by the bytes that are not spare */
    const uint64_t size =
        value < 0 ? ~(uint64_t)value : (uint64_t)value; /* what has to fit beside the sign */
    const unsigned needed = (unsigned)(64 - __builtin_clzll(size | 1)) / 8, bytes = bytes_of[needed];
    const uint64_t big = GUINT64_TO_BE((uint64_t)value << (64 - 8 * bytes));

    if (value == 0 || value == 1) {
        *type = (unsigned char)(8 + value);
        return 0;
    }
    *type = type_of[needed];
    memcpy(to, &big, sizeof big);
    return bytes;
}

static inline void hc_record_int(struct hc_record *r, int64_t value)
{
    r->bytes.n += hc_record_number(&r->types[r->n_types++], r->bytes.p + r->bytes.n, value);
}

/* The columns of a record that was written so: how many. Texts lie in the record. */
struct hc_value {
    bool null;
    int64_t number;
    struct hc_str text; /* .p == NULL: it is a number, or null */
    bool blob;          /* the text is that */
};
size_t hc_record_values(struct hc_str record, struct hc_value values[HC_RECORD_COLUMNS]);
/* The numbers of `n` of its columns, which grow; a null, a text, or one that it has not gives 0. */
void hc_record_numbers(struct hc_str record, const uint8_t *columns, size_t n, int64_t *numbers);

#endif
