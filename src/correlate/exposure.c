/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long each project of an incident was in the hands of those who are accused, what was released in that
 * time, and how often it was downloaded where case.yaml says that.
 */
#include "src/correlate/metric.h"

#include "src/base/json.h"
#include "src/base/text.h"

#define NAMED_MAX 100 /* releases that are named; all are counted */

struct exposure {
    int64_t incident, project;
    struct end from, to;
    int64_t least, most; /* microseconds; -1: not known */
    int64_t releases;    /* -1: cannot be told */
    GString *named;      /* a JSON array of texts */
};

/* To the last instant that it may have lasted. */
static int64_t latest(const struct exposure *x)
{
    return x->to.act ? x->to.until : INT64_MAX / 1024 - 1;
}

static bool count_releases(struct world *w, struct exposure *x, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "releases_between", "iiii", x->project, x->from.time, latest(x),
                              (int64_t)HC_ACTION_RELEASE_CREATE);
    int rc;

    for (; (rc = hc_step(st, error)) == 1; x->releases++) {
        if (x->releases >= NAMED_MAX)
            continue;
        g_string_append(x->named, x->releases ? ", " : "");
        hc_text_json(x->named, hc_col_text(st, 0));
    }
    if (rc < 0 || x->releases)
        return rc == 0;
    st = hc_db_query(w->db, "scope", "claim_verdict", "it", x->incident, "no-release-change");
    if (hc_step(st, NULL) != 1 || hc_str_is(hc_col_text(st, 0), "cannot-be-told"))
        x->releases = -1;
    hc_stmt_reset(st);
    return true;
}

static bool is_on(struct world *w, int64_t project, const char *name)
{
    g_autofree char *is = name_of(w, project), *a = hc_text_fold(hc_str(is)), *b = hc_text_fold(hc_str(name));

    return strcmp(a, b) == 0;
}

/* Counts of periods that lie in it for certain, and of those that may; both -1 where none is given. */
static void count_downloads(struct world *w, const struct exposure *x, int64_t *least, int64_t *most)
{
    int64_t ends = x->to.act ? x->to.time : INT64_MAX / 1024 - 1;

    *least = *most = -1;
    for (size_t i = 0; i < w->c->n_downloads; i++) {
        const struct hc_case_downloads *d = &w->c->downloads[i];
        if (!is_on(w, x->project, d->project))
            continue;
        *least = MAX(*least, 0) + (d->from >= x->from.until && d->to <= ends ? d->count : 0);
        *most = MAX(*most, 0) + (d->to >= x->from.time && d->from <= latest(x) ? d->count : 0);
    }
}

static bool add_exposure(struct world *w, struct exposure *x, GError **error)
{
    int64_t least, most;

    x->named = g_string_new("[");
    if (!count_releases(w, x, error)) {
        g_string_free(x->named, TRUE);
        return false;
    }
    g_string_append_c(x->named, ']');
    count_downloads(w, x, &least, &most);
    if (!x->to.act || !time_between(&x->from, &x->to, &x->least, &x->most))
        x->least = x->most = -1;
    bool ok = hc_exec(hc_db_query(w->db, "scope", "add_exposure", "iiiniiitii", x->incident, x->project,
                                  x->from.act, x->to.act, x->least, x->most, x->releases, x->named->str,
                                  least, most),
                      error);
    g_string_free(x->named, TRUE);
    return ok;
}

static bool expose(struct world *w, int64_t incident, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "scope", "projects_of", "i", incident);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct exposure x = {.incident = incident, .project = hc_col_int(st, 0)};
        x.from = read_end(hc_db_query(w->db, "scope", "gained", "iiiii", incident, x.project,
                                      (int64_t)HC_ACTION_ROLE_ACCEPT, (int64_t)HC_ACTION_ROLE_ADD,
                                      (int64_t)HC_ACTION_ROLE_CHANGE));
        if (!x.from.act)
            x.from = read_end(hc_db_query(w->db, "scope", "first_step_on", "ii", incident, x.project));
        x.to = read_end(hc_db_query(w->db, "scope", "lost", "iiiiiii", incident, x.project, x.from.until,
                                    (int64_t)HC_ACTION_ROLE_REMOVE, (int64_t)HC_ACTION_ACCOUNT_FREEZE,
                                    (int64_t)HC_ACTION_ACCOUNT_DELETE, x.from.act));
        ok = !x.from.act || add_exposure(w, &x, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static bool expose_all(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "incidents");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = !hc_col_int(st, 1) || expose(w, hc_col_int(st, 0), error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool pass_exposure(struct world *w, GError **error)
{
    return hold_rows(w, error) && expose_all(w, error) && drop_rows(w, error);
}
