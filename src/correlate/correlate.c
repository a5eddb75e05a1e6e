/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/correlate.h"

#include "src/correlate/sigma/rulebook.h"
#include "src/correlate/statements.h"
#include "src/correlate/world.h"

/* Each reads what those before it wrote. */
static bool (*const passes[])(struct world *w, GError **error) = {
    pass_rules,     pass_coverage, pass_mail,     pass_identity,   pass_membership, pass_twins,
    pass_mailboxes, pass_same,     pass_life,     pass_statements, pass_apply,      pass_consent,
    pass_scope,     pass_measure,  pass_conclude, pass_exposure,   pass_asked,      pass_evidence,
    pass_disagree,  pass_tamper,   pass_alike,
};

static bool run(hc_db *db, const struct hc_case *c, const struct hc_sigma_rules *rules, GError **error)
{
    struct world *w = hc_db_run(db, "derived", "clear", error) ? world_new(db, c, error) : NULL;
    bool ok = w != NULL;

    if (w)
        w->rules = rules;
    for (size_t i = 0; ok && i < G_N_ELEMENTS(passes); i++)
        ok = passes[i](w, error);
    world_free(w);
    return ok;
}

/* What the case file lists, by the names of its keys; and its own lists. */
static void add_case_lists(struct hc_sigma_rules *rules, const struct hc_case *c)
{
    const struct {
        const char *name;
        char *const *values;
    } lists[] = {{"subjects", c->subjects}, {"responders", c->responders}, {"mailboxes", c->mailboxes}};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char *const *value = lists[i].values; value && *value; value++)
            hc_sigma_lists_add(rules->lists, lists[i].name, *value);
    for (size_t i = 0; i < c->n_lists; i++)
        for (char *const *value = c->lists[i].values; *value; value++)
            hc_sigma_lists_add(rules->lists, c->lists[i].name, *value);
}

struct hc_sigma_rules *hc_correlate_rules(const struct hc_case *c, char *const *more, GError **error)
{
    g_autoptr(hc_sigma_rules_t) rules = hc_sigma_rules_new();
    g_autofree char *own = hc_case_path(c, "rules");

    add_case_lists(rules, c);
    hc_rulebook_add_shipped(rules);
    if (g_file_test(own, G_FILE_TEST_IS_DIR) && !hc_rulebook_add(rules, own, "rules", error))
        return NULL;
    for (; more && *more; more++)
        if (!hc_rulebook_add(rules, *more, *more, error))
            return NULL;
    hc_sigma_rules_link(rules);
    if (!rules->problems->len)
        return g_steal_pointer(&rules);
    hc_fail(error, HC_ERROR_CONFIG, "%s", (char *)rules->problems->pdata[0]);
    return NULL;
}

bool hc_correlate(hc_db *db, const struct hc_case *c, const struct hc_sigma_rules *rules, GError **error)
{
    if (!hc_db_begin(db, error))
        return false;
    if (run(db, c, rules, error) && hc_db_commit(db, error))
        return true;
    hc_db_rollback(db);
    return false;
}

bool hc_correlate_same(hc_db *db, hc_db *again, const struct hc_case *c, const struct hc_sigma_rules *rules,
                       bool *same, GError **error)
{
    hc_stmt *a = hc_db_stmt(db, "correlate", "derived"), *b;
    int ra, rb = 0;

    *same = true;
    ra = hc_step(a, error);
    if (ra <= 0)
        return ra == 0;
    if (!hc_correlate(again, c, rules, error))
        return false;
    b = hc_db_stmt(again, "correlate", "derived");
    rb = hc_step(b, error);
    while (ra == 1 && rb == 1 && *same) {
        *same = hc_str_eq(hc_col_text(a, 0), hc_col_text(b, 0)) &&
                hc_str_eq(hc_col_text(a, 1), hc_col_text(b, 1));
        ra = hc_step(a, error);
        rb = hc_step(b, error);
    }
    *same = *same && ra == rb;
    hc_stmt_reset(a);
    hc_stmt_reset(b);
    return ra >= 0 && rb >= 0;
}
