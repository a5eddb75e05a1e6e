/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/asset.h"

struct hc_str hc_asset(const char *name)
{
    for (const struct hc_asset *a = hc_assets; a->name; a++)
        if (strcmp(a->name, name) == 0)
            return hc_str_n((const char *)a->data, a->size);
    g_error("no embedded text is called %s", name);
}
