/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/authresults.h"

#include <glib.h>

/* Without comments, which nest, and with a space for each; what stands in quotes stays. */
static char *without_comments(struct hc_str text)
{
    GString *out = g_string_sized_new(text.n);
    unsigned depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\\' && i + 1 < text.n && (depth || quoted)) {
            i++;
            if (!depth)
                g_string_append_c(out, text.p[i]);
        } else if (quoted || c == '"') {
            quoted = (c == '"') != quoted;
            if (c != '"')
                g_string_append_c(out, strchr(";= \t", c) ? '_' : c); /* it separates nothing */
        } else if (c == '(' || (c == ')' && depth)) {
            depth += c == '(' ? 1 : -1;
            g_string_append_c(out, ' ');
        } else if (!depth) {
            g_string_append_c(out, c);
        }
    }
    return g_string_free(out, FALSE);
}

/* "a = b" is "a=b", and "header . d" "header.d". */
static char *tightened(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at; at++) {
        const char *next = at;
        while (g_ascii_isspace(*next))
            next++;
        if (next > at && !strchr("=.;", *next) && out->len && !strchr("=.;", out->str[out->len - 1]))
            g_string_append_c(out, ' ');
        if (!*next)
            break;
        g_string_append_c(out, *next);
        at = next;
    }
    return g_string_free(out, FALSE);
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (g_ascii_strcasecmp(word, *words) == 0)
            return true;
    return false;
}

/* The domain itself, or one above it. */
static bool covers(const char *signer, const char *domain)
{
    size_t n = strlen(signer), m = strlen(domain);

    return g_ascii_strcasecmp(signer, domain) == 0 ||
           (strchr(signer, '.') && m > n && domain[m - n - 1] == '.' &&
            g_ascii_strcasecmp(domain + m - n, signer) == 0);
}

/* "dkim=pass header.d=example.org header.s=x". */
static bool result_passes(const char *result, const char *domain)
{
    g_auto(GStrv) words = g_strsplit(result, " ", -1);
    bool dkim = words[0] && g_ascii_strcasecmp(words[0], "dkim=pass") == 0;
    bool dmarc = words[0] && g_ascii_strcasecmp(words[0], "dmarc=pass") == 0;

    for (char **w = words; (dkim || dmarc) && *w; w++) {
        if (dkim && g_ascii_strncasecmp(*w, "header.d=", 9) == 0)
            return covers(*w + 9, domain);
        if (dmarc && g_ascii_strncasecmp(*w, "header.from=", 12) == 0)
            return g_ascii_strcasecmp(*w + 12, domain) == 0;
    }
    return false;
}

bool hc_authresults_pass(struct hc_str header, const char *const *trusted, const char *domain)
{
    g_autofree char *plain = without_comments(header), *tight = tightened(plain);
    g_auto(GStrv) parts = g_strsplit(tight, ";", -1);
    g_auto(GStrv) host = g_strsplit(parts[0] ? g_strstrip(parts[0]) : "", " ", -1); /* a version may follow */

    if (!host[0] || !is_one_of(host[0], trusted))
        return false;
    for (char **part = parts + 1; *part; part++)
        if (result_passes(g_strstrip(*part), domain))
            return true;
    return false;
}
