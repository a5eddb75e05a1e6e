/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/nested.h"

#include "src/base/json.h"

/* Some text in it begins like an object or a list. */
static bool may_have_nested(struct hc_str fields)
{
    for (const char *kind = "{["; *kind; kind++)
        for (size_t at = 1; at < fields.n; at++) {
            ptrdiff_t next = hc_str_chr(hc_str_skip(fields, at), *kind);
            if (next < 0)
                break;
            at += (size_t)next;
            if (fields.p[at - 1] == '"')
                return true;
        }
    return false;
}

/* A text that is JSON itself: an object or a list that the profile keeps as it is. */
static bool may_be_nested(struct hc_str value)
{
    return value.n >= 4 && value.p[0] == '"' && (value.p[1] == '{' || value.p[1] == '[');
}

/* Appended as such; false: it is none. */
static bool add_nested(struct hc_str value, GString *out)
{
    g_autoptr(GString) text = NULL;
    const char *why;
    size_t at;

    if (!may_be_nested(value))
        return false;
    text = g_string_new(NULL);
    hc_json_text(value, text);
    if (hc_json_check(hc_str_n(text->str, text->len), &at, &why) != text->len)
        return false;
    g_string_append_len(out, text->str, (gssize)text->len);
    return true;
}

bool nested_write(struct hc_str fields, GString *out)
{
    struct hc_str key, value;
    bool any = false;
    size_t pos = 0;

    if (!may_have_nested(fields))
        return false;
    g_string_truncate(out, 0);
    while ((value = hc_json_next(fields, &pos, &key)).p) {
        bool nested;
        g_string_append_c(out, out->len ? ',' : '{');
        g_string_append_len(out, key.p, (gssize)key.n);
        g_string_append_c(out, ':');
        nested = add_nested(value, out);
        any = any || nested;
        if (!nested)
            g_string_append_len(out, value.p, (gssize)value.n);
    }
    g_string_append_c(out, '}');
    return any;
}
