/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/log/steps.h"

#define US_PER_DAY (24 * 3600 * HC_US_PER_S)
#define FALL (HC_CLOCK_BACK_DAYS * US_PER_DAY)
#define LEAP (HC_CLOCK_LEAP_DAYS * US_PER_DAY)

static bool is_near(int64_t a, int64_t b)
{
    return ABS(a - b) < FALL;
}

static void add_silence(struct hc_steps *s, int64_t from, int64_t to, struct hc_stand at)
{
    if (s->n == HC_CLOCK_SILENCES) {
        s->silences[0].to = s->silences[1].to;
        memmove(&s->silences[1], &s->silences[2], (HC_CLOCK_SILENCES - 2) * sizeof s->silences[0]);
        s->n--;
    }
    s->silences[s->n++] = (struct hc_silence){from, to, at};
}

/* The first silence that ends later than the times have fallen to; `n` where there is none. */
static unsigned silence_over(const struct hc_steps *s, int64_t to)
{
    unsigned i = 0;

    while (i < s->n && s->silences[i].to <= to + FALL)
        i++;
    return i;
}

/* True: back to where a silence began, so that the lines behind it were astray. */
static bool fall(struct hc_steps *s, int64_t last, int64_t to, struct hc_stand at, struct hc_doubted *doubted)
{
    const unsigned i = silence_over(s, to);
    const bool silent = i < s->n, back = silent && is_near(to, s->silences[i].from);

    s->leapt = s->leapt && !is_near(to, s->leapt_from);
    if (back) {
        *doubted = (struct hc_doubted){s->silences[i].at, at};
        s->n = i;
        return true;
    }
    s->fell = true;
    s->fell_from = last;
    s->maybe = silent;
    if (silent)
        s->before = (struct hc_doubted){s->silences[i].at, at};
    return false;
}

bool hc_steps_take(struct hc_steps *s, int64_t last, int64_t step, struct hc_stand at,
                   struct hc_doubted *doubted)
{
    if (s->fell) { /* all is in doubt: what counts is whether they come back */
        s->fell = step <= FALL || !is_near(last + step, s->fell_from);
        s->maybe = s->maybe && s->fell;
        return false;
    }
    if (step < -FALL)
        return fall(s, last, last + step, at, doubted);
    if (step > FALL)
        add_silence(s, last, last + step, at);
    if (step > LEAP && !s->leapt) {
        s->leapt = true;
        s->leapt_from = last;
    }
    return false;
}

bool hc_steps_end(struct hc_steps *s, struct hc_doubted *doubted)
{
    const bool maybe = s->maybe;

    *doubted = s->before;
    memset(s, 0, sizeof *s);
    return maybe;
}

struct hc_str hc_steps_doubt(const struct hc_steps *s)
{
    if (s->fell)
        return HC_STR_LIT("year assumed: lines before it fall back by days");
    return s->leapt
               ? HC_STR_LIT(
                     "year assumed: lines before it leap ahead by months, which may be a year and months")
               : HC_STR_NONE;
}
