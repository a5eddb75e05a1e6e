/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DRAFT_H
#define HC_DRAFT_H

#include "src/evidence/importer.h"

/*
 * Makes a case folder to fill in: evidence/ and notes/ where they are missing, a case.yaml drafted from what
 * lies in evidence/, a profile in profiles/ for the tables that none knows (src/evidence/sketch.h), and
 * notes/README.md, which names the slots of the report. The files that were made are added to `written`,
 * which is empty, but for the last. Nothing that exists is changed, so that a draft never replaces what
 * somebody has written; where there was nothing to make, that is an error (HC_ERROR_USAGE). What only the
 * people of the service can know (a zone, a year, when a dump was made) is a commented-out line of its entry.
 */
bool hc_draft(const char *dir, const struct hc_importer *const *importers, GPtrArray *written,
              GError **error);

#endif
