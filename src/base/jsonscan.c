/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner: validates a value and, on the way, picks out what is looked for. */
#include "src/base/jsonpaths.h"

#include "src/base/jsonbytes.h"
#include "src/base/text.h"

#ifdef __x86_64__
#include <immintrin.h>
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
    bool wide;            /* the machine looks at more bytes at once than all of its kind do */
    unsigned depth;
    uint64_t objects[HC_JSON_DEPTH_MAX / 64]; /* a bit for each open container: it is an object */
};

G_STATIC_ASSERT(HC_JSON_DEPTH_MAX % 64 == 0);

COLD const uint8_t *fail(struct scan *s, const uint8_t *at, const char *why)
{
    s->wrong = at;
    s->why = at == s->end ? "unexpected end" : why;
    return NULL;
}

/* A bit for each quote, backslash and control character, and for each byte beyond ASCII, of sixty-four
 * bytes. */
#ifdef __SSE2__
static void look_at(struct scan *s, const uint8_t *p)
{
    uint64_t stops = 0, high = 0;

    for (int i = 0; i < 64; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + i));
        __m128i stop = _mm_or_si128(equal(v, '"'), equal(v, '\\'));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v));
        stops |= (uint64_t)(unsigned)_mm_movemask_epi8(stop) << i;
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

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline uint32_t stops_of(__m256i v)
{
    __m256i stop = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
                                   _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
    __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v);

    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(stop, control));
}

AVX2 static void look_wide(struct scan *s, const uint8_t *p)
{
    const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));

    s->stops = stops_of(a) | (uint64_t)stops_of(b) << 32;
    s->high = (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}
#else
#define look_wide look_at
#endif

static bool has_wide(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

/* What follows the end counts as NULs, so the end stops a string as well. */
COLD void enter_last(struct scan *s, const uint8_t *block)
{
    uint8_t rest[64] = {0};

    memcpy(rest, block, (size_t)(s->end - block));
    look_at(s, rest);
}

HOT void enter_block(struct scan *s, const uint8_t *block)
{
    s->block = block;
    if (s->end - block < 64)
        enter_last(s, block);
    else if (s->wide)
        look_wide(s, block);
    else
        look_at(s, block);
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
            if (G_UNLIKELY(s->high))
                *high |= (s->high >> at) & (stops ^ (stops - 1));
            return s->block + at + __builtin_ctzll(stops);
        }
        *high |= s->high >> at;
        enter_block(s, s->block + 64);
        at = 0;
    }
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

/* At the opening quote. UTF-8 is checked at the end, and only when there is any. `*plain`: it has no
 * escapes. */
HOT const uint8_t *scan_string(struct scan *s, const uint8_t *p, bool *plain)
{
    uint64_t high = 0;
    const uint8_t *stop = next_stop(s, p + 1, &high);

    *plain = stop < s->end && *stop == '"' && !high;
    return *plain ? stop + 1 : scan_rest(s, p + 1, stop, high);
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
    bool plain;

    if (*p == '"')
        return scan_string(s, p, &plain);
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

/* What of the containers that are open is picked out. */
struct picker {
    const struct hc_json_paths *inside; /* of the innermost; NULL: nothing */
    const struct hc_json_paths *next;   /* of the value that comes */
    struct hc_str *found;
    struct {
        const struct hc_json_paths *around, *self; /* what is picked of what it lies in; it itself */
        const uint8_t *from;
        size_t index; /* of the next element */
    } open[HC_JSON_DEPTH_MAX];
};

static inline struct hc_str slice(const uint8_t *from, const uint8_t *to)
{
    return hc_str_n((const char *)from, (size_t)(to - from));
}

/* Of a name that stands there twice the last counts, with all that is in it. */
HOT void pick_member(struct picker *k, struct hc_str key, bool plain)
{
    k->next = !k->inside ? NULL
              : plain    ? hc_json_paths_of(k->inside, hc_str_n(key.p + 1, key.n - 2))
                         : hc_json_paths_escaped(k->inside, key);
    if (k->next)
        hc_json_paths_forget(k->next, k->found);
}

HOT void pick_element(const struct scan *s, struct picker *k)
{
    k->next = k->inside ? hc_json_paths_at(k->inside, k->open[s->depth - 1].index++) : NULL;
}

HOT void pick_value(struct picker *k, const uint8_t *from, const uint8_t *to)
{
    if (k->next)
        hc_json_paths_found(k->next, slice(from, to), k->found);
}

/* The container was opened. */
HOT void pick_inside(const struct scan *s, struct picker *k, const uint8_t *from)
{
    k->open[s->depth - 1].around = k->inside;
    k->open[s->depth - 1].self = k->next;
    k->open[s->depth - 1].from = from;
    k->open[s->depth - 1].index = 0;
    k->inside = k->next && k->next->inner->len ? k->next : NULL;
}

/* The container that was at this depth ends before `to`. */
HOT void pick_outside(const struct scan *s, struct picker *k, const uint8_t *to)
{
    k->next = k->open[s->depth].self;
    pick_value(k, k->open[s->depth].from, to);
    k->inside = k->open[s->depth].around;
}

/* Key and colon. */
HOT const uint8_t *scan_key(struct scan *s, const uint8_t *p, struct picker *k)
{
    const uint8_t *key = p = skip_space(p, s->end);
    bool plain;

    if (p == s->end || *p != '"')
        return fail(s, p, "key expected");
    p = scan_string(s, p, &plain);
    if (!p)
        return NULL;
    if (k)
        pick_member(k, slice(key, p), plain);
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
HOT const uint8_t *close_containers(struct scan *s, const uint8_t *p, bool *object, struct picker *k)
{
    while (s->depth) {
        p = skip_space(p, s->end);
        if (p < s->end && *p == ',')
            return p + 1;
        if (p == s->end || *p != (*object ? '}' : ']'))
            return fail(s, p, *object ? "',' or '}' expected" : "',' or ']' expected");
        p++;
        s->depth--;
        if (k)
            pick_outside(s, k, p);
        *object = s->depth && in_object(s);
    }
    return p;
}

/* At a bracket or brace: behind it, or behind its partner when there is nothing between them. */
HOT const uint8_t *open_container(struct scan *s, const uint8_t *p, bool *object, bool *empty,
                                  struct picker *k)
{
    const uint8_t *from = p;
    bool brace = *p == '{';

    if (s->depth == HC_JSON_DEPTH_MAX)
        return fail(s, p, "nested too deeply");
    p = skip_space(p + 1, s->end);
    *empty = p < s->end && *p == (brace ? '}' : ']');
    if (*empty)
        return p + 1;
    push(s, brace);
    if (k)
        pick_inside(s, k, from);
    *object = brace;
    return p;
}

/* The first value at or after `p`. */
HOT const uint8_t *scan_value(struct scan *s, const uint8_t *p, struct picker *k)
{
    bool object = false, empty = false;

    do {
        if (object && !(p = scan_key(s, p, k)))
            return NULL;
        if (k && !object && s->depth)
            pick_element(s, k);
        const uint8_t *from = p = skip_space(p, s->end);
        if (p == s->end)
            return fail(s, p, "value expected");
        if (*p == '{' || *p == '[') {
            p = open_container(s, p, &object, &empty, k);
            if (p && !empty)
                continue;
        } else {
            p = scan_scalar(s, p);
        }
        if (k && p)
            pick_value(k, from, p);
        if (p)
            p = close_containers(s, p, &object, k);
    } while (p && s->depth);
    return p;
}

HOT size_t scan_with(struct hc_str in, struct picker *k, size_t *at, const char **why)
{
    static const char none[1] = "";
    const uint8_t *start = (const uint8_t *)(in.p ? in.p : none);
    struct scan s = {.end = start + in.n, .wide = has_wide()};

    enter_block(&s, start);
    const uint8_t *p = scan_value(&s, start, k);
    if (p)
        return (size_t)(p - start);
    *at = (size_t)(s.wrong - start);
    *why = s.why;
    return 0;
}

size_t hc_json_check(struct hc_str in, size_t *at, const char **why)
{
    return scan_with(in, NULL, at, why);
}

size_t hc_json_scan(const struct hc_json_paths *paths, struct hc_str in, struct hc_str *found, size_t *at,
                    const char **why)
{
    struct picker k;

    for (size_t i = 0; i < paths->n_paths; i++)
        found[i] = HC_STR_NONE;
    k.inside = NULL;
    k.next = paths;
    k.found = found;
    return scan_with(in, &k, at, why);
}
