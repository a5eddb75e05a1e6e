/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/own.h"

#include <stdint.h>
#include <string.h>

#define UUID_TEXT 36

#define EACH UINT64_C(0x0101010101010101)

/* Eight digits as four bytes; false where one is none. Each byte of the word is worked on by itself: no sum
 * leaves it. */
static inline bool take_digits(uint64_t text, unsigned char bytes[4])
{
    const uint64_t x = GUINT64_FROM_LE(text), n = (x & EACH * 0x0f) + (x >> 6 & EACH) * 9,
                   again = n + EACH * '0' + ((n + EACH * 6) >> 4 & EACH) * ('a' - '0' - 10);
    uint64_t pairs = (n << 4 | n >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    uint32_t all;

    pairs = (pairs | pairs >> 8) & UINT64_C(0x0000ffff0000ffff);
    all = GUINT32_TO_LE((uint32_t)(pairs | pairs >> 16));
    memcpy(bytes, &all, sizeof all);
    return again == x && !(n & EACH * 0xf0);
}

/* From eight places, or twice from four. */
static inline uint64_t word_at(const char *low, const char *high)
{
    uint64_t word;

    memcpy(&word, low, sizeof word / 2);
    memcpy((char *)&word + sizeof word / 2, high, sizeof word / 2);
    return word;
}

bool hc_own_uuid(struct hc_str text, unsigned char uuid[HC_OWN_UUID])
{
    const char *p = text.p;

    return text.n == UUID_TEXT && p[8] == '-' && p[13] == '-' && p[18] == '-' && p[23] == '-' &&
           take_digits(word_at(p, p + 4), uuid) && take_digits(word_at(p + 9, p + 14), uuid + 4) &&
           take_digits(word_at(p + 19, p + 24), uuid + 8) && take_digits(word_at(p + 28, p + 32), uuid + 12);
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
