/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITETREE_H
#define HC_SQLITETREE_H

#include "src/evidence/sqlitepages.h"

/*
 * The b-trees of a SQLite 3 database (SQLite documentation, "Database File Format", section 1.6): the cells
 * of a table in the order of their keys. Every page is used once in all trees of one walk, so that no file,
 * however it is made, is read more than twice over.
 */
#define HC_SQLITE_DEPTH_MAX 20        /* pages from root to leaf; SQLite's own limit */
#define HC_SQLITE_ROW_MAX (16u << 20) /* bytes of a record; a longer one is not read */

struct hc_sqlite_cell {
    int64_t rowid;              /* 0 in a tree of an index */
    int64_t size;               /* of the record */
    const unsigned char *local; /* what stands of it in the cell; until the next cell is asked for */
    uint32_t n_local;
    uint32_t overflow;  /* the page on which it goes on; 0 = it is whole */
    int64_t at, length; /* place and bytes of the cell */
};

/* Something that cannot be read; the walk goes on behind it. */
struct hc_sqlite_fault {
    uint32_t page; /* that could not be read, or on which it stands */
    int64_t at;    /* its place; of a page that there is none of, that of the page which names it */
    int64_t length;
    const char *why; /* static; says something of the page */
    bool missing;    /* the page is not in the file: what it held is unknown */
};

struct hc_sqlite_walk;

/* Of one database; borrows `pages`. */
struct hc_sqlite_walk *hc_sqlite_walk_new(struct hc_sqlite_pages *pages);
void hc_sqlite_walk_free(struct hc_sqlite_walk *walk);
typedef struct hc_sqlite_walk hc_sqlite_walk_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_sqlite_walk_t, hc_sqlite_walk_free)

/* Begins with the tree that has this root: one of a table with rowids, or of an index, which is also a table
 * WITHOUT ROWID. */
void hc_sqlite_walk_start(struct hc_sqlite_walk *walk, uint32_t root, bool index);

enum hc_sqlite_step { HC_SQLITE_FAILED = -1, HC_SQLITE_DONE, HC_SQLITE_CELL, HC_SQLITE_FAULT };
enum hc_sqlite_step hc_sqlite_walk_next(struct hc_sqlite_walk *walk, struct hc_sqlite_cell *cell,
                                        struct hc_sqlite_fault *fault, GError **error);

/*
 * The first `want` bytes of the record of the cell that was found last: in the cell where they all stand
 * there, else put together in a buffer, both until the next cell. 1; 0 with the reason (static) when they
 * cannot be had; -1 = failed. May be asked again for more.
 */
int hc_sqlite_walk_record(struct hc_sqlite_walk *walk, const struct hc_sqlite_cell *cell, int64_t want,
                          struct hc_str *record, const char **why, GError **error);

/* A number of variable length at `*p`, which is moved behind it; false when `end` comes first. */
bool hc_sqlite_varint(const unsigned char **p, const unsigned char *end, uint64_t *value);

#endif
