/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of names, against a table of GLib; and what is in the database at the end. */
#include "src/evidence/entities.h"
#include "tests/unit/lite.h"

#include <check.h>

Suite *suite_entities(void);

/* One of many names: three kinds, two realms; some too long to be kept, equal but for their last byte. */
struct made {
    enum hc_entity_kind kind;
    int64_t realm;
    char *key, *name;
};

static struct made make(uint64_t r)
{
    uint64_t no = r % 5003;
    struct made m = {(enum hc_entity_kind)(1 + no % 3), 1 + (int64_t)(no / 3 % 2), NULL, NULL};
    g_autofree char *fill = g_strnfill(no % 100 == 0 ? HC_ENTITY_KEY_MAX - 2 + no / 100 % 5 : no % 23, 'x');

    m.key = g_strdup_printf("%s%" G_GUINT64_FORMAT, fill, no / 6);
    m.name = g_ascii_strup(m.key, -1);
    return m;
}

static void unmake(struct made *m)
{
    g_free(m->key);
    g_free(m->name);
}

static int64_t id_of(struct hc_entities *e, const struct made *m)
{
    struct hc_str key = hc_str(m->key);
    const struct hc_entity_name name = {m->kind, m->realm, key, hc_str(m->name),
                                        hc_entities_hash(m->kind, m->realm, key)};

    return hc_entities_id(e, &name, NULL);
}

/* What the numbers have to be: from 1, in the order of the first time; `line` is how the row looks. */
struct model {
    GHashTable *ids;  /* "kind realm key" -> number */
    GPtrArray *names; /* those keys, by number from 1 */
    guint kept;
};

static void model_init(struct model *m)
{
    m->ids = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, NULL);
    m->names = g_ptr_array_new_with_free_func(g_free);
    m->kept = 0;
}

static void model_clear(struct model *m)
{
    g_hash_table_unref(m->ids);
    g_ptr_array_unref(m->names);
}

static int64_t model_id(struct model *m, const struct made *name)
{
    char *key = g_strdup_printf("%d|%d|%s", (int)name->kind, (int)name->realm, name->key);
    gpointer id = g_hash_table_lookup(m->ids, key);

    if (id) {
        g_free(key);
        return GPOINTER_TO_INT(id);
    }
    g_ptr_array_add(m->names, key);
    g_hash_table_insert(m->ids, key, GINT_TO_POINTER((int)m->names->len));
    return m->names->len;
}

static void model_forget(struct model *m)
{
    while (m->names->len > m->kept) {
        g_hash_table_remove(m->ids, m->names->pdata[m->names->len - 1]);
        g_ptr_array_set_size(m->names, (gint)m->names->len - 1);
    }
}

/* The table holds these, under these numbers, and no others. */
static void is_stored(const char *path, const struct model *m)
{
    sqlite3 *db = lite_open(path);
    g_autofree char *rows =
        lite_ask(db, "SELECT id, kind, realm, key, name = upper(key) FROM entity ORDER BY id");
    g_autoptr(GString) want = g_string_new(NULL);

    for (guint i = 0; i < m->names->len; i++)
        g_string_append_printf(want, "%u|%s|1\n", i + 1, (char *)m->names->pdata[i]);
    ck_assert(strcmp(rows, want->str) == 0);
    sqlite3_close(db);
}

/* Transactions that are committed or rolled back, by turns and in the order of chance. */
static void some_files(hc_db *db, struct hc_entities *e, struct model *m, uint64_t *random)
{
    for (int file = 0; file < 12; file++) {
        bool keep = lite_random(random) % 3 > 0;
        ck_assert(hc_db_begin(db, NULL));
        for (int i = 0; i < 700; i++) {
            struct made name = make(lite_random(random));
            LITE_NEED(id_of(e, &name) == model_id(m, &name));
            unmake(&name);
        }
        if (keep) {
            ck_assert(hc_entities_store(e, NULL));
            ck_assert(hc_db_commit(db, NULL));
            hc_entities_keep(e);
            m->kept = m->names->len;
        } else {
            hc_db_rollback(db);
            hc_entities_forget(e);
            model_forget(m);
        }
    }
}

/* `_i` & 1: the second import asks the index; & 2: there is none yet, so that it cannot. */
START_TEST(numbers)
{
    char *folder = lite_folder();
    g_autofree char *path = g_build_filename(folder, "x.db", NULL);
    hc_db *db = hc_db_open(path, HC_DB_WRITE, NULL);
    struct hc_entities *e = hc_entities_new(db, HC_ENTITIES_LOADED, NULL);
    uint64_t random = (uint64_t)_i;
    struct model m;

    model_init(&m);
    some_files(db, e, &m, &random);
    hc_entities_free(e);
    if (!(_i & 2))
        ck_assert(hc_db_run(db, "index", "entity_key", NULL));
    e = hc_entities_new(db, _i & 1 ? 100 : HC_ENTITIES_LOADED, NULL);
    some_files(db, e, &m, &random);
    hc_entities_free(e);
    ck_assert_uint_gt(m.names->len, 2000);
    is_stored(path, &m);
    hc_db_close(db);
    model_clear(&m);
    lite_drop(folder);
}
END_TEST

/* Beyond the limit a name that only the table knows is found; up to it nobody asks, and the row, which would
 * be there twice, is refused. */
START_TEST(the_limit)
{
    g_autoptr(hc_db) db = hc_db_open(NULL, HC_DB_MEMORY, NULL);
    const int64_t before = 5;
    struct hc_entities *e;
    g_autoptr(GError) error = NULL;

    for (int64_t i = 1; i <= before; i++) {
        g_autofree char *key = g_strdup_printf("k%d", (int)i);
        ck_assert(hc_exec(
            hc_db_query(db, "store", "add_entity", "iiitt", i, INT64_C(1), INT64_C(1), key, key), NULL));
    }
    ck_assert(hc_db_run(db, "index", "entity_key", NULL));
    e = hc_entities_new(db, before - _i, NULL);
    ck_assert(hc_exec(
        hc_db_query(db, "store", "add_entity", "iiitt", before + 1, INT64_C(1), INT64_C(1), "late", "late"),
        NULL));
    struct hc_entity_name late = {HC_ENTITY_ACCOUNT, 1, HC_STR_LIT("late"), HC_STR_LIT("late"),
                                  hc_entities_hash(HC_ENTITY_ACCOUNT, 1, HC_STR_LIT("late"))};
    ck_assert_int_eq(hc_entities_id(e, &late, &error), before + 1);
    ck_assert(hc_entities_store(e, &error) == (_i == 1));
    ck_assert((error == NULL) == (_i == 1));
    hc_entities_free(e);
}
END_TEST

/* The hash is of all of the key: what differs in one byte, at any place, or in its length differs. */
START_TEST(hashes)
{
    char text[40];
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    guint n = 0;

    memset(text, 'x', sizeof text);
    for (size_t length = 0; length <= sizeof text; length++)
        for (size_t at = 0; at <= length; at++) {
            if (at < length)
                text[at] = 'y';
            uint64_t hash = hc_entities_hash(HC_ENTITY_ACCOUNT, 1, hc_str_n(text, length));
            g_hash_table_add(seen, g_memdup2(&hash, sizeof hash));
            n++;
            if (at < length)
                text[at] = 'x';
        }
    ck_assert_uint_eq(g_hash_table_size(seen), n);
}
END_TEST

Suite *suite_entities(void)
{
    Suite *suite = suite_create("entities");
    TCase *tc = tcase_create("entities");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, numbers, 0, 4);
    tcase_add_loop_test(tc, the_limit, 0, 2);
    tcase_add_test(tc, hashes);
    suite_add_tcase(suite, tc);
    return suite;
}
