/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/cells.h"

#include "src/base/text.h"
#include "src/narrate/clocklines.h"

static const struct column event_columns[] = {EVENT_COLUMNS, {"fields", KIND_JSON}};
enum { EVENT_NOTE = EVENT_COLUMN_COUNT + 1 };

static const struct column source_columns[] = {
    {"source", KIND_TEXT},      {"status", KIND_TEXT},     {"format", KIND_TEXT},    {"profile", KIND_TEXT},
    {"label", KIND_TEXT},       {"why", KIND_TEXT},        {"sha256", KIND_TEXT},    {"size", KIND_INT},
    {"zone", KIND_TEXT},        {"zone_basis", KIND_TEXT}, {"clock", KIND_INT},      {"taken", KIND_TIME},
    {"taken_basis", KIND_TEXT}, {"records", KIND_INT},     {"events", KIND_INT},     {"states", KIND_INT},
    {"ignored", KIND_INT},      {"joined", KIND_INT},      {"duplicates", KIND_INT}, {"rejected", KIND_INT},
    {"first", KIND_TIME},       {"last", KIND_TIME},       {"scope", KIND_TEXT},     {"undated", KIND_INT},
};
enum {
    SOURCE_NAME,
    SOURCE_STATUS,
    SOURCE_FORMAT,
    SOURCE_WHY = 5,
    SOURCE_RECORDS = 13,
    SOURCE_FIRST = 20,
    SOURCE_LAST,
    SOURCE_UNDATED = 23,
    SOURCE_ID
};

static const struct column reject_columns[] = {
    {"source", KIND_TEXT}, {"record", KIND_INT}, {"line", KIND_INT},
    {"offset", KIND_INT},  {"length", KIND_INT}, {"why", KIND_TEXT},
};
enum { REJECT_SOURCE, REJECT_LINE = 2, REJECT_OFFSET, REJECT_WHY = 5 };

static void event_text(hc_stmt *st, GString *out)
{
    show(st, EVENT_TIME, KIND_TIME, out);
    if (!hc_col_null(st, EVENT_TIME) && hc_col_int(st, EVENT_TIME) != hc_col_int(st, EVENT_UNTIL)) {
        g_string_append(out, "..");
        show(st, EVENT_UNTIL, KIND_TIME, out);
    }
    g_string_append(out, "  ");
    show(st, EVENT_ACTION, KIND_ACTION, out);
    g_string_append(out, "  ");
    show(st, EVENT_ACTOR, KIND_TEXT, out);
    g_string_append(out, " -> ");
    show(st, EVENT_TARGET, KIND_TEXT, out);
    g_string_append(out, "  ");
    show(st, EVENT_OBJECT, KIND_TEXT, out);
    g_string_append(out, "  [");
    show(st, EVENT_SOURCE, KIND_TEXT, out);
    g_string_append_c(out, ':');
    show(st, EVENT_LINE, KIND_INT, out);
    g_string_append_c(out, ']');
    if (!hc_col_null(st, EVENT_NOTE)) {
        g_string_append(out, "  (");
        show(st, EVENT_NOTE, KIND_TEXT, out);
        g_string_append_c(out, ')');
    }
    g_string_append_c(out, '\n');
}

bool hc_rows_events(hc_db *db, const char *source, enum hc_rows_format format, struct hc_writer *w,
                    GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    hc_stmt *st = hc_db_stmt(db, "rows", "events");
    int rc;

    hc_bind_text(st, 1, hc_str(source));
    if (format == HC_ROWS_CSV)
        head_csv(event_columns, G_N_ELEMENTS(event_columns), out);
    while ((rc = hc_step(st, error)) == 1) {
        if (!row_in(format, st, event_columns, G_N_ELEMENTS(event_columns), out))
            event_text(st, out);
        if (!flush_rows(w, out, FLUSH_SIZE, error)) {
            hc_stmt_reset(st);
            return false;
        }
    }
    return rc == 0 && flush_rows(w, out, 0, error);
}

static bool ignored_text(hc_db *db, int64_t source, GString *out, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "rows", "tally");
    int rc;

    hc_bind_int(st, 1, source);
    while ((rc = hc_step(st, error)) == 1) {
        g_string_append(out, "    ignored ");
        show(st, 3, KIND_INT, out);
        g_string_append(out, " of ");
        show(st, 1, KIND_TEXT, out);
        g_string_append(out, ": ");
        show(st, 2, KIND_TEXT, out);
        g_string_append_c(out, '\n');
    }
    return rc == 0;
}

static void reject_text(hc_stmt *st, GString *out)
{
    show(st, REJECT_SOURCE, KIND_TEXT, out);
    g_string_append_c(out, ':');
    show(st, REJECT_LINE, KIND_INT, out);
    g_string_append(out, ": rejected: ");
    show(st, REJECT_WHY, KIND_TEXT, out);
    g_string_append(out, " (byte ");
    show(st, REJECT_OFFSET, KIND_INT, out);
    g_string_append(out, ")\n");
}

static bool add_rejects(hc_db *db, enum hc_rows_format format, int64_t source, GString *out, GError **error)
{
    hc_stmt *st = hc_db_stmt(db, "rows", "rejects");
    int rc;

    hc_bind_int(st, 1, source);
    while ((rc = hc_step(st, error)) == 1) {
        if (!row_in(format, st, reject_columns, G_N_ELEMENTS(reject_columns), out))
            reject_text(st, out);
    }
    return rc == 0;
}

static void source_text(hc_stmt *st, GString *out)
{
    show(st, SOURCE_NAME, KIND_TEXT, out);
    g_string_append(out, "\n    ");
    show(st, SOURCE_STATUS, KIND_TEXT, out);
    if (!hc_col_null(st, SOURCE_FORMAT)) {
        g_string_append(out, " as ");
        show(st, SOURCE_FORMAT, KIND_TEXT, out);
    }
    if (!hc_col_null(st, SOURCE_WHY)) {
        g_string_append(out, ": ");
        show(st, SOURCE_WHY, KIND_TEXT, out);
    }
    g_string_append(out, "\n    ");
    for (int i = SOURCE_RECORDS; i < SOURCE_FIRST; i++) {
        show(st, i, KIND_INT, out);
        g_string_append_printf(out, " %s%s", source_columns[i].key, i + 1 < SOURCE_FIRST ? ", " : "\n");
    }
    if (hc_col_int(st, SOURCE_UNDATED)) {
        g_string_append(out, "    ");
        show(st, SOURCE_UNDATED, KIND_INT, out);
        g_string_append(out, " events have no time that can be told\n");
    }
    if (!hc_col_null(st, SOURCE_FIRST)) {
        g_string_append(out, "    ");
        show(st, SOURCE_FIRST, KIND_TIME, out);
        g_string_append(out, " to ");
        show(st, SOURCE_LAST, KIND_TIME, out);
        g_string_append_c(out, '\n');
    }
}

static const struct column silence_columns[] = {
    {"from", KIND_TIME}, {"to", KIND_TIME},          {"expected", KIND_INT},
    {"steps", KIND_INT}, {"step_minutes", KIND_INT}, {"at_end", KIND_INT},
};

/* Where it is silent against its own rhythm. */
static bool silence_text(hc_db *db, int64_t source, GString *out, GError **error)
{
    hc_stmt *st = hc_db_query(db, "rows", "silences", "i", source);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        g_string_append(out, "    silent from ");
        show(st, 0, KIND_TIME, out);
        g_string_append(out, hc_col_int(st, 5) ? " to its end, " : " to ");
        show(st, 1, KIND_TIME, out);
        g_string_append_printf(out,
                               ": of %" G_GINT64_FORMAT " steps of %" G_GINT64_FORMAT
                               " min, %" G_GINT64_FORMAT " would hold a record by its own rhythm\n",
                               hc_col_int(st, 3), hc_col_int(st, 4), hc_col_int(st, 2));
    }
    return rc == 0;
}

static bool silence_json(hc_db *db, int64_t source, GString *out, GError **error)
{
    hc_stmt *st = hc_db_query(db, "rows", "silences", "i", source);
    bool any = false;
    int rc;

    g_string_append(out, "[");
    for (; (rc = hc_step(st, error)) == 1; any = true) {
        g_string_append(out, any ? ", " : "");
        row_json(st, silence_columns, G_N_ELEMENTS(silence_columns), out);
        g_string_truncate(out, out->len - 1);
    }
    g_string_append(out, "]");
    return rc == 0;
}

/* The row, and what is known of its clock. */
static bool source_json(hc_db *db, hc_stmt *st, GString *out, GError **error)
{
    bool ok;

    row_json(st, source_columns, G_N_ELEMENTS(source_columns), out);
    g_string_truncate(out, out->len - 2);
    g_string_append(out, ", \"clock_estimate\": ");
    ok = clock_json(db, hc_col_int(st, SOURCE_ID), out, error);
    g_string_append(out, ", \"silences\": ");
    ok = ok && silence_json(db, hc_col_int(st, SOURCE_ID), out, error);
    g_string_append(out, "}\n");
    return ok;
}

bool hc_rows_sources(hc_db *db, bool rejects, enum hc_rows_format format, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    hc_stmt *st = hc_db_stmt(db, "rows", "sources");
    bool ok = true;
    int rc;

    if (format == HC_ROWS_CSV && rejects)
        head_csv(reject_columns, G_N_ELEMENTS(reject_columns), out);
    else if (format == HC_ROWS_CSV)
        head_csv(source_columns, G_N_ELEMENTS(source_columns), out);
    while (ok && (rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, SOURCE_ID);
        if (rejects)
            ok = add_rejects(db, format, id, out, error);
        else if (format == HC_ROWS_JSONL)
            ok = source_json(db, st, out, error);
        else if (format == HC_ROWS_CSV)
            row_csv(st, source_columns, G_N_ELEMENTS(source_columns), out);
        else {
            source_text(st, out);
            ok = ignored_text(db, id, out, error) && clock_text(db, id, out, error) &&
                 silence_text(db, id, out, error);
        }
        ok = ok && flush_rows(w, out, FLUSH_SIZE, error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0 && flush_rows(w, out, 0, error);
}
