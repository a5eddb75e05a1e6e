/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Nothing of this kind happened" is only said with its denominator: which sources would have shown it, until
 * when, how many records were examined. A claim is supported, contradicted, or cannot be told.
 */
#include "src/correlate/absence.h"

struct claim {
    const char *name;
    int64_t from, to, examined, matched;
    bool able; /* some source was able to show it */
    facts_t facts;
};

/* An import that was narrowed to some names has passed over what would speak against the claim. */
static bool is_narrowed(struct world *w, bool *narrowed, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "is_narrowed");
    bool ok = hc_step(st, error) == 1;

    *narrowed = ok && hc_col_int(st, 0);
    hc_stmt_reset(st);
    return ok;
}

static bool add_claim(struct world *w, const struct conclusion *c, struct claim *claim, GError **error)
{
    const char *verdict;
    bool narrowed;

    if (!is_narrowed(w, &narrowed, error))
        return false;
    verdict = claim->matched ? "contradicted" : claim->able && !narrowed ? "supported" : "cannot-be-told";

    return hc_exec(hc_db_query(w->db, "correlate", "add_claim", "ittniiit", c->incident, claim->name, verdict,
                               claim->from, claim->to, claim->examined, claim->matched,
                               facts_text(&claim->facts)),
                   error);
}

static bool add_source(struct world *w, const struct conclusion *c, const struct claim *claim, int64_t source,
                       const char *type, int64_t examined, GError **error)
{
    return !source || hc_exec(hc_db_query(w->db, "correlate", "add_claim_source", "ititi", c->incident,
                                          claim->name, source, type, examined),
                              error);
}

/* Rows of a table about the projects in one dump: how many, how many born since `c->begin`, the newest. */
struct rows {
    int64_t n, since, orphaned, newest;
    char *newest_name;
    int64_t newest_project;
    struct place at;
};

static bool read_rows(hc_stmt *st, const struct conclusion *c, struct rows *r, GError **error)
{
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        if (!r->n++) {
            r->newest = hc_col_int(st, 0);
            r->at =
                (struct place){hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3), hc_col_int(st, 4)};
            r->newest_name = hc_col_dup(st, 6);
            r->newest_project = hc_col_int(st, 7);
        }
        r->since += !hc_col_null(st, 0) && hc_col_int(st, 0) >= c->begin;
        r->orphaned += hc_col_int(st, 5);
    }
    return rc == 0;
}

static void note_rows(struct world *w, struct claim *claim, const char *what, const struct rows *r)
{
    g_autofree char *newest = g_strconcat("newest_", what, NULL), *name = g_strconcat(newest, "_name", NULL);
    g_autofree char *project = g_strconcat(newest, "_project", NULL);
    g_autofree char *of = r->n ? name_of(w, canonical(w, r->newest_project)) : NULL;

    fact_int(&claim->facts, what, r->n);
    if (!r->n)
        return;
    fact_int(&claim->facts, newest, r->newest);
    fact_text(&claim->facts, name, r->newest_name);
    fact_text(&claim->facts, project, of);
}

/* Rows that are not the same in the first and the last dump of the whole service. */
static bool compare_dumps(struct world *w, const struct conclusion *c, struct claim *claim, GError **error)
{
    hc_stmt *st;
    int64_t a = 0, b = 0, same = 0;

    if (c->first_dump == c->last_dump)
        return true;
    st = hc_db_query(w->db, "correlate", "same_rows", "iiti", c->first_dump, c->last_dump, c->files,
                     (int64_t)HC_ENTITY_TYPE);
    if (hc_step(st, error) == 1) {
        a = hc_col_int(st, 0);
        b = hc_col_int(st, 1);
        same = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    fact_int(&claim->facts, "file_rows", b);
    fact_int(&claim->facts, "file_rows_same", same);
    fact_int(&claim->facts, "file_rows_before", a);
    return add_source(w, c, claim, c->first_dump, c->files, a, error);
}

static bool read_journal(struct world *w, const struct conclusion *c, struct claim *claim, GError **error)
{
    int64_t day = c->begin - c->begin % (86400 * HC_US_PER_S);
    hc_stmt *st = hc_db_query(w->db, "correlate", "journal_of_projects", "itiii", c->incident, c->journal,
                              day, (int64_t)HC_ACTION_ROLE_INVITE, (int64_t)HC_ACTION_ROLE_REMOVE);
    int64_t n = 0, source = 0;

    if (hc_step(st, error) == 1) {
        n = hc_col_int(st, 0);
        source = hc_col_int(st, 4);
        fact_int(&claim->facts, "journal", n);
        fact_int(&claim->facts, "journal_since", hc_col_int(st, 1));
        fact_int(&claim->facts, "journal_roles", hc_col_int(st, 2));
        fact_int(&claim->facts, "journal_masked", hc_col_int(st, 3));
    }
    hc_stmt_reset(st);
    claim->examined += n;
    return add_source(w, c, claim, source, c->journal, n, error);
}

static int64_t content_changes(struct world *w, const struct conclusion *c)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "content_changes", "iiii", c->incident,
                              (int64_t)HC_ACTION_RELEASE_CREATE, (int64_t)HC_ACTION_FILE_REMOVE, c->begin);
    int64_t n = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;

    hc_stmt_reset(st);
    return n;
}

static bool cite_rows(struct world *w, const struct conclusion *c, const char *fact, const char *table,
                      const struct rows *r, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("%s, %" G_GINT64_FORMAT " rows on the projects; the newest", table, r->n);

    return !r->n || add_cite(w, c, "claim", "no-release-change", fact, r->at, text, error);
}

/* Does the last dump hold the tables that would show it? */
static bool holds_content(struct world *w, const struct conclusion *c)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "tables_in", "itt", c->last_dump, c->releases, c->files);
    bool both = hc_step(st, NULL) == 1 && hc_col_int(st, 0) == 2;

    hc_stmt_reset(st);
    return both;
}

/* Everything that stands for the projects of the incident. */
static GHashTable *projects_of(struct world *w, const struct conclusion *c)
{
    GHashTable *all = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    hc_stmt *st = hc_db_query(w->db, "coverage", "projects_of", "i", c->incident);

    while (hc_step(st, NULL) == 1)
        g_hash_table_add(all, g_memdup2(&(int64_t){hc_col_int(st, 0)}, sizeof(int64_t)));
    return all;
}

/* Do records that would tell of a change reach over all of the time? If not, the claim says why. */
static bool changes_covered(struct world *w, const struct conclusion *c, struct claim *claim, bool *covered,
                            GError **error)
{
    static const char *const none[] = {NULL};
    g_autoptr(GHashTable) projects = projects_of(w, c);
    struct question q = {.object = projects, .names = none, .from = claim->from, .to = claim->to};
    g_autoptr(GString) why = g_string_new(NULL);
    g_auto(answer_t) a = {0};

    answer_init(&a);
    for (int i = HC_ACTION_RELEASE_CREATE; i <= HC_ACTION_FILE_REMOVE; i++)
        q.actions[i] = true;
    if (claim->to < claim->from)
        return true;
    if (!absence_lacks(w, &q, &a, error))
        return false;
    *covered = !a.why->len;
    for (guint i = 0; i < a.why->len; i++)
        g_string_append_printf(why, "%s%s", i ? ";\n" : "", (char *)a.why->pdata[i]);
    if (why->len)
        fact_text(&claim->facts, "why", why->str);
    return true;
}

static bool no_release_change(struct world *w, const struct conclusion *c, GError **error)
{
    struct claim claim = {.name = "no-release-change", .from = c->begin, .to = c->last_taken};
    struct rows releases = {0}, files = {0};
    bool ok = true, covered = false;

    ok = changes_covered(w, c, &claim, &covered, error);
    claim.able = covered && c->last_taken >= c->last_removal && holds_content(w, c);
    if (ok && c->last_dump && c->releases && c->files)
        ok = read_rows(hc_db_query(w->db, "correlate", "project_releases", "iti", c->incident, c->releases,
                                   c->last_dump),
                       c, &releases, error) &&
             read_rows(hc_db_query(w->db, "correlate", "project_files", "itit", c->incident, c->files,
                                   c->last_dump, c->releases),
                       c, &files, error);
    claim.matched = releases.since + files.since + content_changes(w, c);
    claim.examined = releases.n + files.n;
    note_rows(w, &claim, "releases", &releases);
    note_rows(w, &claim, "files", &files);
    fact_int(&claim.facts, "releases_without_uploader", releases.orphaned);
    ok = ok && (!c->journal || read_journal(w, c, &claim, error)) &&
         (!c->files || compare_dumps(w, c, &claim, error)) &&
         add_source(w, c, &claim, c->last_dump, c->releases ? c->releases : "", releases.n, error) &&
         add_source(w, c, &claim, c->last_dump, c->files ? c->files : "", files.n, error) &&
         cite_rows(w, c, "releases", c->releases, &releases, error) &&
         cite_rows(w, c, "files", c->files, &files, error) && add_claim(w, c, &claim, error);
    g_free(releases.newest_name);
    g_free(files.newest_name);
    facts_clear(&claim.facts);
    return ok;
}

/* Nothing by the other account after the last removal. */
static bool no_later_act(struct world *w, const struct conclusion *c, GError **error)
{
    struct claim claim = {.name = "no-later-act",
                          .from = c->last_removal,
                          .to = c->last_taken,
                          .able = c->last_taken >= c->last_removal};
    hc_stmt *st = hc_db_query(w->db, "correlate", "own_records", "ii", c->incident, c->last_removal);
    struct place at = {0};
    int64_t last = 0;
    bool ok = hc_step(st, error) == 1;

    if (ok) {
        claim.examined = hc_col_int(st, 0);
        claim.matched = hc_col_int(st, 1);
    }
    hc_stmt_reset(st);
    st = hc_db_query(w->db, "correlate", "last_own_record", "i", c->incident);
    if (ok && hc_step(st, error) == 1) {
        at = (struct place){hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3)};
        last = hc_col_int(st, 4);
    }
    hc_stmt_reset(st);
    fact_int(&claim.facts, "last", last);
    ok = ok && add_source(w, c, &claim, at.source, "", claim.examined, error) &&
         (!at.source ||
          add_cite(w, c, "claim", claim.name, "last", at, "the last record of its acts", error)) &&
         add_claim(w, c, &claim, error);
    facts_clear(&claim.facts);
    return ok;
}

/* Records of the service that carry an address: one count for all incidents of it. */
static bool count_addressed(struct world *w, int64_t realm, int64_t *n, GError **error)
{
    hc_stmt *st;
    bool ok;

    if (w->addressed_realm == realm) {
        *n = w->addressed;
        return true;
    }
    st = hc_db_query(w->db, "correlate", "addressed", "i", realm);
    ok = hc_step(st, error) == 1;
    *n = ok ? hc_col_int(st, 0) : 0;
    hc_stmt_reset(st);
    w->addressed_realm = realm;
    w->addressed = *n;
    return ok;
}

/* The network address of the acts of the finding was used for nothing else. */
static bool no_other_account(struct world *w, const struct conclusion *c, GError **error)
{
    struct claim claim = {.name = "no-other-account", .to = c->last_taken};
    hc_stmt *st = hc_db_query(w->db, "correlate", "address_use", "ii", c->incident, c->realm);
    int64_t with = 0, source = 0;
    bool ok = hc_step(st, error) == 1;

    if (ok) {
        with = hc_col_int(st, 0);
        claim.matched = hc_col_int(st, 1);
        source = hc_col_int(st, 2);
    }
    hc_stmt_reset(st);
    ok = ok && count_addressed(w, c->realm, &claim.examined, error);
    claim.able = with > 0;
    fact_int(&claim.facts, "with", with);
    st = hc_db_query(w->db, "correlate", "earlier_addresses", "iii", c->incident, c->taken, c->begin);
    if (ok && hc_step(st, error) == 1) {
        fact_int(&claim.facts, "earlier", hc_col_int(st, 0));
        fact_int(&claim.facts, "earlier_same", hc_col_int(st, 1));
        fact_int(&claim.facts, "earlier_first", hc_col_int(st, 2));
        fact_int(&claim.facts, "earlier_last", hc_col_int(st, 3));
        fact_int(&claim.facts, "earlier_addresses", hc_col_int(st, 4));
    }
    hc_stmt_reset(st);
    ok = ok && (with == 0 || (add_source(w, c, &claim, source, "", claim.examined, error) &&
                              add_claim(w, c, &claim, error)));
    facts_clear(&claim.facts);
    return ok;
}

/* Acts by which a role was taken: one count for all incidents. */
static bool count_accepted(struct world *w, int64_t *n, GError **error)
{
    hc_stmt *st;
    bool ok = true;

    if (!w->accepted_counted) {
        st = hc_db_query(w->db, "correlate", "acts_of_action", "i", (int64_t)HC_ACTION_ROLE_ACCEPT);
        ok = hc_step(st, error) == 1;
        w->accepted = ok ? hc_col_int(st, 0) : 0;
        hc_stmt_reset(st);
        w->accepted_counted = ok;
    }
    *n = w->accepted;
    return ok;
}

/* Projects of the dump: one count for all incidents that it is the last of. */
static int64_t count_projects(struct world *w, const struct conclusion *c)
{
    hc_stmt *st;

    if (w->projects.dump == c->last_dump && w->projects.realm == c->realm)
        return w->projects.n;
    st = hc_db_query(w->db, "correlate", "count_projects", "ii", c->realm, c->last_dump);
    w->projects.dump = c->last_dump;
    w->projects.realm = c->realm;
    w->projects.n = hc_step(st, NULL) == 1 ? hc_col_int(st, 0) : 0;
    hc_stmt_reset(st);
    return w->projects.n;
}

/* What the finding is made of, on projects outside of the incident. */
static bool no_other_pattern(struct world *w, const struct conclusion *c, GError **error)
{
    struct claim claim = {
        .name = "no-other-pattern", .from = 0, .to = c->last_taken, .able = c->last_dump != 0};
    hc_stmt *st;
    bool ok;

    st = hc_db_query(w->db, "correlate", "pattern_elsewhere", "ii", c->incident, c->finding);
    ok = hc_step(st, error) == 1;
    claim.matched = ok ? hc_col_int(st, 0) : 0;
    hc_stmt_reset(st);
    ok = ok && count_accepted(w, &claim.examined, error);
    fact_int(&claim.facts, "projects", count_projects(w, c));
    ok =
        ok && (!claim.examined || /* of none it says nothing that none was so */
               (add_source(w, c, &claim, c->last_dump, c->journal ? c->journal : "", claim.examined, error) &&
                add_claim(w, c, &claim, error)));
    facts_clear(&claim.facts);
    return ok;
}

static bool has_project(struct world *w, const struct conclusion *c)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "party_of_role", "it", c->incident, "project");
    bool any = hc_step(st, NULL) == 1;

    hc_stmt_reset(st);
    return any;
}

bool conclude_claims(struct world *w, const struct conclusion *c, GError **error)
{
    bool removed =
        c->takeover && c->last_removal; /* else there is nothing that "later" or "the same" would mean */

    return (!has_project(w, c) || no_release_change(w, c, error)) &&
           (!removed || no_later_act(w, c, error)) && no_other_account(w, c, error) &&
           (!removed || no_other_pattern(w, c, error));
}
