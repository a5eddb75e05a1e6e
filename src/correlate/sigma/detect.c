/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/detect.h"

/* A field that equals a text, or is there at all, of which some rule needs that it does. */
struct equal {
    size_t slot;
    struct hc_str text; /* owned by the item; .p == NULL: it is there */
    GArray *rules;      /* size_t */
};

struct hc_sigma_detector {
    const struct hc_sigma_rules *rules;
    GHashTable *equals;       /* struct equal, by slot and text */
    GArray *slots;            /* size_t: those that stand in `equals` */
    GArray *always;           /* size_t: rules that are looked at for each event */
    GArray *candidates;       /* size_t */
    uint32_t *asked, *queued; /* by item, by rule: the event for which it was, by its serial */
    signed char *answer;      /* by item */
    uint32_t serial;
};

static guint equal_hash(gconstpointer key)
{
    const struct equal *e = key;
    guint hash = (guint)e->slot * 2654435761u;

    for (size_t i = 0; i < e->text.n; i++)
        hash = (hash ^ (unsigned char)e->text.p[i]) * 16777619u;
    return hash;
}

static gboolean equal_same(gconstpointer a, gconstpointer b)
{
    const struct equal *x = a, *y = b;

    return x->slot == y->slot && !x->text.p == !y->text.p && hc_str_eq(x->text, y->text);
}

static void equal_free(void *data)
{
    struct equal *e = data;

    g_array_unref(e->rules);
    g_free(e);
}

/* An hc_sigma_equal_fn. */
static void collect(void *data, size_t slot, struct hc_str text)
{
    struct equal e = {slot, text, NULL};

    g_array_append_val((GArray *)data, e);
}

static bool witnesses(const struct hc_sigma_rules *rules, const struct hc_sigma_node *node, GArray *out);

/* That a field is there tells less than what it holds. */
static size_t weight(const GArray *some)
{
    size_t sum = 0;

    for (guint i = 0; i < some->len; i++)
        sum += g_array_index(some, struct equal, i).text.p ? 1 : 100000;
    return sum;
}

/* Of what has to be true together, the part that holds most rarely stands for all. */
static bool rarest(const struct hc_sigma_rules *rules, const struct hc_sigma_node *node, GArray *out)
{
    g_autoptr(GArray) best = NULL;

    for (guint i = 0; i < node->of->len; i++) {
        g_autoptr(GArray) some = g_array_new(FALSE, FALSE, sizeof(struct equal));
        if (!witnesses(rules, node->of->pdata[i], some) || (best && weight(some) >= weight(best)))
            continue;
        g_clear_pointer(&best, g_array_unref);
        best = g_steal_pointer(&some);
    }
    if (best)
        g_array_append_vals(out, best->data, best->len);
    return best != NULL;
}

static bool leaf_witnesses(const struct hc_sigma_item *item, GArray *out)
{
    size_t slot;

    if (hc_sigma_item_equals(item, collect, out))
        return true;
    if (!hc_sigma_item_needs(item, &slot))
        return false;
    collect(out, slot, HC_STR_NONE);
    return true;
}

/* True: the node can only be true where one of these holds. */
static bool witnesses(const struct hc_sigma_rules *rules, const struct hc_sigma_node *node, GArray *out)
{
    if (node->op == HC_SIGMA_LEAF)
        return leaf_witnesses(rules->items->pdata[node->leaf], out);
    if (node->op == HC_SIGMA_AND)
        return rarest(rules, node, out);
    for (guint i = 0; i < node->of->len; i++)
        if (node->op == HC_SIGMA_NOT || !witnesses(rules, node->of->pdata[i], out))
            return false;
    return true;
}

static void add_equal(struct hc_sigma_detector *d, const struct equal *needed, size_t rule)
{
    struct equal *e = g_hash_table_lookup(d->equals, needed);
    bool known = false;

    if (!e) {
        e = g_memdup2(needed, sizeof *needed);
        e->rules = g_array_new(FALSE, FALSE, sizeof(size_t));
        g_hash_table_add(d->equals, e);
    }
    if (!e->rules->len || g_array_index(e->rules, size_t, e->rules->len - 1) != rule)
        g_array_append_val(e->rules, rule);
    for (guint i = 0; i < d->slots->len; i++)
        known = known || g_array_index(d->slots, size_t, i) == e->slot;
    if (!known)
        g_array_append_val(d->slots, e->slot);
}

static void add_rule(struct hc_sigma_detector *d, size_t rule)
{
    g_autoptr(GArray) needed = g_array_new(FALSE, FALSE, sizeof(struct equal));

    if (!witnesses(d->rules, hc_sigma_rule_at(d->rules, rule)->detection.condition, needed)) {
        g_array_append_val(d->always, rule);
        return;
    }
    for (guint i = 0; i < needed->len; i++)
        add_equal(d, &g_array_index(needed, struct equal, i), rule);
}

struct hc_sigma_detector *hc_sigma_detector_new(const struct hc_sigma_rules *rules)
{
    struct hc_sigma_detector *d = g_new0(struct hc_sigma_detector, 1);

    d->rules = rules;
    d->equals = g_hash_table_new_full(equal_hash, equal_same, equal_free, NULL);
    d->slots = g_array_new(FALSE, FALSE, sizeof(size_t));
    d->always = g_array_new(FALSE, FALSE, sizeof(size_t));
    d->candidates = g_array_new(FALSE, FALSE, sizeof(size_t));
    d->asked = g_new0(uint32_t, rules->items->len + 1);
    d->answer = g_new0(signed char, rules->items->len + 1);
    d->queued = g_new0(uint32_t, rules->rules->len + 1);
    for (guint i = 0; i < rules->rules->len; i++) {
        const struct hc_sigma_rule *rule = hc_sigma_rule_at(rules, i);
        if (rule->kind == HC_SIGMA_DETECTION && !rule->refused)
            add_rule(d, i);
    }
    return d;
}

void hc_sigma_detector_free(struct hc_sigma_detector *d)
{
    if (!d)
        return;
    g_hash_table_unref(d->equals);
    g_array_unref(d->slots);
    g_array_unref(d->always);
    g_array_unref(d->candidates);
    g_free(d->asked);
    g_free(d->answer);
    g_free(d->queued);
    g_free(d);
}

static void queue(struct hc_sigma_detector *d, const GArray *rules)
{
    for (guint i = 0; i < rules->len; i++) {
        size_t rule = g_array_index(rules, size_t, i);
        if (d->queued[rule] == d->serial)
            continue;
        d->queued[rule] = d->serial;
        g_array_append_val(d->candidates, rule);
    }
}

static int by_number(gconstpointer a, gconstpointer b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return x < y ? -1 : x > y;
}

static void find_candidates(struct hc_sigma_detector *d, struct hc_sigma_event *event)
{
    g_array_set_size(d->candidates, 0);
    queue(d, d->always);
    for (guint s = 0; s < d->slots->len; s++) {
        size_t slot = g_array_index(d->slots, size_t, s), n;
        bool present;
        struct hc_sigma_value *values = hc_sigma_event_values(event, slot, &n, &present);
        const struct equal there = {slot, HC_STR_NONE, NULL},
                           *any = present ? g_hash_table_lookup(d->equals, &there) : NULL;
        if (any)
            queue(d, any->rules);
        for (size_t i = 0; i < n; i++) {
            struct equal key = {slot, hc_sigma_value_folded(event, &values[i]), NULL};
            const struct equal *e = key.text.p ? g_hash_table_lookup(d->equals, &key) : NULL;
            if (e)
                queue(d, e->rules);
        }
    }
    g_array_sort(d->candidates, by_number);
}

static int ask(struct hc_sigma_detector *d, size_t item, struct hc_sigma_event *event)
{
    if (d->asked[item] != d->serial) {
        d->asked[item] = d->serial;
        d->answer[item] = (signed char)hc_sigma_item_match(d->rules->items->pdata[item], event);
    }
    return d->answer[item];
}

/* 1, 0, or -1: what it depends on cannot be told. */
static int holds(struct hc_sigma_detector *d, const struct hc_sigma_node *node, struct hc_sigma_event *event)
{
    bool and = node->op == HC_SIGMA_AND;
    int rc;

    if (node->op == HC_SIGMA_LEAF)
        return ask(d, node->leaf, event);
    if (node->op == HC_SIGMA_NOT) {
        rc = holds(d, node->of->pdata[0], event);
        return rc < 0 ? rc : !rc;
    }
    rc = and;
    for (guint i = 0; i < node->of->len && rc == (int)and; i++)
        rc = holds(d, node->of->pdata[i], event);
    return rc;
}

bool hc_sigma_detect(struct hc_sigma_detector *d, struct hc_sigma_event *event, const bool *allowed,
                     GArray *matched, GError **error)
{
    g_array_set_size(matched, 0);
    if (++d->serial == 0) { /* once in four thousand million events */
        memset(d->asked, 0, (d->rules->items->len + 1) * sizeof *d->asked);
        memset(d->queued, 0, (d->rules->rules->len + 1) * sizeof *d->queued);
        d->serial = 1;
    }
    find_candidates(d, event);
    for (guint i = 0; i < d->candidates->len; i++) {
        size_t rule = g_array_index(d->candidates, size_t, i);
        const struct hc_sigma_rule *r = hc_sigma_rule_at(d->rules, rule);
        int rc = !allowed || allowed[rule] ? holds(d, r->detection.condition, event) : 0;
        if (rc < 0)
            return hc_yaml_fail(r->document, error, "an expression of this rule takes too many steps");
        if (rc)
            g_array_append_val(matched, rule);
    }
    return true;
}
