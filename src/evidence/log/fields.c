/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/fields.h"

static bool ends_address(struct hc_str text, size_t i)
{
    return text.p[i] == '>' &&
           (i + 1 == text.n || text.p[i + 1] == ',' || text.p[i + 1] == ' ' || text.p[i + 1] == ':');
}

ptrdiff_t hc_fields_angle(struct hc_str text)
{
    size_t from = 0;

    if (text.n && text.p[0] == '"') {
        for (from = 1; from < text.n && text.p[from] != '"'; from++)
            from += text.p[from] == '\\';
        from = from < text.n ? from : 0; /* the quote is not closed: it is none */
    }
    for (ptrdiff_t next; (next = hc_str_chr(hc_str_skip(text, from), '>')) >= 0; from++) {
        from += (size_t)next;
        if (ends_address(text, from))
            return (ptrdiff_t)from;
    }
    return -1;
}

/* The value at the start of `rest`, which moves behind it; angle brackets are taken off. */
static struct hc_str value(struct hc_str *rest, char until)
{
    bool angle = rest->n && rest->p[0] == '<';
    struct hc_str text = hc_str_skip(*rest, angle), out;
    ptrdiff_t end = angle ? hc_fields_angle(text) : hc_str_chr(text, until);

    out = end < 0 ? text : hc_str_head(text, (size_t)end);
    *rest = hc_str_skip(text, out.n + angle);
    return out;
}

bool hc_field_next(struct hc_str *rest, char until, struct hc_str *name, struct hc_str *found)
{
    ptrdiff_t equals;

    while (rest->n && (rest->p[0] == ',' || rest->p[0] == ' '))
        *rest = hc_str_skip(*rest, 1);
    equals = hc_str_chr(*rest, '=');
    if (equals < 0)
        return false;
    *name = hc_str_head(*rest, (size_t)equals);
    *rest = hc_str_skip(*rest, name->n + 1);
    if (hc_str_is(*name, "status")) {
        *found = *rest;
        *rest = hc_str_skip(*rest, rest->n);
    } else {
        *found = value(rest, until);
    }
    return true;
}

struct hc_str hc_field(struct hc_str rest, const char *key, char until)
{
    struct hc_str name, found;

    while (hc_field_next(&rest, until, &name, &found))
        if (hc_str_is(name, key))
            return found;
    return HC_STR_NONE;
}

void hc_fields(struct hc_str rest, char until, const struct hc_wanted *wanted, size_t n)
{
    struct hc_str name, found;

    while (hc_field_next(&rest, until, &name, &found))
        for (size_t i = 0; i < n; i++)
            if (hc_str_eq(name, wanted[i].key) && !wanted[i].value->p)
                *wanted[i].value = found;
}

struct hc_str hc_bracketed(struct hc_str client)
{
    ptrdiff_t open = hc_str_chr(client, '['), close = hc_str_chr(client, ']');

    return open < 0 || close < open ? HC_STR_NONE : hc_str_n(client.p + open + 1, (size_t)(close - open - 1));
}
