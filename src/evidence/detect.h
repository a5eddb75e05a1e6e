/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DETECT_H
#define HC_DETECT_H

#include "src/evidence/importer.h"

/*
 * The importer with the highest bid, or NULL when nobody wants it. A tie of the two highest is an error that asks for
 * --format. `why` gets the winner's reason. `table` is NULL-ended.
 */
const struct hc_importer *hc_detect(const struct hc_importer *const *table, const struct hc_peek *peek, int *score,
                                    const char **why, GError **error);
const struct hc_importer *hc_importer_by_name(const struct hc_importer *const *table, const char *name);

#endif
