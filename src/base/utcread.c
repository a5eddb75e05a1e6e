/* SPDX-License-Identifier: Apache-2.0 */
/* Times that are written in words and fields: ISO 8601, RFC 5322, syslog. */
#include "src/base/utcparts.h"

/* ".ffffff": digits beyond microseconds are dropped, never rounded. */
static bool fraction(struct hc_str *t, int *us, enum hc_precision *precision)
{
    int n = 0, scale = 100000;

    if (!hc_eat(t, ".,"))
        return true;
    for (*us = 0; t->n && g_ascii_isdigit(t->p[0]); n++, *t = hc_str_skip(*t, 1), scale /= 10)
        *us += (t->p[0] - '0') * scale;
    *precision = n <= 3 ? HC_PRECISION_MS : HC_PRECISION_US;
    return n > 0;
}

static bool year_is_in_reach(int year)
{
    return year >= HC_YEAR_MIN && year <= HC_YEAR_MAX;
}

static void set_days(struct hc_civil *c, int64_t days)
{
    struct hc_civil date = hc_utc_civil(days * HC_US_PER_DAY);

    c->year = date.year;
    c->month = date.month;
    c->day = date.day;
}

/* The Monday of week 1, which is the one with the fourth of January. */
static int64_t first_monday(int year)
{
    int64_t fourth = 0;

    hc_civil_days(year, 1, 4, &fourth);
    return fourth - ((fourth + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
}

static bool set_week(struct hc_civil *c, int week, int weekday)
{
    int64_t monday = first_monday(c->year) + (week - 1) * 7;

    if (!year_is_in_reach(c->year) || weekday < 1 || weekday > 7 || week < 1 ||
        monday >= first_monday(c->year + 1))
        return false;
    set_days(c, monday + weekday - 1);
    return true;
}

static bool set_day_of_year(struct hc_civil *c, int day)
{
    int64_t first = 0, next = 0;

    if (day < 1 || !hc_civil_days(c->year, 1, 1, &first) || !hc_civil_days(c->year + 1, 1, 1, &next) ||
        day > next - first)
        return false;
    set_days(c, first + day - 1);
    return true;
}

static size_t count_digits(struct hc_str t)
{
    size_t n = 0;

    while (n < t.n && g_ascii_isdigit(t.p[n]))
        n++;
    return n;
}

/* "2023-11-22", "20231122", "2023-W47-3", "2023W473", "2023-326", "2023326". */
static bool iso_date(struct hc_str *t, struct hc_civil *c, bool *basic)
{
    int week, day;

    *basic = count_digits(*t) != 4 || (t->n > 4 && t->p[4] == 'W');
    if (!hc_digits(t, 4, 4, &c->year) || (!*basic && !hc_eat(t, "-")))
        return false;
    if (hc_eat(t, "W"))
        return hc_digits(t, 2, 2, &week) && (*basic || hc_eat(t, "-")) && hc_digits(t, 1, 1, &day) &&
               set_week(c, week, day);
    if (count_digits(*t) == 3)
        return hc_digits(t, 3, 3, &day) && set_day_of_year(c, day);
    return hc_digits(t, 2, 2, &c->month) && (*basic || hc_eat(t, "-")) && hc_digits(t, 2, 2, &c->day);
}

/* "08:44:55.1", "08:44", "08"; `basic` dates may have colons or none, as both are written. */
static bool iso_clock(struct hc_str *t, bool basic, struct hc_civil *c, enum hc_precision *precision)
{
    bool colons;

    *precision = HC_PRECISION_H;
    if (!hc_digits(t, 2, 2, &c->hour))
        return false;
    colons = t->n && t->p[0] == ':';
    if (!colons && (!basic || !count_digits(*t)))
        return true;
    *precision = HC_PRECISION_MIN;
    hc_eat(t, ":");
    if (!hc_digits(t, 2, 2, &c->minute))
        return false;
    if (colons ? !hc_eat(t, ":") : !count_digits(*t))
        return true;
    *precision = HC_PRECISION_S;
    return hc_digits(t, 2, 2, &c->second) && fraction(t, &c->us, precision);
}

/*
 * "2023-11-22 08:44:55", of which nearly all times of a dump are: its fields are at their places, so nothing
 * has to be found. False, and nothing read, where it looks otherwise.
 */
static bool usual(struct hc_str *t, struct hc_civil *c)
{
    static const unsigned char digits[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
    const char *p = t->p;
    unsigned char n[sizeof digits], most = 0;

    if (t->n < 19 || p[4] != '-' || p[7] != '-' || (p[10] != ' ' && p[10] != 'T') || p[13] != ':' ||
        p[16] != ':')
        return false;
    for (size_t i = 0; i < sizeof digits; i++) {
        n[i] = (unsigned char)(p[digits[i]] - '0');
        most = MAX(most, n[i]);
    }
    if (most > 9)
        return false;
    *c = (struct hc_civil){n[0] * 1000 + n[1] * 100 + n[2] * 10 + n[3],
                           n[4] * 10 + n[5],
                           n[6] * 10 + n[7],
                           n[8] * 10 + n[9],
                           n[10] * 10 + n[11],
                           n[12] * 10 + n[13],
                           0};
    *t = hc_str_skip(*t, 19);
    return true;
}

/* 24:00 ends its day. */
static bool end_of_day(struct hc_civil *c)
{
    int64_t days;

    if (c->hour != 24)
        return true;
    if (c->minute || c->second || c->us || !hc_civil_days(c->year, c->month, c->day, &days))
        return false;
    set_days(c, days + 1);
    c->hour = 0;
    return true;
}

bool hc_time_iso(struct hc_str t, const struct hc_zone *zone, bool assume_us, struct hc_time *out)
{
    enum hc_precision precision = HC_PRECISION_DAY;
    struct hc_civil c = {0};
    bool basic;
    int east;

    t = hc_str_trim(t);
    if (usual(&t, &c)) {
        precision = HC_PRECISION_S;
        if (!year_is_in_reach(c.year) || (t.n && !fraction(&t, &c.us, &precision)) || !end_of_day(&c))
            return false;
    } else if (!iso_date(&t, &c, &basic) || !year_is_in_reach(c.year) ||
               (t.n && (!hc_eat(&t, "Tt ") || !iso_clock(&t, basic, &c, &precision) || !end_of_day(&c)))) {
        return false;
    }
    if (assume_us && precision <= HC_PRECISION_S && c.second < 60)
        precision = HC_PRECISION_US;
    if (!t.n)
        return zone && hc_time_local(&c, precision, zone, out);
    if (hc_eat(&t, " ") && hc_str_is(t, "UTC"))
        return hc_time_offset(&c, precision, 0, HC_BASIS_OFFSET, out);
    return hc_offset(&t, &east) && !t.n && hc_time_offset(&c, precision, east, HC_BASIS_OFFSET, out);
}

static int month_of(struct hc_str name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; name.n >= 3 && i < 12; i++)
        if (g_ascii_strncasecmp(months + 3 * i, name.p, 3) == 0)
            return i + 1;
    return 0;
}

/* A field goes on behind a line break only where white space follows; the break at its end is no matter. */
static bool breaks_off(struct hc_str t)
{
    return t.p[0] == '\n' && t.n > 1 && !g_ascii_isspace(t.p[1]);
}

/* Folding white space and comments, which may nest. */
static void space(struct hc_str *t)
{
    int depth = 0;

    while (t->n) {
        char ch = t->p[0];
        if (ch == '\\' && depth && t->n > 1)
            *t = hc_str_skip(*t, 1);
        else if (ch == '(')
            depth++;
        else if (ch == ')' && depth)
            depth--;
        else if (breaks_off(*t) || (!depth && !g_ascii_isspace(ch)))
            return;
        *t = hc_str_skip(*t, 1);
    }
}

static struct hc_str word(struct hc_str *t)
{
    size_t n = 0;
    struct hc_str w;

    while (n < t->n && g_ascii_isalnum(t->p[n]) && (n || g_ascii_isalpha(t->p[n])))
        n++;
    w = hc_str_head(*t, n);
    *t = hc_str_skip(*t, n);
    return w;
}

/* RFC 5322 section 4.3; any other name says nothing certain. */
static bool zone_name(struct hc_str name, int *east)
{
    static const struct {
        const char *name;
        int hours;
    } names[] = {{"UT", 0},   {"GMT", 0},  {"UTC", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
                 {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (name.n == strlen(names[i].name) && g_ascii_strncasecmp(name.p, names[i].name, name.n) == 0) {
            *east = names[i].hours * 3600;
            return true;
        }
    return false;
}

/* A to I and K to M are 1 to 12, N to Y the same on the other side. */
static int military_hours(struct hc_str name)
{
    char c = name.n == 1 ? g_ascii_toupper(name.p[0]) : 'J';

    return c >= 'A' && c <= 'I'   ? c - 'A' + 1
           : c >= 'K' && c <= 'M' ? c - 'A'
           : c >= 'N' && c <= 'Y' ? c - 'N' + 1
                                  : 0;
}

static bool mail_date(struct hc_str *t, struct hc_civil *c)
{
    struct hc_str start;

    space(t);
    if (word(t).n) {
        space(t);
        if (!hc_eat(t, ","))
            return false;
        space(t);
    }
    if (!hc_digits(t, 1, 2, &c->day))
        return false;
    space(t);
    if (!(c->month = month_of(word(t))))
        return false;
    space(t);
    start = *t;
    if (!hc_digits(t, 2, 4, &c->year))
        return false;
    if (start.n - t->n == 2)
        c->year += c->year < 50 ? 2000 : 1900;
    else if (start.n - t->n == 3)
        c->year += 1900;
    space(t);
    return true;
}

static bool mail_clock(struct hc_str *t, struct hc_civil *c, enum hc_precision *precision)
{
    *precision = HC_PRECISION_MIN;
    if (!hc_digits(t, 2, 2, &c->hour))
        return false;
    space(t);
    if (!hc_eat(t, ":"))
        return false;
    space(t);
    if (!hc_digits(t, 2, 2, &c->minute))
        return false;
    space(t);
    if (!hc_eat(t, ":"))
        return true;
    space(t);
    *precision = HC_PRECISION_S;
    return hc_digits(t, 2, 2, &c->second) && fraction(t, &c->us, precision);
}

/* `unsure`: hours by which a military letter may mean more or less. */
static bool mail_zone(struct hc_str *t, int *east, int *unsure)
{
    int h, m, sign = t->n && t->p[0] == '-' ? -1 : 1;
    struct hc_str name;

    if (hc_eat(t, "+-")) {
        if (!hc_digits(t, 2, 2, &h) || !hc_digits(t, 2, 2, &m) || m > 59)
            return false;
        *east = sign * (h * 3600 + m * 60);
        return true;
    }
    name = word(t);
    return zone_name(name, east) || (*unsure = military_hours(name)) > 0;
}

bool hc_time_rfc5322(struct hc_str t, struct hc_time *out)
{
    struct hc_civil c = {0};
    enum hc_precision precision;
    int east = 0, unsure = 0;

    if (!mail_date(&t, &c) || !mail_clock(&t, &c, &precision))
        return false;
    space(&t);
    if (!mail_zone(&t, &east, &unsure))
        return false;
    space(&t);
    if (t.n || !year_is_in_reach(c.year) || !hc_time_offset(&c, precision, east, HC_BASIS_OFFSET, out))
        return false;
    if (unsure) {
        out->earliest -= unsure * 3600 * HC_US_PER_S;
        out->latest += unsure * 3600 * HC_US_PER_S;
        out->basis |= HC_BASIS_ASSUMED;
    }
    return true;
}
