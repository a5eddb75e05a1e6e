/* SPDX-License-Identifier: Apache-2.0 */
/* Values that were validated (jsonscan.c): their types, members, elements and texts. */
#include "src/base/json.h"

#include "src/base/jsonbytes.h"

enum hc_json_type hc_json_type(struct hc_str value)
{
    const uint8_t *end = (const uint8_t *)value.p + value.n;
    const uint8_t *p = value.n ? skip_space((const uint8_t *)value.p, end) : end;

    if (p == end)
        return HC_JSON_INVALID;
    switch (*p) {
    case '"':
        return HC_JSON_STRING;
    case '{':
        return HC_JSON_OBJECT;
    case '[':
        return HC_JSON_ARRAY;
    case 't':
        return HC_JSON_TRUE;
    case 'f':
        return HC_JSON_FALSE;
    case 'n':
        return HC_JSON_NULL;
    default:
        return *p == '-' || is_digit(*p) ? HC_JSON_NUMBER : HC_JSON_INVALID;
    }
}

/* From here on values are validated, so skipping needs no grammar; it stays inside the slice all the same. */

/* The next quote, backslash or control character. `*high` becomes non-zero when a byte beyond ASCII is
 * passed, or stands shortly after. */
static inline const uint8_t *string_stop(const uint8_t *p, const uint8_t *end, unsigned *high)
{
#ifdef __SSE2__
    const __m128i control = _mm_set1_epi8(0x1f);
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        __m128i stop = _mm_or_si128(equal(v, '"'), equal(v, '\\'));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        *high |= (unsigned)_mm_movemask_epi8(v);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && *p != '"' && *p != '\\' && *p >= 0x20)
        *high |= *p++ & 0x80u;
    return p;
}

/* At the opening quote: what follows the string. */
static inline const uint8_t *skip_string(const uint8_t *p, const uint8_t *end)
{
    unsigned high = 0;

    for (p++;;) {
        p = string_stop(p, end, &high);
        if (p == end || *p == '"')
            return p == end ? end : p + 1;
        p = end - p < 2 ? end : p + (*p == '\\' ? 2 : 1);
    }
}

/* The next quote, bracket or brace; [ ] { } differ from one another in one bit each way. */
static inline const uint8_t *bracket_stop(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        __m128i lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
        __m128i stop = _mm_or_si128(equal(lower, '{'), equal(lower, '}'));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(stop, equal(v, '"')));
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && *p != '"' && (*p | 0x20) != '{' && (*p | 0x20) != '}')
        p++;
    return p;
}

static const uint8_t *skip_container(const uint8_t *p, const uint8_t *end)
{
    size_t depth = 0;

    while (p < end) {
        if (*p == '"') {
            p = skip_string(p, end);
        } else {
            depth += (*p | 0x20) == '{' ? 1 : (size_t)-1;
            p++;
            if (!depth)
                break;
        }
        p = bracket_stop(p, end);
    }
    return p;
}

static inline const uint8_t *skip_value(const uint8_t *p, const uint8_t *end)
{
    if (p == end)
        return p;
    if (*p == '"')
        return skip_string(p, end);
    if (*p == '{' || *p == '[')
        return skip_container(p, end);
    while (p < end && *p != ',' && *p != '}' && *p != ']' && !is_space(*p))
        p++;
    return p;
}

static inline struct hc_str slice(const uint8_t *from, const uint8_t *to)
{
    return hc_str_n((const char *)from, (size_t)(to - from));
}

struct hc_str hc_json_next(struct hc_str container, size_t *pos, struct hc_str *key)
{
    const uint8_t *start = (const uint8_t *)container.p, *end = start + container.n;

    if (!container.n || *pos >= container.n)
        return HC_STR_NONE;
    const uint8_t *open = skip_space(start, end), *p = start + *pos;
    if (open == end || (*open != '{' && *open != '['))
        return HC_STR_NONE;
    p = skip_space(*pos ? p : open + 1, end);
    if (*pos && p < end && *p == ',')
        p = skip_space(p + 1, end);
    *pos = (size_t)(p - start);
    if (p == end || *p == '}' || *p == ']')
        return HC_STR_NONE;
    if (*open == '{') {
        const uint8_t *name = p;
        p = skip_value(p, end);
        if (key)
            *key = slice(name, p);
        p = skip_space(p, end);
        p = skip_space(p < end ? p + 1 : p, end);
    } else if (key) {
        *key = HC_STR_NONE;
    }
    const uint8_t *value = p;
    p = skip_value(p, end);
    /* without progress there would be no end, in a slice that was not validated */
    *pos = p > start + *pos ? (size_t)(p - start) : container.n;
    return slice(value, p);
}

static void append_code(GString *out, uint32_t code)
{
    char text[6];

    if (code == 0)
        code = 0x2400;
    else if (code >= 0xd800 && code <= 0xdfff)
        code = 0xfffd;
    g_string_append_len(out, text, g_unichar_to_utf8(code, text));
}

/* At the four digits of \uXXXX: the code unit, or -1. */
static int32_t code_unit(const uint8_t *p, const uint8_t *end)
{
    int32_t unit = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* After "\u": appends the character and returns what follows it. */
static const uint8_t *decode_unicode(GString *out, const uint8_t *p, const uint8_t *end)
{
    int32_t unit = code_unit(p, end);

    if (unit < 0) {
        append_code(out, 0xfffd);
        return p;
    }
    p += 4;
    if (unit >= 0xd800 && unit <= 0xdbff && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        int32_t low = code_unit(p + 2, end);
        if (low >= 0xdc00 && low <= 0xdfff) {
            append_code(out, 0x10000 + (((uint32_t)unit & 0x3ff) << 10) + ((uint32_t)low & 0x3ff));
            return p + 6;
        }
    }
    append_code(out, (uint32_t)unit);
    return p;
}

/* At a backslash, with a byte after it. */
static const uint8_t *decode_escape(GString *out, const uint8_t *p, const uint8_t *end)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    uint8_t c = p[1];

    if (c == 'u')
        return decode_unicode(out, p + 2, end);
    const char *hit = c ? strchr(from, c) : NULL;
    g_string_append_c(out, hit ? to[hit - from] : (char)c);
    return p + 2;
}

/* `quoted` with its quotes. */
static void decode_string(GString *out, struct hc_str quoted)
{
    const uint8_t *p = (const uint8_t *)quoted.p + 1, *end = (const uint8_t *)quoted.p + quoted.n;

    if (quoted.n > 1 && end[-1] == '"')
        end--;
    while (p < end) {
        const uint8_t *escape = memchr(p, '\\', (size_t)(end - p));
        const uint8_t *stop = escape ? escape : end;
        g_string_append_len(out, (const char *)p, stop - p);
        p = stop;
        if (end - p >= 2)
            p = decode_escape(out, p, end);
        else
            p = end;
    }
}

bool hc_json_text(struct hc_str value, GString *out)
{
    value = hc_str_trim(value);
    switch (hc_json_type(value)) {
    case HC_JSON_INVALID:
    case HC_JSON_NULL:
        return false;
    case HC_JSON_STRING:
        decode_string(out, value);
        return true;
    default:
        g_string_append_len(out, value.p, (gssize)value.n);
        return true;
    }
}
