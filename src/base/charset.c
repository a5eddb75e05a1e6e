/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/charset.h"

#include <errno.h>

struct hc_charset {
    GIConv conv;
};

struct hc_charset *hc_charset_new(const char *name)
{
    GIConv conv = g_iconv_open("UTF-8", name);
    struct hc_charset *set;

    if (conv == (GIConv)-1)
        return NULL;
    set = g_new0(struct hc_charset, 1);
    set->conv = conv;
    return set;
}

void hc_charset_free(struct hc_charset *set)
{
    if (set)
        g_iconv_close(set->conv);
    g_free(set);
}

void hc_charset_utf8(struct hc_charset *set, GString *out, struct hc_str in)
{
    char *from = (char *)in.p;
    gsize left = in.n;

    g_iconv(set->conv, NULL, NULL, NULL, NULL);
    while (left) {
        char piece[256], *to = piece;
        gsize room = sizeof(piece);
        gsize rc = g_iconv(set->conv, &from, &left, &to, &room);
        bool stuck = rc == (gsize)-1 && errno != E2BIG;
        g_string_append_len(out, piece, (gssize)(sizeof(piece) - room));
        if (stuck && left) {
            g_string_append_c(out, *from++);
            left--;
        }
    }
}
