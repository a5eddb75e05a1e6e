/* SPDX-License-Identifier: Apache-2.0 */
/* Every line of a log comes through here: the first bytes decide what is tried, and nothing is looked at
 * twice. */
#include "src/evidence/log/stamp.h"

#define TAI64N_DIGITS 24
#define TAI64_DIGITS 16

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool eat(struct hc_str *t, char c)
{
    if (!t->n || t->p[0] != c)
        return false;
    *t = hc_str_skip(*t, 1);
    return true;
}

static bool blanks(struct hc_str *t)
{
    size_t n = 0;

    while (n < t->n && (t->p[n] == ' ' || t->p[n] == '\t'))
        n++;
    *t = hc_str_skip(*t, n);
    return n > 0;
}

/* Exactly `n` digits. */
static bool digits(struct hc_str *t, size_t n, int *value)
{
    int v = 0;

    if (t->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(t->p[i]))
            return false;
        v = v * 10 + (t->p[i] - '0');
    }
    *value = v;
    *t = hc_str_skip(*t, n);
    return true;
}

static size_t count_digits(struct hc_str t)
{
    size_t n = 0;

    while (n < t.n && is_digit(t.p[n]))
        n++;
    return n;
}

#define KEY(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))

/* The three letters that every English name begins with. */
static int english_month(struct hc_str t)
{
    if (t.n < 3)
        return 0;
    switch (KEY((unsigned char)t.p[0] | 0x20, (unsigned char)t.p[1] | 0x20, (unsigned char)t.p[2] | 0x20)) {
    case KEY('j', 'a', 'n'):
        return 1;
    case KEY('f', 'e', 'b'):
        return 2;
    case KEY('m', 'a', 'r'):
        return 3;
    case KEY('a', 'p', 'r'):
        return 4;
    case KEY('m', 'a', 'y'):
        return 5;
    case KEY('j', 'u', 'n'):
        return 6;
    case KEY('j', 'u', 'l'):
        return 7;
    case KEY('a', 'u', 'g'):
        return 8;
    case KEY('s', 'e', 'p'):
        return 9;
    case KEY('o', 'c', 't'):
        return 10;
    case KEY('n', 'o', 'v'):
        return 11;
    case KEY('d', 'e', 'c'):
        return 12;
    default:
        return 0;
    }
}

/* Names of other languages, by their starts: the longer of two that begin alike comes first. */
static int foreign_month(struct hc_str *t)
{
    static const struct {
        const char *name;
        int month;
    } names[] = {{"janv", 1}, {"févr", 2}, {"fevr", 2}, {"fév", 2},  {"mars", 3}, {"mär", 3},
                 {"mrz", 3},  {"avr", 4},  {"mai", 5},  {"juin", 6}, {"juil", 7}, {"août", 8},
                 {"aout", 8}, {"sept", 9}, {"okt", 10}, {"déc", 12}, {"dez", 12}};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t n = strlen(names[i].name);
        if (t->n >= n && g_ascii_strncasecmp(t->p, names[i].name, n) == 0) {
            *t = hc_str_skip(*t, n);
            return names[i].month;
        }
    }
    return 0;
}

int hc_stamp_month(struct hc_str *t)
{
    struct hc_str rest = *t;
    int month = foreign_month(&rest);

    if (!month && (month = english_month(rest)))
        rest = hc_str_skip(rest, 3);
    if (month)
        *t = rest;
    return month;
}

/* In front of a blank, which it moves behind: the hot path knows only the English names of three letters. */
static bool month_word(struct hc_str *t, int *month)
{
    struct hc_str rest = *t;

    if (t->n > 3 && t->p[3] == ' ' && (*month = english_month(*t))) {
        *t = hc_str_skip(*t, 3);
        return blanks(t);
    }
    if (!(*month = hc_stamp_month(&rest)))
        return false;
    eat(&rest, '.');
    if (!blanks(&rest))
        return false;
    *t = rest;
    return true;
}

/* Digits beyond microseconds are dropped, never rounded. */
static bool fraction(struct hc_str *t, struct hc_stamp *s)
{
    size_t n;
    int scale = 100000;

    if (t->n < 2 || (t->p[0] != '.' && t->p[0] != ',') || !is_digit(t->p[1]))
        return false;
    *t = hc_str_skip(*t, 1);
    n = count_digits(*t);
    for (size_t i = 0; i < n; i++, scale /= 10)
        s->civil.us += (t->p[i] - '0') * scale;
    s->precision = n <= 3 ? HC_PRECISION_MS : HC_PRECISION_US;
    *t = hc_str_skip(*t, n);
    return true;
}

static bool clock_time(struct hc_str *t, struct hc_stamp *s)
{
    if (!digits(t, 2, &s->civil.hour) || !eat(t, ':') || !digits(t, 2, &s->civil.minute) || !eat(t, ':') ||
        !digits(t, 2, &s->civil.second))
        return false;
    s->precision = HC_PRECISION_S;
    fraction(t, s);
    return true;
}

static bool ends(struct hc_str t)
{
    return !t.n || t.p[0] == ' ' || t.p[0] == '\t' || t.p[0] == ':';
}

/* "+hh", "+hhmm", "+hh:mm". */
static bool offset(struct hc_str *t, struct hc_stamp *s)
{
    struct hc_str rest = *t;
    int sign = rest.n && rest.p[0] == '-' ? -1 : 1, h, m = 0;

    if ((!eat(&rest, '+') && !eat(&rest, '-')) || !digits(&rest, 2, &h))
        return false;
    if (eat(&rest, ':') ? !digits(&rest, 2, &m) : count_digits(rest) > 0 && !digits(&rest, 2, &m))
        return false;
    if (h > 23 || m > 59 || !ends(rest))
        return false;
    s->form = HC_STAMP_OFFSET;
    s->east = sign * (h * 3600 + m * 60);
    *t = rest;
    return true;
}

static struct hc_str capitals(struct hc_str t)
{
    size_t n = 0;

    while (n < t.n && t.p[n] >= 'A' && t.p[n] <= 'Z')
        n++;
    return hc_str_head(t, n);
}

static bool is_utc(struct hc_str name)
{
    return hc_str_is(name, "UTC") || hc_str_is(name, "GMT") || hc_str_is(name, "Z");
}

/* Names that are written behind a time, and are no name of a host. */
static bool is_zone(struct hc_str name)
{
    static const char *const names[] = {"ACDT", "ACST", "AEDT", "AEST", "AKDT", "AKST", "AST",  "AWST", "BST",
                                        "CDT",  "CEST", "CET",  "CST",  "EDT",  "EEST", "EET",  "EST",  "HKT",
                                        "HST",  "IDT",  "IST",  "JST",  "KST",  "MDT",  "MEST", "MESZ", "MET",
                                        "MEZ",  "MSK",  "MST",  "NDT",  "NST",  "NZDT", "NZST", "PDT",  "PKT",
                                        "PST",  "SAST", "SGT",  "WEST", "WET",  "WIB"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (hc_str_is(name, names[i]))
            return true;
    return false;
}

static bool zone_name(struct hc_str *t, struct hc_stamp *s, bool any)
{
    struct hc_str name = capitals(*t), rest = hc_str_skip(*t, name.n);

    if (!name.n || !ends(rest) || (!is_utc(name) && !any && !is_zone(name)))
        return false;
    s->form = is_utc(name) ? HC_STAMP_OFFSET : HC_STAMP_NAMED;
    s->east = 0;
    s->zone = is_utc(name) ? HC_STR_NONE : name;
    *t = rest;
    return true;
}

static bool plausible_year(int year)
{
    return year >= 1970 && year < 2250;
}

/* Four digits as a word of their own. */
static bool year_word(struct hc_str *t, int *year)
{
    struct hc_str rest = *t;
    int value;

    if (count_digits(rest) != 4 || !digits(&rest, 4, &value) || !plausible_year(value))
        return false;
    eat(&rest, ',');
    if (!ends(rest))
        return false;
    *year = value;
    *t = rest;
    return true;
}

/* What may stand behind the clock time, each behind a blank: a zone, a year. Most lines have a host there, in
 * small letters. */
static void after_clock(struct hc_str *t, struct hc_stamp *s)
{
    for (int i = 0; i < 2; i++) {
        struct hc_str rest = *t;
        char c;
        if (!blanks(&rest) || !rest.n)
            return;
        c = rest.p[0];
        if (c >= 'A' && c <= 'Z'   ? !zone_name(&rest, s, false)
            : c == '+' || c == '-' ? !offset(&rest, s)
                                   : s->civil.year || !is_digit(c) || !year_word(&rest, &s->civil.year))
            return;
        *t = rest;
    }
}

/* Behind the month: "22 03:49:32", "22 2023 03:49:32". */
static bool day_and_clock(struct hc_str *t, struct hc_stamp *s)
{
    size_t n = count_digits(*t);

    if (n < 1 || n > 2 || !digits(t, n, &s->civil.day))
        return false;
    eat(t, ',');
    if (!blanks(t))
        return false;
    if (t->n > 4 && t->p[2] != ':') {
        if (s->civil.year || !year_word(t, &s->civil.year) || !blanks(t))
            return false;
    }
    if (!clock_time(t, s))
        return false;
    s->form = HC_STAMP_LOCAL;
    after_clock(t, s);
    return ends(*t);
}

/* Programs that write their own logs put a colon there: "2012-07-02 10:22:40,672:DEBUG:...". */
static bool before_blank(struct hc_str t)
{
    return ends(t) && (!t.n || t.p[0] != ':');
}

/* "yyyy-mm-dd", 'T' or blank or '_', a clock time, an offset or a name. */
static bool iso(struct hc_str *t, struct hc_stamp *s)
{
    char between;

    if (!digits(t, 4, &s->civil.year) || !eat(t, '-') || !digits(t, 2, &s->civil.month) || !eat(t, '-') ||
        !digits(t, 2, &s->civil.day) || t->n < 9)
        return false;
    between = t->p[0];
    *t = hc_str_skip(*t, 1);
    if ((between != 'T' && between != 't' && between != ' ' && between != '_') || !clock_time(t, s))
        return false;
    s->form = between == '_' ? HC_STAMP_OFFSET : HC_STAMP_LOCAL;
    if (before_blank(*t)) {
        struct hc_str rest = *t;
        if (between == ' ' && blanks(&rest) && (zone_name(&rest, s, false) || offset(&rest, s)))
            *t = rest;
        return true;
    }
    if (eat(t, 'z'))
        s->form = HC_STAMP_OFFSET;
    else if (!offset(t, s) && !zone_name(t, s, true))
        return false;
    return before_blank(*t);
}

static bool year_first(struct hc_str *t, struct hc_stamp *s)
{
    return year_word(t, &s->civil.year) && blanks(t) && month_word(t, &s->civil.month) && day_and_clock(t, s);
}

/* systemd's short-unix: ten digits, a point, six digits. */
static bool epoch(struct hc_str *t, struct hc_stamp *s)
{
    size_t n = count_digits(*t);

    if (n != 10 || t->n < 17 || t->p[10] != '.' || count_digits(hc_str_skip(*t, 11)) != 6)
        return false;
    *t = hc_str_skip(*t, 17);
    s->form = HC_STAMP_EPOCH;
    return ends(*t);
}

static bool tai64n(struct hc_str *t, struct hc_stamp *s)
{
    struct hc_str rest = hc_str_skip(*t, 1);
    size_t n = 0;

    while (n < rest.n && g_ascii_isxdigit(rest.p[n]))
        n++;
    s->form = HC_STAMP_TAI64N;
    *t = hc_str_skip(rest, n);
    return (n == TAI64N_DIGITS || n == TAI64_DIGITS) && ends(*t);
}

/* "Wed ", "Wed, ": moves behind it. */
static bool weekday(struct hc_str *t)
{
    static const char names[] = "MonTueWedThuFriSatSun";

    if (t->n < 5 || (t->p[3] != ' ' && t->p[3] != ','))
        return false;
    for (size_t i = 0; i < 7; i++)
        if (memcmp(t->p, names + 3 * i, 3) == 0) {
            *t = hc_str_skip(*t, 3);
            eat(t, ',');
            return blanks(t);
        }
    return false;
}

static int two(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* "03:49:32": eight bytes, of which two are colons and the others digits, looked at as one number. */
static bool is_clock(const char *p)
{
    static const char low[8] = "00:00:00",
                      high[8] = "FF@FF@FF"; /* added to a '9' or ':' it does not reach the highest bit */
    uint64_t bytes, least, room;

    memcpy(&bytes, p, sizeof bytes);
    memcpy(&least, low, sizeof least);
    memcpy(&room, high, sizeof room);
    return !((bytes | (bytes - least) | (bytes + room)) & UINT64_C(0x8080808080808080)) && p[2] == ':' &&
           p[5] == ':';
}

/* "Nov 22 03:49:32 h": what nearly all lines begin with, by its places. A small letter behind it begins a
 * host, no zone and no year. */
static bool quick(struct hc_str *t, struct hc_stamp *s)
{
    const char *p = t->p;
    int month;

    if (t->n < 17 || p[3] != ' ' || p[6] != ' ' || p[15] != ' ' || p[16] < 'a' || p[16] > 'z')
        return false;
    if (!is_digit(p[5]) || !is_clock(p + 7) || (p[4] != ' ' && !is_digit(p[4])) ||
        !(month = english_month(*t)))
        return false;
    s->civil = (struct hc_civil){.month = month,
                                 .day = p[4] == ' ' ? p[5] - '0' : two(p + 4),
                                 .hour = two(p + 7),
                                 .minute = two(p + 10),
                                 .second = two(p + 13)};
    s->form = HC_STAMP_LOCAL;
    s->precision = HC_PRECISION_S;
    *t = hc_str_skip(*t, 15);
    return true;
}

static bool any_form(struct hc_str *t, struct hc_stamp *s)
{
    char c = t->n ? t->p[0] : 0;

    if (quick(t, s))
        return true;
    if (c == '@')
        return tai64n(t, s);
    if (is_digit(c) && t->n > 10)
        return t->p[4] == '-' ? iso(t, s) : t->p[4] == ' ' ? year_first(t, s) : epoch(t, s);
    if (c == '*' || c == '.') {
        s->mark = c;
        *t = s->text = hc_str_skip(*t, 1);
    }
    return month_word(t, &s->civil.month) && day_and_clock(t, s);
}

bool hc_stamp_is_time(const struct hc_stamp *s)
{
    const struct hc_civil *c = &s->civil;
    struct hc_civil civil;
    int64_t us;

    if (s->form != HC_STAMP_LOCAL && s->form != HC_STAMP_OFFSET && s->form != HC_STAMP_NAMED)
        return true;
    if (!c->year && c->month <= 12 && c->day >= 1 && c->day <= 28 && c->hour < 24 && c->minute < 60 &&
        c->second < 60)
        return true; /* as nearly all are */
    civil = *c;
    civil.year = civil.year ? civil.year : 2000; /* which has every day that any year has */
    return plausible_year(civil.year) && hc_civil_utc(&civil, &us);
}

bool hc_stamp_read(struct hc_str *text, struct hc_stamp *s)
{
    struct hc_str rest = *text;

    *s = (struct hc_stamp){.text = rest};
    if (!any_form(&rest, s)) {
        rest = *text;
        *s = (struct hc_stamp){.text = rest};
        if (!weekday(&rest) || !any_form(&rest, s))
            return false;
    }
    if (s->form == HC_STAMP_TAI64N)
        s->text = hc_str_skip(s->text, 1);
    s->text.n = (size_t)(rest.p - s->text.p);
    *text = rest;
    return true;
}
