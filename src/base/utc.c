/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utcparts.h"

const char *hc_precision_name(enum hc_precision precision)
{
    static const char *const names[] = {NULL, "us", "ms", "s", "min", "h", "day"};

    return names[precision];
}

char *hc_basis_text(unsigned basis)
{
    static const char *const names[] = {"offset",  "epoch",           "source-zone", "year-inferred",
                                        "assumed", "clock-corrected", "inferred"};
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (basis & (1u << i))
            g_string_append_printf(out, "%s%s", out->len ? "+" : "", names[i]);
    return g_string_free(out, FALSE);
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days by eras of 400 years, years starting in March, so that the leap day is the last of its year. */
bool hc_civil_days(int year, int month, int day, int64_t *days)
{
    int64_t y = year - (month <= 2), era, of_era, of_year;

    if (month < 1 || month > 12 || year < 1 || year > 9999 || day < 1 || day > month_days(year, month))
        return false;
    era = y / 400;
    of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    of_era = (y - era * 400) * 365 + (y - era * 400) / 4 - (y - era * 400) / 100 + of_year;
    *days = era * 146097 + of_era - 719468;
    return true;
}

bool hc_civil_utc(const struct hc_civil *c, int64_t *us)
{
    int64_t days;

    if (!hc_civil_days(c->year, c->month, c->day, &days) || c->hour < 0 || c->hour > 23 || c->minute < 0 ||
        c->minute > 59 || c->second < 0 || c->second > 60 || c->us < 0 || c->us > 999999)
        return false;
    *us = (days * 86400 + c->hour * 3600 + c->minute * 60 + MIN(c->second, 59)) * HC_US_PER_S + c->us;
    return true;
}

struct hc_civil hc_utc_civil(int64_t us)
{
    int64_t days = us / HC_US_PER_DAY - (us % HC_US_PER_DAY < 0), rest = us - days * HC_US_PER_DAY;
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct hc_civil c;

    c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    c.us = (int)(rest % HC_US_PER_S);
    rest /= HC_US_PER_S;
    c.hour = (int)(rest / 3600);
    c.minute = (int)(rest / 60 % 60);
    c.second = (int)(rest % 60);
    return c;
}

int64_t hc_precision_span(enum hc_precision precision)
{
    static const int64_t spans[] = {
        0, 0, 999, HC_US_PER_S - 1, 60 * HC_US_PER_S - 1, 3600 * HC_US_PER_S - 1, HC_US_PER_DAY - 1};

    return spans[precision];
}

bool hc_time_set(struct hc_time *out, int64_t us, enum hc_precision precision, unsigned basis)
{
    if (us < HC_UTC_MIN || us > HC_UTC_MAX)
        return false;
    *out = (struct hc_time){us, us + hc_precision_span(precision), precision, basis};
    return true;
}

/* Clocks count a leap second as the one before or behind it, or spread it: it is between the two. */
bool hc_civil_range(const struct hc_civil *civil, enum hc_precision precision, int64_t *lo, int64_t *hi)
{
    if (!hc_civil_utc(civil, lo))
        return false;
    if (civil->second == 60) {
        *lo += HC_US_PER_S - civil->us - 1;
        *hi = *lo + HC_US_PER_S;
    } else {
        *hi = *lo + hc_precision_span(precision);
    }
    return true;
}

bool hc_leap_is_possible(const struct hc_civil *civil, int64_t earliest)
{
    return civil->second < 60 || (earliest + 1) % HC_US_PER_DAY == 0;
}

bool hc_time_offset(const struct hc_civil *civil, enum hc_precision precision, int east, unsigned basis,
                    struct hc_time *out)
{
    int64_t lo, hi;

    if (!hc_civil_range(civil, precision, &lo, &hi))
        return false;
    lo -= east * HC_US_PER_S;
    hi -= east * HC_US_PER_S;
    if (lo < HC_UTC_MIN || hi > HC_UTC_MAX || !hc_leap_is_possible(civil, lo))
        return false;
    *out = (struct hc_time){lo, hi, precision, basis};
    return true;
}

enum hc_verdict hc_time_before(const struct hc_time *a, const struct hc_time *b)
{
    if (a->precision == HC_PRECISION_NONE || b->precision == HC_PRECISION_NONE)
        return HC_POSSIBLE;
    return a->latest < b->earliest ? HC_CERTAIN : a->earliest >= b->latest ? HC_CONTRADICTED : HC_POSSIBLE;
}

enum hc_verdict hc_time_same(const struct hc_time *a, const struct hc_time *b)
{
    if (a->precision == HC_PRECISION_NONE || b->precision == HC_PRECISION_NONE)
        return HC_POSSIBLE;
    if (a->latest < b->earliest || b->latest < a->earliest)
        return HC_CONTRADICTED;
    return a->earliest == a->latest && b->earliest == b->latest ? HC_CERTAIN : HC_POSSIBLE;
}

bool hc_eat(struct hc_str *t, const char *any)
{
    if (!t->n || !t->p[0] || !strchr(any, t->p[0]))
        return false;
    *t = hc_str_skip(*t, 1);
    return true;
}

bool hc_digits(struct hc_str *t, int min, int max, int *value)
{
    int n = 0;

    *value = 0;
    while (n < max && (size_t)n < t->n && g_ascii_isdigit(t->p[n])) {
        *value = *value * 10 + (t->p[n] - '0');
        n++;
    }
    if (n < min)
        return false;
    *t = hc_str_skip(*t, (size_t)n);
    return true;
}

bool hc_offset(struct hc_str *t, int *seconds)
{
    struct hc_str rest = *t;
    int h, m = 0, s = 0, sign;

    *seconds = 0;
    if (hc_eat(t, "Zz"))
        return true;
    sign = rest.n && rest.p[0] == '-' ? -1 : 1;
    if (!hc_eat(&rest, "+-") || !hc_digits(&rest, 2, 2, &h))
        return false;
    if (hc_eat(&rest, ":") ? !hc_digits(&rest, 2, 2, &m)
                           : rest.n && g_ascii_isdigit(rest.p[0]) && !hc_digits(&rest, 2, 2, &m))
        return false;
    if (hc_eat(&rest, ":") && !hc_digits(&rest, 2, 2, &s))
        return false;
    *seconds = sign * (h * 3600 + m * 60 + s);
    *t = rest;
    return h < 24 && m < 60 && s < 60;
}

void hc_time_correct(struct hc_time *time, int64_t ahead_us)
{
    if (!ahead_us)
        return;
    time->earliest -= ahead_us;
    time->latest -= ahead_us;
    time->basis |= HC_BASIS_CLOCK;
}

bool hc_duration_parse(struct hc_str t, int64_t *us)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {
        {"us", 1}, {"ms", 1000}, {"s", HC_US_PER_S}, {"m", 60 * HC_US_PER_S}, {"h", 3600 * HC_US_PER_S}};
    int64_t sign = t.n && t.p[0] == '-' ? -1 : 1;
    int value;

    hc_eat(&t, "+-");
    if (!hc_digits(&t, 1, 9, &value))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (hc_str_is(t, units[i].unit)) {
            *us = sign * value * units[i].us;
            return true;
        }
    return false;
}

char *hc_utc_format(int64_t us, char buffer[HC_UTC_TEXT])
{
    struct hc_civil c = hc_utc_civil(us);

    g_snprintf(buffer, HC_UTC_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour,
               c.minute, c.second, c.us);
    return buffer;
}
