/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_VERIFY_H
#define HC_VERIFY_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/evidence/importer.h"

/*
 * Re-hashes every source, and re-reads the cited bytes: each locator lies inside its source, and each record
 * parsed again gives the stored facts (the import repeated into a memory database gives the same rows).
 * `messages` gets one line per difference, naming the file. True with no messages = all is as imported.
 */
struct hc_verify_result {
    int64_t sources, bytes, places; /* checked */
    GPtrArray *messages;
    hc_db *again; /* the evidence read once more, for comparing conclusions; NULL when a file differs */
};
void hc_verify_result_clear(struct hc_verify_result *result);
/* `external` is a directory where files recorded as external/NAME are looked for, or NULL. */
bool hc_verify(hc_db *db, const struct hc_case *c, const struct hc_importer *const *importers,
               const char *external, struct hc_verify_result *result, GError **error);

#endif
