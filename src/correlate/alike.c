/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that look like those of an incident: of its parties, of what a finding accuses or who suffered, of
 * what case.yaml asks about. They are told and never joined. All names of the case are held against these
 * few; not all against all.
 */
#include "src/correlate/rule.h"
#include "src/correlate/skeleton.h"
#include "src/correlate/world.h"

#include "src/base/text.h"
#include "src/base/words.h"

#define ASKED_MAX 10000 /* names that others are held against; an incident of more is told so */
#define ALIKE_SHOWN 20  /* of one name; how many more there are is said with the last */

/* A name of the incident, and what was found to look like it. */
struct asked {
    int64_t entity;
    enum hc_entity_kind kind;
    char *key;
    GArray *alike; /* struct alike */
};

struct alike {
    int64_t entity;
    char *key;
    enum look look;
};

struct search {
    struct world *w;
    GPtrArray *asked; /* struct asked */
    struct near *near;
    int64_t entity; /* that is looked at */
    enum hc_entity_kind kind;
    const char *key;
};

static void alike_clear(void *data)
{
    g_free(((struct alike *)data)->key);
}

static void asked_free(void *data)
{
    struct asked *a = data;

    g_free(a->key);
    g_array_unref(a->alike);
    g_free(a);
}

static void search_clear(struct search *s)
{
    g_ptr_array_unref(s->asked);
    near_free(s->near);
}

static void ask(struct search *s, int64_t entity, enum hc_entity_kind kind, struct hc_str key)
{
    struct asked *a = g_new0(struct asked, 1);

    a->entity = entity;
    a->kind = kind;
    a->key = hc_text_fold(key);
    a->alike = g_array_new(FALSE, TRUE, sizeof(struct alike));
    g_array_set_clear_func(a->alike, alike_clear);
    near_add(s->near, a->key, s->asked->len);
    g_ptr_array_add(s->asked, a);
}

static bool ask_parties(struct search *s, bool *all, GError **error)
{
    hc_stmt *st = hc_db_query(s->w->db, "correlate", "names_asked", "iii", (int64_t)HC_ENTITY_ACCOUNT,
                              (int64_t)HC_ENTITY_PROJECT, (int64_t)HC_ENTITY_MAILBOX);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        *all = s->asked->len < ASKED_MAX;
        if (*all)
            ask(s, hc_col_int(st, 0), (enum hc_entity_kind)hc_col_int(st, 1), hc_col_text(st, 2));
    }
    return rc == 0;
}

static bool ask_subjects(struct search *s, GError **error)
{
    for (char **subject = s->w->c->subjects; *subject; subject++) {
        g_autofree char *key = hc_text_fold(hc_str(*subject));
        hc_stmt *st =
            hc_db_query(s->w->db, "correlate", "names_called", "tiii", key, (int64_t)HC_ENTITY_ACCOUNT,
                        (int64_t)HC_ENTITY_PROJECT, (int64_t)HC_ENTITY_MAILBOX);
        int rc;
        while ((rc = hc_step(st, error)) == 1)
            ask(s, hc_col_int(st, 0), (enum hc_entity_kind)hc_col_int(st, 1), hc_str(key));
        if (rc < 0)
            return false;
    }
    return true;
}

static bool has(const GArray *alike, const char *key)
{
    for (guint i = 0; i < alike->len; i++)
        if (strcmp(g_array_index(alike, struct alike, i).key, key) == 0)
            return true;
    return false;
}

static void consider(void *data, guint number)
{
    struct search *s = data;
    struct asked *a = s->asked->pdata[number];
    struct alike new = {.entity = s->entity};

    if (a->kind != s->kind || canonical(s->w, a->entity) == canonical(s->w, s->entity) ||
        has(a->alike, s->key))
        return;
    new.look = look_of(a->key, s->key);
    if (new.look == LOOK_OTHER)
        return;
    new.key = g_strdup(s->key);
    g_array_append_val(a->alike, new);
}

/* All names of the case, once. */
static bool look_at_all(struct search *s, GError **error)
{
    hc_stmt *st = hc_db_query(s->w->db, "correlate", "names_of_all", "iii", (int64_t)HC_ENTITY_ACCOUNT,
                              (int64_t)HC_ENTITY_PROJECT, (int64_t)HC_ENTITY_MAILBOX);
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *key = hc_text_fold(hc_col_text(st, 2));
        s->entity = hc_col_int(st, 0);
        s->kind = (enum hc_entity_kind)hc_col_int(st, 1);
        s->key = key;
        near_find(s->near, key, consider, s);
    }
    return rc == 0;
}

/* Where a name stands first: a record, or the row that gives it to an id. */
struct place {
    int64_t event, state, source, line, offset, length;
    char *text;
};
typedef struct place place_t;

static void place_clear(struct place *p)
{
    g_free(p->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(place_t, place_clear)

static bool read_place(struct world *w, const char *query, int64_t entity, struct place *p, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", query, "i", entity);
    int rc = hc_step(st, error);

    if (rc == 1) {
        p->event = hc_col_int(st, 0);
        p->state = hc_col_int(st, 1);
        p->source = hc_col_int(st, 2);
        p->line = hc_col_int(st, 3);
        p->offset = hc_col_int(st, 4);
        p->length = hc_col_int(st, 5);
        p->text = hc_col_dup(st, 6);
    }
    hc_stmt_reset(st);
    return rc >= 0;
}

static bool find_place(struct world *w, int64_t entity, struct place *p, GError **error)
{
    return read_place(w, "first_place", entity, p, error) &&
           (p->source || read_place(w, "first_row", entity, p, error));
}

#define CODES_SHOWN 4

/* How they differ; the reader of a terminal or a page does not see which characters are not what they
 * seem. */
static char *difference(const struct asked *a, const struct alike *l)
{
    GString *out = g_string_new(look_words(l->look));
    int n = 0;

    for (const char *p = l->key; *p && l->look == LOOK_CONFUSABLE && n < CODES_SHOWN;
         p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c >= 0x80 && !g_utf8_strchr(a->key, -1, c))
            g_string_append_printf(out, "%sU+%04X", n++ ? ", " : " (", (unsigned)c);
    }
    g_string_append(out, n ? ")" : "");
    return g_string_free(out, FALSE);
}

static char *word_message(struct world *w, const struct rule *rule, const struct asked *a,
                          const struct alike *l, const struct place *there, guint more)
{
    g_autofree char *name = name_of(w, a->entity), *other = name_of(w, l->entity), *how = difference(a, l);
    const char *const pairs[] = {
        "other", other, "name", name, "how", how, "place", there->text ? there->text : "?", NULL};
    g_autofree char *said = hc_words_fill(rule->message, pairs);

    return more ? g_strdup_printf("%s; %u more names look like it", said, more) : g_strdup(said);
}

static bool tell_one(struct world *w, const struct rule *rule, const struct asked *a, const struct alike *l,
                     guint more, GError **error)
{
    g_autofree char *message = NULL, *how = difference(a, l), *name = name_of(w, a->entity);
    g_autofree char *because = g_strdup_printf("the names are the same, %s", how);
    g_autofree char *key = g_strdup_printf("%d %s %s", (int)a->kind, l->key, a->key);
    g_auto(place_t) here = {0}, there = {0};
    int64_t finding;

    if (!find_place(w, l->entity, &here, error) || !find_place(w, a->entity, &there, error))
        return false;
    message = word_message(w, rule, a, l, &there, more);
    if (!add_unjoined(w, l->entity, a->entity, look_name(l->look), because, here.event, here.state, error) ||
        !hc_exec(hc_db_query(w->db, "correlate", "add_note", here.source ? "ttttiniit" : "ttttnnnnt",
                             rule->id, rule->level, rule->title, message, here.source, here.line, here.offset,
                             here.length, key),
                 error))
        return false;
    finding = hc_db_last_id(w->db);
    return !there.source ||
           hc_exec(hc_db_query(w->db, "correlate", "add_finding_place", "iitinii", finding, INT64_C(1), name,
                               there.source, there.line, there.offset, there.length),
                   error);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct alike *)a)->key, ((const struct alike *)b)->key);
}

static int by_kind_and_key(const void *a, const void *b)
{
    const struct asked *x = *(const struct asked *const *)a, *y = *(const struct asked *const *)b;

    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : strcmp(x->key, y->key);
}

/* Of two names of the incident that look like each other only one tells it. */
static bool told_already(const GPtrArray *asked, guint before, const struct asked *a, const struct alike *l)
{
    for (guint i = 0; i < before; i++) {
        const struct asked *o = asked->pdata[i];
        if (o->kind == a->kind && strcmp(o->key, l->key) == 0 && has(o->alike, a->key))
            return true;
    }
    return false;
}

static bool tell(struct search *s, const struct rule *rule, GError **error)
{
    g_ptr_array_sort(s->asked, by_kind_and_key);
    for (guint i = 0; i < s->asked->len; i++) {
        struct asked *a = s->asked->pdata[i];
        const struct asked *before = i ? s->asked->pdata[i - 1] : NULL;
        if (before && before->kind == a->kind &&
            strcmp(before->key, a->key) == 0) /* the same name in two services */
            continue;
        g_array_sort(a->alike, by_key);
        for (guint k = 0; k < MIN(a->alike->len, ALIKE_SHOWN); k++) {
            const struct alike *l = &g_array_index(a->alike, struct alike, k);
            guint more = k + 1 == ALIKE_SHOWN ? a->alike->len - ALIKE_SHOWN : 0;
            if (!told_already(s->asked, i, a, l) && !tell_one(s->w, rule, a, l, more, error))
                return false;
        }
    }
    return true;
}

static bool tell_cut(struct world *w, const struct rule *rule, GError **error)
{
    g_autofree char *message =
        g_strdup_printf("only the first %d names of the incidents were held against all others", ASKED_MAX);

    return hc_exec(hc_db_query(w->db, "correlate", "add_note", "ttttnnnn", rule->id, rule->level, rule->title,
                               message, INT64_C(0), INT64_C(0), INT64_C(0), INT64_C(0)),
                   error);
}

bool pass_alike(struct world *w, GError **error)
{
    g_autoptr(rule_t) rule = rule_load("reports/rules/name-looks-alike.yaml", error);
    struct search s = {.w = w, .asked = g_ptr_array_new_with_free_func(asked_free), .near = near_new()};
    bool all = true, ok = rule && ask_subjects(&s, error) && ask_parties(&s, &all, error);

    ok = ok && (!s.asked->len || (look_at_all(&s, error) && tell(&s, rule, error))) &&
         (all || tell_cut(w, rule, error));
    search_clear(&s);
    return ok;
}
