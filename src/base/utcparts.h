/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UTCPARTS_H
#define HC_UTCPARTS_H

#include "src/base/utc.h"

/* What the files of the time engine share (utc.c: calendar and text, utczone.c: zones, utcread.c and
 * utcform.c: readers); nobody else includes it. */

#define HC_US_PER_DAY (86400 * HC_US_PER_S)
#define HC_YEAR_MIN 1700
#define HC_YEAR_MAX 2249
#define HC_UTC_MIN INT64_C(-8520336000000000) /* 1700-01-01 */
#define HC_UTC_MAX INT64_C(8835955199999999)  /* the end of 2249 */

/* How much a value of this precision covers, less one microsecond. */
int64_t hc_precision_span(enum hc_precision precision);

/* The range of local microseconds that written fields cover; false: no such time. */
bool hc_civil_range(const struct hc_civil *civil, enum hc_precision precision, int64_t *lo, int64_t *hi);
/* A leap second (":60") is the last of a day of UTC; true for all that is none. */
bool hc_leap_is_possible(const struct hc_civil *civil, int64_t earliest);

/* An instant; false outside of 1700..2249. */
bool hc_time_set(struct hc_time *out, int64_t us, enum hc_precision precision, unsigned basis);

/* A cursor over the text: it moves only over what is read. */
bool hc_eat(struct hc_str *t, const char *any);
bool hc_digits(struct hc_str *t, int min, int max, int *value);
/* "Z", "+hh", "+hhmm", "+hh:mm", "+hh:mm:ss" (PostgreSQL, for local mean time): seconds east. */
bool hc_offset(struct hc_str *t, int *seconds);

#endif
