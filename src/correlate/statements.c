/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/statements.h"

#include "src/base/keyed.h"
#include "src/base/text.h"
#include "src/correlate/insert.h"

/* What a session had told of when its next line comes. */
struct session {
    struct moment last; /* its last line; .event 0: none */
    struct moment
        begun;  /* the line that opened the transaction; .event 0: none is open, or which is not known */
    bool known; /* whether one is open */
};

/* An INSERT, and the row that it wrote. */
struct written {
    struct moment line, before, begun;
    int64_t row; /* event; 0: none, or several */
};

struct search {
    struct world *w;
    GHashTable *sessions; /* txn entity -> struct session */
    GHashTable *tables;   /* name -> column of the rows' time */
    GArray *all;          /* struct written */
    int64_t source;       /* whose lines are read */
};

/* A line about a statement, as it is read. */
struct line {
    struct moment moment;
    int64_t txn;
    bool failed, connects;
    char *statement;
};

static void session_reset(struct search *s, int64_t source)
{
    if (s->source == source)
        return;
    g_hash_table_remove_all(s->sessions); /* another log has sessions of its own */
    s->source = source;
}

static struct session *session_of(struct search *s, int64_t txn)
{
    struct session *one = g_hash_table_lookup(s->sessions, &txn);

    if (!one) {
        one = g_new0(struct session, 1);
        g_hash_table_insert(s->sessions, g_memdup2(&txn, sizeof(txn)), one);
    }
    return one;
}

static bool begins_with(const char *text, const char *word)
{
    size_t n = strlen(word);

    return g_ascii_strncasecmp(text, word, n) == 0 && !g_ascii_isalnum(text[n]) && text[n] != '_';
}

static bool opens(const char *statement)
{
    return begins_with(statement, "begin") || begins_with(statement, "start transaction");
}

static bool closes(const char *statement)
{
    return begins_with(statement, "commit") || begins_with(statement, "rollback") ||
           begins_with(statement, "end");
}

/* Several statements in one, of which only the end is dated. */
static bool is_several(const char *statement)
{
    const char *mark = strchr(statement, ';');

    return mark && mark[1 + strspn(mark + 1, " \t\r\n;")];
}

static void move_session(struct session *session, const struct line *l)
{
    const char *statement = l->statement ? l->statement : "";
    bool several = is_several(statement), ends = closes(statement) && !several;

    if (l->connects || ends || several) {
        session->begun = (struct moment){0};
        session->known = !several;
    } else if (opens(statement) && !l->failed) {
        session->begun = l->moment;
        session->known = true;
    }
    session->last = l->moment;
}

static bool sets(const struct insert *insert, const char *column)
{
    for (guint i = 0; i < insert->columns->len; i++)
        if (g_ascii_strcasecmp(insert->columns->pdata[i], column) == 0)
            return true;
    return false;
}

static bool has_value(const struct insert *insert, struct hc_str text)
{
    for (guint i = 0; i < insert->values->len; i++)
        if (hc_str_is(text, insert->values->pdata[i]))
            return true;
    return false;
}

static bool is_named(const struct insert *insert, const char *name)
{
    for (guint i = 0; i < insert->values->len; i++)
        if (has_word(hc_str(insert->values->pdata[i]), name))
            return true;
    return false;
}

/* All that the row names stands among the values: its native text as a whole, names as words, and two of them
 * at least. */
static bool fits(const struct insert *insert, hc_stmt *row)
{
    struct hc_str native = hc_col_text(row, 1);
    int names = 0;

    if (native.p && !has_value(insert, native))
        return false;
    for (int i = 2; i <= 4; i++) {
        g_autofree char *name = hc_col_dup(row, i);
        if (name && !is_named(insert, name))
            return false;
        names += name != NULL;
    }
    return names + (native.p != NULL) >= 2;
}

/* The rows that hold what this value names. `*row`: the only one that fits so far, -1: there are more. */
static bool rows_of_value(struct search *s, const struct insert *insert, const char *value, int64_t when,
                          int64_t *row, GError **error)
{
    g_autofree char *fold = hc_text_fold(hc_str(value));
    hc_stmt *st = hc_db_query(s->w->db, "correlate", "rows_written", "tttii", insert->table, value, fold,
                              when - STATEMENT_REACH, when + STATEMENT_REACH);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t event = hc_col_int(st, 0);
        if (event != *row && fits(insert, st))
            *row = *row ? -1 : event;
    }
    return rc == 0;
}

static bool find_row(struct search *s, const struct insert *insert, struct written *out, GError **error)
{
    for (guint i = 0; i < MIN(insert->values->len, STATEMENT_VALUES_MAX) && out->row >= 0; i++)
        if (!rows_of_value(s, insert, insert->values->pdata[i], out->line.earliest, &out->row, error))
            return false;
    out->row = MAX(out->row, 0);
    return true;
}

static bool take_insert(struct search *s, const struct line *l, const struct session *session, GError **error)
{
    g_autoptr(insert_t) insert =
        l->failed || !l->statement || s->all->len == STATEMENTS_MAX ? NULL : insert_read(l->statement);
    const char *column = insert ? g_hash_table_lookup(s->tables, insert->table) : NULL;
    struct written one = {.line = l->moment};

    if (!column || sets(insert, column))
        return true;
    if (session->known) {
        one.before = session->begun.event ? session->begun : session->last;
        one.begun = session->begun;
    }
    if (!find_row(s, insert, &one, error))
        return false;
    g_array_append_val(s->all, one);
    return true;
}

static struct line read_line(hc_stmt *st)
{
    struct line l = {.moment = {hc_col_int(st, 0), hc_col_int(st, 1), hc_col_int(st, 2),
                                hc_col_int(st, 2) + hc_col_int(st, 3)}};

    l.txn = hc_col_int(st, 4);
    l.failed = hc_col_int(st, 5) == HC_OUTCOME_FAILURE;
    l.connects = hc_col_int(st, 6) == HC_ACTION_LOGIN_SUCCESS;
    l.statement = hc_col_dup(st, 7);
    return l;
}

static bool take_line(struct search *s, hc_stmt *st, GError **error)
{
    struct line l = read_line(st);
    struct session *session;
    bool ok;

    session_reset(s, l.moment.source);
    session = session_of(s, l.txn);
    ok = take_insert(s, &l, session, error);
    move_session(session, &l);
    g_free(l.statement);
    return ok;
}

static bool load_tables(struct search *s, GError **error)
{
    hc_stmt *st = hc_db_stmt(s->w->db, "correlate", "row_times");
    int rc;

    while ((rc = hc_step(st, error)) == 1)
        g_hash_table_insert(s->tables, hc_col_dup(st, 0), hc_col_dup(st, 1));
    return rc == 0;
}

static bool read_lines(struct search *s, GError **error)
{
    hc_stmt *st = hc_db_stmt(s->w->db, "correlate", "statement_lines");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1)
        ok = take_line(s, st, error);
    hc_stmt_reset(st);
    return ok && rc == 0;
}

/* A row that two statements may have written is that of none. */
static void drop_doubles(GArray *all)
{
    g_autoptr(GHashTable) claims = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

    for (guint i = 0; i < all->len; i++) {
        int64_t row = g_array_index(all, struct written, i).row;
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(claims, &row));
        g_hash_table_insert(claims, g_memdup2(&row, sizeof(row)), GUINT_TO_POINTER(n + 1));
    }
    for (guint i = 0; i < all->len; i++) {
        struct written *one = &g_array_index(all, struct written, i);
        if (GPOINTER_TO_UINT(g_hash_table_lookup(claims, &one->row)) > 1)
            one->row = 0;
    }
}

/* The pairs of one row, and its link. */
static bool add_written(struct world *w, struct anchors *a, const struct written *one, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "row_moment", "i", one->row);
    struct moment row = {0};
    bool by_transaction = false;
    int rc = hc_step(st, error);

    if (rc == 1) {
        row = (struct moment){one->row, hc_col_int(st, 0), hc_col_int(st, 1),
                              hc_col_int(st, 1) + hc_col_int(st, 2)};
        by_transaction = hc_col_int(st, 3);
    }
    hc_stmt_reset(st);
    if (rc < 0)
        return false;
    if (one->begun.event)
        anchors_add(a, one->begun, row, "the session had begun the transaction that wrote the row");
    else
        anchors_add(a, one->before, row, "the session had done this before it wrote the row");
    if (by_transaction && one->begun.event)
        anchors_add(a, row, one->begun,
                    "the row has the time of its transaction, which had begun when the line was written");
    else
        anchors_add(a, row, one->line, "the row was written before the line about its statement");
    return add_link(w, "statement", one->line.event, one->row,
                    "an INSERT whose values hold all that the row names, and the only one within a day",
                    error);
}

bool anchors_of_statements(struct world *w, struct anchors *a, GError **error)
{
    struct search s = {.w = w};
    bool ok;

    s.sessions = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    s.tables = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, g_free);
    s.all = g_array_new(FALSE, TRUE, sizeof(struct written));
    ok = load_tables(&s, error) && (g_hash_table_size(s.tables) == 0 || read_lines(&s, error));
    drop_doubles(s.all);
    for (guint i = 0; ok && i < s.all->len; i++)
        if (g_array_index(s.all, struct written, i).row)
            ok = add_written(w, a, &g_array_index(s.all, struct written, i), error);
    g_hash_table_unref(s.sessions);
    g_hash_table_unref(s.tables);
    g_array_unref(s.all);
    return ok;
}

/* ---- acts ---- */

/* A state row that is an act of its own: an account that was made again. The INSERT names its table and its
 * subject. */
static bool attest_birth(struct world *w, int64_t event, const struct insert *insert, GError **error)
{
    for (guint i = 0; i < MIN(insert->values->len, STATEMENT_VALUES_MAX); i++)
        if (!hc_exec(hc_db_query(w->db, "correlate", "attest_birth", "itt", event, insert->table,
                                 (const char *)insert->values->pdata[i]),
                     error))
            return false;
    return true;
}

static bool attest_births(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "statement_lines");
    bool ok = true;
    int rc = 0;

    while (ok && (rc = hc_step(st, error)) == 1) {
        struct line l = read_line(st);
        g_autoptr(insert_t) insert = l.failed || !l.statement ? NULL : insert_read(l.statement);
        ok = !insert || attest_birth(w, l.moment.event, insert, error);
        g_free(l.statement);
    }
    hc_stmt_reset(st);
    return ok && rc == 0;
}

bool pass_statements(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "has_births");
    int rc = hc_step(st, error);

    hc_stmt_reset(st);
    return rc >= 0 && hc_exec(hc_db_stmt(w->db, "correlate", "attest_statements"), error) &&
           (rc == 0 || attest_births(w, error));
}
