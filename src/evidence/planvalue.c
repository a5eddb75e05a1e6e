/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a plan: fields, templates and references, parsed once. */
#include "src/evidence/plancompile.h"

static const struct {
    const char *name;
    enum hc_entity_kind kind;
} kinds[] = {
    {"account", HC_ENTITY_ACCOUNT},       {"account-id", HC_ENTITY_ACCOUNT_ID},
    {"project", HC_ENTITY_PROJECT},       {"project-id", HC_ENTITY_PROJECT_ID},
    {"address", HC_ENTITY_ADDRESS},       {"address-id", HC_ENTITY_ADDRESS_ID},
    {"mailbox", HC_ENTITY_MAILBOX},       {"message", HC_ENTITY_MESSAGE},
    {"message-id", HC_ENTITY_MESSAGE_ID}, {"release-id", HC_ENTITY_RELEASE_ID},
    {"file-id", HC_ENTITY_FILE_ID},       {"file", HC_ENTITY_FILE},
    {"version", HC_ENTITY_VERSION},       {"thing", HC_ENTITY_THING},
};

static void piece_clear(void *data)
{
    g_free(((struct piece *)data)->text);
}

static void keep_clear(void *data)
{
    struct keep *keep = data;

    g_free(keep->name);
    g_clear_pointer(&keep->value.pieces, g_array_unref);
}

size_t hc_plan_slot_of(struct hc_plan *plan, const char *name)
{
    for (guint i = 0; i < plan->slots->len; i++)
        if (strcmp(plan->slots->pdata[i], name) == 0)
            return i;
    g_ptr_array_add(plan->slots, g_strdup(name));
    return plan->slots->len - 1;
}

static void add_piece(struct value *value, int kind, char *text, size_t index)
{
    struct piece piece = {kind, text, text ? strlen(text) : index};

    g_array_append_val(value->pieces, piece);
}

/* Nothing yet, whatever it was before. */
static void renew(struct value *value)
{
    g_clear_pointer(&value->pieces, g_array_unref);
    value->pieces = g_array_new(FALSE, TRUE, sizeof(struct piece));
    g_array_set_clear_func(value->pieces, piece_clear);
}

/* The number of the capture of this name; those of `looks` come behind all that the case's own pattern can
 * have. -1: none. */
static ptrdiff_t find_capture(const struct branch *b, const char *name)
{
    for (size_t i = 0; b && b->pattern && i < hc_pattern_captures(b->pattern); i++)
        if (strcmp(hc_pattern_capture(b->pattern, i), name) == 0)
            return (ptrdiff_t)i;
    for (size_t i = 0; b && b->looks && i < hc_pattern_captures(b->looks); i++)
        if (strcmp(hc_pattern_capture(b->looks, i), name) == 0)
            return (ptrdiff_t)(HC_CAPTURES_MAX + i);
    return -1;
}

/* A name in braces: a capture of the case, of the type (already known: a literal), else a field. */
static void add_name(const struct compiler *c, struct value *value, const char *name)
{
    const struct hc_pattern *type = c->plan->type_pattern;
    ptrdiff_t capture = find_capture(c->branch, name);

    if (capture >= 0) {
        add_piece(value, PIECE_CAPTURE, NULL, (size_t)capture);
        return;
    }
    for (size_t i = 0; i < hc_pattern_captures(type); i++)
        if (strcmp(hc_pattern_capture(type, i), name) == 0) {
            add_piece(value, PIECE_LITERAL, hc_str_dup(c->plan->type_captures[i]), 0);
            return;
        }
    add_piece(value, PIECE_SLOT, NULL, hc_plan_slot_of(c->plan, name));
}

/* One field or template, added to the pieces. */
static bool compile_one(const struct compiler *c, const struct hc_yaml *node, struct value *value,
                        GError **error)
{
    const char *p;

    if (node->type != HC_YAML_SCALAR)
        return hc_yaml_fail(node, error, "a field or a template is expected");
    if (!strchr(node->text, '{')) {
        add_piece(value, PIECE_SLOT, NULL, hc_plan_slot_of(c->plan, node->text));
        return true;
    }
    for (p = node->text; *p;) {
        const char *open = strchr(p, '{'), *close = open ? strchr(open, '}') : NULL;
        if (open && !close)
            return hc_yaml_fail(node, error, "'{' without '}'");
        if (!open || open > p)
            add_piece(value, PIECE_LITERAL, open ? g_strndup(p, (gsize)(open - p)) : g_strdup(p), 0);
        if (open) {
            g_autofree char *name = g_strndup(open + 1, (gsize)(close - open - 1));
            add_name(c, value, name);
        }
        p = open ? close + 1 : p + strlen(p);
    }
    return true;
}

void hc_compile_field(const struct compiler *c, const char *name, struct value *value)
{
    renew(value);
    add_piece(value, PIECE_SLOT, NULL, hc_plan_slot_of(c->plan, name));
}

/* A list: the first of them that holds something. */
bool hc_compile_value(const struct compiler *c, const struct hc_yaml *node, struct value *value,
                      GError **error)
{
    renew(value);
    if (node->type != HC_YAML_SEQUENCE || !node->first)
        return compile_one(c, node, value, error);
    for (const struct hc_yaml *n = node->first; n; n = n->next) {
        if (n != node->first)
            add_piece(value, PIECE_ELSE, NULL, 0);
        if (!compile_one(c, n, value, error))
            return false;
    }
    return true;
}

bool hc_compile_reference(const struct compiler *c, const struct hc_yaml *node, struct reference *ref,
                          GError **error)
{
    const struct hc_yaml *one = node->type == HC_YAML_MAPPING ? node->first : NULL;

    if (node->type == HC_YAML_SCALAR && strcmp(node->text, "none") == 0) { /* a case takes the event's away */
        ref->kind = HC_ENTITY_NONE;
        g_clear_pointer(&ref->value.pieces, g_array_unref);
        return true;
    }
    if (!one || one->next)
        return hc_yaml_fail(node, error, "a reference is expected, such as {account: FIELD}");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(one->key, kinds[i].name) == 0) {
            ref->kind = kinds[i].kind;
            return hc_compile_value(c, one, &ref->value, error);
        }
    return hc_yaml_fail(one, error, "'%s' is no kind of reference", one->key);
}

GArray *hc_keeps_new(void)
{
    GArray *keeps = g_array_new(FALSE, TRUE, sizeof(struct keep));

    g_array_set_clear_func(keeps, keep_clear);
    return keeps;
}

bool hc_compile_keeps(const struct compiler *c, const struct hc_yaml *node, GArray *keeps, GError **error)
{
    if (node->type != HC_YAML_MAPPING)
        return hc_yaml_fail(node, error, "a mapping of names to fields is expected");
    for (const struct hc_yaml *m = node->first; m; m = m->next) {
        struct keep keep = {g_strdup(m->key), strlen(m->key), {NULL}};
        g_array_append_val(keeps, keep);
        if (keeps->len > HC_ATTRIBUTES_MAX - 1) /* one is left for a masked actor */
            return hc_yaml_fail(m, error, "more than %d fields are kept", HC_ATTRIBUTES_MAX - 1);
        if (!hc_compile_value(c, m, &g_array_index(keeps, struct keep, keeps->len - 1).value, error))
            return false;
    }
    return true;
}
