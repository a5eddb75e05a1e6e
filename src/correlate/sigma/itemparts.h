/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_SIGMA_ITEMPARTS_H
#define HC_SIGMA_ITEMPARTS_H

#include "src/base/regex.h"
#include "src/correlate/sigma/glob.h"
#include "src/correlate/sigma/item.h"
#include "src/correlate/sigma/modifier.h"

/* Inside of items: what a value of a rule is compared by. */
enum matcher_kind {
    MATCH_GLOB,
    MATCH_NUMBER, /* equal in value: 10, 10.0 and "10" */
    MATCH_BOOL,
    MATCH_NULL, /* absent, or JSON's null */
    MATCH_EXISTS,
    MATCH_REGEX,
    MATCH_ORDER, /* a number, or a part of a time, that is less, more, ... */
    MATCH_NETWORK,
    MATCH_FIELD, /* another field of the same event */
};

struct network {
    int family; /* AF_INET, AF_INET6 */
    unsigned char bytes[16];
    int bits;
};

struct matcher {
    enum matcher_kind kind;
    struct hc_glob *glob;
    struct hc_regex *regex;
    struct hc_number number;
    char *digits; /* of that number */
    bool yes;     /* of MATCH_BOOL and MATCH_EXISTS */
    struct network network;
    size_t slot; /* of the other field */
};

struct hc_sigma_item {
    char *field, *text;
    size_t slot; /* of the field; none for keywords */
    bool keywords;
    struct modifiers modifiers;
    const struct hc_sigma_lists *lists; /* only while it is read */
    GArray *matchers;                   /* struct matcher */
    GPtrArray *words;                   /* char *: the values as they are written, to be shown */
};

void matcher_clear(void *matcher);
/* Appends the matchers of one scalar. */
bool matchers_read(struct hc_sigma_item *item, const struct hc_yaml *value, struct hc_sigma_fields *fields,
                   GError **error);

/* "10.0.0.0/8"; false with a static reason. */
bool network_parse(const char *text, struct network *network, const char **why);
/* Is the text an address inside of it? */
bool network_holds(const struct network *network, struct hc_str address);

#endif
