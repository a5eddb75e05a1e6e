/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most lines of a log lie in an ordinary hour, near the line before: they are dated by one comparison and an
 * addition. All else goes the slow way, and says why.
 */
#include "src/evidence/log/clock.h"

#include "src/evidence/log/falls.h"
#include "src/evidence/log/fold.h"
#include "src/evidence/log/steps.h"
#include "src/evidence/set.h"

#define US_PER_MINUTE (60 * HC_US_PER_S)
#define US_PER_DAY (24 * 60 * US_PER_MINUTE)
#define NEAR_DAYS 183         /* farther from the line before there is a nearer year */
#define AHEAD_STEP (1u << 20) /* bytes that are looked at ahead first; doubled as long as it takes */

/* How the years of the lines are known. */
enum known { KNOWN_NOT, KNOWN_ASSUMED, KNOWN_SAID };

enum dated { DATED, UNDATED, UNDECIDED };

struct hc_clock {
    const struct hc_settings *settings;
    enum known known;
    int year;     /* of the line before */
    int64_t last; /* its local time; INT64_MIN: there is none */
    bool twice;   /* that time is read twice */
    int date;     /* its month and day */
    struct hc_steps steps;
    GPtrArray *sinks; /* of the set's files so far, borrowed: those that take what is in doubt; NULL: in a
                         look ahead, which tells nobody */
    bool guessed;     /* ... by that of a later file, which is to come */
    bool anchored;    /* the year of this file's first line was looked for */
    /* An hour in which local time and UTC run side by side: its fields and where it begins, when it was asked
     * for last. */
    int64_t hour, base, local_base;
    bool plain;
    int64_t day;    /* local day of the repeated hour, or INT64_MIN */
    int64_t inside; /* latest time in it that was looked at */
    bool looked;    /* in this file */
    struct hc_fold fold;
    struct hc_falls *falls;
};

struct hc_clock *hc_clock_new(void)
{
    struct hc_clock *c = g_new0(struct hc_clock, 1);

    c->last = c->day = c->hour = INT64_MIN;
    c->sinks = g_ptr_array_new();
    c->falls = hc_falls_new();
    return c;
}

void hc_clock_free(struct hc_clock *c)
{
    if (!c)
        return;
    g_ptr_array_unref(c->sinks);
    hc_falls_free(c->falls);
    g_free(c);
}

void hc_clock_file(struct hc_clock *c, const struct hc_settings *settings)
{
    c->settings = settings;
    c->anchored = c->looked = false;
    c->hour = INT64_MIN; /* it may have another zone */
    hc_fold_next_file(&c->fold);
}

static void free_clock(void *clock)
{
    hc_clock_free(clock);
}

/* Lines that were dated before, in one file of the set or several. */
static void tell_doubt(const struct hc_clock *c, const struct hc_doubted *d)
{
    for (guint i = d->from.file; c->sinks && i < c->sinks->len && i <= d->to.file; i++)
        hc_sink_doubt_year(c->sinks->pdata[i], i == d->from.file ? d->from.offset : 0,
                           i == d->to.file ? d->to.offset : INT64_MAX);
}

static void end_steps(struct hc_clock *c)
{
    struct hc_doubted doubted;

    if (hc_steps_end(&c->steps, &doubted))
        tell_doubt(c, &doubted);
}

static bool end_set(void *clock, G_GNUC_UNUSED GError **error)
{
    end_steps(clock);
    return true;
}

struct hc_clock *hc_clock_of(struct hc_sink *sink)
{
    const struct hc_settings *settings = hc_sink_settings(sink);
    struct hc_clock *c = hc_set_kept(settings->set, "clock");

    if (!c) {
        hc_set_keep(settings->set, "clock", c = hc_clock_new(), free_clock);
        hc_set_at_end(settings->set, "clock", end_set);
    }
    g_ptr_array_add(c->sinks, sink);
    hc_clock_file(c, settings);
    return c;
}

/* How long a time of this precision lasts, but for its last microsecond. */
static int64_t span(enum hc_precision precision)
{
    return precision == HC_PRECISION_US ? 0 : precision == HC_PRECISION_MS ? 999 : HC_US_PER_S - 1;
}

/* The date in a file's name, as logrotate writes it: "mail.log-20240107", "mail-2024-01-07.gz". Its day since
 * 1970. */
static bool day_in_name(const char *name, int64_t *day)
{
    for (const char *p = name; *p; p++) {
        bool dashes = strlen(p) >= 10 && p[4] == '-' && p[7] == '-';
        int y = 0, value[3] = {0}, n = 0;
        if (!g_ascii_isdigit(*p) || (p > name && g_ascii_isdigit(p[-1])))
            continue;
        while (g_ascii_isdigit(p[n]))
            n++;
        if (dashes ? n != 4 : n != 8)
            continue;
        for (int i = 0; i < (dashes ? 10 : 8); i++) {
            int part = dashes ? (i < 4 ? 0 : i < 7 ? 1 : 2) : (i < 4 ? 0 : i < 6 ? 1 : 2);
            if (g_ascii_isdigit(p[i]))
                value[part] = value[part] * 10 + (p[i] - '0');
        }
        y = value[0];
        if (y >= 1970 && y < 2250 && hc_civil_days(y, value[1], value[2], day))
            return true;
    }
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Local time of the fields in this year; false: there is no such time. */
static bool local_in(const struct hc_civil *civil, int year, int64_t *local)
{
    struct hc_civil c = *civil;

    c.year = year;
    return hc_civil_utc(&c, local);
}

/* The latest year in which the time is not after `latest`. */
static int year_until(const struct hc_civil *civil, int64_t latest)
{
    int year = hc_utc_civil(latest).year;
    int64_t local;

    for (int y = year; y > year - 8; y--) /* a leap day may be eight years back */
        if (local_in(civil, y, &local) && local <= latest)
            return y;
    return year;
}

/* The year in which the time is nearest to the case's window. */
static int year_near(const struct hc_civil *civil, int64_t from, int64_t to)
{
    int year = hc_utc_civil(from).year, best = year;
    int64_t local, least = INT64_MAX;

    for (int y = year - 1; y <= year + 1; y++) {
        int64_t away = !local_in(civil, y, &local) ? INT64_MAX - 1
                       : local < from              ? from - local
                       : local > to                ? local - to
                                                   : 0;
        if (away < least) {
            least = away;
            best = y;
        }
    }
    return best;
}

/* The year of the first line of a file: said, or else guessed from what is around, which the basis then
 * tells. */
static void anchor(struct hc_clock *c, const struct hc_civil *civil)
{
    const struct hc_settings *s = c->settings;
    int64_t day;

    c->anchored = true;
    if (c->last == INT64_MIN && s->year) {
        c->known = KNOWN_SAID;
        c->year = s->year;
    } else if (c->known == KNOWN_ASSUMED && c->guessed && s->year) {
        c->guessed = false; /* the file that it was guessed by: from here on it is said */
        c->known = KNOWN_SAID;
        c->year = s->year;
        c->last = INT64_MIN;
        end_steps(c);
    } else if (c->last == INT64_MIN && s->year_guess) {
        c->guessed = true;
        c->known = KNOWN_ASSUMED;
        c->year = s->year_guess;
    } else if (c->known != KNOWN_SAID &&
               (day_in_name(base_name(s->member), &day) || day_in_name(base_name(s->path), &day))) {
        c->known = KNOWN_ASSUMED;
        c->year = year_until(civil, (day + 2) * US_PER_DAY - 1); /* the day itself, and a clock west of it */
        c->last = INT64_MIN;
        end_steps(c);
    } else if (c->known == KNOWN_NOT && s->window_from) {
        c->known = KNOWN_ASSUMED;
        c->year = year_near(civil, s->window_from, s->window_to);
    }
}

/* The year in which the time is nearest to the line before, from which it is `*step` away. False: in none. */
static bool nearest(const struct hc_clock *c, struct hc_civil *civil, int64_t *step)
{
    int64_t local, best = INT64_MAX;
    int year = 0;

    for (int y = c->year - 1; y <= c->year + 1; y++) {
        int64_t away = local_in(civil, y, &local) ? local - c->last : INT64_MAX;
        if (away != INT64_MAX && ABS(away) < ABS(best)) {
            best = away;
            year = y;
        }
    }
    if (ABS(best) > NEAR_DAYS * US_PER_DAY)
        return false;
    civil->year = year;
    *step = best;
    return true;
}

/* Where the line stands that begins at `offset` of the present file. */
static struct hc_stand stand(const struct hc_clock *c, int64_t offset)
{
    return (struct hc_stand){c->sinks && c->sinks->len ? c->sinks->len - 1 : 0, offset};
}

static int date_of(const struct hc_civil *civil)
{
    return civil->month * 32 + civil->day;
}

/* Why the year is only assumed, where it is. */
static struct hc_str doubt(const struct hc_clock *c)
{
    const struct hc_str steps = hc_steps_doubt(&c->steps);

    if (steps.p)
        return steps;
    return c->settings->set && hc_set_is_doubtful(c->settings->set)
               ? HC_STR_LIT(
                     "year assumed: the order of the log's files by their times is not that of their names")
               : HC_STR_NONE;
}

/* Fills in the year of a line that has none. False: it has no time then, and `note` says why. */
static bool infer_year(struct hc_clock *c, struct hc_civil *civil, int64_t offset, struct hc_str *note)
{
    struct hc_doubted doubted;
    int64_t local, step = 0;

    if (c->anchored && c->known == KNOWN_NOT) {
        *note = HC_STR_LIT("nobody says the year");
        return false;
    }
    *note = doubt(c);
    civil->year = c->year;
    if (c->anchored && c->last != INT64_MIN && date_of(civil) == c->date)
        return true;
    if (!c->anchored)
        anchor(c, civil);
    *note = HC_STR_LIT("nobody says the year");
    if (c->known == KNOWN_NOT)
        return false;
    *note = HC_STR_LIT("29 February, in a year that has none");
    civil->year = c->year;
    if (c->last == INT64_MIN ? !local_in(civil, c->year, &local) : !nearest(c, civil, &step))
        return false;
    if (c->last != INT64_MIN && hc_steps_take(&c->steps, c->last, step, stand(c, offset), &doubted))
        tell_doubt(c, &doubted);
    *note = doubt(c);
    return true;
}

static int64_t hour_of(const struct hc_civil *civil)
{
    return (((int64_t)civil->year * 16 + civil->month) * 32 + civil->day) * 32 + civil->hour;
}

/* Was its own hour, or one like it, looked up? `base` is then where the hour begins in UTC. */
static bool plain_hour(struct hc_clock *c, const struct hc_civil *civil)
{
    int64_t hour = hour_of(civil);
    struct hc_civil from = *civil, to;
    struct hc_time a, b;

    if (hour == c->hour)
        return c->plain;
    from.minute = from.second = from.us = 0;
    to = from;
    to.minute = to.second = 59;
    c->hour = hour;
    c->plain = hc_time_local(&from, HC_PRECISION_US, c->settings->zone, &a) &&
               hc_time_local(&to, HC_PRECISION_US, c->settings->zone, &b) && a.earliest == a.latest &&
               b.earliest == b.latest && b.earliest - a.earliest == 3599 * HC_US_PER_S;
    c->base = c->plain ? a.earliest : 0;
    c->plain = c->plain && hc_civil_utc(&from, &c->local_base);
    return c->plain;
}

static int64_t within_hour(const struct hc_civil *civil)
{
    return civil->minute * US_PER_MINUTE + civil->second * HC_US_PER_S + civil->us;
}

/* How far the two readings of a time are apart that is read twice; else 0. */
static int64_t apart(const struct hc_clock *c, const struct hc_civil *civil)
{
    struct hc_time time;

    /* a leap second covers more than an instant by itself */
    return civil->second < 60 && hc_time_local(civil, HC_PRECISION_US, c->settings->zone, &time)
               ? time.latest - time.earliest
               : 0;
}

/* The line before the next. One that says its year says it for those behind it too. */
static void follow(struct hc_clock *c, const struct hc_civil *civil, int64_t local, bool said)
{
    c->last = local;
    c->year = civil->year;
    c->date = date_of(civil);
    if (said) {
        c->known = KNOWN_SAID;
        c->anchored = true;
        end_steps(c);
    }
}

/* The repeated hour of this day, new where it is another than before. */
static void enter(struct hc_clock *c, int64_t local, int64_t size)
{
    int64_t day = local / US_PER_DAY;

    if (c->day == day && c->fold.size == size)
        return;
    c->day = day;
    c->looked = false;
    c->inside = local;
    c->fold = hc_fold_new(size, HC_CLOCK_JITTER);
}

/* One of both readings, or both. */
static void decide(struct hc_clock *c, struct hc_logline *l, int64_t local)
{
    const char *why;
    enum hc_pass pass = hc_fold_pass(&c->fold, local, l->at.offset, &why);

    if (!c->twice && c->last != INT64_MIN && c->last > local + HC_CLOCK_JITTER) {
        pass = HC_PASS_EITHER;
        why = "the clock fell back into the repeated hour";
    }
    if (pass == HC_PASS_FIRST)
        l->time.latest -= c->fold.size;
    else if (pass == HC_PASS_SECOND)
        l->time.earliest += c->fold.size;
    l->note = hc_str(why);
}

/* A local time with its year. */
static enum dated date_local(struct hc_clock *c, struct hc_logline *l, const struct hc_civil *civil,
                             int64_t local)
{
    enum hc_precision precision = l->written.precision;
    int64_t size = 0;

    if (civil->second < 60 && plain_hour(c, civil)) {
        int64_t us = c->base + within_hour(civil);
        l->time = (struct hc_time){us, us + span(precision), precision, HC_BASIS_SOURCE_ZONE};
    } else if (!hc_time_local(civil, precision, c->settings->zone, &l->time)) {
        l->note = civil->second == 60
                      ? HC_STR_LIT("a leap second where there is none")
                      : HC_STR_LIT("a time that never was: the clocks were set forward over it");
        return UNDATED;
    } else if ((size = apart(c, civil)) > 0) {
        enter(c, local, size);
        if (!c->looked)
            return UNDECIDED;
        decide(c, l, local);
    }
    c->twice = size > 0;
    return DATED;
}

static enum dated undated(struct hc_logline *l, const char *why)
{
    l->note = hc_str(why);
    return UNDATED;
}

static enum dated date_civil(struct hc_clock *c, struct hc_logline *l)
{
    const struct hc_stamp *s = &l->written;
    struct hc_civil civil = s->civil;
    unsigned basis = 0;
    int64_t local = 0;
    enum dated dated = DATED;

    if (!hc_stamp_is_time(s))
        return undated(l, "there is no such time");
    if (!civil.year) {
        if (!infer_year(c, &civil, l->at.offset, &l->note))
            return UNDATED;
        basis = HC_BASIS_YEAR_INFERRED | (c->known == KNOWN_ASSUMED || doubt(c).p ? HC_BASIS_ASSUMED : 0u);
    }
    local_in(&civil, civil.year, &local);
    if (s->form == HC_STAMP_NAMED) {
        if (!c->settings->zone_given ||
            !hc_time_local_named(&civil, s->precision, c->settings->zone, s->zone, &l->time))
            return undated(l,
                           "the name of a time zone says no offset, unless it is one of the source's zone");
    } else if (s->form == HC_STAMP_OFFSET) {
        if (!hc_time_offset(&civil, s->precision, s->east, HC_BASIS_OFFSET, &l->time))
            return undated(l, "there is no such time");
        c->twice = true; /* of another zone, maybe: no fall is seen from here */
    } else {
        dated = date_local(c, l, &civil, local);
        basis |= c->settings->zone_given ? 0u : HC_BASIS_ASSUMED;
    }
    if (dated == DATED)
        follow(c, &civil, local, s->civil.year != 0);
    l->time.basis |= basis;
    return dated;
}

static enum dated date(struct hc_clock *c, struct hc_logline *l)
{
    const struct hc_stamp *s = &l->written;

    if (s->mark == '*')
        return undated(l, "the device says that its clock was not set");
    switch (s->form) {
    case HC_STAMP_EPOCH:
        return hc_time_epoch(s->text, "s", &l->time) ? DATED : undated(l, "there is no such time");
    case HC_STAMP_LOCAL:
    case HC_STAMP_OFFSET:
    case HC_STAMP_NAMED:
        return date_civil(c, l);
    case HC_STAMP_TAI64N:
        l->note = HC_STR_LIT("TAI64N as daemontools writes it, ten seconds ahead");
        return hc_time_tai64n(s->text, &l->time) ? DATED : undated(l, "there is no such time");
    case HC_STAMP_NONE:
        break;
    }
    return undated(l, "the line has no time");
}

/* A line without a year, of the same ordinary hour as the line before: nearly every one is. */
static bool date_alike(struct hc_clock *c, struct hc_logline *l)
{
    const struct hc_stamp *s = &l->written;
    struct hc_civil civil = s->civil;
    int64_t within;

    if (s->form != HC_STAMP_LOCAL || s->mark || civil.year || civil.minute > 59 || civil.second > 59)
        return false;
    civil.year = c->year;
    if (hour_of(&civil) != c->hour || !c->plain || !c->anchored || c->last == INT64_MIN ||
        date_of(&civil) != c->date)
        return false;
    within = within_hour(&civil);
    l->note = doubt(c);
    l->time = (struct hc_time){c->base + within, c->base + within + span(s->precision), s->precision,
                               HC_BASIS_SOURCE_ZONE | HC_BASIS_YEAR_INFERRED};
    if (c->known == KNOWN_ASSUMED || l->note.p || !c->settings->zone_given)
        l->time.basis |= HC_BASIS_ASSUMED;
    c->last = c->local_base + within;
    c->twice = false;
    return true;
}

static bool date_line(struct hc_clock *c, struct hc_logline *l)
{
    enum dated dated;

    if (date_alike(c, l))
        return true;
    l->note = HC_STR_NONE;
    dated = date(c, l);
    if (dated != DATED) {
        memset(&l->time, 0, sizeof l->time);
    } else if (l->written.mark) {
        l->time.basis |= HC_BASIS_ASSUMED;
        l->note = HC_STR_LIT("the device says that its clock had lost its source");
    }
    return dated != UNDECIDED;
}

bool hc_clock_date(struct hc_clock *c, struct hc_logline *l)
{
    bool decided = date_line(c, l);

    if (decided)
        hc_falls_see(c->falls, l);
    return decided;
}

/* The year that the line would be given, without a trace: for looks ahead. */
static bool with_year(const struct hc_clock *c, const struct hc_stamp *s, struct hc_civil *civil)
{
    struct hc_clock probe = *c;
    struct hc_str note;

    probe.sinks = NULL;

    *civil = s->civil;
    return civil->year || infer_year(&probe, civil, 0, &note);
}

/* Shows one line to the fold. False: it is behind the hour, or nothing behind it matters. That keeps all
 * looks at a file together linear. */
static bool see(struct hc_clock *c, struct hc_str text, int64_t offset)
{
    struct hc_logline l = {0};
    struct hc_civil civil;
    int64_t local;
    bool twice;

    if (!hc_line_split(text, &l) || l.written.form != HC_STAMP_LOCAL || l.written.mark ||
        !with_year(c, &l.written, &civil) || !local_in(&civil, civil.year, &local))
        return true;
    twice = local / US_PER_DAY == c->day && !plain_hour(c, &civil) && apart(c, &civil) > 0;
    hc_fold_see(&c->fold, local, twice, offset);
    if (twice)
        c->inside = MAX(c->inside, local);
    return !c->fold.why && !c->fold.past && (twice || local <= c->inside + HC_CLOCK_JITTER);
}

void hc_clock_look(struct hc_clock *c, const struct hc_logline *line, struct hc_input *in)
{
    struct hc_locator at = {0};
    struct hc_str ahead = HC_STR_NONE;
    struct hc_civil civil;
    size_t done = 0;
    int64_t local;

    c->looked = true;
    if (with_year(c, &line->written, &civil) && local_in(&civil, civil.year, &local))
        hc_fold_see(&c->fold, local, true, line->at.offset);
    for (size_t want = AHEAD_STEP;
         in && want <= HC_CLOCK_AHEAD_MAX && (want == AHEAD_STEP || ahead.n >= want / 2); want *= 2) {
        if (hc_input_ahead(in, want, &ahead, &at, NULL) != 1)
            return;
        for (ptrdiff_t end; (end = hc_str_chr(hc_str_skip(ahead, done), '\n')) >= 0; done += (size_t)end + 1)
            if (!see(c, hc_str_n(ahead.p + done, (size_t)end), at.offset + (int64_t)done))
                return;
    }
    if (ahead.n >= HC_CLOCK_AHEAD_MAX)
        c->fold.why = "the repeated hour has more lines than are looked at ahead";
    else if (done < ahead.n)
        see(c, hc_str_skip(ahead, done), at.offset + (int64_t)done);
}
