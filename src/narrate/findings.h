/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_FINDINGS_H
#define HC_FINDINGS_H

#include "src/base/case.h"
#include "src/base/db.h"
#include "src/narrate/rows.h"

/*
 * What was found, as text like a compiler's, as JSON, or as SARIF 2.1.0; with what is known already and what
 * the case suppresses.
 */
enum hc_level { HC_LEVEL_NONE, HC_LEVEL_NOTE, HC_LEVEL_WARNING, HC_LEVEL_ERROR };
enum hc_level hc_level_by_name(const char *name); /* HC_LEVEL_NONE for a name that is none */

enum hc_findings_form { HC_FINDINGS_TEXT, HC_FINDINGS_JSON, HC_FINDINGS_SARIF };

struct hc_findings_options {
    enum hc_findings_form form;
    const char *baseline; /* a file with the findings that are known; NULL: none are */
    const char *external; /* where files from outside of the case lie; NULL: nobody said */
    bool all;             /* as text too, those that are known or suppressed, and the steps of each */
    const char *version;  /* of the program */
};

struct hc_findings_result {
    enum hc_level worst; /* of those that are neither suppressed nor known */
    GPtrArray *messages; /* char *: what is not shown, suppressions that fit nothing */
};
void hc_findings_result_clear(struct hc_findings_result *result);

/*
 * SARIF reads the cited places again, for their lines and columns; where the evidence cannot be read it gives
 * bytes alone. The same case and evidence give the same bytes.
 */
bool hc_findings(hc_db *db, const struct hc_case *c, const struct hc_findings_options *options,
                 struct hc_writer *out, struct hc_findings_result *result, GError **error);

#endif
