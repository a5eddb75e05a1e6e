/* SPDX-License-Identifier: Apache-2.0 */
/* Values by their path: one, or several in one pass. */
#include "src/base/json.h"

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

static struct hc_str element(struct hc_str array, struct hc_str name)
{
    size_t index = 0, pos = 0;

    if (name.n == 0 || name.n > 9 || (name.n > 1 && name.p[0] == '0'))
        return HC_STR_NONE;
    for (size_t i = 0; i < name.n; i++) {
        if (!g_ascii_isdigit(name.p[i]))
            return HC_STR_NONE;
        index = index * 10 + (size_t)(name.p[i] - '0');
    }
    for (;;) {
        struct hc_str value = hc_json_next(array, &pos, NULL);
        if (!value.p || index-- == 0)
            return value;
    }
}

/* A member or element that is looked for, and what is looked for inside of it. */
struct hc_json_paths {
    char *name;
    size_t n_name;
    GPtrArray *inner;  /* struct hc_json_paths */
    GArray *asked;     /* size_t: the paths that end here */
    size_t n_paths;    /* of the whole; only the outermost counts them */
};

struct hc_json_paths *hc_json_paths_new(void)
{
    struct hc_json_paths *paths = g_new0(struct hc_json_paths, 1);

    paths->inner = g_ptr_array_new_with_free_func((GDestroyNotify)hc_json_paths_free);
    paths->asked = g_array_new(FALSE, FALSE, sizeof(size_t));
    return paths;
}

void hc_json_paths_free(struct hc_json_paths *paths)
{
    if (!paths)
        return;
    g_ptr_array_unref(paths->inner);
    g_array_unref(paths->asked);
    g_free(paths->name);
    g_free(paths);
}

static struct hc_json_paths *inner(struct hc_json_paths *paths, struct hc_str name)
{
    struct hc_json_paths *one;

    for (guint i = 0; i < paths->inner->len; i++) {
        one = paths->inner->pdata[i];
        if (hc_str_is(name, one->name))
            return one;
    }
    one = hc_json_paths_new();
    one->name = hc_str_dup(name);
    one->n_name = name.n;
    g_ptr_array_add(paths->inner, one);
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

static void forget(const struct hc_json_paths *paths, struct hc_str *found)
{
    for (guint i = 0; i < paths->asked->len; i++)
        found[g_array_index(paths->asked, size_t, i)] = HC_STR_NONE;
    for (guint i = 0; i < paths->inner->len; i++)
        forget(paths->inner->pdata[i], found);
}

/* Of a name that stands there twice the last counts, with all that is in it. */
static void pick_members(const struct hc_json_paths *paths, struct hc_str object, struct hc_str *found)
{
    struct hc_str key, value;
    size_t pos = 0;

    while ((value = hc_json_next(object, &pos, &key)).p)
        for (guint i = 0; i < paths->inner->len; i++) {
            const struct hc_json_paths *one = paths->inner->pdata[i];
            if (key_is(key, hc_str_n(one->name, one->n_name))) {
                forget(one, found);
                pick(one, value, found);
                break;
            }
        }
}

static void pick(const struct hc_json_paths *paths, struct hc_str value, struct hc_str *found)
{
    enum hc_json_type type;

    for (guint i = 0; i < paths->asked->len; i++)
        found[g_array_index(paths->asked, size_t, i)] = value;
    if (paths->inner->len == 0)
        return;
    type = hc_json_type(value);
    if (type == HC_JSON_OBJECT)
        pick_members(paths, value, found);
    for (guint i = 0; type == HC_JSON_ARRAY && i < paths->inner->len; i++) {
        const struct hc_json_paths *one = paths->inner->pdata[i];
        struct hc_str item = element(value, hc_str(one->name));
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
                : type == HC_JSON_ARRAY ? element(value, name)
                                        : HC_STR_NONE;
        path += name.n + (path[name.n] == '.');
    }
    return value;
}
