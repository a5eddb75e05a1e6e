/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the figure: how much room they take, how they are cut, durations in words. */
#include "src/narrate/figure_sketch.h"

#include "src/base/text.h"
#include "src/base/utc.h"

/*
 * Characters that need more than one column, ascending. A table of our own: that of a library differs from
 * version to version, and the same evidence must give the same bytes.
 */
static const struct {
    gunichar from, to;
    int columns;
} wide[] = {
    {0x1100, 0x115f, 2},                          /* Hangul Jamo */
    {0x231a, 0x231b, 2},                          /* watch, hourglass */
    {0x2600, 0x27bf, 2},                          /* symbols and dingbats: many fonts draw them as pictures */
    {0x2e3a, 0x2e3b, 3},                          /* long dashes */
    {0x2e80, 0x303e, 2},                          /* CJK radicals and punctuation */
    {0x3041, 0x4dbf, 2},                          /* kana, CJK extension A */
    {0x4e00, 0xa4cf, 2},                          /* CJK, Yi */
    {0xa960, 0xa97c, 2},                          /* Hangul Jamo extended */
    {0xac00, 0xd7a3, 2},                          /* Hangul */
    {0xf900, 0xfaff, 2},                          /* CJK compatibility */
    {0xfdf0, 0xfdff, 16},                         /* whole phrases in one character */
    {0xfe10, 0xfe6f, 2},                          /* vertical and small forms */
    {0xff00, 0xff60, 2},                          /* full width */
    {0xffe0, 0xffe6, 2},   {0x12000, 0x1254f, 6}, /* cuneiform */
    {0x16fe0, 0x1b2ff, 2},                        /* Tangut, kana supplement */
    {0x1f000, 0x1faff, 2},                        /* pictures */
    {0x20000, 0x3fffd, 2},                        /* CJK extensions */
};

static int columns_of(gunichar c)
{
    for (size_t i = 0; i < G_N_ELEMENTS(wide) && wide[i].from <= c; i++)
        if (c <= wide[i].to)
            return wide[i].columns;
    return 1;
}

int hc_text_columns(const char *text)
{
    int64_t n = 0;

    for (const char *p = text; *p; p = g_utf8_next_char(p))
        n += columns_of(g_utf8_get_char(p));
    return (int)MIN(n, 100000);
}

/* In hundredths of an em. The broad letters are taken one by one: a name may consist of nothing else. */
static int width_of(gunichar c)
{
    int columns = columns_of(c);

    if (columns > 1)
        return 50 * columns;
    return c == 'w' ? 82 : c && c < 0x80 && strchr("MW@%m", (int)c) ? 98 : 62;
}

int hc_text_width(const char *text, int size)
{
    int64_t hundredths = 0;

    for (const char *p = text; *p; p = g_utf8_next_char(p))
        hundredths += width_of(g_utf8_get_char(p));
    return (int)MIN((hundredths * size + 99) / 100, 1000000);
}

/* The longest head of `text` with at most `max` columns. */
static const char *head_end(const char *text, int max)
{
    while (*text && (max -= columns_of(g_utf8_get_char(text))) >= 0)
        text = g_utf8_next_char(text);
    return text;
}

/* The longest tail. */
static const char *tail_start(const char *text, int max)
{
    const char *p = text + strlen(text);

    while (p > text && (max -= columns_of(g_utf8_get_char(g_utf8_prev_char(p)))) >= 0)
        p = g_utf8_prev_char(p);
    return p;
}

char *hc_text_short(const char *text, int max)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    int tail = (max - 1) * 2 / 5;

    hc_text_visible(seen, hc_str(text), false);
    if (hc_text_columns(seen->str) > max) {
        g_autofree char *end = g_strdup(tail_start(seen->str, tail));
        g_string_truncate(seen, (gsize)(head_end(seen->str, max - 1 - tail) - seen->str));
        g_string_append_printf(seen, "\xe2\x80\xa6%s", end);
    }
    return g_string_free(g_steal_pointer(&seen), FALSE);
}

char *hc_text_fill(const char *pattern, const char *name, const char *value)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *hole = g_strconcat("{", name, "}", NULL);
    const char *at = strstr(pattern, hole);

    hc_text_visible(text, hc_str_n(pattern, at ? (size_t)(at - pattern) : strlen(pattern)), false);
    if (at) {
        hc_text_visible(text, hc_str(value), false);
        hc_text_visible(text, hc_str(at + strlen(hole)), false);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *hc_text_fill_n(const char *pattern, int64_t n)
{
    char digits[24];

    g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, n);
    return hc_text_fill(pattern, "n", digits);
}

static const struct {
    int64_t us;
    enum hc_figure_word word;
} units[] = {
    {86400 * HC_US_PER_S, HC_WORD_DAYS},
    {3600 * HC_US_PER_S, HC_WORD_HOURS},
    {60 * HC_US_PER_S, HC_WORD_MINUTES},
    {HC_US_PER_S, HC_WORD_SECONDS},
};

/* A count of the larger unit and, where it says something, of the next. */
static char *two_units(const struct hc_figure *figure, int64_t us, size_t unit, bool second)
{
    g_autofree char *large = hc_text_fill_n(figure->words[units[unit].word], us / units[unit].us);
    int64_t rest = second && unit < 3 ? us % units[unit].us / units[unit + 1].us : 0;

    if (rest == 0)
        return g_steal_pointer(&large);
    g_autofree char *small = hc_text_fill_n(figure->words[units[unit + 1].word], rest);
    return us < units[unit].us ? g_steal_pointer(&small) : g_strconcat(large, " ", small, NULL);
}

char *hc_text_gap(const struct hc_figure *figure, int64_t us)
{
    if (us >= 2 * units[0].us)
        return two_units(figure, us, 0, us < 10 * units[0].us);
    return two_units(figure, us, 1, true);
}

char *hc_text_amount(const struct hc_figure *figure, int64_t us)
{
    size_t unit = 0;

    while (unit < 3 && us < units[unit].us)
        unit++;
    bool second = us < 10 * units[unit].us && unit < 3;
    int64_t grain = units[second ? unit + 1 : unit].us;
    us = MAX((us + grain / 2) / grain * grain, grain);
    return two_units(figure, us, unit, second);
}
