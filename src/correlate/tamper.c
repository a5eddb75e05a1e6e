/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables that a service only adds to number their rows: in the time of an incident, are numbers missing,
 * are rows gone from a later dump, does a time run against the numbers, were rows written again?
 */
#include "src/correlate/rule.h"
#include "src/correlate/serials.h"
#include "src/correlate/world.h"

#include "src/base/words.h"

#define ROWS_MAX 200000 /* of a table in a dump; of fuller ones a shorter time is looked at */
#define KNOWN_MAX                                                                                            \
    2000000 /* rows of a table in a dump that are read once for all incidents; of fuller ones for each of    \
               them */
#define MANY 20        /* incidents: around more than these a shorter time is looked at */
#define OTHERS_MIN 100 /* rows around an incident before it is known how many numbers are missing there */
#define ODDS 1000      /* chance would leave so many numbers out in fewer than one of them */
#define AGAINST_MIN (10 * 60 * HC_US_PER_S) /* no transaction that writes a row is open for longer */
#define AGAINST_SHOWN 20 /* rows of one table and incident; how many more there are is said */
/* where more than one of so many rows is out of order, space is used again and order tells nothing */
#define ORDER_SHARE 10

static const int64_t around[] = {30 * 86400 * HC_US_PER_S, 3 * 86400 * HC_US_PER_S, 0};

struct numbered {
    int64_t number, time, until, event, record;
    bool masked;
};

struct dump {
    int64_t source;
    char *path;
    bool ordered;  /* rows stand as they lie */
    GArray *known; /* struct numbered, by time: around all incidents; NULL: too many */
    GArray *rows;  /* struct numbered, by number: around one of them */
};

struct span {
    int64_t from, to;
};

/* A table, seen around an incident. */
struct look {
    struct world *w;
    int64_t type, from, to; /* the time of the incident */
    char *table, *field;
    GPtrArray *dumps; /* struct dump *, the earlier first */
    GArray *all;      /* struct numbered of all of them, each number once */
};

static void dump_free(void *data)
{
    struct dump *d = data;

    g_free(d->path);
    if (d->known)
        g_array_unref(d->known);
    g_array_unref(d->rows);
    g_free(d);
}

static const struct numbered *row_at(const GArray *rows, guint i)
{
    return &g_array_index(rows, struct numbered, i);
}

static bool is_inside(const struct look *l, const struct numbered *r)
{
    return r->time <= l->to && r->until >= l->from;
}

static int by_number(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->time != y->time ? (x->time < y->time ? -1 : 1) : (x->event > y->event) - (x->event < y->event);
}

/* ---- reading ---- */

static int read_rows(const struct look *l, int64_t source, struct span span, int64_t most, GArray *rows,
                     GError **error)
{
    hc_stmt *st = hc_db_query(l->w->db, "tamper", "rows", "itiiii", l->type, l->field, span.from, span.to,
                              source, most + 1);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const struct numbered r = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2),
                                   hc_col_int(st, 3), hc_col_int(st, 4), hc_col_int(st, 5)};
        g_array_append_val(rows, r);
    }
    return rc;
}

static guint first_since(const GArray *rows, int64_t time)
{
    guint low = 0, high = rows->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (row_at(rows, middle)->time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Most tables give their numbers in the order of time. */
static void sort_by_number(GArray *rows)
{
    for (guint i = 1; i < rows->len; i++)
        if (by_number(row_at(rows, i - 1), row_at(rows, i)) > 0) {
            g_array_sort(rows, by_number);
            return;
        }
}

static bool fill_rows(const struct look *l, const struct dump *d, int64_t margin, GError **error)
{
    const struct span span = {l->from - margin, l->to + margin};

    g_array_set_size(d->rows, 0);
    if (d->known) {
        guint first = first_since(d->known, span.from), end = first_since(d->known, span.to + 1);
        g_array_append_vals(d->rows, row_at(d->known, first), MIN(end - first, ROWS_MAX + 1));
    } else if (read_rows(l, d->source, span, ROWS_MAX, d->rows, error) < 0) {
        return false;
    }
    sort_by_number(d->rows);
    return true;
}

/* As much of the time around the incident as is not too much; false with no error: even its own time is. */
static bool read_around(const struct look *l, bool many, GError **error)
{
    for (size_t i = many; i < G_N_ELEMENTS(around); i++) {
        bool fits = true;
        for (guint k = 0; fits && k < l->dumps->len; k++) {
            const struct dump *d = l->dumps->pdata[k];
            if (!fill_rows(l, d, around[i], error))
                return false;
            fits = d->rows->len <= ROWS_MAX;
        }
        if (fits)
            return true;
    }
    return false;
}

static bool read_known(const struct look *l, struct dump *d, struct span all, GError **error)
{
    const struct span span = {all.from - around[0], all.to + around[0]};

    d->known = g_array_new(FALSE, FALSE, sizeof(struct numbered));
    if (read_rows(l, d->source, span, KNOWN_MAX, d->known, error) < 0)
        return false;
    if (d->known->len > KNOWN_MAX)
        g_clear_pointer(&d->known, g_array_unref);
    return true;
}

static bool read_dumps(struct look *l, int64_t realm, struct span all, GError **error)
{
    hc_stmt *st = hc_db_query(l->w->db, "tamper", "sources", "ti", l->table, realm);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct dump *d = g_new0(struct dump, 1);
        d->source = hc_col_int(st, 0);
        d->path = hc_col_dup(st, 1);
        d->ordered = hc_col_int(st, 2);
        d->rows = g_array_new(FALSE, FALSE, sizeof(struct numbered));
        g_ptr_array_add(l->dumps, d);
    }
    for (guint i = 0; rc == 0 && i < l->dumps->len; i++)
        if (!read_known(l, l->dumps->pdata[i], all, error))
            return false;
    return rc == 0;
}

static void merge(struct look *l)
{
    guint kept = 0;

    g_array_set_size(l->all, 0);
    for (guint k = 0; k < l->dumps->len; k++) {
        const struct dump *d = l->dumps->pdata[k];
        g_array_append_vals(l->all, d->rows->data, d->rows->len);
    }
    sort_by_number(l->all);
    for (guint i = 0; i < l->all->len; i++)
        if (!i || row_at(l->all, i)->number != row_at(l->all, i - 1)->number)
            g_array_index(l->all, struct numbered, kept++) = *row_at(l->all, i);
    g_array_set_size(l->all, kept);
}

/* ---- telling ---- */

/* A note at the record of an event, and that of another unless that is 0. `pairs`: the words of its
 * message. */
static bool tell(const struct look *l, const char *file, int64_t event, int64_t other, const char *what,
                 const char *const *pairs, GError **error)
{
    g_autoptr(rule_t) rule = rule_load(file, error);
    g_autofree char *message = rule ? hc_words_fill(rule->message, pairs) : NULL, *key = NULL;
    char when[HC_UTC_TEXT];
    hc_stmt *at = hc_db_query(l->w->db, "coverage", "place_of_event", "i", event);
    int64_t finding;

    if (!rule || hc_step(at, error) != 1)
        return false;
    key = g_strdup_printf("%s %s", l->table, hc_utc_format(l->from, when));
    if (!hc_exec(hc_db_query(l->w->db, "correlate", "add_note", "ttttiiiit", rule->id, rule->level,
                             rule->title, message, hc_col_int(at, 0), hc_col_int(at, 1), hc_col_int(at, 2),
                             hc_col_int(at, 3), key),
                 error))
        return false;
    finding = hc_db_last_id(l->w->db);
    at = hc_db_query(l->w->db, "coverage", "place_of_event", "i", other);
    return !other || (hc_step(at, error) == 1 &&
                      hc_exec(hc_db_query(l->w->db, "correlate", "add_finding_place", "iitiiii", finding,
                                          INT64_C(1), what, hc_col_int(at, 0), hc_col_int(at, 1),
                                          hc_col_int(at, 2), hc_col_int(at, 3)),
                              error));
}

static char *number_text(int64_t n)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, n);
}

/* ---- times against numbers ---- */

static bool tell_against(const struct look *l, const struct numbered *r, int64_t from, int64_t to, guint more,
                         GError **error)
{
    char when[HC_UTC_TEXT], first[HC_UTC_TEXT], last[HC_UTC_TEXT];
    g_autofree char *id = number_text(r->number),
                    *until = more ? g_strdup_printf("%s; %u more rows are so", hc_utc_format(to, last), more)
                                  : g_strdup(hc_utc_format(to, last));
    const char *const pairs[] = {"id",    id,
                                 "table", l->table,
                                 "time",  hc_utc_format(r->time, when),
                                 "from",  hc_utc_format(from, first),
                                 "to",    until,
                                 NULL};

    return tell(l, "reports/rules/evidence-time-against-id.yaml", r->event, 0, NULL, pairs, error);
}

/* Around a row that is out of order: the latest before it and the earliest behind it that are in order. */
static void bracket(const GArray *rows, const bool *outside, guint at, int64_t *from, int64_t *to)
{
    *from = INT64_MIN;
    *to = INT64_MAX;
    for (guint i = at; i-- > 0 && *from == INT64_MIN;)
        if (!outside[i])
            *from = row_at(rows, i)->time;
    for (guint i = at + 1; i < rows->len && *to == INT64_MAX; i++)
        if (!outside[i])
            *to = row_at(rows, i)->until;
    if (*from == INT64_MIN)
        *from = *to;
    if (*to == INT64_MAX)
        *to = *from;
}

static bool is_against(const struct look *l, const struct numbered *r, int64_t from, int64_t to)
{
    return (r->until < from - AGAINST_MIN || r->time > to + AGAINST_MIN) &&
           (is_inside(l, r) || (from <= l->to && to >= l->from));
}

static bool times_against(const struct look *l, GError **error)
{
    g_autofree int64_t *keys = g_new(int64_t, l->all->len + 1);
    g_autofree bool *outside = g_new(bool, l->all->len + 1);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint));
    bool ok = true;

    for (guint i = 0; i < l->all->len; i++)
        keys[i] = row_at(l->all, i)->time;
    if (!serials_outside(keys, l->all->len, outside))
        return true;
    for (guint i = 0; i < l->all->len; i++) {
        int64_t from, to;
        if (!outside[i])
            continue;
        bracket(l->all, outside, i, &from, &to);
        if (is_against(l, row_at(l->all, i), from, to))
            g_array_append_val(found, i);
    }
    for (guint k = 0; ok && k < MIN(found->len, AGAINST_SHOWN); k++) {
        guint i = g_array_index(found, guint, k);
        int64_t from, to;
        bracket(l->all, outside, i, &from, &to);
        ok = tell_against(l, row_at(l->all, i), from, to,
                          k + 1 == AGAINST_SHOWN ? found->len - AGAINST_SHOWN : 0, error);
    }
    return ok;
}

/* ---- numbers that are missing ---- */

struct count {
    int64_t rows, missing, others, others_missing;
    const struct numbered *before,
        *after; /* the first that is missing in the time of the incident lies between them */
};

/*
 * Numbers of a run that rows of quite another time have: they are there, and their time runs against them.
 * Returns how many; -1: failed.
 */
static int64_t found_elsewhere(const struct look *l, const struct numbered *a, const struct numbered *b,
                               GError **error)
{
    hc_stmt *st =
        hc_db_query(l->w->db, "tamper", "elsewhere", "itii", l->type, l->field, a->number + 1, b->number - 1);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct numbered));
    int64_t n = 0, last = a->number;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const struct numbered r = {.number = hc_col_int(st, 0),
                                   .time = hc_col_int(st, 1),
                                   .until = hc_col_int(st, 2),
                                   .event = hc_col_int(st, 3)};
        n += r.number != last;
        if (r.number != last && found->len < AGAINST_SHOWN)
            g_array_append_val(found, r);
        last = r.number;
    }
    for (guint i = 0; rc == 0 && i < found->len; i++)
        if (!tell_against(l, row_at(found, i), a->time, b->until,
                          i + 1 == AGAINST_SHOWN ? (guint)(n - AGAINST_SHOWN) : 0, error))
            rc = -1;
    return rc < 0 ? -1 : n;
}

static struct count count_numbers(const struct look *l)
{
    struct count c = {0};

    for (guint i = 0; i < l->all->len; i++) {
        const struct numbered *r = row_at(l->all, i), *before = i ? r - 1 : NULL;
        int64_t missing = before ? r->number - before->number - 1 : 0;
        *(is_inside(l, r) ? &c.rows : &c.others) += 1;
        if (!missing)
            continue;
        if (before->time > l->to || r->until < l->from) {
            c.others_missing += missing;
            continue;
        }
        c.missing += missing;
        if (!c.before) {
            c.before = before;
            c.after = r;
        }
    }
    return c;
}

static bool numbers_missing(const struct look *l, GError **error)
{
    struct count c = count_numbers(l);
    g_autofree char *n = NULL, *all = NULL, *others = NULL, *others_missing = NULL, *id = NULL;

    if (!c.missing || c.others < OTHERS_MIN ||
        serials_chance(c.rows + c.missing, c.missing, c.others + c.others_missing, c.others_missing) * ODDS >=
            1)
        return true;
    for (guint i = 1; i < l->all->len; i++) {
        const struct numbered *a = row_at(l->all, i - 1), *b = a + 1;
        int64_t there = b->number - a->number == 1 || a->time > l->to || b->until < l->from
                            ? 0
                            : found_elsewhere(l, a, b, error);
        if (there < 0)
            return false;
        c.missing -= there;
    }
    if (c.missing <= 0 ||
        serials_chance(c.rows + c.missing, c.missing, c.others + c.others_missing, c.others_missing) * ODDS >=
            1)
        return true;
    n = number_text(c.missing);
    all = number_text(c.rows + c.missing);
    others = number_text(c.others + c.others_missing);
    others_missing = number_text(c.others_missing);
    id = number_text(c.before->number);
    const char *const pairs[] = {
        "n",  n,  "all",   all,      "others", others, "others_missing", others_missing,
        "id", id, "table", l->table, NULL};
    return tell(l, "reports/rules/evidence-ids-missing.yaml", c.before->event, c.after->event,
                "the first row behind them", pairs, error);
}

/* ---- rows that a later dump does not hold ---- */

static bool has_number(const struct dump *d, int64_t number)
{
    const struct numbered key = {.number = number, .time = INT64_MIN};
    guint low = 0, high = d->rows->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (by_number(row_at(d->rows, middle), &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->rows->len && row_at(d->rows, low)->number == number;
}

static bool rows_gone(const struct look *l, const struct dump *earlier, const struct dump *later,
                      GError **error)
{
    const struct numbered *first = NULL;
    int64_t gone = 0;
    g_autofree char *n = NULL, *id = NULL;

    for (guint i = 0; i < earlier->rows->len; i++) {
        const struct numbered *r = row_at(earlier->rows, i);
        bool again = i && row_at(earlier->rows, i - 1)->number == r->number;
        if (again || has_number(later, r->number))
            continue;
        first = first ? first : r;
        gone++;
    }
    if (!gone || !later->rows->len)
        return true;
    n = number_text(gone);
    id = number_text(first->number);
    const char *const pairs[] = {"n",     n,           "table", l->table, "earlier", earlier->path,
                                 "later", later->path, "id",    id,       NULL};
    return tell(l, "reports/rules/evidence-rows-gone.yaml", first->event, 0, NULL, pairs, error);
}

/* ---- rows that were written again ---- */

static int by_record(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;

    return (x->record > y->record) - (x->record < y->record);
}

static bool rows_rewritten(const struct look *l, const struct dump *d, GError **error)
{
    g_autoptr(GArray) rows = g_array_copy(d->rows);
    g_autofree int64_t *keys = g_new(int64_t, rows->len + 1);
    g_autofree bool *outside = g_new(bool, rows->len + 1);
    const struct numbered *first = NULL;
    int64_t found = 0;
    g_autofree char *n = NULL, *id = NULL;

    g_array_sort(rows, by_record);
    for (guint i = 0; i < rows->len; i++)
        keys[i] = row_at(rows, i)->number;
    if (serials_outside(keys, rows->len, outside) > rows->len / ORDER_SHARE)
        return true;
    for (guint i = 0; i < rows->len; i++) {
        const struct numbered *r = row_at(rows, i);
        if (!outside[i] || r->masked || !is_inside(l, r))
            continue;
        first = first ? first : r;
        found++;
    }
    if (!found)
        return true;
    n = number_text(found);
    id = number_text(first->number);
    const char *const pairs[] = {"n", n, "table", l->table, "id", id, NULL};
    return tell(l, "reports/rules/evidence-rows-rewritten.yaml", first->event, 0, NULL, pairs, error);
}

/* ---- all of it ---- */

static bool look_around(struct look *l, bool many, GError **error)
{
    bool ok;

    if (!read_around(l, many, error))
        return !*error; /* too many rows are no failure */
    merge(l);
    ok = times_against(l, error) && numbers_missing(l, error);
    for (guint k = 0; ok && k < l->dumps->len; k++) {
        const struct dump *d = l->dumps->pdata[k];
        ok = (!d->ordered || rows_rewritten(l, d, error)) &&
             (!k || rows_gone(l, l->dumps->pdata[k - 1], d, error));
    }
    return ok;
}

static bool look_at_table(struct world *w, hc_stmt *table, const GArray *incidents, struct span around_all,
                          GError **error)
{
    g_autofree char *name = hc_col_dup(table, 1), *field = hc_col_dup(table, 2);
    g_autoptr(GPtrArray) dumps = g_ptr_array_new_with_free_func(dump_free);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct numbered));
    struct look l = {w, hc_col_int(table, 0), 0, 0, name, field, dumps, all};
    bool ok = read_dumps(&l, hc_col_int(table, 3), around_all, error);

    for (guint i = 0; ok && i < incidents->len; i++) {
        const struct span *of = &g_array_index(incidents, struct span, i);
        l.from = of->from;
        l.to = of->to;
        ok = look_around(&l, incidents->len > MANY, error);
    }
    return ok;
}

/* The times of the incidents, in order; `*all`: from the first to the last of them. */
static bool read_incidents(struct world *w, GArray *incidents, struct span *all, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "tamper", "times");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        const struct span of = {hc_col_int(st, 1), hc_col_int(st, 2)};
        all->from = incidents->len ? MIN(all->from, of.from) : of.from;
        all->to = incidents->len ? MAX(all->to, of.to) : of.to;
        g_array_append_val(incidents, of);
    }
    return rc == 0;
}

bool pass_tamper(struct world *w, GError **error)
{
    g_autoptr(GArray) incidents = g_array_new(FALSE, FALSE, sizeof(struct span));
    struct span all = {0, 0};
    hc_stmt *tables;
    bool ok = read_incidents(w, incidents, &all, error);
    int rc = 0;

    if (!ok || !incidents->len)
        return ok;
    tables = hc_db_query(w->db, "tamper", "tables", "i", (int64_t)HC_ENTITY_TYPE);
    while (ok && (rc = hc_step(tables, error)) == 1)
        ok = look_at_table(w, tables, incidents, all, error);
    hc_stmt_reset(tables);
    return ok && rc == 0;
}
