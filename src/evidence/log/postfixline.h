/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_POSTFIXLINE_H
#define HC_POSTFIXLINE_H

#include "src/evidence/log/dialect.h"
#include "src/evidence/log/fields.h"

/* Rooms of the dialect of Postfix: postfix.c has the lines of messages, postfixother.c the others,
 * postfixline.c what both are made of. */

/* Who wrote it: the last part of the program's name. HC_PF_OTHER: none of these. */
enum hc_pf {
    HC_PF_OTHER,
    HC_PF_SMTPD,
    HC_PF_QMGR, /* nqmgr, oqmgr */
    HC_PF_CLEANUP,
    HC_PF_SMTP, /* relay, too */
    HC_PF_LMTP,
    HC_PF_LOCAL,
    HC_PF_VIRTUAL,
    HC_PF_PIPE,
    HC_PF_PICKUP,
    HC_PF_BOUNCE, /* and what answers for it: defer, trace */
    HC_PF_ERROR,  /* retry, too */
    HC_PF_DISCARD,
    HC_PF_POSTSCREEN,
    HC_PF_DNSBLOG,
    HC_PF_POSTSUPER,
    HC_PF_MASTER,
    HC_PF_STATISTICS, /* anvil, scache */
};
enum hc_pf hc_pf_of(struct hc_str program);
bool hc_pf_takes(const struct hc_logline *line);

/* A line as it is read. */
struct hc_pf_line {
    struct hc_flow *flow;
    const struct hc_logline *l;
    enum hc_pf by;
    struct hc_str text;   /* behind the queue id, or "NOQUEUE: " */
    struct hc_message *m; /* NULL: of none */
};

/* "4Sb3cz2BdXzCFlP" before ": " at the start; .p == NULL: none. */
struct hc_str hc_pf_queue_id(struct hc_str message);
/* One instance of Postfix gives each id once at a time: "postfix-out" of "postfix-out/smtp". */
struct hc_str hc_pf_instance(const struct hc_logline *line);
/* The field, where it is no longer than HC_FLOW_FIELD_MAX. */
struct hc_str hc_pf_field(struct hc_str text, const char *key, char until);
/* Of what was found, each that is longer becomes none. */
void hc_pf_fields(struct hc_str text, char until, const struct hc_wanted *wanted, size_t n);
/* The network address in "host[address]" at the start, in front of the first blank. .p == NULL: none. */
struct hc_str hc_pf_client(struct hc_str text);
/* Kept as audit-other: `text`, of whom the line is about. */
bool hc_pf_other(const struct hc_pf_line *p, struct hc_str ip, struct hc_str text, GError **error);

/* "reject: RCPT from host[address]: 554 ...; from=<a> to=<b> proto=...", whose action is `text` up to its
 * first ": ". */
bool hc_pf_is_rejection(struct hc_str text);
bool hc_pf_rejection(const struct hc_pf_line *p, GError **error);
/* The same form, of what is no refusal: "hold: ", "discard: ", "filter: " */
bool hc_pf_decision(const struct hc_pf_line *p, GError **error);
/* The subject in "header Subject: TEXT from host[address]; from=..."; .p == NULL: it is no such line. */
struct hc_str hc_pf_subject(struct hc_str text);

/* A line of no message. */
bool hc_pf_no_message(const struct hc_pf_line *p, GError **error);

#endif
