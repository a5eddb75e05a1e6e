/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_LOGINS_H
#define HC_LOG_LOGINS_H

#include "src/evidence/log/dialect.h"
#include "src/evidence/log/words.h"

/*
 * Rooms of the dialect of sign-ins (logins.c). Passwords are never kept: where a service writes what was
 * typed, only the words in front of it are taken over.
 */

/* A sign-in that a line tells of. The name is the one that was tried; the actor is who it names, and only
 * where it succeeded. */
struct hc_login {
    bool good;
    struct hc_ref who;
    struct hc_str ip;         /* .p == NULL: the line does not say from where */
    struct hc_str method;     /* "PLAIN", "publickey" */
    struct hc_str why;        /* why it failed, in the service's words */
    struct hc_str session;    /* as the service calls it */
    struct hc_message *joins; /* lines that tell of the same attempt are joined here; NULL: none are */
};
bool hc_login_event(struct hc_flow *flow, const struct hc_logline *line, const struct hc_login *login,
                    GError **error);

/* Kept as audit-other, with what is known of it. */
struct hc_login_other {
    struct hc_str text;
    struct hc_ref actor, target;
    struct hc_str ip;
    struct hc_str message;
};
bool hc_login_other(struct hc_flow *flow, const struct hc_logline *line, const struct hc_login_other *other,
                    GError **error);

/* The message as it stands, and nothing more of it. */
bool hc_login_text(struct hc_flow *flow, const struct hc_logline *line, GError **error);

/* A service: `takes` by the program, and by the message where several write under one name; `read` as of a
 * dialect. */
struct hc_login_service {
    bool (*takes)(const struct hc_logline *line);
    bool (*read)(struct hc_flow *flow, const struct hc_logline *line, GError **error);
};
extern const struct hc_login_service hc_logins_dovecot; /* dovecot.c */
extern const struct hc_login_service hc_logins_host;    /* hostlogins.c: sshd, su, sudo, PAM */
extern const struct hc_login_service
    hc_logins_mailbox; /* mailboxlogins.c: Courier, Cyrus, UW IMAP, perdition, solid-pop3d, vpopmail, qmail */

#endif
