/* SPDX-License-Identifier: Apache-2.0 */
/* Times, numbers and lists as words. */
#include "src/narrate/prose.h"

#include "src/base/markup.h"
#include "src/base/words.h"

char *clock_of(int64_t us)
{
    char text[HC_UTC_TEXT];

    return g_strndup(hc_utc_format(us, text) + 11, 8);
}

char *iso_date(int64_t us)
{
    char text[HC_UTC_TEXT];

    return g_strndup(hc_utc_format(us, text), 10);
}

char *date_of(const struct prose *p, int64_t us)
{
    struct hc_civil civil = hc_utc_civil(us);
    g_autofree char *key = g_strdup_printf("month.%d", civil.month), *day = g_strdup_printf("%d", civil.day);
    g_autofree char *year = g_strdup_printf("%d", civil.year), *number = g_strdup_printf("%d", civil.month);
    const char *const pairs[] = {"day", day, "month", phrase(p, key), "number", number, "year", year, NULL};

    return hc_words_fill(phrase(p, "time.date"), pairs);
}

static char *end_text(const struct prose *p, int64_t us, bool with_day)
{
    g_autofree char *clock = clock_of(us), *date = date_of(p, us);
    const char *const pairs[] = {"clock", clock, "date", date, NULL};

    return with_day ? hc_words_fill(phrase(p, "time.clock-and-date"), pairs) : g_strdup(clock);
}

static bool same_day(int64_t a, int64_t b)
{
    g_autofree char *one = iso_date(a), *other = iso_date(b);

    return strcmp(one, other) == 0;
}

int64_t first_day(const struct prose *p)
{
    const struct m_act *first = p->m->acts->len ? p->m->acts->pdata[0] : NULL;

    return !first ? INT64_MIN : first->has_time ? first->time : first->until;
}

char *moment_of(const struct prose *p, int64_t us)
{
    int64_t day = first_day(p);

    return end_text(p, us, day == INT64_MIN || !same_day(us, day));
}

char *when_phrase(const struct prose *p, const struct m_act *act, int64_t day)
{
    bool days = (act->has_time && !same_day(act->time, act->until)) || !same_day(act->until, day);
    g_autofree char *from = end_text(p, act->time, days), *to = end_text(p, act->until, days);
    const char *const pairs[] = {"from", from, "to", to, NULL};

    if (act->has_time && strcmp(from, to) == 0)
        return hc_words_fill(phrase(p, "time.at"), pairs);
    if (!act->has_time || (act->inferred && act->until - act->time >= HC_BY_FROM))
        return hc_words_fill(phrase(p, "time.by"), pairs);
    return hc_words_fill(phrase(p, "time.between"), pairs);
}

char *group_digits(int64_t n)
{
    GString *out = g_string_new(NULL);

    g_string_printf(out, "%" G_GINT64_FORMAT, n);
    for (gssize at = (gssize)out->len - 3; at > (n < 0 ? 1 : 0); at -= 3)
        g_string_insert_c(out, at, ',');
    return g_string_free(out, FALSE);
}

char *number_word(const struct prose *p, int64_t n)
{
    g_autofree char *key = g_strdup_printf("number.%" G_GINT64_FORMAT, n);

    return n >= 0 && n <= 10 ? g_strdup(phrase(p, key)) : group_digits(n);
}

char *count_noun(const struct prose *p, const char *noun, int64_t n)
{
    g_autofree char *two = g_strdup_printf("noun.%s.two", noun), *number = number_word(p, n);
    const char *form = n == 1 ? "one" : n == 2 && section(p, two) ? "two" : "many";
    g_autofree char *key = g_strdup_printf("noun.%s.%s", noun, form);
    const char *const pairs[] = {"n", number, NULL};

    return hc_words_fill(phrase(p, key), pairs);
}

char *name_span(const char *name)
{
    GString *out = g_string_new(NULL);

    hc_markdown_code(out, hc_str(name ? name : "?"));
    return g_string_free(out, FALSE);
}

char *join_words(const struct prose *p, const GPtrArray *words)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < words->len; i++) {
        if (i)
            g_string_append(out, phrase(p, i + 1 == words->len ? "list.last" : "list.between"));
        g_string_append(out, words->pdata[i]);
    }
    return g_string_free(out, FALSE);
}
