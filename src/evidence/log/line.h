/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_LINE_H
#define HC_LOG_LINE_H

#include "src/base/event.h"

/*
 * One record of a log in its parts, whatever carried it: classic syslog (RFC 3164 and what programs make of it), RFC 5424, the ISO times of
 * rsyslog and systemd, the journal's exports, or a daemon's own file. Slices are borrowed from the text that was split.
 */
struct hc_logline {
    struct hc_str stamp;   /* the time as it is written */
    struct hc_str host;    /* .p == NULL: the line does not say */
    struct hc_str program; /* "postfix/smtpd", without its number */
    struct hc_str pid;     /* .p == NULL: the line does not say */
    struct hc_str message; /* what the program wrote */
    struct hc_time time;   /* precision NONE: no time can be told, what the line says is undated */
    struct hc_locator at;
};

#endif
