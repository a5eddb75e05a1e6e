/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/words.h"

#include "src/base/utc.h"

static char *seconds_text(int64_t s, bool negative)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    GString *out = g_string_new(negative ? "-" : NULL);
    bool begun = false, days = s >= units[0].size;

    for (size_t i = 0; i < G_N_ELEMENTS(units) && !(days && begun && !s); i++) {
        int64_t n = s / units[i].size;
        s %= units[i].size;
        if (!begun && !n && units[i].size > 1)
            continue;
        g_string_append_printf(out, "%s%" G_GINT64_FORMAT " %s", begun ? " " : "", n, units[i].name);
        begun = true;
    }
    return g_string_free(out, FALSE);
}

char *hc_words_duration(int64_t us)
{
    int64_t size = us < 0 ? -us : us;

    return seconds_text((size + HC_US_PER_S / 2) / HC_US_PER_S, us < 0);
}

char *hc_words_at_most(int64_t us)
{
    return us < 0 ? hc_words_duration(us) : seconds_text((us + HC_US_PER_S - 1) / HC_US_PER_S, false);
}

static const char *value_of(const char *const *pairs, struct hc_str name)
{
    for (; pairs[0] && pairs[1]; pairs += 2)
        if (hc_str_is(name, pairs[0]))
            return pairs[1];
    return NULL;
}

char *hc_words_fill(const char *text, const char *const *pairs)
{
    GString *out = g_string_new(NULL);

    while (*text) {
        const char *open = strchr(text, '{'), *close = open ? strchr(open, '}') : NULL;
        const char *value = close ? value_of(pairs, hc_str_n(open + 1, (size_t)(close - open - 1))) : NULL;
        if (!close) {
            g_string_append(out, text);
            break;
        }
        g_string_append_len(out, text, open - text);
        if (value) {
            g_string_append(out, value);
            text = close + 1;
        } else {
            g_string_append_c(out, '{');
            text = open + 1;
        }
    }
    return g_string_free(out, FALSE);
}
