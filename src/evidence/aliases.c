/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/aliases.h"

#include "src/evidence/runs.h"

#define BITS 31 /* of a number: no dictionary is so large that fits into memory */
#define MEMORY ((size_t)4 << 20)

struct hc_aliases {
    int64_t source;
    struct hc_runs *runs; /* both numbers in one key */
    bool used;
};

struct hc_aliases *hc_aliases_new(const char *folder, int64_t source)
{
    struct hc_aliases *a = g_new0(struct hc_aliases, 1);

    a->source = source;
    a->runs = hc_runs_new(folder, MEMORY);
    return a;
}

void hc_aliases_free(struct hc_aliases *a)
{
    if (!a)
        return;
    hc_runs_free(a->runs);
    g_free(a);
}

bool hc_aliases_add(struct hc_aliases *a, int64_t entity, int64_t name, GError **error)
{
    if (entity >> BITS || name >> BITS)
        return hc_fail(error, HC_ERROR_DB, "case database: it holds too many names");
    return hc_runs_add(a->runs, entity << BITS | name, 0, error) != NULL;
}

static int64_t entity_of(int64_t key)
{
    return key >> BITS;
}

static int64_t name_of(int64_t key)
{
    return key & ((INT64_C(1) << BITS) - 1);
}

/* The next that is not the one before, `*key`, which is -1 at first; 1, 0 = there are no more, -1 =
 * failed. */
static int next(struct hc_aliases *a, int64_t *key, GError **error)
{
    const void *item;
    int64_t before = *key;
    size_t size;
    int rc;

    if (!a->used && !hc_runs_sort(a->runs, error))
        return -1;
    a->used = true;
    while ((rc = hc_runs_next(a->runs, key, &item, &size, error)) == 1 && *key == before)
        ;
    return rc;
}

bool hc_aliases_insert(struct hc_aliases *a, hc_db *db, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "store", "add_alias");
    int64_t key = -1;
    int rc;

    while ((rc = next(a, &key, error)) == 1) {
        st = hc_stmt_again(st);
        hc_bind_int(st, 1, entity_of(key));
        hc_bind_int(st, 2, name_of(key));
        hc_bind_int(st, 3, a->source);
        if (!hc_exec(st, error))
            return false;
    }
    return rc == 0;
}

bool hc_aliases_build(struct hc_aliases *a, struct hc_bulk *bulk, GError **error)
{
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk)); /* a table without row numbers is one */
    int64_t key = -1;
    uint32_t root;
    bool ok = true;
    int rc = 0;

    while (ok && (rc = next(a, &key, error)) == 1) {
        const int64_t columns[] = {entity_of(key), a->source, name_of(key)};
        ok = hc_btree_numbers(tree, columns, G_N_ELEMENTS(columns), error);
    }
    ok = ok && rc == 0 && hc_btree_end(tree, &root, error);
    if (ok)
        hc_bulk_table(bulk, "alias", root);
    hc_btree_free(tree);
    return ok;
}
