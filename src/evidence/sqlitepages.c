/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqlitepages.h"

#include "src/base/file.h"
#include "src/evidence/sqlitejournal.h"
#include "src/evidence/sqliteplaces.h"

#include <unistd.h>

#define WAL_HEADER 32
#define FRAME_HEADER 24
#define WAL_VERSION 3007000u

struct hc_sqlite_pages {
    struct hc_input *db, *wal, *rollback;
    int64_t db_size, wal_size;
    struct hc_sqlite_header header;
    struct hc_sqlite_journal journal;
    GArray *frames;     /* struct hc_sqlite_place, one per page, in order of pages */
    uint32_t committed; /* pages of the database as the last transaction of the log left it; 0 = the log has
                           none */
    const char *fault;
    int64_t fault_at;
};

/* ---- what belongs together ---- */

bool hc_sqlite_is_database(struct hc_str head)
{
    return head.n >= sizeof(HC_SQLITE_MAGIC) && memcmp(head.p, HC_SQLITE_MAGIC, sizeof(HC_SQLITE_MAGIC)) == 0;
}

bool hc_sqlite_is_wal_mode(struct hc_str head)
{
    return hc_sqlite_is_database(head) && head.n > 19 && head.p[19] == 2;
}

static struct hc_str read_start(const char *disk, char *out, size_t n)
{
    int64_t size;
    int fd = hc_file_open(disk, 0, &size, NULL);
    ssize_t got = fd >= 0 ? read(fd, out, n) : 0;

    if (fd >= 0)
        close(fd);
    return hc_str_n(out, got > 0 ? (size_t)got : 0);
}

/* Names behind that of the database; of one that is in WAL mode all, of others the first. */
static const char *const suffixes[] = {"-journal", "-wal", "-shm"};

static size_t count_suffixes(struct hc_str head)
{
    return hc_sqlite_is_wal_mode(head) ? G_N_ELEMENTS(suffixes) : hc_sqlite_is_database(head) ? 1 : 0;
}

static GPtrArray *some(GPtrArray *names)
{
    if (names->len)
        return names;
    g_ptr_array_unref(names);
    return NULL;
}

GPtrArray *hc_sqlite_parts(const char *disk)
{
    char start[HC_SQLITE_HEADER];
    size_t n = count_suffixes(read_start(disk, start, sizeof(start)));
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < n; i++) {
        g_autofree char *part = g_strconcat(disk, suffixes[i], NULL);
        if (g_file_test(part, G_FILE_TEST_IS_REGULAR) && !g_file_test(part, G_FILE_TEST_IS_SYMLINK))
            g_ptr_array_add(names, g_path_get_basename(part));
    }
    return some(names);
}

GPtrArray *hc_sqlite_members(struct hc_input *in, GHashTable *names)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *part = g_strconcat(hc_input_member(in), suffixes[i], NULL);
        if (g_hash_table_contains(names, part) && i < count_suffixes(hc_input_peek(in)))
            g_ptr_array_add(found, g_steal_pointer(&part));
    }
    return some(found);
}

/* ---- the write-ahead log ---- */

struct checksum {
    uint32_t a, b;
    bool big_endian;
};

static uint32_t word(const unsigned char *p, bool big_endian)
{
    return big_endian ? hc_sqlite_u32(p)
                      : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* `n` is a multiple of 8. */
static void add_checksum(struct checksum *sum, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i + 8 <= n; i += 8) {
        sum->a += word(p + i, sum->big_endian) + sum->b;
        sum->b += word(p + i + 4, sum->big_endian) + sum->a;
    }
}

static bool is_checksum(const struct checksum *sum, const unsigned char *p)
{
    return hc_sqlite_u32(p) == sum->a && hc_sqlite_u32(p + 4) == sum->b;
}

static bool set_fault(struct hc_sqlite_pages *p, const char *fault, int64_t wal_offset)
{
    p->fault = fault;
    p->fault_at = p->db_size + wal_offset;
    return true;
}

static int64_t frame_offset(const struct hc_sqlite_pages *p, uint32_t number)
{
    return WAL_HEADER + (int64_t)number * (FRAME_HEADER + (int64_t)p->header.page_size);
}

/* Is it the log of this database? Its salts are those of the frames that belong to it. */
static bool read_wal_header(struct hc_sqlite_pages *p, struct checksum *sum, unsigned char salts[8],
                            bool *good, GError **error)
{
    unsigned char h[WAL_HEADER];
    uint32_t magic;

    *good = false;
    if (p->wal_size < WAL_HEADER)
        return p->wal_size == 0 || set_fault(p, "the write-ahead log ends inside of its header", 0);
    if (!hc_input_at(p->wal, 0, h, sizeof(h), error))
        return false;
    magic = hc_sqlite_u32(h);
    sum->big_endian = magic & 1;
    add_checksum(sum, h, 24);
    if ((magic & ~1u) != 0x377f0682u || hc_sqlite_u32(h + 4) != WAL_VERSION || !is_checksum(sum, h + 24))
        return set_fault(p, "the header of the write-ahead log is not valid: none of it is read", 0);
    if (hc_sqlite_u32(h + 8) != p->header.page_size)
        return set_fault(
            p, "the write-ahead log has pages of another size than the database: none of it is read", 0);
    memcpy(salts, h + 16, 8);
    *good = true;
    return true;
}

/*
 * Does a transaction end in a frame from `n` on? Where the checksums go wrong that tells damage from a
 * transaction that was still being written, whose frames may have been written over since their checksums
 * were made.
 */
static bool find_commit(struct hc_sqlite_pages *p, uint32_t n, const unsigned char salts[8], bool *found,
                        GError **error)
{
    unsigned char head[FRAME_HEADER];

    *found = false;
    for (; !*found && frame_offset(p, n + 1) <= p->wal_size; n++) {
        if (!hc_input_at(p->wal, frame_offset(p, n), head, sizeof(head), error))
            return false;
        if (memcmp(head + 8, salts, 8) != 0)
            break;
        *found = hc_sqlite_u32(head + 4) != 0;
    }
    return true;
}

/*
 * The frames from the start on, as far as they carry the salts of the header and the running checksum; what
 * comes behind the last one that ends a transaction was never committed.
 */
static bool read_frames(struct hc_sqlite_pages *p, struct checksum *sum, const unsigned char salts[8],
                        uint32_t max, GError **error)
{
    size_t size = FRAME_HEADER + (size_t)p->header.page_size;
    g_autofree unsigned char *frame = g_malloc(size);
    guint committed = 0;

    for (uint32_t n = 0; frame_offset(p, n) + (int64_t)size <= p->wal_size; n++) {
        struct hc_sqlite_place entry = {.number = n, .at = frame_offset(p, n) + FRAME_HEADER};
        if (n == max) {
            set_fault(p, "the write-ahead log has more frames than are read", frame_offset(p, n));
            break;
        }
        if (!hc_input_at(p->wal, frame_offset(p, n), frame, size, error))
            return false;
        if (memcmp(frame + 8, salts, 8) != 0)
            break; /* of an earlier round, which has been written back */
        add_checksum(sum, frame, 8);
        add_checksum(sum, frame + FRAME_HEADER, p->header.page_size);
        if (!is_checksum(sum, frame + 16)) {
            bool lost;
            if (!find_commit(p, n, salts, &lost, error))
                return false;
            if (lost)
                set_fault(p,
                          "a frame of the write-ahead log has a wrong checksum: it and those behind it are "
                          "not read",
                          frame_offset(p, n));
            break;
        }
        entry.page = hc_sqlite_u32(frame);
        g_array_append_val(p->frames, entry);
        if (hc_sqlite_u32(frame + 4)) {
            p->committed = hc_sqlite_u32(frame + 4);
            committed = p->frames->len;
        }
    }
    g_array_set_size(p->frames, committed);
    hc_sqlite_places_sort(p->frames);
    return true;
}

static bool read_wal(struct hc_sqlite_pages *p, uint32_t max, GError **error)
{
    struct checksum sum = {0};
    unsigned char salts[8];
    bool good;

    p->wal_size = hc_input_size(p->wal, error);
    if (p->wal_size < 0 || !read_wal_header(p, &sum, salts, &good, error))
        return false;
    return !good || read_frames(p, &sum, salts, max, error);
}

/* ---- the database file ---- */

static bool bad_header(GError **error, const char *why)
{
    return hc_fail(error, HC_ERROR_INPUT, "the header is not that of a SQLite database: %s", why);
}

static bool parse_header(struct hc_sqlite_header *h, const unsigned char *p, GError **error)
{
    uint32_t size = hc_sqlite_u16(p + 16), encoding = hc_sqlite_u32(p + 56);

    size = size == 1 ? HC_SQLITE_PAGE_MAX : size;
    if (memcmp(p, HC_SQLITE_MAGIC, sizeof(HC_SQLITE_MAGIC)) != 0)
        return bad_header(error, "it does not begin as one");
    if (size < 512 || (size & (size - 1)) != 0)
        return bad_header(error, "there is no such size of pages");
    if (size - p[20] < 480)
        return bad_header(error, "too much of a page is reserved");
    if (p[19] > 2)
        return bad_header(error, "it is of a version that is not known");
    if (encoding > HC_SQLITE_UTF16BE)
        return bad_header(error, "there is no such text encoding");
    h->page_size = size;
    h->usable = size - p[20];
    h->encoding = encoding ? (enum hc_sqlite_encoding)encoding
                           : HC_SQLITE_UTF8; /* none is said before the first table */
    h->wal = p[19] == 2;
    /* The number of pages is only valid when the version that wrote it wrote the change counter too. */
    h->said = hc_sqlite_u32(p + 24) == hc_sqlite_u32(p + 92) ? hc_sqlite_u32(p + 28) : 0;
    return true;
}

static uint32_t count_pages(const struct hc_sqlite_pages *p)
{
    int64_t n = p->db_size / p->header.page_size;

    return p->committed       ? p->committed
           : p->journal.valid ? p->journal.pages
                              : (uint32_t)MIN(n, (int64_t)UINT32_MAX - 1);
}

/* The frame of the log that holds the page, or -1. */
static int64_t find_frame(const struct hc_sqlite_pages *p, uint32_t number)
{
    const struct hc_sqlite_place *place = hc_sqlite_places_find(p->frames, number);

    return place ? (int64_t)place->number : -1;
}

/* The header that counts is that of the newest page 1; of what was put back or committed the number of pages
 * is known. */
static bool newest_header(struct hc_sqlite_pages *p, GError **error)
{
    g_autofree unsigned char *page = g_malloc(p->header.page_size);
    struct hc_sqlite_header newest = {0};
    const char *why;
    int64_t at;

    p->header.pages = count_pages(p);
    p->header.emptied = p->journal.valid && !p->header.pages;
    if ((!p->committed && !p->journal.valid) || !hc_sqlite_page_at(p, 1, &at, &why))
        return true;
    if (!hc_sqlite_page_read(p, at, page, error) || !parse_header(&newest, page, error))
        return false;
    if (newest.page_size == p->header.page_size) {
        newest.pages = p->header.pages;
        newest.said = p->committed ? p->committed : newest.said;
        p->header = newest;
    }
    return true;
}

/* The pages of a transaction that did not end. Their size is that of the database then, which it may have
 * been about to change. */
static bool read_journal(struct hc_sqlite_pages *p, uint32_t max, GError **error)
{
    if (!hc_sqlite_journal_read(&p->journal, p->rollback, p->header.page_size, max, error))
        return false;
    if (p->journal.valid)
        p->header.page_size = p->journal.page_size;
    return newest_header(p, error);
}

static bool open_pages(struct hc_sqlite_pages *p, uint32_t max, GError **error)
{
    unsigned char h[HC_SQLITE_HEADER];

    p->db_size = hc_input_size(p->db, error);
    if (p->db_size < 0)
        return false;
    if (p->db_size < HC_SQLITE_HEADER)
        return bad_header(error, "the file ends inside of it");
    if (!hc_input_at(p->db, 0, h, sizeof(h), error) || !parse_header(&p->header, h, error) ||
        (p->rollback && !read_journal(p, max, error)))
        return false;
    return (!p->wal || !p->header.wal || read_wal(p, max, error)) && newest_header(p, error);
}

struct hc_sqlite_pages *hc_sqlite_pages_new(struct hc_input *db, struct hc_input *wal,
                                            struct hc_input *journal, uint32_t max, GError **error)
{
    struct hc_sqlite_pages *p = g_new0(struct hc_sqlite_pages, 1);

    p->db = db;
    p->wal = wal;
    p->rollback = journal;
    p->frames = g_array_new(FALSE, FALSE, sizeof(struct hc_sqlite_place));
    if (open_pages(p, max, error))
        return p;
    hc_sqlite_pages_free(p);
    return NULL;
}

void hc_sqlite_pages_free(struct hc_sqlite_pages *p)
{
    if (!p)
        return;
    hc_sqlite_journal_clear(&p->journal);
    g_array_unref(p->frames);
    g_free(p);
}

const struct hc_sqlite_header *hc_sqlite_pages_header(const struct hc_sqlite_pages *p)
{
    return &p->header;
}

const char *hc_sqlite_pages_fault(const struct hc_sqlite_pages *p, guint n, int64_t *at)
{
    bool of_log = p->fault && n == 0;

    if (of_log || n > (p->fault != NULL)) {
        *at = p->fault_at;
        return of_log ? p->fault : NULL;
    }
    *at = p->db_size + p->wal_size + p->journal.fault_at;
    return p->journal.fault;
}

int64_t hc_sqlite_pages_size(const struct hc_sqlite_pages *p)
{
    return p->db_size + p->wal_size + p->journal.size;
}

/* The page in the log, else in the journal, else (true) in the file. */
static bool find_page(const struct hc_sqlite_pages *p, uint32_t number, int64_t *at)
{
    int64_t frame = find_frame(p, number),
            put_back = frame < 0 ? hc_sqlite_journal_find(&p->journal, number) : -1;

    *at = frame >= 0      ? p->db_size + frame_offset(p, (uint32_t)frame) + FRAME_HEADER
          : put_back >= 0 ? p->db_size + p->wal_size + put_back
                          : ((int64_t)number - 1) * p->header.page_size;
    return frame < 0 && put_back < 0;
}

bool hc_sqlite_page_at(const struct hc_sqlite_pages *p, uint32_t number, int64_t *at, const char **why)
{
    uint32_t size = p->header.page_size;
    bool in_file = find_page(p, number, at);

    *why = number == 0                                   ? "is none"
           : number == HC_SQLITE_PENDING_BYTE / size + 1 ? "is never written"
           : number > p->header.pages                    ? "lies beyond the end of the database"
           : in_file && *at + size > p->db_size          ? "lies beyond the end of the file"
                                                         : NULL;
    return *why == NULL;
}

bool hc_sqlite_page_read(struct hc_sqlite_pages *p, int64_t at, unsigned char *out, GError **error)
{
    const int64_t log = p->db_size, rollback = log + p->wal_size;
    struct hc_input *in = at < log ? p->db : at < rollback ? p->wal : p->rollback;

    return hc_input_at(in,
                       at - (at < log        ? 0
                             : at < rollback ? log
                                             : rollback),
                       out, p->header.page_size, error);
}
