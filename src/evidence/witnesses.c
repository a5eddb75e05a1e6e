/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/witnesses.h"

#include "src/evidence/row.h"

/* In the order of the table's key. */
static int by_place(const void *a, const void *b, void *unused)
{
    const struct hc_event_part *x = a, *y = b;

    (void)unused;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return x->at.offset < y->at.offset ? -1 : x->at.offset > y->at.offset;
}

/* The columns of the key first, then the others as the table has them: so SQLite lays out a table without row numbers. */
static bool add(struct hc_btree *tree, struct hc_record *record, int64_t event, const struct hc_event_part *part, GError **error)
{
    hc_record_start(record);
    hc_record_int(record, event);
    hc_record_int(record, part->source);
    hc_record_int(record, part->at.offset);
    hc_record_int(record, part->at.record);
    hc_record_int(record, part->at.line);
    hc_record_int(record, part->at.length);
    hc_record_int(record, 1);
    return hc_btree_entry(tree, hc_record_end(record), error);
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
            g_qsort_with_data(parts, (int)n, sizeof *parts, by_place, NULL); /* stable: of two of one place the first counts */
            return;
        }
}

static bool add_all(struct hc_btree *tree, struct hc_record *record, int64_t event, GArray *parts, GError **error)
{
    struct hc_event_part *p = (struct hc_event_part *)(void *)parts->data;

    sort_all(p, parts->len);
    for (guint i = 0; i < parts->len; i++)
        if ((i == 0 || by_place(&p[i - 1], &p[i], NULL) != 0) && !add(tree, record, event, &p[i], error))
            return false;
    return true;
}

bool hc_witnesses_build(struct hc_runs *parts, int64_t source, struct hc_bulk *bulk, GError **error)
{
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    g_autoptr(GArray) some = g_array_new(FALSE, FALSE, sizeof(struct hc_event_part));
    struct hc_record record = {0};
    bool any = false, ok = hc_runs_sort(parts, error);
    const void *item;
    uint32_t root;
    int64_t event;
    size_t size;
    int rc = 0;

    while (ok && (rc = hc_runs_next(parts, &event, &item, &size, error)) == 1) {
        any = true;
        read_all(hc_str_n(item, size), source, some);
        ok = add_all(tree, &record, event, some, error);
    }
    ok = ok && rc == 0;
    if (ok && any && (ok = hc_btree_end(tree, &root, error)))
        hc_bulk_table(bulk, "witness", root);
    hc_record_clear(&record);
    hc_btree_free(tree);
    return ok;
}
