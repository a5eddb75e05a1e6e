/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_BEGIN_H
#define HC_LOG_BEGIN_H

#include "src/evidence/importer.h"

/* The member `begins` of importers of logs whose lines start with their time, or with a priority and their
 * time (src/evidence/log/stamp.h). */
void hc_log_begins(const struct hc_peek *peek, struct hc_beginning *begins);

#endif
