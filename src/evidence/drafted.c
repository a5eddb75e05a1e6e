/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/drafted.h"

#include "src/evidence/profile.h"
#include "src/evidence/sketch.h"

struct hc_drafted {
    GHashTable *profiles; /* by their text: the same table may come again, in each of its statements */
};

static void free_profile(void *profile)
{
    hc_profile_free(profile);
}

struct hc_drafted *hc_drafted_new(void)
{
    struct hc_drafted *drafted = g_new(struct hc_drafted, 1);

    drafted->profiles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_profile);
    return drafted;
}

void hc_drafted_free(struct hc_drafted *drafted)
{
    if (!drafted)
        return;
    g_hash_table_unref(drafted->profiles);
    g_free(drafted);
}

static char *draft_of(struct hc_str type, const GPtrArray *columns)
{
    static const char *const formats[] = {"any", NULL};
    g_autoptr(GHashTable) tables = hc_sketch_tables();

    hc_sketch_add(tables, type, columns);
    return hc_sketch_profile("none", formats, tables);
}

const struct hc_plan *hc_drafted_plan(struct hc_drafted *drafted, struct hc_str type,
                                      const GPtrArray *columns)
{
    g_autofree char *text = draft_of(type, columns);
    struct hc_profile *profile = text ? g_hash_table_lookup(drafted->profiles, text) : NULL;
    const char *why;

    if (!profile && text && g_hash_table_size(drafted->profiles) < HC_DRAFTED_MAX) {
        profile = hc_profile_parse(hc_str(text), "the draft of a profile", NULL);
        if (profile)
            g_hash_table_insert(drafted->profiles, g_steal_pointer(&text), profile);
    }
    return profile ? hc_profile_plan(profile, type, columns, &why) : NULL;
}
