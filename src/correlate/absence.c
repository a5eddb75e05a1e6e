/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/absence.h"

#include "src/base/json.h"
#include "src/base/text.h"

#define AGES (INT64_C(1) << 52) /* microseconds: before and after everything */
#define MARGIN                                                                                               \
    (86400 *                                                                                                 \
     HC_US_PER_S) /* readings that are so far outside may lie inside: days, clocks that are corrected */

/* From when to when records of one type tell all. */
struct cover {
    int64_t from, to;
};

/* A record type of one source that is able to show some of what is asked. */
struct able {
    int64_t stream, source, rejected;
    char *type, *name;
    bool actions[HC_ACTION_COUNT]; /* of those that are asked */
    bool database, narrowed, lost; /* lost: rows of it go with an account */
    GArray *covers;                /* struct cover, by time */
    int64_t examined;
};

static void able_free(void *data)
{
    struct able *x = data;

    g_free(x->type);
    g_free(x->name);
    g_array_unref(x->covers);
    g_free(x);
}

static void shown_clear(void *data)
{
    g_free(((struct shown *)data)->type);
}

void answer_init(struct answer *a)
{
    *a = (struct answer){
        .verdict = "cannot-be-told", .about = -1, .why = g_ptr_array_new_with_free_func(g_free)};
    a->shown = g_array_new(FALSE, TRUE, sizeof(struct shown));
    g_array_set_clear_func(a->shown, shown_clear);
    a->places = g_array_new(FALSE, TRUE, sizeof(struct place));
}

void answer_clear(struct answer *a)
{
    g_ptr_array_unref(a->why);
    g_array_unref(a->shown);
    g_array_unref(a->places);
}

static void because(struct answer *a, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void because(struct answer *a, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    if (g_ptr_array_find_with_equal_func(a->why, text, g_str_equal, NULL))
        g_free(text);
    else
        g_ptr_array_add(a->why, text);
}

GHashTable *absence_entities(struct world *w, const char *name, enum hc_entity_kind kind,
                             enum hc_entity_kind id_kind)
{
    GHashTable *all = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GArray) same = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autofree char *key = hc_text_fold(hc_str(name));
    hc_stmt *st =
        hc_db_query(w->db, "coverage", "entities_named", "iitt", (int64_t)kind, (int64_t)id_kind, name, key);

    while (hc_step(st, NULL) == 1) {
        int64_t id = hc_col_int(st, 0), stands = canonical(w, id);
        g_hash_table_add(all, g_memdup2(&id, sizeof id));
        g_hash_table_add(all, g_memdup2(&stands, sizeof stands));
        g_array_append_val(same, id);
        g_array_append_val(same, stands);
    }
    for (guint i = 0; i < same->len; i++) {
        st = hc_db_query(w->db, "coverage", "standing_for", "i", g_array_index(same, int64_t, i));
        while (hc_step(st, NULL) == 1)
            g_hash_table_add(all, g_memdup2(&(int64_t){hc_col_int(st, 0)}, sizeof(int64_t)));
    }
    return all;
}

/* Was the import of this source narrowed to names of which one that is asked about is none? */
static bool passes_over(hc_stmt *st, int column, const struct question *q)
{
    g_autofree char *json = hc_col_dup(st, column);
    bool all = q->names[0] != NULL;

    if (!json)
        return false;
    for (const char *const *name = q->names; *name; name++) {
        g_autofree char *wanted = hc_text_fold(hc_str(*name));
        struct hc_str one;
        size_t pos = 0;
        bool there = false;
        while ((one = hc_json_next(hc_str(json), &pos, NULL)).p) {
            g_autoptr(GString) text = g_string_new(NULL);
            g_autofree char *folded = NULL;
            hc_json_text(one, text);
            folded = hc_text_fold(hc_str_n(text->str, text->len));
            there |= strcmp(folded, wanted) == 0;
        }
        all = all && there;
    }
    return !all;
}

static void add_cover(struct able *x, int64_t from, int64_t to)
{
    struct cover c = {from, to};

    if (from <= to)
        g_array_append_val(x->covers, c);
}

/* A log tells of what lies between its ends, but for its silences. */
static bool cover_stream(struct world *w, struct able *x, int64_t first, int64_t ends, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "stream_silences", "i", x->stream);
    int64_t from = first;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        add_cover(x, from, hc_col_int(st, 0));
        from = MAX(from, hc_col_int(st, 1));
    }
    add_cover(x, from, ends);
    return rc == 0;
}

/*
 * A table tells of what lies between its first row, before which it may not have been there, and the dump,
 * while the service keeps its rows; `gone`: when an account took some with it.
 */
static void cover_table(struct able *x, hc_stmt *st, int64_t gone)
{
    g_autofree char *kept = hc_col_dup(st, 12);
    int64_t made = hc_col_null(st, 5) ? hc_col_int(st, 7) : hc_col_int(st, 5), age = 0;
    int64_t from = hc_col_int(st, 16);

    if (kept && *kept && hc_duration_parse(hc_str(kept), &age))
        from = MAX(from, made - age);
    if (!hc_col_null(st, 16) && (!x->lost || made < gone))
        add_cover(x, from, made);
}

/* The actions of a JSON list. */
static void read_list(hc_stmt *st, int column, bool actions[HC_ACTION_COUNT])
{
    g_autofree char *json = hc_col_dup(st, column);
    struct hc_str one;
    size_t pos = 0;

    while ((one = hc_json_next(hc_str(json), &pos, NULL)).p) {
        g_autoptr(GString) text = g_string_new(NULL);
        hc_json_text(one, text);
        actions[hc_action_by_name(hc_str_n(text->str, text->len))] = true;
    }
}

/* Those that are asked and of which its records tell all. */
static bool read_actions(struct able *x, hc_stmt *st, const struct question *q)
{
    bool told[HC_ACTION_COUNT] = {0}, partly[HC_ACTION_COUNT] = {0}, any = false;

    read_list(st, 3, told);
    read_list(st, 15, partly);
    for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++) {
        x->actions[i] = q->actions[i] && told[i] && !partly[i];
        any |= x->actions[i];
    }
    return any;
}

/*
 * When the first account was deleted whose records the question may be about; after everything if none was.
 */
static int64_t first_deletion(struct world *w, const struct question *q, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "deletions", "ii", (int64_t)HC_ACTION_ACCOUNT_DELETE, -AGES);
    int64_t first = AGES;

    while (hc_step(st, error) == 1) {
        int64_t target = hc_col_int(st, 0);
        bool asked = (!q->actor && !q->target) || (q->actor && g_hash_table_contains(q->actor, &target)) ||
                     (q->target && g_hash_table_contains(q->target, &target));
        if (asked && !hc_col_null(st, 0))
            first = MIN(first, hc_col_int(st, 1));
    }
    return first;
}

static bool read_able(struct world *w, const struct question *q, GPtrArray *all, GError **error)
{
    int64_t gone = first_deletion(w, q, error);
    hc_stmt *st = hc_db_stmt(w->db, "coverage", "able");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct able *x = g_new0(struct able, 1);
        x->covers = g_array_new(FALSE, FALSE, sizeof(struct cover));
        x->stream = hc_col_int(st, 0);
        x->source = hc_col_int(st, 1);
        x->type = hc_col_dup(st, 2);
        x->name = hc_col_dup(st, 14);
        x->database = hc_col_int(st, 4);
        x->narrowed = passes_over(st, 10, q);
        x->rejected = hc_col_int(st, 11);
        x->lost = hc_col_int(st, 13);
        if (!read_actions(x, st, q)) {
            able_free(x);
            continue;
        }
        g_ptr_array_add(all, x);
        if (x->database)
            cover_table(x, st, gone);
        else
            ok = cover_stream(w, x, hc_col_int(st, 8), hc_col_int(st, 9), error);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

static int by_from(const void *a, const void *b)
{
    const struct cover *x = a, *y = b;

    return x->from < y->from ? -1 : x->from > y->from;
}

/* Where the interval is first not covered by what can show the action; after its end if it is. */
static int64_t first_uncovered(const GPtrArray *all, const struct question *q, int action)
{
    g_autoptr(GArray) covers = g_array_new(FALSE, FALSE, sizeof(struct cover));
    int64_t at = q->from;

    for (guint i = 0; i < all->len; i++) {
        const struct able *x = all->pdata[i];
        if (x->actions[action] && !x->narrowed && !x->rejected)
            g_array_append_vals(covers, x->covers->data, x->covers->len);
    }
    g_array_sort(covers, by_from);
    for (guint i = 0; i < covers->len && at <= q->to; i++) {
        const struct cover *c = &g_array_index(covers, struct cover, i);
        if (c->from <= at && c->to >= at)
            at = c->to >= q->to ? q->to + 1 : c->to;
        else if (c->from > at)
            break;
    }
    return at;
}

/* Why a type that can show the action does not count. False: none can. */
static bool blame(struct answer *a, const GPtrArray *all, int action)
{
    bool any = false;

    for (guint i = 0; i < all->len; i++) {
        const struct able *x = all->pdata[i];
        if (!x->actions[action])
            continue;
        any = true;
        if (x->narrowed)
            because(a, "%s was narrowed to other names when it was imported", x->name);
        else if (x->rejected)
            because(a, "%" G_GINT64_FORMAT " records of %s could not be read", x->rejected, x->name);
        else if (x->lost && !x->covers->len)
            because(a, "rows of %s in %s went with a deleted account", x->type, x->name);
    }
    return any;
}

/*
 * Actions that lack the same are named together. `at`: from where on they are not covered; INT64_MIN: no
 * source can show them.
 */
static void add_lack(GPtrArray *texts, GArray *ats, int64_t at, const char *action)
{
    for (guint i = 0; i < ats->len; i++)
        if (g_array_index(ats, int64_t, i) == at) {
            g_string_append_printf(texts->pdata[i], " or %s", action);
            return;
        }
    g_array_append_val(ats, at);
    g_ptr_array_add(texts, g_string_new(action));
}

static void string_free(void *text)
{
    g_string_free(text, TRUE);
}

static void tell_lacks(struct answer *a, const struct question *q, const GPtrArray *all)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(string_free);
    g_autoptr(GArray) ats = g_array_new(FALSE, FALSE, sizeof(int64_t));
    char time[HC_UTC_TEXT];

    for (int action = HC_ACTION_NONE + 1; action < HC_ACTION_COUNT; action++) {
        int64_t at = q->actions[action] ? first_uncovered(all, q, action) : INT64_MAX;
        if (at <= q->to)
            add_lack(texts, ats, blame(a, all, action) ? at : INT64_MIN,
                     hc_action_sentence((enum hc_action)action));
    }
    for (guint i = 0; i < texts->len; i++) {
        const GString *text = texts->pdata[i];
        int64_t at = g_array_index(ats, int64_t, i);
        if (at == INT64_MIN)
            because(a, "no source of this case can show whether %s", text->str);
        else
            because(
                a,
                "what can show whether %s leaves the time from %.10s %.8s UTC on uncovered, at least in part",
                text->str, hc_utc_format(at, time), time + 11);
    }
}

static bool fits(GHashTable *wanted, int64_t entity)
{
    return !wanted || (entity && g_hash_table_contains(wanted, &entity));
}

/* Columns of a match: id, from, length or end, precision, actor, target, object, address, then its place. */
static void weigh(struct world *w, const struct question *q, struct answer *a, hc_stmt *st, int64_t from,
                  int64_t to, bool dated)
{
    struct place at = {hc_col_int(st, 8), hc_col_int(st, 9), hc_col_int(st, 10), hc_col_int(st, 11)};

    if (!fits(q->actor, hc_col_int(st, 4)) || !fits(q->target, hc_col_int(st, 5)) ||
        !fits(q->object, hc_col_int(st, 6)) || !fits(q->address, hc_col_int(st, 7)))
        return;
    if (dated)
        correct_time(w, at.source, &from, &to);
    if (dated && (to < q->from || from > q->to))
        return;
    if (dated && from >= q->from && to <= q->to)
        a->matched++;
    else
        a->possible++;
    if (at.source && a->places->len < ABSENCE_PLACES_MAX)
        g_array_append_val(a->places, at);
}

static bool match_action(struct world *w, const struct question *q, struct answer *a, int action,
                         GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "events_of_action", "iii", (int64_t)action, q->from - MARGIN,
                              q->to + MARGIN);
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        weigh(w, q, a, st, hc_col_int(st, 1), hc_col_int(st, 1) + hc_col_int(st, 2), hc_col_int(st, 3) > 0);
    if (rc < 0)
        return false;
    st = hc_db_query(w->db, "coverage", "undated_of_action", "i", (int64_t)action);
    while ((rc = hc_step(st, error)) == 1)
        weigh(w, q, a, st, 0, 0, false);
    if (rc < 0)
        return false;
    st = hc_db_query(w->db, "coverage", "inferred_of_action", "iii", (int64_t)action, -AGES, AGES);
    while ((rc = hc_step(st, error)) == 1)
        weigh(w, q, a, st, hc_col_int(st, 1), hc_col_int(st, 2), true);
    return rc == 0;
}

/* The types by source and name: of two entries of the profile for one type either counts its records. */
static char *place_key(int64_t source, struct hc_str type)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %.*s", source, HC_STR_ARG(type));
}

static GHashTable *by_place(const GPtrArray *all)
{
    GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < all->len; i++) {
        struct able *x = all->pdata[i];
        g_hash_table_replace(places, place_key(x->source, hc_str(x->type)), x);
    }
    return places;
}

/* What a source tells without types counts whatever type its records have. */
static struct able *able_of(GHashTable *places, int64_t source, struct hc_str type)
{
    g_autofree char *key = place_key(source, type), *any = place_key(source, hc_str(""));
    struct able *x = g_hash_table_lookup(places, key);

    return x ? x : g_hash_table_lookup(places, any);
}

static bool examine(struct world *w, const struct question *q, GHashTable *places, struct answer *a,
                    GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", "examined", "ii", q->from, q->to);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct able *x = able_of(places, hc_col_int(st, 0), hc_col_text(st, 1));
        if (x)
            x->examined += hc_col_int(st, 2);
        a->examined += x ? hc_col_int(st, 2) : 0;
    }
    return rc == 0;
}

/* Those without a record in the interval were looked at too. */
static void list_shown(const GPtrArray *all, GHashTable *places, struct answer *a)
{
    for (guint i = 0; i < all->len; i++) {
        const struct able *x = all->pdata[i];
        g_autofree char *key = place_key(x->source, hc_str(x->type));
        struct shown s = {x->source, x->examined, NULL};
        if (g_hash_table_lookup(places, key) != x)
            continue;
        s.type = g_strdup(x->type);
        g_array_append_val(a->shown, s);
    }
}

/*
 * Records of able types in the interval that are on what is asked about: the first thing that narrows the
 * question.
 */
static bool count_about(struct world *w, const struct question *q, GHashTable *places, struct answer *a,
                        GError **error)
{
    GHashTable *wanted = q->object ? q->object : q->actor ? q->actor : q->target ? q->target : q->address;
    const char *query = q->object   ? "about_object"
                        : q->actor  ? "about_actor"
                        : q->target ? "about_target"
                                    : "about_address";
    GHashTableIter iter;
    void *id;
    int rc = 0;

    if (!wanted)
        return true;
    a->about = 0;
    g_hash_table_iter_init(&iter, wanted);
    while (rc == 0 && g_hash_table_iter_next(&iter, &id, NULL)) {
        hc_stmt *st = hc_db_query(w->db, "coverage", query, "iii", *(int64_t *)id, q->from, q->to);
        while ((rc = hc_step(st, error)) == 1)
            a->about += able_of(places, hc_col_int(st, 0), hc_col_text(st, 1)) ? hc_col_int(st, 2) : 0;
    }
    return rc == 0;
}

/* The wanted projects and their releases: what rows of files are on. */
static GHashTable *with_releases(struct world *w, GHashTable *projects)
{
    GHashTable *all = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    hc_stmt *st = hc_db_stmt(w->db, "coverage", "releases_of");

    while (hc_step(st, NULL) == 1) {
        int64_t release = hc_col_int(st, 0), project = hc_col_int(st, 1);
        if (g_hash_table_contains(projects, &project))
            g_hash_table_add(all, g_memdup2(&release, sizeof release));
    }
    return all;
}

/*
 * Rows that say when they were made tell of it too, as long as they are there. They show no absence: a row
 * may be gone.
 */
static bool match_rows(struct world *w, const struct question *q, struct answer *a, GError **error)
{
    static const struct {
        const char *table;
        enum hc_action action;
    } tables[] = {{"accounts", HC_ACTION_ACCOUNT_CREATE},
                  {"projects", HC_ACTION_PROJECT_CREATE},
                  {"releases", HC_ACTION_RELEASE_CREATE},
                  {"files", HC_ACTION_FILE_ADD}};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < G_N_ELEMENTS(tables); i++) {
        bool files = tables[i].action == HC_ACTION_FILE_ADD;
        g_autoptr(GHashTable) releases =
            files && q->object && q->actions[tables[i].action] ? with_releases(w, q->object) : NULL;
        struct question of = {.object = files ? releases : q->object,
                              .target = q->target ? q->target : q->actor,
                              .from = q->from,
                              .to = q->to};
        hc_stmt *st;
        if (!q->actions[tables[i].action] || q->address)
            continue;
        st = hc_db_query(w->db, "coverage", "born", "tii", tables[i].table, q->from, q->to);
        while ((rc = hc_step(st, error)) == 1)
            weigh(w, &of, a, st, hc_col_int(st, 1), hc_col_int(st, 1), true);
    }
    return rc == 0;
}

static void judge(const struct question *q, const GPtrArray *all, struct answer *a)
{
    tell_lacks(a, q, all);
    if (a->possible)
        because(a, "%" G_GINT64_FORMAT " that may lie in the interval may also lie outside", a->possible);
    a->verdict = a->matched ? "contradicted" : a->why->len ? "cannot-be-told" : "supported";
}

bool absence_lacks(struct world *w, const struct question *q, struct answer *a, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(able_free);

    if (!read_able(w, q, all, error))
        return false;
    tell_lacks(a, q, all);
    return true;
}

bool absence_ask(struct world *w, const struct question *q, struct answer *a, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(able_free);
    g_autoptr(GHashTable) places = NULL;
    bool ok = read_able(w, q, all, error);

    for (int action = HC_ACTION_NONE + 1; ok && action < HC_ACTION_COUNT; action++)
        ok = !q->actions[action] || match_action(w, q, a, action, error);
    places = by_place(all);
    if (!ok || !match_rows(w, q, a, error) || !examine(w, q, places, a, error) ||
        !count_about(w, q, places, a, error))
        return false;
    list_shown(all, places, a);
    judge(q, all, a);
    return true;
}
