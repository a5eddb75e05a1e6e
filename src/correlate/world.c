/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/world.h"

#include "src/correlate/clock.h"
#include "src/correlate/names.h"

#include "src/base/json.h"
#include "src/base/text.h"

static void notice_rule_free(void *data)
{
    struct notice_rule *rule = data;

    hc_pattern_free(rule->subject);
    g_free(rule);
}

/* One word of the list at `key` of a notice's JSON ("target owners"). */
static bool says(struct hc_str json, const char *key, const char *word)
{
    struct hc_str value = hc_json_get(json, key);
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) words = NULL;

    if (!value.p || !hc_json_text(value, text))
        return false;
    words = g_strsplit(text->str, " ", -1);
    return g_strv_contains((const char *const *)words, word);
}

static bool add_notice(struct world *w, int64_t realm, const char *subject, struct hc_str json,
                       GError **error)
{
    struct notice_rule *rule = g_new0(struct notice_rule, 1);
    g_autoptr(GString) of = g_string_new(NULL);

    g_ptr_array_add(w->notices, rule);
    rule->realm = realm;
    rule->project = rule->actor = -1;
    rule->subject = hc_pattern_new(subject, "profile, service.notice", error);
    if (!rule->subject)
        return false;
    for (size_t i = 0; i < hc_pattern_captures(rule->subject); i++) {
        rule->project = strcmp(hc_pattern_capture(rule->subject, i), "project") == 0 ? (int)i : rule->project;
        rule->actor = strcmp(hc_pattern_capture(rule->subject, i), "actor") == 0 ? (int)i : rule->actor;
    }
    hc_json_text(hc_json_get(json, "of"), of);
    rule->of = hc_action_by_name(hc_str_n(of->str, of->len));
    rule->to_actor = says(json, "to", "actor");
    rule->to_target = says(json, "to", "target");
    rule->to_owners = says(json, "to", "owners");
    rule->by_target = says(json, "by", "target");
    return rule->of || hc_fail(error, HC_ERROR_CONFIG,
                               "profile, service.notice: there is no action called '%s'", of->str);
}

static bool load_notices(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "notice_rules");
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        g_autofree char *subject = hc_col_dup(st, 1);
        if (!add_notice(w, hc_col_int(st, 0), subject, hc_col_text(st, 2), error)) {
            hc_stmt_reset(st);
            return false;
        }
    }
    return rc == 0;
}

static bool start(struct world *w, GError **error)
{
    hc_stmt *st = hc_db_stmt(w->db, "correlate", "entities");
    int64_t n;

    if (hc_step(st, error) != 1)
        return false;
    n = hc_col_int(st, 0) + 1;
    hc_stmt_reset(st);
    g_array_set_size(w->known, (guint)n);
    g_array_set_size(w->canonical, (guint)n);
    for (int64_t i = 0; i < n; i++)
        g_array_index(w->canonical, int64_t, i) = i;
    return load_notices(w, error);
}

struct world *world_new(hc_db *db, const struct hc_case *c, GError **error)
{
    struct world *w = g_new0(struct world, 1);

    w->db = db;
    w->c = c;
    w->canonical = g_array_new(FALSE, TRUE, sizeof(int64_t));
    w->known = g_array_new(FALSE, TRUE, sizeof(bool));
    w->notices = g_ptr_array_new_with_free_func(notice_rule_free);
    w->restored = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    w->people = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    w->names = names_new();
    if (start(w, error))
        return w;
    world_free(w);
    return NULL;
}

void world_free(struct world *w)
{
    if (!w)
        return;
    g_array_unref(w->canonical);
    g_array_unref(w->known);
    g_ptr_array_unref(w->notices);
    g_hash_table_unref(w->restored);
    g_hash_table_unref(w->people);
    names_free(w->names);
    clocks_free(w->clocks);
    g_free(w);
}

/* An id stands for a name, that for a later one, and this for a person. */
#define STEPS_MAX 4

int64_t canonical(const struct world *w, int64_t entity)
{
    for (int i = 0; i < STEPS_MAX && entity > 0 && entity < w->canonical->len; i++)
        entity = g_array_index(w->canonical, int64_t, entity);
    return entity;
}

int64_t canonical_at(const struct world *w, int64_t entity, const struct hc_time *when, bool *uncertain)
{
    bool unsure = false;
    int64_t holder = names_holder(w->names, entity, when, &unsure);

    if (uncertain)
        *uncertain |= unsure;
    return unsure ? entity : canonical(w, holder);
}

void set_canonical(struct world *w, int64_t entity, int64_t same)
{
    g_array_index(w->canonical, int64_t, entity) = same;
}

bool is_known(const struct world *w, int64_t entity)
{
    return entity > 0 && entity < w->known->len && g_array_index(w->known, bool, entity);
}

char *name_of(struct world *w, int64_t entity)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "name_of", "i", entity);
    char *name = hc_step(st, NULL) == 1 ? hc_col_dup(st, 0) : NULL;

    hc_stmt_reset(st);
    return name ? name : g_strdup("?");
}

bool add_identity(struct world *w, const struct identity *i, GError **error)
{
    hc_stmt *st = hc_db_query(w->db, "correlate", "add_identity", "iittt", i->entity, i->same, i->reason,
                              i->strong ? "strong" : "certain", i->because);
    int64_t ordinal = 0;

    if (i->has_since) {
        hc_bind_int(st, 6, i->since);
        hc_bind_int(st, 7, i->until);
    }
    if (!hc_exec(st, error))
        return false;
    for (int k = 0; k < CITES_MAX; k++) {
        for (int of = 0; of < 2; of++) {
            int64_t event = of == 0 ? i->events[k] : 0, state = of == 1 ? i->states[k] : 0;
            if ((event || state) &&
                !hc_exec(hc_db_query(w->db, "correlate", "add_identity_cite", "iitinn", i->entity, i->same,
                                     i->reason, ++ordinal, event, state),
                         error))
                return false;
        }
    }
    return true;
}

bool add_unjoined(struct world *w, int64_t entity, int64_t other, const char *reason, const char *because,
                  int64_t event, int64_t state, GError **error)
{
    return hc_exec(hc_db_query(w->db, "correlate", "add_unjoined", "iittnn", entity, other, reason, because,
                               event, state),
                   error);
}

static bool is_word_char(gunichar c)
{
    return g_unichar_isalnum(c) || c == '_';
}

/* Names hold dots and dashes: "spam" is not in "spam-tools" nor in "my.spam", but it is in "spam." and
 * "spam,". */
bool ends_word(const char *after)
{
    gunichar c = g_utf8_get_char(after);

    if (c == '-' || c == '.')
        c = g_utf8_get_char(g_utf8_next_char(after));
    return !c || !is_word_char(c);
}

bool begins_word(const char *text, const char *at)
{
    const char *before = at > text ? g_utf8_prev_char(at) : NULL;

    if (before && (*before == '-' || *before == '.'))
        before = before > text ? g_utf8_prev_char(before) : NULL;
    return !before || !is_word_char(g_utf8_get_char(before));
}

bool has_folded_word(const char *text, const char *word)
{
    for (const char *at = *word ? strstr(text, word) : NULL; at; at = strstr(at + 1, word))
        if (begins_word(text, at) && ends_word(at + strlen(word)))
            return true;
    return false;
}

bool has_word(struct hc_str text, const char *word)
{
    g_autofree char *in = text.p ? hc_text_fold(text) : NULL, *what = hc_text_fold(hc_str(word));

    return in && has_folded_word(in, what);
}

GHashTable *ranks_of(struct world *w, const char *statement, GError **error)
{
    g_autoptr(GHashTable) ranks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    hc_stmt *st = hc_db_stmt(w->db, "correlate", statement);
    guint n = 0;
    int rc;

    while ((rc = hc_step(st, error)) == 1) {
        int64_t id = hc_col_int(st, 0);
        g_hash_table_insert(ranks, g_memdup2(&id, sizeof id), GUINT_TO_POINTER(++n));
    }
    return rc == 0 ? g_steal_pointer(&ranks) : NULL;
}
