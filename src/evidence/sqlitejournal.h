/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITEJOURNAL_H
#define HC_SQLITEJOURNAL_H

#include "src/base/input.h"

/*
 * A rollback journal of a SQLite database, which holds what pages were before a transaction (SQLite
 * documentation, "Database File Format", section 3, and "Atomic Commit In SQLite"). One that lies beside a
 * database was left by a program that ended in the midst of that: the database is what it is once the pages
 * are put back, as SQLite does it when it opens the file. Here they are only looked up.
 *
 *   header   at the start of a sector: 8 bytes that are the same in all; how many pages follow, 0xffffffff =
 * up to the end of the file; a number for the checksums; how many pages the database had; size of a sector;
 * size of a page (0 before 3.5.8). The first page follows in the next sector. There may be further headers,
 * in the sector behind the last page of the one before. page     its number, its bytes, a checksum: the
 * number of the header and every 200th byte, from the end on the end  may name a journal over several
 * databases, without which this one counts for nothing: 4 bytes, the name, its length, the sum of its bytes,
 * and the 8 bytes that headers begin with
 */
#define HC_SQLITE_JOURNAL_HEAD 28
#define HC_SQLITE_JOURNAL_PAGES_MAX (16u << 20) /* that are looked at; what is behind them is reported */
#define HC_SQLITE_SUPER_MAX 4096                /* bytes of the name of a journal over several */

struct hc_sqlite_journal {
    int64_t size;
    bool valid;                /* false: nothing can be put back, and the sizes are unknown */
    uint32_t page_size, pages; /* of the database before the transaction, which may have been empty */
    GArray *places;            /* of each page the last place: struct hc_sqlite_place, in order of pages */
    const char *fault;         /* why not all of it can be put back (static), and where; NULL: all of it */
    int64_t fault_at;
};

/* By its first bytes (as many as a header has): was it left by a transaction that did not end? */
bool hc_sqlite_journal_is_hot(struct hc_str head);
/* The name, without folder, of the journal over several databases that it is part of; NULL: none. It is
 * yours. */
char *hc_sqlite_journal_super(struct hc_input *journal, GError **error);

/*
 * Reads one that is hot, of which nothing was consumed, into `j`, of a database whose own header says
 * `page_size`. Up to `max` pages (HC_SQLITE_JOURNAL_PAGES_MAX but in tests). False when the file cannot be
 * read. Clear it in any case.
 */
bool hc_sqlite_journal_read(struct hc_sqlite_journal *j, struct hc_input *journal, uint32_t page_size,
                            uint32_t max, GError **error);
void hc_sqlite_journal_clear(struct hc_sqlite_journal *j);
/* Where the bytes of page `number` lie in it; -1: nowhere. */
int64_t hc_sqlite_journal_find(const struct hc_sqlite_journal *j, uint32_t number);

#endif
