/* SPDX-License-Identifier: Apache-2.0 */
/* What is compressed and was cut, damaged or changed is read as far as it goes. */
#include "src/base/input.h"
#include "src/base/unpackfile.h"
#include "tests/unit/lite.h"
#include "tests/unit/pack.h"

#include <check.h>

Suite *suite_unpack(void);

static const char *const packings[] = {"gzip", "bzip2", "xz", "zstd", "lz4"};

/* Lines of 20 digits; random enough that each packing has many blocks of them. */
static GString *numbers(void)
{
    GString *text = g_string_new(NULL);
    uint32_t state = 7;

    for (int i = 0; i < 60000; i++) {
        uint32_t a = state = state * 1664525 + 1013904223, b = state = state * 1664525 + 1013904223;
        g_string_append_printf(text, "%010u%010u\n", a, b);
    }
    return text;
}

/* What is cut or damaged, of `whole`: how much of it was read, in whole lines. */
static size_t read_partly(const void *data, size_t size, const GString *whole, const char *fault, bool *any)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory(data, size, "f", NULL);
    struct hc_locator at;
    struct hc_str line;
    size_t n = 0;
    int rc;

    hc_input_partly(in);
    *any = hc_input_next(in, NULL) == 1;
    if (!*any)
        return 0;
    while ((rc = hc_input_line(in, &line, &at, NULL)) == 1) {
        /* one assertion for each of so many lines: the library writes down where each was */
        if (line.n != 20 || n + line.n + 1 > whole->len || memcmp(line.p, whole->str + n, line.n) != 0)
            ck_abort_msg("another line than is there, at %zu", n);
        n += line.n + 1;
    }
    *any = rc == 0;
    if (*any && fault)
        ck_assert_msg(strstr(hc_input_fault(in), fault) != NULL, "%s", hc_input_fault(in));
    else if (*any)
        ck_assert_ptr_null(hc_input_fault(in));
    return n;
}

/* Cut anywhere, it is read as far as it goes, and one that is not asked for in parts fails. */
START_TEST(read_as_far_as_it_goes)
{
    g_autoptr(GString) text = numbers();
    struct packed inner, p;
    struct archive *a = pack_new(&inner, "raw", packings[_i % 5]);
    size_t before = 0;
    bool any;

    pack_add(a, "x", text->str, text->len, AE_IFREG);
    pack_done(a);
    p = inner;
    if (_i >= 5) {
        a = pack_new(&p, "zip", "none");
        pack_add(a, "x.log", inner.data, inner.size, AE_IFREG);
        pack_done(a);
        g_free(inner.data);
    }
    ck_assert_uint_eq(read_partly(p.data, p.size, text, NULL, &any), text->len);
    for (size_t n = 200; n < p.size - 300; n += 39971) {
        size_t got = read_partly(p.data, n, text, HC_UNPACK_CUT, &any);
        ck_assert_uint_ge(got, before);
        before = got;
        if (_i < 5) {
            g_autofree char *strict = pack_told(p.data, n, NULL);
            ck_assert_msg(strchr(strict, '!') != NULL, "%s", strict);
        }
    }
    ck_assert_uint_gt(before, text->len / 2);
    g_free(p.data);
}
END_TEST

/* Nothing but a checksum is another: all of it is read, and it is told. */
START_TEST(wrong_sum)
{
    static const struct {
        const char *filter, *fault;
        size_t from_end;
    } sums[] = {
        {"gzip", HC_UNPACK_CHANGED, 8}, {"bzip2", HC_UNPACK_DAMAGED, 3}, {"lz4", HC_UNPACK_CHANGED, 4}};
    g_autoptr(GString) text = numbers();
    struct packed p;
    struct archive *a = pack_new(&p, "raw", sums[_i].filter);
    bool any;

    pack_add(a, "x", text->str, text->len, AE_IFREG);
    pack_done(a);
    p.data[p.size - sums[_i].from_end] ^= 1;
    ck_assert_uint_eq(read_partly(p.data, p.size, text, sums[_i].fault, &any), text->len);
    ck_assert(any);
    g_free(p.data);
}
END_TEST

/* The same of a member of a zip, which says its checksum behind it. */
START_TEST(wrong_sum_in_zip)
{
    g_autoptr(GString) text = numbers();
    struct packed p;
    struct archive *a = pack_new(&p, "zip", "none");
    bool any;

    pack_add(a, "x", text->str, text->len, AE_IFREG);
    pack_done(a);
    for (size_t i = 0; i + 8 < p.size; i++)
        if (memcmp(p.data + i, "PK\1\2", 4) == 0)
            p.data[i + 16] ^= 1;
        else if (memcmp(p.data + i, "PK\7\x8", 4) == 0)
            p.data[i + 4] ^= 1;
    ck_assert_uint_eq(read_partly(p.data, p.size, text, HC_UNPACK_CHANGED, &any), text->len);
    ck_assert(any);
    g_free(p.data);
}
END_TEST

Suite *suite_unpack(void)
{
    Suite *suite = suite_create("unpack");
    TCase *tc = tcase_create("unpack");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, read_as_far_as_it_goes, 0, 10);
    tcase_add_loop_test(tc, wrong_sum, 0, 3);
    tcase_add_test(tc, wrong_sum_in_zip);
    suite_add_tcase(suite, tc);
    return suite;
}
