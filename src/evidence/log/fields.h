/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_LOG_FIELDS_H
#define HC_LOG_FIELDS_H

#include "src/base/str.h"

/* "key=value, key=<value>, ..." as Postfix, Dovecot and others write it. Values may be a stranger's. Pure;
 * slices of the text. */

/* The '>' that ends an address, behind its '<'; a quoted local part may hold others. -1: none does. */
ptrdiff_t hc_fields_angle(struct hc_str text);
/*
 * The field `key`, from the start on; angle brackets are taken off. `until` ends a value that is in none: ','
 * or ' '. What stands behind status= is an answer, no field. .p == NULL: absent.
 */
struct hc_str hc_field(struct hc_str text, const char *key, char until);
/* The same for several at once: of each that is there, `*value` is set. */
struct hc_wanted {
    struct hc_str key;
    struct hc_str *value; /* .p == NULL before */
};
void hc_fields(struct hc_str text, char until, const struct hc_wanted *wanted, size_t n);
/*
 * The next field, its angle brackets taken off; `rest` moves behind it. Of status= all that is left is the
 * value. False: there is none.
 */
bool hc_field_next(struct hc_str *rest, char until, struct hc_str *name, struct hc_str *value);
/* "host[address]" -> address; .p == NULL: none. */
struct hc_str hc_bracketed(struct hc_str client);

#endif
