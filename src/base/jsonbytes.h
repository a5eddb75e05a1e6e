/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_JSONBYTES_H
#define HC_JSONBYTES_H

#include "src/base/str.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Inside of JSON: bytes, of which many are looked at together where the machine can. Without SSE2 the loops
 * over single bytes are all there is. */

#define HOT static inline __attribute__((always_inline))
#define COLD static __attribute__((noinline))

static inline bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

static inline int hex_digit(uint8_t c)
{
    return g_ascii_xdigit_value((char)c);
}

#ifdef __SSE2__
static inline __m128i equal(__m128i v, char c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}
#endif

static inline const uint8_t *skip_long_space(const uint8_t *p, const uint8_t *end)
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

#endif
