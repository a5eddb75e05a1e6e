/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_REPORT_H
#define HC_REPORT_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/narrate/renderer.h"

/*
 * The incident report: the model of the case in the sentences of a language, through a template (that of the
 * case, CASE/templates/incident.md, where it has one), as Markdown; every renderer then makes its file of it.
 * `public`: masked (mask.h), but for what people have written in notes and templates of the case. Files are
 * replaced whole. `dir`: where to; NULL = CASE/report. `written` gets the paths, char *.
 */
bool hc_report_write(hc_db *db, const struct hc_case *c, const struct hc_renderer *const *renderers,
                     const char *lang, bool public, const char *dir, GPtrArray *written, GError **error);

/* NULL-ended; languages that there is a catalogue for. */
const char *const *hc_report_languages(void);

#endif
