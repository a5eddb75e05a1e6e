/* SPDX-License-Identifier: Apache-2.0 */
/* A record entry of a profile, compiled: templates and patterns are parsed once, slots are numbered. */
#include "src/evidence/plancompile.h"

#include "src/base/text.h"

#define TYPE_WHERE "records"

enum hc_time_form hc_time_form_by_name(const char *name)
{
    static const char *const names[HC_FORM_COUNT] = {
        "iso",     "iso-us",   "epoch",  "epoch-s", "epoch-ms", "epoch-us", "epoch-ns",
        "rfc5322", "filetime", "dotnet", "cocoa",   "cocoa-ns", "tai64n",   "tai64n-leap"};
    int i = 0;

    while (i < HC_FORM_COUNT && g_strcmp0(name, names[i]) != 0)
        i++;
    return (enum hc_time_form)i;
}

static void present_clear(void *data)
{
    g_free(((struct present *)data)->name);
}

static bool compile_time(const struct compiler *c, const struct hc_yaml *node, struct meaning *m,
                         GError **error)
{
    const struct hc_yaml *field = node;

    m->has_time = true;
    m->form = c->form;
    if (node->type == HC_YAML_MAPPING) {
        const char *form = hc_yaml_text(node, "form");
        field = hc_yaml_get(node, "field");
        if (form)
            m->form = hc_time_form_by_name(form);
        if (!field || m->form == HC_FORM_COUNT)
            return hc_yaml_fail(node, error, "a time needs a field and a known form");
    }
    return hc_compile_value(c, field, &m->time, error);
}

static bool compile_action(const struct hc_yaml *node, struct meaning *m, GError **error)
{
    m->action = node->text ? hc_action_by_name(hc_str(node->text)) : HC_ACTION_NONE;
    if (m->action == HC_ACTION_NONE)
        return hc_yaml_fail(node, error, "'%s' is no action of the vocabulary", node->text ? node->text : "");
    return true;
}

static bool compile_outcome(const struct hc_yaml *node, struct meaning *m, GError **error)
{
    if (g_strcmp0(node->text, "success") != 0 && g_strcmp0(node->text, "failure") != 0)
        return hc_yaml_fail(node, error, "an outcome is success or failure");
    m->outcome = strcmp(node->text, "success") == 0 ? HC_OUTCOME_SUCCESS : HC_OUTCOME_FAILURE;
    return true;
}

static bool compile_text(const struct compiler *c, const struct hc_yaml *node, struct meaning *m,
                         GError **error)
{
    const struct hc_yaml *always = node->type == HC_YAML_MAPPING ? hc_yaml_get(node, "always") : NULL;

    m->text_always = always != NULL;
    return hc_compile_value(c, always ? always : node, &m->text, error);
}

static bool compile_member(const struct compiler *c, const struct hc_yaml *n, struct meaning *m,
                           GError **error)
{
    const struct {
        const char *key;
        struct reference *ref;
    } refs[] = {{"actor", &m->actor},
                {"target", &m->target},
                {"object", &m->object},
                {"address", &m->address},
                {"message", &m->message}};

    for (size_t i = 0; i < G_N_ELEMENTS(refs); i++)
        if (strcmp(n->key, refs[i].key) == 0)
            return hc_compile_reference(c, n, refs[i].ref, error);
    if (strcmp(n->key, "time") == 0)
        return compile_time(c, n, m, error);
    if (strcmp(n->key, "version") == 0)
        return hc_compile_value(c, n, &m->version, error);
    if (strcmp(n->key, "file") == 0)
        return hc_compile_value(c, n, &m->file, error);
    if (strcmp(n->key, "txn") == 0)
        return hc_compile_value(c, n, &m->txn, error);
    if (strcmp(n->key, "statement") == 0)
        return hc_compile_value(c, n, &m->statement, error);
    if (strcmp(n->key, "text") == 0)
        return compile_text(c, n, m, error);
    if (strcmp(n->key, "keep") == 0)
        return hc_compile_keeps(c, n, m->keeps, error);
    if (strcmp(n->key, "action") == 0)
        return compile_action(n, m, error);
    if (strcmp(n->key, "outcome") == 0)
        return compile_outcome(n, m, error);
    return true; /* unknown keys were refused before */
}

static const char *const event_keys[] = {"time",    "actor",  "target", "object",    "address", "message",
                                         "version", "txn",    "file",   "text",      "keep",    "action",
                                         "outcome", "select", "cases",  "statement", NULL};
static const char *const case_keys[] = {"time",    "actor", "target",    "object", "address", "message",
                                        "version", "txn",   "file",      "text",   "keep",    "action",
                                        "outcome", "given", "statement", NULL};

/* A case is read over the event's own keys: a case's key takes the place of the event's, its keeps are
 * added. */
static bool compile_meaning(const struct compiler *c, const struct hc_yaml *event, const struct hc_yaml *over,
                            struct meaning *m, GError **error)
{
    m->keeps = hc_keeps_new();
    m->action = HC_ACTION_AUDIT_OTHER;
    for (const struct hc_yaml *n = event->first; n; n = n->next)
        if (strcmp(n->key, "select") != 0 && strcmp(n->key, "cases") != 0 && !compile_member(c, n, m, error))
            return false;
    if (!over)
        return true;
    if (over->type == HC_YAML_SCALAR)
        return compile_action(over, m, error);
    if (!hc_yaml_allow(over, case_keys, error))
        return false;
    for (const struct hc_yaml *n = over->first; n; n = n->next)
        if (!compile_member(c, n, m, error))
            return false;
    return true;
}

/* The statement is one of the fields that are kept. */
static bool has_room(const struct hc_yaml *event, const struct meaning *m, GError **error)
{
    return !m->statement.pieces || m->keeps->len + 2 <= HC_ATTRIBUTES_MAX ||
           hc_yaml_fail(event, error, "more than %d fields are kept beside a statement",
                        HC_ATTRIBUTES_MAX - 2);
}

static void meaning_clear(struct meaning *m)
{
    struct value *values[] = {&m->time,         &m->version,       &m->file,         &m->text,
                              &m->txn,          &m->statement,     &m->actor.value,  &m->target.value,
                              &m->object.value, &m->address.value, &m->message.value};

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        g_clear_pointer(&values[i]->pieces, g_array_unref);
    g_clear_pointer(&m->keeps, g_array_unref);
}

static void branch_free(void *data)
{
    struct branch *b = data;

    hc_pattern_free(b->pattern);
    hc_pattern_free(b->looks);
    g_clear_pointer(&b->given.pieces, g_array_unref);
    meaning_clear(&b->meaning);
    g_free(b);
}

static struct hc_pattern *compile_pattern(const struct hc_yaml *n, const char *text, int line, int column,
                                          GError **error)
{
    g_autofree char *where = g_strdup_printf("%s:%d:%d", n->file, line, column);

    return hc_pattern_new(text, where, error);
}

/* A field that holds something, or {field: pattern}: one that looks like this. */
static bool compile_given(const struct compiler *c, const struct hc_yaml *given, struct branch *b,
                          GError **error)
{
    const struct hc_yaml *one = given->type == HC_YAML_MAPPING ? given->first : NULL;

    if (!one && given->type == HC_YAML_SCALAR) {
        hc_compile_field(c, given->text, &b->given);
        return true;
    }
    if (!one || one->next || !one->text)
        return hc_yaml_fail(given, error, "a field is expected, or a field with a pattern");
    hc_compile_field(c, one->key, &b->given);
    b->looks = compile_pattern(one, one->text, one->line, one->column, error);
    return b->looks != NULL;
}

static bool compile_case(struct compiler *c, const struct hc_yaml *event, const struct hc_yaml *n,
                         GError **error)
{
    const struct hc_yaml *given = n->type == HC_YAML_MAPPING ? hc_yaml_get(n, "given") : NULL;
    struct branch *b = g_new0(struct branch, 1);

    g_ptr_array_add(c->plan->branches, b);
    b->pattern = compile_pattern(n, n->key, n->key_line, n->key_column, error);
    c->branch = b;
    if (!b->pattern || (given && !compile_given(c, given, b, error)))
        return false;
    if (hc_pattern_is_literal(b->pattern))
        b->literal = hc_str(n->key);
    return compile_meaning(c, event, n, &b->meaning, error) && has_room(n, &b->meaning, error);
}

static bool compile_cases(struct compiler *c, const struct hc_yaml *event, GError **error)
{
    const struct hc_yaml *cases = hc_yaml_get(event, "cases");

    for (const struct hc_yaml *n = cases ? cases->first : NULL; n; n = n->next)
        if (!compile_case(c, event, n, error))
            return false;
    c->branch = NULL;
    return true;
}

static bool compile_event(struct compiler *c, const struct hc_yaml *event, GError **error)
{
    const struct hc_yaml *select;

    if (!hc_yaml_allow(event, event_keys, error) || !compile_meaning(c, event, NULL, &c->plan->base, error) ||
        !has_room(event, &c->plan->base, error))
        return false;
    select = hc_yaml_get(event, "select");
    if (select && !hc_compile_value(c, select, &c->plan->select, error))
        return false;
    if (!c->plan->base.has_time)
        return hc_yaml_fail(event, error, "an event needs a time");
    c->plan->has_event = true;
    return compile_cases(c, event, error);
}

static bool compile_state(struct compiler *c, const struct hc_yaml *state, GError **error)
{
    static const char *const keys[] = {"subject", "object",  "detail",  "born",
                                       "keep",    "present", "compare", NULL};
    struct hc_plan *plan = c->plan;
    const struct hc_yaml *n;

    plan->has_state = true;
    if (!hc_yaml_allow(state, keys, error))
        return false;
    if ((n = hc_yaml_get(state, "subject")) && !hc_compile_reference(c, n, &plan->subject, error))
        return false;
    if ((n = hc_yaml_get(state, "object")) && !hc_compile_reference(c, n, &plan->state_object, error))
        return false;
    if ((n = hc_yaml_get(state, "detail")) && !hc_compile_reference(c, n, &plan->detail, error))
        return false;
    if ((n = hc_yaml_get(state, "born")) && !hc_compile_value(c, n, &plan->born, error))
        return false;
    if ((n = hc_yaml_get(state, "keep")) && !hc_compile_keeps(c, n, plan->state_keeps, error))
        return false;
    n = hc_yaml_get(state, "compare");
    for (n = n ? n->first : NULL; n; n = n->next) {
        size_t i = hc_plan_slot_of(plan, n->text ? n->text : "");
        g_array_append_val(plan->compare, i);
    }
    return true;
}

/* Comes last, so that a slot which nothing else reads lies behind all that may be stored. */
static bool compile_presents(struct hc_plan *plan, const struct hc_yaml *node, GError **error)
{
    plan->n_kept = plan->slots->len;
    for (const struct hc_yaml *m = node ? node->first : NULL; m; m = m->next) {
        struct present p = {g_strdup(m->key), hc_plan_slot_of(plan, m->text ? m->text : "")};
        g_array_append_val(plan->presents, p);
        if (plan->presents->len + plan->state_keeps->len > HC_ATTRIBUTES_MAX)
            return hc_yaml_fail(m, error, "more than %d fields are kept", HC_ATTRIBUTES_MAX);
    }
    return true;
}

static bool compile_alias(struct compiler *c, const struct hc_yaml *alias, GError **error)
{
    static const char *const keys[] = {"id", "name", NULL};
    const struct hc_yaml *id = hc_yaml_get(alias, "id"), *name = hc_yaml_get(alias, "name");

    c->plan->has_alias = true;
    if (!hc_yaml_allow(alias, keys, error))
        return false;
    if (!id || !name)
        return hc_yaml_fail(alias, error, "an alias needs id and name");
    return hc_compile_reference(c, id, &c->plan->alias_id, error) &&
           hc_compile_reference(c, name, &c->plan->alias_name, error);
}

static void compile_key(struct hc_plan *plan, const struct hc_yaml *key)
{
    const struct hc_yaml *n = key && key->type == HC_YAML_SEQUENCE ? key->first : key;

    for (; n; n = key->type == HC_YAML_SEQUENCE ? n->next : NULL) {
        size_t i = hc_plan_slot_of(plan, n->text ? n->text : "");
        g_array_append_val(plan->key, i);
    }
}

/* Comes when all slots are known. */
static void compile_aside(struct hc_plan *plan, const struct hc_yaml *aside)
{
    plan->aside = g_new0(bool, plan->slots->len + 1);
    for (const struct hc_yaml *n = aside ? aside->first : NULL; n; n = n->next)
        for (guint i = 0; i < plan->slots->len; i++)
            plan->aside[i] |= g_strcmp0(plan->slots->pdata[i], n->text) == 0;
}

static void compile_each(struct hc_plan *plan, const struct hc_yaml *each)
{
    for (const struct hc_yaml *n = each ? each->first : NULL; n; n = n->next)
        g_ptr_array_add(plan->each, g_strdup(n->text ? n->text : ""));
    g_ptr_array_add(plan->each, NULL);
}

static bool check_list(const struct hc_yaml *list, const char *what, GError **error)
{
    return !list || list->type == HC_YAML_SEQUENCE ||
           hc_yaml_fail(list, error, "%s are a list of names", what);
}

/* Which branch can fit a text at all: of equal literals the first. */
static void index_branches(struct hc_plan *plan)
{
    const guint n = plan->branches->len;

    plan->first_pattern = n;
    if (!n)
        return;
    for (plan->n_literals = 8; plan->n_literals < 2 * (size_t)n; plan->n_literals *= 2)
        ;
    plan->literals = g_new0(uint32_t, plan->n_literals);
    for (guint i = n; i-- > 0;) {
        const struct branch *b = plan->branches->pdata[i];
        size_t at;
        if (!b->literal.p) {
            plan->first_pattern = i;
            continue;
        }
        at = hc_literal_slot(b->literal, plan->n_literals);
        while (plan->literals[at] &&
               !hc_str_eq(((const struct branch *)plan->branches->pdata[plan->literals[at] - 1])->literal,
                          b->literal))
            at = (at + 1) & (plan->n_literals - 1);
        plan->literals[at] = i + 1;
    }
}

static bool compile(struct compiler *c, const struct hc_yaml *record, GError **error)
{
    static const char *const keys[] = {"type", "as",    "columns", "key",   "aside", "serial",
                                       "each", "event", "state",   "alias", NULL};
    const struct hc_yaml *event = hc_yaml_get(record, "event");
    const struct hc_yaml *state = hc_yaml_get(record, "state");
    const struct hc_yaml *alias = hc_yaml_get(record, "alias");
    const struct hc_yaml *aside = hc_yaml_get(record, "aside");
    const char *serial = hc_yaml_text(record, "serial");

    if (!hc_yaml_allow(record, keys, error) ||
        !check_list(hc_yaml_get(record, "columns"), "columns", error) ||
        !check_list(aside, "fields aside", error) || !check_list(hc_yaml_get(record, "each"), "lists", error))
        return false;
    if (!event && !state)
        return hc_yaml_fail(record, error, "a record type needs an event or a state");
    compile_key(c->plan, hc_yaml_get(record, "key"));
    compile_each(c->plan, hc_yaml_get(record, "each"));
    c->plan->serial = serial ? (ptrdiff_t)hc_plan_slot_of(c->plan, serial) : -1;
    if (!((!event || compile_event(c, event, error)) && (!state || compile_state(c, state, error)) &&
          (!alias || compile_alias(c, alias, error)) &&
          compile_presents(c->plan, state ? hc_yaml_get(state, "present") : NULL, error)))
        return false;
    compile_aside(c->plan, aside);
    index_branches(c->plan);
    return true;
}

struct hc_plan *hc_plan_new(const struct hc_profile *profile, const struct hc_yaml *record,
                            struct hc_str type, enum hc_time_form form, GError **error)
{
    struct hc_plan *plan = g_new0(struct hc_plan, 1);
    struct compiler c = {plan, NULL, form};
    const char *as = hc_yaml_text(record, "as");

    plan->profile = profile;
    plan->type = hc_str_dup(type);
    plan->as = hc_str(as ? as : plan->type);
    plan->hash = hc_hash_add(HC_HASH_START, plan->as);
    plan->slots = g_ptr_array_new_with_free_func(g_free);
    plan->each = g_ptr_array_new_with_free_func(g_free);
    plan->key = g_array_new(FALSE, FALSE, sizeof(size_t));
    plan->compare = g_array_new(FALSE, FALSE, sizeof(size_t));
    plan->state_keeps = hc_keeps_new();
    plan->presents = g_array_new(FALSE, TRUE, sizeof(struct present));
    g_array_set_clear_func(plan->presents, present_clear);
    plan->branches = g_ptr_array_new_with_free_func(branch_free);
    plan->type_pattern = hc_pattern_new(hc_yaml_text(record, "type"), TYPE_WHERE, error);
    if (plan->type_pattern) {
        hc_pattern_match(plan->type_pattern, hc_str(plan->type), plan->type_captures);
        if (compile(&c, record, error))
            return plan;
    }
    hc_plan_free(plan);
    return NULL;
}

void hc_plan_free(struct hc_plan *plan)
{
    struct value *values[] = {&plan->select,          &plan->subject.value, &plan->state_object.value,
                              &plan->detail.value,    &plan->born,          &plan->alias_id.value,
                              &plan->alias_name.value};

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        g_clear_pointer(&values[i]->pieces, g_array_unref);
    meaning_clear(&plan->base);
    g_ptr_array_unref(plan->branches);
    g_free(plan->literals);
    g_array_unref(plan->state_keeps);
    g_array_unref(plan->presents);
    g_array_unref(plan->compare);
    g_free(plan->aside);
    g_array_unref(plan->key);
    g_ptr_array_unref(plan->slots);
    g_ptr_array_unref(plan->each);
    hc_pattern_free(plan->type_pattern);
    g_free(plan->type);
    g_free(plan);
}

size_t hc_plan_slots(const struct hc_plan *plan)
{
    return plan->slots->len;
}

const char *const *hc_plan_each(const struct hc_plan *plan)
{
    return (const char *const *)(void *)plan->each->pdata;
}

struct hc_str hc_plan_type(const struct hc_plan *plan)
{
    return plan->as;
}

size_t hc_plan_kept_slots(const struct hc_plan *plan)
{
    return plan->n_kept;
}

const char *hc_plan_slot(const struct hc_plan *plan, size_t i)
{
    return plan->slots->pdata[i];
}
