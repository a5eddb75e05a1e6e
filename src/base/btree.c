/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/btree.h"

#define LEVELS_MAX 20 /* as many as SQLite follows */
#define VARINT_MAX 9
#define CELL_MIN 4 /* so much room is taken by a smaller cell as well */

/* Sizes of the file format, section 1.6, for pages without reserved bytes. */
#define TABLE_LOCAL_MAX (HC_PAGE_SIZE - 35)
#define INDEX_LOCAL_MAX ((HC_PAGE_SIZE - 12) * 64 / 255 - 23)
#define LOCAL_MIN ((HC_PAGE_SIZE - 12) * 32 / 255 - 23)
#define OVERFLOW_SIZE (HC_PAGE_SIZE - 4)

/* Types of columns that have a length: this, and twice that. */
enum { BLOB = 12, TEXT = 13 };

enum page_kind { INDEX_INNER = 2, TABLE_INNER = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };

/* A page that is being filled: pointers grow from its header down, cells from its end up. */
struct page {
    unsigned char bytes[HC_PAGE_SIZE];
    unsigned n, content; /* cells; where the first of them begins */
    bool leaf;
    uint8_t kind;
};

/*
 * One level of the tree. A page that has no room for the next cell waits, with that cell: the cell divides it
 * from the page that follows once there is one, and an inner page or index leaf may not be without any cell.
 */
struct level {
    struct page page;
    bool full;
    unsigned char cell[INDEX_LOCAL_MAX + 2 * VARINT_MAX + 8];
    size_t n_cell;
};

struct hc_btree {
    struct hc_pages *pages;
    bool index;
    struct level *levels[LEVELS_MAX];
    unsigned n_levels;
    int64_t last; /* row number of the last row */
};

static void put16(unsigned char *p, unsigned value)
{
    p[0] = (unsigned char)(value >> 8);
    p[1] = (unsigned char)value;
}

static void put32(unsigned char *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

/* Big-endian groups of seven bits; a ninth byte has eight. */
static size_t put_varint(unsigned char *p, uint64_t value)
{
    unsigned char reversed[VARINT_MAX];
    size_t n = 0;

    if (value < 0x80) {
        p[0] = (unsigned char)value;
        return 1;
    }
    if (value < 0x4000) {
        p[0] = (unsigned char)(value >> 7 | 0x80);
        p[1] = (unsigned char)(value & 0x7f);
        return 2;
    }
    if (value >> 56) {
        p[8] = (unsigned char)value;
        value >>= 8;
        for (int i = 7; i >= 0; i--, value >>= 7)
            p[i] = (unsigned char)(value | 0x80);
        return VARINT_MAX;
    }
    do {
        reversed[n] = (unsigned char)((value & 0x7f) | (n ? 0x80 : 0));
        value >>= 7;
        n++;
    } while (value);
    for (size_t i = 0; i < n; i++)
        p[i] = reversed[n - 1 - i];
    return n;
}

static struct hc_btree *btree_new(struct hc_pages *pages, bool index)
{
    struct hc_btree *tree = g_new0(struct hc_btree, 1);

    tree->pages = pages;
    tree->index = index;
    return tree;
}

struct hc_btree *hc_btree_table(struct hc_pages *pages)
{
    return btree_new(pages, false);
}

struct hc_btree *hc_btree_index(struct hc_pages *pages)
{
    return btree_new(pages, true);
}

void hc_btree_free(struct hc_btree *tree)
{
    if (!tree)
        return;
    for (unsigned i = 0; i < tree->n_levels; i++)
        g_free(tree->levels[i]);
    g_free(tree);
}

static size_t header_size(const struct page *page)
{
    return page->leaf ? 8 : 12;
}

static void clear_page(struct page *page)
{
    memset(page->bytes, 0, header_size(page));
    page->n = 0;
    page->content = HC_PAGE_SIZE;
}

static struct level *level(struct hc_btree *tree, unsigned i)
{
    struct level *l;

    if (i < tree->n_levels)
        return tree->levels[i];
    g_assert(i == tree->n_levels && i < LEVELS_MAX);
    l = tree->levels[tree->n_levels++] = g_new0(struct level, 1);
    l->page.leaf = i == 0;
    l->page.kind = tree->index ? (i ? INDEX_INNER : INDEX_LEAF) : (i ? TABLE_INNER : TABLE_LEAF);
    clear_page(&l->page);
    return l;
}

static bool has_room(const struct page *page, size_t n)
{
    return header_size(page) + 2 * (page->n + 1) + n <= page->content;
}

/* Room for the next cell, to be filled. */
static unsigned char *new_cell(struct page *page, size_t n)
{
    page->content -= (unsigned)n;
    put16(page->bytes + header_size(page) + 2 * page->n, page->content);
    page->n++;
    return page->bytes + page->content;
}

static void add_cell(struct page *page, const void *cell, size_t n)
{
    memcpy(new_cell(page, n), cell, n);
}

/* The number of the page, 0 on failure. `right`: what lies right of the last cell of an inner page. */
static uint32_t end_page(struct hc_btree *tree, struct page *page, uint32_t right, GError **error)
{
    unsigned char *gap = page->bytes + header_size(page) + 2 * page->n;
    uint32_t number = hc_pages_take(tree->pages);
    unsigned char *to = hc_pages_put(tree->pages, number, error);

    if (!to)
        return 0;
    page->bytes[0] = page->kind;
    put16(page->bytes + 3, page->n);
    put16(page->bytes + 5, page->content);
    if (!page->leaf)
        put32(page->bytes + 8, right);
    memset(gap, 0, (size_t)(page->bytes + page->content - gap));
    memcpy(to, page->bytes, HC_PAGE_SIZE);
    clear_page(page);
    return number;
}

static bool add_to(struct hc_btree *tree, unsigned i, const unsigned char *cell, size_t n, GError **error);

/* The waiting page is written, and the cell that waits with it goes up, as what divides it from the next. */
static bool divide(struct hc_btree *tree, unsigned i, GError **error)
{
    struct level *l = tree->levels[i];
    unsigned char up[sizeof l->cell + 4];
    bool leaf = l->page.leaf;
    uint32_t right = leaf ? 0
                          : (uint32_t)l->cell[0] << 24 | (uint32_t)l->cell[1] << 16 |
                                (uint32_t)l->cell[2] << 8 | l->cell[3];
    uint32_t number = end_page(tree, &l->page, right, error);

    l->full = false;
    put32(up, number);
    memcpy(up + 4, l->cell + (leaf ? 0 : 4), l->n_cell - (leaf ? 0 : 4));
    return number && add_to(tree, i + 1, up, l->n_cell + (leaf ? 4 : 0), error);
}

/* A cell of an index, or of an inner page: the first four bytes of the latter are the page to its left. */
static bool add_to(struct hc_btree *tree, unsigned i, const unsigned char *cell, size_t n, GError **error)
{
    struct level *l = level(tree, i);

    if (l->full && !divide(tree, i, error))
        return false;
    if (has_room(&l->page, n)) {
        add_cell(&l->page, cell, n);
        return true;
    }
    l->full = true;
    memcpy(l->cell, cell, n);
    l->n_cell = n;
    return true;
}

/* What of a record does not fit beside others: a list of pages, from the first on. The number of the first; 0
 * on failure. */
static uint32_t write_overflow(struct hc_pages *pages, struct hc_str rest, GError **error)
{
    uint32_t first = hc_pages_take(pages), number = first, next;

    for (; rest.n; number = next) {
        struct hc_str part = hc_str_head(rest, OVERFLOW_SIZE);
        unsigned char *to = hc_pages_put(pages, number, error);
        rest = hc_str_skip(rest, part.n);
        next = rest.n ? hc_pages_take(pages) : 0;
        if (!to)
            return 0;
        put32(to, next);
        memcpy(to + 4, part.p, part.n);
        memset(to + 4 + part.n, 0, OVERFLOW_SIZE - part.n);
    }
    return first;
}

/* How much of a record stays in its cell. */
static size_t local_size(size_t n, size_t max)
{
    size_t local = LOCAL_MIN + (n - MIN(n, LOCAL_MIN)) % OVERFLOW_SIZE;

    return n <= max ? n : local <= max ? local : LOCAL_MIN;
}

/* The record and where the rest of it is, behind what the cell begins with: its size then, 0 on failure. */
static size_t add_payload(struct hc_btree *tree, unsigned char *cell, size_t n, struct hc_str record,
                          size_t max, GError **error)
{
    size_t local = local_size(record.n, max);

    memcpy(cell + n, record.p, local);
    n += local;
    if (local < record.n) {
        uint32_t first = write_overflow(tree->pages, hc_str_skip(record, local), error);
        if (!first)
            return 0;
        put32(cell + n, first);
        n += 4;
    }
    while (n < CELL_MIN)
        cell[n++] = 0;
    return n;
}

bool hc_btree_entry(struct hc_btree *tree, struct hc_str record, GError **error)
{
    unsigned char cell[INDEX_LOCAL_MAX + VARINT_MAX + 4];
    size_t n = add_payload(tree, cell, put_varint(cell, record.n), record, INDEX_LOCAL_MAX, error);

    return n && add_to(tree, 0, cell, n, error);
}

bool hc_btree_numbers(struct hc_btree *tree, const int64_t *numbers, size_t n, GError **error)
{
    unsigned char cell[2 + HC_BTREE_NUMBERS * (1 + sizeof *numbers) + sizeof *numbers];
    size_t end = 2 + n;

    g_assert(n > 1 && n <= HC_BTREE_NUMBERS); /* no cell is smaller than CELL_MIN */
    for (size_t i = 0; i < n; i++)
        end += hc_record_number(&cell[2 + i], cell + end, numbers[i]);
    cell[0] = (unsigned char)(end - 1);
    cell[1] = (unsigned char)(1 + n);
    return add_to(tree, 0, cell, end, error);
}

/* The leaf is full: its last row divides it from the next. */
static bool end_leaf(struct hc_btree *tree, GError **error)
{
    unsigned char up[4 + VARINT_MAX];
    uint32_t number = end_page(tree, &tree->levels[0]->page, 0, error);

    put32(up, number);
    return number && add_to(tree, 1, up, 4 + put_varint(up + 4, (uint64_t)tree->last), error);
}

/* A row that is not whole in its cell, or smaller than a cell. */
static bool add_odd_row(struct hc_btree *tree, unsigned char *head, size_t n, struct hc_str record,
                        GError **error)
{
    unsigned char cell[HC_PAGE_SIZE + 2 * VARINT_MAX + 4];
    struct page *page = &level(tree, 0)->page;

    memcpy(cell, head, n);
    n = add_payload(tree, cell, n, record, TABLE_LOCAL_MAX, error);
    if (!n || (!has_room(page, n) && !end_leaf(tree, error)))
        return false;
    add_cell(page, cell, n);
    return true;
}

bool hc_btree_row(struct hc_btree *tree, int64_t rowid, struct hc_str record, GError **error)
{
    struct page *page = &level(tree, 0)->page;
    unsigned char head[2 * VARINT_MAX], *cell;
    size_t n = put_varint(head, record.n);

    n += put_varint(head + n, (uint64_t)rowid);
    if (record.n > TABLE_LOCAL_MAX || record.n < CELL_MIN) {
        if (!add_odd_row(tree, head, n, record, error))
            return false;
    } else {
        if (!has_room(page, n + record.n) && !end_leaf(tree, error))
            return false;
        cell = new_cell(page, n + record.n);
        memcpy(cell, head, n);
        memcpy(cell + n, record.p, record.n);
    }
    tree->last = rowid;
    return true;
}

/* No page follows the one that waits: its own last cell divides it from a page that holds only the cell that
 * waited. */
static bool take_back(struct hc_btree *tree, unsigned i, GError **error)
{
    struct level *l = tree->levels[i];
    unsigned char last[sizeof l->cell];
    struct page *page = &l->page;
    size_t n_last = (page->n > 1 ? (size_t)page->bytes[header_size(page) + 2 * (page->n - 2)] << 8 |
                                       page->bytes[header_size(page) + 2 * (page->n - 2) + 1]
                                 : HC_PAGE_SIZE) -
                    page->content;
    unsigned char waited[sizeof l->cell];
    size_t n_waited = l->n_cell;

    memcpy(last, page->bytes + page->content, n_last);
    memcpy(waited, l->cell, n_waited);
    page->content += (unsigned)n_last;
    page->n--;
    memcpy(l->cell, last, n_last);
    l->n_cell = n_last;
    if (!divide(tree, i, error))
        return false;
    add_cell(&l->page, waited, n_waited);
    return true;
}

bool hc_btree_end(struct hc_btree *tree, uint32_t *root, GError **error)
{
    uint32_t number = 0;

    level(tree, 0);
    for (unsigned i = 0; i < tree->n_levels; i++) {
        struct level *l = tree->levels[i];
        if (l->full && !take_back(tree, i, error))
            return false;
        number = end_page(tree, &l->page, number, error);
        if (!number)
            return false;
    }
    *root = number;
    return true;
}

/* The bytes of the columns come behind a gap that is large enough for any header: it is written at the end,
 * before them. */
#define GAP (HC_RECORD_COLUMNS * VARINT_MAX + VARINT_MAX)

void hc_record_clear(struct hc_record *r)
{
    hc_buffer_clear(&r->bytes);
}

#define NUMBERS (HC_RECORD_COLUMNS * sizeof(int64_t))

void hc_record_start(struct hc_record *r)
{
    r->n_types = 0;
    r->bytes.n = 0;
    hc_buffer_room(&r->bytes, GAP + NUMBERS);
    r->bytes.n = GAP;
}

static void add_bytes(struct hc_record *r, struct hc_str bytes, unsigned kind)
{
    if (!bytes.p) {
        hc_record_null(r);
        return;
    }
    g_assert(r->n_types + VARINT_MAX <= sizeof r->types);
    r->n_types += put_varint(r->types + r->n_types, kind + 2 * (uint64_t)bytes.n);
    hc_buffer_room(&r->bytes, bytes.n + NUMBERS);
    memcpy(r->bytes.p + r->bytes.n, bytes.p, bytes.n);
    r->bytes.n += bytes.n;
}

void hc_record_text(struct hc_record *r, struct hc_str text)
{
    add_bytes(r, text, TEXT);
}

void hc_record_blob(struct hc_record *r, struct hc_str bytes)
{
    add_bytes(r, bytes, BLOB);
}

struct hc_str hc_record_end(struct hc_record *r)
{
    unsigned char size[VARINT_MAX];
    size_t header = r->n_types + 1, n, from;

    header += header > 127; /* it counts itself */
    n = put_varint(size, header);
    from = GAP - r->n_types - n;
    memcpy(r->bytes.p + from, size, n);
    memcpy(r->bytes.p + from + n, r->types, r->n_types);
    return hc_str_n(r->bytes.p + from, r->bytes.n - from);
}

static inline size_t get_varint(const unsigned char *p, uint64_t *value)
{
    *value = *p;
    if (*p < 0x80)
        return 1;
    *value = 0;
    for (size_t i = 0; i < VARINT_MAX - 1; i++) {
        *value = *value << 7 | (p[i] & 0x7f);
        if (!(p[i] & 0x80))
            return i + 1;
    }
    *value = *value << 8 | p[VARINT_MAX - 1];
    return VARINT_MAX;
}

static inline size_t value_size(uint64_t type)
{
    static const unsigned char bytes_of[] = {0, 1, 2, 3, 4, 6, 8, 0, 0, 0, 0, 0}; /* by type */

    return type >= BLOB ? (size_t)(type - BLOB) / 2 : bytes_of[type];
}

/* 0 for what is no number. */
static inline int64_t get_number(uint64_t type, const unsigned char *p)
{
    const size_t bytes = type < 8 ? value_size(type) : 0;
    int64_t number;

    if (bytes == 0)
        return type == 9;
    number = (int8_t)p[0];
    for (size_t i = 1; i < bytes; i++)
        number = (int64_t)((uint64_t)number << 8 | p[i]);
    return number;
}

static size_t get_value(uint64_t type, const unsigned char *p, struct hc_value *value)
{
    *value = (struct hc_value){.null = type == 0, .number = get_number(type, p)};
    if (type >= BLOB) {
        value->text = hc_str_n((const char *)p, value_size(type));
        value->blob = type % 2 == 0;
    }
    return value_size(type);
}

size_t hc_record_values(struct hc_str record, struct hc_value values[HC_RECORD_COLUMNS])
{
    const unsigned char *p = (const unsigned char *)record.p, *end, *body;
    uint64_t header, type;
    size_t n = 0;

    p += get_varint(p, &header);
    end = body = (const unsigned char *)record.p + header;
    for (; p < end; n++) {
        p += get_varint(p, &type);
        body += get_value(type, body, &values[n]);
    }
    return n;
}

void hc_record_numbers(struct hc_str record, const uint8_t *columns, size_t n, int64_t *numbers)
{
    const unsigned char *p = (const unsigned char *)record.p, *end, *body;
    uint64_t header, type = 0;
    unsigned column = 0;

    p += get_varint(p, &header);
    end = body = (const unsigned char *)record.p + header;
    for (size_t i = 0; i < n; i++, column++) {
        for (; column < columns[i] && p < end; column++) {
            type = *p++;
            p += type < 0x80 ? 0 : get_varint(p - 1, &type) - 1;
            body += value_size(type);
        }
        numbers[i] = 0;
        if (p == end)
            continue;
        p += get_varint(p, &type);
        numbers[i] = get_number(type, body);
        body += value_size(type);
    }
}
