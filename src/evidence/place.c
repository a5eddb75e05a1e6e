/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/place.h"

#include "src/evidence/pgarchive.h"

char *hc_place_name(const struct hc_case *c, const char *file)
{
    g_autofree char *dir = g_canonicalize_filename(c->dir, NULL), *full = g_canonicalize_filename(file, NULL);
    g_autofree char *base = g_path_get_basename(full), *prefix = g_strconcat(dir, "/", NULL);
    g_autofree char *above = g_path_get_dirname(full), *folder = g_path_get_basename(above);
    g_autoptr(GPtrArray) parts = NULL;

    if (g_str_has_prefix(full, prefix))
        return g_strdup(full + strlen(prefix));
    parts = hc_pgarchive_parts(full);
    return g_build_filename("external", parts ? folder : base, parts ? base : NULL, NULL);
}

char *hc_place_given(const char *file)
{
    char *contents = g_build_filename(file, "toc.dat", NULL);

    if (g_file_test(file, G_FILE_TEST_IS_DIR) && g_file_test(contents, G_FILE_TEST_IS_REGULAR))
        return contents;
    g_free(contents);
    return g_strdup(file);
}
