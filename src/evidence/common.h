/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_COMMON_H
#define HC_COMMON_H

#include "src/base/event.h"

/*
 * Fields that events share (habits.h) as the one text that they are stored as: mostly it is one of the last,
 * and need not be put together again. What is forgotten for others is put together anew: nothing but time
 * depends on it.
 */
#define HC_COMMON_SLOTS 4096 /* a power of two */
#define HC_COMMON_MAX 2048   /* bytes of names and values; of more nothing is kept */

struct hc_common_text {
    struct hc_str text;  /* .p == NULL: not known yet */
    uint64_t hash, name; /* of it: by hc_habits_hash, and by hc_entities_hash */
};

struct hc_common;
struct hc_common *hc_common_new(void);
void hc_common_free(struct hc_common *common);

/* Of those fields whose bits are in `which`. NULL: they are too long. Valid until the next call. */
const struct hc_common_text *hc_common_find(struct hc_common *common, const struct hc_attribute *fields,
                                            size_t n, unsigned which);
/* What was asked for last is that; the text is copied. */
void hc_common_set(struct hc_common *common, const struct hc_common_text *text);

#endif
