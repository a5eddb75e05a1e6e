/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MIME_H
#define HC_MIME_H

#include "src/base/error.h"
#include "src/base/str.h"

/*
 * One mail message, decoded. The only door to GMime. Every text is valid UTF-8 without NUL; what cannot be
 * decoded becomes U+FFFD, never a failure.
 */
#define HC_MIME_DEPTH_MAX 32         /* nested multiparts; deeper parts are not looked into */
#define HC_MIME_BODY_MAX (64u << 10) /* bytes of body text kept */
/* bytes of a report's part for programs; what is behind them sets `cut` */
#define HC_MIME_REPORT_MAX (1u << 20)
#define HC_MIME_HOPS_MAX 64   /* Received headers that are kept, the newest */
#define HC_MIME_RESULTS_MAX 8 /* Authentication-Results headers that are kept, the topmost */

/* Reports that are made for programs (RFC 6522): the type of that part, message/... */
enum hc_mime_report {
    HC_MIME_NO_REPORT,
    HC_MIME_DELIVERY_STATUS, /* RFC 3464 */
    HC_MIME_FEEDBACK,        /* RFC 5965 */
    HC_MIME_DISPOSITION,     /* RFC 8098 */
};

struct hc_mime {
    char *from, *from_name; /* address and display name of the first author; NULL when absent */
    char *to;               /* first recipient's address */
    char *recipients;       /* all of To and Cc, joined with ", " */
    char *subject, *message_id, *in_reply_to, *references, *date; /* NULL when absent; ids without <> */
    char *return_path, *delivered_to; /* as the last host wrote them, without <>; NULL when absent */
    char *
        failed_recipients; /* X-Failed-Recipients: who bounces by that name the addresses; NULL when absent */
    char **hops;           /* the Received headers, unfolded, that of the last host first; NULL-ended */
    size_t n_hops;         /* how many there are, also beyond the limit */
    char **results;        /* the Authentication-Results headers, unfolded, the topmost first; NULL-ended */
    char *body; /* first text/plain part, else first text/html as it is written; "" when there is none */
    bool cut; /* it is beyond a limit of mimelimits.h or HC_MIME_REPORT_MAX: what stands behind that place was
                 not looked at */
    enum hc_mime_report report;
    char *report_text;        /* of that part, decoded; NULL when there is none */
    struct hc_mime *returned; /* headers of the message that a report returns, without what is inside of it;
                                 NULL when there are none */
};

/* Never NULL unless the bytes are no message at all (error HC_ERROR_INPUT). Free with hc_mime_free. */
struct hc_mime *hc_mime_parse(struct hc_str bytes, GError **error);
void hc_mime_free(struct hc_mime *mime);
typedef struct hc_mime hc_mime_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_mime_t, hc_mime_free)

#endif
