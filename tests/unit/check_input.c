/* SPDX-License-Identifier: Apache-2.0 */
/* Archives are made here, in memory, so that every limit and trick is in sight. */
#include "src/base/file.h"
#include "src/base/input.h"
#include "src/base/unpackfile.h"
#include "tests/unit/lite.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

Suite *suite_input(void);

struct packed {
    char *data;
    size_t size, room;
};

static la_ssize_t keep(struct archive *a, void *data, const void *bytes, size_t n)
{
    struct packed *p = data;

    if (p->size + n > p->room) {
        p->room = 2 * p->room + n;
        p->data = g_realloc(p->data, p->room);
    }
    memcpy(p->data + p->size, bytes, n);
    p->size += n;
    return (la_ssize_t)n;
}

/* `format` and `filter`: "zip", "tar", "raw"; "none", "gzip", "zstd". */
static struct archive *pack(struct packed *p, const char *format, const char *filter)
{
    struct archive *a = archive_write_new();

    memset(p, 0, sizeof(*p));
    ck_assert_int_eq(strcmp(format, "zip") ? strcmp(format, "tar") ? archive_write_set_format_raw(a)
                                                                   : archive_write_set_format_gnutar(a)
                                           : archive_write_set_format_zip(a),
                     ARCHIVE_OK);
    if (strcmp(filter, "none") != 0)
        ck_assert_int_eq(archive_write_add_filter_by_name(a, filter), ARCHIVE_OK);
    if (strcmp(filter, "lz4") == 0) /* blocks of 64 KiB */
        ck_assert_int_eq(archive_write_set_filter_option(a, "lz4", "block-size", "4"), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(a, 1);
    ck_assert_int_eq(archive_write_open(a, p, NULL, keep, NULL), ARCHIVE_OK);
    return a;
}

static void add(struct archive *a, const char *name, const char *text, size_t n, int type)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, (unsigned)type);
    archive_entry_set_perm(e, 0644);
    if (type == AE_IFLNK)
        archive_entry_set_symlink(e, text);
    archive_entry_set_size(e, type == AE_IFREG ? (la_int64_t)n : 0);
    ck_assert_int_eq(archive_write_header(a, e), ARCHIVE_OK);
    if (type == AE_IFREG)
        archive_write_data(a, text, n);
    archive_entry_free(e);
}

static void done(struct archive *a)
{
    ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

/* "name=text;" of every member, and the error behind "!". */
static char *tell(const void *data, size_t size, const struct hc_limits *limits)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(hc_input_t) in = hc_input_open_memory(data, size, "f", &error);
    GString *out = g_string_new(NULL);
    struct hc_str all;
    int rc = -1;

    if (in && limits)
        *hc_input_limits(in) = *limits;
    while (in && (rc = hc_input_next(in, &error)) == 1) {
        g_string_append_printf(out, "%s=", hc_input_member(in));
        hc_input_peek(in);
        if (!hc_input_all(in, &all, &error)) {
            if (!strstr(error->message, ": its name "))
                break;
            g_string_append_printf(out, "!%s;", error->message);
            g_clear_error(&error);
            hc_input_leave(in);
            continue;
        }
        g_string_append_len(out, all.p, (gssize)MIN(all.n, 20));
        g_string_append_c(out, ';');
    }
    if (error)
        g_string_append_printf(out, "!%s", error->message);
    return g_string_free(out, FALSE);
}

static void expect(struct packed *p, const struct hc_limits *limits, const char *want)
{
    g_autofree char *got = tell(p->data, p->size, limits);

    ck_assert_msg(strcmp(got, want) == 0, "got  %s\nwant %s", got, want);
    g_clear_pointer(&p->data, g_free);
}

START_TEST(plain_and_packed)
{
    struct packed p;
    struct archive *a;
    g_autofree char *plain = tell("a\nb", 3, NULL), *none = tell("", 0, NULL);

    ck_assert_str_eq(plain, "=a\nb;");
    ck_assert_str_eq(none, "=;");
    a = pack(&p, "raw", "gzip");
    add(a, "x", "hello", 5, AE_IFREG);
    done(a);
    expect(&p, NULL, "=hello;");
    a = pack(&p, "raw", "gzip");
    add(a, "x", "", 0, AE_IFREG);
    done(a);
    expect(&p, NULL, "=;");
}
END_TEST

START_TEST(members)
{
    static const char *const formats[] = {"zip", "tar"};
    struct packed p;

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        struct archive *a = pack(&p, formats[i], "none");
        add(a, "d/", "", 0, AE_IFDIR);
        add(a, "d/one", "1", 1, AE_IFREG);
        add(a, "link", "d/one", 0, AE_IFLNK);
        add(a, "empty", "", 0, AE_IFREG);
        add(a, "d/one", "2", 1, AE_IFREG);
        add(a, "\xc3\xa4.log", "3", 1, AE_IFREG);
        done(a);
        expect(&p, NULL, "d/one=1;empty=;d/one=2;\xc3\xa4.log=3;");
        a = pack(&p, formats[i], "none");
        done(a);
        expect(&p, NULL, i ? "=" : ""); /* a tar of nothing is but NULs: a text, as far as anybody can tell */
    }
}
END_TEST

/* One file, compressed by `filter`. */
static struct packed packed_text(const char *filter, const char *text)
{
    struct packed p;
    struct archive *a = pack(&p, "raw", filter);

    add(a, "x", text, strlen(text), AE_IFREG);
    done(a);
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
            struct archive *a = pack(&inner, formats[1 - i], "none");
            add(a, "b", "2", 1, AE_IFREG);
            add(a, "d/a.gz", text.data, text.size, AE_IFREG);
            done(a);
            a = pack(&p, formats[i], i ? filters[k] : "none");
            add(a, "one", "1", 1, AE_IFREG);
            add(a, "text.gz", text.data, text.size, AE_IFREG);
            add(a, "BZhat", "BZhat is no archive", 19, AE_IFREG);
            add(a, "empty", "", 0, AE_IFREG);
            add(a, "in", inner.data, inner.size, AE_IFREG);
            done(a);
            g_autofree char *got = tell(p.data, p.size, NULL);
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
    struct archive *a = pack(&p, "zip", "none");

    add(a, "a.gz", text.data, text.size, AE_IFREG);
    done(a);
    expect(&p, &limits, "a.gz=!f!a.gz: decompresses to more than the limit of a member");
    a = pack(&inner, "tar", "none");
    add(a, "../x", "1", 1, AE_IFREG);
    done(a);
    a = pack(&p, "zip", "none");
    add(a, "in.tar", inner.data, inner.size, AE_IFREG);
    done(a);
    expect(&p, NULL, "member-1=!f!member-1: its name leads out of the archive: \"in.tar!../x\";");
    a = pack(&p, "tar", "none");
    add(a, "cut.gz", text.data, text.size / 2, AE_IFREG);
    add(a, "b", "2", 1, AE_IFREG);
    done(a);
    g_autofree char *got = tell(p.data, p.size, NULL);
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
    struct archive *a = pack(&inner, "tar", "gzip");
    struct hc_str head;

    add(a, "x", "1", 1, AE_IFREG);
    done(a);
    a = pack(&p, "zip", "none");
    add(a, "in.tgz", inner.data, inner.size, AE_IFREG);
    done(a);
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
    got = tell(text, 1995, NULL);
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
    struct archive *a = pack(&p, _i % 2 ? "tar" : "zip", "none");

    add(a, tricks[_i / 2].name, "1", 1, AE_IFREG);
    add(a, "good", "1", 1, AE_IFREG);
    done(a);
    expect(&p, NULL, tricks[_i / 2].error);
}
END_TEST

START_TEST(name_limit)
{
    g_autofree char *name = g_strnfill(HC_MEMBER_NAME_MAX, 'n'),
                    *longer = g_strnfill(HC_MEMBER_NAME_MAX + 1, 'n');
    g_autofree char *want = g_strdup_printf("%s=1;", name);
    struct packed p;
    struct archive *a = pack(&p, "zip", "none");

    add(a, name, "1", 1, AE_IFREG);
    done(a);
    expect(&p, NULL, want);
    a = pack(&p, "tar", "none");
    add(a, longer, "1", 1, AE_IFREG);
    done(a);
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
    struct archive *a = pack(&p, "zip", "none");

    add(a, "a", "0123456789", 10, AE_IFREG);
    add(a, "b", "0123456789", 10, AE_IFREG);
    add(a, "c", "0123456789", 10, AE_IFREG);
    done(a);
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
    struct archive *a = pack(&p, "zip", "none");

    for (int i = 0; i < 3000000; i++)
        text[i] = (char)(i * 7 + i / 256);
    hc_sha256_add(hash, text, 3000000);
    hc_sha256_end(hash, want);
    add(a, "x", text, 3000000, AE_IFREG);
    add(a, "y", "why", 3, AE_IFREG);
    done(a);
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
    struct archive *a = pack(&p, "raw", "zstd");
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_filetype(e, AE_IFREG);
    archive_write_header(a, e);
    archive_entry_free(e);
    for (int i = 0; i < 258; i++)
        archive_write_data(a, nothing, 1 << 20);
    done(a);
    ck_assert_uint_lt(p.size, 100000);
    in = hc_input_open_memory(p.data, p.size, "f", &error);
    ck_assert_int_eq(hc_input_next(in, &error), 1);
    ck_assert_int_eq(hc_input_next(in, &error), -1);
    ck_assert_str_eq(error->message, "f: decompresses far beyond its size: refused as a bomb");
    g_free(p.data);
}
END_TEST

static int lines_of(const char *text, size_t n, int64_t *long_one, int *after)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory(text, n, "f", NULL);
    struct hc_str line;
    struct hc_locator at = {0};
    int lines = 0;

    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    while (hc_input_line(in, &line, &at, NULL) == 1) {
        lines++;
        ck_assert_int_eq(at.line, lines);
        if (!line.p)
            *long_one = at.length;
        else if (lines == 2 && hc_str_is(line, "next"))
            *after = at.offset == *long_one + 1;
    }
    return lines;
}

START_TEST(line_limit)
{
    size_t n = HC_LINE_MAX;
    g_autofree char *text = g_malloc(n + 10);
    int64_t length = -1;
    int after = 0;

    memset(text, 'x', n);
    memcpy(text + n, "\nnext", 5);
    ck_assert_int_eq(lines_of(text, n + 5, &length, &after), 2);
    ck_assert_int_eq(length, -1);
    memcpy(text + n, "x\nnext\n", 7);
    ck_assert_int_eq(lines_of(text, n + 7, &length, &after), 2);
    ck_assert_int_eq(length, (int64_t)n + 1);
    ck_assert(after);
}
END_TEST

START_TEST(line_ends)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory("a\r\n\r\n\nb\rc\0d\nlast", 16, "f", NULL);
    static const char *const want[] = {"a", "", "", "b\rc", "last"};
    struct hc_str line;
    struct hc_locator at = {0};

    hc_input_next(in, NULL);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
        ck_assert(hc_str_starts(line, want[i]));
        ck_assert_int_eq(hc_input_cut(in), i == 4);
    }
    ck_assert_int_eq(at.offset, 12);
    ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 0);
}
END_TEST

START_TEST(peek_limit)
{
    g_autofree char *text = g_strnfill(2 * HC_PEEK_SIZE, 'x');
    g_autoptr(hc_input_t) in = hc_input_open_memory(text, 2 * HC_PEEK_SIZE, "f", NULL);
    struct hc_str line;
    struct hc_locator at;

    hc_input_next(in, NULL);
    ck_assert_uint_eq(hc_input_peek(in).n, HC_PEEK_SIZE);
    ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
    ck_assert_uint_eq(line.n, 2 * HC_PEEK_SIZE);
}
END_TEST

/* Cut anywhere, a compressed file fails: after a peek as well as without. */
START_TEST(cut)
{
    static const char *const formats[] = {"raw", "zip", "tar"};
    g_autofree char *text = g_malloc(20000);
    struct packed p;
    struct archive *a = pack(&p, formats[_i], _i == 1 ? "none" : "gzip");
    uint32_t state = 1;

    for (int i = 0; i < 20000; i++)
        text[i] = (char)((state = state * 1664525 + 1013904223) >> 24);
    add(a, "x", text, 20000, AE_IFREG);
    done(a);
    for (size_t n = 30; n < 18000; n += 997) {
        g_autofree char *got = tell(p.data, n, NULL);
        ck_assert_msg(strchr(got, '!') != NULL, "%zu: %s", n, got);
    }
    g_free(p.data);
}
END_TEST

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
    struct archive *a = pack(&inner, "raw", packings[_i % 5]);
    size_t before = 0;
    bool any;

    add(a, "x", text->str, text->len, AE_IFREG);
    done(a);
    p = inner;
    if (_i >= 5) {
        a = pack(&p, "zip", "none");
        add(a, "x.log", inner.data, inner.size, AE_IFREG);
        done(a);
        g_free(inner.data);
    }
    ck_assert_uint_eq(read_partly(p.data, p.size, text, NULL, &any), text->len);
    for (size_t n = 200; n < p.size - 300; n += 39971) {
        size_t got = read_partly(p.data, n, text, HC_UNPACK_CUT, &any);
        ck_assert_uint_ge(got, before);
        before = got;
        if (_i < 5) {
            g_autofree char *strict = tell(p.data, n, NULL);
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
    struct archive *a = pack(&p, "raw", sums[_i].filter);
    bool any;

    add(a, "x", text->str, text->len, AE_IFREG);
    done(a);
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
    struct archive *a = pack(&p, "zip", "none");
    bool any;

    add(a, "x", text->str, text->len, AE_IFREG);
    done(a);
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

START_TEST(encrypted)
{
    struct packed p;
    struct archive *a = archive_write_new();

    memset(&p, 0, sizeof(p));
    archive_write_set_format_zip(a);
    archive_write_set_options(a, "zip:encryption=traditional");
    archive_write_set_passphrase(a, "secret");
    ck_assert_int_eq(archive_write_open(a, &p, NULL, keep, NULL), ARCHIVE_OK);
    add(a, "x", "hello", 5, AE_IFREG);
    done(a);
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

/* Lines of lengths from nothing to beyond a block, one of them without its end. */
static GString *many_lines(size_t size, unsigned seed)
{
    GString *text = g_string_new(NULL);
    uint64_t state = seed;

    while (text->len < size) {
        const uint64_t n = lite_random(&state), most = n % 50 ? 200 : n % 3 ? 90000 : 700000;
        for (uint64_t k = lite_random(&state) % most; k; k--)
            g_string_append_c(text, (char)('a' + (text->len % 23)));
        g_string_append(text, n % 7 ? "\n" : "\r\n");
    }
    g_string_append(text, "cut");
    return text;
}

/* All lines and their places, every `ahead`th after a look ahead; then hash and size. Yours. */
static char *read_lines(const GString *text, int64_t aside, unsigned ahead)
{
    struct hc_input *in = hc_input_open_memory(text->str, text->len, "f", NULL);
    GString *all = g_string_new(NULL);
    struct hc_locator at = {0};
    struct hc_str line;
    char hex[HC_SHA256_HEX];
    int64_t size;

    hc_input_limits(in)->aside = aside;
    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    ck_assert_uint_eq(hc_input_peek(in).n, HC_PEEK_SIZE);
    for (unsigned i = 1; hc_input_line(in, &line, &at, NULL) == 1; i++) {
        g_string_append_len(all, line.p, (gssize)line.n);
        g_string_append_printf(all, "|%d %d %d %d\n", (int)at.line, (int)at.offset, (int)at.length,
                               hc_input_cut(in));
        if (i % ahead == 0 && hc_input_ahead(in, (size_t)i * 97 % 1000000, &line, &at, NULL) == 1) {
            g_string_append_printf(all, "%d %d %.*s\n", (int)at.line, (int)at.offset,
                                   (int)MIN(line.n, i % 31), line.p);
            hc_input_skip(in, MIN(line.n, i % 11));
        }
    }
    ck_assert(hc_input_finish(in, hex, &size, NULL));
    ck_assert_int_eq(hc_input_next(in, NULL), 0);
    g_string_append_printf(all, "%s %d", hex, (int)size);
    hc_input_close(in);
    return g_string_free(all, FALSE);
}

START_TEST(read_by_a_thread)
{
    GString *text = many_lines(8 << 20, (unsigned)_i + 1);

    for (unsigned ahead = 1; ahead < 1000000; ahead = ahead * 9 + 1) {
        g_autofree char *here = read_lines(text, INT64_MAX, ahead);
        for (int64_t aside = 0; aside <= 5 << 20; aside = aside * 11 + 100000) {
            g_autofree char *by_thread = read_lines(text, aside, ahead);
            ck_assert_msg(strcmp(here, by_thread) == 0,
                          "another text is read from %d bytes on, with a look ahead at each %u", (int)aside,
                          ahead);
        }
    }
    g_string_free(text, TRUE);
}
END_TEST

/* A member is left while it is read ahead: the next one begins where it should. */
START_TEST(left_by_a_thread)
{
    GString *text = many_lines(3 << 20, 7);
    struct packed p;
    struct archive *a = pack(&p, "tar", "none");
    struct hc_locator at = {0};
    struct hc_input *in;
    struct hc_str line;

    for (int i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("m%d", i);
        add(a, name, text->str, text->len, AE_IFREG);
    }
    done(a);
    in = hc_input_open_memory(p.data, p.size, "t", NULL);
    hc_input_limits(in)->aside = 0;
    for (int i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("m%d", i);
        ck_assert_int_eq(hc_input_next(in, NULL), 1);
        ck_assert_str_eq(hc_input_member(in), name);
        for (int k = 0; k <= i * 40; k++)
            ck_assert_int_eq(hc_input_line(in, &line, &at, NULL), 1);
        ck_assert_int_eq(at.line, i * 40 + 1);
        if (i % 2)
            hc_input_leave(in);
    }
    ck_assert_int_eq(hc_input_next(in, NULL), 0);
    hc_input_close(in);
    g_free(p.data);
    g_string_free(text, TRUE);
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
    tcase_add_test(tc, line_limit);
    tcase_add_test(tc, line_ends);
    tcase_add_test(tc, peek_limit);
    tcase_add_loop_test(tc, cut, 0, 3);
    tcase_add_loop_test(tc, read_as_far_as_it_goes, 0, 10);
    tcase_add_loop_test(tc, wrong_sum, 0, 3);
    tcase_add_test(tc, wrong_sum_in_zip);
    tcase_add_test(tc, encrypted);
    tcase_add_test(tc, no_files);
    tcase_add_test(tc, hashes);
    tcase_add_loop_test(tc, read_by_a_thread, 0, 2);
    tcase_add_test(tc, left_by_a_thread);
    suite_add_tcase(suite, tc);
    return suite;
}
