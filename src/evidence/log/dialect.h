/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_DIALECT_H
#define HC_LOG_DIALECT_H

#include "src/evidence/log/flow.h"

/*
 * What the lines of a family of programs mean: a mail daemon, a login service. Carriers (importers/syslog.c,
 * ...) split and date lines; the first dialect of hc_dialects that takes the program reads them.
 */
struct hc_dialect {
    const char *name; /* "postfix" */
    /* By the program, and where that is not enough by the message. Pure. */
    bool (*takes)(const struct hc_logline *line);
    /* Disposes of the line exactly once: hc_flow_event, hc_flow_part, hc_flow_ignore or hc_flow_reject. False
     * only when storing failed. */
    bool (*read)(struct hc_flow *flow, const struct hc_logline *line, GError **error);
};

extern const struct hc_dialect *const hc_dialects[]; /* NULL-ended, in the order of their names */
extern const struct hc_dialect hc_dialect_exim, hc_dialect_logins, hc_dialect_opensmtpd, hc_dialect_postfix,
    hc_dialect_sendmail;

/* NULL: of a program that nobody knows; such a line is kept as audit-other by its carrier. */
const struct hc_dialect *hc_dialect_of(const struct hc_logline *line);

#endif
