/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_MAIL_RECEIVED_H
#define HC_MAIL_RECEIVED_H

#include "src/base/str.h"
#include "src/base/utc.h"

/*
 * A Received header (RFC 5321 section 4.4): one host tells that it took a message over, from whom, and when
 * by its own clock.
 *
 *   from mx.example (mx.example [192.0.2.1]) by relay1.example (Postfix) with ESMTPS id 4Sb3 for <a@b>; Mon,
 * 20 Nov 2023 07:21:29 -0500 (EST)
 *
 * Each host writes its own above the others. Only those that our own hosts wrote are records; what stands
 * below the first foreign one is what a stranger handed in, and may be invented.
 */
struct hc_received {
    struct hc_str from, by, with, id,
        recipient;         /* slices of the text; .p == NULL: not said. The recipient is without <> */
    struct hc_str address; /* network address of the host that handed it over, as the taking host saw it */
    struct hc_str date;    /* as it is written */
    struct hc_time time;   /* precision NONE: it cannot be read */
};

/* Never fails: what is not said in the known words is left out. */
struct hc_received hc_received_read(struct hc_str text);

/* Appends the hops, newest first, as a JSON array of objects with the keys by, from, address, with, id, for
 * and time (RFC 3339) or date (as written, where it cannot be read), as many as fit into `limit` bytes. */
void hc_received_json(char *const *hops, size_t limit, GString *out);

#endif
