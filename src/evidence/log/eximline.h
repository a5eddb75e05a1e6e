/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_EXIMLINE_H
#define HC_EXIMLINE_H

#include "src/base/str.h"

/*
 * One entry of Exim's logs in its parts (Exim specification, chapter "Log files"), without time and process
 * number. Pure; every slice lies in the text that was given. Much of a line is a stranger's words: the
 * sender, HELO and ident of the client, the names in its certificate, Message-ID, subject, the answers of
 * other servers. Exim writes the fields in a fixed order and each once, so a field that stands there twice is
 * an imitation of one of them, and it cannot be told which is which: the line is doubtful then, and gives
 * neither client, login nor Message-ID.
 */
enum hc_exim_flag {
    HC_EXIM_OTHER,      /* none of these */
    HC_EXIM_ARRIVAL,    /* "<=" */
    HC_EXIM_FAKEREJECT, /* "(=": kept, though the client was told that it is refused */
    HC_EXIM_DELIVERY,   /* "=>", or "->" for a further address of the same delivery */
    HC_EXIM_CUTTHROUGH, /* ">>": delivered while it was received; stands before its arrival */
    HC_EXIM_SUPPRESSED, /* "*>": not delivered, because of -N */
    HC_EXIM_FAILED,     /* "**" */
    HC_EXIM_DEFERRED,   /* "==" */
    HC_EXIM_COMPLETED,
};

struct hc_exim_line {
    struct hc_str id; /* of the message: XXXXXX-YYYYYY-ZZ, since 4.97 XXXXXX-YYYYYYYYYYY-ZZZZ; .p == NULL: the
                         line is of none */
    enum hc_exim_flag flag;
    struct hc_str text; /* behind id and flag */
};
struct hc_exim_line hc_exim_split(struct hc_str message);

/* The values of an entry; .p == NULL: the entry has none. */
struct hc_exim_fields {
    struct hc_str
        address; /* behind the flag: sender ("" for <>), or the final address: of a mailbox, a file, a pipe */
    struct hc_str original;  /* <...> behind it: the recipient that became it */
    struct hc_str parent;    /* (...) between the two: the last there was */
    struct hc_str host;      /* H=: a name that was verified, or of the host that was connected to */
    struct hc_str helo;      /* (...) in H= */
    struct hc_str ip;        /* [...] in H=; only where it is one */
    struct hc_str relay;     /* H= as it is written; of a delivery without an address: the name alone */
    struct hc_str ident;     /* U= */
    struct hc_str protocol;  /* P= of an arrival */
    struct hc_str tls;       /* X= */
    struct hc_str auth;      /* A=: the authenticator */
    struct hc_str login;     /* ... and behind its colon who that was */
    struct hc_str sender;    /* F= without its brackets */
    struct hc_str size;      /* S= */
    struct hc_str router;    /* R=; of an arrival: the message that it is about */
    struct hc_str transport; /* T= of a delivery */
    struct hc_str subject;   /* T= of an arrival, with Exim's escapes: hc_exim_unescape */
    struct hc_str id;        /* id= or id*= */
    struct hc_str answer;    /* C=, with Exim's escapes */
    struct hc_str queued;    /* QT= */
    struct hc_str code;      /* of a deferral: errno, or Exim's own as a negative number */
    struct hc_str rest;      /* behind the fields: the reason, or the words that follow */
    bool doubtful;
};

/* Of a line with this flag; HC_EXIM_OTHER: of what begins with host and ident of a client, "H=... U=...
 * F=<...> rejected ...". */
void hc_exim_read(enum hc_exim_flag flag, struct hc_str text, struct hc_exim_fields *out);
/* "name (helo) [address]:port", with "H=" or, as before 4.93, without; moves `text` behind it. False: it does
 * not begin so. */
bool hc_exim_host(struct hc_str *text, struct hc_exim_fields *out);
/* "<address>" at the start, whose quoted local part may hold others; moves `text` behind it. .p == NULL:
 * there is none. */
struct hc_str hc_exim_angle(struct hc_str *text);
/*
 * The client in a line that says first what happened: behind " from ", " H=", " for " or " on ". What is
 * quoted before it, a command or an address, is passed over.
 */
bool hc_exim_find_client(struct hc_str text, struct hc_exim_fields *out);

#endif
