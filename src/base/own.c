/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/own.h"

#define UUID_TEXT 36

#define OTHER 0x80
/* Of the characters from '0' to 'f' the value of a lower-case digit, or OTHER. */
static inline unsigned digit(char c)
{
    static const unsigned char values['f' - '0' + 1] = {
        0,     1,     2,     3,     4,     5,     6,     7,     8,     9,     OTHER, OTHER, OTHER, OTHER,
        OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER,
        OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER,
        OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, 10,    11,    12,    13,    14,    15};
    const unsigned at = (unsigned)(unsigned char)c - '0';

    return at < sizeof values ? values[at] : OTHER;
}

bool hc_own_uuid(struct hc_str text, unsigned char uuid[HC_OWN_UUID])
{
    static const unsigned char at[HC_OWN_UUID] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
    unsigned all = 0;

    if (text.n != UUID_TEXT || text.p[8] != '-' || text.p[13] != '-' || text.p[18] != '-' ||
        text.p[23] != '-')
        return false;
    for (size_t i = 0; i < HC_OWN_UUID; i++) {
        const unsigned high = digit(text.p[at[i]]), low = digit(text.p[at[i] + 1]);
        all |= high | low;
        uuid[i] = (unsigned char)(high << 4 | low);
    }
    return all < OTHER;
}

void hc_own_name(struct hc_buffer *out, struct hc_str name, bool first)
{
    static const char marks[] = {HC_OWN_COLON, HC_OWN_COMMA, HC_OWN_ID, HC_OWN_NATIVE};

    if (!first && hc_str_is(name, "native")) {
        hc_buffer_add(out, &marks[3], 1);
        return;
    }
    if (!first)
        hc_buffer_add(out, &marks[1], 1);
    if (hc_str_is(name, "id")) {
        hc_buffer_add(out, &marks[2], 1);
    } else {
        hc_buffer_add(out, name.p, name.n);
        hc_buffer_add(out, &marks[0], 1);
    }
}

static void add_uuid(GString *out, const char *uuid)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HC_OWN_UUID; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            g_string_append_c(out, '-');
        g_string_append_c(out, digits[(unsigned char)uuid[i] >> 4]);
        g_string_append_c(out, digits[uuid[i] & 15]);
    }
}

/* `uuid`: NULL where there is none, and none has its place in the rest. */
static void add_marked(GString *out, struct hc_str rest, const char *uuid)
{
    static const char *const words[] = {NULL, NULL, "\":\"", "\",\"", "id\":\"", "\",\"native\":\""};

    g_string_append(out, "{\"");
    for (size_t i = 0, from = 0; i <= rest.n; i++) {
        if (i < rest.n && (unsigned char)rest.p[i] > HC_OWN_NATIVE)
            continue;
        g_string_append_len(out, rest.p + from, (gssize)(i - from));
        from = i + 1;
        if (i < rest.n && rest.p[i] == HC_OWN_VALUE && uuid)
            add_uuid(out, uuid);
        else if (i < rest.n && rest.p[i] > HC_OWN_VALUE)
            g_string_append(out, words[(int)rest.p[i]]);
    }
    g_string_append(out, "\"}");
}

void hc_own_json(GString *out, struct hc_str stored, bool blob)
{
    static const char lone[] = {HC_OWN_ID, HC_OWN_VALUE};
    struct hc_str rest;

    if (!blob && hc_str_starts(stored, "{\"")) {
        g_string_append_len(out, stored.p, (gssize)stored.n);
    } else if (!blob || stored.n < HC_OWN_UUID) {
        add_marked(out, stored, NULL);
    } else {
        rest = hc_str_skip(stored, HC_OWN_UUID);
        add_marked(out, rest.n ? rest : hc_str_n(lone, sizeof lone), stored.p);
    }
}
