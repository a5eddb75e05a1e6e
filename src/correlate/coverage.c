/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources cover. Those that continue one another are one stream: rotated files of a log, members of
 * an archive, mails of a folder, dumps of one database. Of each: from when to when, what it can tell of,
 * where it is silent against its own rhythm (rhythm.h), and which of its rotated files is not there.
 */
#include "src/correlate/rhythm.h"

#include "src/base/keyed.h"
#include "src/correlate/world.h"

#define MINUTE (60 * HC_US_PER_S)
#define ROTATED_MAX 10000 /* a larger number at the end of a name does not count rotations */

struct part { /* a source */
    int64_t id, first, last, records;
    char *name;
};

/* The records of one type. */
struct kind {
    int64_t type, first, last, records;
};

struct stream {
    int64_t id;
    bool database, given; /* given: somebody said when it ends */
    int64_t first, last, ends, records;
    GArray *parts;     /* struct part, by path */
    GArray *minutes;   /* int64_t, those with a record, in order of the events */
    GHashTable *kinds; /* by type: struct kind */
    bool tells[HC_ACTION_COUNT];
};

static void part_clear(void *data)
{
    g_free(((struct part *)data)->name);
}

static void stream_free(void *data)
{
    struct stream *s = data;

    g_array_unref(s->parts);
    g_array_unref(s->minutes);
    g_hash_table_unref(s->kinds);
    g_free(s);
}

/* Sources with one key are one stream. */
static char *stream_key(hc_stmt *st)
{
    g_autofree char *path = hc_col_dup(st, 1), *format = hc_col_dup(st, 5);
    int64_t container = hc_col_int(st, 3), rotation = hc_col_int(st, 4);

    if (hc_col_int(st, 7))
        return g_strdup_printf("database %" G_GINT64_FORMAT, hc_col_int(st, 6));
    if (rotation)
        return g_strdup_printf("rotation %" G_GINT64_FORMAT, rotation);
    if (container)
        return g_strdup_printf("archive %" G_GINT64_FORMAT " %s", container, format);
    if (strcmp(format, "eml") == 0) {
        g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(folder);
        bool inner = strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
        return inner ? g_path_get_dirname(folder) : g_steal_pointer(&folder);
    }
    return g_strdup_printf("source %" G_GINT64_FORMAT, hc_col_int(st, 0));
}

static struct stream *stream_of(GHashTable *keys, GPtrArray *streams, char *key)
{
    struct stream *s = g_hash_table_lookup(keys, key);

    if (s) {
        g_free(key);
        return s;
    }
    s = g_new0(struct stream, 1);
    s->id = (int64_t)streams->len + 1;
    s->first = s->last = s->ends = INT64_MIN;
    s->parts = g_array_new(FALSE, TRUE, sizeof(struct part));
    g_array_set_clear_func(s->parts, part_clear);
    s->minutes = g_array_new(FALSE, FALSE, sizeof(int64_t));
    s->kinds = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    g_ptr_array_add(streams, s);
    g_hash_table_insert(keys, key, s);
    return s;
}

static void add_part(struct stream *s, hc_stmt *st)
{
    g_autofree char *path = hc_col_dup(st, 1), *member = hc_col_dup(st, 2);
    struct part p = {.id = hc_col_int(st, 0),
                     .first = hc_col_int(st, 10),
                     .last = hc_col_int(st, 11),
                     .records = hc_col_int(st, 12)};
    bool dated = !hc_col_null(st, 10), given = hc_col_int(st, 9);

    p.name = *member ? g_strconcat(path, "!", member, NULL) : g_strdup(path);
    s->database = hc_col_int(st, 7);
    s->records += p.records;
    g_array_append_val(s->parts, p);
    if (given && hc_col_int(st, 8) > s->ends) {
        s->ends = hc_col_int(st, 8);
        s->given = true;
    }
    if (!dated)
        return;
    s->first = s->first == INT64_MIN ? p.first : MIN(s->first, p.first);
    s->last = MAX(s->last, p.last);
}

static bool read_sources(struct world *w, GPtrArray *streams, GHashTable *by_source, GError **error)
{
    g_autoptr(GHashTable) keys = g_hash_table_new_full(hc_keyed_text, g_str_equal, g_free, NULL);
    hc_stmt *st = hc_db_stmt(w->db, "coverage", "sources");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        struct stream *s = stream_of(keys, streams, stream_key(st));
        int64_t *id = g_memdup2(&(int64_t){hc_col_int(st, 0)}, sizeof(int64_t));
        add_part(s, st);
        g_hash_table_insert(by_source, id, s);
    }
    return rc == 0;
}

static void add_kind(struct stream *s, int64_t type, int64_t time)
{
    struct kind *k = g_hash_table_lookup(s->kinds, &type);

    if (!k) {
        k = g_memdup2(&(struct kind){type, time, time, 0}, sizeof *k);
        g_hash_table_insert(s->kinds, &k->type, k);
    }
    k->first = MIN(k->first, time);
    k->last = MAX(k->last, time);
    k->records++;
}

/* One reading of all events: minutes with a record, and what was told of. */
static bool read_events(struct world *w, GHashTable *by_source, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "coverage", "instants");
    struct stream *s = NULL;
    int64_t source = 0;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t from = hc_col_int(st, 0), time = hc_col_int(st, 1), action = hc_col_int(st, 2);
        int64_t minute = time / MINUTE - (time % MINUTE < 0);
        if (from != source)
            s = g_hash_table_lookup(by_source, &from);
        source = from;
        if (!s)
            continue;
        add_kind(s, hc_col_int(st, 3), time);
        if (action > 0 && action < HC_ACTION_COUNT)
            s->tells[action] = true;
        if (!s->minutes->len || g_array_index(s->minutes, int64_t, s->minutes->len - 1) != minute)
            g_array_append_val(s->minutes, minute);
    }
    return rc == 0;
}

static bool read_told(struct world *w, struct stream *s, GError **error)
{
    for (guint i = 0; i < s->parts->len; i++) {
        hc_stmt *st = hc_db_query(w->db, "coverage", "told", "i", g_array_index(s->parts, struct part, i).id);
        int rc;
        while ((rc = hc_step(st, error)) == 1)
            s->tells[hc_action_by_name(hc_col_text(st, 0))] = true;
        if (rc < 0)
            return false;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/*
 * Clocks that were set back and times that lie outside of ids make the order of events another one than that
 * of minutes.
 */
static void settle_minutes(GArray *minutes)
{
    int64_t *m = (int64_t *)(void *)minutes->data;
    guint n = 0;

    g_array_sort(minutes, by_number);
    for (guint i = 0; i < minutes->len; i++)
        if (!n || m[n - 1] != m[i])
            m[n++] = m[i];
    g_array_set_size(minutes, n);
}

static int64_t edge(struct world *w, const struct stream *s, const char *query, int64_t at, int64_t *time)
{
    hc_stmt *st = hc_db_query(w->db, "coverage", query, "ii", s->id, at);
    int64_t id = 0;

    if (hc_step(st, NULL) == 1) {
        id = hc_col_int(st, 0);
        *time = hc_col_int(st, 1);
    }
    hc_stmt_reset(st);
    return id;
}

static bool write_silence(struct world *w, const struct stream *s, const struct silence *x, GError **error)
{
    int64_t from = x->from * MINUTE, to = s->ends;
    int64_t before = edge(w, s, "last_before", (x->from + 1) * MINUTE, &from);
    int64_t after = x->open ? 0 : edge(w, s, "first_after", x->to * MINUTE, &to);

    return hc_exec(hc_db_query(w->db, "coverage", "add_silence", "itiiiinnt", s->id, "rhythm", from, to,
                               x->expected, x->steps, before, after, NULL),
                   error);
}

static bool write_silences(struct world *w, const struct stream *s, const GArray *silences, GError **error)
{
    for (guint i = 0; i < silences->len; i++)
        if (!write_silence(w, s, &g_array_index(silences, struct silence, i), error))
            return false;
    return true;
}

/*
 * "mail.log.12.gz" -> 12 with "mail.log." and ".gz"; 0 for the file that is written to, -1 for another name.
 */
static int64_t rotation_number(const char *name, const char *base, const char **rest)
{
    char *end = NULL;
    int64_t n;

    *rest = "";
    if (!g_str_has_prefix(name, base))
        return -1;
    name += strlen(base);
    if (*name == '\0')
        return 0;
    if (*name != '.' || !g_ascii_isdigit(name[1]))
        return -1;
    n = g_ascii_strtoll(name + 1, &end, 10);
    *rest = end;
    return n > 0 && n <= ROTATED_MAX && !strchr(end, '/') ? n : -1;
}

/* The name without number and what follows it, if it has one. */
static char *rotation_base(const char *name)
{
    const char *dot = strrchr(name, '.');
    g_autofree char *cut = NULL;

    if (dot && !g_ascii_isdigit(dot[1])) { /* .gz */
        cut = g_strndup(name, (gsize)(dot - name));
        dot = strrchr(cut, '.');
    } else {
        cut = g_strdup(name);
        dot = dot ? cut + (dot - name) : NULL;
    }
    if (!dot || strspn(dot + 1, "0123456789") != strlen(dot + 1) || !dot[1])
        return NULL;
    return g_strndup(cut, (gsize)(dot - cut));
}

struct numbered {
    int64_t number;
    const struct part *part;
    const char *rest;
};

/* The younger first. */
static int by_rotation(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

static bool write_missing(struct world *w, const struct stream *s, const char *base,
                          const struct numbered *young, const struct numbered *old, GError **error)
{
    for (int64_t n = young->number + 1; n < old->number; n++) {
        g_autofree char *name = g_strdup_printf("%s.%" G_GINT64_FORMAT "%s", base, n, old->rest);
        if (!hc_exec(hc_db_query(w->db, "coverage", "add_silence", "itiinnnnt", s->id, "file",
                                 old->part->last, young->part->first, INT64_C(0), INT64_C(0), INT64_C(0),
                                 INT64_C(0), name),
                     error))
            return false;
    }
    return true;
}

/* Numbers between two rotated files that are there belong to files that are not. */
static bool find_missing(struct world *w, const struct stream *s, GError **error)
{
    g_autoptr(GArray) numbered = g_array_new(FALSE, FALSE, sizeof(struct numbered));
    g_autofree char *base = NULL;
    bool ok = true;

    for (guint i = 0; i < s->parts->len && !base; i++)
        base = rotation_base(g_array_index(s->parts, struct part, i).name);
    for (guint i = 0; base && i < s->parts->len; i++) {
        const struct part *p = &g_array_index(s->parts, struct part, i);
        struct numbered n = {0, p, NULL};
        n.number = rotation_number(p->name, base, &n.rest);
        if (n.number >= 0)
            g_array_append_val(numbered, n);
    }
    g_array_sort(numbered, by_rotation);
    for (guint i = 0; ok && i + 1 < numbered->len; i++)
        ok = write_missing(w, s, base, &g_array_index(numbered, struct numbered, i),
                           &g_array_index(numbered, struct numbered, i + 1), error);
    return ok;
}

static char *tells_text(const struct stream *s)
{
    GString *out = g_string_new(NULL);

    for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++)
        if (s->tells[i] && i != HC_ACTION_AUDIT_OTHER)
            g_string_append_printf(out, "%s%s", out->len ? "," : "", hc_action_name((enum hc_action)i));
    return g_string_free(out, FALSE);
}

static bool write_kinds(struct world *w, const struct stream *s, GError **error)
{
    GHashTableIter iter;
    void *value;
    bool ok = true;

    g_hash_table_iter_init(&iter, s->kinds); /* the table has its own order */
    while (ok && g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct kind *k = value;
        ok = hc_exec(hc_db_query(w->db, "coverage", "add_stream_type", "iiiii", s->id, k->type, k->records,
                                 k->first, k->last),
                     error);
    }
    return ok;
}

static bool write_stream(struct world *w, struct stream *s, GError **error)
{
    g_autoptr(GArray) silences = g_array_new(FALSE, FALSE, sizeof(struct silence));
    g_autofree char *tells = NULL;
    int step = 0;
    bool ok;

    if (s->first == INT64_MIN || !read_told(w, s, error))
        return s->first == INT64_MIN;
    s->ends = MAX(s->ends, s->last);
    settle_minutes(s->minutes);
    if (s->minutes->len)
        step = rhythm_silences((const int64_t *)(const void *)s->minutes->data, s->minutes->len,
                               s->ends / MINUTE - (s->ends % MINUTE < 0), silences);
    tells = tells_text(s);
    ok = hc_exec(hc_db_query(w->db, "coverage", "add_stream", "itiiiiitnti", s->id,
                             g_array_index(s->parts, struct part, 0).name, (int64_t)s->parts->len, s->records,
                             s->first, s->last, s->ends, s->given ? "given" : "assumed", (int64_t)step, tells,
                             (int64_t)s->database),
                 error);
    for (guint i = 0; ok && i < s->parts->len; i++)
        ok = hc_exec(hc_db_query(w->db, "coverage", "add_stream_source", "ii", s->id,
                                 g_array_index(s->parts, struct part, i).id),
                     error);
    return ok && write_kinds(w, s, error) && write_silences(w, s, silences, error) &&
           find_missing(w, s, error);
}

bool pass_coverage(struct world *w, GError **error)
{
    g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func(stream_free);
    g_autoptr(GHashTable) by_source = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    bool ok = read_sources(w, streams, by_source, error) && read_events(w, by_source, error);

    for (guint i = 0; ok && i < streams->len; i++)
        ok = write_stream(w, streams->pdata[i], error);
    return ok;
}
