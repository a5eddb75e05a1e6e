/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/conclude.h"

static void clear(struct conclusion *c)
{
    char **texts[] = {&c->releases, &c->files, &c->journal, &c->accounts, &c->roles};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
}

static char *table(struct world *w, int64_t realm, const char *key)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "table", "it", realm, key);
    char *name = hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;

    hc_stmt_reset(st);
    return name;
}

/* One number of a query, 0 when it has no row. */
static int64_t number(hc_stmt *st, int column)
{
    int64_t n = hc_step(st, NULL) == 1 ? hc_col_int(st, column) : 0;

    hc_stmt_reset(st);
    return n;
}

static bool find_dumps(struct world *w, struct conclusion *c, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "dumps");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        if (hc_col_int(st, 2) != c->realm)
            continue;
        if (!c->first_dump) {
            c->first_dump = hc_col_int(st, 0);
            c->first_taken = hc_col_int(st, 1);
        }
        c->last_dump = hc_col_int(st, 0);
        c->last_taken = hc_col_int(st, 1);
    }
    return rc == 0;
}

static bool fill(struct world *w, struct conclusion *c, GError **error)
{
    hc_stmt *st;
    bool ok;

    c->realm = number(hc_db_query(w->db, "correlate", "realm_of_finding", "i", c->finding), 0);
    c->restored = number(hc_db_query(w->db, "correlate", "party_of_role", "it", c->incident, "restored"), 0);
    c->releases = table(w, c->realm, "releases");
    c->files = table(w, c->realm, "files");
    c->journal = table(w, c->realm, "journal");
    c->accounts = table(w, c->realm, "accounts");
    c->roles = table(w, c->realm, "roles");
    st = hc_db_query(w->db, "correlate", "incident_span", "ii", c->incident, c->finding);
    ok = hc_step(st, error) == 1;
    if (ok) {
        c->begin = hc_col_int(st, 0);
        c->last_removal = hc_col_int(st, 1);
        c->deleted = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    return ok && find_dumps(w, c, error);
}

bool add_cite(struct world *w, const struct conclusion *c, const char *of, const char *name, const char *fact,
              struct place at, const char *text, GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_cite", "itttnniit", c->incident, of, name, fact,
                               at.source, at.line, at.offset, at.length, text),
                   error);
}

struct place place_of_act(struct world *w, int64_t act)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "place_of_act", "i", act);
    struct place at = {0};

    if (hc_step(st, NULL) == 1)
        at = (struct place){hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3)};
    hc_stmt_reset(st);
    return at;
}

static bool conclude_all(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "incidents");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct conclusion c = {.incident = hc_col_int(st, 0),
                               .finding = hc_col_int(st, 1),
                               .other = hc_col_int(st, 2),
                               .taken = hc_col_int(st, 3),
                               .takeover = hc_str_is(hc_col_text(st, 4), "account-takeover")};
        ok = !c.finding || (fill(w, &c, error) && conclude_claims(w, &c, error) &&
                            conclude_gaps(w, &c, error) && (!c.takeover || conclude_lessons(w, &c, error)));
        clear(&c);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool hold_rows(struct world *w, GError **error)
{
    return hc_exec(hc_db_stmt(w->db, "correlate", "hold_rows"), error) &&
           hc_exec(hc_db_stmt(w->db, "correlate", "order_rows"), error);
}

bool drop_rows(struct world *w, GError **error)
{
    return hc_exec(hc_db_stmt(w->db, "correlate", "drop_rows"), error);
}

bool pass_conclude(struct world *w, GError **error)
{
    return hold_rows(w, error) && hc_exec(hc_db_stmt(w->db, "correlate", "hold_owners"), error) &&
           hc_exec(hc_db_stmt(w->db, "correlate", "hold_patterns"), error) &&
           hc_exec(hc_db_stmt(w->db, "correlate", "fill_patterns"), error) &&
           hc_exec(hc_db_stmt(w->db, "coverage", "hold_able"), error) && conclude_all(w, error) &&
           hc_exec(hc_db_stmt(w->db, "correlate", "drop_patterns"), error) &&
           hc_exec(hc_db_stmt(w->db, "correlate", "drop_owners"), error) && drop_rows(w, error);
}
