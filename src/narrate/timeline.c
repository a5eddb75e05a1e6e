/* SPDX-License-Identifier: Apache-2.0 */
/* The timeline of the incidents. */
#include "src/narrate/cells.h"

#include "src/base/text.h"
#include "src/base/utc.h"

static const struct column timeline_columns[] = {
    EVENT_COLUMNS,         {"phase", KIND_TEXT},   {"because", KIND_TEXT}, {"attested_by", KIND_LIST},
    {"repeat", KIND_TEXT}, {"incident", KIND_INT},
};
enum { TL_ATTEST = EVENT_COLUMN_COUNT + 2, TL_REPEAT, TL_INCIDENT };

#define SAID_MAX 300 /* bytes of a message shown in the list */

/* One printed entry that waits for its repeats. */
struct entry {
    char *fold;
    GString *text, *repeats;
    guint more; /* repeats that are only counted */
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
    if (hc_col_null(st, EVENT_OBJECT)) { /* nothing to name it by */
        g_string_assign(e->repeats, "");
        g_string_append_printf(e->repeats, "      and %u more like it, the last at ", ++e->more);
        clock_text(st, e->repeats);
        return;
    }
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

/* Which incident is told from here on, where the case has several. */
static bool head_incident(hc_db *db, int64_t incident, GString *out, GError **error)
{
    hc_stmt *st = hc_db_query(db, "rows", "incident", "i", incident);
    bool ok = hc_step(st, error) == 1;

    if (ok && hc_col_int(st, 1) > 1) {
        g_string_append_printf(out, "%sincident %" G_GINT64_FORMAT ": ", incident > 1 ? "\n" : "", incident);
        show(st, 0, KIND_TEXT, out);
        g_string_append_c(out, '\n');
    }
    hc_stmt_reset(st);
    return ok;
}

static bool timeline_text(hc_db *db, hc_stmt *st, GString *out, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_free);
    char day[HC_UTC_TEXT] = "", now[HC_UTC_TEXT];
    int64_t incident = 0;
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct entry *lead = entry_of_fold(entries, hc_col_text(st, TL_REPEAT));
        if (hc_col_int(st, TL_INCIDENT) != incident) {
            incident = hc_col_int(st, TL_INCIDENT);
            write_entries(entries, out);
            ok = head_incident(db, incident, out, error);
            *day = '\0';
            lead = NULL;
        }
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
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool hc_rows_timeline(hc_db *db, enum hc_rows_format format, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    hc_stmt *st = hc_db_stmt(db, "rows", "timeline");
    const size_t n = G_N_ELEMENTS(timeline_columns);
    int rc = 0;

    if (format == HC_ROWS_TEXT)
        return timeline_text(db, st, out, error) && flush_rows(w, out, 0, error);
    if (format == HC_ROWS_CSV)
        head_csv(timeline_columns, n, out);
    while ((rc = hc_step(st, error)) == 1)
        row_in(format, st, timeline_columns, n, out);
    return rc == 0 && flush_rows(w, out, 0, error);
}
