/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/clock.h"
#include "src/evidence/log/fold.h"
#include "src/evidence/log/steps.h"

#include <check.h>

Suite *suite_clock(void);

/* A set of files, dated line by line: "earliest[..latest] basis[ (note)]" each; times without date where that
 * of the line before holds. */
struct set {
    const char *zone;
    int year;
    int64_t from, to; /* the case's window */
    struct hc_clock *clock;
    GString *out;
};

static void show(struct set *set, const struct hc_logline *l)
{
    char from[HC_UTC_TEXT], to[HC_UTC_TEXT];
    g_autofree char *basis = hc_basis_text(l->time.basis);

    if (l->time.precision == HC_PRECISION_NONE)
        g_string_append(set->out, "undated");
    else
        g_string_append_printf(set->out, "%.19s", hc_utc_format(l->time.earliest, from));
    if (l->time.latest - l->time.earliest >= HC_US_PER_S)
        g_string_append_printf(set->out, "..%.8s", hc_utc_format(l->time.latest, to) + 11);
    g_string_append_printf(set->out, "%s%s", *basis ? " " : "", basis);
    if (l->note.p)
        g_string_append_printf(set->out, " (%.*s)", (int)l->note.n, l->note.p);
    g_string_append_c(set->out, '\n');
}

static void file(struct set *set, const char *name, const char *text)
{
    g_autoptr(hc_zone_t) zone = hc_zone_new(set->zone ? set->zone : "UTC", NULL);
    struct hc_settings settings = {.path = name,
                                   .member = "",
                                   .zone = zone,
                                   .zone_given = set->zone != NULL,
                                   .year = set->year,
                                   .window_from = set->from,
                                   .window_to = set->to};
    g_autoptr(hc_input_t) in = hc_input_open_memory(text, strlen(text), name, NULL);
    struct hc_logline l = {0};
    struct hc_str line;

    ck_assert(zone && in && hc_input_next(in, NULL) == 1);
    if (!set->clock) {
        set->clock = hc_clock_new();
        set->out = g_string_new(NULL);
    }
    hc_clock_file(set->clock, &settings);
    while (hc_input_line(in, &line, &l.at, NULL) == 1) {
        g_autofree char *held = hc_str_dup(line);
        ck_assert_msg(hc_line_split(hc_str(held), &l), "%s", held);
        if (!hc_clock_date(set->clock, &l)) {
            hc_clock_look(set->clock, &l, in);
            ck_assert(hc_clock_date(set->clock, &l));
        }
        show(set, &l);
    }
}

static void has(struct set *set, const char *want)
{
    ck_assert_msg(strstr(set->out->str, want) != NULL, "%s", set->out->str);
    g_string_free(set->out, TRUE);
    hc_clock_free(set->clock);
    set->clock = NULL;
}

static void is(struct set *set, const char *want)
{
    ck_assert_str_eq(set->out->str, want);
    g_string_free(set->out, TRUE);
    hc_clock_free(set->clock);
    set->clock = NULL;
}

START_TEST(new_year)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a",
         "Dec 31 18:59:59 h p: m\nDec 31 23:59:59 h p: m\nJan  1 00:00:00 h p: m\nDec 31 23:59:58 h p: "
         "late\nJan  1 00:00:01 h p: m\n");
    file(&set, "b", "Jan  7 00:00:00 h p: m\n");
    is(&set, "2023-12-31T23:59:59 source-zone+year-inferred\n"
             "2024-01-01T04:59:59 source-zone+year-inferred\n"
             "2024-01-01T05:00:00 source-zone+year-inferred\n"
             "2024-01-01T04:59:58 source-zone+year-inferred\n"
             "2024-01-01T05:00:01 source-zone+year-inferred\n"
             "2024-01-07T05:00:00 source-zone+year-inferred\n");
}
END_TEST

#define FALL                                                                                                 \
    "+assumed (a line of this host that stands before it is later: its clock was set back, or the line "     \
    "came late)\n"

/* A clock that is set back over midnight of New Year, and by a day: no year passes. */
START_TEST(clock_set_back)
{
    struct set set = {"UTC", 2024};

    file(&set, "a",
         "Jan  1 00:30:00 h p: m\nDec 31 23:50:00 h p: m\nJan  1 00:40:00 h p: m\nMar  3 12:00:00 h p: "
         "m\nMar  2 11:00:00 h p: m\nMar  3 12:00:00 h p: m\n");
    is(&set,
       "2024-01-01T00:30:00 source-zone+year-inferred\n"
       "2023-12-31T23:50:00 source-zone+year-inferred" FALL "2024-01-01T00:40:00 source-zone+year-inferred\n"
       "2024-03-03T12:00:00 source-zone+year-inferred\n"
       "2024-03-02T11:00:00 source-zone+year-inferred\n"
       "2024-03-03T12:00:00 source-zone+year-inferred\n");
}
END_TEST

/* By hosts; until the times have come back; not by a minute, which is ordinary, nor by a day. */
START_TEST(falls)
{
    struct set set = {"UTC", 2024};

    file(&set, "a",
         "Mar  3 12:00:00 h p: m\nMar  3 11:30:00 g p: m\nMar  3 11:59:00 h p: m\nMar  3 11:58:58 h p: m\n"
         "Mar  3 11:59:30 h p: m\nMar  3 11:48:00 h p: m\nMar  3 11:31:00 g p: m\nMar  3 12:00:01 h p: m\n"
         "Mar  2 11:59:00 h p: m\nMar  2 11:59:30 h p: m\n");
    is(&set,
       "2024-03-03T12:00:00 source-zone+year-inferred\n"
       "2024-03-03T11:30:00 source-zone+year-inferred\n"
       "2024-03-03T11:59:00 source-zone+year-inferred\n"
       "2024-03-03T11:58:58 source-zone+year-inferred" FALL "2024-03-03T11:59:30 source-zone+year-inferred\n"
       "2024-03-03T11:48:00 source-zone+year-inferred" FALL "2024-03-03T11:31:00 source-zone+year-inferred\n"
       "2024-03-03T12:00:01 source-zone+year-inferred\n"
       "2024-03-02T11:59:00 source-zone+year-inferred\n"
       "2024-03-02T11:59:30 source-zone+year-inferred\n");
}
END_TEST

/* Of so many hosts, and of no more. */
START_TEST(falls_of_many_hosts)
{
    struct set set = {"UTC", 2024};
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i <= HC_CLOCK_HOSTS_MAX; i++)
        g_string_append_printf(text, "Mar  3 12:00:00 h%d p: m\n", i);
    file(&set, "a", text->str);
    g_string_truncate(set.out, 0);
    g_string_printf(text, "Mar  3 11:00:00 h%d p: m\nMar  3 11:00:00 h%d p: m\n", HC_CLOCK_HOSTS_MAX - 1,
                    HC_CLOCK_HOSTS_MAX);
    file(&set, "b", text->str);
    is(&set, "2024-03-03T11:00:00 source-zone+year-inferred" FALL
             "2024-03-03T11:00:00 source-zone+year-inferred\n");
}
END_TEST

/* Months without a line may be a year and months: not certain from there on, until the times come back or a
 * line says its year. */
START_TEST(leap_of_months)
{
    struct set set = {"UTC", 2021};
    static const char why[] =
        "+assumed (year assumed: lines before it leap ahead by months, which may be a year and months)\n";
    g_autofree char *want = g_strconcat("2021-03-01T00:00:00 source-zone+year-inferred\n"
                                        "2021-05-30T00:00:00 source-zone+year-inferred\n" /* 90 days */
                                        "2021-08-29T00:00:00 source-zone+year-inferred",
                                        why, /* 91 */
                                        "2021-05-30T00:00:01 source-zone+year-inferred\n"
                                        "2021-10-01T00:00:00 source-zone+year-inferred",
                                        why, "2021-10-02T00:00:00 source-zone+year-inferred", why,
                                        "2022-10-03T00:00:00 source-zone\n"
                                        "2022-10-04T00:00:00 source-zone+year-inferred\n",
                                        NULL);

    file(&set, "a",
         "Mar  1 00:00:00 h p: m\nMay 30 00:00:00 h p: m\nAug 29 00:00:00 h p: m\nMay 30 00:00:01 h p: m\n"
         "Oct  1 00:00:00 h p: m\nOct  2 00:00:00 h p: m\n2022 Oct  3 00:00:00 h p: m\nOct  4 00:00:00 h p: "
         "m\n");
    is(&set, want);
}
END_TEST

/* A fall of months is a clock that was not set, a wrong order of files, or most of a year without a line: not
 * certain until the times come back. */
START_TEST(fall_of_months)
{
    struct set set = {"UTC", 2023};

    file(&set, "a",
         "Nov  1 00:00:00 h p: m\nAug  1 00:00:00 h p: m\nAug  1 00:00:01 h p: m\nNov  1 00:00:02 h p: m\n");
    is(&set, "2023-11-01T00:00:00 source-zone+year-inferred\n"
             "2023-08-01T00:00:00 source-zone+year-inferred+assumed (year assumed: lines before it fall back "
             "by days)\n"
             "2023-08-01T00:00:01 source-zone+year-inferred+assumed (year assumed: lines before it fall back "
             "by days)\n"
             "2023-11-01T00:00:02 source-zone+year-inferred\n");
}
END_TEST

/*
 * What becomes of lines on these days, the first of which is certain: '.' certain, 'a' assumed when it came,
 * 'A' later, by what came behind it. Ends with a negative day.
 */
static void steps_are(const int *days, const char *want)
{
    const int64_t day = 86400 * HC_US_PER_S;
    struct hc_steps s = {0};
    struct hc_doubted d;
    g_autofree char *got = g_strdup(want);
    unsigned n = 0;

    for (; days[n] >= 0; n++) {
        if (n &&
            hc_steps_take(&s, days[n - 1] * day, (days[n] - days[n - 1]) * day, (struct hc_stand){0, n}, &d))
            for (int64_t i = d.from.offset; i < d.to.offset; i++)
                got[i] = 'A';
        got[n] = hc_steps_doubt(&s).p ? 'a' : '.';
    }
    if (hc_steps_end(&s, &d))
        for (int64_t i = d.from.offset; i < d.to.offset; i++)
            got[i] = 'A';
    ck_assert_str_eq(got, want);
}

/* Which lines are in doubt where some are out of order by days. */
START_TEST(steps_of_days)
{
    steps_are((int[]){10, 11, 12, 70, 71, 72, 13, 14, 80, -1},
              "...AAA..."); /* ahead and back: those between */
    steps_are((int[]){10, 11, 70, 80, 90, 12, 14, 15, -1},
              "..AAA...");                                    /* likewise, with silences among them */
    steps_are((int[]){80, 81, 20, 21, 81, 82, -1}, "..aa.."); /* back and ahead again: likewise */
    steps_are((int[]){80, 82, 84, 86, 30, 31, 32, -1},
              "....aaa"); /* back for good; those before lie close to one another */
    steps_are((int[]){10, 60, 61, 90, 40, 41, -1},
              ".AAAaa"); /* back for good, over a silence: either may be astray */
    steps_are((int[]){10, 60, 61, 40, 41, 61, 62, -1},
              "...aa.."); /* the same, and they come back: those that fell */
    steps_are((int[]){10, 101, 102, 11, 12, 200, -1},
              ".AA..a"); /* ahead by 91 days and back; by 100 and not back */
    steps_are((int[]){10, 12, 10, 12, 14, 12, -1}, "......"); /* two days are no step */
    steps_are((int[]){10, 40, 60, 43, -1},
              "..Aa"); /* back behind where it leapt from, by more than two days */
    steps_are((int[]){10, 40, 60, 41, 62, 11, -1}, ".AAAA."); /* one stretch astray inside of another */
}
END_TEST

/* More silences than are known one by one: more lines are in doubt, none less. */
START_TEST(steps_too_many)
{
    int days[HC_CLOCK_SILENCES + 5];
    char want[HC_CLOCK_SILENCES + 5] = "";

    for (int over = 0; over < 2; over++) {
        const int n = HC_CLOCK_SILENCES + 1 + over;
        for (int i = 0; i < n; i++)
            days[i] = 10 + 5 * i;
        days[n] = days[2] + 1; /* behind the second silence */
        days[n + 1] = -1;
        memset(want, '.', (size_t)n + 1);
        memset(want + 3, 'A', (size_t)n - 3);
        want[n + 1] = 0;
        steps_are(days, want);
    }
    days[HC_CLOCK_SILENCES + 2] = days[1] + 1; /* behind the first, which counts as one with the second: it is
                                                  not known that this is where it leapt from */
    memset(want + 1, 'A', HC_CLOCK_SILENCES + 1);
    want[HC_CLOCK_SILENCES + 2] = 'a';
    steps_are(days, want);
}
END_TEST

START_TEST(leap_day)
{
    struct set set = {"UTC", 2023};

    file(&set, "a", "Dec 30 00:00:00 h p: m\nFeb 29 12:00:00 h p: m\nMar  1 12:00:00 h p: m\n");
    is(&set, "2023-12-30T00:00:00 source-zone+year-inferred\n"
             "2024-02-29T12:00:00 source-zone+year-inferred\n"
             "2024-03-01T12:00:00 source-zone+year-inferred\n");
    set.year = 2022;
    file(&set, "a",
         "Feb 28 00:00:00 h p: m\nFeb 29 12:00:00 h p: m\nMar  1 12:00:00 h p: m\nFeb 30 12:00:00 h p: "
         "m\nMar  1 24:00:00 h p: m\n");
    is(&set, "2022-02-28T00:00:00 source-zone+year-inferred\n"
             "undated (29 February, in a year that has none)\n"
             "2022-03-01T12:00:00 source-zone+year-inferred\n"
             "undated (there is no such time)\n"
             "undated (there is no such time)\n");
}
END_TEST

START_TEST(nobody_says_the_year)
{
    struct set set = {"UTC"};

    file(&set, "a",
         "Nov 22 00:00:00 h p: m\n2024-01-02T03:04:05 h p: m\nJan  2 03:04:06 h p: m\nDec 31 12:00:00 h p: "
         "m\n");
    is(&set, "undated (nobody says the year)\n"
             "2024-01-02T03:04:05 source-zone\n"
             "2024-01-02T03:04:06 source-zone+year-inferred\n"
             "2023-12-31T12:00:00 source-zone+year-inferred\n");
    file(&set, "evidence/mail.log-20240107", "Dec 31 23:00:00 h p: m\nJan  6 00:00:00 h p: m\n");
    file(&set, "evidence/mail.log-20240114", "Jan  7 06:25:00 h p: m\n");
    is(&set, "2023-12-31T23:00:00 source-zone+year-inferred+assumed\n"
             "2024-01-06T00:00:00 source-zone+year-inferred+assumed\n"
             "2024-01-07T06:25:00 source-zone+year-inferred+assumed\n");
    file(&set, "mail-2024-03-01.log", "Feb 29 23:00:00 h p: m\n");
    is(&set, "2024-02-29T23:00:00 source-zone+year-inferred+assumed\n");
    file(&set, "mail.log-202401071", "Dec 31 23:00:00 h p: m\n");
    is(&set, "undated (nobody says the year)\n");
    set.from = INT64_C(1704153600) * HC_US_PER_S; /* 2024-01-02 */
    set.to = set.from;
    file(&set, "mail.log", "Dec 28 23:00:00 h p: m\nJan  6 00:00:00 h p: m\n");
    is(&set, "2023-12-28T23:00:00 source-zone+year-inferred+assumed\n"
             "2024-01-06T00:00:00 source-zone+year-inferred+assumed\n");
}
END_TEST

START_TEST(zones)
{
    struct set set = {NULL, 2023};

    file(&set, "a",
         "Nov 22 00:00:00 h p: m\nNov 22 00:00:00 UTC h p: m\nNov 22 00:00:00 -0500 h p: m\nNov 22 00:00:00 "
         "EST h p: m\n"
         "2015-04-24T21:08:10.3FOO h p: m\n2023-11-22T00:00:00+05:30 h p: m\n1700628572.123456 h p: m\n"
         "*Mar  1 00:00:00 h p: m\n.Nov 22 00:00:00 h p: m\n<165>1 - h p - - - m\n");
    is(&set, "2023-11-22T00:00:00 source-zone+year-inferred+assumed\n"
             "2023-11-22T00:00:00 offset+year-inferred\n"
             "2023-11-22T05:00:00 offset+year-inferred\n"
             "undated (the name of a time zone says no offset, unless it is one of the source's zone)\n"
             "undated (the name of a time zone says no offset, unless it is one of the source's zone)\n"
             "2023-11-21T18:30:00 offset" FALL "2023-11-22T04:49:32 epoch" FALL
             "undated (the device says that its clock was not set)\n"
             "2023-11-22T00:00:00 source-zone+year-inferred+assumed (the device says that its clock had lost "
             "its source)\n"
             "undated (the line has no time)\n");
}
END_TEST

/* Where the source's zone has the name, it says which offset, in the repeated hour too. */
START_TEST(named_zones)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a",
         "Nov  5 01:30:00 EST h p: m\nNov  5 01:20:00 EDT h p: m\nNov 22 00:00:00 EST h p: m\nNov 22 "
         "00:00:00 EDT h p: m\nNov 22 00:00:00 CET h p: m\n"
         "@400000004332258538eae27c p: m\n@4000000043322585 p: m\n@c000000043322585 p: m\n");
    is(&set,
       "2023-11-05T06:30:00 source-zone+year-inferred\n"
       "2023-11-05T05:20:00 source-zone+year-inferred" FALL "2023-11-22T05:00:00 source-zone+year-inferred\n"
       "undated (the name of a time zone says no offset, unless it is one of the source's zone)\n"
       "undated (the name of a time zone says no offset, unless it is one of the source's zone)\n"
       "2005-09-22T03:31:07 epoch+assumed (TAI64N as daemontools writes it, ten seconds ahead)\n"
       "2005-09-22T03:31:07 epoch+assumed (TAI64N as daemontools writes it, ten seconds ahead)\n"
       "undated (there is no such time)\n");
}
END_TEST

/* A leap second lies between its neighbours, and is the last second of a day of UTC. */
START_TEST(leap_second)
{
    struct set set = {.zone = "America/New_York"};

    file(&set, "a",
         "2016-12-31T23:59:60Z h p: x\n2016-12-31T18:59:60 h p: x\n2016-12-31T12:34:60Z h p: "
         "x\n2016-12-31T12:34:60 h p: x\n");
    is(&set, "2016-12-31T23:59:59..00:00:00 offset\n2016-12-31T23:59:59..00:00:00 source-zone\n"
             "undated (there is no such time)\nundated (a leap second where there is none)\n");
}
END_TEST

START_TEST(gap)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a", "Mar 12 01:59:59 h p: m\nMar 12 02:30:00 h p: m\nMar 12 03:00:00 h p: m\n");
    is(&set, "2023-03-12T06:59:59 source-zone+year-inferred\n"
             "undated (a time that never was: the clocks were set forward over it)\n"
             "2023-03-12T07:00:00 source-zone+year-inferred\n");
}
END_TEST

#define FIRST " source-zone+year-inferred (repeated hour, first pass: the lines fall back behind it)\n"
#define SECOND " source-zone+year-inferred (repeated hour, second pass: the lines fall back before it)\n"
#define EITHER                                                                                               \
    " source-zone+year-inferred (no line shows where the second pass of the repeated hour begins)\n"

START_TEST(repeated_hour)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a",
         "Nov  5 00:59:00 h p: m\nNov  5 01:01:03 h p: m\nNov  5 01:00:59 h p: m\nNov  5 01:59:14 h p: "
         "m\nNov  5 01:24:56 h p: m\n"
         "Nov  5 01:50:16 h p: m\nNov  5 02:08:19 h p: m\n");
    is(&set, "2023-11-05T04:59:00 source-zone+year-inferred\n"
             "2023-11-05T05:01:03" FIRST "2023-11-05T05:00:59" FIRST "2023-11-05T05:59:14" FIRST
             "2023-11-05T06:24:56" SECOND "2023-11-05T06:50:16" SECOND
             "2023-11-05T07:08:19 source-zone+year-inferred\n");
}
END_TEST

START_TEST(repeated_hour_with_late_lines)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a",
         "Nov  5 01:59:59 h p: m\nNov  5 01:00:00 h p: m\nNov  5 01:59:58 h p: late\nNov  5 01:00:01 h p: "
         "m\nNov  5 01:59:59 h p: m\n"
         "Nov  5 02:00:00 h p: m\nNov  5 01:59:59 h p: late\n");
    is(&set,
       "2023-11-05T05:59:59" FIRST "2023-11-05T06:00:00" SECOND
       "2023-11-05T05:59:58..06:59:58 source-zone+year-inferred (repeated hour, where its passes meet: the "
       "line may be a late one of the first)\n"
       "2023-11-05T06:00:01" SECOND "2023-11-05T05:59:59..06:59:59 source-zone+year-inferred (repeated hour, "
       "where its passes meet: the line may be a late one of the first)\n"
       "2023-11-05T07:00:00 source-zone+year-inferred\n"
       "2023-11-05T05:59:59..06:59:59 source-zone+year-inferred (repeated hour, where its passes meet: the "
       "line may be a late one of the first)\n");
}
END_TEST

START_TEST(repeated_hour_undecided)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a",
         "Nov  5 00:30:00 h p: m\nNov  5 01:10:00 h p: m\nNov  5 01:20:00 h p: m\nNov  5 02:00:00 h p: m\n");
    is(&set, "2023-11-05T04:30:00 source-zone+year-inferred\n"
             "2023-11-05T05:10:00..06:10:00" EITHER "2023-11-05T05:20:00..06:20:00" EITHER
             "2023-11-05T07:00:00 source-zone+year-inferred\n");
    file(&set, "a", "Nov  5 01:30:00 h p: m\nNov  5 01:25:00 h p: m\nNov  5 02:00:00 h p: m\n");
    has(&set, "2023-11-05T05:25:00..06:25:00 source-zone+year-inferred (the clock fell back in the repeated "
              "hour, but not to");
    file(&set, "a",
         "Nov  5 01:50:00 h p: m\nNov  5 01:10:00 h p: m\nNov  5 01:40:00 h p: m\nNov  5 01:05:00 h p: m\n");
    has(&set, "2023-11-05T05:50:00..06:50:00 source-zone+year-inferred (the clock fell back more than once "
              "in the repeated hour)");
    file(&set, "a", "Nov  5 03:00:00 h p: m\nNov  5 01:10:00 h p: m\n");
    has(&set, "2023-11-05T05:10:00..06:10:00 source-zone+year-inferred+assumed (the clock fell back into the "
              "repeated hour)");
}
END_TEST

/* The log is rotated inside of the hour: the fall between two files shows it, and one in the file before is
 * remembered. */
START_TEST(repeated_hour_rotated)
{
    struct set set = {"America/New_York", 2023};

    file(&set, "a", "Nov  5 01:50:00 h p: m\n");
    file(&set, "b", "Nov  5 01:10:00 h p: m\n");
    file(&set, "c", "Nov  5 01:20:00 h p: m\n");
    is(&set,
       "2023-11-05T05:50:00..06:50:00" EITHER "2023-11-05T06:10:00" SECOND "2023-11-05T06:20:00" SECOND);
}
END_TEST

START_TEST(repeated_half_hour)
{
    struct set set = {"Australia/Lord_Howe", 2024}; /* 02:00 -> 01:30, 7 April */

    file(&set, "a",
         "Apr  7 01:29:59 h p: m\nApr  7 01:45:00 h p: m\nApr  7 01:31:00 h p: m\nApr  7 02:00:00 h p: m\n");
    is(&set, "2024-04-06T14:29:59 source-zone+year-inferred\n"
             "2024-04-06T14:45:00" FIRST "2024-04-06T15:01:00" SECOND
             "2024-04-06T15:30:00 source-zone+year-inferred\n");
}
END_TEST

/* The fast way and the slow one agree over every hour of a year with both changes. */
START_TEST(plain_hours)
{
    g_autoptr(hc_zone_t) zone = hc_zone_new("America/New_York", NULL);
    struct hc_settings settings = {.path = "a", .member = "", .zone = zone, .zone_given = true};
    g_autoptr(hc_clock_t) clock = hc_clock_new();
    int64_t day;

    hc_civil_days(2023, 1, 1, &day);
    hc_clock_file(clock, &settings);
    for (int64_t minute = day * 1440; minute < (day + 365) * 1440; minute += 7) {
        struct hc_civil c = hc_utc_civil(minute * 60 * HC_US_PER_S);
        char text[64];
        struct hc_logline l = {0};
        struct hc_time want;
        g_snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:00 h p: m", c.year, c.month, c.day, c.hour,
                   c.minute);
        ck_assert(hc_line_split(hc_str(text), &l));
        if (!hc_clock_date(clock, &l)) {
            hc_clock_look(clock, &l, NULL);
            ck_assert(hc_clock_date(clock, &l));
        }
        if (!hc_time_local(&c, HC_PRECISION_S, zone, &want))
            want = (struct hc_time){0};
        ck_assert_int_eq(l.time.earliest, want.earliest);
        ck_assert_int_eq(l.time.latest, want.latest);
    }
}
END_TEST

Suite *suite_clock(void)
{
    Suite *suite = suite_create("clock");
    TCase *tc = tcase_create("clock");

    tcase_add_test(tc, new_year);
    tcase_add_test(tc, clock_set_back);
    tcase_add_test(tc, falls);
    tcase_add_test(tc, falls_of_many_hosts);
    tcase_add_test(tc, leap_of_months);
    tcase_add_test(tc, fall_of_months);
    tcase_add_test(tc, steps_of_days);
    tcase_add_test(tc, steps_too_many);
    tcase_add_test(tc, leap_day);
    tcase_add_test(tc, nobody_says_the_year);
    tcase_add_test(tc, zones);
    tcase_add_test(tc, named_zones);
    tcase_add_test(tc, leap_second);
    tcase_add_test(tc, gap);
    tcase_add_test(tc, repeated_hour);
    tcase_add_test(tc, repeated_hour_with_late_lines);
    tcase_add_test(tc, repeated_hour_undecided);
    tcase_add_test(tc, repeated_hour_rotated);
    tcase_add_test(tc, repeated_half_hour);
    tcase_add_test(tc, plain_hours);
    suite_add_tcase(suite, tc);
    return suite;
}
