/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqlitejournal.h"

#include "src/evidence/sqlitepages.h"
#include "src/evidence/sqliteplaces.h"

#define SECTOR 512 /* what a header takes at least */
#define SECTOR_MIN 32
#define SECTOR_MAX 65536
#define TO_THE_END UINT32_MAX
#define MAGIC_SIZE 8

static const unsigned char magic[MAGIC_SIZE] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

/* One of its headers. */
struct segment {
    uint32_t records, nonce, pages;
    int64_t at; /* of its next page */
};

struct reading {
    struct hc_sqlite_journal *j;
    struct hc_input *in;
    uint32_t sector, max;
    unsigned char *record;
};

bool hc_sqlite_journal_is_hot(struct hc_str head)
{
    return head.n > 0 && head.p[0] != 0;
}

static bool is_size(uint32_t n, uint32_t least, uint32_t most)
{
    return n >= least && n <= most && (n & (n - 1)) == 0;
}

static bool set_fault(struct hc_sqlite_journal *j, const char *fault, int64_t at)
{
    j->fault = fault;
    j->fault_at = at;
    return true;
}

static size_t record_size(const struct hc_sqlite_journal *j)
{
    return 8 + (size_t)j->page_size;
}

/* The number that stands in place of a page's where the name of a journal over several follows: that of the
 * page which is never used. */
static uint32_t no_page(const struct hc_sqlite_journal *j)
{
    return HC_SQLITE_PENDING_BYTE / j->page_size + 1;
}

/* Sizes that the first header says hold for all. */
static bool take_sizes(struct reading *r, const unsigned char *h)
{
    uint32_t sector = hc_sqlite_u32(h + 20), page_size = hc_sqlite_u32(h + 24);

    page_size = page_size ? page_size : r->j->page_size;
    if (!is_size(sector, SECTOR_MIN, SECTOR_MAX) || !is_size(page_size, SECTOR, HC_SQLITE_PAGE_MAX))
        return false;
    r->sector = sector;
    r->j->page_size = page_size;
    return true;
}

/* The header in the next sector from `at` on: 1, 0 = there is none, -1 = the file cannot be read. */
static int next_segment(struct reading *r, int64_t at, struct segment *s, GError **error)
{
    unsigned char h[HC_SQLITE_JOURNAL_HEAD];

    at = (at + r->sector - 1) / r->sector * r->sector;
    if (at + r->sector > r->j->size)
        return 0;
    if (!hc_input_at(r->in, at, h, sizeof(h), error))
        return -1;
    if (memcmp(h, magic, MAGIC_SIZE) != 0 || (at == 0 && !take_sizes(r, h)))
        return 0;
    *s = (struct segment){hc_sqlite_u32(h + 8), hc_sqlite_u32(h + 12), hc_sqlite_u32(h + 16), at + r->sector};
    if (s->records == TO_THE_END)
        s->records =
            (uint32_t)MIN(MAX(r->j->size - s->at, 0) / (int64_t)record_size(r->j), (int64_t)UINT32_MAX - 1);
    return 1;
}

static bool is_whole(const struct reading *r, uint32_t nonce)
{
    uint32_t sum = nonce, size = r->j->page_size;

    for (int64_t i = (int64_t)size - 200; i > 0; i -= 200)
        sum += r->record[4 + i];
    return sum == hc_sqlite_u32(r->record + 4 + size);
}

/* The next page: 1; 0 = nothing behind it is looked at any more; -1 = the file cannot be read. */
static int next_page(struct reading *r, struct segment *s, GError **error)
{
    struct hc_sqlite_journal *j = r->j;
    struct hc_sqlite_place place = {.number = j->places->len, .at = s->at + 4};
    size_t n = record_size(j);

    if (s->at + (int64_t)n > j->size)
        return !set_fault(j, "the rollback journal ends inside of a page: what was behind it is not put back",
                          s->at);
    if (j->places->len == r->max)
        return !set_fault(j, "the rollback journal has more pages than are read", s->at);
    if (!hc_input_at(r->in, s->at, r->record, n, error))
        return -1;
    place.page = hc_sqlite_u32(r->record);
    if (place.page == no_page(j))
        return 0;
    if (place.page == 0 || (place.page <= j->pages && !is_whole(r, s->nonce)))
        return !set_fault(
            j, "a page of the rollback journal has a wrong checksum: it and those behind it are not put back",
            s->at);
    s->at += (int64_t)n;
    if (place.page <= j->pages)
        g_array_append_val(j->places, place);
    return 1;
}

/* All pages of all segments, as far as they are whole. */
static bool read_segments(struct reading *r, struct segment *s, GError **error)
{
    int rc = 1;

    while (rc == 1) {
        for (uint32_t i = 0; rc == 1 && i < s->records; i++)
            rc = next_page(r, s, error);
        if (rc == 1)
            rc = next_segment(r, s->at, s, error);
    }
    hc_sqlite_places_sort(r->j->places);
    return rc == 0;
}

bool hc_sqlite_journal_read(struct hc_sqlite_journal *j, struct hc_input *journal, uint32_t page_size,
                            uint32_t max, GError **error)
{
    struct reading r = {.j = j, .in = journal, .sector = SECTOR, .max = max};
    struct segment first;
    bool ok;
    int rc;

    *j = (struct hc_sqlite_journal){.page_size = page_size,
                                    .places = g_array_new(FALSE, FALSE, sizeof(struct hc_sqlite_place))};
    j->size = hc_input_size(journal, error);
    if (j->size < 0 || (rc = next_segment(&r, 0, &first, error)) < 0)
        return false;
    if (rc == 0)
        return set_fault(j, "the header of the rollback journal is not valid: none of it is put back", 0);
    j->valid = true;
    j->pages = first.pages;
    r.record = g_malloc(record_size(j));
    ok = read_segments(&r, &first, error);
    g_free(r.record);
    return ok;
}

void hc_sqlite_journal_clear(struct hc_sqlite_journal *j)
{
    g_clear_pointer(&j->places, g_array_unref);
}

int64_t hc_sqlite_journal_find(const struct hc_sqlite_journal *j, uint32_t number)
{
    const struct hc_sqlite_place *place = hc_sqlite_places_find(j->places, number);

    return place ? place->at : -1;
}

char *hc_sqlite_journal_super(struct hc_input *journal, GError **error)
{
    int64_t size = hc_input_size(journal, error);
    unsigned char end[16];
    g_autofree char *name = NULL;
    uint32_t n, sum;

    if (size < (int64_t)sizeof(end) ||
        !hc_input_at(journal, size - (int64_t)sizeof(end), end, sizeof(end), error))
        return NULL;
    n = hc_sqlite_u32(end);
    sum = hc_sqlite_u32(end + 4);
    if (memcmp(end + 8, magic, MAGIC_SIZE) != 0 || n == 0 || n > HC_SQLITE_SUPER_MAX ||
        n > size - (int64_t)sizeof(end))
        return NULL;
    name = g_malloc0(n + 1);
    if (!hc_input_at(journal, size - (int64_t)sizeof(end) - n, name, n, error))
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        sum -= (uint32_t)(signed char)name[i];
    return sum == 0 ? g_path_get_basename(name) : NULL;
}
