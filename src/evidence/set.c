/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/set.h"

#include <string.h>

struct kept {
    const char *name;
    void *state;
    GDestroyNotify destroy;
    hc_set_fn end;
};

struct hc_set {
    GArray *kept; /* few */
    bool doubtful, last;
};

struct hc_set *hc_set_new(void)
{
    struct hc_set *set = g_new0(struct hc_set, 1);

    set->kept = g_array_new(FALSE, FALSE, sizeof(struct kept));
    return set;
}

void hc_set_free(struct hc_set *set)
{
    if (!set)
        return;
    for (guint i = 0; i < set->kept->len; i++) {
        struct kept *k = &g_array_index(set->kept, struct kept, i);
        k->destroy(k->state);
    }
    g_array_unref(set->kept);
    g_free(set);
}

bool hc_set_end(struct hc_set *set, GError **error)
{
    for (guint i = 0; i < set->kept->len; i++) {
        struct kept *k = &g_array_index(set->kept, struct kept, i);
        if (k->end && !k->end(k->state, error))
            return false;
    }
    return true;
}

void hc_set_last(struct hc_set *set)
{
    set->last = true;
}

bool hc_set_is_last(const struct hc_set *set)
{
    return set->last;
}

void hc_set_doubt(struct hc_set *set)
{
    set->doubtful = true;
}

bool hc_set_is_doubtful(const struct hc_set *set)
{
    return set->doubtful;
}

static struct kept *find(const struct hc_set *set, const char *name)
{
    for (guint i = 0; i < set->kept->len; i++) {
        struct kept *k = &g_array_index(set->kept, struct kept, i);
        if (strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

void *hc_set_kept(const struct hc_set *set, const char *name)
{
    const struct kept *k = find(set, name);

    return k ? k->state : NULL;
}

void hc_set_keep(struct hc_set *set, const char *name, void *state, GDestroyNotify destroy)
{
    struct kept k = {name, state, destroy, NULL};

    g_array_append_val(set->kept, k);
}

void hc_set_at_end(struct hc_set *set, const char *name, hc_set_fn end)
{
    struct kept *k = find(set, name);

    if (k)
        k->end = end;
}
