/* SPDX-License-Identifier: Apache-2.0 */
/* The time axis: where it is broken, how wide each part is, where its ticks stand. */
#include "src/narrate/figure_sketch.h"

#include "src/base/utc.h"

#define MINUTE (60 * HC_US_PER_S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MONTH (INT64_C(2629746) * HC_US_PER_S) /* on average */
#define MONDAY (4 * DAY)                       /* the first after the epoch */

#define BREAK_MIN (30 * MINUTE)
#define PART_MIN 1800 /* width of one of three parts and more */

/* Steps of the ticks: a time, or calendar months. */
struct step {
    int64_t us;
    int months;
};
static const struct step ladder[] = {
    {HC_US_PER_S, 0},
    {2 * HC_US_PER_S, 0},
    {5 * HC_US_PER_S, 0},
    {10 * HC_US_PER_S, 0},
    {20 * HC_US_PER_S, 0},
    {30 * HC_US_PER_S, 0},
    {MINUTE, 0},
    {2 * MINUTE, 0},
    {5 * MINUTE, 0},
    {10 * MINUTE, 0},
    {20 * MINUTE, 0},
    {30 * MINUTE, 0},
    {HOUR, 0},
    {2 * HOUR, 0},
    {6 * HOUR, 0},
    {12 * HOUR, 0},
    {DAY, 0},
    {2 * DAY, 0},
    {7 * DAY, 0},
    {14 * DAY, 0},
    {MONTH, 1},
    {2 * MONTH, 2},
    {3 * MONTH, 3},
    {6 * MONTH, 6},
    {12 * MONTH, 12},
    {24 * MONTH, 24},
    {60 * MONTH, 60},
    {120 * MONTH, 120},
    {240 * MONTH, 240},
    {600 * MONTH, 600},
    {1200 * MONTH, 1200},
};
#define STEPS ((int)G_N_ELEMENTS(ladder))

static int64_t at(const GArray *times, guint i)
{
    return g_array_index(times, int64_t, i);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Multiples of a step; weeks begin on Monday. */
static int64_t floor_to(int64_t us, int64_t step)
{
    int64_t offset = step % (7 * DAY) == 0 ? MONDAY : 0, rest = (us - offset) % step;

    return us - (rest < 0 ? rest + step : rest);
}

static int64_t ceil_to(int64_t us, int64_t step)
{
    int64_t down = floor_to(us, step);

    return down == us ? us : down + step;
}

/*
 * Is the distance after times[i] worth a break, inside the stretch [first, last] that is not broken yet? It
 * must be long against the smaller of the stretches it leaves, or most of the whole; and the gap that is
 * drawn must be smaller than what it saves.
 */
static bool worth(const GArray *times, guint first, guint last, guint i)
{
    int64_t gap = at(times, i + 1) - at(times, i), whole = at(times, last) - at(times, first);
    int64_t before = at(times, i) - at(times, first), after = at(times, last) - at(times, i + 1);

    return gap > BREAK_MIN && gap > whole / 8 && (gap / 5 >= MIN(before, after) || gap > whole / 2);
}

/* The largest distance that is worth a break, or times->len. `ends` are the last indices of the `n`
 * stretches. */
static guint next_break(const GArray *times, const guint *ends, int n)
{
    guint best = times->len, first = 0;
    int64_t best_gap = 0;

    for (int p = 0; p < n; p++) {
        for (guint i = first; i < ends[p]; i++) {
            int64_t gap = at(times, i + 1) - at(times, i);
            if (gap > best_gap && worth(times, first, ends[p], i)) {
                best = i;
                best_gap = gap;
            }
        }
        first = ends[p] + 1;
    }
    return best;
}

static void find_parts(struct hc_scale *scale, const GArray *times)
{
    guint ends[HC_PARTS_MAX] = {times->len - 1}, first = 0, cut;
    int n = 1, p;

    while (n < HC_PARTS_MAX && (cut = next_break(times, ends, n)) < times->len) {
        for (p = n; p > 0 && ends[p - 1] > cut; p--)
            ends[p] = ends[p - 1];
        ends[p] = cut;
        n++;
    }
    for (p = 0; p < n; p++) {
        scale->parts[p] = (struct hc_scale_part){.first = at(times, first), .last = at(times, ends[p])};
        scale->parts[p].broken0 = p > 0;
        scale->parts[p].broken1 = p + 1 < n;
        first = ends[p] + 1;
    }
    scale->n = n;
}

/* What a part gets around its records: a fiftieth, and enough for one instant to stand in something. */
static int64_t padding(int64_t span)
{
    if (span == 0)
        return MINUTE;
    return MAX(span / 50, (20 * HC_US_PER_S - span) / 2);
}

/* Pads, and snaps to the largest step that is not coarse against the part. Never over a third of a gap. */
static void pad(struct hc_scale *scale)
{
    for (int p = 0; p < scale->n; p++) {
        struct hc_scale_part *part = &scale->parts[p];
        int64_t margin = padding(part->last - part->first), span = part->last - part->first + 2 * margin;
        int64_t snap = ladder[0].us;
        for (int i = 0; i < STEPS && !ladder[i].months; i++)
            if (ladder[i].us <= span / 16)
                snap = ladder[i].us;
        part->from = MAX(floor_to(part->first - margin, snap), HC_FIGURE_FIRST);
        part->to = MIN(ceil_to(part->last + margin, snap), HC_FIGURE_LAST);
        if (part->broken0)
            part->from = MAX(part->from, part->first - (part->first - part[-1].last) / 3);
        if (part->broken1)
            part->to = MIN(part->to, part->last + (part[1].first - part->last) / 3);
    }
}

static int64_t acts_in(const struct hc_scale_part *part, const GArray *acts)
{
    int64_t n = 1; /* a part without acts is there for something */

    for (guint i = 0; i < acts->len; i++)
        n += at(acts, i) >= part->first && at(acts, i) <= part->last;
    return n;
}

/* Shares of `room` by number of acts, none under `least`: what the small ones take more, the others give. */
static void share(int64_t *widths, const int64_t *counts, int n, int64_t room, int64_t least)
{
    bool small[HC_PARTS_MAX] = {false}, again = true;

    while (again) {
        int64_t rest = room, sum = 0;
        again = false;
        for (int p = 0; p < n; p++) {
            rest -= small[p] ? least : 0;
            sum += small[p] ? 0 : counts[p];
        }
        for (int p = 0; p < n; p++) {
            widths[p] = small[p] || sum == 0 ? least : rest * counts[p] / sum;
            if (widths[p] < least)
                small[p] = again = true;
        }
    }
}

static void set_widths(struct hc_scale *scale, const GArray *acts)
{
    int64_t room = HC_PLOT_RIGHT - HC_PLOT_LEFT - HC_BREAK_WIDTH * (scale->n - 1), widths[HC_PARTS_MAX] = {0};
    int64_t counts[HC_PARTS_MAX], least = scale->n == 2 ? room * 2 / 5 : MIN(PART_MIN, room / scale->n);
    int x = HC_PLOT_LEFT;

    for (int p = 0; p < scale->n; p++)
        counts[p] = acts_in(&scale->parts[p], acts);
    share(widths, counts, scale->n, room, least);
    for (int p = 0; p < scale->n; p++) {
        scale->parts[p].x0 = x;
        x += (int)widths[p];
        scale->parts[p].x1 = p + 1 == scale->n ? HC_PLOT_RIGHT : x;
        x += HC_BREAK_WIDTH;
    }
}

static int label_width(const struct step *step)
{
    if (step->months)
        return hc_text_width(step->months % 12 ? "2023-11" : "2023", HC_LABEL_SIZE);
    if (step->us >= MINUTE)
        return hc_text_width("00:00", HC_LABEL_SIZE);
    return hc_text_width("00:00:00", HC_LABEL_SIZE);
}

/* The smallest step whose labels (44 units for hh:mm) do not crowd. */
static void set_steps(struct hc_scale *scale)
{
    for (int p = 0; p < scale->n; p++) {
        struct hc_scale_part *part = &scale->parts[p];
        int64_t width = part->x1 - part->x0, span = part->to - part->from;
        part->step = STEPS - 1;
        for (int i = STEPS - 1; i >= 0; i--)
            if (ladder[i].us / 1000 * width / (label_width(&ladder[i]) + 83) >= span / 1000)
                part->step = i;
    }
}

static int64_t day_of(int64_t us)
{
    return floor_to(us, DAY);
}

void hc_scale_fit(struct hc_scale *scale, GArray *times, GArray *acts)
{
    *scale = (struct hc_scale){.n = 1, .dated = times->len > 0};
    if (!scale->dated) {
        scale->parts[0] = (struct hc_scale_part){.to = 1, .x0 = HC_PLOT_LEFT, .x1 = HC_PLOT_RIGHT};
        return;
    }
    g_array_sort(times, by_time);
    g_array_sort(acts, by_time);
    find_parts(scale, times);
    pad(scale);
    set_widths(scale, acts);
    set_steps(scale);
    scale->several_days = day_of(at(times, 0)) != day_of(at(times, times->len - 1));
    for (int p = 0; p < scale->n; p++) /* a gap is measured between acts; a state that changes is none */
        for (guint i = 0; i < acts->len; i++) {
            struct hc_scale_part *part = &scale->parts[p];
            if (at(acts, i) < part->from || at(acts, i) > part->to)
                continue;
            part->first = i == 0 || at(acts, i - 1) < part->from ? at(acts, i) : part->first;
            part->last = at(acts, i);
        }
}

/* Shifted down until the product fits: centuries times a width would not. */
static int place(const struct hc_scale_part *part, int64_t us)
{
    int64_t span = part->to - part->from, past = us - part->from, width = part->x1 - part->x0;

    while (span > INT64_C(1) << 48) {
        span >>= 1;
        past >>= 1;
    }
    return part->x0 + (int)((past * width * 2 + span) / (span * 2));
}

int hc_scale_x(const struct hc_scale *scale, int64_t us)
{
    int p = 0;

    while (p + 1 < scale->n && us >= scale->parts[p + 1].from)
        p++;
    return place(&scale->parts[p], CLAMP(us, scale->parts[p].from, scale->parts[p].to));
}

bool hc_scale_piece(const struct hc_scale *scale, int p, int64_t from, int64_t to, int *x0, int *x1)
{
    const struct hc_scale_part *part = &scale->parts[p];

    if (scale->dated && (to < part->from || from > part->to))
        return false;
    *x0 = from < part->from ? part->x0 - (part->broken0 ? HC_OVERHANG : 0) : place(part, MIN(from, part->to));
    *x1 = to > part->to ? part->x1 + (part->broken1 ? HC_OVERHANG : 0) : place(part, MAX(to, part->from));
    return true;
}

static int64_t month_start(int64_t us, const struct step *step, bool next)
{
    struct hc_civil civil = hc_utc_civil(us);
    int month = civil.year * 12 + civil.month - 1;
    int64_t start = 0;

    month = month / step->months * step->months + (next ? step->months : 0);
    civil = (struct hc_civil){.year = month / 12, .month = month % 12 + 1, .day = 1};
    hc_civil_utc(&civil, &start);
    return start;
}

static int64_t first_tick(const struct hc_scale_part *part)
{
    const struct step *step = &ladder[part->step];

    if (!step->months)
        return ceil_to(part->from, step->us);
    int64_t start = month_start(part->from, step, false);
    return start < part->from ? month_start(part->from, step, true) : start;
}

static int64_t tick_after(const struct hc_scale_part *part, int64_t us)
{
    const struct step *step = &ladder[part->step];

    return step->months ? month_start(us, step, true) : us + step->us;
}

static void label_tick(struct hc_tick *tick, const struct step *step, int64_t us)
{
    struct hc_civil c = hc_utc_civil(us);

    if (step->months)
        g_snprintf(tick->label, sizeof tick->label, step->months % 12 ? "%04d-%02d" : "%04d", c.year,
                   c.month);
    else if (step->us >= DAY)
        g_snprintf(tick->label, sizeof tick->label, "%02d-%02d", c.month, c.day);
    else if (step->us >= MINUTE)
        g_snprintf(tick->label, sizeof tick->label, "%02d:%02d", c.hour, c.minute);
    else
        g_snprintf(tick->label, sizeof tick->label, "%02d:%02d:%02d", c.hour, c.minute, c.second);
}

/* The second line: the day under hours, the year under days; at the first label of a part and where it
 * changes. */
static void date_tick(struct hc_tick *tick, const struct hc_scale *scale, const struct step *step, int64_t us,
                      int64_t before)
{
    bool first = before == INT64_MIN;
    struct hc_civil c = hc_utc_civil(us), b = hc_utc_civil(first ? us : before);

    if (step->months || (!scale->several_days && step->us < DAY))
        return;
    if (step->us >= DAY && (first || b.year != c.year))
        g_snprintf(tick->date, sizeof tick->date, "%04d", c.year);
    else if (step->us < DAY && (first || day_of(before) != day_of(us)))
        g_snprintf(tick->date, sizeof tick->date, "%04d-%02d-%02d", c.year, c.month, c.day);
}

/* A label may stand out over the edge of the plot, but not into a break. */
static bool label_fits(const struct hc_scale_part *part, const struct hc_tick *tick)
{
    int half = hc_text_width(tick->label, HC_LABEL_SIZE) / 2;

    return (!part->broken0 || tick->x - half >= part->x0) && (!part->broken1 || tick->x + half <= part->x1) &&
           tick->x + half <= HC_PLOT_WIDTH;
}

static void part_ticks(const struct hc_scale *scale, const struct hc_scale_part *part, GArray *ticks)
{
    int64_t before = INT64_MIN;
    int date_end = 0;

    for (int64_t us = first_tick(part); us <= part->to; us = tick_after(part, us)) {
        struct hc_tick tick = {.x = place(part, us)};
        label_tick(&tick, &ladder[part->step], us);
        if (label_fits(part, &tick)) {
            date_tick(&tick, scale, &ladder[part->step], us, before);
            int half = hc_text_width(tick.date, HC_LABEL_SIZE) / 2;
            if (tick.date[0] && (tick.x - half < date_end || tick.x + half > HC_PLOT_WIDTH))
                tick.date[0] = '\0';
            else if (tick.date[0])
                date_end = tick.x + half + 80;
            before = us;
        } else {
            tick.label[0] = '\0';
        }
        g_array_append_val(ticks, tick);
    }
}

GArray *hc_scale_ticks(const struct hc_scale *scale)
{
    GArray *ticks = g_array_new(FALSE, TRUE, sizeof(struct hc_tick));

    for (int p = 0; p < scale->n && scale->dated; p++)
        part_ticks(scale, &scale->parts[p], ticks);
    return ticks;
}
