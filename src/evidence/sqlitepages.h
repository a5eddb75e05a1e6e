/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITEPAGES_H
#define HC_SQLITEPAGES_H

#include "src/base/input.h"

/*
 * The pages of a SQLite 3 database (SQLite documentation, "Database File Format", sections 1.2, 1.3 and 4):
 * its file, on top of that the pages that its rollback journal puts back, and on top of those the committed
 * frames of its write-ahead log, as SQLite itself would see it. Only read, never trusted; the inputs are
 * borrowed and have to outlive the pages.
 *
 * Places are given as if the files followed one another without a gap: what is less than the size of the
 * database file is a place in that; what is not, one in FILE-wal, if there is a log, else in FILE-journal;
 * what lies behind the log too, one in FILE-journal.
 */
#define HC_SQLITE_MAGIC "SQLite format 3" /* with its NUL */
#define HC_SQLITE_HEADER 100              /* bytes at the start of page 1 */
#define HC_SQLITE_PAGE_MAX 65536
#define HC_SQLITE_PENDING_BYTE 0x40000000u /* the page that holds this byte is never written */
/* frames of a write-ahead log; what is behind them is reported */
#define HC_SQLITE_FRAMES_MAX (16u << 20)

enum hc_sqlite_encoding { HC_SQLITE_UTF8 = 1, HC_SQLITE_UTF16LE = 2, HC_SQLITE_UTF16BE = 3 };

struct hc_sqlite_header {
    uint32_t page_size;
    uint32_t usable; /* of a page: without the bytes that are reserved at its end */
    enum hc_sqlite_encoding encoding;
    bool emptied;   /* there was no database before the transaction that the journal takes back */
    bool wal;       /* the header says that transactions go to a write-ahead log */
    uint32_t pages; /* that there are, with those of the log */
    uint32_t said;  /* that there have to be; 0 where the header has no valid number */
};

/* Is the start of a file that of a database, and of one in WAL mode? */
bool hc_sqlite_is_database(struct hc_str head);
bool hc_sqlite_is_wal_mode(struct hc_str head);
/* Names of the files beside the database at `disk` that belong to it: log, its index, rollback journal. NULL:
 * none, or no database. */
GPtrArray *hc_sqlite_parts(const char *disk);
/*
 * The same where the current member of `in`, of which nothing was consumed, is the database: those of `names`
 * (a set) that come before it in the archive. What comes behind is known when the database is read.
 */
GPtrArray *hc_sqlite_members(struct hc_input *in, GHashTable *names);

struct hc_sqlite_pages;

/*
 * NULL with an error where the header is none. `wal` and `journal`, which has to be hot (sqlitejournal.h),
 * may be NULL; at most `max` frames and pages of theirs are read (HC_SQLITE_FRAMES_MAX but in tests). What is
 * damaged is read as far as it is valid. A log counts only where the header, once the journal was played
 * back, says that there is one.
 */
struct hc_sqlite_pages *hc_sqlite_pages_new(struct hc_input *db, struct hc_input *wal,
                                            struct hc_input *journal, uint32_t max, GError **error);
void hc_sqlite_pages_free(struct hc_sqlite_pages *pages);
typedef struct hc_sqlite_pages hc_sqlite_pages_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_sqlite_pages_t, hc_sqlite_pages_free)

const struct hc_sqlite_header *hc_sqlite_pages_header(const struct hc_sqlite_pages *pages);
/* Why not all of log and journal was read (static), and the place of what was not; NULL when nothing was
 * wrong. `n`: the first one is 0. */
const char *hc_sqlite_pages_fault(const struct hc_sqlite_pages *pages, guint n, int64_t *at);

/* Bytes of file, log and journal: every place is below. */
int64_t hc_sqlite_pages_size(const struct hc_sqlite_pages *pages);
/* The place of page `number` (from 1); false where there is no such page, with the reason (static: "lies
 * beyond the end of the file"). */
bool hc_sqlite_page_at(const struct hc_sqlite_pages *pages, uint32_t number, int64_t *at, const char **why);
/* Reads the page at that place into `out`, which holds `page_size` bytes. */
bool hc_sqlite_page_read(struct hc_sqlite_pages *pages, int64_t at, unsigned char *out, GError **error);

/* Numbers as the format writes them: the high byte first. */
static inline uint32_t hc_sqlite_u16(const unsigned char *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t hc_sqlite_u32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
