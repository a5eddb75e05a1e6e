/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/jsonout.h"

#include "src/base/text.h"

static void line(struct hc_jsonout *j)
{
    g_string_append_c(j->out, '\n');
    for (int i = 0; i < j->depth; i++)
        g_string_append(j->out, "  ");
}

static void begin(struct hc_jsonout *j, const char *key)
{
    bool own = j->depth > 0 && j->depth <= j->lines;

    if (j->any)
        g_string_append(j->out, own ? "," : ", ");
    if (own)
        line(j);
    if (key) {
        hc_text_json(j->out, hc_str(key));
        g_string_append(j->out, ": ");
    }
    j->any = true;
}

void hc_jsonout_open(struct hc_jsonout *j, const char *key, char bracket)
{
    begin(j, key);
    g_string_append_c(j->out, bracket);
    j->depth++;
    j->any = false;
}

void hc_jsonout_close(struct hc_jsonout *j, char bracket)
{
    bool own = j->any && j->depth <= j->lines;

    j->depth--;
    if (own)
        line(j);
    g_string_append_c(j->out, bracket);
    j->any = true;
}

void hc_jsonout_text(struct hc_jsonout *j, const char *key, struct hc_str value)
{
    begin(j, key);
    if (value.p)
        hc_text_json(j->out, value);
    else
        g_string_append(j->out, "null");
}

void hc_jsonout_int(struct hc_jsonout *j, const char *key, int64_t value)
{
    begin(j, key);
    g_string_append_printf(j->out, "%" G_GINT64_FORMAT, value);
}

void hc_jsonout_bool(struct hc_jsonout *j, const char *key, bool value)
{
    begin(j, key);
    g_string_append(j->out, value ? "true" : "false");
}

void hc_jsonout_raw(struct hc_jsonout *j, const char *key, struct hc_str value)
{
    begin(j, key);
    g_string_append_len(j->out, value.p, (gssize)value.n);
}
