/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/rhythm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY 1440 /* minutes */
#define HOURS 24
#define KINDS 2 /* of days */
#define SLOTS (HOURS * KINDS)

/* A source cut into steps, numbered from 1970. */
struct series {
    int width;       /* minutes */
    int64_t *active; /* steps with a record, ascending */
    size_t n;
    int64_t end;                    /* the last step */
    double all[SLOTS], held[SLOTS]; /* steps, those with a record, by slot */
};

struct stretch {
    int64_t from, to;          /* the first and the last empty step */
    double expected, unlikely; /* unlikely: minus the logarithm of its probability */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* 1970-01-01 was a Thursday. */
static int slot_of(int width, int64_t step)
{
    int64_t minute = step * width, day = floor_div(minute, DAY);
    int weekday = (int)(((day + 3) % 7 + 7) % 7);
    int hour = width == DAY ? 0 : (int)((minute - day * DAY) / 60);

    return (weekday >= 5) * HOURS + hour;
}

static void series_cut(struct series *s, const int64_t *minutes, size_t n, int64_t end, int width)
{
    s->width = width;
    s->n = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t step = floor_div(minutes[i], width);
        if (!s->n || s->active[s->n - 1] != step)
            s->active[s->n++] = step;
    }
    s->end = floor_div(end, width);
}

/* Steps from `from` to `to` by slot: hours are gone through, not steps. */
static void count_steps(int width, int64_t from, int64_t to, double *all)
{
    int64_t per_slot = width == DAY ? 1 : 60 / width;

    while (from <= to) {
        int64_t next = (floor_div(from, per_slot) + 1) * per_slot;
        int64_t n = MIN(next, to + 1) - from;
        all[slot_of(width, from)] += (double)n;
        from += n;
    }
}

static void series_count(struct series *s)
{
    memset(s->all, 0, sizeof s->all);
    memset(s->held, 0, sizeof s->held);
    count_steps(s->width, s->active[0], s->end, s->all);
    for (size_t i = 0; i < s->n; i++)
        s->held[slot_of(s->width, s->active[i])]++;
}

/* How likely a step of this slot holds a record, by all steps but those of `without`. */
static double share(const struct series *s, const double *without, int slot)
{
    double per_day = s->width == DAY ? 1 : 60.0 / s->width;
    double all = s->all[slot] - without[slot];

    return all < RHYTHM_KIND_MIN * per_day ? 0 : s->held[slot] / (all + 1);
}

static double quietest(const struct series *s, const double *without, int slot)
{
    int kind = slot / HOURS * HOURS, hour = slot % HOURS;
    double least = share(s, without, slot);

    if (s->width == DAY)
        return least;
    least = MIN(least, share(s, without, kind + (hour + 1) % HOURS));
    return MIN(least, share(s, without, kind + (hour + HOURS - 1) % HOURS));
}

static void weigh(const struct series *s, struct stretch *x)
{
    double own[SLOTS] = {0};

    count_steps(s->width, x->from, x->to, own);
    for (int slot = 0; slot < SLOTS; slot++) {
        double p = own[slot] > 0 ? quietest(s, own, slot) : 0;
        x->expected += own[slot] * p;
        x->unlikely -= own[slot] * log1p(-p);
    }
}

static GArray *stretches(const struct series *s)
{
    GArray *out = g_array_new(FALSE, TRUE, sizeof(struct stretch));

    for (size_t i = 0; i < s->n; i++) {
        struct stretch x = {s->active[i] + 1, i + 1 < s->n ? s->active[i + 1] - 1 : s->end, 0, 0};
        if (x.from > x.to)
            continue;
        weigh(s, &x);
        g_array_append_val(out, x);
    }
    return out;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* What three quarters of its days (weeks) stay within: the worst stretch of each. */
static double usual(const struct series *s, const GArray *all)
{
    int64_t period = s->width == DAY ? 7 : DAY / s->width, first = floor_div(s->active[0], period);
    size_t n = (size_t)(floor_div(s->end, period) - first + 1);
    g_autofree double *worst = g_new0(double, n);

    for (guint i = 0; i < all->len; i++) {
        const struct stretch *x = &g_array_index(all, struct stretch, i);
        double *day = &worst[floor_div(x->from, period) - first];
        *day = MAX(*day, x->expected);
    }
    qsort(worst, n, sizeof *worst, by_value);
    return worst[(n - 1) * 3 / 4];
}

static bool has_rhythm(struct series *s, const int64_t *minutes, size_t n, int64_t end)
{
    static const int widths[] = {1, 5, 15, 60, DAY};

    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
        series_cut(s, minutes, n, end, widths[i]);
        if ((int64_t)s->n * 3 >= s->end - s->active[0] + 1)
            return true;
    }
    return false;
}

int rhythm_silences(const int64_t *minutes, size_t n, int64_t end, GArray *out)
{
    g_autofree int64_t *active = g_new(int64_t, n + 1);
    struct series s = {.active = active};
    g_autoptr(GArray) all = NULL;
    double limit, least;

    if (n < 2 || end - minutes[0] < RHYTHM_DAYS_MIN * DAY || !has_rhythm(&s, minutes, n, end))
        return 0;
    series_count(&s);
    all = stretches(&s);
    limit = log(RHYTHM_ODDS) + log((double)(s.end - s.active[0] + 1));
    least = MAX(RHYTHM_LEAST, RHYTHM_TIMES * usual(&s, all));
    for (guint i = 0; i < all->len; i++) {
        const struct stretch *x = &g_array_index(all, struct stretch, i);
        struct silence told = {x->from * s.width - 1, (x->to + 1) * s.width, llround(x->expected),
                               x->to - x->from + 1, x->to == s.end};
        if (x->unlikely >= limit && x->expected >= least)
            g_array_append_val(out, told);
    }
    return s.width;
}
