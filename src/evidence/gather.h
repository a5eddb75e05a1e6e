/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_GATHER_H
#define HC_GATHER_H

#include "src/evidence/reading.h"

/*
 * Takes `files` (struct hc_file, in the order in which they came) and gives groups of them, GPtrArray each: a
 * log and its rotated files, oldest first, where the first of them came; any other file alone. By the times
 * in them, where those contradict the names, which is told.
 */
GPtrArray *hc_gather(struct hc_job *job, GPtrArray *files);

/*
 * Of a group whose files were looked up: those that were imported before and stand in front of what was not,
 * oldest first, as they were read then. Files of the case only; what is not told of messages that go on from
 * one file to the next is told. NULL with an error.
 */
GPtrArray *hc_gather_before(struct hc_job *job, const GPtrArray *group, GError **error);

/*
 * Adds to `files`, which were named one by one, those of the same logs that were imported before: a log is
 * read as one whenever its files come. What lies there no longer, or not as it was, is told, and nothing of
 * that log is added.
 */
bool hc_gather_known(struct hc_job *job, GPtrArray *files, GError **error);
/*
 * Of a group in which some are known and others are not: all that the known ones have told is forgotten, and
 * they are read again with the others, as they were read before. If one cannot be, none is.
 */
bool hc_gather_again(struct hc_job *job, GPtrArray *group, GError **error);
/* Of a group whose first file has no year and a later one has: what year that makes the first one's, by how
 * their beginnings go round the calendar. */
void hc_gather_guess(struct hc_job *job, GPtrArray *group);

/*
 * The year that the case gives is that of the oldest line of the whole log: of a file that is given by
 * itself, while an older one of its log lies beside it in the case and is none of `files`, it is not, and is
 * taken from what is said of the file, which is told.
 */
void hc_gather_years(struct hc_job *job, GPtrArray *files);

/* An array that owns struct hc_file. */
GPtrArray *hc_files_new(void);
/* Sets `said` to what the columns 1 to 5 of a row say (zone, label, year, clock, taken). */
void hc_file_said(struct hc_file *f, hc_stmt *st);
bool hc_file_is_fresh(const struct hc_file *f);

#endif
