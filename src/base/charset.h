/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_CHARSET_H
#define HC_CHARSET_H

#include "src/base/str.h"

/* Text that is in another character set than UTF-8, as evidence names it. */
struct hc_charset;

/* By the name that iconv has for it; NULL when there is none. */
struct hc_charset *hc_charset_new(const char *name);
void hc_charset_free(struct hc_charset *set);
/* Appends `in` as UTF-8; a byte that is no character of the set stays as it is. */
void hc_charset_utf8(struct hc_charset *set, GString *out, struct hc_str in);

#endif
