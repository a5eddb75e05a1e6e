/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of conclusions: the timeline of the incidents, and the findings. */
#include "src/narrate/cells.h"

#include "src/base/text.h"
#include "src/base/utc.h"

static const struct column timeline_columns[] = {
    EVENT_COLUMNS,         {"phase", KIND_TEXT}, {"because", KIND_TEXT}, {"attested_by", KIND_LIST},
    {"repeat", KIND_TEXT},
};
enum { TL_ATTEST = EVENT_COLUMN_COUNT + 2, TL_REPEAT };

#define SAID_MAX 300 /* bytes of a message shown in the list */

/* One printed entry that waits for its repeats. */
struct entry {
    char *fold;
    GString *text, *repeats;
};

static void entry_free(void *data)
{
    struct entry *e = data;

    g_free(e->fold);
    g_string_free(e->text, TRUE);
    g_string_free(e->repeats, TRUE);
    g_free(e);
}

/* "08:44:55.184203", cut from the whole; for an interval both ends. */
static void clock_text(hc_stmt *st, GString *out)
{
    char a[HC_UTC_TEXT], b[HC_UTC_TEXT];

    hc_utc_format(hc_col_int(st, EVENT_UNTIL), b);
    if (hc_col_null(st, EVENT_TIME)) {
        g_string_append_printf(out, "by %.15s", b + 11);
        return;
    }
    hc_utc_format(hc_col_int(st, EVENT_TIME), a);
    if (memcmp(a, b, 19) == 0)
        g_string_append_printf(out, "%.15s", a + 11);
    else
        g_string_append_printf(out, "%.8s..%.8s%s", a + 11, b + 11, memcmp(a, b, 10) ? "+" : "");
}

static guint places(struct hc_str list)
{
    guint n = list.n ? 1 : 0;

    for (size_t i = 0; i < list.n; i++)
        n += list.p[i] == '\n';
    return n;
}

/* What was said, on one line. */
static void said_text(struct hc_str text, GString *out)
{
    struct hc_str cut = hc_text_cut(hc_str_trim(text), SAID_MAX);
    g_autofree char *line = hc_str_dup(cut);

    g_string_append(out, "      \"");
    hc_text_visible(out, hc_str(g_strdelimit(line, "\r\n", ' ')), false);
    g_string_append(out, cut.n < hc_str_trim(text).n ? "...\"\n" : "\"\n");
}

static struct entry *new_entry(hc_stmt *st)
{
    struct entry *e = g_new0(struct entry, 1);
    guint n = places(hc_col_text(st, TL_ATTEST));

    e->fold = hc_col_dup(st, TL_REPEAT);
    e->text = g_string_new("  ");
    e->repeats = g_string_new(NULL);
    clock_text(st, e->text);
    g_string_append(e->text, "  ");
    show(st, EVENT_ACTION, KIND_ACTION, e->text);
    g_string_append(e->text, "  ");
    show(st, EVENT_ACTOR, KIND_TEXT, e->text);
    g_string_append(e->text, " -> ");
    show(st, EVENT_TARGET, KIND_TEXT, e->text);
    g_string_append(e->text, "  ");
    show(st, EVENT_OBJECT, KIND_TEXT, e->text);
    g_string_append(e->text, "  [");
    show(st, EVENT_SOURCE, KIND_TEXT, e->text);
    g_string_append_c(e->text, ':');
    show(st, EVENT_LINE, KIND_INT, e->text);
    if (n > 1)
        g_string_append_printf(e->text, " and %u more", n - 1);
    g_string_append(e->text, "]\n");
    if (!hc_col_null(st, EVENT_TEXT)) {
        said_text(hc_col_text(st, EVENT_TEXT), e->text);
    }
    return e;
}

static void add_repeat(struct entry *e, hc_stmt *st)
{
    g_string_append(e->repeats, e->repeats->len ? ", " : "      repeated for ");
    show(st, EVENT_OBJECT, KIND_TEXT, e->repeats);
    g_string_append(e->repeats, " (");
    clock_text(st, e->repeats);
    g_string_append_c(e->repeats, ')');
}

static struct entry *entry_of_fold(const GPtrArray *entries, struct hc_str fold)
{
    for (guint i = 0; fold.p && i < entries->len; i++) {
        struct entry *e = entries->pdata[i];
        if (e->fold && hc_str_is(fold, e->fold))
            return e;
    }
    return NULL;
}

static void write_entries(GPtrArray *entries, GString *out)
{
    for (guint i = 0; i < entries->len; i++) {
        const struct entry *e = entries->pdata[i];
        g_string_append_len(out, e->text->str, (gssize)e->text->len);
        if (e->repeats->len)
            g_string_append_printf(out, "%s\n", e->repeats->str);
    }
    g_ptr_array_set_size(entries, 0);
}

static bool timeline_text(hc_stmt *st, GString *out, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_free);
    char day[HC_UTC_TEXT] = "", now[HC_UTC_TEXT];
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct entry *lead = entry_of_fold(entries, hc_col_text(st, TL_REPEAT));
        hc_utc_format(hc_col_int(st, hc_col_null(st, EVENT_TIME) ? EVENT_UNTIL : EVENT_TIME), now);
        if (memcmp(now, day, 10) != 0) {
            write_entries(entries, out);
            memcpy(day, now, sizeof(day));
            g_string_append_printf(out, "%.10s (UTC)\n", day);
            lead = NULL;
        }
        if (lead)
            add_repeat(lead, st);
        else
            g_ptr_array_add(entries, new_entry(st));
    }
    write_entries(entries, out);
    return rc == 0;
}

bool hc_rows_timeline(hc_db *db, enum hc_rows_format format, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    hc_stmt *st = hc_db_stmt(db, "rows", "timeline");
    const size_t n = G_N_ELEMENTS(timeline_columns);
    int rc = 0;

    if (format == HC_ROWS_TEXT)
        return timeline_text(st, out, error) && flush_rows(w, out, 0, error);
    if (format == HC_ROWS_CSV)
        head_csv(timeline_columns, n, out);
    while ((rc = hc_step(st, error)) == 1)
        if (format == HC_ROWS_JSONL)
            row_json(st, timeline_columns, n, out);
        else
            row_csv(st, timeline_columns, n, out);
    return rc == 0 && flush_rows(w, out, 0, error);
}

static const struct column finding_columns[] = {
    {"rule", KIND_TEXT},  {"level", KIND_TEXT},  {"title", KIND_TEXT},  {"message", KIND_TEXT},
    {"actor", KIND_TEXT}, {"target", KIND_TEXT}, {"source", KIND_TEXT}, {"line", KIND_INT},
    {"offset", KIND_INT}, {"length", KIND_INT},
};
enum { FI_RULE, FI_LEVEL, FI_MESSAGE = 3, FI_SOURCE = 6, FI_LINE, FI_ID = 10 };

static const struct column step_columns[] = {
    {"step", KIND_INT},      {"what", KIND_TEXT},  {"time", KIND_TIME},   {"until", KIND_TIME},
    {"action", KIND_ACTION}, {"actor", KIND_TEXT}, {"target", KIND_TEXT}, {"object", KIND_TEXT},
    {"source", KIND_TEXT},   {"line", KIND_INT},   {"offset", KIND_INT},  {"length", KIND_INT},
};

enum hc_level hc_level_by_name(const char *name)
{
    static const char *const names[] = {"", "note", "warning", "error"};

    for (int i = HC_LEVEL_NOTE; i <= HC_LEVEL_ERROR; i++)
        if (g_strcmp0(name, names[i]) == 0)
            return (enum hc_level)i;
    return HC_LEVEL_NONE;
}

/* As a compiler would say it. */
static void finding_text(hc_stmt *st, GString *out)
{
    show(st, FI_SOURCE, KIND_TEXT, out);
    if (!hc_col_null(st, FI_LINE)) {
        g_string_append_c(out, ':');
        show(st, FI_LINE, KIND_INT, out);
    }
    g_string_append(out, ": ");
    show(st, FI_LEVEL, KIND_TEXT, out);
    g_string_append(out, ": ");
    show(st, FI_MESSAGE, KIND_TEXT, out);
    g_string_append(out, " [");
    show(st, FI_RULE, KIND_TEXT, out);
    g_string_append(out, "]\n");
}

/* The row without its closing brace, then its steps. */
static bool finding_json(hc_db *db, hc_stmt *st, bool first, GString *out, GError **error)
{
    hc_stmt *steps = hc_db_query(db, "rows", "finding_steps", "i", hc_col_int(st, FI_ID));
    bool any = false;
    int rc;

    g_string_append(out, first ? "\n" : ",\n");
    row_json(st, finding_columns, G_N_ELEMENTS(finding_columns), out);
    g_string_truncate(out, out->len - 2);
    g_string_append(out, ", \"events\": [");
    for (; (rc = hc_step(steps, error)) == 1; any = true) {
        g_string_append(out, any ? ",\n  " : "\n  ");
        row_json(steps, step_columns, G_N_ELEMENTS(step_columns), out);
        g_string_truncate(out, out->len - 1);
    }
    g_string_append(out, "]}");
    return rc == 0;
}

bool hc_rows_findings(hc_db *db, enum hc_rows_format format, struct hc_writer *w, enum hc_level *worst,
                      GError **error)
{
    g_autoptr(GString) out = g_string_new(format == HC_ROWS_JSONL ? "[" : NULL);
    hc_stmt *st = hc_db_stmt(db, "rows", "findings");
    bool ok = true, first = true;
    int rc = 0;

    *worst = HC_LEVEL_NONE;
    for (; ok && (rc = hc_step(st, error)) == 1; first = false) {
        g_autofree char *level = hc_col_dup(st, FI_LEVEL);
        *worst = MAX(*worst, hc_level_by_name(level));
        if (format == HC_ROWS_JSONL)
            ok = finding_json(db, st, first, out, error);
        else
            finding_text(st, out);
    }
    hc_stmt_reset(st);
    if (format == HC_ROWS_JSONL)
        g_string_append(out, first ? "]\n" : "\n]\n");
    return ok && rc == 0 && flush_rows(w, out, 0, error);
}
