/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PGTOC_H
#define HC_PGTOC_H

#include "src/base/input.h"
#include "src/base/unpack.h"

/*
 * Head and table of contents of a PostgreSQL archive, as pg_dump writes them into custom archives (-Fc) and
 * into the toc.dat of tar (-Ft) and directory archives (-Fd); from PostgreSQL's src/bin/pg_dump,
 * pg_backup_archiver.c, of the versions 9.0 to 18.
 *
 *   head     "PGDMP", bytes: major, minor and revision of the format, size of an int, size of an offset, form
 * (1 custom, 3 tar; a directory says 3 as well); how it is compressed: an int, 0 = not, else by zlib;
 * since 1.15 a byte, 0 = not, 1 gzip, 2 lz4, 3 zstd; ints: second, minute, hour, day, month from 0, year
 * since 1900, summer time, by the clock of the machine that dumped; strings: database, version of the server,
 * version of pg_dump int      a byte, not 0 = negative; then as many bytes as an int has, the low one first
 *   string   an int, its length, negative = none; then its bytes
 *   contents an int, the number of entries; each entry:
 *            ints: its number, whether it has data; strings: two ids of the catalogue, name, kind ("TABLE
 * DATA"); int: section; strings: definition, how to drop it, COPY statement, schema, tablespace, since 1.14
 * access method; since 1.16 int: relkind; strings: owner, "true" with oids; numbers of the entries that it
 * depends on, as strings, then none; in a custom archive a byte (1 offset not set, 2 set, 3 no data) and an
 * offset, the low byte first; else a string: its file
 *
 * 1.12 is PostgreSQL 9.0 to 10, 1.13 since some update of them and in 11, 1.14 is 12 to 15, 1.15 is 16, 1.16
 * is 17 and 18.
 */
#define HC_PG_MINOR_MIN 12
#define HC_PG_MINOR_MAX 16
#define HC_PG_ENTRIES_MAX 1000000
#define HC_PG_STRING_MAX (INT64_C(16) << 20)
#define HC_PG_DEPENDENCIES_MAX 100000       /* of one entry */
#define HC_PG_ENTRY_MAX (INT64_C(64) << 20) /* bytes of one entry, which is held as a whole */

enum hc_pg_form { HC_PG_CUSTOM = 1, HC_PG_FILES = 3 };

struct hc_pg_head {
    int minor;
    int int_size, offset_size;
    enum hc_pg_form form;
    enum hc_packing packing; /* of a custom archive; files say it by their names */
    int64_t entries;
    int64_t made[6];             /* year, month, day, hour, minute, second; no zone */
    char server[64], dumper[64]; /* versions, cut and without odd characters */
};

enum hc_pg_where { HC_PG_NOT_SET = 1, HC_PG_SET = 2, HC_PG_NO_DATA = 3 };

/* The strings lie in the input and live until it is read on; .p == NULL: none. */
struct hc_pg_entry {
    int64_t id;
    bool has_data;
    struct hc_str tag, kind, definition, copy, schema, file;
    enum hc_pg_where where;
    int64_t offset;
};

/*
 * For makers (src/base/input.h). Takes the head, or the next entry, from the bytes of the input: on failure
 * nothing is taken and `*why` is yours, a sentence with the place.
 */
bool hc_pg_read_head(struct hc_input *in, struct hc_pg_head *head, char **why);
bool hc_pg_read_entry(struct hc_input *in, const struct hc_pg_head *head, struct hc_pg_entry *entry,
                      char **why);

/* An int of the archive at the front of `bytes`, which has to hold all of it (1 + int_size bytes). */
int64_t hc_pg_int(const struct hc_pg_head *head, const char *bytes);

#endif
