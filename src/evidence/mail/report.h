/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MAIL_REPORT_H
#define HC_MAIL_REPORT_H

#include "src/base/mime.h"
#include "src/evidence/importer.h"

/*
 * Reports about other messages, of which each recipient is an event of its own: delivery status (RFC 3464),
 * feedback (RFC 5965), disposition (RFC 8098), and bounces for people of which the addresses can be told
 * without guessing: those with the header X-Failed-Recipients (Exim, Gmail), and those of programs whose
 * wording is fixed (bounce.h).
 *
 * Whoever can write a mail can write a report: the event is dated by the report's own arrival, and what it
 * says of times and hosts are fields. Its message is the one that it is about, where the report names it;
 * "report-id" is the report's own.
 */
/* of one report; those beyond are not events, which the field "recipients-left-out" says */
#define HC_REPORT_RECIPIENTS_MAX 1000

/* Pushes the events of a report, which are more of the record at `mail->at`. `mail` is the event of the
 * message itself. */
bool hc_report_push(struct hc_sink *sink, const struct hc_mime *mime, const struct hc_event *mail,
                    GError **error);

#endif
