/* SPDX-License-Identifier: Apache-2.0 */
/* The claims that the case file asks about: looked into like our own, and kept as claims of no incident. */
#include "src/correlate/absence.h"

struct names {
    GPtrArray *asked;   /* const char *, then NULL */
    GPtrArray *unknown; /* those that no record has */
};

/* Everything called so, or NULL where nothing was asked. */
static GHashTable *entities(struct world *w, struct names *n, const char *name, enum hc_entity_kind kind,
                            enum hc_entity_kind id_kind)
{
    GHashTable *all = name ? absence_entities(w, name, kind, id_kind) : NULL;

    if (name)
        g_ptr_array_add(n->asked, (void *)name);
    if (name && !g_hash_table_size(all))
        g_ptr_array_add(n->unknown, (void *)name);
    return all;
}

/* An account by its name or its mailbox. */
static GHashTable *account(struct world *w, struct names *n, const char *name)
{
    return entities(w, n, name, name && strchr(name, '@') ? HC_ENTITY_MAILBOX : HC_ENTITY_ACCOUNT,
                    HC_ENTITY_ACCOUNT_ID);
}

/* A project, or another object by its kind and name. */
static GHashTable *object(struct world *w, struct names *n, const char *name)
{
    return entities(w, n, name, name && strchr(name, ':') ? HC_ENTITY_THING : HC_ENTITY_PROJECT,
                    HC_ENTITY_PROJECT_ID);
}

static void wanted_actions(const struct hc_case_claim *k, struct question *q, GString *names)
{
    for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++)
        for (char **pattern = k->no; *pattern && !q->actions[i]; pattern++)
            q->actions[i] = hc_case_glob(*pattern, hc_action_name((enum hc_action)i));
    for (int i = HC_ACTION_NONE + 1; i < HC_ACTION_COUNT; i++)
        if (q->actions[i])
            g_string_append_printf(names, "%s%s", names->len ? "," : "", hc_action_name((enum hc_action)i));
}

static bool store(struct world *w, const struct hc_case_claim *k, const struct answer *a, const char *actions,
                  GError **error)
{
    g_auto(facts_t) f = {0};
    g_autoptr(GString) why = g_string_new(NULL);
    struct conclusion none = {0};
    bool ok;

    for (guint i = 0; i < a->why->len; i++)
        g_string_append_printf(why, "%s%s", i ? ";\n" : "", (char *)a->why->pdata[i]);
    fact_text(&f, "label", k->name);
    fact_text(&f, "actions", actions);
    fact_int(&f, "from", k->from);
    fact_int(&f, "to", k->to);
    fact_text(&f, "project", k->project);
    fact_text(&f, "by", k->by);
    fact_text(&f, "on", k->on);
    fact_text(&f, "address", k->address);
    if (a->about >= 0)
        fact_int(&f, "about", a->about);
    fact_int(&f, "possible", a->possible);
    if (why->len && !a->matched)
        fact_text(&f, "why", why->str);
    ok = hc_exec(hc_db_query(w->db, "correlate", "add_claim", "ittiiiit", INT64_C(0), k->name, a->verdict,
                             k->from, k->to, a->examined, a->matched, facts_text(&f)),
                 error);
    for (guint i = 0; ok && i < a->shown->len; i++) {
        const struct shown *s = &g_array_index(a->shown, struct shown, i);
        ok = hc_exec(hc_db_query(w->db, "correlate", "add_claim_source", "ititi", INT64_C(0), k->name,
                                 s->source, s->type, s->examined),
                     error);
    }
    for (guint i = 0; ok && i < a->places->len; i++)
        ok = add_cite(w, &none, "claim", k->name, "matched", g_array_index(a->places, struct place, i),
                      "such a record", error);
    return ok;
}

static bool look_into(struct world *w, const struct hc_case_claim *k, GError **error)
{
    g_autoptr(GPtrArray) asked = g_ptr_array_new(), unknown = g_ptr_array_new();
    struct names n = {asked, unknown};
    g_autoptr(GHashTable) by = account(w, &n, k->by), on = account(w, &n, k->on),
                          what = object(w, &n, k->project);
    g_autoptr(GHashTable) address = entities(w, &n, k->address, HC_ENTITY_ADDRESS, HC_ENTITY_ADDRESS_ID);
    struct question q = {
        .object = what, .actor = by, .target = on, .address = address, .from = k->from, .to = k->to};
    g_autoptr(GString) actions = g_string_new(NULL);
    g_auto(answer_t) a = {0};

    answer_init(&a);
    wanted_actions(k, &q, actions);
    g_ptr_array_add(asked, NULL);
    q.names = (const char *const *)asked->pdata;
    for (guint i = 0; i < unknown->len; i++) /* a name that is misspelt would be contradicted by nothing */
        g_ptr_array_add(a.why, g_strdup_printf("no record names %s", (const char *)unknown->pdata[i]));
    return absence_ask(w, &q, &a, error) && store(w, k, &a, actions->str, error);
}

bool pass_asked(struct world *w, GError **error)
{
    for (size_t i = 0; i < w->c->n_claims; i++)
        if (!look_into(w, &w->c->claims[i], error))
            return false;
    return hc_exec(hc_db_stmt(w->db, "coverage", "drop_able"), error); /* held since conclusions were drawn */
}
