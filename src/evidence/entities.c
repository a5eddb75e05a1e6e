/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/entities.h"

#include "src/base/hash.h"
#include "src/base/keyed.h"
#include "src/evidence/names.h"
#include "src/evidence/tape.h"

struct hc_entities {
    hc_db *db;
    hc_stmt *find, *add;
    struct hc_names *names;
    struct hc_tape *tape; /* rows of new names that are not in memory as a whole */
    struct hc_record record;
    bool digests;     /* there are names of which only a digest is in memory */
    bool complete;    /* all names of the table are in memory */
    int64_t last;     /* the highest number */
    int64_t stored;   /* rows of higher numbers wait */
    uint32_t waiting; /* place of the first of them in memory */
    struct hc_entities_mark kept;
    const struct hc_name **sorted; /* by hc_entities_sort; NULL: not yet */
    size_t n_sorted;
};

uint64_t hc_entities_hash(enum hc_entity_kind kind, int64_t realm, struct hc_str key)
{
    return hc_keyed((uint64_t)realm << 8 | (uint64_t)kind, key);
}

void hc_entities_soon(const struct hc_entities *e, uint64_t hash)
{
    hc_names_soon(e->names, hash);
}

void hc_entities_next(const struct hc_entities *e, uint64_t hash)
{
    hc_names_next(e->names, hash);
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

/* A name without its number, as it is in memory; `key` is what stands for its key there. */
static struct hc_name describe(const struct hc_entity_name *name, char hex[HC_SHA256_HEX], struct hc_str *key)
{
    struct hc_name is = {.realm = (uint32_t)name->realm, .kind = (uint8_t)name->kind};

    *key = compared(name->key, hex, &is.digest);
    is.n = (uint32_t)key->n;
    return is;
}

static void remember(struct hc_entities *e, uint64_t hash, const struct hc_name *like, struct hc_str key,
                     struct hc_str written)
{
    e->digests |= like->digest;
    hc_names_add(e->names, hash, like, key.p, written.p);
}

static bool load(struct hc_entities *e, GError **error)
{
    hc_stmt *st = hc_db_stmt(e->db, "store", "all_entities");
    char hex[HC_SHA256_HEX];
    struct hc_str key;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const struct hc_entity_name name = {(enum hc_entity_kind)hc_col_int(st, 1), hc_col_int(st, 2),
                                            hc_col_text(st, 3), HC_STR_NONE, 0};
        struct hc_name like = describe(&name, hex, &key);
        like.id = hc_col_int(st, 0);
        remember(e, hc_entities_hash(name.kind, name.realm, name.key), &like, key, HC_STR_NONE);
    }
    return rc == 0;
}

/* How many there are, and whether they can be asked for on disk. */
static bool survey(struct hc_entities *e, int64_t loaded, GError **error)
{
    hc_stmt *st = hc_db_stmt(e->db, "store", "entities");
    bool ok = hc_step(st, error) == 1;

    if (ok) {
        e->last = e->stored = hc_col_int(st, 0);
        e->complete = e->last <= loaded || !hc_col_int(st, 1);
    }
    hc_stmt_reset(st);
    return ok;
}

struct hc_entities *hc_entities_new(hc_db *db, int64_t loaded, GError **error)
{
    struct hc_entities *e = g_new0(struct hc_entities, 1);
    g_autofree char *folder = hc_db_folder(db);

    e->db = db;
    e->names = hc_names_new();
    e->find = hc_db_stmt(db, "store", "find_entity");
    e->add = hc_db_stmt(db, "store", "add_entity");
    e->tape = hc_tape_new(folder);
    if (survey(e, loaded, error) && (!e->complete || load(e, error))) {
        e->waiting = hc_names_end(e->names);
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
    hc_names_free(e->names);
    hc_tape_free(e->tape);
    hc_record_clear(&e->record);
    g_free(e->sorted);
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

/* A row, with the columns of the table. */
static struct hc_str row_of(struct hc_record *r, int64_t kind, int64_t realm, struct hc_str key,
                            struct hc_str written)
{
    hc_record_start(r);
    hc_record_null(r); /* the row's number stands beside the record */
    hc_record_int(r, kind);
    hc_record_int(r, realm);
    hc_record_text(r, key);
    if (written.p) /* SQLite takes a column at the end that is not there for null */
        hc_record_text(r, written);
    return hc_record_end(r);
}

/* A new one gets its number; false on failure. Its row is made of what is in memory, but for what is too long
 * to be there. */
static bool add(struct hc_entities *e, const struct hc_entity_name *name, struct hc_name *like,
                struct hc_str *written, GError **error)
{
    *written = hc_str_eq(name->name, name->key) ? HC_STR_NONE : name->name;
    like->id = ++e->last;
    like->apart = like->digest || written->n > HC_ENTITY_KEY_MAX || (written->p && !written->n);
    if (!like->apart) {
        like->n_written = (uint32_t)written->n;
        return true;
    }
    return hc_tape_add(e->tape, like->id, row_of(&e->record, name->kind, name->realm, name->key, *written),
                       error);
}

int64_t hc_entities_id(struct hc_entities *e, const struct hc_entity_name *name, GError **error)
{
    char hex[HC_SHA256_HEX];
    struct hc_str key, written = HC_STR_NONE;
    struct hc_name like = describe(name, hex, &key);
    const struct hc_name *known = hc_names_find(e->names, name->hash, &like, key.p);

    if (known)
        return known->id;
    like.id = e->complete ? 0 : find(e, name, error);
    like.apart = like.id != 0; /* it has its row */
    if (like.id < 0 || (like.id == 0 && !add(e, name, &like, &written, error)))
        return -1;
    remember(e, name->hash, &like, key, written);
    return like.id;
}

void hc_entities_keep(struct hc_entities *e)
{
    e->kept = hc_entities_mark(e);
}

struct hc_entities_mark hc_entities_mark(const struct hc_entities *e)
{
    return (struct hc_entities_mark){hc_names_end(e->names), e->last};
}

void hc_entities_back(struct hc_entities *e, struct hc_entities_mark mark)
{
    hc_tape_clear(e->tape);
    hc_names_cut(e->names, mark.end);
    e->last = mark.last;
    e->stored = MIN(e->stored, mark.last);
    e->waiting = MIN(e->waiting, mark.end);
}

void hc_entities_forget(struct hc_entities *e)
{
    hc_entities_back(e, e->kept);
}

/* Rows that wait, in the order of their numbers. */
struct rows {
    struct hc_entities *e;
    hc_tape_fn each;
    void *data;
    uint32_t place;
};

/* Those of names in memory, up to this number. */
static bool play_until(struct rows *r, int64_t end, GError **error)
{
    struct hc_entities *e = r->e;
    const struct hc_name *name;

    for (uint32_t next = r->place; (name = hc_names_walk(e->names, &next)) && name->id < end;
         r->place = next) {
        struct hc_str key = hc_str_n(name->key, name->n),
                      written = hc_str_n(name->n_written ? name->key + name->n : NULL, name->n_written);
        if (name->id <= e->stored || name->apart)
            continue;
        if (!r->each(r->data, name->id, row_of(&e->record, name->kind, name->realm, key, written), error))
            return false;
    }
    return true;
}

/* One that was kept on the tape, behind those before it. */
static bool play_apart(void *data, int64_t id, struct hc_str record, GError **error)
{
    struct rows *r = data;

    return play_until(r, id, error) && r->each(r->data, id, record, error);
}

static bool play(struct hc_entities *e, hc_tape_fn each, void *data, GError **error)
{
    struct rows r = {e, each, data, e->waiting};

    if (!hc_tape_play(e->tape, play_apart, &r, error) || !play_until(&r, INT64_MAX, error))
        return false;
    e->stored = e->last;
    e->waiting = hc_names_end(e->names);
    return true;
}

bool hc_entities_store(struct hc_entities *e, GError **error)
{
    return play(e, hc_tape_insert_row, e->add, error);
}

bool hc_entities_are_new(const struct hc_entities *e)
{
    return e->stored == 0;
}

static bool add_row(void *tree, int64_t id, struct hc_str record, GError **error)
{
    return hc_btree_row(tree, id, record, error);
}

bool hc_entities_build(struct hc_entities *e, struct hc_bulk *bulk, GError **error)
{
    struct hc_btree *tree = hc_btree_table(hc_bulk_pages(bulk));
    uint32_t root;
    bool ok = play(e, add_row, tree, error) && hc_btree_end(tree, &root, error);

    if (ok)
        hc_bulk_table(bulk, "entity", root);
    hc_btree_free(tree);
    return ok;
}

bool hc_entities_are_whole(const struct hc_entities *e)
{
    return e->complete && !e->digests;
}

void hc_entities_sort(struct hc_entities *e)
{
    g_free(e->sorted);
    e->sorted = hc_names_sorted(e->names, &e->n_sorted);
}

static bool add_entry(struct hc_entities *e, struct hc_btree *tree, const struct hc_name *name,
                      GError **error)
{
    hc_record_start(&e->record);
    hc_record_int(&e->record, name->kind);
    hc_record_int(&e->record, name->realm);
    hc_record_text(&e->record, hc_str_n(name->key, name->n));
    hc_record_int(&e->record, name->id);
    return hc_btree_entry(tree, hc_record_end(&e->record), error);
}

bool hc_entities_index(struct hc_entities *e, struct hc_bulk *bulk, GError **error)
{
    struct hc_btree *tree = hc_btree_index(hc_bulk_pages(bulk));
    uint32_t root;
    bool ok = true;

    for (size_t i = 0; ok && i < e->n_sorted; i++)
        ok = add_entry(e, tree, e->sorted[i], error);
    g_clear_pointer(&e->sorted, g_free);
    ok = ok && hc_btree_end(tree, &root, error);
    if (ok)
        hc_bulk_index(bulk, "entity", "index", "entity_key", root);
    hc_btree_free(tree);
    return ok;
}
