/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PARTS_H
#define HC_PARTS_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/base/hash.h"

/*
 * Files that are read with another: the data files of a PostgreSQL directory archive, of which toc.dat is the
 * source; the write-ahead log and the journal of a SQLite database. They are sources of the status 'part'
 * whose container is that source, so that none is unread and `verify` hashes each.
 */
struct hc_part {
    char *name;                 /* as the file that it is part of: inside the case, or external/FOLDER/NAME */
    char sha256[HC_SHA256_HEX]; /* "" where it cannot be read */
    int64_t size;
    char *bad; /* why it cannot be read, or NULL */
};

/* The parts of the file at `disk`, called `name`, hashed: struct hc_part. NULL: it has none. */
GPtrArray *hc_parts_of(const char *disk, const char *name);
/* Which of `files` (paths in the case) are part of another of them: a set of their names. */
GHashTable *hc_parts_among(const struct hc_case *c, const GPtrArray *files);

/* Are `parts` those that the source `path` was imported with? If not, `*differs` is yours: the first that is
 * another, new or gone. */
bool hc_parts_same(hc_db *db, const char *path, const GPtrArray *parts, char **differs, GError **error);
/* `failed`: why their source could not be read, or NULL. */
bool hc_parts_record(hc_db *db, const char *path, const GPtrArray *parts, const char *failed, GError **error);

#endif
