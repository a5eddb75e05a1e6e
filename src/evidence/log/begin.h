/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_BEGIN_H
#define HC_LOG_BEGIN_H

#include "src/evidence/importer.h"

/* The member `begins` of importers of logs whose lines start with their time, or with a priority and their
 * time (src/evidence/log/stamp.h). */
void hc_log_begins(const struct hc_peek *peek, struct hc_beginning *begins);
/* Editors of Windows put a byte order mark before the first line: it is no part of it. */
void hc_log_pass_bom(struct hc_input *in);

#endif
