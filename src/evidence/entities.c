/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/entities.h"

#include "src/base/hash.h"

#define SLOTS_MIN ((size_t)1 << 12) /* a power of two */
#define BLOCK_SIZE ((size_t)1 << 20)

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

    make_seed();
    e->db = db;
    e->blocks = g_ptr_array_new_with_free_func(g_free);
    rebuild(e, SLOTS_MIN);
    e->find = hc_db_stmt(db, "store", "find_entity");
    e->add = hc_db_stmt(db, "store", "add_entity");
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

static int64_t add(struct hc_entities *e, const struct hc_entity_name *name, GError **error)
{
    hc_bind_int(e->add, 1, e->last + 1);
    hc_bind_int(e->add, 2, name->kind);
    hc_bind_int(e->add, 3, name->realm);
    hc_bind_borrowed(e->add, 4, name->key);
    hc_bind_borrowed(e->add, 5, name->name);
    return hc_exec(e->add, error) ? ++e->last : -1;
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
    for (; e->newest != mark.newest; e->newest = e->newest->before)
        e->n--;
    e->last = mark.last;
    rebuild(e, e->n_slots);
}

void hc_entities_forget(struct hc_entities *e)
{
    hc_entities_back(e, (struct hc_entities_mark){e->kept, e->kept_last});
}
