/* SPDX-License-Identifier: Apache-2.0 */
/* What the case file asks about, with its answers: in the report and as a list. */
#include "src/narrate/blocks.h"

#include "src/base/json.h"
#include "src/base/text.h"
#include "src/base/utc.h"
#include "src/narrate/cells.h"

static void append(struct prose *p, const char *key, GString *out)
{
    g_autofree char *text = say(p, key);

    g_string_append(out, text ? text : "");
}

/* The question, then the answer; of an answer that nothing was able to give there is no reference. */
static void write_asked(struct prose *p, const struct m_statement *s, GString *out)
{
    static const char *const head[] = {"asked.head", "asked.project", "asked.by",
                                       "asked.on",   "asked.address", "asked.span"};
    g_autofree char *key = g_strconcat("asked.", s->verdict, NULL), *none = g_strconcat(key, "-none", NULL),
                    *answer = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(head); i++)
        append(p, head[i], out);
    answer = say(p, key);
    if (answer)
        g_string_append(out, answer);
    else
        append(p, none, out);
    append(p, "asked.about", out);
    g_string_append_c(out, '\n');
}

void block_asked(struct prose *p, GString *out)
{
    if (!p->m->asked->len)
        return;
    g_string_append_printf(out, "## %s\n\n%s\n\n", phrase(p, "heading.asked"), phrase(p, "asked.intro"));
    for (guint i = 0; i < p->m->asked->len; i++) {
        const struct m_statement *s = &g_array_index(p->m->asked, struct m_statement, i);
        p->about = s;
        p->about_what = "asked";
        write_asked(p, s, out);
    }
    p->about = NULL;
    p->about_what = NULL;
    g_string_append_c(out, '\n');
}

enum {
    CLAIM_INCIDENT,
    CLAIM_NAME,
    CLAIM_VERDICT,
    CLAIM_FROM,
    CLAIM_TO,
    CLAIM_EXAMINED,
    CLAIM_MATCHED,
    CLAIM_FACTS
};

static const struct column claim_columns[] = {
    {"incident", KIND_INT}, {"name", KIND_TEXT},    {"verdict", KIND_TEXT}, {"from", KIND_TIME},
    {"to", KIND_TIME},      {"examined", KIND_INT}, {"matched", KIND_INT},  {"facts", KIND_JSON},
};
static const struct column shown_columns[] = {
    {"source", KIND_TEXT}, {"type", KIND_TEXT}, {"examined", KIND_INT}};
static const struct column place_columns[] = {
    {"source", KIND_TEXT}, {"line", KIND_INT}, {"offset", KIND_INT}, {"length", KIND_INT}};

/* Rows of a query about the claim as a JSON array. */
static bool list_json(hc_stmt *st, const char *key, const struct column *columns, size_t n, GString *out,
                      GError **error)
{
    bool any = false;
    int rc;

    g_string_append_printf(out, ", \"%s\": [", key);
    for (; (rc = hc_step(st, error)) == 1; any = true) {
        g_string_append(out, any ? ", " : "");
        row_json(st, columns, n, out);
        g_string_truncate(out, out->len - 1);
    }
    g_string_append_c(out, ']');
    return rc == 0;
}

static bool claim_json(hc_db *db, hc_stmt *st, GString *out, GError **error)
{
    int64_t incident = hc_col_int(st, CLAIM_INCIDENT);
    g_autofree char *name = hc_col_dup(st, CLAIM_NAME);

    row_json(st, claim_columns, G_N_ELEMENTS(claim_columns), out);
    g_string_truncate(out, out->len - 2);
    if (!list_json(hc_db_query(db, "rows", "claim_sources", "it", incident, name), "sources", shown_columns,
                   G_N_ELEMENTS(shown_columns), out, error) ||
        !list_json(hc_db_query(db, "rows", "claim_places", "it", incident, name), "places", place_columns,
                   G_N_ELEMENTS(place_columns), out, error))
        return false;
    g_string_append(out, "}\n");
    return true;
}

/* A fact as text after some words, when there is one. */
static void fact_text(const char *words, hc_stmt *st, const char *fact, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct hc_str value = hc_json_get(hc_col_text(st, CLAIM_FACTS), fact);

    if (!value.p || !hc_json_text(value, text))
        return;
    g_string_append(out, words);
    hc_text_visible(out, hc_str_n(text->str, text->len), false);
}

/* The lines of a fact, each on its own. */
static void why_text(hc_stmt *st, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct hc_str value = hc_json_get(hc_col_text(st, CLAIM_FACTS), "why");
    g_auto(GStrv) lines = value.p && hc_json_text(value, text) ? g_strsplit(text->str, "\n", -1) : NULL;

    for (char **line = lines; line && *line; line++) {
        g_string_append(out, "    ");
        hc_text_visible(out, hc_str(*line), false);
        g_string_append_c(out, '\n');
    }
}

static void claim_text(hc_stmt *st, GString *out)
{
    show(st, CLAIM_VERDICT, KIND_TEXT, out);
    g_string_append(out, ": ");
    show(st, CLAIM_NAME, KIND_TEXT, out);
    if (!hc_col_null(st, CLAIM_INCIDENT)) {
        g_string_append(out, " of incident ");
        show(st, CLAIM_INCIDENT, KIND_INT, out);
    }
    fact_text(": no ", st, "actions", out);
    fact_text(" of ", st, "project", out);
    fact_text(" by ", st, "by", out);
    fact_text(" on ", st, "on", out);
    fact_text(" from ", st, "address", out);
    if (hc_col_null(st, CLAIM_FROM)) {
        g_string_append(out, ", from the first record to ");
    } else {
        g_string_append(out, ", ");
        show(st, CLAIM_FROM, KIND_TIME, out);
        g_string_append(out, " to ");
    }
    show(st, CLAIM_TO, KIND_TIME, out);
    g_string_append(out, ": ");
    show(st, CLAIM_EXAMINED, KIND_INT, out);
    g_string_append(out, " examined, ");
    show(st, CLAIM_MATCHED, KIND_INT, out);
    g_string_append(out, " against it\n");
    why_text(st, out);
}

bool hc_rows_claims(hc_db *db, enum hc_rows_format format, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    hc_stmt *st = hc_db_stmt(db, "rows", "claims");
    bool ok = true;
    int rc = 0;

    if (format == HC_ROWS_CSV)
        head_csv(claim_columns, G_N_ELEMENTS(claim_columns), out);
    while (ok && (rc = hc_step(st, error)) == 1) {
        if (format == HC_ROWS_JSONL)
            ok = claim_json(db, st, out, error);
        else if (format == HC_ROWS_CSV)
            row_csv(st, claim_columns, G_N_ELEMENTS(claim_columns), out);
        else
            claim_text(st, out);
        ok = ok && flush_rows(w, out, FLUSH_SIZE, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0 && flush_rows(w, out, 0, error);
}
