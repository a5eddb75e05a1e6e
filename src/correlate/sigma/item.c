/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/itemparts.h"

#include "src/base/utc.h"
#include "src/correlate/sigma/scalar.h"

static struct hc_sigma_item *item_new(const char *key)
{
    struct hc_sigma_item *item = g_new0(struct hc_sigma_item, 1);
    const char *bar = strchr(key, '|');

    item->field = bar ? g_strndup(key, (gsize)(bar - key)) : g_strdup(key);
    item->keywords = !*item->field;
    item->matchers = g_array_new(FALSE, FALSE, sizeof(struct matcher));
    g_array_set_clear_func(item->matchers, matcher_clear);
    item->words = g_ptr_array_new_with_free_func(g_free);
    return item;
}

void hc_sigma_item_free(struct hc_sigma_item *item)
{
    if (!item)
        return;
    g_array_unref(item->matchers);
    g_ptr_array_unref(item->words);
    g_free(item->field);
    g_free(item->text);
    g_free(item);
}

/* How a value is shown: as it is written, in quotes where it is a text. */
static char *word_of(const struct hc_sigma_item *item, const char *text)
{
    const struct matcher *last =
        item->matchers->len ? &g_array_index(item->matchers, struct matcher, item->matchers->len - 1) : NULL;

    switch (last ? last->kind : MATCH_GLOB) {
    case MATCH_NULL:
        return g_strdup("nothing");
    case MATCH_FIELD:
        return g_strconcat("the field ", text, NULL);
    case MATCH_NUMBER:
    case MATCH_BOOL:
    case MATCH_ORDER:
        return g_strdup(text);
    case MATCH_EXISTS:
        return g_strdup(last->yes ? "there" : "not there");
    default:
        return g_strconcat("\"", text, "\"", NULL);
    }
}

static bool read_scalar(struct hc_sigma_item *item, const struct hc_yaml *value,
                        struct hc_sigma_fields *fields, GString *text, GError **error)
{
    if (value->type != HC_YAML_SCALAR)
        return hc_yaml_fail(value, error, "a value is expected here, not a list or a mapping");
    g_string_append_printf(text, "%c%zu:%s", value->plain ? '\n' : '\t', strlen(value->text), value->text);
    if (!matchers_read(item, value, fields, error))
        return false;
    g_ptr_array_add(item->words, word_of(item, value->text));
    return true;
}

/* Nothing and an empty text ask for different things; a list that holds both is likely to be a mistake. */
static bool check_nothing(const struct hc_yaml *values, GError **error)
{
    bool nothing = false, empty = false;
    bool yes;

    for (const struct hc_yaml *v = values->first; v; v = v->next) {
        bool null = v->type == HC_YAML_SCALAR && hc_sigma_scalar_of(v, &yes) == HC_SIGMA_NULL;
        nothing = nothing || null;
        empty = empty || (v->type == HC_YAML_SCALAR && !null && !*v->text);
    }
    return !(nothing && empty) ||
           hc_yaml_fail(values, error, "null and an empty text cannot stand in one list");
}

static bool read_values(struct hc_sigma_item *item, const struct hc_yaml *values,
                        struct hc_sigma_fields *fields, GString *text, GError **error)
{
    if (values->type == HC_YAML_SCALAR)
        return read_scalar(item, values, fields, text, error);
    if (values->type != HC_YAML_SEQUENCE || !values->first)
        return hc_yaml_fail(values, error, "a value or a list of values is expected here");
    for (const struct hc_yaml *v = values->first; v; v = v->next)
        if (!read_scalar(item, v, fields, text, error))
            return false;
    return check_nothing(values, error);
}

struct hc_sigma_item *hc_sigma_item_read(const char *key, const struct hc_yaml *values,
                                         struct hc_sigma_fields *fields, const struct hc_sigma_lists *lists,
                                         GError **error)
{
    struct hc_sigma_item *item = item_new(key);
    g_auto(GStrv) names = g_strsplit(key + strlen(item->field) + (strchr(key, '|') != NULL), "|", -1);
    g_autoptr(GString) text = g_string_new(key);
    bool ok = !g_str_has_suffix(key, "|") || hc_yaml_fail(values, error, "unknown modifier \"\"");

    item->lists = lists;
    ok = ok && modifiers_read(names, values, &item->modifiers, error);
    if (ok && item->keywords && (item->modifiers.exists || item->modifiers.field))
        ok = hc_yaml_fail(values, error, "this modifier needs the name of a field");
    if (ok && !item->keywords)
        item->slot = hc_sigma_fields_slot(fields, item->field);
    if (ok && read_values(item, values, fields, text, error)) {
        item->text = g_strdup(text->str);
        return item;
    }
    hc_sigma_item_free(item);
    return NULL;
}

const char *hc_sigma_item_text(const struct hc_sigma_item *item)
{
    return item->text;
}

bool hc_sigma_item_is_keywords(const struct hc_sigma_item *item)
{
    return item->keywords;
}

/* Two texts of one event, by the sides that may be open. */
static bool texts_meet(const struct modifiers *m, struct hc_str a, struct hc_str b)
{
    if (a.n < b.n || (!m->before && !m->behind && a.n != b.n))
        return false;
    if (m->before && m->behind)
        return b.n == 0 || memmem(a.p, a.n, b.p, b.n);
    return memcmp(m->before ? a.p + (a.n - b.n) : a.p, b.p, b.n) == 0;
}

static bool meets_field(const struct hc_sigma_item *item, const struct matcher *m,
                        struct hc_sigma_event *event, struct hc_sigma_value *value)
{
    bool present, cased = item->modifiers.cased;
    size_t n;
    struct hc_sigma_value *others = hc_sigma_event_values(event, m->slot, &n, &present);

    for (size_t i = 0; i < n; i++) {
        if (!others[i].text.p || !value->text.p)
            continue;
        if (!item->modifiers.before && !item->modifiers.behind && value->numeric && others[i].numeric &&
            hc_number_compare(&value->number, &others[i].number) == 0)
            return true;
        if (texts_meet(&item->modifiers, cased ? value->text : hc_sigma_value_folded(event, value),
                       cased ? others[i].text : hc_sigma_value_folded(event, &others[i])))
            return true;
    }
    return false;
}

static bool part_of(enum hc_sigma_part part, struct hc_str text, int *number)
{
    g_autoptr(hc_zone_t) utc = hc_zone_new("UTC", NULL);
    struct hc_time time;
    struct hc_civil c;
    g_autoptr(GDateTime) date = NULL;

    if (!hc_time_iso(text, utc, false, &time) && !hc_time_epoch(text, "s", &time))
        return false;
    c = hc_utc_civil(time.earliest);
    switch (part) {
    case PART_MINUTE:
        *number = c.minute;
        return true;
    case PART_HOUR:
        *number = c.hour;
        return true;
    case PART_DAY:
        *number = c.day;
        return true;
    case PART_MONTH:
        *number = c.month;
        return true;
    case PART_YEAR:
        *number = c.year;
        return true;
    default:
        break;
    }
    date = g_date_time_new_utc(c.year, c.month, c.day, 0, 0, 0);
    *number = date ? g_date_time_get_week_of_year(date) : 0; /* ISO 8601 */
    return date != NULL;
}

/* `order`: of the value beside that of the rule. */
static bool in_order(enum hc_sigma_order wanted, int order)
{
    switch (wanted) {
    case ORDER_LESS:
        return order < 0;
    case ORDER_LESS_EQUAL:
        return order <= 0;
    case ORDER_MORE:
        return order > 0;
    case ORDER_MORE_EQUAL:
        return order >= 0;
    default:
        return order == 0;
    }
}

static bool meets_order(const struct modifiers *modifiers, const struct matcher *m,
                        const struct hc_sigma_value *value)
{
    char digits[HC_NUMBER_MAX];
    struct hc_number number = value->number;
    int part;

    if (!modifiers->part)
        return value->numeric && in_order(modifiers->order, hc_number_compare(&number, &m->number));
    if (!part_of(modifiers->part, value->text, &part))
        return false;
    g_snprintf(digits, sizeof digits, "%d", part);
    return hc_number_read(hc_str(digits), &number) &&
           in_order(modifiers->order, hc_number_compare(&number, &m->number));
}

/* 1, 0, or -1: gave up. */
static int meets(const struct hc_sigma_item *item, const struct matcher *m, struct hc_sigma_event *event,
                 struct hc_sigma_value *v)
{
    if (m->kind == MATCH_NULL)
        return v->kind == HC_VALUE_NULL;
    if (!v->text.p)
        return 0;
    switch (m->kind) {
    case MATCH_GLOB:
        return hc_glob_match(m->glob, hc_glob_cased(m->glob) ? v->text : hc_sigma_value_folded(event, v));
    case MATCH_NUMBER:
        return v->numeric && hc_number_compare(&v->number, &m->number) == 0;
    case MATCH_BOOL:
        return v->kind != HC_VALUE_NUMBER &&
               hc_str_is(hc_sigma_value_folded(event, v), m->yes ? "true" : "false");
    case MATCH_REGEX:
        return hc_regex_search(m->regex, v->text);
    case MATCH_ORDER:
        return meets_order(&item->modifiers, m, v);
    case MATCH_NETWORK:
        return network_holds(&m->network, v->text);
    case MATCH_FIELD:
        return meets_field(item, m, event, v);
    default:
        return 0;
    }
}

static int any_value(const struct hc_sigma_item *item, const struct matcher *m, struct hc_sigma_event *event,
                     struct hc_sigma_value *values, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = meets(item, m, event, &values[i]);
    return rc;
}

static int match_keyword(const struct hc_sigma_item *item, const struct matcher *m,
                         struct hc_sigma_event *event)
{
    size_t n;
    const uint16_t *pairs = m->kind == MATCH_GLOB ? hc_glob_pairs(m->glob, &n) : NULL;
    struct hc_sigma_value *values;

    if (pairs && !hc_sigma_event_may_hold(event, pairs, n))
        return 0;
    values = hc_sigma_event_everything(event, &n);
    return any_value(item, m, event, values, n);
}

static int match_one(const struct hc_sigma_item *item, const struct matcher *m, struct hc_sigma_event *event)
{
    bool present;
    size_t n;
    struct hc_sigma_value *values;

    if (item->keywords)
        return match_keyword(item, m, event);
    values = hc_sigma_event_values(event, item->slot, &n, &present);
    if (m->kind == MATCH_EXISTS)
        return present == m->yes;
    if (m->kind == MATCH_NULL && !present)
        return 1;
    return any_value(item, m, event, values, n);
}

int hc_sigma_item_match(const struct hc_sigma_item *item, struct hc_sigma_event *event)
{
    bool all = item->modifiers.all;
    int rc = all;

    for (guint i = 0; i < item->matchers->len && rc == (int)all; i++)
        rc = match_one(item, &g_array_index(item->matchers, struct matcher, i), event);
    return rc < 0 ? rc : rc != (int)item->modifiers.negate;
}

bool hc_sigma_item_needs(const struct hc_sigma_item *item, size_t *slot)
{
    bool needs = !item->keywords && !item->modifiers.negate;

    for (guint i = 0; i < item->matchers->len && needs; i++) {
        const struct matcher *m = &g_array_index(item->matchers, struct matcher, i);
        needs = m->kind != MATCH_NULL && !(m->kind == MATCH_EXISTS && !m->yes);
    }
    *slot = item->slot;
    return needs;
}

bool hc_sigma_item_equals(const struct hc_sigma_item *item, hc_sigma_equal_fn fn, void *data)
{
    bool exact = !item->keywords && !item->modifiers.negate && item->matchers->len;

    for (guint i = 0; i < item->matchers->len && exact; i++) {
        const struct matcher *m = &g_array_index(item->matchers, struct matcher, i);
        exact = m->kind == MATCH_GLOB && !hc_glob_cased(m->glob) && hc_glob_text(m->glob).p;
    }
    for (guint i = 0; i < item->matchers->len && exact; i++)
        fn(data, item->slot, hc_glob_text(g_array_index(item->matchers, struct matcher, i).glob));
    return exact;
}

static const char *relation(const struct modifiers *m)
{
    static const char *const orders[] = {"is", "is less than", "is at most", "is more than", "is at least"};

    if (m->exists)
        return "is";
    if (m->regex)
        return "matches the expression";
    if (m->network)
        return "is an address in";
    if (m->before || m->behind)
        return m->before && m->behind ? "contains" : m->before ? "ends with" : "begins with";
    return orders[m->order];
}

void hc_sigma_item_explain(const struct hc_sigma_item *item, GString *out)
{
    static const char *const parts[] = {
        "", "the minute of ", "the hour of ", "the day of ", "the week of ", "the month of ", "the year of "};
    const struct modifiers *m = &item->modifiers;

    g_string_append_printf(out, "%s%s %s%s", parts[m->part],
                           item->keywords ? "some value of the event" : item->field, m->negate ? "not: " : "",
                           item->keywords && !m->regex ? "contains" : relation(m));
    for (guint i = 0; i < item->words->len; i++)
        g_string_append_printf(out, "%s %s", i ? (m->all ? " and" : " or") : "",
                               (char *)item->words->pdata[i]);
    if (m->n_codings)
        g_string_append(out, " (recoded)");
    if (m->cased)
        g_string_append(out, " (upper and lower case told apart)");
}
