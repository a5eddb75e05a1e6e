/* SPDX-License-Identifier: Apache-2.0 */
#include "src/correlate/sigma/itemparts.h"

#include "src/correlate/sigma/scalar.h"

void matcher_clear(void *matcher)
{
    struct matcher *m = matcher;

    hc_glob_free(m->glob);
    hc_regex_free(m->regex);
    g_free(m->digits);
}

static bool add(struct hc_sigma_item *item, struct matcher m)
{
    g_array_append_val(item->matchers, m);
    return true;
}

static bool read_exists(struct hc_sigma_item *item, const struct hc_yaml *value, GError **error)
{
    bool yes;

    if (hc_sigma_scalar_of(value, &yes) != HC_SIGMA_BOOL)
        return hc_yaml_fail(value, error, "\"exists\" takes true or false");
    return add(item, (struct matcher){.kind = MATCH_EXISTS, .yes = yes});
}

static bool read_regex(struct hc_sigma_item *item, const struct hc_yaml *value, GError **error)
{
    g_autoptr(GError) wrong = NULL;
    struct matcher m = {.kind = MATCH_REGEX,
                        .regex = hc_regex_new(value->text, item->modifiers.regex_flags, &wrong)};

    return m.regex ? add(item, m) : hc_yaml_fail(value, error, "%s", wrong->message);
}

static bool read_network(struct hc_sigma_item *item, const struct hc_yaml *value, GError **error)
{
    struct matcher m = {.kind = MATCH_NETWORK};
    const char *why;

    return network_parse(value->text, &m.network, &why) ? add(item, m)
                                                        : hc_yaml_fail(value, error, "%s", why);
}

static bool add_number(struct hc_sigma_item *item, enum matcher_kind kind, const struct hc_yaml *value,
                       GError **error)
{
    struct matcher m = {.kind = kind, .digits = g_strdup(value->text)};

    if (hc_number_read(hc_str(m.digits), &m.number))
        return add(item, m);
    g_free(m.digits);
    return hc_yaml_fail(value, error, "a number is expected here, not \"%s\"", value->text);
}

static bool add_glob(struct hc_sigma_item *item, const struct variant *v)
{
    struct hc_str text = hc_str_n(v->text->str, v->text->len);
    struct matcher m = {.kind = MATCH_GLOB, .glob = v->raw ? hc_glob_literal(text) : hc_glob_new(text)};

    hc_glob_widen(m.glob, item->modifiers.before || item->keywords, item->modifiers.behind || item->keywords);
    hc_glob_seal(m.glob, item->modifiers.cased);
    return add(item, m);
}

/* The value as it is written, or what its placeholders make of it. */
static bool start_variants(const struct hc_sigma_item *item, const struct hc_yaml *value, GArray *variants,
                           GError **error)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    g_autofree char *why = NULL;

    if (!item->modifiers.expand)
        g_ptr_array_add(texts, g_string_new(value->text));
    else if (!hc_sigma_lists_expand(item->lists, value->text, texts, &why))
        return hc_yaml_fail(value, error, "%s", why);
    for (guint i = 0; i < texts->len; i++) {
        struct variant v = {texts->pdata[i], false};
        g_array_append_val(variants, v);
    }
    return true;
}

static bool read_text(struct hc_sigma_item *item, const struct hc_yaml *value, GError **error)
{
    g_autoptr(GArray) variants = g_array_new(FALSE, FALSE, sizeof(struct variant));
    const char *why;

    g_array_set_clear_func(variants, variant_clear);
    if (!start_variants(item, value, variants, error))
        return false;
    if (strlen(value->text) > HC_GLOB_LENGTH_MAX)
        return hc_yaml_fail(value, error, "the value is longer than %d bytes", HC_GLOB_LENGTH_MAX);
    for (size_t i = 0; i < item->modifiers.n_codings; i++)
        if (!coding_apply(item->modifiers.codings[i], variants, &why))
            return hc_yaml_fail(value, error, "%s", why);
    if (item->matchers->len + variants->len > HC_SIGMA_VARIANTS_MAX && variants->len > 1)
        return hc_yaml_fail(value, error, "more than %d variants", HC_SIGMA_VARIANTS_MAX);
    for (guint i = 0; i < variants->len; i++)
        add_glob(item, &g_array_index(variants, struct variant, i));
    return true;
}

/* A value that is written plainly and is no text may be nothing, a truth value or a number, unless it is to
 * be looked for in a text. */
static bool read_value(struct hc_sigma_item *item, const struct hc_yaml *value, GError **error)
{
    const struct modifiers *m = &item->modifiers;
    bool as_text = m->before || m->behind || m->cased || m->n_codings || m->expand || item->keywords;
    bool yes = false;
    enum hc_sigma_scalar kind = hc_sigma_scalar_of(value, &yes);

    if (kind == HC_SIGMA_NULL && as_text)
        return hc_yaml_fail(value, error, "nothing cannot be looked for in a text; quote it if it is a word");
    if (kind == HC_SIGMA_NULL)
        return add(item, (struct matcher){.kind = MATCH_NULL});
    if (kind == HC_SIGMA_TEXT || as_text)
        return read_text(item, value, error);
    if (kind == HC_SIGMA_NUMBER)
        return add_number(item, MATCH_NUMBER, value, error);
    return add(item, (struct matcher){.kind = MATCH_BOOL, .yes = yes});
}

bool matchers_read(struct hc_sigma_item *item, const struct hc_yaml *value, struct hc_sigma_fields *fields,
                   GError **error)
{
    const struct modifiers *m = &item->modifiers;

    if (m->exists)
        return read_exists(item, value, error);
    if (m->regex)
        return read_regex(item, value, error);
    if (m->network)
        return read_network(item, value, error);
    if (m->ordered || m->part)
        return add_number(item, MATCH_ORDER, value, error);
    if (!m->field)
        return read_value(item, value, error);
    if (!*value->text)
        return hc_yaml_fail(value, error, "the name of a field is expected here");
    return add(item,
               (struct matcher){.kind = MATCH_FIELD, .slot = hc_sigma_fields_slot(fields, value->text)});
}
