/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqlitetree.h"

enum { INDEX_INTERIOR = 2, TABLE_INTERIOR = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };

/* A page on the way from the root to where the walk is. */
struct level {
    unsigned char *page;
    uint32_t number, cells, step;
    uint32_t start; /* of the array of cells, from the start of the page */
    uint32_t taken; /* bytes of the cells so far: more than a page has means that they overlap */
    int64_t at;
    bool leaf;
};

struct hc_sqlite_walk {
    struct hc_sqlite_pages *pages;
    uint32_t page_size, usable;
    bool index;
    uint32_t root; /* still to be entered; 0 = done */
    int depth;     /* 0 = nothing is open */
    struct level levels[HC_SQLITE_DEPTH_MAX];
    unsigned char *used; /* a bit for every page, by its place */
    GByteArray *record;  /* the record that is put together */
    uint32_t next;       /* the page on which it goes on */
    unsigned char *overflow;
};

bool hc_sqlite_varint(const unsigned char **p, const unsigned char *end, uint64_t *value)
{
    uint64_t v = 0;

    for (int i = 0; i < 9 && *p < end; i++) {
        unsigned char c = *(*p)++;
        if (i == 8) {
            *value = v << 8 | c;
            return true;
        }
        v = v << 7 | (c & 0x7f);
        if (!(c & 0x80)) {
            *value = v;
            return true;
        }
    }
    return false;
}

struct hc_sqlite_walk *hc_sqlite_walk_new(struct hc_sqlite_pages *pages)
{
    struct hc_sqlite_walk *w = g_new0(struct hc_sqlite_walk, 1);
    const struct hc_sqlite_header *h = hc_sqlite_pages_header(pages);

    w->pages = pages;
    w->page_size = h->page_size;
    w->usable = h->usable;
    w->used = g_malloc0((size_t)(hc_sqlite_pages_size(pages) / h->page_size) / 8 + 1);
    w->record = g_byte_array_new();
    w->overflow = g_malloc(h->page_size);
    return w;
}

void hc_sqlite_walk_free(struct hc_sqlite_walk *w)
{
    if (!w)
        return;
    for (int i = 0; i < HC_SQLITE_DEPTH_MAX; i++)
        g_free(w->levels[i].page);
    g_byte_array_unref(w->record);
    g_free(w->overflow);
    g_free(w->used);
    g_free(w);
}

void hc_sqlite_walk_start(struct hc_sqlite_walk *w, uint32_t root, bool index)
{
    w->root = root;
    w->index = index;
    w->depth = 0;
}

/* Where page `number` is, the first time that it is asked for. */
static bool take_page(struct hc_sqlite_walk *w, uint32_t number, int64_t *at, const char **why, bool *missing)
{
    size_t bit;

    *missing = !hc_sqlite_page_at(w->pages, number, at, why);
    if (*missing)
        return false;
    bit = (size_t)(*at / w->page_size);
    if (w->used[bit / 8] & 1 << bit % 8) {
        *why = "is used twice";
        return false;
    }
    w->used[bit / 8] |= (unsigned char)(1 << bit % 8);
    return true;
}

/* What kind of page it is, and whether its array of cells lies inside. */
static const char *check_page(const struct hc_sqlite_walk *w, struct level *l)
{
    uint32_t head = l->number == 1 ? HC_SQLITE_HEADER : 0;
    unsigned char kind = l->page[head];

    l->leaf = kind == (w->index ? INDEX_LEAF : TABLE_LEAF);
    if (!l->leaf && kind != (w->index ? INDEX_INTERIOR : TABLE_INTERIOR))
        return w->index ? "is no page of an index" : "is no page of a table";
    l->cells = hc_sqlite_u16(l->page + head + 3);
    l->start = head + (l->leaf ? 8 : 12);
    return l->start + 2 * l->cells > w->usable ? "has more cells than there is room for" : NULL;
}

/* One level down. */
static enum hc_sqlite_step enter(struct hc_sqlite_walk *w, uint32_t number, struct hc_sqlite_fault *fault,
                                 GError **error)
{
    const struct level *above = w->depth ? &w->levels[w->depth - 1] : NULL;
    struct level *l;
    int64_t at;

    *fault = (struct hc_sqlite_fault){.page = number, .at = above ? above->at : 0, .length = 0};
    if (w->depth == HC_SQLITE_DEPTH_MAX) {
        fault->why = "lies too deep in its tree";
        return HC_SQLITE_FAULT;
    }
    if (!take_page(w, number, &at, &fault->why, &fault->missing))
        return HC_SQLITE_FAULT;
    l = &w->levels[w->depth];
    if (!l->page)
        l->page = g_malloc(w->page_size);
    if (!hc_sqlite_page_read(w->pages, at, l->page, error))
        return HC_SQLITE_FAILED;
    l->number = number;
    l->at = at;
    l->step = l->taken = 0;
    fault->at = at;
    fault->length = w->page_size;
    fault->why = check_page(w, l);
    w->depth += fault->why == NULL;
    return fault->why ? HC_SQLITE_FAULT : HC_SQLITE_CELL;
}

/* How much of a record of this size stands in its cell. */
static uint32_t local_size(const struct hc_sqlite_walk *w, uint64_t size, bool leaf_of_table)
{
    uint64_t u = w->usable, most = leaf_of_table ? u - 35 : (u - 12) * 64 / 255 - 23,
             least = (u - 12) * 32 / 255 - 23, k;

    if (size <= most)
        return (uint32_t)size;
    k = least + (size - least) % (u - 4);
    return (uint32_t)(k <= most ? k : least);
}

/* The bytes of cell `i` from its start on; NULL when it does not lie behind the array. */
static const unsigned char *cell_start(const struct hc_sqlite_walk *w, const struct level *l, uint32_t i)
{
    uint32_t offset = hc_sqlite_u16(l->page + l->start + 2 * (size_t)i);

    return offset >= l->start + 2 * l->cells && offset + 4 <= w->usable ? l->page + offset : NULL;
}

static bool read_cell(struct hc_sqlite_walk *w, struct level *l, uint32_t i, struct hc_sqlite_cell *cell)
{
    const unsigned char *start = cell_start(w, l, i), *end = l->page + w->usable, *p = start;
    uint64_t size, rowid = 0;

    if (!p)
        return false;
    p += l->leaf ? 0 : 4;
    if (!hc_sqlite_varint(&p, end, &size) || size > INT32_MAX ||
        (!w->index && !hc_sqlite_varint(&p, end, &rowid)))
        return false;
    cell->rowid = (int64_t)rowid;
    cell->size = (int64_t)size;
    cell->n_local = local_size(w, size, !w->index);
    cell->local = p;
    cell->overflow = 0;
    if (cell->n_local + (cell->n_local < size ? 4 : 0) > (size_t)(end - p))
        return false;
    p += cell->n_local;
    if (cell->n_local < size) {
        cell->overflow = hc_sqlite_u32(p);
        p += 4;
    }
    cell->at = l->at + (start - l->page);
    cell->length = p - start;
    l->taken += (uint32_t)cell->length;
    return true;
}

static enum hc_sqlite_step cell_fault(const struct hc_sqlite_walk *w, const struct level *l, const char *why,
                                      struct hc_sqlite_fault *fault)
{
    *fault = (struct hc_sqlite_fault){.page = l->number, .at = l->at, .length = w->page_size, .why = why};
    return HC_SQLITE_FAULT;
}

static enum hc_sqlite_step give_cell(struct hc_sqlite_walk *w, struct level *l, uint32_t i,
                                     struct hc_sqlite_cell *cell, struct hc_sqlite_fault *fault)
{
    if (!read_cell(w, l, i, cell))
        return cell_fault(w, l, "has a cell that does not lie in it", fault);
    if (l->taken > w->usable) {
        l->step = 2 * l->cells + 1;
        return cell_fault(w, l, "has cells that lie over one another: the rest of it is not read", fault);
    }
    g_byte_array_set_size(w->record, 0);
    w->next = cell->overflow;
    return HC_SQLITE_CELL;
}

/* The page below that `child` leads to; the last one has no cell. */
static uint32_t child_page(const struct hc_sqlite_walk *w, const struct level *l, uint32_t child)
{
    const unsigned char *p = child == l->cells ? l->page + l->start - 4 : cell_start(w, l, child);

    return p ? hc_sqlite_u32(p) : 0;
}

/*
 * On a leaf the steps are its cells. On a page above they are child, cell, child, ..., child; the cells of a
 * table's tree hold no rows there.
 */
enum hc_sqlite_step hc_sqlite_walk_next(struct hc_sqlite_walk *w, struct hc_sqlite_cell *cell,
                                        struct hc_sqlite_fault *fault, GError **error)
{
    if (w->root) {
        uint32_t root = w->root;
        enum hc_sqlite_step step;
        w->root = 0;
        step = enter(w, root, fault, error);
        if (step != HC_SQLITE_CELL)
            return step;
    }
    while (w->depth) {
        struct level *l = &w->levels[w->depth - 1];
        uint32_t step = l->step++;
        if (step >= (l->leaf ? l->cells : 2 * l->cells + 1)) {
            w->depth--;
        } else if (l->leaf) {
            return give_cell(w, l, step, cell, fault);
        } else if (step % 2 == 0) {
            enum hc_sqlite_step entered = enter(w, child_page(w, l, step / 2), fault, error);
            if (entered != HC_SQLITE_CELL)
                return entered;
        } else if (w->index) {
            return give_cell(w, l, step / 2, cell, fault);
        }
    }
    return HC_SQLITE_DONE;
}

/* The next page of the record, up to `want` bytes of it. */
static int add_overflow(struct hc_sqlite_walk *w, const struct hc_sqlite_cell *cell, const char **why,
                        GError **error)
{
    int64_t left = cell->size - (int64_t)w->record->len, at;
    bool missing;

    if (!take_page(w, w->next, &at, why, &missing)) {
        *why = missing ? "the row goes on on a page that is not in the file"
                       : "the row goes on on a page that is used twice";
        return 0;
    }
    if (!hc_sqlite_page_read(w->pages, at, w->overflow, error))
        return -1;
    g_byte_array_append(w->record, w->overflow + 4, (guint)MIN(left, (int64_t)w->usable - 4));
    w->next = hc_sqlite_u32(w->overflow);
    return 1;
}

int hc_sqlite_walk_record(struct hc_sqlite_walk *w, const struct hc_sqlite_cell *cell, int64_t want,
                          struct hc_str *record, const char **why, GError **error)
{
    if (want <= (int64_t)cell->n_local) {
        *record = hc_str_n((const char *)cell->local, cell->n_local);
        return 1;
    }
    *why = "the row is longer than is read";
    if (want > HC_SQLITE_ROW_MAX)
        return 0;
    *why = "the row ends before its values do";
    if (want > cell->size)
        return 0;
    if (!w->record->len)
        g_byte_array_append(w->record, cell->local, cell->n_local);
    while ((int64_t)w->record->len < want) {
        int rc = add_overflow(w, cell, why, error);
        if (rc != 1)
            return rc;
    }
    *record = hc_str_n((const char *)w->record->data, w->record->len);
    return 1;
}
