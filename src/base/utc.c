/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utc.h"

#include "src/base/error.h"

#define US_PER_DAY (86400 * HC_US_PER_S)
#define YEAR_MIN 1700
#define YEAR_MAX 2249

struct hc_zone {
    GTimeZone *zone;
};

const char *hc_precision_name(enum hc_precision precision)
{
    static const char *const names[] = {NULL, "us", "ms", "s", "min", "h", "day"};

    return names[precision];
}

char *hc_basis_text(unsigned basis)
{
    static const char *const names[] = {"offset", "epoch", "source-zone", "year-inferred", "assumed", "clock-corrected",
                                        "inferred"};
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (basis & (1u << i))
            g_string_append_printf(out, "%s%s", out->len ? "+" : "", names[i]);
    return g_string_free(out, FALSE);
}

struct hc_zone *hc_zone_new(const char *name, GError **error)
{
    /* GLib would also read POSIX rules and file names here; a zone is named or an offset. */
    GTimeZone *tz = name[0] == ':' || name[0] == '/' ? NULL : g_time_zone_new_identifier(name);
    struct hc_zone *zone;

    if (!tz) {
        hc_fail(error, HC_ERROR_CONFIG, "there is no time zone called '%s'", name);
        return NULL;
    }
    zone = g_new0(struct hc_zone, 1);
    zone->zone = tz;
    return zone;
}

void hc_zone_free(struct hc_zone *zone)
{
    if (!zone)
        return;
    g_time_zone_unref(zone->zone);
    g_free(zone);
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
    int64_t days = us / US_PER_DAY - (us % US_PER_DAY < 0), rest = us - days * US_PER_DAY;
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
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

static int64_t span(enum hc_precision precision)
{
    static const int64_t spans[] = {0, 0, 999, HC_US_PER_S - 1, 60 * HC_US_PER_S - 1, 3600 * HC_US_PER_S - 1,
                                    US_PER_DAY - 1};

    return spans[precision];
}

static void set(struct hc_time *out, int64_t us, enum hc_precision precision, unsigned basis)
{
    *out = (struct hc_time){us, us + span(precision), precision, basis};
}

/* The offsets in force shortly before and after are the only ones a local time can be read with. */
static int64_t offset_at(const struct hc_zone *zone, int64_t utc_s)
{
    int interval = g_time_zone_find_interval(zone->zone, G_TIME_TYPE_UNIVERSAL, utc_s);

    return interval < 0 ? 0 : g_time_zone_get_offset(zone->zone, interval);
}

bool hc_time_local(const struct hc_civil *civil, enum hc_precision precision, const struct hc_zone *zone,
                   struct hc_time *out)
{
    int64_t us, readings[2], s, offsets[2];
    int n = 0;

    if (!hc_civil_utc(civil, &us))
        return false;
    s = us / HC_US_PER_S - (us % HC_US_PER_S < 0);
    offsets[0] = offset_at(zone, s - 86400);
    offsets[1] = offset_at(zone, s + 86400);
    for (int i = 0; i < 2; i++) {
        if (i && offsets[1] == offsets[0])
            break;
        if (offset_at(zone, s - offsets[i]) == offsets[i])
            readings[n++] = us - offsets[i] * HC_US_PER_S;
    }
    if (!n)
        return false;
    set(out, readings[0], precision, HC_BASIS_SOURCE_ZONE);
    if (n == 2) {
        out->earliest = MIN(readings[0], readings[1]);
        out->latest = MAX(readings[0], readings[1]) + span(precision);
    }
    return true;
}

bool hc_time_local_named(const struct hc_civil *civil, enum hc_precision precision, const struct hc_zone *zone, struct hc_str name,
                         struct hc_time *out)
{
    struct hc_time both;
    int64_t apart;

    if (!hc_time_local(civil, precision, zone, &both))
        return false;
    apart = both.latest - span(precision) - both.earliest;
    for (int second = 0; second <= (apart > 0); second++) {
        int64_t us = both.earliest + second * apart, s = us / HC_US_PER_S - (us % HC_US_PER_S < 0);
        int interval = g_time_zone_find_interval(zone->zone, G_TIME_TYPE_UNIVERSAL, s);
        if (interval < 0 || !hc_str_is(name, g_time_zone_get_abbreviation(zone->zone, interval)))
            continue;
        set(out, us, precision, HC_BASIS_SOURCE_ZONE);
        return true;
    }
    return false;
}

/* A cursor over the text; every reader advances it only when it succeeds. */
static bool digits(struct hc_str *t, int min, int max, int *value)
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

static bool eat(struct hc_str *t, const char *any)
{
    if (!t->n || !t->p[0] || !strchr(any, t->p[0]))
        return false;
    *t = hc_str_skip(*t, 1);
    return true;
}

/* ".ffffff": digits beyond microseconds are dropped, never rounded. */
static bool fraction(struct hc_str *t, int *us, enum hc_precision *precision)
{
    int n = 0, scale = 100000;

    if (!eat(t, ".,"))
        return true;
    for (*us = 0; t->n && g_ascii_isdigit(t->p[0]); n++, *t = hc_str_skip(*t, 1), scale /= 10)
        *us += (t->p[0] - '0') * scale;
    *precision = n <= 3 ? HC_PRECISION_MS : HC_PRECISION_US;
    return n > 0;
}

/* "Z", "+hh", "+hhmm", "+hh:mm": seconds east. */
static bool offset(struct hc_str *t, int *seconds)
{
    int h, m = 0, sign;

    *seconds = 0;
    if (eat(t, "Zz"))
        return true;
    sign = t->n && t->p[0] == '-' ? -1 : 1;
    if (!eat(t, "+-") || !digits(t, 2, 2, &h))
        return false;
    eat(t, ":");
    digits(t, 2, 2, &m);
    *seconds = sign * (h * 3600 + m * 60);
    return h < 24 && m < 60;
}

static bool clock_time(struct hc_str *t, struct hc_civil *c, enum hc_precision *precision)
{
    *precision = HC_PRECISION_MIN;
    if (!digits(t, 2, 2, &c->hour) || !eat(t, ":") || !digits(t, 2, 2, &c->minute))
        return false;
    if (!eat(t, ":"))
        return true;
    *precision = HC_PRECISION_S;
    return digits(t, 2, 2, &c->second) && fraction(t, &c->us, precision);
}

bool hc_time_iso(struct hc_str t, const struct hc_zone *zone, bool assume_us, struct hc_time *out)
{
    enum hc_precision precision = HC_PRECISION_DAY;
    struct hc_civil c = {0};
    int64_t us;
    int east;

    t = hc_str_trim(t);
    if (!digits(&t, 4, 4, &c.year) || !eat(&t, "-") || !digits(&t, 2, 2, &c.month) || !eat(&t, "-") ||
        !digits(&t, 2, 2, &c.day) || c.year < YEAR_MIN || c.year > YEAR_MAX)
        return false;
    if (t.n && (!eat(&t, "Tt ") || !clock_time(&t, &c, &precision)))
        return false;
    if (assume_us && precision != HC_PRECISION_DAY)
        precision = HC_PRECISION_US;
    if (t.n) {
        eat(&t, " ");
        if (!offset(&t, &east) || t.n || !hc_civil_utc(&c, &us))
            return false;
        set(out, us - east * HC_US_PER_S, precision, HC_BASIS_OFFSET);
        return true;
    }
    return zone && hc_time_local(&c, precision, zone, out);
}

static int month_of(struct hc_str name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; name.n >= 3 && i < 12; i++)
        if (g_ascii_strncasecmp(months + 3 * i, name.p, 3) == 0)
            return i + 1;
    return 0;
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
        else if (!depth && !g_ascii_isspace(ch))
            return;
        *t = hc_str_skip(*t, 1);
    }
}

static struct hc_str word(struct hc_str *t)
{
    size_t n = 0;
    struct hc_str w;

    while (n < t->n && g_ascii_isalpha(t->p[n]))
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

static bool mail_date(struct hc_str *t, struct hc_civil *c)
{
    struct hc_str start;

    space(t);
    start = *t;
    if (word(t).n) {
        space(t);
        if (!eat(t, ","))
            return false;
        space(t);
    } else {
        *t = start;
    }
    if (!digits(t, 1, 2, &c->day))
        return false;
    space(t);
    if (!(c->month = month_of(word(t))))
        return false;
    space(t);
    start = *t;
    if (!digits(t, 2, 4, &c->year))
        return false;
    if (start.n - t->n == 2)
        c->year += c->year < 50 ? 2000 : 1900;
    else if (start.n - t->n == 3)
        c->year += 1900;
    space(t);
    return true;
}

bool hc_time_rfc5322(struct hc_str t, struct hc_time *out)
{
    struct hc_civil c = {0};
    enum hc_precision precision;
    int east = 0, h, m, sign;
    int64_t us;

    if (!mail_date(&t, &c) || !clock_time(&t, &c, &precision) || precision < HC_PRECISION_S)
        return false;
    space(&t);
    sign = t.n && t.p[0] == '-' ? -1 : 1;
    if (eat(&t, "+-")) {
        if (!digits(&t, 2, 2, &h) || !digits(&t, 2, 2, &m) || m > 59)
            return false;
        east = sign * (h * 3600 + m * 60);
    } else if (!zone_name(word(&t), &east)) {
        return false;
    }
    space(&t);
    if (t.n || c.year < YEAR_MIN || c.year > YEAR_MAX || !hc_civil_utc(&c, &us))
        return false;
    set(out, us - east * HC_US_PER_S, precision, HC_BASIS_OFFSET);
    return true;
}

bool hc_time_syslog(struct hc_str t, int year, const struct hc_zone *zone, struct hc_time *out)
{
    struct hc_civil c = {.year = year};
    enum hc_precision precision;

    c.month = month_of(word(&t));
    space(&t);
    if (!c.month || !digits(&t, 1, 2, &c.day) || !eat(&t, " ") || !clock_time(&t, &c, &precision) || t.n)
        return false;
    return year >= YEAR_MIN && year <= YEAR_MAX && hc_time_local(&c, precision, zone, out);
}

bool hc_time_epoch(struct hc_str t, const char *unit, struct hc_time *out)
{
    int power = strcmp(unit, "s") == 0 ? 6 : strcmp(unit, "ms") == 0 ? 3 : strcmp(unit, "us") == 0 ? 0 : -3;
    bool negative = t.n && t.p[0] == '-';
    int64_t value = 0;
    int places = 0, written;
    bool point = false;

    t = hc_str_skip(t, negative);
    if (!t.n || !g_ascii_isdigit(t.p[0]))
        return false;
    for (; t.n; t = hc_str_skip(t, 1)) {
        if (t.p[0] == '.' && !point) {
            point = true;
        } else if (!g_ascii_isdigit(t.p[0]) || value > (INT64_MAX - 9) / 10) {
            return false;
        } else if (!point || places < power) {
            value = value * 10 + (t.p[0] - '0');
            places += point;
        }
    }
    written = power - places; /* the power of ten, in microseconds, of the last digit */
    for (int i = written; i > 0; i--) {
        if (value > INT64_MAX / 10)
            return false;
        value *= 10;
    }
    for (int i = written; i < 0; i++)
        value /= 10;
    value = negative ? -value : value;
    if (value < INT64_C(-8520336000000000) || value > INT64_C(8835955199999999))
        return false;
    set(out, value, written >= 6 ? HC_PRECISION_S : written >= 3 ? HC_PRECISION_MS : HC_PRECISION_US, HC_BASIS_EPOCH);
    return true;
}

bool hc_time_tai64n(struct hc_str t, struct hc_time *out)
{
    uint64_t label = 0, nanoseconds = 0;
    int64_t s;

    if (t.n != 16 && t.n != 24)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (!g_ascii_isxdigit(t.p[i]))
            return false;
        *(i < 16 ? &label : &nanoseconds) = (i < 16 ? label : nanoseconds) << 4 | (uint64_t)g_ascii_xdigit_value(t.p[i]);
    }
    s = (int64_t)(label - (UINT64_C(1) << 62)) - 10;
    if (label >> 63 || s < INT64_C(-8520336000) || s > INT64_C(8835955199) || nanoseconds > 999999999)
        return false;
    set(out, s * HC_US_PER_S + (int64_t)nanoseconds / 1000, t.n == 24 ? HC_PRECISION_US : HC_PRECISION_S, HC_BASIS_EPOCH | HC_BASIS_ASSUMED);
    return true;
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
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", HC_US_PER_S}, {"m", 60 * HC_US_PER_S}, {"h", 3600 * HC_US_PER_S}};
    int64_t sign = t.n && t.p[0] == '-' ? -1 : 1;
    int value;

    eat(&t, "+-");
    if (!digits(&t, 1, 9, &value))
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

    g_snprintf(buffer, HC_UTC_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour, c.minute,
               c.second, c.us);
    return buffer;
}

int hc_year_of(struct hc_year *state, int month)
{
    if (state->month && month - state->month < -6)
        state->year++;
    else if (state->month && month - state->month > 6)
        return state->year - 1; /* a late line of the old year: the new one has begun already */
    state->month = month;
    return state->year;
}
