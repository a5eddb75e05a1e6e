/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands have in common. */
#include "src/commands.h"

#include "src/base/text.h"

#include <errno.h>
#include <stdio.h>

bool hc_command_out(void *data, const char *bytes, size_t n, GError **error)
{
    return fwrite(bytes, 1, n, stdout) == n ||
           hc_fail(error, HC_ERROR_IO, "standard output: %s", g_strerror(errno));
}

void hc_complain(const char *text)
{
    g_autoptr(GString) out = g_string_new("hindcast: ");

    hc_text_visible(out, hc_str(text), false);
    fprintf(stderr, "%s\n", out->str);
}

struct hc_case *hc_command_case(const char *dir, enum hc_db_mode mode, hc_db **db, GError **error)
{
    g_autoptr(hc_case_t) c = hc_case_open(dir ? dir : ".", error);
    g_autofree char *path = c ? hc_case_db(c) : NULL;

    if (!c)
        return NULL;
    if (mode == HC_DB_READ && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        hc_fail(error, HC_ERROR_USAGE, "%s: nothing is imported yet; run `hindcast run %s` first", path,
                c->dir);
        return NULL;
    }
    *db = hc_db_open(path, mode, error);
    return *db ? g_steal_pointer(&c) : NULL;
}

bool hc_command_audience(const struct hc_options *o, GError **error)
{
    return !o->audience || strcmp(o->audience, "internal") == 0 || strcmp(o->audience, "public") == 0 ||
           hc_fail(error, HC_ERROR_USAGE, "--audience takes internal or public, not '%s'", o->audience);
}

bool hc_command_is_public(const struct hc_options *o, const struct hc_case *c)
{
    return o->audience ? strcmp(o->audience, "public") == 0 : c->is_public;
}
