/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/yaml.h"

#include "src/base/text.h"

#include <stdarg.h>
#include <yaml.h>

/* A parse under way. */
struct reader {
    yaml_parser_t parser;
    struct hc_str text;
    const char *file; /* the root's copy */
    int depth;
    guint documents, most; /* begun so far, and how many there may be */
};

typedef yaml_event_t event_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(event_t, yaml_event_delete)

/* Messages quote the file, which may hold anything. */
static bool fail_at(const char *file, int line, int column, GError **error, const char *text)
{
    g_autoptr(GString) shown = g_string_new(NULL);

    hc_text_visible(shown, hc_str(file), false);
    if (line)
        g_string_append_printf(shown, ":%d:%d", line, column);
    g_string_append(shown, ": ");
    hc_text_visible(shown, hc_str(text), false);
    return hc_fail(error, HC_ERROR_CONFIG, "%s", shown->str);
}

static bool fail_mark(const struct reader *r, const yaml_mark_t *mark, GError **error, const char *text)
{
    return fail_at(r->file, (int)mark->line + 1, (int)mark->column + 1, error, text);
}

bool hc_yaml_fail(const struct hc_yaml *node, GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (!node)
        return hc_fail(error, HC_ERROR_CONFIG, "%s", text);
    return fail_at(node->file, node->line, node->column, error, text);
}

/* libyaml gives an offset, not a mark, for what it could not decode. */
static yaml_mark_t mark_of_offset(const struct reader *r, size_t offset)
{
    yaml_mark_t mark = {.index = offset};

    for (size_t i = 0; i < offset && i < r->text.n; i++) {
        if (r->text.p[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)r->text.p[i] & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static bool next_event(struct reader *r, yaml_event_t *event, GError **error)
{
    const yaml_parser_t *parser = &r->parser;

    if (yaml_parser_parse(&r->parser, event))
        return true;
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR)
        mark = mark_of_offset(r, parser->problem_offset);
    g_autofree char *text =
        g_strconcat(parser->problem ? parser->problem : "cannot be parsed", parser->context ? ", " : "",
                    parser->context ? parser->context : "", NULL);
    return fail_mark(r, &mark, error, text);
}

static bool refuse_names(const struct reader *r, const yaml_event_t *event, const yaml_char_t *anchor,
                         const yaml_char_t *tag, GError **error)
{
    if (anchor)
        return fail_mark(r, &event->start_mark, error, "anchors are not allowed here");
    if (tag)
        return fail_mark(r, &event->start_mark, error, "tags are not allowed here");
    return true;
}

static bool check_event(const struct reader *r, const yaml_event_t *event, GError **error)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return fail_mark(r, &event->start_mark, error, "aliases are not allowed here");
    case YAML_SCALAR_EVENT:
        if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
            return fail_mark(r, &event->start_mark, error, "a NUL character is not allowed here");
        return refuse_names(r, event, event->data.scalar.anchor, event->data.scalar.tag, error);
    case YAML_SEQUENCE_START_EVENT:
        return refuse_names(r, event, event->data.sequence_start.anchor, event->data.sequence_start.tag,
                            error);
    case YAML_MAPPING_START_EVENT:
        return refuse_names(r, event, event->data.mapping_start.anchor, event->data.mapping_start.tag, error);
    default:
        return true;
    }
}

static struct hc_yaml *node_new(const struct reader *r, const yaml_event_t *event)
{
    struct hc_yaml *node = g_new0(struct hc_yaml, 1);

    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    node->file = r->file;
    if (event->type == YAML_SCALAR_EVENT) {
        node->type = HC_YAML_SCALAR;
        node->text = g_strdup((const char *)event->data.scalar.value);
        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    } else {
        node->type = event->type == YAML_MAPPING_START_EVENT ? HC_YAML_MAPPING : HC_YAML_SEQUENCE;
    }
    return node;
}

static void free_node(struct hc_yaml *node)
{
    while (node) {
        struct hc_yaml *next = node->next;
        free_node(node->first); /* no deeper than HC_YAML_DEPTH_MAX */
        g_free(node->key);
        g_free(node->text);
        g_free(node);
        node = next;
    }
}

void hc_yaml_free(struct hc_yaml *root)
{
    if (!root)
        return;
    char *file = (char *)root->file;
    free_node(root);
    g_free(file);
}

static struct hc_yaml *read_node(struct reader *r, const yaml_event_t *event, GError **error);

/* The value that belongs to the key in `event`. */
static struct hc_yaml *read_member(struct reader *r, const yaml_event_t *event, GHashTable *seen,
                                   GError **error)
{
    g_auto(event_t) value = {0};

    if (!check_event(r, event, error))
        return NULL;
    if (event->type != YAML_SCALAR_EVENT) {
        fail_mark(r, &event->start_mark, error, "a key must be a text");
        return NULL;
    }
    const char *key = (const char *)event->data.scalar.value;
    if (g_hash_table_contains(seen, key)) {
        g_autofree char *text = g_strdup_printf("key \"%s\" is given twice", key);
        fail_mark(r, &event->start_mark, error, text);
        return NULL;
    }
    if (!next_event(r, &value, error))
        return NULL;
    struct hc_yaml *node = read_node(r, &value, error);
    if (!node)
        return NULL;
    node->key = g_strdup(key);
    node->key_line = (int)event->start_mark.line + 1;
    node->key_column = (int)event->start_mark.column + 1;
    g_hash_table_add(seen, node->key);
    return node;
}

static bool read_members(struct reader *r, struct hc_yaml *parent, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    struct hc_yaml **tail = &parent->first;

    for (;;) {
        g_auto(event_t) event = {0};
        if (!next_event(r, &event, error))
            return false;
        if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        *tail = parent->type == HC_YAML_MAPPING ? read_member(r, &event, seen, error)
                                                : read_node(r, &event, error);
        if (!*tail)
            return false;
        tail = &(*tail)->next;
    }
}

static struct hc_yaml *read_node(struct reader *r, const yaml_event_t *event, GError **error)
{
    if (!check_event(r, event, error))
        return NULL;
    if (event->type != YAML_SCALAR_EVENT && r->depth == HC_YAML_DEPTH_MAX) {
        fail_mark(r, &event->start_mark, error, "nested too deeply");
        return NULL;
    }
    struct hc_yaml *node = node_new(r, event);
    if (node->type == HC_YAML_SCALAR)
        return node;
    r->depth++;
    bool ok = read_members(r, node, error);
    r->depth--;
    if (ok)
        return node;
    free_node(node);
    return NULL;
}

static bool is_nothing(const struct hc_yaml *node)
{
    return node->type == HC_YAML_SCALAR && node->plain && !*node->text;
}

static struct hc_yaml *empty_mapping(const char *file)
{
    struct hc_yaml *node = g_new0(struct hc_yaml, 1);

    node->type = HC_YAML_MAPPING;
    node->line = node->column = 1;
    node->file = g_strdup(file);
    return node;
}

/* The next document, with its own copy of the file's name: 1, 0 = there is none, -1 = failed. */
static int read_document(struct reader *r, const char *file, struct hc_yaml **root, GError **error)
{
    for (;;) {
        g_auto(event_t) event = {0};
        if (!next_event(r, &event, error))
            return -1;
        if (event.type == YAML_STREAM_END_EVENT)
            return 0;
        if (event.type == YAML_DOCUMENT_START_EVENT && r->documents++ == r->most) {
            fail_mark(r, &event.start_mark, error,
                      r->most == 1 ? "only one document is allowed" : "too many documents");
            return -1;
        }
        if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT ||
            event.type == YAML_DOCUMENT_END_EVENT)
            continue;
        char *copy = g_strdup(file);
        r->file = copy;
        *root = read_node(r, &event, error);
        r->file = file;
        if (*root)
            return 1;
        g_free(copy);
        return -1;
    }
}

static bool start(struct reader *r, GError **error)
{
    if (r->text.n > HC_YAML_SIZE_MAX) {
        g_autofree char *why = g_strdup_printf("larger than %u bytes", HC_YAML_SIZE_MAX);
        return fail_at(r->file, 0, 0, error, why);
    }
    if (hc_str_starts(r->text, "\xff\xfe") || hc_str_starts(r->text, "\xfe\xff"))
        return fail_at(r->file, 0, 0, error, "this is UTF-16; UTF-8 is expected");
    if (!yaml_parser_initialize(&r->parser))
        return fail_at(r->file, 0, 0, error, "out of memory");
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)(r->text.p ? r->text.p : ""), r->text.n);
    return true;
}

static void free_root(void *root)
{
    hc_yaml_free(root);
}

static GPtrArray *parse(struct hc_str text, const char *file, guint most, GError **error)
{
    struct reader r = {.text = hc_str_without_bom(text), .file = file, .most = most};
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_root);
    struct hc_yaml *root;
    int rc;

    if (!start(&r, error))
        return NULL;
    while ((rc = read_document(&r, file, &root, error)) == 1) {
        if (is_nothing(root))
            hc_yaml_free(root);
        else
            g_ptr_array_add(all, root);
    }
    yaml_parser_delete(&r.parser);
    return rc == 0 ? g_steal_pointer(&all) : NULL;
}

GPtrArray *hc_yaml_parse_all(struct hc_str text, const char *file, GError **error)
{
    return parse(text, file, HC_YAML_DOCUMENTS_MAX, error);
}

struct hc_yaml *hc_yaml_parse(struct hc_str text, const char *file, GError **error)
{
    g_autoptr(GPtrArray) all = parse(text, file, 1, error);

    if (!all)
        return NULL;
    return all->len ? g_ptr_array_steal_index(all, 0) : empty_mapping(file);
}

const struct hc_yaml *hc_yaml_get(const struct hc_yaml *map, const char *key)
{
    if (!map || map->type != HC_YAML_MAPPING)
        return NULL;
    for (const struct hc_yaml *node = map->first; node; node = node->next)
        if (strcmp(node->key, key) == 0)
            return node;
    return NULL;
}

const char *hc_yaml_text(const struct hc_yaml *map, const char *key)
{
    const struct hc_yaml *node = hc_yaml_get(map, key);

    return node && node->type == HC_YAML_SCALAR ? node->text : NULL;
}

bool hc_yaml_allow(const struct hc_yaml *map, const char *const *allowed, GError **error)
{
    if (!map || map->type != HC_YAML_MAPPING)
        return hc_yaml_fail(map, error, "a mapping is expected here");
    for (const struct hc_yaml *node = map->first; node; node = node->next) {
        if (g_strv_contains(allowed, node->key))
            continue;
        g_autofree char *known = g_strjoinv(", ", (char **)allowed);
        g_autofree char *text = g_strdup_printf("unknown key \"%s\" (known: %s)", node->key, known);
        return fail_at(node->file, node->key_line, node->key_column, error, text);
    }
    return true;
}
