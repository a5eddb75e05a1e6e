/* SPDX-License-Identifier: Apache-2.0 */
/* Notes about the evidence itself: what was rejected, assumed, unnamed or destroyed. They accuse nobody. */
#include "src/correlate/rule.h"
#include "src/correlate/world.h"

#include "src/base/words.h"

/*
 * Each query gives source, line, offset, length (NULL where there is no one place), then the values of its
 * words, then what the note is about (NULL: the source): the same in each import, as places are not.
 */
static const struct {
    const char *file, *query, *words[3];
} notes[] = {
    {"reports/rules/evidence-rejected.yaml", "note_rejected", {"n", "records", "why"}},
    {"reports/rules/evidence-zone-assumed.yaml", "note_assumed", {"n", NULL, NULL}},
    {"reports/rules/evidence-unnamed.yaml", "note_masked", {"n", "resolved", NULL}},
    {"reports/rules/coverage-silence.yaml", "note_silence", {"when", "missed", "open"}},
    {"reports/rules/coverage-missing.yaml", "note_missing", {"file", NULL, NULL}},
    {"reports/rules/claim-contradicted.yaml", "note_contradicted", {"name", "n", NULL}},
    {"reports/rules/claim-open.yaml", "note_open", {"name", "why", NULL}},
    {"reports/rules/evidence-destroyed.yaml", "note_destroyed", {"taken", "lost", NULL}},
    {"reports/rules/address-breached.yaml", "note_breached", {"address", "account", "breach"}},
};

static bool add_note(struct world *w, const struct rule *rule, hc_stmt *st, const char *const *words,
                     GError **error)
{
    g_autofree char *first = hc_col_dup(st, 4), *second = hc_col_dup(st, 5), *third = hc_col_dup(st, 6),
                    *about = hc_col_dup(st, 7);
    const char *const pairs[] = {words[0], first, words[1], second, words[2], third, NULL};
    g_autofree char *message = hc_words_fill(rule->message, pairs);

    return hc_exec(hc_db_query(w->db, "correlate", "add_note", hc_col_null(st, 3) ? "ttttnnnnt" : "ttttiniit",
                               rule->id, rule->level, rule->title, message, hc_col_int(st, 0),
                               hc_col_int(st, 1), hc_col_int(st, 2), hc_col_int(st, 3), about),
                   error);
}

bool pass_evidence(struct world *w, GError **error)
{
    bool ok = true;

    for (size_t i = 0; ok && i < G_N_ELEMENTS(notes); i++) {
        g_autoptr(rule_t) rule = rule_load(notes[i].file, error);
        hc_stmt *st = rule ? hc_db_stmt(w->db, "correlate", notes[i].query) : NULL;
        int rc = 0;
        ok = rule != NULL;
        while (ok && (rc = hc_step(st, error)) == 1)
            ok = add_note(w, rule, st, notes[i].words, error);
        if (st)
            hc_stmt_reset(st);
        ok = ok && rc == 0;
    }
    return ok;
}
