/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ASSET_H
#define HC_ASSET_H

#include "src/base/str.h"

/*
 * Text embedded at build time, by its path in the source tree ("src/sql/schema.sql"). The table is generated
 * from the make variable ASSETS, in its order. A missing asset is a bug: hc_asset aborts.
 */
struct hc_asset {
    const char *name;
    const unsigned char *data;
    size_t size;
};
extern const struct hc_asset hc_assets[]; /* ends with name == NULL */

struct hc_str hc_asset(const char *name);

#endif
