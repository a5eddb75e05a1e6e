/* SPDX-License-Identifier: Apache-2.0 */
/* Members of archives, their limits and tricks. */
#include "src/base/file.h"
#include "src/base/input.h"
#include "tests/unit/lite.h"
#include "tests/unit/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

Suite *suite_input(void);

static void expect(struct packed *p, const struct hc_limits *limits, const char *want)
{
    g_autofree char *got = pack_told(p->data, p->size, limits);

    ck_assert_msg(strcmp(got, want) == 0, "got  %s\nwant %s", got, want);
    g_clear_pointer(&p->data, g_free);
}

START_TEST(plain_and_packed)
{
    struct packed p;
    struct archive *a;
    g_autofree char *plain = pack_told("a\nb", 3, NULL), *none = pack_told("", 0, NULL);

    ck_assert_str_eq(plain, "=a\nb;");
    ck_assert_str_eq(none, "=;");
    a = pack_new(&p, "raw", "gzip");
    pack_add(a, "x", "hello", 5, AE_IFREG);
    pack_done(a);
    expect(&p, NULL, "=hello;");
    a = pack_new(&p, "raw", "gzip");
    pack_add(a, "x", "", 0, AE_IFREG);
    pack_done(a);
    expect(&p, NULL, "=;");
}
END_TEST

START_TEST(members)
{
    static const char *const formats[] = {"zip", "tar"};
    struct packed p;

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        struct archive *a = pack_new(&p, formats[i], "none");
        pack_add(a, "d/", "", 0, AE_IFDIR);
        pack_add(a, "d/one", "1", 1, AE_IFREG);
        pack_add(a, "link", "d/one", 0, AE_IFLNK);
        pack_add(a, "empty", "", 0, AE_IFREG);
        pack_add(a, "d/one", "2", 1, AE_IFREG);
        pack_add(a, "\xc3\xa4.log", "3", 1, AE_IFREG);
        pack_done(a);
        expect(&p, NULL, "d/one=1;empty=;d/one=2;\xc3\xa4.log=3;");
        a = pack_new(&p, formats[i], "none");
        pack_done(a);
        expect(&p, NULL, i ? "=" : ""); /* a tar of nothing is but NULs: a text, as far as anybody can tell */
    }
}
END_TEST

/* One file, compressed by `filter`. */
static struct packed packed_text(const char *filter, const char *text)
{
    struct packed p;
    struct archive *a = pack_new(&p, "raw", filter);

    pack_add(a, "x", text, strlen(text), AE_IFREG);
    pack_done(a);
    return p;
}

/* What is compressed or an archive inside of an archive is read in its place; not what is inside of that. */
START_TEST(nested)
{
    static const char *const formats[] = {"zip", "tar"}, *const filters[] = {"gzip", "bzip2", "xz", "zstd",
                                                                             "lz4"};

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(filters); k++) {
            struct packed text = packed_text(filters[k], "hello"), inner, p;
            struct archive *a = pack_new(&inner, formats[1 - i], "none");
            pack_add(a, "b", "2", 1, AE_IFREG);
            pack_add(a, "d/a.gz", text.data, text.size, AE_IFREG);
            pack_done(a);
            a = pack_new(&p, formats[i], i ? filters[k] : "none");
            pack_add(a, "one", "1", 1, AE_IFREG);
            pack_add(a, "text.gz", text.data, text.size, AE_IFREG);
            pack_add(a, "BZhat", "BZhat is no archive", 19, AE_IFREG);
            pack_add(a, "empty", "", 0, AE_IFREG);
            pack_add(a, "in", inner.data, inner.size, AE_IFREG);
            pack_done(a);
            g_autofree char *got = pack_told(p.data, p.size, NULL);
            g_autofree char *raw = g_strndup(text.data, MIN(text.size, 20));
            g_autofree char *want = g_strdup_printf(
                "one=1;text.gz=hello;BZhat=BZhat is no archive;empty=;in!b=2;in!d/a.gz=%s", raw);
            ck_assert_msg(g_str_has_prefix(got, want), "%s", got);
            g_free(p.data);
            g_free(inner.data);
            g_free(text.data);
        }
}
END_TEST

/* The limits hold inside as well, and a name from inside leads nowhere either. */
START_TEST(nested_limits)
{
    struct hc_limits limits = {HC_MEMBERS_MAX, 10,          HC_RATIO_MAX, HC_RATIO_FLOOR,
                               HC_WHOLE_MAX,   HC_HELD_MAX, HC_SPOOL_MAX};
    struct packed text = packed_text("gzip", "more than ten bytes"), inner, p;
    struct archive *a = pack_new(&p, "zip", "none");

    pack_add(a, "a.gz", text.data, text.size, AE_IFREG);
    pack_done(a);
    expect(&p, &limits, "a.gz=!f!a.gz: decompresses to more than the limit of a member");
    a = pack_new(&inner, "tar", "none");
    pack_add(a, "../x", "1", 1, AE_IFREG);
    pack_done(a);
    a = pack_new(&p, "zip", "none");
    pack_add(a, "in.tar", inner.data, inner.size, AE_IFREG);
    pack_done(a);
    expect(&p, NULL, "member-1=!f!member-1: its name leads out of the archive: \"in.tar!../x\";");
    a = pack_new(&p, "tar", "none");
    pack_add(a, "cut.gz", text.data, text.size / 2, AE_IFREG);
    pack_add(a, "b", "2", 1, AE_IFREG);
    pack_done(a);
    g_autofree char *got = pack_told(p.data, p.size, NULL);
    ck_assert_msg(g_str_has_prefix(got, "cut.gz=!f!cut.gz: the compressed data ends before it is complete"),
                  "%s", got);
    g_free(p.data);
    g_free(inner.data);
    g_free(text.data);
}
END_TEST

/* Read once more as it lies there, an archive gives what is packed inside of it as it is packed. */
START_TEST(packed)
{
    struct packed p, inner;
    struct archive *a = pack_new(&inner, "tar", "gzip");
    struct hc_str head;

    pack_add(a, "x", "1", 1, AE_IFREG);
    pack_done(a);
    a = pack_new(&p, "zip", "none");
    pack_add(a, "in.tgz", inner.data, inner.size, AE_IFREG);
    pack_done(a);
    g_autoptr(hc_input_t) in = hc_input_open_memory(p.data, p.size, "f", NULL);
    g_autoptr(hc_input_t) again = hc_input_again(in, HC_READ_PACKED, NULL);
    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    ck_assert_int_eq(hc_input_next(again, NULL), 1);
    ck_assert(hc_input_is_nested(in) && !hc_input_is_nested(again));
    ck_assert_str_eq(hc_input_member(again), "in.tgz");
    head = hc_input_peek(again);
    ck_assert_mem_eq(head.p, inner.data, inner.size);
    ck_assert_uint_eq(head.n, inner.size);
    ck_assert_int_eq(hc_input_next(again, NULL), 0);
    g_free(p.data);
    g_free(inner.data);
}
END_TEST

/* A log that is truncated while its writer stays at its place begins with NULs, as the end of a tar does. */
START_TEST(leading_nuls_are_no_archive)
{
    char text[2000] = {0};
    g_autofree char *got = NULL;

    memcpy(text + 1990, "line\n", 5);
    got = pack_told(text, 1995, NULL);
    ck_assert_str_eq(got, "="); /* and NULs */
    g_autoptr(hc_input_t) in = hc_input_open_memory(text, 1995, "f", NULL);
    struct hc_str line;
    struct hc_locator at;
    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    ck_assert(!hc_input_is_archive(in));
    ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
    ck_assert_uint_eq(line.n, 1994);
}
END_TEST

/* Bytes that add up to nothing, with no checksum said, are no header of a tar: a journal's random number may
 * make them so. */
START_TEST(no_tar_without_a_checksum)
{
    char bytes[600] = {(char)0x80, (char)0x80};
    g_autoptr(hc_input_t) in = NULL;

    memset(bytes + 512, 'x', sizeof bytes - 512);
    in = hc_input_open_memory(bytes, sizeof bytes, "f", NULL);
    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    ck_assert(!hc_input_is_archive(in));
}
END_TEST

static const struct {
    const char *name, *error;
} tricks[] = {
    {"../x", "member-1=!f!member-1: its name leads out of the archive: \"../x\";good=1;"},
    {"a/../../x", "member-1=!f!member-1: its name leads out of the archive: \"a/../../x\";good=1;"},
    {"/etc/passwd", "member-1=!f!member-1: its name leads out of the archive: \"/etc/passwd\";good=1;"},
    {"\033[1m/..", "member-1=!f!member-1: its name leads out of the archive: \"\\u{001B}[1m/..\";good=1;"},
    {"a\xff", "member-1=!f!member-1: its name is not UTF-8: \"a\357\277\275\";good=1;"},
};

START_TEST(names_that_lead_astray)
{
    struct packed p;
    struct archive *a = pack_new(&p, _i % 2 ? "tar" : "zip", "none");

    pack_add(a, tricks[_i / 2].name, "1", 1, AE_IFREG);
    pack_add(a, "good", "1", 1, AE_IFREG);
    pack_done(a);
    expect(&p, NULL, tricks[_i / 2].error);
}
END_TEST

START_TEST(name_limit)
{
    g_autofree char *name = g_strnfill(HC_MEMBER_NAME_MAX, 'n'),
                    *longer = g_strnfill(HC_MEMBER_NAME_MAX + 1, 'n');
    g_autofree char *want = g_strdup_printf("%s=1;", name);
    struct packed p;
    struct archive *a = pack_new(&p, "zip", "none");

    pack_add(a, name, "1", 1, AE_IFREG);
    pack_done(a);
    expect(&p, NULL, want);
    a = pack_new(&p, "tar", "none");
    pack_add(a, longer, "1", 1, AE_IFREG);
    pack_done(a);
    g_autofree char *refused =
        g_strdup_printf("member-1=!f!member-1: its name is too long: \"%.100s...\";", longer);
    expect(&p, NULL, refused);
}
END_TEST

/* Every limit at its number and one below what is needed. */
static const struct {
    struct hc_limits limits;
    const char *want;
} limited[] = {
    {{3, 100, 1000, 1000, 100, 100, 100}, "a=0123456789;b=0123456789;c=0123456789;"},
    {{2, 100, 1000, 1000, 100, 100, 100}, "a=0123456789;b=0123456789;!f!b: the archive has too many members"},
    {{3, 9, 1000, 1000, 100, 100, 100}, "a=!f!a: decompresses to more than the limit of a member"},
    {{3, 100, 1000, 1000, 9, 100, 100}, "a=!f!a: is larger than this format is read"},
    /* 30 bytes of 3 members, 10 each: only together they are beyond */
    {{3, 100, 0, 29, 100, 100, 100},
     "a=0123456789;b=0123456789;c=!f!c: decompresses far beyond its size: refused as a bomb"},
    {{3, 100, 0, 30, 100, 100, 100}, "a=0123456789;b=0123456789;c=0123456789;"},
};

START_TEST(limits)
{
    struct packed p;
    struct archive *a = pack_new(&p, "zip", "none");

    pack_add(a, "a", "0123456789", 10, AE_IFREG);
    pack_add(a, "b", "0123456789", 10, AE_IFREG);
    pack_add(a, "c", "0123456789", 10, AE_IFREG);
    pack_done(a);
    expect(&p, &limited[_i].limits, limited[_i].want);
}
END_TEST

START_TEST(limits_are_those_of_the_header)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory("x", 1, "f", NULL);
    const struct hc_limits *l = hc_input_limits(in);

    ck_assert_int_eq(l->members, HC_MEMBERS_MAX);
    ck_assert_int_eq(l->member_size, HC_MEMBER_SIZE_MAX);
    ck_assert_int_eq(l->ratio, HC_RATIO_MAX);
    ck_assert_int_eq(l->ratio_floor, HC_RATIO_FLOOR);
    ck_assert_int_eq(l->whole, HC_WHOLE_MAX);
    ck_assert_int_eq(l->held, HC_HELD_MAX);
    ck_assert_int_eq(l->spool, HC_SPOOL_MAX);
}
END_TEST

/* At any place: from memory, from a temporary file, and not at all. */
START_TEST(held_and_spooled)
{
    g_autofree char *text = g_malloc(3000000), *folder = g_dir_make_tmp("hindcast-input.XXXXXX", NULL);
    const int64_t sizes[][2] = {{3000000, 0}, {2999999, 3000000}, {0, 3000000}, {0, 2999999}};
    char hex[HC_SHA256_HEX], want[HC_SHA256_HEX], piece[7];
    struct hc_sha256 *hash = hc_sha256_new();
    int64_t size;
    struct packed p;
    struct archive *a = pack_new(&p, "zip", "none");

    for (int i = 0; i < 3000000; i++)
        text[i] = (char)(i * 7 + i / 256);
    hc_sha256_add(hash, text, 3000000);
    hc_sha256_end(hash, want);
    pack_add(a, "x", text, 3000000, AE_IFREG);
    pack_add(a, "y", "why", 3, AE_IFREG);
    pack_done(a);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(hc_input_t) in = hc_input_open_memory(p.data, p.size, "f", NULL);
        g_autoptr(GError) error = NULL;
        hc_input_limits(in)->held = sizes[i][0];
        hc_input_limits(in)->spool = sizes[i][1];
        hc_input_temp(in, folder);
        ck_assert_int_eq(hc_input_next(in, NULL), 1);
        ck_assert_uint_eq(hc_input_peek(in).n, HC_PEEK_SIZE);
        size = hc_input_size(in, &error);
        if (i == 3) {
            ck_assert_int_eq(size, -1);
            ck_assert_str_eq(error->message, "f!x: is larger than this format is read inside of an archive "
                                             "or a compressed file: unpack it");
            continue;
        }
        ck_assert_int_eq(size, 3000000);
        ck_assert_int_eq(hc_input_size(in, NULL), 3000000);
        for (int64_t at = 0; at <= 3000000 - 7; at += 1999) {
            ck_assert(hc_input_at(in, at, piece, 7, NULL));
            ck_assert_mem_eq(piece, text + at, 7);
        }
        ck_assert(hc_input_at(in, 3000000 - 7, piece, 7, NULL) &&
                  !hc_input_at(in, 3000000 - 6, piece, 7, NULL) && !hc_input_at(in, -1, piece, 7, NULL));
        ck_assert(hc_input_finish(in, hex, &size, NULL));
        ck_assert_str_eq(hex, want);
        ck_assert_int_eq(size, 3000000);
        ck_assert_int_eq(hc_input_next(in, NULL), 1);
        ck_assert_int_eq(hc_input_size(in, NULL), 3);
    }
    ck_assert_int_eq(g_rmdir(folder), 0); /* nothing is left there */
    g_free(p.data);
}
END_TEST

/* The real numbers once: 257 MiB of nothing in a few KiB. */
START_TEST(bomb)
{
    g_autofree char *nothing = g_malloc0(1 << 20);
    g_autoptr(GError) error = NULL;
    g_autoptr(hc_input_t) in = NULL;
    struct packed p;
    struct archive *a = pack_new(&p, "raw", "zstd");
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_filetype(e, AE_IFREG);
    archive_write_header(a, e);
    archive_entry_free(e);
    for (int i = 0; i < 258; i++)
        archive_write_data(a, nothing, 1 << 20);
    pack_done(a);
    ck_assert_uint_lt(p.size, 100000);
    in = hc_input_open_memory(p.data, p.size, "f", &error);
    ck_assert_int_eq(hc_input_next(in, &error), 1);
    ck_assert_int_eq(hc_input_next(in, &error), -1);
    ck_assert_str_eq(error->message, "f: decompresses far beyond its size: refused as a bomb");
    g_free(p.data);
}
END_TEST

/* Cut anywhere, a compressed file fails: after a peek as well as without. */
START_TEST(cut)
{
    static const char *const formats[] = {"raw", "zip", "tar"};
    g_autofree char *text = g_malloc(20000);
    struct packed p;
    struct archive *a = pack_new(&p, formats[_i], _i == 1 ? "none" : "gzip");
    uint32_t state = 1;

    for (int i = 0; i < 20000; i++)
        text[i] = (char)((state = state * 1664525 + 1013904223) >> 24);
    pack_add(a, "x", text, 20000, AE_IFREG);
    pack_done(a);
    for (size_t n = 30; n < 18000; n += 997) {
        g_autofree char *got = pack_told(p.data, n, NULL);
        ck_assert_msg(strchr(got, '!') != NULL, "%zu: %s", n, got);
    }
    g_free(p.data);
}
END_TEST

START_TEST(encrypted)
{
    struct packed p;
    struct archive *a = archive_write_new();

    memset(&p, 0, sizeof(p));
    archive_write_set_format_zip(a);
    archive_write_set_options(a, "zip:encryption=traditional");
    archive_write_set_passphrase(a, "secret");
    ck_assert_int_eq(archive_write_open(a, &p, NULL, pack_keep, NULL), ARCHIVE_OK);
    pack_add(a, "x", "hello", 5, AE_IFREG);
    pack_done(a);
    expect(&p, NULL, "x=!f!x: it is encrypted: put its decrypted contents here");
}
END_TEST

START_TEST(no_files)
{
    g_autoptr(GError) error = NULL;
    char hex[HC_SHA256_HEX];
    int64_t size;

    ck_assert_ptr_null(hc_input_open("/nonexistent/file", &error));
    g_clear_error(&error);
    ck_assert_ptr_null(hc_input_open("/", &error));
    ck_assert_str_eq(error->message, "/: is not a file");
    g_clear_error(&error);
    ck_assert(!hc_file_hash("/", hex, &size, &error));
    ck_assert_str_eq(error->message, "/: is not a file");
}
END_TEST

/* libarchive leaves nothing of a fault behind: two readers of the same bytes agree on hash and size. */
START_TEST(hashes)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory("abc", 3, "f", NULL);
    char hex[HC_SHA256_HEX];
    int64_t size;

    hc_input_next(in, NULL);
    ck_assert(hc_input_finish(in, hex, &size, NULL));
    ck_assert_int_eq(size, 3);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_int_eq(hc_input_next(in, NULL), 0);
}
END_TEST

Suite *suite_input(void)
{
    Suite *suite = suite_create("input");
    TCase *tc = tcase_create("input");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, plain_and_packed);
    tcase_add_test(tc, members);
    tcase_add_test(tc, no_tar_without_a_checksum);
    tcase_add_test(tc, nested);
    tcase_add_test(tc, nested_limits);
    tcase_add_test(tc, packed);
    tcase_add_test(tc, leading_nuls_are_no_archive);
    tcase_add_loop_test(tc, names_that_lead_astray, 0, 2 * G_N_ELEMENTS(tricks));
    tcase_add_test(tc, name_limit);
    tcase_add_loop_test(tc, limits, 0, G_N_ELEMENTS(limited));
    tcase_add_test(tc, limits_are_those_of_the_header);
    tcase_add_test(tc, held_and_spooled);
    tcase_add_test(tc, bomb);
    tcase_add_loop_test(tc, cut, 0, 3);
    tcase_add_test(tc, encrypted);
    tcase_add_test(tc, no_files);
    tcase_add_test(tc, hashes);
    suite_add_tcase(suite, tc);
    return suite;
}
