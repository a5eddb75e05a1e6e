/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/condition.h"

#include <stdarg.h>

struct parser {
    const struct hc_yaml *where;
    struct hc_sigma_name *names;
    size_t n_names;
    GPtrArray *pool;
    const char *at; /* what is left */
    char *word;     /* the present token; "" at the end */
    int depth;
    GError **error;
};

static void node_free(void *data)
{
    struct hc_sigma_node *node = data;

    g_clear_pointer(&node->of, g_ptr_array_unref);
    g_free(node);
}

GPtrArray *hc_sigma_pool_new(void)
{
    return g_ptr_array_new_with_free_func(node_free);
}

static struct hc_sigma_node *node_new(GPtrArray *pool, enum hc_sigma_op op, size_t leaf)
{
    struct hc_sigma_node *node = g_new0(struct hc_sigma_node, 1);

    node->op = op;
    node->leaf = leaf;
    g_ptr_array_add(pool, node);
    return node;
}

struct hc_sigma_node *hc_sigma_leaf(GPtrArray *pool, size_t leaf)
{
    return node_new(pool, HC_SIGMA_LEAF, leaf);
}

struct hc_sigma_node *hc_sigma_join(GPtrArray *pool, enum hc_sigma_op op)
{
    struct hc_sigma_node *node = node_new(pool, op, 0);

    node->of = g_ptr_array_new();
    return node;
}

void hc_sigma_add(struct hc_sigma_node *parent, struct hc_sigma_node *child)
{
    g_ptr_array_add(parent->of, child);
}

static struct hc_sigma_node *fail(struct parser *p, const char *format, ...) G_GNUC_PRINTF(2, 3);

static struct hc_sigma_node *fail(struct parser *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *why = g_strdup_vprintf(format, args);
    va_end(args);

    hc_yaml_fail(p->where, p->error, "condition: %s", why);
    return NULL;
}

static bool is_word_char(char c)
{
    return c && !g_ascii_isspace(c) && c != '(' && c != ')' && c != '|';
}

static void advance(struct parser *p)
{
    const char *from;

    while (g_ascii_isspace(*p->at))
        p->at++;
    from = p->at;
    if (is_word_char(*p->at))
        while (is_word_char(*p->at))
            p->at++;
    else if (*p->at)
        p->at++;
    g_free(p->word);
    p->word = g_strndup(from, (gsize)(p->at - from));
}

static bool is(const struct parser *p, const char *word)
{
    return strcmp(p->word, word) == 0;
}

static bool takes(const char *pattern, const char *name)
{
    bool them = strcmp(pattern, "them") == 0;

    if (name[0] == '_' && pattern[0] != '_')
        return false;
    return them || g_pattern_match_simple(pattern, name);
}

static struct hc_sigma_node *parse_or(struct parser *p);

/* The pattern behind "1 of" and the like. */
static struct hc_sigma_node *parse_of(struct parser *p, enum hc_sigma_op op)
{
    struct hc_sigma_node *node = hc_sigma_join(p->pool, op);

    if (!is_word_char(*p->word) || strchr(p->word, '?'))
        return fail(p, "a pattern of names is expected behind \"of\", not \"%s\"", p->word);
    for (size_t i = 0; i < p->n_names; i++)
        if (takes(p->word, p->names[i].name)) {
            p->names[i].used = true;
            hc_sigma_add(node, p->names[i].node);
        }
    if (node->of->len == 0)
        return fail(p, "\"%s\" stands for none of the names", p->word);
    advance(p);
    return node;
}

static struct hc_sigma_node *parse_name(struct parser *p)
{
    for (size_t i = 0; i < p->n_names; i++)
        if (is(p, p->names[i].name)) {
            p->names[i].used = true;
            advance(p);
            return p->names[i].node;
        }
    if (is(p, "AND") || is(p, "OR") || is(p, "NOT") || is(p, "OF"))
        return fail(p, "operators are written in lower case, \"%s\" is none", p->word);
    if (is(p, "|"))
        return fail(p, "what stands behind | is from an old form of rules; use a correlation rule instead");
    return *p->word ? fail(p, "\"%s\" is not the name of a selection", p->word)
                    : fail(p, "it ends too early");
}

/* Is the word a number or "any" or "all", and "of" the next? A selection may be called "all" as well. */
static bool before_of(const struct parser *p)
{
    const char *at = p->at;

    while (g_ascii_isspace(*at))
        at++;
    return g_str_has_prefix(at, "of") && !is_word_char(at[2]);
}

static struct hc_sigma_node *parse_primary(struct parser *p)
{
    struct hc_sigma_node *node;

    if (is(p, "(")) {
        advance(p);
        node = parse_or(p);
        if (node && !is(p, ")"))
            return fail(p, "a parenthesis is not closed");
        if (node)
            advance(p);
        return node;
    }
    if (!before_of(p))
        return parse_name(p);
    if (!is(p, "1") && !is(p, "any") && !is(p, "all"))
        return fail(p, "only 1, any or all can stand before \"of\", not \"%s\"", p->word);
    enum hc_sigma_op op = is(p, "all") ? HC_SIGMA_AND : HC_SIGMA_OR;
    advance(p);
    advance(p);
    return parse_of(p, op);
}

static struct hc_sigma_node *parse_not(struct parser *p)
{
    struct hc_sigma_node *node, *inner;

    if (++p->depth > HC_SIGMA_DEPTH_MAX)
        return fail(p, "nested too deeply");
    if (is(p, "not")) {
        advance(p);
        inner = parse_not(p);
        node = inner ? hc_sigma_join(p->pool, HC_SIGMA_NOT) : NULL;
        if (node)
            hc_sigma_add(node, inner);
    } else {
        node = parse_primary(p);
    }
    p->depth--;
    return node;
}

/* One level of and, or: a chain of what binds more tightly. */
static struct hc_sigma_node *parse_chain(struct parser *p, const char *word, enum hc_sigma_op op,
                                         struct hc_sigma_node *(*tighter)(struct parser *))
{
    struct hc_sigma_node *first = tighter(p), *node;

    if (!first || !is(p, word))
        return first;
    node = hc_sigma_join(p->pool, op);
    hc_sigma_add(node, first);
    while (is(p, word)) {
        struct hc_sigma_node *next;
        advance(p);
        if (!(next = tighter(p)))
            return NULL;
        hc_sigma_add(node, next);
    }
    return node;
}

static struct hc_sigma_node *parse_and(struct parser *p)
{
    return parse_chain(p, "and", HC_SIGMA_AND, parse_not);
}

static struct hc_sigma_node *parse_or(struct parser *p)
{
    return parse_chain(p, "or", HC_SIGMA_OR, parse_and);
}

struct hc_sigma_node *hc_sigma_condition(const struct hc_yaml *where, struct hc_sigma_name *names, size_t n,
                                         GPtrArray *pool, GError **error)
{
    struct parser p = {.where = where, .names = names, .n_names = n, .pool = pool, .error = error};
    struct hc_sigma_node *node;

    if (where->type != HC_YAML_SCALAR || strlen(where->text) > HC_SIGMA_CONDITION_MAX) {
        hc_yaml_fail(where, error, "a condition is a text of up to %d bytes", HC_SIGMA_CONDITION_MAX);
        return NULL;
    }
    p.at = where->text;
    advance(&p);
    node = parse_or(&p);
    if (node && *p.word)
        node = is(&p, ")") ? fail(&p, "\"%s\" closes nothing", p.word)
               : is(&p, "|") || is(&p, "AND") || is(&p, "OR") || is(&p, "NOT")
                   ? parse_name(&p)
                   : fail(&p, "an operator is expected before \"%s\"", p.word);
    g_free(p.word);
    return node;
}
