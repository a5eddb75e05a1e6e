/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/beside.h"

#include "src/base/keyed.h"

struct hc_beside {
    char *disk, *temp;
    const char *const *members;
    GHashTable *names; /* of the members, borrowed; NULL: no archive */
    GHashTable *used;  /* names */
    GHashTable *heads; /* name -> GBytes */
    size_t head_bytes;
    GHashTable *seen; /* extensions of which the heads of all members were collected */
};

struct hc_beside *hc_beside_new(const char *disk, const char *const *members)
{
    struct hc_beside *b = g_new0(struct hc_beside, 1);

    b->disk = g_strdup(disk);
    b->members = members;
    b->names = members ? g_hash_table_new(hc_keyed_text, g_str_equal) : NULL;
    for (; members && *members; members++)
        g_hash_table_add(b->names, (char *)*members);
    b->used = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    b->heads = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    b->seen = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    return b;
}

void hc_beside_temp(struct hc_beside *b, const char *folder)
{
    g_free(b->temp);
    b->temp = g_strdup(folder);
}

void hc_beside_free(struct hc_beside *b)
{
    if (!b)
        return;
    g_hash_table_unref(b->seen);
    g_hash_table_unref(b->heads);
    g_hash_table_unref(b->used);
    g_clear_pointer(&b->names, g_hash_table_unref);
    g_free(b->disk);
    g_free(b->temp);
    g_free(b);
}

static char *place_of(const struct hc_beside *b, const char *name)
{
    g_autofree char *folder = g_path_get_dirname(b->disk), *base = g_path_get_basename(name);

    return g_build_filename(folder, base, NULL);
}

bool hc_beside_has(const struct hc_beside *b, const char *name)
{
    g_autofree char *place = NULL;

    if (!b)
        return false;
    if (b->members)
        return g_hash_table_contains(b->names, name);
    place = place_of(b, name);
    return g_file_test(place, G_FILE_TEST_IS_REGULAR) && !g_file_test(place, G_FILE_TEST_IS_SYMLINK);
}

bool hc_beside_was_used(const struct hc_beside *b, const char *name)
{
    return g_hash_table_contains(b->used, name);
}

void hc_beside_take(struct hc_beside *b, const char *name)
{
    g_hash_table_add(b->used, b->members ? g_strdup(name) : g_path_get_basename(name));
}

/* The member itself, or the only content of the file. */
static bool find_content(const struct hc_beside *b, struct hc_input *in, const char *name, GError **error)
{
    int rc;

    while ((rc = hc_input_next(in, error)) == 1)
        if (b->members ? strcmp(hc_input_member(in), name) == 0 : !hc_input_is_archive(in))
            return true;
    return rc == 0 && hc_fail(error, HC_ERROR_INPUT, "%s, which it needs, cannot be read", name);
}

static struct hc_input *open_content(const struct hc_beside *b, const char *name, GError **error)
{
    g_autofree char *place = b->members ? g_strdup(b->disk) : place_of(b, name);
    struct hc_input *in = hc_input_open(place, error);

    if (in)
        hc_input_temp(in, b->temp);
    if (in && find_content(b, in, name, error))
        return in;
    hc_input_close(in);
    return NULL;
}

struct hc_input *hc_beside_open(struct hc_beside *b, const char *name, GError **error)
{
    if (!hc_beside_has(b, name))
        return NULL;
    hc_beside_take(b, name);
    return open_content(b, name, error);
}

struct hc_input *hc_beside_again(struct hc_beside *b)
{
    return b && !b->members ? open_content(b, b->disk, NULL) : NULL;
}

static void keep_head(struct hc_beside *b, const char *name, struct hc_str head)
{
    if (b->head_bytes + head.n > HC_BESIDE_HEADS_MAX)
        return;
    b->head_bytes += head.n;
    g_hash_table_replace(b->heads, g_strdup(name), g_bytes_new(head.p, head.n));
}

static const char *extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && !strchr(dot, '/') ? dot : "";
}

/* Of all members of this extension in one pass, as an archive is read from front to back. */
static void collect_heads(struct hc_beside *b, const char *extension)
{
    g_autoptr(hc_input_t) in =
        g_hash_table_add(b->seen, g_strdup(extension)) ? hc_input_open(b->disk, NULL) : NULL;

    while (in && hc_input_next(in, NULL) == 1)
        if (strcmp(extension_of(hc_input_member(in)), extension) == 0 &&
            !g_hash_table_contains(b->heads, hc_input_member(in)))
            keep_head(b, hc_input_member(in), hc_input_peek(in));
}

struct hc_str hc_beside_head(struct hc_beside *b, const char *name)
{
    g_autofree char *key = NULL;
    GBytes *head;

    if (!hc_beside_has(b, name))
        return HC_STR_NONE;
    key = b->members ? g_strdup(name) : g_path_get_basename(name);
    if (b->members) {
        collect_heads(b, extension_of(name));
    } else if (!g_hash_table_contains(b->heads, key)) {
        g_autoptr(hc_input_t) in = open_content(b, name, NULL);
        if (in)
            keep_head(b, key, hc_input_peek(in));
    }
    head = g_hash_table_lookup(b->heads, key);
    if (!head)
        return HC_STR_NONE;
    return hc_str_n(g_bytes_get_data(head, NULL) ? g_bytes_get_data(head, NULL) : "", g_bytes_get_size(head));
}
