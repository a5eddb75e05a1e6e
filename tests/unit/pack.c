/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/pack.h"

#include <check.h>
#include <glib.h>
#include <string.h>

la_ssize_t pack_keep(struct archive *a, void *data, const void *bytes, size_t n)
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

struct archive *pack_new(struct packed *p, const char *format, const char *filter)
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
    ck_assert_int_eq(archive_write_open(a, p, NULL, pack_keep, NULL), ARCHIVE_OK);
    return a;
}

void pack_add(struct archive *a, const char *name, const char *text, size_t n, int type)
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

void pack_done(struct archive *a)
{
    ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

char *pack_told(const void *data, size_t size, const struct hc_limits *limits)
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
