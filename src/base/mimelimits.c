/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/mimelimits.h"

#include <glib.h>
#include <string.h>

/* Length of the name that the line begins with, before its colon; 0: it is no header. */
static size_t name_length(struct hc_str line)
{
    size_t n = 0;

    while (n < line.n && (unsigned char)line.p[n] > ' ' && line.p[n] != ':')
        n++;
    size_t end = n;
    while (end < line.n && (line.p[end] == ' ' || line.p[end] == '\t'))
        end++;
    return end < line.n && line.p[end] == ':' ? n : 0;
}

static bool holds_addresses(struct hc_str line, size_t name)
{
    static const char *const names[] = {"from", "to", "cc", "bcc", "sender", "reply-to"};

    if (name > 7 && g_ascii_strncasecmp(line.p, "resent-", 7) == 0)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (name == strlen(names[i]) && g_ascii_strncasecmp(line.p, names[i], name) == 0)
            return true;
    return false;
}

/* Groups that are open behind the line; those of words in quotes are counted too, which does no harm. */
static int groups_behind(struct hc_str line, int open)
{
    for (size_t i = 0; i < line.n && open <= HC_MIME_GROUPS_MAX; i++)
        if (line.p[i] == ':')
            open++;
        else if (line.p[i] == ';' && open)
            open--;
    return open;
}

struct hc_str hc_mime_within_limits(struct hc_str message)
{
    struct hc_str rest = message;
    int headers = 0, parts = 0, groups = 0;
    bool addresses = false;

    while (rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct hc_str line = end ? hc_str_head(rest, (size_t)(end - rest.p) + 1) : rest;
        bool folded = line.p[0] == ' ' || line.p[0] == '\t';
        size_t name = folded ? 0 : name_length(line);
        if (!folded) {
            addresses = name && holds_addresses(line, name);
            groups = 0;
        }
        headers += name > 0;
        parts += hc_str_starts(line, "--");
        if (addresses)
            groups = groups_behind(line, groups);
        if (headers > HC_MIME_HEADERS_MAX || parts > HC_MIME_PARTS_MAX || groups > HC_MIME_GROUPS_MAX)
            return hc_str_head(message, (size_t)(line.p - message.p));
        rest = hc_str_skip(rest, line.n);
    }
    return message;
}
