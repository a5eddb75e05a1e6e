/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_STAMP_H
#define HC_LOG_STAMP_H

#include "src/base/utc.h"

/*
 * The time of a log line as it is written, read into its fields and not yet into an instant: that takes the
 * lines around it (src/evidence/log/clock.h). Pure.
 */
enum hc_stamp_form {
    HC_STAMP_NONE,   /* the line says that it has no time ("-" of RFC 5424) */
    HC_STAMP_LOCAL,  /* local time; year 0: not written */
    HC_STAMP_OFFSET, /* with its offset, Z or UTC; year 0: not written */
    HC_STAMP_NAMED,  /* local time with the name of a zone, which may mean several offsets, or none */
    HC_STAMP_EPOCH,  /* seconds since 1970, as text */
    HC_STAMP_TAI64N, /* 24 (or, to the second, 16) hexadecimal digits, as text */
};

struct hc_stamp {
    enum hc_stamp_form form;
    enum hc_precision precision;
    struct hc_civil civil; /* of two or four digits each, in range or not */
    int east;              /* OFFSET: seconds */
    struct hc_str zone;    /* NAMED: "EST" */
    char mark;          /* before it, by Cisco: '*' the clock was never set, '.' it lost its source; or 0 */
    struct hc_str text; /* all of it, without the mark; EPOCH and TAI64N: the digits */
};

/*
 * The time at the start of `text`, which moves behind it. Forms:
 *   Nov 22 03:49:32    Nov  2 2023 03:49:32.123    2023 Nov 22 03:49:32    Nov 22 03:49:32 2023    Wed Nov 22
 * 03:49:32 (RFC 3164 and its kin) *Nov 22 03:49:32.123 UTC    Nov 22 03:49:32 -0500    (Cisco and others: a
 * zone behind it) août 22 03:49:32   (month names of French and German, where they mean one month)
 *   2023-11-22T03:49:32.123456-05:00    2023-11-22 03:49:32,123    Wed 2023-11-22 03:49:32 EST
 * 2023-11-22_03:49:32.12345 (svlogd: UTC) 1700628572.123456    @400000006560a5a40b1ed934 False: none of them,
 * nothing moves. A day or hour that does not exist is read all the same (hc_stamp_is_time).
 */
bool hc_stamp_read(struct hc_str *text, struct hc_stamp *stamp);

/* False: the fields are no time in any year ("Feb 30", "24:00:00"), or not in the one that is written. */
bool hc_stamp_is_time(const struct hc_stamp *stamp);

/* The month of the name at the start of `text`, which moves behind it; 0: none. */
int hc_stamp_month(struct hc_str *text);

#endif
