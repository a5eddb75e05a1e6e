/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DRAFT_H
#define HC_DRAFT_H

#include "src/evidence/importer.h"

/*
 * Makes a case folder to fill in: evidence/ and notes/ where they are missing, a case.yaml drafted from what lies in evidence/, and
 * notes/README.md, which names the slots of the report. Nothing that exists is changed; a case.yaml that exists is an error
 * (HC_ERROR_USAGE), so that the draft never replaces what somebody has written. What only the people of the service can know (a
 * zone, a year, when a dump was made) is a commented-out line of its entry.
 */
bool hc_draft(const char *dir, const struct hc_importer *const *importers, GError **error);

/* The text of case.yaml for a folder; yours. For tests. */
char *hc_draft_text(const char *dir, const struct hc_importer *const *importers, GError **error);

#endif
