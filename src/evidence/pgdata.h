/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PGDATA_H
#define HC_PGDATA_H

#include "src/evidence/pgtoc.h"

/*
 * The data of a PostgreSQL archive in the order in which they lie in it: blocks of a custom archive
 * (pgblocks.c), members of a tar, files of a directory (pgfiles.c). From PostgreSQL's pg_backup_custom.c,
 * pg_backup_tar.c, pg_backup_directory.c.
 *
 *   custom     behind the contents blocks, each: a byte, 1 = rows of a table, 3 = large objects; an int, the
 * number of its entry; then data, or of each large object an int, its oid, and data, and at last an oid of 0.
 * Data: chunks, each an int, its length, and so many bytes; the chunk of length 0 is the end. All chunks of
 * one table or object are one compressed stream. tar        toc.dat, a member NUMBER.dat for each table,
 * blobs.toc and blob_OID.dat for large objects, restore.sql directory  the same as files, each compressed for
 * itself and then called NUMBER.dat.gz, .lz4 or .zst; toc.dat and blobs.toc are not. Since 1.16 there are
 * several blobs_NUMBER.toc. Each line of such a file: oid, space, file.
 */
#define HC_PG_CHUNK_MAX INT32_MAX /* of a custom archive; the format's own limit */
#define HC_PG_BLOBS_LINE_MAX 1024

/* An entry that has data. */
struct hc_pg_item {
    int64_t id;
    bool blobs; /* large objects, not rows */
    enum hc_pg_where where;
    int64_t offset;       /* when HC_PG_SET */
    char *name;           /* for people: schema.table */
    char *schema, *table; /* as the contents have them */
    GString *copy; /* what its data follow, fit for the importer; NULL: the data are statements themselves */
    char *file;    /* of tar and directory */
    const char *bad; /* why its data cannot be read whatever they are; static */
    bool seen;
};

struct hc_pg_items {
    GPtrArray *all;    /* struct hc_pg_item, in the order of the contents; owns them */
    GHashTable *by_id; /* int64 -> item */
};

enum hc_pg_step {
    HC_PG_STEP_FAILED = -1, /* nothing can be read on */
    HC_PG_STEP_END = 0,
    HC_PG_STEP_ROWS,   /* `item`: its data come from `piece` */
    HC_PG_STEP_OBJECT, /* `oid`: a large object */
    HC_PG_STEP_FAULT,  /* `why` is yours: what was met here is none of these */
};

struct hc_pg_data;

struct hc_pg_carrier {
    /* Moves on to what lies behind; what is left of the data before is passed over. */
    enum hc_pg_step (*next)(struct hc_pg_data *d, struct hc_pg_item **item, uint64_t *oid, char **why,
                            GError **error);
    /* Packed bytes of the item: 1, 0 = that was all, -1 = they cannot be read on (`*why` is yours). */
    int (*piece)(struct hc_pg_data *d, struct hc_str *piece, char **why);
    void (*used)(struct hc_pg_data *d, size_t n);
    void (*free)(struct hc_pg_data *d);
};

/* What the carriers have in common; each has more of its own behind it. */
struct hc_pg_data {
    const struct hc_pg_carrier *carrier;
    struct hc_input *in;
    const struct hc_pg_head *head;
    const struct hc_pg_items *items;
    enum hc_packing packing; /* of the present item */
    bool frames;             /* a packed stream may follow the first: files that were put together */
};

/* `head` and `items` are borrowed and complete once `next` is called. */
struct hc_pg_data *hc_pg_blocks_new(struct hc_input *in, const struct hc_pg_head *head,
                                    const struct hc_pg_items *items);
/*
 * Members of the archive of which `in` has one, in the order of the archive: those in `folder` (the start of
 * their names), or, if that is NULL, all, of a tar that pg_dump wrote.
 */
struct hc_pg_data *hc_pg_members_new(struct hc_input *in, const char *folder, const struct hc_pg_head *head,
                                     const struct hc_pg_items *items);
/* `path`: toc.dat, with the others beside it. */
struct hc_pg_data *hc_pg_files_new(struct hc_input *in, const char *path, const struct hc_pg_head *head,
                                   const struct hc_pg_items *items);

/* The names of the files of a directory archive that are there (char *), of tables and large objects, in the
 * order of its contents. */
GPtrArray *hc_pg_file_names(const char *path, const struct hc_pg_head *head, const struct hc_pg_items *items);
/* The same of members in `folder`: all names that they may have, be they there or not, and the script
 * in a tar that is a member itself. Reads the archive once more if there are large objects. */
GPtrArray *hc_pg_member_names(struct hc_input *in, const char *folder, const struct hc_pg_items *items);

#endif
