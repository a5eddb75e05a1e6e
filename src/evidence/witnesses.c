/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/witnesses.h"

#define VARINT_MAX 10

static unsigned char *put(unsigned char *p, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *p++ = (unsigned char)(value | 0x80);
    *p++ = (unsigned char)value;
    return p;
}

static const unsigned char *get(const unsigned char *p, uint64_t *value)
{
    unsigned shift = 0;

    for (*value = 0; *p & 0x80; shift += 7)
        *value |= (uint64_t)(*p++ & 0x7f) << shift;
    *value |= (uint64_t)*p << shift;
    return p + 1;
}

#define PART 5 /* numbers */

/* Small numbers stay small, whatever their sign. */
static uint64_t folded(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static int64_t unfolded(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (~(value & 1) + 1));
}

void hc_parts_pack(const struct hc_event_part *parts, size_t n, struct hc_buffer *out)
{
    const struct hc_event_part none = {0}, *before = &none;

    for (size_t i = 0; i < n; before = &parts[i++]) {
        const struct hc_locator *at = &parts[i].at;
        unsigned char *start = (unsigned char *)hc_buffer_room(out, (size_t)PART * VARINT_MAX), *p = start;
        p = put(p, folded(parts[i].source - before->source));
        p = put(p, folded(at->record - before->at.record));
        p = put(p, folded(at->line - at->record - (before->at.line - before->at.record)));
        p = put(p, folded(at->offset - before->at.offset));
        p = put(p, folded(at->length));
        out->n += (size_t)(p - start);
    }
}

bool hc_parts_next(struct hc_str *packed, struct hc_event_part *part)
{
    const unsigned char *p = (const unsigned char *)packed->p;
    const int64_t beside = part->at.line - part->at.record;
    uint64_t numbers[PART];

    if (!packed->n)
        return false;
    for (int i = 0; i < PART; i++)
        p = get(p, &numbers[i]);
    part->source += unfolded(numbers[0]);
    part->at.record += unfolded(numbers[1]);
    part->at.line = part->at.record + beside + unfolded(numbers[2]);
    part->at.offset += unfolded(numbers[3]);
    part->at.length = unfolded(numbers[4]);
    *packed = hc_str_skip(*packed, (size_t)((const char *)p - packed->p));
    return true;
}

/* In the order of the table's key. */
static int by_place(const void *a, const void *b, void *unused)
{
    const struct hc_event_part *x = a, *y = b;

    (void)unused;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return x->at.offset < y->at.offset ? -1 : x->at.offset > y->at.offset;
}

/* The columns of the key first, then the others as the table has them: so SQLite lays out a table without row
 * numbers. */
static bool add(struct hc_btree *tree, int64_t event, const struct hc_event_part *part, GError **error)
{
    const int64_t columns[] = {
        event, part->source, part->at.offset, part->at.record, part->at.line, part->at.length, 1};

    return hc_btree_numbers(tree, columns, G_N_ELEMENTS(columns), error);
}

static void read_all(struct hc_str packed, int64_t source, GArray *parts)
{
    struct hc_event_part part = {0};

    g_array_set_size(parts, 0);
    while (hc_parts_next(&packed, &part)) {
        g_array_append_val(parts, part);
        if (!part.source)
            g_array_index(parts, struct hc_event_part, parts->len - 1).source = source;
    }
}

/* They mostly come in order. */
static void sort_all(struct hc_event_part *parts, guint n)
{
    for (guint i = 1; i < n; i++)
        if (by_place(&parts[i - 1], &parts[i], NULL) > 0) {
            g_qsort_with_data(parts, (int)n, sizeof *parts, by_place,
                              NULL); /* stable: of two of one place the first counts */
            return;
        }
}

static bool add_all(struct hc_btree *tree, int64_t event, GArray *parts, GError **error)
{
    struct hc_event_part *p = (struct hc_event_part *)(void *)parts->data;

    sort_all(p, parts->len);
    for (guint i = 0; i < parts->len; i++)
        if ((i == 0 || by_place(&p[i - 1], &p[i], NULL) != 0) && !add(tree, event, &p[i], error))
            return false;
    return true;
}

bool hc_witnesses_build(struct hc_runs *parts, int64_t source, struct hc_bulk *bulk, GError **error)
{
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    g_autoptr(GArray) some = g_array_new(FALSE, FALSE, sizeof(struct hc_event_part));
    bool any = false, ok = hc_runs_sort(parts, error);
    const void *item;
    uint32_t root;
    int64_t event;
    size_t size;
    int rc = 0;

    while (ok && (rc = hc_runs_next(parts, &event, &item, &size, error)) == 1) {
        any = true;
        read_all(hc_str_n(item, size), source, some);
        ok = add_all(tree, event, some, error);
    }
    ok = ok && rc == 0;
    if (ok && any && (ok = hc_btree_end(tree, &root, error)))
        hc_bulk_table(bulk, "witness_row", root);
    hc_btree_free(tree);
    return ok;
}
