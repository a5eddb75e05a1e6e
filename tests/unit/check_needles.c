/* SPDX-License-Identifier: Apache-2.0 */
/* Texts looked for at once, against each of them looked for at each place. */
#include "src/evidence/needles.h"
#include "tests/unit/lite.h"

#include <check.h>
#include <string.h>

Suite *suite_needles(void);

#define LONGEST 40

static unsigned char same[256];

static void prepare(void)
{
    for (int c = 0; c < 256; c++)
        same[c] = (unsigned char)(c == '_' || c == '.' ? '-' : g_ascii_tolower((char)c));
}

/* No byte of the alphabet stands before it. */
static bool begins(struct hc_str text, size_t at, size_t length)
{
    (void)length;
    return at == 0 || text.p[at - 1] != 'a';
}

static bool is_at(const char *needle, struct hc_str text, size_t at)
{
    size_t n = strlen(needle);

    if (n > text.n - at)
        return false;
    for (size_t i = 0; i < n; i++)
        if (same[(unsigned char)text.p[at + i]] != (unsigned char)needle[i])
            return false;
    return begins(text, at, n);
}

static bool is_in(char **needles, struct hc_str text)
{
    for (; *needles; needles++)
        for (size_t at = 0; at < text.n; at++)
            if (is_at(*needles, text, at))
                return true;
    return false;
}

/* Of few letters, so that many nearly stand there; `bytes`: of any but NUL. */
static char *text_of(size_t n, bool bytes, bool compared, uint64_t *chance)
{
    static const char letters[] = "aB-_.b0";
    char *text = g_malloc(n + 1);

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)(bytes ? 1 + lite_random(chance) % 255
                                                : (unsigned char)letters[lite_random(chance) % 7]);
        text[i] = (char)(compared ? same[c] : c);
    }
    text[n] = '\0';
    return text;
}

/* Whether it is there or not, each search says so; both happen. */
static void look(size_t n, size_t shortest, bool bytes, unsigned rounds)
{
    uint64_t chance = n * 1000 + shortest;
    int found = 0, missed = 0;

    for (unsigned round = 0; round < rounds; round++) {
        g_autoptr(GPtrArray) needles = g_ptr_array_new_with_free_func(g_free);
        struct hc_needles *wide, *narrow;
        for (size_t i = 0; i < n; i++)
            g_ptr_array_add(needles, text_of(shortest + lite_random(&chance) % (LONGEST - shortest), bytes,
                                             true, &chance));
        wide = hc_needles_new((const char *const *)needles->pdata, n, same, true);
        narrow = hc_needles_new((const char *const *)needles->pdata, n, same, false);
        g_ptr_array_add(needles, NULL);
        for (int i = 0; i < 8; i++) {
            g_autofree char *text = text_of(lite_random(&chance) % 200, bytes, false, &chance);
            size_t length = strlen(text), at = lite_random(&chance) % n, put = strlen(needles->pdata[at]);
            if (i % 2 && put <= length)
                memcpy(text + lite_random(&chance) % (length - put + 1), needles->pdata[at], put);
            /* of its own size, so that reading beyond it is noticed */
            g_autofree char *own = g_memdup2(text, length ? length : 1);
            struct hc_str where = hc_str_n(own, length);
            bool is = is_in((char **)needles->pdata, where);
            LITE_NEED(hc_needles_in(wide, where, begins) == is && hc_needles_in(narrow, where, begins) == is);
            found += is;
            missed += !is;
        }
        hc_needles_free(wide);
        hc_needles_free(narrow);
    }
    ck_assert_int_gt(found, 0);
    ck_assert_int_gt(missed, 0);
}

static const size_t counts[] = {1, 2, 7, 8, 9, 20, HC_NEEDLES_FEW, HC_NEEDLES_FEW + 1, 300};

START_TEST(few_and_many)
{
    prepare();
    look(counts[_i], 8, false, 100);
    look(counts[_i], 4, true, 100);
}
END_TEST

START_TEST(short_ones)
{
    prepare();
    look(2, (size_t)_i, true, 300);
}
END_TEST

Suite *suite_needles(void)
{
    Suite *suite = suite_create("needles");
    TCase *tcase = tcase_create("needles");

    tcase_add_loop_test(tcase, few_and_many, 0, G_N_ELEMENTS(counts));
    tcase_add_loop_test(tcase, short_ones, 1, 6);
    suite_add_tcase(suite, tcase);
    return suite;
}
