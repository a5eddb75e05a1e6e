/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/skeleton.h"

#include <string.h>

/* By the first column, in order. */
static const struct {
    gunichar from;
    const char *to;
} prototypes[] = {
    {'0', "o"},    {'1', "l"},    {'i', "l"},    {'|', "l"},    {0xd7, "x"},   {0xdf, "b"},   {0xe6, "ae"},
    {0xf0, "d"},   {0xf8, "o"},   {0xfe, "p"},   {0x111, "d"},  {0x127, "h"},  {0x131, "l"},  {0x138, "k"},
    {0x142, "l"},  {0x14b, "n"},  {0x153, "oe"}, {0x167, "t"},  {0x17f, "f"},  {0x180, "b"},  {0x1c0, "l"},
    {0x1c3, "!"},  {0x1dd, "e"},  {0x250, "a"},  {0x251, "a"},  {0x254, "c"},  {0x256, "d"},  {0x25b, "e"},
    {0x261, "g"},  {0x263, "y"},  {0x269, "l"},  {0x26a, "l"},  {0x26f, "w"},  {0x271, "m"},  {0x274, "n"},
    {0x280, "r"},  {0x28b, "u"},  {0x28f, "y"},  {0x3b1, "a"},  {0x3b2, "b"},  {0x3b3, "y"},  {0x3b5, "e"},
    {0x3b7, "n"},  {0x3b9, "l"},  {0x3ba, "k"},  {0x3bc, "u"},  {0x3bd, "v"},  {0x3bf, "o"},  {0x3c1, "p"},
    {0x3c3, "o"},  {0x3c4, "t"},  {0x3c5, "u"},  {0x3c7, "x"},  {0x3c9, "w"},  {0x3f2, "c"},  {0x3f3, "j"},
    {0x430, "a"},  {0x432, "b"},  {0x433, "r"},  {0x435, "e"},  {0x437, "3"},  {0x43a, "k"},  {0x43c, "m"},
    {0x43d, "h"},  {0x43e, "o"},  {0x43f, "n"},  {0x440, "p"},  {0x441, "c"},  {0x442, "t"},  {0x443, "y"},
    {0x445, "x"},  {0x44a, "b"},  {0x44c, "b"},  {0x454, "e"},  {0x455, "s"},  {0x456, "l"},  {0x458, "j"},
    {0x45b, "h"},  {0x461, "w"},  {0x475, "v"},  {0x491, "r"},  {0x493, "f"},  {0x49b, "k"},  {0x4a3, "h"},
    {0x4ab, "c"},  {0x4af, "y"},  {0x4b3, "x"},  {0x4bb, "h"},  {0x4bd, "e"},  {0x4cf, "l"},  {0x4d9, "e"},
    {0x501, "d"},  {0x51b, "q"},  {0x51d, "w"},  {0x561, "w"},  {0x563, "q"},  {0x566, "q"},  {0x56f, "u"},
    {0x570, "h"},  {0x578, "n"},  {0x57d, "u"},  {0x581, "g"},  {0x584, "f"},  {0x585, "o"},  {0x5c0, "l"},
    {0x5d5, "l"},  {0x5d8, "v"},  {0x5df, "l"},  {0x5e1, "o"},  {0x627, "l"},  {0x647, "o"},  {0x665, "o"},
    {0x6f5, "o"},  {0x7c0, "o"},  {0x7ca, "l"},  {0x966, "o"},  {0x10e7, "y"}, {0x10ff, "o"}, {0x1d0f, "o"},
    {0x1d1c, "u"}, {0x1d20, "v"}, {0x1d21, "w"}, {0x1d22, "z"}, {0x1e9d, "f"}, {0x2c9f, "o"}, {0x2ca3, "p"},
    {0x2ca5, "c"}, {0x2cbd, "w"}, {0xa731, "s"}, {0xab32, "e"}, {0xab35, "f"}, {0xab47, "r"}, {0xab52, "u"},
    {0xab5a, "y"},
};

static const char *prototype(gunichar c)
{
    guint from = 0, to = G_N_ELEMENTS(prototypes);

    while (from < to) {
        guint middle = from + (to - from) / 2;
        if (prototypes[middle].from == c)
            return prototypes[middle].to;
        if (prototypes[middle].from < c)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static bool is_separator(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return c == '.' || type == G_UNICODE_DASH_PUNCTUATION || type == G_UNICODE_CONNECT_PUNCTUATION;
}

static bool is_nothing(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return g_unichar_ismark(c) || type == G_UNICODE_FORMAT || type == G_UNICODE_CONTROL;
}

static void add_looks(GString *out, gunichar c)
{
    const char *to = prototype(c);

    if (to)
        g_string_append(out, to);
    else if (!is_separator(c) && !is_nothing(c))
        g_string_append_unichar(out, c);
}

/* Two letters that look like one. */
static void join_letters(GString *s)
{
    static const char *const pairs[][2] = {{"rn", "m"}, {"vv", "w"}, {"cl", "d"}};

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        g_string_replace(s, pairs[i][0], pairs[i][1], 0);
}

char *skeleton_of(const char *folded)
{
    g_autofree char *plain =
        g_str_is_ascii(folded) ? g_strdup(folded) : g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
    g_autofree char *small =
        plain && !g_str_is_ascii(plain) ? g_utf8_casefold(plain, -1) : g_strdup(plain ? plain : folded);
    GString *out = g_string_sized_new(strlen(small));

    for (const char *p = small; *p; p = g_utf8_next_char(p))
        add_looks(out, g_utf8_get_char(p));
    join_letters(out);
    return g_string_free(out, FALSE);
}

static char *without_separators(const char *s)
{
    GString *out = g_string_sized_new(strlen(s));

    for (const char *p = s; *p; p = g_utf8_next_char(p))
        if (!is_separator(g_utf8_get_char(p)))
            g_string_append_unichar(out, g_utf8_get_char(p));
    return g_string_free(out, FALSE);
}

/* Both without what they begin and end with in common. */
struct rest {
    const gunichar *a, *b;
    long n, m;
};

static struct rest rest_of(const gunichar *a, long n, const gunichar *b, long m)
{
    struct rest r = {a, b, n, m};

    while (r.n && r.m && *r.a == *r.b)
        r = (struct rest){r.a + 1, r.b + 1, r.n - 1, r.m - 1};
    while (r.n && r.m && r.a[r.n - 1] == r.b[r.m - 1])
        r = (struct rest){r.a, r.b, r.n - 1, r.m - 1};
    return r;
}

static enum look edit(const struct rest *r)
{
    if (r->n == 2 && r->m == 2 && r->a[0] == r->b[1] && r->a[1] == r->b[0])
        return LOOK_SWAPPED;
    if (r->n > 1 || r->m > 1)
        return LOOK_OTHER;
    return (r->n && !g_unichar_isdigit(*r->a)) || (r->m && !g_unichar_isdigit(*r->b)) ? LOOK_LETTER
                                                                                      : LOOK_OTHER;
}

enum look look_of(const char *a, const char *b)
{
    g_autofree char *x = skeleton_of(a), *y = skeleton_of(b);
    g_autofree gunichar *p = NULL, *q = NULL;
    long n, m;
    struct rest r;

    if (strcmp(a, b) == 0)
        return LOOK_OTHER;
    if (strlen(x) >= LOOK_SKELETON_MIN && strcmp(x, y) == 0) {
        g_autofree char *s = without_separators(a), *t = without_separators(b);
        return strcmp(s, t) == 0 ? LOOK_SEPARATOR : LOOK_CONFUSABLE;
    }
    p = g_utf8_to_ucs4_fast(a, -1, &n);
    q = g_utf8_to_ucs4_fast(b, -1, &m);
    if (n < LOOK_LENGTH_MIN || m < LOOK_LENGTH_MIN)
        return LOOK_OTHER;
    r = rest_of(p, n, q, m);
    return edit(&r);
}

const char *look_name(enum look look)
{
    static const char *const names[] = {[LOOK_OTHER] = "",
                                        [LOOK_CONFUSABLE] = "confusable",
                                        [LOOK_SEPARATOR] = "separator",
                                        [LOOK_SWAPPED] = "swapped",
                                        [LOOK_LETTER] = "letter"};

    return names[look];
}

const char *look_words(enum look look)
{
    static const char *const words[] = {[LOOK_OTHER] = "",
                                        [LOOK_CONFUSABLE] = "by characters that look alike",
                                        [LOOK_SEPARATOR] = "but for dashes, dots and underscores",
                                        [LOOK_SWAPPED] = "with two characters in each other's place",
                                        [LOOK_LETTER] = "but for one letter"};

    return words[look];
}

struct near {
    GHashTable *variants; /* gint64 -> GArray of guint */
};

static void unref_array(void *array)
{
    g_array_unref(array);
}

struct near *near_new(void)
{
    struct near *near = g_new0(struct near, 1);

    near->variants = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, unref_array);
    return near;
}

void near_free(struct near *near)
{
    if (!near)
        return;
    g_hash_table_unref(near->variants);
    g_free(near);
}

#define BASE G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)

/* The hashes of a text as a whole and without each of its characters; of the skeleton another number, so that
 * the two do not meet. */
static guint hashes_of(const char *folded, guint64 out[NEAR_LENGTH_MAX + 2])
{
    g_autofree char *looks = skeleton_of(folded);
    g_autofree gunichar *s = NULL;
    guint64 suffix[NEAR_LENGTH_MAX + 1], power[NEAR_LENGTH_MAX + 1], prefix = 0;
    glong n;

    s = g_utf8_to_ucs4_fast(folded, -1, &n);
    if (n > NEAR_LENGTH_MAX)
        return 0;
    suffix[n] = 0;
    power[0] = 1;
    for (glong i = n; i > 0; i--) {
        power[n - i + 1] = power[n - i] * BASE;
        suffix[i - 1] = s[i - 1] * power[n - i] + suffix[i];
    }
    out[0] = suffix[0];
    out[1] = g_str_hash(looks) * BASE ^ strlen(looks);
    for (glong i = 0; i < n; i++) {
        out[i + 2] = prefix * power[n - 1 - i] + suffix[i + 1];
        prefix = prefix * BASE + s[i];
    }
    return n < LOOK_LENGTH_MIN - 1 ? 2 : (guint)n + 2;
}

void near_add(struct near *near, const char *folded, guint number)
{
    guint64 hashes[NEAR_LENGTH_MAX + 2];
    guint n = hashes_of(folded, hashes);

    for (guint i = 0; i < n; i++) {
        GArray *all = g_hash_table_lookup(near->variants, &hashes[i]);
        if (!all) {
            all = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(near->variants, g_memdup2(&hashes[i], sizeof hashes[i]), all);
        }
        g_array_append_val(all, number);
    }
}

void near_find(const struct near *near, const char *folded, void (*each)(void *data, guint number),
               void *data)
{
    guint64 hashes[NEAR_LENGTH_MAX + 2];
    guint n = hashes_of(folded, hashes);

    for (guint i = 0; i < n; i++) {
        const GArray *all = g_hash_table_lookup(near->variants, &hashes[i]);
        for (guint k = 0; all && k < all->len; k++)
            each(data, g_array_index(all, guint, k));
    }
}
