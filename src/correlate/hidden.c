/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the coverage of the sources hides of an incident: silences, beginnings and ends, retention, rows that
 * are gone.
 */
#include "src/correlate/conclude.h"

#define LOOK_BACK                                                                                            \
    (7 * 86400 * HC_US_PER_S) /* before the first act of an incident its way may have been prepared */

/* Gaps of one kind: the first is called by it alone, those after it have a number. */
static char *gap_name(const char *kind, int *n)
{
    return ++*n > 1 ? g_strdup_printf("%s %d", kind, *n) : g_strdup(kind);
}

static bool add_gap(struct world *w, const struct conclusion *c, const char *name, struct facts *f,
                    GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_gap", "itnnt", c->incident, name, INT64_C(0),
                               INT64_C(0), facts_text(f)),
                   error);
}

static bool cite_event(struct world *w, const struct conclusion *c, const char *name, int64_t event,
                       const char *text, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "place_of_event", "i", event);
    struct place at = {0};

    if (event && hc_step(st, NULL) == 1)
        at = (struct place){hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3)};
    hc_stmt_reset(st);
    return !at.source || add_cite(w, c, "gap", name, "edge", at, text, error);
}

static void fact_stream(struct facts *f, hc_stmt *st, int name, int sources)
{
    g_autofree char *text = hc_col_dup(st, name);

    fact_text(f, "source", text);
    if (hc_col_int(st, sources) > 1)
        fact_int(f, "more", hc_col_int(st, sources) - 1);
}

static void fact_hides(struct facts *f, hc_stmt *st, int column)
{
    g_autofree char *tells = hc_col_dup(st, column);

    if (tells && *tells)
        fact_text(f, "hides", tells);
}

static bool silence_gap(struct world *w, const struct conclusion *c, hc_stmt *st, int *n, int *missing,
                        GError **error)
{
    g_autofree char *kind = hc_col_dup(st, 2), *file = hc_col_dup(st, 10);
    bool of_file = strcmp(kind, "file") == 0;
    g_autofree char *name = gap_name(of_file ? "missing" : "silence", of_file ? missing : n);
    int64_t from = hc_col_int(st, 3), to = hc_col_int(st, 4), before = hc_col_int(st, 7),
            after = hc_col_int(st, 8);
    g_auto(facts_t) f = {0};

    fact_stream(&f, st, 0, 1);
    fact_hides(&f, st, 9);
    fact_text(&f, "file", file);
    fact_int(&f, "from", from);
    fact_int(&f, "to", to);
    fact_int(&f, "long", to - from);
    if (!of_file) {
        fact_int(&f, "expected", hc_col_int(st, 5));
        fact_int(&f, "steps", hc_col_int(st, 6));
        fact_int(&f, "step", hc_col_int(st, 11));
    }
    if (!add_gap(w, c, name, &f, error))
        return false;
    if (of_file)
        return add_cite(w, c, "gap", name, "edge", (struct place){0}, "files beside it are there", error);
    return cite_event(w, c, name, before, "the last record before", error) &&
           cite_event(w, c, name, after, "the first record after", error);
}

static bool silence_gaps(struct world *w, const struct conclusion *c, int64_t end, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "silences_near", "ii", c->begin - LOOK_BACK, end);
    int n = 0, missing = 0, rc = 0;
    bool ok = true;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = silence_gap(w, c, st, &n, &missing, error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* A log that begins within the incident, or was taken before its end, has nothing of the rest. */
static bool edge_gaps(struct world *w, const struct conclusion *c, const char *kind, const char *query,
                      int64_t end, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", query, "ii", c->begin, end);
    int n = 0, rc = 0;
    bool ok = true;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_autofree char *name = gap_name(kind, &n);
        g_auto(facts_t) f = {0};
        fact_stream(&f, st, 0, 1);
        fact_int(&f, "at", hc_col_int(st, 2));
        fact_hides(&f, st, 3);
        ok = add_gap(w, c, name, &f, error) &&
             add_cite(w, c, "gap", name, "edge", (struct place){.source = hc_col_int(st, 4)},
                      "first and last record", error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* Tables whose rows the service deletes after a time: what was older than that in the first dump is gone. */
static bool retention_gaps(struct world *w, const struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "kept", "i", c->realm);
    int n = 0, rc = 0;
    bool ok = true;

    while (ok && c->first_dump && (rc = hc_step(st, error)) == 1) {
        g_autofree char *table = hc_col_dup(st, 0), *value = hc_col_dup(st, 1), *name = NULL;
        g_auto(facts_t) f = {0};
        int64_t kept = 0;
        if (!hc_duration_parse(hc_str(value), &kept) || c->first_taken - kept <= c->begin)
            continue;
        name = gap_name("kept", &n);
        fact_text(&f, "table", table);
        fact_int(&f, "at", c->first_taken - kept);
        fact_int(&f, "kept", kept / (86400 * HC_US_PER_S));
        ok = add_gap(w, c, name, &f, error) &&
             add_cite(w, c, "gap", name, "edge", (struct place){.source = c->first_dump}, "its first dump",
                      error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* Rows that are gone by one mechanism. */
struct gone {
    int64_t rows;
    GString *tables;
};

static void add_gone(struct gone *g, const char *table, int64_t n)
{
    if (n)
        g_string_append_printf(g->tables, "%s%s (%" G_GINT64_FORMAT ")", g->tables->len ? ", " : "", table,
                               n);
    g->rows += n;
}

static bool gone_gap(struct world *w, const struct conclusion *c, const char *name, const struct gone *g,
                     GError **error)
{
    g_auto(facts_t) f = {0};

    if (!g->rows)
        return true;
    fact_int(&f, "rows", g->rows);
    fact_text(&f, "tables", g->tables->str);
    return add_gap(w, c, name, &f, error) &&
           add_cite(w, c, "gap", name, "edge", (struct place){.source = c->first_dump},
                    "rows that the last dump does not hold", error) &&
           add_cite(w, c, "gap", name, "edge", (struct place){.source = c->last_dump}, "the last dump",
                    error);
}

/*
 * Rows of the first dump that the last one does not hold, though it holds their table: those of the account
 * went with it, some tables are emptied after a time; of others nobody knows. What acts tell (roles,
 * accounts) is told by them.
 */
static bool gone_gaps(struct world *w, const struct conclusion *c, GError **error)
{
    g_autoptr(GString) with_account = g_string_new(NULL), after_time = g_string_new(NULL),
                       others = g_string_new(NULL);
    struct gone cascade = {0, with_account}, purged = {0, after_time}, unknown = {0, others};
    hc_stmt *st;
    int rc = 0;

    if (!c->first_dump || c->first_dump == c->last_dump)
        return true;
    st = hc_db_query(w->db, "coverage", "vanished", "iiii", c->first_dump, c->last_dump, c->taken, c->realm);
    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *table = hc_col_dup(st, 0);
        int64_t n = hc_col_int(st, 1), ours = c->deleted ? hc_col_int(st, 2) : 0;
        if (g_strcmp0(table, c->roles) == 0 || g_strcmp0(table, c->accounts) == 0)
            continue;
        add_gone(&cascade, table, ours);
        add_gone(hc_col_int(st, 3) ? &purged : &unknown, table, n - ours);
    }
    return rc == 0 && gone_gap(w, c, "cascade", &cascade, error) &&
           gone_gap(w, c, "purged", &purged, error) && gone_gap(w, c, "vanished", &unknown, error);
}

char *hidden_by_loss(struct world *w, int64_t realm, const char *types)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "tells_of_types", "it", realm, types);
    GString *out = g_string_new(NULL);
    bool lost[HC_ACTION_COUNT] = {0};

    while (hc_step(st, NULL) == 1)
        lost[hc_action_by_name(hc_col_text(st, 0))] = true;
    for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++)
        if (lost[i])
            g_string_append_printf(out, "%s%s", out->len ? "," : "", hc_action_name((enum hc_action)i));
    return g_string_free(out, FALSE);
}

static int64_t last_instant(struct world *w, const struct conclusion *c)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "last_of", "itini", c->incident, "", INT64_C(0), INT64_C(0),
                              INT64_MIN);
    int64_t until = hc_step(st, NULL) == 1 ? hc_col_int(st, 2) : c->last_removal;

    hc_stmt_reset(st);
    return until;
}

bool conclude_hidden(struct world *w, const struct conclusion *c, GError **error)
{
    int64_t end = last_instant(w, c);

    return silence_gaps(w, c, end, error) && edge_gaps(w, c, "begins", "late_streams", end, error) &&
           edge_gaps(w, c, "ends", "early_streams", end, error) && retention_gaps(w, c, error) &&
           gone_gaps(w, c, error);
}
