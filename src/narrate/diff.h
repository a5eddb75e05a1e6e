/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_DIFF_H
#define HC_DIFF_H

#include "src/narrate/rows.h"

/*
 * What changed from one dump of a database to another: rows of table `state`, by their keys. Each dump is
 * named by the label of its source or by its path; a name that means none or several is HC_ERROR_USAGE.
 * HC_ROWS_TEXT is grouped for reading and ends with the accounting, HC_ROWS_JSONL is one object per
 * difference. Memory grows with the differences, not with the dumps.
 */
bool hc_diff(hc_db *db, const char *from, const char *to, enum hc_rows_format format, struct hc_writer *out,
             GError **error);

#endif
