/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/rotation.h"

#define NUMBER_DIGITS 4 /* of a rotation's number; more is a date, or part of the name */
#define DATED (INT64_C(1) << 50)
#define DATE_DIGITS 14 /* dates are compared as YYYYMMDDhhmmss */
#define YEAR (INT64_C(366) * 24 * 3600 * 1000000)
#define BACK (YEAR / 4 * 3)

static size_t digits_before(struct hc_str name)
{
    size_t n = 0;

    while (n < name.n && g_ascii_isdigit(name.p[name.n - 1 - n]))
        n++;
    return n;
}

/* Cuts `suffix` off, unless nothing would be left. */
static bool cut(struct hc_str *name, const char *suffix)
{
    bool ends = name->n > strlen(suffix) && hc_str_ends(*name, suffix);

    if (ends)
        name->n -= strlen(suffix);
    return ends;
}

static int64_t number(struct hc_str digits)
{
    int64_t value = 0;

    for (size_t i = 0; i < digits.n; i++)
        value = value * 10 + (digits.p[i] - '0');
    return value;
}

/* Later dates are younger. */
static int64_t age_of_date(struct hc_str digits)
{
    int64_t value = number(digits);

    for (size_t n = digits.n; n < DATE_DIGITS; n++)
        value *= 10;
    return DATED - value;
}

static bool is_date(struct hc_str digits)
{
    int64_t year = number(hc_str_head(digits, 4)), month = number(hc_str_head(hc_str_skip(digits, 4), 2));
    int64_t day = number(hc_str_head(hc_str_skip(digits, 6), 2));

    return year >= 1970 && year < 2250 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* "2023-11-26" at the end, as eight digits. */
static bool dashed(struct hc_str *name, char out[8])
{
    static const char form[] = "dddd-dd-dd";
    const size_t n = sizeof form - 1;
    const char *p;
    size_t k = 0;

    if (name->n <= n)
        return false;
    p = name->p + name->n - n;
    for (size_t i = 0; i < n; i++) {
        if (form[i] == 'd' ? !g_ascii_isdigit(p[i]) : p[i] != '-')
            return false;
        if (form[i] == 'd')
            out[k++] = p[i];
    }
    name->n -= n;
    return true;
}

static bool ends_stem(struct hc_str name, const char *marks)
{
    return name.n > 1 && strchr(marks, name.p[name.n - 1]) != NULL;
}

/* The rotation at the end of `name`, which is cut off; 0: there is none. */
static int64_t take_age(struct hc_str *name)
{
    struct hc_str rest = *name;
    char date[8];
    size_t n;

    if (cut(name, ".old"))
        return 1;
    if (dashed(&rest, date) && ends_stem(rest, ".-_") && is_date(hc_str_n(date, 8))) {
        name->n = rest.n - 1;
        return age_of_date(hc_str_n(date, 8));
    }
    n = digits_before(*name);
    rest = hc_str_head(*name, name->n - n);
    if (n >= 8 && n <= DATE_DIGITS && ends_stem(rest, ".-_") && is_date(hc_str_skip(*name, rest.n))) {
        const int64_t age = age_of_date(hc_str_skip(*name, rest.n));
        name->n = rest.n - 1;
        return age;
    }
    if (n == 0 || n > NUMBER_DIGITS || !ends_stem(rest, "."))
        return 0;
    name->n = rest.n - 1;
    return 1 + number(hc_str_n(rest.p + rest.n, n));
}

struct hc_rotation hc_rotation_of(const char *path)
{
    static const char *const packed[] = {".gz", ".xz", ".zst", ".bz2", ".lzma", ".Z"};
    const char *slash = strrchr(path, '/');
    const size_t dir = slash ? (size_t)(slash + 1 - path) : 0;
    struct hc_str name = hc_str(path + dir);
    struct hc_rotation out = {0};
    bool log;

    for (size_t i = 0; i < G_N_ELEMENTS(packed); i++)
        if (cut(&name, packed[i]))
            break;
    out.age = take_age(&name);
    log = !out.age && cut(&name, ".log");
    if (log)
        out.age = take_age(&name);
    out.stem = g_strdup_printf("%.*s%.*s%s", (int)dir, path, HC_STR_ARG(name), log ? ".log" : "");
    return out;
}

bool hc_rotation_is_order(const GPtrArray *items, const char *(*name_of)(const void *item))
{
    int64_t before = INT64_MAX;

    for (guint i = 0; i < items->len; i++) {
        struct hc_rotation r = hc_rotation_of(name_of(items->pdata[i]));
        g_free(r.stem);
        if (r.age > before)
            return false;
        before = r.age;
    }
    return true;
}

/* How far it is from `a` on to `b`; where years are not written, as the calendar goes round. */
static int64_t step(const struct hc_beginning *a, const struct hc_beginning *b)
{
    int64_t d = b->local - a->local;

    return (a->yearless || b->yearless) && d < 0 ? d + YEAR : d;
}

struct dated {
    const struct hc_beginning *begins;
    size_t at;
};

static int by_time(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    int64_t left = x->begins->local, right = y->begins->local;

    return left != right ? (left < right ? -1 : 1) : x->at < y->at ? -1 : 1;
}

/* Years that are not written: the longest silence lies between the newest and the oldest. */
static size_t oldest(const struct dated *dated, size_t n)
{
    size_t first = 0;
    int64_t longest = -1;

    for (size_t i = 0; i < n; i++) {
        const struct dated *before = &dated[(i + n - 1) % n];
        int64_t gap = dated[i].begins->local - before->begins->local + (i ? 0 : YEAR);
        if (!dated[i].begins->yearless)
            return 0;
        if (gap > longest) {
            longest = gap;
            first = i;
        }
    }
    return first;
}

/*
 * Without years a fall can be a new one: only what would be most of a year is a contradiction. Where the
 * files span more than a year, or only some have years, the times cannot contradict the names.
 */
static bool goes_forward(const struct dated *dated, size_t n)
{
    int64_t sum = 0;
    bool back = false, mixed = false;

    for (size_t i = 1; i < n; i++) {
        int64_t d = step(dated[i - 1].begins, dated[i].begins);
        mixed = mixed || dated[i].begins->yearless != dated[0].begins->yearless;
        back = back || d < 0 || (dated[i].begins->yearless && d > BACK);
        sum += d <= BACK ? d : 0;
    }
    return !back || mixed || (dated[0].begins->yearless && sum >= YEAR);
}

/* The dated ones in their order, each with those undated that stood behind it; what stood before all of them
 * stays there. */
static void put_in_order(const struct hc_beginning *begins, size_t n, const struct dated *dated,
                         size_t n_dated, size_t first, size_t *order)
{
    size_t k = 0;

    for (size_t i = 0; i < n && !begins[i].known; i++)
        order[k++] = i;
    for (size_t d = 0; d < n_dated; d++) {
        size_t i = dated[(first + d) % n_dated].at;
        order[k++] = i;
        for (i++; i < n && !begins[i].known; i++)
            order[k++] = i;
    }
}

bool hc_rotation_check(const struct hc_beginning *begins, size_t n, size_t *order)
{
    g_autofree struct dated *dated = g_new(struct dated, n + 1);
    size_t n_dated = 0;

    for (size_t i = 0; i < n; i++)
        if (begins[i].known)
            dated[n_dated++] = (struct dated){&begins[i], i};
    if (goes_forward(dated, n_dated)) {
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        return true;
    }
    qsort(dated, n_dated, sizeof(*dated), by_time);
    put_in_order(begins, n, dated, n_dated, oldest(dated, n_dated), order);
    return false;
}
