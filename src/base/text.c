/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define NUL_PICTURE "\xe2\x90\x80" /* U+2400 */

/* Number of leading bytes that are ASCII and not NUL: most evidence is, so eight are looked at at a time. */
static size_t ascii_run(const char *p, size_t n)
{
    const uint64_t high = UINT64_C(0x8080808080808080), ones = UINT64_C(0x0101010101010101);
    size_t i = 0;
    uint64_t word;

    for (; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, p + i, sizeof word);
        if ((word | (word - ones)) & high)
            break;
    }
    while (i < n && (signed char)p[i] > 0)
        i++;
    return i;
}

/* The second bytes that may follow a lead byte: this excludes overlong forms, surrogates and > 10FFFF. */
static void second_byte(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
}

/* Length of the UTF-8 character that `p` starts with, 0 when it is none; `n` > 0. */
static size_t utf8_char(const char *text, size_t n, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    unsigned char low, high;

    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    size_t want = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    if (!want || want > n)
        return 0;
    second_byte(p[0], &low, &high);
    if (p[1] < low || p[1] > high)
        return 0;
    *code = p[0] & (0x7fu >> want);
    for (size_t i = 1; i < want; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (p[i] & 0x3f);
    }
    return want;
}

void hc_text_utf8(GString *out, struct hc_str in)
{
    uint32_t code;

    while (in.n) {
        size_t n = ascii_run(in.p, in.n);
        if (n == 0 && (n = utf8_char(in.p, in.n, &code)) != 0 && code == 0) {
            g_string_append(out, NUL_PICTURE);
        } else if (n == 0) {
            g_string_append(out, HC_TEXT_REPLACEMENT);
            n = 1;
        } else {
            g_string_append_len(out, in.p, (gssize)n);
        }
        in = hc_str_skip(in, n);
    }
}

static gunichar utf16_unit(struct hc_str in, size_t i, bool big_endian)
{
    gunichar a = (unsigned char)in.p[i], b = (unsigned char)in.p[i + 1];

    return big_endian ? a << 8 | b : b << 8 | a;
}

void hc_text_utf16(GString *out, struct hc_str in, bool big_endian)
{
    for (size_t i = 0; i + 1 < in.n; i += 2) {
        gunichar c = utf16_unit(in, i, big_endian);
        gunichar low = c >= 0xd800 && c < 0xdc00 && i + 3 < in.n ? utf16_unit(in, i + 2, big_endian) : 0;
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd;
        }
        g_string_append_unichar(out, c);
    }
}

bool hc_text_is_clean(struct hc_str in)
{
    uint32_t code = 1;

    for (size_t i = ascii_run(in.p, in.n); i < in.n;) {
        size_t n = utf8_char(in.p + i, in.n - i, &code);
        if (n == 0 || code == 0)
            return false;
        i += n == 1 ? ascii_run(in.p + i, in.n - i) : n;
    }
    return true;
}

#define EACH UINT64_C(0x0101010101010101) /* a byte in each of eight */

/* The highest bit of some byte is set where one of them is NUL, a capital or not ASCII. */
static inline uint64_t not_folded(uint64_t word)
{
    uint64_t from_a = word + EACH * (0x80 - 'A'), behind_z = word + EACH * (0x80 - 'Z' - 1);

    return (word | (word - EACH) | (from_a & ~behind_z)) & EACH * 0x80;
}

bool hc_text_is_folded(struct hc_str in)
{
    uint64_t word = EACH * 'a';
    size_t i = 0;

    if (in.n < sizeof word) {
        memcpy(&word, in.n ? in.p : "", in.n);
        return !not_folded(word);
    }
    for (; in.n - i > sizeof word; i += sizeof word) {
        memcpy(&word, in.p + i, sizeof word);
        if (not_folded(word))
            return false;
    }
    memcpy(&word, in.p + in.n - sizeof word, sizeof word);
    return !not_folded(word);
}

/*
 * Characters that act on a display instead of showing, ascending. A table of our own: those of a library
 * differ from version to version, and the same evidence must give the same bytes.
 */
static const struct {
    uint32_t from, to;
} unseen[] = {
    {0x0000, 0x001f},   /* C0 */
    {0x007f, 0x009f},   /* DEL, C1 */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x180e, 0x180e},   /* Mongolian vowel separator */
    {0x200b, 0x200f},   /* zero width, direction marks */
    {0x2028, 0x202e},   /* line and paragraph separator, bidirectional embedding and override */
    {0x2060, 0x206f},   /* word joiner, invisible operators, bidirectional isolates */
    {0xfdd0, 0xfdef},   /* noncharacters */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xfff9, 0xfffb},   /* interlinear annotation */
    {0x1d173, 0x1d17a}, /* musical format controls */
    {0xe0000, 0xe007f}, /* tags: invisible ASCII */
};

static bool is_unseen(uint32_t code)
{
    if (code < 0x80)
        return code < 0x20 || code == 0x7f;
    if ((code & 0xfffe) == 0xfffe) /* the last two of every plane are noncharacters */
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(unseen) && unseen[i].from <= code; i++)
        if (code <= unseen[i].to)
            return true;
    return false;
}

static void show_char(GString *out, const char *p, size_t n, uint32_t code, bool keep_newline)
{
    if (code == '\t')
        g_string_append_c(out, ' ');
    else if (is_unseen(code) && !(code == '\n' && keep_newline))
        g_string_append_printf(out, "\\u{%04X}", code);
    else
        g_string_append_len(out, p, (gssize)n);
}

void hc_text_visible(GString *out, struct hc_str in, bool keep_newline)
{
    for (size_t i = 0; i < in.n;) {
        uint32_t code = 0;
        size_t start = i;
        while (i < in.n && in.p[i] >= 0x20 && in.p[i] < 0x7f)
            i++;
        g_string_append_len(out, in.p + start, (gssize)(i - start));
        if (i == in.n)
            break;
        size_t n = utf8_char(in.p + i, in.n - i, &code);
        if (n)
            show_char(out, in.p + i, n, code, keep_newline);
        else
            g_string_append(out, HC_TEXT_REPLACEMENT);
        i += n ? n : 1;
    }
}

static void json_char(GString *out, const char *p, size_t n, uint32_t code)
{
    if (code == '"' || code == '\\') {
        g_string_append_c(out, '\\');
        g_string_append_c(out, (char)code);
    } else if (!is_unseen(code)) {
        g_string_append_len(out, p, (gssize)n);
    } else if (code < 0x10000) {
        g_string_append_printf(out, "\\u%04x", code);
    } else {
        code -= 0x10000;
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
    }
}

#ifdef __SSE2__
#define STEP 16

static inline bool plain_bytes(__m128i v)
{
    __m128i stop = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* what is not ASCII is negative */

    stop = _mm_or_si128(
        stop, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
    return !_mm_movemask_epi8(_mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))));
}

static inline bool plain(const char *p)
{
    return plain_bytes(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline bool plain_words(uint64_t a, uint64_t b)
{
    return plain_bytes(_mm_set_epi64x((int64_t)b, (int64_t)a));
}
#else
#define STEP 8

/* The highest bit of some byte is set where one of them is `c`. */
static inline uint64_t has(uint64_t word, unsigned char c)
{
    word ^= EACH * c;
    return (word - EACH) & ~word;
}

static inline bool plain_words(uint64_t a, uint64_t b)
{
    const uint64_t stop_a = a | (a - EACH * 0x20) | has(a, '"') | has(a, '\\') | has(a, 0x7f);
    const uint64_t stop_b = b | (b - EACH * 0x20) | has(b, '"') | has(b, '\\') | has(b, 0x7f);

    return !((stop_a | stop_b) & EACH * 0x80);
}

static inline bool plain(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return plain_words(word, word);
}
#endif

/* Up to fifteen bytes, not none, as two words that may have some in common. */
static inline bool plain_few(const char *p, size_t n)
{
    uint64_t a = EACH * 'a', b;
    uint32_t low, high;

    if (n >= sizeof a) {
        memcpy(&a, p, sizeof a);
        memcpy(&b, p + n - sizeof b, sizeof b);
        return plain_words(a, b);
    }
    if (n >= sizeof low) {
        memcpy(&low, p, sizeof low);
        memcpy(&high, p + n - sizeof high, sizeof high);
        a = (uint64_t)high << 32 | low;
    } else {
        a = (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
            (uint64_t)(unsigned char)p[n - 1] << 16 | (a & ~UINT64_C(0xffffff));
    }
    return plain_words(a, a);
}

size_t hc_text_json_plain(struct hc_str in)
{
    size_t i = 0;

    if (in.n && in.n < 2 * sizeof(uint64_t) && plain_few(in.p, in.n)) /* as most names and values are */
        return in.n;
    while (in.n - i >= STEP && plain(in.p + i))
        i += STEP;
    if (in.n >= STEP && in.n - i < STEP && plain(in.p + in.n - STEP)) /* again what was looked at already */
        return in.n;
    while (i < in.n && in.p[i] >= 0x20 && in.p[i] < 0x7f && in.p[i] != '"' && in.p[i] != '\\')
        i++;
    return i;
}

void hc_text_json(GString *out, struct hc_str in)
{
    g_string_append_c(out, '"');
    for (size_t i = 0; i < in.n;) {
        uint32_t code = 0;
        size_t start = i;
        i += hc_text_json_plain(hc_str_skip(in, i));
        g_string_append_len(out, in.p + start, (gssize)(i - start));
        if (i == in.n)
            break;
        size_t n = utf8_char(in.p + i, in.n - i, &code);
        if (n)
            json_char(out, in.p + i, n, code);
        else
            g_string_append(out, HC_TEXT_REPLACEMENT);
        i += n ? n : 1;
    }
    g_string_append_c(out, '"');
}

/* Full-width forms too: spreadsheets of East Asian locales take them for the ASCII ones. */
static bool is_formula(struct hc_str in)
{
    static const char *const starts[] = {
        "=", "+", "-", "@", "\t", "\r", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        if (hc_str_starts(in, starts[i]))
            return true;
    return false;
}

/* A semicolon separates fields where the decimal point is a comma, so it is quoted as well. */
static bool wants_quotes(const char *text, size_t n)
{
    return n && (strpbrk(text, "\",;") || text[0] == ' ' || text[n - 1] == ' ');
}

void hc_text_csv(GString *out, struct hc_str in)
{
    g_autoptr(GString) field = g_string_new(in.n && is_formula(in) ? "'" : "");

    hc_text_visible(field, in, false);
    if (!wants_quotes(field->str, field->len)) {
        g_string_append_len(out, field->str, (gssize)field->len);
        return;
    }
    g_string_append_c(out, '"');
    for (size_t i = 0; i < field->len; i++) {
        if (field->str[i] == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, field->str[i]);
    }
    g_string_append_c(out, '"');
}

void hc_text_fold_into(GString *out, struct hc_str in)
{
    if (ascii_run(in.p, in.n) == in.n) { /* nearly all names */
        size_t at = out->len;
        g_string_set_size(out, at + in.n);
        for (size_t i = 0; i < in.n; i++)
            out->str[at + i] = g_ascii_tolower(in.p[i]);
        return;
    }
    g_autoptr(GString) text = g_string_sized_new(in.n + 1);
    hc_text_utf8(text, in);
    g_autofree char *nfc = g_utf8_normalize(text->str, (gssize)text->len, G_NORMALIZE_NFC);
    g_autofree char *folded = g_utf8_casefold(nfc ? nfc : text->str, -1);
    g_string_append(out, folded);
}

char *hc_text_fold(struct hc_str in)
{
    GString *out = g_string_sized_new(in.n + 1);

    hc_text_fold_into(out, in);
    return g_string_free(out, FALSE);
}

struct hc_str hc_text_cut(struct hc_str in, size_t max)
{
    if (in.n <= max)
        return in;
    /* a character has at most three bytes after its first */
    size_t floor = max > 3 ? max - 3 : 0;
    size_t n = max;
    while (n > floor && ((unsigned char)in.p[n] & 0xc0) == 0x80)
        n--;
    return hc_str_n(in.p, n);
}

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Up to seven bytes, as a number; which of equal bytes it were is told by their count. */
static inline uint64_t few(const char *p, size_t n)
{
    uint32_t first, last;

    if (n < sizeof first)
        return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
               (uint64_t)(unsigned char)p[n - 1] << 16;
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - sizeof last, sizeof last);
    return (uint64_t)GUINT32_FROM_LE(first) | (uint64_t)GUINT32_FROM_LE(last) << 32;
}

/* The last word of a longer text may begin in the one before it: its length was said already. */
static uint64_t hash_bytes(uint64_t hash, struct hc_str part)
{
    uint64_t word;

    if (part.n < sizeof word)
        return part.n ? mix(hash, few(part.p, part.n)) : hash;
    for (size_t i = 0; i + sizeof word < part.n; i += sizeof word) {
        memcpy(&word, part.p + i, sizeof word);
        hash = mix(hash, GUINT64_FROM_LE(word));
    }
    memcpy(&word, part.p + part.n - sizeof word, sizeof word);
    return mix(hash, GUINT64_FROM_LE(word));
}

/* The length comes first: "ab","c" and "a","bc" differ, and absent is not empty. */
uint64_t hc_hash_add(uint64_t hash, struct hc_str part)
{
    return hash_bytes(mix(hash, part.p ? part.n : UINT64_MAX), part);
}

uint64_t hc_hash_field(uint64_t hash, unsigned number, struct hc_str part)
{
    return hash_bytes(mix(hash, part.n | (uint64_t)(number + 1) << 40), part);
}
