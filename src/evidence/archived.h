/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_ARCHIVED_H
#define HC_ARCHIVED_H

#include "src/evidence/reading.h"

/*
 * Rotated logs inside of an archive. Its members come in an order of their own, most often the newest first:
 * those of one log are read from the start of the archive each, oldest first, when the first of them comes.
 */
/* of one log; each is looked for from the archive's start, so that more are read one by one, which is told */
#define HC_ARCHIVED_FILES_MAX 64

struct hc_archived_log;

/* The logs of which the archive holds more than one file; NULL: it has none. Free with g_ptr_array_unref. */
GPtrArray *hc_archived_logs(struct hc_job *job, const struct hc_file *f, const struct hc_input *in);
/* That of which the member number `at` is a file; NULL: none. */
struct hc_archived_log *hc_archived_log_of(const GPtrArray *logs, size_t at);
/* All of it, if it was not yet, at its member that is current in `in`, which is left. A file that cannot be
 * read on is recorded; the others are read. */
bool hc_archived_read(struct hc_job *job, struct hc_file *f, struct hc_input *in, int64_t container,
                      struct hc_archived_log *log, bool *read, GError **error);

#endif
