/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of times that are the time once more: recognised, so that they need not be kept. */
#include "src/base/utc.h"

#define DAY 86400
#define CLOCK 8 /* "hh:mm:ss" */

static void two_digits(char *to, int value)
{
    to[0] = (char)('0' + value / 10);
    to[1] = (char)('0' + value % 10);
}

static bool is_clock(const char *p, int64_t second)
{
    char clock[CLOCK];

    two_digits(clock, (int)(second / 3600));
    two_digits(clock + 3, (int)(second / 60 % 60));
    two_digits(clock + 6, (int)(second % 60));
    clock[2] = clock[5] = ':';
    return memcmp(p, clock, CLOCK) == 0;
}

/* Is the rest of the text the fraction, cut behind `digits`? */
static bool is_fraction(struct hc_str digits, int64_t us)
{
    for (size_t i = digits.n; i < 6; i++)
        us /= 10;
    for (size_t i = digits.n; i-- > 0; us /= 10)
        if (digits.p[i] != '0' + us % 10)
            return false;
    return true;
}

static bool is_date(const char *p, int64_t day)
{
    const struct hc_civil civil = hc_utc_civil(day * DAY * HC_US_PER_S);
    char date[10];

    two_digits(date, civil.year / 100);
    two_digits(date + 2, civil.year % 100);
    two_digits(date + 5, civil.month);
    two_digits(date + 8, civil.day);
    date[4] = date[7] = '-';
    return memcmp(p, date, sizeof date) == 0;
}

/* "2023-11-22 14:02:11.190389+00" */
static int iso_form(struct hc_str t, int64_t us)
{
    static const char *const ends[] = {"", "Z", "+00", "+00:00"};
    const int64_t second = us / HC_US_PER_S;
    struct hc_str rest = hc_str_skip(t, 19);
    size_t digits = 0;
    int end = 0;

    if ((t.p[10] != ' ' && t.p[10] != 'T') || !is_clock(t.p + 11, second % DAY) ||
        !is_date(t.p, second / DAY))
        return HC_RAW_TEXT;
    if (rest.n && rest.p[0] == '.') {
        rest = hc_str_skip(rest, 1);
        while (digits < MIN(rest.n, 6) && g_ascii_isdigit(rest.p[digits]))
            digits++;
        if (!digits || !is_fraction(hc_str_head(rest, digits), us % HC_US_PER_S))
            return HC_RAW_TEXT;
        rest = hc_str_skip(rest, digits);
    }
    while (end < (int)G_N_ELEMENTS(ends) && !hc_str_is(rest, ends[end]))
        end++;
    return end < (int)G_N_ELEMENTS(ends) ? HC_RAW_ISO + (t.p[10] == 'T') + 2 * end + 8 * (int)digits
                                         : HC_RAW_TEXT;
}

/* "Nov  9 14:02:11" */
static bool is_syslog(struct hc_str t, int64_t us)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const int64_t second = us / HC_US_PER_S;
    struct hc_civil civil;

    if (t.p[3] != ' ' || t.p[6] != ' ' || !is_clock(t.p + 7, second % DAY))
        return false;
    civil = hc_utc_civil(us);
    return memcmp(t.p, months + 3 * (civil.month - 1), 3) == 0 &&
           t.p[4] == (civil.day < 10 ? ' ' : '0' + civil.day / 10) && t.p[5] == '0' + civil.day % 10;
}

/* A count without sign and leading zeros. */
static bool is_count(struct hc_str t, int64_t value)
{
    if (t.p[0] == '0')
        return t.n == 1 && value == 0;
    for (size_t i = t.n; i-- > 0; value /= 10)
        if (t.p[i] != '0' + value % 10)
            return false;
    return value == 0;
}

int hc_raw_form(struct hc_str text, int64_t us)
{
    if (!text.n || us < 0)
        return HC_RAW_TEXT;
    if (text.n >= 19 && text.n <= 32 && text.p[4] == '-')
        return iso_form(text, us);
    if (text.n == 15 && text.p[9] == ':')
        return is_syslog(text, us) ? HC_RAW_SYSLOG : HC_RAW_TEXT;
    if (text.n <= 10)
        return is_count(text, us / HC_US_PER_S) ? HC_RAW_S : HC_RAW_TEXT;
    return text.n <= 13 && is_count(text, us / 1000) ? HC_RAW_MS : HC_RAW_TEXT;
}
