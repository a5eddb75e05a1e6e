/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/needles.h"

#include "src/base/text.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define GROUPS 8 /* a bit of a byte for each */
#define MARK 4   /* bytes of a needle that it is known by */
#define STEP 32  /* places that are looked at together */
#define BUCKETS 8192
#define WINDOW_MIN 3

struct needle {
    const unsigned char *text;
    size_t length, mark; /* mark: where the bytes begin that it is known by */
};

struct hc_needles {
    struct needle *all; /* those of one group stand together where they are known by four bytes */
    size_t n, shortest;
    unsigned char same[256];
    bool few;
    size_t ends[GROUPS];                   /* of each group in `all` */
    uint8_t low[MARK][16], high[MARK][16]; /* by half a byte: the groups whose mark may have it there */
    guint8 shift[BUCKETS];    /* how far the next place is that may be one, by the last three bytes */
    GArray *buckets[BUCKETS]; /* size_t: needles whose window ends so; NULL: none */
};

static bool stands_at(const struct hc_needles *s, const struct needle *needle, struct hc_str text, size_t at)
{
    if (needle->length > text.n - at)
        return false;
    for (size_t i = 0; i < needle->length; i++)
        if (s->same[(unsigned char)text.p[at + i]] != needle->text[i])
            return false;
    return true;
}

/* Of what four bytes are rare in evidence, which is full of ids: a digit and an "a" are not. */
static unsigned how_common(unsigned char c)
{
    return g_ascii_isxdigit(c) ? 4 : c < 0x80 && strchr("inorst", c) ? 3 : 1;
}

static size_t rarest(const unsigned char *text, size_t length)
{
    size_t best = 0;
    unsigned least = UINT_MAX;

    for (size_t at = 0; at + MARK <= length; at++) {
        unsigned common = 1;
        for (size_t i = 0; i < MARK; i++)
            common *= how_common(text[at + i]);
        if (common < least) {
            least = common;
            best = at;
        }
    }
    return best;
}

static int by_mark(const void *a, const void *b)
{
    const struct needle *x = a, *y = b;

    return memcmp(x->text + x->mark, y->text + y->mark, MARK);
}

/* Marks that are alike share a group: together they let fewer other bytes through. */
static void prepare_few(struct hc_needles *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->all[i].mark = rarest(s->all[i].text, s->all[i].length);
    qsort(s->all, s->n, sizeof *s->all, by_mark);
    for (size_t i = 0; i < s->n; i++) {
        size_t group = i * GROUPS / s->n;
        s->ends[group] = i + 1;
        for (size_t k = 0; k < MARK; k++)
            for (int c = 0; c < 256; c++)
                if (s->same[c] == s->all[i].text[s->all[i].mark + k]) {
                    s->low[k][c & 15] |= (uint8_t)(1U << group);
                    s->high[k][c >> 4] |= (uint8_t)(1U << group);
                }
    }
    for (size_t group = 1; group < GROUPS; group++)
        s->ends[group] = MAX(s->ends[group], s->ends[group - 1]);
}

/* Of the three bytes that end at `p`. */
static inline unsigned bucket(const unsigned char *same, const unsigned char *p)
{
    return ((unsigned)same[p[-2]] << 8 ^ (unsigned)same[p[-1]] << 4 ^ same[p[0]]) & (BUCKETS - 1);
}

static void prepare_many(struct hc_needles *s)
{
    size_t window = s->shortest;

    memset(s->shift, (int)(window - 2), sizeof s->shift);
    for (size_t k = 0; k < s->n; k++) {
        for (size_t i = 2; i < window; i++) {
            guint8 *shift = &s->shift[bucket(s->same, s->all[k].text + i)];
            *shift = (guint8)MIN(*shift, window - 1 - i);
        }
        GArray **last = &s->buckets[bucket(s->same, s->all[k].text + window - 1)];
        if (!*last)
            *last = g_array_new(FALSE, FALSE, sizeof(size_t));
        g_array_append_val(*last, k);
    }
}

static bool is_wide(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

struct hc_needles *hc_needles_new(const char *const *needles, size_t n, const unsigned char same[256],
                                  bool wide)
{
    struct hc_needles *s = g_new0(struct hc_needles, 1);

    memcpy(s->same, same, sizeof s->same);
    s->all = g_new0(struct needle, n);
    s->n = n;
    s->shortest = G_MAXUINT8;
    for (size_t i = 0; i < n; i++) {
        s->all[i].text = (const unsigned char *)needles[i];
        s->all[i].length = strlen(needles[i]);
        s->shortest = MIN(s->shortest, s->all[i].length);
    }
    s->few = wide && is_wide() && n <= HC_NEEDLES_FEW && s->shortest >= MARK;
    if (s->few)
        prepare_few(s);
    else if (s->shortest >= WINDOW_MIN)
        prepare_many(s);
    return s;
}

void hc_needles_free(struct hc_needles *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        if (s->buckets[i])
            g_array_unref(s->buckets[i]);
    g_free(s->all);
    g_free(s);
}

/* Needles of one or two bytes: each is looked for everywhere. */
static bool finds_short(const struct hc_needles *s, struct hc_str text, hc_needles_accept *accept)
{
    for (size_t k = 0; k < s->n; k++)
        for (size_t i = 0; i < text.n; i++)
            if (stands_at(s, &s->all[k], text, i) && accept(text, i, s->all[k].length))
                return true;
    return false;
}

static bool finds_many(const struct hc_needles *s, struct hc_str text, hc_needles_accept *accept)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t window = s->shortest;

    for (size_t i = window - 1; i < text.n;) {
        unsigned b = bucket(s->same, p + i);
        if (s->shift[b]) {
            i += s->shift[b];
            continue;
        }
        for (guint k = 0; s->buckets[b] && k < s->buckets[b]->len; k++) {
            const struct needle *needle = &s->all[g_array_index(s->buckets[b], size_t, k)];
            if (stands_at(s, needle, text, i + 1 - window) && accept(text, i + 1 - window, needle->length))
                return true;
        }
        i++;
    }
    return false;
}

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2")))

/* The groups of which a mark may begin at each of thirty-two places. */
AVX2 static inline __m256i groups_at(const struct hc_needles *s, const unsigned char *p)
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i groups = _mm256_set1_epi8(-1);

    for (size_t k = 0; k < MARK; k++) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + k));
        __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)s->low[k]));
        __m256i high =
            _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)s->high[k]));
        groups = _mm256_and_si256(groups, _mm256_shuffle_epi8(low, _mm256_and_si256(v, half)));
        groups = _mm256_and_si256(groups,
                                  _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
    }
    return groups;
}

/* Is one of the group's needles at the mark at `at`? */
static bool is_in_group(const struct hc_needles *s, size_t group, struct hc_str text, size_t at,
                        hc_needles_accept *accept)
{
    for (size_t k = group ? s->ends[group - 1] : 0; k < s->ends[group]; k++) {
        const struct needle *needle = &s->all[k];
        if (at >= needle->mark && stands_at(s, needle, text, at - needle->mark) &&
            accept(text, at - needle->mark, needle->length))
            return true;
    }
    return false;
}

/* The places of one step that may be marks; `bytes` are those of the text from `at` on, followed by
 * others. */
AVX2 static bool finds_step(const struct hc_needles *s, const unsigned char *bytes, struct hc_str text,
                            size_t at, hc_needles_accept *accept)
{
    __m256i groups = groups_at(s, bytes);
    uint32_t places = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256()));
    uint8_t of[STEP];

    if (!places)
        return false;
    _mm256_storeu_si256((__m256i *)(void *)of, groups);
    for (; places; places &= places - 1) {
        int i = __builtin_ctz(places);
        for (unsigned bits = of[i]; bits; bits &= bits - 1)
            if (at + (size_t)i < text.n &&
                is_in_group(s, (size_t)__builtin_ctz(bits), text, at + (size_t)i, accept))
                return true;
    }
    return false;
}

AVX2 static bool finds_few(const struct hc_needles *s, struct hc_str text, hc_needles_accept *accept)
{
    unsigned char rest[2 * STEP + MARK] = {0};
    size_t at = 0;

    for (; at + STEP + MARK <= text.n; at += STEP)
        if (finds_step(s, (const unsigned char *)text.p + at, text, at, accept))
            return true;
    memcpy(rest, text.p + at, text.n - at);
    return finds_step(s, rest, text, at, accept) ||
           (text.n - at > STEP && finds_step(s, rest + STEP, text, at + STEP, accept));
}
#else
#define finds_few finds_many
#endif

bool hc_needles_in(const struct hc_needles *s, struct hc_str text, hc_needles_accept *accept)
{
    if (text.n < s->shortest)
        return false;
    if (s->few)
        return finds_few(s, text, accept);
    return s->shortest < WINDOW_MIN ? finds_short(s, text, accept) : finds_many(s, text, accept);
}
