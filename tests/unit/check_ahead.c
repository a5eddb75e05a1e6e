/* SPDX-License-Identifier: Apache-2.0 */
/* What is read ahead, by threads, against the same file read without them. */
#include "src/base/file.h"
#include "src/base/input.h"

#include <check.h>
#include <glib/gstdio.h>

Suite *suite_ahead(void);

#define SIZE (6u << 20)
#define NEVER INT64_MAX

static char *path;
static GString *all;

/* Lines of all kinds: empty ones, with CRs, of some bytes, and longer than a block or the room in front of
 * one; the last has no end. */
static void make(void)
{
    static const unsigned longest[] = {1, 40, 40, 40, 40, 300, 300, 70000, 300000};
    GRand *rand = g_rand_new_with_seed(7);
    GError *error = NULL;
    int fd = g_file_open_tmp("hindcast-ahead-XXXXXX", &path, &error);

    ck_assert_int_ge(fd, 0);
    g_close(fd, NULL);
    all = g_string_new(NULL);
    while (all->len < SIZE) {
        unsigned n = (unsigned)g_rand_int_range(
            rand, 0, (gint32)longest[g_rand_int_range(rand, 0, all->len > SIZE / 2 ? 9 : 7)]);
        for (unsigned i = 0; i < n; i++)
            g_string_append_c(all, (char)g_rand_int_range(rand, ' ', 256));
        g_string_append(all, g_rand_int_range(rand, 0, 9) ? "\n" : "\r\n");
    }
    g_string_append(all, "the end");
    g_rand_free(rand);
    ck_assert(g_file_set_contents(path, all->str, (gssize)all->len, NULL));
}

static void unmake(void)
{
    g_unlink(path);
    g_free(path);
    g_string_free(all, TRUE);
}

static struct hc_input *open_at(int64_t from)
{
    struct hc_input *in = hc_input_open(path, NULL);

    ck_assert_ptr_nonnull(in);
    hc_input_limits(in)->aside = from;
    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    return in;
}

static void look(const void *data, struct hc_str line, void *found)
{
    uint64_t sum = *(const uint64_t *)data + line.n;

    for (size_t i = 0; i < line.n; i++)
        sum = sum * 31 + (unsigned char)line.p[i];
    memcpy(found, &sum, sizeof sum);
}

/* The rest is hashed, however it was read. */
static void expect_hash(struct hc_input *in)
{
    char hex[HC_SHA256_HEX], of_file[HC_SHA256_HEX];
    int64_t size, size_of_file;

    ck_assert(hc_input_finish(in, hex, &size, NULL));
    ck_assert(hc_file_hash(path, of_file, &size_of_file, NULL));
    ck_assert_str_eq(hex, of_file);
    ck_assert_int_eq(size, size_of_file);
    ck_assert_int_eq(size, (int64_t)all->len);
}

START_TEST(lines)
{
    g_autoptr(hc_input_t) a = open_at(0), b = open_at(NEVER);
    const uint64_t seed = 11;
    size_t n = 0, n_looked = 0;
    int rc;

    hc_input_look(a, sizeof seed, look, &seed);
    hc_input_look(b, sizeof seed, look, &seed);
    do {
        struct hc_str of_a, of_b;
        struct hc_locator at_a = {0}, at_b = {0};
        rc = hc_input_line(a, &of_a, &at_a, NULL);
        ck_assert_int_eq(hc_input_line(b, &of_b, &at_b, NULL), rc);
        ck_assert(hc_str_eq(of_a, of_b));
        ck_assert_int_eq(at_a.line, at_b.line);
        ck_assert_int_eq(at_a.offset, at_b.offset);
        ck_assert_int_eq(at_a.length, at_b.length);
        ck_assert(hc_input_cut(a) == hc_input_cut(b));
        ck_assert_ptr_null(hc_input_looked(b)); /* nobody reads ahead for it */
        if (hc_input_looked(a)) {
            uint64_t own;
            look(&seed, of_a, &own);
            ck_assert(memcmp(&own, hc_input_looked(a), sizeof own) == 0);
            n_looked++;
        }
        n++;
    } while (rc == 1);
    ck_assert_int_eq(rc, 0);
    ck_assert_uint_gt(n_looked, n / 2);
    expect_hash(a);
    expect_hash(b);
}
END_TEST

/* Pieces of any size, between lines, as importers of other formats read. */
START_TEST(pieces)
{
    g_autoptr(hc_input_t) in = open_at(0);
    GRand *rand = g_rand_new_with_seed((guint32)_i);
    const uint64_t seed = 3;
    size_t at = 0;
    int rc = 1;

    hc_input_look(in, sizeof seed, look, &seed);
    while (rc == 1) {
        size_t want = (size_t)g_rand_int_range(rand, 1, g_rand_int_range(rand, 0, 50) ? 500 : 600000);
        struct hc_str ahead;
        struct hc_locator place = {0};
        if (g_rand_int_range(rand, 0, 3)) {
            rc = hc_input_line(in, &ahead, &place, NULL);
            at += rc == 1 ? (size_t)place.length : 0;
            at += rc == 1 && at < all->len && all->str[at] == '\r';
            at += rc == 1 && !hc_input_cut(in);
        } else {
            rc = hc_input_ahead(in, want, &ahead, &place, NULL);
            if (rc == 1) {
                ck_assert_uint_ge(ahead.n, MIN(want, all->len - at));
                want = MIN(want, ahead.n);
                ck_assert(memcmp(ahead.p, all->str + at, want) == 0);
                hc_input_skip(in, want);
                at += want;
            }
        }
        if (rc == 1)
            ck_assert(memcmp(ahead.p ? ahead.p : "", all->str + place.offset, MIN(ahead.n, want)) == 0);
    }
    ck_assert_int_eq(rc, 0);
    ck_assert_uint_eq(at, all->len);
    expect_hash(in);
    g_rand_free(rand);
}
END_TEST

/* Nobody looks any more, in the middle of it. */
START_TEST(away)
{
    g_autoptr(hc_input_t) in = open_at(0);
    uint64_t *seed = g_new0(uint64_t, 1);
    struct hc_locator at = {0};
    struct hc_str line;

    hc_input_look(in, sizeof *seed, look, seed);
    while (at.offset < SIZE / 3)
        ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
    hc_input_look_away(in);
    g_free(seed);
    while (hc_input_line(in, &line, &at, NULL) == 1)
        ck_assert_ptr_null(hc_input_looked(in));
    ck_assert_int_eq(at.offset + at.length, (int64_t)all->len);
    expect_hash(in);
}
END_TEST

START_TEST(whole)
{
    g_autoptr(hc_input_t) in = open_at(0);
    struct hc_str text;

    ck_assert(hc_input_all(in, &text, NULL));
    ck_assert(hc_str_eq(text, hc_str_n(all->str, all->len)));
    expect_hash(in);
}
END_TEST

/* It is left in the middle; or read at any place, while the hash is made aside. */
START_TEST(not_in_turn)
{
    g_autoptr(hc_input_t) left = open_at(0), some = open_at(0), places = open_at(0);
    struct hc_str line;
    struct hc_locator at;
    char bytes[100];

    while (hc_input_line(left, &line, &at, NULL) == 1 && at.offset < SIZE / 3)
        ck_assert(hc_input_line(some, &line, &at, NULL) == 1);
    hc_input_leave(left);
    ck_assert_int_eq(hc_input_next(left, NULL), 0);
    expect_hash(some);
    ck_assert_int_eq(hc_input_size(places, NULL), (int64_t)all->len);
    ck_assert(hc_input_at(places, SIZE / 2, bytes, sizeof bytes, NULL));
    ck_assert(memcmp(bytes, all->str + SIZE / 2, sizeof bytes) == 0);
    expect_hash(places);
}
END_TEST

Suite *suite_ahead(void)
{
    Suite *suite = suite_create("ahead");
    TCase *tc = tcase_create("ahead");

    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, make, unmake);
    tcase_add_test(tc, lines);
    tcase_add_loop_test(tc, pieces, 0, 4);
    tcase_add_test(tc, away);
    tcase_add_test(tc, whole);
    tcase_add_test(tc, not_in_turn);
    suite_add_tcase(suite, tc);
    return suite;
}
