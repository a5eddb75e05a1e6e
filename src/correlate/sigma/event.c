/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/event.h"

#include "src/correlate/sigma/glob.h"

/* bytes of decoded texts of events before that are let be: memory is not asked for anew for each */
#define TEXTS_KEPT 3000

/* Names in a tree: each child of a node is one part of a path. */
struct node {
    GHashTable *children; /* text -> struct node *; NULL: a leaf */
    ptrdiff_t slot;       /* -1: no field ends here */
};

struct hc_sigma_fields {
    GPtrArray *names;    /* char *, by slot */
    GHashTable *by_name; /* -> slot + 1 */
    struct node *root;
    uint64_t
        begins[256]; /* of the children of the root by their first byte: their lengths, modulo 64, by bit */
};

struct range {
    guint first, n;
    bool present, whole; /* whole: found under its whole name, so that paths count no more */
};

struct found {
    size_t slot;
    struct hc_sigma_value value;
};

/* Of an object that is looked at. */
struct member {
    struct hc_str key, value; /* as they are written */
};

struct hc_sigma_event {
    const struct hc_sigma_fields *fields;
    GArray *objects; /* struct hc_str */
    GArray *members; /* struct member, of those that were added last */
    GArray *put;     /* struct hc_sigma_value: single ones */
    GArray *found;   /* struct found, as met */
    GArray *values;  /* struct hc_sigma_value, those of one slot side by side */
    struct range *ranges;
    GArray *everything; /* struct hc_sigma_value; empty until asked for */
    bool listed, paired;
    uint64_t pairs[65536 / 64]; /* of neighbouring bytes, one bit each; true where `paired` */
    GStringChunk *texts;
    size_t n_texts; /* bytes in it */
    GString *scratch;
};

static void node_free(void *data)
{
    struct node *node = data;

    g_clear_pointer(&node->children, g_hash_table_unref);
    g_free(node);
}

static struct node *node_new(void)
{
    struct node *node = g_new0(struct node, 1);

    node->slot = -1;
    return node;
}

struct hc_sigma_fields *hc_sigma_fields_new(void)
{
    struct hc_sigma_fields *fields = g_new0(struct hc_sigma_fields, 1);

    fields->names = g_ptr_array_new_with_free_func(g_free);
    fields->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    fields->root = node_new();
    return fields;
}

void hc_sigma_fields_free(struct hc_sigma_fields *fields)
{
    if (!fields)
        return;
    g_hash_table_unref(fields->by_name);
    g_ptr_array_unref(fields->names);
    node_free(fields->root);
    g_free(fields);
}

static struct node *child_of(struct node *node, const char *part)
{
    struct node *child;

    if (!node->children)
        node->children = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, node_free);
    child = g_hash_table_lookup(node->children, part);
    if (!child) {
        child = node_new();
        g_hash_table_insert(node->children, g_strdup(part), child);
    }
    return child;
}

size_t hc_sigma_fields_slot(struct hc_sigma_fields *fields, const char *name)
{
    size_t known = GPOINTER_TO_SIZE(g_hash_table_lookup(fields->by_name, name));
    struct node *node = fields->root;
    g_auto(GStrv) parts = NULL;
    char *own;

    if (known)
        return known - 1;
    own = g_strdup(name);
    g_ptr_array_add(fields->names, own);
    g_hash_table_insert(fields->by_name, own, GSIZE_TO_POINTER((gsize)fields->names->len));
    parts = g_strsplit(name, ".", -1);
    if (parts[0])
        fields->begins[(unsigned char)parts[0][0]] |= UINT64_C(1) << strlen(parts[0]) % 64;
    for (char **part = parts; *part; part++)
        node = child_of(node, *part);
    node->slot = (ptrdiff_t)fields->names->len - 1;
    return fields->names->len - 1;
}

ptrdiff_t hc_sigma_fields_find(const struct hc_sigma_fields *fields, const char *name)
{
    return (ptrdiff_t)GPOINTER_TO_SIZE(g_hash_table_lookup(fields->by_name, name)) - 1;
}

size_t hc_sigma_fields_count(const struct hc_sigma_fields *fields)
{
    return fields->names->len;
}

struct hc_sigma_event *hc_sigma_event_new(const struct hc_sigma_fields *fields)
{
    struct hc_sigma_event *event = g_new0(struct hc_sigma_event, 1);

    event->fields = fields;
    event->objects = g_array_new(FALSE, FALSE, sizeof(struct hc_str));
    event->members = g_array_new(FALSE, FALSE, sizeof(struct member));
    event->put = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_value));
    event->found = g_array_new(FALSE, FALSE, sizeof(struct found));
    event->values = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_value));
    event->everything = g_array_new(FALSE, FALSE, sizeof(struct hc_sigma_value));
    event->ranges = g_new0(struct range, hc_sigma_fields_count(fields) + 1);
    event->texts = g_string_chunk_new(4096);
    event->scratch = g_string_new(NULL);
    return event;
}

void hc_sigma_event_free(struct hc_sigma_event *event)
{
    if (!event)
        return;
    g_array_unref(event->objects);
    g_array_unref(event->members);
    g_array_unref(event->put);
    g_array_unref(event->found);
    g_array_unref(event->values);
    g_array_unref(event->everything);
    g_string_chunk_free(event->texts);
    g_string_free(event->scratch, TRUE);
    g_free(event->ranges);
    g_free(event);
}

static struct hc_str kept(struct hc_sigma_event *event)
{
    event->n_texts += event->scratch->len + 1;
    return hc_str_n(g_string_chunk_insert_len(event->texts, event->scratch->str, (gssize)event->scratch->len),
                    event->scratch->len);
}

/* The text of a scalar: a slice of the event where nothing in it is escaped. */
static struct hc_str decoded(struct hc_sigma_event *event, struct hc_str raw)
{
    bool quoted = raw.n >= 2 && raw.p[0] == '"';

    if (quoted && !memchr(raw.p, '\\', raw.n))
        return hc_str_n(raw.p + 1, raw.n - 2);
    if (!quoted)
        return raw;
    g_string_truncate(event->scratch, 0);
    hc_json_text(raw, event->scratch);
    return kept(event);
}

static struct hc_sigma_value value_of(struct hc_sigma_event *event, struct hc_str raw)
{
    struct hc_sigma_value v = {.kind = HC_VALUE_OTHER};

    switch (hc_json_type(raw)) {
    case HC_JSON_NULL:
        v.kind = HC_VALUE_NULL;
        return v;
    case HC_JSON_TRUE:
    case HC_JSON_FALSE:
        v.kind = HC_VALUE_BOOL;
        break;
    case HC_JSON_NUMBER:
        v.kind = HC_VALUE_NUMBER;
        break;
    case HC_JSON_STRING:
        v.kind = HC_VALUE_TEXT;
        break;
    default:
        return v;
    }
    v.text = decoded(event, raw);
    v.numeric = hc_number_read(v.text, &v.number);
    return v;
}

static void add_found(struct hc_sigma_event *event, size_t slot, struct hc_str raw)
{
    event->ranges[slot].present = true;
    if (hc_json_type(raw) == HC_JSON_ARRAY) {
        size_t pos = 0;
        struct hc_str key, element;
        while ((element = hc_json_next(raw, &pos, &key)).p)
            add_found(event, slot, element); /* no deeper than HC_JSON_DEPTH_MAX */
        return;
    }
    struct found f = {slot, value_of(event, raw)};
    g_array_append_val(event->found, f);
}

static void walk(struct hc_sigma_event *event, const struct node *node, struct hc_str value);

/* Key of an object, in the scratch memory. */
static char *key_text(struct hc_sigma_event *event, struct hc_str raw)
{
    g_string_truncate(event->scratch, 0);
    hc_json_text(raw, event->scratch);
    return event->scratch->str;
}

/* A key with dots stands for as many parts of a path. */
static const struct node *descend(const struct node *node, char *key)
{
    char *dot;

    while (node && node->children && (dot = strchr(key, '.'))) {
        *dot = 0;
        node = g_hash_table_lookup(node->children, key);
        key = dot + 1;
    }
    return node && node->children ? g_hash_table_lookup(node->children, key) : NULL;
}

static void step(struct hc_sigma_event *event, const struct node *node, struct hc_str key,
                 struct hc_str value)
{
    const struct node *child = descend(node, key_text(event, key));

    if (!child)
        return;
    if (child->slot >= 0 && !event->ranges[child->slot].whole)
        add_found(event, (size_t)child->slot, value);
    if (child->children)
        walk(event, child, value);
}

static void walk(struct hc_sigma_event *event, const struct node *node, struct hc_str value)
{
    bool array = hc_json_type(value) == HC_JSON_ARRAY;
    struct hc_str key, element;
    size_t pos = 0;

    if (!array && hc_json_type(value) != HC_JSON_OBJECT)
        return;
    while ((element = hc_json_next(value, &pos, &key)).p) {
        if (array)
            walk(event, node, element);
        else
            step(event, node, key, element);
    }
}

/* Names with dots that stand in the event as they are. */
static void find_whole(struct hc_sigma_event *event, const struct member *m)
{
    size_t slot;

    if (!memchr(m->key.p, '.', m->key.n))
        return;
    slot = GPOINTER_TO_SIZE(g_hash_table_lookup(event->fields->by_name, key_text(event, m->key)));
    if (!slot)
        return;
    event->ranges[slot - 1].whole = true;
    add_found(event, slot - 1, m->value);
}

/* False: no field begins with this key, which is seen by its first byte and its length. */
static bool may_begin(const struct hc_sigma_fields *fields, struct hc_str key)
{
    size_t n = key.n - 2; /* its quotes */

    return !n || memchr(key.p, '\\', key.n) || memchr(key.p, '.', key.n) ||
           fields->begins[(unsigned char)key.p[1]] >> n % 64 & 1;
}

/* Side by side, those of one field in the order in which they were met. */
static void arrange(struct hc_sigma_event *event)
{
    guint at = 0;

    for (guint i = 0; i < event->found->len; i++)
        event->ranges[g_array_index(event->found, struct found, i).slot].n++;
    for (size_t s = 0; s < hc_sigma_fields_count(event->fields); s++) {
        event->ranges[s].first = at;
        at += event->ranges[s].n;
        event->ranges[s].n = 0;
    }
    g_array_set_size(event->values, at);
    for (guint i = 0; i < event->found->len; i++) {
        const struct found *f = &g_array_index(event->found, struct found, i);
        struct range *r = &event->ranges[f->slot];
        g_array_index(event->values, struct hc_sigma_value, r->first + r->n++) = f->value;
    }
}

void hc_sigma_event_begin(struct hc_sigma_event *event)
{
    event->listed = event->paired = false;
    g_array_set_size(event->objects, 0);
    g_array_set_size(event->put, 0);
    g_array_set_size(event->found, 0);
    g_array_set_size(event->everything, 0);
    memset(event->ranges, 0, hc_sigma_fields_count(event->fields) * sizeof *event->ranges);
    if (event->n_texts > TEXTS_KEPT) {
        g_string_chunk_clear(event->texts);
        event->n_texts = 0;
    }
}

void hc_sigma_event_put(struct hc_sigma_event *event, ptrdiff_t slot, struct hc_str text, int64_t thing)
{
    struct found f = {(size_t)slot, {.kind = HC_VALUE_TEXT, .text = text, .thing = thing}};

    f.value.numeric = hc_number_read(text, &f.value.number);
    g_array_append_val(event->put, f.value);
    if (slot < 0)
        return;
    event->ranges[slot].present = true;
    g_array_append_val(event->found, f);
}

static void list_members(struct hc_sigma_event *event, struct hc_str object)
{
    struct member m;
    size_t pos = 0;

    while ((m.value = hc_json_next(object, &pos, &m.key)).p)
        g_array_append_val(event->members, m);
}

void hc_sigma_event_add_parts(struct hc_sigma_event *event, const struct hc_str *parts, size_t n)
{
    g_array_set_size(event->members, 0);
    g_array_append_vals(event->objects, parts, (guint)n);
    for (size_t i = 0; i < n; i++) {
        if (hc_json_type(parts[i]) == HC_JSON_OBJECT)
            list_members(event, parts[i]);
        else
            walk(event, event->fields->root, parts[i]);
    }
    for (guint i = 0; i < event->members->len; i++)
        find_whole(event, &g_array_index(event->members, struct member, i));
    for (guint i = 0; i < event->members->len && event->fields->root->children; i++) {
        const struct member *m = &g_array_index(event->members, struct member, i);
        if (may_begin(event->fields, m->key))
            step(event, event->fields->root, m->key, m->value);
    }
}

void hc_sigma_event_add(struct hc_sigma_event *event, struct hc_str object)
{
    hc_sigma_event_add_parts(event, &object, 1);
}

void hc_sigma_event_end(struct hc_sigma_event *event)
{
    arrange(event);
}

void hc_sigma_event_read(struct hc_sigma_event *event, struct hc_str object)
{
    hc_sigma_event_begin(event);
    hc_sigma_event_add(event, object);
    hc_sigma_event_end(event);
}

struct hc_sigma_value *hc_sigma_event_values(const struct hc_sigma_event *event, size_t slot, size_t *n,
                                             bool *present)
{
    const struct range *r = &event->ranges[slot];

    *n = r->n;
    *present = r->present;
    return r->n ? &g_array_index(event->values, struct hc_sigma_value, r->first) : NULL;
}

static void list(struct hc_sigma_event *event, struct hc_str value)
{
    enum hc_json_type type = hc_json_type(value);
    struct hc_str key, element;
    size_t pos = 0;

    if (type == HC_JSON_ARRAY || type == HC_JSON_OBJECT) {
        while ((element = hc_json_next(value, &pos, &key)).p)
            list(event, element); /* no deeper than HC_JSON_DEPTH_MAX */
    } else if (type != HC_JSON_NULL) {
        struct hc_sigma_value v = value_of(event, value);
        g_array_append_val(event->everything, v);
    }
}

struct hc_sigma_value *hc_sigma_event_everything(struct hc_sigma_event *event, size_t *n)
{
    for (guint i = 0; i < event->objects->len && !event->listed; i++)
        list(event, g_array_index(event->objects, struct hc_str, i));
    if (!event->listed && event->put->len)
        g_array_append_vals(event->everything, event->put->data, event->put->len);
    event->listed = true;
    *n = event->everything->len;
    return *n ? &g_array_index(event->everything, struct hc_sigma_value, 0) : NULL;
}

static void list_pairs(struct hc_sigma_event *event)
{
    size_t n;
    struct hc_sigma_value *values = hc_sigma_event_everything(event, &n);

    memset(event->pairs, 0, sizeof event->pairs);
    for (size_t i = 0; i < n; i++) {
        struct hc_str text = hc_sigma_value_folded(event, &values[i]);
        for (size_t k = 1; k < text.n; k++) {
            unsigned pair = (unsigned)(unsigned char)text.p[k - 1] << 8 | (unsigned char)text.p[k];
            event->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
        }
    }
}

bool hc_sigma_event_may_hold(struct hc_sigma_event *event, const uint16_t *pairs, size_t n)
{
    if (!event->paired)
        list_pairs(event);
    event->paired = true;
    for (size_t i = 0; i < n; i++)
        if (!(event->pairs[pairs[i] / 64] >> pairs[i] % 64 & 1))
            return false;
    return true;
}

struct hc_str hc_sigma_value_folded(struct hc_sigma_event *event, struct hc_sigma_value *value)
{
    if (value->folded.p || !value->text.p)
        return value->folded;
    g_string_truncate(event->scratch, 0);
    hc_fold(event->scratch, value->text);
    value->folded = kept(event);
    return value->folded;
}
