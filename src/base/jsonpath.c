/* SPDX-License-Identifier: Apache-2.0 */
/* Values by their path: one, or several in one pass. */
#include "src/base/jsonpaths.h"

static bool key_is(struct hc_str quoted, struct hc_str name)
{
    if (quoted.n < 2)
        return false;
    struct hc_str inner = hc_str_n(quoted.p + 1, quoted.n - 2);
    if (inner.n == name.n && memcmp(inner.p, name.p, name.n) == 0)
        return hc_str_chr(inner, '\\') < 0; /* a name in a path has none */
    if (inner.n <= name.n || hc_str_chr(inner, '\\') < 0)
        return false; /* an escape is longer than what it stands for */
    g_autoptr(GString) text = g_string_sized_new(inner.n);
    hc_json_text(quoted, text);
    return hc_str_eq(hc_str_n(text->str, text->len), name);
}

static struct hc_str member(struct hc_str object, struct hc_str name)
{
    struct hc_str key, found = HC_STR_NONE;
    size_t pos = 0;

    for (;;) {
        struct hc_str value = hc_json_next(object, &pos, &key);
        if (!value.p)
            return found;
        if (key_is(key, name))
            found = value;
    }
}

/* The number of an element; SIZE_MAX: it is none. */
static size_t index_of(struct hc_str name)
{
    size_t index = 0;

    if (name.n == 0 || name.n > 9 || (name.n > 1 && name.p[0] == '0'))
        return SIZE_MAX;
    for (size_t i = 0; i < name.n; i++) {
        if (!g_ascii_isdigit(name.p[i]))
            return SIZE_MAX;
        index = index * 10 + (size_t)(name.p[i] - '0');
    }
    return index;
}

static struct hc_str element(struct hc_str array, size_t index)
{
    size_t pos = 0;

    for (;;) {
        struct hc_str value = index < SIZE_MAX ? hc_json_next(array, &pos, NULL) : HC_STR_NONE;
        if (!value.p || index-- == 0)
            return value;
    }
}

struct hc_json_paths *hc_json_paths_new(void)
{
    struct hc_json_paths *paths = g_new0(struct hc_json_paths, 1);

    paths->inner = g_ptr_array_new_with_free_func((GDestroyNotify)hc_json_paths_free);
    paths->asked = g_array_new(FALSE, FALSE, sizeof(size_t));
    paths->index = SIZE_MAX;
    return paths;
}

void hc_json_paths_free(struct hc_json_paths *paths)
{
    if (!paths)
        return;
    g_ptr_array_unref(paths->inner);
    g_array_unref(paths->asked);
    g_free(paths->table);
    g_free((char *)paths->name.p);
    g_free(paths);
}

/* With four times as many places as names. */
static void fill_table(struct hc_json_paths *paths)
{
    paths->table_size = 8;
    while (paths->table_size < 4 * (size_t)paths->inner->len)
        paths->table_size *= 2;
    g_free(paths->table);
    paths->table = g_new0(uint16_t, paths->table_size);
    for (guint i = 0; i < paths->inner->len; i++) {
        const struct hc_json_paths *one = paths->inner->pdata[i];
        size_t place = hc_json_paths_hash(one->name);
        while (paths->table[place & (paths->table_size - 1)])
            place++;
        paths->table[place & (paths->table_size - 1)] = (uint16_t)(i + 1);
    }
}

static struct hc_json_paths *inner(struct hc_json_paths *paths, struct hc_str name)
{
    struct hc_json_paths *one;

    for (guint i = 0; i < paths->inner->len; i++) {
        one = paths->inner->pdata[i];
        if (hc_str_eq(name, one->name))
            return one;
    }
    g_assert(paths->inner->len < HC_JSON_PATHS_MAX);
    one = hc_json_paths_new();
    one->name = hc_str_n(g_strndup(name.p, name.n), name.n);
    one->index = index_of(name);
    g_ptr_array_add(paths->inner, one);
    fill_table(paths);
    return one;
}

void hc_json_paths_add(struct hc_json_paths *paths, const char *path)
{
    struct hc_json_paths *at = paths;

    while (*path) {
        size_t n = strcspn(path, ".");
        at = inner(at, hc_str_n(path, n));
        path += n + (path[n] == '.');
    }
    g_array_append_val(at->asked, paths->n_paths);
    paths->n_paths++;
}

static void pick(const struct hc_json_paths *paths, struct hc_str value, struct hc_str *found);

void hc_json_paths_forget(const struct hc_json_paths *paths, struct hc_str *found)
{
    hc_json_paths_found(paths, HC_STR_NONE, found);
    for (guint i = 0; i < paths->inner->len; i++)
        hc_json_paths_forget(paths->inner->pdata[i], found);
}

const struct hc_json_paths *hc_json_paths_escaped(const struct hc_json_paths *paths, struct hc_str key)
{
    for (guint i = 0; i < paths->inner->len; i++) {
        const struct hc_json_paths *one = paths->inner->pdata[i];
        if (key_is(key, one->name))
            return one;
    }
    return NULL;
}

const struct hc_json_paths *hc_json_paths_at(const struct hc_json_paths *paths, size_t index)
{
    for (guint i = 0; i < paths->inner->len; i++) {
        const struct hc_json_paths *one = paths->inner->pdata[i];
        if (one->index == index)
            return one;
    }
    return NULL;
}

/* Of a name that stands there twice the last counts, with all that is in it. */
static void pick_members(const struct hc_json_paths *paths, struct hc_str object, struct hc_str *found)
{
    struct hc_str key, value;
    size_t pos = 0;

    while ((value = hc_json_next(object, &pos, &key)).p) {
        const struct hc_json_paths *one = hc_json_paths_escaped(paths, key);
        if (one) {
            hc_json_paths_forget(one, found);
            pick(one, value, found);
        }
    }
}

static void pick(const struct hc_json_paths *paths, struct hc_str value, struct hc_str *found)
{
    enum hc_json_type type;

    hc_json_paths_found(paths, value, found);
    if (paths->inner->len == 0)
        return;
    type = hc_json_type(value);
    if (type == HC_JSON_OBJECT)
        pick_members(paths, value, found);
    for (guint i = 0; type == HC_JSON_ARRAY && i < paths->inner->len; i++) {
        const struct hc_json_paths *one = paths->inner->pdata[i];
        struct hc_str item = element(value, one->index);
        if (item.p)
            pick(one, item, found);
    }
}

void hc_json_pick(const struct hc_json_paths *paths, struct hc_str value, struct hc_str *found)
{
    for (size_t i = 0; i < paths->n_paths; i++)
        found[i] = HC_STR_NONE;
    if (value.p)
        pick(paths, value, found);
}

struct hc_str hc_json_get(struct hc_str value, const char *path)
{
    while (*path && value.p) {
        struct hc_str name = hc_str_n(path, strcspn(path, "."));
        enum hc_json_type type = hc_json_type(value);
        value = type == HC_JSON_OBJECT  ? member(value, name)
                : type == HC_JSON_ARRAY ? element(value, index_of(name))
                                        : HC_STR_NONE;
        path += name.n + (path[name.n] == '.');
    }
    return value;
}
