/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_JSONPATHS_H
#define HC_JSONPATHS_H

#include "src/base/json.h"

#include <stdint.h>

/* Inside of JSON: what is looked for, for those who walk over values. */

/* A member or element that is looked for, and what is looked for inside of it. */
struct hc_json_paths {
    struct hc_str name; /* its own text */
    size_t index;       /* of an element; SIZE_MAX: the name is no number */
    GPtrArray *inner;   /* struct hc_json_paths */
    uint16_t
        *table; /* places of `inner`, from 1, by hc_json_paths_hash of their names; a power of two of them */
    size_t table_size;
    GArray *asked;  /* size_t: the paths that end here */
    size_t n_paths; /* of the whole; only the outermost counts them */
};

/* All that lies at this place, or inside of it, was not found, or counts no more. */
void hc_json_paths_forget(const struct hc_json_paths *paths, struct hc_str *found);
/* What lies at this place was found. */
static inline void hc_json_paths_found(const struct hc_json_paths *paths, struct hc_str value,
                                       struct hc_str *found)
{
    for (guint i = 0; i < paths->asked->len; i++)
        found[g_array_index(paths->asked, size_t, i)] = value;
}

/* What is looked for in a member by its key, with quotes and maybe escapes; NULL: nothing. */
const struct hc_json_paths *hc_json_paths_escaped(const struct hc_json_paths *paths, struct hc_str key);
/* In an element. */
const struct hc_json_paths *hc_json_paths_at(const struct hc_json_paths *paths, size_t index);

/* Keys of one record differ in their lengths and first and last letters. */
static inline size_t hc_json_paths_hash(struct hc_str name)
{
    const unsigned char *p = (const unsigned char *)name.p;

    return name.n ? name.n * 5 + p[0] * 3u + p[name.n - 1] * 17u + p[name.n / 2] * 7u : 0;
}

/* Of a key, without quotes and escapes. */
static inline const struct hc_json_paths *hc_json_paths_of(const struct hc_json_paths *paths,
                                                           struct hc_str name)
{
    for (size_t i = hc_json_paths_hash(name);; i++) {
        const unsigned place = paths->table[i & (paths->table_size - 1)];
        const struct hc_json_paths *one = place ? paths->inner->pdata[place - 1] : NULL;
        if (!one || hc_str_eq(one->name, name))
            return one;
    }
}

#endif
