/* SPDX-License-Identifier: Apache-2.0 */
/* Times that are counts: since 1970, 1601, 2001, or of atomic time. */
#include "src/base/utcparts.h"

#define COCOA INT64_C(978307200)      /* 2001-01-01 in seconds since 1970 */
#define FILETIME INT64_C(11644473600) /* 1970-01-01 in seconds since 1601 */

/* A decimal number: `value` in units of 10^-places. */
struct decimal {
    bool negative, point;
    int64_t value;
    int places;
};

/* Places beyond `most` are dropped, never rounded. */
static bool decimal(struct hc_str t, int most, struct decimal *d)
{
    *d = (struct decimal){.negative = t.n && t.p[0] == '-'};
    t = hc_str_skip(t, d->negative);
    if (!t.n || !g_ascii_isdigit(t.p[0]))
        return false;
    for (; t.n; t = hc_str_skip(t, 1)) {
        if (t.p[0] == '.' && !d->point) {
            d->point = true;
        } else if (!g_ascii_isdigit(t.p[0]) || d->value > (INT64_MAX - 9) / 10) {
            return false;
        } else if (!d->point || d->places < most) {
            d->value = d->value * 10 + (t.p[0] - '0');
            d->places += d->point;
        }
    }
    return true;
}

/* Value times 10^power, down to the earlier microsecond. */
static bool scale(int64_t *value, int power, bool negative)
{
    bool rest = false;

    for (; power > 0; power--) {
        if (*value > INT64_MAX / 10)
            return false;
        *value *= 10;
    }
    for (; power < 0; power++) {
        rest = rest || *value % 10 != 0;
        *value /= 10;
    }
    *value = negative ? -*value - rest : *value;
    return true;
}

/* `power`: of ten, of the unit in microseconds. `epoch`: in seconds since 1970. */
static bool count(struct hc_str t, int power, int64_t epoch, unsigned basis, struct hc_time *out)
{
    struct decimal d;
    struct hc_time time;
    int written;

    if (!decimal(t, MAX(power, 0), &d))
        return false;
    written = power - d.places;
    if (!scale(&d.value, written, d.negative) || d.value > HC_UTC_MAX || d.value < 2 * HC_UTC_MIN ||
        !hc_time_set(&time, d.value + epoch * HC_US_PER_S,
                     written >= 6   ? HC_PRECISION_S
                     : written >= 3 ? HC_PRECISION_MS
                                    : HC_PRECISION_US,
                     basis))
        return false;
    if (d.negative && d.places)
        time.earliest -= hc_precision_span(time.precision);
    *out = time;
    return true;
}

static bool unit_power(const char *unit, int *power)
{
    static const struct {
        const char *unit;
        int power;
    } units[] = {{"s", 6}, {"ms", 3}, {"us", 0}, {"ns", -3}};

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strcmp(unit, units[i].unit) == 0) {
            *power = units[i].power;
            return true;
        }
    return false;
}

static const char *guessed_unit(struct hc_str t)
{
    size_t from = t.n && t.p[0] == '-', n = from;

    while (n < t.n && g_ascii_isdigit(t.p[n]))
        n++;
    n -= from;
    return n <= 11 ? "s" : n <= 14 ? "ms" : n <= 17 ? "us" : "ns";
}

bool hc_time_epoch(struct hc_str t, const char *unit, struct hc_time *out)
{
    int power;

    return unit_power(unit ? unit : guessed_unit(t), &power) &&
           count(t, power, 0, HC_BASIS_EPOCH | (unit ? 0u : HC_BASIS_ASSUMED), out);
}

bool hc_time_cocoa(struct hc_str t, const char *unit, struct hc_time *out)
{
    int power;

    return unit_power(unit, &power) && count(t, power, COCOA, HC_BASIS_EPOCH, out);
}

bool hc_time_filetime(struct hc_str t, struct hc_time *out)
{
    struct decimal d;

    return decimal(t, 0, &d) && !d.negative && !d.point && d.value != INT64_MAX &&
           hc_time_set(out, d.value / 10 - FILETIME * HC_US_PER_S, HC_PRECISION_US, HC_BASIS_EPOCH);
}

bool hc_time_dotnet(struct hc_str t, struct hc_time *out)
{
    struct hc_str digits;
    size_t n = 0;
    int h, m;

    if (!hc_str_starts(t, "/Date(") || !hc_str_ends(t, ")/") || t.n < 8)
        return false;
    t = hc_str_n(t.p + 6, t.n - 8);
    while (n < t.n && (g_ascii_isdigit(t.p[n]) || (!n && t.p[0] == '-')))
        n++;
    digits = hc_str_head(t, n);
    t = hc_str_skip(t, n);
    if (t.n && (!hc_eat(&t, "+-") || !hc_digits(&t, 2, 2, &h) || !hc_digits(&t, 2, 2, &m) || t.n || h > 23 ||
                m > 59))
        return false;
    return count(digits, 3, 0, HC_BASIS_EPOCH, out);
}

/* Seconds of TAI since 1970, and nanoseconds. The label 2^62 is 1970-01-01 00:00:00 TAI. */
static bool tai_label(struct hc_str t, int64_t *seconds, int64_t *us, enum hc_precision *precision)
{
    uint64_t label = 0, nanoseconds = 0;

    hc_eat(&t, "@");
    if (t.n != 16 && t.n != 24)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (!g_ascii_isxdigit(t.p[i]))
            return false;
        *(i < 16 ? &label : &nanoseconds) =
            (i < 16 ? label : nanoseconds) << 4 | (uint64_t)g_ascii_xdigit_value(t.p[i]);
    }
    if (label >> 63 || nanoseconds > 999999999)
        return false;
    *seconds = (int64_t)(label - (UINT64_C(1) << 62));
    *us = (int64_t)nanoseconds / 1000;
    *precision = t.n == 24 ? HC_PRECISION_US : HC_PRECISION_S;
    return *seconds > HC_UTC_MIN / HC_US_PER_S && *seconds < HC_UTC_MAX / HC_US_PER_S;
}

bool hc_time_tai64n(struct hc_str t, struct hc_time *out)
{
    int64_t s, us;
    enum hc_precision precision;

    return tai_label(t, &s, &us, &precision) &&
           hc_time_set(out, (s - 10) * HC_US_PER_S + us, precision, HC_BASIS_EPOCH | HC_BASIS_ASSUMED);
}

/*
 * Seconds since 1970 in UTC from which TAI was ahead by 11, 12, ... seconds: leap-seconds.list of the IERS,
 * as tzdata has it (2026f), valid until HC_LEAP_EXPIRES. 1972-01-01 began with 10.
 */
static const int64_t leaps[] = {
    78796800,  94694400,  126230400, 157766400, 189302400,  220924800,  252460800,  283996800,  315532800,
    362793600, 394329600, 425865600, 489024000, 567993600,  631152000,  662688000,  709948800,  741484800,
    773020800, 820454400, 867715200, 915148800, 1136073600, 1230768000, 1341100800, 1435708800, 1483228800};

bool hc_time_tai64n_leap(struct hc_str t, struct hc_time *out)
{
    int64_t s, us, ahead = 10;
    enum hc_precision precision;
    bool inside = false;

    if (!tai_label(t, &s, &us, &precision))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(leaps) && s >= leaps[i] + ahead; i++) {
        inside = s == leaps[i] + ahead; /* the leap second itself */
        ahead += !inside;
    }
    if (inside) {
        *out = (struct hc_time){(s - ahead) * HC_US_PER_S - 1, (s - ahead) * HC_US_PER_S + HC_US_PER_S - 1,
                                HC_PRECISION_S, HC_BASIS_EPOCH};
        return true;
    }
    return hc_time_set(out, (s - ahead) * HC_US_PER_S + us, precision,
                       HC_BASIS_EPOCH |
                           (s - ahead >= HC_LEAP_EXPIRES || s - ahead < 63072000 ? HC_BASIS_ASSUMED : 0u));
}
