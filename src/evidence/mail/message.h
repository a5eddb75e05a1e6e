/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MAIL_MESSAGE_H
#define HC_MAIL_MESSAGE_H

#include "src/evidence/importer.h"

/*
 * A mail message as it lies in a mailbox or a file of its own: one record, one event (mail-sent where its
 * author is one of our mailboxes, else mail-received), and for a report one more for each recipient that it
 * is about (report.h).
 *
 * It is dated by the topmost Received header, which the mailbox's own host wrote; Date is the sender's claim
 * and dates it only where no Received can be read, which the field "dated-by" says. The field "received"
 * holds the way that it came (received.h).
 */
#define HC_MESSAGE_MAX (64u << 20) /* a larger message is rejected, the next ones are read */
/* bytes of the field "authentication-results": those behind the first that does not fit are left out */
#define HC_MESSAGE_RESULTS_TEXT 4000
/* bytes of the field "received": older hops that do not fit are left out */
#define HC_MESSAGE_HOPS_TEXT 4000

/* Why a message is rejected: it is too large, or `long_line`: one of its lines is. */
bool hc_message_reject_size(struct hc_sink *sink, const struct hc_locator *at, bool long_line,
                            GError **error);

/* `type` is the native record type. Lines may end with LF, CR LF, or CR where there is no LF. */
bool hc_message_push(struct hc_sink *sink, const char *type, GString *text, const struct hc_locator *at,
                     GError **error);

#endif
