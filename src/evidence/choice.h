/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CHOICE_H
#define HC_CHOICE_H

#include "src/evidence/pgarchive.h"
#include "src/evidence/reading.h"

/* What takes a member and what its records mean: as the user asked, as an earlier import chose, or by what
 * its first bytes look like. Of reading.c. */

/* The importer of the current member of `in`, NULL when nothing takes it; its profile and why are set in
 * `info`. Fails where what was asked for does not fit, and where several profiles do. */
bool hc_choose(struct hc_job *job, const struct hc_file *f, struct hc_input *in, struct hc_peek *peek,
               const struct hc_importer **importer, struct hc_source_info *info, GError **error);
/* The same, but for what is read with another member or is passed over: status, format and why are set in
 * `info` too. `archive`, `*what`: of hc_pgarchive_present; one that is refused has no importer. `*what` may
 * be set: the reason that `info` borrows. */
bool hc_choose_member(struct hc_job *job, const struct hc_file *f, struct hc_input *in, struct hc_peek *peek,
                      enum hc_pgarchive archive, char **what, const struct hc_importer **importer,
                      struct hc_source_info *info, GError **error);
/* What takes it, when its name is `name`; NULL: nothing, or nobody knows. */
const struct hc_importer *hc_choose_importer(struct hc_job *job, const struct hc_file *f,
                                             const struct hc_peek *peek, const char *name);

#endif
