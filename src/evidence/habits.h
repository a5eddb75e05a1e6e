/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_HABITS_H
#define HC_HABITS_H

#include "src/base/event.h"

/*
 * Which native fields of a record type say the same again and again ("country", the name of a program):
 * events share them, as one row of the dictionary, instead of having a copy each. It is learned from a source
 * as its records come, so what is stored depends on nothing but the source. Some 128 KiB for each type that
 * shares, up to HC_HABIT_TYPES types; those beyond share nothing.
 */
#define HC_HABIT_TYPES 64
#define HC_HABIT_SAMPLE 256   /* values of a field that are looked at before it is shared */
#define HC_HABIT_DISTINCT 64  /* of them, at most */
#define HC_HABIT_WINDOW 65536 /* events of a type, after which is asked whether they still share */

struct hc_habits;
struct hc_habits *hc_habits_new(void);
void hc_habits_free(struct hc_habits *habits);

/* One bit for each field of an event: it is to be shared. */
unsigned hc_habits_shared(struct hc_habits *habits, struct hc_str type, const struct hc_attribute *fields,
                          size_t n);
/*
 * The shared fields of the same event, as one text, and the hash of it. False: too many of the last ones were
 * new, or it is longer than HC_HABIT_TEXT_MAX; the event is to keep its fields, and later ones of a type
 * whose habits have changed are not asked any more.
 */
#define HC_HABIT_TEXT_MAX 1024
bool hc_habits_keep(struct hc_habits *habits, struct hc_str text, uint64_t hash);
uint64_t hc_habits_hash(struct hc_str text);

#endif
