/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zones from the compiled files of tzdata (TZif, RFC 9636). GLib's reader is not used: it drops the seconds
 * of local mean time and the rule in the footer in some versions, and its answers would depend on which is
 * installed. Here the footer is written out as spans up to the last year that a time may have, so that the
 * table is all there is.
 */
#include "src/base/error.h"
#include "src/base/utcparts.h"

#define ZONES "/usr/share/zoneinfo/"
#define FILE_MAX (1u << 20)
#define ABBREVIATION_MAX 16
#define DAY INT64_C(86400)
#define OFFSET_MAX INT64_C(93600) /* seconds; TZif allows no more than 25:59:59 */

/* From `start` (seconds since 1970) to the next one. */
struct span {
    int64_t start;
    int32_t east;
    char name[ABBREVIATION_MAX];
};

struct hc_zone {
    GArray *spans; /* struct span; the first starts at INT64_MIN */
};

static void add(struct hc_zone *zone, int64_t start, int32_t east, const char *name)
{
    struct span span = {.start = start, .east = east};

    g_strlcpy(span.name, name, sizeof span.name);
    g_array_append_val(zone->spans, span);
}

static const struct span *last_span(const struct hc_zone *zone)
{
    return &g_array_index(zone->spans, struct span, zone->spans->len - 1);
}

/* --- the rule in the footer: "EST5EDT,M3.2.0,M11.1.0", with hours up to 167 and quoted names --- */

struct day_rule {
    char kind; /* 'J': day 1..365 without leap days, '0': day 0..365, 'M': month.week.weekday */
    int a, b, c;
    int64_t at; /* seconds of local time */
};

struct rule {
    char std[ABBREVIATION_MAX], dst[ABBREVIATION_MAX];
    int64_t std_east, dst_east;
    struct day_rule from, to;
};

static bool rule_name(struct hc_str *t, char out[ABBREVIATION_MAX])
{
    bool quoted = t->n && t->p[0] == '<';
    struct hc_str rest = hc_str_skip(*t, quoted);
    size_t n = 0;

    while (n < rest.n && (quoted ? rest.p[n] != '>' : g_ascii_isalpha(rest.p[n]) != 0))
        n++;
    if (n < 1 || n >= ABBREVIATION_MAX || (quoted && n == rest.n))
        return false;
    memcpy(out, rest.p, n);
    out[n] = '\0';
    *t = hc_str_skip(rest, n + quoted);
    return true;
}

/* "[+-]hh[:mm[:ss]]" */
static bool rule_time(struct hc_str *t, int64_t *seconds)
{
    int sign = t->n && t->p[0] == '-' ? -1 : 1, h, m = 0, s = 0;

    hc_eat(t, "+-");
    if (!hc_digits(t, 1, 3, &h) ||
        (hc_eat(t, ":") && (!hc_digits(t, 2, 2, &m) || (hc_eat(t, ":") && !hc_digits(t, 2, 2, &s)))))
        return false;
    *seconds = sign * (h * INT64_C(3600) + m * 60 + s);
    return true;
}

static bool rule_day(struct hc_str *t, struct day_rule *d)
{
    d->at = 2 * 3600;
    if (!hc_eat(t, ","))
        return false;
    if (hc_eat(t, "M")) {
        d->kind = 'M';
        if (!hc_digits(t, 1, 2, &d->a) || !hc_eat(t, ".") || !hc_digits(t, 1, 1, &d->b) || !hc_eat(t, ".") ||
            !hc_digits(t, 1, 1, &d->c) || d->a < 1 || d->a > 12 || d->b < 1 || d->b > 5 || d->c > 6)
            return false;
    } else {
        d->kind = hc_eat(t, "J") ? 'J' : '0';
        if (!hc_digits(t, 1, 3, &d->a) || d->a > 365 || d->a < (d->kind == 'J'))
            return false;
    }
    return !hc_eat(t, "/") || rule_time(t, &d->at);
}

/* Offsets are written west of Greenwich there. */
static bool rule_read(struct hc_str t, struct rule *r)
{
    int64_t west;

    if (!rule_name(&t, r->std) || !rule_time(&t, &west))
        return false;
    r->std_east = -west;
    if (!t.n)
        return true;
    r->dst_east = r->std_east + 3600;
    if (!rule_name(&t, r->dst))
        return false;
    if (t.n && t.p[0] != ',') {
        if (!rule_time(&t, &west))
            return false;
        r->dst_east = -west;
    }
    return rule_day(&t, &r->from) && rule_day(&t, &r->to) && !t.n;
}

/* Seconds since 1970 of local time. */
static int64_t rule_instant(const struct day_rule *d, int year)
{
    int64_t day = 0, next;
    bool leap;

    if (d->kind == 'M') {
        hc_civil_days(year, d->a, 1, &day);
        hc_civil_days(d->a == 12 ? year + 1 : year, d->a % 12 + 1, 1, &next);
        day += (d->c - (day + 4) % 7 + 14) % 7 + (d->b - 1) * 7; /* 1970-01-01 was a Thursday */
        while (day >= next)
            day -= 7;
    } else {
        hc_civil_days(year, 1, 1, &day);
        leap = hc_civil_days(year, 2, 29, &next);
        day += d->kind == 'J' ? d->a - 1 + (leap && d->a >= 60) : d->a;
    }
    return day * DAY + d->at;
}

static void add_after(struct hc_zone *zone, int64_t start, int64_t east, const char *name)
{
    if (start > last_span(zone)->start)
        add(zone, start, (int32_t)east, name);
}

static bool add_rule(struct hc_zone *zone, struct hc_str footer)
{
    struct rule r = {0};
    int first;

    if (!footer.n)
        return true;
    if (!rule_read(footer, &r))
        return false;
    if (!r.dst[0])
        return true; /* what the last span says */
    first = last_span(zone)->start == INT64_MIN ? HC_YEAR_MIN
                                                : hc_utc_civil(last_span(zone)->start * HC_US_PER_S).year;
    for (int year = first; year <= HC_YEAR_MAX + 1; year++) {
        int64_t on = rule_instant(&r.from, year) - r.std_east, off = rule_instant(&r.to, year) - r.dst_east;
        if (on < off)
            add_after(zone, on, r.dst_east, r.dst);
        add_after(zone, off, r.std_east, r.std);
        if (on >= off)
            add_after(zone, on, r.dst_east, r.dst);
    }
    return true;
}

/* --- the file --- */

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t be32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static bool header(struct hc_str t, struct counts *c)
{
    if (t.n < 44 || memcmp(t.p, "TZif", 4) != 0)
        return false;
    *c = (struct counts){be32(t.p + 20), be32(t.p + 24), be32(t.p + 28),
                         be32(t.p + 32), be32(t.p + 36), be32(t.p + 40)};
    return MAX(c->time, c->type) < FILE_MAX && MAX(MAX(c->isut, c->isstd), MAX(c->leap, c->chars)) < FILE_MAX;
}

static size_t block_size(const struct counts *c, size_t width)
{
    return c->time * (width + 1) + c->type * (size_t)6 + c->chars + c->leap * (width + 4) + c->isstd +
           c->isut;
}

static bool add_type(struct hc_zone *zone, const struct counts *c, const char *types, int64_t start,
                     unsigned type)
{
    const char *p = types + type * (size_t)6, *names = types + c->type * (size_t)6;
    size_t at = type < c->type ? (unsigned char)p[5] : c->chars;
    const char *end = at < c->chars ? memchr(names + at, '\0', c->chars - at) : NULL;

    if (!end)
        return false;
    add(zone, start, (int32_t)be32(p), names + at);
    return true;
}

/* Times of the second block, of eight bytes each. */
static bool add_block(struct hc_zone *zone, struct hc_str t, const struct counts *c)
{
    const char *indexes = t.p + c->time * (size_t)8, *types = indexes + c->time;

    if (!add_type(zone, c, types, INT64_MIN, 0))
        return false;
    for (uint32_t i = 0; i < c->time; i++) {
        int64_t start = (int64_t)((uint64_t)be32(t.p + i * (size_t)8) << 32 | be32(t.p + i * (size_t)8 + 4));
        if (start > HC_UTC_MAX / HC_US_PER_S)
            break;
        if (start < HC_UTC_MIN / HC_US_PER_S) { /* some compilers begin with the origin of the universe */
            g_array_set_size(zone->spans, 0);
            start = INT64_MIN;
        } else if (start <= last_span(zone)->start) {
            return false;
        }
        if (!add_type(zone, c, types, start, (unsigned char)indexes[i]))
            return false;
    }
    return true;
}

/* Files of version 1 end in 2037 and say nothing of what is behind: they are refused, as those that count
 * leap seconds. */
static bool parse(struct hc_zone *zone, struct hc_str t)
{
    struct counts c;
    ptrdiff_t end;

    if (!header(t, &c) || t.p[4] < '2' || t.n - 44 < block_size(&c, 4))
        return false;
    t = hc_str_skip(t, 44 + block_size(&c, 4));
    if (!header(t, &c) || c.leap || t.n - 44 < block_size(&c, 8))
        return false;
    t = hc_str_skip(t, 44);
    if (!add_block(zone, t, &c))
        return false;
    t = hc_str_skip(t, block_size(&c, 8));
    if (!t.n || t.p[0] != '\n' || (end = hc_str_chr(hc_str_skip(t, 1), '\n')) < 0)
        return false;
    return add_rule(zone, hc_str_n(t.p + 1, (size_t)end));
}

/* Names of the database only: not the machine's own zone, no way out of the folder. */
static bool is_name(const char *name)
{
    static const char *const others[] = {"localtime", "posixrules", "Factory"};

    if (!g_ascii_isalpha(name[0]) || strstr(name, "..") ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") != strlen(name))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return !g_str_has_prefix(name, "right/") && !g_str_has_prefix(name, "posix/");
}

static bool load(struct hc_zone *zone, const char *name)
{
    g_autofree char *path = is_name(name) ? g_strconcat(ZONES, name, NULL) : NULL, *bytes = NULL;
    gsize n;

    return path && g_file_test(path, G_FILE_TEST_IS_REGULAR) && g_file_get_contents(path, &bytes, &n, NULL) &&
           n <= FILE_MAX && parse(zone, hc_str_n(bytes, n));
}

static bool fixed(struct hc_zone *zone, const char *name)
{
    struct hc_str t = hc_str(name);
    int east = 0;

    if (strcmp(name, "UTC") != 0 &&
        (!t.n || (t.p[0] != '+' && t.p[0] != '-' && strcmp(name, "Z") != 0) || !hc_offset(&t, &east) || t.n))
        return false;
    add(zone, INT64_MIN, east, "UTC");
    return true;
}

struct hc_zone *hc_zone_new(const char *name, GError **error)
{
    struct hc_zone *zone = g_new0(struct hc_zone, 1);

    zone->spans = g_array_new(FALSE, TRUE, sizeof(struct span));
    if (fixed(zone, name) || load(zone, name))
        return zone;
    hc_zone_free(zone);
    hc_fail(error, HC_ERROR_CONFIG, "there is no time zone called '%s'", name);
    return NULL;
}

void hc_zone_free(struct hc_zone *zone)
{
    if (!zone)
        return;
    g_array_unref(zone->spans);
    g_free(zone);
}

static guint span_at(const struct hc_zone *zone, int64_t utc_s)
{
    guint low = 0, high = zone->spans->len;

    while (high - low > 1) {
        guint mid = low + (high - low) / 2;
        if (g_array_index(zone->spans, struct span, mid).start <= utc_s)
            low = mid;
        else
            high = mid;
    }
    return low;
}

int32_t hc_zone_east(const struct hc_zone *zone, int64_t utc_s)
{
    return g_array_index(zone->spans, struct span, span_at(zone, utc_s)).east;
}

int64_t hc_zone_next(const struct hc_zone *zone, int64_t utc_s)
{
    guint i = span_at(zone, utc_s) + 1;

    return i < zone->spans->len ? g_array_index(zone->spans, struct span, i).start : INT64_MAX;
}

int hc_zone_readings(const struct hc_zone *zone, int64_t local_s, int64_t utc_s[HC_READINGS_MAX])
{
    int n = 0;

    for (guint i = span_at(zone, local_s - OFFSET_MAX); i < zone->spans->len && n < HC_READINGS_MAX; i++) {
        const struct span *s = &g_array_index(zone->spans, struct span, i);
        int64_t utc = local_s - s->east;
        if (i && s->start > local_s + OFFSET_MAX)
            break;
        if (utc >= s->start && (i + 1 == zone->spans->len || utc < s[1].start))
            utc_s[n++] = utc;
    }
    return n;
}

/* What a span has of a range of local time. */
static bool within(const struct hc_zone *zone, guint i, int64_t lo, int64_t hi, int64_t *from, int64_t *to)
{
    const struct span *s = &g_array_index(zone->spans, struct span, i);
    int64_t east = s->east * HC_US_PER_S;

    *from = i ? MAX(lo - east, s->start * HC_US_PER_S) : lo - east;
    *to = i + 1 < zone->spans->len ? MIN(hi - east, s[1].start * HC_US_PER_S - 1) : hi - east;
    return *from <= *to;
}

static guint first_span(const struct hc_zone *zone, int64_t local_us)
{
    return span_at(zone, local_us / HC_US_PER_S - OFFSET_MAX);
}

static bool is_over(const struct hc_zone *zone, guint i, int64_t local_us)
{
    return i >= zone->spans->len ||
           (i && g_array_index(zone->spans, struct span, i).start > local_us / HC_US_PER_S + OFFSET_MAX);
}

/* A day begins at its first moment, also where the clocks skip its midnight, and may have 23 or 25 hours. */
bool hc_time_local(const struct hc_civil *civil, enum hc_precision precision, const struct hc_zone *zone,
                   struct hc_time *out)
{
    int64_t lo, hi, from, to;
    struct hc_time t = {INT64_MAX, INT64_MIN, precision, HC_BASIS_SOURCE_ZONE};

    if (!hc_civil_range(civil, precision, &lo, &hi))
        return false;
    for (guint i = first_span(zone, lo); !is_over(zone, i, hi); i++)
        if (within(zone, i, lo, hi, &from, &to)) {
            t.earliest = MIN(t.earliest, from);
            t.latest = MAX(t.latest, to);
        }
    if (t.latest < t.earliest || !hc_leap_is_possible(civil, t.earliest))
        return false;
    *out = t;
    return true;
}

bool hc_time_local_named(const struct hc_civil *civil, enum hc_precision precision,
                         const struct hc_zone *zone, struct hc_str name, struct hc_time *out)
{
    int64_t lo, hi, from, to;

    if (!hc_civil_range(civil, precision, &lo, &hi))
        return false;
    for (guint i = first_span(zone, lo); !is_over(zone, i, hi); i++)
        if (hc_str_is(name, g_array_index(zone->spans, struct span, i).name) &&
            within(zone, i, lo, hi, &from, &to) && hc_leap_is_possible(civil, from)) {
            *out = (struct hc_time){from, to, precision, HC_BASIS_SOURCE_ZONE};
            return true;
        }
    return false;
}
