/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail logs through classic syslog (RFC 3164 time: no year, local time of the host). What a line means is said by the dialect of its
 * program (src/evidence/log); zone and year come from the source's settings.
 */
#include "src/evidence/log/dialect.h"

struct reader {
    struct hc_flow *flow;
    struct hc_sink *sink;
    const struct hc_settings *settings;
    struct hc_year year;
    bool year_assumed;
};

static int month_number(struct hc_str stamp)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (g_ascii_strncasecmp(stamp.p, months + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

static int bid(const struct hc_peek *peek, const char **why)
{
    struct hc_str rest = peek->head, text;
    struct hc_logline l;

    while (rest.n) {
        ptrdiff_t end = hc_str_chr(rest, '\n');
        text = end < 0 ? rest : hc_str_head(rest, (size_t)end);
        rest = hc_str_skip(rest, text.n + 1);
        if (hc_line_split(text, &l) && month_number(l.stamp) && hc_str_starts(l.program, "postfix")) {
            *why = "syslog lines of postfix";
            return 85;
        }
    }
    return 0;
}

/* Where no year is known at all, the line stays undated. */
static bool date_line(struct reader *r, struct hc_logline *l)
{
    int month = month_number(l->stamp), year;

    if (!month)
        return false;
    if (!r->year.year) {
        struct hc_time probe; /* a leap year takes every day that any year has */
        return hc_time_syslog(l->stamp, 2000, r->settings->zone, &probe);
    }
    year = hc_year_of(&r->year, month);
    if (!hc_time_syslog(l->stamp, year, r->settings->zone, &l->time))
        return false;
    l->time.basis |= HC_BASIS_YEAR_INFERRED;
    if (r->year_assumed || !r->settings->zone_given)
        l->time.basis |= HC_BASIS_ASSUMED;
    return true;
}

static bool read_line(struct reader *r, struct hc_str text, const struct hc_locator *at, GError **error)
{
    struct hc_logline l;
    const struct hc_dialect *dialect;

    if (!text.p)
        return hc_sink_reject(r->sink, at, error, "the line is longer than %u bytes", HC_LINE_MAX);
    if (!hc_line_split(text, &l))
        return hc_sink_reject(r->sink, at, error, "not a line of syslog");
    l.at = *at;
    l.time = (struct hc_time){.precision = HC_PRECISION_NONE};
    if (!date_line(r, &l))
        return hc_sink_reject(r->sink, at, error, "the time is no time in this zone");
    dialect = hc_dialect_of(&l);
    if (dialect)
        return dialect->read(r->flow, &l, error);
    hc_flow_ignore(r->flow, &l, "other programs");
    return true;
}

static void set_year(struct reader *r)
{
    r->year.year = r->settings->year;
    r->year_assumed = !r->settings->year;
    if (!r->settings->year && r->settings->window_from)
        r->year.year = hc_utc_civil(r->settings->window_from).year;
}

static bool run(struct hc_input *in, struct hc_sink *sink, GError **error)
{
    struct reader r = {.sink = sink, .settings = hc_sink_settings(sink)};
    struct hc_locator at = {0};
    struct hc_str line;
    bool ok = true;
    int rc = 0;

    set_year(&r);
    r.flow = hc_flow_of(sink);
    while (ok && (rc = hc_input_line(in, &line, &at, error)) == 1) {
        at.record++;
        ok = read_line(&r, line, &at, error);
    }
    hc_flow_end_file(r.flow);
    hc_sink_read(sink, at.record);
    return ok && rc == 0;
}

const struct hc_importer hc_importer_postfix = {
    .name = "postfix",
    .summary = "Postfix mail log, classic syslog",
    .needs = HC_NEEDS_ZONE | HC_NEEDS_YEAR,
    .bid = bid,
    .run = run,
};
