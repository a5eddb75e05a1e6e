/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/clocklines.h"

#include "src/narrate/cells.h"

static const struct column columns[] = {
    {"piece", KIND_INT},   {"from", KIND_TIME},       {"to", KIND_TIME},        {"least", KIND_INT},
    {"most", KIND_INT},    {"least_pairs", KIND_INT}, {"most_pairs", KIND_INT}, {"against", KIND_INT},
    {"applied", KIND_INT}, {"because", KIND_TEXT},    {"than", KIND_TEXT},      {"drift", KIND_INT},
};
enum { CLOCK_PIECE, CLOCK_FROM, CLOCK_TO, CLOCK_AGAINST = 7, CLOCK_APPLIED, CLOCK_BECAUSE, CLOCK_THAN };

static const struct column pair_columns[] = {
    {"side", KIND_TEXT},  {"bound", KIND_INT},    {"earlier", KIND_TEXT},
    {"later", KIND_TEXT}, {"because", KIND_TEXT},
};
enum { PAIR_SIDE, PAIR_BOUND, PAIR_EARLIER, PAIR_LATER, PAIR_BECAUSE };

static void pair_text(hc_stmt *st, GString *out)
{
    int64_t bound = hc_col_int(st, PAIR_BOUND);

    g_string_append(out, "        at ");
    show(st, PAIR_SIDE, KIND_TEXT, out);
    g_string_append_printf(out, " %s%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT " s: ", bound < 0 ? "-" : "+",
                           ABS(bound) / 1000000, ABS(bound) % 1000000);
    show(st, PAIR_EARLIER, KIND_TEXT, out);
    g_string_append(out, " before ");
    show(st, PAIR_LATER, KIND_TEXT, out);
    g_string_append(out, ": ");
    show(st, PAIR_BECAUSE, KIND_TEXT, out);
    g_string_append_c(out, '\n');
}

static bool each_pair(hc_db *db, int64_t source, int64_t piece, bool json, GString *out, GError **error)
{
    hc_stmt *st = hc_db_query(db, "rows", "clock_pairs", "ii", source, piece);
    bool first = true;
    int rc;

    for (; (rc = hc_step(st, error)) == 1; first = false) {
        if (!json) {
            pair_text(st, out);
            continue;
        }
        g_string_append(out, first ? "" : ", ");
        row_json(st, pair_columns, G_N_ELEMENTS(pair_columns), out);
        g_string_truncate(out, out->len - 1);
    }
    return rc == 0;
}

bool clock_text(hc_db *db, int64_t source, GString *out, GError **error)
{
    hc_stmt *st = hc_db_query(db, "rows", "clocks", "i", source);
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        g_string_append(out, "    ");
        show(st, CLOCK_FROM, KIND_TIME, out);
        g_string_append(out, " to ");
        show(st, CLOCK_TO, KIND_TIME, out);
        g_string_append(out, " by that clock: ");
        show(st, CLOCK_BECAUSE, KIND_TEXT, out);
        if (hc_col_int(st, CLOCK_AGAINST))
            g_string_append_printf(out, "; %" G_GINT64_FORMAT " contradict and are set aside",
                                   hc_col_int(st, CLOCK_AGAINST));
        g_string_append_c(out, '\n');
        if (hc_col_int(st, CLOCK_APPLIED) || hc_col_text(st, CLOCK_THAN).p)
            ok = each_pair(db, source, hc_col_int(st, CLOCK_PIECE), false, out, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool clock_json(hc_db *db, int64_t source, GString *out, GError **error)
{
    hc_stmt *st = hc_db_query(db, "rows", "clocks", "i", source);
    bool ok = true, first = true;
    int rc = 0;

    g_string_append_c(out, '[');
    for (; ok && (rc = hc_step(st, error)) == 1; first = false) {
        g_string_append(out, first ? "" : ", ");
        row_json(st, columns, G_N_ELEMENTS(columns), out);
        g_string_truncate(out, out->len - 2);
        g_string_append(out, ", \"pairs\": [");
        ok = each_pair(db, source, hc_col_int(st, CLOCK_PIECE), true, out, error);
        g_string_append(out, "]}");
    }
    hc_stmt_reset(st);
    g_string_append_c(out, ']');
    return ok && rc == 0;
}
