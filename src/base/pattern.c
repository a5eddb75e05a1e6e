/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/pattern.h"

struct segment {
    char *before; /* literal text in front of the capture; the last segment may be this alone */
    char *name;   /* NULL: no capture follows */
    char **words; /* NULL: any text */
};

struct hc_pattern {
    GArray *segments; /* struct segment */
    size_t n_captures;
    const char *names[HC_CAPTURES_MAX];
};

static void segment_clear(void *data)
{
    struct segment *s = data;

    g_free(s->before);
    g_free(s->name);
    g_strfreev(s->words);
}

void hc_pattern_free(struct hc_pattern *pattern)
{
    if (!pattern)
        return;
    g_array_unref(pattern->segments);
    g_free(pattern);
}

/* "name" or "name=a|b", without the braces. */
static void add_capture(struct hc_pattern *pattern, struct segment *s, struct hc_str inside)
{
    ptrdiff_t equals = hc_str_chr(inside, '=');

    s->name = hc_str_dup(equals < 0 ? inside : hc_str_head(inside, (size_t)equals));
    if (equals >= 0) {
        g_autofree char *list = hc_str_dup(hc_str_skip(inside, (size_t)equals + 1));
        s->words = g_strsplit(list, "|", -1);
    }
    pattern->names[pattern->n_captures++] = s->name;
}

struct hc_pattern *hc_pattern_new(const char *text, const char *where, GError **error)
{
    struct hc_pattern *pattern = g_new0(struct hc_pattern, 1);

    pattern->segments = g_array_new(FALSE, TRUE, sizeof(struct segment));
    g_array_set_clear_func(pattern->segments, segment_clear);
    while (*text) {
        const char *open = strchr(text, '{');
        const char *close = open ? strchr(open, '}') : NULL;
        struct segment s = {0};
        if (open && (!close || pattern->n_captures == HC_CAPTURES_MAX)) {
            hc_fail(error, HC_ERROR_CONFIG, "%s: %s", where,
                    close ? "too many captures in a pattern" : "'{' without '}' in a pattern");
            hc_pattern_free(pattern);
            return NULL;
        }
        s.before = open ? g_strndup(text, (gsize)(open - text)) : g_strdup(text);
        if (open)
            add_capture(pattern, &s, hc_str_n(open + 1, (size_t)(close - open - 1)));
        g_array_append_val(pattern->segments, s);
        text = open ? close + 1 : text + strlen(text);
    }
    return pattern;
}

bool hc_pattern_is_literal(const struct hc_pattern *pattern)
{
    return pattern->n_captures == 0;
}

static bool in_words(char *const *words, struct hc_str text)
{
    for (; words && *words; words++)
        if (hc_str_is(text, *words))
            return true;
    return !words;
}

bool hc_pattern_match(const struct hc_pattern *pattern, struct hc_str text,
                      struct hc_str captures[HC_CAPTURES_MAX])
{
    size_t n = 0;

    for (guint i = 0; i < pattern->segments->len; i++) {
        const struct segment *s = &g_array_index(pattern->segments, struct segment, i);
        const struct segment *next = i + 1 < pattern->segments->len ? s + 1 : NULL;
        ptrdiff_t end;
        if (!hc_str_starts(text, s->before))
            return false;
        text = hc_str_skip(text, strlen(s->before));
        if (!s->name)
            return text.n == 0;
        end = next ? hc_str_find(text, next->before, 0) : (ptrdiff_t)text.n;
        if (end <= 0 || !in_words(s->words, hc_str_head(text, (size_t)end)))
            return false;
        captures[n++] = hc_str_head(text, (size_t)end);
        text = hc_str_skip(text, (size_t)end);
    }
    return text.n == 0;
}

size_t hc_pattern_captures(const struct hc_pattern *pattern)
{
    return pattern->n_captures;
}

const char *hc_pattern_capture(const struct hc_pattern *pattern, size_t i)
{
    return pattern->names[i];
}
