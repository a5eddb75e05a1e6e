/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/entities.h"

#include "src/base/hash.h"
#include "src/evidence/runs.h"
#include "src/evidence/tape.h"

#define SLOTS_MIN ((size_t)1 << 12) /* a power of two */
#define BLOCK_SIZE ((size_t)1 << 20)
#define KEYS_MEMORY ((size_t)8 << 20) /* while the keys of one kind are sorted, until they go to a file */

/* One name, in the order of their numbers within a block. The key follows. */
struct known {
    struct known *before; /* the one that was remembered before it */
    uint64_t hash;
    int64_t id;
    uint32_t realm, n;
    uint8_t kind;
    bool digest; /* the key is the SHA-256 of a longer one */
    char key[];
};

struct hc_entities {
    hc_db *db;
    hc_stmt *find, *add;
    struct hc_tape *tape; /* rows of names that are new */
    struct hc_record record;
    bool digests; /* some names are not here as a whole */
    bool complete; /* all names of the table are in memory */
    int64_t last;  /* the highest number */
    struct known **slots;
    size_t n_slots, n;
    GPtrArray *blocks; /* of BLOCK_SIZE, or larger for one long key */
    size_t used, size; /* of the last block */
    struct known *newest, *kept;
    int64_t kept_last;
};

/* Another one each time that the program runs, so that nobody can choose names that all meet in one slot. */
static uint64_t seed;

static void make_seed(void)
{
    static gsize made;

    if (g_once_init_enter(&made)) {
        seed = (uint64_t)g_random_int() << 32 | g_random_int();
        g_once_init_leave(&made, 1);
    }
}

/* Eight bytes at a time, each mixed into all bits. Its values stay in memory: nothing that is stored depends on them. */
uint64_t hc_entities_hash(enum hc_entity_kind kind, int64_t realm, struct hc_str key)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = (seed ^ ((uint64_t)realm << 8 | (uint64_t)kind)) * factor ^ key.n, word;

    for (; key.n >= sizeof word; key = hc_str_skip(key, sizeof word)) {
        memcpy(&word, key.p, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, key.n ? key.p : "", key.n);
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 29;
}

static void *allocate(struct hc_entities *e, size_t n)
{
    void *at;

    n = (n + 7) & ~(size_t)7;
    if (e->size - e->used < n) {
        e->size = MAX(n, BLOCK_SIZE);
        e->used = 0;
        g_ptr_array_add(e->blocks, g_malloc(e->size));
    }
    at = (char *)e->blocks->pdata[e->blocks->len - 1] + e->used;
    e->used += n;
    return at;
}

static inline bool is(const struct known *k, const struct hc_entity_name *name, struct hc_str key, bool digest)
{
    return k->hash == name->hash && k->kind == name->kind && k->realm == (uint32_t)name->realm && k->digest == digest &&
           k->n == key.n && memcmp(k->key, key.p, key.n) == 0;
}

/* The slot of the name, or the free one that it would take. */
static struct known **look(const struct hc_entities *e, const struct hc_entity_name *name, struct hc_str key, bool digest)
{
    size_t i = name->hash & (e->n_slots - 1);

    while (e->slots[i] && !is(e->slots[i], name, key, digest))
        i = (i + 1) & (e->n_slots - 1);
    return &e->slots[i];
}

void hc_entities_soon(const struct hc_entities *e, uint64_t hash)
{
    __builtin_prefetch(&e->slots[hash & (e->n_slots - 1)]);
}

void hc_entities_next(const struct hc_entities *e, uint64_t hash)
{
    const struct known *k = e->slots[hash & (e->n_slots - 1)];

    if (k) { /* it may begin in one line of the cache and end in the next */
        __builtin_prefetch(k);
        __builtin_prefetch((const char *)k + 63);
    }
}

static void place(struct hc_entities *e, struct known *k)
{
    size_t i = k->hash & (e->n_slots - 1);

    while (e->slots[i])
        i = (i + 1) & (e->n_slots - 1);
    e->slots[i] = k;
}

static void rebuild(struct hc_entities *e, size_t n_slots)
{
    g_free(e->slots);
    e->slots = g_new0(struct known *, n_slots);
    e->n_slots = n_slots;
    for (struct known *k = e->newest; k; k = k->before)
        place(e, k);
}

static void remember(struct hc_entities *e, const struct hc_entity_name *name, struct hc_str key, bool digest, int64_t id)
{
    struct known *k = allocate(e, sizeof(*k) + key.n);

    e->digests |= digest;
    *k = (struct known){e->newest, name->hash, id, (uint32_t)name->realm, (uint32_t)key.n, (uint8_t)name->kind, digest};
    memcpy(k->key, key.p, key.n);
    e->newest = k;
    if (++e->n > e->n_slots / 2)
        rebuild(e, e->n_slots * 2);
    else
        place(e, k);
}

/* What is compared in memory: the key, or the digest of one that is too long to be kept. */
static struct hc_str compared(struct hc_str key, char hex[HC_SHA256_HEX], bool *digest)
{
    struct hc_sha256 *hash;

    *digest = key.n > HC_ENTITY_KEY_MAX;
    if (!*digest)
        return key;
    hash = hc_sha256_new();
    hc_sha256_add(hash, key.p, key.n);
    hc_sha256_end(hash, hex);
    return hc_str_n(hex, HC_SHA256_HEX - 1);
}

static bool load(struct hc_entities *e, GError **error)
{
    hc_stmt *st = hc_db_stmt(e->db, "store", "all_entities");
    char hex[HC_SHA256_HEX];
    bool digest;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct hc_entity_name name = {(enum hc_entity_kind)hc_col_int(st, 1), hc_col_int(st, 2), hc_col_text(st, 3), HC_STR_NONE, 0};
        struct hc_str key = compared(name.key, hex, &digest);
        name.hash = hc_entities_hash(name.kind, name.realm, name.key);
        remember(e, &name, key, digest, hc_col_int(st, 0));
    }
    return rc == 0;
}

/* How many there are, and whether they can be asked for on disk. */
static bool survey(struct hc_entities *e, int64_t loaded, GError **error)
{
    hc_stmt *st = hc_db_stmt(e->db, "store", "entities");
    bool ok = hc_step(st, error) == 1;

    if (ok) {
        e->last = hc_col_int(st, 0);
        e->complete = e->last <= loaded || !hc_col_int(st, 1);
    }
    hc_stmt_reset(st);
    return ok;
}

struct hc_entities *hc_entities_new(hc_db *db, int64_t loaded, GError **error)
{
    struct hc_entities *e = g_new0(struct hc_entities, 1);
    g_autofree char *folder = hc_db_folder(db);

    make_seed();
    e->db = db;
    e->blocks = g_ptr_array_new_with_free_func(g_free);
    rebuild(e, SLOTS_MIN);
    e->find = hc_db_stmt(db, "store", "find_entity");
    e->add = hc_db_stmt(db, "store", "add_entity");
    e->tape = hc_tape_new(folder);
    if (survey(e, loaded, error) && (!e->complete || load(e, error))) {
        hc_entities_keep(e);
        return e;
    }
    hc_entities_free(e);
    return NULL;
}

void hc_entities_free(struct hc_entities *e)
{
    if (!e)
        return;
    g_ptr_array_unref(e->blocks);
    hc_tape_free(e->tape);
    hc_record_clear(&e->record);
    g_free(e->slots);
    g_free(e);
}

/* The number in the table; 0 when there is none, -1 on failure. */
static int64_t find(struct hc_entities *e, const struct hc_entity_name *name, GError **error)
{
    int64_t id;
    int rc;

    hc_bind_int(e->find, 1, name->kind);
    hc_bind_int(e->find, 2, name->realm);
    hc_bind_borrowed(e->find, 3, name->key);
    rc = hc_step(e->find, error);
    id = rc == 1 ? hc_col_int(e->find, 0) : rc;
    hc_stmt_reset(e->find);
    return id;
}

/* Its row, with the columns of the table. */
static int64_t add(struct hc_entities *e, const struct hc_entity_name *name, GError **error)
{
    struct hc_record *r = &e->record;

    hc_record_start(r);
    hc_record_null(r); /* the row's number stands beside the record */
    hc_record_int(r, name->kind);
    hc_record_int(r, name->realm);
    hc_record_text(r, name->key);
    hc_record_text(r, hc_str_eq(name->name, name->key) ? HC_STR_NONE : name->name);
    return hc_tape_add(e->tape, e->last + 1, hc_record_end(r), error) ? ++e->last : -1;
}

int64_t hc_entities_id(struct hc_entities *e, const struct hc_entity_name *name, GError **error)
{
    char hex[HC_SHA256_HEX];
    bool digest;
    struct hc_str key = compared(name->key, hex, &digest);
    const struct known *k = *look(e, name, key, digest);
    int64_t id = k ? k->id : e->complete ? 0 : find(e, name, error);

    if (id == 0)
        id = add(e, name, error);
    if (!k && id > 0)
        remember(e, name, key, digest, id);
    return id;
}

void hc_entities_keep(struct hc_entities *e)
{
    e->kept = e->newest;
    e->kept_last = e->last;
}

struct hc_entities_mark hc_entities_mark(const struct hc_entities *e)
{
    return (struct hc_entities_mark){e->newest, e->last};
}

/* The memory of what is forgotten is left in its block until the end: files that cannot be read are few. */
void hc_entities_back(struct hc_entities *e, struct hc_entities_mark mark)
{
    if (e->newest == mark.newest)
        return;
    hc_tape_clear(e->tape);
    for (; e->newest != mark.newest; e->newest = e->newest->before)
        e->n--;
    e->last = mark.last;
    rebuild(e, e->n_slots);
}

void hc_entities_forget(struct hc_entities *e)
{
    hc_entities_back(e, (struct hc_entities_mark){e->kept, e->kept_last});
}

bool hc_entities_store(struct hc_entities *e, GError **error)
{
    return hc_tape_insert(e->tape, e->add, error);
}

bool hc_entities_are_new(const struct hc_entities *e)
{
    return hc_tape_rows(e->tape) == e->last;
}

bool hc_entities_build(struct hc_entities *e, struct hc_bulk *bulk, GError **error)
{
    return hc_tape_build(e->tape, bulk, "entity", error);
}

/* A kind of names of one realm: their keys follow each other in the index. */
struct group {
    uint32_t realm;
    uint8_t kind;
};

static gint by_kind_and_realm(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : (x->realm > y->realm) - (x->realm < y->realm);
}

static bool in_group(const struct known *k, const struct group *group)
{
    return k->kind == group->kind && k->realm == group->realm;
}

static GArray *groups_of(const struct hc_entities *e)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(struct group));

    for (const struct known *k = e->newest; k; k = k->before) {
        guint i = 0;
        while (i < groups->len && !in_group(k, &g_array_index(groups, struct group, i)))
            i++;
        if (i == groups->len) {
            struct group group = {k->realm, k->kind};
            g_array_append_val(groups, group);
        }
    }
    g_array_sort(groups, by_kind_and_realm);
    return groups;
}

/* The beginning of the key, as a number in its order. */
static int64_t beginning(const struct known *k)
{
    unsigned char bytes[8] = {0};
    uint64_t big;

    memcpy(bytes, k->key, MIN(sizeof bytes, k->n));
    memcpy(&big, bytes, sizeof big);
    return (int64_t)(GUINT64_FROM_BE(big) ^ UINT64_C(1) << 63);
}

static gint by_key(const void *a, const void *b)
{
    const struct known *x = *(const struct known *const *)a, *y = *(const struct known *const *)b;
    int order = memcmp(x->key, y->key, MIN(x->n, y->n));

    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* Entries of keys that begin in the same way. */
static bool add_entries(struct hc_entities *e, struct hc_btree *tree, GPtrArray *same, GError **error)
{
    g_ptr_array_sort(same, by_key);
    for (guint i = 0; i < same->len; i++) {
        const struct known *k = same->pdata[i];
        hc_record_start(&e->record);
        hc_record_int(&e->record, k->kind);
        hc_record_int(&e->record, k->realm);
        hc_record_text(&e->record, hc_str_n(k->key, k->n));
        hc_record_int(&e->record, k->id);
        if (!hc_btree_entry(tree, hc_record_end(&e->record), error))
            return false;
    }
    g_ptr_array_set_size(same, 0);
    return true;
}

static bool sort_group(const struct hc_entities *e, const struct group *group, struct hc_runs *runs, GError **error)
{
    for (const struct known *k = e->newest; k; k = k->before) {
        void *room = in_group(k, group) ? hc_runs_add(runs, beginning(k), sizeof k, error) : NULL;
        if (room)
            memcpy(room, &k, sizeof k);
        else if (in_group(k, group))
            return false;
    }
    return hc_runs_sort(runs, error);
}

static bool add_group(struct hc_entities *e, struct hc_btree *tree, struct hc_runs *runs, GError **error)
{
    g_autoptr(GPtrArray) same = g_ptr_array_new();
    int64_t key, last = 0;
    const void *item;
    size_t size;
    int rc;

    while ((rc = hc_runs_next(runs, &key, &item, &size, error)) == 1) {
        void *k;
        memcpy(&k, item, sizeof k);
        if (same->len && key != last && !add_entries(e, tree, same, error))
            return false;
        g_ptr_array_add(same, k);
        last = key;
    }
    return rc == 0 && add_entries(e, tree, same, error);
}

bool hc_entities_are_whole(const struct hc_entities *e)
{
    return e->complete && !e->digests;
}

bool hc_entities_index(struct hc_entities *e, struct hc_bulk *bulk, GError **error)
{
    g_autoptr(GArray) groups = groups_of(e);
    g_autofree char *folder = hc_db_folder(e->db);
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    uint32_t root;
    bool ok = true;

    for (guint i = 0; ok && i < groups->len; i++) {
        struct hc_runs *runs = hc_runs_new(folder, KEYS_MEMORY);
        ok = sort_group(e, &g_array_index(groups, struct group, i), runs, error) && add_group(e, tree, runs, error);
        hc_runs_free(runs);
    }
    ok = ok && hc_btree_end(tree, &root, error);
    if (ok)
        hc_bulk_index(bulk, "entity", "index", "entity_key", root);
    hc_btree_free(tree);
    return ok;
}
