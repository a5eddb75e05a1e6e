/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_LINE_H
#define HC_LOG_LINE_H

#include "src/base/event.h"
#include "src/evidence/log/stamp.h"

/*
 * One record of a log in its parts, whatever carried it: classic syslog (RFC 3164 and what programs make of
 * it), RFC 5424, the ISO times of rsyslog and systemd, the journal's exports, or a daemon's own file. Slices
 * are borrowed from the text that was split. Starts zeroed: not all who make one know of all its parts.
 */
struct hc_logline {
    struct hc_str stamp;   /* the time as it is written */
    struct hc_str host;    /* .p == NULL: the line does not say */
    struct hc_str program; /* "postfix/smtpd", without its number */
    struct hc_str pid;     /* .p == NULL: the line does not say */
    struct hc_str message; /* what the program wrote */
    struct hc_time time;   /* precision NONE: no time can be told, what the line says is undated */
    struct hc_locator at;
    bool own; /* of a file that only this program writes, without a carrier */

    /* Of syslog and the journal; absent: .p == NULL, and n 0. */
    struct hc_str priority; /* as it is written: "165", "INFO", "mail.info" */
    struct hc_str id;       /* RFC 5424: MSGID */
    struct hc_str data;     /* RFC 5424: structured data, from its first bracket to its last */
    struct hc_str note;     /* why the time is what it is, where that is not plain; static text */
    struct hc_str repeats;  /* so many times, as digits, the message was written in this time */
    struct hc_stamp written;
};

/*
 * Splits a line of syslog, without its line end, into all but time, locator, note and repeats; `written` is
 * for src/evidence/log/clock.h. False: no time stands where one has to. Never fails otherwise: a line without
 * host, program or message has none.
 */
bool hc_line_split(struct hc_str text, struct hc_logline *line);

/*
 * Does the message stand for others? "last message repeated 3 times" for the one before it: `inner` is absent
 * then; rsyslog's "message repeated 3 times: [ TEXT]" for TEXT. The digits of their number, .p == NULL where
 * it does not.
 */
struct hc_str hc_line_repeats(struct hc_str message, struct hc_str *inner);

/* Frames of RFC 6587, "83 <34>1 2003-...": the bytes in front of the frame and, `*length`, those of the
 * frame. 0: none begins here. */
#define HC_FRAME_MAX (1u << 20) /* a longer one is none */
size_t hc_line_frame(struct hc_str text, size_t *length);

#endif
