/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/typeset.h"

#define NBSP "\xc2\xa0"

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

/* Length of the tag at `p`, or of the whole code element: what is to be copied untouched. 0 for text. */
static size_t untouched(const char *p)
{
    const char *end;

    if (*p != '<')
        return 0;
    if (g_str_has_prefix(p, "<code>") && (end = strstr(p, "</code>")))
        return (size_t)(end - p) + strlen("</code>");
    end = strchr(p, '>');
    return end ? (size_t)(end - p) + 1 : strlen(p);
}

/* Whether `p` has the shape: 'd' is a digit, all else itself. */
static bool has_shape(const char *p, const char *shape)
{
    for (; *shape; p++, shape++)
        if (*shape == 'd' ? !g_ascii_isdigit(*p) : *p != *shape)
            return false;
    return true;
}

static bool is_word_byte(char c)
{
    return g_ascii_isalnum(c) || (signed char)c < 0;
}

static bool is_date(const char *p)
{
    return has_shape(p, "dddd-dd-dd") && !is_word_byte(p[10]) && p[10] != '-';
}

/* Length of the unit after a number and a space. */
static size_t unit_length(const char *p)
{
    static const char *const units[] = {"h", "min", "s", "ms", "d"};

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_prefix(p, units[i]) && !is_word_byte(p[strlen(units[i])]))
            return strlen(units[i]);
    return 0;
}

void hc_typeset(GString *out, const char *html)
{
    const char *p = html;

    while (*p) {
        size_t n = untouched(p);
        bool starts = p == html || !(is_word_byte(p[-1]) || strchr("-./", p[-1]));
        if (n) {
            g_string_append_len(out, p, (gssize)n);
        } else if (starts && is_date(p)) {
            n = strlen("dddd-dd-dd");
            g_string_append_printf(out, "<span class=\"nb\">%.*s</span>", (int)n, p);
        } else if (*p == ' ' && p != html && g_ascii_isdigit(p[-1]) && unit_length(p + 1)) {
            g_string_append(out, NBSP);
            n = 1;
        } else {
            g_string_append_c(out, *p);
            n = 1;
        }
        p += n;
    }
}

char *hc_typeset_inner(const struct hc_block *block)
{
    GString *html = g_string_new(NULL);

    hc_block_inner(html, block);
    return g_string_free(html, FALSE);
}

void hc_typeset_block(GString *out, const struct hc_block *block)
{
    g_autoptr(GString) html = g_string_new(NULL);

    hc_block_html(html, block);
    hc_typeset(out, html->str);
}

/* A number after "of" is the whole that the first was taken from: set small, with the words. */
static bool is_figure(char *const *words, size_t i)
{
    return g_ascii_isdigit(words[i][0]) && (i == 0 || strcmp(words[i - 1], "of") != 0);
}

void hc_typeset_value(GString *out, const char *html)
{
    if (strchr(html, '<')) {
        hc_typeset(out, html);
        return;
    }
    g_auto(GStrv) words = g_strsplit(html, " ", -1);
    bool small = false;
    for (size_t i = 0; words[i]; i++) {
        bool figure = is_figure(words, i);
        if (small && figure)
            g_string_append(out, "</span>");
        const char *space = i == 0 ? "" : !figure && is_figure(words, i - 1) ? NBSP : " ";
        if (!figure && !small)
            g_string_append_printf(out, "<span class=\"u\">%s%s", space, words[i]);
        else
            g_string_append_printf(out, "%s%s", space, words[i]);
        small = !figure;
    }
    if (small)
        g_string_append(out, "</span>");
}

void hc_typeset_clock(GString *out, const char *html, const char *day)
{
    for (const char *p = html; *p;) {
        bool starts = p == html || !(is_word_byte(p[-1]) || p[-1] == ':');
        size_t n = untouched(p), clock = has_shape(p, "dd:dd:dd") ? 8 : has_shape(p, "dd:dd") ? 5 : 0;
        if (!n && *day && starts && clock && !g_ascii_isdigit(p[clock])) {
            g_string_append_printf(out, "<time datetime=\"%sT%.*sZ\">%.*s</time>", day, (int)clock, p,
                                   (int)clock, p);
            n = clock;
        } else {
            n = n ? n : 1;
            g_string_append_len(out, p, (gssize)n);
        }
        p += n;
    }
}

/* The next number in `*text`, -1 when there is none; `*text` is moved behind it. */
static int take_number(const char **text)
{
    char *end;

    *text += strcspn(*text, "0123456789");
    if (!**text)
        return -1;
    guint64 number = g_ascii_strtoull(*text, &end, 10);
    *text = end;
    return number <= 9999 ? (int)number : -1;
}

/* The month that the text names and the end of its name; 0 when it names none. */
static int find_month(const char *text, const char **end)
{
    for (size_t i = 0; i < G_N_ELEMENTS(months); i++) {
        const char *hit = strstr(text, months[i]);
        if (hit) {
            *end = hit + strlen(months[i]);
            return (int)i + 1;
        }
    }
    return 0;
}

void hc_typeset_day(const char *text, char day[HC_DAY_SIZE])
{
    const char *rest = text, *end = text;
    bool chinese = strstr(text, "\xe5\xb9\xb4") != NULL; /* nian, year */
    int month = chinese ? 0 : find_month(text, &end), first = take_number(&rest);

    day[0] = '\0';
    if (!chinese && !month)
        return;
    int second = take_number(chinese ? &rest : &end), third = chinese ? take_number(&rest) : 0;
    int d = chinese ? third : first, m = chinese ? second : month, y = chinese ? first : second;
    if (d > 0 && m > 0 && y > 0 && g_date_valid_dmy((GDateDay)d, (GDateMonth)m, (GDateYear)y))
        g_snprintf(day, HC_DAY_SIZE, "%04d-%02d-%02d", y, m, d);
}

void hc_typeset_date(GString *out, const char *day, const char *lang)
{
    int y = has_shape(day, "dddd-dd-dd") ? (int)g_ascii_strtoll(day, NULL, 10) : 0;
    int m = y ? (int)g_ascii_strtoll(day + 5, NULL, 10) : 0,
        d = y ? (int)g_ascii_strtoll(day + 8, NULL, 10) : 0;

    if (m < 1 || m > 12)
        g_string_append(out, day);
    else if (g_str_has_prefix(lang, "zh"))
        g_string_append_printf(out, "%d \xe5\xb9\xb4 %d \xe6\x9c\x88 %d \xe6\x97\xa5", y, m, d);
    else
        g_string_append_printf(out, "%d %s %d", d, months[m - 1], y);
}

/* Punctuation beyond ASCII, by our own ranges: general, CJK, full width. */
static bool is_wide_punctuation(gunichar c)
{
    return (c >= 0x80 && c < 0xc0) || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x303f) ||
           (c >= 0xff00 && c <= 0xffef);
}

char *hc_typeset_slug(const char *text)
{
    GString *slug = g_string_new(NULL);
    bool gap = false;

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\'' || c == 0x2019) /* o'hara is one word */
            continue;
        if (c < 0x80 ? !g_ascii_isalnum((char)c) : is_wide_punctuation(c)) {
            gap = true;
            continue;
        }
        if (gap && slug->len)
            g_string_append_c(slug, '-');
        gap = false;
        g_string_append_unichar(slug, c < 0x80 ? (gunichar)g_ascii_tolower((char)c) : c);
    }
    return g_string_free(slug->len ? slug : g_string_assign(slug, "section"), FALSE);
}

ptrdiff_t hc_typeset_find(const char *html, const char *needle)
{
    int depth = 0;

    for (const char *p = html; *p;) {
        if (depth == 0 && g_str_has_prefix(p, needle))
            return p - html;
        if (*p != '<') {
            p++;
            continue;
        }
        const char *end = strchr(p, '>');
        if (!end)
            break;
        depth += p[1] == '/' ? -1 : end[-1] == '/' ? 0 : 1;
        p = end + 1;
    }
    return -1;
}

void hc_typeset_letters(GString *out, guint i)
{
    if (i >= 26)
        hc_typeset_letters(out, i / 26 - 1);
    g_string_append_c(out, (char)('a' + i % 26));
}

void hc_typeset_path(GString *out, const char *html, size_t n)
{
    bool in_code = false;

    for (size_t i = 0; i < n; i++) {
        if (html[i] == '<')
            in_code = g_str_has_prefix(html + i, "<code>");
        g_string_append_c(out, html[i]);
        if (in_code && html[i] == '/')
            g_string_append(out, "<wbr>");
    }
}

void hc_typeset_blanks(GString *out, const char *html)
{
    g_autoptr(GString) typeset = g_string_new(NULL);

    hc_typeset(typeset, html);
    for (const char *p = typeset->str; *p;) {
        size_t n = strspn(p, "_");
        if (n >= strlen(HC_BLANK))
            g_string_append_printf(out, "<span class=\"blank\">%.*s</span>", (int)n, p);
        else
            g_string_append_len(out, p, (gssize)(n = n ? n : 1));
        p += n;
    }
}
