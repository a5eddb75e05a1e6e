/* SPDX-License-Identifier: Apache-2.0 */
#include "src/narrate/diff.h"

#include "src/base/json.h"
#include "src/base/text.h"

#define SHOWN_MAX 300 /* bytes of a value in the list for people */

enum change { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED, CHANGE_KINDS };

static const char *const change_names[CHANGE_KINDS] = {"added", "removed", "changed"};

/* The two dumps. */
struct dump {
    int64_t source, realm;
    char *place, *label; /* label: NULL when the source has none */
};

/* One row as one of the dumps has it. */
struct side {
    bool there;
    char *source, *subject, *object, *detail, *value; /* value: the kept fields, a JSON object */
    int64_t line, offset, length, ids[3]; /* ids: what subject, object and detail are compared by */
};

struct table {
    char *name, *group; /* group: what the profile says the table is, or NULL */
    bool unknown;       /* to every profile */
    char *key;          /* of one that is unknown: the column that tells its rows apart; NULL: none does */
    int64_t rows[2], counts[CHANGE_KINDS], unkept;
};

/* A field that differs; NULL: that side does not have it. */
struct field {
    char *name, *from, *to;
};

struct difference {
    struct table *table;
    guint order; /* of the table */
    enum change change;
    struct side from, to;
    GArray *fields; /* struct field */
};

struct diff {
    hc_db *db;
    struct dump from, to;
    char *keys; /* of unknown tables, a JSON array */
    GPtrArray *tables, *differences;
};

static void dump_clear(struct dump *d)
{
    g_free(d->place);
    g_free(d->label);
}

static void table_free(void *data)
{
    struct table *t = data;

    g_free(t->name);
    g_free(t->group);
    g_free(t->key);
    g_free(t);
}

static void side_clear(struct side *s)
{
    char *texts[] = {s->source, s->subject, s->object, s->detail, s->value};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
}

static void field_clear(void *data)
{
    struct field *f = data;

    g_free(f->name);
    g_free(f->from);
    g_free(f->to);
}

static void difference_free(void *data)
{
    struct difference *d = data;

    side_clear(&d->from);
    side_clear(&d->to);
    g_array_unref(d->fields);
    g_free(d);
}

/* The first column of every row, quoted, in a list for an error message. */
static char *listed(hc_stmt *st)
{
    GString *out = g_string_new(NULL);

    while (hc_step(st, NULL) == 1)
        g_string_append_printf(out, "%s'%.*s'", out->len ? ", " : "", HC_STR_ARG(hc_col_text(st, 0)));
    return g_string_free(out, FALSE);
}

static bool unknown(hc_db *db, const char *name, GError **error)
{
    g_autofree char *names = listed(hc_db_stmt(db, "diff", "names"));

    return hc_fail(error, HC_ERROR_USAGE,
                   *names ? "no dump is called '%s'; there are %s" : "no dump is called '%s'; there is none",
                   name, names);
}

static bool find(hc_db *db, const char *name, struct dump *d, GError **error)
{
    hc_stmt *st = hc_db_query(db, "diff", "named", "t", name);
    g_autoptr(GString) places = g_string_new(NULL);
    int64_t other = 0;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0);
        g_string_append_printf(places, "%s%.*s", places->len ? ", " : "", HC_STR_ARG(hc_col_text(st, 1)));
        other = d->source && d->source != id ? id : other;
        if (d->source)
            continue;
        *d = (struct dump){id, hc_col_int(st, 2), hc_col_dup(st, 1), hc_col_dup(st, 3)};
    }
    if (rc < 0)
        return false;
    if (other)
        return hc_fail(error, HC_ERROR_USAGE, "'%s' means several dumps; name one by its path: %s", name,
                       places->str);
    return d->source || unknown(db, name, error);
}

static bool read_keys(struct diff *d, GError **error)
{
    hc_stmt *st = hc_db_query(d->db, "diff", "keys", "ii", d->from.source, d->to.source);
    int rc = hc_step(st, error);

    d->keys = rc == 1 ? hc_col_dup(st, 0) : NULL;
    hc_stmt_reset(st);
    return rc == 1;
}

static bool read_tables(struct diff *d, GError **error)
{
    hc_stmt *st = hc_db_query(d->db, "diff", "tables", "iit", d->from.source, d->to.source, d->keys);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct table *t = g_new0(struct table, 1);
        t->name = hc_col_dup(st, 0);
        t->group = hc_col_dup(st, 1);
        t->rows[0] = hc_col_int(st, 2);
        t->rows[1] = hc_col_int(st, 3);
        t->unknown = hc_col_int(st, 4);
        t->key = hc_col_dup(st, 5);
        g_ptr_array_add(d->tables, t);
    }
    return rc == 0;
}

static void add_field(struct difference *d, char *name, char *from, char *to)
{
    struct field f = {name, from, to};

    g_array_append_val(d->fields, f);
}

static const struct field *has_field(const struct difference *d, const char *name)
{
    for (guint i = 0; i < d->fields->len; i++)
        if (strcmp(g_array_index(d->fields, struct field, i).name, name) == 0)
            return &g_array_index(d->fields, struct field, i);
    return NULL;
}

/* The kept field `name`; NULL when the row has none of that name. */
static char *field_text(const char *value, const char *raw_name)
{
    struct hc_str object = hc_str(value), key, one;
    size_t pos = 0;

    while (value && (one = hc_json_next(object, &pos, &key)).p) {
        g_autoptr(GString) text = g_string_new(NULL);
        if (hc_str_is(key, raw_name) && hc_json_text(one, text))
            return g_string_free(g_steal_pointer(&text), FALSE);
    }
    return NULL;
}

/* The fields of `in` that are not the same in the other row. Names are compared as import wrote them: always
 * in one way. */
static void compare_fields(struct difference *d, const struct side *in, bool only_new)
{
    struct hc_str key, object = hc_str(in->value);
    size_t pos = 0;

    while (in->there && hc_json_next(object, &pos, &key).p) {
        g_autofree char *raw = hc_str_dup(key);
        g_autoptr(GString) name = g_string_new(NULL);
        char *from = field_text(d->from.value, raw), *to = field_text(d->to.value, raw);
        hc_json_text(key, name);
        if (g_strcmp0(from, to) == 0 || (only_new && from)) {
            g_free(from);
            g_free(to);
        } else
            add_field(d, g_string_free(g_steal_pointer(&name), FALSE), from, to);
    }
}

/* References of a row that is in both; a kept field of the same name has said it already. */
static void compare_references(struct difference *d)
{
    static const char *const names[] = {"subject", "object", "detail"};
    char *from[] = {d->from.subject, d->from.object, d->from.detail},
         *to[] = {d->to.subject, d->to.object, d->to.detail};

    for (int i = 0; i < 3; i++)
        if (d->from.ids[i] != d->to.ids[i] && !has_field(d, names[i]))
            add_field(d, g_strdup(names[i]), g_strdup(from[i]), g_strdup(to[i]));
}

static void conclude(struct difference *d)
{
    d->change = !d->from.there ? CHANGE_ADDED : !d->to.there ? CHANGE_REMOVED : CHANGE_CHANGED;
    compare_fields(d, &d->from, false);
    compare_fields(d, &d->to, true);
    if (d->change == CHANGE_CHANGED)
        compare_references(d);
    d->table->counts[d->change]++;
    d->table->unkept += d->change == CHANGE_CHANGED && !d->fields->len;
}

static struct difference *new_difference(struct diff *all, struct hc_str table)
{
    struct difference *d = g_new0(struct difference, 1);

    d->fields = g_array_new(FALSE, TRUE, sizeof(struct field));
    g_array_set_clear_func(d->fields, field_clear);
    while (d->order < all->tables->len - 1 &&
           !hc_str_is(table, ((struct table *)all->tables->pdata[d->order])->name))
        d->order++;
    d->table = all->tables->pdata[d->order];
    g_ptr_array_add(all->differences, d);
    return d;
}

static struct side read_side(hc_stmt *st)
{
    return (struct side){.there = true,
                         .source = hc_col_dup(st, 3),
                         .line = hc_col_int(st, 4),
                         .offset = hc_col_int(st, 5),
                         .length = hc_col_int(st, 6),
                         .subject = hc_col_dup(st, 7),
                         .object = hc_col_dup(st, 8),
                         .detail = hc_col_dup(st, 9),
                         .value = hc_col_dup(st, 10),
                         .ids = {hc_col_int(st, 11), hc_col_int(st, 12), hc_col_int(st, 13)}};
}

/* For reading: by table, kind of change, then what the rows are about. The places make the order total. */
static int in_order(const void *a, const void *b)
{
    const struct difference *x = *(struct difference *const *)a, *y = *(struct difference *const *)b;
    const struct side *p = x->to.there ? &x->to : &x->from, *q = y->to.there ? &y->to : &y->from;
    int by_object = g_strcmp0(p->object, q->object), by_subject = g_strcmp0(p->subject, q->subject);
    int by_detail = g_strcmp0(p->detail, q->detail);

    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    if (x->change != y->change)
        return x->change < y->change ? -1 : 1;
    if (by_object || by_subject || by_detail)
        return by_object ? by_object : by_subject ? by_subject : by_detail;
    return p->offset < q->offset ? -1 : p->offset > q->offset;
}

static bool read_differences(struct diff *all, GError **error)
{
    hc_stmt *st =
        hc_db_query(all->db, "diff", "differences", "iit", all->from.source, all->to.source, all->keys);
    struct difference *d = NULL;
    int64_t pair = 0;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        if (!d || hc_col_int(st, 0) != pair)
            d = new_difference(all, hc_col_text(st, 2));
        pair = hc_col_int(st, 0);
        *(hc_col_int(st, 1) ? &d->to : &d->from) = read_side(st);
    }
    for (guint i = 0; i < all->differences->len; i++)
        conclude(all->differences->pdata[i]);
    g_ptr_array_sort(all->differences, in_order);
    return rc == 0;
}

/* What the profile calls a flag that was set or cleared: an action of the vocabulary, or NULL. */
static char *flag_action(const struct diff *all, const struct difference *d, const struct field *f)
{
    bool set = g_strcmp0(f->to, "t") == 0;
    hc_stmt *st =
        hc_db_query(all->db, "diff", "flag", "ttii", d->table->name, f->name, (int64_t)set, all->to.source);
    char *action = d->change == CHANGE_CHANGED && hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;

    hc_stmt_reset(st);
    return action;
}

static void shown(GString *out, const char *text)
{
    struct hc_str all = hc_str(text ? text : "-"), cut = hc_text_cut(all, SHOWN_MAX);

    hc_text_visible(out, cut, false);
    g_string_append(out, cut.n < all.n ? "..." : "");
}

static void show_field(const struct diff *all, const struct difference *d, const struct field *f,
                       GString *out)
{
    g_autofree char *action = flag_action(all, d, f);

    g_string_append(out, "      ");
    shown(out, f->name);
    g_string_append(out, ": ");
    shown(out, d->change == CHANGE_ADDED ? f->to : f->from);
    if (d->change == CHANGE_CHANGED) {
        g_string_append(out, " -> ");
        shown(out, f->to);
    }
    if (action) {
        g_string_append(out, " (");
        shown(out, action);
        g_string_append_c(out, ')');
    }
    g_string_append_c(out, '\n');
}

static void show_place(const struct side *s, GString *out)
{
    hc_text_visible(out, hc_str(s->source), false);
    g_string_append_printf(out, ":%" G_GINT64_FORMAT, s->line);
}

static void show_difference(const struct diff *all, const struct difference *d, GString *out)
{
    const struct side *s = d->to.there ? &d->to : &d->from;
    bool within = s->object && s->detail && g_str_has_suffix(s->object, s->detail);
    const char *about[] = {s->subject, s->object, within ? NULL : s->detail};

    g_string_append_printf(out, "  %s%s", change_names[d->change],
                           d->change == CHANGE_CHANGED && !d->fields->len ? " (fields not kept)" : "");
    for (size_t i = 0; i < G_N_ELEMENTS(about); i++)
        if (about[i]) {
            g_string_append(out, "  ");
            shown(out, about[i]);
        }
    g_string_append(out, "  [");
    if (d->from.there)
        show_place(&d->from, out);
    g_string_append(out, d->change == CHANGE_CHANGED ? " -> " : "");
    if (d->to.there)
        show_place(&d->to, out);
    g_string_append(out, "]\n");
    for (guint i = 0; i < d->fields->len; i++)
        show_field(all, d, &g_array_index(d->fields, struct field, i), out);
}

static void show_dump(const struct dump *d, GString *out)
{
    hc_text_visible(out, hc_str(d->place), false);
    if (d->label) {
        g_string_append(out, " (");
        hc_text_visible(out, hc_str(d->label), false);
        g_string_append_c(out, ')');
    }
}

static void show_heading(const struct table *t, GString *out)
{
    g_string_append_printf(out, "\n%s%s", t->group ? t->group : "", t->group ? " (" : "");
    shown(out, t->name);
    g_string_append(out, t->group ? ")\n" : "\n");
}

static void show_count(const struct table *t, GString *out)
{
    int64_t same = t->rows[0] - t->counts[CHANGE_REMOVED] - t->counts[CHANGE_CHANGED];

    g_string_append(out, "  ");
    shown(out, t->name);
    g_string_append_printf(out,
                           ": %" G_GINT64_FORMAT " -> %" G_GINT64_FORMAT " rows; %" G_GINT64_FORMAT " same",
                           t->rows[0], t->rows[1], same);
    for (int i = 0; i < CHANGE_KINDS; i++)
        g_string_append_printf(out, ", %" G_GINT64_FORMAT " %s", t->counts[i], change_names[i]);
    if (t->unkept)
        g_string_append_printf(out, " (%" G_GINT64_FORMAT " in fields not kept)", t->unkept);
    g_string_append_c(out, '\n');
}

/* A table of which one dump has no row at all may be missing there: nobody may take that for a deletion
 * unasked. */
static void show_doubts(const struct diff *all, const struct table *t, GString *out)
{
    if (t->rows[0] && t->rows[1])
        return;
    g_string_append(out, "  note: no row of ");
    shown(out, t->name);
    g_string_append(out, " in ");
    hc_text_visible(out, hc_str(t->rows[0] ? all->to.place : all->from.place), false);
    g_string_append(out, ": the table is empty, or the dump was made without it\n");
}

/* How the rows of a table were paired that no profile knows. */
static void show_key(const struct table *t, GString *out)
{
    if (!t->unknown)
        return;
    g_string_append(out, "  note: no profile knows ");
    shown(out, t->name);
    if (t->key) {
        g_string_append(out, ": its rows are told apart by ");
        shown(out, t->key);
        g_string_append(out, ", of which no two rows of a dump have the same");
    } else {
        g_string_append(out, ": of its rows none is a changed one, for no column tells them apart");
    }
    g_string_append(out, "; columns that sound like a secret are not compared\n");
}

static bool show_accounting(const struct diff *all, GString *out, GError **error)
{
    struct table sum = {.name = (char *)"all"};
    hc_stmt *st = hc_db_query(all->db, "diff", "rejected", "ii", all->from.source, all->to.source);
    int rc;

    g_string_append(out, "\nrows compared\n");
    for (guint i = 0; i < all->tables->len; i++) {
        const struct table *t = all->tables->pdata[i];
        show_count(t, out);
        for (int k = 0; k < 2; k++)
            sum.rows[k] += t->rows[k];
        for (int k = 0; k < CHANGE_KINDS; k++)
            sum.counts[k] += t->counts[k];
        sum.unkept += t->unkept;
    }
    show_count(&sum, out);
    for (guint i = 0; i < all->tables->len; i++)
        show_doubts(all, all->tables->pdata[i], out);
    for (guint i = 0; i < all->tables->len; i++)
        show_key(all->tables->pdata[i], out);
    while ((rc = hc_step(st, error)) == 1) {
        g_string_append(out, "  note: not compared: rejected records of ");
        hc_text_visible(out, hc_col_text(st, 0), false);
        g_string_append_printf(out, ": %" G_GINT64_FORMAT "\n", hc_col_int(st, 1));
    }
    return rc == 0;
}

static bool write_text(const struct diff *all, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const struct table *last = NULL;

    show_dump(&all->from, out);
    g_string_append(out, " -> ");
    show_dump(&all->to, out);
    g_string_append_c(out, '\n');
    for (guint i = 0; i < all->differences->len; i++) {
        const struct difference *d = all->differences->pdata[i];
        if (d->table != last)
            show_heading(d->table, out);
        last = d->table;
        show_difference(all, d, out);
    }
    return show_accounting(all, out, error) && w->write(w->data, out->str, out->len, error);
}

static void json_value(GString *out, const char *text)
{
    if (text)
        hc_text_json(out, hc_str(text));
    else
        g_string_append(out, "null");
}

static void json_text(GString *out, const char *key, const char *text)
{
    g_string_append_printf(out, ", \"%s\": ", key);
    json_value(out, text);
}

static void json_about(const struct side *s, GString *out)
{
    json_text(out, "subject", s->subject);
    json_text(out, "object", s->object);
    json_text(out, "detail", s->detail);
}

static void json_side(const char *key, const struct side *s, GString *out)
{
    g_string_append_printf(out, ", \"%s\": ", key);
    if (!s->there) {
        g_string_append(out, "null");
        return;
    }
    g_string_append(out, "{\"source\": ");
    hc_text_json(out, hc_str(s->source));
    g_string_append_printf(out,
                           ", \"line\": %" G_GINT64_FORMAT ", \"offset\": %" G_GINT64_FORMAT
                           ", \"length\": %" G_GINT64_FORMAT,
                           s->line, s->offset, s->length);
    json_about(s, out);
    g_string_append_c(out, '}');
}

static void json_difference(const struct diff *all, const struct difference *d, GString *out)
{
    g_autoptr(GString) means = g_string_new(NULL);

    g_string_append_printf(out, "{\"change\": \"%s\"", change_names[d->change]);
    json_text(out, "table", d->table->name);
    json_text(out, "group", d->table->group);
    json_about(d->to.there ? &d->to : &d->from, out);
    g_string_append(out, ", \"fields\": {");
    for (guint i = 0; i < d->fields->len; i++) {
        const struct field *f = &g_array_index(d->fields, struct field, i);
        g_autofree char *action = flag_action(all, d, f);
        g_string_append(out, i ? ", " : "");
        hc_text_json(out, hc_str(f->name));
        g_string_append(out, ": [");
        json_value(out, f->from);
        g_string_append(out, ", ");
        json_value(out, f->to);
        g_string_append_c(out, ']');
        if (action) {
            g_string_append(means, means->len ? ", " : "");
            hc_text_json(means, hc_str(action));
        }
    }
    g_string_append_printf(out, "}, \"means\": [%s]", means->str);
    json_side("from", &d->from, out);
    json_side("to", &d->to, out);
    g_string_append(out, "}\n");
}

static bool write_json(const struct diff *all, struct hc_writer *w, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; i < all->differences->len; i++) {
        g_string_truncate(out, 0);
        json_difference(all, all->differences->pdata[i], out);
        if (!w->write(w->data, out->str, out->len, error))
            return false;
    }
    return true;
}

bool hc_diff(hc_db *db, const char *from, const char *to, enum hc_rows_format format, struct hc_writer *w,
             GError **error)
{
    struct diff all = {.db = db,
                       .tables = g_ptr_array_new_with_free_func(table_free),
                       .differences = g_ptr_array_new_with_free_func(difference_free)};
    bool ok = find(db, from, &all.from, error) && find(db, to, &all.to, error);

    if (ok && all.from.realm != all.to.realm)
        ok =
            hc_fail(error, HC_ERROR_USAGE, "%s and %s are not of one database", all.from.place, all.to.place);
    ok = ok && read_keys(&all, error) && read_tables(&all, error) && read_differences(&all, error) &&
         (format == HC_ROWS_JSONL ? write_json : write_text)(&all, w, error);
    g_ptr_array_unref(all.differences);
    g_ptr_array_unref(all.tables);
    g_free(all.keys);
    dump_clear(&all.from);
    dump_clear(&all.to);
    return ok;
}
