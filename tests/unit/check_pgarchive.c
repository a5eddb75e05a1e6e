/* SPDX-License-Identifier: Apache-2.0 */
/* Archives are made here, byte by byte, with one thing in them that is not as it should be. */
#include "src/evidence/pgarchive.h"
#include "src/evidence/pgtoc.h"

#include <check.h>
#include <stdlib.h>

Suite *suite_pgarchive(void);

static void add_int(GByteArray *a, int64_t value)
{
    guint8 bytes[5] = {value < 0};
    uint32_t magnitude = (uint32_t)ABS(value);

    for (int i = 0; i < 4; i++)
        bytes[i + 1] = (guint8)(magnitude >> (8 * i));
    g_byte_array_append(a, bytes, sizeof(bytes));
}

static void add_text(GByteArray *a, const char *text)
{
    add_int(a, text ? (int64_t)strlen(text) : -1);
    if (text)
        g_byte_array_append(a, (const guint8 *)text, (guint)strlen(text));
}

/* A custom archive of 1.14, not compressed, as far as the number of its entries. */
static GByteArray *head(int minor, int int_size, int64_t entries)
{
    GByteArray *a = g_byte_array_new();
    const guint8 bytes[] = {'P', 'G', 'D', 'M', 'P', 1, (guint8)minor, 0, (guint8)int_size, 8, HC_PG_CUSTOM};

    g_byte_array_append(a, bytes, sizeof(bytes));
    for (int i = 0; i < 8; i++)
        add_int(a, 0); /* not compressed; made at no time that can be */
    for (int i = 0; i < 3; i++)
        add_text(a, "15\n");
    add_int(a, entries);
    return a;
}

static void add_entry(GByteArray *a, int64_t id, const char *kind, const char *definition, const char *copy,
                      int64_t dependencies, int where)
{
    const char *const texts[] = {"1259", "16384", "t", kind}, *const more[] = {definition, "",     copy,
                                                                               "public",   NULL,   "heap",
                                                                               "owner",    "false"};
    const guint8 place[9] = {(guint8)where};

    add_int(a, id);
    add_int(a, copy != NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        add_text(a, texts[i]);
    add_int(a, 2);
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
        add_text(a, more[i]);
    for (int64_t i = 0; i < dependencies; i++)
        add_text(a, "1");
    add_text(a, NULL);
    g_byte_array_append(a, place, sizeof(place));
}

static void add_data(GByteArray *a, int64_t id, const char *data)
{
    g_byte_array_append(a, (const guint8 *)"\1", 1);
    add_int(a, id);
    add_text(a, data);
    add_int(a, 0);
}

/* What is told of the archive, a line each, with the rows that are read between them; frees it. */
static char *tell(GByteArray *a)
{
    g_autoptr(hc_input_t) in = hc_input_open_memory(a->data, a->len, "x.dump", NULL);
    GString *out = g_string_new(NULL);
    struct hc_locator at;
    struct hc_str line;
    char *what = NULL;
    const char *why;
    bool rows = false;

    ck_assert_int_eq(hc_input_next(in, NULL), 1);
    if (hc_pgarchive_present(in, "x.dump", &what) == HC_PGARCHIVE_PRESENTED)
        while (hc_input_line(in, &line, &at, NULL) == 1) {
            enum hc_mark mark = hc_input_marked(in, &why);
            rows = rows && mark != HC_MARK_END;
            if (mark == HC_MARK_BROKEN)
                g_string_append_printf(out, "!%s\n", why);
            else if (rows)
                g_string_append_printf(out, "%.*s\n", HC_STR_ARG(line));
            rows = rows || hc_str_starts(line, "COPY ");
        }
    else
        g_string_append(out, what);
    g_free(what);
    g_byte_array_unref(a);
    return g_string_free(out, FALSE);
}

static void expect(GByteArray *a, const char *want)
{
    g_autofree char *got = tell(a);

    ck_assert_msg(strcmp(got, want) == 0, "got  %s\nwant %s", got, want);
}

#define COPY "COPY public.t (a) FROM stdin;\n"

START_TEST(whole)
{
    GByteArray *a = head(14, 4, 1);

    add_entry(a, 5, "TABLE DATA", "", COPY, 3, HC_PG_NOT_SET);
    add_data(a, 5, "1\n\\.\nCOPY u FROM stdin;\n2\n\\.\n\n\n");
    expect(a, "1\n\\.\nCOPY u FROM stdin;\n2\n"); /* nothing in the data passes for their end */
}
END_TEST

START_TEST(versions)
{
    expect(head(HC_PG_MINOR_MAX + 1, 4, 0),
           "a PostgreSQL archive of version 1.17; those from 1.12 to 1.16 are read");
    expect(head(HC_PG_MINOR_MIN - 1, 4, 0),
           "a PostgreSQL archive of version 1.11; those from 1.12 to 1.16 are read");
    expect(head(14, 9, 0), "a PostgreSQL archive whose numbers have 9 bytes");
}
END_TEST

START_TEST(numbers)
{
    GByteArray *a = head(14, 4, 1);
    guint at = a->len; /* the sign there looks like the start of a block, but of no entry; what follows it
                          like data without a byte */
    g_autofree char *want =
        g_strdup_printf("!the contents of the archive: the entry at byte %u has the number -5\n"
                        "!the block at byte %u is of the entry 0, of which the contents know no such data\n"
                        "!what begins at byte %u is no block of data\n",
                        at, at, at + 11);

    add_entry(a, -5, "TABLE DATA", "", COPY, 0, HC_PG_NOT_SET);
    expect(a, want);
}
END_TEST

START_TEST(entries)
{
    GByteArray *a = head(14, 4, HC_PG_ENTRIES_MAX + 1);
    g_autofree char *want = g_strdup_printf(
        "!the contents of the archive: there are said to be %d entries, of which up to %d are read\n"
        "!the contents of the archive: the archive ends at byte %u\n",
        HC_PG_ENTRIES_MAX + 1, HC_PG_ENTRIES_MAX, a->len);

    expect(a, want);
}
END_TEST

START_TEST(long_texts)
{
    g_autofree char *text = g_strnfill((gsize)HC_PG_STRING_MAX + 1, 'x'), *got = NULL;
    g_autofree char *want = g_strdup_printf(
        "!the contents of the archive: a text of %" G_GINT64_FORMAT " bytes at byte ", HC_PG_STRING_MAX + 1);
    GByteArray *a = head(14, 4, 2);

    add_entry(a, 5, "TABLE DATA", "", COPY, 0, HC_PG_NOT_SET);
    add_entry(a, 6, "COMMENT", text, NULL, 0, HC_PG_NO_DATA);
    got = tell(a);
    ck_assert_msg(g_str_has_prefix(got, want), "%s", got);
    ck_assert(strstr(got, "!public.t: its data are not in the archive\n") != NULL);
}
END_TEST

START_TEST(dependencies)
{
    GByteArray *a = head(14, 4, 1);

    add_entry(a, 5, "COMMENT", "", NULL, HC_PG_DEPENDENCIES_MAX, HC_PG_NO_DATA);
    expect(a, "");
    a = head(14, 4, 1);
    add_entry(a, 5, "COMMENT", "", NULL, HC_PG_DEPENDENCIES_MAX + 1, HC_PG_NO_DATA);
    g_autofree char *got = tell(a);
    ck_assert_msg(strstr(got, "an entry depends on more than 100000 others, at byte ") != NULL, "%s", got);
}
END_TEST

START_TEST(odd_entries)
{
    GByteArray *a = head(14, 4, 3);

    add_entry(a, 5, "TABLE DATA", "", COPY, 0, HC_PG_NOT_SET);
    add_entry(a, 5, "TABLE DATA", "", COPY, 0, HC_PG_NOT_SET);
    add_entry(a, 6, "TABLE DATA", "", "COPY public.t (a) WITH OIDS FROM stdin;\n", 0, HC_PG_NOT_SET);
    add_data(a, 6, "7\t1\n\\.\n\n\n");
    add_data(a, 5, "1\n\\.\n\n\n");
    add_data(a, 5, "2\n\\.\n\n\n");
    g_autofree char *got = tell(a);
    ck_assert_msg(
        g_str_has_prefix(
            got, "!t: a second entry has its number\n!public.t: its COPY statement is none that is read\n1\n"
                 "!public.t: a second block of its data, at byte "),
        "%s", got);
    a = head(14, 4, 1);
    add_entry(a, 5, "TABLE DATA", "", COPY, 0, 4);
    g_autofree char *mark = tell(a);
    ck_assert_msg(g_str_has_prefix(mark, "!the contents of the archive: the mark 4 at byte "), "%s", mark);
}
END_TEST

Suite *suite_pgarchive(void)
{
    Suite *suite = suite_create("pgarchive");
    TCase *tc = tcase_create("contents");

    tcase_add_test(tc, whole);
    tcase_add_test(tc, versions);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, entries);
    tcase_add_test(tc, long_texts);
    tcase_add_test(tc, dependencies);
    tcase_add_test(tc, odd_entries);
    suite_add_tcase(suite, tc);
    return suite;
}
