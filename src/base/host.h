/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_HOST_H
#define HC_HOST_H

#include "src/base/str.h"

/* The one host that all records of a source name. Starts empty (zeroed); freed with hc_host_clear. */
#define HC_HOST_MAX 253 /* bytes of a name; what is longer is none */
struct hc_host {
    char *name; /* the longest form seen, in lower case; NULL: none */
    bool several;
    size_t n_last; /* of the name that came last, as it was written: nearly always it comes again */
    char last[HC_HOST_MAX];
};

/* No name, or one that every host has, says nothing. */
void hc_host_add(struct hc_host *host, struct hc_str name);
/* .p == NULL where none or several are named; lives as long as `host`. */
struct hc_str hc_host_name(const struct hc_host *host);
void hc_host_clear(struct hc_host *host);
/* "relay1" and "relay1.site.example" are the same host; a bare "site" and "site.example" too. Letters
 * compared without case. */
bool hc_host_same(struct hc_str a, struct hc_str b);

#endif
