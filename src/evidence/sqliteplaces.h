/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SQLITEPLACES_H
#define HC_SQLITEPLACES_H

#include <glib.h>
#include <stdint.h>

/* Where pages of a database lie in a file beside it: frames of a write-ahead log, records of a rollback
 * journal. */
struct hc_sqlite_place {
    uint32_t page, number; /* number: in which order they came, from 0 */
    int64_t at;            /* offset of the page's bytes */
};

/* In order of pages; of every page the one that came last is left. */
void hc_sqlite_places_sort(GArray *places);
/* That of the page, once they are sorted; NULL: it has none. `places` may be NULL. */
const struct hc_sqlite_place *hc_sqlite_places_find(const GArray *places, uint32_t page);

#endif
