/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/entities.h"

#define SLOTS_MIN (1u << 9) /* of one generation; a power of two */
#define HC_CACHE_MAX 200000 /* names remembered by both generations */
#define TEXT_MAX (8u << 20) /* bytes of keys of one generation */
#define PROBES_MAX 32       /* names may be chosen to collide: they are forgotten then, not searched for */

struct slot {
    uint64_t hash;
    int64_t id;                  /* 0: free */
    uint32_t realm, kind, at, n; /* at, n: the key in `text` */
};

/* What was asked for in a stretch of time: at most half of its slots are taken. */
struct generation {
    struct slot *slots;
    GString *text;
    size_t n, size;
};

struct hc_entities {
    hc_stmt *find, *add;
    hc_db *db;
    struct generation young,
        old; /* the young one becomes the old one when it is full: what is in use is never forgotten at once */
    bool expect_new; /* the last one that was not remembered was new */
};

struct key {
    uint64_t hash;
    uint32_t kind, realm;
    struct hc_str text;
};

static struct generation generation_new(void)
{
    return (struct generation){g_new0(struct slot, SLOTS_MIN), g_string_new(NULL), 0, SLOTS_MIN};
}

static void generation_clear(struct generation *g)
{
    g_free(g->slots);
    g_string_free(g->text, TRUE);
}

struct hc_entities *hc_entities_new(hc_db *db)
{
    struct hc_entities *e = g_new0(struct hc_entities, 1);

    e->db = db;
    e->find = hc_db_stmt(db, "store", "find_entity");
    e->add = hc_db_stmt(db, "store", "add_entity");
    e->young = generation_new();
    e->old = generation_new();
    return e;
}

void hc_entities_free(struct hc_entities *e)
{
    if (!e)
        return;
    generation_clear(&e->young);
    generation_clear(&e->old);
    g_free(e);
}

/* Eight bytes at a time, each mixed into all bits. Its values stay in memory: nothing that is stored depends on them. */
static uint64_t hash_of(enum hc_entity_kind kind, int64_t realm, struct hc_str text)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = ((uint64_t)realm << 8 | (uint64_t)kind) * factor ^ text.n, word;

    for (; text.n; text = hc_str_skip(text, sizeof(word))) {
        word = 0;
        memcpy(&word, text.p, MIN(text.n, sizeof(word)));
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool holds(const struct generation *g, const struct slot *s, const struct key *k)
{
    return s->id && s->hash == k->hash && s->kind == k->kind && s->realm == k->realm &&
           hc_str_eq(hc_str_n(g->text->str + s->at, s->n), k->text);
}

/* The slot of the key, or the one that it may take: a free one, else its first. */
static struct slot *look(const struct generation *g, const struct key *k)
{
    for (size_t i = 0; i < PROBES_MAX; i++) {
        struct slot *s = &g->slots[(k->hash + i) & (g->size - 1)];
        if (!s->id || holds(g, s, k))
            return s;
    }
    return &g->slots[k->hash & (g->size - 1)];
}

static int64_t recall(const struct generation *g, const struct key *k)
{
    const struct slot *s = look(g, k);

    return holds(g, s, k) ? s->id : 0;
}

static void grow(struct generation *g)
{
    struct slot *before = g->slots;
    size_t size = g->size;

    g->size *= 2;
    g->slots = g_new0(struct slot, g->size);
    g->n = 0;
    for (size_t i = 0; i < size; i++) {
        const struct slot *b = &before[i];
        const struct key k = {b->hash, b->kind, b->realm, hc_str_n(g->text->str + b->at, b->n)};
        struct slot *s = b->id ? look(g, &k) : NULL;
        if (!s)
            continue;
        g->n += s->id == 0;
        *s = *b;
    }
    g_free(before);
}

static void remember(struct hc_entities *e, const struct key *k, int64_t id)
{
    struct generation *g = &e->young;
    struct slot *s;

    if (g->n >= HC_CACHE_MAX / 2 || g->text->len + k->text.n > TEXT_MAX) {
        generation_clear(&e->old);
        e->old = e->young;
        e->young = generation_new();
    } else if (g->n >= g->size / 2) {
        grow(g);
    }
    s = look(g, k);
    g->n += s->id == 0;
    *s = (struct slot){k->hash, id, k->realm, k->kind, (uint32_t)g->text->len, (uint32_t)k->text.n};
    g_string_append_len(g->text, k->text.p, (gssize)k->text.n);
}

/* The number in the table; 0 when there is none, -1 on failure. */
static int64_t find(struct hc_entities *e, const struct key *k, GError **error)
{
    int64_t id;
    int rc;

    hc_bind_int(e->find, 1, k->kind);
    hc_bind_int(e->find, 2, k->realm);
    hc_bind_borrowed(e->find, 3, k->text);
    rc = hc_step(e->find, error);
    id = rc == 1 ? hc_col_int(e->find, 0) : rc;
    hc_stmt_reset(e->find);
    return id;
}

/* Its number as a new one; 0 when the table has it already, -1 on failure. */
static int64_t add(struct hc_entities *e, const struct key *k, struct hc_str name, GError **error)
{
    hc_bind_int(e->add, 1, k->kind);
    hc_bind_int(e->add, 2, k->realm);
    hc_bind_borrowed(e->add, 3, k->text);
    hc_bind_borrowed(e->add, 4, name);
    if (!hc_exec(e->add, error))
        return -1;
    return hc_db_changes(e->db) ? hc_db_last_id(e->db) : 0;
}

/* Both orders give the same; the one that hits at the first try costs one search of the table less. */
static int64_t find_or_add(struct hc_entities *e, const struct key *k, struct hc_str name, GError **error)
{
    int64_t id = e->expect_new ? add(e, k, name, error) : find(e, k, error);

    if (id)
        return id;
    e->expect_new = !e->expect_new;
    return e->expect_new ? add(e, k, name, error) : find(e, k, error);
}

int64_t hc_entities_id(struct hc_entities *e, enum hc_entity_kind kind, int64_t realm, struct hc_str key,
                       struct hc_str name, GError **error)
{
    const struct key k = {hash_of(kind, realm, key), kind, (uint32_t)realm, key};
    int64_t id = recall(&e->young, &k);

    if (id)
        return id;
    id = recall(&e->old, &k);
    if (!id)
        id = find_or_add(e, &k, name, error);
    if (id > 0)
        remember(e, &k, id);
    return id;
}
