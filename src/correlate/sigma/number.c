/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/number.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define EXPONENT_MAX 1000000 /* of a number that is written with one; more than any double has */

/* What every field is asked; most are names, addresses and times. */
static bool looks_like_number(struct hc_str text)
{
    size_t points = 0;

    if (!text.n || text.n >= HC_NUMBER_MAX || g_ascii_isalpha(text.p[0]))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        points += c == '.';
        if (points > 1 || (!g_ascii_isdigit(c) && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E'))
            return false;
    }
    return true;
}

bool hc_number_read(struct hc_str text, struct hc_number *number)
{
    char copy[HC_NUMBER_MAX], *end;

    if (!looks_like_number(text))
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    *number = (struct hc_number){g_ascii_strtod(copy, &end), text};
    return !*end && isfinite(number->nearest);
}

bool hc_number_of(struct hc_str text, double *number)
{
    struct hc_number n;

    if (!hc_number_read(text, &n))
        return false;
    *number = n.nearest;
    return true;
}

/* 0.DIGITS times ten to the power of `point`; no digits: nothing. */
struct decimal {
    bool negative;
    char digits[HC_NUMBER_MAX]; /* neither begins nor ends with 0 */
    size_t n;
    long point;
};

static long exponent_of(struct hc_str text)
{
    bool negative = text.n && text.p[0] == '-';
    long value = 0;

    for (size_t i = text.n && !g_ascii_isdigit(text.p[0]); i < text.n && value < EXPONENT_MAX; i++)
        value = 10 * value + (text.p[i] - '0');
    return negative ? -value : value;
}

static struct decimal decimal_of(struct hc_str text)
{
    struct decimal d = {.negative = text.n && text.p[0] == '-'};
    bool behind = false; /* the point */
    size_t i = text.n && (text.p[0] == '-' || text.p[0] == '+');

    for (; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
        if (text.p[i] == '.') {
            behind = true;
            continue;
        }
        if (d.n || text.p[i] != '0')
            d.digits[d.n++] = text.p[i];
        d.point += d.n && !behind ? 1 : !d.n && behind ? -1 : 0;
    }
    if (i < text.n)
        d.point += exponent_of(hc_str_skip(text, i + 1));
    while (d.n && d.digits[d.n - 1] == '0')
        d.n--;
    return d;
}

/* Of two that are more than nothing. */
static int compare_sizes(const struct decimal *a, const struct decimal *b)
{
    int order;

    if (a->point != b->point)
        return a->point < b->point ? -1 : 1;
    order = memcmp(a->digits, b->digits, MIN(a->n, b->n));
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

bool hc_number_whole(struct hc_str text, int64_t *whole)
{
    struct hc_number number;
    struct decimal d;
    uint64_t value = 0;

    if (!hc_number_read(text, &number) || fabs(number.nearest) > 0x1p63)
        return false;
    d = decimal_of(text);
    if (d.n && (d.point < (long)d.n || d.point > 19)) /* it has a fraction, or too many digits */
        return false;
    for (long i = 0; d.n && i < d.point; i++) /* 19 digits are less than 2^64 */
        value = 10 * value + (i < (long)d.n ? (uint64_t)(d.digits[i] - '0') : 0);
    if (value > (uint64_t)INT64_MAX + d.negative)
        return false;
    *whole = d.negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static int sign_of(const struct decimal *d)
{
    return !d->n ? 0 : d->negative ? -1 : 1;
}

/* Rounding keeps the order: what differs as doubles differs so as it is written. */
int hc_number_compare(const struct hc_number *a, const struct hc_number *b)
{
    struct decimal x, y;

    if (a->nearest < b->nearest || a->nearest > b->nearest)
        return a->nearest < b->nearest ? -1 : 1;
    if (hc_str_eq(a->text, b->text))
        return 0;
    x = decimal_of(a->text);
    y = decimal_of(b->text);
    if (sign_of(&x) != sign_of(&y) || !x.n)
        return sign_of(&x) - sign_of(&y);
    return x.negative ? compare_sizes(&y, &x) : compare_sizes(&x, &y);
}
