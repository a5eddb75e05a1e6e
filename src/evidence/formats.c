/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/formats.h"

#include "src/base/text.h"
#include "src/evidence/detect.h"
#include "src/evidence/pgarchive.h"
#include "src/evidence/stranger.h"
#include "src/evidence/widetext.h"

/* The current member; false when nothing can be said because several importers would take it. */
static bool tell_member(struct hc_input *in, const char *path, bool whole, struct hc_beside *beside,
                        const struct hc_importer *const *table, GString *out, GError **error)
{
    bool member = hc_input_is_archive(in) && !whole;
    g_autofree char *what = NULL;
    enum hc_pgarchive archive = hc_pgarchive_present(in, member ? NULL : path, &what);
    struct hc_peek peek = {member ? hc_input_member(in) : path, hc_widetext_peek(in), false,
                           member ? NULL : beside, NULL};
    const struct hc_importer *importer = NULL;
    const char *why = NULL;
    g_autoptr(GError) failed = NULL;
    int score = 0;

    if (archive != HC_PGARCHIVE_REFUSED)
        importer = hc_detect(table, &peek, &score, &why, &failed);
    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    hc_text_visible(out, hc_str(path), false);
    if (member) {
        g_string_append_c(out, '!');
        hc_text_visible(out, hc_str(hc_input_member(in)), false);
    }
    g_string_append_printf(out, ": %s (%d): %s\n", importer ? importer->name : "-", score,
                           what  ? what
                           : why ? why
                                 : hc_stranger(peek.head));
    return true;
}

bool hc_formats_tell(const char *path, const struct hc_importer *const *table, GString *out, GError **error)
{
    g_autoptr(hc_input_t) in = hc_input_open(path, error);
    g_autoptr(hc_beside_t) beside = hc_beside_new(path, NULL);
    bool whole;
    int rc;

    if (!in)
        return false;
    hc_input_partly(in);
    rc = hc_input_next(in, error);
    whole = rc == 1 && hc_pgarchive_is_tar(in);
    for (; rc == 1; rc = hc_input_next(in, error)) {
        if (!tell_member(in, path, whole, beside, table, out, error))
            return false;
        if (whole)
            return true;
    }
    return rc == 0;
}
