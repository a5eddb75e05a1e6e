/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/json.h"

#include "src/base/text.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * A scan under way. The place itself is handed from function to function in a register: what is written to
 * memory at every token is waited for at the next. NULL for a place means that the scan has failed.
 */
struct scan {
    const uint8_t *end;
    const uint8_t *wrong; /* the first wrong byte */
    const char *why;
    const uint8_t
        *block; /* sixty-four bytes that were looked at together; the place is in them or behind them */
    uint64_t stops, high; /* a bit for each of them that may end a string, or is beyond ASCII */
    unsigned depth;
    uint64_t objects[HC_JSON_DEPTH_MAX / 64]; /* a bit for each open container: it is an object */
};

G_STATIC_ASSERT(HC_JSON_DEPTH_MAX % 64 == 0);

#define HOT static inline __attribute__((always_inline))
#define COLD static __attribute__((noinline))

COLD const uint8_t *fail(struct scan *s, const uint8_t *at, const char *why)
{
    s->wrong = at;
    s->why = at == s->end ? "unexpected end" : why;
    return NULL;
}

static inline bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

#ifdef __SSE2__
/* The byte loops below end each sixteen-byte loop, and are all there is without SSE2. */
static inline __m128i equal(__m128i v, char c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}
#endif

static const uint8_t *skip_long_space(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        __m128i space = _mm_or_si128(equal(v, ' '), equal(v, '\n'));
        space = _mm_or_si128(space, _mm_or_si128(equal(v, '\r'), equal(v, '\t')));
        unsigned others = (unsigned)_mm_movemask_epi8(space) ^ 0xffffu;
        if (others)
            return p + __builtin_ctz(others);
    }
#endif
    while (p < end && is_space(*p))
        p++;
    return p;
}

/* Compact text has none or one; the long runs of indented text are worth a call. */
static inline const uint8_t *skip_space(const uint8_t *p, const uint8_t *end)
{
    if (p<end && * p> ' ')
        return p;
    if (p < end && *p == ' ' && end - p > 1 && p[1] > ' ')
        return p + 1;
    return skip_long_space(p, end);
}

#ifdef __SSE2__
/* A bit for each quote, backslash and control character. */
HOT uint64_t stop_bits(__m128i v)
{
    __m128i stop = _mm_or_si128(equal(v, '"'), equal(v, '\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(stop, control));
}

HOT void look_at(struct scan *s, const uint8_t *p)
{
    uint64_t stops = 0, high = 0;

    for (int i = 0; i < 64; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + i));
        stops |= stop_bits(v) << i;
        high |= (uint64_t)(unsigned)_mm_movemask_epi8(v) << i;
    }
    s->stops = stops;
    s->high = high;
}
#else
static void look_at(struct scan *s, const uint8_t *p)
{
    s->stops = s->high = 0;
    for (int i = 0; i < 64; i++) {
        s->stops |= (uint64_t)(p[i] == '"' || p[i] == '\\' || p[i] < 0x20) << i;
        s->high |= (uint64_t)(p[i] >> 7) << i;
    }
}
#endif

/* What follows the end counts as NULs, so the end stops a string as well. */
static void enter_block(struct scan *s, const uint8_t *block)
{
    uint8_t rest[64] = {0};

    s->block = block;
    if (s->end - block >= 64) {
        look_at(s, block);
    } else {
        memcpy(rest, block, (size_t)(s->end - block));
        look_at(s, rest);
    }
}

/*
 * The next quote, backslash, control character or the end. The bits of a block are found ahead of the
 * grammar: from one string to the next it is then a shift and a count, no load and comparison that wait for
 * each other. `*high` becomes non-zero when a byte beyond ASCII is passed.
 */
HOT const uint8_t *next_stop(struct scan *s, const uint8_t *p, uint64_t *high)
{
    size_t at = (size_t)(p - s->block);

    if (at >= 64) {
        enter_block(s, s->block + (at & ~(size_t)63));
        at &= 63;
    }
    for (;;) {
        uint64_t stops = s->stops >> at;
        if (stops) {
            *high |= (s->high >> at) & (stops ^ (stops - 1));
            return s->block + at + __builtin_ctzll(stops);
        }
        *high |= s->high >> at;
        enter_block(s, s->block + 64);
        at = 0;
    }
}

static inline int hex_digit(uint8_t c)
{
    return g_ascii_xdigit_value((char)c);
}

/* At a backslash: what follows the escape. */
static const uint8_t *scan_escape(struct scan *s, const uint8_t *p)
{
    p++;
    if (p < s->end && *p == 'u') {
        for (int i = 0; i < 4; i++)
            if (++p >= s->end || hex_digit(*p) < 0)
                return fail(s, p, "hexadecimal digit expected");
        return p + 1;
    }
    if (p < s->end && *p && strchr("\"\\/bfnrt", *p))
        return p + 1;
    return fail(s, p, "unknown escape");
}

/* The fault that comes first: bytes before it may be wrong as well. */
static const uint8_t *fail_string(struct scan *s, const uint8_t *start)
{
    const char *wrong;

    if (!g_utf8_validate_len((const char *)start, (gsize)(s->wrong - start), &wrong))
        fail(s, (const uint8_t *)wrong, "not UTF-8");
    return NULL;
}

/* A string with more in it than ASCII, from its first stop on. */
COLD const uint8_t *scan_rest(struct scan *s, const uint8_t *start, const uint8_t *p, uint64_t high)
{
    while (p == s->end || *p != '"') {
        if (p == s->end || *p != '\\')
            return fail(s, p, "control character in a string"), fail_string(s, start);
        p = scan_escape(s, p);
        if (!p)
            return fail_string(s, start);
        p = next_stop(s, p, &high);
    }
    if (high && !hc_text_is_clean(hc_str_n((const char *)start, (size_t)(p - start))))
        return fail(s, p, "not UTF-8"), fail_string(s, start);
    return p + 1;
}

/* At the opening quote. UTF-8 is checked at the end, and only when there is any. */
HOT const uint8_t *scan_string(struct scan *s, const uint8_t *p)
{
    uint64_t high = 0;
    const uint8_t *stop = next_stop(s, p + 1, &high);

    if (stop < s->end && *stop == '"' && !high)
        return stop + 1;
    return scan_rest(s, p + 1, stop, high);
}

/* Sixteen digits hold any usual number, and are counted without a loop whose end nobody can foresee. */
HOT const uint8_t *skip_digits(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8('0'));
        __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(9)), v);
        unsigned others = (unsigned)_mm_movemask_epi8(digits) ^ 0xffffu;
        if (others)
            return p + __builtin_ctz(others);
    }
#endif
    while (p < end && is_digit(*p))
        p++;
    return p;
}

HOT const uint8_t *scan_digits(struct scan *s, const uint8_t *p)
{
    if (p == s->end || !is_digit(*p))
        return fail(s, p, "digit expected");
    return skip_digits(p, s->end);
}

COLD const uint8_t *scan_exponent(struct scan *s, const uint8_t *p)
{
    p++;
    if (p < s->end && (*p == '+' || *p == '-'))
        p++;
    return scan_digits(s, p);
}

HOT const uint8_t *scan_number(struct scan *s, const uint8_t *p)
{
    if (*p == '-')
        p++;
    p = p < s->end && *p == '0' ? p + 1 : scan_digits(s, p);
    if (p && p < s->end && *p == '.')
        p = scan_digits(s, p + 1);
    if (p && p < s->end && (*p | 0x20) == 'e')
        p = scan_exponent(s, p);
    return p;
}

COLD const uint8_t *fail_word(struct scan *s, const uint8_t *p, const char *word)
{
    while (p < s->end && *word && *p == (uint8_t)*word) {
        word++;
        p++;
    }
    return fail(s, p, "unknown word");
}

HOT const uint8_t *scan_word(struct scan *s, const uint8_t *p, const char *word, size_t n)
{
    if ((size_t)(s->end - p) >= n && memcmp(p, word, n) == 0)
        return p + n;
    return fail_word(s, p, word);
}

HOT const uint8_t *scan_scalar(struct scan *s, const uint8_t *p)
{
    if (*p == '"')
        return scan_string(s, p);
    if (*p == '-' || is_digit(*p))
        return scan_number(s, p);
    if (*p == 't')
        return scan_word(s, p, "true", 4);
    if (*p == 'f')
        return scan_word(s, p, "false", 5);
    if (*p == 'n')
        return scan_word(s, p, "null", 4);
    return fail(s, p, "value expected");
}

/* Key and colon. */
HOT const uint8_t *scan_key(struct scan *s, const uint8_t *p)
{
    p = skip_space(p, s->end);
    if (p == s->end || *p != '"')
        return fail(s, p, "key expected");
    p = scan_string(s, p);
    if (!p)
        return NULL;
    p = skip_space(p, s->end);
    if (p == s->end || *p != ':')
        return fail(s, p, "':' expected");
    return p + 1;
}

HOT bool in_object(const struct scan *s)
{
    return s->objects[(s->depth - 1) / 64] >> ((s->depth - 1) % 64) & 1;
}

HOT void push(struct scan *s, bool object)
{
    uint64_t bit = UINT64_C(1) << (s->depth % 64), *word = &s->objects[s->depth / 64];

    *word = object ? *word | bit : *word & ~bit;
    s->depth++;
}

/* After a value: to the next member or element of a container that is open, or out of all of them. */
HOT const uint8_t *close_containers(struct scan *s, const uint8_t *p, bool *object)
{
    while (s->depth) {
        p = skip_space(p, s->end);
        if (p < s->end && *p == ',')
            return p + 1;
        if (p == s->end || *p != (*object ? '}' : ']'))
            return fail(s, p, *object ? "',' or '}' expected" : "',' or ']' expected");
        p++;
        s->depth--;
        *object = s->depth && in_object(s);
    }
    return p;
}

/* At a bracket or brace: behind it, or behind its partner when there is nothing between them. */
HOT const uint8_t *open_container(struct scan *s, const uint8_t *p, bool *object, bool *empty)
{
    bool brace = *p == '{';

    if (s->depth == HC_JSON_DEPTH_MAX)
        return fail(s, p, "nested too deeply");
    p = skip_space(p + 1, s->end);
    *empty = p < s->end && *p == (brace ? '}' : ']');
    if (*empty)
        return p + 1;
    push(s, brace);
    *object = brace;
    return p;
}

/* The first value at or after `p`. */
static const uint8_t *scan_value(struct scan *s, const uint8_t *p)
{
    bool object = false, empty = false;

    do {
        if (object && !(p = scan_key(s, p)))
            return NULL;
        p = skip_space(p, s->end);
        if (p == s->end)
            return fail(s, p, "value expected");
        if (*p == '{' || *p == '[') {
            p = open_container(s, p, &object, &empty);
            if (p && !empty)
                continue;
        } else {
            p = scan_scalar(s, p);
        }
        if (p)
            p = close_containers(s, p, &object);
    } while (p && s->depth);
    return p;
}

size_t hc_json_check(struct hc_str in, size_t *at, const char **why)
{
    static const char none[1] = "";
    const uint8_t *start = (const uint8_t *)(in.p ? in.p : none);
    struct scan s = {.end = start + in.n};

    enter_block(&s, start);
    const uint8_t *p = scan_value(&s, start);
    if (p)
        return (size_t)(p - start);
    *at = (size_t)(s.wrong - start);
    *why = s.why;
    return 0;
}

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
