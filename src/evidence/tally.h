/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_TALLY_H
#define HC_TALLY_H

#include "src/base/db.h"

/* The accounting of one source: how many records of each native type had which fate, and by what rule. */
enum hc_fate {
    HC_FATE_EVENT,
    HC_FATE_STATE,
    HC_FATE_IGNORED,
    HC_FATE_JOINED,
    HC_FATE_DUPLICATE,
    HC_FATE_REJECTED,
    HC_FATES
};

struct hc_tally;
struct hc_tally *hc_tally_new(void);
void hc_tally_free(struct hc_tally *tally);

/* `n` more (or fewer) of them. `type` is valid UTF-8, `why` the rule or "". */
void hc_tally_add(struct hc_tally *tally, enum hc_fate fate, struct hc_str type, const char *why, int64_t n);
int64_t hc_tally_sum(const struct hc_tally *tally, enum hc_fate fate);
int64_t hc_tally_all(const struct hc_tally *tally);
/* Table `tally` of the source. */
bool hc_tally_write(const struct hc_tally *tally, hc_db *db, int64_t source, GError **error);

#endif
