/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/said.h"

#include <string.h>

GPtrArray *hc_said_columns(const char *said)
{
    const char *first = said ? strchr(said, '\n') : NULL;
    g_auto(GStrv) lines = first ? g_strsplit(first + 1, "\n", -1) : NULL;
    GPtrArray *names;

    if (!lines)
        return NULL;
    names = g_ptr_array_new_with_free_func(g_free);
    for (char **line = lines; *line; line++)
        g_ptr_array_add(names, g_strdup(*line));
    return names;
}

bool hc_said_same(const GPtrArray *names, const GPtrArray *said)
{
    for (guint i = 0; i < said->len; i++)
        if (names->len != said->len || strcmp(names->pdata[i], said->pdata[i]) != 0)
            return false;
    return true;
}

static bool is_packed(const char *extension)
{
    static const char *const packed[] = {"gz", "xz", "bz2", "zst", "lz4", "lzma", "Z", NULL};

    return g_strv_contains(packed, extension);
}

char *hc_said_table(const char *said, const char *path, char **extension)
{
    const char *inner = strrchr(path, '!'); /* in an archive inside of an archive */
    char *name = g_path_get_basename(inner ? inner + 1 : path), *dot = strrchr(name, '.');
    size_t n = said ? strcspn(said, "\n") : 0;

    if (dot && dot != name && is_packed(dot + 1)) {
        *dot = '\0';
        dot = strrchr(name, '.');
    }
    if (extension)
        *extension = dot ? g_ascii_strdown(dot + 1, -1) : NULL;
    if (dot && dot != name)
        *dot = '\0';
    if (g_str_has_prefix(name, "public.") && name[7]) /* the schema of PostgreSQL in which most tables are */
        memmove(name, name + 7, strlen(name + 7) + 1);
    if (!n)
        return name;
    g_free(name);
    return g_strndup(said, n);
}
