/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/shell.h"
#include "src/base/asset.h"
#include "src/base/hash.h"

static struct hc_str without_licence(const char *asset)
{
    struct hc_str text = hc_asset(asset);

    return hc_str_skip(text, (size_t)(hc_str_chr(text, '\n') + 1));
}

void hc_shell_asset(GString *out, const char *asset)
{
    struct hc_str text = without_licence(asset);

    g_string_append_len(out, text.p, (gssize)text.n);
}

static const char *value_of(const struct hc_slot *slots, struct hc_str name)
{
    for (; slots->name; slots++)
        if (hc_str_is(name, slots->name))
            return slots->value;
    g_error("no value for {{%.*s}}", HC_STR_ARG(name));
}

void hc_shell_fill(GString *out, const char *asset, const struct hc_slot *slots)
{
    struct hc_str text = without_licence(asset);

    for (ptrdiff_t open; (open = hc_str_find(text, "{{", 0)) >= 0;) {
        ptrdiff_t close = hc_str_find(text, "}}", (size_t)open);
        g_assert(close >= 0);
        g_string_append_len(out, text.p, open);
        g_string_append(out, value_of(slots, hc_str_n(text.p + open + 2, (size_t)(close - open - 2))));
        text = hc_str_skip(text, (size_t)close + 2);
    }
    g_string_append_len(out, text.p, (gssize)text.n);
}

#define SHA256_SIZE 32

char *hc_shell_policy(const char *style)
{
    struct hc_sha256 *hash = hc_sha256_new();
    char hex[HC_SHA256_HEX];
    guchar digest[SHA256_SIZE];

    hc_sha256_add(hash, style, strlen(style));
    hc_sha256_end(hash, hex);
    for (size_t i = 0; i < sizeof digest; i++)
        digest[i] = (guchar)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    g_autofree char *base64 = g_base64_encode(digest, sizeof digest);
    return g_strdup_printf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
                           base64);
}
