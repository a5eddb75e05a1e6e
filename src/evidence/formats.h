/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FORMATS_H
#define HC_FORMATS_H

#include "src/evidence/importer.h"

/*
 * Appends a line for the file, or for each member of an archive: which importer of the NULL-ended `table`
 * takes it, with which bid, and why; names are made visible. False when the file cannot be read or several
 * importers would take it; what was told before stays.
 */
bool hc_formats_tell(const char *path, const struct hc_importer *const *table, GString *out, GError **error);

#endif
